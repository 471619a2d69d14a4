"""The durable ring journal of posd.

Records go in through `Journal.append`, are durable when `on_durable` says so, and come back through `records` and
`read`; what leaves the ring goes on in an `Archive`. The room imports nothing else of posd, and of what is not in the
standard library only zstandard, in one module. The formats are described in docs/journal-format.md.
"""

from __future__ import annotations

from posd.journal.archive import Archive
from posd.journal.archive_shelf import DiskShelf
from posd.journal.errors import (
    ArchiveUnreadable,
    JournalBusy,
    JournalDamaged,
    JournalError,
    JournalFailed,
    JournalFull,
    JournalLocked,
    JournalReadOnly,
    LostRange,
    NotAJournal,
    RecordGone,
    RecordTooLarge,
    RecordUnreadable,
)
from posd.journal.info import JournalInfo
from posd.journal.journal import Journal, OpenedDamaged
from posd.journal.opening import RecoveryReport
from posd.journal.record import NewRecord, Record

__all__ = [
    "Archive",
    "ArchiveUnreadable",
    "DiskShelf",
    "Journal",
    "JournalBusy",
    "JournalDamaged",
    "JournalError",
    "JournalFailed",
    "JournalFull",
    "JournalInfo",
    "JournalLocked",
    "JournalReadOnly",
    "LostRange",
    "NewRecord",
    "NotAJournal",
    "OpenedDamaged",
    "Record",
    "RecordGone",
    "RecordTooLarge",
    "RecordUnreadable",
    "RecoveryReport",
]
