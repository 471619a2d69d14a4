"""Amounts are exact: what cannot be kept to the minor unit is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posd.domain import money

NOT_AMOUNTS = [
    *["", " ", "1e3", "1E3", "+1", "1.", ".5", "1,000.00", "1 000", "１２", "٣", "0x10", "NaN", "Infinity", "--1"],
    *["1.0000000", "1234567890123", "1\n", "\n1", "1.0 ", "-", "1.2.3", "¥1"],
]


@pytest.mark.parametrize(
    ("currency", "places"), [("CNY", 2), ("EUR", 2), ("JPY", 0), ("KRW", 0), ("KWD", 3), ("TND", 3), ("ZZZ", 2)]
)
def test_decimals_are_those_of_the_currency(currency: str, places: int) -> None:
    assert money.exponent(currency) == places
    assert money.minor_units("7", currency) == 7 * 10**places


@pytest.mark.parametrize(
    ("text", "currency", "units"),
    [
        ("36.00", "CNY", 3600),
        ("36", "CNY", 3600),
        ("36.5", "CNY", 3650),
        ("-0.01", "CNY", -1),
        ("36.000", "CNY", 3600),
        ("36.0", "JPY", 36),
        ("1.234", "KWD", 1234),
        ("999999999999.99", "CNY", 99999999999999),
        ("007", "JPY", 7),
    ],
)
def test_text_becomes_minor_units(text: str, currency: str, units: int) -> None:
    assert money.minor_units(text, currency) == units


@pytest.mark.parametrize("text", NOT_AMOUNTS)
def test_what_is_not_plain_decimal_text_is_refused(text: str) -> None:
    with pytest.raises(money.BadAmount):
        money.decimal_of(text)


@pytest.mark.parametrize(("text", "currency"), [("0.001", "CNY"), ("1.5", "JPY"), ("1.2345", "KWD")])
def test_more_decimals_than_the_currency_has_are_refused_not_rounded(text: str, currency: str) -> None:
    with pytest.raises(money.BadAmount, match=currency):
        money.minor_units(text, currency)


def test_the_message_does_not_repeat_a_long_text() -> None:
    with pytest.raises(money.BadAmount) as caught:
        money.decimal_of("x" * 10_000)
    assert len(str(caught.value)) < 120


@pytest.mark.parametrize(
    ("quantity", "price", "currency", "units"),
    [
        ("2", "18.00", "CNY", 3600),
        ("0.333", "10.00", "CNY", 333),
        ("0.5", "0.01", "CNY", 1),
        ("-0.5", "0.01", "CNY", -1),
        ("0.125", "0.12", "CNY", 2),
        ("3", "1.5", "JPY", 5),
        ("1.001", "1.5", "KWD", 1502),
    ],
)
def test_a_product_rounds_half_away_from_zero(quantity: str, price: str, currency: str, units: int) -> None:
    assert money.product(quantity, price, currency) == units


@given(st.integers(-(10**14) + 1, 10**14 - 1), st.sampled_from(["CNY", "JPY", "KWD"]))
def test_text_and_units_are_inverse(units: int, currency: str) -> None:
    units %= 10 ** (12 + money.exponent(currency))
    assert money.minor_units(money.text_of(units, currency), currency) == units
    assert money.minor_units(money.text_of(-units, currency), currency) == -units


@given(st.decimals(0, 999999999999, places=6), st.decimals(0, 999999999999, places=6))
def test_a_product_of_the_largest_amounts_stays_within_half_a_unit(a: Decimal, b: Decimal) -> None:
    scaled = int(a.scaleb(6)) * int(b.scaleb(6)) * 100
    assert abs(money.product(f"{a:f}", f"{b:f}", "CNY") * 10**12 - scaled) <= 10**12 // 2 + 10**10
