"""Each guard that is taken out of the real code is missed: by the enumeration, or by the test that is named for it."""

from __future__ import annotations

import pytest

from posd.journal import JournalError
from tests.crash.explore import SHAPES, Explorer, Plan, Violation
from tests.crash.mutants import ENUMERATED, NAMED


@pytest.mark.parametrize("name", ENUMERATED)
def test_the_enumeration_kills(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ENUMERATED[name](monkeypatch)
    with pytest.raises(Violation) as killed:
        _explore(60)
    print(f"{name}: {killed.value}")


def _explore(rounds: int) -> None:
    for seed in range(rounds):
        for geometry, sector in SHAPES:
            Explorer(Plan(geometry, sector, 500), seed).run()


@pytest.mark.parametrize("name", NAMED)
def test_its_own_test_kills(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mutate, killer = NAMED[name]
    killer()
    mutate(monkeypatch)
    with pytest.raises((AssertionError, JournalError, pytest.fail.Exception)):
        killer()
