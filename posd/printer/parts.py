"""The parts of a slip's body that a template places but does not write: what the law wants on it, and what adds up.

Amounts stand in one right-hand column that adds up from items to total. Each part stands behind its own rule, where
it has one. Pure.
"""

from __future__ import annotations

from collections.abc import Callable

from posd.domain import money
from posd.domain.transaction import Charge, Item, Payment
from posd.printer.fields import Job, digest, last_four, price, priced
from posd.printer.paper import Element, Gap, Line, Size

AMOUNT_COLUMNS = 11
TABLE_FROM_COLUMNS = 42
"""Paper from this width on has items of three columns in one line."""
CARD_ROWS = (
    *("tendered", "change", "card", "scheme", "issuer", "acquirer", "entry", "reference", "authorisation", "batch"),
    *("voucher", "settlement", "aid", "tvr", "tsi", "atc", "arqc"),
)
"""What a payment says of itself, in this order, where a template does not choose."""
MERCHANT_ROWS = frozenset({"tvr", "tsi", "atc", "arqc"})
"""Of them, what only the merchant copy shows."""


def kind(job: Job) -> list[Element]:
    """Sale, refund or void; what is no sale in large letters."""
    sale, paper = job.sale, job.paper
    if sale.type == "sale":
        return [*paper.paragraph(job.words.label("sale"), "center", bold=True)]
    return [*paper.paragraph(f"* {job.words.label(sale.type)} *", "center", "double", bold=True), Gap()]


def copy(job: Job) -> list[Element]:
    """Whose copy it is."""
    return [*job.paper.paragraph(job.words.label(job.order.copy), "center")]


def receipt(job: Job) -> list[Element]:
    """The receipt number, large: a cashier types it to reprint."""
    paper, number = job.paper, job.order.receipt
    fits = paper.charset.width(paper.charset.clean(number)) <= paper.columns // 2
    return [
        *paper.paragraph(job.words.label("receipt"), "center"),
        *paper.paragraph(number, "center", "double" if fits else "tall", bold=True),
        Gap(),
    ]


def items(job: Job) -> list[Element]:
    """The head of the table and each item."""
    paper, sale = job.paper, job.sale
    head = f"{job.words.label('amount')} {sale.currency}"
    lines: list[Element] = [paper.rule(), *paper.pair(job.words.label("item"), head), paper.rule()]
    for item in sale.items:
        lines += _item(item, job)
    return lines


def _item(item: Item, job: Job) -> list[Line]:
    """Name, quantity x price and amount: one line where it fits, else the name in lines of its own."""
    paper, currency = job.paper, job.sale.currency
    unit = f" {item.unit}" if item.unit else ""
    detail, total = f"{item.quantity}{unit} x {price(item.price, currency)}", job.amount(item.amount)
    width, clean = paper.charset.width, paper.charset.clean
    name, code = clean(item.name), f"  {item.code}" if item.code else ""
    room = paper.columns - max(AMOUNT_COLUMNS, width(total) + 1)
    if paper.columns >= TABLE_FROM_COLUMNS and not code and width(name) + 2 + width(clean(detail)) <= room:
        lines = paper.triple(name, detail, total, AMOUNT_COLUMNS)
    else:
        lines = [*paper.paragraph(name), *paper.triple(code, detail, total, AMOUNT_COLUMNS)]
    if item.discount is not None:
        less = f"  ({job.words.label('discount')} {_less(item.discount, currency)})"
        lines += paper.paragraph(less) if width(clean(less)) > paper.columns else [Line(clean(less))]
    return lines


def _less(text: str, currency: str) -> str:
    return money.text_of(-money.minor_units(text, currency), currency)


def _charge(charge: Charge, word: str, value: str, job: Job) -> list[Line]:
    rate = f" {charge.rate}" if charge.rate else ""
    return job.paper.pair(f"{job.words.label(word)} {charge.name}{rate}", value)


def totals(job: Job) -> list[Element]:
    """Discounts, taxes and tip between the subtotal and the total, which is large."""
    sale, paper, label = job.sale, job.paper, job.words.label
    lines: list[Element] = [paper.rule()]
    added = [tax for tax in sale.taxes if not tax.included]
    if sale.discounts or added or sale.tip:
        units = sum(money.minor_units(item.amount, sale.currency) for item in sale.items)
        lines += paper.pair(label("subtotal"), money.text_of(units, sale.currency))
    for charge in sale.discounts:
        lines += _charge(charge, "discount", _less(charge.amount, sale.currency), job)
    for tax in added:
        lines += _charge(tax, "tax", job.amount(tax.amount), job)
    if sale.tip:
        lines += paper.pair(label("tip"), job.amount(sale.tip))
    lines += [Gap(), *_grand_total(job), Gap()]
    for tax in sale.taxes:
        if tax.included:
            lines += _charge(tax, "included", job.amount(tax.amount), job)
    return lines


def _grand_total(job: Job) -> list[Line]:
    """Double width and height; in two lines where one is too narrow. An amount is never broken: a long one is tall."""
    sale, paper, charset = job.sale, job.paper, job.paper.charset
    words = charset.clean(job.words.label(f"total.{sale.type}"))
    value = charset.clean(priced(sale.total, sale.currency))
    gap = paper.columns // 2 - charset.width(words) - charset.width(value)
    if gap >= 1:
        return [Line(words + " " * gap + value, size="double", bold=True)]
    size: Size = "double" if charset.width(value) <= paper.columns // 2 else "tall"
    return [*paper.paragraph(words, size="double", bold=True), *paper.paragraph(value, "right", size, bold=True)]


def payments(job: Job, wanted: tuple[str, ...] = CARD_ROWS) -> list[Element]:
    """Each payment with its amount and, of `wanted`, what it says of itself."""
    lines: list[Element] = []
    for payment in job.sale.payments:
        amount = job.amount(payment.amount)
        lines += [job.paper.rule(), *job.paper.pair(job.words.known("method", payment.method), amount)]
        found = _card_rows(payment, job)
        lines += job.paper.pairs(found[name] for name in wanted)
    return lines


def _card_rows(payment: Payment, job: Job) -> dict[str, tuple[str, str | None]]:
    """Name -> label and value of everything that CARD_ROWS names."""
    card, date = payment.card, payment.settlement_date
    values: dict[str, str | None] = {
        "tendered": job.amount(payment.tendered) if payment.tendered else None,
        "change": job.amount(payment.change) if payment.change else None,
        "card": last_four(card.masked) if card else None,
        "entry": job.words.known("entry", payment.entry) if payment.entry else None,
        "reference": payment.reference,
        "authorisation": payment.authorisation,
        "batch": payment.batch,
        "voucher": payment.voucher,
        "settlement": f"{date[:2]}/{date[2:]}" if date else None,
    }
    rows = {name: (job.words.label(name), value) for name, value in values.items()}
    for name in ("scheme", "issuer", "acquirer"):
        rows[name] = (job.words.label(name), getattr(card, name) if card else None)
    for name in ("aid", "tvr", "tsi", "atc", "arqc"):
        shown = card is not None and (job.order.copy == "merchant" or name not in MERCHANT_ROWS)
        rows[name] = (name.upper(), getattr(card, name) if shown else None)
    return rows


def proof(job: Job) -> list[Element]:
    """The feature code, where there is one, and the digest to which a signature is bound."""
    label = job.words.label
    return [*job.paper.pairs(((label("feature"), job.order.feature_code), (label("digest"), digest(job.order))))]


PARTS: dict[str, Callable[[Job], list[Element]]] = {
    "type": kind,
    "copy": copy,
    "receipt": receipt,
    "items": items,
    "totals": totals,
    "payments": payments,
    "proof": proof,
}
"""What a template places by `part`. Each of them must stand on every slip."""
