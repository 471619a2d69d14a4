"""The shop's logo: whatever file is named, dots come of it, or a sentence that says what is wrong."""

from __future__ import annotations

import contextlib
import os
import random
from pathlib import Path

import pytest
from PIL import Image

from posd.config import ConfigError
from posd.domain.device import Bitmap
from posd.printer.logo import BYTES_MAX, ROWS_MAX, read_logo

DOTS = 384


def black(bitmap: Bitmap) -> float:
    """The share of black dots."""
    return sum(map(int.bit_count, bitmap.data)) / (bitmap.width * bitmap.height)


def ramp(mode: str = "L") -> Image.Image:
    """From black on the left to white on the right."""
    return Image.linear_gradient("L").rotate(90).convert(mode)


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        *(("a.png", mode) for mode in ("1", "L", "P", "RGBA")),
        *(("a.tif", mode) for mode in ("CMYK", "F")),
        *(("a.jpg", "CMYK"), ("a.gif", "P"), ("a.webp", "RGB"), ("a.bmp", "RGB")),
    ],
)
def test_every_kind_of_picture_is_as_dark_as_it_is(tmp_path: Path, name: str, mode: str) -> None:
    ramp(mode).save(tmp_path / name)
    found = read_logo(tmp_path / name, DOTS)
    assert (found.width, found.height) == (256, 256)
    assert 0.45 < black(found) < 0.55


@pytest.mark.parametrize(("name", "mode"), [("a.png", "I;16"), ("a.tif", "I;16"), ("a.tif", "I;16B"), ("a.tif", "I")])
def test_grey_of_16_bits_is_not_cut_off_at_white(tmp_path: Path, name: str, mode: str) -> None:
    deep = Image.new("I", (256, 16))
    deep.putdata([x * 257 for x in range(256)] * 16)
    if mode != "I":
        data = b"".join(bytes((x, x)) for x in range(256)) * 16  # the same in either order
        deep = Image.frombytes(mode, (256, 16), data)
    deep.save(tmp_path / name)
    assert 0.45 < black(read_logo(tmp_path / name, DOTS)) < 0.55


def test_what_is_transparent_is_white(tmp_path: Path) -> None:
    picture = Image.new("RGBA", (16, 8), (0, 0, 0, 0))
    picture.putpixel((0, 0), (0, 0, 0, 255))
    picture.save(tmp_path / "a.png")
    assert read_logo(tmp_path / "a.png", DOTS).data == b"\x80" + bytes(15)


def test_a_photograph_stands_upright(tmp_path: Path) -> None:
    turned = Image.Exif()
    turned[0x0112] = 6
    Image.new("L", (40, 20)).save(tmp_path / "a.jpg", exif=turned)
    found = read_logo(tmp_path / "a.jpg", DOTS)
    assert (found.width, found.height) == (20, 40)


@pytest.mark.parametrize(
    ("size", "fits"), [((1, 1), (1, 1)), ((5000, 1), (DOTS, 1)), ((1, 5000), (1, ROWS_MAX)), ((768, 80), (DOTS, 40))]
)
def test_it_is_made_to_fit(tmp_path: Path, size: tuple[int, int], fits: tuple[int, int]) -> None:
    Image.new("L", size).save(tmp_path / "a.png")
    found = read_logo(tmp_path / "a.png", DOTS)
    assert (found.width, found.height) == fits
    assert len(found.data) == (found.width + 7) // 8 * found.height


@pytest.mark.parametrize("size", [(4001, 4000), (20_000, 9_000)])
def test_a_picture_for_a_poster_is_refused_before_it_takes_memory(tmp_path: Path, size: tuple[int, int]) -> None:
    Image.new("1", size).save(tmp_path / "a.png")
    with pytest.raises(ConfigError, match=r"slip\.logo .*a\.png' has more than 16 million pixels; a logo needs 384"):
        read_logo(tmp_path / "a.png", DOTS)


def test_an_eps_is_a_program_and_is_not_run(tmp_path: Path) -> None:
    mark = tmp_path / "written"
    eps = f"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n({mark}) (w) file closefile\nshowpage\n"
    (tmp_path / "a.png").write_text(eps)
    with pytest.raises(ConfigError, match="is none of PNG, JPEG"):
        read_logo(tmp_path / "a.png", DOTS)
    assert not mark.exists()


def test_what_is_no_picture_is_told(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no picture")
    Image.new("L", (8, 8), 255).save(tmp_path / "white", "PNG")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "fifo")
    with (tmp_path / "large").open("wb") as file:
        file.truncate(BYTES_MAX + 1)
    for name, words in {
        "none": "cannot be read: No such file or directory",
        "text": "is none of PNG",
        "folder": "Is a directory",
        "fifo": "is not a file",
        "large": "is larger than 16 MiB",
        "white": "is white all over",
    }.items():
        with pytest.raises(ConfigError, match=rf"slip\.logo '.*{name}' .*{words}"):
            read_logo(tmp_path / name, DOTS)


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, about what it skips
def test_a_damaged_picture_is_a_picture_or_an_error_that_is_told(tmp_path: Path) -> None:
    chance, path = random.Random(7), tmp_path / "a"
    for kind in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"):
        ramp("RGB").resize((48, 24)).save(path, kind)
        whole = path.read_bytes()
        for _ in range(20):
            data = bytearray(whole)
            for _ in range(chance.choice((1, 4))):
                data[chance.randrange(len(data))] = chance.randrange(256)
            path.write_bytes(data[: chance.choice((len(data), chance.randrange(len(data))))])
            with contextlib.suppress(ConfigError):
                found = read_logo(path, DOTS)
                assert len(found.data) == (found.width + 7) // 8 * found.height
