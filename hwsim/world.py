"""The world in a directory: `printer` (link to a pty), `pad` and `keypad` (FIFOs), `control` (socket), `paper/`.

Rules: one world a directory; everything in it is made at the start and removed at the end, except the paper. Each
word of `words` is one entry in a table here. Slips are written by one thread, in order, so that drawing delays
nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwsim.fifo import Fifo
from hwsim.pad import acts
from hwsim.paper.tray import Tray
from hwsim.printer.machine import Printer
from hwsim.printer.models import Model
from hwsim.printer.status import Condition
from hwsim.printer.strips import Slip
from hwsim.wired import WiredPrinter
from hwsim.words import WORDS, Misuse, check

WAIT_SLIP_S = 10.0


@dataclass(frozen=True, slots=True)
class Setup:
    """How a world is made. `speed` is millimetres a second, None for no mechanical delay; `tcp` host and port."""

    directory: Path
    model: Model
    speed: float | None
    tcp: tuple[str, int] | None = None


class World:
    """Everything outside the daemon. Make it inside a running event loop."""

    def __init__(self, setup: Setup, on_text: Callable[[int, str], None] | None = None) -> None:
        self._setup = setup
        self._on_text = on_text
        self.tray = Tray(setup.directory / "paper")
        self.pad = Fifo(setup.directory / "pad")
        self.keypad = Fifo(setup.directory / "keypad")
        self.printer = Printer(setup.model, setup.speed)
        self.wired = WiredPrinter(self.printer, setup.directory / "printer", self._take_slip)
        self._writer = ThreadPoolExecutor(1, "slips")
        self._blank_scraps = 0
        self._writing = 0
        self._slip_written = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()
        self._changes = self._table_of_changes()

    def start(self) -> None:
        """Plug everything in."""
        self.pad.plug()
        self.keypad.plug()
        if self._setup.tcp is not None:
            self.wired.listen(self._setup.tcp)
        self.wired.plug()

    async def stop(self) -> None:
        """Finish writing what was cut and take everything down."""
        self.wired.close()
        self.pad.unplug()
        self.keypad.unplug()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._writer.shutdown()

    async def do(self, name: str, args: list[str]) -> dict[str, Any]:
        """Let a word happen; returns what there is to say. Raises Misuse for a wrong word or argument, TimeoutError."""
        check(name, args)
        if name == "status":
            return self.status()
        if name == "wait-slip":
            return await self._wait_slip(args)
        if name in ("sign", "scribble", "blank", "cancel", "clear", "walk-away", "press"):
            return await self._act(name, args)
        self._prepare(name, args)()
        return {}

    def status(self) -> dict[str, Any]:
        """The whole world in plain values."""
        printer, mechanism, interpreter = self.printer, self.printer.mechanism, self.printer.interpreter
        return {
            "printer": {
                "model": printer.model.name,
                "width_dots": printer.model.width_dots,
                "plugged": self.wired.plugged,
                "powered": printer.powered,
                "muted": printer.muted,
                "faults": printer.condition.words(),
                "jammed": mechanism.jammed,
                "received": printer.received,
                "executed": printer.executed,
                "buffered": printer.buffered,
                "buffer_bytes": printer.model.buffer_bytes,
                "waiting_lines": mechanism.queued,
                "lines_printed": mechanism.lines_printed,
                "dots_advanced": mechanism.dots_advanced,
                "drawer_kicks": printer.drawer_kicks,
                "cuts_through_print": mechanism.cuts_through_print,
                "unknown_commands": dict(interpreter.unknown),
                "ignored_commands": dict(interpreter.ignored),
                "refused_commands": dict(interpreter.refused),
                "slip": mechanism.progress,
            },
            "line": {"bytes_per_second": self.wired.pace.rate, "tcp_port": self.wired.tcp_port},
            "pad": {"plugged": self.pad.plugged, "lost": self.pad.lost, "unread": self.pad.unread()},
            "keypad": {"plugged": self.keypad.plugged, "lost": self.keypad.lost, "unread": self.keypad.unread()},
            "slips": self.tray.count,
            "blank_scraps": self._blank_scraps,
            "slips_being_written": self._writing,
        }

    # words that happen at once

    def _prepare(self, name: str, args: list[str]) -> Callable[[], None]:
        """The deed of a word that happens at once. Raises Misuse for an argument that is wrong."""
        if name == "stop-after":
            return self._prepare_alarm(args)
        if name in ("plug", "unplug"):
            return self._prepare_cable(name, args)
        if name == "slow":
            rate = _number(args[0], "BYTES_PER_SECOND")
            return lambda: self.wired.set_rate(rate)
        change = self._changes.get(" ".join([name, *args]))
        if change is None:
            raise Misuse(f"usage: {name} {WORDS[name].usage}")
        return lambda: self.wired.happen(change, cut_off=name == "power-off")

    def _prepare_alarm(self, args: list[str]) -> Callable[[], None]:
        count = int(_number(args[0], "BYTES"))
        word = check(args[1], args[2:])
        if not word.at_once or word.name == "stop-after":
            raise Misuse(f"{word.name} cannot be armed")
        deed = self._prepare(word.name, args[2:])
        return lambda: self.wired.happen(lambda printer, now: printer.arm(count, deed, now))

    def _prepare_cable(self, name: str, args: list[str]) -> Callable[[], None]:
        devices: dict[str, Fifo | WiredPrinter] = {"printer": self.wired, "pad": self.pad, "keypad": self.keypad}
        which = args[0] if args else "printer"
        if which not in devices:
            raise Misuse(f"no device {which!r}; there is {', '.join(devices)}")
        return devices[which].plug if name == "plug" else devices[which].unplug

    def _table_of_changes(self) -> dict[str, Callable[[Printer, float], None]]:
        def condition(**fields: bool) -> Callable[[Printer, float], None]:
            def set_fields(of: Condition) -> None:
                for field, value in fields.items():
                    setattr(of, field, value)

            return lambda printer, now: printer.change(set_fields, now)

        def mute(value: bool) -> Callable[[Printer, float], None]:
            return lambda printer, now: printer.mute(value, now)

        return {
            "paper-out": condition(paper_out=True),
            "paper-in": condition(paper_out=False, near_end=False),
            "near-end": condition(near_end=True),
            "near-end-clear": condition(near_end=False),
            "cover-open": condition(cover_open=True),
            "cover-close": condition(cover_open=False),
            "cutter-jam": lambda printer, now: printer.jam_cutter(now),
            "cutter-jam now": lambda printer, now: printer.jam_cutter(now, at_once=True),
            "cutter-clear": lambda printer, now: printer.clear_jam(now),
            "head-hot": condition(head_hot=True),
            "head-cool": condition(head_hot=False),
            "offline": condition(offline=True),
            "online": condition(offline=False),
            "broken": condition(broken=True),
            "mute": mute(True),
            "unmute": mute(False),
            "power-off": lambda printer, now: printer.power_off(now),
            "power-on": lambda printer, now: printer.power_on(now),
        }

    # words that take time

    async def _act(self, name: str, args: list[str]) -> dict[str, Any]:
        fast = "--fast" in args
        rest = [arg for arg in args if arg != "--fast"]
        try:
            act, device = self._what_to_play(name, rest)
        except ValueError as error:
            raise Misuse(str(error)) from error
        if not device.plugged:
            raise Misuse(f"the {device.path.name} is unplugged")
        seconds = act[-1][0]
        lost = await device.play(lambda start: acts.bursts(act, start), fast=fast)
        return {"reports": len(act), "seconds": round(seconds, 3), "lost": lost}

    def _what_to_play(self, name: str, args: list[str]) -> tuple[acts.Act, Fifo]:
        if name == "press":
            return acts.press(args), self.keypad
        if name == "sign":
            return acts.sign(" ".join(args) or "somebody"), self.pad
        if args:
            raise Misuse(f"usage: {name} [--fast]")
        table = {
            "scribble": acts.scribble_and_confirm,
            "blank": acts.blank,
            "cancel": acts.cancel,
            "clear": acts.clear,
            "walk-away": acts.walk_away,
        }
        return table[name](), self.pad

    async def _wait_slip(self, args: list[str]) -> dict[str, Any]:
        number = int(_number(args[0], "N"))
        seconds = _number(args[1], "SECONDS") if len(args) > 1 else WAIT_SLIP_S
        try:
            async with asyncio.timeout(seconds), self._slip_written:
                await self._slip_written.wait_for(lambda: self.tray.count >= number)
        except TimeoutError:
            raise TimeoutError(f"no slip {number} within {seconds:g} s; {self.tray.count} are in the tray") from None
        path = self.tray.directory / f"{number:04}.txt"
        return {"slip": number, "path": str(path), "text": path.read_text()}

    # slips

    def _take_slip(self, slip: Slip) -> None:
        """A blank piece of paper is counted, but nobody would call it a slip."""
        if not any(strip.marks for strip in slip.strips):
            self._blank_scraps += 1
            return
        self._writing += 1
        task = asyncio.get_running_loop().create_task(self._write(slip))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _write(self, slip: Slip) -> None:
        _, text = await asyncio.get_running_loop().run_in_executor(self._writer, self.tray.put, slip)
        async with self._slip_written:
            self._writing -= 1
            self._slip_written.notify_all()
        if self._on_text is not None:
            self._on_text(self._setup.model.width_dots, text)


def _number(text: str, what: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e9:
        raise Misuse(f"{what} must be a number from 0, not {text!r}")
    return value
