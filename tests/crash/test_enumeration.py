"""Every crash that the enumeration reaches is survived; `POSD_CRASH_STATES` and `POSD_CRASH_SEED` size and seed the
run.
"""

from __future__ import annotations

import os
import random

import pytest

from tests.crash.explore import PLANS, Explorer, Plan

STATES = int(os.environ.get("POSD_CRASH_STATES", "24000"))
SEED = int(os.environ.get("POSD_CRASH_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 30)


@pytest.mark.parametrize("at", range(len(PLANS)), ids=lambda at: f"{PLANS[at][0]}-{PLANS[at][1]}")
def test_every_crash_is_survived(at: int) -> None:
    geometry, sector = PLANS[at]
    explorer = Explorer(Plan(geometry, sector, STATES // len(PLANS)), SEED + at)
    print(f"POSD_CRASH_SEED={SEED}")
    explorer.run()
    assert explorer.states >= STATES // len(PLANS)
    assert explorer.deepest >= 3, "three crashes followed one another"
    assert explorer.laps >= (3 if geometry.ring_blocks <= 16 else 1), "the ring went round several times"
