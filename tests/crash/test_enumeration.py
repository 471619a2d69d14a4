"""Every crash that the enumeration reaches is survived; `POSD_CRASH_STATES` and `POSD_CRASH_SEED` size and seed the
run. What was gone through is printed as a table.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable

import pytest

from tests.crash.counts import KILLED, MOMENTS
from tests.crash.explore import DEPTH_MAX, SHAPES, Explorer, Plan
from tests.crash.states import KINDS

STATES = int(os.environ.get("POSD_CRASH_STATES", "200000"))
SEED = int(os.environ.get("POSD_CRASH_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 30)
EACH = STATES // len(SHAPES) // 2


@pytest.mark.parametrize("turn", range(2))
@pytest.mark.parametrize("at", range(len(SHAPES)), ids=[str(Plan(*shape, EACH)) for shape in SHAPES])
def test_every_crash_is_survived(at: int, turn: int, record_property: Callable[[str, object], None]) -> None:
    geometry, sector = SHAPES[at]
    print(f"POSD_CRASH_SEED={SEED}")
    explorer = Explorer(Plan(geometry, sector, EACH), SEED + at + 100 * turn)
    counts = explorer.run()
    print(counts.table())
    record_property(
        "note",
        f"{counts.states} crash states of {explorer.plan} (seed {explorer.seed}): {counts.outcomes['F']} with a torn "
        f"batch, {counts.moments.total() - counts.depth(1)} in the second or third crash, {counts.laps} laps",
    )
    assert counts.states >= EACH
    assert counts.twice >= EACH // 8, "recovered a second time"
    assert counts.deepest == DEPTH_MAX, "three crashes followed one another"
    assert counts.laps >= (3 if geometry.ring_blocks <= 16 else 2), "the ring went round several times"
    assert {moment for moment, _ in counts.moments} >= set(MOMENTS[:4]), "and the rest of them in most runs"
    assert bool(counts.rotten) == geometry.mirror
    assert counts.kinds.keys() == {*KINDS, KILLED}
    assert counts.outcomes.keys() == set("ADEF")
