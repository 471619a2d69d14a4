"""Where things lie, and how much room there is. Pure arithmetic, no I/O.

Rules
- A *block number* counts blocks from 0 and never wraps; its *place* is the number modulo the blocks of the ring.
- `head <= owed <= tail <= head + ring blocks`. Blocks from head to tail are live. From owed on they may not be given
  up.
- The file is: four superblock slots, ring A, ring B where the ring is mirrored, and the four slots once more.
"""

from __future__ import annotations

from msgspec import Struct

BLOCK = 4096
BATCH_BLOCKS_MAX = 64
SLOTS = 4
SIZE_MIN = 1 << 20
SIZE_MAX = 1 << 36
WARNING_LEVELS = (85, 70)


class Geometry(Struct, frozen=True):
    """Shape of a journal file: `ring_blocks` blocks in one ring, twice where it is mirrored."""

    ring_blocks: int
    mirror: bool

    @property
    def copies(self) -> int:
        return 2 if self.mirror else 1

    @property
    def offset_a(self) -> int:
        return SLOTS * BLOCK

    @property
    def offset_b(self) -> int:
        """Byte offset of ring B, 0 where there is none."""
        return self.offset_a + self.ring_blocks * BLOCK if self.mirror else 0

    @property
    def file_size(self) -> int:
        """Bytes of the whole file."""
        return (2 * SLOTS + self.copies * self.ring_blocks) * BLOCK

    @property
    def batch_blocks_max(self) -> int:
        """Blocks of the largest batch: 64, or a quarter of a very small ring."""
        return min(BATCH_BLOCKS_MAX, self.ring_blocks // 4)

    @property
    def reserve_blocks(self) -> int:
        """Blocks that only outcomes may use: a tenth of the ring."""
        return max(self.ring_blocks // 10, 2)

    @property
    def stride_blocks(self) -> int:
        """How far the head moves at once: far enough that moving it stays rare, near enough to keep history."""
        return max(self.ring_blocks // 64, 1)

    def slot_offsets(self, generation: int) -> tuple[int, int]:
        """Byte offsets of the two copies of the superblock slot of a generation."""
        slot = generation % SLOTS * BLOCK
        return slot, self.file_size - SLOTS * BLOCK + slot

    def offset(self, copy: int, number: int) -> int:
        """Byte offset of block `number` in copy 0 (A) or 1 (B)."""
        return (self.offset_b if copy else self.offset_a) + number % self.ring_blocks * BLOCK

    def pieces(self, copy: int, first: int, count: int) -> list[tuple[int, int, int]]:
        """Contiguous pieces of blocks `first .. first+count`, which are no more than the ring has, as (file offset,
        start, end); start, end in bytes of the run.
        """
        whole = count * BLOCK
        edge = min((self.ring_blocks - first % self.ring_blocks) * BLOCK, whole)
        pieces = [(self.offset(copy, first), 0, edge)]
        if edge < whole:
            pieces.append((self.offset(copy, 0), edge, whole))
        return pieces if count else []


class Space(Struct):
    """Accounts of the ring's room, in blocks. `queued` is the most that waiting records can need."""

    geometry: Geometry
    head: int
    tail: int
    queued: int = 0

    def lacking(self, blocks: int, owed: int, *, outcome: bool) -> int:
        """Blocks that are missing for `blocks` more without giving up what is owed; 0 if they fit.

        New sales leave the reserve alone. What waits may take less in the end: up to `queued` of them may come back.
        """
        limit = self.geometry.ring_blocks - (0 if outcome else self.geometry.reserve_blocks)
        return max(0, self.tail + self.queued + blocks - owed - limit)

    def missing(self, blocks: int) -> int:
        """Blocks by which the head must move before `blocks` can be written at the tail; 0 if they fit."""
        missing = self.tail + blocks - self.head - self.geometry.ring_blocks
        return missing if missing > 0 else 0

    def free(self, owed: int) -> int:
        """Blocks that are neither owed nor waiting."""
        return max(0, self.geometry.ring_blocks - self.tail - self.queued + owed)

    def fill(self, owed: int) -> float:
        """Share of the ring that is owed or waiting, 0 to 1."""
        return min(1.0, (self.tail + self.queued - owed) / self.geometry.ring_blocks)

    def warning(self, owed: int) -> int:
        """0, or the highest warning level in percent (70, 85) that the fill has reached."""
        percent = 100 * self.fill(owed)
        return next((level for level in WARNING_LEVELS if percent >= level), 0)
