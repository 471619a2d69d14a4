"""Nothing is deleted because a clock went wrong; and what is past its time goes when it has come right."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posd.journal.archive_age import DAY_MS, LEAP_MS, WORK_DAYS, believed
from tests.crash.shelf import SimShelf
from tests.unit.journal.test_archive import Box

START = 20_000 * DAY_MS
YEARS = 730 * DAY_MS


def days(first: int, count: int) -> list[int]:
    return [first + at * DAY_MS for at in range(count)]


def test_a_clock_that_is_right_is_believed() -> None:
    begun = days(START, 40)
    assert believed(begun, begun[-1] + 5) == (begun, begun[-1] + 5)


def test_a_leap_is_believed_after_so_many_days_of_work() -> None:
    before, behind = days(START, 40), days(START + YEARS, WORK_DAYS)
    times, now = believed([*before, *behind[:-1]], behind[-1])
    assert (times[-1], now) == (before[-1], before[-1])
    times, now = believed([*before, *behind], behind[-1] + 7)
    assert (times, now) == ([*before, *behind], behind[-1] + 7)


def test_many_files_of_one_day_are_one_day_of_work() -> None:
    begun = [*days(START, 5), *(START + YEARS + at for at in range(100))]
    assert believed(begun, begun[-1])[1] == START + 4 * DAY_MS


def test_what_was_wrong_for_a_while_leaves_no_trace() -> None:
    right = days(START, 60)
    begun = [*right[:30], *days(START + YEARS, 3), *right[30:]]
    times, now = believed(begun, right[-1])
    assert now == right[-1]
    assert times == [*right[:30], *[right[29]] * 3, *right[30:]]


def test_days_of_one_leap_do_not_count_for_another() -> None:
    """Four years ahead for ten days, then two: neither has been worked for long enough."""
    begun = [*days(START, 5), *days(START + 2 * YEARS, 10), *days(START + YEARS, 10)]
    assert believed(begun, begun[-1])[1] == START + 4 * DAY_MS
    more = [*begun, *days(START + YEARS + 10 * DAY_MS, 4)]
    assert believed(more, more[-1])[1] == more[-1]


def test_time_does_not_go_back() -> None:
    begun = [START, START - YEARS, START + DAY_MS]
    assert believed(begun, START - YEARS) == ([START, START, START + DAY_MS], START + DAY_MS)


def test_a_box_that_began_in_1970_counts_from_when_it_came_right() -> None:
    begun = [0, *days(START, WORK_DAYS)]
    assert believed(begun[:-1], START) == ([0] * WORK_DAYS, 0)
    assert believed(begun, begun[-1])[0] == begun


@given(st.lists(st.integers(0, 60_000), max_size=60), st.integers(0, 60_000))
def test_it_never_goes_back_and_never_leaps_alone(stamps: list[int], now: int) -> None:
    begun = [day * DAY_MS for day in stamps]
    times, moment = believed(begun, now * DAY_MS)
    assert times == sorted(times)
    assert len(times) == len(begun)
    assert moment <= max([now * DAY_MS, *begun])
    if begun:
        assert times[-1] <= moment
        assert moment - times[0] <= LEAP_MS * (len(begun) + 1) or len(set(begun)) >= WORK_DAYS


def lived(box: Box, count: int) -> None:
    for _ in range(count):
        box.sell(40)
        box.now_ms += DAY_MS


@pytest.fixture
def box() -> Box:
    box = Box(SimShelf(), keep_ms=365 * DAY_MS)
    lived(box, 20)
    return box


def expired(box: Box) -> int:
    count = 0
    while box.archive.expire(box.log.head.block) is not None:
        count += 1
    return count


def test_a_clock_two_years_ahead_deletes_nothing(box: Box) -> None:
    box.now_ms += YEARS
    assert expired(box) == 0
    lived(box, WORK_DAYS - 2)
    assert expired(box) == 0
    box.crash()
    assert expired(box) == 0, "a restart changes nothing: what is believed stands in the files"
    box.now_ms -= YEARS
    lived(box, 30)
    assert expired(box) == 0


def test_years_that_really_went_by_delete_after_two_weeks_of_work(box: Box) -> None:
    box.now_ms += YEARS
    lived(box, WORK_DAYS + 1)
    first = box.archive.files[0].name
    assert expired(box) > 10
    assert first not in box.shelf.names()
    box.crash()
    assert min(box.all()) > 1


def test_a_clock_that_its_owner_takes_to_be_wrong_writes_no_wrong_time(box: Box) -> None:
    box.now_ms += YEARS
    box.archive.skew_ms = YEARS
    lived(box, WORK_DAYS + 5)
    begun = [file.head.time_ms for file in box.archive.files]
    assert begun[-1] - begun[0] < 60 * DAY_MS
    assert expired(box) == 0
