"""posd broken on purpose, one guard at a time: the judge must see it, where the whole posd plays a case well."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from posd.desk import apply as fold
from posd.desk import runner
from posd.desk.messages import Print
from posd.desk.turn import Turn
from posd.domain import events as ev
from posd.printer import actor as acting
from posd.printer import follow as following
from posd.printer import probe
from posd.printer import ready as becoming
from posd.printer.actor import PrinterActor
from posd.printer.fence import Verdict, Watch
from posd.printer.link import Link
from posd.printer.memory import Abilities
from posd.printer.ready import Ready
from tests.faults import life
from tests.faults.case import Case
from tests.faults.judge import judge
from tests.faults.port import BenchPort
from tests.faults.world import play
from tests.property.test_desk_mutants import (
    effects_leave_before_they_are_durable,
    unknown_counts_as_failed,
    unknown_leaves_no_mark,
)

Break = Callable[[pytest.MonkeyPatch], None]
SEED = 1


def a_torn_piece_is_not_said_to_be_void(patch: pytest.MonkeyPatch) -> None:
    whole = fold._HANDLERS[ev.CopyFailed]
    patch.setitem(fold._HANDLERS, ev.CopyFailed, lambda state, e: whole(state, msgspec.structs.replace(e, torn=False)))


def drained_is_confirmed(patch: pytest.MonkeyPatch) -> None:
    def drained(self: Watch, _now_s: float) -> None:
        if self.complete and self.verdict is None:
            self.verdict = Verdict("printed", "confirmed", why="drained")

    patch.setattr(Watch, "drained", drained)


def every_failure_is_that_of_nothing(patch: pytest.MonkeyPatch) -> None:
    whole = Watch.ended

    def ended(self: Watch, cause: str) -> None:
        whole(self, cause)
        self.verdict = Verdict("failed", cause=cause)

    patch.setattr(Watch, "ended", ended)


def the_fence_goes_before_the_cut(patch: pytest.MonkeyPatch) -> None:
    whole = following.follow

    async def follow(link: Any, watch: Watch, data: bytes, *more: Any) -> Verdict:
        cut = data.rindex(b"\x1dV")
        fence = data.index(b"\x1d(H", cut)
        return await whole(link, watch, data[:cut] + data[fence:] + data[cut:fence], *more)

    patch.setattr(acting, "follow", follow)


def the_buffer_is_not_asked(patch: pytest.MonkeyPatch) -> None:
    async def probe(self: Ready, link: Any) -> bool:
        self._met(Abilities("process-id", True))
        return True

    patch.setattr(Ready, "_probe", probe)


def questions_are_taken_for_bytes_of_the_slip(patch: pytest.MonkeyPatch) -> None:
    whole = Link.real_time

    def real_time(self: Link, command: bytes) -> None:
        before = self.taken
        whole(self, command)
        self.taken = before

    patch.setattr(Link, "real_time", real_time)


def an_answer_to_an_older_question_counts(patch: pytest.MonkeyPatch) -> None:
    async def alone(link: Link, within_s: float) -> bool:
        return True

    patch.setattr(probe, "_alone", alone)


def a_cut_command_takes_a_question_for_its_size(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(becoming, "PADDING", b"")


def the_buffer_is_taken_for_the_paper(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Watch, "_reach", lambda self: self._prints("confirmed", self.kind))


def what_hangs_is_not_cut_off(patch: pytest.MonkeyPatch) -> None:
    async def cut_off_torn(self: PrinterActor, link: Any) -> bool:
        return True

    patch.setattr(PrinterActor, "_cut_off_torn", cut_off_torn)


def a_new_start_forgets_what_hangs(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(life, "may_hang", lambda state: False)


def a_slip_leaves_before_its_start_is_durable(patch: pytest.MonkeyPatch) -> None:
    whole = runner.Desk._decide

    def decide(self: runner.Desk, given: Any) -> None:
        whole(self, given)
        for held in self._held:
            for effect in [effect for effect in held.effects if isinstance(effect, Print)]:
                held.effects.remove(effect)
                self._perform(effect)

    patch.setattr(runner.Desk, "_decide", decide)


def what_the_line_holds_is_not_dropped(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(BenchPort, "discard", lambda self: self.bench.unsent)


def an_unplugged_printer_ends_no_job(patch: pytest.MonkeyPatch) -> None:
    whole = PrinterActor._finish

    def finish(self: PrinterActor, job: Any, verdict: Verdict, came_out: bytes = b"") -> None:
        if verdict.cause == "unplugged":
            self._job = self._watch = None
        else:
            whole(self, job, verdict, came_out)

    patch.setattr(PrinterActor, "_finish", finish)


def nobody_lists_what_is_unknown(patch: pytest.MonkeyPatch) -> None:
    whole = Turn.open_item

    def open_item(self: Turn, sale: Any, what: Any, *more: Any) -> None:
        if what != "unknown":
            whole(self, sale, what, *more)

    patch.setattr(Turn, "open_item", open_item)


# Where one case does not always show it, there are several.
BROKEN: list[tuple[str, Break, str]] = [
    ("originals", unknown_counts_as_failed, "plain/tm-80/kill/999/same"),
    ("originals", unknown_leaves_no_mark, "plain/tm-80/kill/999/same"),
    ("originals", a_torn_piece_is_not_said_to_be_void, "plain/tm-80@usb/busy/300/no"),
    ("state", drained_is_confirmed, "plain/tm-80@usb/power-late/990/no"),
    ("originals", every_failure_is_that_of_nothing, "plain/tm-80/unplug/900/no"),
    ("state", the_fence_goes_before_the_cut, "plain/tm-80@usb/cutter-power/960/no"),
    ("originals", questions_are_taken_for_bytes_of_the_slip, "plain/tm-80-no-asb/busy/454/no"),
    ("garbage", the_buffer_is_not_asked, "raster/tm-80@usb/unplug/2049/same"),
    ("garbage", an_answer_to_an_older_question_counts, "raster/tm-80-old/head-hot/782/later"),
    ("state", a_cut_command_takes_a_question_for_its_size, "raster/tm-80/kill/14/same"),
    ("state", the_buffer_is_taken_for_the_paper, "plain/clone-80/cutter-power/561/no"),
    ("garbage", what_hangs_is_not_cut_off, "plain/tm-80/box-power/700/same"),
    ("garbage", a_new_start_forgets_what_hangs, "plain/tm-80/box-power/700/same"),
    ("lost", effects_leave_before_they_are_durable, "plain/tm-80/kill/999/same"),
    ("originals", a_slip_leaves_before_its_start_is_durable, "plain/tm-80/kill/999/same"),
    ("originals", what_the_line_holds_is_not_dropped, "plain/tm-80@usb/busy/300/no"),
    ("ends", an_unplugged_printer_ends_no_job, "plain/tm-80/unplug/300/no"),
    ("lost", nobody_lists_what_is_unknown, "plain/tm-80/kill/900/same"),
]


@pytest.mark.parametrize(
    ("kind", "broken", "names"), BROKEN, ids=[f"{broken.__name__}-{kind}" for kind, broken, _ in BROKEN]
)
def test_the_judge_sees_what_is_broken(kind: str, broken: Break, names: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [Case.named(name) for name in names.split()]
    for case in cases:
        assert judge(play(case, SEED)) == [], f"whole, posd plays {case} without fault"
    broken(monkeypatch)
    seen = [violation for case in cases for violation in judge(play(case, SEED))]
    assert kind in {violation.kind for violation in seen}, seen


def test_a_stuck_command_is_flushed_before_the_questions_have_filled_it(monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case.named("raster/tm-80/unplug/1800/no")
    whole_s = play(case, SEED).seconds

    async def clean_up(self: Ready, link: Any) -> bool:
        return True

    monkeypatch.setattr(Ready, "_clean_up", clean_up)
    assert play(case, SEED).seconds > whole_s + 10


def test_another_body_is_seen() -> None:
    played = play(Case.named("plain/tm-80/cover/300/no"), SEED)
    copy = played.jobs[-1]
    assert copy.job.endswith("m1")
    played.jobs[-1] = msgspec.structs.replace(copy, data=copy.data.replace(b"9.00", b"8.00"))
    assert "body" in {violation.kind for violation in judge(played)}


def test_a_sale_that_is_gone_is_seen() -> None:
    played = play(Case.named("plain/tm-80/cover/300/no"), SEED)
    played.accepted.append("another")
    assert "lost" in {violation.kind for violation in judge(played)}


def test_a_job_without_an_outcome_is_seen() -> None:
    played = play(Case.named("plain/tm-80/cover/300/no"), SEED)
    played.outcomes[0] = None
    assert "ends" in {violation.kind for violation in judge(played)}
