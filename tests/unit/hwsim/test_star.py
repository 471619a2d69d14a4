"""A Star printer in line mode, against the tables of Star's command specifications."""

from __future__ import annotations

import pytest

from hwsim.bench import Bench
from hwsim.printer.strips import Dots, Glyph

ASB_ON, ASB_OFF, ASK = b"\x1b\x1ea\x01", b"\x1b\x1ea\x00", b"\x1b\x06\x01"
CUT, ETB, CLEAR_COUNTER = b"\x1bd\x03", b"\x17", b"\x1b\x1eE\x00"
END = b"\x1b\x1d\x03\x01\x00\x00"
CALM = bytes.fromhex("230600000000000000")


def status(*, one: int = 0, two: int = 0, four: int = 0, counter: int = 0) -> bytes:
    return bytes([0x23, 0x06, one, two, 0, four, 0, counter, 0])


def read_all(bench: Bench, data: bytes) -> bytes:
    bench.write(data)
    return bench.read()


def print_text(data: bytes, model: str = "star-80") -> str:
    bench = Bench(model)
    bench.write(b"\x1b@" + data + CUT)
    assert not bench.printer.interpreter.unknown
    assert not bench.printer.interpreter.refused
    (paper,) = bench.papers
    return paper.text


FAULTS = {
    "paper-out": {"one": 0x08, "four": 0x0C},
    "near-end": {"four": 0x04},
    "cover-open": {"one": 0x28},
    "cutter-jam now": {"one": 0x08, "two": 0x08},
    "head-hot": {"one": 0x08, "two": 0x40},
    "broken": {"one": 0x08, "two": 0x20},
    "offline": {"one": 0x08},
}


@pytest.mark.parametrize("word", FAULTS)
def test_each_fault_sets_its_bits_and_no_others(word: str) -> None:
    bench = Bench("star-80")
    assert read_all(bench, ASB_ON) == CALM
    bench.do(*word.split())
    assert bench.read() == status(**FAULTS[word])
    assert read_all(bench, ASK) == status(**FAULTS[word])


def test_every_byte_of_a_status_can_be_told_from_the_first_and_from_xon() -> None:
    bench = Bench("star-80")
    read_all(bench, ASB_ON)
    for word in [word for word in FAULTS if word not in ("near-end", "offline")]:
        bench.do(*word.split())
        told = bench.read()
        assert told[0] & 0x91 == 0x01
        assert all(byte & 0x91 == 0 for byte in told[1:])


def test_without_asking_it_says_nothing_and_a_request_is_answered_at_once() -> None:
    bench = Bench("star-80")
    bench.do("paper-out")
    assert bench.read() == b""
    assert read_all(bench, b"text\n" + ASK) == status(one=0x08, four=0x0C)
    bench.do("paper-in")
    read_all(bench, ASB_ON)
    assert read_all(bench, ASB_OFF) == b""
    bench.do("near-end")
    assert bench.read() == b"", "it was switched off"


def test_a_request_leaves_no_trace_on_the_slip() -> None:
    bench = Bench("star-80")
    bench.write(b"a" + ASK + b"b\n" + CUT)
    assert bench.papers[0].text == "ab\n"
    assert bench.slips[0].data == b"ab\n" + CUT


def test_etb_counts_when_all_before_it_is_printed() -> None:
    bench = Bench("star-80", speed=10.0)
    bench.write(ASB_ON + b"one\ntwo\n" + ETB)
    assert bench.read() == CALM
    bench.settle()
    assert bench.read() == status(one=0x02, counter=0x02)


def test_the_counter_has_five_bits_with_a_gap_and_begins_anew() -> None:
    bench = Bench("star-80")
    bench.write(ASB_ON)
    bench.read()
    told = read_all(bench, ETB * 33)
    counters = [told[at + 7] for at in range(0, len(told), 9)]
    assert counters[:8] == [0x02, 0x04, 0x06, 0x08, 0x0A, 0x0C, 0x0E, 0x20]
    assert counters[30:] == [0x6E, 0x00, 0x02]


def test_clearing_the_counter_sends_no_status() -> None:
    bench = Bench("star-80")
    read_all(bench, ASB_ON + ETB)
    assert read_all(bench, CLEAR_COUNTER) == b""
    assert read_all(bench, ASK) == CALM
    assert read_all(bench, ETB) == status(one=0x02, counter=0x02)


def test_without_asb_an_etb_is_counted_and_not_told() -> None:
    bench = Bench("star-80")
    assert read_all(bench, b"text\n" + ETB) == b""
    assert read_all(bench, ASK) == status(one=0x02, counter=0x02)


def test_the_end_of_a_document_is_echoed_with_a_counter_of_its_own() -> None:
    bench = Bench("star-80", speed=10.0)
    assert read_all(bench, b"text\n" + END) == b""
    bench.settle()
    assert bench.read() == END + b"\x01\x00"
    assert read_all(bench, ETB + b"\x1b\x1d\x03\x00\x07\x08") == b"\x1b\x1d\x03\x00\x07\x08\x01\x00"
    assert read_all(bench, b"\x1b\x1d\x03\x02\x00\x00" + b"\x1b\x1d\x03\x03\x00\x00" + END) == END + b"\x01\x00"


def test_what_was_cancelled_or_lost_never_answers() -> None:
    bench = Bench("star-80", speed=10.0)
    bench.at("fence+0", "paper-out")
    bench.write(ASB_ON + b"one\ntwo\nthree\n" + ETB)
    bench.settle()
    bench.read()
    bench.do("reboot")
    bench.settle()
    bench.do("paper-in")
    bench.settle()
    assert read_all(bench, ASK) == CALM, "the counter began anew"


def test_initialising_leaves_the_automatic_status_on() -> None:
    bench = Bench("star-80")
    bench.write(ASB_ON + b"\x1b@")
    bench.read()
    bench.do("near-end")
    assert bench.read() == status(four=0x04)


def test_chinese_in_gb18030_and_in_utf8_and_both_widths() -> None:
    text = "乌龙茶 烏龍茶 㐀𠮷 ¥5 €7"
    assert print_text(text.encode("gb18030") + b"\n") == text + "\n"
    assert print_text(b"\x1b\x1d)U\x02\x00\x30\x01" + text.encode() + b"\n") == text + "\n"
    wide = Bench("star-80")
    wide.write("茶a\n".encode("gb18030") + CUT)
    assert [mark.width for mark in wide.slips[0].strips[0].marks] == [24, 12]


def test_latin_by_code_page() -> None:
    assert print_text(b"\x1b\x1dt\x20" + "Café Ünter £5 €7\n".encode("cp1252"), "star-80-latin") == "Café Ünter £5 €7\n"
    assert print_text(b"\x1b\x1dt\x0a" + "Чай\n".encode("cp866"), "star-80-latin") == "Чай\n"


def test_a_code_page_that_is_not_drawn_says_so() -> None:
    bench = Bench("star-80-latin")
    bench.write(b"caf\xe9\n" + CUT)
    assert (bench.papers[0].text, bench.papers[0].not_drawn) == ("caf?\n", ("code page 0",))


def test_on_a_network_the_status_is_always_on_and_not_asked_for() -> None:
    bench = Bench("star-80-lan")
    assert read_all(bench, ASB_OFF + ASB_ON) == b""
    bench.do("near-end")
    assert bench.read() == status(four=0x04)


def test_styles_sizes_and_places() -> None:
    bench = Bench("star-80")
    bench.write(b"\x1bEa\x1bF\x1b-\x01b\x1b-\x00\x1b4c\x1b5\x1bi\x01\x02d\x1bi\x00\x00e\n\x1b\x1da\x02right\n" + CUT)
    a, b, c, d, e = (mark for mark in bench.slips[0].strips[0].marks if isinstance(mark, Glyph))
    assert (a.bold, b.underline, c.inverse) == (True, 1, True)
    assert (d.scale_y, d.scale_x, e.scale_x, e.bold) == (2, 3, 1, False)
    assert bench.papers[0].text.splitlines()[-1] == "right".rjust(48)


@pytest.mark.parametrize(
    ("form", "ending", "through"), [(0, "full", True), (1, "partial", True), (2, "full", False), (3, "partial", False)]
)
def test_cuts(form: int, ending: str, through: bool) -> None:
    bench = Bench("star-80")
    bench.write(b"text\n\x1bd" + bytes([form]))
    assert (bench.slips[0].ending, bench.slips[0].cut_through) == (ending, through)


ROWS = bytes(range(1, 73)) * 48


@pytest.mark.parametrize(
    "command",
    [
        b"\x1b\x1dS\x01\x48\x00\x30\x00\x00" + ROWS,
        b"\x1b0" + b"\x1bk\x48\x00" + ROWS[: 72 * 24] + b"\n" + b"\x1bk\x48\x00" + ROWS[72 * 24 :] + b"\n",
        b"\x1b*rA" + b"".join(b"b\x48\x00" + ROWS[at : at + 72] for at in range(0, len(ROWS), 72)) + b"\x1b*rB",
    ],
    ids=["raster", "rows", "raster mode"],
)
def test_a_picture_arrives_dot_for_dot_in_each_way_to_send_it(command: bytes) -> None:
    bench = Bench("star-80")
    bench.write(command + CUT)
    assert bench.papers[0].text == "[image 576x48]\n"
    pieces = [mark for strip in bench.slips[0].strips for mark in strip.marks if isinstance(mark, Dots)]
    assert b"".join(row for piece in pieces for row in piece.rows) == ROWS


def test_columns_on_the_line() -> None:
    bench = Bench("star-80")
    bench.write(b"\x1bX\x02\x00\x80\x00\x00\x00\x00\x01\n\x1bK\x01\x00\x80\n" + CUT)
    fine, coarse = (strip.marks[0] for strip in bench.slips[0].strips[:2])
    assert isinstance(fine, Dots)
    assert isinstance(coarse, Dots)
    assert (fine.rows[0], fine.rows[23], fine.width) == (b"\x80", b"\x40", 2)
    assert (coarse.rows[:4], coarse.width) == ((b"\xc0", b"\xc0", b"\xc0", b"\x00"), 2)


def test_text_behind_an_unfinished_raster_mode_is_swallowed() -> None:
    bench = Bench("star-80")
    bench.write(b"\x1b*rAb\x01\x00\xff" + b"lost\n" + b"\x1b*rB" + b"kept\n" + CUT)
    assert bench.papers[0].text == "[image 8x1]\nkept\n"


def test_codes() -> None:
    qr = b"\x1b\x1dyS0\x02\x1b\x1dyS1\x01\x1b\x1dyS2\x04\x1b\x1dyD1\x00\x05\x00hello\x1b\x1dyP"
    bars = b"\x1bb\x03\x02\x02\x40400638133393\x1e\x1bb6\x32\x31\x40receipt 42\x1e"
    assert print_text(qr + bars) == "[QR hello]\n[barcode 4006381333931]\n[barcode receipt 42]\n"
    assert print_text(b"\x1bb\x07\x02\x02\x40ABC\x1e") == "not drawn: CODE93\n"


def test_margins_and_spacing() -> None:
    assert print_text(b"\x1bl\x04\x1bQ\x10" + b"x" * 14 + b"\n") == "    " + "x" * 12 + "\n    xx\n"
    bench = Bench("star-80")
    bench.write(b"a\n\x1b0b\n\x1bz\x01c\n" + CUT)
    assert [strip.height for strip in bench.slips[0].strips[:3]] == [32, 24, 32]


def test_the_drawer_and_a_reset() -> None:
    bench = Bench("star-80")
    bench.write(b"\x1b\x07\x14\x14\x07\x1a")
    assert bench.printer.drawer_kicks == 2
    bench.write(ASB_ON + b"\x1b?\x0a\x00lost with the buffer\n")
    bench.write(b"text\n" + CUT)
    assert bench.papers[0].text == "text\n"
    bench.read()
    bench.do("near-end")
    assert bench.read() == b"", "as after power-on"


def test_a_command_that_is_not_known_is_noted_and_the_rest_is_text() -> None:
    bench = Bench("star-80")
    bench.write(b"\x1b~\n\x1b\x1e~x\n" + CUT)
    assert bench.printer.interpreter.unknown == {"ESC ~": 1, "ESC 1E ~": 1}
    assert bench.papers[0].garbage == ("unknown: ESC ~", "unknown: ESC 1E ~")
