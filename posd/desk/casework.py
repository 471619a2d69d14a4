"""What people do about the exceptions: notes, who has to act, what is let be, what is over; and the sweep.

Rules
- Whether an exception is over is a matter of facts (`facts_open`): the copy came out, the signature is there. A person
  closes only what the facts have settled; a supervisor may let be what they have not.
- What was let be is owed no more: it may leave the journal for the archive. A copy that still waits prints all the
  same, and whatever becomes of it is recorded as ever.
- A deadline runs in trusted time, by what was configured when it was opened; one that is over is told once
  (`exception.overdue`).
- The sweep compares every transaction with the list, at start, when a shift changes, and daily: what is open and on no
  list is listed, what is settled and still listed is closed. That it ran is recorded, once it was through all of them.
  It needs room in the journal, and waits for it. Very many transactions are looked at in several goes, the newest
  first, so that nobody waits for it: before a handover the first of them, which has what came in this shift.
"""

from __future__ import annotations

import re
from heapq import heappop
from typing import Literal

from posd.config import ExceptionsSection
from posd.desk import queries, reprints
from posd.desk.case_state import NOTES_MAX, OpenItem, Sweep
from posd.desk.ports import Now
from posd.desk.state import Sale, State
from posd.desk.turn import Turn
from posd.domain import events as ev
from posd.domain import views
from posd.domain.errors import Refusal
from posd.domain.requests import ExceptionAssign, ExceptionClose, ExceptionEscalate, ExceptionNote, ExceptionWaive
from posd.domain.signature import Cause
from posd.domain.slip import CopyName

SWEEP_MS = 86_400_000
AT_ONCE_MAX = 100
"""So many exceptions are opened, closed or told to be overdue in one decision; the others in the next."""
SALES_AT_ONCE = 2000
"""So many transactions a sweep looks at in one decision, ten milliseconds or so; the others in the next."""
SLIPPED = "it was open and on no list"
SETTLED = "the facts had settled it"
_PERSONAL = re.compile(r"(?:[0-9][ ()./+-]{0,2}){7,}|\S@\S")
"""A row of seven digits or more (a telephone, an identity card), or an address of mail."""

REQUESTS = (ExceptionNote, ExceptionAssign, ExceptionEscalate, ExceptionWaive, ExceptionClose)

About = tuple[ev.ExceptionKind, CopyName | None, int | None]


def facts_open(sale: Sale, kind: ev.ExceptionKind, copy: CopyName | None, number: int | None) -> str:
    """What of it is still open by the facts, in a stable word: the state of its copy or signature; empty: nothing."""
    if kind in ("unsigned", "wrong-signature"):
        return sale.signature.state if sale.signature_open else ""
    found = sale.copy(copy, number) if copy is not None and number is not None else None
    if found is None or not sale.copy_open(found):
        return ""
    return found.state if (found.state == "unknown") == (kind == "unknown") else ""


def open_facts(sale: Sale) -> dict[About, tuple[Cause, str]]:
    """What of a sale belongs on the list, as it is now: with its cause and a word of detail. A copy that simply waits
    does not: it is listed once the printer cannot.
    """
    found: dict[About, tuple[Cause, str]] = {}
    for copy in sale.copies:
        if copy.state == "unknown" and sale.copy_open(copy):
            found["unknown", copy.name, copy.number] = ("system", copy.cause or SLIPPED)
        elif copy.state == "failed":
            found["unprinted", copy.name, copy.number] = ("system", copy.cause or SLIPPED)
    if sale.signature.state == "missing":
        found["unsigned", None, None] = (sale.signature.cause or "system", SLIPPED)
    elif sale.signature.state == "voided":
        found["wrong-signature", None, None] = ("system", SLIPPED)
    return found


def note(turn: Turn, request: ExceptionNote) -> views.ExceptionView:
    """`exception.note`: what was done about it."""
    content, used = reprints.used(turn, "note", request)
    item = _item(turn.state, request.id)
    if used is None:
        _still_open(item)
        _fit_to_keep(turn.rules.exceptions, request)
        if len(item.notes) >= NOTES_MAX:
            raise Refusal(
                "too-large", f"{item.id} has {NOTES_MAX} notes already. Nothing was changed; escalate or waive it."
            )
        turn.need_room("plenty")
        turn.record(
            ev.ExceptionNoted(
                time=turn.now.ms,
                doer=turn.doer,
                id=item.id,
                transaction=item.transaction,
                note=request.note,
                channel=request.channel,
                outcome=request.outcome,
                key=request.key,
                content=content,
            )
        )
    return queries.item_view(item)


def assign(turn: Turn, request: ExceptionAssign) -> views.ExceptionView:
    """`exception.assign`: who has to act."""
    item = _item(turn.state, request.id)
    _still_open(item)
    if item.role != request.role:
        turn.need_room("plenty")
        turn.record(
            ev.ExceptionAssigned(
                time=turn.now.ms, doer=turn.doer, id=item.id, transaction=item.transaction, role=request.role
            )
        )
    return queries.item_view(item)


def escalate(turn: Turn, request: ExceptionEscalate) -> views.ExceptionView:
    """`exception.escalate`: a supervisor has to act."""
    item = _item(turn.state, request.id)
    _still_open(item)
    if not item.escalated:
        turn.need_room("plenty")
        turn.record(
            ev.ExceptionEscalated(
                time=turn.now.ms, doer=turn.doer, id=item.id, transaction=item.transaction, reason=request.reason
            )
        )
    return queries.item_view(item)


def waive(turn: Turn, request: ExceptionWaive) -> views.ExceptionView:
    """`exception.waive`: a supervisor lets it be."""
    item = _item(turn.state, request.id)
    if item.state != "waived":
        _still_open(item)
        sale = turn.state.sales[item.transaction]
        if sale.signature.state == "awaiting" and item.copy is None:
            raise Refusal("busy", f"The signature for {item.id} is being taken now. Nothing was changed; wait for it.")
        turn.need_room("reserve")
        turn.record(
            ev.ExceptionWaived(
                time=turn.now.ms, doer=turn.doer, id=item.id, transaction=item.transaction, reason=request.reason
            )
        )
    return queries.item_view(item)


def close(turn: Turn, request: ExceptionClose) -> views.ExceptionView:
    """`exception.close`: only what the facts have settled. posd closes it by itself then; this says so, or why not."""
    item = _item(turn.state, request.id)
    if item.state == "open":
        sale = turn.state.sales[item.transaction]
        still = facts_open(sale, item.kind, item.copy, item.number)
        if still:
            what = f"the {item.copy} copy {item.number}" if item.copy is not None else "the signature"
            raise Refusal(
                "conflict",
                f"{item.id} is not settled ({what}: {still}). Nothing was changed; print, sign or settle it, or have a "
                "supervisor waive it.",
                field="id",
            )
        turn.need_room("reserve")
        turn.close_item(sale, item.kind, SETTLED, item.copy, item.number)
    return queries.item_view(item)


def tick(turn: Turn) -> None:
    """Tell of deadlines that are over, and sweep when it is time."""
    state = turn.state
    if not due(state, turn.now):
        return
    if state.sweep is None and _sweep_due(state, turn.now.mono_ms):
        state.sweep = _begun(state, "start" if state.swept_mono_ms is None else "daily")
    if state.sweep is not None:
        _go_on(turn, state.sweep)
    _overdue(turn)


def due(state: State, now: Now) -> bool:
    """Whether there is something to look at now."""
    if state.read_only or state.room != "plenty":
        return False
    if state.sweep is not None or _sweep_due(state, now.mono_ms):
        return True
    return bool(state.deadlines) and state.deadlines[0][0] <= state.trusted_ms(now.ms)


def _sweep_due(state: State, mono_ms: int) -> bool:
    return state.swept_mono_ms is None or mono_ms - state.swept_mono_ms >= SWEEP_MS


def sweep(turn: Turn, why: Literal["start", "shift", "daily"]) -> None:
    """Begin to compare every transaction with the list, in the place of a sweep under way; record how far it came. What
    is more than is looked at, or changed, at once is left to the ticks that follow.
    """
    turn.state.sweep = begun = _begun(turn.state, why)
    _go_on(turn, begun)
    if turn.state.sweep is not None:
        _record(turn, begun, whole=False)


def _begun(state: State, why: Literal["start", "shift", "daily"]) -> Sweep:
    return Sweep(why, list(state.sales))


def _go_on(turn: Turn, sweep: Sweep) -> None:
    """Look at SALES_AT_ONCE more transactions; with the last of them it is recorded."""
    state, until = turn.state, max(len(sweep.left) - SALES_AT_ONCE, 0)
    changes_max = sweep.opened + sweep.closed + AT_ONCE_MAX
    while len(sweep.left) > until and sweep.opened + sweep.closed < changes_max:
        sale = state.sales.get(sweep.left.pop())
        if sale is not None:  # else it was settled, and has left the ring meanwhile
            _compare(turn, sweep, sale)
    if not sweep.left:
        _record(turn, sweep, whole=True)
        state.sweep, state.swept_mono_ms = None, turn.now.mono_ms


def _compare(turn: Turn, sweep: Sweep, sale: Sale) -> None:
    sweep.seen += 1
    if not sale.owed and not sale.exceptions:
        return
    for item in map(turn.state.exceptions.__getitem__, sale.exceptions):
        if item.state == "open" and not facts_open(sale, item.kind, item.copy, item.number):
            turn.close_item(sale, item.kind, SETTLED, item.copy, item.number)
            sweep.closed += 1
    for (kind, copy, number), (cause, detail) in open_facts(sale).items():
        if not _listed(turn, sale, kind, copy, number):
            turn.open_item(sale, kind, cause, detail, copy, number)
            sweep.opened += 1


def _record(turn: Turn, sweep: Sweep, *, whole: bool) -> None:
    turn.record(
        ev.ExceptionsSwept(
            time=turn.now.ms,
            doer=turn.doer,
            why=sweep.why,
            seen=sweep.seen,
            opened=sweep.opened,
            closed=sweep.closed,
            whole=whole,
        )
    )


def _listed(turn: Turn, sale: Sale, kind: ev.ExceptionKind, copy: CopyName | None, number: int | None) -> bool:
    if (kind, copy, number) in sale.waived or turn.find_item(sale, kind, copy, number) is not None:
        return True
    return copy is None and turn.find_item(sale, "wrong-signature") is not None


def _overdue(turn: Turn) -> None:
    """Tell of deadlines that are over, the oldest first."""
    state, trusted, told = turn.state, turn.trusted_ms(), 0
    while state.deadlines and state.deadlines[0][0] <= trusted and told < AT_ONCE_MAX:
        due_ms, xid = heappop(state.deadlines)
        if xid in state.open and not state.exceptions[xid].overdue:
            turn.record(
                ev.ExceptionOverdue(
                    time=turn.now.ms,
                    doer=turn.doer,
                    id=xid,
                    transaction=state.exceptions[xid].transaction,
                    due=due_ms,
                )
            )
            told += 1


def _item(state: State, xid: str) -> OpenItem:
    item = state.exceptions.get(xid)
    if item is None:
        raise Refusal("not-found", f"There is no exception {xid} here. Look it up with exception.list.", field="id")
    return item


def _still_open(item: OpenItem) -> None:
    if item.state != "open":
        raise Refusal("conflict", f"The exception {item.id} is {item.state}. Nothing was changed.", field="id")


def _fit_to_keep(section: ExceptionsSection, request: ExceptionNote) -> None:
    if not (request.note or request.channel or request.outcome):
        raise Refusal("invalid", "The note says nothing. Nothing was kept; give a note, a channel or an outcome.")
    if request.note and section.notes == "none":
        raise Refusal(
            "invalid", "This shop keeps no words in notes. Nothing was kept; give channel and outcome.", field="note"
        )
    if section.notes == "guarded" and _PERSONAL.search(request.note):
        raise Refusal(
            "invalid",
            "The note holds a long number or an address, which this shop does not keep. Nothing was kept; leave it "
            "out.",
            field="note",
        )
