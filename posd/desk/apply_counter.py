"""What the fold keeps of copies beside themselves: which wait for a supervisor, how long slips take, when the
newest copies were asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from posd.desk.asked_state import Asking
from posd.desk.state import Copy, KeyUse, State
from posd.domain import events as ev

SLIP_MS_MAX = 60_000
"""What took longer says nothing of how long slips take: somebody changed the paper, or the clock leapt."""
REPRINTED_MAX = 64


def took(state: State, ms: int) -> None:
    """A slip took so long."""
    if 0 < ms <= SLIP_MS_MAX:
        state.slip_ms = (3 * state.slip_ms + ms) // 4 if state.slip_ms else ms


def reprinted(state: State, copy: Copy) -> None:
    """Remember when this copy was asked for."""
    state.reprinted[copy.job] = copy.trusted_ms
    if len(state.reprinted) > REPRINTED_MAX:
        del state.reprinted[next(iter(state.reprinted))]


def _asked(state: State, e: ev.ReprintAsked) -> None:
    if e.id in state.sales:
        state.asking[e.request] = Asking(
            e.id, e.copy, e.reason, e.doer, e.key, e.content, e.time, e.time - state.skew_ms, e.note
        )
        if e.key is not None and e.content is not None:
            state.keys["reprint", e.key] = KeyUse(e.content, e.id, e.copy, request=e.request)


def _decided(state: State, e: ev.ReprintDecided) -> None:
    asking = state.asking.pop(e.request, None)
    if asking is not None and asking.key is not None:
        state.keys.pop(("reprint", asking.key), None)


HANDLERS: dict[type, Callable[[State, Any], None]] = {ev.ReprintAsked: _asked, ev.ReprintDecided: _decided}
