"""Star line mode: slips from the same layout, read back from their bytes, and what may never stand in them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posd.config import ConfigError
from posd.domain.device import Bitmap
from posd.domain.slip import Signing
from posd.printer.compose import Composer
from posd.printer.paper import Align, Barcode, Code, Cut, Element, Gap, Line, Picture, Size
from posd.printer.preview import render_svg, render_text
from posd.printer.readback import rows
from posd.printer.star import RESET, StarEncoder, dots_on_line, raster
from posd.printer.strip import (
    COLUMN_DOTS,
    CodeRow,
    CutRow,
    FeedRow,
    ImageRow,
    TextRow,
    UnreadableSlip,
    bitmap_of_columns,
)
from tests.unit.printer.samples import DRAWING, EN, ZH, everything, flourish, order, reprint

STAR = StarEncoder("default", 80)
ALONE = (0x07, 0x17, 0x19, 0x1A, 0x1C)
REALTIME = (b"\x1b\x06\x01", b"\x1b\x06\x18")


def encoded(*elements: Element, encoder: StarEncoder = STAR) -> bytes:
    return encoder.reset() + encoder.encode(elements)


@pytest.mark.parametrize(
    ("element", "data"),
    [
        (Line("36.00"), b"36.00\n"),
        (Line("茶"), b"\xb2\xe8\n"),
        (
            Line("a", "center", "double", bold=True),
            b"\x1b\x1da\x01\x1bi\x01\x01\x1bEa\n\x1b\x1da\x00\x1bi\x00\x00\x1bF",
        ),
        (Line("a", "right", "tall"), b"\x1b\x1da\x02\x1bi\x01\x00a\n\x1b\x1da\x00\x1bi\x00\x00"),
        (Gap(12), b"\x1bI\x0c"),
        (Cut(), b"\x1bd\x03"),
        (
            Picture(Bitmap(12, 2, b"\xff\xf0\x80\x10")),
            b"\x1b\x1da\x01\x1b\x1dS\x01\x02\x00\x02\x00\x00\xff\xf0\x80\x10\x1b\x1da\x00",
        ),
    ],
)
def test_the_bytes_of_an_element(element: Element, data: bytes) -> None:
    assert STAR.encode([element]) == data


def test_a_qr_code_is_the_printer_s_own() -> None:
    data = STAR.encode([Code("hello")])
    assert b"\x1b\x1dyS0\x02\x1b\x1dyS1\x01\x1b\x1dyS2" in data
    assert b"\x1b\x1dyD1\x00\x05\x00hello\x1b\x1dyP" in data
    code = next(row for row in rows(RESET + data, {}) if isinstance(row, CodeRow))
    assert (code.data, code.align) == ("hello", "center")


def test_bars_are_a_picture() -> None:
    (image,) = (row for row in rows(encoded(Barcode("00000042")), {}) if isinstance(row, ImageRow))
    assert image.bitmap.height == 64


def test_a_printer_for_elsewhere_has_code_pages() -> None:
    latin = StarEncoder("default", 80, chinese="none")
    data = latin.encode([Line("Crème £5"), Line("5 €")])
    assert data.count(b"\x1b\x1dt") == 2
    texts = [row.text for row in rows(RESET + data, {}) if isinstance(row, TextRow)]
    assert texts == ["Crème £5", "5 €"]


def test_a_density_is_refused_in_words() -> None:
    with pytest.raises(ConfigError, match=r"printer\.density cannot be set"):
        Composer("default", 80, flourish, language="star", density=3)


def said(text: str) -> list[str]:
    """The words of a slip, line by line, without what a code page has and a Chinese font draws wider, or not at all."""
    words = ["".join(line.replace("￥", "¥").split()) for line in text.split("\n")]
    return [line for line in words if line and not any(sign in line for sign in ("[image", "▯", "br", "¥"))]


@pytest.mark.parametrize("terminal", [ZH, EN])
@pytest.mark.parametrize("width", [80, 58])
def test_a_slip_says_the_same_in_both_languages(terminal: object, width: int) -> None:
    signing = Signing("image", drawing=DRAWING, version=1)
    asked = order("merchant", terminal, everything(), signing=signing)  # type: ignore[arg-type]
    star = Composer("default", width, flourish, chinese="gb18030", language="star")(asked)
    text = render_text(star.data, width)
    assert said(text) == said(render_text(Composer("default", width, flourish)(asked).data, width))
    assert "1551.54" in text
    assert "[QR https://example.com/r/20261121-0042]" in text
    assert render_svg(star.data, width).startswith("<svg")


def test_a_reprint_repeats_the_body_byte_for_byte() -> None:
    compose = Composer("default", 80, flourish, language="star")
    first = compose(order())
    again = compose(order(reprint=reprint(), body=first.body))
    assert again.body == first.body
    assert again.top.startswith(RESET)
    assert "DUPLICATE 1" in render_text(again.data, 80)


BITMAPS = st.integers(1, 20).flatmap(
    lambda stride: st.lists(
        st.lists(
            st.sampled_from([0x1B, 0x06, 0x01, 0x18, 0x00, 0x1F, 0x07, 0x17, 0x19, 0x1A, 0x1C]),
            min_size=stride,
            max_size=stride,
        ),
        min_size=1,
        max_size=60,
    ).map(lambda lines: Bitmap(stride * 8, len(lines), bytes(byte for line in lines for byte in line)))
)


@settings(max_examples=100, deadline=None)
@given(BITMAPS)
def test_no_real_time_command_arises_in_a_picture_and_nothing_of_it_is_lost(bitmap: Bitmap) -> None:
    data = raster(bitmap)
    assert not any(command in data for command in REALTIME)
    assert not any(byte in ALONE for byte in data[3:])
    (image,) = rows(RESET + data, {})
    assert isinstance(image, ImageRow)
    shown = image.bitmap.data
    was, now = bitmap.width // 8, image.bitmap.width // 8
    assert now - was in (0, 1)
    for y in range(image.bitmap.height):
        ordered, line = bitmap.data[y * was : (y + 1) * was], shown[y * now : (y + 1) * now]
        assert all(a & b == a for a, b in zip(ordered, line, strict=False))
        assert not any(line[len(ordered) :])
    assert image.bitmap.height - bitmap.height in (0, 1)


def test_a_letter_that_is_drawn_comes_back_dot_for_dot() -> None:
    letter = Bitmap(12, 24, bytes(range(1, 49)))
    data = dots_on_line(letter)
    assert data.startswith(b"\x1bX\x0c\x00")
    assert len(data) == 4 + 3 * 12
    back = bitmap_of_columns(data[4:])
    mask = bytes(byte if place % 2 == 0 else byte & 0xF0 for place, byte in enumerate(letter.data))
    assert all(was & now == was for was, now in zip(mask, back.data, strict=True))
    (row,) = rows(RESET + b"a" + data + b"\n", {})
    assert isinstance(row, TextRow)
    assert [cell.columns for cell in row.cells] == [1, 12 // COLUMN_DOTS]


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=30)
ALIGNS: list[Align] = ["left", "center", "right"]
SIZES: list[Size] = ["normal", "tall", "double"]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(TEXTS, st.sampled_from(ALIGNS), st.sampled_from(SIZES), st.booleans()), max_size=8))
def test_any_text_is_read_back_and_no_control_byte_passes(texts: list[tuple[str, Align, Size, bool]]) -> None:
    lines = [Line(STAR.paper.charset.clean(text), align, size, bold) for text, align, size, bold in texts]
    data = encoded(*lines)
    found = [row for row in rows(data, {}) if isinstance(row, TextRow)]
    assert len(found) == len(lines)
    for row, line in zip(found, lines, strict=True):
        assert (row.style.align, row.style.bold) == (line.align, line.bold)
        assert row.columns == STAR.paper.charset.width(line.text) * (2 if line.size == "double" else 1)


@pytest.mark.parametrize("data", [b"\x1b\x1dQ", b"\x1b\x1dyX", b"\x1bZ", b"\x07", b"\x1bX\xff\x00ab"])
def test_what_posd_does_not_print_is_not_guessed(data: bytes) -> None:
    with pytest.raises(UnreadableSlip):
        rows(RESET + data, {})


def test_feeds_and_cuts_are_read() -> None:
    assert rows(encoded(Gap(20), Cut()), {}) == [FeedRow(20), CutRow()]
