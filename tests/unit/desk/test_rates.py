"""How often copies may be asked for in a minute, by each and by all, and what a storm of them costs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from posd.desk.bounds import WHOLE_MAX
from posd.desk.rates import MINUTE_MS
from posd.domain import events as ev
from posd.domain import requests as rq
from posd.domain.doer import Doer
from posd.domain.errors import Refusal
from tests.unit.desk.shop import TILL, Shop
from tests.unit.desk.test_runner import House, Ledger
from tests.unit.domain.samples import cash

FEW = '[slip]\ncopies = ["customer"]\n[policy]\nreprint_copies = 99\nrequests_each = 3\nrequests_all = 5\n'
OTHERS = [Doer(kind="peer", uid=2000 + n, gid=1, pid=9, roles=("till",)) for n in range(5)]


def sold(toml: str = FEW) -> Shop:
    shop = Shop(toml)
    shop.submit(cash(id="t1"))
    shop.print_all()
    return shop


def ask(shop: Shop, key: str, doer: Doer = TILL, sale: str = "t1") -> str:
    """`ok`, or the kind of the refusal and the time from which it works."""
    try:
        shop.reprint(sale, key, doer)
    except Refusal as refusal:
        return f"{refusal.kind} {refusal.until[11:19]}" if refusal.until else refusal.kind
    shop.print_all()
    return "ok"


def test_so_many_a_minute_of_one_asker_and_the_refusal_says_until_when() -> None:
    shop = sold()
    assert [ask(shop, f"a{n}") for n in range(2)] == ["ok", "ok"]
    shop.pass_time(20_000)
    assert [ask(shop, f"b{n}") for n in range(3)] == ["ok", "too-soon 12:01:00", "too-soon 12:01:00"]
    assert ask(shop, "o", OTHERS[0]) == "ok", "another asker has as many of its own"
    shop.pass_time(MINUTE_MS - 20_001)
    assert ask(shop, "c") == "too-soon 12:01:00"
    shop.pass_time(1)
    assert [ask(shop, f"d{n}") for n in range(3)] == ["ok", "ok", "too-soon 12:01:20"]


def test_so_many_a_minute_of_all_together() -> None:
    shop = sold()
    assert [ask(shop, f"a{n}", OTHERS[n % 5]) for n in range(6)] == ["ok"] * 5 + ["too-soon 12:01:00"]
    assert not shop.press("reprint-last"), "the keypad is one of them"


def test_refused_requests_and_forged_ids_count_too() -> None:
    shop = sold()
    for n in range(2):
        assert ask(shop, f"f{n}", sale="forged") == "not-found"
    with pytest.raises(Refusal):
        shop.reprint("t1", "m", amount="1.00")
    assert ask(shop, "a") == "too-soon 12:01:00"


def test_what_is_answered_from_what_is_stored_and_what_releases_an_original_counts_not() -> None:
    shop = Shop(FEW)
    assert not shop.state.requests
    shop.submit(cash(id="t1"))
    for _ in range(9):
        shop.fails()
        assert shop.reprint("t1", f"r{len(shop.log)}").number == 0
        shop.pass_time(1000)
        shop.tick()
    shop.print_all()
    assert [shop.reprint("t1", "same").job for _ in range(9)] == ["000001-c1"] * 9
    shop.print_all()
    assert [ask(shop, f"a{n}") for n in range(3)] == ["ok", "ok", "too-soon 12:01:09"]


def test_a_key_that_is_stuck_makes_so_many_copies_a_minute() -> None:
    shop = sold()
    pressed = []
    for _ in range(20):
        pressed.append(shop.press("reprint-last"))
        shop.print_all()
    assert pressed == [True] * 3 + [False] * 17


def test_a_restart_forgets_the_minute() -> None:
    shop = sold()
    assert [ask(shop, f"a{n}") for n in range(4)][-1] == "too-soon 12:01:00"
    shop.restart()
    shop.report("printer", "ready")
    assert ask(shop, "b") == "ok"


def test_a_storm_costs_the_journal_and_the_memory_no_more_than_so_much() -> None:
    """A mad client and a stuck key ask ten thousand times in an hour: for slips, forged ids, with wrong statements."""
    shop = sold('[slip]\ncopies = ["customer"]\n[policy]\nreprint_copies = 5')
    records = len(shop.log)
    mad = Doer(kind="peer", uid=666, gid=1, pid=7, roles=("till",))
    told = 0
    for n in range(10_000):
        try:
            shop.ask(rq.ReprintAsk(("t1", f"forged-{n}")[n % 2], f"k{n}", amount=(None, "1.00")[n % 3 == 0]), mad)
        except Refusal:
            told += 1
        if n % 4 == 0:
            told += not shop.press("reprint-last")
        shop.print_all()
        shop.pass_time(300)
    shop.pass_time(600_001)
    shop.tick()
    grown = len(shop.log) - records
    refused = shop.events(ev.ReprintRefused)
    counted = sum(sum(e.counts.values()) for e in shop.events(ev.RequestsRefused))
    assert len(refused) + counted == told, "none is without a record"
    assert len(refused) == 2 * WHOLE_MAX
    assert len(shop.events(ev.RequestsRefused)) == 1
    assert grown < 100, grown
    assert len(shop.state.requests) <= 60
    assert len(shop.state.keys) <= 5
    assert not shop.state.parts, "forged ids leave nothing behind"


def test_forged_ids_beyond_the_limit_are_not_looked_up_in_the_archive() -> None:
    """Each would cost a thread and a look at the disk, before the desk refuses it."""

    class Archived(Ledger):
        looked = 0

        def archived(self) -> int | None:
            return 0

        def past(self, sale_id: str, parts: Sequence[int]) -> list[tuple[int, ev.AnyEvent]]:
            self.looked += 1
            return []

    async def storm() -> tuple[int, list[str]]:
        ledger = Archived()
        house = House(FEW, ledger).ready()
        kinds = []
        for n in range(20):
            asked = house.asks(rq.ReprintAsk(f"forged-{n}", f"k{n}"))
            while not asked.done():
                await asyncio.sleep(0)
                house.sync()
            refusal = asked.exception()
            assert isinstance(refusal, Refusal)
            kinds.append(refusal.kind)
        return ledger.looked, kinds

    assert asyncio.run(storm()) == (3, ["not-found"] * 3 + ["too-soon"] * 17)
