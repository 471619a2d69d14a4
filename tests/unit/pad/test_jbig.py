"""JBIG1, read back by Debian's own decoder."""

from __future__ import annotations

import ctypes.util
import random
import shutil
import subprocess

import pytest

from posd.domain.device import Bitmap
from posd.pad import jbig

DECODER = shutil.which("jbgtopbm")
pytestmark = pytest.mark.skipif(DECODER is None, reason="jbgtopbm is not installed (apt-get install jbigkit-bin)")


@pytest.mark.parametrize(("width", "height"), [(240, 80), (1, 1), (576, 200), (37, 5)])
@pytest.mark.parametrize("share", [0.0, 0.05, 0.5])
def test_the_decoder_of_another_gives_the_same_dots(width: int, height: int, share: float) -> None:
    dots = random.Random(f"{width}x{height}:{share}")
    row = (width + 7) // 8
    lines = [
        sum(1 << row * 8 - 1 - x for x in range(width) if dots.random() < share).to_bytes(row, "big")
        for _ in range(height)
    ]
    picture = Bitmap(width, height, b"".join(lines))
    assert DECODER is not None
    told = subprocess.run([DECODER], input=jbig.encode(picture), capture_output=True, check=True, timeout=20)
    kind, *size, data = told.stdout.split(b"\n", 3)
    assert (kind, [int(side) for side in size]) == (b"P4", [width, height])
    assert data == picture.data


def test_without_the_library_only_this_format_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_name: str) -> None:
        raise OSError("no such library")

    monkeypatch.setattr(ctypes, "CDLL", missing)
    jbig._library.cache_clear()
    with pytest.raises(jbig.NoJbig):
        jbig.encode(Bitmap(8, 1, b"\x01"))
