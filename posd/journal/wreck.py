"""Files that recovery alone can make nothing of: without a superblock, or cut short. Reads only.

Every block says its own number, epoch and batch, so a superblock can be made up that fits them: the head is the oldest
batch within one lap of the newest block, the epoch the highest one. A file that is shorter than it was reads as if the
rest could not be read. Then recovery judges as always.
"""

from __future__ import annotations

import errno
import mmap
import os
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from posd.journal.block import BlockHeader, read_header
from posd.journal.errors import NotAJournal
from posd.journal.port import BlockFile
from posd.journal.recover import Found, recover
from posd.journal.ring import BLOCK, SLOTS, Geometry
from posd.journal.superblock import MAGIC, VERSION, Position, Superblock, pack_superblock

_SCAN_BLOCKS = 256


class _Patched:
    """A file as it should be: with superblocks that are given, and as long as it was; blocks that are not there are
    unreadable.
    """

    direct = False

    def __init__(self, file: BlockFile, superblock: Superblock) -> None:
        self.size = superblock.geometry.file_size
        self._file = file
        self._slots = {
            offset: pack_superblock(superblock) for offset in superblock.geometry.slot_offsets(superblock.generation)
        }
        self._ring = range(SLOTS * BLOCK, self.size - SLOTS * BLOCK)

    def read_into(self, offset: int, into: memoryview) -> None:
        if offset in self._ring:
            if offset + len(into) > self._file.size:
                raise OSError(errno.EIO, "the file is cut short")
            self._file.read_into(offset, into)
            return
        for at in range(0, len(into), BLOCK):
            into[at : at + BLOCK] = self._slots.get(offset + at, bytes(BLOCK))

    def settle(self) -> None:
        """Nothing is cached here."""

    def close(self) -> None:
        self._file.close()

    def write(self, offset: int, data: memoryview) -> None:
        self._file.write(offset, data)

    def sync(self) -> None:
        self._file.sync()

    def commit(self, writes: Sequence[tuple[int, memoryview]]) -> None:
        self._file.commit(writes)


def sift(file: BlockFile) -> tuple[BlockFile, Found, bool]:
    """What recovery finds, if need be with a superblock that was made up (True then). NotAJournal."""
    try:
        found = recover(file)
    except NotAJournal:
        if _newer(file):
            raise
        whole: BlockFile = _Patched(file, _made_up(file))
        return whole, recover(whole), True
    if file.size >= found.superblock.geometry.file_size:
        return file, found, False
    whole = _Patched(file, found.superblock)
    found = recover(whole)
    return whole, replace(found, case="J"), False


def _newer(file: BlockFile) -> bool:
    """Whether a superblock is there after all, and was not of our making."""
    slot = memoryview(mmap.mmap(-1, BLOCK))
    for at in range(SLOTS):
        try:
            file.read_into(at * BLOCK, slot)
        except OSError:
            continue
        if slot[:8] == MAGIC and int.from_bytes(slot[12:16], "little") != VERSION:
            return True
    return False


def _made_up(file: BlockFile) -> Superblock:
    """A superblock that fits the blocks of a file that has none. NotAJournal if there are none either."""
    blocks = list(_scan(file))
    if not blocks:
        raise NotAJournal("nothing of a journal can be found in it: no superblock and no block. Nothing was made")
    geometry = _shape(file.size // BLOCK - 2 * SLOTS, blocks)
    newest = max(header.number for _, header in blocks)
    live = [header for _, header in blocks if header.number > newest - geometry.ring_blocks and not header.part]
    last = max(blocks, key=lambda block: block[1].epoch)[1]
    if not live:
        raise NotAJournal("no batch of a journal can be found in it. Nothing was made")
    first = min(live, key=lambda header: header.number)
    begun = min(
        (header for header in live if header.epoch == last.epoch), key=lambda header: header.number, default=first
    )
    generation = max(header.generation for _, header in blocks) + SLOTS
    return Superblock(
        generation, os.urandom(16), geometry, False, last.epoch, last.salt, begun.number, _at(first), _at(begun)
    )  # fmt: skip


def _at(header: BlockHeader) -> Position:
    return Position(header.number, header.sequence, header.first_id, header.chain)


def _scan(file: BlockFile) -> Iterator[tuple[int, BlockHeader]]:
    """Every intact block of the file with its place behind the superblocks."""
    view = memoryview(mmap.mmap(-1, _SCAN_BLOCKS * BLOCK))
    end = file.size // BLOCK
    for place in range(SLOTS, end, _SCAN_BLOCKS):
        count = min(_SCAN_BLOCKS, end - place)
        pieces = [(0, count)]
        try:
            file.read_into(place * BLOCK, view[: count * BLOCK])
        except OSError:
            pieces = [(at, 1) for at in range(count)]
        for at, many in pieces:
            try:
                if many == 1:
                    file.read_into((place + at) * BLOCK, view[at * BLOCK : (at + 1) * BLOCK])
            except OSError:
                continue
            for index in range(at, at + many):
                header = read_header(view, index * BLOCK)
                if header is not None:
                    yield place + index - SLOTS, header


def _shape(blocks: int, seen: list[tuple[int, BlockHeader]]) -> Geometry:
    """The geometry in which most blocks are in their places. NotAJournal."""
    shapes = [Geometry(blocks // 2, True), Geometry(blocks, False)]

    numbers = {place: header.number for place, header in seen}

    def fitting(shape: Geometry) -> int:
        size = shape.ring_blocks

        def fits(place: int, number: int) -> bool:
            twin = numbers.get((place + size) % (2 * size), number) if shape.mirror else number
            return place < shape.copies * size and place % size == number % size and twin == number

        return sum(fits(place, number) for place, number in numbers.items())

    best = max((shape for shape in shapes if shape.ring_blocks > 0), key=fitting, default=None)
    if best is None or 2 * fitting(best) < len(seen):
        raise NotAJournal(
            "its superblocks are lost and its size is not what it was, so its shape cannot be told. Nothing was made"
        )
    return best
