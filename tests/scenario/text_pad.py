"""An example of a pad's driver: a pad that writes lines of text into a FIFO (docs/pad-driver.md).

The lines: `at X Y` (the pen touches there), `up`, `ok`, `again`, `no`. Places go to `pad.axes`.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from typing import Literal

from posd.config import PadSection
from posd.domain.device import DeviceReport, DeviceState, Drawing, Reason, SignOutcome, SignRequest
from posd.pad.assemble import Button, Pen
from posd.pad.drivers import Emit, Show
from posd.pad.session import End, Rules, Signing
from posd.pad.strokes import Extents, encode

LOOK_S = 1.0
BUTTONS: dict[str, Button] = {"ok": "confirm", "again": "clear", "no": "cancel"}


class TextPad:
    """One such pad."""

    def __init__(self, section: PadSection, emit: Emit, watched: Callable[[], bool], show: Show) -> None:
        self._path = section.device
        self._emit = emit
        self._extents = Extents(*section.axes)
        self._signing = Signing(Rules.configured(section))
        self._loop = asyncio.get_running_loop()
        self._poked = asyncio.Event()
        self._turned_s = self._loop.time()
        self._fifo: int | None = None
        self._half = b""
        self._touching = False
        self._state: DeviceState | None = None
        self._closing = False

    async def run(self) -> None:
        while not self._closing:
            self._turned_s = self._loop.time()
            if self._fifo is None:
                self._open()
            self._end(self._signing.expire(self._loop.time()))
            self._poked.clear()
            try:
                await asyncio.wait_for(self._poked.wait(), LOOK_S)
            except TimeoutError:
                continue

    def begin(self, request: SignRequest) -> None:
        if self._fifo is not None:
            self._read()  # what came before the session is not part of it
        if self._fifo is None:
            self._loop.call_soon(self._emit, SignOutcome(request.session, "device"))
            return
        self._signing.begin(request.session, self._extents, self._touching, self._loop.time())

    def cancel(self, session: str) -> None:
        if self._signing.active == session:
            self._loop.call_soon(self._end, self._signing.stop("cancelled"))

    def poke(self) -> None:
        self._poked.set()

    def alive(self) -> float:
        return self._turned_s

    async def close(self) -> None:
        self._closing = True
        self._shut("restart")
        self.poke()

    def _open(self) -> None:
        try:
            self._fifo = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK)
        except FileNotFoundError:
            self._tell("absent", f"{self._path} is not there", "unplugged")
            return
        self._loop.add_reader(self._fifo, self._read)
        self._tell("opening", f"{self._path} is opened")
        self._tell("ready", "")

    def _shut(self, why: Literal["device", "restart"]) -> None:
        if self._fifo is not None:
            self._loop.remove_reader(self._fifo)
            os.close(self._fifo)
            self._fifo, self._half, self._touching = None, b"", False
            self._end(self._signing.stop(why))

    def _read(self) -> None:
        assert self._fifo is not None
        try:
            data = os.read(self._fifo, 65536)
        except BlockingIOError:
            return
        if not data:
            self._shut("device")
            self._tell("absent", f"{self._path} has no writer any more", "unplugged")
            return
        *lines, self._half = (self._half + data).split(b"\n")
        for line in lines:
            self._heard(line.decode("ascii", "replace").split())

    def _heard(self, words: list[str]) -> None:
        now_s, time_us = self._loop.time(), time.monotonic_ns() // 1000
        match words:
            case ["at", x, y] if x.isdecimal() and y.isdecimal():
                self._signing.pen(Pen("move" if self._touching else "down", time_us, int(x), int(y)), now_s)
                self._touching = True
            case ["up"]:
                self._signing.pen(Pen("up", time_us), now_s)
                self._touching = False
            case [button] if button in BUTTONS:
                self._end(self._signing.press(BUTTONS[button], now_s))

    def _end(self, end: End | None) -> None:
        if end is not None:
            drawing = Drawing("strokes", encode(end.ink)) if end.ink.strokes else None
            self._emit(SignOutcome(end.session, end.result, drawing, end.refused))

    def _tell(self, state: DeviceState, detail: str, *reasons: Reason) -> None:
        if state != self._state:
            self._state = state
            self._emit(DeviceReport("pad", state, reasons, detail))
