"""All that was written, out of the ring and out of the archive behind it, as one."""

from __future__ import annotations

from collections.abc import Iterator

from posd.journal.archive import Archive
from posd.journal.archive_reader import ArchiveReader
from posd.journal.errors import RecordGone
from posd.journal.link import Link
from posd.journal.opening import Opened
from posd.journal.reader import Reader
from posd.journal.record import Record


class Past:
    """Reads durable records. `archived` is the archive's reading end, None without one."""

    def __init__(self, opened: Opened, archive: Archive | None) -> None:
        self.archived = ArchiveReader(archive) if archive is not None else None
        self._archive = archive
        self._index = opened.index
        self._lock = opened.lock
        self._reader = Reader(opened)
        self._opened = opened

    def records(self, start: int) -> Iterator[Record]:
        """As Journal.records."""
        oldest, ring_first = self.first_id(), self._ring_first()
        start = max(start, oldest)
        if self.archived is not None and start < ring_first:
            yield from self.archived.records(start, ring_first)
            start = ring_first
        yield from self._reader.records(start)

    def kept(self) -> Iterator[Record]:
        """As Journal.kept."""
        yield from self._reader.carried()
        yield from self._reader.records(0)

    def read(self, record_id: int) -> Record:
        """As Journal.read, of what is durable; ArchiveUnreadable. On any thread."""
        try:
            return self._reader.read(record_id)
        except RecordGone:
            if self.archived is None:
                raise
            return self.archived.read(record_id)

    def batch_of(self, record_id: int) -> Link:
        """The batch that has the record, with what ties it to all before it. As `read`; on any thread."""
        try:
            return self._reader.batch_of(record_id)
        except RecordGone:
            if self.archived is None:
                raise
            return self.archived.batch_of(record_id)

    def place(self, record_id: int) -> int:
        """As Journal.place: its own id, or where there is a copy that of the last record before the newest one."""
        with self._lock:
            copy = self._index.carried(record_id)
        return record_id if copy is None else max(record_id, copy[0] - 1)

    def first_id(self) -> int:
        """The oldest record from which on there is no gap, in the archive or the ring."""
        ring_first = self._ring_first()
        archive = self._archive
        if archive is None or archive.through is None or archive.through.next_id < ring_first:
            return ring_first
        return min(ring_first, archive.first_id() or ring_first)

    def archived_through(self) -> int | None:
        """The id up to which the archive has everything that it will ever have; None: there is no archive."""
        archive = self._archive
        return archive.through.next_id - 1 if archive is not None and archive.through is not None else None

    def trust(self, skew_ms: int) -> None:
        """By how much the archive's clock is taken to be ahead."""
        if self._archive is not None:
            self._archive.skew_ms = skew_ms

    def trouble(self) -> str:
        """Empty, or a sentence that says what is wrong with the archive and what to do."""
        archive = self._archive
        if archive is None:
            return ""
        if archive.damaged and not archive.trouble:
            return f"the archive's file {archive.damaged[0]} cannot be read; take it from a backup"
        return archive.trouble

    def _ring_first(self) -> int:
        """The oldest id in the ring; in an empty one the id of the next record."""
        opened = self._opened
        with self._lock:
            tail = opened.log.tail if opened.log is not None else opened.tail
            return self._index.first_id or tail.next_id
