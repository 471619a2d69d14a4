"""A bell for the one task that serves a device."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Bell:
    """Wakes the one task that waits for something to happen; a ring before the wait is not lost. `turned_s` is when
    it last went on.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.turned_s = clock()
        self._clock = clock
        self._rung = False
        self._waiter: asyncio.Future[None] | None = None

    def ring(self) -> None:
        """Something happened."""
        self._rung = True
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def wait(self, seconds: float) -> None:
        """Return at the next ring, or after `seconds`."""
        if not self._rung and seconds > 0:
            loop = asyncio.get_running_loop()
            self._waiter = loop.create_future()
            timer = loop.call_later(seconds, self._wake)
            try:
                await self._waiter
            finally:
                timer.cancel()
                self._waiter = None
        self._rung = False
        self.turned_s = self._clock()
