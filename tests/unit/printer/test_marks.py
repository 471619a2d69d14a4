"""Marks inside a slip: where they stand, what of their answers is missed, and a printer that was without power for a
moment. Letters are those of the table in fence.py.
"""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.bench import Bench as World
from hwsim.printer.models import model_for
from posd.config import PrinterSection
from posd.domain.device import Bitmap, DeviceReport, PrintJob, PrintOutcome, PrintStarted
from posd.printer.actor import PrinterActor
from posd.printer.encode import Encoder
from posd.printer.fence import LAG_S, Fence, FenceKind, Limits, Verdict, Watch, process_id, request
from posd.printer.link import ANSWERS_MAX
from posd.printer.marks import LINES_MAX, MARGIN_S, MARKS_MAX, marked
from posd.printer.paper import Code, Cut, Gap, Line, Picture
from posd.printer.raster import raster
from posd.printer.tally import AWAY_S, Marked
from tests.faults.clock import BenchLoop
from tests.faults.port import BenchOpener

LINE_BYTES_S = 11520.0
LIMITS = Limits(stall_s=60.0, allowed_s=60.0, answer_s=4.0, quiet_s=6.0)
FENCE = process_id(5000)
LOST = Verdict("unknown", cause="no-answer")
KINDS: tuple[FenceKind, ...] = ("process-id", "paper-status")


def numbers() -> Iterator[int]:
    return itertools.count(1000)


def of(data: bytes, kind: FenceKind = "process-id") -> Marked:
    return marked(data, kind, numbers().__next__, LINE_BYTES_S)


def pieces(slip: Marked) -> list[bytes]:
    """What stands between the marks."""
    places = [0, *(mark.place for mark in slip.marks)]
    whole = without_marks(slip)
    return [whole[at:end] for at, end in zip(places, [*places[1:], None], strict=True)]


def without_marks(slip: Marked) -> bytes:
    out, at = b"", 0
    for mark in slip.marks:
        size = len(request("process-id" if mark.answer else "paper-status", mark.answer))
        out, at = out + slip.data[at : mark.end - size], mark.end
    return out + slip.data[at:]


def a_slip() -> bytes:
    encoder = Encoder("TM-T88V", 80)
    lines = [Line(f"{number:3} tea \u4e4c\u9f99\u8336", bold=number % 3 == 0) for number in range(62)]
    return encoder.reset() + encoder.encode(
        [
            Picture(Bitmap(576, 100, bytes(range(72)) * 100)),
            *lines,
            Gap(10),
            Code("https://example.org/\n\n\n\n\n"),
            *lines,
            Gap(10),
            Cut(),
        ]
    )


def test_what_only_tells_of_a_code_to_come_takes_no_time() -> None:
    encoder = Encoder("TM-T88V", 80)
    head = encoder.encode([Line("tea")])
    code = encoder.encode([Code("https://example.org/")])
    told = code[: code.index(b"1Q0") - len(b"\x1d(k\x03\x00")]
    assert of(head + told).tail_s - of(head).tail_s == pytest.approx(len(told) / LINE_BYTES_S, abs=0.05)
    assert of(head + code).tail_s - of(head).tail_s >= 0.0
    assert any(mark.place == len(head + told) for mark in of(head + code + head).marks), "before it is drawn"


# where they stand


@pytest.mark.parametrize("kind", KINDS)
def test_marks_stand_where_a_command_may_begin(kind: FenceKind) -> None:
    slip = of(a_slip(), kind)
    assert len(slip.marks) > 12
    assert without_marks(slip) == a_slip()
    for piece in pieces(slip)[:-1]:
        band = re.search(rb"\x1dv0\x00(.)\x00(.)\x00", piece, re.DOTALL)
        whole_band = band is not None and len(piece) - band.end() >= band[1][0] * band[2][0]
        ends = piece.endswith((b"\n", b"\x1d(k\x03\x001Q0")) or b"\x1bJ" in piece[-6:] or whole_band
        assert ends, piece


def test_one_stands_before_what_takes_long() -> None:
    slow = [piece for piece in pieces(of(a_slip())) if b"\x1d(k\x03\x001Q0" in piece or b"\x1dV" in piece]
    assert [piece.startswith((b"\x1d(k", b"\x1dV")) for piece in slow] == [True, True]


@pytest.mark.parametrize("kind", KINDS)
def test_they_cost_at_most_four_percent_of_a_long_slip_of_usual_lines(kind: FenceKind) -> None:
    data = b"".join(b"%-40d\n" % number for number in range(1000))
    assert len(data) * 1.04 >= len(of(data, kind).data) > len(data)


def test_never_more_than_the_link_can_hold_answers_of() -> None:
    slip = of(b"\n" * 400_000)
    assert MARKS_MAX // 2 < len(slip.marks) <= ANSWERS_MAX - 2
    assert len(of(a_slip() * 60, "paper-status").marks) <= ANSWERS_MAX - 2


def test_no_piece_takes_as_long_as_a_printer_that_begins_anew() -> None:
    band = b"\x1dv0\x00\x30\x00\x18\x00" + b"\xff" * (0x30 * 0x18)
    code = b"\x1d(k\x03\x001Q0"
    slip = of((b"a line of text\n" * 7 + b"\x1bJ\x28" + band + band + code + b"the last line\n") * 9)
    assert len(slip.marks) > 20
    assert max(mark.within_s for mark in slip.marks) < 2.0


def test_none_behind_a_command_that_is_not_known() -> None:
    lines = b"a line of text\n" * LINES_MAX
    slip = of(lines + b"\x1b\x7f\x0a" + lines * 5)
    assert [mark.place for mark in slip.marks] == [len(lines)]


def test_no_line_feed_inside_a_command_ends_a_line() -> None:
    settings_ = b"\x1bt\x0a\x1bR\x00\x1bR\x0a\x1dh\x0a\x1bJ\x0a"
    slip = of((settings_ + b"text\n") * 40)
    assert slip.marks
    for piece in pieces(slip)[:-1]:
        assert piece.endswith((b"text\n", b"\x1bJ\x0a"))


@pytest.mark.parametrize("kind", ["star-document", "star-counter", "none"])
def test_other_fences_need_or_have_none(kind: FenceKind) -> None:
    assert of(a_slip(), kind) == Marked(a_slip())


def test_ids_ascend() -> None:
    ids = [mark.answer for mark in of(a_slip()).marks]
    assert ids == sorted(set(ids))


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=600)
    | st.lists(st.sampled_from([b"\x1b", b"\x1d", b"\n", b"v0", b"(k", b"\x0a\x00", b"ab"]), max_size=200).map(b"".join)
)
def test_any_bytes_are_only_added_to(data: bytes) -> None:
    slip = of(data * 5, "paper-status")
    assert without_marks(slip) == data * 5
    assert all(slip.came(slip.sent(count)) == count for count in range(len(data) * 5 + 1))


def test_bytes_of_a_mark_are_none_of_the_slip() -> None:
    slip = of(b"a line of text\n" * 40)
    first, second = slip.marks[:2]
    assert {slip.came(sent) for sent in range(first.end - 11, first.end + 1)} == {first.place}
    assert slip.sent(first.place) == first.end - 11
    assert slip.sent(first.place + 1) == first.end + 1
    assert slip.came(second.end) == second.place


# what is missed


class Followed:
    """A job of which all is taken at 0, looked at every tenth of a second."""

    def __init__(self, kind: FenceKind = "process-id", taken: int | None = None) -> None:
        self.slip = of(b"a line of forty characters and no more..\n" * 60, kind)
        answer = FENCE if kind == "process-id" else b""
        self.length = len(self.slip.data) + len(request(kind, answer))
        self.watch = Watch(Fence(kind, answer, b""), self.length, LIMITS, 0.0, slip=self.slip)
        self.now_s = 0.0
        self.watch.took(self.length if taken is None else taken, 0.0)

    def wait(self, seconds: float) -> None:
        for _ in range(round(seconds * 10)):
            self.now_s += 0.1
            self.watch.turn(self.now_s)
            self.watch.tick(self.now_s)

    def answer(self, *numbers: int) -> Followed:
        for number in numbers:
            if self.slip.marks[0].answer:
                self.watch.completed([*(mark.answer for mark in self.slip.marks), FENCE][number])
            else:
                self.watch.answered(paper_end=False)
                self.follow()
        return self

    def follow(self) -> None:
        """Behind the fence's answer the paper follows."""
        if self.watch.reached:
            self.watch.heard((), self.now_s + LAG_S)

    @property
    def count(self) -> int:
        return len(self.slip.marks)


@pytest.mark.parametrize("kind", KINDS)
def test_e_every_mark_and_the_fence_answered(kind: FenceKind) -> None:
    job = Followed(kind)
    assert job.count >= 5
    for number in range(job.count + 1):
        assert job.watch.verdict is None
        job.wait(0.5)
        job.answer(number)
    assert job.watch.verdict == Verdict("printed", "confirmed", why=kind)


def test_p_a_mark_that_is_missed_when_a_later_one_is_answered() -> None:
    assert Followed().answer(0, 1, 3).watch.verdict == LOST
    assert Followed().answer(1).watch.verdict == LOST


def test_p_a_mark_that_is_missed_when_the_fence_is_answered() -> None:
    job = Followed()
    assert job.answer(*range(job.count - 1), job.count).watch.verdict == LOST


def test_p_under_a_fault_too() -> None:
    job = Followed().answer(0)
    job.watch.heard(("paper-end",), 0.1)
    job.watch.heard((), 0.2)
    assert job.answer(2).watch.verdict == LOST


def test_p_gs_r_answers_that_are_too_few_are_silence() -> None:
    job = Followed("paper-status")
    job.answer(*range(job.count))
    assert job.watch.verdict is None
    job.wait(60.2)
    assert job.watch.verdict == LOST


def test_p_an_answer_that_comes_twice_is_none() -> None:
    job = Followed().answer(0, 1, 1, 0, 2)
    assert job.watch.verdict is None


def test_f_an_answer_to_gs_r_before_its_mark_was_sent_counts_for_nothing() -> None:
    job = Followed("paper-status", taken=10)
    job.answer(0)
    job.watch.took(job.length - 10, 0.0)
    job.answer(*range(job.count))
    assert job.watch.verdict is None
    job.answer(job.count)
    assert job.watch.verdict == Verdict("printed", "confirmed", why="paper-status")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("late", [0, 2, "fence"])
def test_q_an_answer_that_comes_too_late(kind: FenceKind, late: int | str) -> None:
    for more_s, verdict in ((-0.15, None), (0.15, LOST)):
        job = Followed(kind)
        number = job.count if late == "fence" else int(late)
        job.answer(*range(number))
        within_s = job.slip.tail_s if late == "fence" else job.slip.marks[number].within_s
        assert MARGIN_S < within_s < 2.0  # what a printer takes to begin anew
        job.wait(within_s + more_s)
        job.answer(number)
        assert job.watch.verdict == (
            verdict if late != "fence" or verdict else Verdict("printed", "confirmed", why=kind)
        )


def test_r_a_fault_explains_it() -> None:
    job = Followed().answer(0)
    job.watch.heard(("cover-open",), 0.1)
    for _ in range(10):
        job.wait(3.0)
        job.watch.heard(("cover-open",), job.now_s)
    job.watch.heard((), job.now_s)
    job.answer(1, 2)
    assert job.watch.verdict is None
    job.wait(5.0)  # that fault explains nothing any more
    assert job.answer(3).watch.verdict == LOST


def test_r_a_fault_that_still_stands_explains_the_next_one_too() -> None:
    job = Followed().answer(0)
    job.watch.heard(("cover-open",), 0.1)
    job.answer(1)  # was on its way
    job.wait(3.5)
    job.watch.heard((), job.now_s)
    assert job.answer(2).watch.verdict is None


def test_r_posd_was_held_up() -> None:
    job = Followed().answer(0)
    job.now_s = 30.0
    job.watch.turn(job.now_s)
    job.answer(*range(1, job.count + 1))
    assert job.watch.verdict == Verdict("printed", "confirmed", why="process-id")
    job = Followed().answer(0)
    for _ in range(40):  # one that looks often enough was not
        job.now_s += AWAY_S - 0.05
        job.watch.turn(job.now_s)
    assert job.answer(1).watch.verdict == LOST


def test_k_a_mark_answered_with_paper_end_is_a_mark() -> None:
    job = Followed("paper-status")
    for _ in range(job.count):
        job.watch.answered(paper_end=True)
    job.answer(job.count)
    assert job.watch.verdict == Verdict("printed", "confirmed", why="paper-status")


# a printer on a bench that is without power for a moment

SLIP = b"\x1b@" + b"".join(b"%4d a line of the slip, and a bit more\n" % number for number in range(40)) + b"\x1dVA\x00"
PICTURE = b"\x1b@" + raster(Bitmap(576, 96, bytes(range(255, 39, -1)) * 32)) + SLIP[2:]
NEXT = b"\x1b@the next slip\n\x1dVA\x00"


def printed(model: str, slip: bytes, at: int | None) -> tuple[list[PrintOutcome], list[str]]:
    """The outcomes of `slip` and NEXT, and what is on each paper; the power fails when `at` bytes have come in."""
    world = World(model_for(model), speed=150.0, rate=LINE_BYTES_S)
    opener = BenchOpener(world)
    outcomes: list[PrintOutcome] = []
    reports: list[DeviceReport] = []

    def hear(message: DeviceReport | PrintStarted | PrintOutcome) -> None:
        if isinstance(message, PrintOutcome):
            outcomes.append(message)
        elif isinstance(message, DeviceReport):
            reports.append(message)

    async def until(met: object) -> None:
        for _ in range(3000):
            if met():  # type: ignore[operator]
                return
            await asyncio.sleep(0.05)
        raise AssertionError((outcomes, reports))

    async def run() -> None:
        actor = PrinterActor(PrinterSection(device="/dev/bench"), hear)
        actor._opener = opener  # type: ignore[assignment]
        task = asyncio.create_task(actor.run())
        for job, data in (("j1", slip), ("j2", NEXT)):
            await until(lambda: reports and reports[-1].state == "ready")
            if job == "j1" and at is not None:
                world.printer.arm("now", at, lambda: world.do("reboot"), world.now, received=True)
            actor.submit(PrintJob(job, data))
            await until(lambda job=job: outcomes and outcomes[-1].job == job)
        await asyncio.sleep(5.0)  # GS r is answered ahead of the paper
        await actor.close()
        await asyncio.wait((task,))

    loop = BenchLoop(world, lambda: opener.port is not None and opener.port.news())
    try:
        loop.run_until_complete(run())
    finally:
        loop.close()
    return outcomes, [paper.text for paper in world.papers]


@pytest.mark.parametrize("slip", [SLIP, PICTURE], ids=["text", "picture"])
@pytest.mark.parametrize("model", ["tm-80", "tm-80-no-asb", "tm-80-old", "clone-80", "basic-58"])
def test_no_slip_of_which_a_part_was_lost_is_printed(model: str, slip: bytes) -> None:
    (healthy, _), papers = printed(model, slip, None)
    assert (healthy.state, healthy.proof) == ("printed", "confirmed")
    whole = papers[0]
    assert "39 a line" in whole
    for at in range(3, len(slip), 181):
        (first, second), papers = printed(model, slip, at)
        if first.state == "printed":
            assert whole in papers, at
        else:
            assert first.cause == "no-answer", at
        assert second.state == "printed", at
        assert "the next slip" in [paper.strip() for paper in papers], (at, papers)
