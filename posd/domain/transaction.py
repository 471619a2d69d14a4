"""The transaction as a till hands it over, and the check that it is complete.

Shapes are strict: unknown fields are refused with their path, texts are bounded and carry no control characters.
Amounts are decimal text (domain/money.py). Card numbers arrive masked; domain/card_guard.py sees to it before these
types are made.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from posd.domain import money
from posd.domain.errors import Refusal

END = r"$(?!\n)"
"""The end of a text in a pattern: `$` alone would look past a last newline."""
_PRINTABLE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*" + END
Line = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=_PRINTABLE)]
Note = Annotated[str, msgspec.Meta(max_length=400, pattern=_PRINTABLE)]
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=40, pattern=_PRINTABLE)]
Amount = Annotated[str, msgspec.Meta(min_length=1, max_length=20)]
TransactionId = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[\x21-\x7e]+" + END)]
Currency = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}" + END)]
Type = Literal["sale", "refund", "void"]


class Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of all shapes that come from outside."""


class Item(Strict, frozen=True):
    """One line of the sale: `amount` is `quantity` times `price` less `discount`, to the minor unit."""

    name: Line
    quantity: Amount
    price: Amount
    amount: Amount
    discount: Amount | None = None
    unit: Word | None = None
    code: Word | None = None


class Charge(Strict, frozen=True):
    """A discount (taken off) or a tax on the whole sale. A tax that is `included` in the prices does not add to the
    total.
    """

    name: Line
    amount: Amount
    rate: Word | None = None
    included: bool = False


class Card(Strict, frozen=True):
    """What may be kept of a card. `masked` shows at most the first six and the last four digits."""

    masked: Word
    scheme: Word | None = None
    issuer: Word | None = None
    acquirer: Word | None = None
    aid: Word | None = None
    tvr: Word | None = None
    tsi: Word | None = None
    atc: Word | None = None
    arqc: Word | None = None


class Payment(Strict, frozen=True):
    """One payment. `reference`, `authorisation`, `batch`, `voucher`, `settlement_date` (MMDD) are the acquirer's."""

    method: Word
    amount: Amount
    entry: Word | None = None
    card: Card | None = None
    reference: Word | None = None
    authorisation: Word | None = None
    batch: Word | None = None
    voucher: Word | None = None
    settlement_date: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}" + END)] | None = None
    tendered: Amount | None = None
    change: Amount | None = None


class Transaction(Strict, frozen=True):
    """One sale, refund or void. `id` is the till's own and makes a submit idempotent; `time` is RFC 3339 with an
    offset.

    `signature` is the host's demand, where it has one. `receipt` is the till's receipt number, where it gives one.
    """

    id: TransactionId
    type: Type
    time: Word
    currency: Currency
    items: Annotated[list[Item], msgspec.Meta(max_length=5000)]
    total: Amount
    payments: Annotated[list[Payment], msgspec.Meta(max_length=50)]
    operator: Word | None = None
    receipt: Word | None = None
    discounts: Annotated[list[Charge], msgspec.Meta(max_length=50)] = []
    taxes: Annotated[list[Charge], msgspec.Meta(max_length=50)] = []
    tip: Amount | None = None
    signature: Literal["required", "not-required"] | None = None
    remarks: Note | None = None
    original: TransactionId | None = None
    qr: Note | None = None


def moment(text: str, field: str) -> datetime:
    """RFC 3339 text with an offset -> aware datetime; `incomplete` otherwise."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        when = None
    if when is None or when.tzinfo is None:
        raise Refusal(
            "incomplete",
            f"{field} is not a time with an offset such as 2026-11-21T10:15:30+08:00. "
            "Nothing was kept; correct it and send again.",
            field=field,
        )
    return when


def _units(text: str, currency: str, field: str, *places: int) -> int:
    """Minor units of an amount; `field` is its path, with a `%d` for each of `places`."""
    try:
        return money.minor_units(text, currency)
    except money.BadAmount as error:
        named = field % places
        raise Refusal(
            "incomplete", f"{named}: {error}. Nothing was kept; correct it and send again.", field=named
        ) from error


def _differs(field: str, what: str, stated: int, computed: int, currency: str, *, named: str | None = None) -> Refusal:
    return Refusal(
        "incomplete",
        f"{named or field} says {money.text_of(stated, currency)}, but {what} make "
        f"{money.text_of(computed, currency)}. Nothing was kept; correct it and send again.",
        field=field,
    )


def check_complete(transaction: Transaction) -> int:
    """The total in minor units; `incomplete` with the path of the field that is missing or adds up wrongly."""
    cur = transaction.currency
    moment(transaction.time, "transaction.time")
    for name in ("items", "payments"):
        if not getattr(transaction, name):
            raise Refusal(
                "incomplete",
                f"transaction.{name} is empty; a slip needs at least one. Nothing was kept.",
                field=f"transaction.{name}",
            )
    running = sum([_item_units(item, cur, place) for place, item in enumerate(transaction.items)])
    for place, discount in enumerate(transaction.discounts):
        running -= _units(discount.amount, cur, "transaction.discounts[%d].amount", place)
    for place, tax in enumerate(transaction.taxes):
        units = _units(tax.amount, cur, "transaction.taxes[%d].amount", place)
        running += 0 if tax.included else units
    if transaction.tip is not None:
        running += _units(transaction.tip, cur, "transaction.tip")
    total = _units(transaction.total, cur, "transaction.total")
    if total < 0:
        raise Refusal(
            "incomplete",
            "transaction.total is below zero; money that goes back is a refund with a positive total. "
            "Nothing was kept.",
            field="transaction.total",
        )
    if total != running:
        raise _differs("transaction.total", "items, discounts, taxes and tip", total, running, cur)
    paid = sum([_payment_units(payment, cur, place) for place, payment in enumerate(transaction.payments)])
    if paid != total:
        raise _differs("transaction.payments", "the payments", total, paid, cur, named="transaction.total")
    return total


def _item_units(item: Item, currency: str, place: int) -> int:
    try:
        computed = money.product(item.quantity, item.price, currency)
    except money.BadAmount as error:
        field = f"transaction.items[{place}].{'price' if money.is_decimal(item.quantity) else 'quantity'}"
        raise Refusal(
            "incomplete", f"{field}: {error}. Nothing was kept; correct it and send again.", field=field
        ) from error
    stated = _units(item.amount, currency, "transaction.items[%d].amount", place)
    if item.discount is not None:
        computed -= _units(item.discount, currency, "transaction.items[%d].discount", place)
    if stated != computed:
        raise _differs(f"transaction.items[{place}].amount", "quantity and price", stated, computed, currency)
    return stated


def _payment_units(payment: Payment, currency: str, place: int) -> int:
    amount = _units(payment.amount, currency, "transaction.payments[%d].amount", place)
    if payment.tendered is not None or payment.change is not None:
        tendered = _units(payment.tendered or payment.amount, currency, "transaction.payments[%d].tendered", place)
        change = _units(payment.change or "0", currency, "transaction.payments[%d].change", place)
        if tendered - change != amount:
            field = f"transaction.payments[{place}].amount"
            raise _differs(field, "tendered and change", amount, tendered - change, currency)
    return amount
