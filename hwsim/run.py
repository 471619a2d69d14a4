"""Runs a world in the foreground until SIGTERM or Ctrl-C."""

from __future__ import annotations

import asyncio
import signal
import sys

from hwsim.control import Control, make_room
from hwsim.paper.text import columns
from hwsim.printer.strips import COLUMN_DOTS
from hwsim.world import Setup, World


def run_world(setup: Setup, *, show: bool) -> int:
    """Make the world, say `ready`, and run it; returns the exit code."""
    try:
        setup.directory.mkdir(parents=True, exist_ok=True)
        make_room(setup.directory / "control")
        asyncio.run(_run(setup, show=show))
    except OSError as error:
        print(f"hwsim: {error}", file=sys.stderr)
        return 1
    return 0


async def _run(setup: Setup, *, show: bool) -> None:
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    world = World(setup, _show if show else None)
    control = Control(world, setup.directory / "control")
    try:
        world.start()
        await control.open()
        print("ready", flush=True)
        await stopped.wait()
    finally:
        await control.close()
        await world.stop()


def _show(width_dots: int, text: str) -> None:
    """A slip in a frame of its width."""
    width = width_dots // COLUMN_DOTS
    print("┌" + "─" * (width + 2) + "┐")
    for line in text.splitlines():
        print(f"│ {line}{' ' * (width - columns(line))} │")
    print("└" + "─" * (width + 2) + "┘", flush=True)
