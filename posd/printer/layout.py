"""A transaction as the lines of its slip. Pure: the same order gives the same elements.

- A slip says what it is at its head: sale, refund or void, and whose copy. Its receipt number is large: a cashier
  types it to reprint.
- Amounts are the till's, to the currency's decimals, in one right-hand column that adds up from items to total.
- A card shows its last four digits and nothing more.
- Marks stand at the top and at the bottom, so that neither end can be torn off unnoticed.
- Only the merchant copy has a place for the signature, and only `signing` draws it: the body never changes when a
  signature is taken.
"""

from __future__ import annotations

import re
from datetime import datetime

from posd.domain import money
from posd.domain.device import Bitmap
from posd.domain.slip import SlipOrder
from posd.domain.transaction import Charge, Item, Payment, Transaction
from posd.printer.labels import known, label, languages, sentences
from posd.printer.paper import Code, Element, Gap, Line, Paper, Picture

AMOUNT_COLUMNS = 11
TABLE_FROM_COLUMNS = 42
"""Paper from this width on has items of three columns in one line."""


def top(order: SlipOrder, paper: Paper) -> list[Element]:
    """That a torn piece is void, the marks, and who asked for a reprint, when and why."""
    lines: list[Element] = [*(_mark("torn", "", order, paper) if order.torn else ()), *marks(order, paper)]
    if order.reprint is not None:
        note, at = order.reprint, order.terminal.locale
        lines += paper.pairs(
            (
                (label(at, "printed"), clock(note.printed_at) if note.printed_at else "-"),
                (label(at, "reprinted"), clock(note.reprinted_at)),
                (label(at, "asked"), note.asked_by),
                (label(at, "reason"), note.reason),
            )
        )
    return [*lines, paper.rule("="), Gap()] if lines else []


def marks(order: SlipOrder, paper: Paper) -> list[Element]:
    """The marks that this print must carry, possible duplicate first."""
    lines: list[Element] = []
    if order.possible_duplicate:
        lines += _mark("possible-duplicate", "", order, paper)
    if order.reprint is not None:
        lines += _mark("duplicate", f" {order.reprint.number}", order, paper)
    return lines


def _mark(word: str, number: str, order: SlipOrder, paper: Paper) -> list[Element]:
    """One mark in one line; in a line for each language where the paper is too narrow."""
    at = order.terminal.locale
    texts = [f"*** {label(at, word)}{number} ***"]
    if paper.charset.width(texts[0]) > paper.columns:
        texts = [f"*** {name}{number} ***" for name in languages(at, word)]
    return [*(line for text in texts for line in paper.paragraph(text, "center", "tall", bold=True)), Gap()]


def bottom(order: SlipOrder, paper: Paper) -> list[Element]:
    """The marks once more; the cut is the composer's."""
    found = marks(order, paper)
    return [paper.rule("="), Gap(), *found] if found else []


def body(order: SlipOrder, paper: Paper) -> list[Element]:
    """Everything that the sale says; byte for byte the same in every print."""
    return [
        *_head(order, paper),
        *_items(order, paper),
        *_totals(order, paper),
        *_payments(order, paper),
        *_foot(order, paper),
    ]


def signing(order: SlipOrder, paper: Paper, picture: Bitmap | None) -> list[Element]:
    """The place of the signature on the merchant copy: a line, the image, or the text that replaces it; nothing on
    the customer copy.
    """
    kind, at = order.signing.kind, order.terminal.locale
    if order.copy != "merchant" or kind == "none":
        return []
    if kind == "text":
        return [paper.rule(), *(line for text in _waiver(order) for line in paper.paragraph(text))]
    lines: list[Element] = [paper.rule(), *paper.paragraph(label(at, "signature"), bold=True)]
    if kind == "image" and picture is not None:
        lines += [Picture(picture), paper.rule("_"), Gap()]
        if order.signing.version > 1:
            lines += paper.pair(label(at, "version"), str(order.signing.version))
    else:
        lines += [Gap(80), Line("X" + "_" * (paper.columns - 1)), Gap()]
    for text in sentences(at, f"consent.{order.transaction.type}"):
        lines += paper.paragraph(text)
    return lines


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


def last_four(masked: str) -> str:
    """`"621700******1234"` -> `"**** **** **** 1234"`; stars alone where the text does not end in four digits."""
    match = re.search(r"[0-9]{4}$", masked.strip(), re.ASCII)
    return "**** **** **** " + (match.group() if match else "****")


def _head(order: SlipOrder, paper: Paper) -> list[Element]:
    sale, at = order.transaction, order.terminal.locale
    merchant = order.terminal.merchant.splitlines() or [""]
    lines: list[Element] = [*paper.title(merchant[0])]
    lines.append(Gap())
    for text in merchant[1:]:
        lines += paper.paragraph(text, "center")
    lines.append(Gap(24))
    if sale.type == "sale":
        lines += paper.paragraph(label(at, "sale"), "center", bold=True)
    else:
        lines += paper.paragraph(f"* {label(at, sale.type)} *", "center", "double", bold=True)
        lines.append(Gap())
    lines += [*paper.paragraph(label(at, order.copy), "center"), paper.rule()]
    lines += paper.paragraph(label(at, "receipt"), "center")
    fits = paper.charset.width(paper.charset.clean(order.receipt)) <= paper.columns // 2
    lines += paper.paragraph(order.receipt, "center", "double" if fits else "tall", bold=True)
    lines += [Gap(), paper.rule()]
    lines += paper.pairs(
        (
            (label(at, "transaction"), sale.id),
            (label(at, "original"), sale.original),
            (label(at, "time"), clock(sale.time)),
            (label(at, "terminal"), order.terminal.id),
            (label(at, "operator"), sale.operator),
        )
    )
    return lines


def _items(order: SlipOrder, paper: Paper) -> list[Line]:
    sale, at = order.transaction, order.terminal.locale
    head = f"{label(at, 'amount')} {sale.currency}"
    lines = [paper.rule(), *paper.pair(label(at, "item"), head), paper.rule()]
    for item in sale.items:
        lines += _item(item, sale, order, paper)
    return lines


def _item(item: Item, sale: Transaction, order: SlipOrder, paper: Paper) -> list[Line]:
    """Name, quantity x price and amount: one line where it fits, else the name in lines of its own."""
    unit = f" {item.unit}" if item.unit else ""
    detail, total = f"{item.quantity}{unit} x {price(item.price, sale.currency)}", amount(item.amount, sale.currency)
    width, clean = paper.charset.width, paper.charset.clean
    name, code = clean(item.name), f"  {item.code}" if item.code else ""
    room = paper.columns - max(AMOUNT_COLUMNS, width(total) + 1)
    if paper.columns >= TABLE_FROM_COLUMNS and not code and width(name) + 2 + width(clean(detail)) <= room:
        lines = paper.triple(name, detail, total, AMOUNT_COLUMNS)
    else:
        lines = [*paper.paragraph(name), *paper.triple(code, detail, total, AMOUNT_COLUMNS)]
    if item.discount is not None:
        less = f"  ({label(order.terminal.locale, 'discount')} {_less(item.discount, sale.currency)})"
        lines += paper.paragraph(less) if width(clean(less)) > paper.columns else [Line(clean(less))]
    return lines


def _less(text: str, currency: str) -> str:
    return money.text_of(-money.minor_units(text, currency), currency)


def _charge(charge: Charge, word: str, value: str, order: SlipOrder, paper: Paper) -> list[Line]:
    rate = f" {charge.rate}" if charge.rate else ""
    return paper.pair(f"{label(order.terminal.locale, word)} {charge.name}{rate}", value)


def _totals(order: SlipOrder, paper: Paper) -> list[Element]:
    sale, at = order.transaction, order.terminal.locale
    lines: list[Element] = [paper.rule()]
    added = [tax for tax in sale.taxes if not tax.included]
    if sale.discounts or added or sale.tip:
        units = sum(money.minor_units(item.amount, sale.currency) for item in sale.items)
        lines += paper.pair(label(at, "subtotal"), money.text_of(units, sale.currency))
    for charge in sale.discounts:
        lines += _charge(charge, "discount", _less(charge.amount, sale.currency), order, paper)
    for tax in added:
        lines += _charge(tax, "tax", amount(tax.amount, sale.currency), order, paper)
    if sale.tip:
        lines += paper.pair(label(at, "tip"), amount(sale.tip, sale.currency))
    lines += [Gap(), *_grand_total(order, paper), Gap()]
    for tax in sale.taxes:
        if tax.included:
            lines += _charge(tax, "included", amount(tax.amount, sale.currency), order, paper)
    return lines


def _priced(text: str, currency: str) -> str:
    """`"36.00", "CNY"` -> `"¥36.00"`; the code where the currency has no sign of its own."""
    return f"{money.SYMBOLS.get(currency, currency + ' ')}{amount(text, currency)}"


def _grand_total(order: SlipOrder, paper: Paper) -> list[Line]:
    """Double width and height; in two lines where one is too narrow."""
    sale, charset = order.transaction, paper.charset
    words = charset.clean(label(order.terminal.locale, f"total.{sale.type}"))
    value = charset.clean(_priced(sale.total, sale.currency))
    gap = paper.columns // 2 - charset.width(words) - charset.width(value)
    if gap >= 1:
        return [Line(words + " " * gap + value, size="double", bold=True)]
    return [
        *paper.paragraph(words, size="double", bold=True),
        *paper.paragraph(value, "right", "double", bold=True),
    ]


def _payments(order: SlipOrder, paper: Paper) -> list[Line]:
    lines = []
    for payment in order.transaction.payments:
        lines += [paper.rule(), *_payment(payment, order, paper)]
    return lines


def _payment(payment: Payment, order: SlipOrder, paper: Paper) -> list[Line]:
    at, currency, card = order.terminal.locale, order.transaction.currency, payment.card
    date = payment.settlement_date
    lines = paper.pair(known(at, "method", payment.method), amount(payment.amount, currency))
    rows: list[tuple[str, str | None]] = [
        (label(at, "tendered"), amount(payment.tendered, currency) if payment.tendered else None),
        (label(at, "change"), amount(payment.change, currency) if payment.change else None),
        (label(at, "card"), last_four(card.masked) if card else None),
        (label(at, "scheme"), card.scheme if card else None),
        (label(at, "issuer"), card.issuer if card else None),
        (label(at, "acquirer"), card.acquirer if card else None),
        (label(at, "entry"), known(at, "entry", payment.entry) if payment.entry else None),
        (label(at, "reference"), payment.reference),
        (label(at, "authorisation"), payment.authorisation),
        (label(at, "batch"), payment.batch),
        (label(at, "voucher"), payment.voucher),
        (label(at, "settlement"), f"{date[:2]}/{date[2:]}" if date else None),
        ("AID", card.aid if card else None),
    ]
    if card is not None and order.copy == "merchant":
        rows += [("TVR", card.tvr), ("TSI", card.tsi), ("ATC", card.atc), ("ARQC", card.arqc)]
    return [*lines, *paper.pairs(rows)]


def _foot(order: SlipOrder, paper: Paper) -> list[Element]:
    sale, at = order.transaction, order.terminal.locale
    lines: list[Element] = [paper.rule()]
    if sale.remarks:
        lines += paper.paragraph(f"{label(at, 'remarks')}: {sale.remarks}")
    digest = order.digest[:16].upper()
    groups = " ".join(digest[i : i + 4] for i in range(0, len(digest), 4))
    lines += paper.pairs(((label(at, "feature"), order.feature_code), (label(at, "digest"), groups)))
    text = sale.qr or f"{sale.id}|{order.receipt}|{amount(sale.total, sale.currency)}|{order.digest[:16]}"
    lines += [Gap(24), Code(paper.charset.clean(text)), Gap(24)]
    if order.copy == "customer":
        for sentence in sentences(at, "thanks"):
            lines += paper.paragraph(sentence, "center")
    return lines


def _waiver(order: SlipOrder) -> list[str]:
    """The text that replaces a signature, by the rule that waived it."""
    signing, at = order.signing, order.terminal.locale
    names = {"contactless-limit": "limit.contactless", "below-threshold": "limit.below"}
    name = names.get(signing.rule or "")
    if name is None or signing.limit is None:
        return sentences(at, "unsigned")
    return sentences(at, name, limit=f"{order.transaction.currency} {signing.limit}")
