"""Whose shift it is: opened, closed with a handover, taken over by the next operator.

Rules
- At most one shift is open. While it is, every event carries its operator (turn.py).
- Closing ends what waits at the pad: a signature that nobody is left to take is `missing(handover)`; one that is being
  given is cancelled on the pad, and is that too unless the customer was faster. Then the list is swept.
- The handover says what was taken, by currency, type and method of payment, what was printed, and what is open. It is
  the answer, the record, and a slip behind everything that somebody waits for. A printer that is away holds up no
  change of shift: the slip waits for it, over a restart too, until the next operator has taken over.
- The next operator confirms the handover by its id when opening; without that no shift is opened.
- A journal that is full of what is owed takes no new sales, but a change of shift: whoever settles it must not do so in
  another's name. It is not swept then.
- What sales do without a shift is the shop's: they are taken, and with `shifts.without = "marked"` their record says
  so; the next shift counts them.
- The newest shift is kept. When its record is about to leave the ring it is made anew (`shift.carried`).
- The same key gives the same answer as long as its shift is the newest.
"""

from __future__ import annotations

from itertools import islice

from posd.desk import casework, reprints, selftest, signing
from posd.desk.shift_state import OPEN_NAMED
from posd.desk.state import State
from posd.desk.turn import Turn
from posd.domain import events as ev
from posd.domain import money, views
from posd.domain.errors import Refusal
from posd.domain.moment import iso_utc
from posd.domain.requests import ShiftClose, ShiftOpen, ShiftShow

REQUESTS = (ShiftOpen, ShiftClose)


def open_shift(turn: Turn, request: ShiftOpen) -> views.ShiftView:
    """`shift.open`: an operator takes the terminal over."""
    content, shift = reprints.digest_of(request), turn.state.shift
    if shift is not None and shift.open_key == request.key:
        if shift.open_content != content:
            raise reprints.key_conflict(request.key)
        return view(turn.state)
    if shift is not None and shift.state == "open":
        raise Refusal(
            "conflict", f"The shift of {shift.operator} is open. Nothing was changed; close it first.", field="operator"
        )
    left = shift.id if shift is not None else None
    if left is not None and request.confirms != left:
        raise Refusal(
            "conflict",
            f"The handover {left} waits to be confirmed. Nothing was changed; look at it and open the shift with it.",
            field="confirms",
        )
    turn.need_room("reserve")
    selftest.drop_handover(turn)
    turn.record(
        ev.ShiftOpened(
            time=turn.now.ms,
            doer=turn.doer,
            operator=request.operator,
            confirms=left,
            key=request.key,
            content=content,
        )
    )
    return view(turn.state)


def close_shift(turn: Turn, request: ShiftClose) -> views.ShiftView:
    """`shift.close`: an operator hands over."""
    content, state = reprints.digest_of(request), turn.state
    shift = state.shift
    if shift is not None and shift.close_key == request.key:
        if shift.close_content != content:
            raise reprints.key_conflict(request.key)
        return view(state)
    if shift is None or shift.state != "open":
        raise Refusal("conflict", "No shift is open. Nothing was changed; open one with shift.open.")
    turn.need_room("reserve")
    taking = _end_signatures(turn)
    if turn.state.room == "plenty":
        casework.sweep(turn, "shift")
    turn.record(
        ev.ShiftClosed(
            time=turn.now.ms,
            doer=turn.doer,
            operator=shift.operator,
            id=shift.id,
            opened=shift.opened_ms,
            open_exceptions=tuple(islice(state.open, OPEN_NAMED)),
            open_count=len(state.open),
            signing=taking,
            lines=shift.takings(),
            counts=dict(shift.counts),
            key=request.key,
            content=content,
        )
    )
    if request.slip:
        selftest.queue(turn, "handover", shift.id)
    return view(state)


def _end_signatures(turn: Turn) -> tuple[str, ...]:
    """End what waits at the pad; the transactions whose signature is being given this moment."""
    state = turn.state
    for sale_id in list(state.awaiting):
        signing.missing(turn, state.sales[sale_id], "handover", "the shift changed while it was awaited")
    signing.call_off(turn, "handover", "the shift changed while it was given")
    return (state.signing.sale,) if state.signing is not None else ()


def show(turn: Turn, _: ShiftShow) -> views.ShiftView:
    """`shift.show`: the newest shift."""
    return view(turn.state)


def view(state: State) -> views.ShiftView:
    """The newest shift as clients see it."""
    shift = state.shift
    if shift is None:
        return views.ShiftView("none", "", "", "")
    over = shift.state == "closed"
    return views.ShiftView(
        state=shift.state,
        id=shift.id,
        operator=shift.operator,
        opened=iso_utc(shift.opened_ms),
        closed=iso_utc(shift.closed_ms) if shift.closed_ms is not None else None,
        lines=[
            views.ShiftLineView(t.currency, t.type, t.method, t.count, money.text_of(t.amount, t.currency))
            for t in shift.takings()
        ],
        counts=dict(shift.counts),
        open=list(shift.open if over else islice(state.open, OPEN_NAMED)),
        open_count=shift.open_count if over else len(state.open),
        signing=list(shift.signing),
        job=shift.job,
    )


def save(turn: Turn) -> None:
    """Make the record of the newest shift anew when it is about to leave the ring."""
    shift = turn.state.shift
    if shift is None or not shift.due or turn.state.read_only:
        return
    turn.record(
        ev.ShiftCarried(
            time=turn.now.ms,
            doer=turn.doer,
            id=shift.id,
            operator=shift.operator,
            state=shift.state,
            opened=shift.opened_ms,
            closed=shift.closed_ms,
            open_exceptions=shift.open,
            open_count=shift.open_count,
            signing=shift.signing,
            lines=shift.takings(),
            counts=dict(shift.counts),
        )
    )
