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

from msgspec.structs import replace

from posd.desk import apply_box, apply_cases, apply_counter
from posd.desk.asked_state import Asked
from posd.desk.sale_state import Copy, Sale, Signature, Upload, Version
from posd.desk.state import KeyUse, OnPad, Printing, State
from posd.domain import codec, money
from posd.domain import events as ev
from posd.domain.signature import Need
from posd.domain.transaction import Transaction


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
            sale.recorded(seq)
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
        if later := [seq for seq in sale.records if seq > archived]:
            state.parts[sale.id] = array("Q", later)
        del state.sales[sale.id]
        state.receipts.pop(sale.receipt, None)
        state.unsigned.pop(sale.id, None)
        apply_cases.forget(state, sale)
        if state.last == sale.id:
            state.last = next(reversed(state.sales), None)
    for key in [k for k, use in state.keys.items() if use.sale not in state.sales]:
        del state.keys[key]


@lru_cache(maxsize=64)
def _unsigned(need: Need) -> Signature:
    """How the signature of a sale stands at first. One object for all sales that need the same: thousands are kept."""
    return Signature("awaiting" if need.needed else "not-needed", need)


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
        accepted_ms=e.time,
        trusted_ms=state.newest_ms,
        total=money.minor_units(t.total, t.currency),
        currency=intern(t.currency),
        last_four=_last_four(t),
        signature=_unsigned(e.need),
        copies=tuple([Copy(e.receipt, name, 0, "queued", e.time) for name in e.copies]),
        floor=state.seq,
    )
    state.sales[t.id] = sale
    state.receipts[e.receipt] = t.id
    state.last = t.id
    if e.receipt.isdecimal():
        state.receipt_next = max(state.receipt_next, int(e.receipt) + 1)
    if e.need.needed:
        state.unsigned[t.id] = state.awaiting[t.id] = None
    for copy in sale.copies:
        copy.trusted_ms = apply_box.trusted_ms(state, e.time)
        _owe(state, sale, copy, e)


def _changed(state: State, copy: Copy, e: ev.AnyEvent) -> None:
    copy.time_ms, copy.trusted_ms = e.time, apply_box.trusted_ms(state, e.time)


def _owe(state: State, sale: Sale, copy: Copy, e: ev.AnyEvent) -> None:
    job = copy.job
    copy.owed_ms = apply_box.trusted_ms(state, e.time)
    if job not in state.owed:
        copy.owed_seq = state.seq
    state.owed[job] = state.unlisted[job] = (sale.id, copy.name, copy.number)


def _owe_again(state: State, sale: Sale, copy: Copy) -> None:
    """It keeps its place among those that wait."""
    owed = {copy.job: (sale.id, copy.name, copy.number), **state.owed}
    state.owed = owed
    place = {other.job: other.owed_seq for _, other in state.waiting()}
    state.owed = {job: owed[job] for job in sorted(owed, key=place.__getitem__)}


def _disown(state: State, job: str) -> None:
    state.owed.pop(job, None)
    state.unlisted.pop(job, None)


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
        _disown(state, e.job)
        state.printing = Printing(e.job, sale.id, copy.name, copy.number)


def _ended(state: State, copy: Copy, e: ev.CopyPrinted | ev.CopyFailed | ev.CopyUnknown) -> None:
    _changed(state, copy, e)
    if state.printing is not None and state.printing.job == e.job:
        state.printing = None


def _printed(state: State, e: ev.CopyPrinted) -> None:
    state.broken_off = False
    if found := _copy(state, e):
        copy = found[1]
        began_ms = copy.time_ms if copy.state == "printing" else e.time
        _ended(state, copy, e)
        copy.state, copy.proof, copy.why, copy.cause, copy.torn = "printed", e.proof, intern(e.why), None, False
        apply_counter.took(state, e.time - began_ms)


def _failed(state: State, e: ev.CopyFailed) -> None:
    state.broken_off |= e.torn
    if found := _copy(state, e):
        sale, copy = found
        _ended(state, copy, e)
        copy.state, copy.cause = "failed", e.cause
        copy.torn = copy.torn or e.torn
        if copy.held:
            _disown(state, e.job)
        else:
            _owe_again(state, sale, copy)


def _unknown(state: State, e: ev.CopyUnknown) -> None:
    state.broken_off = True
    if found := _copy(state, e):
        sale, copy = found
        _ended(state, copy, e)
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
        copy = Copy(sale.receipt, e.copy, e.number, "queued", e.time, possible=e.mark == "possible-duplicate")
        sale.copies += (copy,)
    copy.state = "queued"
    copy.asked = Asked(e.reason, e.note, e.request or f"r{state.seq}", e.point, e.doer)
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
        _disown(state, e.job)


def _requested(state: State, e: ev.SignatureRequested) -> None:
    if sale := state.sales.get(e.id):
        sale.signature = replace(sale.signature, state="awaiting", session=e.session, cause=None)
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
    for copy in sale.copies:
        if copy.waiting:
            copy.owed_ms = apply_box.trusted_ms(state, e.time)


def _captured(state: State, e: ev.SignatureCaptured) -> None:
    if sale := state.sales.get(e.id):
        _signed_off(state, sale, e)
        signature = sale.signature
        versions = (*signature.versions, Version(e.version, state.seq))
        sale.signature = Signature("captured", signature.need, version=e.version, versions=versions)
        state.unsigned.pop(e.id, None)


def _missing(state: State, e: ev.SignatureMissing) -> None:
    if sale := state.sales.get(e.id):
        _signed_off(state, sale, e)
        sale.signature = replace(sale.signature, state="missing", cause=e.cause, session=None)


def _attested(state: State, e: ev.SignatureAttested) -> None:
    if sale := state.sales.get(e.id):
        sale.signature = replace(sale.signature, state="attested", cause=None)
        state.unsigned.pop(e.id, None)
        _key_used(state, "attest", e)


def _voided(state: State, e: ev.SignatureVoided) -> None:
    if sale := state.sales.get(e.id):
        sale.signature = replace(sale.signature, state="voided", cause=None)
        state.unsigned[e.id] = None
        _key_used(state, "void", e)


def _key_used(state: State, method: str, e: ev.SignatureAttested | ev.SignatureVoided) -> None:
    if e.key is not None and e.content is not None:
        version = e.version if isinstance(e, ev.SignatureVoided) else 0
        state.keys[method, e.key] = KeyUse(e.content, e.id, version=version)


def _uploaded(state: State, e: ev.SignatureUploaded) -> None:
    if sale := state.sales.get(e.id):
        news = Upload(e.state, e.attempt)
        sale.signature = replace(
            sale.signature,
            versions=tuple([v._replace(upload=news) if v.number == e.version else v for v in sale.signature.versions]),
        )


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
