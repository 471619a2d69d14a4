"""How a request for a copy stands, by its name: the number of the record that tells of it first (`r105`).

    refused                                     reprint.refused
    waiting-approval                            reprint.asked
    declined | cancelled | expired              reprint.decided
    queued -> printing -> done | unknown        reprint.requested, then as its copy stands (domain/copies.py)
    cancelled                                   reprint.cancelled

A copy that failed with nothing on paper is still queued: it goes again. A request of which only the number is recorded
(bounds.py) has no name.
"""

from __future__ import annotations

from typing import Any

from posd.desk import reprints
from posd.desk.state import Copy, Sale
from posd.desk.turn import Turn
from posd.domain import events as ev
from posd.domain import views
from posd.domain.errors import Refusal
from posd.domain.moment import iso_utc
from posd.domain.requests import ReprintShow

_STANDS: dict[str, views.RequestState] = {
    "queued": "queued",
    "failed": "queued",
    "printing": "printing",
    "printed": "done",
    "unknown": "unknown",
    "cancelled": "cancelled",
}


def show(turn: Turn, ask: ReprintShow) -> views.RequestStanding:
    """`receipt.request`: by the name of the request, or the job of its copy. Refusal `not-found`."""
    name = ask.request
    if name[:1] == "r" and name[1:].isdecimal():
        return _named(turn, name, int(name[1:]))
    sale_id = turn.state.receipts.get(name.rpartition("-")[0])
    sale = turn.state.sales[sale_id] if sale_id is not None else None
    copy = next((c for c in sale.copies if c.job == name and c.request), None) if sale is not None else None
    if sale is None or copy is None:
        raise _unknown(name)
    return _copy(turn, copy, int(copy.request[1:]))


def _named(turn: Turn, name: str, seq: int) -> views.RequestStanding:
    try:
        event = turn.recall(seq) if 0 < seq <= turn.state.seq else None
    except Refusal:
        event = None  # it has left the ring
    if isinstance(event, ev.ReprintRefused):
        return views.RequestStanding(
            **_asked(name, event), state="refused", kind=event.kind, message=event.message, until=event.until
        )
    sale = turn.state.sales.get(getattr(event, "id", ""))
    if sale is None or not isinstance(event, ev.ReprintAsked | ev.ReprintRequested):
        raise _unknown(name)
    copy = next((c for c in sale.copies if c.request == name), None)
    if copy is not None:
        return _copy(turn, copy, seq)
    if name in turn.state.asking:
        return views.RequestStanding(**_asked(name, event), state="waiting-approval")
    return _later(turn, sale, name, event, seq)


def _later(
    turn: Turn, sale: Sale, name: str, asked: ev.ReprintAsked | ev.ReprintRequested, asked_seq: int
) -> views.RequestStanding:
    """How a request stands by the records behind it: decided on without a copy, or the copy was asked for again since,
    under another name.
    """
    for seq in sale.records:
        event = turn.recall(seq) if seq >= asked_seq else None
        if isinstance(event, ev.ReprintDecided) and event.request == name and event.outcome != "approved":
            return views.RequestStanding(**_asked(name, asked), state=event.outcome)
        if isinstance(event, ev.ReprintRequested) and name in (event.request, f"r{seq}"):
            copy = sale.copy(event.copy, event.number)
            assert copy is not None, event
            return _copy(turn, copy, asked_seq)
    raise _unknown(name)


def _copy(turn: Turn, copy: Copy, seq: int) -> views.RequestStanding:
    event = turn.recall(seq)
    if not isinstance(event, ev.ReprintAsked | ev.ReprintRequested):
        raise _unknown(f"r{seq}")
    return views.RequestStanding(
        **_asked(f"r{seq}", event),
        state=_STANDS[copy.state],
        job=copy.job,
        number=copy.number,
        changed=iso_utc(copy.time_ms),
        prints_at=reprints.answer(turn, copy).prints_at,
    )


def _asked(name: str, event: ev.ReprintRefused | ev.ReprintAsked | ev.ReprintRequested) -> dict[str, Any]:
    """What is told of a request however it ended."""
    return {
        "request": name,
        "id": event.id,
        "copy": event.copy,
        "reason": event.reason,
        "note": event.note,
        "asked": iso_utc(event.time),
        "by": event.doer.words(),
    }


def _unknown(name: str) -> Refusal:
    return Refusal(
        "not-found",
        f"There is no request {name} here (any more). Nothing was changed; the evidence of its transaction has all.",
        field="request",
    )
