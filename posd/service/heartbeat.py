"""The beat of the process: while every part answers it pets the watchdog; it keeps the status line true, gives memory
back and has the metrics file written.

A part that is silent past its deadline withholds the pet (watchdog.py), and so does a write to the journal that goes on
for too long: the service manager then starts posd again, whose state is in the journal.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable

from posd.service import memory
from posd.service.notify import Notifier
from posd.service.watchdog import Watchdog, pet_interval_s

PART_DEADLINE_S = 30.0
WRITE_DEADLINE_S = 30.0
STATUS_S = 2.0
METRICS_S = 15.0
log = logging.getLogger("posd")


class Heartbeat:
    """`sentence()` is the status line; `busy_since()`: monotonic time since which one write to the journal has been
    going on, None if none is; `write_metrics()` is called every `METRICS_S`.
    """

    def __init__(
        self,
        notifier: Notifier,
        sentence: Callable[[], str],
        busy_since: Callable[[], float | None],
        write_metrics: Callable[[], None],
    ) -> None:
        self._notifier = notifier
        self._sentence = sentence
        self._busy_since = busy_since
        self._write_metrics = write_metrics
        self._watchdog = Watchdog()
        self._alive: dict[str, Callable[[], float]] = {}
        self._said = ""
        self._metrics_due_s = 0.0

    def watch(self, part: str, alive: Callable[[], float]) -> None:
        """From now on `alive()`, the monotonic time at which `part` last did its work, must stay young."""
        self._alive[part] = alive
        self._watchdog.watch(part, PART_DEADLINE_S, time.monotonic())

    async def run(self) -> None:
        """Beat, at least every two seconds; ends only by cancellation."""
        pause_s = min(pet_interval_s(os.environ, os.getpid()) or STATUS_S, STATUS_S)
        while True:
            await asyncio.sleep(pause_s - time.monotonic() % pause_s)  # together with the desk's tick: one wake-up
            self.beat(time.monotonic())

    def beat(self, now_s: float) -> None:
        """What is due at `now_s`."""
        late = self._late(now_s)
        if late:
            log.error("no answer from: %s; the watchdog is not petted", ", ".join(late))
        else:
            self._notifier.pet()
        if (sentence := self._sentence()) != self._said:
            self._notifier.status(sentence)
            self._said = sentence
        if now_s >= self._metrics_due_s:
            self._metrics_due_s = now_s + METRICS_S
            memory.give_back()
            self._write_metrics()

    def _late(self, now_s: float) -> tuple[str, ...]:
        for part, alive in self._alive.items():
            self._watchdog.answered(part, alive())
        late = self._watchdog.overdue(now_s)
        since = self._busy_since()
        return (*late, "journal") if since is not None and now_s - since > WRITE_DEADLINE_S else late
