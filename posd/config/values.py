"""Values that are written as text: durations such as `"30d"`, `"90s"`, `"500ms"`, sizes such as `"64MiB"`."""

from __future__ import annotations

import re

from posd.domain import duration

_SIZE = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


class ConfigError(Exception):
    """The configuration cannot be used; the message names the place and what to write instead."""


def seconds(text: str) -> float:
    """`"30d"` -> 2592000.0. ConfigError for anything else."""
    try:
        return duration.seconds(text)
    except duration.BadDuration as error:
        raise ConfigError(str(error)) from error


def size_bytes(text: str) -> int:
    """`"64MiB"` -> 67108864. ConfigError for anything else."""
    match = re.fullmatch(r"([0-9]+) ?(KiB|MiB|GiB)", text)
    if match is None:
        raise ConfigError(f'{text!r} is not a size; write a number and KiB, MiB or GiB, such as "64MiB"')
    return int(match[1]) * _SIZE[match[2]]
