"""Faults at an exact byte, the line between host and printer, and time that only the bench moves."""

from __future__ import annotations

import errno

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hwsim.bench import Bench
from hwsim.paper import text
from hwsim.printer.alarms import MARKS
from hwsim.printer.machine import Printer
from hwsim.words import Misuse
from tests.unit.hwsim.rig import CUT, INIT, process_id

FENCE = process_id("0001")
BODY = b"".join(b"line %d\n" % n for n in range(10)) + CUT
SLIP = INIT + BODY + FENCE
FENCED = b"\x37\x220001\x00"


def test_a_place_is_exact_whatever_was_sent_before() -> None:
    for offset in range(len(SLIP)):
        bench = Bench("clone-80")
        bench.write(b"noise before\n" + CUT)
        bench.at(f"slip+{offset}", "paper-out")
        bench.write(b"more \x1dr1" + SLIP)
        assert bench.printer.executed == 17 + 8 + offset


@pytest.mark.parametrize("fence", [FENCE, b"\x1dr1", b"\x1dr\x01"])
def test_a_fault_before_inside_and_after_the_fence(fence: bytes) -> None:
    for offset in range(len(fence) + 1):
        bench = Bench("tm-80")
        bench.at(f"fence+{offset}", "paper-out")
        bench.write(INIT + BODY + fence + b"x")
        assert bench.printer.executed == len(INIT + BODY) + offset
        answered = bool(bench.read())
        assert answered is (offset == len(fence))
        bench.do("paper-in")
        assert bool(bench.read()) is not answered


@pytest.mark.parametrize("fence", [b"\x17", b"\x1b\x1d\x03\x01\x00\x00"])
def test_a_fault_before_inside_and_after_the_fence_of_a_star(fence: bytes) -> None:
    for offset in range(len(fence) + 1):
        bench = Bench("star-80")
        bench.write(b"\x1b\x1ea\x01")
        bench.at(f"fence+{offset}", "paper-out")
        bench.write(b"text\n\x1bd\x03" + fence + b"x")
        assert bench.printer.executed == 4 + 8 + offset


def test_a_fence_that_comes_byte_by_byte_is_found_before_its_first_byte_is_executed() -> None:
    bench = Bench("tm-80")
    bench.at("fence+0", "paper-out")
    for byte in BODY + FENCE:
        bench.write(bytes([byte]))
    assert bench.printer.executed == len(BODY)


def test_what_looks_like_a_fence_inside_a_picture_is_none() -> None:
    bench = Bench("tm-80")
    bench.at("fence+0", "paper-out")
    picture = b"\x1dv0\x00\x06\x00\x02\x00" + b"\x1dr1" * 4
    bench.write(picture + FENCE)
    assert bench.printer.executed == len(picture)


def test_the_beginning_of_a_mark_that_turns_out_to_be_something_else_is_executed() -> None:
    bench = Bench("tm-80")
    bench.at("slip+0", "paper-out")
    bench.write(b"\x1b")
    assert bench.printer.executed == 0
    bench.write(b"E\x01")
    assert bench.printer.executed == 3


def test_bytes_received_are_not_bytes_executed() -> None:
    bench = Bench("tm-80", speed=10.0)
    bench.at("received+70", "unplug")
    assert bench.write(SLIP * 3) == len(SLIP * 3)
    assert bench.printer.received == 70
    assert bench.printer.executed < 70
    with pytest.raises(OSError, match="unplugged") as error:
        bench.write(b"x")
    assert error.value.errno == errno.EIO
    bench.settle()
    assert bench.printer.executed == 70, "what it has, it prints"
    assert bench.printer.received == 70, "what was on the line is lost"


def test_power_at_a_byte_loses_what_waits_for_the_head() -> None:
    bench = Bench("tm-80", speed=10.0)
    bench.at("slip+40", "power-off")
    bench.write(SLIP)
    bench.settle()
    assert bench.printer.executed == 40
    (paper,) = bench.papers
    assert (paper.text, paper.ending) == ("line 0\nline 1\n~~~ torn ~~~\n", "torn")


def test_several_alarms_go_off_in_order() -> None:
    bench = Bench("tm-80")
    bench.at("now+30", "cover-open")
    bench.at("slip+10", "paper-out")
    bench.write(SLIP)
    assert bench.printer.condition.words() == ["paper-out"]
    bench.do("paper-in")
    assert bench.printer.condition.words() == ["cover-open"]
    assert bench.printer.executed == 30


def test_a_stalled_line_takes_what_it_holds_and_goes_on_later() -> None:
    bench = Bench("bare-58", line_bytes=100)
    bench.do("paper-out")
    data = b"".join(b"row %04d\n" % n for n in range(400)) + CUT
    sent = bench.write(data)
    assert sent == 1024 + 100
    assert bench.write(data[sent:]) == 0
    bench.do("paper-in")
    while sent < len(data):
        sent += bench.write(data[sent:])
    assert bench.papers[0].text.splitlines() == [f"row {n:04}" for n in range(400)]


def test_time_passes_at_the_rate_of_the_line() -> None:
    bench = Bench("tm-80", rate=1000.0)
    bench.write(b"x" * 499 + b"\n" + FENCE)
    bench.advance(0.4)
    assert 380 <= bench.printer.received <= 404
    bench.settle()
    assert bench.read() == FENCED
    assert 0.5 <= bench.now <= 0.53


def test_xon_and_xoff_and_what_comes_in_spite_of_it() -> None:
    bench = Bench("bare-58", flow="xonxoff")
    bench.do("paper-out")
    bench.write(b"x" * 895)
    assert bench.read() == b""
    bench.write(b"x")
    assert bench.read() == b"\x13"
    bench.write(b"y" * 200)
    assert bench.printer.buffered == 1024
    assert bench.overrun == 72
    bench.do("paper-in")
    assert bench.read() == b"\x11"


def test_noise_is_the_same_for_the_same_seed_and_counts_what_it_does() -> None:
    def arrived(seed: int) -> tuple[str, ...]:
        bench = Bench("tm-80")
        bench.do("noise", 0.02, 0.02, seed)
        bench.write(b"abcdefghij\n" * 50 + CUT)
        bench.do("noise", 0, 0)
        bench.write(b"\n" + CUT)
        return tuple(paper.text for paper in bench.papers)

    assert arrived(1) == arrived(1)
    assert arrived(1) != arrived(2)
    assert arrived(1) != ("abcdefghij\n" * 50,)


def test_a_word_or_place_that_is_wrong_is_refused() -> None:
    bench = Bench("tm-80")
    with pytest.raises(Misuse, match="nothing for a printer"):
        bench.do("sign")
    with pytest.raises(Misuse, match="no place 'later'"):
        bench.at("later", "paper-out")
    with pytest.raises(Misuse, match="BYTES must be a number"):
        bench.at("slip+x", "paper-out")
    with pytest.raises(Misuse, match="no word"):
        bench.do("fly")
    assert set(MARKS) == {"now", "slip", "fence"}


WORDS = ["paper-out", "cover-open", "cutter-jam", "head-hot", "offline"]
ENDS = {"paper-out": "paper-in", "cover-open": "cover-close", "cutter-jam": "cutter-clear", "head-hot": "head-cool"}


@settings(max_examples=60, deadline=None)
@given(
    at=st.integers(0, len(SLIP)),
    word=st.sampled_from(WORDS),
    model=st.sampled_from(["tm-80", "tm-80-waits", "clone-80", "basic-58"]),
    speed=st.sampled_from([None, 20.0, 150.0]),
    sizes=st.lists(st.integers(1, 60), min_size=1, max_size=5),
)
def test_whatever_the_byte_the_slip_comes_out_once_and_whole(
    at: int, word: str, model: str, speed: float | None, sizes: list[int]
) -> None:
    bench = Bench(model, speed=speed)
    bench.at(f"slip+{at}", word)
    sent = 0
    while sent < len(SLIP):
        sent += bench.write(SLIP[sent : sent + sizes[sent % len(sizes)]])
        bench.advance(0.01)
    bench.settle()
    bench.do(ENDS.get(word, "online"))
    bench.do("feed")
    bench.settle()
    (paper,) = bench.papers
    assert (paper.whole, paper.garbage) == (True, ())
    assert paper.text == "".join(f"line {n}\n" for n in range(10))
    assert bench.hanging is None


WORDS = [
    b"Tea",
    b"  two  apart",
    b"x" * 70,
    b"#$@[]^{|}~",
    b"\n",
    b"\x00" * 3,
    b"\t",
    b"\xb2\xe8",
    b"\x1bR\x08",
    b"\x1ba\x01",
    b"\x1bE\x01",
    b"\x1b-\x01",
    b"\x1b \x05",
    b"\x1d!\x11",
    b"\x1d$\x05\x00",
    b"\x1bi\x01\x01",
    INIT,
    CUT,
]
APART = [b"Tea", b" cup", b"  two  apart", b"\t", b"\xb2\xe8", b"\x1d$\x05\x01", b"\x1b \x05", b"\x1d!\x11", b"\n"]


@given(st.sampled_from(["tm-80", "basic-58", "star-80"]), st.lists(st.sampled_from(WORDS), min_size=1, max_size=40))
def test_a_run_of_text_prints_as_its_characters_do_one_by_one(model: str, words: list[bytes]) -> None:
    at_once, singly = Bench(model), Bench(model)
    data = b"".join(words) + b"\n" + CUT
    at_once.write(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Printer, "_text_ahead", lambda _printer: 0)
        singly.write(data)
    assert at_once.slips == singly.slips
    assert at_once.hanging == singly.hanging


@example("basic-58", [b"\xb2\xe8", b"\x1d!\x11", b"  two  apart"])
@given(st.sampled_from(["tm-80", "basic-58", "star-80"]), st.lists(st.sampled_from(APART), min_size=3, max_size=40))
def test_the_text_of_a_line_does_not_depend_on_how_it_is_read(model: str, words: list[bytes]) -> None:
    bench = Bench(model)
    bench.write(b"".join(words) + b"\n" + CUT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "_plain", lambda _strip: None)
        slowly = [text.slip_text(slip) for slip in bench.slips]
    assert [text.slip_text(slip) for slip in bench.slips] == slowly
