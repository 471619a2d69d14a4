"""The commit protocol: one batch after the other, each durable before the next begins. Not thread-safe, no threads of
its own.

Rules
- A batch is written to A and to B, synced once, and only then do tail, chain and index move.
- A block that holds acknowledged records is written again only after a superblock with a newer head was synced.
- Tail, head, index and the accounts of room change under `lock`, after the I/O, so that another thread can read them.
- Whatever I/O fails, the log stops for good: no second try, no reading back. Opening the file again finds out what is
  durable.
"""

from __future__ import annotations

import mmap
from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING

from msgspec.structs import replace

from posd.journal.block import MARK, PAYLOAD, SEALED, Batch, blocks_for, chain_after, pack_batch, put_seal
from posd.journal.errors import JournalFailed
from posd.journal.index import Index
from posd.journal.port import BlockFile
from posd.journal.ring import BLOCK, Geometry, Space
from posd.journal.superblock import Position, Superblock, pack_superblock
from posd.journal.window import Window

if TYPE_CHECKING:
    from posd.journal.seal import Sealer


class Log:
    """The writing end of an opened journal. `tail.next_id - 1` is the highest durable record. `archived`: blocks from
    there on are in no archive yet and may not be given up; None: there is no archive to wait for. `body_size_max`:
    bytes of the largest body of a batch.
    """

    def __init__(self, file: BlockFile, superblock: Superblock, index: Index) -> None:
        self.file = file
        self.geometry: Geometry = superblock.geometry
        self.lock = Lock()
        self.index = index
        self.tail = superblock.durable
        self.head = superblock.head
        self.space = Space(self.geometry, self.head.block, self.tail.block)
        self.superblock = superblock
        self.body_size_max = self.geometry.batch_blocks_max * PAYLOAD
        self.commits = 0
        self.archived: int | None = None
        self.marked = True
        self.sealer: Sealer | None = None
        self._stopped: OSError | None = None
        self._behind = self.geometry.offset_b - self.geometry.offset_a  # B's blocks are so far behind A's
        self._buffer = memoryview(mmap.mmap(-1, self.geometry.batch_blocks_max * BLOCK))
        self._slot = memoryview(mmap.mmap(-1, BLOCK))

    def commit(self, body: bytes, records: int, flags: int = 0, carried: Sequence[int] = (), seal: bytes = b"") -> None:
        """Write one batch of `records` new records and make it durable; `carried` are the ids of those that it carries
        forward. JournalFailed: outcome unknown, the log has stopped.
        """
        number, sequence, first_id, chain = self.tail
        count = blocks_for(len(body))
        assert not self.space.missing(count), "the caller makes room before it commits"
        epoch, salt, generation = self.superblock.epoch, self.superblock.salt, self.superblock.generation
        batch = Batch(number, sequence, salt, epoch, flags, records, generation, number, first_id, chain)
        pack_batch(self._buffer, batch, body)
        if seal:
            put_seal(self._buffer, seal)
        self._write_out(number, count)
        link = chain_after(chain, sequence, first_id, flags, len(body), (body,))
        self.commits += 1
        self.marked = bool(flags & MARK)
        with self.lock:
            self.tail = Position(number + count, sequence + 1, first_id + records, link)
            self.space.tail = self.tail.block
            if records:
                self.index.add(first_id, records, number)
            for record_id in carried:
                self.index.carry(record_id, first_id, number)

    def mark(self) -> None:
        """Write a batch without records, so that what was written last is vouched for by a block behind it, and
        sealed where there is a key.
        """
        if self.sealer is None:
            self.commit(b"", 0, MARK)
        else:
            seal = self.sealer.seal(self.tail.sequence, self.tail.next_id, self.tail.chain)
            self.commit(b"", 0, MARK | SEALED, seal=seal)

    def advance(self, head: int) -> None:
        """Give up all blocks before `head`, the first block of a batch or the tail. JournalFailed."""
        position = self.position(head)
        self._write_superblock(position, clean=False)
        with self.lock:
            self.head = position
            self.space.head = position.block
            self.index.drop_before(head)

    def make_room(self, blocks: int, first_owed: int) -> None:
        """Move the head, as far as record `first_owed` allows, so that `blocks` fit at the tail. JournalFailed."""
        missing = self.space.missing(blocks)
        if not missing:
            return
        needed = self.head.block + missing
        target = min(needed + self.geometry.stride_blocks, self.owed_block(first_owed))
        found = self.index.block_from(target)
        head = self.tail.block if found is None else found
        if head < needed:
            raise self._stop(OSError(f"no room for {blocks} blocks although it was promised"))
        self.advance(head)

    def owed_block(self, first_owed: int) -> int:
        """First block that may not be given up while `first_owed` and all behind it are owed, or not yet archived."""
        place = self.index.following(first_owed)
        owed = self.tail.block if place is None else place[1]
        if self.archived is None or self.archived >= owed:
            return owed
        return self.index.block_to(self.archived, self.head.block)

    def rewrite(self, copy: int, number: int, block: memoryview) -> None:
        """Write an intact durable block over its bad twin in `copy`. JournalFailed."""
        self._guarded([(self.geometry.offset(copy, number), block)])

    def stop_cleanly(self) -> None:
        """Write the superblock that says nothing follows; the log takes nothing more. JournalFailed."""
        self._write_superblock(self.head, clean=True)
        self._stopped = OSError("the log was closed")

    def position(self, block: int) -> Position:
        """The boundary at `block`, where a batch begins or the tail is. JournalFailed if no copy can be read."""
        if block == self.tail.block:
            return self.tail
        for copy in range(self.geometry.copies):
            window = Window(self.file, self.geometry, copy, 1)
            window.load(block, 1)
            header = window.header(block)
            if header is not None:
                return Position(block, header.sequence, header.first_id, header.chain)
        raise self._stop(OSError(f"no copy of block {block} can be read to move the head there"))

    def _write_superblock(self, head: Position, *, clean: bool) -> None:
        new = replace(
            self.superblock, generation=self.superblock.generation + 1, clean=clean, head=head, durable=self.tail
        )
        self._slot[:] = pack_superblock(new)
        self._guarded([(offset, self._slot) for offset in self.geometry.slot_offsets(new.generation)])
        self.superblock = new

    def _write_out(self, number: int, count: int) -> None:
        geometry, buffer = self.geometry, self._buffer
        writes = [(offset, buffer[start:end]) for offset, start, end in geometry.pieces(0, number, count)]
        if geometry.mirror:
            writes += [(offset + self._behind, data) for offset, data in writes]
        self._guarded(writes)

    def _guarded(self, writes: Sequence[tuple[int, memoryview]]) -> None:
        if self._stopped is not None:
            raise self._stop(self._stopped)
        try:
            self.file.commit(writes)
        except OSError as error:
            raise self._stop(error) from error

    def _stop(self, cause: OSError) -> JournalFailed:
        self._stopped = cause
        return JournalFailed(
            f"the journal stopped: {cause}. What was acknowledged is kept; whether the last records became durable "
            "is not known until it is opened again. Check the disk, then restart posd"
        )
