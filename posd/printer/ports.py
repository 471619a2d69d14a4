"""The ports behind which a printer may stand, and which of them a configured device names.

A port is bytes only: it opens, takes what it can without waiting, hands over what comes in, and says once when it
is gone. Whoever uses it is on the event loop; a call that may block is made by a thread (port_open.py).

    printer.device                 port            drained means (`unsent` is 0)
    /dev/ttyS0, /dev/posd/printer  tty.py          the last byte has left the kernel's queue for the line (TIOCOUTQ)
    /dev/usb/lp0, a link to it     port_usblp.py   the printer took the last transfer: the device can be written again
    usb:VID:PID, usb:VID:PID:SN    port_usb.py     the printer took the last transfer
    tcp://host, tcp://host:port    port_tcp.py     the printer's network card has acknowledged the last byte (SIOCOUTQ)

None of these says that anything is on paper; that is the fence's business (fence.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal, NamedTuple, Protocol

from posd.config import ConfigError

TCP_PORT = 9100
"""Where a printer on the network takes raw data, unless the configuration says otherwise."""


class PortAbsent(Exception):
    """There is no such device now."""


class PortRefused(Exception):
    """The device is there but does not open: no permission, held by another program, not a tty, no answer. The
    message says which, and what helps.
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

    def unsent(self) -> int:
        """Bytes that were taken and are still in this machine, as far as the device can say."""

    def discard(self) -> int:
        """Drop what was taken but not yet sent, as far as the device can; how many bytes are sure never to leave.
        A connection that can only drop all of itself is gone afterwards.
        """

    @property
    def gone(self) -> bool:
        """Whether the device hung up."""

    def stop(self) -> None:
        """Deliver nothing more; at once."""

    def release(self) -> None:
        """Let go of the device, behind `stop`. May block: called by a thread. Raises nothing."""


class Address(NamedTuple):
    """A device as configured. `kind` is `node` for a path, which is a tty or a usblp node as it turns out; `usb` has
    `vendor`, `product` and perhaps `serial`; `tcp` has `host` and `port`.
    """

    kind: Literal["node", "usb", "tcp"]
    text: str
    vendor: int = 0
    product: int = 0
    serial: str = ""
    host: str = ""
    port: int = 0


def address(device: str) -> Address:
    """`printer.device` read. ConfigError with what it must look like."""
    if device.startswith("tcp:"):
        match = re.fullmatch(r"tcp://(?:\[([0-9A-Fa-f:.%\w]+)\]|([^\s/:\[\]]+))(?::([0-9]{1,5}))?/?", device)
        port = int(match[3] or TCP_PORT) if match else 0
        if match is None or not 0 < port < 65536:
            raise ConfigError(
                f'printer.device {device!r} is not a network printer; write "tcp://192.0.2.50:9100" or "tcp://[2001:db8::5]"'
            )
        return Address("tcp", device, host=match[1] or match[2], port=port)
    if device.startswith("usb:"):
        match = re.fullmatch(r"usb:([0-9A-Fa-f]{4}):([0-9A-Fa-f]{4})(?::([^\s]+))?", device)
        if match is None:
            raise ConfigError(
                f"printer.device {device!r} is not a USB printer; write vendor and product as lsusb shows them,"
                ' such as "usb:04b8:0202", and behind them the serial number where two are plugged in'
            )
        return Address("usb", device, int(match[1], 16), int(match[2], 16), match[3] or "")
    if re.match(r"[a-z]+:", device):
        raise ConfigError(
            f'printer.device {device!r} is unsupported: write a tty or a usblp node, "usb:VID:PID" or "tcp://host:port"'
        )
    return Address("node", device)
