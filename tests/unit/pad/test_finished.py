"""Pictures that a pad delivers, against Pillow's own writer; what is no picture is said so."""

from __future__ import annotations

import contextlib
import io
import random
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from posd.domain.device import Bitmap
from posd.pad.finished import BadPicture, blank, read


def drawn(width: int, height: int, seed: int = 1) -> Image.Image:
    """White with some black dots, fewer than half."""
    image = Image.new("1", (width, height), 1)
    dots = random.Random(seed)
    for _ in range(width * height // 5):
        image.putpixel((dots.randrange(width), dots.randrange(height)), 0)
    return image


def saved(image: Image.Image, form: str) -> bytes:
    out = io.BytesIO()
    image.save(out, form)
    return out.getvalue()


def ink(image: Image.Image) -> Bitmap:
    return Bitmap(image.width, image.height, ImageOps.invert(image.convert("L")).convert("1").tobytes())


@pytest.mark.parametrize("form", ["BMP", "PPM"])
@given(width=st.integers(2, 70), height=st.integers(2, 20), seed=st.integers(0, 99))
def test_a_picture_by_another_hand(form: str, width: int, height: int, seed: int) -> None:
    image = drawn(width, height, seed)
    assert read(saved(image, form)) == ink(image)


def test_a_bitmap_with_its_first_row_on_top_or_with_false_colours_is_the_same() -> None:
    image = drawn(24, 3)
    data = bytearray(saved(image, "BMP"))
    lines = [data[62 + 4 * row : 66 + 4 * row] for row in range(3)]
    upside = data[:62] + lines[2] + lines[1] + lines[0]
    struct.pack_into("<i", upside, 22, -3)
    assert read(bytes(upside)) == ink(image)
    data[54:62] = data[58:62] + data[54:58]
    assert read(bytes(data)) == ink(image)


def test_the_letters_that_some_pads_put_before_it() -> None:
    image = drawn(240, 80)
    assert read(b"VX820-ESIGN" + saved(image, "PPM")) == ink(image)


@pytest.mark.parametrize("form", ["BMP", "PPM"])
def test_a_blank(form: str) -> None:
    assert blank(read(saved(Image.new("1", (240, 80), 1), form)))
    assert not blank(read(saved(drawn(240, 80), form)))


def test_bits_behind_the_last_dot_of_a_row_are_no_ink() -> None:
    assert blank(read(b"P4\n3 1\n\x1f"))


WHOLE = saved(drawn(24, 3), "BMP")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "nothing"),
        (b"GIF89a", "neither"),
        (WHOLE[:33], "head"),
        (WHOLE[:-1], "take 12 bytes, there are 11"),
        (WHOLE[:28] + b"\x18" + WHOLE[29:], "24 bits"),
        (WHOLE[:30] + b"\x01" + WHOLE[31:], "compression 1"),
        (WHOLE[:18] + struct.pack("<i", -24) + WHOLE[22:], "-24 x 3"),
        (WHOLE[:18] + struct.pack("<i", 5000) + WHOLE[22:], "5000 x 3"),
        (b"P4\n24\n", "width and height"),
        (b"P4\n24 3\n\0", "there are 1"),
        (b"P4\n0 3\n\0", "0 x 3"),
    ],
)
def test_what_is_no_picture(data: bytes, says: str) -> None:
    with pytest.raises(BadPicture, match=says):
        read(data)


@given(st.binary(max_size=200), st.sampled_from([b"", b"BM", b"P4\n", b"P4\n8 8\n", WHOLE[:30]]))
def test_no_bytes_are_worse_than_a_bad_picture(data: bytes, head: bytes) -> None:
    with contextlib.suppress(BadPicture):
        read(head + data)
