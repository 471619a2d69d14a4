"""Moments as text, RFC 3339: in UTC for programs, in the terminal's zone for people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache


@lru_cache(maxsize=64)  # one answer tells the same few moments again and again
def iso_utc(ms: int) -> str:
    """Milliseconds since 1970 -> `2026-11-21T02:15:30.123Z`."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def iso_local(ms: int, offset_min: int) -> str:
    """Milliseconds since 1970 -> `2026-11-21T10:15:30+08:00`."""
    zone = timezone(timedelta(minutes=offset_min))
    return datetime.fromtimestamp(ms / 1000, zone).isoformat(timespec="seconds")
