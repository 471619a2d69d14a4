"""A transaction as the lines of its slip. Pure: the same order gives the same elements.

- Four stretches, as in domain/slip.py: `top`, `body`, `signing`, `bottom`. A template (template.py) says what stands
  in the body, and what else in top and bottom. Marks and the place of the signature are no template's business.
- Marks stand at the top and at the bottom, so that neither end can be torn off unnoticed.
- Only the merchant copy has a place to sign, a signature stands where the order says, and only `signing` draws it: the
  body never changes when a signature is taken.
"""

from __future__ import annotations

from collections.abc import Iterable

from posd.domain.device import Bitmap
from posd.domain.slip import Reprint, SlipOrder
from posd.printer.entry import Entry
from posd.printer.fields import FIELDS, Job, clock, expand
from posd.printer.labels import Words
from posd.printer.paper import Code, Element, Gap, Line, Picture
from posd.printer.parts import PARTS, payments
from posd.printer.symbols import QR_BYTES


def top(job: Job, header: Iterable[Entry], logo: Bitmap | None) -> list[Element]:
    """That a torn piece is void, the marks, who asked for a reprint, when and why; then the header."""
    order, words = job.order, job.words
    lines: list[Element] = [*(_mark("torn", "", job) if order.torn else ()), *marks(job)]
    if order.reprint is not None:
        note = order.reprint
        lines += job.paper.pairs(
            (
                (words.label("printed"), clock(note.printed_at) if note.printed_at else "-"),
                (words.label("reprinted"), clock(note.reprinted_at)),
                (words.label("asked"), _asker(note, words)),
                (words.label("reason"), note.reason),
            )
        )
    if lines:
        lines += [job.paper.rule("="), Gap()]
    return lines + placed(header, job, logo)


def _asker(note: Reprint, words: Words) -> str:
    """`"CASHIER 07"`; `"KEYPAD, OPERATOR 07"` where what asked is no person."""
    asked = words.label(f"asker.{note.asked_by}")
    if note.operator is None:
        return asked
    person = note.asked_by in {"cashier", "supervisor", "auditor"}
    return f"{asked} {note.operator}" if person else f"{asked}, {words.label('operator')} {note.operator}"


def marks(job: Job) -> list[Element]:
    """The marks that this print must carry, possible duplicate first."""
    lines: list[Element] = []
    if job.order.possible_duplicate:
        lines += _mark("possible-duplicate", "", job)
    if job.order.reprint is not None:
        lines += _mark("duplicate", f" {job.order.reprint.number}", job)
    return lines


def _mark(word: str, number: str, job: Job) -> list[Element]:
    """One mark in one line; in a line for each language where the paper is too narrow."""
    paper = job.paper
    texts = [f"*** {job.words.label(word)}{number} ***"]
    if paper.charset.width(texts[0]) > paper.columns:
        texts = [f"*** {name}{number} ***" for name in job.words.languages(word)]
    return [*(line for text in texts for line in paper.paragraph(text, "center", "tall", bold=True)), Gap()]


def bottom(job: Job, footer: Iterable[Entry], logo: Bitmap | None) -> list[Element]:
    """The footer, and the marks once more; the cut is the composer's."""
    found = marks(job)
    return [*placed(footer, job, logo), *([job.paper.rule("="), Gap(), *found] if found else [])]


def placed(entries: Iterable[Entry], job: Job, logo: Bitmap | None = None) -> list[Element]:
    """What a template's entries put on this slip."""
    return [element for entry in entries if wanted(entry, job.order) for element in _placed(entry, job, logo)]


def wanted(entry: Entry, order: SlipOrder) -> bool:
    """Whether the entry is for this copy and this type of transaction."""
    return entry.copy in (None, order.copy) and entry.type in (None, order.transaction.type)


def _placed(entry: Entry, job: Job, logo: Bitmap | None) -> list[Element]:
    paper, locale = job.paper, job.words.locale
    if entry.part is not None:
        return payments(job, entry.fields) if entry.fields else PARTS[entry.part](job)
    if entry.rule is not None:
        return [paper.rule(entry.rule)]
    if entry.gap is not None:
        return [Gap(entry.gap)]
    if entry.logo:
        return [Picture(logo)] if logo is not None else []
    if entry.qr is not None:
        return _code(expand(entry.qr, job), job)
    if entry.barcode is not None:
        text = expand(entry.barcode, job)
        return paper.barcode(text) if text else []
    if entry.fields:
        return [*paper.pairs((job.words.label(name), FIELDS[name](job)) for name in entry.fields)]
    if entry.left is not None:
        left, right = expand(entry.left[locale], job), expand(entry.right[locale], job) if entry.right else None
        return [*paper.pair(left or "", right or "")] if left is not None and right is not None else []
    return _text(entry, job)


def _text(entry: Entry, job: Job) -> list[Element]:
    assert entry.text is not None
    text = expand(entry.text[job.words.locale], job)
    if not text:
        return []
    found: list[Line] = []
    for line in text.splitlines():
        if entry.size == "title":
            found += job.paper.title(line)
        else:
            found += job.paper.paragraph(line, entry.align, entry.size, bold=entry.bold)
    return [*found]


def _code(text: str | None, job: Job) -> list[Element]:
    """A QR code; what is too long for one stands in letters."""
    data = job.paper.charset.clean(text or "")
    if len(data.encode("utf-8", "replace")) > QR_BYTES[-1]:
        return [*job.paper.paragraph(data)]
    return [Code(data)] if data else []


def signing(job: Job, picture: Bitmap | None) -> list[Element]:
    """The place of the signature: a line, the image, or the text that replaces it; on the customer copy the image or
    nothing.
    """
    order, paper, words = job.order, job.paper, job.words
    kind = order.signing.kind
    if kind == "none" or (order.copy == "customer" and picture is None):
        return []
    if kind == "text":
        return [paper.rule(), *(line for text in _waiver(job) for line in paper.paragraph(text))]
    lines: list[Element] = [paper.rule(), *paper.paragraph(words.label("signature"), bold=True)]
    if kind == "image" and picture is not None:
        lines += [Picture(picture), paper.rule("_"), Gap()]
        if order.signing.version > 1:
            lines += paper.pair(words.label("version"), str(order.signing.version))
    else:
        lines += [Gap(80), Line("X" + "_" * (paper.columns - 1)), Gap()]
    for text in words.sentences(f"consent.{order.transaction.type}"):
        lines += paper.paragraph(text)
    return lines


def _waiver(job: Job) -> list[str]:
    """The text that replaces a signature, by the rule that waived it."""
    signing, words = job.order.signing, job.words
    limit = f"{job.sale.currency} {signing.limit}" if signing.limit is not None else ""
    if signing.text is not None:
        return [signing.text.replace("{limit}", limit)]
    names = {"contactless-limit": "limit.contactless", "below-threshold": "limit.below"}
    name = names.get(signing.rule or "")
    if name is None or signing.limit is None:
        return words.sentences("unsigned")
    return words.sentences(name, limit=limit)
