"""The keypad's actor on a real FIFO, and its light on a node that has one."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from posd.config import ConfigError, KeypadSection
from posd.domain.device import DeviceReport, KeyCommand
from posd.input.events import FIFO_RECORD, Axis, Snapshot
from posd.input.keys import USUAL
from posd.keypad import actor as actor_module
from posd.keypad.actor import KeypadActor
from tests.unit.input.wire import EV_KEY, Fifo, dropped, frame, press, record, until

F1, F2, ESC, ONE, TWO, ENTER = (USUAL[f"KEY_{name}"] for name in ("F1", "F2", "ESC", "1", "2", "ENTER"))
REPRINT = KeyCommand("reprint-last", "KEY_F1")


class Counter:
    """A desk that hears a keypad."""

    def __init__(self, path: Path, **section: object) -> None:
        self.said: list[DeviceReport | KeyCommand] = []
        self.keypad = KeypadActor(KeypadSection(device=str(path), **section), self.said.append)  # type: ignore[arg-type]

    @property
    def states(self) -> list[str]:
        return [word.state for word in self.said if isinstance(word, DeviceReport)]

    @property
    def commands(self) -> list[KeyCommand]:
        return [word for word in self.said if isinstance(word, KeyCommand)]

    async def ready(self) -> None:
        await until(lambda: self.states and self.states[-1] == "ready", "the keypad is ready")

    async def commanded(self, count: int) -> None:
        await until(lambda: len(self.commands) >= count, f"{count} commands")


def play(scene: Callable[[Counter], Awaitable[None]], fifo: Fifo, **section: object) -> Counter:
    async def run() -> Counter:
        counter = Counter(fifo.path, **section)
        running = asyncio.ensure_future(counter.keypad.run())
        try:
            await asyncio.wait_for(scene(counter), 60)
        finally:
            await counter.keypad.close()
            await asyncio.wait_for(running, 20)
        return counter

    counter = asyncio.run(run())
    if fifo.fd >= 0:
        fifo.let_go()
    return counter


@pytest.fixture
def fifo(tmp_path: Path) -> Fifo:
    return Fifo(tmp_path / "keypad").plug()


def test_a_key_speaks_once_when_it_goes_down(fifo: Fifo) -> None:
    async def scene(counter: Counter) -> None:
        await counter.ready()
        held = frame((EV_KEY, F1, 1)) + frame((EV_KEY, F1, 2)) * 30 + frame((EV_KEY, F1, 0))
        fifo.write(held + press(ESC))
        await counter.commanded(2)

    assert play(scene, fifo).commands == [REPRINT, KeyCommand("cancel", "KEY_ESC")]


def test_keys_that_were_pressed_before_posd_listened_print_nothing(fifo: Fifo) -> None:
    async def scene(counter: Counter) -> None:
        await counter.ready()
        fifo.write(frame((EV_KEY, F1, 0)) + press(ESC))
        await counter.commanded(1)

    fifo.write(press(F1, F1) + frame((EV_KEY, F1, 1)))
    assert play(scene, fifo).commands == [KeyCommand("cancel", "KEY_ESC")]


def test_a_number_is_typed(fifo: Fifo) -> None:
    async def scene(counter: Counter) -> None:
        await counter.ready()
        for code in (F2, ONE, TWO, ENTER):
            fifo.write(press(code))
            await asyncio.sleep(0)
        await counter.commanded(1)

    assert play(scene, fifo).commands == [KeyCommand("reprint-number", "KEY_ENTER", "12")]


def test_a_number_with_a_digit_lost_is_not_printed(fifo: Fifo) -> None:
    async def scene(counter: Counter) -> None:
        await counter.ready()
        fifo.write(press(F2, ONE) + dropped() + record(EV_KEY, TWO, 1) + frame() + press(TWO, ENTER, ESC))
        await counter.commanded(1)

    assert play(scene, fifo).commands == [KeyCommand("cancel", "KEY_ESC")]


def test_a_keypad_that_is_pulled_out_forgets_what_was_typed(fifo: Fifo) -> None:
    async def scene(counter: Counter) -> None:
        await counter.ready()
        fifo.write(press(F2, ONE))
        fifo.unplug()
        await until(lambda: counter.states[-1] == "absent", "absent")
        fifo.plug()
        await counter.ready()
        fifo.write(press(TWO, ENTER, F1))
        await counter.commanded(1)

    counter = play(scene, fifo)
    assert counter.commands == [REPRINT]
    assert counter.states == ["opening", "ready", "absent", "opening", "ready"]


def test_a_pause_in_a_number_ends_it(fifo: Fifo) -> None:
    async def scene(counter: Counter) -> None:
        await counter.ready()
        fifo.write(press(F2, ONE))
        began = asyncio.get_running_loop().time()
        await until(lambda: asyncio.get_running_loop().time() > began + 1.0, "some time has passed")
        fifo.write(press(TWO, ENTER, F1))
        await counter.commanded(1)

    assert play(scene, fifo, timeout="100ms").commands == [REPRINT]


def test_feedback_without_a_light_or_a_device_does_nothing(fifo: Fifo) -> None:
    async def scene(counter: Counter) -> None:
        counter.keypad.feedback(True)
        await counter.ready()
        counter.keypad.feedback(False)

    assert play(scene, fifo).commands == []


@pytest.mark.parametrize(
    ("section", "says"),
    [({"device": ""}, "keypad.device is empty"), ({"keys": {"KEY_F0": "cancel"}}, "keypad.keys: 'KEY_F0'")],
)
def test_what_cannot_be_configured_is_refused_at_once(section: dict[str, object], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        KeypadActor(KeypadSection(**{"device": "/dev/null", **section}), lambda word: None)  # type: ignore[arg-type]


class Lamp:
    """A keypad with lights, standing in for an event node: umockdev cannot tell what is written to one."""

    path = name = "lamp"
    kind = "evdev"
    record: struct.Struct = FIFO_RECORD
    keys = frozenset({F1})
    backlog = b""
    waiting = False

    def __init__(self, fd: int, lights: set[int]) -> None:
        self.fd = fd
        self.axes: dict[int, Axis] = {}
        self.lights = frozenset(lights)
        self.shown: list[tuple[int, bool]] = []

    def read(self) -> None:
        return None

    def state(self) -> Snapshot:
        return Snapshot({}, frozenset())

    def light(self, code: int, on: bool) -> None:
        self.shown.append((code, on))

    def close(self) -> None:
        return


@pytest.mark.parametrize(
    ("ok", "lights", "flashes"),
    [(True, {0, 1, 8}, [(8, True), (8, False)]), (False, {0, 1, 2}, [(2, True), (2, False)] * 3), (True, {5}, [])],
)
def test_the_best_light_says_yes_or_no(
    fifo: Fifo, monkeypatch: pytest.MonkeyPatch, ok: bool, lights: set[int], flashes: list[tuple[int, bool]]
) -> None:
    lamp = Lamp(fifo.fd, lights)
    monkeypatch.setattr("posd.input.opening.open_node", lambda *_: lamp)
    monkeypatch.setattr(actor_module, "YES_S", (0.0, 0.01))
    monkeypatch.setattr(actor_module, "NO_S", (0.0, 0.01, 0.02, 0.03, 0.04, 0.05))

    async def scene(counter: Counter) -> None:
        await counter.ready()
        counter.keypad.feedback(not ok)
        counter.keypad.feedback(ok)
        await until(lambda: len(lamp.shown) >= len(flashes), "the light has flashed")

    play(scene, fifo)
    assert lamp.shown == flashes
