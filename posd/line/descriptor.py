"""What the ports that are a file descriptor share: the event loop watches it, nothing ever waits.

- Reading and writing go by `add_reader` and `add_writer`; the descriptor is non-blocking.
- An error of reading or writing means that the device is gone; so does an empty read, except where a device has
  empty reads of its own (`Line.empty_is_end`).
- What differs between devices is asked of a `Line`.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import struct
import termios
from collections.abc import Callable
from typing import Protocol

from posd.line.port import PortGone

READ_BYTES = 4096
EMPTY_PAUSE_S = 0.05
"""After an empty read that means nothing: some printers answer each USB request with nothing, at once."""
ROOM_PAUSE_S = 0.005


class Line(Protocol):
    """A device's own ways. `path` names it; `empty_is_end`: an empty read means that it is gone."""

    path: str
    fd: int
    empty_is_end: bool

    def begin(self) -> None:
        """Make it ready for a new owner."""

    def room(self) -> int | None:
        """How many bytes may be written now; None: as many as it takes."""

    def unsent(self) -> int:
        """As Port.unsent."""

    def kept(self) -> int:
        """Bytes that are sure never to leave if `discard` comes now."""

    def discard(self) -> bool:
        """Drop what is not yet sent; False where that ends the connection."""

    def release(self) -> None:
        """As Port.release."""


class FdPort:
    """An open descriptor; made by a thread, used on the event loop from `start` on."""

    def __init__(self, line: Line) -> None:
        self.path = line.path
        self._line, self._fd = line, line.fd
        self._gone = self._stopped = False
        self._waits_to_write = False
        self._timers: set[asyncio.TimerHandle] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._on_data: Callable[[bytes], None] = lambda _data: None
        self._on_event: Callable[[], None] = lambda: None
        os.set_blocking(self._fd, False)

    @property
    def gone(self) -> bool:
        return self._gone

    def start(self, on_data: Callable[[bytes], None], on_event: Callable[[], None]) -> None:
        self._on_data, self._on_event = on_data, on_event
        self._loop = asyncio.get_running_loop()
        self._line.begin()
        self._loop.add_reader(self._fd, self._readable)

    def write(self, data: bytes | memoryview) -> int:
        if self._gone:
            raise PortGone
        room = self._line.room()
        try:
            count = os.write(self._fd, data[:room]) if room != 0 else 0
        except BlockingIOError:
            count = 0
        except OSError as error:
            self._hang_up()
            raise PortGone from error
        if count < len(data):
            self._wait_to_write(ROOM_PAUSE_S if room is not None else None)
        return count

    def unsent(self) -> int:
        return 0 if self._gone else self._line.unsent()

    def discard(self) -> int:
        if self._gone:
            return 0
        kept = self._line.kept()
        if self._line.discard():
            return max(kept - self._line.unsent(), 0)  # some drivers do not drop what they have: USB's serial ones
        self._hang_up()
        return kept

    def stop(self) -> None:
        self._stopped = True
        self._silence()

    def release(self) -> None:
        self._line.release()

    def _wait_to_write(self, pause_s: float | None) -> None:
        if self._waits_to_write or self._loop is None:
            return
        self._waits_to_write = True
        if pause_s is None:
            self._loop.add_writer(self._fd, self._writable)
        else:
            self._later(pause_s, self._writable)

    def _readable(self) -> None:
        try:
            data = os.read(self._fd, READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            self._hang_up()
            return
        if data:
            self._on_data(data)
        elif self._line.empty_is_end:
            self._hang_up()
        else:
            assert self._loop is not None
            self._loop.remove_reader(self._fd)
            self._later(EMPTY_PAUSE_S, self._read_again)

    def _read_again(self) -> None:
        assert self._loop is not None
        self._loop.add_reader(self._fd, self._readable)

    def _writable(self) -> None:
        self._waits_to_write = False
        assert self._loop is not None
        self._loop.remove_writer(self._fd)
        self._on_event()

    def _later(self, pause_s: float, act: Callable[[], None]) -> None:
        assert self._loop is not None

        def fire() -> None:
            self._timers.discard(timer)
            act()

        timer = self._loop.call_later(pause_s, fire)
        self._timers.add(timer)

    def _hang_up(self) -> None:
        if not self._gone:
            self._gone = True
            self._silence()
            self._on_event()

    def _silence(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        if self._loop is not None:
            self._loop.remove_reader(self._fd)
            self._loop.remove_writer(self._fd)


def queued(fd: int) -> int:
    """Bytes in the kernel's queue behind a tty or a socket; 0 where the device has no such count or is gone."""
    with contextlib.suppress(OSError):
        raw: bytes = fcntl.ioctl(fd, termios.TIOCOUTQ, bytes(4))
        return int(struct.unpack("i", raw)[0])
    return 0
