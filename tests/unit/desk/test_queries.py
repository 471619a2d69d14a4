"""Questions: they change nothing, and each page goes on where the last one ended."""

from __future__ import annotations

from typing import Any

import pytest

from posd.desk import health
from posd.desk.messages import RenderSlip
from posd.domain import events as ev
from posd.domain import requests as rq
from posd.domain import views
from posd.domain.errors import Refusal
from tests.unit.desk.shop import Shop, compose, folded, lasting
from tests.unit.domain.samples import cash, sale, typed


@pytest.fixture
def shop() -> Shop:
    """Six sales: t0 cash 10.00, t1 card, t2 refund, t3 cash 10.00 unprinted, t4 in yen, t5 unsigned."""
    shop = Shop()
    shop.submit(cash("10.00", id="t0"))
    shop.submit(sale(id="t1"))
    shop.signs()
    shop.submit(cash(id="t2", type="refund", time="2026-11-22T10:00:00+08:00"))
    shop.print_all()
    shop.report("printer", "attention", "paper-end")
    shop.submit(cash("10.00", id="t3"))
    shop.submit(cash("10", id="t4", currency="JPY"))
    shop.report("pad", "absent")
    shop.submit(sale(id="t5"))
    return shop


def found(shop: Shop, **conditions: Any) -> list[str]:
    return [s.id for s in shop.ask(rq.Search(**conditions)).transactions]


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({}, ["t5", "t4", "t3", "t2", "t1", "t0"]),
        ({"amount": "10.00"}, ["t4", "t3", "t0"]),
        ({"amount": "10.50"}, []),
        ({"amount": "10"}, ["t4", "t3", "t0"]),
        ({"type": "refund"}, ["t2"]),
        ({"last_four": "1234"}, ["t5", "t1"]),
        ({"receipt": "000002"}, ["t1"]),
        ({"receipt": "2"}, ["t1"]),
        ({"receipt": "0"}, []),
        ({"open": True}, ["t5", "t4", "t3"]),
        ({"open": False}, ["t2", "t1", "t0"]),
        ({"since": "2026-11-22T02:00:00Z"}, ["t2"]),
        ({"until": "2026-11-21T10:15:30+08:00", "type": "sale", "amount": "36.00"}, ["t5", "t1"]),
        ({"since": "2027-01-01T00:00:00Z"}, []),
    ],
)
def test_search(shop: Shop, conditions: dict[str, Any], expected: list[str]) -> None:
    assert found(shop, **conditions) == expected


@pytest.mark.parametrize("amount", ["ten", "1e1", ""])
def test_an_amount_that_is_none_is_invalid(shop: Shop, amount: str) -> None:
    with pytest.raises(Refusal) as caught:
        found(shop, amount=amount)
    assert (caught.value.kind, caught.value.field) == ("invalid", "amount")


def test_pages_follow_each_other_without_gap_or_repeat(shop: Shop) -> None:
    seen: list[str] = []
    after = None
    for _ in range(10):
        page = shop.ask(rq.Search(limit=2, after=after))
        seen += [s.id for s in page.transactions]
        after = page.next
        if after is None:
            break
    assert seen == ["t5", "t4", "t3", "t2", "t1", "t0"]


@pytest.mark.parametrize("field", ["since", "until"])
def test_a_time_that_is_none_names_its_field(shop: Shop, field: str) -> None:
    with pytest.raises(Refusal) as caught:
        found(shop, **{field: "yesterday"})
    assert caught.value.field == field


def test_get_gives_what_the_till_sent_and_where_it_stands(shop: Shop) -> None:
    answer = shop.ask(rq.Get("t1"))
    assert answer.transaction == typed(id="t1")
    assert [c.state for c in answer.state.copies] == ["printed", "printed"]
    assert (answer.state.signature.state, answer.state.signature.rule, answer.state.signature.version) == (
        "captured",
        "card",
        1,
    )
    assert answer.accepted == "2026-11-21T04:00:00.000Z"
    assert shop.ask(rq.Get("last")).id == "t5"


def test_questions_change_nothing(shop: Shop) -> None:
    before = lasting(folded(shop.log))
    for request in (
        rq.Get("t1"),
        rq.Search(),
        rq.Terms("t1"),
        rq.Preview("t1"),
        rq.SignatureGet("t1"),
        rq.ExceptionList(),
    ):
        shop.ask(request)
    assert lasting(shop.state) == before == lasting(folded(shop.log))


def test_a_preview_shows_the_very_bytes_that_were_printed(shop: Shop) -> None:
    rendered = shop.ask(rq.Preview("t1", "merchant", "png"))
    assert isinstance(rendered, RenderSlip)
    assert compose(rendered.order).data.decode() in shop.paper
    assert rendered.format == "png"
    assert isinstance(shop.ask(rq.Preview("t3")), RenderSlip), "also of what has not printed yet"


def test_a_preview_of_what_is_never_made(shop: Shop) -> None:
    only = Shop('[slip]\ncopies = ["customer"]')
    only.submit(cash(id="t1"))
    with pytest.raises(Refusal) as caught:
        only.ask(rq.Preview("t1", "merchant"))
    assert (caught.value.kind, caught.value.field) == ("not-found", "copy")


def test_exceptions_open_and_closed_page_by_page(shop: Shop) -> None:
    def listed(**more: Any) -> list[tuple[str, str]]:
        return [(x.transaction, x.kind) for x in shop.ask(rq.ExceptionList(**more)).exceptions]

    assert listed() == [(t, "unprinted") for t in ("t3", "t3", "t4", "t4")] + [
        ("t5", "unsigned"),
        ("t5", "unprinted"),
        ("t5", "unprinted"),
    ]
    assert listed(state="closed") == []
    seen: list[str] = []
    after = None
    for _ in range(10):
        page = shop.ask(rq.ExceptionList(limit=2, after=after))
        seen += [x.id for x in page.exceptions]
        after = page.next
        if after is None:
            break
    opened = [f"x{seq}" for seq, e in enumerate(shop.log, 1) if isinstance(e, ev.ExceptionOpened)]
    assert seen == opened
    assert len(seen) == 7
    shop.report("printer", "ready")
    shop.print_all()
    assert listed() == [("t5", "unsigned")]
    assert len(listed(state="closed")) == 6
    assert len(listed(state="all")) == 7
    closed = shop.ask(rq.ExceptionList(state="closed")).exceptions[0]
    assert (closed.state, closed.closed is not None, closed.cause) == ("closed", True, "device")


def test_the_status_line_says_what_to_do(shop: Shop) -> None:
    journal = views.JournalView("p", "ok", 1, 1, 0.0, 1, 1, 1, 1, True, True, 0, 0, "")
    well, words = health.sentence(shop.state, frozenset({"printer", "pad"}), journal)
    assert not well
    assert "printer: paper-end (put in paper)" in words
    assert "pad: absent" in words
    assert "7 open exceptions" in words
    assert health.counts(shop.state) == views.Counts(7, {"unprinted": 6, "unsigned": 1})
    shop.report("printer", "ready")
    shop.report("pad", "ready")
    assert health.sentence(shop.state, frozenset({"printer", "pad"}), journal)[0] is True
    assert [d.name for d in health.devices(shop.state, frozenset({"printer"})).devices] == ["printer"]
