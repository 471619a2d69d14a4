"""Reading durable records back, by id or in order.

Every block is checked again when it is read, and copy B is asked where A is not intact. Space may be given up while a
reader is on its way: it then finds another block in the place and says RecordGone, never a wrong record.
"""

from __future__ import annotations

from collections.abc import Iterator
from threading import Lock

from posd.journal.block import PAYLOAD, BlockHeader, same_batch
from posd.journal.errors import RecordGone, RecordUnreadable
from posd.journal.link import Link
from posd.journal.opening import Opened
from posd.journal.record import Record, RecordMalformed, decode_body
from posd.journal.ring import BATCH_BLOCKS_MAX, BLOCK
from posd.journal.window import WINDOW_BLOCKS, Window

_BODY = BLOCK - PAYLOAD
_RUN = 64
"""Batches that are looked up at once by who reads all of them."""


class Reader:
    """Reads batches that the index knows. `lock` guards the index, and the log's tail where there is one."""

    def __init__(self, opened: Opened) -> None:
        self.lock = opened.lock
        self._opened = opened
        self._geometry = opened.superblock.geometry
        self._index = opened.index
        self._single = self._windows(BATCH_BLOCKS_MAX)
        self._reading = Lock()

    def read(self, record_id: int) -> Record:
        """One record that was durable. RecordGone if it left the ring, RecordUnreadable if it is lost."""
        opened = self._opened
        with self.lock:
            place = self._index.find(record_id) or self._index.carried(record_id)
            head = opened.log.head if opened.log is not None else opened.superblock.head
        if place is None and record_id < head.next_id:
            raise RecordGone(f"record {record_id} has left the ring; the oldest in it is {head.next_id}")
        if place is None:
            raise RecordUnreadable(f"record {record_id} is lost: {opened.report.sentence}")
        first_id, block = place
        with self._reading:
            batch = self._batch(self._single, first_id, block, block + 1)
        for record in batch:
            if record.id == record_id:
                return record
        raise self._unreadable(first_id, block, None)

    def batch_of(self, record_id: int) -> Link:
        """The batch that has the record, or the newest copy of it. As `read`."""
        self.read(record_id)  # it is intact, or says why not
        with self.lock:
            place = self._index.find(record_id) or self._index.carried(record_id)
        if place is None:
            raise RecordGone(f"record {record_id} has left the ring")
        with self._reading:
            for window in self._single:
                if whole := self._whole(window, self._single, *place, place[1] + 1):
                    header, body = whole
                    return Link(header.sequence, header.first_id, header.flags, header.records, header.chain, body)
        raise self._unreadable(*place, None)

    def carried(self) -> Iterator[Record]:
        """The records of which only a copy that was carried forward is in the ring, in order of their ids."""
        with self.lock:
            ids = self._index.carried_only()
        for record_id in ids:
            yield self.read(record_id)

    def records(self, start: int) -> Iterator[Record]:
        """Records from id `start` on (or the oldest there is), in order, up to the newest durable one when it gets
        there.
        """
        windows = self._windows(WINDOW_BLOCKS)
        next_id: int | None = None
        while True:
            with self.lock:
                places = self._index.run(start if next_id is None else next_id, _RUN)
                end = self._end_block()
                oldest = self._index.first_id
            if not places:
                return
            if next_id is not None and oldest is not None and next_id < oldest:
                raise RecordGone(f"record {next_id} left the ring while it was being read")
            for first_id, block in places:
                batch = self._batch(windows, first_id, block, end)
                if batch[-1].id - first_id + 1 != len(batch):
                    batch = [record for record in batch if record.id >= first_id]  # without copies
                if not batch:  # an altered copy counts more records than the one that is read
                    raise self._unreadable(first_id, block, None)
                yield from (record for record in batch if record.id >= start) if first_id < start else batch
                next_id = batch[-1].id + 1

    def _end_block(self) -> int:
        """The block behind the newest durable one; where the journal is damaged, behind the ring."""
        log = self._opened.log
        if log is not None:
            return log.tail.block
        return self._opened.superblock.head.block + self._geometry.ring_blocks

    def _windows(self, blocks: int) -> list[Window]:
        return [Window(self._opened.file, self._geometry, copy, blocks) for copy in range(self._geometry.copies)]

    def _batch(self, windows: list[Window], first_id: int, block: int, end: int) -> list[Record]:
        for window in windows:
            whole = self._whole(window, windows, first_id, block, end)
            if whole is None:
                continue
            try:
                records = list(decode_body(whole[1], first_id, whole[0].records))
            except RecordMalformed as error:
                raise self._unreadable(first_id, block, error) from error
            if records:
                return records
        raise self._unreadable(first_id, block, None)

    def _whole(
        self, window: Window, windows: list[Window], first_id: int, block: int, end: int
    ) -> tuple[BlockHeader, bytes] | None:
        """The batch as one copy has it, its further blocks from any; None if it is not whole there."""
        self._ensure(window, block, 1, end)
        first = window.header(block)
        if first is None or first.part or first.first_id != first_id or first.parts > window.capacity:
            return None
        pieces = [window.block(block)[_BODY : _BODY + first.used]] if first.parts == 1 else []
        for index in range(len(pieces), first.parts):
            for other in (window, *windows):
                self._ensure(other, block, first.parts, end)
                header = other.header(block + index)
                if header is not None and same_batch(first, header, index):
                    pieces.append(other.block(block + index)[_BODY : _BODY + header.used])
                    break
            else:
                return None
        return first, b"".join(pieces)

    @staticmethod
    def _ensure(window: Window, block: int, count: int, end: int) -> None:
        if not window.holds(block, count):
            window.load(block, min(window.capacity, max(count, end - block)))

    def _unreadable(self, first_id: int, block: int, cause: RecordMalformed | None) -> RecordGone | RecordUnreadable:
        with self.lock:
            gone = self._index.find(first_id) is None
        if gone:
            return RecordGone(f"record {first_id} left the ring while it was being read")
        return RecordUnreadable(
            f"the batch of record {first_id} at block {block} is in no copy intact{f' ({cause})' if cause else ''}. "
            "It is not returned; restart posd to have the journal checked, and keep a copy of the file"
        )
