"""The keypad's state: where in the table it stands, and the digits that are being typed. Pure; the caller has the
clock.

Only a press counts (value 1): neither the repeats of a held key (2) nor letting go (0). The same key again, before the
desk has answered it, is somebody who waits, and asks for nothing more. The desk's answers count only if they are to the
newest command: who pressed another key meanwhile is not asked any more.

A PIN is kept in a buffer of its own, which is overwritten as soon as it was looked at or the state is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from posd.domain.device import KeyAnswer, KeyCommand
from posd.keypad.bindings import DIGITS, NAMES, QUESTIONS, Binding, given
from posd.keypad.table import DIGITS_MAX, Row, State, row

PIN_STATES = ("pin", "checking")
ANSWERING = (*QUESTIONS, *PIN_STATES, "next-operator")
"""States whose commands answer what the desk asked."""


class Told(NamedTuple):
    """What came of it: a command for the desk, `refused` for the person, `check`: the PIN is to be looked at now."""

    command: KeyCommand | None = None
    refused: bool = False
    check: bool = False


_NOTHING = Told()


class Entry:
    """The keypad between two keys."""

    def __init__(self, bindings: Mapping[int, Binding], timeout_s: float) -> None:
        self._bindings = bindings
        self._timeout_s = timeout_s
        self._state: State = "idle"
        self._since_s = 0.0
        self._digits = bytearray()
        self._operator = ""
        self._press = 0
        self._answers = 0
        self._key = ""
        self._code = -1

    @property
    def state(self) -> State:
        """Where in the table the keypad stands."""
        return self._state

    @property
    def ends_s(self) -> float | None:
        """When the state ends by itself; None for `idle`."""
        return None if self._state == "idle" else self._since_s + self._timeout_s

    @property
    def operator(self) -> str:
        """The supervisor's number that was typed before the PIN."""
        return self._operator

    def press(self, code: int, now_s: float) -> Told:
        """A key went down. A pause that was too long ends the state before the key is looked at."""
        self.pause(now_s)
        if self._state == "asked" and code == self._code:
            return _NOTHING
        for name in given(self._state, code, self._bindings):
            found = row(self._state, self._at_the_ends(name))
            if found is not None and found.then == self._state and not (found.sends or found.does):
                return _NOTHING
            if found is not None:
                self._code = code
                self._key = self._bindings[code].key if code in self._bindings else NAMES[code]
                return self._go(found, now_s, DIGITS.get(code, ""))
        return _NOTHING

    def hear(self, answer: KeyAnswer, now_s: float) -> Told:
        """The desk's answer to a command."""
        name = answer.answer if answer.answer in ("done", "refused") else f"asks:{answer.answer}"
        found = row(self._state, name) if answer.press == self._press else None
        if found is None:
            return Told(refused=self._state == "idle" and name == "refused")
        self._answers = answer.press
        return self._go(found, now_s)

    @property
    def newest(self) -> int:
        """The number of the newest command."""
        return self._press

    def looked_at(self, right: bool, now_s: float) -> Told:
        """What the PIN was found to be that was taken last."""
        found = row(self._state, "right" if right else "wrong")
        return self._go(found, now_s) if found is not None else _NOTHING

    def take_pin(self) -> bytearray:
        """The digits of the PIN; the caller overwrites them. They are not here any more."""
        pin, self._digits = self._digits, bytearray()
        return pin

    def lose(self, now_s: float) -> Told:
        """Keys may have been pressed that nobody saw."""
        return self._given("lost", now_s)

    def pause(self, now_s: float) -> Told:
        """Time has passed."""
        if self.ends_s is None or now_s <= self.ends_s:
            return _NOTHING
        return self._given("time-out", now_s)

    def _given(self, name: str, now_s: float) -> Told:
        found = row(self._state, name)
        return self._go(found, now_s) if found is not None else _NOTHING

    def _at_the_ends(self, name: str) -> str:
        """What digit, enter and backspace are at the ends of a number."""
        if self._state not in DIGITS_MAX:
            return name
        if name == "digit" and len(self._digits) >= DIGITS_MAX[self._state]:
            return "digit-too-many"
        if name in ("enter", "backspace") and not self._digits:
            return f"{name}-empty"
        return name

    def _go(self, found: Row, now_s: float, digit: str = "") -> Told:
        command = self._command(found) if found.sends else None
        self._state, self._since_s = found.then, now_s
        if found.does == "add":
            self._digits += digit.encode()
        elif found.does == "remove":
            self._digits[-1] = 0
            del self._digits[-1]
        elif found.does == "keep":
            self._operator = self._digits.decode()
        if found.then == "idle":
            self._operator = ""  # somebody may have typed the PIN in its place
        if found.does in ("begin", "keep") or (found.then not in DIGITS_MAX and found.then != "checking"):
            self._wipe()
        return Told(command, found.does == "refuse", found.does == "check")

    def _command(self, found: Row) -> KeyCommand:
        number = None
        if found.state in PIN_STATES:
            number = self._operator
        elif found.state in DIGITS_MAX:
            number = self._digits.decode()
        self._press += 1
        answers = self._answers if found.state in ANSWERING else 0
        assert found.sends, found
        return KeyCommand(found.sends, self._key, number, self._press, answers)

    def _wipe(self) -> None:
        self._digits[:] = bytes(len(self._digits))
        self._digits = bytearray()
