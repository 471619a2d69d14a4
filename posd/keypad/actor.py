"""The keypad's actor: owns the keypad's device, speaks `KeyCommand` and `DeviceReport`.

Only keys that are pressed after the device was opened count. What a FIFO held before is thrown away by the port, and
the kernel keeps nothing for those who come later: a key that was pressed while posd was down must not print something
minutes afterwards, when nobody stands there.

A keypad with a light answers with it: one long flash for "yes", three short ones for "no".
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from posd.config import ConfigError, KeypadSection, seconds
from posd.domain.device import DeviceReport, KeyCommand
from posd.input.events import EV_KEY, Frame
from posd.input.node import Node
from posd.input.port import InputPort
from posd.keypad.bindings import BadBinding, bindings
from posd.keypad.entry import Entry, Told

LIGHTS = (8, 2, 1, 0)
"""The lights that may flash, best first: misc, scroll lock, caps lock, num lock (linux/input-event-codes.h)."""
YES_S = (0.0, 0.6)
NO_S = (0.0, 0.12, 0.24, 0.36, 0.48, 0.6)
"""When the light goes on, off, on, ..."""

_log = logging.getLogger(__name__)


class KeypadActor:
    """One keypad. `emit` is called on the loop with `DeviceReport` and `KeyCommand`.

    ConfigError for keys that do not exist.
    """

    def __init__(self, section: KeypadSection, emit: Callable[[DeviceReport | KeyCommand], None]) -> None:
        if not section.device:
            raise ConfigError("keypad.device is empty; name the keypad's event node, or run without a keypad")
        try:
            self._bindings = bindings(section.keys)
        except BadBinding as bad:
            raise ConfigError(str(bad)) from bad
        self._emit = emit
        self._entry = Entry(self._bindings, seconds(section.timeout))
        self._light: int | None = None
        self._flashes: list[asyncio.TimerHandle] = []
        self._port = InputPort("keypad", section.device, self, emit, {}, lights=True)

    async def run(self) -> None:
        """Own the keypad until cancelled or closed."""
        await self._port.run()

    def poke(self) -> None:
        """A device appeared: try now."""
        self._port.poke()

    def alive(self) -> float:
        """Loop time of the last turn; moves on at least every `posd.input.port.TICK_S` seconds."""
        return self._port.alive()

    async def close(self) -> None:
        """Give the keypad back and end `run`."""
        await self._port.close()

    def feedback(self, ok: bool) -> None:
        """Tell the person at the keypad yes or no, if it has a light; an answer that is still flashing gives way."""
        self._stop_flashing()
        if self._light is None:
            return
        loop = asyncio.get_running_loop()
        for place, after_s in enumerate(YES_S if ok else NO_S):
            self._flashes.append(loop.call_later(after_s, self._port.light, self._light, place % 2 == 0))

    def complaint(self, node: Node) -> str | None:
        """Port: whether this is a keypad."""
        if node.kind == "fifo" or node.keys & self._bindings.keys():
            return None
        names = ", ".join(binding.key for binding in self._bindings.values())
        return (
            f"has none of the keys in keypad.keys ({names}). "
            "Name the keypad's event node in keypad.device, or bind its keys."
        )

    def opened(self, node: Node) -> None:
        """Port: the keypad is there."""
        self._light = next((light for light in LIGHTS if light in node.lights), None)

    def frames(self, frames: list[Frame]) -> None:
        """Port: what the keypad sent."""
        now_s = asyncio.get_running_loop().time()
        for frame in frames:
            if frame.loss == "begins":
                _log.warning("the keypad's events came faster than they were read; some are lost")
                self._answer(self._entry.lose())
            for event in frame.events:
                if event.type == EV_KEY and event.value == 1:
                    self._answer(self._entry.press(event.code, now_s))

    def lost(self) -> None:
        """Port: the keypad has gone."""
        self._stop_flashing()
        self._light = None
        self._entry.lose()

    def _answer(self, told: Told) -> None:
        if told.refused:
            self.feedback(False)
        if told.command is not None:
            self._emit(told.command)

    def _stop_flashing(self) -> None:
        for flash in self._flashes:
            flash.cancel()
        self._flashes.clear()
