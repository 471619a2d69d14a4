"""Which function answers which request: one row each.

A row's function returns the answer, which leaves once everything before it is durable, or raises a Refusal. What has
to be drawn first is answered by a thread that renders it; its row gets the token to pass on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

import msgspec

from posd.desk import (
    accepting,
    amending,
    asking,
    casework,
    clock,
    queries,
    reprints,
    requested,
    selftest,
    shifts,
    terms,
)
from posd.desk.messages import Ask, Reply
from posd.desk.turn import Turn
from posd.domain import requests as rq
from posd.domain import views
from posd.domain.errors import Refusal

_Row = tuple[type[msgspec.Struct], Callable[[Turn, Ask], None]]
_Request = TypeVar("_Request", bound=msgspec.Struct)


def answer(turn: Turn, ask: Ask) -> None:
    """Put the answer to `ask`, or its refusal, among the turn's effects."""
    try:
        ANSWERS[type(ask.request)](turn, ask)
    except Refusal as refusal:
        turn.effect(Reply(ask.token, refusal))


def _row(kind: type[_Request], act: Callable[[Turn, _Request], views.AnyResult]) -> _Row:
    def replying(turn: Turn, ask: Ask) -> None:
        assert isinstance(ask.request, kind)
        turn.effect(Reply(ask.token, act(turn, ask.request)))

    return kind, replying


def _drawn(kind: type[_Request], act: Callable[[Turn, int, _Request], None]) -> _Row:
    def rendering(turn: Turn, ask: Ask) -> None:
        assert isinstance(ask.request, kind)
        act(turn, ask.token, ask.request)

    return kind, rendering


ANSWERS: Mapping[type[msgspec.Struct], Callable[[Turn, Ask], None]] = dict(
    [
        _row(rq.Submit, accepting.submit),
        _row(rq.Get, queries.get),
        _row(rq.Search, queries.search),
        _row(rq.ReprintAsk, reprints.ask),
        _row(rq.ReprintDenied, reprints.deny),
        _row(rq.ReprintCancel, asking.cancel),
        _row(rq.ReprintApprove, reprints.approve),
        _row(rq.ReprintsWaiting, asking.listing),
        _row(rq.ReprintShow, requested.show),
        _row(rq.Settle, amending.settle),
        _drawn(rq.Preview, queries.preview),
        _row(rq.Terms, terms.view),
        _row(rq.Resign, amending.resign),
        _row(rq.Skip, amending.skip),
        _row(rq.Void, amending.void),
        _row(rq.Attest, amending.attest),
        _row(rq.Uploaded, amending.uploaded),
        _drawn(rq.SignatureGet, queries.signature),
        _row(rq.SelftestAsk, selftest.ask),
        _row(rq.ClockConfirm, clock.confirm),
        _row(rq.ExceptionList, queries.exceptions),
        _row(rq.ExceptionNote, casework.note),
        _row(rq.ExceptionAssign, casework.assign),
        _row(rq.ExceptionEscalate, casework.escalate),
        _row(rq.ExceptionWaive, casework.waive),
        _row(rq.ExceptionClose, casework.close),
        _row(rq.ShiftOpen, shifts.open_shift),
        _row(rq.ShiftClose, shifts.close_shift),
        _row(rq.ShiftShow, shifts.show),
    ]
)
"""Every request but those whose answer comes page by page from a reader beside the desk (archived.py, room.py)."""
