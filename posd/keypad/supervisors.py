"""The supervisors' PINs (domain/pins.py): their file found, guarded, read, and read again when it changed; a PIN looked
at.

It is the service manager's credential CREDENTIAL, or the file that `keypad.supervisors` names. It must belong to root
or to posd's own user, others may not read it and its group may not write it, for whoever could write it could approve
anything: at the start that is an error, and posd does not start.

Rules
- A file that changed is taken up once two looks in a row found it the same, so that nobody's half-written file counts;
  when asked to, at once.
- A file that cannot be used changes nothing: the PINs of before hold, `fault` says so, and the log, once for each state
  of the file. One that is gone is such a file: who wants no PINs any more leaves it empty.
- Wrong tries and locks are not here but in the journal (desk/supervisors.py): a new PIN ends no lock.
- The service manager copies a credential when it starts posd: that one changes with the next start.
"""

from __future__ import annotations

import asyncio
import ctypes
import logging
import os
import stat
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from posd.config import ConfigError, KeypadSection
from posd.domain.pins import BadPin, Pin, parse, right

CREDENTIAL = "posd.supervisors"
FILE_BYTES_MAX = 65_536
LOOK_S = 2.0
_Seen = tuple[int, int, int, int]
_log = logging.getLogger(__name__)


class Supervisors:
    """The PINs that hold (`known`, by supervisor's number), their file (`path`; None where there is neither file nor
    credential), and what is wrong with it as it stands now (`fault`; empty: nothing). ConfigError with what to do.
    """

    def __init__(self, section: KeypadSection, environ: Mapping[str, str] = os.environ) -> None:
        self.known: Mapping[str, Pin] = {}
        self.fault = ""
        self.path = _path(section, environ)
        self._read: _Seen | None = None
        self._seen: _Seen | None = None
        if self.path is not None:
            self._read = self._seen = _look(self.path)
            self.known = _pins(self.path)

    def again(self, *, at_once: bool = False) -> bool:
        """Look at the file again, and read it where it changed; whether `known` or `fault` is another now."""
        if self.path is None:
            return False
        before, self._seen = self._seen, _look(self.path)
        if not at_once and (self._seen == self._read or self._seen != before):
            return False
        self._read = self._seen
        held = self.known, self.fault
        try:
            self.known, self.fault = _pins(self.path), ""
            _log.info("%s: read; supervisors with a PIN: %d", self.path, len(self.known))
        except ConfigError as error:
            self.fault = str(error)
            _log.error("%s; the PINs of before hold until it is put right", error)
        return held != (self.known, self.fault)

    async def watch(self, changed: Callable[[], None]) -> None:
        """Look every LOOK_S, on the beat that other parts keep too, and tell of what is another; ends only by
        cancellation.
        """
        while True:
            await asyncio.sleep(LOOK_S - time.monotonic() % LOOK_S)
            if self.again():
                changed()


def look(known: Mapping[str, Pin], operator: str, pin: bytearray) -> bool:
    """Whether this is the operator's PIN, which is overwritten. Slow: in a thread. The 8 MiB that scrypt wants for a
    moment are given back; the allocator alone would keep them for good.
    """
    try:
        return right(known, operator, pin)
    finally:
        pin[:] = bytes(len(pin))
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's
        if trim is not None:
            trim(0)


def _path(section: KeypadSection, environ: Mapping[str, str]) -> Path | None:
    if section.supervisors:
        return Path(section.supervisors)
    folder = environ.get("CREDENTIALS_DIRECTORY")
    path = Path(folder) / CREDENTIAL if folder else None
    return path if path is not None and path.exists() else None


def _look(path: Path) -> _Seen | None:
    """What tells one state of the file from another, who may do what with it included; None where it is not there."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_size, status.st_ctime_ns


def _pins(path: Path) -> dict[str, Pin]:
    try:
        with open(path, "rb", opener=_at_once) as file:
            _guarded(path, os.fstat(file.fileno()))
            text = file.read(FILE_BYTES_MAX + 1)
        if len(text) > FILE_BYTES_MAX:
            raise BadPin("it is too large")
        return parse(text.decode())
    except OSError as error:
        raise ConfigError(f"{path}: the supervisors' PINs cannot be read: {error.strerror}") from error
    except (BadPin, UnicodeDecodeError) as bad:
        what = bad if isinstance(bad, BadPin) else "it is no text"
        raise ConfigError(f"{path}: the supervisors' PINs cannot be used: {what}") from None


def _at_once(path: str, flags: int) -> int:
    """An opener that waits for no writer, should it be a FIFO: it is refused a moment later."""
    return os.open(path, flags | os.O_NONBLOCK)


def _guarded(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise ConfigError(f"{path}: the supervisors' PINs are not in a plain file")
    if status.st_uid not in (0, os.geteuid()):
        raise ConfigError(f"{path}: belongs to uid {status.st_uid}; it must belong to root or to posd's user: chown it")
    if status.st_mode & 0o027:
        raise ConfigError(f"{path}: others may read it or its group may write it; do: chmod 0640 {path}")
