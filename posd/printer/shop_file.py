"""A file that the configuration names, read whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from posd.config import ConfigError


def read(key: str, path: Path, most: int) -> bytes:
    """The bytes of the file at `path`, which stands in the configuration as `key`. ConfigError where there is none, it
    is no regular file (nobody is kept waiting by a FIFO), or has more than `most` bytes.
    """
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise ConfigError(f"{key} {str(path)!r} is not a file")
            data = file.read(most + 1)
    except OSError as error:
        raise ConfigError(f"{key} {str(path)!r} cannot be read: {error.strerror}") from error
    if len(data) > most:
        size = f"{most >> 20} MiB" if most >> 20 else f"{most >> 10} KiB"
        raise ConfigError(f"{key} {str(path)!r} is larger than {size}")
    return data
