"""An asyncio loop that lives on the time of a printer's bench.

Nothing waits: where a loop would sleep until its next timer, this one lets the bench's time pass up to there, or up to
the moment at which `news` says that the bench has something for a task. So a case of many minutes takes milliseconds,
and everything comes out the same each time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from hwsim.bench import Bench

NEVER_S = 1e7
TURNS_MAX = 1_000_000
TURN_S = 2e-9
"""A turn of a loop takes time, be it this little: else one that is woken a hair too early would be so for ever."""


class BenchLoop(asyncio.BaseEventLoop):
    """`news` is called after each step of the bench, delivers what it has, and tells whether it had something."""

    def __init__(self, bench: Bench, news: Callable[[], bool]) -> None:
        super().__init__()
        self._bench, self._news = bench, news
        self._selector = self
        self._turns = 0

    def time(self) -> float:
        return self._bench.now

    def select(self, timeout: float | None) -> list[Any]:
        """Let time pass, `timeout` seconds at most or a turn; there are no descriptors to tell of."""
        assert timeout is not None, "everything waits for ever"
        self._turns += 1
        assert self._turns < TURNS_MAX, "nothing comes to rest"
        bench = self._bench
        until = bench.now + max(timeout, TURN_S)
        while not self._news() and bench.now < until:
            wait = bench.wait
            bench.advance(min(until - bench.now, NEVER_S if wait is None else wait))
        return []

    def _process_events(self, _events: list[Any]) -> None:
        """There are none."""

    def _write_to_self(self) -> None:
        """Nobody sleeps who would have to be woken."""
