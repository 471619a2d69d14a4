"""Which key does what, from the configuration's names to the kernel's codes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from posd.input.keys import USUAL, UnknownKey, code_of

Action = Literal["reprint-last", "reprint-number", "resign-last", "cancel", "confirm"]

DIGITS: Mapping[int, str] = {USUAL[f"KEY_{row}{digit}"]: digit for row in ("", "KP") for digit in "0123456789"}
"""Code -> digit, for the top row and the number block."""
ENTER: Mapping[int, str] = {USUAL[name]: name for name in ("KEY_ENTER", "KEY_KPENTER")}
BACKSPACE = USUAL["KEY_BACKSPACE"]


class BadBinding(ValueError):
    """A key of `keypad.keys` does not exist; the message names it and the nearest."""


class Binding(NamedTuple):
    """What a key does, and its name."""

    action: Action
    key: str


def bindings(keys: Mapping[str, Action]) -> dict[int, Binding]:
    """Code -> binding, from kernel key name -> action. BadBinding for an unknown name, or two names of one key."""
    found: dict[int, Binding] = {}
    for name, action in keys.items():
        try:
            code = code_of(name)
        except UnknownKey as unknown:
            raise BadBinding(f"keypad.keys: {unknown}") from unknown
        if code in found:
            raise BadBinding(f"keypad.keys: {name} and {found[code].key} are one key; bind it once")
        found[code] = Binding(action, name)
    return found
