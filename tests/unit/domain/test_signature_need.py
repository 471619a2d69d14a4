"""When a signature is needed: the rules at their boundaries, and the feature code."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from posd.config import ConfigError, parse
from posd.domain.signature import Need, feature_code
from posd.domain.signing_rules import Profile, SigningRule, need, table
from tests.unit.domain.samples import sale, typed


def paid(*payments: tuple[str, str, str | None], **changes: Any) -> Any:
    """A sale with these payments as (method, amount, entry); its total is not their business here."""
    return typed(payments=[{"method": m, "amount": a, "entry": e} for m, a, e in payments], **changes)


CARD = ("card", "36.00", "chip")
TABLE = [
    # what, transaction, signature_from, contactless_unsigned_to, expected
    ("host demands it of cash", paid(("cash", "1.00", None), signature="required"), "0", "0", (True, "host-demand")),
    ("host waives it", paid(CARD, signature="not-required"), "0", "0", (False, "host-demand")),
    ("host demand beats void", paid(CARD, type="void", signature="required"), "0", "0", (True, "host-demand")),
    ("no card", paid(("cash", "5000.00", None)), "0", "0", (False, "no-card")),
    ("wallets are no cards", paid(("alipay", "5000.00", "qr")), "0", "0", (False, "no-card")),
    ("void", paid(CARD, type="void"), "0", "0", (False, "void")),
    ("refund to a card", paid(CARD, type="refund"), "0", "0", (True, "card")),
    ("tap at the limit", paid(("card", "1000.00", "contactless")), "0", "1000.00", (False, "contactless-limit")),
    ("tap one unit above", paid(("card", "1000.01", "contactless")), "0", "1000.00", (True, "card")),
    ("chip under the tap limit", paid(("card", "999.99", "chip")), "0", "1000.00", (True, "card")),
    ("entry not told", paid(("card", "1.00", None)), "0", "1000.00", (True, "card")),
    (
        "two taps count together",
        paid(("card", "600.00", "contactless"), ("card", "400.01", "contactless")),
        "0",
        "1000.00",
        (True, "card"),
    ),
    (
        "one tap and one chip",
        paid(("card", "1.00", "contactless"), ("card", "1.00", "chip")),
        "0",
        "1000.00",
        (True, "card"),
    ),
    (
        "tap beside cash: the card's part counts",
        paid(("card", "1000.00", "contactless"), ("cash", "500.00", None)),
        "0",
        "1000.00",
        (False, "contactless-limit"),
    ),
    ("just below the threshold", paid(("card", "99.99", "chip")), "100.00", "0", (False, "below-threshold")),
    ("at the threshold", paid(("card", "100.00", "chip")), "100.00", "0", (True, "card")),
    ("threshold of nothing", paid(("card", "0.00", "chip")), "0.00", "0", (True, "card")),
    ("limits with more decimals than the currency", paid(("card", "1000", "contactless"), currency="JPY"), "0",
     "1000.50", (False, "contactless-limit")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("transaction", "signature_from", "contactless", "expected"), [row[1:] for row in TABLE], ids=[r[0] for r in TABLE]
)
def test_need(transaction: Any, signature_from: str, contactless: str, expected: tuple[bool, str]) -> None:
    for profile in ("cn", "neutral"):
        result = need(transaction, table(profile, signature_from, contactless))  # type: ignore[arg-type]
        assert (result.needed, result.rule) == expected


def test_the_rule_names_the_limit_that_it_compared_with() -> None:
    limits = table("cn", "0", "1000.00")
    assert need(paid(("card", "1.00", "contactless")), limits) == Need(False, "contactless-limit", "1000.00")
    assert need(paid(CARD), table("cn", "100.00", "0")) == Need(False, "below-threshold", "100.00")
    assert need(paid(CARD), table("cn", "0", "0")).limit is None


def test_cards_that_add_up_to_more_than_one_amount_may_hold_are_no_error() -> None:
    most = ("card", "999999999999.00", "chip")
    assert need(paid(most, most, ("cash", "-999999999999.00", None)), table("cn", "1", "0")).rule == "card"


def tap(amount: str, **changes: Any) -> Any:
    return paid(("card", amount, "contactless"), **changes)


PROFILES: list[tuple[Profile, Any, tuple[bool, str]]] = [
    ("cn", tap("999.99"), (False, "contactless-limit")),
    ("cn", tap("1000.00"), (False, "contactless-limit")),
    ("cn", tap("1000.01"), (True, "card")),
    ("cn", tap("1.00", currency="USD"), (True, "card")),
    ("cn", tap("1000.00", type="refund"), (False, "contactless-limit")),
    ("cn", tap("2000.00", type="void"), (False, "void")),
    ("cn", tap("1.00", signature="required"), (True, "host-demand")),
    ("neutral", tap("0.01"), (True, "card")),
    ("neutral", tap("1.00", signature="not-required"), (False, "host-demand")),
    ("neutral", tap("1.00", type="void"), (False, "void")),
    ("neutral", paid(("cash", "9.00", None)), (False, "no-card")),
]


@pytest.mark.parametrize(("profile", "transaction", "expected"), PROFILES)
def test_the_profiles(profile: Profile, transaction: Any, expected: tuple[bool, str]) -> None:
    result = need(transaction, table(profile, "0.00", ""))
    assert (result.needed, result.rule) == expected


def told(
    demand: str | None, kind: str, method: str, entry: str | None, cents: int, cny: bool, limit: int | None
) -> str:
    """What docs/signing.md says, in its order; `limit` is of contactless payments, in cents; the threshold is 50.00."""
    if demand:
        return "host-demand"
    if method != "card":
        return "no-card"
    if kind == "void":
        return "void"
    if entry == "contactless" and limit is not None and cents <= limit and (cny or limit != 100_000):
        return "contactless-limit"
    return "below-threshold" if cents < 5_000 else "card"


def test_the_whole_truth_table_one_cent_on_either_side() -> None:
    """Demand, type, method, entry, amount, currency, profile, and the shop's own limit for contactless payments."""
    seen: dict[str, int] = {}
    axes = product(
        (None, "required", "not-required"),
        ("sale", "refund", "void"),
        ("card", "cash", "alipay"),
        ("contactless", "chip", "swipe", "manual", None),
        (1, 4_999, 5_000, 5_001, 19_999, 20_000, 20_001, 99_999, 100_000, 100_001),
        ("CNY", "USD"),
        (
            ("cn", "", 100_000),
            ("neutral", "", None),
            ("strict", "", None),
            ("cn", "200.00", 20_000),
            ("neutral", "200.00", 20_000),
        ),
    )
    for demand, kind, method, entry, cents, currency, (profile, own, limit) in axes:
        transaction = paid((method, f"{cents / 100:.2f}", entry), type=kind, currency=currency, signature=demand)
        found = need(transaction, table(profile, "50.00", own))  # type: ignore[arg-type]
        rule = told(demand, kind, method, entry, cents, currency == "CNY", limit)
        needed = rule == "card" or (rule == "host-demand" and demand == "required")
        at = (demand, kind, method, entry, cents, currency, profile, own)
        assert (found.rule, found.needed) == (rule, needed), at
        seen[rule] = seen.get(rule, 0) + 1
    assert sum(seen.values()) == 13_500
    assert set(seen) == {"host-demand", "no-card", "void", "contactless-limit", "below-threshold", "card"}


OWN = """
[policy]
profile = "neutral"
[[policy.signature]]
rule = "host-says-no-but-large"
needed = true
demand = "not-required"
from = "5000.00"
[[policy.signature]]
rule = "refund"
needed = true
types = ["refund"]
[[policy.signature]]
rule = "wallet"
needed = true
methods = ["alipay", "wechat"]
from = "500.00"
[[policy.signature]]
rule = "small"
needed = false
methods = ["card"]
entries = ["contactless", "chip"]
currency = "CNY"
from = "10.00"
below = "50.00"
text = "Under {limit}: no signature."
"""
OF_OWN = [
    (tap("4999.99", signature="not-required"), (False, "host-demand")),
    (tap("5000.00", signature="not-required"), (True, "host-says-no-but-large")),
    (paid(("cash", "1.00", None), type="refund"), (True, "refund")),
    (paid(("cash", "1.00", None), type="refund", signature="not-required"), (False, "host-demand")),
    (paid(("alipay", "499.99", "qr")), (False, "no-card")),
    (paid(("alipay", "500.00", "qr")), (True, "wallet")),
    (paid(("alipay", "250.00", "qr"), ("wechat", "250.00", "qr")), (True, "wallet")),
    (paid(("alipay", "250.00", "qr"), ("cash", "250.00", None)), (False, "no-card")),
    (tap("9.99"), (True, "card")),
    (tap("10.00"), (False, "small")),
    (tap("49.99"), (False, "small")),
    (tap("50.00"), (True, "card")),
    (tap("20.00", currency="USD"), (True, "card")),
    (paid(("card", "20.00", "swipe")), (True, "card")),
    (paid(("card", "20.00", "chip"), ("card", "20.00", "swipe")), (True, "card")),
    (tap("20.00", type="void"), (False, "small")),
]


@pytest.mark.parametrize(("transaction", "expected"), OF_OWN)
def test_the_shops_own_rules_go_before_the_profiles(transaction: Any, expected: tuple[bool, str]) -> None:
    result = need(transaction, parse(OWN).policy.signing_table)
    assert (result.needed, result.rule) == expected


def test_a_rule_brings_its_text_and_its_limit() -> None:
    rules = parse(OWN).policy.signing_table
    assert need(tap("20.00"), rules) == Need(False, "small", "50.00", "Under {limit}: no signature.")
    assert need(tap("10.00", type="refund"), rules) == Need(True, "refund")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("from = 'much'", "'much'"),
        ("below = '1'\nto = '2'", "two ends"),
        ("from = '2'\nto = '1'", "from 2 and to 1"),
        ("from = '2'\nbelow = '2'", "from 2 and below 2"),
        ("text = 'none needed'", "text replaces"),
        ("form = '1'", "form"),
        ("methods = 'card'", "methods"),
        ("rule = 'No Name'", "rule"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_its_place(row: str, said: str) -> None:
    name = "" if row.startswith("rule") else "rule = 'one'\n"
    with pytest.raises(ConfigError) as caught:
        parse(f"[[policy.signature]]\n{name}needed = true\n{row}")
    assert "policy.signature[0]" in str(caught.value)
    assert said in str(caught.value)


def test_a_rule_for_one_amount_alone_is_sound() -> None:
    assert SigningRule("just", needed=True, from_="1.00", to="1.00").fault() is None


def code(**changes: Any) -> str | None:
    payment = {**sale()["payments"][0], **changes}
    return feature_code(typed(payments=[{k: v for k, v in payment.items() if v is not None}]))


def test_the_feature_code_of_the_vendors_example() -> None:
    assert code(settlement_date="0605", reference="123456789012") == "507D8226"


def test_without_a_settlement_date_zeros_stand_for_it() -> None:
    assert (
        code(settlement_date=None, reference="123456789012")
        == bytes(a ^ b for a, b in zip(bytes.fromhex("00001234"), bytes.fromhex("56789012"), strict=True)).hex().upper()
    )


@pytest.mark.parametrize(
    "reference", [None, "12345678901", "1234567890123", "A23456789012", "１２３４５６７８９０１２"]
)
def test_no_feature_code_without_a_reference_of_twelve_digits(reference: str | None) -> None:
    assert code(reference=reference) is None


def test_the_feature_code_is_that_of_the_first_card() -> None:
    two = [{"method": "cash", "amount": "1"}, {"method": "card", "amount": "1", "reference": "123456789012"}]
    assert feature_code(typed(payments=two)) is not None
    assert feature_code(typed(payments=two[:1])) is None
