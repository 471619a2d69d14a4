"""A printer on the network: a TCP connection to its raw port, 9100 by custom.

- The connection is made by a thread, name look-up included, with a deadline of its own.
- Most printers serve one host at a time and let the others wait, or refuse them: the sentence says so.
- A dead network is noticed in `DEAD_S`: unacknowledged data (TCP_USER_TIMEOUT) and, when idle, keep-alive probes.
- What the kernel has taken cannot be dropped, only the connection with all that is in it: `discard` resets it, so that
  no more of a slip that was given up can arrive later.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import socket
import struct

from posd.line.descriptor import FdPort, queued
from posd.line.port import PortAbsent, PortRefused
from posd.printer.ports import Address

CONNECT_S = 4.0
DEAD_S = 20
_SIOCOUTQNSD = 0x894B
"""Bytes in a socket that were never sent, not even without an answer (linux/sockios.h)."""
_UNREACHABLE = frozenset((errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN))


def open_tcp(address: Address) -> FdPort:
    """A connection to `address`. PortAbsent when the network knows no way to it, PortRefused when it does not answer
    or takes nobody. Blocks for `CONNECT_S` at most, and for the look-up of a name.
    """
    host = f"[{address.host}]" if ":" in address.host else address.host
    name = f"{host}:{address.port}"
    try:
        connection = socket.create_connection((address.host, address.port), CONNECT_S)
    except socket.gaierror as error:
        raise PortAbsent(
            f"The name of the network printer {name} cannot be looked up ({error.strerror}). Check the network."
        ) from error
    except TimeoutError:
        raise PortRefused(
            f"The network printer {name} does not answer within {CONNECT_S:g} s. Check that it is switched on."
        ) from None
    except OSError as error:
        raise _why(name, error) from error
    _set_up(connection)
    return FdPort(_Tcp(name, connection))


def _why(name: str, error: OSError) -> PortAbsent | PortRefused:
    if error.errno in _UNREACHABLE:
        return PortAbsent(f"No way leads to the network printer {name}. Check its cable, its power and its address.")
    if error.errno in (errno.ECONNREFUSED, errno.ECONNRESET):
        return PortRefused(
            f"The network printer {name} takes no connection: it may serve another computer, or that port is closed."
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return PortRefused(
            f"posd may not reach the network printer {name}: its unit or a firewall forbids it"
            " (see posd.service.d-examples/tcp-printer.conf)."
        )
    return PortRefused(f"The network printer {name} cannot be reached: {os.strerror(error.errno or 0)}.")


def _set_up(connection: socket.socket) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, DEAD_S // 2)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, DEAD_S // 4)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 2)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_S * 1000)


class _Tcp:
    """A connection."""

    empty_is_end = True

    def __init__(self, path: str, connection: socket.socket) -> None:
        self.path, self.fd = path, connection.fileno()
        self._connection = connection

    def begin(self) -> None:
        """A new connection holds nothing for anybody else."""

    def room(self) -> int | None:
        return None

    def unsent(self) -> int:
        return queued(self.fd)

    def kept(self) -> int:
        with contextlib.suppress(OSError):
            raw: bytes = fcntl.ioctl(self.fd, _SIOCOUTQNSD, bytes(4))
            return int(struct.unpack("i", raw)[0])
        return 0

    def discard(self) -> bool:
        if not queued(self.fd):
            return True
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False

    def release(self) -> None:
        with contextlib.suppress(OSError):
            self._connection.close()
