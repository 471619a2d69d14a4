"""Every crash around the archive is survived; `POSD_CRASH_STATES` and `POSD_CRASH_SEED` size and seed the run."""

from __future__ import annotations

import os
import random
from collections.abc import Callable

import pytest

from tests.crash.archiving import ArchiveExplorer

STATES = max(4000, int(os.environ.get("POSD_CRASH_STATES", "200000")) // 50)
SEED = int(os.environ.get("POSD_CRASH_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 30)


@pytest.mark.parametrize("at", range(2))
def test_every_crash_around_the_archive_is_survived(at: int, record_property: Callable[[str, object], None]) -> None:
    print(f"POSD_CRASH_SEED={SEED}")
    explorer = ArchiveExplorer(SEED + at, STATES // 2)
    explorer.run()
    record_property(
        "note",
        f"{explorer.states} crash states around the archive (seed {SEED + at}): {explorer.where}, "
        f"{explorer.laps} laps, {explorer.deleted} files deleted, {explorer.carried} times what is stuck was carried",
    )
    assert explorer.states >= STATES // 2
    assert min(explorer.where.values()) > STATES // 20, explorer.where
    assert explorer.deepest >= 2
    assert explorer.laps >= 2
    assert explorer.deleted > 0
    assert explorer.carried > 0
