"""Reading the next megabyte while the last one is worked on: for a start, which reads the ring from end to end.

How it works: whoever read a long run is likely to want the one behind it. That is read by a thread into memory of its
own, and handed over when it is asked for; asked for anything else, it is dropped. A write makes all of it void. What
could not be read ahead is read again by whoever asks, who then meets the error.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

RUN_MIN = 1 << 20
STREAMS = 2
"""Both copies of the ring."""


class _Run(NamedTuple):
    memory: memoryview
    reading: Future[int]


class Ahead:
    """Belongs to one file; used by one thread at a time. `read(offset, into)` gives how many bytes it read. `close`
    ends its threads.
    """

    def __init__(self, read: Callable[[int, memoryview], int]) -> None:
        self._read = read
        self._threads = ThreadPoolExecutor(STREAMS, "posd-ahead")
        self._runs: dict[int, _Run] = {}
        self._spare: list[memoryview] = []

    def give(self, offset: int, into: memoryview) -> bool:
        """Fill `into` if that was read ahead; begin to read what follows."""
        if len(into) != RUN_MIN:
            return False
        run = self._runs.pop(offset, None)
        given = run is not None and run.reading.result() == len(into)
        if run is not None:
            if given:
                into[:] = run.memory
            self._spare.append(run.memory)
        self._fetch(offset + len(into))
        return given

    def forget(self) -> None:
        """Something is being written: what was read before does not count."""
        while self._runs:
            self._drop(next(iter(self._runs)))

    def close(self) -> None:
        """End."""
        self.forget()
        self._threads.shutdown()

    def _fetch(self, offset: int) -> None:
        while len(self._runs) >= STREAMS:
            self._drop(next(iter(self._runs)))
        memory = self._spare.pop() if self._spare else memoryview(mmap.mmap(-1, RUN_MIN))
        self._runs[offset] = _Run(memory, self._threads.submit(self._try, offset, memory))

    def _drop(self, offset: int) -> None:
        run = self._runs.pop(offset)
        run.reading.result()
        self._spare.append(run.memory)

    def _try(self, offset: int, into: memoryview) -> int:
        try:
            return self._read(offset, into)
        except OSError:
            return -1  # whoever asks for it reads it again, and meets the error
