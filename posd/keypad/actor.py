"""The keypad's actor: owns the keypad's device, speaks `KeyCommand` and `DeviceReport`, hears `KeyAnswer`.

Only keys that are pressed after the device was opened count. What a FIFO held before is thrown away by the port, and
the kernel keeps nothing for those who come later: a key that was pressed while posd was down must not print something
minutes afterwards, when nobody stands there.

Two keys that go down in one moment are a slip of the hand: neither counts, and what was being typed ends.

A PIN is looked at here, by a thread, and goes nowhere else; the desk hears whose it is said to be, and whether it is.

A keypad with lights tells with them where it stands (lights.py); "done" is told only when the desk says so, which it
does once the record is durable. Who watches hears of every step (`shown`); the printer's buzzer, where it has one, says
that something is asked or refused (`beep`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

from msgspec.structs import replace

from posd.config import ConfigError, KeypadSection, seconds
from posd.domain.device import DeviceReport, KeyAnswer, KeyCommand, KeypadShown
from posd.domain.pins import Pin
from posd.input.events import EV_KEY, Frame
from posd.input.node import Node
from posd.input.port import InputPort
from posd.keypad.bindings import BadBinding, bindings
from posd.keypad.entry import PIN_STATES, Entry, Told
from posd.keypad.lights import Lights
from posd.keypad.supervisors import look

WORKING = ("asked", "checking")
BEEPS_ASKED, BEEPS_REFUSED = 1, 2
_NO_QUESTION = ("done", "refused", "check")
_ABOUT_PINS = ("pin", "pin-right", "pin-wrong")

_log = logging.getLogger(__name__)


class KeypadActor:
    """One keypad. `emit` is called on the loop with `DeviceReport` and `KeyCommand`, `shown` with each step, `beep`
    with how often the printer's buzzer shall sound.

    ConfigError for keys that cannot be bound so.
    """

    def __init__(
        self,
        section: KeypadSection,
        emit: Callable[[DeviceReport | KeyCommand], None],
        shown: Callable[[KeypadShown], None] = lambda _: None,
        supervisors: Mapping[str, Pin] = MappingProxyType({}),
        beep: Callable[[int], None] | None = None,
    ) -> None:
        if not section.device:
            raise ConfigError("keypad.device is empty; name the keypad's event node, or run without a keypad")
        try:
            self._bindings = bindings(section.keys)
        except BadBinding as bad:
            raise ConfigError(str(bad)) from bad
        self._emit = emit
        self._shown = shown
        self._supervisors = supervisors
        self._fault = ""
        self._heard: DeviceReport | None = None
        self._checking: asyncio.Task[bool] | None = None
        self._entry = Entry(self._bindings, seconds(section.timeout))
        self._lights = Lights(frozenset(), lambda _code, _on: None)
        self._pause: asyncio.TimerHandle | None = None
        self._told = KeypadShown("idle")
        self._beep = beep or (lambda _times: None)
        self._port = InputPort("keypad", section.device, self, self._hear, {}, lights=True)

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
        """Give the keypad back, its lights off, and end `run`."""
        self._lights.off()
        if self._checking is not None:
            self._checking.cancel()
        await self._port.close()

    def use(self, supervisors: Mapping[str, Pin], fault: str) -> None:
        """The PINs that hold from now on, and what is wrong with their file. One that is being typed or looked at by
        others is dropped.
        """
        if supervisors != self._supervisors:
            self._supervisors = supervisors
            if self._entry.state in PIN_STATES:
                self._tell(self._entry.lose(self._now_s()))
        if fault != self._fault:
            self._fault = fault
            if self._heard is not None and self._heard.state == "ready":
                self._hear(self._heard)

    def answer(self, answer: KeyAnswer) -> None:
        """The desk's answer to a command."""
        if answer.answer == "done":
            self._lights.flash("done")
        self._tell(self._entry.hear(answer, self._now_s()), answer)

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
        self._lights = Lights(node.lights, self._port.light)

    def frames(self, frames: list[Frame]) -> None:
        """Port: what the keypad sent."""
        for frame in frames:
            if frame.loss == "begins":
                _log.warning("the keypad's events came faster than they were read; some are lost")
                self._tell(self._entry.lose(self._now_s()))
            pressed = {event.code for event in frame.events if event.type == EV_KEY and event.value == 1}
            if len(pressed) == 1:
                self._tell(self._entry.press(pressed.pop(), self._now_s()))
            elif pressed:
                self._tell(self._entry.lose(self._now_s())._replace(refused=True))

    def lost(self) -> None:
        """Port: the keypad has gone."""
        self._tell(self._entry.lose(self._now_s()))
        self._lights.off()

    def _hear(self, report: DeviceReport) -> None:
        """The port's word on the device: where that is ready, and the file of PINs is not, a person must act."""
        self._heard = report
        if report.state == "ready" and self._fault:
            report = replace(report, state="attention", reasons=("pin-file",), detail=self._fault)
        self._emit(report)

    def _now_s(self) -> float:
        return asyncio.get_running_loop().time()

    def _tell(self, told: Told, answer: KeyAnswer | None = None) -> None:
        """Let the desk, the lights and those who watch know what came of it."""
        state = self._entry.state
        if told.refused:
            self._lights.flash("refused")
            self._beep(BEEPS_REFUSED)
        elif answer is not None and answer.answer not in _NO_QUESTION:
            self._beep(BEEPS_ASKED)
        self._lights.stand(None if state == "idle" else "working" if state in WORKING else "waiting")
        self._watch_the_pause()
        shown = KeypadShown(state, answer)
        if answer is not None or shown.state != self._told.state:
            self._told = shown
            self._shown(shown)
        if told.check:
            self._check()
        if told.command is not None:
            self._emit(self._discreet(told.command))

    def _discreet(self, command: KeyCommand) -> KeyCommand:
        """Without a number that no supervisor has: somebody may have typed the PIN in its place."""
        if command.action in _ABOUT_PINS and command.number not in self._supervisors:
            return replace(command, number="")
        return command

    def _check(self) -> None:
        """Let the PIN be looked at by a thread; the entry's time-out is its deadline."""
        pin, operator = self._entry.take_pin(), self._entry.operator
        if self._checking is not None:  # one that never ended
            _log.error("a PIN cannot be looked at: an earlier one still is")
            self._tell(self._entry.lose(self._now_s()))
            return
        looking = asyncio.to_thread(look, self._supervisors, operator, pin)
        self._checking = asyncio.get_running_loop().create_task(looking)
        self._checking.add_done_callback(partial(self._checked, self._entry.newest))

    def _checked(self, tried: int, done: asyncio.Task[bool]) -> None:
        """The look at the PIN that the command `tried` told of has ended; too late, it says nothing of another."""
        self._checking = None
        if done.cancelled():
            return
        if done.exception() is not None:
            _log.error("a PIN could not be looked at and counts as a wrong one", exc_info=done.exception())
        if tried != self._entry.newest:
            return
        self._tell(self._entry.looked_at(done.exception() is None and done.result(), self._now_s()))

    def _watch_the_pause(self) -> None:
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
        if self._entry.ends_s is not None:
            self._pause = asyncio.get_running_loop().call_at(self._entry.ends_s + 0.001, self._paused)

    def _paused(self) -> None:
        self._tell(self._entry.pause(self._now_s()))
