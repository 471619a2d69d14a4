"""The quick size of the long run: a dozen kills under the work of eight tills."""

from __future__ import annotations

from pathlib import Path

from tests.kill.run import run

KILLS = 14
SEED = 20261121


def test_killed_at_any_moment_under_eight_tills_nothing_is_lost_doubled_reordered_or_made_up(folder: Path) -> None:
    report = run(folder / "box", KILLS, SEED)
    print(*report.lines(), sep="\n")
    assert report.violations == []
    assert report.kills == KILLS
    assert report.acknowledged["sales"] >= KILLS
    assert report.cut >= 1
    assert report.slips >= KILLS
    assert report.laps >= 1
    assert report.archives >= 1
