"""The self-test slip: it says what it is, shows every part of the head and every character set, and is cut."""

from __future__ import annotations

import pytest

from posd.domain.slip import Terminal
from posd.printer.compose import Composer
from posd.printer.library import pages
from posd.printer.preview import render_text
from posd.printer.readback import rows
from posd.printer.selftest import SAMPLES
from posd.printer.strip import CutRow, ImageRow, TextRow
from tests.unit.printer.samples import EN, ZH, flourish

AT = "2026-11-21T10:15:30+08:00"


@pytest.mark.parametrize("width", [80, 58])
@pytest.mark.parametrize("terminal", [ZH, EN])
def test_it_says_what_it_is_and_shows_each_character_set_on_one_line(width: int, terminal: Terminal) -> None:
    data = Composer("default", width, flourish).compose_selftest(terminal, AT, {"model": "TM-T88V"})
    text = render_text(data, width)
    assert "NOT A RECEIPT" in text
    assert ("此非小票" in text) == (terminal is ZH)
    for fact in ("2026-11-21 10:15:30", "TM-T88V", f"{width} mm", "gb18030", "100 %", "[QR 00000001]", "[barcode 0000"):
        assert fact in text
    for name, sample in SAMPLES:
        assert any(name in line and sample in line for line in text.splitlines()), name
    found = rows(data, pages("default"))
    assert isinstance(found[-1], CutRow)
    assert all(row.columns <= {80: 48, 58: 32}[width] for row in found if isinstance(row, TextRow))


def test_every_dot_of_the_head_prints_in_the_stairs() -> None:
    found = rows(Composer("default", 58, flourish).compose_selftest(ZH, AT, {}), pages("default"))
    stairs = [row.bitmap for row in found if isinstance(row, ImageRow)][1]
    together = 0
    for y in range(stairs.height):
        row = int.from_bytes(stairs.data[y * 48 : (y + 1) * 48], "big")
        assert row.bit_count() == 384 // 24
        together |= row
    assert together == (1 << 384) - 1


def test_the_character_sets_go_as_text_whatever_the_setting_says() -> None:
    narrow = Composer("default", 80, flourish, chinese="gb2312").compose_selftest(ZH, AT, {})
    assert b"\x1c&" + "龍鳳鑼鼓".encode("gb18030") in narrow


def test_the_density_stands_in_the_reset_of_every_job() -> None:
    darker, lighter = (Composer("default", 80, flourish, density=level) for level in (3, -2))
    assert darker.compose_selftest(ZH, AT, {}).startswith(b"\x1b@\x1c.\x1d(K\x02\x00\x31\x03")
    assert lighter.compose_selftest(ZH, AT, {}).startswith(b"\x1b@\x1c.\x1d(K\x02\x00\x31\xfe")
    assert "115 %" in render_text(darker.compose_selftest(ZH, AT, {}), 80)
