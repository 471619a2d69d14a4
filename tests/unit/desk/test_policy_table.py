"""The truth table of the terms: each rule of a table at each of its boundaries, one step on either side."""

from __future__ import annotations

from typing import Any

import pytest

from posd.desk.presses import QUESTION_MS
from posd.domain import requests as rq
from posd.domain.doer import Doer
from posd.domain.errors import Refusal
from tests.unit.desk.shop import NOON_MS, SUPERVISOR, TILL, Shop
from tests.unit.domain.samples import cash

TABLE = """
[slip]
copies = ["customer", "merchant"]
[policy]
reprint_window = "10d"
reprint_copies = 3
[[policy.rule]]
name = "closed"
hours = ["22:00-06:00"]
allowed = false
[[policy.rule]]
name = "returned"
types = ["refund", "void"]
supervisor_from = "0"
[[policy.rule]]
name = "fresh"
copy = "customer"
below = "100.00"
age_below = "1h"
asked_by = ["key", "cashier"]
window = "1h"
copies = 1
interval = "0s"
[[policy.rule]]
name = "fresh-and-dear"
copy = "customer"
from = "100.00"
age_below = "1h"
supervisor_from = "500.00"
one_press_below = "300.00"
[[policy.rule]]
name = "dollars"
currency = "USD"
window = "1d"
[[policy.rule]]
name = "auditors"
asked_by = ["auditor"]
allowed = false
[[policy.rule]]
name = "old"
age_from = "5d"
interval = "1h"
terminal_interval = "2h"
"""
H, S = 3_600_000, 1000
DAY = 24 * H
AUDITOR = Doer(kind="peer", uid=1002, roles=("auditor",))
TILL_ONLY = Doer(kind="peer", uid=1003, roles=("till",))
BOTH = Doer(kind="peer", uid=1004, roles=("till", "auditor"))
KEY = Doer(kind="key", key="KEY_F1")

# what the sale is; how old it is when asked; who asks for which copy; the rule that decides, and the answer
CASES: list[tuple[dict[str, Any], int, Doer, str, str, str]] = [
    # hours: noon, so 22:00 is ten hours later and 06:00 eighteen
    ({}, 10 * H - S, TILL, "merchant", "default", "ok"),
    ({}, 10 * H, TILL, "merchant", "closed", "denied"),
    ({}, 18 * H - S, TILL, "merchant", "closed", "denied"),
    ({}, 18 * H, TILL, "merchant", "default", "ok"),
    # type
    ({"type": "refund"}, 0, TILL, "customer", "returned", "needs-supervisor"),
    ({"type": "void"}, 0, TILL, "customer", "returned", "needs-supervisor"),
    ({"type": "refund"}, 0, SUPERVISOR, "customer", "returned", "ok"),
    ({"type": "sale"}, 0, TILL, "customer", "fresh", "ok"),
    # amount
    ({"amount": "99.99"}, 0, TILL, "customer", "fresh", "ok"),
    ({"amount": "100.00"}, 0, TILL, "customer", "fresh-and-dear", "ok"),
    ({"amount": "499.99"}, 0, TILL, "customer", "fresh-and-dear", "ok"),
    ({"amount": "500.00"}, 0, TILL, "customer", "fresh-and-dear", "needs-supervisor"),
    ({"amount": "500.00"}, 0, SUPERVISOR, "customer", "fresh-and-dear", "ok"),
    # age
    ({}, H - 1, TILL, "customer", "fresh", "ok"),
    ({}, H, TILL, "customer", "default", "ok"),
    ({}, 5 * DAY - 1, TILL, "customer", "default", "ok"),
    ({}, 5 * DAY, TILL, "customer", "old", "ok"),
    ({}, 10 * DAY, TILL, "customer", "old", "ok"),
    ({}, 10 * DAY + 1, TILL, "customer", "old", "window-closed"),
    # copy
    ({}, 0, TILL, "merchant", "default", "ok"),
    # who asks
    ({}, 0, KEY, "customer", "fresh", "ok"),
    ({}, 0, TILL_ONLY, "customer", "default", "ok"),
    ({}, 0, AUDITOR, "customer", "auditors", "denied"),
    ({}, 0, BOTH, "merchant", "auditors", "denied"),
    # currency
    ({"currency": "USD"}, DAY, TILL, "customer", "dollars", "ok"),
    ({"currency": "USD"}, DAY + 1, TILL, "customer", "dollars", "window-closed"),
    ({"currency": "EUR"}, DAY + 1, TILL, "customer", "default", "ok"),
]


def sold(toml: str, amount: str = "36.00", **more: Any) -> Shop:
    shop = Shop(toml)
    shop.submit(cash(amount, id="t1", **more))
    shop.print_all()
    return shop


def answer(shop: Shop, doer: Doer, copy: Any = "customer", key: str = "k") -> str:
    """What is answered to a request, after the terms said the same."""
    terms = shop.ask(rq.Terms("t1", copy), doer)
    if terms.allowed:
        shop.reprint("t1", key, doer, copy=copy)
        shop.print_all()
        return "ok"
    with pytest.raises(Refusal) as refused:
        shop.reprint("t1", key, doer, copy=copy)
    assert (terms.refusal, terms.sentence) == (refused.value.kind, refused.value.message)
    assert refused.value.until in (None, terms.next_at or terms.until)
    return refused.value.kind


@pytest.mark.parametrize(("what", "age_ms", "doer", "copy", "rule", "expected"), CASES)
def test_which_rule_decides_and_what_it_says(
    what: dict[str, Any], age_ms: int, doer: Doer, copy: str, rule: str, expected: str
) -> None:
    shop = sold(TABLE, **what)
    assert shop.ms == NOON_MS
    shop.pass_time(age_ms)
    assert shop.ask(rq.Terms("t1", copy), doer).rule == rule  # type: ignore[arg-type]
    assert answer(shop, doer, copy) == expected


def test_copies_of_one_rule_are_spent_and_another_rule_has_more() -> None:
    """One copy within the hour by `fresh`, three in all by the default."""
    shop = sold(TABLE)
    assert [answer(shop, TILL, key=k) for k in "ab"] == ["ok", "copies-spent"]
    shop.pass_time(H)
    assert [answer(shop, TILL, key=k) for k in "cde"] == ["ok", "ok", "copies-spent"]


def test_the_interval_of_one_transaction_and_that_of_the_terminal() -> None:
    shop = sold(TABLE)
    shop.submit(cash("36.00", id="t2"))
    shop.print_all()
    shop.pass_time(5 * DAY)
    assert answer(shop, TILL) == "ok"
    shop.pass_time(H - 1)
    assert answer(shop, TILL, key="b") == "too-soon"
    shop.pass_time(1)
    assert shop.ask(rq.Terms("t1")).next_at.endswith("T14:00:00+08:00"), "the terminal's interval is longer"
    with pytest.raises(Refusal) as other:
        shop.reprint("t2", "c")
    assert (other.value.kind, other.value.until[10:19]) == ("too-soon", "T14:00:00")  # type: ignore[index]
    shop.pass_time(H - 1)
    assert answer(shop, TILL, key="d") == "too-soon"
    shop.pass_time(1)
    assert answer(shop, TILL, key="d") == "ok"


def test_a_withdrawn_copy_and_an_updated_one_start_no_interval_of_the_terminal() -> None:
    shop = sold('[slip]\ncopies = ["customer"]\n[policy]\nterminal_interval = "1h"')
    shop.submit(cash(id="t2"))
    assert shop.press("reprint-number", "1")
    assert shop.press("cancel")
    shop.print_all()
    assert answer(shop, TILL) == "ok"


def test_the_terminals_interval_outlives_a_restart() -> None:
    shop = sold('[slip]\ncopies = ["customer"]\n[policy]\nterminal_interval = "1h"')
    assert answer(shop, TILL) == "ok"
    shop.restart()
    shop.report("printer", "ready")
    assert answer(shop, TILL, key="b") == "too-soon"


@pytest.mark.parametrize(("amount", "one"), [("299.99", True), ("300.00", False)])
def test_below_an_amount_one_key_press_is_enough(amount: str, one: bool) -> None:
    assert sold(TABLE, amount).ask(rq.Terms("t1")).one_press is one


def test_until_when_goes_past_every_age_at_which_another_rule_takes_over() -> None:
    ends = '[policy]\nreprint_window = "10d"\n[[policy.rule]]\nname = "{}"\n'
    for rule, until in {
        'age_from = "2d"\nallowed = false': "2026-11-23T11:59:59",
        'age_from = "2d"\nwindow = "3d"': "2026-11-24T12:00:00",
        'age_from = "2d"\nwindow = "1d"': "2026-11-23T11:59:59",
        'age_from = "2d"\nwindow = "20d"': "2026-12-11T12:00:00",
        'age_below = "2d"\nwindow = "1d"': "2026-11-22T12:00:00",
        'age_below = "2d"\nwindow = "2d"': "2026-12-01T12:00:00",
        'age_from = "11d"\nwindow = "20d"': "2026-12-01T12:00:00",
    }.items():
        terms = sold(ends.format("r") + rule).ask(rq.Terms("t1"))
        assert terms.until == until + "+08:00", rule


def test_busy_hours_that_meet_end_where_the_last_one_ends() -> None:
    shop = sold('[policy]\nbusy_hours = ["11:00-12:30", "12:30-13:00", "12:45-13:15"]')
    with pytest.raises(Refusal) as caught:
        shop.reprint("t1")
    assert (caught.value.kind, caught.value.until) == ("busy-hours", "2026-11-21T13:15:00+08:00")


def test_busy_all_day_says_the_next_day_and_does_not_hang() -> None:
    shop = sold('[policy]\nbusy_hours = ["00:00-12:00", "12:00-00:00"]')
    with pytest.raises(Refusal) as caught:
        shop.reprint("t1")
    assert caught.value.kind == "busy-hours"


def test_in_busy_hours_copies_may_wait_behind_live_slips_instead() -> None:
    shop = sold('[slip]\ncopies = ["customer"]\n[policy]\nbusy_hours = ["11:00-13:00"]\nbusy = "wait"')
    shop.submit(cash(id="t2"))
    shop.reprint("t1")
    shop.submit(cash(id="t3"))
    assert shop.print_all() == ["000002-c0", "000003-c0", "000001-c1"]


@pytest.mark.parametrize(("live", "expected"), [(1, "ok"), (2, "busy-hours")])
def test_live_slips_that_wait_make_it_busy(live: int, expected: str) -> None:
    shop = sold('[slip]\ncopies = ["customer"]\n[policy]\nbusy_from = 2')
    for n in range(live + 1):  # one of them is on the printer and waits no more
        shop.submit(cash(id=f"l{n}"))
    terms = shop.ask(rq.Terms("t1"))
    assert (terms.refusal or "ok") == expected
    if expected != "ok":
        assert terms.next_at > "2026-11-21T12:00:00"
    assert answer(shop, TILL) == expected


def test_how_long_slips_take_is_measured() -> None:
    shop = sold('[slip]\ncopies = ["customer"]\n[policy]\nbusy_from = 1')
    for n in range(12):
        shop.submit(cash(id=f"m{n}"))
        shop.pass_time(30_000)
        shop.printed()
    for n in range(2):
        shop.submit(cash(id=f"l{n}"))
    at = shop.ask(rq.Terms("t1")).next_at
    assert at == "2026-11-21T12:06:30+08:00"


def test_the_strict_profile() -> None:
    """Within two hours below 200.00 anyone, else a supervisor; twice."""
    toml = '[policy]\nprofile = "strict"'
    shop = sold(toml, "199.99")
    assert answer(shop, TILL) == "ok"
    assert answer(shop, TILL, "merchant", "m") == "needs-supervisor"
    shop.pass_time(2 * H)
    assert answer(shop, TILL, key="b") == "needs-supervisor"
    assert answer(shop, SUPERVISOR, key="c") == "ok"
    assert answer(sold(toml, "200.00"), TILL) == "needs-supervisor"
    assert answer(sold(toml, type="refund"), TILL) == "needs-supervisor"


def test_the_shops_own_keys_and_rules_go_before_the_profiles() -> None:
    shop = sold('[policy]\nprofile = "strict"\nreprint_copies = 9\n[[policy.rule]]\nname = "all"\nsupervisor_from = ""')
    terms = shop.ask(rq.Terms("t1"))
    assert (terms.rule, terms.copies_left, terms.approval) == ("all", 9, "none")


def test_a_press_from_that_amount_on_is_confirmed_in_time() -> None:
    shop = sold('[slip]\ncopies = ["customer"]\n[policy]\none_press_below = "30.00"')
    assert not shop.press("confirm"), "nothing was asked for"
    late = lambda: shop.pass_time(QUESTION_MS + 1)  # noqa: E731
    for drop in (lambda: shop.press("cancel"), lambda: shop.press("resign-last"), late):
        assert not shop.press("reprint-last")
        drop()
        assert not shop.press("confirm")
    assert shop.print_all() == []
    assert not shop.press("reprint-number", "1")
    shop.pass_time(QUESTION_MS)
    assert shop.press("confirm")
    assert shop.print_all() == ["000001-c1"]
    assert not shop.press("confirm"), "once"


def test_a_press_below_it_prints_at_once() -> None:
    shop = sold('[slip]\ncopies = ["customer"]\n[policy]\none_press_below = "36.01"')
    assert shop.press("reprint-last")
    assert shop.print_all() == ["000001-c1"]
