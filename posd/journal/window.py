"""A sliding view of one copy of the ring, by block number.

Reads a run of consecutive blocks at once into page-aligned memory. Where a run cannot be read, its blocks are read one
by one; those that fail read as zeros, which no check takes for a block, and their numbers are kept in `unreadable`.
"""

from __future__ import annotations

import mmap

from posd.journal.block import BlockHeader, read_header
from posd.journal.port import BlockFile
from posd.journal.ring import BLOCK, Geometry

WINDOW_BLOCKS = 256


class Window:
    """Blocks `first .. end` of copy `copy` (0 = A, 1 = B) lie in `view`, one after the other."""

    def __init__(self, file: BlockFile, geometry: Geometry, copy: int, blocks: int = WINDOW_BLOCKS) -> None:
        self.capacity = min(blocks, geometry.ring_blocks)
        self.view = memoryview(mmap.mmap(-1, self.capacity * BLOCK))
        self.first = self.end = 0
        self.unreadable: set[int] = set()
        self._file = file
        self._geometry = geometry
        self._copy = copy

    def load(self, first: int, count: int) -> None:
        """Load blocks `first .. first+count`; count at most `capacity`."""
        self.first = self.end = first
        for offset, start, end in self._geometry.pieces(self._copy, first, count):
            try:
                self._file.read_into(offset, self.view[start:end])
            except OSError:
                self._load_singly(offset, start, end)
        self.end = first + count

    def _load_singly(self, offset: int, start: int, end: int) -> None:
        for at in range(start, end, BLOCK):
            try:
                self._file.read_into(offset + at - start, self.view[at : at + BLOCK])
            except OSError:
                self.view[at : at + BLOCK] = bytes(BLOCK)
                self.unreadable.add(self.first + at // BLOCK)

    def holds(self, first: int, count: int = 1) -> bool:
        """True if all of `first .. first+count` is loaded."""
        return self.first <= first and first + count <= self.end

    def header(self, number: int) -> BlockHeader | None:
        """The header of block `number` if it is intact and in its own place; the block must be loaded."""
        header = read_header(self.view, (number - self.first) * BLOCK)
        return header if header is not None and header.number == number else None

    def block(self, number: int) -> memoryview:
        """The bytes of block `number`, valid until the next load."""
        at = (number - self.first) * BLOCK
        return self.view[at : at + BLOCK]
