"""Which batch holds a record: two sorted arrays, 16 bytes a batch.

Only batches with new records are entered; marks are not. Of the records that were carried forward, the newest copy is
kept apart. Not thread-safe: the owner holds a lock.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right


class Index:
    """First record id and first block number of each batch in the ring, oldest first."""

    def __init__(self) -> None:
        self._ids = array("Q")
        self._counts = array("I")
        self._blocks = array("Q")
        self._carried: dict[int, tuple[int, int]] = {}

    def add(self, first_id: int, count: int, block: int) -> None:
        """Enter a batch of `count` records that begins at `block`; ids and blocks only grow."""
        self._ids.append(first_id)
        self._counts.append(count)
        self._blocks.append(block)

    def carry(self, record_id: int, first_id: int, block: int) -> None:
        """Enter a copy of an older record in the batch that begins at `block` and whose new records begin at
        `first_id`.
        """
        self._carried[record_id] = (first_id, block)

    def carried(self, record_id: int) -> tuple[int, int] | None:
        """(first id, first block) of the batch that holds the newest copy of a record that was carried forward."""
        return self._carried.get(record_id)

    def carried_ids(self) -> list[int]:
        """Ids, rising, of all records of which there is a copy."""
        return sorted(self._carried)

    def carried_only(self) -> list[int]:
        """Ids, rising, of the records of which only a copy is left in the ring."""
        first = self.first_id
        return sorted(record_id for record_id in self._carried if first is None or record_id < first)

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def first_id(self) -> int | None:
        """Lowest id in the ring, None if it holds no record."""
        return self._ids[0] if self._ids else None

    @property
    def end_id(self) -> int | None:
        """The id behind the highest one in the ring, None if it holds no record."""
        return self._ids[-1] + self._counts[-1] if self._ids else None

    def find(self, record_id: int) -> tuple[int, int] | None:
        """(first id, first block) of the batch that holds the id; None if no batch does."""
        at = bisect_right(self._ids, record_id) - 1
        if at < 0 or record_id >= self._ids[at] + self._counts[at]:
            return None
        return self._ids[at], self._blocks[at]

    def following(self, record_id: int) -> tuple[int, int] | None:
        """(first id, first block) of the batch that holds the id or, if none does, of the next one behind it."""
        at = self._following(record_id)
        return (self._ids[at], self._blocks[at]) if at < len(self._ids) else None

    def _following(self, record_id: int) -> int:
        at = bisect_right(self._ids, record_id) - 1
        return at + 1 if at < 0 or record_id >= self._ids[at] + self._counts[at] else at

    def run(self, record_id: int, count: int) -> list[tuple[int, int]]:
        """(first id, first block) of at most `count` batches: the one that `following` gives, and those behind it."""
        at = self._following(record_id)
        return list(zip(self._ids[at : at + count], self._blocks[at : at + count], strict=True))

    def block_from(self, block: int) -> int | None:
        """First block of the first batch that begins at or behind `block`, None if none does."""
        at = bisect_left(self._blocks, block)
        return self._blocks[at] if at < len(self._blocks) else None

    def block_to(self, block: int, otherwise: int) -> int:
        """First block of the last batch that begins at or before `block`; `otherwise` if none does."""
        at = bisect_right(self._blocks, block) - 1
        return self._blocks[at] if at >= 0 else otherwise

    def drop_before(self, block: int) -> None:
        """Forget the batches that begin before `block`."""
        at = bisect_left(self._blocks, block)
        del self._ids[:at], self._counts[:at], self._blocks[:at]
        for record_id in [record_id for record_id, place in self._carried.items() if place[1] < block]:
            del self._carried[record_id]
