"""The serial port: opened and set up by pyserial, then driven as a non-blocking file. The only module that imports
serial.

- pyserial opens it exclusively, so that two programs never print into one another's slips, and sets raw mode and speed.
- Flow control is the configuration's: RTS/CTS and XON/XOFF are the kernel's work. DTR/DSR is not (pyserial's `dsrdtr`
  sets nothing in the kernel): the line is looked at before each write, and only a little is given to the kernel at a
  time, since what it has it sends. `DSR_AHEAD_BYTES` is less than what a printer still takes when it drops the line
  (256 bytes on a TM-T88, 128 on smaller ones).
- A line that the last owner left stopped by XOFF is started again: otherwise nothing is ever sent.
- "Ready to read but no data", EIO and ENXIO mean the same: the cable is out, or the other side of a pty was closed.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import struct
import termios
from typing import Literal

import serial

from posd.line.descriptor import FdPort, queued
from posd.line.port import PortAbsent, PortRefused

FlowControl = Literal["none", "rts-cts", "xon-xoff", "dtr-dsr"]
DSR_AHEAD_BYTES = 64
UART_HOLDS_BYTES = 256
"""What may leave the kernel's queue while it is looked at and dropped: a UART's FIFO holds at most 128."""
_ABSENT = frozenset((errno.ENOENT, errno.ENXIO, errno.ENODEV, errno.EIO))


def open_tty(device: str, path: str, baudrate: int, flow: FlowControl = "none") -> FdPort:
    """The port at `path`, which `device` names. PortAbsent, PortRefused. May block."""
    try:
        opened = serial.Serial(
            path,
            baudrate,
            timeout=0,
            write_timeout=0,
            exclusive=True,
            rtscts=flow == "rts-cts",
            xonxoff=flow == "xon-xoff",
        )
    except (OSError, ValueError, termios.error) as error:
        number = getattr(error, "errno", None)
        if number in _ABSENT or not os.path.exists(path):
            raise PortAbsent(f"{device} is not there. Check its cable and power.") from error
        raise PortRefused(_why(device, path, error, number)) from error
    return FdPort(_Tty(path, opened, flow == "dtr-dsr"))


def _why(device: str, path: str, error: Exception, number: int | None) -> str:
    """A sentence for a person: what keeps the port from opening, and what helps."""
    name = path if path == device else f"{device} ({path})"
    if number == errno.EISDIR or f"({errno.ENOTTY}, " in str(error):
        return f"{name} is no serial port. Name the right device in the configuration."
    if number == errno.EBUSY or "exclusively lock" in str(error):
        return f"{name} is held by another program. posctl doctor names it; stop it, or keep it off the port."
    if number in (errno.EACCES, errno.EPERM):
        return f"{name} may not be opened by posd's user. posctl doctor says which group it needs."
    return f"{name} does not open as a serial port: {error}"


class _Tty:
    """A serial line, or a pty."""

    empty_is_end = True

    def __init__(self, path: str, device: serial.Serial, watches_dsr: bool) -> None:
        self.path, self.fd = path, device.fileno()
        self._device, self._watches_dsr = device, watches_dsr

    def begin(self) -> None:
        self._flush(termios.TCIFLUSH)  # what was said to the last owner
        with contextlib.suppress(OSError, termios.error):
            termios.tcflow(self.fd, termios.TCOON)

    def room(self) -> int | None:
        if not self._watches_dsr:
            return None
        return max(DSR_AHEAD_BYTES - queued(self.fd), 0) if self._ready() else 0

    def _ready(self) -> bool:
        """Whether the printer holds DSR."""
        with contextlib.suppress(OSError):
            raw: bytes = fcntl.ioctl(self.fd, termios.TIOCMGET, bytes(4))
            return bool(struct.unpack("I", raw)[0] & termios.TIOCM_DSR)
        return True  # no modem lines here: a pty, or gone, which the write will show

    def unsent(self) -> int:
        return queued(self.fd)

    def kept(self) -> int:
        return max(queued(self.fd) - UART_HOLDS_BYTES, 0)

    def discard(self) -> bool:
        self._flush(termios.TCOFLUSH)
        return True

    def release(self) -> None:
        # An error means that the device is gone: there is nothing left to let go of.
        with contextlib.suppress(OSError, termios.error):
            self._device.close()

    def _flush(self, queue: int) -> None:
        """Drop what a queue of the line holds; nothing where the device has none or is gone."""
        with contextlib.suppress(OSError):
            fcntl.ioctl(self.fd, termios.TCFLSH, queue)
