"""How long commits took, in a few numbers that never grow."""

from __future__ import annotations

from bisect import bisect_left

BOUNDS_MS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
FAST_S = 0.0005
FAST_RUN = 16
FAST_RUN_MAX = 4096


class Times:
    """Counts by duration. One thread at a time adds; any may read."""

    def __init__(self) -> None:
        self._counts = [0] * (len(BOUNDS_MS) + 1)
        self._fast_run = 0
        self._needed = FAST_RUN

    def add(self, seconds: float) -> None:
        """One more that took so long."""
        self._counts[bisect_left(BOUNDS_MS, seconds * 1000)] += 1
        if seconds < FAST_S:
            self._fast_run += 1
            if self._fast_run >= FAST_RUN_MAX:
                self._needed = FAST_RUN
            return
        if self.fast:
            self._needed = min(4 * self._needed, FAST_RUN_MAX)
        self._fast_run = 0

    @property
    def fast(self) -> bool:
        """Whether none of the last ones took `FAST_S` or longer: of the last `FAST_RUN` at first, of four times as many
        after each time that this proved wrong, up to `FAST_RUN_MAX`; it is forgiven after as many.
        """
        return self._fast_run >= self._needed

    def counts(self) -> dict[str, int]:
        """How many took at most so many milliseconds and more than the bound before; `more`: longer than the last."""
        return dict(zip([*map(str, BOUNDS_MS), "more"], self._counts, strict=True))
