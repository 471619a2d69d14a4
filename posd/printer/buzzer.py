"""The printer's buzzer, where it has one. Pure.

Two commands are common: `esc-a`, Epson's ESC ( A function 97 (pattern 100: so many times on and off, in tenths of a
second), and `esc-b`, ESC B n t of most other makes (n times, t tenths or twentieths of a second). Which one a printer
knows stands in its manual; none can be asked. BEL is not offered: on Star printers it is the pulse that opens the
drawer.
"""

from __future__ import annotations

from posd.config import Buzzer

TIMES_MAX = 9


def sound(buzzer: Buzzer, times: int) -> bytes:
    """The command for so many short tones; empty without a buzzer."""
    assert 1 <= times <= TIMES_MAX, times
    if buzzer == "esc-a":
        return b"\x1b(A\x05\x00" + bytes((97, 100, times, 2, 1))
    return b"\x1bB" + bytes((times, 2)) if buzzer == "esc-b" else b""
