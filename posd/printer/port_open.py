"""How each kind of printer.device is opened.

- A symbolic link is resolved at each opening, since what it names changes when a device is plugged in again.
- A kind of port is imported when it is first opened: no box has them all.
"""

from __future__ import annotations

import os
import stat

from posd.config import PrinterSection
from posd.line.opening import Opener
from posd.line.port import Port, PortAbsent, PortRefused
from posd.line.tty import open_tty
from posd.printer.ports import Address

_USBLP_MAJOR = 180
"""The kernel's number of USB's own character devices (Documentation/admin-guide/devices.txt)."""


def opener(address: Address, section: PrinterSection) -> Opener:
    """How `printer.device` is opened."""

    def make() -> Port:
        if not address.text:
            raise PortAbsent("No printer is configured (printer.device).")
        if address.kind == "tcp":
            from posd.printer.port_tcp import open_tcp

            return open_tcp(address)
        if address.kind == "usb":
            try:
                from posd.printer.port_usb import open_usb
            except ModuleNotFoundError:
                raise PortRefused(
                    f"{address.text} needs the package pyusb: apt-get install python3-usb, or pip install posd[usb]."
                    " Until then nothing prints."
                ) from None
            return open_usb(address)
        path = os.path.realpath(address.text)
        if is_usblp(path):
            from posd.printer.port_usblp import open_usblp

            return open_usblp(path)
        return open_tty(address.text, path, section.baudrate, section.flow_control)

    return Opener(address.text, make)


def is_usblp(path: str) -> bool:
    """Whether a device node belongs to the kernel's USB printer driver."""
    try:
        status = os.stat(path)
    except OSError:
        return False  # the port itself says what is wrong
    return stat.S_ISCHR(status.st_mode) and os.major(status.st_rdev) == _USBLP_MAJOR
