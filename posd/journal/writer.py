"""The one thread that writes.

It takes whatever waits, without a timer, packs it into one batch, commits it and reports the highest durable record,
once. When nothing has come for 50 ms it writes a mark, then scrubs. Any failure is reported once and ends the thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread
from typing import NamedTuple

from posd.journal.errors import JournalFailed
from posd.journal.log import Log
from posd.journal.scrub import Scrub

IDLE_MARK_S = 0.05
_SCRUB_PAUSE_S = 0.002


def _ignore(*_: object) -> None:
    pass


class Entry(NamedTuple):
    """Encoded records that go into one batch; `blocks` is set aside for them in the log's `space.queued`."""

    body: bytes
    records: int
    blocks: int


class Writer:
    """Commits entries in the order in which they were put. Its callbacks run on its thread.

    `on_durable` gets the highest durable id and the bytes of the batch; `on_failed` comes at most once.
    `first_owed`: records below it may leave the ring. `busy_since`: monotonic time at which the write in progress
    began.
    """

    def __init__(self, log: Log, scrub: Scrub | None, first_owed: int) -> None:
        self.first_owed = first_owed
        self.failure: JournalFailed | None = None
        self.busy_since: float | None = None
        self._log = log
        self._scrub = scrub
        self._queue: SimpleQueue[Entry | None] = SimpleQueue()
        self._held: Entry | None = None
        self._thread: Thread | None = None
        self.on_durable: Callable[[int, int], None] = _ignore
        self.on_failed: Callable[[JournalFailed], None] = _ignore

    def start(self) -> None:
        """Begin to write."""
        self._thread = Thread(target=self._run, name="posd-journal", daemon=True)
        self._thread.start()

    def put(self, entry: Entry) -> None:
        """Queue an entry; the caller has bounded what waits."""
        self._queue.put(entry)

    def stop(self, deadline_s: float) -> bool:
        """Write what waits, a mark and the clean superblock, then end. False if that took longer than the deadline."""
        self._queue.put(None)
        if self._thread is None:
            self._run()
            return True
        self._thread.join(deadline_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            while (batch := self.gather()) is not None:
                self.busy_since = time.monotonic()
                self.commit(batch)
                self.busy_since = None
            self.mark()
            self._log.stop_cleanly()
        except JournalFailed as failure:
            self._fail(failure)
        except BaseException as error:  # a fault of ours must stop the journal too, not only this thread
            self._fail(JournalFailed(f"the journal stopped: {error!r}. What was acknowledged is kept; restart posd"))
            raise

    def _fail(self, failure: JournalFailed) -> None:
        self.failure = failure
        self.on_failed(failure)

    def gather(self) -> list[Entry] | None:
        """What waits and fits in one batch, at least one entry; None at the end."""
        first = self._held or self._take()
        self._held = None
        if first is None:
            return None
        batch, size = [first], len(first.body)
        while not self._queue.empty():
            entry = self._queue.get_nowait()
            if entry is None:
                self._queue.put(None)
                break
            size += len(entry.body)
            if size > self._log.body_size_max:
                self._held = entry
                break
            batch.append(entry)
        return batch

    def _take(self) -> Entry | None:
        while True:
            scrubbing = self._scrub is not None and not self._scrub.done
            try:
                return self._queue.get(
                    timeout=IDLE_MARK_S if not self._log.marked else _SCRUB_PAUSE_S if scrubbing else None
                )
            except Empty:
                if not self._log.marked:
                    self.mark()
                elif self._scrub is not None:
                    self._scrub.step()

    def mark(self) -> None:
        """Write a mark where something unmarked stands, unless its block is needed for what is owed."""
        log = self._log
        if log.marked:
            return
        log.marked = True
        with log.lock:
            if log.space.lacking(1, log.owed_block(self.first_owed), outcome=True):
                return
            log.space.queued += 1
        log.make_room(1, self.first_owed)
        log.mark()
        with log.lock:
            log.space.queued -= 1

    def commit(self, batch: list[Entry]) -> None:
        """Make the entries durable as one batch, then say so. On the writer's thread, or where it does not run."""
        log = self._log
        body = batch[0].body if len(batch) == 1 else b"".join([entry.body for entry in batch])
        blocks = sum([entry.blocks for entry in batch])
        log.make_room(blocks, self.first_owed)
        log.commit(body, sum([entry.records for entry in batch]))
        with log.lock:
            log.space.queued -= blocks
        self.on_durable(log.tail.next_id - 1, len(body))
