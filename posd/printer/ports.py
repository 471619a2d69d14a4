"""The ports behind which a printer may stand, and which of them a configured device names.

    printer.device                 port            drained means (`unsent` is 0)
    /dev/ttyS0, /dev/posd/printer  line/tty.py     the last byte has left the kernel's queue for the line (TIOCOUTQ)
    /dev/usb/lp0, a link to it     port_usblp.py   the printer took the last transfer: the device can be written again
    usb:VID:PID, usb:VID:PID:SN    port_usb.py     the printer took the last transfer
    tcp://host, tcp://host:port    port_tcp.py     the printer's network card has acknowledged the last byte (SIOCOUTQ)

None of these says that anything is on paper; that is the fence's business (fence.py).
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from posd.config import ConfigError

TCP_PORT = 9100
"""Where a printer on the network takes raw data, unless the configuration says otherwise."""


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
    if device and not device.startswith("/"):
        raise ConfigError(
            f"printer.device {device!r} is unsupported: write the path of a tty or a usblp node, such as"
            ' "/dev/ttyUSB0", "usb:VID:PID" or "tcp://host:port"'
        )
    return Address("node", device)
