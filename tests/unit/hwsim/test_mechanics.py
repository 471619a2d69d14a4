"""Speed, faults at places, fences, cuts and power."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.printer.models import MODELS
from tests.unit.hwsim.rig import ASK_PAPER, CUT, INIT, Rig, process_id

TEN_LINES = b"".join(b"line %d\n" % n for n in range(10))
LINE_S = 30 / 80
"""One line of 30 dots at 10 mm/s."""


def lines(rig: Rig) -> int:
    return rig.printer.mechanism.progress["lines"]


def test_printing_takes_its_time() -> None:
    rig = Rig(speed=10)
    rig.send(TEN_LINES)
    for done in range(1, 11):
        rig.at(100 + done * LINE_S - 0.001)
        assert lines(rig) == done - 1
    rig.at(100 + 10 * LINE_S)
    assert lines(rig) == 10


def test_a_late_call_gives_the_same_paper_at_the_same_time() -> None:
    rig = Rig(speed=10)
    rig.send(TEN_LINES + process_id("done"))
    rig.now = 100 + 9.5 * LINE_S  # nobody woke the printer in between
    rig.send(b"")
    assert lines(rig) == 9
    assert rig.wake == pytest.approx(100 + 10 * LINE_S)


def test_an_idle_printer_does_not_print_in_the_past() -> None:
    rig = Rig(speed=10)
    rig.at(200.0)
    rig.send(b"a\n")
    assert lines(rig) == 0
    assert rig.wake == pytest.approx(200 + LINE_S)


def test_process_id_is_answered_when_all_before_it_is_on_paper() -> None:
    rig = Rig(speed=10)
    assert rig.send(TEN_LINES + process_id("ab~1")) == b""
    assert rig.at(100 + 10 * LINE_S - 0.001) == b""
    assert rig.at(100 + 10 * LINE_S) == b"\x37\x22ab~1\x00"


def test_paper_status_answers_earlier_than_the_paper_is_out() -> None:
    """GS r is weaker as a fence: it is answered when it is reached in the buffer."""
    rig = Rig(speed=10)
    rig.send(b"a\nb\n" + ASK_PAPER)
    assert rig.reply == b"\x00"
    assert lines(rig) == 0


def test_process_ids_with_bad_arguments_or_on_other_models_are_not_answered() -> None:
    rig = Rig()
    assert rig.send(process_id("ab\x1f1")) == b""
    assert rig.printer.interpreter.refused == {"GS ( H": 1}
    clone = Rig("clone-80")
    assert clone.send(process_id("abcd")) == b""
    assert not clone.printer.interpreter.unknown


FAULTS = ["paper_out", "cover_open", "head_hot", "offline", "cutter_error", "broken"]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_stops_after_the_current_line_and_all_goes_on_afterwards(fault: str) -> None:
    rig = Rig(speed=10)
    rig.send(TEN_LINES + CUT + process_id("done"))
    rig.at(100 + 3.5 * LINE_S)
    rig.fault(**{fault: True})
    rig.at(200.0)
    assert lines(rig) == 4
    assert rig.reply == b""
    rig.fault(**{fault: False})
    assert lines(rig) == 4, "what stood still must not have been printed in the meantime"
    rig.at(300.0)
    assert rig.texts == [TEN_LINES.decode()]
    assert rig.reply == b"\x37\x22done\x00"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_halted_printer_takes_data_until_its_buffer_is_full(fault: str) -> None:
    rig = Rig()
    rig.fault(**{fault: True})
    rig.send(b"x" * 5000)
    assert rig.printer.buffered == 4096
    assert rig.printer.room == 0
    with pytest.raises(ValueError, match="room for 0"):
        rig.printer.step(b"y", rig.now)


def test_what_was_printed_before_a_fault_counts_although_nobody_looked() -> None:
    rig = Rig(speed=10)
    rig.send(TEN_LINES)
    rig.now = 100 + 3.5 * LINE_S
    rig.fault(paper_out=True)
    rig.at(200.0)
    assert lines(rig) == 4


def test_near_end_stops_nothing() -> None:
    rig = Rig()
    rig.fault(near_end=True)
    rig.send(TEN_LINES + CUT)
    assert len(rig.slips) == 1


def test_a_fault_inside_a_picture_stops_between_two_bands() -> None:
    rig = Rig(speed=10)
    rig.send(b"\x1dv0\x00\x48\x00\xf0\x00" + b"\xaa" * 72 * 240 + CUT)
    rig.at(101.0)
    rig.fault(paper_out=True)
    rig.at(150.0)
    dots = rig.printer.mechanism.progress["dots"]
    assert 0 < dots < 240
    assert dots % 24 == 0
    rig.fault(paper_out=False)
    rig.at(300.0)
    assert rig.texts == ["[image 576x240]\n"]


def test_alarm_holds_after_exactly_that_many_bytes() -> None:
    rig = Rig()
    seen: list[int] = []
    rig.printer.arm("now", 12, lambda: seen.append(rig.printer.executed), rig.now)
    rig.printer.arm("now", 7, lambda: seen.append(rig.printer.executed), rig.now)
    rig.send(TEN_LINES)
    assert seen == [7, 12]
    assert rig.printer.executed == len(TEN_LINES)


def test_alarm_inside_raster_data() -> None:
    rig = Rig()
    rig.printer.arm("now", 8 + 72 * 100, lambda: rig.set(paper_out=True), rig.now)
    rig.send(b"\x1dv0\x00\x48\x00\xf0\x00" + b"\xaa" * 72 * 240 + CUT)
    assert rig.printer.executed == 8 + 72 * 100
    assert rig.printer.mechanism.progress["dots"] == 96


def test_jam_is_found_at_the_cut_and_the_cut_is_made_when_it_is_cleared() -> None:
    rig = Rig()
    rig.send(b"\x1da\xff")
    rig.reply = b""
    rig.printer.jam_cutter(rig.now)
    assert rig.send(b"one\n") == b""
    assert rig.send(CUT + process_id("done")) == b"\x1c\x08\x00\x0f"
    assert rig.slips == []
    rig.printer.clear_jam(rig.now)
    assert rig.send(b"") == b"\x14\x00\x00\x0f\x37\x22done\x00"
    assert rig.texts == ["one\n"]


def test_jam_now_shows_at_once() -> None:
    rig = Rig()
    rig.printer.jam_cutter(rig.now, at_once=True)
    assert rig.send(b"\x10\x04\x03") == b"\x1a"


@pytest.mark.parametrize("cut", [b"\x1dV\x00", b"\x1dV0", b"\x1dV\x01", b"\x1dV1", b"\x1bi", b"\x1bm"])
def test_a_cut_without_feeding_goes_through_what_is_below_the_cutter(cut: bytes) -> None:
    rig = Rig()
    rig.send(b"text\n" + cut + b"text\n\x1bd\x06" + cut)
    assert [slip.cut_through for slip in rig.slips] == [True, False]
    assert rig.printer.mechanism.cuts_through_print == 1


@pytest.mark.parametrize("form", [65, 66, 97, 98, 103, 104])
def test_a_cut_that_feeds_does_not(form: int) -> None:
    rig = Rig()
    rig.send(b"text\n\x1dV" + bytes([form, 8]))
    assert not rig.slips[0].cut_through
    assert rig.slips[0].strips[-1].height == rig.printer.model.cutter_gap_dots + 8
    assert rig.slips[0].ending == ("partial" if form in (66, 98, 104) else "full")


def test_a_second_cut_on_the_spot_brings_no_slip() -> None:
    rig = Rig()
    rig.send(b"text\n" + CUT + b"\x1dV\x00\x1dV\x01")
    assert len(rig.slips) == 1


def test_the_slip_holds_exactly_the_bytes_executed_for_it() -> None:
    rig = Rig()
    first, second = INIT + b"one\n" + CUT, INIT + b"two\n\x1dv0\x00\x01\x00\x01\x00\xff" + CUT
    rig.send(first + second)
    assert [slip.data for slip in rig.slips] == [first, second]


def test_power_off_tears_the_slip_and_loses_the_rest() -> None:
    rig = Rig(speed=10)
    rig.send(b"\x1da\xff" + TEN_LINES + process_id("lost"))
    rig.reply = b""
    rig.at(100 + 3.5 * LINE_S)
    rig.printer.power_off(rig.now)
    rig.send(b"")
    assert rig.texts == ["line 0\nline 1\nline 2\n~~~ torn ~~~\n"]
    assert rig.slips[0].data == b"\x1da\xff" + b"line 0\nline 1\nline 2\n"
    assert (rig.printer.room, rig.printer.buffered) == (0, 0)
    rig.at(200.0)
    rig.printer.power_on(rig.now)
    rig.send(b"next\n" + CUT)
    rig.at(300.0)
    assert rig.texts[1:] == ["next\n"]
    assert rig.fault(near_end=True) == b"", "the automatic status is off after power-on"
    assert rig.reply == b""


def test_power_off_on_blank_paper_leaves_no_slip() -> None:
    rig = Rig()
    rig.send(b"\n\n")
    rig.printer.power_off(rig.now)
    rig.send(b"")
    assert rig.slips == []


def test_power_cycle_cures_electronics_but_not_paper() -> None:
    rig = Rig()
    rig.fault(broken=True, offline=True, paper_out=True)
    rig.printer.power_off(rig.now)
    rig.printer.power_on(rig.now)
    assert rig.printer.condition.words() == ["paper-out"]


def test_muted_it_prints_and_answers_nothing() -> None:
    rig = Rig()
    rig.send(b"\x1da\xff")
    rig.reply = b""
    rig.printer.mute(True, rig.now)
    rig.send(b"text\n" + CUT + process_id("abcd") + ASK_PAPER + b"\x10\x04\x01")
    assert rig.fault(near_end=True) == b""
    assert rig.reply == b""
    assert rig.texts == ["text\n"]
    rig.printer.mute(False, rig.now)
    assert rig.send(ASK_PAPER) == b"\x03"


STREAM = INIT + b"head\n\x1ba\x01mid\n\x1dv0\x00\x08\x00\x20\x00" + b"\x55" * 256 + b"\x1ba\x00\x1bd\x02tail\n" + CUT


@settings(max_examples=60, deadline=None)
@given(
    at=st.integers(0, len(STREAM)),
    fault=st.sampled_from(FAULTS),
    model=st.sampled_from(
        [name for name, model in MODELS.items() if model.language == "escpos" and not model.recovery.cover_clears]
    ),
    sizes=st.lists(st.integers(1, 60), min_size=1, max_size=8),
)
def test_wherever_a_fault_falls_the_slip_comes_out_whole(at: int, fault: str, model: str, sizes: list[int]) -> None:
    calm = Rig(model)
    calm.send(STREAM)
    rig = Rig(model, speed=50)
    rig.printer.arm("now", at, lambda: rig.set(**{fault: True}), rig.now)
    sent = 0
    while sent < len(STREAM):
        size = sizes[sent % len(sizes)]
        rig.send(STREAM[sent : sent + size])
        rig.at(rig.now + 0.01)
        sent += size
    rig.at(rig.now + 100)
    rig.fault(**{fault: False})
    rig.printer.press_feed(rig.now)
    rig.at(rig.now + 100)
    assert rig.slips == calm.slips
