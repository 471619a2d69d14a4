"""The truth table of the terms, whole: each key of a rule and of `[policy]`, and each profile, one second, one cent,
one copy and one slip on either side of its boundary.

A row gives what is configured, what is done before, and for each step around the boundary the answer. Every row of a
key is held against the plain key and against a rule that says the same where the plain key says the opposite.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from posd.domain import requests as rq
from posd.domain.doer import Doer
from posd.domain.errors import Refusal
from tests.unit.desk.shop import DAY_MS, NOON_MS, SUPERVISOR, TILL, Shop
from tests.unit.domain.samples import cash

S, MIN, H = 1000, 60_000, 3_600_000
HEAD = '[slip]\ncopies = ["customer"]\n[policy]\n'
Answers = Sequence[tuple[Any, str]]


def sold(policy: str, amount: str = "36.00", **more: Any) -> Shop:
    shop = Shop(HEAD + policy)
    for name in ("t1", "t2"):
        shop.submit(cash(amount, id=name, **more))
    shop.print_all()
    return shop


def answer(shop: Shop, doer: Doer = TILL, sale: str = "t1") -> str:
    """The word of what is answered; the terms, asked before, say the same and why. What may print, prints."""
    terms = shop.ask(rq.Terms(sale), doer)
    if terms.allowed:
        shop.reprint(sale, f"k{len(shop.log)}", doer)
        shop.print_all()
        return "ok"
    with pytest.raises(Refusal) as refused:
        shop.reprint(sale, f"k{len(shop.log)}", doer)
    assert (terms.refusal, terms.sentence) == (refused.value.kind, refused.value.message)
    return refused.value.kind


def plain_and_rule(key: str, value: str, opposite: str) -> list[str]:
    """The key in `[policy]`; and in a rule that applies, above a `[policy]` that says the opposite."""
    short = key.removeprefix("reprint_")
    return [f"{key} = {value}\n", f'{key} = {opposite}\n[[policy.rule]]\nname = "r"\n{short} = {value}\n']


def rows(key: str, value: str, opposite: str, steps: Answers) -> list[Any]:
    return [
        pytest.param(text, step, expected, id=f"{key}-{kind}-{step}")
        for kind, text in zip(("plain", "rule"), plain_and_rule(key, value, opposite), strict=True)
        for step, expected in steps
    ]


AGES = [
    *rows("reprint_window", '"1d"', '"1s"', [(-S, "ok"), (0, "ok"), (S, "window-closed")]),
    *rows("reprint_window", '"1s"', '"1d"', [(-DAY_MS, "ok"), (S - DAY_MS, "ok"), (2 * S - DAY_MS, "window-closed")]),
]


@pytest.mark.parametrize(("policy", "past", "expected"), AGES)
def test_the_window(policy: str, past: int, expected: str) -> None:
    shop = sold(policy)
    shop.pass_time(DAY_MS + past)
    assert answer(shop) == expected


@pytest.mark.parametrize(
    ("policy", "made", "expected"),
    [
        *rows("reprint_copies", "2", "0", [(1, "ok"), (2, "copies-spent"), (3, "copies-spent")]),
        *rows("reprint_copies", "1", "9", [(0, "ok"), (1, "copies-spent")]),
        *rows("reprint_copies", "0", "9", [(0, "copies-spent")]),
    ],
)
def test_how_many(policy: str, made: int, expected: str) -> None:
    shop = sold(policy)
    got = [answer(shop) for _ in range(made + 1)]
    assert got[-1] == expected
    assert answer(shop, sale="t2") == ("ok" if got[0] == "ok" else expected), "each slip has its own"


@pytest.mark.parametrize(
    ("policy", "past", "expected"),
    [
        *rows("reprint_interval", '"10min"', '"1d"', [(-S, "too-soon"), (0, "ok"), (S, "ok")]),
        *rows("terminal_interval", '"10min"', '"1d"', [(-S, "too-soon"), (0, "ok"), (S, "ok")]),
    ],
)
@pytest.mark.parametrize("sale", ["t1", "t2"])
def test_how_long_between_two(policy: str, past: int, expected: str, sale: str) -> None:
    shop = sold(policy)
    assert answer(shop) == "ok"
    shop.pass_time(10 * MIN + past)
    apart = "reprint_interval" in policy and sale == "t2"
    assert answer(shop, sale=sale) == ("ok" if apart else expected)


CENTS = [("499.99", "ok"), ("500.00", "needs-supervisor"), ("500.01", "needs-supervisor")]


@pytest.mark.parametrize(("policy", "amount", "expected"), rows("supervisor_from", '"500.00"', '""', CENTS))
def test_from_which_amount_a_supervisor(policy: str, amount: str, expected: str) -> None:
    assert answer(sold(policy, amount)) == expected
    assert answer(sold(policy, amount), SUPERVISOR) == "ok"


@pytest.mark.parametrize(
    ("policy", "amount", "one"),
    rows("one_press_below", '"500.00"', '"0"', [("499.99", "1"), ("500.00", "0"), ("500.01", "0")]),
)
def test_below_which_amount_one_press(policy: str, amount: str, one: str) -> None:
    shop = sold(policy, amount)
    assert shop.ask(rq.Terms("t1")).one_press is (one == "1")
    shop.press("reprint-last")
    assert len(shop.print_all()) == int(one)


@pytest.mark.parametrize(
    ("policy", "past", "expected"),
    rows(
        "busy_hours",
        '["13:00-14:00"]',
        '["00:00-12:59"]',
        [(-S, "ok"), (0, "busy-hours"), (H - S, "busy-hours"), (H, "ok")],
    ),
)
def test_busy_hours(policy: str, past: int, expected: str) -> None:
    shop = sold(policy)
    shop.pass_time(H + past)
    assert shop.ms == NOON_MS + H + past
    assert answer(shop) == expected


@pytest.mark.parametrize(("waiting", "expected"), [(2, "ok"), (3, "busy-hours"), (4, "busy-hours")])
def test_busy_by_the_live_slips_that_wait(waiting: int, expected: str) -> None:
    shop = sold("busy_from = 3")
    for n in range(waiting + 1):  # one is on the printer
        shop.submit(cash(id=f"live{n}"))
    assert answer(shop) == expected


def test_a_slip_that_a_customer_signs_for_is_no_load() -> None:
    card = {"method": "card", "amount": "36.00", "entry": "chip", "card": {"masked": "621700******1234"}}
    shop = sold("busy_from = 1")
    for n in range(3):
        shop.submit(cash(id=f"signing{n}", payments=[card]))
    assert shop.session is not None
    assert answer(shop) == "ok"


@pytest.mark.parametrize(("busy", "expected"), [("refuse", "busy-hours"), ("wait", "ok")])
@pytest.mark.parametrize("how", ['busy_hours = ["11:00-13:00"]', "busy_from = 1"])
def test_what_busy_means(busy: str, expected: str, how: str) -> None:
    shop = sold(f'{how}\nbusy = "{busy}"')
    shop.submit(cash(id="live1"))
    shop.submit(cash(id="live2"))
    assert answer(shop) == expected


# What a rule is for: one step on either side of it.

ROLES = ("till", "cashier", "supervisor", "auditor")
KEY = Doer(kind="key", key="KEY_F1")
CRITERIA: list[tuple[str, int, dict[str, Any], Doer, bool]] = [
    ('from = "50.00"', 0, {"amount": "49.99"}, TILL, False),
    ('from = "50.00"', 0, {"amount": "50.00"}, TILL, True),
    ('below = "50.00"', 0, {"amount": "49.99"}, TILL, True),
    ('below = "50.00"', 0, {"amount": "50.00"}, TILL, False),
    *[('age_from = "2h"', 2 * H + past, {}, TILL, past >= 0) for past in (-S, 0, S)],
    *[('age_below = "2h"', 2 * H + past, {}, TILL, past < 0) for past in (-S, 0, S)],
    *[('hours = ["13:00-14:00"]', at, {}, TILL, H <= at < 2 * H) for at in (H - S, H, 2 * H - S, 2 * H)],
    *[('types = ["refund", "void"]', 0, {"type": t}, TILL, t != "sale") for t in ("sale", "refund", "void")],
    *[('currency = "USD"', 0, {"currency": c}, TILL, c == "USD") for c in ("USD", "CNY")],
    *[(f'asked_by = ["{r}"]', 0, {}, Doer(kind="peer", uid=7, roles=(o,)), r == o) for r in ROLES for o in ROLES],  # type: ignore[arg-type]
    ('asked_by = ["key"]', 0, {}, TILL, False),
    ('asked_by = ["key"]', 0, {}, KEY, True),
    ('asked_by = ["till"]', 0, {}, KEY, False),
    ('copy = "customer"', 0, {}, TILL, True),
    ('copy = "merchant"', 0, {}, TILL, False),
]


@pytest.mark.parametrize(("criterion", "age", "sale", "doer", "applies"), CRITERIA)
def test_a_rule_applies_up_to_its_boundary_and_no_further(
    criterion: str, age: int, sale: dict[str, Any], doer: Doer, applies: bool
) -> None:
    shop = sold(f'[[policy.rule]]\nname = "r"\nallowed = false\n{criterion}', **sale)
    shop.pass_time(age)
    assert shop.ask(rq.Terms("t1"), doer).rule == ("r" if applies else "default")
    assert answer(shop, doer) == ("denied" if applies else "ok")


# The profiles.


@pytest.mark.parametrize("profile", ["cn", "neutral"])
@pytest.mark.parametrize(
    ("age", "made", "expected"),
    [(30 * DAY_MS, 0, "ok"), (30 * DAY_MS + S, 0, "window-closed"), (0, 4, "ok"), (0, 5, "copies-spent")],
)
def test_cn_and_neutral(profile: str, age: int, made: int, expected: str) -> None:
    shop = sold(f'profile = "{profile}"', "99999.00")
    for _ in range(made):
        assert answer(shop) == "ok"
    shop.pass_time(age)
    assert answer(shop) == expected


STRICT: list[tuple[str, int, Doer, dict[str, Any], str]] = [
    ("199.99", 2 * H - S, TILL, {}, "ok"),
    ("200.00", 2 * H - S, TILL, {}, "needs-supervisor"),
    ("199.99", 2 * H, TILL, {}, "needs-supervisor"),
    ("1.00", 0, TILL, {"type": "refund"}, "needs-supervisor"),
    ("1.00", 0, TILL, {"type": "void"}, "needs-supervisor"),
    ("9999.00", 7 * DAY_MS, SUPERVISOR, {}, "ok"),
    ("1.00", 7 * DAY_MS + S, SUPERVISOR, {}, "window-closed"),
]


@pytest.mark.parametrize(("amount", "age", "doer", "sale", "expected"), STRICT)
def test_strict(amount: str, age: int, doer: Doer, sale: dict[str, Any], expected: str) -> None:
    shop = sold('profile = "strict"', amount, **sale)
    shop.pass_time(age)
    assert answer(shop, doer) == expected


def test_strict_counts_and_waits() -> None:
    shop = sold('profile = "strict"')
    assert answer(shop) == "ok"
    shop.pass_time(14 * S)
    assert answer(shop, sale="t2") == "too-soon"
    shop.pass_time(S)
    assert answer(shop, sale="t2") == "ok"
    shop.pass_time(10 * MIN - 16 * S)
    assert answer(shop) == "too-soon"
    shop.pass_time(S)
    assert answer(shop) == "ok"
    shop.pass_time(H)
    assert answer(shop) == "copies-spent"
    assert not shop.press("reprint-last"), "a key press asks to be confirmed, or is refused"
    assert shop.print_all() == []
