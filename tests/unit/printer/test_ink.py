"""Letters that the printer lacks: drawn whole, in their place, and read back as the dots that they are."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from hwsim.paper.text import slip_text
from hwsim.printer.machine import Printer
from hwsim.printer.models import model_for
from posd.domain.device import Bitmap
from posd.printer import ink
from posd.printer.compose import Composer, font_fault
from posd.printer.encode import Encoder
from posd.printer.glyphs import PAGES, Charset
from posd.printer.ink import FontPen
from posd.printer.library import pages
from posd.printer.paper import Line, Paper
from posd.printer.preview import render_text
from posd.printer.raster import columns_of, dots_on_line, harmless
from posd.printer.readback import rows
from posd.printer.strip import ImageRow, TextRow, bitmap_of_columns
from tests.unit.printer.samples import ZH, everything, flourish, order


@pytest.fixture(scope="module")
def pen() -> FontPen:
    return FontPen("")


def columns_with_ink(bitmap: Bitmap) -> set[int]:
    stride = (bitmap.width + 7) // 8
    return {
        x for x in range(bitmap.width) for y in range(bitmap.height) if bitmap.data[y * stride + x // 8] & 0x80 >> x % 8
    }


def rows_with_ink(bitmap: Bitmap) -> list[int]:
    stride = (bitmap.width + 7) // 8
    return [y for y in range(bitmap.height) if any(bitmap.data[y * stride : (y + 1) * stride])]


def test_what_a_font_has(pen: FontPen) -> None:
    assert all(pen.has(char) for char in "茶龍𠮷유ラếЖé")
    assert not any(pen.has(text) for text in ("\U0010ffff", "\ud800", "\ue000", "😀", "ก"))


def test_a_letter_fills_its_cell_and_no_more(pen: FontPen) -> None:
    for char, columns in (("ế", 1), ("茶", 2), ("유", 2)):
        drawn = pen.letter(char, columns, False)
        assert (drawn.width, drawn.height) == (12 * columns, 24)
        assert columns_with_ink(drawn)
        assert sum(map(int.bit_count, pen.letter(char, columns, True).data)) > sum(map(int.bit_count, drawn.data))


def test_a_wide_letter_is_squeezed_into_its_cell_not_cut(pen: FontPen) -> None:
    narrow, wide = pen.letter("ḿ", 1, False), pen.letter("ḿ", 2, False)
    assert len(columns_with_ink(wide)) > 12, "the letter is wider than one column"
    assert {0, 1} & columns_with_ink(narrow)
    assert {10, 11} & columns_with_ink(narrow)
    assert ink_at(narrow, 0, 4) > 0
    assert ink_at(narrow, 8, 12) > 0.4 * ink_at(narrow, 0, 4), "its right leg is there"


def ink_at(bitmap: Bitmap, left: int, right: int) -> int:
    stride = (bitmap.width + 7) // 8
    rows = [int.from_bytes(bitmap.data[y * stride : (y + 1) * stride], "big") for y in range(12, bitmap.height)]
    return sum(row >> stride * 8 - 1 - x & 1 for row in rows for x in range(left, right))


def test_a_mark_stands_with_its_letter_wherever_the_font_has_it(pen: FontPen) -> None:
    for plain, marked in (("ẹ", "ẹ\u0300"), ("α", "ά"), ("α", "α\u0301"), ("か", "か\u3099"), ("q", "q\u0301")):
        columns = 2 if plain == "か" else 1
        assert pen.has(marked)
        before, after = pen.letter(plain, columns, False), pen.letter(marked, columns, False)
        assert min(rows_with_ink(after)) < min(rows_with_ink(before)), "it stands over its letter"
        assert (after.width, after.height) == (before.width, before.height)
    assert not pen.has("ϊ"), "its font has neither the letter nor the mark"


def test_what_hangs_below_the_line_is_lifted_not_cut(pen: FontPen) -> None:
    e, dotted = rows_with_ink(pen.letter("e", 1, False)), rows_with_ink(pen.letter("ẹ", 1, False))
    assert len(dotted) > len(e)
    assert set(range(dotted[0], 24)) - set(dotted), "the dot stands apart from its letter"
    assert dotted[-1] == 23


def test_a_drawn_letter_stands_on_its_line_between_the_others(pen: FontPen) -> None:
    encoder = Encoder("default", 58, pen=pen)
    data = encoder.encode([Line("Tiếng 茶", "center", bold=True)])
    (row,) = (row for row in rows(data, pages("default")) if isinstance(row, TextRow))
    assert row.text == "Ti▯ng 茶"
    assert row.columns == 8
    assert row.cells[2].dots == bitmap_of_columns(harmless(columns_of(pen.letter("ế", 1, True))))


def test_a_larger_line_with_a_drawn_letter_is_a_picture(pen: FontPen) -> None:
    encoder = Encoder("default", 58, pen=pen)
    (row,) = rows(encoder.encode([Line("Tiếng 茶", "right", "double")]), pages("default"))
    assert isinstance(row, ImageRow)
    assert (row.bitmap.width, row.bitmap.height, row.align) == (8 * 24, 48, "right")


def test_a_simulated_printer_takes_the_dots_for_what_they_are(pen: FontPen) -> None:
    printer = Printer(model_for("tm-80"), None)
    data = Encoder("default", 80, pen=pen).encode([Line("Tiếng")]) + b"\x1dVB\x00"
    (slip,) = printer.step(data, 0.0).slips
    assert not printer.interpreter.unknown
    assert slip_text(slip) == "Ti[image 12x24]ng\n"


def test_a_picture_on_the_line_holds_no_real_time_command() -> None:
    column = bytes((0x10, 0x04, 0x10, 0x05, 0x10, 0x14))
    bits = f"{int.from_bytes(column, 'big'):048b}"
    data = bytes(int(bits[y] + bits[24 + y] + "000000", 2) for y in range(24))
    out = dots_on_line(Bitmap(2, 24, data))
    assert out == b"\x1b*\x21\x02\x00" + bytes((0x18, 0x04, 0x18, 0x05, 0x18, 0x14))


def test_a_slip_for_a_printer_without_chinese_says_the_same(pen: FontPen) -> None:
    data = Composer("default", 80, flourish, chinese="none")(order("merchant", ZH, everything())).data
    assert b"\x1c&" not in data
    text = render_text(data, 80)
    assert "Crème brûlée €5" in text
    assert "▯ a letter that is drawn, not sent as text" in text
    full = render_text(Composer("default", 80, flourish)(order("merchant", ZH, everything())).data, 80)
    large = "¥1551.54"  # in a line that is drawn as a whole
    assert last_words(text) == [word for word in last_words(full) if word != large]


def last_words(text: str) -> list[str]:
    """What ends each line with a digit: amounts and numbers."""
    return [line.split()[-1] for line in text.splitlines() if line[-1:].isdigit()]


def test_without_a_font_the_slip_shows_what_is_missing_and_the_log_says_why(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ink, "_PACKAGE", "no_such_package_of_fonts")
    monkeypatch.setattr(ink, "_DEBIAN", ())
    sale = everything()
    compose = Composer("default", 80, flourish, chinese="gb2312")
    with caplog.at_level(logging.WARNING):
        text = render_text(compose(order("merchant", ZH, sale)).data, 80)
        compose(order("merchant", ZH, sale))
    assert "〓〓〓 Citron" in text
    (record,) = caplog.records
    assert "fonts-noto-cjk" in record.message
    assert "〓" in record.message


def test_a_font_that_is_not_there_is_told_at_start_and_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    compose = Composer("default", 80, flourish, chinese="gbk", font=str(tmp_path / "none.ttf"))
    [record] = caplog.records
    assert "none.ttf' is not a file" in record.message
    assert "〓〓〓 Citron" in render_text(compose(order("merchant", ZH, everything())).data, 80)


def test_a_font_that_is_none_is_a_warning_and_no_end(tmp_path: Path) -> None:
    (tmp_path / "font.ttf").write_text("no font")
    assert font_fault("") == font_fault(str(tmp_path / "font.ttf")) == ""
    compose = Composer("default", 80, flourish, chinese="gbk", font=str(tmp_path / "font.ttf"))
    assert "〓〓〓 Citron" in render_text(compose(order("merchant", ZH, everything())).data, 80)


@pytest.mark.parametrize(
    ("name", "lines", "size"),
    [
        ("好茶铺 Good Tea", ["好茶铺 Good Tea"], "double"),
        ("好茶铺 Good Tea House", ["好茶铺", "Good Tea House"], "double"),
        ("老茶馆南京东路步行街店", ["老茶馆南京东路步行街店"], "tall"),
        ("老茶馆南京东路步行街店 Old Teahouse", ["老茶馆南京东路步行街店", "Old Teahouse"], "tall"),
        ("The Old Teahouse of Nanjing Road", ["The Old Teahouse of Nanjing Road"], "tall"),
        ("The Old Teahouse of Nanjing Road East", ["The Old Teahouse of Nanjing Road", "East"], "tall"),
        ("", [""], "double"),
    ],
)
def test_a_shop_s_name_is_as_large_as_it_fits_and_breaks_between_its_languages(
    name: str, lines: list[str], size: str
) -> None:
    found = Paper(Charset(PAGES), 384).title(name)
    assert [line.text for line in found] == lines
    assert {line.size for line in found} == {size}
