"""The serial port: opened and set up by pyserial, then driven as a non-blocking file. The only module that imports
serial.

- pyserial opens it exclusively, so that two programs never print into one another's slips, and sets raw mode and speed.
- Reading and writing go by `add_reader` and `add_writer` on the descriptor; pyserial's own calls would block or
  busy-wait.
- "Ready to read but no data", EIO and ENXIO mean the same: the cable is out, or the other side of a pty was closed.
- Opening and closing can block for long (a close waits for output to drain): both are done by a thread that nobody
  has to wait for.
- A symbolic link is resolved at each opening, since what it names changes when a device is plugged in again.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import os
import termios
import threading
from collections.abc import Callable

import serial

from posd.printer.ports import PortAbsent, PortGone, PortRefused

_ABSENT = frozenset((errno.ENOENT, errno.ENXIO, errno.ENODEV, errno.EIO))
_READ_BYTES = 4096


def _open(device: str, baudrate: int) -> tuple[str, serial.Serial]:
    """The device's own path and the open device; PortAbsent, PortRefused."""
    path = os.path.realpath(device)
    try:
        return path, serial.Serial(path, baudrate, timeout=0, write_timeout=0, exclusive=True)
    except (OSError, ValueError, termios.error) as error:
        if getattr(error, "errno", None) in _ABSENT or not os.path.exists(path):
            raise PortAbsent(f"{device} is not there") from error
        raise PortRefused(f"{path} does not open: {error}") from error


def _close(device: serial.Serial) -> None:
    # An error means that the device is gone: there is nothing left to let go of.
    with contextlib.suppress(OSError):
        device.close()


def _thread(work: Callable[[], None], name: str) -> None:
    threading.Thread(target=work, name=name, daemon=True).start()


async def open_tty(device: str, baudrate: int, within_s: float) -> TtyPort:
    """Open `device`. PortAbsent when it is not there, PortRefused when it does not open within `within_s`."""
    loop = asyncio.get_running_loop()
    opened: asyncio.Future[tuple[str, serial.Serial]] = loop.create_future()

    def deliver(result: tuple[str, serial.Serial] | Exception) -> None:
        if isinstance(result, Exception):
            if not opened.done():
                opened.set_exception(result)
        elif opened.done():  # too late: nobody waits any more
            _thread(lambda: _close(result[1]), "posd-tty-close")
        else:
            opened.set_result(result)

    def work() -> None:
        result: tuple[str, serial.Serial] | Exception
        try:
            result = _open(device, baudrate)
        except (PortAbsent, PortRefused) as error:
            result = error
        try:
            loop.call_soon_threadsafe(deliver, result)
        except RuntimeError:  # the loop has ended meanwhile
            if not isinstance(result, Exception):
                _close(result[1])

    _thread(work, "posd-tty-open")
    try:
        async with asyncio.timeout(within_s):  # not wait_for: it loses a cancellation that comes with the answer
            path, port = await opened
    except TimeoutError:
        raise PortRefused(f"{device} did not open within {within_s:g} s") from None
    return TtyPort(path, port)


class TtyPort:
    """An open tty; made by `open_tty`."""

    def __init__(self, path: str, device: serial.Serial) -> None:
        self.path = path
        self._device = device
        self._fd = device.fileno()
        self._loop = asyncio.get_running_loop()
        self._gone = False
        self._closed = False
        self._waits_to_write = False
        self._on_data: Callable[[bytes], None] = lambda _data: None
        self._on_event: Callable[[], None] = lambda: None
        os.set_blocking(self._fd, False)

    @property
    def gone(self) -> bool:
        return self._gone

    def start(self, on_data: Callable[[bytes], None], on_event: Callable[[], None]) -> None:
        self._on_data, self._on_event = on_data, on_event
        self._flush(termios.TCIFLUSH)  # what was said to the last owner
        self._loop.add_reader(self._fd, self._readable)

    def write(self, data: bytes | memoryview) -> int:
        if self._gone:
            raise PortGone
        try:
            count = os.write(self._fd, data)
        except BlockingIOError:
            count = 0
        except OSError as error:
            self._hang_up()
            raise PortGone from error
        if count < len(data) and not self._waits_to_write:
            self._waits_to_write = True
            self._loop.add_writer(self._fd, self._writable)
        return count

    def discard(self) -> None:
        self._flush(termios.TCOFLUSH)

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._silence()
            _thread(lambda: _close(self._device), "posd-tty-close")

    def _flush(self, queue: int) -> None:
        """Drop what a queue of the line holds; nothing where the device has none or is gone."""
        with contextlib.suppress(OSError):
            fcntl.ioctl(self._fd, termios.TCFLSH, queue)

    def _readable(self) -> None:
        try:
            data = os.read(self._fd, _READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._on_data(data)
        else:
            self._hang_up()

    def _writable(self) -> None:
        self._waits_to_write = False
        self._loop.remove_writer(self._fd)
        self._on_event()

    def _hang_up(self) -> None:
        if not self._gone:
            self._gone = True
            self._silence()
            self._on_event()

    def _silence(self) -> None:
        self._loop.remove_reader(self._fd)
        self._loop.remove_writer(self._fd)
