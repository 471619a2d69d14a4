"""The shape of a transaction and the check that it is complete: each refusal names its field."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from posd.domain.errors import Refusal
from posd.domain.requests import ReprintAsk, Search
from posd.domain.transaction import Transaction, check_complete, moment
from tests.unit.domain.samples import cash, sale


def complete(document: dict[str, Any]) -> int:
    return check_complete(msgspec.convert(document, Transaction))


def item(**changes: Any) -> list[dict[str, Any]]:
    return [{"name": "茶", "quantity": "2", "price": "18.00", "amount": "36.00", **changes}]


def card(**changes: Any) -> list[dict[str, Any]]:
    return [{"method": "card", "amount": "36.00", **changes}]


def test_the_guides_sale_is_complete() -> None:
    assert complete(sale()) == 3600


@pytest.mark.parametrize(
    ("changes", "units"),
    [
        ({"items": item(discount="1.00", amount="35.00"), "total": "35.00", "payments": card(amount="35.00")}, 3500),
        ({"discounts": [{"name": "d", "amount": "6.00"}], "total": "30.00", "payments": card(amount="30.00")}, 3000),
        ({"taxes": [{"name": "VAT", "amount": "4.00"}], "total": "40.00", "payments": card(amount="40.00")}, 4000),
        ({"taxes": [{"name": "VAT", "amount": "4.00", "included": True}]}, 3600),
        ({"tip": "4.00", "total": "40.00", "payments": card(amount="40.00")}, 4000),
        ({"payments": [*card(amount="30.00"), {"method": "cash", "amount": "6.00"}]}, 3600),
        ({"payments": card(tendered="50.00", change="14.00")}, 3600),
        ({"payments": card(tendered="36.00")}, 3600),
        ({"items": item(price="0.00", amount="0.00"), "total": "0.00", "payments": card(amount="0.00")}, 0),
        ({"items": item(quantity="-1", amount="-18.00") + item(quantity="3", amount="54.00")}, 3600),
        ({"type": "refund"}, 3600),
    ],
)
def test_what_adds_up_is_complete(changes: dict[str, Any], units: int) -> None:
    assert complete(sale(**changes)) == units


INCOMPLETE: list[tuple[str, dict[str, Any]]] = [
    ("transaction.time", {"time": "2026-11-21 10:15"}),
    ("transaction.time", {"time": "2026-11-21T10:15:30"}),
    ("transaction.time", {"time": "yesterday"}),
    ("transaction.time", {"time": "2026-13-01T00:00:00+08:00"}),
    ("transaction.items", {"items": []}),
    ("transaction.payments", {"payments": []}),
    ("transaction.items[0].quantity", {"items": item(quantity="two")}),
    ("transaction.items[0].price", {"items": item(price="1e1")}),
    ("transaction.items[0].amount", {"items": item(amount="36.001")}),
    ("transaction.items[0].amount", {"items": item(amount="36.01")}),
    ("transaction.items[1].amount", {"items": item() + item(amount="1.00")}),
    ("transaction.items[0].discount", {"items": item(discount="x")}),
    ("transaction.items[0].amount", {"items": item(discount="1.00")}),
    ("transaction.discounts[0].amount", {"discounts": [{"name": "d", "amount": ","}]}),
    ("transaction.taxes[1].amount", {"taxes": [{"name": "a", "amount": "0"}, {"name": "b", "amount": "?"}]}),
    ("transaction.tip", {"tip": "4,00"}),
    ("transaction.total", {"total": "35.99"}),
    ("transaction.total", {"total": "abc"}),
    ("transaction.total", {"items": item(quantity="-2", amount="-36.00"), "total": "-36.00",
                           "payments": card(amount="-36.00")}),
    ("transaction.payments", {"payments": card(amount="35.99")}),
    ("transaction.payments[0].amount", {"payments": card(amount="x")}),
    ("transaction.payments[0].tendered", {"payments": card(tendered="x")}),
    ("transaction.payments[0].change", {"payments": card(change="x")}),
    ("transaction.payments[0].amount", {"payments": card(tendered="50.00", change="13.99")}),
    ("transaction.payments[0].amount", {"payments": card(tendered="50.00")}),
]  # fmt: skip


@pytest.mark.parametrize(("field", "changes"), INCOMPLETE)
def test_what_is_not_complete_is_refused_with_the_path_of_the_field(field: str, changes: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as caught:
        complete(sale(**changes))
    assert (caught.value.kind, caught.value.field) == ("incomplete", field)
    assert field in caught.value.message or "transaction.total" in caught.value.message
    assert "Nothing was kept" in caught.value.message


def test_a_yen_has_no_decimals() -> None:
    assert complete(cash("500", currency="JPY")) == 500
    with pytest.raises(Refusal, match="JPY"):
        complete(cash("500.5", currency="JPY"))


def test_the_refusal_names_both_sums() -> None:
    with pytest.raises(Refusal, match=r"35\.99.*36\.00"):
        complete(sale(total="35.99"))


CONTROL = ["\n", "\r", "\t", "\x00", "\x1b", "\x7f", "\x85", "\x9b", "\u2028", "\u2029"]
PLACES: list[tuple[str, Any]] = [
    ("items[0].name", lambda text: sale(items=item(name=text))),
    ("items[0].unit", lambda text: sale(items=item(unit=text))),
    ("payments[0].method", lambda text: sale(payments=card(method=text))),
    ("payments[0].card.masked", lambda text: sale(payments=card(card={"masked": text}))),
    ("payments[0].settlement_date", lambda text: sale(payments=card(settlement_date="0605" + text.strip("a")))),
    ("operator", lambda text: sale(operator=text)),
    ("receipt", lambda text: sale(receipt=text)),
    ("remarks", lambda text: sale(remarks=text)),
    ("qr", lambda text: sale(qr=text)),
    ("id", lambda text: sale(id=text)),
    ("original", lambda text: sale(original=text)),
    ("currency", lambda text: sale(currency="CNY" + text.strip("a"))),
]


@pytest.mark.parametrize("control", CONTROL, ids=ascii)
@pytest.mark.parametrize("shape", ["a{}b", "{}a", "a{}"])
@pytest.mark.parametrize(("place", "make"), PLACES, ids=[p[0] for p in PLACES])
def test_no_control_character_gets_into_any_text(place: str, make: Any, shape: str, control: str) -> None:
    """Also not as its last character, where a pattern's `$` would look past a newline."""
    with pytest.raises(msgspec.ValidationError, match=r"\$\." + place.replace("[0]", r"\[.*\]")):
        msgspec.convert(make(shape.format(control)), Transaction)


@pytest.mark.parametrize("text", ["1234\n", "12345", "abcd", ""])
def test_last_four_are_four_digits(text: str) -> None:
    for shape in (Search, ReprintAsk):
        with pytest.raises(msgspec.ValidationError, match="last_four"):
            msgspec.convert({"id": "last", "key": "k", "last_four": text} if shape is ReprintAsk else
                            {"last_four": text}, shape)  # fmt: skip


@pytest.mark.parametrize("key", ["", "a b", "k\n", "k" * 65, "钥"])
def test_a_key_is_short_plain_and_visible(key: str) -> None:
    with pytest.raises(msgspec.ValidationError, match="key"):
        msgspec.convert({"id": "last", "key": key}, ReprintAsk)


@pytest.mark.parametrize(
    "document",
    [
        sale(totl="36.00"),
        sale(items=item(nmae="x")),
        sale(payments=card(card={"masked": "x", "expiry": "2712"})),
        sale(type="gift"),
        sale(currency="cny"),
        sale(total=36),
        sale(items=[{"name": "x" * 201, "quantity": "1", "price": "1", "amount": "1"}]),
        sale(id="x" * 65),
        sale(items=item() * 5001),
        sale(payments=card() * 51),
        sale(remarks="x" * 401),
        sale(signature="maybe"),
        {k: v for k, v in sale().items() if k != "total"},
    ],
)
def test_a_shape_that_is_not_the_transactions_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(document, Transaction)


def test_what_people_write_is_allowed() -> None:
    for name in ("乌龙茶 Oolong", "Café crème", "🍵", "a/b-c_d", "½ kg", "عربى"):
        assert complete(sale(items=item(name=name))) == 3600


def test_a_time_knows_its_offset() -> None:
    assert moment("2026-11-21T10:15:30+08:00", "f") == moment("2026-11-21T02:15:30Z", "f")
    with pytest.raises(Refusal) as caught:
        moment("2026-11-21T10:15:30", "since")
    assert caught.value.field == "since"
