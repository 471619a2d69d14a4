"""Durations and hours of the day, as people write them in the configuration. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

DAY_MIN = 24 * 60
_UNIT_S = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_PERIOD = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])")


class BadDuration(ValueError):
    """A text is no duration, or no period of the day; the message says what to write."""


@lru_cache(maxsize=64)
def seconds(text: str) -> float:
    """`"30d"` -> 2592000.0. BadDuration for anything else."""
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) ?(ms|s|min|h|d|w)", text)
    if match is None:
        raise BadDuration(f'{text!r} is not a duration; write a number and one of ms, s, min, h, d, w, such as "30d"')
    return float(match[1]) * _UNIT_S[match[2]]


def milliseconds(text: str) -> int:
    """`"90s"` -> 90000. BadDuration for anything else."""
    return round(seconds(text) * 1000)


class Period(NamedTuple):
    """From minute `start` of the day up to, not with, minute `end`; it may cross midnight. Equal ends: never."""

    start: int
    end: int

    def holds(self, minute: int) -> bool:
        if self.start <= self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end


@lru_cache(maxsize=64)
def period(text: str) -> Period:
    """`"22:00-02:00"` -> Period(1320, 120). BadDuration for anything else."""
    match = _PERIOD.fullmatch(text)
    if match is None:
        raise BadDuration(f'holds {text!r}; write "HH:MM-HH:MM"')
    h1, m1, h2, m2 = (int(part) for part in match.groups())
    return Period(h1 * 60 + m1, h2 * 60 + m2)
