"""The pad's and the keypad's actors on the simulated world: its customers, its keys, its plugs."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from hwsim.pad.hand import signature
from posd.config import KeypadSection, PadSection
from posd.domain.device import DeviceReport, KeyCommand, SignOutcome, SignRequest
from posd.keypad.actor import KeypadActor
from posd.pad.actor import PadActor
from posd.pad.strokes import decode
from tests.unit.input.wire import until


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("world")
    process = subprocess.Popen(
        [sys.executable, "-m", "hwsim", "run", str(folder)], cwd=root, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "ready"
    yield folder
    process.terminate()
    assert process.wait(20) == 0
    process.stdout.close()


def do(world: Path, root: Path, *words: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "hwsim", "do", str(world), *words], cwd=root, check=True, timeout=60, capture_output=True
    )


class Desk:
    """Asks for signatures, one after the other."""

    def __init__(self, world: Path, timeout: str) -> None:
        self.said: list[DeviceReport | SignOutcome] = []
        section = PadSection(driver="evdev", device=str(world / "pad"), timeout=timeout, tries=1)
        self.pad = PadActor(section, self.said.append)

    @property
    def outcomes(self) -> dict[str, SignOutcome]:
        return {word.session: word for word in self.said if isinstance(word, SignOutcome)}

    def is_ready(self) -> bool:
        return [word.state for word in self.said if isinstance(word, DeviceReport)][-1:] == ["ready"]

    async def ask(self, name: str, act: Callable[[], None]) -> None:
        await until(self.is_ready, "the pad is ready")
        self.pad.begin(SignRequest(name, "CNY 1.00", "shop"))
        await asyncio.to_thread(act)
        await until(lambda: name in self.outcomes, f"{name} ended")


def test_its_customers_sign_scribble_leave_blanks_and_cancel(world: Path, root: Path) -> None:
    acts: dict[str, tuple[str, ...]] = {
        "signed": ("sign", "Li Wei", "--fast"),
        "scribbled": ("scribble",),
        "blank": ("blank",),
        "cancelled": ("cancel",),
        "unplugged": ("unplug", "pad"),
        "again": ("sign", "Anna", "--fast"),
    }

    async def run() -> Desk:
        desk = Desk(world, "60s")
        running = asyncio.ensure_future(desk.pad.run())
        for name, words in acts.items():
            if name == "again":
                await asyncio.to_thread(do, world, root, "plug", "pad")
            await desk.ask(name, partial(do, world, root, *words))
        await desk.pad.close()
        await running
        return desk

    outcomes = asyncio.run(run()).outcomes
    assert {name: outcome.result for name, outcome in outcomes.items()} == {
        "signed": "captured",
        "scribbled": "blank",
        "blank": "blank",
        "cancelled": "cancelled",
        "unplugged": "device",
        "again": "captured",
    }
    for name, person in (("signed", "Li Wei"), ("again", "Anna")):
        drawing = outcomes[name].drawing
        assert drawing is not None
        strokes = [[(p.x, p.y, p.pressure) for p in stroke] for stroke in decode(drawing.data).strokes]
        assert strokes == [[(s.x, s.y, s.pressure) for s in stroke] for stroke in signature(person)]
        assert len(drawing.data) < 1500
    assert outcomes["scribbled"].drawing is not None
    assert outcomes["blank"].drawing is None


def test_its_customer_walks_away(world: Path, root: Path) -> None:
    async def run() -> Desk:
        desk = Desk(world, "1s")
        running = asyncio.ensure_future(desk.pad.run())
        await desk.ask("left", partial(do, world, root, "walk-away"))
        await desk.pad.close()
        await running
        return desk

    assert asyncio.run(run()).outcomes["left"].result == "timeout"


def test_its_keys_command(world: Path, root: Path) -> None:
    said: list[DeviceReport | KeyCommand] = []

    async def run() -> None:
        keypad = KeypadActor(KeypadSection(device=str(world / "keypad")), said.append)
        running = asyncio.ensure_future(keypad.run())
        await until(lambda: said and getattr(said[-1], "state", "") == "ready", "ready")
        await asyncio.to_thread(do, world, root, "press", "F1", "F2", "KP4", "2", "ENTER", "F3", "ESC")
        await until(lambda: isinstance(said[-1], KeyCommand) and said[-1].action == "cancel", "all keys")
        await keypad.close()
        await running

    asyncio.run(run())
    assert [(word.action, word.key, word.number) for word in said[2:] if isinstance(word, KeyCommand)] == [
        ("reprint-last", "KEY_F1", None),
        ("reprint-number", "KEY_ENTER", "42"),
        ("resign-last", "KEY_F3", None),
        ("cancel", "KEY_ESC", None),
    ]
