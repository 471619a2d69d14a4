"""Which test misses which guard: every mutant by name, and what must kill it.

`kill` takes the guard out and runs its killer: the enumeration, the enumeration around the archive, or a test that is
named for it. That the same runs are green with the guard in place is what the tests themselves show.
"""

from __future__ import annotations

from collections.abc import Callable
from textwrap import shorten
from traceback import extract_tb
from typing import NamedTuple

import pytest

from posd.journal import JournalError
from tests.crash import archive_mutants, mutants
from tests.crash.archiving import ArchiveExplorer
from tests.crash.explore import SHAPES, Explorer, Plan, Violation
from tests.unit.journal import test_carry, test_corruption, test_faults, test_recovery_cases

ROUNDS_MAX = 60
STATES_A_ROUND = 500


class Survived(AssertionError):
    """A guard was taken out and nothing missed it."""


class Kill(NamedTuple):
    """A mutant and what kills it."""

    name: str
    mutate: Callable[[pytest.MonkeyPatch], None]
    by: Callable[[], object]


def enumeration() -> None:
    """The crash states of the ring, from seed 0 on."""
    states = 0
    for seed in range(ROUNDS_MAX):
        for geometry, sector in SHAPES:
            explorer = Explorer(Plan(geometry, sector, STATES_A_ROUND), seed)
            try:
                explorer.run()
            except Violation as violation:
                raise Violation(f"state {states + explorer.states}: {violation}") from violation
            states += explorer.states


def archive_enumeration() -> None:
    """The crash states around the archive, from seed 0 on."""
    for seed in range(4):
        explorer = ArchiveExplorer(seed, 800)
        try:
            explorer.run()
        except Violation as violation:
            raise Violation(f"state {800 * seed + explorer.states}: {violation}") from violation


KILLS = (
    Kill("no sync", mutants.no_sync, enumeration),
    Kill("answer before sync", mutants.answer_before_sync, enumeration),
    Kill("no epoch start", mutants.no_epoch_start, enumeration),
    Kill("no chain, epoch and block number", mutants.no_chain_epoch_number, enumeration),
    Kill("watermark stuck", mutants.watermark_stuck, test_recovery_cases.test_h_an_intact_block_vouches_for_more),
    Kill("space reused before the head is durable", mutants.space_reused_before_head_is_durable, enumeration),
    Kill("shared partial block", mutants.shared_partial_block, enumeration),
    Kill("retry after EIO", mutants.retry_after_error, test_faults.test_nothing_is_tried_again_after_a_failure),
    Kill(
        "cached read after EIO",
        mutants.cached_read_after_error,
        test_faults.test_what_a_failed_sync_left_in_the_cache_is_not_believed,
    ),
    Kill("no directory sync", mutants.no_directory_sync, enumeration),
    Kill(
        "truncating on a read error",
        mutants.truncating_on_a_read_error,
        test_recovery_cases.test_j_a_read_error_is_not_a_torn_tail,
    ),
    Kill(
        "formatting over a bad superblock",
        mutants.formatting_over_a_bad_superblock,
        test_recovery_cases.test_c_superblocks_that_are_all_bad_are_never_formatted_over,
    ),
    Kill("superblock not synced at open", mutants.superblock_not_synced_at_open, enumeration),
    Kill("no mark", mutants.no_mark, test_corruption.test_every_sector_without_the_mirror_is_reported),
    Kill(
        "no epoch in a block's check",
        mutants.no_epoch_check,
        test_recovery_cases.test_f_a_torn_tail_is_dropped_and_does_not_come_back,
    ),
    Kill(
        "no chain in a block's check",
        mutants.no_chain_check,
        test_recovery_cases.test_a_block_of_another_history_does_not_count,
    ),
    Kill(
        "no block number in a block's check",
        mutants.no_number_check,
        test_recovery_cases.test_a_block_in_a_wrong_place_does_not_count,
    ),
    Kill(
        "no generation in the case table",
        mutants.no_generation,
        test_recovery_cases.test_i_a_lost_head_move_shows,
    ),
    Kill("no repair from the other copy", mutants.no_repair, enumeration),
    Kill("no scrub", mutants.no_scrub, enumeration),
    Kill(
        "released before the copy is durable",
        mutants.released_before_the_copy_is_durable,
        test_carry.test_at_no_moment_of_carrying_is_the_record_gone,
    ),
    *(
        Kill(mutant.__name__.replace("_", " "), mutant, archive_enumeration)
        for mutant in (
            archive_mutants.head_moves_before_the_archive,
            archive_mutants.archive_not_synced,
            archive_mutants.not_settled_at_the_start,
            archive_mutants.torn_chunk_counts,
            archive_mutants.archived_twice,
            archive_mutants.nothing_is_carried,
        )
    ),
)


def kill(mutant: Kill) -> str:
    """Take the guard out, run what must miss it, and say in a line what did. Survived.

    Only a violation counts for an enumeration: what merely trips over the mutant has not seen what it does.
    """
    by = mutant.by
    with pytest.MonkeyPatch.context() as patch:
        mutant.mutate(patch)
        if by in (enumeration, archive_enumeration):
            try:
                by()
            except Violation as missed:
                return f"the {by.__name__.replace('_', ' ')}, {shorten(str(missed), 100)}"
        else:
            try:
                by()
            except (AssertionError, JournalError, pytest.fail.Exception) as missed:
                seen = [frame for frame in extract_tb(missed.__traceback__) if frame.name == by.__name__]
                return f"{by.__name__}: {seen[-1].line}"
    raise Survived(f"{mutant.name}: {by.__name__} did not miss it")
