"""What repeats without end is told in few records, and nothing of it is silent."""

from __future__ import annotations

import pytest

from posd.desk.bounds import ASKERS_MAX, WHOLE_ALL_MAX, WHOLE_MAX, WINDOW_MS
from posd.desk.messages import Leave
from posd.domain import events as ev
from posd.domain import requests as rq
from posd.domain.doer import Doer
from posd.domain.errors import Refusal
from tests.unit.desk.shop import Shop
from tests.unit.domain.samples import cash

ONE = '[slip]\ncopies = ["customer"]\n[policy]\nrequests_each = 6000\nrequests_all = 6000'


def refused(shop: Shop, times: int = 1, uid: int = 1000, *, full: bool = False) -> None:
    doer = Doer(kind="peer", uid=uid, gid=1, pid=7, roles=("till",))
    for n in range(times):
        with pytest.raises(Refusal):
            shop.ask(rq.ReprintAsk("t1", f"k{n}", amount="1.00"), doer, full=full)


def sold() -> Shop:
    shop = Shop(ONE)
    shop.submit(cash(id="t1"))
    shop.print_all()
    return shop


def test_refusals_beyond_the_bound_are_told_by_their_number_at_the_end_of_the_hour() -> None:
    shop = sold()
    since = shop.ms
    refused(shop, WHOLE_MAX)
    assert len(shop.events(ev.ReprintRefused)) == WHOLE_MAX
    before = len(shop.log)
    refused(shop, 500)
    assert len(shop.log) == before
    refused(shop, WHOLE_MAX + 2, uid=1001)
    assert len(shop.log) == before + WHOLE_MAX, "another asker has as many of its own"
    before = len(shop.log)
    shop.pass_time(WINDOW_MS - 1)
    shop.tick()
    assert len(shop.log) == before
    shop.pass_time(1)
    shop.tick()
    (told,) = shop.events(ev.RequestsRefused)
    assert (told.since, told.counts) == (since, {"uid 1000: mismatch": 500, "uid 1001: mismatch": 2})
    refused(shop)
    assert len(shop.events(ev.ReprintRefused)) == 2 * WHOLE_MAX + 1, "a new window"


def test_a_stop_tells_what_was_counted() -> None:
    shop = sold()
    refused(shop, WHOLE_MAX + 3)
    shop.press("reprint-number", "77777")
    shop.give(Leave())
    assert [e.counts for e in shop.events(ev.RequestsRefused)] == [{"uid 1000: mismatch": 3}]


def test_what_was_refused_for_want_of_room_is_told_when_there_is_room() -> None:
    shop = sold()
    refused(shop, 3, full=True)
    shop.pass_time(WINDOW_MS)
    shop.tick()
    assert shop.events(ev.ReprintRefused, ev.RequestsRefused) == []
    shop.state.room = "plenty"
    shop.tick()
    assert [e.counts for e in shop.events(ev.RequestsRefused)] == [{"uid 1000: mismatch": 3}]


def test_so_many_askers_are_told_apart_and_no_more() -> None:
    shop = sold()
    for uid in range(2000, 2000 + WHOLE_ALL_MAX):
        refused(shop, uid=uid)
    assert len(shop.events(ev.ReprintRefused)) == WHOLE_ALL_MAX
    for uid in range(ASKERS_MAX + 10):
        refused(shop, uid=uid)
    shop.give(Leave())
    (told,) = shop.events(ev.RequestsRefused)
    assert len(told.counts) == ASKERS_MAX + 1
    assert told.counts["others"] == 10


def flap(shop: Shop, times: int) -> None:
    for n in range(times):
        shop.report("printer", *(("attention", "cover-open") if n % 2 == 0 else ("ready",)))


def test_a_device_that_flaps_is_told_by_the_number_and_the_end_of_it() -> None:
    shop = Shop(ONE)
    before = len(shop.events(ev.DeviceChanged))
    flap(shop, 2 * WHOLE_MAX + 1)
    assert len(shop.events(ev.DeviceChanged)) == WHOLE_MAX + 1, "with those of the start, by device"
    assert before == 2
    shop.pass_time(WINDOW_MS)
    shop.tick()
    last = shop.events(ev.DeviceChanged)[-1]
    assert (last.state, last.reasons, last.more) == ("attention", ("cover-open",), WHOLE_MAX + 2)
    shop.report("printer", "ready")
    assert shop.events(ev.DeviceChanged)[-1].more == 0


def test_flapping_holds_up_nothing() -> None:
    shop = Shop(ONE)
    flap(shop, 2 * WHOLE_MAX)
    shop.submit(cash(id="t1"))
    assert shop.print_all() == ["000001-c0"]
    shop.report("printer", "attention", "paper-end")
    shop.submit(cash(id="t2"))
    assert shop.open_items() == [("unprinted", "device", "customer", 0)]


def test_a_device_that_is_just_opening_is_told_of_when_it_has_said_what_it_is() -> None:
    shop = Shop(ONE)
    flap(shop, 2 * WHOLE_MAX)
    shop.report("printer", "opening")
    shop.pass_time(WINDOW_MS)
    shop.tick()
    assert {e.state for e in shop.events(ev.DeviceChanged)} == {"ready", "attention"}
    shop.report("printer", "faulted", "no-answer")
    last = shop.events(ev.DeviceChanged)[-1]
    assert (last.state, last.more) == ("faulted", WHOLE_MAX + 2)
