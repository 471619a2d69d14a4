"""From a copy to the order for its slip."""

from __future__ import annotations

import zlib

import msgspec

from posd.desk.state import Copy, Sale
from posd.desk.turn import Turn
from posd.domain import events as ev
from posd.domain import reasons
from posd.domain.errors import Refusal
from posd.domain.moment import iso_local
from posd.domain.slip import CopyName, Reprint, Signing, SlipOrder, SlipTerms, Terminal


def accepted(turn: Turn, sale: Sale) -> ev.TransactionAccepted:
    """The event of its acceptance."""
    event = turn.recall(sale.seq)
    assert isinstance(event, ev.TransactionAccepted)
    return event


def original_body(turn: Turn, sale: Sale, name: CopyName) -> tuple[bytes | None, str]:
    """The bytes of the original's body, if it was ever started, and the kind of printer that it is for."""
    first = sale.copy(name, 0)
    if first is None or not first.body:
        return None, ""
    event = turn.recall(first.body)
    assert isinstance(event, ev.CopyStarted)
    assert event.body is not None
    return zlib.decompress(event.body), event.made_for


def signing(turn: Turn, sale: Sale, name: CopyName) -> Signing:
    """What stands where the signature goes. Only the merchant copy carries it, unless the shop wants it on both; a line
    to sign on, or the text that replaces a signature, stands on no customer copy.
    """
    signature = sale.signature
    if name == "customer" and not (turn.rules.slip.customer_signature and signature.state == "captured"):
        return Signing("none")
    if signature.state == "not-needed":
        need = signature.need
        return Signing("text", rule=need.rule, limit=need.limit, text=need.text)
    if signature.state == "captured":
        captured = signature.captured(signature.version)
        assert captured is not None
        event = turn.recall(captured.seq)
        assert isinstance(event, ev.SignatureCaptured)
        return Signing("image", drawing=event.drawing, version=event.version)
    return Signing("line")


def printable(turn: Turn, sale: Sale, copy: Copy, terms: SlipTerms | None = None) -> SlipOrder:
    """The order for this copy on the printer as it is configured now. Refusal `unsupported` where the body was made for
    another kind of printer; where provably nothing of it came out, it is made anew.
    """
    wanted = order(turn, sale, copy, terms)
    if wanted.body is None or turn.tools.suits(wanted.body, wanted.made_for):
        return wanted
    out = copy.number or copy.possible or any(other.state not in ("queued", "failed") for other in sale.of(copy.name))
    if not out:
        return msgspec.structs.replace(wanted, body=None, made_for="")
    before = wanted.made_for or "another language"
    raise Refusal(
        "unsupported",
        f"The {copy.name} copy of {sale.id} was made for another kind of printer ({before}) and would come out as "
        f"garbage on this one ({turn.tools.made_for}). Nothing was printed and the slip is kept as it was; look at it "
        "with posctl preview, or connect such a printer and set printer.language and printer.profile for it.",
    )


def _reason(turn: Turn, terminal: Terminal, copy: Copy) -> str:
    """Why there is a copy, in the words of the slip."""
    asked = copy.asked
    return reasons.said(turn.rules.policy.reasons, terminal.locale, asked.reason, asked.note) if asked else ""


def order(turn: Turn, sale: Sale, copy: Copy, terms: SlipTerms | None = None) -> SlipOrder:
    """Everything that the composer needs for this copy; `terms`: what it tells of those (policy.on_slip)."""
    event = accepted(turn, sale)
    body, made_for = original_body(turn, sale, copy.name)
    reprint = None
    if copy.number:
        original = sale.copy(copy.name, 0)
        printed = original is not None and original.state == "printed" and original.proof is not None
        reprint = Reprint(
            number=copy.number,
            printed_at=iso_local(original.time_ms, turn.now.offset_min) if original and printed else None,
            reprinted_at=iso_local(copy.time_ms if copy.state == "printed" else turn.now.ms, turn.now.offset_min),
            asked_by=copy.doer.asker() if copy.doer else "terminal",
            reason=_reason(turn, event.terminal, copy),
            operator=copy.doer.operator if copy.doer else None,
        )
    return SlipOrder(
        copy=copy.name,
        transaction=event.transaction,
        terminal=event.terminal,
        receipt=sale.receipt,
        digest=event.digest,
        feature_code=event.feature_code,
        signing=signing(turn, sale, copy.name),
        possible_duplicate=copy.possible,
        reprint=reprint,
        body=body,
        torn=copy.torn,
        terms=terms,
        made_for=made_for,
    )
