"""Each law broken on purpose, one line at a time: the simulator must see it. A check that cannot fail shows nothing."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import msgspec
import pytest

from posd.desk import apply as fold
from posd.desk import (
    asking,
    bounds,
    casework,
    clock,
    policy,
    printing,
    reprints,
    room,
    runner,
    selftest,
    signing,
    slips,
    statistics,
)
from posd.desk.state import Copy, Sale, State
from posd.desk.turn import Turn
from posd.domain import events as ev
from posd.domain.doer import POSD, Doer
from posd.domain.slip import CopyName
from tests.property.laws import Violation
from tests.property.shop_world import Disk
from tests.property.simulator import run

Break = Callable[[pytest.MonkeyPatch], None]


def effects_leave_before_they_are_durable(patch: pytest.MonkeyPatch) -> None:
    whole = runner.Desk._decide

    def decide(self: runner.Desk, given: Any) -> None:
        whole(self, given)
        self.durable(1 << 60)

    patch.setattr(runner.Desk, "_decide", decide)


def answers_leave_before_they_are_durable(patch: pytest.MonkeyPatch) -> None:
    whole = runner.Desk._decide

    def decide(self: runner.Desk, given: Any) -> None:
        whole(self, given)
        for held in self._held:
            for effect in held.effects:
                if isinstance(effect, runner.Reply):
                    self._perform(effect)

    patch.setattr(runner.Desk, "_decide", decide)


def events_are_published_twice(patch: pytest.MonkeyPatch) -> None:
    whole = runner.Desk.durable

    def durable(self: runner.Desk, seq: int) -> None:
        for held in list(self._held)[:1]:
            if held.barrier <= seq and held.events:
                self._publish(held.barrier, held.events[-1])
        whole(self, seq)

    patch.setattr(runner.Desk, "durable", durable)


def unknown_leaves_no_mark(patch: pytest.MonkeyPatch) -> None:
    whole = fold._HANDLERS[ev.CopyUnknown]

    def unknown(state: Any, event: Any) -> None:
        whole(state, event)
        sale = state.sales[event.id]
        sale.tainted = frozenset()
        for copy in sale.copies:
            copy.possible = False

    patch.setitem(fold._HANDLERS, ev.CopyUnknown, unknown)


def unknown_counts_as_failed(patch: pytest.MonkeyPatch) -> None:
    def failed(turn: Turn, sale: Any, copy: Copy, cause: str, blame: Any) -> None:
        fields = {"id": sale.id, "copy": copy.name, "number": copy.number, "job": copy.job}
        turn.record(ev.CopyFailed(time=turn.now.ms, doer=turn.doer, cause=cause, **fields))
        turn.open_item(sale, "unprinted", blame, cause, copy.name, copy.number)

    patch.setattr(printing, "unknown", failed)


def settled_as_not_printed_goes_without_a_mark(patch: pytest.MonkeyPatch) -> None:
    whole = fold._HANDLERS[ev.CopySettled]

    def settled(state: Any, event: Any) -> None:
        whole(state, event)
        state.sales[event.id].copy(event.copy, event.number).possible = False

    patch.setitem(fold._HANDLERS, ev.CopySettled, settled)


def a_printed_copy_is_released_again(patch: pytest.MonkeyPatch) -> None:
    whole = fold._HANDLERS[ev.CopyPrinted]

    def printed(state: Any, event: Any) -> None:
        whole(state, event)
        if event.number == 0 and state.seq % 40 == 0:
            copy = state.sales[event.id].copy(event.copy, 0)
            copy.state = "queued"
            state.owed[copy.job] = state.unlisted[copy.job] = (event.id, event.copy, 0)

    patch.setitem(fold._HANDLERS, ev.CopyPrinted, printed)


def exceptions_of(kind: str) -> Break:
    """No exception of this kind is ever opened."""

    def without(patch: pytest.MonkeyPatch) -> None:
        whole = Turn.open_item

        def open_item(self: Turn, sale: Any, what: Any, *more: Any) -> None:
            if what != kind:
                whole(self, sale, what, *more)

        patch.setattr(Turn, "open_item", open_item)

    return without


def exceptions_are_closed_too_early(patch: pytest.MonkeyPatch) -> None:
    whole = signing.begin

    def begin(turn: Turn, sale: Any, *more: Any) -> Any:
        turn.close_item(sale, "unsigned", "is being signed")
        for copy in sale.copies:
            turn.close_item(sale, "unprinted", "soon", copy.name, copy.number)
        return whole(turn, sale, *more)

    patch.setattr(signing, "begin", begin)


def released_but_not_forgotten(patch: pytest.MonkeyPatch) -> None:
    def make(self: room.Room, state: State, *, carry: bool = True) -> None:
        owed = next((sale.seq for sale in state.sales.values() if sale.owed), state.seq)
        self._ledger.release(owed)
        fold.forget(state, self._ledger.first_kept())

    patch.setattr(room.Room, "make", make)


def stuck_but_not_carried(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Disk, "carry", lambda self, seqs, first_owed: self.release(first_owed) or True)


def a_body_is_made_anew(patch: pytest.MonkeyPatch) -> None:
    whole = slips.original_body

    def anew(turn: Turn, sale: Sale, name: CopyName) -> tuple[bytes | None, str]:
        body, made_for = whole(turn, sale, name)
        return None if body is None else body + b"anew\n", made_for

    patch.setattr(slips, "original_body", anew)


def a_signature_is_bound_to_another_digest(patch: pytest.MonkeyPatch) -> None:
    rewriting(patch, ev.SignatureCaptured, lambda e: msgspec.structs.replace(e, digest="0" * 64))


def a_signature_goes_to_the_newest_sale(patch: pytest.MonkeyPatch) -> None:
    whole = signing.outcome

    def outcome(turn: Turn, message: Any) -> None:
        signed = turn.state.signing
        if signed is not None and turn.state.awaiting:
            turn.state.signing = signed._replace(sale=next(reversed(turn.state.awaiting)))
        whole(turn, message)

    patch.setattr(signing, "outcome", outcome)


def the_slip_shows_the_newest_drawing_of_all(patch: pytest.MonkeyPatch) -> None:
    whole, seen = slips.signing, []

    def shown(turn: Turn, sale: Any, name: Any) -> Any:
        result = whole(turn, sale, name)
        if result.drawing is None:
            return result
        seen.append(result.drawing)
        return msgspec.structs.replace(result, drawing=seen[len(seen) // 2])

    patch.setattr(slips, "signing", shown)


def doer_is(doer: Doer, *kinds: type) -> Break:
    """Events of these kinds are recorded in another's name."""

    def rewrite(patch: pytest.MonkeyPatch) -> None:
        for kind in kinds:
            rewriting(patch, kind, lambda e: msgspec.structs.replace(e, doer=doer))

    return rewrite


def rewriting(patch: pytest.MonkeyPatch, kind: type, change: Callable[[Any], Any]) -> None:
    whole = Turn.record

    def record(self: Turn, event: Any) -> int:
        return whole(self, change(event) if isinstance(event, kind) else event)

    patch.setattr(Turn, "record", record)


def sales_wait_for_a_pad_that_is_away(patch: pytest.MonkeyPatch) -> None:
    whole = signing.schedule

    def schedule(turn: Turn) -> None:
        if turn.ready("pad"):
            whole(turn)

    patch.setattr(signing, "schedule", schedule)


def a_failed_copy_never_goes_again(patch: pytest.MonkeyPatch) -> None:
    whole = fold._HANDLERS[ev.CopyFailed]

    def failed(state: Any, event: Any) -> None:
        whole(state, event)
        state.hold_until_mono_ms = 1 << 60

    patch.setitem(fold._HANDLERS, ev.CopyFailed, failed)


def another_copy_is_promised_than_the_one_that_is_kept(patch: pytest.MonkeyPatch) -> None:
    whole = reprints.reprint

    def reprint(turn: Turn, sale: Any, ask: Any, **more: Any) -> Any:
        made = whole(turn, sale, ask, **more)
        return made if isinstance(made, str) else msgspec.structs.replace(made, number=made.number + 1)

    patch.setattr(reprints, "reprint", reprint)


def a_torn_piece_is_not_said_to_be_void(patch: pytest.MonkeyPatch) -> None:
    whole = fold._HANDLERS[ev.CopyFailed]
    patch.setitem(fold._HANDLERS, ev.CopyFailed, lambda state, e: whole(state, msgspec.structs.replace(e, torn=False)))


def a_self_test_goes_again(patch: pytest.MonkeyPatch) -> None:
    whole = selftest._record

    def record(turn: Turn, job: str, state: Any, **more: Any) -> None:
        whole(turn, job, "queued" if state == "printed" else state, **more)

    patch.setattr(selftest, "_record", record)


def a_self_test_never_goes(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(selftest, "schedule", lambda turn: None)
    patch.setattr(selftest, "hold_stale", lambda turn: None)


def what_may_have_come_out_is_not_counted(patch: pytest.MonkeyPatch) -> None:
    whole = statistics.outcome

    def outcome(turn: Turn, message: Any) -> None:
        if message.state != "unknown":
            whole(turn, message)

    patch.setattr(statistics, "outcome", outcome)


def counts_are_never_recorded(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(statistics, "save", lambda turn: None)


def refusals_beyond_the_bound_are_dropped(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(bounds, "WHOLE_MAX", 2)
    whole = bounds.refused

    def refused(turn: Turn, kind: Any) -> bool:
        recorded = whole(turn, kind)
        assert turn.state.refusals is not None
        turn.state.refusals.more.clear()
        return recorded

    patch.setattr(bounds, "refused", refused)


def the_cancel_key_withdraws_what_others_asked_for(patch: pytest.MonkeyPatch) -> None:
    whole = reprints.cancel_newest

    def cancel_newest(turn: Turn) -> bool:
        waiting = [(copy, copy.asked) for _, copy in turn.state.waiting()]
        for copy, asked in waiting:
            copy.asked = asked and asked._replace(doer=turn.doer)
        done = whole(turn)
        for copy, asked in waiting:
            copy.asked = asked
        return done

    patch.setattr(reprints, "cancel_newest", cancel_newest)


def every_clock_is_believed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(clock, "_fits", lambda ms, expected, within: True)


def no_supervisor_is_needed(patch: pytest.MonkeyPatch) -> None:
    whole = policy.terms
    patch.setattr(policy, "terms", lambda *given, approved=False: whole(*given, approved=True))


def an_approval_counts_again(patch: pytest.MonkeyPatch) -> None:
    whole, kept = asking.find, {}

    def find(state: State, request: str) -> Any:
        if request in kept:
            state.asking.setdefault(request, kept[request])
        kept[request] = whole(state, request)
        return kept[request]

    patch.setattr(asking, "find", find)


def copies_are_not_counted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(policy, "counted", lambda sale, name: [])


def a_forged_request_is_not_recorded(patch: pytest.MonkeyPatch) -> None:
    whole = reprints._record
    patch.setattr(reprints, "_record", lambda turn, sale_id, *more: whole(turn, sale_id, *more) if sale_id else None)


def what_failed_goes_to_the_end(patch: pytest.MonkeyPatch) -> None:
    def owe_again(state: State, sale: Any, copy: Copy) -> None:
        state.owed[copy.job] = (sale.id, copy.name, copy.number)

    patch.setattr(fold, "_owe_again", owe_again)


def reprints_go_first(patch: pytest.MonkeyPatch) -> None:
    whole = printing._next

    def following(turn: Turn) -> Any:
        return next(((sale, copy) for sale, copy in turn.state.waiting() if copy.number), None) or whole(turn)

    patch.setattr(printing, "_next", following)


def a_person_closes_what_is_open(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(casework, "facts_open", lambda *_: "")


def an_event_bears_another_operator(patch: pytest.MonkeyPatch) -> None:
    whole = Turn.record

    def record(self: Turn, event: Any) -> int:
        if isinstance(event, ev.CopyPrinted):
            event = msgspec.structs.replace(event, doer=msgspec.structs.replace(event.doer, operator="99"))
        return whole(self, event)

    patch.setattr(Turn, "record", record)


BROKEN: list[tuple[int, Break]] = [
    (0, what_failed_goes_to_the_end),
    (0, reprints_go_first),
    (0, no_supervisor_is_needed),
    (0, an_approval_counts_again),
    (0, copies_are_not_counted),
    (3, a_forged_request_is_not_recorded),
    (1, effects_leave_before_they_are_durable),
    (1, answers_leave_before_they_are_durable),
    (1, events_are_published_twice),
    (1, released_but_not_forgotten),
    (1, stuck_but_not_carried),
    (1, another_copy_is_promised_than_the_one_that_is_kept),
    (2, unknown_leaves_no_mark),
    (2, unknown_counts_as_failed),
    (2, settled_as_not_printed_goes_without_a_mark),
    (2, a_printed_copy_is_released_again),
    (3, exceptions_of("unprinted")),
    (3, exceptions_of("unknown")),
    (3, exceptions_of("unsigned")),
    (3, exceptions_are_closed_too_early),
    (3, a_failed_copy_never_goes_again),
    (3, a_person_closes_what_is_open),
    (8, an_event_bears_another_operator),
    (2, a_torn_piece_is_not_said_to_be_void),
    (2, a_self_test_goes_again),
    (9, a_self_test_never_goes),
    (3, what_may_have_come_out_is_not_counted),
    (3, counts_are_never_recorded),
    (3, refusals_beyond_the_bound_are_dropped),
    (3, every_clock_is_believed),
    (8, the_cancel_key_withdraws_what_others_asked_for),
    (4, a_body_is_made_anew),
    (5, a_signature_is_bound_to_another_digest),
    (5, a_signature_goes_to_the_newest_sale),
    (5, the_slip_shows_the_newest_drawing_of_all),
    (8, doer_is(POSD, ev.TransactionAccepted)),
    (8, doer_is(Doer(kind="peer"), ev.CopySettled, ev.ReprintRequested)),
    (8, doer_is(POSD, ev.SignatureCaptured)),
    (9, sales_wait_for_a_pad_that_is_away),
]


@pytest.mark.parametrize(
    ("law", "broken"), BROKEN, ids=[f"law{law}-{b.__name__}-{i}" for i, (law, b) in enumerate(BROKEN)]
)
def test_the_simulator_sees_that_a_law_is_broken(law: int, broken: Break, monkeypatch: pytest.MonkeyPatch) -> None:
    broken(monkeypatch)
    seen: list[Violation] = []
    for seed in range(24):
        found = violation_of(seed)
        if found is not None:
            seen.append(found)
            if found.law == law:
                return
    raise AssertionError(f"law {law} was broken, and this was seen: {seen}")


def violation_of(seed: int) -> Violation | None:
    try:
        run(Random(seed), sales=250, ring=(800, 400)[seed % 2], rest_every=100)
    except Violation as violation:
        return violation
    return None
