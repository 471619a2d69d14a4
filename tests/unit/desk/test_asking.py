"""Copies that wait for a supervisor, those that are withdrawn, and how many may wait."""

from __future__ import annotations

from typing import Any

import pytest

from posd.desk import asking
from posd.domain import events as ev
from posd.domain import requests as rq
from posd.domain.doer import Doer
from posd.domain.errors import Refusal
from tests.unit.desk.shop import SUPERVISOR, TILL, Shop, folded, lasting
from tests.unit.domain.samples import cash

ONE = '[slip]\ncopies = ["customer"]\n[policy]\n'
OTHER = Doer(kind="peer", uid=1005, gid=1005, pid=9, roles=("till",))
CASHIER = Doer(kind="peer", uid=1006, gid=1006, pid=10, roles=("cashier",))


def sold(policy: str = 'supervisor_from = "0"', sales: int = 1) -> Shop:
    shop = Shop(ONE + policy)
    for n in range(1, sales + 1):
        shop.submit(cash(id=f"t{n}"))
    shop.print_all()
    return shop


def wait(shop: Shop, sale: str = "t1", key: str = "k1", doer: Doer = TILL) -> str:
    told = shop.reprint(sale, key, doer, approval="wait")
    assert (told.state, told.number) == ("waiting-approval", 0)
    return str(told.job)


def refused(shop: Shop, request: Any, doer: Doer = TILL) -> str:
    with pytest.raises(Refusal) as caught:
        shop.ask(request, doer)
    return caught.value.kind


def test_a_request_waits_is_listed_approved_and_prints_as_the_askers() -> None:
    shop = sold()
    job = wait(shop)
    assert shop.job is None
    [view] = shop.ask(rq.ReprintsWaiting(), CASHIER).requests
    assert (view.job, view.id, view.receipt, view.total, view.by) == (job, "t1", "000001", "36.00", "uid 1000 pid 4242")
    assert wait(shop) == job, "the same key tells of the same request"
    made = shop.ask(rq.ReprintApprove(job), SUPERVISOR)
    assert (made.job, made.number, made.state) == ("000001-c1", 1, "queued")
    assert shop.print_all() == ["000001-c1"]
    [decided], [requested] = shop.events(ev.ReprintDecided), shop.events(ev.ReprintRequested)
    assert (decided.outcome, decided.doer, requested.doer, requested.request) == ("approved", SUPERVISOR, TILL, job)
    assert shop.reprint("t1", "k1", approval="wait").job == "000001-c1"
    assert lasting(folded(shop.log)) == lasting(shop.state)


def test_an_approval_cannot_be_said_again() -> None:
    shop = sold()
    job = wait(shop)
    shop.ask(rq.ReprintApprove(job), SUPERVISOR)
    assert refused(shop, rq.ReprintApprove(job), SUPERVISOR) == "conflict"
    assert refused(shop, rq.ReprintApprove("r9999"), SUPERVISOR) == "conflict"
    shop.print_all()
    assert shop.copies("t1") == {"c0": "printed", "c1": "printed"}


@pytest.mark.parametrize("how", ["declined", "cancelled", "expired"])
def test_what_is_not_approved_prints_nothing_and_leaves_its_key_free(how: str) -> None:
    shop = sold()
    job = wait(shop)
    if how == "declined":
        assert shop.ask(rq.ReprintApprove(job, approve=False), SUPERVISOR).state == "declined"
    elif how == "cancelled":
        assert shop.ask(rq.ReprintCancel(job)).state == "cancelled"
    else:
        shop.pass_time(asking.WAIT_MS)
        shop.tick()
        assert job in shop.state.asking
        shop.pass_time(1)
        shop.tick()
    assert [e.outcome for e in shop.events(ev.ReprintDecided)] == [how]
    assert refused(shop, rq.ReprintApprove(job), SUPERVISOR) == "conflict"
    assert shop.copies("t1") == {"c0": "printed"}
    assert wait(shop) != job


def test_the_other_rules_are_looked_at_again_and_the_request_goes_on_waiting() -> None:
    shop = sold('supervisor_from = "0"\nreprint_window = "5min"')
    job = wait(shop)
    shop.pass_time(300_001)
    assert refused(shop, rq.ReprintApprove(job), SUPERVISOR) == "window-closed"
    assert job in shop.state.asking
    assert [e.kind for e in shop.events(ev.ReprintRefused)] == ["window-closed"]


def test_who_needs_no_supervisor_does_not_wait_and_who_does_not_say_so_is_refused() -> None:
    shop = sold()
    assert shop.reprint("t1", "a", SUPERVISOR, approval="wait").number == 1
    assert refused(shop, rq.ReprintAsk("t1", "b")) == "needs-supervisor"


def test_a_request_outlives_a_restart_and_so_does_its_time() -> None:
    shop = sold()
    job = wait(shop)
    shop.restart()
    shop.report("printer", "ready")
    assert shop.ask(rq.ReprintApprove(job), SUPERVISOR).number == 1


def test_a_request_of_a_time_that_is_still_to_come_ends() -> None:
    """It was recorded while the clock was ahead, and the record that says by how much is no longer there."""
    shop = sold()
    job = wait(shop)
    shop.state.asking[job] = shop.state.asking[job]._replace(since_ms=shop.ms + 1)
    shop.tick()
    assert [e.outcome for e in shop.events(ev.ReprintDecided)] == ["expired"]


def test_so_many_requests_wait_and_no_more_and_each_refusal_is_recorded() -> None:
    shop = sold(sales=asking.ALL_MAX + 1)
    wait(shop)
    assert refused(shop, rq.ReprintAsk("t1", "again", approval="wait")) == "busy"
    for n in range(2, asking.EACH_MAX + 1):
        wait(shop, f"t{n}", f"k{n}")
    assert refused(shop, rq.ReprintAsk("t9", "k9", approval="wait")) == "busy"
    for n in range(asking.EACH_MAX + 1, asking.ALL_MAX + 1):
        wait(shop, f"t{n}", f"k{n}", Doer(kind="peer", uid=2000 + n))
    assert refused(shop, rq.ReprintAsk(f"t{asking.ALL_MAX + 1}", "k", approval="wait"), OTHER) == "busy"
    assert len(shop.events(ev.ReprintRefused)) == 3


def test_a_storm_of_requests_fills_neither_the_queue_nor_the_paper() -> None:
    """A mad client asks for a copy of each sale, and then others join."""
    shop = sold("reprint_copies = 99\nrequests_each = 999\nrequests_all = 999", sales=60)
    shop.submit(cash(id="live"))  # on the printer, so that nothing prints meanwhile
    kinds = []
    for n in range(1, 31):
        try:
            shop.reprint(f"t{n}", f"k{n}")
            kinds.append("ok")
        except Refusal as refusal:
            kinds.append(refusal.kind)
    assert kinds == ["ok"] * asking.QUEUED_EACH_MAX + ["busy"] * (30 - asking.QUEUED_EACH_MAX)
    assert shop.reprint("t31", "mine", OTHER).state == "queued", "another client is served"
    taken, kinds = 0, []
    for n in range(60):
        try:
            shop.reprint(f"t{n + 1}", f"m{n}", Doer(kind="peer", uid=3000 + n))
            taken += 1
        except Refusal as refusal:
            kinds.append(refusal.kind)
    assert set(kinds) == {"busy"}
    assert taken == asking.QUEUED_ALL_MAX - asking.QUEUED_EACH_MAX - 1


def test_a_copy_is_withdrawn_until_it_is_on_the_printer() -> None:
    shop = sold("", sales=2)
    shop.submit(cash(id="live"))
    job = shop.reprint("t1", "a").job
    assert shop.ask(rq.ReprintCancel(job)).state == "cancelled"
    assert shop.ask(rq.ReprintCancel(job)).state == "cancelled"
    assert len(shop.events(ev.ReprintCancelled)) == 1
    second = shop.reprint("t2", "b").job
    shop.printed()
    assert shop.job == second
    assert refused(shop, rq.ReprintCancel(second)) == "conflict"
    shop.print_all()
    assert refused(shop, rq.ReprintCancel(second)) == "conflict"
    assert refused(shop, rq.ReprintCancel("000001-c0")) == "not-found", "an original is not to be withdrawn"
    assert refused(shop, rq.ReprintCancel("nonsense")) == "not-found"


def test_only_who_asked_withdraws_or_a_supervisor_and_a_key_s_copy_any_cashier() -> None:
    shop = sold("", sales=2)
    shop.submit(cash(id="live"))
    job = shop.reprint("t1", "a").job
    assert refused(shop, rq.ReprintCancel(job), OTHER) == "denied"
    assert refused(shop, rq.ReprintCancel(job), CASHIER) == "denied"
    assert shop.ask(rq.ReprintCancel(job), SUPERVISOR).state == "cancelled"
    assert shop.press("reprint-number", "2")
    assert refused(shop, rq.ReprintCancel("000002-c1"), OTHER) == "denied"
    assert shop.ask(rq.ReprintCancel("000002-c1"), CASHIER).state == "cancelled"


def test_a_withdrawn_copy_leaves_the_list() -> None:
    shop = sold("")
    job = shop.reprint("t1", "a").job
    shop.fails()
    assert shop.open_items("t1")
    shop.ask(rq.ReprintCancel(job))
    assert not shop.open_items("t1")


def test_about_when_a_copy_will_be_out() -> None:
    shop = sold("", sales=2)
    shop.submit(cash(id="live"))
    assert shop.reprint("t1", "a").prints_at == "2026-11-21T12:00:08+08:00"
    assert shop.reprint("t2", "b").prints_at == "2026-11-21T12:00:12+08:00"
    shop.submit(cash(id="live2"))
    assert shop.reprint("t1", "a").prints_at == "2026-11-21T12:00:12+08:00", "a live slip came in between"
    shop.print_all()
    assert shop.reprint("t1", "a").prints_at is None


@pytest.mark.parametrize(("date", "expected"), [("2026-11-21", "ok"), ("2026-11-22", "mismatch")])
def test_the_date_that_is_stated_must_be_the_sale_s(date: str, expected: str) -> None:
    shop = sold("")
    if expected == "ok":
        assert shop.reprint("t1", date=date).number == 1
        return
    with pytest.raises(Refusal) as caught:
        shop.reprint("t1", date=date)
    assert (caught.value.kind, caught.value.field) == ("mismatch", "date")
    assert "2026" not in caught.value.message
