"""The archive with one of the steps taken out that it rests on, as in mutants.py."""

from __future__ import annotations

import pytest

from posd.journal.archive import Archive
from posd.journal.journal import Journal
from posd.journal.log import Log
from tests.crash.shelf import SimShelf


def head_moves_before_the_archive(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Log, "owed_block", lambda self, owed: (self.index.following(owed) or (0, self.tail.block))[1])


def archive_not_synced(patch: pytest.MonkeyPatch) -> None:
    def append(self: SimShelf, name: str, offset: int, data: bytes) -> None:
        self.files[name] = self.files[name][:offset] + data

    patch.setattr(SimShelf, "append", append)


def not_settled_at_the_start(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(SimShelf, "settle", lambda self, name: None)


def torn_chunk_counts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("posd.journal.archive.stored", lambda *_: b"")


def archived_twice(patch: pytest.MonkeyPatch) -> None:
    """After a start it begins at the ring's head again, in the same file."""
    begin = Archive.begin

    def again(self: Archive, log: Log) -> None:
        begin(self, log)
        self.through = log.head

    patch.setattr(Archive, "begin", again)


def nothing_is_carried(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Journal, "carry", lambda self, records, release: self.release(release))
