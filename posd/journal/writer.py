"""The one thread that writes.

It takes whatever waits, without a timer, packs it into one batch, commits it and reports the highest durable record,
once. When nothing has come for 50 ms it writes a mark, then scrubs, then archives what is due, a chunk at a time; where
there is never a quiet moment, it archives a chunk behind a batch. Any failure but the archive's is reported once and
ends the thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread

from posd.journal.archive import RETRY_S, Archive
from posd.journal.block import CARRIES
from posd.journal.entries import Entry
from posd.journal.errors import JournalFailed
from posd.journal.log import Log
from posd.journal.scrub import Scrub
from posd.journal.timing import Times

IDLE_MARK_S = 0.05
_SCRUB_PAUSE_S = 0.002
_EXPIRY_S = 600.0


def _ignore(*_: object) -> None:
    pass


class Writer:
    """Commits entries in the order in which they were put. Its callbacks run on its thread.

    `on_durable` gets the highest durable id and the bytes of the batch; `on_failed` comes at most once.
    `first_owed`: records below it may leave the ring. `busy_since`: monotonic time at which the write in progress
    began.
    """

    def __init__(self, log: Log, scrub: Scrub | None, first_owed: int, archive: Archive | None = None) -> None:
        self.first_owed = first_owed
        self.failure: JournalFailed | None = None
        self.busy_since: float | None = None
        self.times = Times()
        self._log = log
        self._scrub = scrub
        self._archive = archive
        self._expiry_s = 0.0
        self._queue: SimpleQueue[Entry | None] = SimpleQueue()
        self._held: Entry | None = None
        self._gathered: list[Entry] = []
        self.soon: Callable[[Callable[[], None]], object] | None = None
        self._thread: Thread | None = None
        self.on_durable: Callable[[int, int], None] = _ignore
        self.on_failed: Callable[[JournalFailed], None] = _ignore

    def start(self) -> None:
        """Begin to write."""
        self._thread = Thread(target=self._run, name="posd-journal", daemon=True)
        self._thread.start()

    def put(self, entry: Entry) -> None:
        """Queue an entry, now or at the end of the caller's turn; the caller has bounded what waits."""
        with self._log.lock:
            self._gathered.append(entry)
            first = len(self._gathered) == 1
        if self.soon is None:
            self._hand_over()
        elif first:
            self.soon(self._hand_over)

    def _hand_over(self) -> None:
        with self._log.lock:
            for entry in self._gathered:
                self._queue.put(entry)
            self._gathered.clear()

    def stop(self, deadline_s: float) -> bool:
        """Write what waits, a mark and the clean superblock, then end. False if that took longer than the deadline."""
        self._hand_over()
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
                if self._archive is not None and self._archive.due(self._log):
                    self._archive.step(self._log)
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
        with self._log.lock:
            pass  # whoever hands over a turn's entries has then put the last of them
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
            try:
                return self._queue.get(timeout=self._patience())
            except Empty:
                self.busy_since = time.monotonic()
                if not self._log.marked:
                    self.mark()
                elif self._scrub is not None and not self._scrub.done:
                    self._scrub.step()
                else:
                    self._tend()
                self.busy_since = None

    def _patience(self) -> float | None:
        """How long to wait for records before something else is done; None: nothing else is left to do."""
        if not self._log.marked:
            return IDLE_MARK_S
        if self._scrub is not None and not self._scrub.done:
            return _SCRUB_PAUSE_S
        if self._archive is None:
            return None
        if self._archive.due(self._log):
            return _SCRUB_PAUSE_S
        return RETRY_S if self._archive.trouble else _EXPIRY_S

    def _tend(self) -> None:
        """One step of what the archive needs."""
        assert self._archive is not None
        if self._archive.due(self._log):
            self._archive.step(self._log)
        elif time.monotonic() >= self._expiry_s and self._archive.expire(self._log.head.block) is None:
            self._expiry_s = time.monotonic() + _EXPIRY_S

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
        began = time.monotonic()
        carried = [record_id for entry in batch for record_id in entry.carried]
        log.commit(body, sum([entry.records for entry in batch]), CARRIES if carried else 0, carried)
        self.times.add(time.monotonic() - began)
        with log.lock:
            log.space.queued -= blocks
            self.first_owed = max(self.first_owed, *[entry.release for entry in batch])
        self.on_durable(log.tail.next_id - 1, len(body))
