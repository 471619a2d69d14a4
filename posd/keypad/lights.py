"""What the keypad's lights tell, and how.

    working    on                        the desk was asked and has not answered; nothing is promised yet
    waiting    half a second on and off  a number, or the answer to a question, is waited for
    done       one long flash            what was asked is done, and on record
    refused    three short flashes       it is not

A keypad has the lights of a keyboard, some of them, or none. `waiting` is told by num lock, `refused` by caps lock,
`working` and `done` by scroll lock; a light that is not there gives way to the best that is. The signs differ, so one
light is enough.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Literal

NUM, CAPS, SCROLL, MISC = 0, 1, 2, 8
"""linux/input-event-codes.h."""
BEST_FIRST = (MISC, SCROLL, CAPS, NUM)

Standing = Literal["working", "waiting"]
Flash = Literal["done", "refused"]
OWN: Mapping[str, int] = {"working": SCROLL, "waiting": NUM, "done": SCROLL, "refused": CAPS}
SIGNS: Mapping[str, tuple[float, ...]] = {
    "working": (),
    "waiting": (0.5, 0.5),
    "done": (0.6,),
    "refused": (0.12, 0.12, 0.12, 0.12, 0.12),
}
"""How long it is on, off, on, ... in seconds; a standing sign begins again, without an end if it has no times."""


class Lights:
    """The lights of one keypad. `light(code, on)` sets one. All calls on the loop."""

    def __init__(self, there: frozenset[int], light: Callable[[int, bool], None]) -> None:
        self._there = there
        self._light = light
        self._lit: int | None = None
        self._next: asyncio.TimerHandle | None = None
        self._standing: Standing | None = None
        self._flashing = False

    def stand(self, sign: Standing | None) -> None:
        """Show this until told otherwise, behind a flash that is under way."""
        if sign != self._standing:
            self._standing = sign
            if not self._flashing:
                self._begin(sign)

    def flash(self, sign: Flash) -> None:
        """Show this once, at once."""
        self._begin(sign)
        self._flashing = self._next is not None

    def off(self) -> None:
        """The keypad is given back, or has gone."""
        self._standing, self._flashing = None, False
        self._begin(None)

    def _begin(self, sign: Standing | Flash | None) -> None:
        if self._next is not None:
            self._next.cancel()
            self._next = None
        self._dark()
        code = OWN[sign] if sign is not None else None
        if code is not None and code not in self._there:
            code = next((c for c in BEST_FIRST if c in self._there), None)
        if sign is not None and code is not None:
            self._play(sign, code, 0)

    def _play(self, sign: Standing | Flash, code: int, step: int) -> None:
        self._next = None
        times = SIGNS[sign]
        if sign in ("done", "refused") and step == len(times):
            self._flashing = False
            self._begin(self._standing)
            return
        if step % 2:
            self._dark()
        else:
            self._lit = code
            self._light(code, True)
        if times:
            after_s = times[step % len(times)]
            self._next = asyncio.get_running_loop().call_later(after_s, self._play, sign, code, step + 1)

    def _dark(self) -> None:
        lit, self._lit = self._lit, None
        if lit is not None:
            self._light(lit, False)
