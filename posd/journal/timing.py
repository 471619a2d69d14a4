"""How long commits took, in a few numbers that never grow; and whether the disk is so fast that no thread is needed."""

from __future__ import annotations

from bisect import bisect_left

BOUNDS_MS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
FAST_S = 0.0005
FAST_RUN = 16
WAKE_S = 0.00005
"""About what it takes to wake a thread and to be woken by it (measured: 50 us of a sale's 220)."""


class Times:
    """Counts by duration. One thread at a time adds; any may read."""

    def __init__(self) -> None:
        self._counts = [0] * (len(BOUNDS_MS) + 1)
        self._doubt = FAST_RUN

    def add(self, seconds: float) -> None:
        """One more that took so long."""
        self._counts[bisect_left(BOUNDS_MS, seconds * 1000)] += 1
        if seconds >= FAST_S:
            self._doubt = max(self._doubt, round(seconds / WAKE_S))
        elif self._doubt:
            self._doubt -= 1

    @property
    def fast(self) -> bool:
        """Whether enough commits in a row took less than `FAST_S`: at first `FAST_RUN`, and after a slow one as many as
        a thread could have been woken in the time that it took. So what the loop is held up by a disk that has its
        moments is at most what a thread would have taken, spread over all commits.
        """
        return not self._doubt

    def counts(self) -> dict[str, int]:
        """How many took at most so many milliseconds and more than the bound before; `more`: longer than the last."""
        return dict(zip([*map(str, BOUNDS_MS), "more"], self._counts, strict=True))
