"""posd starts and is ended early, again and again: that alone must not use up the journal."""

from __future__ import annotations

from pathlib import Path

from tests.scenario.test_archive import Life, live
from tests.unit.domain.samples import sale

STARTS = 40


def test_starts_that_end_early_use_up_no_room(tmp_path: Path) -> None:
    """What stands in the way is carried forward once, not at each start anew."""
    life = Life(tmp_path)

    async def crowd() -> None:
        life.signs = False
        for number in range(8):
            await life.sell(f"stuck{number}", sale)
        await life.rest()
        for number in range(1000):
            await life.sell(f"t{number}")
            await life.rest()
            if life.journal.info().first_owed > 1:
                break
        assert life.journal.info().laps == 0, "it was given up, and is still there"

    async def nothing() -> None:
        pass

    async def after() -> None:
        before = life.refused
        await life.sell("after")
        assert life.refused == before

    live(life, crowd)
    for _ in range(STARTS):
        live(life, nothing)
    live(life, after)
