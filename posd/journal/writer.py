"""The one thread that writes, and what it need not be asked for.

It takes whatever waits, without a timer, packs it into one batch, commits it and reports the highest durable record,
once. When nothing has come for 50 ms it writes a mark, then scrubs, then archives what is due, a chunk at a time; where
there is never a quiet moment, it archives a chunk behind a batch. Any failure but the archive's is reported once and
ends the thread.

A disk may be so fast that waking a thread and being woken by it takes longer than the write. Where the last commits
were all that fast (timing.Times.fast) and nothing else is being written, what was appended in one turn is committed at
the end of that turn by whoever appended it. One slow commit, and the thread does it again, until as many fast ones have
made up for the time that was lost: so a slow disk holds nobody up, and a fast one that has its moments costs no more
than the thread would.

Whoever writes has the pen; the thread waits for it, the other one never does. What was handed over to the thread and is
not yet committed is counted, so that nobody overtakes it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Lock, Thread

from posd.journal.archive import RETRY_S, Archive
from posd.journal.block import CARRIES
from posd.journal.entries import Entry, merged
from posd.journal.errors import JournalFailed
from posd.journal.log import Log
from posd.journal.scrub import Scrub
from posd.journal.timing import Times

IDLE_MARK_S = 0.05
_SCRUB_PAUSE_S = 0.002
_EXPIRY_S = 600.0


_LOOK = Entry(b"", 0, 0)
"""In the queue: no entry, but something else to do."""


def _ignore(*_: object) -> None:
    pass


class Writer:
    """Commits entries in the order in which they were put. Its callbacks run on its thread, or at the end of a turn.

    `on_durable` gets the highest durable id and the bytes of the batch; `on_failed` comes at most once. `first_owed`:
    records below it may leave the ring. `busy_since`: monotonic time at which the thread's write in progress began.
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
        self._pen = Lock()
        self._under_way = 0
        self._alert = False
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
            gathered, self._gathered = self._gathered, []
            here = self.soon is not None and not self._under_way and self.times.fast and self._may_write_here(gathered)
            if not here:
                self._under_way += len(gathered)
                for entry in gathered:
                    self._queue.put(entry)
        if here:
            self._write_here(merged(gathered))

    def _may_write_here(self, gathered: list[Entry]) -> bool:
        """Whether these are one batch of new records, and nobody else is writing; then the pen is taken."""
        if not gathered or self.failure is not None or self._thread is None:
            return False
        size = 0
        for entry in gathered:
            if entry.carried:  # copies stand in batches of their own, which `gather` makes
                return False
            size += len(entry.body)
        return size <= self._log.body_size_max and self._pen.acquire(blocking=False)

    def _write_here(self, batch: Entry) -> None:
        try:
            self._write(batch)
        except BaseException as error:
            self._fail(error)
            self._queue.put(None)  # the thread has nothing left to do
            if not isinstance(error, JournalFailed):
                raise
            return
        finally:
            self._pen.release()
        asleep, self._alert = not self._alert, True
        if asleep:  # there is a mark to write when all is quiet, and perhaps something to archive
            self._queue.put(_LOOK)
        self.on_durable(self._log.tail.next_id - 1, len(batch.body))

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
                with self._pen:
                    self.busy_since = time.monotonic()
                    self.commit(batch)
                    if self._archive is not None and self._archive.due(self._log):
                        self._archive.step(self._log)
                    self.busy_since = None
                with self._log.lock:
                    self._under_way -= len(batch)
            with self._pen:
                if self.failure is None:
                    self.mark()
                    self._log.stop_cleanly()
        except JournalFailed as failure:
            self._fail(failure)
        except BaseException as error:
            self._fail(error)
            raise

    def _fail(self, error: BaseException) -> None:
        """Report the first failure. A fault of ours must stop the journal too, not only whoever met it."""
        if self.failure is None:
            self.failure = (
                error
                if isinstance(error, JournalFailed)
                else JournalFailed(f"the journal stopped: {error!r}. What was acknowledged is kept; restart posd")
            )
            self.on_failed(self.failure)

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
            if entry is _LOOK:
                continue
            if entry is None:
                self._queue.put(None)
                break
            size += len(entry.body)
            # Copies stand in batches of their own, at which the head never stops: it leaves all of them or none.
            if size > self._log.body_size_max or bool(entry.carried) != bool(first.carried):
                self._held = entry
                break
            batch.append(entry)
        return batch

    def _take(self) -> Entry | None:
        while True:
            self._alert = False  # first this, then the look at what there is to do: who writes does it the other way
            patience, commits = self._patience(), self._log.commits
            self._alert = patience is not None and patience <= IDLE_MARK_S
            try:
                entry = self._queue.get(timeout=patience)
            except Empty:
                with self._pen:
                    self.busy_since = time.monotonic()
                    self._use_the_pause(quiet=self._log.commits == commits)
                    self.busy_since = None
            else:
                if entry is not _LOOK:
                    return entry

    def _use_the_pause(self, *, quiet: bool) -> None:
        """Nothing was handed over for a while; `quiet`: nothing was written at all."""
        if self.failure is not None:
            return
        if not quiet:
            if self._archive is not None and self._archive.due(self._log):
                self._archive.step(self._log)
        elif not self._log.marked:
            self.mark()
        elif self._scrub is not None and not self._scrub.done:
            self._scrub.step()
        elif self._archive is not None:
            self._tend(self._archive)

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

    def _tend(self, archive: Archive) -> None:
        """One step of what the archive needs."""
        if archive.due(self._log):
            archive.step(self._log)
        elif time.monotonic() >= self._expiry_s and archive.expire(self._log.head.block) is None:
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
        """Make the entries durable as one batch, then say so. Whoever has the pen, or where the thread does not run."""
        whole = merged(batch)
        self._write(whole)
        self.on_durable(self._log.tail.next_id - 1, len(whole.body))

    def _write(self, batch: Entry) -> None:
        log = self._log
        log.make_room(batch.blocks, self.first_owed)
        began = time.monotonic()
        log.commit(batch.body, batch.records, CARRIES if batch.carried else 0, batch.carried)
        self.times.add(time.monotonic() - began)
        with log.lock:
            log.space.queued -= batch.blocks
            self.first_owed = max(self.first_owed, batch.release)
