"""The buzzer sounds between slips and never inside one, and half a command does not spoil the next."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from posd.domain.device import PrintJob, PrintOutcome
from posd.printer.buzzer import sound
from posd.printer.link import Link
from tests.unit.printer.scripted import Bench
from tests.unit.printer.test_actor import SLIP, on_bench

TWICE = b"\x1bB\x02\x02"


def test_the_commands_are_those_of_the_manuals() -> None:
    assert sound("esc-a", 2) == bytes.fromhex("1b 28 41 05 00 61 64 02 02 01")
    assert sound("esc-b", 1) == bytes.fromhex("1b 42 01 02")
    assert sound("none", 1) == b""


def buzzing(folder: Path, act: Callable[[Bench], Awaitable[None]], buzzer: str = "esc-b") -> list[Any]:
    return on_bench(folder, act, buzzer=buzzer)


def test_it_sounds_between_slips_at_once_and_the_slip_behind_it_is_whole(tmp_path: Path) -> None:
    async def act(bench: Bench) -> None:
        await bench.ready()
        bench.printer.paper.clear()
        bench.actor.beep(2)
        assert await bench.print("j1", SLIP) == PrintOutcome("j1", "printed", "confirmed")
        await bench.until(lambda: bytes(bench.printer.paper) in (SLIP + TWICE, TWICE + SLIP))
        bench.printer.paper.clear()
        bench.actor.beep(2)
        await bench.until(lambda: bytes(bench.printer.paper) == TWICE)

    buzzing(tmp_path, act)


def test_what_is_said_inside_a_slip_or_to_a_printer_that_is_not_ready_is_not_said_later(tmp_path: Path) -> None:
    async def act(bench: Bench) -> None:
        bench.actor.beep(1)
        await bench.ready()
        bench.printer.paper.clear()
        bench.actor.submit(PrintJob("j1", SLIP))
        bench.actor.beep(2)
        assert (await bench.outcome("j1")).state == "printed"
        assert (await bench.print("j2", SLIP)).state == "printed"
        assert bytes(bench.printer.paper) == SLIP * 2

    buzzing(tmp_path, act)


def test_half_a_command_is_cut_off_before_the_next_slip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Link.send

    async def stuck(link: Link, data: bytes, seconds: float) -> bool:
        if data == TWICE:
            await whole(link, data[:2], seconds)
            return False
        return await whole(link, data, seconds)

    monkeypatch.setattr(Link, "send", stuck)

    async def act(bench: Bench) -> None:
        await bench.ready()
        bench.actor.beep(2)
        await bench.until(lambda: bench.state[0] == "faulted")
        await bench.ready()
        bench.printer.paper.clear()
        assert (await bench.print("j1", SLIP)).state == "printed"
        assert bytes(bench.printer.paper).endswith(SLIP)
        assert b"\x1dVB\x00" in bytes(bench.printer.paper).removesuffix(SLIP), "a cut before it"

    buzzing(tmp_path, act)
