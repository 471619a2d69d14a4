"""What the runner adds to counts, self-tests and the clock: when it ticks, when it stops, and when it only looks."""

from __future__ import annotations

import pytest

from posd.desk.bounds import WHOLE_MAX, WINDOW_MS
from posd.desk.ports import Now
from posd.domain import events as ev
from posd.domain import requests as rq
from posd.domain import views
from posd.domain.device import DeviceReport, PrintOutcome
from posd.domain.errors import Refusal
from tests.unit.desk.shop import DAY_MS, NOON_MS, TILL
from tests.unit.desk.test_runner import House, run, settle, sold
from tests.unit.domain.samples import cash

ONE = '[slip]\ncopies = ["customer"]'


def kinds(house: House) -> list[type]:
    return [type(event) for event in house.ledger.events()]


def test_a_stop_records_what_was_only_counted() -> None:
    async def scene() -> None:
        house = House(ONE).ready()
        await sold(house, "t1")
        assert ev.DeviceCounted not in kinds(house)
        house.desk.leave()
        assert kinds(house)[-1] is ev.DeviceCounted

    run(scene)


def test_who_only_looks_records_nothing_whatever_the_clock_says() -> None:
    async def scene() -> None:
        house = House(ONE).ready()
        await sold(house, "t1")
        house.sync()
        before = len(kinds(house))
        house.desk.only_look()
        house.desk._clock = lambda: Now(NOON_MS + 400 * DAY_MS, 0)
        found = await house.desk.ask(rq.Get("t1"), TILL)
        assert isinstance(found, views.Found)
        house.desk.tick()
        house.desk.leave()
        assert len(kinds(house)) == before

    run(scene)


def test_time_passes_for_a_self_test_that_waits_alone() -> None:
    async def scene() -> None:
        house = House(ONE).ready()
        house.sells(cash(id="t1"))
        await settle()
        asking = house.asks(rq.SelftestAsk("s1"))
        await settle()
        house.sync()
        assert isinstance(await asking, views.Selftested)
        house.desk.tell(DeviceReport("printer", "attention", ("paper-end",)))
        house.desk.tell(PrintOutcome("000001-c0", "unknown", None, "paper-end"))
        assert not house.desk.state.owed
        house.ms += 600_001
        house.desk.tick()
        last = [e for e in house.ledger.events() if isinstance(e, ev.SelftestChanged)][-1]
        assert (last.state, last.cause) == ("failed", "stale")

    run(scene)


def test_a_full_journal_takes_no_self_test() -> None:
    async def scene() -> None:
        house = House(ONE).ready()
        house.ledger.sales = False
        with pytest.raises(Refusal) as caught:
            await house.desk.ask(rq.SelftestAsk("s1"), TILL)
        assert caught.value.kind == "journal-full"

    run(scene)


def test_refusals_that_were_counted_while_room_was_short_are_told_when_there_is_room_again() -> None:
    async def scene() -> None:
        house = House(ONE).ready()
        await sold(house, "t1")
        house.ledger.sales = False
        with pytest.raises(Refusal):
            await house.desk.ask(rq.ReprintAsk("t1", "k1", amount="1.00"), TILL)
        house.ms += WINDOW_MS
        house.desk.tick()
        assert ev.RequestsRefused not in kinds(house)
        house.ledger.sales = True
        house.desk.tick()
        assert ev.RequestsRefused in kinds(house)

    run(scene)


def test_counts_are_told_when_their_hour_is_over_though_nothing_waits() -> None:
    async def scene() -> None:
        house = House(ONE).ready()
        for n in range(2 * WHOLE_MAX + 1):
            house.desk.tell(DeviceReport("keypad", "absent" if n % 2 else "ready"))
        before = len(kinds(house))
        house.ms += WINDOW_MS
        house.desk.tick()
        assert kinds(house)[before:] == [ev.ExceptionsSwept, ev.DeviceChanged]

    run(scene)
