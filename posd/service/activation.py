"""Takes over the sockets that the service manager opened: clients then queue while posd restarts.

The protocol of sd_listen_fds(3): LISTEN_FDS descriptors from 3 up, meant for LISTEN_PID only, named by LISTEN_FDNAMES.
The three variables are removed from the environment whatever they said, so that no child takes the sockets for its own.
What is handed over is checked here: a listening Unix stream socket, or an error that names the line of the unit to
change.
"""

from __future__ import annotations

import os
import socket
from collections.abc import MutableMapping
from dataclasses import dataclass

FIRST_FD = 3
SOCKETS_MAX = 16
UNNAMED = "unknown"


class ActivationError(Exception):
    """The service manager handed over something that posd cannot serve on; the text says what and which line of the
    unit to change.
    """


@dataclass(frozen=True, slots=True)
class ActivatedSocket:
    """One listening socket and its FileDescriptorName= (`unknown` if the unit gave none). The owner closes it."""

    name: str
    socket: socket.socket


def take_sockets(environ: MutableMapping[str, str], pid: int) -> tuple[ActivatedSocket, ...]:
    """The sockets handed to process `pid`, not inherited by children; empty if there are none or they are for another
    process. ActivationError.
    """
    meant_for = environ.pop("LISTEN_PID", "")
    count = environ.pop("LISTEN_FDS", "")
    names = environ.pop("LISTEN_FDNAMES", "")
    if not meant_for or not count or meant_for != str(pid):
        return ()
    if not count.isdecimal() or not 1 <= int(count) <= SOCKETS_MAX:
        raise ActivationError(
            f"LISTEN_FDS={count} is not in 1..{SOCKETS_MAX}: the socket unit needs a few ListenStream= lines"
        )
    given = names.split(":") if names else []
    given += [UNNAMED] * (int(count) - len(given))
    return tuple(
        ActivatedSocket(name, _adopt(FIRST_FD + index, name)) for index, name in enumerate(given[: int(count)])
    )


def _adopt(fd: int, name: str) -> socket.socket:
    """Descriptor `fd` as a listening Unix stream socket, close-on-exec. ActivationError if it is not one."""
    try:
        os.set_inheritable(fd, False)
        adopted = socket.socket(fileno=fd)
    except OSError as error:
        raise ActivationError(
            f"descriptor {fd} ({name}) is not a socket ({error}): the socket unit must use ListenStream="
        ) from error
    if adopted.family != socket.AF_UNIX or adopted.type != socket.SOCK_STREAM:
        raise ActivationError(f"descriptor {fd} ({name}) is not a Unix stream socket: ListenStream= must be a path")
    if not adopted.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        raise ActivationError(
            f"descriptor {fd} ({name}) is a connection, not a listening socket: the socket unit must say Accept=no"
        )
    return adopted
