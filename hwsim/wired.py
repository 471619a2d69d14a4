"""The printer at work on its lines: carries bytes, replies, slips and time between the world and `printer.Printer`.

Rules: the only place that gives the printer its time (the monotonic clock). Never reads more than the printer has room
for, nor faster than the pace set; nothing is read while the printer is off. Replies go to the line that spoke last.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable
from pathlib import Path

from hwsim.line import Pace, PtyLine, TcpLine
from hwsim.printer.machine import Printer
from hwsim.printer.strips import Slip

PORTION = 4096
PORTIONS_AT_ONCE = 8
"""Then others get their turn on the loop."""


class WiredPrinter:
    """A printer with a pty and, if wanted, a TCP port."""

    def __init__(
        self,
        printer: Printer,
        link: Path,
        on_slip: Callable[[Slip], None],
    ) -> None:
        self.printer = printer
        self.pace = Pace()
        self.tcp_port: int | None = None
        self._pty = PtyLine(link)
        self._tcp: TcpLine | None = None
        self._speaker: PtyLine | TcpLine = self._pty
        self._listener: socket.socket | None = None
        self._on_slip = on_slip
        self._loop = asyncio.get_running_loop()
        self._wake: asyncio.TimerHandle | None = None
        self._again: asyncio.TimerHandle | None = None

    @property
    def plugged(self) -> bool:
        """True while the pty is there."""
        return self._pty.open

    def plug(self) -> None:
        """Plug the cable in."""
        self._pty.plug()
        self._pump()

    def unplug(self) -> None:
        """Pull the cable: the printer goes on with what it has; TCP hosts are cut off as well."""
        if self._pty.open:
            self._loop.remove_reader(self._pty.fd)
            self._pty.unplug()
        self._hang_up()

    def listen(self, address: tuple[str, int]) -> None:
        """Open the TCP port; 0 picks a free one."""
        self._listener = socket.create_server(address, backlog=4)
        self._listener.setblocking(False)
        self.tcp_port = self._listener.getsockname()[1]
        self._loop.add_reader(self._listener.fileno(), self._accept)

    def close(self) -> None:
        """Let go of everything."""
        self.unplug()
        if self._listener is not None:
            self._loop.remove_reader(self._listener.fileno())
            self._listener.close()
        for timer in (self._wake, self._again):
            if timer is not None:
                timer.cancel()

    def happen(self, act: Callable[[Printer, float], None], *, cut_off: bool = False) -> None:
        """Let something happen to the printer now, and carry out what follows; `cut_off` hangs up on a TCP host."""
        act(self.printer, time.monotonic())
        self._turn(b"")
        if cut_off:
            self._hang_up()
        self._pump()

    def set_rate(self, bytes_per_second: float) -> None:
        """How much the lines deliver a second; 0 for all there is."""
        self.pace.rate = bytes_per_second
        self.pace.quiet()
        self._pump()

    def _hang_up(self) -> None:
        if self._tcp is not None:
            self._loop.remove_reader(self._tcp.fd)
            self._tcp.unplug()
            self._tcp = None
            self._speaker = self._pty

    def _accept(self) -> None:
        """One host at a time: a second one is turned away."""
        assert self._listener is not None
        with contextlib.suppress(BlockingIOError):
            connection, _ = self._listener.accept()
            if self._tcp is not None or not self.printer.powered:
                connection.close()
                return
            self._tcp = self._speaker = TcpLine(connection)
            self._pump()

    def _pump(self) -> None:
        """Read what the lines have, as far as printer and pace allow; then wait for more, for room, or for time."""
        if self._again is not None:
            self._again.cancel()
            self._again = None
        for line in (self._pty, self._tcp):
            if line is not None and line.open:
                self._pump_line(line)

    def _pump_line(self, line: PtyLine | TcpLine) -> None:
        for _ in range(PORTIONS_AT_ONCE):
            room = self.printer.room
            allowed = min(self.pace.allowance(time.monotonic()), PORTION)
            if not room or not allowed:
                self._loop.remove_reader(line.fd)
                if room:
                    self._pump_later(self.pace.wait())
                return
            data = line.read(min(room, allowed))
            if data is None:
                self.pace.quiet()
                self._loop.add_reader(line.fd, self._pump)
                return
            if not data:
                self._hang_up()
                return
            self.pace.took(len(data))
            self._speaker = line
            self._turn(data)
            if not line.open:
                return
        self._loop.remove_reader(line.fd)
        self._pump_later(0.0)

    def _pump_later(self, delay: float) -> None:
        if self._again is None:
            self._again = self._loop.call_later(delay, self._pump)

    def _turn(self, data: bytes) -> None:
        """Step the printer and carry out what came of it, until no alarm is left."""
        while True:
            turn = self.printer.step(data, time.monotonic())
            if turn.reply and self._speaker.open:
                self._speaker.write(turn.reply)
            for slip in turn.slips:
                self._on_slip(slip)
            if not turn.alarms:
                break
            for deed in turn.alarms:
                deed()
            self.printer.release(time.monotonic())
            data = b""
        if self._wake is not None:
            self._wake.cancel()
        self._wake = None
        if turn.wake is not None:
            self._wake = self._loop.call_later(max(0.0, turn.wake - time.monotonic()), self._on_time)

    def _on_time(self) -> None:
        self._wake = None
        self._turn(b"")
        self._pump()
