"""The kernel's names of keys and buttons (linux/input-event-codes.h), as the configuration writes them.

The keys that keypads and pads usually have stand here, for the full table comes with evdev, whose import costs more
than the rest of a start; it is asked only for a name that is not here.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping


class UnknownKey(ValueError):
    """No key has this name; the message names the nearest."""


def _usual() -> dict[str, int]:
    names = {
        "KEY_ESC": 1,
        "KEY_MINUS": 12,
        "KEY_EQUAL": 13,
        "KEY_BACKSPACE": 14,
        "KEY_TAB": 15,
        "KEY_ENTER": 28,
        "KEY_KPASTERISK": 55,
        "KEY_SPACE": 57,
        "KEY_NUMLOCK": 69,
        "KEY_KPMINUS": 74,
        "KEY_KPPLUS": 78,
        "KEY_KPDOT": 83,
        "KEY_F11": 87,
        "KEY_F12": 88,
        "KEY_KPENTER": 96,
        "KEY_KPSLASH": 98,
        "KEY_DELETE": 111,
        "KEY_KPEQUAL": 117,
        "BTN_TOUCH": 0x14A,
        "BTN_STYLUS": 0x14B,
        "BTN_STYLUS2": 0x14C,
        "BTN_TOOL_PEN": 0x140,
        "BTN_TOOL_RUBBER": 0x141,
    }
    names |= {f"KEY_{digit}": code for code, digit in enumerate("1234567890", 2)}
    names |= {f"KEY_F{number}": 58 + number for number in range(1, 11)}
    names |= {
        f"KEY_KP{digit}": code
        for digit, code in zip("7894561230", (71, 72, 73, 75, 76, 77, 79, 80, 81, 82), strict=True)
    }
    names |= {f"BTN_{number}": 0x100 + number for number in range(10)}
    return names


USUAL: Mapping[str, int] = _usual()
"""Name -> code."""

BTN_TOUCH, BTN_TOOL_PEN, BTN_TOOL_RUBBER = USUAL["BTN_TOUCH"], USUAL["BTN_TOOL_PEN"], USUAL["BTN_TOOL_RUBBER"]


def code_of(name: str) -> int:
    """The code of the key called `name`. UnknownKey with the nearest name."""
    code = USUAL.get(name)
    if code is not None:
        return code
    from posd.input.node import kernel_keys

    everything = kernel_keys()
    if name in everything:
        return everything[name]
    close = difflib.get_close_matches(name.upper(), everything, n=1, cutoff=0.4)
    near = f"did you mean {close[0]!r}?" if close else 'names look like "KEY_F1" or "BTN_0"'
    raise UnknownKey(f"{name!r} is not the name of a key; {near}")
