"""The printer at work on its lines: carries bytes, replies, slips and time between the world and `printer.Printer`.

Rules: the only place that gives the printer its time (the monotonic clock). Nothing is read while the printer is off,
nor faster than the pace set. The pty stands for one of three lines:

- `serial`: RTS/CTS. Never more is read than the printer has room for; a reply that the host does not read is lost.
- `xonxoff`: the printer says XOFF and XON, what comes in spite of XOFF is lost; replies as above.
- `usb`: a printer-class device such as /dev/usb/lp0. As serial, but replies wait until the host reads them (4 KiB).
  What a pty cannot do: LPGETSTATUS, and ENODEV behind an unplug (a pty says EIO).

Over TCP an ESC/POS printer takes one host at a time and turns others away. A Star printer takes four: it prints for the
oldest, the others wait, and the automatic status goes to all of them. Replies go to the line that spoke last.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable
from pathlib import Path

from hwsim.line import PtyLine, TcpLine
from hwsim.printer.machine import Printer
from hwsim.printer.strips import Slip
from hwsim.wire import FlowControl, Kind, Noise, Pace

PORTION = 4096
PORTIONS_AT_ONCE = 8
"""Then others get their turn on the loop."""
STAR_HOSTS = 4
UNREAD_BYTES = 4096
"""Replies that wait for a host on USB."""
UNREAD_S = 0.02
"""How often they are tried again."""


class WiredPrinter:
    """A printer with a pty and, if wanted, a TCP port."""

    def __init__(self, printer: Printer, link: Path, on_slip: Callable[[Slip], None], kind: Kind = "serial") -> None:
        self.printer = printer
        self.path = link
        self.kind = kind
        self.pace = Pace()
        self.tcp_port: int | None = None
        self.overrun = 0
        self.noise_in, self.noise_out = Noise(), Noise()
        self._flow = FlowControl("xonxoff" if kind == "xonxoff" else "stops")
        self._pty = PtyLine(link)
        self._unread = b""
        self._tcp: list[TcpLine] = []
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

    @property
    def tcp_hosts(self) -> int:
        """Hosts that are connected."""
        return len(self._tcp)

    def plug(self) -> None:
        """Plug the cable in."""
        self._pty.plug()
        self._pump()

    def unplug(self) -> None:
        """Pull the cable: the printer goes on with what it has; TCP hosts are cut off as well."""
        if self._pty.open:
            self._loop.remove_reader(self._pty.fd)
            self._pty.unplug()
        self._unread = b""
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
        """Let something happen to the printer now, and carry out what follows; `cut_off` hangs up on TCP hosts."""
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

    def disturb(self, loss: float, flip: float, seed: int) -> None:
        """From now on bytes are lost or have a bit turned, in both directions."""
        self.noise_in, self.noise_out = Noise(loss, flip, seed), Noise(loss, flip, seed + 1)

    def _hang_up(self, line: TcpLine | None = None) -> None:
        for gone in [line] if line is not None else list(self._tcp):
            self._loop.remove_reader(gone.fd)
            gone.unplug()
            self._tcp.remove(gone)
            if self._speaker is gone:
                self._speaker = self._pty

    def _accept(self) -> None:
        """Take a host, or turn it away."""
        assert self._listener is not None
        with contextlib.suppress(BlockingIOError):
            connection, _ = self._listener.accept()
            most = STAR_HOSTS if self.printer.model.language == "star" else 1
            if len(self._tcp) >= most or not self.printer.powered:
                connection.close()
                return
            self._tcp.append(TcpLine(connection))
            if len(self._tcp) == 1:
                self._speaker = self._tcp[0]
            self._pump()

    def _pump(self) -> None:
        """Read what the lines have, as far as printer and pace allow; then wait for more, for room, or for time."""
        if self._again is not None:
            self._again.cancel()
            self._again = None
        self._deliver(self._pty)
        lines: list[PtyLine | TcpLine] = [self._pty, *self._tcp[:1]]
        for line in lines:
            if line.open:
                self._pump_line(line)

    def _pump_line(self, line: PtyLine | TcpLine) -> None:
        overruns = self._flow.flow == "xonxoff" and line is self._pty
        for _ in range(PORTIONS_AT_ONCE):
            room = self.printer.room
            allowed = min(self.pace.allowance(time.monotonic()), PORTION)
            if not allowed or not (room or (overruns and self.printer.powered)):
                self._loop.remove_reader(line.fd)
                if room or overruns:
                    self._pump_later(self.pace.wait())
                return
            data = line.read(min(room, allowed) or allowed)
            if data is None:
                self.pace.quiet()
                self._loop.add_reader(line.fd, self._pump)
                return
            if not data:
                if isinstance(line, TcpLine):
                    self._hang_up(line)
                    self._pump_later(0.0)
                return
            self.pace.took(len(data))
            self._speaker = line
            if room:
                self._turn(self.noise_in.through(data))
            else:
                self.overrun += len(data)
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
            for reply, to_all in turn.replies:
                for line in dict.fromkeys((self._speaker, *(self._tcp if to_all else ()))):
                    self._say(line, reply)
            if signal := self._flow.say(self.printer.free):
                self._say(self._pty, signal)
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

    def _say(self, line: PtyLine | TcpLine, reply: bytes) -> None:
        if not line.open:
            return
        said = self.noise_out.through(reply)
        if self.kind == "usb" and line is self._pty:
            self._unread = (self._unread + said)[:UNREAD_BYTES]
            self._deliver(line)
        elif said:
            line.write(said)

    def _deliver(self, line: PtyLine) -> None:
        """Hand a host on USB what waits for it."""
        if self._unread and line.open:
            self._unread = self._unread[line.write(self._unread) :]
            if self._unread:
                self._pump_later(UNREAD_S)

    def _on_time(self) -> None:
        self._wake = None
        self._turn(b"")
        self._pump()
