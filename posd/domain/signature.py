"""What a transaction's signature may be and become, and the feature code that ties an image to its transaction.

    not-needed                      (a rule said so)
awaiting -> captured | missing
missing -> awaiting             (taken again) | attested (signed on paper)
captured | attested -> voided -> awaiting | attested  (it was wrong; the old version stays)

When one is needed is in signing_rules.py.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from posd.domain.transaction import Payment, Transaction

SignatureState = Literal["not-needed", "awaiting", "captured", "missing", "attested", "voided"]
Cause = Literal["procedure", "staff", "handover", "device", "system", "customer"]

TRANSITIONS: dict[SignatureState, frozenset[SignatureState]] = {
    "not-needed": frozenset(),
    "awaiting": frozenset({"captured", "missing"}),
    "captured": frozenset({"voided"}),
    "missing": frozenset({"awaiting", "attested"}),
    "attested": frozenset({"awaiting", "voided"}),
    "voided": frozenset({"awaiting", "attested"}),
}

UploadState = Literal["none", "sent", "rejected", "failed"]
"""How a version stands with the acquirer, as who uploads it told: nothing yet, taken, refused, not delivered."""
SignatureFormat = Literal["strokes", "png", "svg", "jbig", "iso19794-7"]
"""What a signature may be delivered as. `strokes` is the drawing as it is kept: ink in posd's coding, or, of a pad that
draws by itself, its picture bit for bit. `jbig` is one bit a dot for an acquirer; `iso19794-7` is ink for other
programs.
"""


class Need(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whether a signature is needed, the rule that said so, the limit that it compared with (decimal text), and the
    shop's own text that replaces a signature, where the rule has one.
    """

    needed: bool
    rule: str
    limit: str | None = None
    text: str | None = None


def feature_code(transaction: Transaction) -> str | None:
    """Eight hex digits from the first card payment's settlement date (0000 if absent) and 12-digit reference number,
    read as BCD: the first four bytes XOR the last four (UnionPay-style pads). None where there is no reference of 12
    digits.
    """
    payment: Payment | None = next((p for p in transaction.payments if p.method == "card"), None)
    if (
        payment is None
        or payment.reference is None
        or len(payment.reference) != 12
        or not (payment.reference.isascii() and payment.reference.isdecimal())
    ):
        return None
    digits = bytes.fromhex((payment.settlement_date or "0000") + payment.reference)
    return bytes(a ^ b for a, b in zip(digits[:4], digits[4:], strict=True)).hex().upper()
