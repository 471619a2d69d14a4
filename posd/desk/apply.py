"""`apply(state, seq, event)`: the fold. Total: whatever the journal holds, in its order, gives a state; an event about
a transaction that has left the ring changes nothing.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from functools import lru_cache
from itertools import takewhile
from sys import intern
from typing import Any

from posd.desk import apply_box, apply_cases, apply_counter
from posd.desk.asked_state import Asked
from posd.desk.state import (
    Copy,
    KeyUse,
    OnPad,
    Printing,
    Sale,
    Signature,
    State,
    Upload,
    job_of,
)
from posd.domain import codec, money
from posd.domain import events as ev
from posd.domain.signature import Need
from posd.domain.transaction import Transaction, moment


def apply(state: State, seq: int, event: ev.AnyEvent) -> None:
    """Change `state` by one event that has the sequence number `seq`."""
    assert seq > state.seq, f"event {seq} after {state.seq}"
    state.seq = seq
    apply_box.clock(state, event)
    apply_box.count(state, event)
    handler = _HANDLERS.get(type(event))
    if handler is not None:
        handler(state, event)
    if sale_id := codec.transaction_of(event):
        sale = state.sales.get(sale_id)
        if sale is not None:
            sale.records.append(seq)
        else:
            state.parts.setdefault(sale_id, array("Q")).append(seq)


def forget(state: State, first_seq: int, archived: int | None = None) -> None:
    """Drop the settled transactions that stand before `first_seq` (what was carried forward stands behind it), with all
    that refers to them; the archive has, or will not get, what is not behind `archived` (first_seq - 1).
    """
    if archived is None:
        archived = first_seq - 1
    apply_box.forget(state, first_seq)
    for sale_id in [sale_id for sale_id, records in state.parts.items() if records[-1] <= archived]:
        del state.parts[sale_id]
    older = takewhile(lambda s: s.seq < first_seq, state.sales.values())
    asked = {asking.sale for asking in state.asking.values()}
    gone = [s for s in older if not s.owed and s.id not in asked and s.floor < first_seq]
    if not gone:
        return
    for sale in gone:
        if sale.records[-1] > archived:
            state.parts[sale.id] = array("Q", (seq for seq in sale.records if seq > archived))
        del state.sales[sale.id]
        state.receipts.pop(sale.receipt, None)
        state.unsigned.pop(sale.id, None)
        apply_cases.forget(state, sale)
        if state.last == sale.id:
            state.last = next(reversed(state.sales), None)
    for key in [k for k, use in state.keys.items() if use.sale not in state.sales]:
        del state.keys[key]


@lru_cache(maxsize=64)
def _shared(need: Need) -> Need:
    """One object for all sales that have the same: thousands are kept."""
    return need


def _last_four(transaction: Transaction) -> str | None:
    for payment in transaction.payments:
        if payment.card is not None and payment.card.masked[-4:].isdigit():
            return payment.card.masked[-4:]
    return None


def _accepted(state: State, e: ev.TransactionAccepted) -> None:
    t = e.transaction
    sale = Sale(
        id=t.id,
        seq=state.seq,
        receipt=e.receipt,
        type=intern(t.type),
        time=t.time,
        time_ms=round(moment(t.time, "transaction.time").timestamp() * 1000),
        accepted_ms=e.time,
        trusted_ms=state.newest_ms,
        total=money.minor_units(t.total, t.currency),
        currency=intern(t.currency),
        last_four=_last_four(t),
        digest=e.digest,
        feature_code=e.feature_code,
        signature=Signature("awaiting" if e.need.needed else "not-needed", _shared(e.need)),
        floor=state.seq,
        copies=[Copy(name, 0, job_of(e.receipt, name, 0), "queued", e.time) for name in e.copies],
    )
    state.sales[t.id] = sale
    state.receipts[e.receipt] = t.id
    state.last = t.id
    if e.receipt.isdecimal():
        state.receipt_next = max(state.receipt_next, int(e.receipt) + 1)
    if e.need.needed:
        state.unsigned[t.id] = state.awaiting[t.id] = None
    for copy in sale.copies:
        _changed(state, copy, e)
        _owe(state, sale, copy, e)


def _trusted(state: State, ms: int) -> int:
    """A time less the skew; without one it is the same object, of which thousands are kept."""
    return ms - state.skew_ms if state.skew_ms else ms


def _changed(state: State, copy: Copy, e: ev.AnyEvent) -> None:
    copy.time_ms, copy.trusted_ms = e.time, _trusted(state, e.time)


def _owe(state: State, sale: Sale, copy: Copy, e: ev.AnyEvent) -> None:
    copy.owed_ms = _trusted(state, e.time)
    if copy.job not in state.owed:
        copy.owed_seq = state.seq
    state.owed[copy.job] = state.unlisted[copy.job] = (sale.id, copy.name, copy.number)


def _owe_again(state: State, sale: Sale, copy: Copy) -> None:
    """It keeps its place among those that wait."""
    owed = {copy.job: (sale.id, copy.name, copy.number), **state.owed}
    state.owed = owed
    place = {other.job: other.owed_seq for _, other in state.waiting()}
    state.owed = {job: owed[job] for job in sorted(owed, key=place.__getitem__)}


def _disown(state: State, copy: Copy) -> None:
    state.owed.pop(copy.job, None)
    state.unlisted.pop(copy.job, None)


def _copy(state: State, e: Any) -> tuple[Sale, Copy] | None:
    sale = state.sales.get(e.id)
    copy = sale.copy(e.copy, e.number) if sale else None
    return (sale, copy) if sale and copy else None


def _started(state: State, e: ev.CopyStarted) -> None:
    if found := _copy(state, e):
        sale, copy = found
        copy.state, copy.cause = "printing", None
        _changed(state, copy, e)
        if e.body is not None:
            copy.body = state.seq
        _disown(state, copy)
        state.printing = Printing(copy.job, sale.id, copy.name, copy.number)


def _ended(state: State, e: ev.CopyPrinted | ev.CopyFailed | ev.CopyUnknown) -> tuple[Sale, Copy] | None:
    if found := _copy(state, e):
        copy = found[1]
        _changed(state, copy, e)
        if state.printing is not None and state.printing.job == copy.job:
            state.printing = None
    return found


def _printed(state: State, e: ev.CopyPrinted) -> None:
    state.broken_off = False
    began_ms = copy.time_ms if (copied := _copy(state, e)) and (copy := copied[1]).state == "printing" else e.time
    if found := _ended(state, e):
        copy = found[1]
        copy.state, copy.proof, copy.why, copy.cause, copy.torn = "printed", e.proof, intern(e.why), None, False
        apply_counter.took(state, e.time - began_ms)


def _failed(state: State, e: ev.CopyFailed) -> None:
    state.broken_off |= e.torn
    if found := _ended(state, e):
        sale, copy = found
        copy.state, copy.cause = "failed", e.cause
        copy.held = e.cause == "stale"
        copy.torn = copy.torn or e.torn
        if copy.held:
            _disown(state, copy)
        else:
            _owe_again(state, sale, copy)


def _unknown(state: State, e: ev.CopyUnknown) -> None:
    state.broken_off = True
    if found := _ended(state, e):
        sale, copy = found
        copy.state, copy.cause, copy.possible = "unknown", e.cause, True
        sale.tainted |= {copy.name}
        for other in sale.of(copy.name):
            if other.state in ("queued", "failed"):
                other.possible = True


def _settled(state: State, e: ev.CopySettled) -> None:
    if found := _copy(state, e):
        sale, copy = found
        copy.cause = "settled"
        _changed(state, copy, e)
        if e.printed:
            copy.state = "printed"
        else:
            copy.state = "queued"
            _owe(state, sale, copy, e)


def _reprint(state: State, e: ev.ReprintRequested) -> None:
    sale = state.sales.get(e.id)
    if sale is None:
        return
    copy = sale.copy(e.copy, e.number)
    if copy is None:
        copy = Copy(e.copy, e.number, e.job, "queued", e.time, possible=e.mark == "possible-duplicate")
        sale.copies.append(copy)
    copy.state, copy.held, copy.doer = "queued", False, e.doer
    copy.asked = Asked(e.reason, e.note, e.request or f"r{state.seq}", e.point)
    _changed(state, copy, e)
    if e.number and e.doer.kind != "pad":
        apply_counter.reprinted(state, copy)
    _owe(state, sale, copy, e)
    if e.key is not None and e.content is not None:
        state.keys["reprint", e.key] = KeyUse(e.content, e.id, e.copy, e.number)


def _reprint_cancelled(state: State, e: ev.ReprintCancelled) -> None:
    if found := _copy(state, e):
        found[1].state = "cancelled"
        state.reprinted.pop(found[1].job, None)
        _changed(state, found[1], e)
        _disown(state, found[1])


def _requested(state: State, e: ev.SignatureRequested) -> None:
    if sale := state.sales.get(e.id):
        sale.signature.state, sale.signature.session, sale.signature.cause = "awaiting", e.session, None
        state.unsigned[e.id] = None
        state.awaiting.pop(e.id, None)
        state.signing = OnPad(e.session, e.id)
        if e.key is not None and e.content is not None:
            state.keys["resign", e.key] = KeyUse(e.content, e.id, session=e.session, version=e.version)


def _signed_off(state: State, sale: Sale, e: ev.AnyEvent) -> None:
    state.awaiting.pop(sale.id, None)
    if state.signing is not None and state.signing.sale == sale.id:
        state.signing = None
        state.calling_off = None
    sale.signature.session = None
    for copy in sale.copies:
        if copy.waiting:
            copy.owed_ms = _trusted(state, e.time)


def _captured(state: State, e: ev.SignatureCaptured) -> None:
    if sale := state.sales.get(e.id):
        _signed_off(state, sale, e)
        signature = sale.signature
        signature.state, signature.cause, signature.version = "captured", None, e.version
        signature.versions[e.version] = state.seq
        state.unsigned.pop(e.id, None)


def _missing(state: State, e: ev.SignatureMissing) -> None:
    if sale := state.sales.get(e.id):
        _signed_off(state, sale, e)
        sale.signature.state, sale.signature.cause = "missing", e.cause


def _attested(state: State, e: ev.SignatureAttested) -> None:
    if sale := state.sales.get(e.id):
        sale.signature.state, sale.signature.cause = "attested", None
        state.unsigned.pop(e.id, None)
        _key_used(state, "attest", e)


def _voided(state: State, e: ev.SignatureVoided) -> None:
    if sale := state.sales.get(e.id):
        sale.signature.state, sale.signature.cause = "voided", None
        state.unsigned[e.id] = None
        _key_used(state, "void", e)


def _key_used(state: State, method: str, e: ev.SignatureAttested | ev.SignatureVoided) -> None:
    if e.key is not None and e.content is not None:
        version = e.version if isinstance(e, ev.SignatureVoided) else 0
        state.keys[method, e.key] = KeyUse(e.content, e.id, version=version)


def _uploaded(state: State, e: ev.SignatureUploaded) -> None:
    if sale := state.sales.get(e.id):
        sale.signature.uploads = {**(sale.signature.uploads or {}), e.version: Upload(e.state, e.attempt)}


_SALES: dict[type, Callable[[State, Any], None]] = {
    ev.TransactionAccepted: _accepted,
    ev.CopyStarted: _started,
    ev.CopyPrinted: _printed,
    ev.CopyFailed: _failed,
    ev.CopyUnknown: _unknown,
    ev.CopySettled: _settled,
    ev.ReprintRequested: _reprint,
    ev.ReprintCancelled: _reprint_cancelled,
    ev.SignatureRequested: _requested,
    ev.SignatureCaptured: _captured,
    ev.SignatureMissing: _missing,
    ev.SignatureAttested: _attested,
    ev.SignatureVoided: _voided,
    ev.SignatureUploaded: _uploaded,
}
_HANDLERS = {**_SALES, **apply_box.HANDLERS, **apply_cases.HANDLERS, **apply_counter.HANDLERS}
