"""Each guard that is taken out of the real code is missed: by the enumeration, or by the test that is named for it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.crash.kills import KILLS, Kill, archive_enumeration, enumeration, kill


@pytest.mark.parametrize("mutant", KILLS, ids=lambda mutant: mutant.name)
def test_every_mutant_is_killed(mutant: Kill, record_property: Callable[[str, object], None]) -> None:
    if mutant.by not in (enumeration, archive_enumeration):  # these two are run at length beside this
        mutant.by()
    record_property("note", f"killed: {mutant.name}, by {kill(mutant)}")
