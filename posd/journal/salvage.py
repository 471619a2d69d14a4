"""What can still be read out of a broken journal, as a new journal that posd can run on.

Rules
- The broken file is only read. The new one has its uuid, so that the archive stays its own, the records under their
  old ids, and for each id that was lost a record of type 65535, so that no id is ever used for something else.
- Its chain goes on from the old head: anchors up to there hold, later ones are of the old course.
- Where the end is lost, `SKIPPED` ids are given up behind it: clients may have seen some of them.
- Which records can be read, and whether they are whole, is decided by `recover` alone, as for every journal; `wreck`
  helps it where the superblocks are lost too.
"""

from __future__ import annotations

import contextlib
import mmap
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from posd.journal.block import CARRIES, PAYLOAD
from posd.journal.errors import JournalBusy, JournalError, LostRange, RecordUnreadable
from posd.journal.file import new_file, open_to_look
from posd.journal.index import Index
from posd.journal.log import Log
from posd.journal.look import Progress, quiet
from posd.journal.opening import only_read
from posd.journal.port import BlockFile
from posd.journal.reader import Reader
from posd.journal.record import NewRecord, Record, encode_carried, encode_record
from posd.journal.recover import Found
from posd.journal.ring import BLOCK, SIZE_MIN, SLOTS, Geometry
from posd.journal.superblock import Position, Superblock, pack_superblock
from posd.journal.verify import Anchor
from posd.journal.wreck import sift

LOST_TYPE = 65535
SKIPPED = 1024


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What was saved. `next` is the id that the next record will have; `made_up`: no superblock could be read."""

    path: str
    case: str
    records: int
    first: int
    last: int
    next: int
    lost: tuple[LostRange, ...]
    made_up: bool
    anchor: str


def salvage(source: Path, target: Path, progress: Progress = quiet) -> Salvaged:
    """Make a sound journal at `target` of what is intact in `source`.

    NotAJournal if nothing in it is; JournalBusy if a posd has it open; FileExistsError; JournalError; OSError.
    """
    try:
        looked = open_to_look(source)
    except OSError as error:
        raise JournalError(f"{source} cannot be opened: {error.strerror}. Nothing was made") from error
    try:
        if looked.in_use():
            raise JournalBusy(f"{source} is in use. Nothing was made; stop posd first, or work on a copy")
        file, found, made_up = sift(looked)
        old = found.superblock.geometry
        span = found.index.end_id or found.superblock.head.next_id
        # The most that placeholders can add to what was in the old ring; records alone only get denser.
        spare = (span - found.superblock.head.next_id + SKIPPED) * 24 // PAYLOAD + 64
        if spare > 4 * old.ring_blocks + 64:
            raise JournalError(f"{source} speaks of more lost records than it ever had room for. Nothing was made")
        geometry = Geometry(max(old.ring_blocks + spare, SIZE_MIN // BLOCK), old.mirror)
        with new_file(target, geometry.file_size) as new:
            writer = _Refill(new, geometry, found.superblock, _copies(file, found))
            for record in _intact(file, found):
                writer.put(record)
                progress(writer.blocks, old.ring_blocks)
            if found.lost:
                writer.lose_end(found.lost[-1])
            tail = writer.finish()
        return Salvaged(
            str(target), found.case, writer.records, writer.first, writer.last, tail.next_id, tuple(writer.lost),
            made_up, str(Anchor(tail.chain, tail.next_id - 1)),
        )  # fmt: skip
    finally:
        looked.close()


def _intact(file: BlockFile, found: Found) -> Iterator[Record]:
    """The records of every batch that can be read; a batch that cannot after all is passed over."""
    reader, index, start = Reader(only_read(file, found)), found.index, 0
    while True:
        try:
            for record in reader.records(start):
                start = max(start, record.id + 1)
                yield record
        except RecordUnreadable:
            bad = index.following(start)
            while bad is not None and index.following(start) == bad:
                start += 1
        else:
            return


def _copies(file: BlockFile, found: Found) -> dict[int, Record]:
    """The copies of older records that were carried forward, by id, rising."""
    reader, copies = Reader(only_read(file, found)), {}
    for record_id in found.index.carried_ids():
        with contextlib.suppress(RecordUnreadable):
            copies[record_id] = reader.read(record_id)
    return copies


class _Refill:
    """Writes records into a new journal, under their own ids."""

    def __init__(self, file: BlockFile, geometry: Geometry, old: Superblock, copies: dict[int, Record]) -> None:
        self.records = 0
        self.first = self.last = 0
        self.lost: list[LostRange] = []
        self._next = first_id = old.head.next_id
        self._body: list[bytes] = []
        self._carried: list[int] = []
        self._new = self._size = 0
        # Past every number of the old ring: so the archive of that ring is neither continued nor contradicted.
        apart = old.head.block + 2 * old.geometry.ring_blocks
        start = Position(apart, apart, first_id, old.head.chain)
        salt = int.from_bytes(os.urandom(8), "little")
        superblock = Superblock(SLOTS, old.uuid, geometry, False, 1, salt, apart, start, start)
        slot = memoryview(mmap.mmap(-1, BLOCK))
        for generation in range(1, SLOTS + 1):
            slot[:] = pack_superblock(replace(superblock, generation=generation))
            for offset in geometry.slot_offsets(generation):
                file.write(offset, slot)
        self._log = Log(file, superblock, Index())
        for record_id in [record_id for record_id in copies if record_id < first_id]:
            self.put(copies.pop(record_id))
        self._copies = copies

    @property
    def blocks(self) -> int:
        """Blocks written so far."""
        return self._log.tail.block - self._log.head.block

    def put(self, record: Record) -> None:
        """The next intact record."""
        plain = NewRecord(record.type, record.version, record.reference, record.payload)
        if record.id < self._next:
            self._add(encode_carried(record), 0)
            self._carried.append(record.id)
        else:
            if record.id > self._next:
                self.lost.append(LostRange(self._next, record.id - 1, 0))
                self.skip(record.id - self._next)
            self._add(encode_record(record.id, plain), 1)
            self._next += 1
        self.records += 1
        self.first, self.last = self.first or record.id, max(self.last, record.id)

    def lose_end(self, gap: LostRange) -> None:
        """The last gap of the file, which may be its end."""
        if gap.last_id is None:
            self.lost.append(gap)
            self.skip(SKIPPED)
        elif gap.last_id >= self._next:
            self.lost.append(LostRange(self._next, gap.last_id, gap.first_block))
            self.skip(gap.last_id + 1 - self._next)

    def skip(self, count: int) -> None:
        """Give up so many ids."""
        for _ in range(count):
            copy = self._copies.pop(self._next, None)
            lost = NewRecord(LOST_TYPE, 0, b"", b"")
            plain = lost if copy is None else NewRecord(copy.type, copy.version, copy.reference, copy.payload)
            self._add(encode_record(self._next, plain), 1)
            self._next += 1

    def finish(self) -> Position:
        """Write what waits and the clean superblock; where the journal ends."""
        self._flush()
        self._log.mark()
        self._log.stop_cleanly()
        return self._log.tail

    def _add(self, body: bytes, new: int) -> None:
        if self._size + len(body) > self._log.body_size_max:
            self._flush()
        self._body.append(body)
        self._size += len(body)
        self._new += new

    def _flush(self) -> None:
        if self._body:
            self._log.commit(b"".join(self._body), self._new, CARRIES if self._carried else 0, self._carried)
        self._body, self._carried, self._new, self._size = [], [], 0, 0
