"""What a template may name in braces, and how each value is written. Pure.

- Amounts are the till's, to the currency's decimals.
- Of a card there are the last four digits and nothing more: no field has the rest.
- A template has no other way to the transaction, and no code: names are looked up in one table.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from posd.domain import money
from posd.domain.slip import SlipOrder
from posd.domain.transaction import Transaction
from posd.printer.labels import Words
from posd.printer.paper import Paper

FIELD = re.compile(r"\{([^{}]*)\}")
LABEL = "label."
EXPANDED_MAX = 2000
"""Letters of one expanded text; a longer one is cut."""


@dataclass(frozen=True, slots=True)
class Job:
    """One slip to lay out."""

    order: SlipOrder
    paper: Paper
    words: Words

    @property
    def sale(self) -> Transaction:
        return self.order.transaction

    def amount(self, text: str) -> str:
        """In the sale's currency: `"36"` -> `"36.00"`."""
        return amount(text, self.sale.currency)


def clock(text: str) -> str:
    """RFC 3339 -> `2026-11-21 10:15:30`, in the zone that the text names."""
    return datetime.fromisoformat(text).strftime("%Y-%m-%d %H:%M:%S")


def amount(text: str, currency: str) -> str:
    """Decimal text with the currency's decimals: `"36"` -> `"36.00"`."""
    return money.text_of(money.minor_units(text, currency), currency)


def price(text: str, currency: str) -> str:
    """As `amount`; a price with more decimals than the currency stays as it is."""
    try:
        return amount(text, currency)
    except money.BadAmount:
        return text


def priced(text: str, currency: str) -> str:
    """`"36.00", "CNY"` -> `"¥36.00"`; the code where the currency has no sign of its own."""
    return f"{money.SYMBOLS.get(currency, currency + ' ')}{amount(text, currency)}"


def last_four(masked: str) -> str:
    """`"621700******1234"` -> `"**** **** **** 1234"`; stars alone where the text does not end in four digits."""
    match = re.search(r"[0-9]{4}$", masked.strip(), re.ASCII)
    return "**** **** **** " + (match.group() if match else "****")


def digest(order: SlipOrder) -> str:
    """The first 16 digits of the digest, in groups of four."""
    digits = order.digest[:16].upper()
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def _identity(job: Job) -> str:
    """What the slip's QR code says when the till gives nothing."""
    order, sale = job.order, job.sale
    return sale.qr or f"{sale.id}|{order.receipt}|{job.amount(sale.total)}|{order.digest[:16]}"


def _terms(job: Job) -> str | None:
    """Until when and how often the slip may be printed again; a line for each language."""
    terms = job.order.terms
    if terms is None:
        return None
    name = "terms.none" if not terms.left else "terms.supervisor" if terms.supervisor else "terms"
    values = {"until": terms.until[:10], "left": str(terms.left)} if terms.left else {}
    return "\n".join(job.words.sentences(name, **values))


def _cards(job: Job) -> str:
    return ", ".join(last_four(payment.card.masked) for payment in job.sale.payments if payment.card)


FIELDS: dict[str, Callable[[Job], str | None]] = {
    "merchant": lambda job: (job.order.terminal.merchant.splitlines() or [""])[0],
    "address": lambda job: "\n".join(job.order.terminal.merchant.splitlines()[1:]),
    "terminal": lambda job: job.order.terminal.id,
    "receipt": lambda job: job.order.receipt,
    "transaction": lambda job: job.sale.id,
    "original": lambda job: job.sale.original,
    "time": lambda job: clock(job.sale.time),
    "date": lambda job: clock(job.sale.time)[:10],
    "operator": lambda job: job.sale.operator,
    "type": lambda job: job.words.label(job.sale.type),
    "copy": lambda job: job.words.label(job.order.copy),
    "items": lambda job: str(len(job.sale.items)),
    "total": lambda job: priced(job.sale.total, job.sale.currency),
    "currency": lambda job: job.sale.currency,
    "card": _cards,
    "remarks": lambda job: job.sale.remarks,
    "feature": lambda job: job.order.feature_code,
    "digest": lambda job: digest(job.order),
    "qr": _identity,
    "terms": _terms,
}


def expand(text: str, job: Job) -> str | None:
    """`text` with its names replaced; None when it names fields and all of them are empty."""
    empty: list[bool] = []

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name.startswith(LABEL):
            return job.words.label(name.removeprefix(LABEL))
        found = FIELDS[name](job) or ""
        empty.append(not found)
        return found

    filled = FIELD.sub(value, text)
    return None if empty and all(empty) else filled[:EXPANDED_MAX]
