"""Log lines with fields: to the system journal in its native protocol, or to stderr where there is no journal.

Any room logs through `logging` and may say more in `extra`: `kind` (a stable word such as `copy.unknown`), `txn` (the
transaction's id) and `device`. They become MESSAGE_ID=, POSD_KIND=, POSD_TXN= and POSD_DEVICE=, so that `journalctl
POSD_TXN=20261121-0042` is the whole story of one sale.

Rules
- The journal is used only if stderr leads to it (JOURNAL_STREAM): posd started by hand at a terminal logs to that
  terminal.
- Logging never waits. Lines that meet a full journal are counted, and the count is logged when it takes lines again.
- A journal that cannot be reached at all (it restarts) sends the line to stderr instead, with the level prefix of
  sd-daemon(3), `<4>` for a warning.
- A line that no datagram can hold goes as a sealed memory file, as sd_journal_sendv does.
"""

from __future__ import annotations

import array
import errno
import fcntl
import logging
import os
import socket
import struct
import sys
import uuid
from collections.abc import Mapping
from functools import lru_cache
from typing import TextIO

JOURNAL_SOCKET = "/run/systemd/journal/socket"
IDENTIFIER = "posd"

_KINDS = uuid.UUID("9c1f3a52-6a0e-4b62-8d11-0f6f0e6a5b7c")
_SEALS = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
_EXTRAS = (("kind", "POSD_KIND"), ("txn", "POSD_TXN"), ("device", "POSD_DEVICE"))
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), 127, *range(128, 160)) if chr(code) not in "\n\t"}


@lru_cache(maxsize=256)
def message_id(kind: str) -> str:
    """The MESSAGE_ID of a kind of message: 32 hexadecimal digits, the same in every release because it is derived from
    the word alone.
    """
    return uuid.uuid5(_KINDS, kind).hex


def priority(level: int) -> int:
    """The syslog priority, 2 (critical) to 7 (debug), of a logging level."""
    return next((value for least, value in ((50, 2), (40, 3), (30, 4), (20, 6)) if level >= least), 7)


def fields(record: logging.LogRecord, text: str) -> dict[str, str]:
    """The journal's fields for one record whose formatted text is `text`."""
    made = {
        "MESSAGE": text,
        "PRIORITY": str(priority(record.levelno)),
        "SYSLOG_IDENTIFIER": IDENTIFIER,
        "LOGGER": record.name,
        "CODE_FILE": record.pathname,
        "CODE_LINE": str(record.lineno),
        "CODE_FUNC": record.funcName or "",
        "THREAD_NAME": record.threadName or "",
    }
    made |= {name: str(value) for attribute, name in _EXTRAS if (value := getattr(record, attribute, None)) is not None}
    if "POSD_KIND" in made:
        made["MESSAGE_ID"] = message_id(made["POSD_KIND"])
    return made


def encode(pairs: Mapping[str, str]) -> bytes:
    """Fields in the native protocol: `NAME=value` lines, or name, length and bytes where the value has a line break."""
    parts: list[bytes] = []
    for name, value in pairs.items():
        data = value.encode("utf-8", "surrogateescape")
        if b"\n" in data:
            parts.append(name.encode() + b"\n" + struct.pack("<Q", len(data)) + data + b"\n")
        else:
            parts.append(name.encode() + b"=" + data + b"\n")
    return b"".join(parts)


class StderrHandler(logging.StreamHandler[TextIO]):
    """Lines for people; with `prefixed` each physical line begins with `<priority>`. Control bytes are shown, never
    sent to a terminal.
    """

    def __init__(self, stream: TextIO, *, prefixed: bool) -> None:
        super().__init__(stream)
        self._prefixed = prefixed

    def format(self, record: logging.LogRecord) -> str:
        """The record's text with what it is about, a prefix before each of its lines."""
        about = "".join(f" {name}={value}" for name, _ in _EXTRAS if (value := getattr(record, name, None)) is not None)
        first, *rest = super().format(record).translate(_CONTROLS).split("\n")
        prefix = f"<{priority(record.levelno)}>" if self._prefixed else ""
        head = f"{record.levelname.lower()} {record.name}: {first}{about.translate(_CONTROLS)}"
        return "\n".join(prefix + line for line in (head, *rest))


class JournalHandler(logging.Handler):
    """Sends records to the journal's socket; `fallback` takes what the journal cannot. Safe from any thread, like every
    logging handler.
    """

    def __init__(self, path: str, fallback: logging.Handler) -> None:
        super().__init__()
        self._path = path
        self._fallback = fallback
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._lost = 0

    def emit(self, record: logging.LogRecord) -> None:
        """One record, and before it the number of records lost to a full journal, if any."""
        try:
            if self._lost:
                lost = self._lost
                note = logging.LogRecord(
                    __name__,
                    logging.WARNING,
                    __file__,
                    0,
                    "%d log lines were lost: the journal was full",
                    (lost,),
                    None,
                )
                self._send(encode(fields(note, note.getMessage())))
                self._lost = 0
            self._send(encode(fields(record, self.format(record))))
        except BlockingIOError:
            self._lost += 1
        except OSError:
            self._fallback.handle(record)
        except Exception:  # noqa: BLE001  a logging handler must not raise into the caller; logging prints the traceback to stderr
            self.handleError(record)

    def close(self) -> None:
        """Let go of the socket."""
        self._socket.close()
        super().close()

    def _send(self, data: bytes) -> None:
        try:
            self._socket.sendto(data, self._path)
        except OSError as error:
            if error.errno not in (errno.EMSGSIZE, errno.ENOBUFS):
                raise
            self._send_as_file(data)

    def _send_as_file(self, data: bytes) -> None:
        fd = os.memfd_create("posd-log", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        try:
            with os.fdopen(fd, "wb", closefd=False) as file:
                file.write(data)
            fcntl.fcntl(fd, fcntl.F_ADD_SEALS, _SEALS)
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))]
            self._socket.sendmsg([b""], rights, 0, self._path)
        finally:
            os.close(fd)


def leads_to_journal(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether `stream` is the very stream that the service manager connected to the journal."""
    try:
        device, inode = (int(part) for part in environ.get("JOURNAL_STREAM", "").split(":"))
        there = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return (there.st_dev, there.st_ino) == (device, inode)


def install(stream: TextIO | None = None, journal: str = JOURNAL_SOCKET) -> logging.Handler:
    """Make the one log handler of the process, put it on the root logger and return it."""
    stream = stream or sys.stderr
    connected = leads_to_journal(stream, os.environ)
    handler: logging.Handler = StderrHandler(stream, prefixed=connected)
    if connected and os.path.exists(journal):
        handler = JournalHandler(journal, fallback=handler)
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    return handler
