"""What the tests of pad and keypad write into FIFOs: records of `struct input_event`, made here from the kernel's own
headers, and a hand.

Nothing here comes from posd.
"""

from __future__ import annotations

import asyncio
import os
import struct
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Protocol

EV_SYN, EV_KEY, EV_ABS, EV_MSC = 0, 1, 3, 4
ABS_X, ABS_Y, ABS_PRESSURE = 0, 1, 24
BTN_0, BTN_1, BTN_2 = 0x100, 0x101, 0x102
BTN_TOOL_PEN, BTN_TOOL_RUBBER, BTN_TOUCH = 0x140, 0x141, 0x14A
CONFIRM, CLEAR, CANCEL = BTN_0, BTN_1, BTN_2
SYN_DROPPED = 3
AXES = (4095, 2047, 1023)


def record(kind: int, code: int, value: int, time_us: int = 0) -> bytes:
    """One event of a 64-bit kernel."""
    return struct.pack("llHHi", time_us // 1_000_000, time_us % 1_000_000, kind, code, value)


def frame(*events: tuple[int, int, int], time_us: int = 0) -> bytes:
    """The events and their SYN_REPORT."""
    return b"".join(record(*event, time_us) for event in (*events, (EV_SYN, 0, 0)))


def press(*codes: int) -> bytes:
    """Each key down and up."""
    return b"".join(frame((EV_KEY, code, 1)) + frame((EV_KEY, code, 0)) for code in codes)


def dropped(time_us: int = 0) -> bytes:
    """SYN_DROPPED; what follows up to the next SYN_REPORT is not to be believed."""
    return record(EV_SYN, SYN_DROPPED, 0, time_us)


class Hand:
    """A pen at 200 Hz; its clock begins anywhere and goes on from call to call."""

    def __init__(self, start_us: int = 5_000_000_000) -> None:
        self.now_us = start_us

    def down(self, x: int, y: int, pressure: int = 500) -> bytes:
        return self._at(
            (EV_KEY, BTN_TOUCH, 1), (EV_ABS, ABS_X, x), (EV_ABS, ABS_Y, y), (EV_ABS, ABS_PRESSURE, pressure)
        )

    def move(self, x: int, y: int, pressure: int = 500) -> bytes:
        return self._at((EV_ABS, ABS_X, x), (EV_ABS, ABS_Y, y), (EV_ABS, ABS_PRESSURE, pressure))

    def up(self) -> bytes:
        return self._at((EV_KEY, BTN_TOUCH, 0), (EV_ABS, ABS_PRESSURE, 0))

    def stroke(self, places: Sequence[tuple[int, int]]) -> bytes:
        down = self.down(*places[0])
        return down + b"".join(self.move(x, y) for x, y in places[1:]) + self.up()

    def signature(self, offset: int = 0) -> bytes:
        """Two strokes of 60 points each; another `offset` gives other ink."""
        return self.stroke(loop(offset)) + self.stroke(loop(offset + 40))

    def _at(self, *events: tuple[int, int, int]) -> bytes:
        self.now_us += 5_000
        return frame(*events, time_us=self.now_us)


def loop(offset: int = 0) -> list[tuple[int, int]]:
    """A wave of 60 places that passes for half a signature."""
    return [(500 + offset + 25 * step, 900 + offset + (step % 12) * 45) for step in range(60)]


class Fifo:
    """A FIFO and the writer that holds it, as a device holds its node."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fd = -1

    def plug(self) -> Fifo:
        os.mkfifo(self.path)
        self.hold()
        return self

    def hold(self) -> None:
        self.fd = os.open(self.path, os.O_RDWR | os.O_NONBLOCK)

    def write(self, data: bytes) -> None:
        assert os.write(self.fd, data) == len(data)

    def let_go(self) -> None:
        os.close(self.fd)
        self.fd = -1

    def unplug(self) -> None:
        self.path.unlink()
        self.let_go()


async def until(condition: Callable[[], object], what: str, seconds: float = 20.0) -> None:
    """Turn the loop until the condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"after {seconds:g} s still not: {what}"
        await asyncio.sleep(0.005)


class Runs(Protocol):
    """What owns a device, until it is closed."""

    async def run(self) -> None: ...
    async def close(self) -> None: ...


async def beside(owner: Runs, scene: Awaitable[None]) -> None:
    """Play a scene while the owner runs, which must have ended soon after it is closed."""
    running = asyncio.ensure_future(owner.run())
    try:
        await asyncio.wait_for(scene, 60)
    finally:
        await owner.close()
        await asyncio.wait_for(running, 20)
