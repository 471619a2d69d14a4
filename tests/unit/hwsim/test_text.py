"""What commands do to text, seen as the text of a slip."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.hwsim.rig import CUT, Rig


def chinese(text: str) -> bytes:
    return b"\x1c&" + text.encode("gb18030") + b"\x1c."


def test_alignment_becomes_spaces() -> None:
    text = Rig().print_text(b"left\n\x1ba\x01mid\n\x1ba\x02right\n")
    assert text == "left\n" + " " * 22 + "mid\n" + " " * 43 + "right\n"


def test_alignment_counts_only_at_the_beginning_of_a_line() -> None:
    assert Rig().print_text(b"ab\x1ba\x02cd\nef\n") == "abcd\nef\n"


def test_a_full_line_wraps() -> None:
    assert Rig().print_text(b"x" * 50) == "x" * 48 + "\nxx\n"
    assert Rig("basic-58").print_text(b"\x1c." + b"x" * 33) == "x" * 32 + "\nx\n"


def test_a_chinese_character_takes_two_columns_and_never_half_a_line() -> None:
    text = Rig().print_text(b"x" * 47 + chinese("茶馆"))
    assert text == "x" * 47 + "\n茶馆\n"


def test_gb18030_of_two_and_four_bytes() -> None:
    assert Rig().print_text(chinese("乌龙茶 ×2 かな 한글 𠀀")) == "乌龙茶 ×2 かな 한글 𠀀\n"


def test_outside_kanji_mode_the_code_page_decides() -> None:
    rig = Rig()
    assert rig.print_text(b"\x1bt\x00\x82\x9c \x1bt\x13\xd5 \x1bt\x10\x80\xe9") == "é£ € €é\n"
    assert rig.print_text(b"\x1b@\x1bt\x0d\xd5") == "€\n"


def test_a_chinese_model_reads_chinese_from_the_start_and_after_reset() -> None:
    rig = Rig("clone-80")
    assert rig.print_text("茶".encode("gb18030")) == "茶\n"
    assert rig.print_text(b"\x1c.\x1bt\x10\xe9\x1b@" + "茶".encode("gb18030")) == "茶\n"


def test_columns_hold_beside_enlarged_and_chinese_text() -> None:
    text = Rig().print_text(chinese("合计") + b"\x1b$\xe0\x01" + b"36.00")
    assert text == "合计" + " " * 36 + "36.00\n"
    wide = Rig().print_text(b"\x1d!\x10TOTAL\x1d!\x00\x1b$\xe0\x01" + b"36.00")
    assert wide == "TOTAL" + " " * 35 + "36.00\n"


def test_enlarged_text_keeps_its_edge_or_its_middle() -> None:
    def lines(data: bytes) -> list[str]:
        return Rig().print_text(b"\x1d!\x10" + data).splitlines()

    assert lines(b"\x1ba\x01HELLO YOU") == [" " * 19 + "HELLO YOU"]
    assert lines(b"\x1ba\x02HELLO") == [" " * 43 + "HELLO"]
    assert lines(b"HELLO") == ["HELLO"]
    assert lines(b"TOTAL" + b" " * 14 + b"36.00\n") == ["TOTAL" + " " * 38 + "36.00"]
    assert lines(b"\x1d!\x00" + b"a  b   c") == ["a  b   c"]


def test_letter_spacing_is_not_a_space() -> None:
    assert Rig().print_text(b"\x1b \x05spaced out") == "spaced out\n"
    assert Rig().print_text(b"\x1b \x0cwide") == "w i d e\n"


def test_small_print_keeps_its_spaces() -> None:
    assert Rig().print_text(b"\x1bM\x01" + b"x" * 59 + b"  end") == "x" * 59 + " end\n"


def test_kanji_double_width_applies_to_chinese_only() -> None:
    rig = Rig()
    rig.send(b"\x1c!\x0cA" + chinese("茶") + b"\n" + CUT)
    latin, kanji = rig.slips[0].strips[0].marks
    assert (latin.width, latin.height) == (12, 24)
    assert (kanji.width, kanji.height) == (48, 48)


def test_size_applies_to_both_and_goes_up_to_eight() -> None:
    rig = Rig()
    rig.send(b"\x1d!\x71A" + chinese("茶") + b"\n" + CUT)
    latin, kanji = rig.slips[0].strips[0].marks
    assert (latin.width, latin.height) == (96, 48)
    assert (kanji.width, kanji.height) == (192, 48)


def test_print_mode_bits() -> None:
    rig = Rig()
    rig.send(b"\x1b!\xb9A\x1b!\x00B\n" + CUT)
    first, second = rig.slips[0].strips[0].marks
    assert (first.font, first.bold, first.scale_x, first.scale_y, first.underline) == ("B", True, 2, 2, 1)
    assert (second.font, second.bold, second.scale_x, second.scale_y, second.underline) == ("A", False, 1, 1, 0)


@pytest.mark.parametrize("on", [b"\x01", b"1"])
def test_switches_take_numbers_and_digits(on: bytes) -> None:
    rig = Rig()
    rig.send(b"\x1bE" + on + b"\x1dB" + on + b"\x1b-" + on + b"A\n" + CUT)
    glyph = rig.slips[0].strips[0].marks[0]
    assert (glyph.bold, glyph.inverse, glyph.underline) == (True, True, 1)


def test_feeding_becomes_empty_lines_but_not_at_the_end() -> None:
    assert Rig().print_text(b"a\x1bd\x03b\n\x1bJ\x3cc\x1bd\x0a") == "a\n\n\nb\n\n\nc\n"


def test_line_spacing_sets_the_paper_advance() -> None:
    rig = Rig()
    rig.send(b"\x1b3\x40a\n\x1b2b\n\x1b3\x00c\n" + CUT)
    assert [strip.height for strip in rig.slips[0].strips[:3]] == [64, 30, 24]


def test_left_margin_and_area_width() -> None:
    assert Rig().print_text(b"\x1dL\x18\x00\x1dW\x3c\x00abcdefg") == "  abcde\n  fg\n"


def test_tabs_and_relative_positions() -> None:
    assert Rig().print_text(b"a\tb\tc\n\x1bD\x04\x0a\x00a\tb\tc\n" + b"x\x1b\\\x18\x00y") == (
        "a       b       c\na   b     c\nx  y\n"
    )


def test_international_set_of_china_has_the_yuan_sign() -> None:
    assert Rig().print_text(b"\x1bR\x0f$5") == "¥5\n"


def test_unknown_commands_are_named_and_do_not_stop_the_slip() -> None:
    rig = Rig()
    rig.send(b"\x1b\x01a\x1d(Z\x02\x00xyb\x07\n" + CUT)
    assert rig.texts == ["ab\n"]
    assert rig.printer.interpreter.unknown == {"ESC 01": 1, "GS ( Z": 1, "07": 1}


def test_commands_without_effect_here_take_their_arguments() -> None:
    rig = Rig()
    rig.send(b"\x1bB\x02\x02\x1bc5\x00\x1d(K\x02\x00\x31\x00\x1b=\x01\x1c(A\x02\x0000text\n" + CUT)
    assert rig.texts == ["text\n"]
    assert not rig.printer.interpreter.unknown
    assert set(rig.printer.interpreter.ignored) == {"ESC B", "ESC c 5", "GS ( K", "ESC =", "FS ( A"}


def test_a_flood_of_nuls_ends_an_interrupted_command() -> None:
    rig = Rig()
    rig.send(b"\x1dv0\x00\x08\x00\x40\x00half")  # 512 bytes of picture announced
    rig.send(b"\x00" * 8192 + b"\x1b@text\n" + CUT)
    assert rig.texts[0].splitlines()[-1] == "text"


def test_drawer_kick_is_counted() -> None:
    rig = Rig()
    rig.send(b"\x1bp\x00\x19\xfa")
    assert rig.printer.drawer_kicks == 1


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_make_the_printer_fail(data: bytes) -> None:
    rig = Rig()
    rig.send(data)
    rig.send(b"\x00" * 9000)  # whatever was begun is over
    rig.printer.power_off(rig.now)


@settings(deadline=None)
@given(st.text(st.characters(codec="gb18030", exclude_categories=["C"]), max_size=60))
def test_every_character_of_gb18030_prints(text: str) -> None:
    printed = Rig().print_text(b"".join(chinese(char) if ord(char) > 0x7F else char.encode() for char in text))
    assert "".join(printed.split()) == "".join(text.split())
