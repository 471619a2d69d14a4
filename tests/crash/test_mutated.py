"""Images that were tampered with, see mutated.py; `POSD_MUTATIONS` and `POSD_MUTATION_SEED` size and seed the run."""

from __future__ import annotations

import os
import random
from collections.abc import Callable

import pytest

from tests.crash.mutated import OUTCOMES, Tamperer, originals
from tests.crash.mutated_archive import OUTCOMES as ARCHIVE_OUTCOMES
from tests.crash.mutated_archive import ArchiveTamperer

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


def test_an_archive_that_was_tampered_with_gives_a_typed_error_or_right_records(
    record_property: Callable[[str, object], None],
) -> None:
    print(f"POSD_MUTATION_SEED={SEED}")
    outcomes = ArchiveTamperer(SEED).run(MUTATIONS // 20)
    assert all(outcomes[outcome] for outcome in ARCHIVE_OUTCOMES)
    told = "; ".join(f"{outcomes[outcome]} {outcome}" for outcome in ARCHIVE_OUTCOMES)
    record_property("note", f"{outcomes.total()} archives tampered with (seed {SEED}): {told}")
