"""Which key does what, from the configuration's names to the kernel's codes, and whether all of it can be reached.
Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple, get_args

from posd.config import KeypadAction
from posd.input.keys import USUAL, UnknownKey, code_of
from posd.keypad.table import ASKS, DIGITS_MAX, Row, State, row, rows

DIGITS: Mapping[int, str] = {USUAL[f"KEY_{kind}{digit}"]: digit for kind in ("", "KP") for digit in "0123456789"}
"""Code -> digit, for the top row and the number block."""
ENTER = frozenset({USUAL["KEY_ENTER"], USUAL["KEY_KPENTER"]})
BACKSPACE = USUAL["KEY_BACKSPACE"]
NAMES: Mapping[int, str] = {code: name for name, code in USUAL.items() if code in {*DIGITS, *ENTER, BACKSPACE}}
"""Code -> name of the keys that need not be bound."""


QUESTIONS: tuple[State, ...] = ("confirm", "settle", "close-shift")
"""States that wait for one key."""


class BadBinding(ValueError):
    """`keypad.keys` cannot be used; the message names the key and what to do."""


class Binding(NamedTuple):
    """What a key does, and its name."""

    action: KeypadAction
    key: str


def bindings(keys: Mapping[str, KeypadAction]) -> dict[int, Binding]:
    """Code -> binding, from kernel key name -> action. BadBinding for an unknown name, for two names of one key, for a
    key that can never do anything, and for a question that nothing could answer.
    """
    found: dict[int, Binding] = {}
    for name, action in keys.items():
        try:
            code = code_of(name)
        except UnknownKey as unknown:
            raise BadBinding(f"keypad.keys: {unknown}") from unknown
        if code in found:
            raise BadBinding(f"keypad.keys: {name} and {found[code].key} are one key; bind it once")
        found[code] = Binding(action, name)
    _check_reach(found)
    return found


def given(state: State, code: int, bound: Mapping[int, Binding]) -> Iterator[str]:
    """What a key may be in a state, in the order in which the table is asked; empty digits and full numbers aside."""
    action = [bound[code].action] if code in bound else []
    kinds: list[str] = []
    if code in DIGITS:
        kinds = [DIGITS[code], "digit"]
    elif code in ENTER:
        kinds = ["enter"]
    elif code == BACKSPACE:
        kinds = ["backspace"]
    yield from (*kinds, *action) if state in DIGITS_MAX or state == "menu" else (*action, *kinds)


def _check_reach(bound: Mapping[int, Binding]) -> None:
    reached = _reached(bound)
    for binding in bound.values():
        if not any(_counts(s, binding.action) for s in reached):
            raise BadBinding(
                f"keypad.keys: {binding.key} ({binding.action}) can never do anything, for no key leads to where it "
                f"counts; bind one to {_leading_to(binding.action)}, or take it out"
            )
    for state in reached:
        if state not in QUESTIONS:
            continue
        could = {r.sends for r in rows(state) if r.state == state and r.sends}
        can = {found.sends for code in _codes(bound) if (found := _row(state, code, bound))}
        for lacking in sorted(could - can):
            raise BadBinding(
                f"keypad.keys: the question {state!r} could never be answered with {lacking!r}; bind a key to it, or "
                "leave its usual key free"
            )


def _codes(bound: Mapping[int, Binding]) -> set[int]:
    return {*bound, *DIGITS, *ENTER, BACKSPACE}


def _row(state: State, code: int, bound: Mapping[int, Binding]) -> Row | None:
    return next((found for name in given(state, code, bound) if (found := row(state, name))), None)


def _counts(state: State, action: str) -> bool:
    """Whether an action does anything in a state but to be refused."""
    found = row(state, action)
    return found is not None and (bool(found.sends) or found.then != "idle")


def _reached(bound: Mapping[int, Binding]) -> list[State]:
    """The states that keys lead to, and the desk's questions."""
    reached: list[State] = ["idle"]
    for state in reached:
        rows_found = [found for code in _codes(bound) if (found := _row(state, code, bound))]
        following = [found.then for found in rows_found]
        for found in rows_found:
            for question in ASKS.get(found.sends, ()):
                answered = row(found.then, f"asks:{question}")
                assert answered is not None, found
                following.append(answered.then)
        reached += [s for s in dict.fromkeys(following) if s not in reached]
    return reached


def _leading_to(action: str) -> str:
    """The actions that would lead there, for the message."""
    leading = [begin for begin in get_args(KeypadAction) if begin != action and _leads(begin, action)]
    return " or ".join(leading)


def _leads(begin: KeypadAction, action: str) -> bool:
    alone = {0: Binding(begin, "")}
    return any(_counts(state, action) for state in _reached(alone) if state != "idle")
