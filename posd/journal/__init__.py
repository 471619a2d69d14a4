"""The durable ring journal of posd.

Records go in through `Journal.append`, are durable when `on_durable` says so, and come back through `records` and
`read`. The room imports nothing else of posd and nothing outside the standard library; the format is described in
docs/journal-format.md.
"""

from __future__ import annotations

from posd.journal.errors import (
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
from posd.journal.journal import Journal, JournalInfo
from posd.journal.opening import RecoveryReport
from posd.journal.record import NewRecord, Record

__all__ = [
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
    "Record",
    "RecordGone",
    "RecordTooLarge",
    "RecordUnreadable",
    "RecoveryReport",
]
