"""The self-test slip: behind all else, once, and its end is told."""

from __future__ import annotations

from typing import Any

import pytest

from posd.desk import printing
from posd.domain import events as ev
from posd.domain import requests as rq
from posd.domain.device import DeviceReport
from posd.domain.errors import Refusal
from posd.domain.views import Selftested
from tests.unit.desk.shop import TILL, Shop, folded, lasting
from tests.unit.domain.samples import cash

ONE = '[slip]\ncopies = ["customer"]'


def ask(shop: Shop, key: str = "s1") -> Selftested:
    answer: Selftested = shop.ask(rq.SelftestAsk(key))
    return answer


def states(shop: Shop) -> list[str]:
    return [e.state for e in shop.events(ev.SelftestChanged)]


def test_it_prints_and_tells_its_proof() -> None:
    shop = Shop(ONE)
    shop.give(DeviceReport("printer", "ready", (), "", {"path": "/dev/lp0", "model": "TM"}))
    answer = ask(shop)
    assert (answer.state, shop.job) == ("queued", answer.job)
    assert "SELFTEST" in shop.paper[0]
    assert "('model', 'TM')" in shop.paper[0]
    shop.printed("assumed")
    assert ask(shop) == Selftested(answer.job, "printed", "assumed")
    assert states(shop) == ["queued", "printing", "printed"]
    assert shop.events(ev.SelftestChanged)[0].doer == TILL
    assert len(shop.jobs) == 1, "the same key is the same test"
    assert lasting(folded(shop.log)) == lasting(shop.state)


def test_it_waits_behind_sales_and_reprints_also_those_that_come_later() -> None:
    shop = Shop(ONE)
    shop.submit(cash(id="t1"))
    shop.submit(cash(id="t2"))
    test = ask(shop).job
    shop.printed()
    shop.reprint("t1")
    shop.submit(cash(id="t3"))
    assert shop.print_all() == ["000002-c0", "000003-c0", "000001-c1", test]


@pytest.mark.parametrize(
    ("report", "kind"), [(("attention", "paper-end"), "device-fault"), (("absent",), "device-absent")]
)
def test_without_a_printer_it_is_refused_at_once(report: Any, kind: str) -> None:
    shop = Shop(ONE)
    shop.report("printer", *report)
    with pytest.raises(Refusal) as caught:
        ask(shop)
    assert caught.value.kind == kind
    assert states(shop) == []


def test_one_at_a_time_and_a_key_means_one_thing() -> None:
    shop = Shop(ONE)
    ask(shop)
    with pytest.raises(Refusal) as caught:
        ask(shop, "s2")
    assert caught.value.kind == "busy"
    shop.printed()
    ask(shop, "s2")
    with pytest.raises(Refusal) as caught:
        shop.ask(rq.SelftestAsk("s3"), full=True)
    assert caught.value.kind == "busy"
    shop.printed()
    with pytest.raises(Refusal) as caught:
        shop.ask(rq.SelftestAsk("s3"), full=True)
    assert caught.value.kind == "journal-full"


def test_a_key_that_was_used_for_another_request_conflicts() -> None:
    shop = Shop(ONE)
    ask(shop)
    next(iter(shop.state.tests.values())).content = "other"
    with pytest.raises(Refusal) as caught:
        ask(shop)
    assert caught.value.kind == "conflict"


@pytest.mark.parametrize(("end", "hangs"), [("fails", False), ("unknown", True)])
def test_it_is_never_sent_twice(end: str, hangs: bool) -> None:
    shop = Shop(ONE)
    ask(shop)
    getattr(shop, end)("paper-end")
    shop.pass_time(60_000)
    shop.tick()
    assert len(shop.jobs) == 1
    assert states(shop)[-1] == {"fails": "failed", "unknown": "unknown"}[end]
    assert shop.events(ev.SelftestChanged)[-1].cause == "paper-end"
    assert printing.may_hang(shop.state) is hangs
    assert shop.open_items() == [], "no sale is the worse for it"


def test_one_that_waited_too_long_ends() -> None:
    shop = Shop(ONE)
    shop.submit(cash(id="t1"))
    ask(shop)
    shop.fails("paper-end")
    shop.report("printer", "attention", "paper-end")
    shop.pass_time(600_000)
    shop.tick()
    assert states(shop) == ["queued"]
    shop.pass_time(1)
    shop.tick()
    assert (states(shop), shop.events(ev.SelftestChanged)[-1].cause) == (["queued", "failed"], "stale")
    shop.report("printer", "ready")
    assert "SELFTEST" not in "".join(shop.paper)


@pytest.mark.parametrize(("lose", "end"), [(1, "failed"), (0, "unknown")])
def test_a_restart_ends_it(lose: int, end: str) -> None:
    shop = Shop(ONE)
    ask(shop)
    shop.restart(lose=lose)
    shop.report("printer", "ready")
    assert states(shop)[-1] == end
    assert shop.events(ev.SelftestChanged)[-1].cause == "restart"
    assert shop.job is None
    assert printing.may_hang(shop.state) is (end == "unknown")


def test_the_newest_are_known_by_their_key() -> None:
    shop = Shop(ONE)
    jobs = []
    for n in range(12):
        jobs.append(ask(shop, f"s{n}").job)
        shop.printed()
    assert ask(shop, "s11").job == jobs[11]
    assert len(shop.state.tests) == 8
    assert ask(shop, "s0").job not in jobs


def test_after_a_self_test_that_failed_the_next_slip_waits_for_the_printers_report() -> None:
    shop = Shop(ONE)
    ask(shop)
    shop.submit(cash(id="t1"))
    shop.fails()
    assert shop.job is None
    shop.pass_time(printing.RETRY_MS)
    shop.tick()
    assert shop.job == "000001-c0"
