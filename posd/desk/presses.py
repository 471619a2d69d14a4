"""What the keys of the keypad do.

A copy above the sum that one press may print waits CONFIRM_MS for the confirm key; any other key withdraws it.
Refusals are recorded where they belong to a transaction.
"""

from __future__ import annotations

from posd.desk import amending, policy, queries, reprints, signing
from posd.desk.state import Sale
from posd.desk.turn import Turn
from posd.domain.device import KeyCommand
from posd.domain.errors import Refusal
from posd.domain.requests import ReprintAsk

CONFIRM_MS = 10_000
"""So long a copy that was asked for with a key waits for the confirm key."""


def press(turn: Turn, command: KeyCommand) -> bool:
    """Whether the key did what it says."""
    pressed, turn.state.pressed = turn.state.pressed, None
    try:
        if command.action == "confirm":
            if pressed is None or turn.now.mono_ms - pressed[1] > CONFIRM_MS:
                return False
            _copy_at_key(turn, queries.find(turn.state, pressed[0]), command.key)
            return True
        if command.action == "cancel" and pressed is not None:
            return True
        if command.action == "cancel":
            return signing.cancel(turn) or reprints.cancel_newest(turn)
        if command.action == "resign-last":
            signing.resign(turn, amending.newest_unsigned(turn.state), "key press", None, None)
            return True
        if command.action == "reprint-number":
            sale = queries.numbered(turn.state, command.number or "")
        else:
            sale = queries.find(turn.state, "last")
        if sale is None:
            return False
        terms = policy.terms(turn, sale, "customer", turn.doer)
        if not terms.one_press and terms.refusal is None:
            turn.state.pressed = (sale.id, turn.now.mono_ms)
            return False
        _copy_at_key(turn, sale, command.key)
    except Refusal:
        return False
    return True


def _copy_at_key(turn: Turn, sale: Sale, key: str) -> None:
    reprints.reprint(turn, sale, ReprintAsk(id=sale.id, key=key, reason="key press"), content=None)
