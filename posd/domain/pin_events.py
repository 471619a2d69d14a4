"""The events about supervisors' PINs at the keypad. None of them has a PIN, or any digit of one."""

from __future__ import annotations

from posd.domain.event import Event


class PinTried(Event, frozen=True, tag="pin.tried"):
    """A PIN was typed, to approve `request`; on record before it is looked at, so that pulling the plug wins no try.

    `operator` is empty for a number that no supervisor has. It counts as wrong until `pin.checked` says otherwise:
    `tries` so far without a right one; no other is taken until `until` (milliseconds of trusted time, 0: at once).
    """

    operator: str
    request: str
    tries: int
    until: int = 0


class PinChecked(Event, frozen=True, tag="pin.checked"):
    """What the PIN was found to be. A right one ends the counting."""

    operator: str
    right: bool


class PinCarried(Event, frozen=True, tag="pin.carried"):
    """How the tries of an operator stand: their own records are about to leave the ring."""

    operator: str
    tries: int
    until: int = 0
