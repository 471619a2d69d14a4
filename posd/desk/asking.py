"""Copies between asking and printing: those that wait for a supervisor, and those that are withdrawn.

    asked -> refused | queued | waiting-approval
    waiting-approval -> queued (approved) | declined | cancelled | expired
    queued -> printing | cancelled, and on as in domain/copies.py

Rules
- A request waits only if its asker said so (`approval`), and for `WAIT_MS` at most; `EACH_MAX` of one asker, `ALL_MAX`
  in all, one for each copy of a transaction.
- A supervisor's word counts once, for a request that waits at that moment: said again, it meets a request that is
  decided (`conflict`). What else the shop's rules say is looked at again then; if they refuse, it goes on waiting.
- Who asked may withdraw, and so may a supervisor; what was asked for with a key anybody at the counter. A copy can be
  withdrawn until it is on the printer.
- At most `QUEUED_EACH_MAX` copies of one asker wait for the printer, `QUEUED_ALL_MAX` in all.
"""

from __future__ import annotations

from posd.desk import queries
from posd.desk.asked_state import Asking
from posd.desk.state import Copy, Sale, State
from posd.desk.turn import Turn
from posd.domain import events as ev
from posd.domain import money, views
from posd.domain.doer import POSD, Doer
from posd.domain.errors import Refusal
from posd.domain.moment import iso_utc
from posd.domain.requests import ReprintAsk, ReprintCancel, ReprintsWaiting

WAIT_MS = 600_000
EACH_MAX = 4
ALL_MAX = 16
QUEUED_EACH_MAX = 10
QUEUED_ALL_MAX = 40


def wait(turn: Turn, sale: Sale, ask: ReprintAsk, content: str | None) -> str:
    """Let the request wait for a supervisor; its id. Refusal `busy` where too many do."""
    waiting = turn.state.asking.values()
    own = sum(1 for asking in waiting if asking.doer.counted() == turn.doer.counted())
    if any((asking.sale, asking.copy) == (sale.id, ask.copy) for asking in waiting):
        raise Refusal("busy", f"A copy of {sale.id} waits for a supervisor already. Nothing was printed; ask one.")
    if own >= EACH_MAX or len(turn.state.asking) >= ALL_MAX:
        raise Refusal("busy", "As many copies wait for a supervisor as may. Nothing was printed; ask one.")
    turn.need_room("plenty")
    request = f"r{turn.state.seq + 1}"
    turn.record(
        ev.ReprintAsked(
            time=turn.now.ms,
            doer=turn.doer,
            id=sale.id,
            copy=ask.copy,
            reason=ask.reason,
            request=request,
            key=ask.key if content is not None else None,
            content=content,
            note=ask.note,
        )
    )
    return request


def find(state: State, request: str) -> Asking:
    """The request that waits; Refusal `conflict` when it does not (any more)."""
    found = state.asking.get(request)
    if found is None:
        raise Refusal(
            "conflict",
            f"No request {request} waits for a supervisor; it was decided, or its time was over. Nothing was changed.",
            field="job",
        )
    return found


def decide(turn: Turn, request: str, outcome: str) -> None:
    """Record what became of a request that waits."""
    asking = find(turn.state, request)
    turn.record(
        ev.ReprintDecided(
            time=turn.now.ms,
            doer=turn.doer,
            id=asking.sale,
            request=request,
            outcome=outcome,  # type: ignore[arg-type]
        )
    )


def expire(turn: Turn) -> None:
    """End the requests that waited too long. At each tick."""
    turn.doer = POSD
    now = turn.trusted_ms()
    # One since a time that is still to come was recorded under a skew whose record has left the ring.
    for request in [r for r, a in turn.state.asking.items() if not 0 <= now - a.since_ms <= WAIT_MS]:
        decide(turn, request, "expired")


def cancel(turn: Turn, request: ReprintCancel) -> views.Reprinted:
    """Withdraw a copy of which no byte has left, or a request that waits. Doing it again answers the same."""
    job = request.job
    if job in turn.state.asking:
        _may_withdraw(turn, turn.state.asking[job].doer)
        decide(turn, job, "cancelled")
        return views.Reprinted(job, 0, "cancelled", request=job)
    sale_id = turn.state.receipts.get(job.rpartition("-")[0])
    sale = turn.state.sales[sale_id] if sale_id is not None else None
    copy = next((c for c in sale.copies if c.job == job and c.number), None) if sale is not None else None
    if sale is None or copy is None:
        raise Refusal("not-found", f"There is no copy {job} that could be withdrawn. Nothing was changed.", field="job")
    _may_withdraw(turn, copy.doer or POSD)
    if copy.state != "cancelled":
        if copy.state not in ("queued", "failed"):
            raise Refusal(
                "conflict", f"The copy {job} is {copy.state} and cannot be withdrawn. Nothing was changed.", field="job"
            )
        withdraw(turn, sale, copy)
    return views.Reprinted(copy.job, copy.number, copy.state, request=copy.request)


def withdraw(turn: Turn, sale: Sale, copy: Copy) -> None:
    """Record that it is withdrawn; it leaves the list."""
    turn.record(
        ev.ReprintCancelled(
            time=turn.now.ms, doer=turn.doer, id=sale.id, copy=copy.name, number=copy.number, job=copy.job
        )
    )
    turn.close_item(sale, "unprinted", "cancelled", copy.name, copy.number)


def _may_withdraw(turn: Turn, of: Doer) -> None:
    own = of.counted() == turn.doer.counted()
    if not own and "supervisor" not in turn.doer.roles and not (of.kind == "key" and "cashier" in turn.doer.roles):
        raise Refusal("denied", "This copy was asked for by somebody else. Nothing was changed; ask a supervisor.")


def need_place(turn: Turn) -> None:
    """Refusal `busy` where the asker, or all together, have as many copies waiting for the printer as may be."""
    waiting = [c.doer for _, c in turn.state.waiting() if c.number and c.doer is not None and c.doer.kind != "pad"]
    own = sum(1 for doer in waiting if doer.counted() == turn.doer.counted())
    if own >= QUEUED_EACH_MAX or len(waiting) >= QUEUED_ALL_MAX:
        raise Refusal("busy", "As many copies wait for the printer as may. Nothing was printed; ask again later.")


def listing(turn: Turn, _: ReprintsWaiting) -> views.RequestList:
    """What waits for a supervisor."""
    return views.RequestList([_view(turn, request, asking) for request, asking in turn.state.asking.items()])


def _view(turn: Turn, request: str, asking: Asking) -> views.RequestView:
    sale = queries.find(turn.state, asking.sale)
    return views.RequestView(
        job=request,
        id=sale.id,
        receipt=sale.receipt,
        copy=asking.copy,
        reason=asking.reason,
        total=money.text_of(sale.total, sale.currency),
        currency=sale.currency,
        asked=iso_utc(asking.time_ms),
        by=asking.doer.words(),
        note=asking.note,
    )
