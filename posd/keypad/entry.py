"""What the keys mean: commands, and the typing of a receipt number. Pure; the caller has the clock.

    state     key pressed                    then       and
    idle      reprint-last, resign-last,     idle       command
              cancel, confirm
    idle      reprint-number                 typing     digits empty
    idle      any other                      idle       nothing
    typing    digit, fewer than 12 so far    typing     digit added
    typing    digit after the 12th           idle       refused: a number that was cut would be another receipt's
    typing    backspace                      typing     last digit gone; without digits: idle
    typing    enter, with digits             idle       command reprint-number with the digits
    typing    enter, without                 idle       refused
    typing    cancel                         idle       nothing more: it was the typing that was cancelled
    typing    reprint-number                 typing     digits empty, begin again
    typing    reprint-last, resign-last      idle       command: whoever presses another key has changed their mind
    typing    any other                      typing     nothing: a neighbouring key does no harm
    any       (a pause longer than the time-out ends the typing before the key is looked at: it means what it means when
    idle) any       (lost events, lost device)     idle       refused, if it was typing: a digit may be missing

While a number is typed digits, enter and backspace have their own meaning, even if they are bound; otherwise what is
bound counts. Only a press counts (value 1): neither the repeats of a held key (2) nor letting go (0).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from posd.domain.device import KeyCommand
from posd.keypad.bindings import BACKSPACE, DIGITS, ENTER, Binding

DIGITS_MAX = 12


class Told(NamedTuple):
    """What came of a key: a command to act on, `refused` for the person, or neither."""

    command: KeyCommand | None = None
    refused: bool = False


_NOTHING = Told()
_REFUSED = Told(refused=True)


class Entry:
    """The keypad's state: idle, or typing a number."""

    def __init__(self, bindings: Mapping[int, Binding], timeout_s: float) -> None:
        self._bindings = bindings
        self._timeout_s = timeout_s
        self._digits: str | None = None
        self._pressed_s = 0.0

    @property
    def state(self) -> Literal["idle", "typing"]:
        """Where in the table the keypad stands."""
        return "idle" if self._digits is None else "typing"

    def press(self, code: int, now_s: float) -> Told:
        """A key went down."""
        if self._digits is not None and now_s - self._pressed_s > self._timeout_s:
            self._digits = None
        self._pressed_s = now_s
        binding = self._bindings.get(code)
        if self._digits is None:
            return self._act(binding) if binding is not None else _NOTHING
        if code in DIGITS:
            return self._type(self._digits + DIGITS[code])
        if code == BACKSPACE:
            self._digits = self._digits[:-1] if self._digits else None
            return _NOTHING
        if code in ENTER:
            return self._enter(self._digits, ENTER[code])
        if binding is None:
            return _NOTHING
        self._digits = None
        return self._act(binding) if binding.action != "cancel" else _NOTHING

    def lose(self) -> Told:
        """Keys were pressed that nobody saw."""
        if self._digits is None:
            return _NOTHING
        self._digits = None
        return _REFUSED

    def _act(self, binding: Binding) -> Told:
        if binding.action == "reprint-number":
            self._digits = ""
            return _NOTHING
        return Told(KeyCommand(binding.action, binding.key))

    def _type(self, digits: str) -> Told:
        if len(digits) > DIGITS_MAX:
            return self.lose()
        self._digits = digits
        return _NOTHING

    def _enter(self, digits: str, key: str) -> Told:
        self._digits = None
        return Told(KeyCommand("reprint-number", key, digits)) if digits else _REFUSED
