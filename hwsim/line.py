"""The wires to the printer: a pseudo-terminal behind a link, and a TCP port.

Rules: a line reads no more than it is told, so that a full receive buffer stalls the host as flow control does, and
says how much of a reply the host had room for. The pty's other end is held open here, so that hosts come and
go without a hang-up, until it is unplugged: then the link is removed and both ends are closed.
"""

from __future__ import annotations

import contextlib
import os
import socket
import tty
from pathlib import Path


class PtyLine:
    """A serial line as a pseudo-terminal; `link` points to the end that a host opens."""

    def __init__(self, link: Path) -> None:
        self._link = link
        self._host_end = -1
        self.fd = -1

    @property
    def open(self) -> bool:
        """True while plugged in."""
        return self.fd >= 0

    def plug(self) -> None:
        """Make a new pty and the link to it."""
        if self.open:
            return
        self.fd, self._host_end = os.openpty()
        tty.setraw(self._host_end)  # no echo of replies before the host has set the line up
        os.set_blocking(self.fd, False)
        temporary = self._link.with_name(f".{self._link.name}.part")
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
        temporary.symlink_to(os.ttyname(self._host_end))
        os.replace(temporary, self._link)

    def unplug(self) -> None:
        """Remove the link and hang up."""
        if not self.open:
            return
        with contextlib.suppress(FileNotFoundError):
            self._link.unlink()
        os.close(self._host_end)
        os.close(self.fd)
        self.fd = self._host_end = -1

    def read(self, count: int) -> bytes | None:
        """At most so many bytes; None if there are none now."""
        try:
            return os.read(self.fd, count)
        except BlockingIOError:
            return None

    def write(self, data: bytes) -> int:
        """Send what the host has room for; returns how many bytes that were."""
        try:
            return os.write(self.fd, data)
        except BlockingIOError:
            return 0


class TcpLine:
    """One host's connection to the printer's TCP port."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self._connection = connection
        self.fd = connection.fileno()

    @property
    def open(self) -> bool:
        """True until closed by either side."""
        return self.fd >= 0

    def unplug(self) -> None:
        """Close the connection."""
        self._connection.close()
        self.fd = -1

    def read(self, count: int) -> bytes | None:
        """At most so many bytes; None if there are none now; empty when the host has closed."""
        try:
            return self._connection.recv(count)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def write(self, data: bytes) -> int:
        """Send what the host has room for; returns how many bytes that were."""
        try:
            return self._connection.send(data)
        except OSError:
            return 0
