"""Names of keys and their codes, as in linux/input-event-codes.h; only keys that a keypad or keyboard at a till has."""

from __future__ import annotations


def _codes() -> dict[str, int]:
    codes = {"ESC": 1, "BACKSPACE": 14, "TAB": 15, "ENTER": 28, "LEFTCTRL": 29, "LEFTSHIFT": 42, "LEFTALT": 56}
    codes |= {"SPACE": 57, "MINUS": 12, "EQUAL": 13, "COMMA": 51, "DOT": 52, "SLASH": 53}
    codes |= {name: 2 + index for index, name in enumerate("1234567890")}
    codes |= {name: 16 + index for index, name in enumerate("QWERTYUIOP")}
    codes |= {name: 30 + index for index, name in enumerate("ASDFGHJKL")}
    codes |= {name: 44 + index for index, name in enumerate("ZXCVBNM")}
    codes |= {f"F{number}": 58 + number for number in range(1, 11)}
    codes |= {"F11": 87, "F12": 88}
    keypad = {"ASTERISK": 55, "7": 71, "8": 72, "9": 73, "MINUS": 74, "4": 75, "5": 76, "6": 77, "PLUS": 78}
    keypad |= {"1": 79, "2": 80, "3": 81, "0": 82, "DOT": 83, "ENTER": 96, "SLASH": 98}
    codes |= {f"KP{name}": code for name, code in keypad.items()}
    codes |= {"HOME": 102, "UP": 103, "PAGEUP": 104, "LEFT": 105, "RIGHT": 106, "END": 107, "DOWN": 108}
    codes |= {"PAGEDOWN": 109, "INSERT": 110, "DELETE": 111, "NUMLOCK": 69}
    return codes


KEYS = _codes()


def key_code(name: str) -> int:
    """The code of a key named with or without `KEY_`, in any case. Raises ValueError for a name that is none."""
    short = name.upper().removeprefix("KEY_")
    if short not in KEYS:
        raise ValueError(f"no key {name!r}; there are {', '.join(KEYS)}")
    return KEYS[short]
