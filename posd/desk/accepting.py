"""A transaction that a till hands over: checked whole, then kept.

Rules
- The reply waits for the record (law 1). The same content again gets the stored answer, other content a `conflict`.
- A sale that does not add up, or shows more of a card than a slip may, is refused and nothing of it is kept.
- The receipt number is the till's where it is free, else the next one that nobody has.
"""

from __future__ import annotations

import msgspec

from posd.desk import printing, queries, signing
from posd.desk.state import State
from posd.desk.turn import Turn
from posd.domain import card_guard, codec, views
from posd.domain import events as ev
from posd.domain.doer import POSD
from posd.domain.errors import Refusal
from posd.domain.requests import Submit
from posd.domain.signature import feature_code
from posd.domain.signing_rules import need
from posd.domain.transaction import check_complete

TRANSACTION_BYTES_MAX = 160 * 1024
"""A transaction as canonical JSON; its record and its slips' bodies then fit a batch of the journal (64 blocks)."""


def submit(turn: Turn, request: Submit) -> views.Submitted:
    """`transaction.submit`: keep the sale and begin its signature and its slips."""
    t, state = request.transaction, turn.state
    known = state.sales.get(t.id)
    if known is not None:
        stored = turn.recall(known.seq)
        assert isinstance(stored, ev.TransactionAccepted)
        if stored.transaction != t:
            raise Refusal(
                "conflict",
                f"Transaction {t.id} is kept already with other content. Nothing was changed; "
                "use a new id for a new sale.",
                field="transaction.id",
            )
        return queries.submitted(state, known)
    check_complete(t)
    for i, payment in enumerate(t.payments):
        if payment.card is not None:
            _check_masked(payment.card.masked, f"transaction.payments[{i}].card.masked")
    if len(msgspec.json.encode(t)) > TRANSACTION_BYTES_MAX:
        raise Refusal(
            "too-large",
            f"The transaction is larger than {TRANSACTION_BYTES_MAX // 1024} KiB. Nothing was kept; "
            "split it into several.",
            field="transaction",
        )
    turn.need_room("plenty")
    terminal, copies = turn.rules.terminal.terminal(), turn.rules.slip.copies
    receipt = t.receipt if t.receipt is not None and t.receipt not in state.receipts else _free_receipt(state)
    turn.record(
        ev.TransactionAccepted(
            time=turn.now.ms,
            doer=turn.doer,
            transaction=t,
            digest=codec.content_digest(t, terminal, receipt, copies),
            receipt=receipt,
            terminal=terminal,
            copies=copies,
            need=need(t, turn.rules.policy.signing_table),
            feature_code=feature_code(t),
            without_shift=turn.rules.shifts.without == "marked" and not turn.on_shift,
        )
    )
    turn.doer = POSD
    signing.schedule(turn)
    printing.schedule(turn)
    return queries.submitted(state, state.sales[t.id])


def _free_receipt(state: State) -> str:
    number = state.receipt_next
    while f"{number:06d}" in state.receipts:
        number += 1
    return f"{number:06d}"


def _check_masked(masked: str, field: str) -> None:
    """At most the first six and the last four digits of a card may show (PCI DSS 3.4.1)."""
    shown = sum(ch.isdigit() for ch in masked)
    if shown > 10 or card_guard.masked(masked) != masked:
        raise Refusal(
            "card-data",
            f"{field} shows more than the first six and the last four digits. Nothing was kept; "
            "mask the number and send again.",
            field=field,
        )
