"""Keys to commands, row by row of the table in entry.py."""

from __future__ import annotations

import pytest

from posd.config import KeypadSection
from posd.domain.device import KeyCommand
from posd.input.keys import USUAL
from posd.keypad.bindings import BadBinding, Binding, bindings
from posd.keypad.entry import Entry

REFUSED = "refused"


class Keypad:
    """The default keypad with a clock; what came of each key as text or command."""

    def __init__(self, keys: dict[str, str] | None = None) -> None:
        self.entry = Entry(bindings(keys or KeypadSection().keys), timeout_s=10)  # type: ignore[arg-type]
        self.at = 50.0

    def press(self, *names: str) -> list[object]:
        came: list[object] = []
        for name in names:
            told = self.entry.press(USUAL[name if name.startswith("KEY_") else f"KEY_{name}"], self.at)
            came += [told.command] if told.command else []
            came += [REFUSED] if told.refused else []
        return came


def number(digits: str, key: str = "KEY_ENTER") -> KeyCommand:
    return KeyCommand("reprint-number", key, digits)


def test_bound_keys_speak_at_once() -> None:
    assert Keypad().press("F1", "F3", "ESC") == [
        KeyCommand("reprint-last", "KEY_F1"),
        KeyCommand("resign-last", "KEY_F3"),
        KeyCommand("cancel", "KEY_ESC"),
    ]


def test_other_keys_say_nothing() -> None:
    keypad = Keypad()
    assert keypad.press("0", "KP5", "ENTER", "KPENTER", "BACKSPACE", "F4", "SPACE") == []
    assert keypad.entry.state == "idle"


def test_a_number_is_typed_on_either_row_and_entered_with_either_enter() -> None:
    assert Keypad().press("F2", "1", "2", "KP3", "KP0", "0", "ENTER") == [number("12300")]
    assert Keypad().press("F2", "KP7", "KPENTER") == [number("7", "KEY_KPENTER")]


@pytest.mark.parametrize("row", ["", "KP"])
def test_every_digit_is_itself(row: str) -> None:
    digits = "9876543210"
    assert Keypad().press("F2", *(row + digit for digit in digits), "ENTER") == [number(digits)]


def test_twelve_digits_are_a_number_and_thirteen_are_refused_never_cut() -> None:
    assert Keypad().press("F2", *("1" * 12), "ENTER") == [number("1" * 12)]
    keypad = Keypad()
    assert keypad.press("F2", *("1" * 13)) == [REFUSED]
    assert keypad.press("ENTER") == []


def test_backspace_takes_back_a_digit_and_then_the_typing() -> None:
    keypad = Keypad()
    assert keypad.press("F2", "1", "2", "BACKSPACE", "3", "ENTER") == [number("13")]
    assert keypad.press("F2", "1", "BACKSPACE") == []
    assert keypad.entry.state == "typing"
    assert keypad.press("BACKSPACE") == []
    assert keypad.entry.state == "idle"
    assert keypad.press("4", "ENTER") == []


def test_enter_without_digits_is_refused() -> None:
    keypad = Keypad()
    assert keypad.press("F2", "ENTER") == [REFUSED]
    assert keypad.press("5", "ENTER") == []


def test_cancel_ends_the_typing_and_nothing_else() -> None:
    keypad = Keypad()
    assert keypad.press("F2", "1", "ESC") == []
    assert keypad.press("ESC") == [KeyCommand("cancel", "KEY_ESC")]


def test_the_number_key_begins_again() -> None:
    assert Keypad().press("F2", "1", "2", "F2", "3", "ENTER") == [number("3")]


def test_another_command_while_typing_counts_and_ends_the_typing() -> None:
    keypad = Keypad()
    assert keypad.press("F2", "1", "F1") == [KeyCommand("reprint-last", "KEY_F1")]
    assert keypad.press("2", "ENTER") == []
    assert keypad.press("F2", "1", "F3") == [KeyCommand("resign-last", "KEY_F3")]


def test_a_neighbouring_key_does_no_harm() -> None:
    assert Keypad().press("F2", "1", "SPACE", "F4", "2", "ENTER") == [number("12")]


def test_a_pause_ends_the_typing_before_the_next_key_is_looked_at() -> None:
    keypad = Keypad()
    keypad.press("F2", "1")
    keypad.at += 10.0
    keypad.press("2")
    keypad.at += 10.01
    assert keypad.press("3", "ENTER") == []
    keypad.press("F2", "1")
    keypad.at += 60
    assert keypad.press("ESC") == [KeyCommand("cancel", "KEY_ESC")]


def test_lost_events_end_the_typing() -> None:
    keypad = Keypad()
    assert keypad.entry.lose() == (None, False)
    keypad.press("F2", "1", "2")
    assert keypad.entry.lose() == (None, True)
    assert keypad.press("3", "ENTER") == []


def test_digits_and_enter_may_be_bound_and_are_themselves_while_typing() -> None:
    keypad = Keypad({"KEY_KPENTER": "reprint-last", "KEY_KP0": "cancel", "KEY_KPPLUS": "reprint-number"})
    assert keypad.press("KPENTER", "KP0") == [
        KeyCommand("reprint-last", "KEY_KPENTER"),
        KeyCommand("cancel", "KEY_KP0"),
    ]
    assert keypad.press("KPPLUS", "KP4", "KP0", "KPENTER") == [number("40", "KEY_KPENTER")]


def test_bindings_are_codes_and_keep_their_names() -> None:
    assert bindings({"KEY_F1": "cancel", "KEY_PRINT": "reprint-last"}) == {
        59: Binding("cancel", "KEY_F1"),
        210: Binding("reprint-last", "KEY_PRINT"),
    }


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"KEY_F1a": "cancel"}, r"keypad\.keys: 'KEY_F1a' is not the name of a key; did you mean 'KEY_F1"),
        ({"KEY_MUTE": "cancel", "KEY_MIN_INTERESTING": "reprint-last"}, "are one key"),
    ],
)
def test_bindings_that_cannot_be_are_refused(keys: dict[str, str], says: str) -> None:
    with pytest.raises(BadBinding, match=says):
        bindings(keys)  # type: ignore[arg-type]
