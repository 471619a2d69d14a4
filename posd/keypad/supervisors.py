"""The supervisors' PINs (domain/pins.py): their file found, guarded, and read once at the start; a PIN looked at.

It is the service manager's credential CREDENTIAL, or the file that `keypad.supervisors` names. It must belong to root
or to posd's own user, others may not read it and its group may not write it: else posd does not start, for whoever
could write it could approve anything.
"""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Mapping
from pathlib import Path

from posd.config import ConfigError, KeypadSection
from posd.domain.pins import BadPin, Pin, parse, right

CREDENTIAL = "posd.supervisors"
FILE_BYTES_MAX = 65_536


def supervisors(section: KeypadSection, environ: Mapping[str, str] = os.environ) -> dict[str, Pin]:
    """By number; empty where there is neither file nor credential. ConfigError with what to do."""
    folder = environ.get("CREDENTIALS_DIRECTORY")
    if section.supervisors:
        path = Path(section.supervisors)
    elif folder and (Path(folder) / CREDENTIAL).exists():
        path = Path(folder) / CREDENTIAL
    else:
        return {}
    try:
        with path.open("rb") as file:
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


def _guarded(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise ConfigError(f"{path}: the supervisors' PINs are not in a plain file")
    if status.st_uid not in (0, os.geteuid()):
        raise ConfigError(f"{path}: belongs to uid {status.st_uid}; it must belong to root or to posd's user: chown it")
    if status.st_mode & 0o027:
        raise ConfigError(f"{path}: others may read it or its group may write it; do: chmod 0640 {path}")
