"""What was appended and is not yet durable: bounded, with room set aside for it in the ring, and readable from here.

- Nothing is admitted that the ring has no room for, or too much of what waits for the disk already; but a single append
  to an empty backlog is always taken, however large.
- The accounts move under the log's lock: the loop's thread admits, whoever writes says what is durable.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from threading import Lock

from posd.journal.entries import Entry
from posd.journal.errors import JournalBusy, JournalFull
from posd.journal.log import Log
from posd.journal.record import Record
from posd.journal.writer import Writer

WAITING_BYTES_MAX = 4 << 20
WAITING_RECORDS_MAX = 8192


class Backlog:
    """The records that wait for the disk. `durable_id`: the newest that does not."""

    def __init__(self, lock: Lock, durable_id: int) -> None:
        self.durable_id = durable_id
        self._lock = lock
        self._records: deque[Record] = deque()
        self._bytes = 0

    def admit(
        self, log: Log, writer: Writer, entries: Sequence[Entry], records: Sequence[Record], *, outcome: bool
    ) -> None:
        """Set aside what of the ring the entries need, which are written for `records`; copies that are carried wait
        under no id, so they are not among the records. `outcome=False` may not use the reserve. JournalFull,
        JournalBusy: nothing was changed.
        """
        blocks = size = 0
        for entry in entries:
            blocks += entry.blocks
            size += len(entry.body)
        with self._lock:
            owed = log.owed_block(writer.first_owed)
            lacking = log.space.lacking(blocks, owed, outcome=outcome)
            waiting = len(self._records)
            if lacking > log.space.queued:
                raise JournalFull(
                    f"the journal is full: what is still owed takes {100 * log.space.fill(owed):.0f} % of it. Nothing "
                    "was written and nothing overwritten; settle what is open, then try again"
                )
            too_many = waiting + len(records) > WAITING_RECORDS_MAX or self._bytes + size > WAITING_BYTES_MAX
            if lacking or (waiting and too_many):
                raise JournalBusy(f"{waiting} records wait for the disk. Nothing was queued; try again in a moment")
            log.space.queued += blocks
            self._bytes += size
            self._records.extend(records)

    def durable(self, durable_id: int, size: int) -> None:
        """A batch of `size` bytes is on the disk, and with it all up to `durable_id`."""
        with self._lock:
            self.durable_id = durable_id
            self._bytes -= size
            while self._records and self._records[0].id <= durable_id:
                self._records.popleft()

    def find(self, record_id: int) -> Record | None:
        """The record, None if it is durable. LookupError for one that was never admitted."""
        with self._lock:
            if not self._records or record_id < self._records[0].id:
                return None
            return self._records[record_id - self._records[0].id]
