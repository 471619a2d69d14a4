"""A printer in a world: its line, its tray, and the words that concern it.

Rules: the files of the first are `printer` and `paper/`, of the second `printer2` and `paper2/`; `printer.port` holds
the number of the TCP port. Slips are written by one thread, in order, so that drawing delays nobody.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwsim.faults import CUTS_CONNECTIONS, change_for, number, place
from hwsim.paper.tray import Tray
from hwsim.printer.machine import Printer
from hwsim.printer.models import Model
from hwsim.printer.strips import Slip
from hwsim.wire import Kind
from hwsim.wired import WiredPrinter
from hwsim.words import Misuse, check

WAIT_SLIP_S = 10.0

Deed = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Equipment:
    """One printer of a world. `speed` is millimetres a second, None for no mechanical delay; `tcp` host and port."""

    model: Model
    speed: float | None
    kind: Kind = "serial"
    rate: float = 0.0
    """Bytes a second on the line, 0 for no limit."""
    tcp: tuple[str, int] | None = None


class Station:
    """One printer with its line and its tray. Make it inside a running event loop."""

    def __init__(
        self, directory: Path, name: str, equipment: Equipment, on_text: Callable[[int, str], None] | None
    ) -> None:
        self._equipment = equipment
        self._on_text = on_text
        self._port_file = directory / f"{name}.port"
        self.tray = Tray(directory / name.replace("printer", "paper"))
        self.printer = Printer(equipment.model, equipment.speed)
        self.wired = WiredPrinter(self.printer, directory / name, self._take_slip, equipment.kind)
        self.wired.pace.rate = equipment.rate
        self._writer = ThreadPoolExecutor(1, f"slips of {name}")
        self._blank_scraps = 0
        self._writing = 0
        self._slip_written = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Plug it in."""
        if self._equipment.tcp is not None:
            self.wired.listen(self._equipment.tcp)
            temporary = self._port_file.with_suffix(".part")
            temporary.write_text(f"{self.wired.tcp_port}\n")
            temporary.replace(self._port_file)
        self.wired.plug()

    async def stop(self) -> None:
        """Finish writing what was cut and take everything down."""
        self.wired.close()
        with contextlib.suppress(FileNotFoundError):
            self._port_file.unlink()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._writer.shutdown()

    def prepare(self, name: str, args: list[str]) -> Deed:
        """The deed of a word that happens at once. Raises Misuse for an argument that is wrong."""
        if name in ("stop-after", "at"):
            return self._prepare_alarm(f"now+{args[0]}" if name == "stop-after" else args[0], args[1], args[2:])
        if name in ("plug", "unplug"):
            return self.wired.plug if name == "plug" else self.wired.unplug
        if name == "slow":
            rate = number(args[0], "BYTES_PER_SECOND")
            return lambda: self.wired.set_rate(rate)
        if name == "noise":
            loss, flip = number(args[0], "LOSS"), number(args[1], "FLIP")
            seed = int(number(args[2], "SEED")) if len(args) > 2 else 0
            return lambda: self.wired.disturb(loss, flip, seed)
        change = change_for(name, args)
        if change is None:
            raise Misuse(f"{name} is nothing for a printer")
        return lambda: self.wired.happen(change, cut_off=name in CUTS_CONNECTIONS)

    def _prepare_alarm(self, where: str, name: str, args: list[str]) -> Deed:
        mark, offset, received = place(where)
        word = check(name, args)
        if not word.at_once or name in ("stop-after", "at"):
            raise Misuse(f"{name} cannot be armed")
        deed = self.prepare(name, args)
        return lambda: self.wired.happen(lambda printer, now: printer.arm(mark, offset, deed, now, received=received))

    async def wait_slip(self, args: list[str]) -> dict[str, Any]:
        """Wait until slip N is in the tray. Raises Misuse, TimeoutError."""
        wanted = int(number(args[0], "N"))
        if wanted < 1:
            raise Misuse("slips are counted from 1")
        seconds = number(args[1], "SECONDS") if len(args) > 1 else WAIT_SLIP_S
        try:
            async with asyncio.timeout(seconds), self._slip_written:
                await self._slip_written.wait_for(lambda: self.tray.count >= wanted)
        except TimeoutError:
            raise TimeoutError(f"no slip {wanted} within {seconds:g} s; {self.tray.count} are in the tray") from None
        path = self.tray.directory / f"{wanted:04}.txt"
        if not path.exists():
            raise Misuse(f"slip {wanted} is not in the tray any more")
        return {"slip": wanted, "path": str(path), "text": path.read_text()}

    def status(self) -> dict[str, Any]:
        """The printer in plain values."""
        printer, mechanism, interpreter = self.printer, self.printer.mechanism, self.printer.interpreter
        return {
            "model": printer.model.name,
            "width_dots": printer.model.width_dots,
            "plugged": self.wired.plugged,
            "powered": printer.powered,
            "muted": printer.muted,
            "busy": printer.busy,
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
            "not_drawn": dict(interpreter.not_drawn),
            "slip": mechanism.progress,
        }

    def line_status(self) -> dict[str, Any]:
        """The line in plain values."""
        wired = self.wired
        return {
            "kind": wired.kind,
            "bytes_per_second": wired.pace.rate,
            "tcp_port": wired.tcp_port,
            "tcp_hosts": wired.tcp_hosts,
            "overrun": wired.overrun,
            "lost": wired.noise_in.lost + wired.noise_out.lost,
            "flipped": wired.noise_in.flipped + wired.noise_out.flipped,
        }

    def tray_status(self) -> dict[str, int]:
        """The tray in plain values."""
        return {
            "slips": self.tray.count,
            "blank_scraps": self._blank_scraps,
            "slips_being_written": self._writing,
        }

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
            self._on_text(self.printer.model.width_dots, text)
