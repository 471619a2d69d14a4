"""The serial pad at work on its pty: carries bytes and time between a host and `pad.serial.SerialPad`.

Rules: the pad's time is the monotonic clock. What the host does not take of an answer is lost, as on a wire; bytes may
be lost or have bits turned in both directions (`noise`).
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

from hwsim.faults import number
from hwsim.line import PtyLine
from hwsim.pad import acts, hand
from hwsim.pad.serial import SerialPad
from hwsim.wire import Noise
from hwsim.words import Misuse

BUTTONS = {"sign": "confirm", "scribble": "confirm", "blank": "confirm", "cancel": "cancel", "clear": "clear"}
PORTION = 4096


class WiredPad:
    """The pad with its cable. Make it inside a running event loop."""

    def __init__(self, link: Path) -> None:
        self.path = link
        self.pad = SerialPad()
        self._line = PtyLine(link)
        self._noise_in, self._noise_out = Noise(), Noise()
        self._wake: asyncio.TimerHandle | None = None

    @property
    def plugged(self) -> bool:
        """True while the pty is there."""
        return self._line.open

    def plug(self) -> None:
        """Plug the cable in; the pad has its power from it and starts anew."""
        if not self._line.open:
            self._line.plug()
            asyncio.get_running_loop().add_reader(self._line.fd, self._read)

    def unplug(self) -> None:
        """Pull the cable."""
        if self._line.open:
            asyncio.get_running_loop().remove_reader(self._line.fd)
            self._line.unplug()
            self.pad.reboot(time.monotonic())
        if self._wake is not None:
            self._wake.cancel()

    def do(self, name: str, args: list[str]) -> dict[str, Any]:
        """Let a word happen. Raises Misuse."""
        fast = "--fast" in args
        rest = [arg for arg in args if arg != "--fast"]
        said: dict[str, Any] = {}
        if name in BUTTONS or name == "walk-away":
            try:
                said = self._act(name, rest, fast=fast)
            except ValueError as error:
                raise Misuse(str(error)) from error
        elif name in ("plug", "unplug"):
            (self.plug if name == "plug" else self.unplug)()
        elif name in ("mute", "unmute"):
            self.pad.muted = name == "mute"
        elif name == "reboot":
            self.pad.reboot(time.monotonic())
        elif name == "bad-lrc":
            self.pad.spoil(int(number(rest[0], "FRAMES")) if rest else 1)
        elif name == "noise":
            loss, flip = number(rest[0], "LOSS"), number(rest[1], "FLIP")
            seed = int(number(rest[2], "SEED")) if len(rest) > 2 else 0
            self._noise_in, self._noise_out = Noise(loss, flip, seed), Noise(loss, flip, seed + 1)
        else:
            raise Misuse(f"{name} is nothing for a serial pad")
        self._turn(b"")
        return said

    def status(self) -> dict[str, Any]:
        """The pad in plain values."""
        return {
            "plugged": self.plugged,
            "signing": self.pad.signing,
            "booting": self.pad.booting,
            "kept": self.pad.kept,
            "heartbeats": self.pad.heartbeats,
            "lost": self._noise_in.lost + self._noise_out.lost,
            "flipped": self._noise_in.flipped + self._noise_out.flipped,
        }

    def _act(self, name: str, args: list[str], *, fast: bool) -> dict[str, Any]:
        strokes: list[hand.Stroke] = []
        if name == "sign":
            names, pen = acts.pen_of(args)
            strokes = hand.signature(" ".join(names) or "somebody", pen)
        elif args:
            raise Misuse(f"usage: {name} [--fast]")
        elif name == "scribble":
            strokes = hand.scribble()
        elif name == "walk-away":
            strokes = hand.half_signature()
        seconds = strokes[-1][-1].time if strokes and not fast else 0.0
        if not self.pad.act(strokes, BUTTONS.get(name), time.monotonic(), seconds):
            raise Misuse("nobody is asked to sign on the serial pad")
        return {"seconds": round(seconds, 3)}

    def _read(self) -> None:
        data = self._line.read(PORTION)
        if data:
            self._turn(self._noise_in.through(data))

    def _turn(self, data: bytes) -> None:
        said, wake = self.pad.step(data, time.monotonic())
        if said and self._line.open:
            self._line.write(self._noise_out.through(said))
        if self._wake is not None:
            self._wake.cancel()
        self._wake = None
        if wake is not None:
            delay = max(0.0, wake - time.monotonic())
            self._wake = asyncio.get_running_loop().call_later(delay, self._turn, b"")
