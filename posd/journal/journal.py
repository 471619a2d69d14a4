"""The journal as the rest of posd sees it: append, wait for durability, read back.

Threads
- `open` blocks and is called before anything is served. All other methods are called from one thread, the event
  loop's, and never wait for the disk except `records` and `read`, which read, and `close`, which drains.
- One writer thread runs between `start` and `close`; `on_durable` and `on_failed` are called on it. On a disk that is
  faster than waking a thread, the caller's own thread writes at the end of its turn, and they are called there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from posd.journal.archive import Archive
from posd.journal.backlog import Backlog
from posd.journal.entries import carried_entries, new_entries
from posd.journal.errors import JournalDamaged, JournalFailed, JournalReadOnly
from posd.journal.file import DiskStore
from posd.journal.info import JournalInfo
from posd.journal.opening import Entropy, Opened, RecoveryReport, look_log, open_log
from posd.journal.past import Past
from posd.journal.port import Store
from posd.journal.record import NewRecord, Record
from posd.journal.ring import BLOCK, SIZE_MAX, SIZE_MIN, Geometry, Space
from posd.journal.scrub import Scrub
from posd.journal.writer import Writer

if TYPE_CHECKING:
    from posd.journal.copies import Page

CLOSE_DEADLINE_S = 10.0


class OpenedDamaged(JournalDamaged):
    """It is damaged, and opened: `journal` serves what is intact, takes nothing, holds the lock until closed."""

    def __init__(self, journal: Journal) -> None:
        super().__init__(f"{journal._path}: {journal.recovery.sentence}", journal.recovery.lost)
        self.journal = journal


class Journal:
    """A durable ring of records. Made by `open`; see the module for its rules of threads."""

    recovery: RecoveryReport

    def __init__(self, path: str, opened: Opened, archive: Archive | None = None) -> None:
        self.recovery = opened.report
        self._path = path
        self._opened = opened
        self._log = opened.log
        self._geometry = opened.superblock.geometry
        self._index = opened.index
        self._next_id = opened.index.end_id or opened.tail.next_id
        self._backlog = Backlog(opened.lock, self._next_id - 1)
        self._closed = False
        self._started: Callable[[], None] = lambda: None
        self._scrub = Scrub(self._log) if self._log is not None and not opened.compared else None
        self._writer: Writer | None = None
        if archive is not None and self._log is not None:
            archive.begin(self._log)
        elif archive is not None:
            archive.begin_reading(opened.superblock.uuid)
        if self._log is not None:
            self._writer = Writer(self._log, self._scrub, opened.superblock.head.next_id, archive)
        self._past = Past(opened, archive)

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        size: int,
        mirror: bool,
        entropy: Entropy = os.urandom,
        port: Store | None = None,
        archive: Archive | None = None,
        seal_key: bytes | None = None,
    ) -> Journal:
        """Open the journal at `path`, or make one of `size` bytes a ring (a multiple of 4096, at least 1 MiB), twice
        if `mirror`.

        An existing file keeps its own size and mirror. What leaves the ring goes to `archive`; without one it is gone.
        With a `seal_key` its marks are sealed (seal.py). `entropy(n)` gives n random bytes. JournalLocked, NotAJournal,
        JournalError (the disk refused); OpenedDamaged.
        """
        if not SIZE_MIN <= size <= SIZE_MAX or size % BLOCK:
            raise ValueError(
                f"a journal of {size} bytes is not possible: {SIZE_MIN} to {SIZE_MAX}, in steps of {BLOCK}"
            )
        disk = DiskStore(Path(path))
        store = port if port is not None else disk
        opened = open_log(store, Geometry(size // BLOCK, mirror), entropy)
        if seal_key is not None and opened.log is not None:
            from posd.journal.seal import Sealer

            now = opened.superblock
            opened.log.sealer = Sealer(seal_key, now.uuid, now.epoch, now.salt)
        journal = cls(str(path), opened, archive)
        journal._started = disk.started
        if opened.log is None:
            raise OpenedDamaged(journal)
        return journal

    @classmethod
    def look(cls, path: str | Path, *, archive: Archive | None = None) -> Journal:
        """Open the journal at `path` for reading alone, whatever its state: nothing is written, nothing will be.

        JournalLocked, NotAJournal, JournalError (there is none, or it cannot be read).
        """
        return cls(str(path), look_log(DiskStore(Path(path))), archive)

    def start(
        self,
        on_durable: Callable[[int], None],
        on_failed: Callable[[JournalFailed], None],
        soon: Callable[[Callable[[], None]], object] | None = None,
    ) -> None:
        """Start the writer. `on_durable(id)`: all records up to id are durable; `on_failed` comes at most once, after
        it nothing. `soon(call)` runs `call` on the caller's thread when its present turn is over: what is appended
        until then becomes durable together, by that call itself where the disk is fast enough (writer.py). Without it
        the first of many waits for nobody, and the others wait for its sync.
        """
        self._started()
        writer = self._connect(on_durable, on_failed)
        writer.soon = soon
        writer.start()

    def _connect(self, on_durable: Callable[[int], None], on_failed: Callable[[JournalFailed], None]) -> Writer:
        writer = self._writable()

        def durable(durable_id: int, size: int) -> None:
            self._backlog.durable(durable_id, size)
            on_durable(durable_id)

        writer.on_durable, writer.on_failed = durable, on_failed
        return writer

    def append(self, records: Sequence[NewRecord], *, outcome: bool = True) -> range:
        """Queue records and return their ids; durable once `on_durable` names the last one. Never waits.

        One append is one batch if it fits (all of it survives a crash or nothing), else consecutive batches in order.
        `outcome=False` is a new sale: it may not use the reserve. RecordTooLarge, JournalFull, JournalBusy,
        JournalReadOnly: nothing was queued; JournalFailed: the journal has stopped.
        """
        writer = self._writable()
        log = self._log
        assert log is not None
        first_id = self._next_id
        entries = new_entries(records, first_id, log.body_size_max)
        waiting = [Record(at, r.type, r.version, r.reference, r.payload) for at, r in enumerate(records, first_id)]
        self._backlog.admit(log, writer, entries, waiting, outcome=outcome)
        self._next_id += len(records)
        for entry in entries:
            writer.put(entry)
        return range(first_id, self._next_id)

    def carry(self, records: Sequence[Record], release: int) -> None:
        """Copy older durable records forward, under their ids; once the copies are durable, all below `release` may
        leave the ring, but never the copies. Errors as of `append`; nothing to carry releases at once.
        """
        writer = self._writable()
        log = self._log
        assert log is not None
        entries = carried_entries(records, log.body_size_max, min(release, self._next_id - 1))
        if not entries:
            self.release(release)
            return
        self._backlog.admit(log, writer, entries, [], outcome=True)
        for entry in entries:
            writer.put(entry)

    def place(self, record_id: int) -> int:
        """The highest id from which on the ring must be kept so that it holds the record, or its newest copy."""
        return self._past.place(record_id)

    def records(self, start: int = 0) -> Iterator[Record]:
        """Durable records in order, from id `start` or the oldest from which there is no gap, out of the archive and
        then the ring. RecordGone if the ring overtakes the reader, RecordUnreadable.

        A damaged journal goes on behind each gap.
        """
        return self._past.records(start)

    def kept(self) -> Iterator[Record]:
        """What the ring alone holds, in order of the ids: first what is there only as a copy carried forward."""
        return self._past.kept()

    def read(self, record_id: int) -> Record:
        """The record, durable or still waiting, out of the ring or the archive. RecordGone: it is in neither;
        RecordUnreadable, ArchiveUnreadable: lost; LookupError: there never was one.
        """
        if not 1 <= record_id < self._next_id:
            raise LookupError(f"there is no record {record_id}; the newest is {self._next_id - 1}")
        return self._backlog.find(record_id) or self._past.read(record_id)

    @property
    def past(self) -> Past:
        """What reads; its `archived` and `read` may be used on any thread."""
        return self._past

    def release(self, first_owed: int) -> None:
        """All records below `first_owed` may leave the ring when their space is needed. Never goes back."""
        if self._writer is not None:
            with self._opened.lock:
                self._writer.first_owed = max(self._writer.first_owed, min(first_owed, self._next_id))

    def page(self, first: int) -> Page:
        """Some blocks for a backup, from number `first` on or from the head. Reads; may be called in any thread.

        RecordUnreadable, JournalReadOnly.
        """
        from posd.journal.copies import live_page

        if self._log is None:
            raise JournalReadOnly(self.recovery.sentence)
        return live_page(self._log, first)

    def stamp(self) -> str:
        """A word for the state that it was opened in: the same at each start while nothing is written."""
        from posd.journal.copies import stamp_of

        return stamp_of(self._opened.superblock)

    @property
    def sealed(self) -> bool:
        """Whether what is written now is sealed."""
        return self._log is not None and self._log.sealer is not None

    def commit_times(self) -> dict[str, int]:
        """How many commits took how long since the start; see timing.Times.counts."""
        return self._writer.times.counts() if self._writer is not None else {}

    @property
    def busy_since(self) -> float | None:
        """Monotonic time since which one write has been going on, None if none is: for the watchdog."""
        return self._writer.busy_since if self._writer is not None else None

    def free_blocks(self) -> int:
        """Blocks that are neither owed nor waiting. Asked before each sale, so it is cheaper than `info`."""
        with self._opened.lock:
            space, owed = self._space()
            return space.free(owed)

    @property
    def ring_blocks(self) -> int:
        """Blocks of one ring."""
        return self._geometry.ring_blocks

    @property
    def durable_id(self) -> int:
        """The newest durable record, 0 if there is none."""
        return self._backlog.durable_id

    def _space(self) -> tuple[Space, int]:
        """The accounts of the ring's room and the first owed block. Under the lock."""
        log, writer = self._log, self._writer
        if log is not None and writer is not None:
            return log.space, log.owed_block(writer.first_owed)
        head = self._opened.superblock.head.block
        return Space(self._geometry, head, self._opened.tail.block), head

    def info(self) -> JournalInfo:
        """What a status shows; reads nothing."""
        opened, log, scrub = self._opened, self._log, self._scrub
        with self._opened.lock:
            space, owed = self._space()
            first_owed = self._writer.first_owed if self._writer is not None else opened.superblock.head.next_id
            return JournalInfo(
                path=self._path,
                uuid=opened.superblock.uuid.hex(),
                state=self._state(full=space.lacking(1, owed, outcome=False) > 0),
                size=self._geometry.ring_blocks * BLOCK,
                used=(space.tail - space.head) * BLOCK,
                fill=space.fill(owed),
                warning=space.warning(owed),
                first_id=self._index.first_id or self._next_id,
                last_id=self._next_id - 1,
                durable_id=self._backlog.durable_id,
                first_owed=first_owed,
                epoch=opened.superblock.epoch,
                laps=space.tail // self._geometry.ring_blocks,
                commits=log.commits if log is not None else 0,
                mirror=self._geometry.mirror,
                direct=opened.file.direct,
                read_only=log is None,
                scrubbed=scrub is None or scrub.done,
                scrub_repaired=scrub.repaired if scrub is not None else 0,
                scrub_lost=scrub.lost if scrub is not None else 0,
                chain=(log.tail if log is not None else opened.tail).chain.hex(),
            )

    def close(self, deadline_s: float = CLOSE_DEADLINE_S) -> None:
        """Write what waits, mark the stop as clean, unlock. JournalFailed if the disk did not keep up; then the file
        stays locked.
        """
        if self._closed:
            return
        self._closed = True
        writer = self._writer
        open_to_the_end = writer is not None and writer.failure is None
        if writer is not None and open_to_the_end and not writer.stop(deadline_s):
            raise JournalFailed(
                f"the journal could not be closed within {deadline_s:g} s: the disk does not answer. What was "
                "acknowledged is kept; the next start recovers the rest"
            )
        self._opened.file.close()
        if writer is not None and open_to_the_end and writer.failure is not None:
            raise writer.failure

    def _writable(self) -> Writer:
        if self._closed:
            raise JournalReadOnly("the journal is closed. Nothing was written")
        if self._writer is None:
            raise JournalReadOnly(self.recovery.sentence)
        if self._writer.failure is not None:
            raise self._writer.failure
        return self._writer

    def _state(self, *, full: bool) -> str:
        if self._closed:
            return "closed"
        if self._writer is None:
            return "damaged" if self.recovery.read_only else "failed"
        return "failed" if self._writer.failure is not None else "full" if full else "ready"
