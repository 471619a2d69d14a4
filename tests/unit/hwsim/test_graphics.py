"""Pictures, QR codes and barcodes: the dots, and what the text of the slip calls them."""

from __future__ import annotations

import itertools

import pytest
import segno

from hwsim.printer.barcodes import CODE39, CODE128, EAN8, EAN13, ITF, UPC_A, Bars, draw_bars
from hwsim.printer.strips import Dots
from hwsim.printer.symbols import qr_rows
from tests.unit.hwsim.rig import CUT, Rig


def picture(rig: Rig) -> tuple[int, list[bytes]]:
    """Width and all rows of dots of the last slip."""
    marks = [mark for strip in rig.slips[-1].strips for mark in strip.marks if isinstance(mark, Dots)]
    return marks[0].width, list(itertools.chain(*(mark.rows for mark in marks)))


def test_raster_in_all_scales() -> None:
    for mode, width, rows in (
        (0, 16, [b"\xf0\x01", b"\x80\x00"]),
        (1, 32, [b"\xff\x00\x00\x03", b"\xc0\x00\x00\x00"]),
        (2, 16, [b"\xf0\x01", b"\xf0\x01", b"\x80\x00", b"\x80\x00"]),
        (51, 32, [b"\xff\x00\x00\x03"] * 2 + [b"\xc0\x00\x00\x00"] * 2),
    ):
        rig = Rig()
        rig.send(b"\x1dv0" + bytes([mode]) + b"\x02\x00\x02\x00\xf0\x01\x80\x00" + CUT)
        assert picture(rig) == (width, rows)


def test_raster_is_aligned_and_named_with_its_size() -> None:
    text = Rig().print_text(b"\x1ba\x01\x1dv0\x00\x18\x00\x40\x00" + b"\x11" * 24 * 64)
    assert text == " " * 16 + "[image 192x64]\n"


def test_a_picture_larger_than_the_buffer_prints() -> None:
    rig = Rig(speed=100)
    rig.send(b"\x1dv0\x00\x48\x00\xe8\x03" + b"\x18" * 72_000 + CUT)
    rig.at(1000.0)
    assert rig.texts == ["[image 576x1000]\n"]


def test_raster_without_size_is_refused() -> None:
    rig = Rig()
    rig.send(b"\x1dv0\x00\x00\x00\x01\x00a\n" + CUT)
    assert rig.printer.interpreter.refused == {"GS v 0": 1}
    assert rig.texts == ["a\n"]


@pytest.mark.parametrize("lead", [b"\x1d(L\x0e\x00", b"\x1d8L\x0e\x00\x00\x00"])
def test_stored_graphics_print_on_request(lead: bytes) -> None:
    rig = Rig()
    rig.send(lead + b"0p0\x01\x021\x0c\x00\x02\x00\xff\xf0\x80\x10" + b"text\n\x1d(L\x02\x0002" + CUT)
    assert rig.texts == ["text\n[image 12x4]\n"]
    assert picture(rig) == (12, [b"\xff\xf0", b"\xff\xf0", b"\x80\x10", b"\x80\x10"])


def test_stored_graphics_with_a_wrong_length_are_refused() -> None:
    rig = Rig()
    rig.send(b"\x1d(L\x0d\x000p0\x01\x011\x0c\x00\x02\x00\xff\xf0\x80\x1d(L\x02\x0002a\n" + CUT)
    assert rig.printer.interpreter.refused == {"GS ( L fn 112": 1}
    assert rig.texts == ["a\n"]


def test_bit_image_columns_stand_on_the_line_and_stripes_are_one_picture() -> None:
    stripe = b"\x1b*\x21\x08\x00" + b"\xff\x00\x01" * 8 + b"\n"
    rig = Rig()
    assert rig.print_text(b"\x1b3\x18" + stripe * 3 + b"\x1b2ab") == "[image 8x72]\nab\n"
    rows = picture(rig)[1]
    assert rows[:24] == [b"\xff"] * 8 + [b"\x00"] * 15 + [b"\xff"]
    assert Rig().print_text(b"a\x1b*\x00\x03\x00\x80\x00\x01b") == "a[image 6x24]b\n"


def qr(data: bytes, module: int = 4, level: bytes = b"1") -> bytes:
    head = b"\x1d(k\x04\x001A2\x00\x1d(k\x03\x001C" + bytes([module]) + b"\x1d(k\x03\x001E" + level
    return head + b"\x1d(k" + (len(data) + 3).to_bytes(2, "little") + b"1P0" + data + b"\x1d(k\x03\x001Q0"


def test_qr_code_is_the_code_of_its_data() -> None:
    rig = Rig()
    assert rig.print_text(qr(b"https://example.com/t/42")) == "[QR https://example.com/t/42]\n"
    matrix = segno.make_qr("https://example.com/t/42", error="M", boost_error=False).matrix
    width, rows = picture(rig)
    assert width == len(matrix) * 4
    for y, line in enumerate(matrix):
        for x, dot in enumerate(line):
            assert bool(rows[y * 4 + 2][(x * 4 + 2) // 8] >> (7 - (x * 4 + 2) % 8) & 1) == bool(dot)


def test_qr_code_with_chinese_text_and_without_data() -> None:
    assert Rig().print_text(qr("茶 42".encode())) == "[QR 茶 42]\n"
    rig = Rig()
    rig.send(b"\x1d(k\x03\x001Q0" + qr(b"x" * 3000) + qr(b"x" * 500, module=16) + b"a\n" + CUT)
    assert rig.texts == ["a\n"]
    assert len(rig.printer.interpreter.refused) == 3


def test_qr_levels_differ() -> None:
    assert len({qr_rows(b"level", level=level, module=1) for level in "LMQH"}) == 4


def bits(bars: Bars) -> str:
    """Bars and spaces as modules, one dot each."""
    return "".join("10"[index % 2] * width for index, width in enumerate(bars.widths))


def test_bars_of_known_codes() -> None:
    ean = draw_bars(EAN13, b"400638133393", 1)
    assert ean is not None
    assert ean.text == "4006381333931"
    assert bits(ean) == (
        "10100011010100111010111101111010001001011001101010100001010000101000010111010010000101100110101"
    )
    assert draw_bars(UPC_A, b"03600029145", 1) == draw_bars(UPC_A, b"036000291452", 1)
    eight = draw_bars(EAN8, b"9638507", 1)
    assert eight is not None
    assert eight.text == "96385074"
    assert sum(eight.widths) == 67


def test_code128_in_all_sets() -> None:
    bars = draw_bars(CODE128, b"{BPosd-a~", 1)
    assert bars is not None
    assert bits(bars) == (
        "11010010000" "11101110110" "10001111010" "10111100100" "10000100110" "10011011100" "10010110000" "10001011110"
        "11011110110" "1100011101011"
    )  # fmt: skip
    mixed = draw_bars(CODE128, b"{BNo{C\x0c\x22{B{{", 1)
    assert mixed is not None
    assert mixed.text == "No1234{"


def test_all_code128_patterns_are_distinct_and_of_one_width() -> None:
    seen = set()
    for byte in range(0x20, 0x80):
        if byte == 0x7B:
            continue
        bars = draw_bars(CODE128, b"{B" + bytes([byte]), 1)
        assert bars is not None
        pattern = bars.widths[6:12]
        assert sum(pattern) == 11
        assert sum(pattern[::2]) % 2 == 0, "bars of a character always take an even number of modules"
        seen.add(pattern)
    assert len(seen) == 95


def test_code39_and_itf_have_their_wide_elements() -> None:
    bars = draw_bars(CODE39, b"AB 12-", 2)
    assert bars is not None
    assert [sum(w > 2 for w in bars.widths[at : at + 9]) for at in range(0, len(bars.widths), 10)] == [3] * 8
    itf = draw_bars(ITF, b"1234", 2)
    assert itf is not None
    assert itf.widths[:4] == (2, 2, 2, 2)
    assert sum(w > 2 for w in itf.widths[4:24]) == 8


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (EAN13, b"12345"),
        (EAN13, b"4006381333930"),
        (CODE39, b"lower"),
        (ITF, b"123"),
        (CODE128, b"no set"),
        (CODE128, b"{C\x64"),
        (CODE128, b"{Bx{"),
    ],
)
def test_data_that_a_code_cannot_carry_prints_nothing(kind: int, data: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        draw_bars(kind, data, 2)
    rig = Rig()
    rig.send(b"\x1dk" + bytes([kind, len(data)]) + data + b"a\n" + CUT)
    assert rig.texts == ["a\n"]
    assert len(rig.printer.interpreter.refused) == 1


def test_both_forms_of_the_barcode_command_and_the_caption() -> None:
    for command in (b"\x1dk\x02400638133393\x00", b"\x1dkC\x0c400638133393"):
        rig = Rig()
        assert rig.print_text(b"\x1dH\x02\x1dh\x40" + command) == "[barcode 4006381333931]\n"
        bars, caption = [strip for strip in rig.slips[0].strips if strip.marks][-2:]
        assert isinstance(bars.marks[0], Dots)
        assert "".join(mark.char for mark in caption.marks if not isinstance(mark, Dots)) == "4006381333931"


def test_codes_that_are_not_drawn_are_read_and_leave_their_name_on_the_paper_and_in_the_notes() -> None:
    rig = Rig()
    assert rig.print_text(b"\x1dkH\x03ABC\x1dkB\x070123456a") == "not drawn: CODE93\nnot drawn: UPC-E\na\n"
    assert rig.slips[0].notes == ("not drawn: CODE93", "not drawn: UPC-E")


def test_page_mode_is_not_drawn_and_says_so() -> None:
    rig = Rig()
    text = rig.print_text(b"\x1bL\x1bW\x00\x00\x00\x00\x40\x02\x40\x00\x1bT\x00in a page\n\x0c")
    assert text == "not drawn: page mode\nin a page\n"
    assert rig.slips[0].notes == ("not drawn: page mode",)


def test_a_code_wider_than_the_paper_prints_nothing() -> None:
    rig = Rig("basic-58")
    rig.send(b"\x1dw\x06\x1dkI\x16{B" + b"x" * 20 + b"a\n" + CUT)
    assert rig.texts == ["a\n"]
    assert rig.printer.interpreter.refused == {"GS k: wider than the paper": 1}
