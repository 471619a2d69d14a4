"""What the keys mean: the keypad's state machine as a table, read by `entry` (which acts), by `bindings` (which finds
what can never be reached) and by `picture` (which draws it for the operator's guide). Pure.

How to read it: in `state`, when `given` happens, the keypad goes to `then`; `sends` goes to the desk as a command, and
`does` is done with the digits. A row of the state itself goes before a row for `ANY` state; what has no row changes
nothing, so a neighbouring key does no harm, and it does not hold the time-out up either.

`given` is one of
- an action of `keypad.keys`, such as `reprint-last`;
- what stands on a key in states that read it: `digit` (or the digit itself, such as `1`), `enter`, `backspace`, and
  what these are at the ends of a number: `digit-too-many`, `enter-empty`, `backspace-empty`;
- the desk's answer to the newest command: `done`, `refused`, or a question, `asks:confirm`;
- `right` or `wrong`: the PIN was looked at; `time-out`; `lost`: keys may have been pressed that nobody saw.

Rules that the table keeps, and its tests with it:
- Whatever prints, settles, approves or changes a shift leaves `asked`, `checking` or a question by the one key that the
  row names; everything else leads to `idle` and does nothing.
- Every state but `idle` ends by itself.
- Who begins something else has changed their mind: what was open is dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from posd.domain.device import KeyAction, KeyReply

State = Literal[
    "idle",
    "menu",
    "number",
    "asked",
    "confirm",
    "settle",
    "supervisor",
    "pin",
    "checking",
    "close-shift",
    "next-operator",
]
Does = Literal["", "begin", "add", "remove", "keep", "check", "refuse"]
"""Digits: begin empty, add, take the last away, keep the number and begin the PIN; let the PIN be looked at; tell the
person no.
"""
ANY: Literal["*"] = "*"


class Row(NamedTuple):
    """One line of the table."""

    state: State | Literal["*"]
    given: str
    then: State
    sends: KeyAction | KeyReply | Literal[""] = ""
    does: Does = ""


BEGINS: tuple[KeyAction, ...] = ("reprint-last", "resign-last", "settle", "approve", "shift")
"""Actions that ask the desk at once, from every state."""

ROWS: tuple[Row, ...] = (
    *(Row(ANY, action, "asked", action) for action in BEGINS),
    Row(ANY, "reprint-number", "number", does="begin"),
    Row(ANY, "menu", "menu"),
    Row(ANY, "cancel", "idle"),
    Row(ANY, "time-out", "idle"),
    Row(ANY, "lost", "idle", does="refuse"),
    Row("idle", "cancel", "asked", "cancel"),
    Row("asked", "cancel", "asked", "cancel"),
    Row("idle", "confirm", "idle", does="refuse"),
    Row("idle", "lost", "idle"),
    Row("idle", "time-out", "idle"),
    # Without keys for functions: the menu key, then a digit.
    Row("menu", "1", "asked", "resign-last"),
    Row("menu", "2", "asked", "settle"),
    Row("menu", "3", "asked", "approve"),
    Row("menu", "4", "asked", "shift"),
    # A receipt number.
    Row("number", "digit", "number", does="add"),
    Row("number", "digit-too-many", "idle", does="refuse"),  # cut, it would be another receipt's
    Row("number", "backspace", "number", does="remove"),
    Row("number", "backspace-empty", "idle"),
    Row("number", "enter", "asked", "reprint-number"),
    Row("number", "enter-empty", "idle", does="refuse"),
    # The desk's answer.
    Row("asked", "done", "idle"),
    Row("asked", "refused", "idle", does="refuse"),
    Row("asked", "asks:confirm", "confirm"),
    Row("asked", "asks:settle", "settle"),
    Row("asked", "asks:approve", "supervisor", does="begin"),
    Row("asked", "asks:close-shift", "close-shift"),
    Row("asked", "asks:take-over", "next-operator", does="begin"),
    # A copy that one press may not print.
    Row("confirm", "confirm", "asked", "confirm"),
    Row("confirm", "enter", "asked", "confirm"),
    # Did it come out?
    Row("settle", "yes", "asked", "yes"),
    Row("settle", "1", "asked", "yes"),
    Row("settle", "no", "asked", "no"),
    Row("settle", "0", "asked", "no"),
    # A supervisor's number, then the PIN.
    Row("supervisor", "digit", "supervisor", does="add"),
    Row("supervisor", "digit-too-many", "idle", does="refuse"),
    Row("supervisor", "backspace", "supervisor", does="remove"),
    Row("supervisor", "backspace-empty", "idle"),
    Row("supervisor", "enter", "pin", does="keep"),
    Row("supervisor", "enter-empty", "idle", does="refuse"),
    Row("pin", "digit", "pin", does="add"),
    Row("pin", "digit-too-many", "idle", does="refuse"),
    Row("pin", "backspace", "pin", does="remove"),
    Row("pin", "backspace-empty", "idle"),
    Row("pin", "enter", "checking", "pin"),
    Row("pin", "enter-empty", "idle", does="refuse"),
    # The try is on record before the PIN is looked at; no key does anything meanwhile.
    *(Row("checking", action, "checking") for action in (*BEGINS, "reprint-number", "menu", "cancel")),
    Row("checking", "asks:check", "checking", does="check"),
    Row("checking", "refused", "idle", does="refuse"),
    Row("checking", "time-out", "idle", does="refuse"),
    Row("checking", "right", "asked", "pin-right"),
    Row("checking", "wrong", "asked", "pin-wrong"),
    # The shift.
    Row("close-shift", "confirm", "asked", "confirm"),
    Row("close-shift", "enter", "asked", "confirm"),
    Row("next-operator", "digit", "next-operator", does="add"),
    Row("next-operator", "digit-too-many", "idle", does="refuse"),
    Row("next-operator", "backspace", "next-operator", does="remove"),
    Row("next-operator", "backspace-empty", "idle"),
    Row("next-operator", "enter", "asked", "take-over"),
    Row("next-operator", "enter-empty", "idle", does="refuse"),
)

TABLE: Mapping[tuple[str, str], Row] = {(row.state, row.given): row for row in ROWS}
assert len(TABLE) == len(ROWS), "two rows for one thing"

ASKS: Mapping[str, tuple[str, ...]] = {
    "reprint-last": ("confirm", "approve"),
    "reprint-number": ("confirm", "approve"),
    "settle": ("settle",),
    "approve": ("approve",),
    "shift": ("close-shift", "take-over"),
    "confirm": ("take-over",),
    "pin": ("check",),
}
"""Command -> what the desk may ask back."""

DIGITS_MAX: Mapping[str, int] = {"number": 12, "supervisor": 8, "pin": 12, "next-operator": 8}
"""So many digits may be typed in the states in which a number is typed: there digits, enter and backspace have their
own meaning even if they are bound. Elsewhere what is bound counts first.
"""


def row(state: State, given: str) -> Row | None:
    """The row for what happens in a state, None if it changes nothing."""
    return TABLE.get((state, given)) or TABLE.get((ANY, given))


def rows(state: State) -> Iterator[Row]:
    """All rows of a state, those for any state included."""
    own = {r.given: r for r in ROWS if r.state == ANY} | {r.given: r for r in ROWS if r.state == state}
    yield from own.values()
