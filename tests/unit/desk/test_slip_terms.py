"""What a slip tells of further copies: what a request at the counter would meet."""

from __future__ import annotations

from typing import Any

import pytest

from posd.desk.ports import Tools
from posd.domain import requests as rq
from posd.domain.slip import Slip, SlipOrder, SlipTerms
from tests.unit.desk.shop import DAY_MS, SUPERVISOR, Shop, compose
from tests.unit.domain.samples import cash

ONE = '[slip]\ncopies = ["customer"]\n[policy]\n'
UNTIL = "2026-12-21T12:00:00+08:00"


def sold(policy: str = "", *, told: bool = True, amount: str = "36.00") -> tuple[Shop, list[SlipTerms | None]]:
    """A shop with one sale, and the terms on its slips."""
    shop = Shop(ONE + policy)
    seen: list[SlipTerms | None] = []

    def spy(order: SlipOrder) -> Slip:
        seen.append(order.terms)
        return compose(order)

    shop.tools = Tools(spy, shop.tools.recall, shop.tools.selftest, terms=told)
    shop.submit(cash(amount, id="t1"))
    shop.print_all()
    return shop, seen


def reprint(shop: Shop, key: str) -> None:
    shop.reprint("t1", key, SUPERVISOR)
    shop.print_all()


def test_each_slip_says_how_many_come_behind_it() -> None:
    shop, seen = sold("reprint_copies = 2")
    reprint(shop, "a")
    reprint(shop, "b")
    assert seen == [SlipTerms(UNTIL, 2), SlipTerms(UNTIL, 1), SlipTerms("", 0)]


def test_a_preview_shows_a_slip_that_is_out_with_the_terms_that_it_has_on_paper() -> None:
    shop, seen = sold('reprint_copies = 2\nreprint_window = "1d"')
    reprint(shop, "a")
    shop.pass_time(2 * DAY_MS)
    again = [shop.ask(rq.Preview("t1", "customer", "text", number)).order.terms for number in (0, 1)]
    assert again == seen == [SlipTerms("2026-11-22T12:00:00+08:00", 2), SlipTerms("2026-11-22T12:00:00+08:00", 1)]


@pytest.mark.parametrize(
    ("policy", "amount", "expected"),
    [
        ('supervisor_from = "36.00"', "35.99", SlipTerms(UNTIL, 5)),
        ('supervisor_from = "36.00"', "36.00", SlipTerms(UNTIL, 5, supervisor=True)),
        ('[[policy.rule]]\nname = "no"\nasked_by = ["cashier"]\nallowed = false', "36.00", SlipTerms("", 0)),
        ('[[policy.rule]]\nname = "no"\nasked_by = ["auditor"]\nallowed = false', "36.00", SlipTerms(UNTIL, 5)),
        ('[[policy.rule]]\nname = "few"\ncopy = "customer"\ncopies = 1', "36.00", SlipTerms(UNTIL, 1)),
    ],
)
def test_they_are_those_of_the_rule_for_the_counter(policy: str, amount: str, expected: Any) -> None:
    assert sold(policy, amount=amount)[1] == [expected]


def test_nothing_is_told_where_the_template_does_not_name_it() -> None:
    assert sold(told=False)[1] == [None]
