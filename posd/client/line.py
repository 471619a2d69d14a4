"""The client's end of the socket: lines out and in, each wait with its deadline, each failure a sentence."""

from __future__ import annotations

import select
import socket
import struct
import time

LINE_MAX = 64 << 20
_CHUNK = 1 << 16


class PosdError(Exception):
    """posd refused, or could not be asked.

    `kind` is posd's stable word, or one of the client's own: `unreachable` (nobody answers at the socket), `no-answer`
    (the deadline is over), `disconnected` (the connection ended), `protocol` (the answer is not posd's). `message` says
    what happened, what was kept and what to do. `code` is the JSON-RPC code, None for the client's own.
    `request` names a refused request for a copy where the journal has it (`receipt.request`).
    """

    def __init__(
        self,
        kind: str,
        message: str,
        field: str | None = None,
        until: str | None = None,
        code: int | None = None,
        request: str | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.field = field
        self.until = until
        self.code = code
        self.request = request


class Line:
    """A connected socket and the lines that come from it."""

    def __init__(self, path: str, timeout_s: float) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._held = bytearray()
        self._searched = 0
        # A full queue of connections makes connect() wait; with a Python time-out it would fail at once instead.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _timeval(timeout_s))
        try:
            self._socket.connect(path)
        except OSError as error:
            self._socket.close()
            raise unreachable(path, error) from error

    def close(self) -> None:
        self._socket.close()

    def send(self, data: bytes, timeout_s: float) -> None:
        try:
            self._socket.settimeout(timeout_s)
            self._socket.sendall(data)
        except TimeoutError as error:
            raise overdue(timeout_s) from error
        except OSError as error:
            # posd may have said why before it closed: then its answer is still to be read.
            if not self._readable(0.0):
                raise disconnected() from error

    def receive(self, timeout_s: float | None) -> bytes:
        """The next line. PosdError `no-answer`, `disconnected`, `protocol`."""
        ends = None if timeout_s is None else time.monotonic() + timeout_s
        while (end := self._held.find(b"\n", self._searched)) < 0:
            self._searched = len(self._held)
            if self._searched > LINE_MAX:
                raise PosdError(
                    "protocol", f"an answer of more than {LINE_MAX} bytes cannot be posd's; the connection is given up."
                )
            wait = None if ends is None else ends - time.monotonic()
            if not self._readable(wait):
                raise overdue(timeout_s or 0.0)
            try:
                data = self._socket.recv(_CHUNK)
            except OSError as error:
                raise disconnected() from error
            if not data:
                raise disconnected()
            self._held += data
        line = bytes(self._held[:end])
        del self._held[: end + 1]
        self._searched = 0
        return line

    def _readable(self, wait_s: float | None) -> bool:
        poller = select.poll()
        poller.register(self._socket, select.POLLIN)
        return bool(poller.poll(None if wait_s is None else max(wait_s, 0.0) * 1000))


def _timeval(seconds: float) -> bytes:
    return struct.pack("@ll", int(seconds), int(seconds % 1 * 1_000_000))


def unreachable(path: str, error: OSError) -> PosdError:
    """Nobody answers at the socket: why, as far as the kernel says."""
    if isinstance(error, PermissionError):
        why = f"you may not open {path}; ask for the group that owns it, then log in anew"
    elif isinstance(error, FileNotFoundError):
        why = f"there is no socket at {path}; start posd (systemctl start posd) or name the right path"
    elif isinstance(error, ConnectionRefusedError):
        why = f"nobody answers at {path}; start posd (systemctl start posd)"
    elif isinstance(error, BlockingIOError):
        why = f"it takes no connection at {path} in time; look at its log (journalctl -u posd)"
    else:
        why = f"{path}: {error.strerror or error}"
    return PosdError("unreachable", f"posd cannot be reached: {why}. Nothing was sent.")


def overdue(timeout_s: float) -> PosdError:
    """The deadline is over."""
    return PosdError(
        "no-answer",
        f"posd did not answer within {timeout_s:g} s. Whether it was kept is not known; connect again and send the "
        "same with the same id or key.",
    )


def disconnected() -> PosdError:
    """The connection ended before the answer."""
    return PosdError(
        "disconnected",
        "the connection to posd ended before the answer. Whether it was kept is not known; connect again and send the "
        "same with the same id or key.",
    )
