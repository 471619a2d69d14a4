"""Sequences of keys at a keypad that stands before a desk: whatever is pressed, in whatever order, however late the
desk answers, nothing is printed, approved, settled or handed over but by the whole sequence, and once.

What a whole sequence is stands here a second time, as patterns over the letters of what was pressed; they know nothing
of the table.
"""

from __future__ import annotations

import dataclasses
import re
from collections import deque
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from posd.config import KeypadSection
from posd.desk.messages import Feedback
from posd.domain import events as ev
from posd.domain.device import KeyAnswer
from posd.input.keys import USUAL
from posd.keypad.bindings import bindings
from posd.keypad.entry import Entry, Told
from tests.unit.desk.shop import Shop
from tests.unit.domain.samples import cash

RULES = """
[slip]
copies = ["customer"]
[policy]
one_press_below = "30.00"
supervisor_from = "80.00"
reprint_copies = 99
"""
LETTERS = {
    **{f"KEY_{digit}": digit for digit in "0123456789"},
    "KEY_F1": "L",
    "KEY_F2": "N",
    "KEY_F3": "S",
    "KEY_F4": "U",
    "KEY_F5": "A",
    "KEY_F6": "H",
    "KEY_F12": "K",
    "KEY_ESC": "C",
    "KEY_KPSLASH": "M",
    "KEY_ENTER": "E",
    "KEY_BACKSPACE": "B",
    "KEY_SPACE": "_",
}
KEYS = {letter: USUAL[name] for name, letter in LETTERS.items()}
"""Further letters: `T` a pause that is too long, `X` keys that were lost, `q` a question of the desk that arrived, `a`
any other answer, `w` the PIN was looked at.
"""
PIN = b"4213"
WHOLE: dict[type, str] = {
    ev.ReprintRequested: r"L$|N[_Kaq]*(?:[0-9][_Kaq]*)+E$|q[0-9_B]*[KE]$|w$",
    ev.ReprintDecided: r"q[_K]*1[_K]*2[_K]*E[_K]*4[_K]*2[_K]*1[_K]*3[_K]*E[^TX]*q[^TX]*w$",
    ev.CopySettled: r"(?:U|M[_EKB05-9Maq]*2)[_EKB0-9aq]*q[_EKB2-9a]*[01]$",
    ev.ShiftClosed: r"(?:H|M[_EKB05-9Maq]*4)[_EKB0-9aq]*q[_B0-9]*[KE]$",
    ev.ShiftOpened: r"q[_K]*(?:[0-9][_K]*)+E$",
}
"""What must have been pressed for an event, up to and with the key at which it is decided."""


class Counter:
    """A shop with three sales (one press, a confirmed one, a supervisor's) and two of which nobody knows whether their
    slips came out; and its keypad.
    """

    def __init__(self) -> None:
        self.shop = Shop(RULES)
        self.shop.rules = dataclasses.replace(self.shop.rules, pins=True)
        for sale, amount in (("t1", "10.00"), ("t2", "50.00"), ("t3", "100.00")):
            self.shop.submit(cash(amount, id=sale))
            self.shop.printed()
        for sale in ("t4", "t5"):
            self.shop.submit(cash("10.00", id=sale))
            self.shop.unknown()
            self.shop.report("printer", "ready")
        self.entry = Entry(bindings(KeypadSection().keys), 10.0)
        self.pressed = ""
        self.at_s = 0.0
        self.late = False
        self.answers: deque[KeyAnswer] = deque()
        self.looks: deque[bool] = deque()

    def do(self, letter: str) -> None:
        """One thing happens; what it brings about is held against the patterns."""
        if letter == "p":
            self.shop.print_all()
            return
        if letter == "u":
            if self.shop.job is not None:
                self.shop.unknown()
                self.shop.report("printer", "ready")
            return
        if letter in "lo":
            self.late = letter == "l"
            self.catch_up()
            return
        self.pressed += letter
        if letter == "T":
            self.at_s += 10.1
            self.shop.pass_time(10_100)
            told = self.entry.pause(self.at_s)
        elif letter == "X":
            told = self.entry.lose(self.at_s)
        else:
            told = self.entry.press(KEYS[letter], self.at_s)
        self.hear(told)
        self.catch_up()

    def catch_up(self) -> None:
        while (self.answers or self.looks) and not self.late:
            if self.answers:
                answer = self.answers.popleft()
                self.pressed += "a" if answer.answer in ("done", "refused") else "q"
                self.hear(self.entry.hear(answer, self.at_s))
            else:
                right = self.looks.popleft()
                self.pressed += "w"
                self.hear(self.entry.looked_at(right, self.at_s))

    def hear(self, told: Told) -> None:
        if told.check:
            self.looks.append(bytes(self.entry.take_pin()) == PIN and self.entry.operator == "12")
        if told.command is None:
            return
        before = len(self.shop.log)
        decision = self.shop.give(told.command)
        self.answers += [effect.answer for effect in decision.effects if isinstance(effect, Feedback)]
        self.judge(self.shop.log[before:])

    def judge(self, events: list[Any]) -> None:
        deeds = [event for event in events if type(event) in WHOLE and event.doer.kind == "key"]
        typed = self.pressed  # less the digits that were taken back
        while (shorter := re.sub("[0-9][_Kaq]*B", "", typed)) != typed:
            typed = shorter
        for deed in deeds:
            whole = "C$" if getattr(deed, "outcome", "") == "cancelled" else WHOLE[type(deed)]
            assert any(re.search(whole, keys) for keys in (self.pressed, typed)), (type(deed).__name__, self.pressed)
        kinds = [type(deed) for deed in deeds]
        assert len(kinds) == len(set(kinds)), f"twice by {self.pressed}: {deeds}"
        assert not {ev.ReprintRequested, ev.CopySettled, ev.ShiftOpened, ev.ShiftClosed} <= set(kinds)


SEQUENCES = ["L", "U1", "U0", "M21", "M20", "N1E", "N2EK", "N2EE", "N3E", "N4E", "H07E", "HE", "HE08E", "C", "S"]
SEQUENCES += ["N3E12E4213E", "A12E4213E", "A12E4214E", "A13E4213E", "M312E4213E", "12E4213E", "N12BE"]
SLIPS = ["T", "X", "l", "o", "p", "u"]
"""What comes in between beside keys: a pause, lost keys, a desk that answers late or at once again, a printer that goes
on, or does not know.
"""


@st.composite
def sequences(draw: st.DrawFn) -> str:
    """A whole sequence, with up to two things in between, or one key of it missing."""
    letters = list(draw(st.sampled_from(SEQUENCES)))
    if draw(st.booleans()):
        for _ in range(draw(st.integers(1, 2))):
            letters.insert(
                draw(st.integers(0, len(letters))), draw(st.sampled_from(SLIPS) | st.sampled_from(list(KEYS)))
            )
    elif draw(st.booleans()):
        letters.pop(draw(st.integers(0, len(letters) - 1)))
    return "".join(letters)


@given(st.lists(sequences(), max_size=12))
@example(["N12BE"])
@example(["lN2EN1EoK"])
@settings(max_examples=200, deadline=None)
def test_nothing_happens_but_by_the_whole_sequence_and_once(parts: list[str]) -> None:
    counter = Counter()
    for letter in "".join(parts):
        counter.do(letter)
    counter.late = False
    counter.catch_up()


def test_each_whole_sequence_does_what_it_is_for() -> None:
    """Else the property above could hold for a keypad that does nothing."""
    wanted = {
        "U1": [ev.CopySettled],
        "M20": [ev.CopySettled],
        "N1E": [ev.ReprintRequested],
        "N2EK": [ev.ReprintRequested],
        "N3E12E4213E": [ev.ReprintDecided, ev.ReprintRequested],
        "H07EHE08E": [ev.ShiftOpened, ev.ShiftClosed, ev.ShiftOpened],
    }
    for letters, kinds in wanted.items():
        counter = Counter()
        before = len(counter.shop.log)
        for letter in letters:
            counter.do(letter)
        found = [type(e) for e in counter.shop.log[before:] if type(e) in WHOLE and e.doer.kind == "key"]
        assert found == kinds, letters
