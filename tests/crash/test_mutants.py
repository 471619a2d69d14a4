"""The enumeration finds each guard that is taken out of the real code. The mutants of `NAMED` are killed by the test
named there.
"""

from __future__ import annotations

import pytest

from posd.journal import JournalError
from tests.crash.explore import Violation, explore_all
from tests.crash.mutants import ENUMERATED, NAMED

KILLERS = (
    "test_recovery_cases.test_h_an_intact_block_vouches_for_more",
    "test_recovery_cases.test_j_a_read_error_is_not_a_torn_tail",
    "test_recovery_cases.test_c_what_is_not_a_journal_is_left_alone",
    "test_corruption.test_every_sector_without_the_mirror_is_reported",
    "test_faults.test_nothing_is_tried_again_after_a_failure",
    "test_faults.test_what_a_failed_sync_left_in_the_cache_is_not_believed",
)


@pytest.mark.parametrize("name", ENUMERATED)
def test_the_enumeration_kills(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ENUMERATED[name](monkeypatch)
    with pytest.raises((Violation, JournalError)) as killed:
        explore_all(60_000, 1)
    print(f"{name}: {killed.value}")


def test_every_other_mutant_names_its_killer() -> None:
    assert {killer for _, killer in NAMED.values()} == set(KILLERS)
