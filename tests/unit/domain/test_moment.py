"""Moments as text."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posd.domain.moment import iso_local, iso_utc

MOMENTS = st.integers(0, 4_102_444_800_000)
"""Until the year 2100."""


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (1_795_227_330_204, "2026-11-21T02:15:30.204Z"),
    ],
)
def test_times_are_utc_with_milliseconds(milliseconds: int, text: str) -> None:
    assert iso_utc(milliseconds) == text


@given(MOMENTS)
def test_no_millisecond_is_lost(milliseconds: int) -> None:
    assert round(datetime.fromisoformat(iso_utc(milliseconds)).timestamp() * 1000) == milliseconds
    assert int(iso_utc(milliseconds)[-4:-1]) == milliseconds % 1000


@given(MOMENTS, st.integers(-12 * 60, 14 * 60))
def test_the_terminals_zone_tells_the_same_second(milliseconds: int, offset_min: int) -> None:
    assert datetime.fromisoformat(iso_local(milliseconds, offset_min)).timestamp() == milliseconds // 1000


def test_a_time_in_shanghai() -> None:
    assert iso_local(1_795_227_330_204, 480) == "2026-11-21T10:15:30+08:00"
