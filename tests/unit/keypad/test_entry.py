"""Keys and the desk's answers to commands, row by row of the table in table.py."""

from __future__ import annotations

import pytest

from posd.config import KeypadSection
from posd.domain.device import KeyAnswer, KeyCommand
from posd.input.keys import USUAL
from posd.keypad.bindings import BadBinding, Binding, bindings
from posd.keypad.entry import Entry, Told

REFUSED = "refused"
Came = tuple[str, str, str | None]
"""Action, key and number of a command."""


class Keypad:
    """A keypad with a clock; what came of each key as text or command. `asks` lets the desk answer the newest one."""

    def __init__(self, keys: dict[str, str] | None = None) -> None:
        self.entry = Entry(bindings(keys or KeypadSection().keys), timeout_s=10)  # type: ignore[arg-type]
        self.at = 50.0
        self.newest = KeyCommand("cancel", "")

    def press(self, *names: str) -> list[object]:
        came: list[object] = []
        for name in names:
            code = USUAL[name if name.startswith("KEY_") else f"KEY_{name}"]
            came += self._told(self.entry.press(code, self.at))
        return came

    def asks(self, answer: str, press: int = 0) -> list[object]:
        return self._told(self.entry.hear(KeyAnswer(answer, press or self.newest.press), self.at))  # type: ignore[arg-type]

    def _told(self, told: Told) -> list[object]:
        came: list[object] = []
        if told.command is not None:
            self.newest = told.command
            came.append((told.command.action, told.command.key, told.command.number))
        return came + [REFUSED] * told.refused + ["check"] * told.check

    @property
    def state(self) -> str:
        return self.entry.state


def number(digits: str, key: str = "KEY_ENTER") -> Came:
    return ("reprint-number", key, digits)


@pytest.mark.parametrize(
    ("key", "action"),
    [
        ("KEY_F1", "reprint-last"),
        ("KEY_KPPLUS", "reprint-last"),
        ("KEY_F3", "resign-last"),
        ("KEY_F4", "settle"),
        ("KEY_KPDOT", "settle"),
        ("KEY_F5", "approve"),
        ("KEY_F6", "shift"),
        ("KEY_ESC", "cancel"),
        ("KEY_KPMINUS", "cancel"),
    ],
)
def test_bound_keys_ask_the_desk_at_once_and_a_done_ends_it(key: str, action: str) -> None:
    keypad = Keypad()
    assert keypad.press(key) == [(action, key, None)]
    assert keypad.state == "asked"
    assert keypad.asks("done") == []
    assert keypad.state == "idle"


def test_the_same_key_before_the_answer_asks_for_nothing_more() -> None:
    keypad = Keypad()
    assert keypad.press("F1", "F1", "F1") == [("reprint-last", "KEY_F1", None)]
    keypad.asks("done")
    assert keypad.press("F1") == [("reprint-last", "KEY_F1", None)]
    assert keypad.press("KPPLUS") == [("reprint-last", "KEY_KPPLUS", None)], "another key is another wish"
    keypad.at += 10.01
    assert keypad.press("KPPLUS") == [("reprint-last", "KEY_KPPLUS", None)], "no answer came"


def test_other_keys_say_nothing() -> None:
    keypad = Keypad()
    assert keypad.press("0", "KP5", "ENTER", "KPENTER", "BACKSPACE", "F9", "SPACE") == []
    assert keypad.state == "idle"


@pytest.mark.parametrize(("digit", "action"), [("1", "resign-last"), ("2", "settle"), ("3", "approve"), ("4", "shift")])
def test_a_number_block_reaches_everything_by_its_menu(digit: str, action: str) -> None:
    assert Keypad().press("KPSLASH", f"KP{digit}") == [(action, f"KEY_KP{digit}", None)]
    assert Keypad().press("KPSLASH", "KP9", "KP0", "KPENTER") == []


def test_a_number_is_typed_on_either_row_and_entered_with_either_enter() -> None:
    assert Keypad().press("F2", "1", "2", "KP3", "KP0", "0", "ENTER") == [number("12300")]
    assert Keypad().press("KPASTERISK", "KP7", "KPENTER") == [number("7", "KEY_KPENTER")]


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
    keypad.asks("done")
    assert keypad.press("F2", "1", "BACKSPACE") == []
    assert keypad.state == "number"
    assert keypad.press("BACKSPACE") == []
    assert keypad.state == "idle"
    assert keypad.press("4", "ENTER") == []


def test_enter_without_digits_is_refused() -> None:
    keypad = Keypad()
    assert keypad.press("F2", "ENTER") == [REFUSED]
    assert keypad.press("5", "ENTER") == []


def test_cancel_ends_the_typing_and_nothing_else() -> None:
    keypad = Keypad()
    assert keypad.press("F2", "1", "ESC") == []
    assert keypad.press("ESC") == [("cancel", "KEY_ESC", None)]


def test_the_number_key_begins_again() -> None:
    assert Keypad().press("F2", "1", "2", "F2", "3", "ENTER") == [number("3")]


def test_another_command_while_typing_counts_and_ends_the_typing() -> None:
    keypad = Keypad()
    assert keypad.press("F2", "1", "F1") == [("reprint-last", "KEY_F1", None)]
    assert keypad.press("2", "ENTER") == []
    assert keypad.press("F2", "1", "F3") == [("resign-last", "KEY_F3", None)]


def test_a_neighbouring_key_does_no_harm() -> None:
    assert Keypad().press("F2", "1", "SPACE", "F9", "2", "ENTER") == [number("12")]


def test_a_pause_ends_the_typing_before_the_next_key_is_looked_at() -> None:
    keypad = Keypad()
    keypad.press("F2", "1")
    keypad.at += 10.0
    keypad.press("2")
    keypad.at += 10.01
    assert keypad.press("3", "ENTER") == []
    keypad.press("F2", "1")
    keypad.at += 60
    assert keypad.press("ESC") == [("cancel", "KEY_ESC", None)]


def test_wrong_keys_do_not_hold_the_time_out_up() -> None:
    keypad = Keypad()
    keypad.press("F2", "1")
    for _ in range(6):
        keypad.at += 2.0
        keypad.press("SPACE", "F9")
    assert keypad.press("ENTER") == []
    assert keypad.state == "idle"


@pytest.mark.parametrize("answer", ["confirm", "settle", "approve", "close-shift", "take-over"])
def test_every_question_ends_by_itself_by_cancel_by_lost_keys_and_by_another_command(answer: str) -> None:
    for leave in ("pause", "cancel", "lost", "other"):
        keypad = Keypad()
        keypad.press("F1")
        keypad.asks(answer)
        assert keypad.state not in ("idle", "asked")
        if leave == "pause":
            keypad.at += 10.01
            assert keypad.entry.pause(keypad.at) == Told()
        elif leave == "cancel":
            assert keypad.press("ESC") == [], "only the question is dropped"
        elif leave == "lost":
            assert keypad.entry.lose(keypad.at) == Told(refused=True)
        else:
            assert keypad.press("F3") == [("resign-last", "KEY_F3", None)]
            assert keypad.newest.answers == 0
            continue
        assert keypad.state == "idle"
        assert keypad.press("1", "0", "ENTER") == []


@pytest.mark.parametrize("key", ["F12", "ENTER", "KPENTER"])
def test_a_copy_is_confirmed_by_the_confirm_key_or_enter(key: str) -> None:
    keypad = Keypad()
    keypad.press("F1")
    asked = keypad.newest.press
    keypad.asks("confirm")
    assert keypad.press("1", "SPACE", key) == [("confirm", f"KEY_{key}", None)]
    assert keypad.newest.answers == asked


def test_confirm_where_nothing_is_asked_is_refused() -> None:
    assert Keypad().press("F12") == [REFUSED]


@pytest.mark.parametrize(("digit", "action"), [("1", "yes"), ("KP1", "yes"), ("0", "no"), ("KP0", "no")])
def test_an_unknown_copy_is_settled_with_one_or_nought(digit: str, action: str) -> None:
    keypad = Keypad()
    keypad.press("KPDOT")
    asked = keypad.newest.press
    keypad.asks("settle")
    assert keypad.press("7", "ENTER", "F12") == [], "neither yes nor no"
    assert keypad.press(digit) == [(action, f"KEY_{digit}", None)]
    assert keypad.newest.answers == asked
    assert keypad.press(digit) == [], "once"


def test_yes_and_no_may_have_keys_of_their_own() -> None:
    keypad = Keypad({"KEY_F4": "settle", "KEY_F7": "yes", "KEY_F8": "no"})
    assert keypad.press("F7", "F8") == []
    keypad.press("F4")
    keypad.asks("settle")
    assert keypad.press("F8") == [("no", "KEY_F8", None)]


def test_a_shift_is_closed_by_confirming_and_opened_by_the_next_operators_number() -> None:
    keypad = Keypad()
    assert keypad.press("F6") == [("shift", "KEY_F6", None)]
    keypad.asks("close-shift")
    assert keypad.press("7", "F12") == [("confirm", "KEY_F12", None)]
    closing = keypad.newest.press
    keypad.asks("take-over")
    assert keypad.press("KP0", "8", "KPENTER") == [("take-over", "KEY_KPENTER", "08")]
    assert keypad.newest.answers == closing
    assert keypad.press("F6") == [("shift", "KEY_F6", None)]
    keypad.asks("take-over")
    assert keypad.press("ENTER") == [REFUSED]


def test_a_supervisor_types_a_number_and_a_pin_which_is_looked_at_when_the_desk_says_so() -> None:
    keypad = Keypad()
    keypad.press("F5")
    asked = keypad.newest.press
    keypad.asks("approve")
    assert keypad.press("1", "2", "ENTER") == []
    assert keypad.state == "pin"
    assert keypad.press("9", "8", "KP7", "6", "KPENTER") == [("pin", "KEY_KPENTER", "12")]
    assert keypad.newest.answers == asked
    trying = keypad.newest.press
    assert keypad.press("F1", "F2", "5", "ESC", "ENTER", "F12") == [], "nothing meanwhile"
    assert keypad.asks("check") == ["check"]
    assert bytes(keypad.entry.take_pin()) == b"9876"
    assert bytes(keypad.entry.take_pin()) == b""
    assert keypad._told(keypad.entry.looked_at(True, keypad.at)) == [("pin-right", "KEY_KPENTER", "12")]
    assert keypad.newest.answers == trying
    assert keypad.asks("done") == []


def test_a_wrong_pin_and_a_try_that_is_not_allowed() -> None:
    keypad = Keypad()
    for allowed in (True, False):
        keypad.press("F5")
        keypad.asks("approve")
        keypad.press("1", "ENTER", "9", "9", "ENTER")
        if allowed:
            keypad.asks("check")
            assert keypad._told(keypad.entry.looked_at(False, keypad.at)) == [("pin-wrong", "KEY_ENTER", "1")]
        assert keypad.asks("refused") == [REFUSED]
        assert bytes(keypad.entry.take_pin()) == b""
        assert keypad._told(keypad.entry.looked_at(True, keypad.at)) == [], "too late"


@pytest.mark.parametrize("leave", ["pause", "lost", "cancel", "other", "backspace"])
def test_a_pin_is_overwritten_when_it_is_left(leave: str) -> None:
    keypad = Keypad()
    keypad.press("F5")
    keypad.asks("approve")
    keypad.press("1", "ENTER", "9", "8")
    held = keypad.entry._digits
    assert bytes(held) == b"98"
    if leave == "pause":
        keypad.entry.pause(keypad.at + 11)
    elif leave == "lost":
        keypad.entry.lose(keypad.at)
    elif leave == "backspace":
        keypad.press("BACKSPACE", "BACKSPACE", "BACKSPACE")
    else:
        keypad.press("ESC" if leave == "cancel" else "F2")
    assert set(held) <= {0}
    assert bytes(keypad.entry.take_pin()) == b""


def test_an_answer_to_an_earlier_command_asks_nobody() -> None:
    keypad = Keypad()
    keypad.press("F1")
    first = keypad.newest.press
    keypad.press("F3")
    assert keypad.asks("confirm", first) == []
    assert keypad.state == "asked"
    assert keypad.asks("done") == []
    assert keypad.asks("refused") == [REFUSED], "told all the same"


def test_lost_events_end_the_typing() -> None:
    keypad = Keypad()
    assert keypad.entry.lose(keypad.at) == Told()
    keypad.press("F2", "1", "2")
    assert keypad.entry.lose(keypad.at) == Told(refused=True)
    assert keypad.press("3", "ENTER") == []


def test_digits_and_enter_may_be_bound_and_are_themselves_while_typing() -> None:
    keypad = Keypad({"KEY_KPENTER": "reprint-last", "KEY_KP0": "cancel", "KEY_KPPLUS": "reprint-number"})
    assert keypad.press("KPENTER", "KP0") == [
        ("reprint-last", "KEY_KPENTER", None),
        ("cancel", "KEY_KP0", None),
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
        ({"KEY_MUTE": "cancel", "KEY_MIN_INTERESTING": "reprint-last"}, "KEY_MIN_INTERESTING and KEY_MUTE are one key"),
        ({"KEY_F1": "reprint-last", "KEY_F7": "yes"}, r"KEY_F7 \(yes\) can never .* bind one to settle or menu"),
        ({"KEY_F12": "confirm"}, r"KEY_F12 \(confirm\) can never .* bind one to reprint-last or "),
        ({"KEY_F4": "settle", "KEY_KP1": "cancel", "KEY_1": "cancel"}, "'settle' could never be answered with 'yes'"),
        (
            {"KEY_F6": "shift", "KEY_ENTER": "cancel", "KEY_KPENTER": "shift"},
            "'close-shift' could never be answered with 'confirm'",
        ),
    ],
)
def test_bindings_that_cannot_be_are_refused(keys: dict[str, str], says: str) -> None:
    with pytest.raises(BadBinding, match=says):
        bindings(keys)  # type: ignore[arg-type]
