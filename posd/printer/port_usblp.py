"""The node of the kernel's USB printer driver, /dev/usb/lp0.

- The driver lets one program open it; another one gets EBUSY.
- It takes up to 8 KiB at a time and can be written again when the printer has taken them (drivers/usb/class/usblp.c).
  It has no count of what is on its way and no means to drop it: `unsent` is 1 until the last transfer is taken, and
  nothing is ever dropped for sure.
- A read may be empty when the printer has nothing to say; that is not the end. Unplugging shows as ENODEV.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select

from posd.line.descriptor import FdPort
from posd.line.port import PortAbsent, PortRefused


def open_usblp(path: str) -> FdPort:
    """The port at `path`. PortAbsent, PortRefused. May block."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENXIO, errno.ENODEV):
            raise PortAbsent(f"{path} is not there. Check the printer's cable and power.") from error
        if error.errno == errno.EBUSY:
            what = "is held by another program, often CUPS. posctl doctor names it; stop it, or keep it off."
        elif error.errno in (errno.EACCES, errno.EPERM):
            what = "may not be opened by posd's user. posctl doctor says which group it needs."
        else:
            what = f"does not open: {os.strerror(error.errno or 0)}"
        raise PortRefused(f"{path} {what}") from error
    return FdPort(_Usblp(path, fd))


class _Usblp:
    """An open node."""

    empty_is_end = False

    def __init__(self, path: str, fd: int) -> None:
        self.path, self.fd = path, fd

    def begin(self) -> None:
        """What the last owner was told is read and thrown away; a few empty or refused reads end that."""
        for _ in range(16):
            try:
                if not os.read(self.fd, 4096):
                    return
            except OSError:
                return

    def room(self) -> int | None:
        return None

    def unsent(self) -> int:
        poll = select.poll()
        poll.register(self.fd, select.POLLOUT)
        return int(not any(events & select.POLLOUT for _, events in poll.poll(0)))

    def kept(self) -> int:
        return 0

    def discard(self) -> bool:
        return True

    def release(self) -> None:
        with contextlib.suppress(OSError):
            os.close(self.fd)
