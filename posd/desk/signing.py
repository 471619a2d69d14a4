"""Sessions on the pad: who signs next, what an outcome means, and taking a signature again.

Rules
- At most one session at a time; a session belongs to one transaction from its start to its end (law 5).
- Without a usable pad a needed signature is `missing(device)` at once: the sale goes on, on paper. A pad that is just
  opening is waited for, but no longer than a customer would be.
- A sale that comes while another is being signed waits for the pad or, with `pad.when_busy = "paper"`, does not.
- Whatever is not a confirmed capture is `missing` with its cause; what was drawn until then is kept as evidence and
  never counts.
- After a restart nobody stands at the pad any more: what was awaited is `missing(system)`.
- A signature taken after the merchant copy was started brings an updated merchant copy: a reprint, with the signature
  on it.
"""

from __future__ import annotations

from posd.desk import slips
from posd.desk.messages import BeginSign, CancelSign
from posd.desk.state import CallingOff, Sale, job_of
from posd.desk.turn import Turn
from posd.domain import events as ev
from posd.domain import money
from posd.domain.device import SignOutcome, SignRequest
from posd.domain.errors import Kind, Refusal
from posd.domain.signature import Cause

UPDATED = "signed again"
"""Reason of the reprint that shows a signature taken later; it does not count against the shop's limit of copies."""
SIGNED: dict[str, str] = {
    "not-needed": "needs no signature",
    "captured": "is signed",
    "attested": "was signed on paper",
    "awaiting": "is waiting for its signature already",
}
"""Why a signature cannot be taken, by its state."""


def schedule(turn: Turn) -> None:
    """Begin the oldest awaited session when the pad is free; give up on the awaited ones when there is no pad."""
    state = turn.state
    device = state.devices["pad"]
    pad = device.report
    if state.leaving:
        return
    if state.signing is not None:
        if turn.rules.pad.when_busy == "paper":
            for sale_id in list(state.awaiting):
                missing(turn, state.sales[sale_id], "procedure", "the pad was busy with another sale")
        return
    if pad.state == "opening" and turn.now.mono_ms - device.since_mono_ms <= turn.rules.pad_ms:
        return  # it is about to say what it is
    if pad.state == "ready":
        if state.awaiting:
            begin(turn, state.sales[next(iter(state.awaiting))])
        return
    words = ", ".join(pad.reasons) or pad.state
    for sale_id in list(state.awaiting):
        missing(turn, state.sales[sale_id], "device", f"pad: {words}")


def begin(
    turn: Turn, sale: Sale, reason: str = "", key: str | None = None, content: str | None = None
) -> ev.SignatureRequested:
    """Start the session for the next version of this sale's signature. Its id is its own record's number."""
    assert turn.state.signing is None
    event = ev.SignatureRequested(
        time=turn.now.ms,
        doer=turn.doer,
        id=sale.id,
        session=f"s{turn.state.seq + 1}",
        version=sale.signature.version + 1,
        reason=reason,
        key=key,
        content=content,
    )
    turn.record(event)
    amount = f"{sale.currency} {money.text_of(sale.total, sale.currency)}"
    merchant = turn.rules.terminal.merchant.split("\n")[0]
    code = slips.accepted(turn, sale).feature_code or ""
    turn.effect(BeginSign(SignRequest(event.session, amount, merchant, code, sale.id)))
    return event


def free(turn: Turn) -> bool:
    """Whether a session could begin now."""
    state = turn.state
    return state.signing is None and not state.leaving and state.devices["pad"].report.state == "ready"


def settled(turn: Turn, sale: Sale, reason: str) -> None:
    """There is a signature now: what was open about it is closed."""
    turn.close_item(sale, "unsigned", reason)
    turn.close_item(sale, "wrong-signature", reason)


def missing(turn: Turn, sale: Sale, cause: Cause, detail: str, outcome: SignOutcome | None = None) -> None:
    """No signature came: it stands on the exception list with its cause, or goes on standing there as a wrong one."""
    turn.record(
        ev.SignatureMissing(
            time=turn.now.ms,
            doer=turn.doer,
            id=sale.id,
            cause=cause,
            detail=detail,
            session=sale.signature.session,
            drawing=outcome.drawing if outcome else None,
        )
    )
    if turn.find_item(sale, "wrong-signature") is None:
        turn.open_item(sale, "unsigned", cause, detail)


def outcome(turn: Turn, message: SignOutcome) -> None:
    """The pad's word on the session that was on it."""
    signing = turn.state.signing
    assert signing is not None, message.session
    assert signing.session == message.session, f"{message.session} while {signing}"
    sale = turn.state.sales[signing.sale]
    off = turn.state.calling_off
    if message.result == "captured":
        _captured(turn, sale, message)
    elif message.result == "cancelled" and off is not None:
        turn.doer = off.doer
        missing(turn, sale, off.cause, off.detail, message)
    else:
        cause, detail = _CAUSES[message.result]
        missing(turn, sale, cause, f"{detail} ({message.detail})" if message.detail else detail, message)


_CAUSES: dict[str, tuple[Cause, str]] = {
    "cancelled": ("customer", "cancelled on the pad"),
    "timeout": ("customer", "no signature within the time"),
    "blank": ("customer", "only blanks or scribbles"),
    "device": ("device", "the pad went away"),
    "restart": ("system", "posd was stopped while it was awaited"),
}


def _captured(turn: Turn, sale: Sale, message: SignOutcome) -> None:
    assert message.drawing is not None
    accepted = slips.accepted(turn, sale)
    turn.record(
        ev.SignatureCaptured(
            time=turn.now.ms,
            doer=turn.doer,
            id=sale.id,
            session=message.session,
            version=sale.signature.version + 1,
            digest=accepted.digest,
            drawing=message.drawing,
            feature_code=accepted.feature_code,
        )
    )
    settled(turn, sale, f"signed, version {sale.signature.version}")
    if any(
        c.name == "merchant" and c.number == 0 and c.state in ("printing", "printed", "unknown") for c in sale.copies
    ):
        number = 1 + max(c.number for c in sale.of("merchant"))
        turn.record(
            ev.ReprintRequested(
                time=turn.now.ms,
                doer=turn.doer,
                id=sale.id,
                copy="merchant",
                number=number,
                job=job_of(sale.receipt, "merchant", number),
                mark="possible-duplicate" if "merchant" in sale.tainted else "duplicate",
                reason=UPDATED,
            )
        )


def resign(turn: Turn, sale: Sale, reason: str, key: str | None, content: str | None) -> ev.SignatureRequested:
    """Take a missing signature again. Refusal when none is missing, the pad is busy or not usable."""
    state = sale.signature.state
    if state not in ("missing", "voided"):
        raise Refusal("conflict", f"Transaction {sale.id} {SIGNED[state]}. Nothing was changed.", field="id")
    pad = turn.state.devices["pad"].report
    if pad.state != "ready":
        kind: Kind = "device-absent" if pad.state in ("absent", "opening") else "device-fault"
        why = ", ".join(pad.reasons) or pad.state
        raise Refusal(
            kind, f"The signature pad is not usable ({why}). Nothing was changed; mend the pad and ask again."
        )
    turn.need_room("reserve")
    if turn.state.signing is not None:
        raise Refusal(
            "busy", "Another signature is being taken on the pad. Nothing was changed; ask again when it is done."
        )
    return begin(turn, sale, reason, key, content)


def call_off(turn: Turn, cause: Cause, detail: str) -> bool:
    """Call the running session off on behalf of `turn.doer`; False when none runs. What the customer has confirmed by
    then is captured all the same.
    """
    if turn.state.signing is None:
        return False
    turn.state.calling_off = CallingOff(turn.doer, cause, detail)
    turn.effect(CancelSign(turn.state.signing.session))
    return True
