"""When to try a device again: the one reconnect rule for all device rooms. Pure: the caller has the clock."""

from __future__ import annotations


class Backoff:
    """Delays in seconds that double from `first_s` to `last_s`; `reset()` after success or when hotplug saw the node
    return.
    """

    def __init__(self, first_s: float = 0.1, last_s: float = 2.0) -> None:
        assert 0 < first_s <= last_s
        self._first_s = first_s
        self._last_s = last_s
        self._next_s = first_s

    def next_s(self) -> float:
        """The delay before the next try; each call doubles the one after it, up to the last."""
        delay = self._next_s
        self._next_s = min(self._next_s * 2, self._last_s)
        return delay

    def reset(self) -> None:
        """The next try is soon again."""
        self._next_s = self._first_s
