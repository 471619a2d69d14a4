"""Every crash around the archive is survived; `POSD_CRASH_STATES` and `POSD_CRASH_SEED` size and seed the run. And each
step that this rests on is taken out once: the enumeration must see it.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable

import pytest

from posd.journal.archive import Archive
from posd.journal.journal import Journal
from posd.journal.log import Log
from tests.crash.archiving import ArchiveExplorer
from tests.crash.explore import Violation
from tests.crash.shelf import SimShelf

STATES = max(2000, int(os.environ.get("POSD_CRASH_STATES", "24000")) // 8)
SEED = int(os.environ.get("POSD_CRASH_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 30)


@pytest.mark.parametrize("at", range(2))
def test_every_crash_around_the_archive_is_survived(at: int) -> None:
    print(f"POSD_CRASH_SEED={SEED}")
    explorer = ArchiveExplorer(SEED + at, STATES // 2)
    explorer.run()
    assert explorer.states >= STATES // 2
    assert min(explorer.where.values()) > STATES // 20, explorer.where
    assert explorer.deepest >= 2
    assert explorer.laps >= 2
    assert explorer.deleted > 0
    assert explorer.carried > 0


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


BROKEN: list[Callable[[pytest.MonkeyPatch], None]] = [
    head_moves_before_the_archive,
    archive_not_synced,
    not_settled_at_the_start,
    torn_chunk_counts,
    archived_twice,
    nothing_is_carried,
]


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.__name__)
def test_the_enumeration_sees_what_is_taken_out(
    broken: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken(monkeypatch)
    with pytest.raises((Violation, AssertionError)):
        explore_four()


def explore_four() -> None:
    for seed in range(4):
        ArchiveExplorer(seed, 800).run()
