"""A clock that is wrong, over the whole daemon: what people see, what is refused and what is not, what the journal has.

The rules are those of posd/desk/clock.py; its cases have their tests in tests/unit/desk/test_clock.py.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.scenario.box import Box, cash

WRAPPER = Path(__file__).with_name("wrong_clock.py")
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
TERMS = {"slip": {"copies": ["customer"]}, "policy": {"reprint_window": "12h", "reprint_interval": "10min"}}


class Clocked:
    """A box whose clock is set by hand."""

    def __init__(self, box: Box) -> None:
        self.box = box
        box.folder.mkdir(parents=True, exist_ok=True)
        self._offset = box.folder / "clock"
        self.ahead(0)

    def ahead(self, ms: int) -> None:
        """Set the clock so much ahead of the machine's, as one change."""
        new = self._offset.with_suffix(".new")
        new.write_text(str(ms))
        new.rename(self._offset)

    def at(self, moment: str) -> None:
        """Set it to this time."""
        self.ahead(round((datetime.fromisoformat(moment).timestamp() - time.time()) * 1000))

    def start(self, zone: str = "Asia/Shanghai") -> None:
        self.box.launch(sys.executable, str(WRAPPER), str(self._offset), env={"TZ": zone})
        self.box.wait_answer()
        self.box.wait_device("printer", "ready")

    def status(self, state: str) -> str:
        """Wait until the clock is `state`; the status line."""
        self.box.until(lambda: self.box.result("posd.status")["clock"] == state, f"the clock is {state}")
        return str(self.box.result("posd.status")["sentence"])

    def sell(self, number: int, **changes: Any) -> str:
        sold = self.box.sell(cash(f"clock-{number}", **changes))
        self.box.wait_copy(sold, "customer", "printed")
        return sold

    def suspicions(self) -> list[str]:
        """What the journal says of the clock, skews in whole hours."""
        told = self.box.events("clock.suspect", "clock.trusted")
        return [f"suspect {round(e['skew'] / HOUR_MS)}" if "skew" in e else "trusted" for e in told]


@pytest.fixture
def clocked(folder: Path) -> Iterator[Callable[..., Clocked]]:
    made: list[Box] = []

    def make(**config: Any) -> Clocked:
        box = Box(folder / "box", {**TERMS, **config})
        made.append(box)
        box.start_world()
        return Clocked(box)

    yield make
    for box in made:
        box.close()
        box.tell()


def until(box: Box, sold: str) -> datetime:
    return datetime.fromisoformat(box.result("receipt.terms", id=sold)["until"])


def test_a_flat_battery_closes_nothing_and_the_time_server_ends_the_doubt(clocked: Callable[..., Clocked]) -> None:
    shop = clocked(pad={"driver": "none"}, exceptions={"unsigned": "3d"})
    box = shop.box
    shop.start()
    before = shop.sell(1)
    window = until(box, before)
    box.stop()
    shop.at("1970-01-01T00:00:30+00:00")
    shop.start()
    said = shop.status("suspect")
    assert "days behind what can be believed" in said
    assert "set it; if it is right, a supervisor says so: posctl confirm-clock" in said
    assert box.result("posd.status")["state"] == "degraded"
    in_1970 = shop.sell(2)
    assert box.result("transaction.get", id=in_1970)["accepted"].startswith("1970-01-01T00:00")
    assert until(box, before) == window, "the window of a sale from before is where it was"
    assert box.result("receipt.terms", id=in_1970)["allowed"]
    box.result("receipt.reprint", id=before, key="k1")
    box.wait_copy(before, "customer", "printed", 1)
    assert box.error("receipt.reprint", id=before, key="k2")["data"]["kind"] == "too-soon"
    shop.ahead(0)
    said = shop.status("trusted")
    assert said.startswith("all devices ready")
    assert box.result("receipt.terms", id=in_1970)["allowed"]
    assert abs(until(box, in_1970) - window) < timedelta(hours=1), "it was sold when it was sold, not in 1970"
    assert box.error("receipt.reprint", id=before, key="k3")["data"]["kind"] == "too-soon"
    assert shop.suspicions()[0].startswith("suspect -")
    assert shop.suspicions()[1:] == ["trusted"]
    order = [e["transaction"]["id"] for e in box.events("transaction.accepted")]
    assert order == [before, in_1970], "the order is the journal's, whatever the clock said"


def test_a_first_start_with_a_flat_battery_knows_that_it_is_not_1970(clocked: Callable[..., Clocked]) -> None:
    shop = clocked()
    shop.at("1970-01-01T00:00:30+00:00")
    shop.start()
    shop.status("suspect")
    sold = shop.sell(1)
    assert until(shop.box, sold).year >= 2026
    shop.ahead(0)
    shop.status("trusted")


def test_a_day_ahead_and_a_day_behind_while_it_runs(clocked: Callable[..., Clocked]) -> None:
    shop = clocked()
    box = shop.box
    shop.start()
    sold = shop.sell(1)
    window = until(box, sold)
    shop.ahead(DAY_MS + 2 * HOUR_MS)  # a day is what a time server may put right without a word
    assert "clock: 1 day ahead of what can be believed" in shop.status("suspect"), "it is told although nobody asks"
    assert until(box, sold) == window
    assert box.result("receipt.terms", id=sold)["allowed"]
    assert shop.suspicions() == ["suspect 26"]
    shop.ahead(0)
    shop.status("trusted")
    shop.ahead(-DAY_MS)
    assert "clock: 1 day behind what can be believed" in shop.status("suspect")
    assert until(box, sold) == window
    box.result("receipt.reprint", id=sold, key="k1")
    box.wait_copy(sold, "customer", "printed", 1)
    assert box.error("receipt.reprint", id=sold, key="k2")["data"]["kind"] == "too-soon"
    answer = box.result("clock.confirm")
    assert (answer["state"], shop.status("trusted") != "") == ("trusted", True)
    assert shop.suspicions() == ["suspect 26", "trusted", "suspect -24", "trusted"]
    assert box.events("clock.trusted")[-1]["doer"]["uid"] == os.getuid()
    box.kill()
    shop.start()
    assert shop.status("trusted"), "what a supervisor said is said for the next start too"


def test_less_than_a_day_ahead_is_believed_and_the_way_back_is_asked_about(clocked: Callable[..., Clocked]) -> None:
    shop = clocked()
    shop.start()
    sold = shop.sell(1)
    shop.ahead(13 * HOUR_MS)
    box = shop.box
    box.until(lambda: not box.result("receipt.terms", id=sold)["allowed"], "its window of twelve hours is over")
    assert box.error("receipt.reprint", id=sold, key="k1")["data"]["kind"] == "window-closed"
    shop.ahead(0)
    assert "clock: 13 hours behind what can be believed" in shop.status("suspect")
    box.result("clock.confirm")
    box.result("receipt.reprint", id=sold, key="k2")
    assert shop.suspicions() == ["suspect -13", "trusted"]


@pytest.mark.parametrize(
    ("eve", "before", "after"),
    [
        ("2027-03-28T00:59:10+00:00", "2027-03-28 01:59", "2027-03-28 03:00"),
        ("2027-10-31T00:59:10+00:00", "2027-10-31 02:59", "2027-10-31 02:00"),
    ],
    ids=["spring", "autumn"],
)
def test_daylight_saving_is_no_leap_and_slips_have_the_hour_of_the_wall(
    clocked: Callable[..., Clocked], eve: str, before: str, after: str
) -> None:
    shop = clocked(policy={"reprint_interval": "0s", "reprint_window": "2h"})
    box = shop.box
    shop.at((datetime.fromisoformat(eve) - timedelta(minutes=5)).isoformat())
    shop.start(zone="Europe/Berlin")
    sold = shop.sell(1)
    window = until(box, sold)
    shop.at(eve)
    box.result("receipt.reprint", id=sold, key="k1")
    box.wait_copy(sold, "customer", "printed", 1)
    shop.at((datetime.fromisoformat(eve) + timedelta(seconds=60)).isoformat())
    box.result("receipt.reprint", id=sold, key="k2")
    box.wait_copy(sold, "customer", "printed", 2)
    texts = [paper.text for paper in box.paper()]
    assert before in texts[1]
    assert after in texts[2]
    assert until(box, sold) == window
    assert abs(window - datetime.fromisoformat(eve) - timedelta(hours=1, minutes=55)) < timedelta(minutes=2)
    assert shop.suspicions() == []


def test_a_leap_day(clocked: Callable[..., Clocked]) -> None:
    shop = clocked(policy={"reprint_window": "30d"})
    box = shop.box
    shop.at("2028-02-29T15:59:58+00:00")
    shop.start()
    sold = shop.sell(1, time="2028-02-29T23:59:58+08:00")
    shop.at("2028-02-29T16:00:05+00:00")
    shop.sell(2, time="2028-03-01T00:00:05+08:00")
    window = until(box, sold).astimezone(UTC)
    assert (window.year, window.month, window.day) == (2028, 3, 30)
    day = {"since": "2028-02-29T00:00:00+08:00", "until": "2028-02-29T23:59:59+08:00"}
    assert [row["id"] for row in box.result("transaction.search", **day)["transactions"]] == [sold]
    wrong = cash("clock-3", time="2027-02-29T10:00:00+08:00")
    assert box.error("transaction.submit", transaction=wrong)["data"]["field"] == "transaction.time"
    assert shop.suspicions() == []
