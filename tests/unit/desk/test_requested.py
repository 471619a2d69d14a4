"""Each request for a copy has a name under which it is found, from asking until the copy is in the hand."""

from __future__ import annotations

from typing import Any

import pytest

from posd.desk import asking
from posd.desk.bounds import WHOLE_MAX
from posd.domain import events as ev
from posd.domain import requests as rq
from posd.domain.doer import Doer
from posd.domain.errors import Refusal
from tests.unit.desk.shop import SUPERVISOR, TILL, Shop
from tests.unit.domain.samples import cash

ONE = '[slip]\ncopies = ["customer"]\n[policy]\nrequests_each = 999\nrequests_all = 999\n'
AUDITOR = Doer(kind="peer", uid=1009, gid=1, pid=1, roles=("auditor",))


def sold(policy: str = "") -> Shop:
    shop = Shop(ONE + policy)
    shop.submit(cash(id="t1"))
    shop.print_all()
    return shop


def standing(shop: Shop, name: str) -> Any:
    return shop.ask(rq.ReprintShow(name), AUDITOR)


def refused(shop: Shop, request: Any, doer: Doer = TILL) -> Refusal:
    with pytest.raises(Refusal) as caught:
        shop.ask(request, doer)
    return caught.value


def test_from_queued_to_done_by_its_name_and_by_its_job() -> None:
    shop = sold()
    shop.submit(cash(id="live"))
    made = shop.reprint("t1", "k1", reason="torn")
    assert made.request == f"r{len(shop.log)}"
    assert shop.events(ev.ReprintRequested)[-1].request == made.request
    queued = standing(shop, made.request)
    assert (queued.state, queued.job, queued.number, queued.reason) == ("queued", "000001-c1", 1, "torn")
    assert (queued.id, queued.by, queued.prints_at is not None) == ("t1", "uid 1000 pid 4242", True)
    assert standing(shop, made.job) == queued
    shop.printed()
    assert standing(shop, made.request).state == "printing"
    shop.fails()
    assert standing(shop, made.request).state == "queued", "it goes again"
    shop.pass_time(1000)
    shop.tick()
    shop.printed()
    done = standing(shop, made.request)
    assert (done.state, done.prints_at) == ("done", None)
    assert shop.reprint("t1", "k1", reason="torn").request == made.request, "the same key tells of the same request"


@pytest.mark.parametrize("how", ["cancelled", "unknown"])
def test_other_ends_of_a_copy(how: str) -> None:
    shop = sold()
    if how == "cancelled":
        shop.submit(cash(id="live"))
    made = shop.reprint("t1", "k1")
    if how == "cancelled":
        assert shop.ask(rq.ReprintCancel(made.job)).request == made.request
    else:
        shop.unknown()
    assert standing(shop, made.request).state == how
    shop.restart()
    assert standing(shop, made.request).state == how, "the journal knows it"


def test_a_refused_request_has_a_name_of_its_own_and_is_found_by_it() -> None:
    shop = sold("reprint_copies = 0")
    refusal = refused(shop, rq.ReprintAsk("t1", "k1", reason="torn"))
    assert refusal.request == f"r{len(shop.log)}"
    assert shop.log[-1].request == refusal.request
    found = standing(shop, refusal.request or "")
    assert (found.state, found.kind, found.message) == ("refused", "copies-spent", refusal.message)
    assert (found.id, found.reason, found.job, found.by) == ("t1", "torn", None, "uid 1000 pid 4242")


@pytest.mark.parametrize("sale", ["forged", "T1", "last "])
def test_a_request_for_a_slip_that_is_not_this_terminals_is_refused_recorded_and_found(sale: str) -> None:
    shop = sold()
    refusal = refused(shop, rq.ReprintAsk(sale, "k1"))
    assert (refusal.kind, refusal.field) == ("not-found", "id")
    found = standing(shop, refusal.request or "")
    assert (found.state, found.id, found.message) == ("refused", "", refusal.message)
    assert sale in found.message
    assert not shop.state.parts


def test_who_may_not_ask_is_refused_on_record_like_everybody() -> None:
    shop = sold()
    refusal = refused(
        shop, rq.ReprintDenied(rq.ReprintAsk("t1", "k1", reason="torn"), "It is for the role till."), AUDITOR
    )
    found = standing(shop, refusal.request or "")
    assert (refusal.kind, found.kind, found.message, found.id) == ("denied", "denied", "It is for the role till.", "t1")
    assert (found.by, found.reason) == ("uid 1009 pid 1", "torn")
    assert shop.copies("t1") == {"c0": "printed"}
    assert not shop.state.keys


def test_a_key_used_for_something_else_is_a_refused_request_too() -> None:
    shop = sold()
    shop.reprint("t1", "k1")
    refusal = refused(shop, rq.ReprintAsk("t1", "k1", reason="other"))
    found = standing(shop, refusal.request or "")
    assert (refusal.kind, found.kind, found.id) == ("conflict", "conflict", "t1")


def test_a_copy_that_a_supervisor_approved_and_that_is_asked_for_again_is_found_under_both_names() -> None:
    shop = sold('supervisor_from = "0"')
    first = shop.reprint("t1", "k1", approval="wait").request
    shop.ask(rq.ReprintApprove(first), SUPERVISOR)
    shop.fails()
    shop.pass_time(600_001)
    shop.tick()
    again = shop.reprint("t1", "k2", SUPERVISOR).request
    assert [standing(shop, name).state for name in (first, again)] == ["printing", "printing"]
    assert [standing(shop, name).by for name in (first, again)] == ["uid 1000 pid 4242", "uid 1001 pid 4243"]


@pytest.mark.parametrize("how", ["approved", "declined", "cancelled", "expired"])
def test_a_request_that_waits_keeps_its_name_whatever_becomes_of_it(how: str) -> None:
    shop = sold('supervisor_from = "0"')
    name = shop.reprint("t1", "k1", approval="wait").request
    assert standing(shop, name).state == "waiting-approval"
    if how == "approved":
        assert shop.ask(rq.ReprintApprove(name), SUPERVISOR).request == name
        shop.print_all()
    elif how == "declined":
        assert shop.ask(rq.ReprintApprove(name, approve=False), SUPERVISOR).request == name
    elif how == "cancelled":
        shop.ask(rq.ReprintCancel(name))
    else:
        shop.pass_time(asking.WAIT_MS + 1)
        shop.tick()
    for _ in range(2):
        found = standing(shop, name)
        assert found.state == ("done" if how == "approved" else how)
        assert (found.job, found.by) == ("000001-c1" if how == "approved" else None, "uid 1000 pid 4242")
        shop.restart()


def test_a_copy_that_is_asked_for_again_is_found_under_both_names() -> None:
    shop = sold()
    first = shop.reprint("t1", "k1").request
    shop.fails()
    shop.pass_time(600_001)
    shop.tick()
    again = shop.reprint("t1", "k2").request
    assert first != again
    shop.print_all()
    assert [standing(shop, name).state for name in (first, again)] == ["done", "done"]


def test_beyond_the_bound_a_refused_request_has_no_name() -> None:
    shop = sold("reprint_copies = 0")
    names = [refused(shop, rq.ReprintAsk("t1", f"k{n}")).request for n in range(WHOLE_MAX + 1)]
    assert names[-1] is None
    assert len(set(names[:-1])) == WHOLE_MAX


@pytest.mark.parametrize("name", ["r0", "r1", "r99999999999999999999", "r", "x1", "000001-c0", "000001-c9", "-", "r-1"])
def test_what_names_no_request_is_not_found(name: str) -> None:
    shop = sold()
    shop.reprint("t1", "k1")
    refusal = refused(shop, rq.ReprintShow(name))
    assert (refusal.kind, refusal.field) == ("not-found", "request")


def test_the_record_links_the_copy_to_its_original_and_to_the_point_before_it() -> None:
    shop = sold()
    point = len(shop.log)
    shop.reprint("t1", "k1")
    [requested] = shop.events(ev.ReprintRequested)
    assert (requested.original, requested.point) == ("000001-c0", point)
    found = next(c for c in shop.ask(rq.Get("t1")).state.copies if c.number)
    assert (found.reprint.original, found.reprint.point, found.reprint.request) == (
        "000001-c0",
        point,
        requested.request,
    )
