"""The world in a directory: `printer` and `pad-serial` (links to ptys), `pad` and `keypad` (FIFOs), `control` (socket),
`paper/`.

Rules: one world a directory; everything in it is made at the start and removed at the end, except the paper. A second
printer, where there is one, has `printer2` and `paper2/`, and its words begin with `printer2`; those of
the serial pad with `pad-serial`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwsim.fifo import Fifo
from hwsim.pad import acts
from hwsim.station import Equipment, Station
from hwsim.wired_pad import WiredPad
from hwsim.words import Misuse, check

FIRST, SECOND, SERIAL = "printer", "printer2", "pad-serial"


@dataclass(frozen=True, slots=True)
class Setup:
    """How a world is made."""

    directory: Path
    printer: Equipment
    second: Equipment | None = None


class World:
    """Everything outside the daemon. Make it inside a running event loop."""

    def __init__(self, setup: Setup, on_text: Callable[[int, str], None] | None = None) -> None:
        self.pad = Fifo(setup.directory / "pad")
        self.keypad = Fifo(setup.directory / "keypad")
        self.serial = WiredPad(setup.directory / SERIAL)
        equipment = {FIRST: setup.printer} | ({} if setup.second is None else {SECOND: setup.second})
        self._stations = {name: Station(setup.directory, name, what, on_text) for name, what in equipment.items()}

    def start(self) -> None:
        """Plug everything in."""
        self.pad.plug()
        self.keypad.plug()
        self.serial.plug()
        for station in self._stations.values():
            station.start()

    async def stop(self) -> None:
        """Finish writing what was cut and take everything down."""
        self.pad.unplug()
        self.keypad.unplug()
        self.serial.unplug()
        for station in self._stations.values():
            await station.stop()

    async def do(self, name: str, args: list[str]) -> dict[str, Any]:
        """Let a word happen; returns what there is to say. Raises Misuse for a wrong word or argument, TimeoutError."""
        check(name, args)
        station = self._stations[FIRST]
        if name == SECOND:
            if SECOND not in self._stations:
                raise Misuse("this world has no second printer (run with --second MODEL)")
            station, name, args = self._stations[SECOND], args[0], args[1:]
            check(name, args)
        if name == SERIAL:
            check(args[0], args[1:])
            return self.serial.do(args[0], args[1:])
        if name == "status":
            return self.status()
        if name == "wait-slip":
            return await station.wait_slip(args)
        if name in ("sign", "scribble", "blank", "cancel", "clear", "walk-away", "press"):
            return await self._act(name, args)
        self._prepare(station, name, args)()
        return {}

    def status(self) -> dict[str, Any]:
        """The whole world in plain values; those of a second printer have a 2 behind their names."""
        status: dict[str, Any] = {
            device.path.name: {"plugged": device.plugged, "lost": device.lost, "unread": device.unread()}
            for device in (self.pad, self.keypad)
        }
        status[SERIAL] = self.serial.status()
        for station, number in zip(self._stations.values(), ("", "2"), strict=False):
            found = {"printer": station.status(), "line": station.line_status()} | station.tray_status()
            status |= {name + number: value for name, value in found.items()}
        return status

    def _prepare(self, station: Station, name: str, args: list[str]) -> Callable[[], None]:
        """The deed of a word that happens at once; cables of all devices are among them."""
        if name not in ("plug", "unplug") or not args:
            return station.prepare(name, args)
        devices: dict[str, Fifo | WiredPad | Station] = {"pad": self.pad, "keypad": self.keypad, SERIAL: self.serial}
        devices |= self._stations
        if args[0] not in devices:
            raise Misuse(f"no device {args[0]!r}; there is {', '.join(devices)}")
        device = devices[args[0]]
        if isinstance(device, Station):
            return device.prepare(name, [])
        return device.plug if name == "plug" else device.unplug

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
            names, pen = acts.pen_of(args)
            return acts.sign(" ".join(names) or "somebody", pen), self.pad
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
