"""The background comparison of both copies of the ring, one pass after a clean stop, in small steps while the writer
has nothing to do.

Ring A was checked in full when the journal was opened. What is bad in one copy is written again from the other one;
what is bad in both is counted in `lost`, for the status, and left as it is: reading it says so.
"""

from __future__ import annotations

from posd.journal.log import Log
from posd.journal.window import Window

_STEP_BLOCKS = 32


class Scrub:
    """One pass over the blocks that were live when it was made. Runs on the writer's thread."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._windows = [Window(log.file, log.geometry, copy, _STEP_BLOCKS) for copy in range(2)]
        self._next, self._end = log.head.block, log.tail.block
        self.repaired = 0
        self.lost = 0
        self.done = False

    def step(self) -> None:
        """Compare the next few blocks. JournalFailed if a repair could not be written."""
        first = max(self._next, self._log.head.block)
        count = min(self._windows[0].capacity, self._end - first)
        if count > 0:
            for window in self._windows:
                window.load(first, count)
            for number in range(first, first + count):
                self._compare(number)
            self._next = first + count
        self.done = count <= 0 or self._next >= self._end

    def _compare(self, number: int) -> None:
        a, b = self._windows
        if a.block(number).tobytes() == b.block(number).tobytes():
            return
        if a.header(number) is not None:
            self._log.rewrite(1, number, a.block(number))
        elif b.header(number) is not None:
            self._log.rewrite(0, number, b.block(number))
        else:
            self.lost += 1
            return
        self.repaired += 1
