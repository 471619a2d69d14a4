"""The shop's rules for reprints at their boundaries, and what a client is told of them."""

from __future__ import annotations

from typing import Any

import pytest

from posd.desk.signing import UPDATED
from posd.domain import requests as rq
from posd.domain.errors import Refusal
from tests.unit.desk.shop import DAY_MS, SUPERVISOR, TILL, Shop
from tests.unit.domain.samples import cash, sale

ONE = '[slip]\ncopies = ["customer"]\n[policy]\n'


def sold(policy: str, amount: str = "36.00") -> Shop:
    shop = Shop(ONE + policy)
    shop.submit(cash(amount, id="t1"))
    shop.print_all()
    return shop


def kind(shop: Shop, key: str = "k", **more: Any) -> str:
    """`ok`, or the word of the refusal; what may print, prints. The terms say the same before."""
    doer = more.get("doer", TILL)
    terms = shop.ask(rq.Terms("t1"), doer)
    if terms.allowed:
        shop.reprint("t1", key, **more)
        shop.print_all()
        return "ok"
    with pytest.raises(Refusal) as caught:
        shop.reprint("t1", key, **more)
    assert (terms.refusal, terms.sentence) == (caught.value.kind, caught.value.message)
    return caught.value.kind


def test_the_window_is_open_up_to_its_last_millisecond() -> None:
    shop = sold('reprint_window = "2d"')
    shop.pass_time(2 * DAY_MS)
    assert kind(shop, "k1") == "ok"
    shop.pass_time(1)
    assert kind(shop, "k2") == "window-closed"


def test_the_refusal_says_until_when() -> None:
    shop = sold('reprint_window = "2d"')
    shop.pass_time(3 * DAY_MS)
    with pytest.raises(Refusal) as caught:
        shop.reprint("t1")
    assert caught.value.until == "2026-11-23T12:00:00+08:00"
    assert "2026-11-23T12:00:00+08:00" in caught.value.message


def test_so_many_copies_and_no_more_and_cancelled_ones_do_not_count() -> None:
    shop = sold("reprint_copies = 2")
    shop.submit(cash(id="t2"))
    assert shop.press("reprint-number", "1")
    shop.press("cancel")
    shop.print_all()
    assert [kind(shop, f"k{i}") for i in (1, 2, 3)] == ["ok", "ok", "copies-spent"]


def test_no_copies_at_all() -> None:
    assert kind(sold("reprint_copies = 0")) == "copies-spent"


def test_nobody_gets_more_copies_by_giving_posds_own_reason() -> None:
    shop = sold("reprint_copies = 1")
    assert [kind(shop, f"k{i}", reason=UPDATED) for i in (1, 2)] == ["ok", "copies-spent"]


def test_the_updated_merchant_copy_does_not_count() -> None:
    shop = Shop("[policy]\nreprint_copies = 1", pad="absent")
    shop.submit(sale(id="t1"))
    shop.print_all()
    shop.report("pad", "ready")
    shop.ask(rq.Resign("t1", "s"))
    shop.signs()
    assert shop.print_all() == ["000001-m1"]
    assert shop.reprint("t1", copy="merchant").number == 2


def test_an_interval_between_two_copies() -> None:
    shop = sold('reprint_interval = "10min"')
    assert kind(shop, "k1") == "ok"
    shop.pass_time(599_999)
    assert kind(shop, "k2") == "too-soon"
    shop.pass_time(1)
    assert kind(shop, "k3") == "ok"


def test_at_the_second_from_which_it_is_said_to_work_it_works() -> None:
    shop = sold('reprint_interval = "10min"')
    shop.pass_time(250)
    assert kind(shop, "k1") == "ok"
    assert shop.ask(rq.Terms("t1")).next_at == "2026-11-21T12:10:01+08:00"
    shop.pass_time(600_750)
    assert kind(shop, "k2") == "ok"


def test_the_original_does_not_start_the_interval() -> None:
    assert kind(sold('reprint_interval = "10min"')) == "ok"


@pytest.mark.parametrize(("amount", "expected"), [("499.99", "ok"), ("500.00", "needs-supervisor")])
def test_a_supervisor_is_needed_from_the_amount_on(amount: str, expected: str) -> None:
    shop = sold('supervisor_from = "500.00"', amount)
    assert kind(shop, "k1") == expected
    assert kind(shop, "k2", doer=SUPERVISOR) == "ok"


def test_a_key_press_is_no_supervisor() -> None:
    shop = sold('supervisor_from = "0"')
    assert shop.press("reprint-last") is False


def test_releasing_an_original_that_never_came_out_needs_no_supervisor() -> None:
    shop = Shop(ONE + 'supervisor_from = "0"\nreprint_copies = 0')
    shop.submit(cash(id="t1"))
    shop.fails()
    assert shop.reprint("t1").number == 0


@pytest.mark.parametrize(
    ("hours", "clock", "expected"),
    [
        ("11:30-13:30", "11:29:59", None),
        ("11:30-13:30", "11:30:00", "13:30:00"),
        ("11:30-13:30", "13:29:59", "13:30:00"),
        ("11:30-13:30", "13:30:00", None),
        ("22:00-02:00", "21:59:59", None),
        ("22:00-02:00", "22:00:00", "02:00:00"),
        ("22:00-02:00", "23:59:59", "02:00:00"),
        ("22:00-02:00", "00:00:00", "02:00:00"),
        ("22:00-02:00", "01:59:59", "02:00:00"),
        ("22:00-02:00", "02:00:00", None),
        ("00:00-00:00", "12:00:00", None),
    ],
)
def test_busy_hours_in_the_terminals_time_also_across_midnight(hours: str, clock: str, expected: str | None) -> None:
    shop = sold(f'busy_hours = ["{hours}"]')
    h, m, s = map(int, clock.split(":"))
    shop.pass_time(12 * 3_600_000 + ((h * 60 + m) * 60 + s) * 1000 + 999)
    if expected is None:
        assert kind(shop) == "ok"
        return
    terms = shop.ask(rq.Terms("t1"))
    assert kind(shop) == "busy-hours"
    assert f"T{expected}+08:00" in terms.next_at
    shop.pass_time(DAY_MS)
    assert kind(shop, "next day") == "busy-hours"


def test_any_of_several_busy_hours() -> None:
    shop = sold('busy_hours = ["01:00-02:00", "11:00-13:00"]')
    assert kind(shop) == "busy-hours"


def test_the_rules_are_told_in_an_order_that_helps() -> None:
    """What can never be had comes before what a supervisor could give, and that before what only needs waiting."""
    shop = sold('reprint_copies = 1\nsupervisor_from = "0"\nreprint_interval = "1h"\nreprint_window = "1d"')
    assert kind(shop, "k1") == "needs-supervisor"
    assert kind(shop, "k2", doer=SUPERVISOR) == "ok"
    assert kind(shop, "k3", doer=SUPERVISOR) == "copies-spent"
    shop.pass_time(2 * DAY_MS)
    assert kind(shop, "k4", doer=SUPERVISOR) == "window-closed"


def test_the_terms_answer_until_when_how_often_and_who() -> None:
    shop = sold('reprint_copies = 3\nreprint_window = "1d"\nsupervisor_from = "30"')
    terms = shop.ask(rq.Terms("t1"), SUPERVISOR)
    assert (terms.allowed, terms.until, terms.copies_left, terms.approval, terms.next_at) == (
        True,
        "2026-11-22T12:00:00+08:00",
        3,
        "supervisor",
        None,
    )
    assert "until 2026-11-22T12:00:00+08:00" in terms.sentence


def test_a_clock_that_fell_behind_does_not_reopen_a_window() -> None:
    shop = sold('reprint_window = "1d"')
    shop.pass_time(2 * DAY_MS)
    shop.submit(cash(id="t2"))
    shop.print_all()
    shop.ms -= 2 * DAY_MS
    assert kind(shop) == "window-closed"


def test_a_sale_taken_while_the_clock_is_behind_can_still_be_reprinted() -> None:
    """A flat clock battery: the box believes it is long ago. The window counts from the newest trusted time."""
    shop = Shop(ONE + 'reprint_window = "1d"')
    shop.submit(cash(id="t0"))
    shop.print_all()
    shop.ms -= 300 * DAY_MS
    shop.restart()
    shop.report("printer", "ready")
    shop.submit(cash(id="t1"))
    shop.print_all()
    assert kind(shop) == "ok"
