"""Parameters: the guard sees them first, then the shape, and errors name the field."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from posd.api.params import guarded, typed
from posd.domain import requests
from posd.domain.errors import Refusal
from tests.unit.api.fakes import SALE


def sale(**changes: Any) -> dict[str, Any]:
    """A sale whose parts are replaced: `items__0__name="x"`; `...` removes."""
    made = copy.deepcopy(SALE)
    for path, value in changes.items():
        *way, last = [int(part) if part.isdigit() else part for part in path.split("__")]
        place: Any = made
        for part in way:
            place = place[part]
        if value is ...:
            del place[last]
        else:
            place[last] = value
    return {"transaction": made}


def refused(params: Any, shape: Any = requests.Submit) -> Refusal:
    with pytest.raises(Refusal) as raised:
        typed(guarded(params), shape)
    return raised.value


@pytest.mark.parametrize(
    ("params", "field", "says"),
    [
        (sale(items__0__name=3), "transaction.items[0].name", "expected `str`, got `int`"),
        (sale(items__0__name=...), "transaction.items[0].name", "is missing"),
        (sale(items__0__colour="red"), "transaction.items[0].colour", "not a field"),
        (sale(items__0__name="tea\x1b@"), "transaction.items[0].name", "control character"),
        (sale(items__0__name="tea\n"), "transaction.items[0].name", "control character"),
        (sale(items__0__name=""), "transaction.items[0].name", "must not be empty"),
        (sale(items__0__name="x" * 201), "transaction.items[0].name", "at most 200 characters"),
        (sale(items=[{"name": "x"}] * 5001), "transaction.items", "at most 5000 entries"),
        (sale(items={}), "transaction.items", "expected `array`"),
        (sale(currency="yuan"), "transaction.currency", "three capital letters"),
        (sale(id="a b"), "transaction.id", "no spaces"),
        (sale(id="a\n"), "transaction.id", "no spaces"),
        (sale(payments__0__settlement_date="21.11"), "transaction.payments[0].settlement_date", "four digits"),
        (sale(type="gift"), "transaction.type", "invalid enum value"),
        (sale(total=36), "transaction.total", "expected `str`"),
        ({"transaction": []}, "transaction", "expected `object`"),
        ({}, "transaction", "is missing"),
        (None, "transaction", "is missing"),
        ({"transaction": SALE["items"][0] and {}, "more": 1}, "transaction.id", "is missing"),
        ([], "params", "object"),
        ("text", "params", "object"),
    ],
)
def test_the_field_at_fault_is_named(params: Any, field: str, says: str) -> None:
    refusal = refused(params)
    assert refusal.kind == "invalid"
    assert refusal.field == field
    assert says in refusal.message
    assert refusal.message.startswith((field, "`params`"))
    assert "Nothing was kept" in refusal.message


def test_an_unknown_name_at_the_top_is_named() -> None:
    assert refused({"id": "a", "colour": "red"}, requests.Get).field == "colour"


def test_the_name_on_the_wire_counts() -> None:
    assert refused({"from_": 1}, requests.Subscribe).field == "from_"
    assert typed(guarded({"from": 1}), requests.Subscribe).from_ == 1


def test_a_card_number_in_a_name_is_masked_before_the_shape_is_made() -> None:
    made = typed(guarded(sale(items__0__name="card 4111 1111 1111 1111")), requests.Submit)
    assert made.transaction.items[0].name == "card 411111******1111"


def test_a_field_for_card_secrets_refuses_before_the_shape_speaks() -> None:
    refusal = refused(sale(payments__0__card__cvv="123", total=36))
    assert refusal.kind == "card-data"
    assert refusal.field == "transaction.payments[0].card.cvv"
    assert "123" not in refusal.message


def test_a_wrong_value_that_is_a_card_number_is_not_repeated() -> None:
    refusal = refused(sale(type="4111111111111111"))
    assert refusal.kind == "invalid"
    assert "4111111111111111" not in refusal.message


def test_too_deep_is_an_error_like_any_other() -> None:
    deep: Any = 1
    for _ in range(40):
        deep = {"a": deep}
    assert refused(deep).kind == "invalid"
