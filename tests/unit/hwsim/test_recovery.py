"""What becomes of a fault, by model; power cuts, reboots, busy and cooling heads."""

from __future__ import annotations

import pytest

from hwsim.bench import Bench
from hwsim.printer.models import MODELS
from tests.unit.hwsim.rig import ASK_PAPER, CUT, INIT, process_id

RESUME, CLEAR = b"\x10\x05\x01", b"\x10\x05\x02"
CLEAR_BUFFERS = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
SLIP = INIT + b"".join(b"line %d\n" % n for n in range(10)) + CUT + process_id("0001")
TEXT = "".join(f"line {n}\n" for n in range(10))
FENCED = b"\x37\x220001\x00"
ENDS = {"paper-out": "paper-in", "cover-open": "cover-close", "cutter-jam": "cutter-clear"}


def stopped(model: str, word: str, where: str = "slip+40") -> Bench:
    """A bench with a slip that a fault has stopped, and its cause gone again."""
    bench = Bench(model, speed=150.0)
    bench.at(where, word)
    bench.write(SLIP)
    bench.settle()
    assert bench.papers == []
    assert bench.read() == b""
    bench.do(ENDS[word])
    bench.settle()
    return bench


@pytest.mark.parametrize("word", ENDS)
def test_a_printer_that_resumes_goes_on_by_itself(word: str) -> None:
    bench = stopped("tm-80", word)
    assert (bench.papers[0].text, bench.papers[0].whole, bench.read()) == (TEXT, True, FENCED)


@pytest.mark.parametrize("word", ENDS)
@pytest.mark.parametrize("go_on", ["DLE ENQ 1", "feed"])
def test_a_printer_that_waits_goes_on_when_it_is_told_to(word: str, go_on: str) -> None:
    bench = stopped("tm-80-waits", word)
    assert (bench.papers, bench.read()) == ([], b"")
    if go_on == "feed":
        bench.do("feed")
    else:
        bench.write(RESUME)
    bench.settle()
    assert (bench.papers[0].text, bench.papers[0].whole, bench.read()) == (TEXT, True, FENCED)


@pytest.mark.parametrize("word", ENDS)
def test_a_printer_that_waits_may_be_told_to_forget_the_rest(word: str) -> None:
    bench = stopped("tm-80-waits", word)
    bench.write(CLEAR + b"next\n" + CUT)
    bench.settle()
    paper = bench.papers[0]
    assert not paper.whole or word == "cutter-jam"
    assert paper.parts[-1] == "next\n"
    assert FENCED not in bench.read()


def test_while_it_waits_it_says_so() -> None:
    bench = Bench("tm-80-waits")
    bench.write(b"\x1da\xff")
    bench.do("paper-out")
    bench.do("paper-in")
    bench.read()
    bench.write(b"\x10\x04\x01")
    assert bench.read() == bytes([0x12 | 0x04 | 0x08 | 0x20])
    assert bench.printer.condition.words() == ["waiting"]
    bench.write(RESUME)
    assert bench.read()[-4:] == b"\x14\x00\x00\x0f"


def test_a_jam_that_is_still_there_is_found_again() -> None:
    bench = Bench("tm-80-waits")
    bench.do("cutter-jam")
    bench.write(b"text\n" + CUT)
    assert bench.printer.condition.words() == ["cutter-jam"]
    bench.write(RESUME)
    assert bench.printer.condition.words() == ["cutter-jam"]
    bench.do("cutter-clear")
    assert bench.printer.condition.words() == ["cutter-jam"], "the error stands until it is told to recover"
    bench.write(RESUME)
    assert bench.papers[0].whole


def test_a_jam_that_its_sensor_sees_stands_until_it_is_freed() -> None:
    bench = Bench("tm-80-waits")
    bench.do("cutter-jam", "now")
    bench.write(RESUME)
    assert bench.printer.condition.words() == ["cutter-jam"]


def test_a_cover_that_opens_may_cost_the_buffer() -> None:
    bench = stopped("clone-80-clears", "cover-open")
    assert bench.hanging is not None
    assert bench.hanging.text.startswith("line 0\n")
    bench.write(INIT + b"next\n" + CUT)
    bench.settle()
    paper = bench.papers[0]
    assert not paper.whole
    assert paper.parts[0].startswith("line 0\n")
    assert paper.parts[1] == "next\n"


def test_clones_may_not_know_the_commands_of_recovery() -> None:
    bench = Bench("clone-80-clears")
    bench.do("paper-out")
    bench.write(b"text\n" + CLEAR + CLEAR_BUFFERS)
    assert bench.read() == b""
    bench.do("paper-in")
    bench.write(CUT)
    assert bench.papers[0].text == "text\n"


def test_a_head_cools_down_by_itself_at_its_time() -> None:
    bench = Bench("tm-80", speed=150.0)
    bench.at("slip+40", "head-hot", 5)
    bench.write(SLIP)
    bench.advance(4.9)
    assert bench.printer.condition.words() == ["head-hot"]
    bench.settle()
    assert bench.papers[0].whole
    assert bench.read() == FENCED
    assert 5.0 < bench.now < 7.0


def test_a_reboot_loses_buffer_settings_and_asb_and_comes_back() -> None:
    bench = Bench("tm-80", speed=150.0)
    bench.write(b"\x1da\xff")
    bench.at("slip+40", "reboot")
    bench.write(INIT + b"\x1d!\x11" + SLIP[2:])
    bench.advance(1.0)
    assert not bench.printer.powered
    bench.settle()
    assert bench.printer.powered
    assert bench.papers[0].ending == "torn"
    rest = bench.printer.received
    bench.read()
    bench.do("near-end")
    assert bench.read() == b"", "the automatic status is off"
    bench.write(b"small\n" + CUT)
    bench.settle()
    assert rest < bench.printer.received
    assert "small" in bench.papers[1].text
    assert bench.slips[1].strips[-2].height == 30, "characters are of their normal size again"


def test_a_reboot_is_over_after_the_boot_time_and_not_before() -> None:
    bench = Bench("tm-80")
    bench.do("reboot")
    bench.advance(MODELS["tm-80"].boot_seconds - 0.01)
    assert not bench.printer.powered
    bench.advance(0.02)
    assert bench.printer.powered


def test_a_busy_printer_takes_nothing_and_finishes_what_it_has() -> None:
    bench = Bench("tm-80", speed=150.0, line_bytes=100)
    bench.at("received+40", "busy")
    assert bench.write(SLIP + SLIP + SLIP) == 140
    bench.settle()
    assert bench.printer.received == 40
    assert bench.hanging is not None
    bench.do("not-busy")
    bench.settle()
    assert bench.printer.received == 140


def test_what_each_kind_of_printer_answers() -> None:
    told = {}
    for name in ("tm-80", "tm-80-no-asb", "tm-80-old", "clone-80", "basic-58", "bare-58", "mute-58"):
        bench = Bench(name)
        answers = []
        for query in (b"\x10\x04\x02", b"\x1da\xff", ASK_PAPER, b"\x1dI\x42", process_id("0001")):
            bench.write(query)
            answers.append(bool(bench.read()))
        told[name] = answers
    assert told == {
        "tm-80": [True, True, True, True, True],
        "tm-80-no-asb": [True, False, True, True, True],
        "tm-80-old": [True, True, True, True, False],
        "clone-80": [True, True, True, True, False],
        "basic-58": [True, False, True, True, False],
        "bare-58": [False, False, True, True, False],
        "mute-58": [False] * 5,
    }


@pytest.mark.parametrize(("form", "notice"), [(0, b""), (1, b"\x37\x23\x00"), (2, b"\x37\x23\x32\x00")])
def test_the_notice_of_going_offline(form: int, notice: bytes) -> None:
    bench = Bench("tm-80")
    bench.write(b"\x1d(H\x03\x0010" + bytes([form]))
    bench.do("offline")
    assert bench.read() == b"", "a hand on the feed button is no cause"
    bench.do("online")
    bench.do("paper-out")
    assert bench.read() == notice
    bench.do("near-end")
    assert bench.read() == b"", "it is told once"


def test_power_ends_a_wait_and_an_error_that_stands() -> None:
    bench = Bench("tm-80-waits")
    bench.do("cutter-jam")
    bench.write(b"text\n" + CUT)
    bench.do("cutter-clear")
    bench.do("paper-out")
    bench.do("paper-in")
    assert bench.printer.condition.words() == ["cutter-jam", "waiting"]
    bench.do("power-off")
    bench.do("power-on")
    assert bench.printer.condition.words() == []


def test_behind_a_reboot_a_line_that_stopped_delivers_the_rest() -> None:
    """RTS/CTS holds the host while the printer is off; what it then sends is the tail of a slip."""
    bench = Bench("clone-80", speed=150.0, rate=200.0)
    bench.at("received+25", "reboot")
    bench.write(SLIP)
    bench.settle()
    head, tail = bench.papers
    assert (head.ending, tail.whole) == ("torn", True)
    assert head.text.startswith("line 0\n")
    assert "line 9" not in head.text
    assert tail.text.endswith("line 9\n")
    assert tail.foreign_lines([TEXT]), "it begins in the middle of a line"
