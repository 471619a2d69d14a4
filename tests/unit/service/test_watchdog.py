"""The rule of the watchdog: no pet while anyone is silent."""

from __future__ import annotations

import pytest

from posd.service.watchdog import Watchdog, pet_interval_s


def test_a_part_is_overdue_only_past_its_deadline() -> None:
    dog = Watchdog()
    dog.watch("loop", 2.0, now_s=100.0)
    assert dog.overdue(102.0) == ()
    assert dog.overdue(102.001) == ("loop",)
    dog.answered("loop", 102.5)
    assert dog.overdue(104.5) == ()


def test_each_part_has_its_own_deadline_and_the_latest_comes_first() -> None:
    dog = Watchdog()
    dog.watch("loop", 2.0, now_s=0.0)
    dog.watch("journal", 10.0, now_s=0.0)
    dog.watch("printer", 1.0, now_s=0.0)
    dog.answered("printer", 4.0)
    assert dog.overdue(5.5) == ("loop", "printer")
    assert dog.overdue(11.0) == ("loop", "printer", "journal")


def test_watching_again_sets_a_new_deadline() -> None:
    dog = Watchdog()
    dog.watch("journal", 1.0, now_s=0.0)
    dog.watch("journal", 30.0, now_s=5.0)
    assert dog.overdue(34.0) == ()


def test_mistakes_in_the_wiring_are_loud() -> None:
    dog = Watchdog()
    with pytest.raises(KeyError):
        dog.answered("nobody", 1.0)
    with pytest.raises(ValueError, match="positive"):
        dog.watch("loop", 0.0, now_s=0.0)


@pytest.mark.parametrize(
    ("environ", "interval_s"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "10000000"}, 5.0),
        ({"WATCHDOG_USEC": "10000000", "WATCHDOG_PID": "7"}, 5.0),
        ({"WATCHDOG_USEC": "10000000", "WATCHDOG_PID": "8"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "10000000", "WATCHDOG_PID": ""}, None),
    ],
)
def test_the_interval_is_half_of_what_the_manager_allows(environ: dict[str, str], interval_s: float | None) -> None:
    assert pet_interval_s(environ, pid=7) == interval_s
