"""The ports behind which a printer may stand, and which of them a configured device names.

A port is bytes only: it opens, takes what it can without waiting, hands over what comes in, and says once when it
is gone. Whoever uses it is on the event loop; a call that may block is made on a thread by the port itself. Today
there is the tty; usblp, libusb and TCP have their names already, so that the configuration that asks for one is
told so at start.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Protocol

from posd.config import ConfigError


class PortAbsent(Exception):
    """There is no such device now."""


class PortRefused(Exception):
    """The device is there but does not open: no permission, held by another program, not a tty. The message says
    which.
    """


class PortGone(Exception):
    """The open device hung up."""


class Port(Protocol):
    """An open device."""

    path: str

    def start(self, on_data: Callable[[bytes], None], on_event: Callable[[], None]) -> None:
        """Begin to deliver: `on_data` for what comes in, `on_event` when the device takes bytes again or is gone."""

    def write(self, data: bytes | memoryview) -> int:
        """Bytes taken, 0 when the device takes none now (`on_event` tells when). PortGone."""

    def discard(self) -> None:
        """Drop what was taken but not yet sent, as far as the device can."""

    @property
    def gone(self) -> bool:
        """Whether the device hung up."""

    def close(self) -> None:
        """Let go of the device; returns at once."""


def check_device(device: str) -> None:
    """ConfigError when `device` names a kind of port that this version has not."""
    if re.match(r"[a-z]+:", device) or "/usb/lp" in device:
        raise ConfigError(
            f"printer.device {device!r} is unsupported: this version prints to a tty such as /dev/ttyS0 or"
            " /dev/ttyUSB0; USB and network printers come with a later one"
        )
