"""Reading the archive back: by id, in order, from the newest down, by transaction reference.

Every chunk is checked against its checksum, its place and the chain when it is read. Of what was read, the chunk
headers of a few files and a few unpacked chunks are kept; so memory is bounded whatever the archive's size. May be used
by several threads at once.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from threading import Lock
from typing import NamedTuple

from posd.journal.archive import Archive
from posd.journal.archive_files import ArchiveFile, chunks, unpacked
from posd.journal.archive_format import CHUNK_HEADER, FILE_HEADER, Chunk, Frame, frames
from posd.journal.archive_index import ArchiveIndex
from posd.journal.archive_shelf import Shelf
from posd.journal.errors import ArchiveUnreadable, JournalError, RecordGone
from posd.journal.link import Link
from posd.journal.record import Record, decode_body

PIECE_BYTES = 1 << 18
_TABLES_MAX = 8
_CHUNKS_MAX = 4

Place = tuple[int, Chunk]
"""Offset of a chunk's header in its file, and the header."""


class Entry(NamedTuple):
    """A file of an archive: the batch with which it begins, its turn among those that begin there, and how many bytes
    of it count.
    """

    name: str
    batch: int
    turn: int
    size: int


def entries_of(shelf: Shelf, files: Sequence[ArchiveFile]) -> list[Entry]:
    """All bytes of the files, which are in order. OSError."""
    starts = [file.head.start.sequence for file in files]
    turns = [starts[:at].count(start) for at, start in enumerate(starts)]
    return [
        Entry(file.name, start, turn, shelf.size(file.name))
        for file, start, turn in zip(files, starts, turns, strict=True)
    ]


class ArchiveReader:
    """The reading end of an archive."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._index = ArchiveIndex(archive.shelf, self._places, self._unpacked, archive.labels)
        self._lock = Lock()
        self._learning = Lock()
        self._tables: OrderedDict[tuple[str, int], list[Place]] = OrderedDict()
        self._chunks: OrderedDict[tuple[str, int], list[Frame]] = OrderedDict()

    def read(self, record_id: int) -> Record:
        """One record. RecordGone if no file has it, ArchiveUnreadable if the one that has it is damaged."""
        found = self._find(record_id)
        if found is None:
            raise RecordGone(f"record {record_id} has left the ring and is in no file of the archive")
        for frame in self.batches(*found):
            if frame.first_id <= record_id < frame.first_id + frame.records:
                return next(record for record in self._decoded(frame) if record.id == record_id)
        raise RecordGone(f"record {record_id} is not in the archive")

    def batch_of(self, record_id: int) -> Link:
        """The batch that has the record. As `read`; on any thread."""
        found = self._find(record_id)
        if found is not None:
            file, place = found
            try:
                before = place[1].start.chain
                for frame, behind in frames(unpacked(self._archive.shelf, file, *place), place[1]):
                    if frame.first_id <= record_id < frame.first_id + frame.records:
                        return Link(frame.sequence, frame.first_id, frame.flags, frame.records, before, frame.body)
                    before = behind.chain
            except (JournalError, OSError) as error:
                raise ArchiveUnreadable(f"the batch of record {record_id} cannot be read: {error}") from error
        raise RecordGone(f"record {record_id} is not in the archive")

    def records(self, start: int, end_id: int) -> Iterator[Record]:
        """Records from `start` (at least 1) to below `end_id`, in order. RecordGone where one is missing,
        ArchiveUnreadable.
        """
        expected = start
        while expected < end_id:
            found = self._find(expected)
            if found is None:
                raise RecordGone(f"record {expected} has left the ring and is in no file of the archive")
            for frame in self.batches(*found):
                for record in self._decoded(frame):
                    if record.id >= end_id:
                        return
                    if record.id == expected:
                        expected += 1
                        yield record

    def newest(self, before: int) -> Iterator[list[Record]]:
        """Records with ids below `before`, chunk by chunk from the newest down, each chunk's in falling order. A chunk
        that is damaged or gone is passed over.
        """
        files = self._now()
        for at in range(len(files) - 1, -1, -1):
            if files[at].head.start.next_id >= before:
                continue
            for place in reversed(self._places_or_none(files[at], files[at + 1] if at + 1 < len(files) else None)):
                if place[1].start.next_id >= before:
                    continue
                try:
                    decoded = [r for frame in self.batches(files[at], place) for r in self._decoded(frame)]
                except (JournalError, OSError):
                    continue
                yield [record for record in reversed(decoded) if record.id < before]

    def of(self, reference: bytes) -> list[int]:
        """Ids of the records with that transaction reference, rising. OSError, ArchiveUnreadable."""
        return self._indexed(reference, lambda record: record.reference == reference)

    def labelled(self, label: bytes) -> list[int]:
        """Ids of the records that have that label, rising. OSError, ArchiveUnreadable."""
        labels = self._archive.labels
        return self._indexed(label, lambda record: label in labels(record.type, record.payload))

    def _indexed(self, wanted: bytes, fits: Callable[[Record], bool]) -> list[int]:
        """Ids to which the indices lead, as far as the records themselves bear it out."""
        ids = {at for file, following in self._pairs() for at in self._index.find(file, following, wanted)}
        return sorted(at for at in ids if fits(self.read(at)))

    def tend(self) -> bool:
        """Make one index that is missing; False if none is."""
        return any(following and self._index.ensure(file, following) for file, following in self._pairs())

    def learn(self) -> None:
        """Have the names of all transactions that are in the archive (archive_names.py), once. A file that cannot be
        read is `damaged` from then on. Reads the disk.
        """
        archive = self._archive
        with self._learning:
            if archive.names.complete:
                return
            for file, following in self._pairs():
                try:
                    archive.names.load(self._index.names(file, following))
                except RecordGone:
                    continue  # past its time
                except (JournalError, OSError):
                    archive.damaged.append(file.name)
            archive.names.finish()

    def entries(self) -> list[Entry]:
        """The files, and how many bytes of each are the archive's. OSError."""
        files = self._now()
        found = entries_of(self._archive.shelf, files)
        if files:
            places = self._places(files[-1], None)
            end = places[-1][0] + CHUNK_HEADER + places[-1][1].size if places else FILE_HEADER
            found[-1] = found[-1]._replace(size=end)
        return found

    def piece(self, batch: int, turn: int, offset: int) -> bytes:
        """Some bytes of a file; FileNotFoundError if there is no such file (any more)."""
        names = [file.name for file in self._now() if file.head.start.sequence == batch]
        if turn >= len(names):
            raise FileNotFoundError(f"no file of the archive begins with batch {batch}")
        return self._archive.shelf.read(names[turn], offset, PIECE_BYTES)

    def may_have(self, reference: bytes) -> bool:
        """False only where no record of that transaction is in a file that can be read. Reads no disk."""
        return self._archive.names.may_have(reference)

    def _pairs(self) -> list[tuple[ArchiveFile, ArchiveFile | None]]:
        """Each file with the one that follows it."""
        files = self._now()
        return [*pairwise(files), (files[-1], None)] if files else []

    def batches(self, file: ArchiveFile, place: Place) -> list[Frame]:
        """A chunk's batches, and kept for who asks for them again. As `_unpacked`."""
        key = (file.name, place[0])
        with self._lock:
            kept = self._chunks.get(key)
            if kept is not None:
                self._chunks.move_to_end(key)
                return kept
        found = self._unpacked(file, place)
        with self._lock:
            self._chunks[key] = found
            if len(self._chunks) > _CHUNKS_MAX:
                self._chunks.popitem(last=False)
        return found

    def _unpacked(self, file: ArchiveFile, place: Place) -> list[Frame]:
        """A chunk's batches. RecordGone if the file was deleted, ArchiveUnreadable if it is damaged."""
        chunk = place[1]
        try:
            return [frame for frame, _ in frames(unpacked(self._archive.shelf, file, *place), chunk)]
        except FileNotFoundError as error:
            raise RecordGone(f"the archive's file {file.name} was deleted: it was past its time") from error
        except (JournalError, OSError) as error:
            raise ArchiveUnreadable(
                f"records {chunk.start.next_id} to {chunk.end.next_id - 1} cannot be read from the archive ({error}); "
                "take them from a backup of it"
            ) from error

    @staticmethod
    def _decoded(frame: Frame) -> list[Record]:
        """The new records of a batch: copies that were carried forward stand at their own place too."""
        return [r for r in decode_body(frame.body, frame.first_id, frame.records) if r.id >= frame.first_id]

    def _now(self) -> list[ArchiveFile]:
        with self._archive.lock:
            return list(self._archive.files)

    def _find(self, record_id: int) -> tuple[ArchiveFile, Place] | None:
        files = self._now()
        at = bisect_right(files, record_id, key=lambda file: file.head.start.next_id) - 1
        while at >= 0:  # batches without records begin and end at the same id
            places = self._places_or_none(files[at], files[at + 1] if at + 1 < len(files) else None)
            inside = bisect_right(places, record_id, key=lambda place: place[1].end.next_id)
            if inside < len(places) and places[inside][1].start.next_id <= record_id:
                return files[at], places[inside]
            if places and places[-1][1].end.next_id <= record_id:
                return None
            at -= 1
        return None

    def _places_or_none(self, file: ArchiveFile, following: ArchiveFile | None) -> list[Place]:
        try:
            return self._places(file, following)
        except OSError:
            return []

    def _places(self, file: ArchiveFile, following: ArchiveFile | None) -> list[Place]:
        """The chunks of a file, up to where the next one begins and the archive ends. OSError."""
        through = self._archive.through
        limit = following.head.start if following is not None else through
        end = limit.sequence if limit is not None else 0
        key = (file.name, end)
        with self._lock:
            kept = self._tables.get(key)
            if kept is not None:
                self._tables.move_to_end(key)
                return kept
        places = [
            place for place in chunks(self._archive.shelf, file, following) if not end or place[1].end.sequence <= end
        ]
        with self._lock:
            for older in [other for other in self._tables if other[0] == file.name]:
                del self._tables[older]  # it has grown
            self._tables[key] = places
            if len(self._tables) > _TABLES_MAX:
                self._tables.popitem(last=False)
        return places
