"""The part of the fold that belongs to exceptions (casework.py has the rules), and counts those that are open."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify, heappush
from typing import Any, cast

from posd.desk.case_state import Noted, OpenItem
from posd.desk.state import KeyUse, Sale, State
from posd.domain import events as ev
from posd.domain.doer import Role

SPARE = 64
"""So many deadlines of what is closed may be kept, and as many as are open; then they are thrown out."""


def forget(state: State, sale: Sale) -> None:
    """Drop the exceptions of a transaction."""
    for xid in sale.exceptions:
        _strike(state, xid)
        state.exceptions.pop(xid, None)


def absorb(state: State, alone: State) -> None:
    """Take in the exceptions of another state, each in its place."""
    state.exceptions = dict(sorted([*state.exceptions.items(), *alone.exceptions.items()], key=_number))
    for xid in alone.open:
        _enlist(state, state.exceptions[xid])
    state.open = {xid: None for xid in state.exceptions if xid in state.open}


def _number(entry: tuple[str, OpenItem]) -> int:
    return int(entry[0][1:])


def _enlist(state: State, item: OpenItem) -> None:
    state.open[item.id] = None
    state.listed[item.kind] = state.listed.get(item.kind, 0) + 1
    state.overdue += item.overdue
    if item.due_ms and not item.overdue:
        heappush(state.deadlines, (item.due_ms, item.id))


def _strike(state: State, xid: str) -> None:
    if xid in state.open:
        item = state.exceptions[xid]
        del state.open[xid]
        state.listed[item.kind] -= 1
        state.overdue -= item.overdue
        if len(state.deadlines) > 2 * len(state.open) + SPARE:
            state.deadlines = [entry for entry in state.deadlines if entry[1] in state.open]
            heapify(state.deadlines)


def _opened(state: State, e: ev.ExceptionOpened) -> None:
    if sale := state.sales.get(e.transaction):
        item = OpenItem(
            e.id,
            e.transaction,
            e.kind,
            e.cause,
            e.detail,
            e.time,
            copy=e.copy,
            number=e.number,
            due_ms=e.due,
            role=e.role,
        )
        state.exceptions[e.id] = item
        _enlist(state, item)
        sale.waived -= {(e.kind, e.copy, e.number)}
        sale.exceptions += (e.id,)


def _closed(state: State, e: ev.ExceptionClosed | ev.ExceptionWaived) -> None:
    if item := state.exceptions.get(e.id):
        _strike(state, e.id)
        item.state = "closed" if isinstance(e, ev.ExceptionClosed) else "waived"
        item.closed_ms, item.reason = e.time, e.reason
        if item.state == "waived" and item.transaction in state.sales:
            state.sales[item.transaction].waived |= {(item.kind, item.copy, item.number)}


def _noted(state: State, e: ev.ExceptionNoted) -> None:
    if item := state.exceptions.get(e.id):
        item.notes += (Noted(e.time, e.doer.words(), e.channel, e.outcome, e.note),)
        if e.key is not None and e.content is not None:
            state.keys["note", e.key] = KeyUse(e.content, item.transaction)


def _assigned(state: State, e: ev.ExceptionAssigned | ev.ExceptionEscalated) -> None:
    if item := state.exceptions.get(e.id):
        item.role = cast("Role", e.role)
        item.escalated |= isinstance(e, ev.ExceptionEscalated)


def _overdue(state: State, e: ev.ExceptionOverdue) -> None:
    if (item := state.exceptions.get(e.id)) and not item.overdue:
        item.overdue = True
        state.overdue += e.id in state.open


HANDLERS: dict[type, Callable[[State, Any], None]] = {
    ev.ExceptionOpened: _opened,
    ev.ExceptionClosed: _closed,
    ev.ExceptionWaived: _closed,
    ev.ExceptionNoted: _noted,
    ev.ExceptionAssigned: _assigned,
    ev.ExceptionEscalated: _assigned,
    ev.ExceptionOverdue: _overdue,
}
