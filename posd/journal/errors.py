"""What can go wrong with the journal, as types.

Every message says what happened, what was kept and what to do, because it is shown to a person as it stands.
"""

from __future__ import annotations

from msgspec import Struct


class LostRange(Struct, frozen=True):
    """Records that cannot be read: ids `first_id` to `last_id`, both included; `last_id` None means "to an unknown
    end".

    `first_block` is the number of the first block of the gap. A range with `last_id < first_id` lost no record.
    """

    first_id: int
    last_id: int | None
    first_block: int

    def __str__(self) -> str:
        if self.last_id is None:
            return f"record {self.first_id} and later"
        if self.last_id < self.first_id:
            return f"no record (an empty batch at block {self.first_block})"
        return (
            f"record {self.first_id}" if self.last_id == self.first_id else f"records {self.first_id} to {self.last_id}"
        )


class JournalError(Exception):
    """Base of all errors of the journal."""


class JournalLocked(JournalError):
    """Another process has the journal open."""


class NotAJournal(JournalError):
    """The file is not a journal this version can read. It was not touched."""


class JournalDamaged(JournalError):
    """Acknowledged records are missing or unreadable; `lost` names them. Nothing was written."""

    def __init__(self, message: str, lost: tuple[LostRange, ...]) -> None:
        super().__init__(message)
        self.lost = lost


class JournalFailed(JournalError):
    """The journal has stopped: whether the records in flight became durable is unknown until it is opened again."""


class JournalFull(JournalError):
    """What is still owed fills the ring up to the reserve. Nothing was queued."""


class JournalBusy(JournalError):
    """Too much is waiting for the disk. Nothing was queued; try again later."""


class JournalReadOnly(JournalError):
    """The journal is damaged or closed and takes no records."""


class RecordTooLarge(JournalError):
    """A record does not fit in one batch. Nothing was queued."""


class RecordGone(JournalError, LookupError):
    """The record existed and has left the ring."""


class ArchiveUnreadable(JournalError, LookupError):
    """The record is in the archive, and the archive's file is damaged there."""


class RecordUnreadable(JournalError):
    """No copy of the record's blocks is intact. A wrong record is never returned in its place."""
