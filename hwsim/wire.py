"""What a line does to bytes on their way, computed without a clock: pace, flow control, losses and bit errors.

Rules: pure; the time is an argument, all chance comes from a seed. A line that `stops` holds bytes back while the
printer has no room, as RTS/CTS, USB and TCP do; one with XON/XOFF does not: the printer says XOFF when little room is
left and XON when there is enough again, and what comes in spite of that is lost.
"""

from __future__ import annotations

import random
from typing import Literal

Kind = Literal["serial", "xonxoff", "usb"]
KINDS: tuple[Kind, ...] = ("serial", "xonxoff", "usb")
"""What a line can be; see `wired`."""

Flow = Literal["stops", "xonxoff"]
XON, XOFF = b"\x11", b"\x13"


class Pace:
    """How fast a line may deliver. `rate` is bytes a second, 0 for no limit."""

    TICK_S = 0.004
    """Shortest wait, and with it the size of a portion."""
    BEHIND_S = 0.25
    """A late reader catches up by so much at most."""

    def __init__(self, tick_s: float = TICK_S) -> None:
        self.rate = 0.0
        self._tick_s = tick_s
        self._since: float | None = None

    def allowance(self, now: float) -> int:
        """Bytes that have come over the wire by now and may be read."""
        if not self.rate:
            return 1 << 16
        if self._since is None:
            self._since = now - self._tick_s
        self._since = max(self._since, now - self.BEHIND_S)
        return max(0, int((now - self._since) * self.rate))

    def took(self, count: int) -> None:
        """So many bytes were read."""
        if self.rate and self._since is not None:
            self._since += count / self.rate

    def quiet(self) -> None:
        """Nothing is on the wire: time begins anew with the next byte."""
        self._since = None

    def wait(self) -> float:
        """Seconds until the next portion."""
        return max(self._tick_s, 1 / self.rate) if self.rate else 0.0


class Noise:
    """Loses bytes and turns bits, each byte by itself. `loss` and `flip` are chances from 0 to 1."""

    def __init__(self, loss: float = 0.0, flip: float = 0.0, seed: int = 0) -> None:
        self._loss, self._flip = loss, flip
        self._chance = random.Random(seed)
        self.lost = 0
        self.flipped = 0

    def through(self, data: bytes) -> bytes:
        """What arrives of these bytes."""
        if not (self._loss or self._flip):
            return data
        out = bytearray()
        for byte in data:
            drawn = self._chance.random()
            if drawn < self._loss:
                self.lost += 1
            elif drawn < self._loss + self._flip:
                self.flipped += 1
                out.append(byte ^ 1 << self._chance.randrange(8))
            else:
                out.append(byte)
        return bytes(out)


class FlowControl:
    """When a printer says XOFF and XON. Room in bytes."""

    OFF_ROOM, ON_ROOM = 128, 256

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.stopped = False

    def say(self, room: int) -> bytes:
        """What to send at this room, if anything."""
        if self.flow == "xonxoff" and not self.stopped and room <= self.OFF_ROOM:
            self.stopped = True
            return XOFF
        if self.stopped and room >= self.ON_ROOM:
            self.stopped = False
            return XON
        return b""
