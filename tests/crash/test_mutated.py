"""Images that were tampered with, see mutated.py; `POSD_MUTATIONS` and `POSD_MUTATION_SEED` size and seed the run."""

from __future__ import annotations

import os
import random
from collections.abc import Callable

import pytest

from tests.crash.mutated import OUTCOMES, Tamperer, originals

MUTATIONS = int(os.environ.get("POSD_MUTATIONS", "16000"))
SEED = int(os.environ.get("POSD_MUTATION_SEED", "0")) or random.SystemRandom().randrange(1 << 30)


@pytest.mark.parametrize("turn", range(2))
def test_a_mutated_image_gives_a_typed_error_or_right_records(
    turn: int, record_property: Callable[[str, object], None]
) -> None:
    print(f"POSD_MUTATION_SEED={SEED}")
    outcomes = Tamperer(SEED + turn).run(MUTATIONS // 2, originals())
    assert outcomes.total() == MUTATIONS // 2
    assert all(outcomes[OUTCOMES[at]] for at in (0, 1, 2, 4))
    told = "; ".join(f"{outcomes[outcome]} {outcome}" for outcome in OUTCOMES)
    record_property("note", f"{outcomes.total()} mutated images (seed {SEED + turn}): {told}")
