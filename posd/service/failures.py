"""Moments of failure that outlive the process: so that a disk that fails again and again is not tried for ever.

A small text file with a time in milliseconds a line, the newest last; written under another name, synced, renamed. What
in it is no time is not counted. A clock that jumps counts a moment as near if it is within the window either way.
"""

from __future__ import annotations

import os
from pathlib import Path

WINDOW_MS = 600_000
ENOUGH = 2
_KEPT = 8


class Failures:
    """The moments in the file at `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def note(self, now_ms: int) -> None:
        """One more, now. OSError if it cannot be kept."""
        new = self.path.with_name(self.path.name + ".new")
        lines = "".join(f"{moment}\n" for moment in (*self._moments(), now_ms)[-_KEPT:])
        with new.open("w") as file:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.path)

    def too_many(self, now_ms: int) -> bool:
        """Whether it failed `ENOUGH` times within the last `WINDOW_MS`."""
        return sum(abs(now_ms - moment) <= WINDOW_MS for moment in self._moments()) >= ENOUGH

    def _moments(self) -> list[int]:
        try:
            lines = self.path.read_text(errors="replace").split()
        except OSError:
            return []
        return [int(line) for line in lines if line.isascii() and line.isdigit() and len(line) < 16]
