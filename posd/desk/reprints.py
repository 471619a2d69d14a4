"""A copy on request: by id, by "last", by receipt number on the keypad.

Rules
- What the asker states beside the id must match the journal; the refusal names the field and never the right value.
- Where the original has provably not come out, asking for a copy releases the original itself: there is no duplicate of
  nothing.
- A reprint that grew too old to print by itself is released in the same way, under the shop's rules.
- Else the copy is a new one with the next number, the duplicate mark and, if any print of it was ever unknown, the
  possible-duplicate mark.
- The printer must be usable: a person stands there and is told at once why not.
- Refused requests are recorded, with who asked, and have a name under which they are found (requested.py); beyond a
  bound, or while the journal is short of room for what is still owed, by their number (bounds.py). So many may be asked
  for in a minute (rates.py).
- Where a supervisor is needed, a request may wait for one (asking.py).
- The cancel key withdraws the newest copy that was asked for with a key.
- The same key and content gives the same copy; a refused request leaves its key free.
"""

from __future__ import annotations

import hashlib

import msgspec

from posd.desk import asking, bounds, policy, queries, rates, slips
from posd.desk.state import Copy, KeyUse, Sale, job_of
from posd.desk.turn import Turn
from posd.domain import events as ev
from posd.domain import money, reasons, views
from posd.domain.errors import Kind, Refusal
from posd.domain.moment import iso_local
from posd.domain.requests import Attest, ExceptionNote, ReprintApprove, ReprintAsk, ReprintDenied, Resign, Void


def digest_of(request: msgspec.Struct) -> str:
    """Hex SHA-256 of a request, to tell a repeated one from a conflicting one."""
    return hashlib.sha256(msgspec.json.encode(request)).hexdigest()


def used(
    turn: Turn, method: str, request: ReprintAsk | Resign | Void | Attest | ExceptionNote
) -> tuple[str, KeyUse | None]:
    """The request's digest, and what its key was used for already; Refusal if that was another request."""
    content = digest_of(request)
    before = turn.state.keys.get((method, request.key))
    if before is not None and before.content != content:
        raise key_conflict(request.key)
    return content, before


def key_conflict(key: str) -> Refusal:
    """The answer to a key that was used for something else."""
    return Refusal(
        "conflict", f"The key {key} was used for another request. Nothing was changed; use a new key.", field="key"
    )


def ask(turn: Turn, request: ReprintAsk) -> views.Reprinted:
    """`receipt.reprint`: the copy, or the request that waits for a supervisor; Refusal, recorded."""
    try:
        content, before = used(turn, "reprint", request)
        if before is not None:
            return _stored(turn, before)
        rates.admit(turn)
        sale = queries.find(turn.state, request.id)
    except Refusal as refusal:
        known = request.id if request.id in turn.state.sales else ""
        _record(turn, known, request, refusal, digest_of(request))
        raise
    made = reprint(turn, sale, request, content=content)
    return _waits(made) if isinstance(made, str) else answer(turn, made)


def deny(turn: Turn, request: ReprintDenied) -> views.Reprinted:
    """Who asks may not, says the socket: Refusal `denied`, recorded."""
    ask, refusal = request.ask, Refusal("denied", request.message)
    _record(turn, ask.id if ask.id in turn.state.sales else "", ask, refusal, digest_of(ask))
    raise refusal


def _stored(turn: Turn, before: KeyUse) -> views.Reprinted:
    """The answer to a request that is known by its key, as it stands now."""
    if before.request:
        return _waits(before.request)
    assert before.copy is not None
    known = queries.find(turn.state, before.sale).copy(before.copy, before.number)
    assert known is not None
    return answer(turn, known)


def _waits(request: str) -> views.Reprinted:
    return views.Reprinted(request, 0, "waiting-approval", request=request)


def reprint(turn: Turn, sale: Sale, ask: ReprintAsk, *, content: str | None, request: str = "") -> Copy | str:
    """The copy that answers `ask`, queued, or the id of the request that waits for a supervisor; Refusal otherwise,
    recorded. `content` None: a key press, which has no idempotency key. `request`: the one that a supervisor, whose
    turn it is, approves.
    """
    doer = turn.state.asking[request].doer if request else turn.doer
    try:
        if content is None and not request:
            rates.admit(turn)
        elif not request:
            reasons.check(turn.rules.policy.reasons, ask.reason, ask.note)
        _check_statements(sale, ask)
        original = sale.copy(ask.copy, 0)
        if original is None:
            raise Refusal(
                "not-found", f"No {ask.copy} copy of {sale.id} was ever made. Nothing was printed.", field="copy"
            )
        check_printer(turn)
        slips.printable(turn, sale, original)  # refuses when what it is made of is not there, or is for another printer
        if original.state in ("queued", "failed"):
            number = 0
            if not request:
                rates.forgive(turn)
        elif original.state == "printing":
            raise Refusal(
                "busy", f"The {ask.copy} copy of {sale.id} is printing now. Wait until it is out, then ask again."
            )
        else:
            refusal = policy.terms(turn, sale, ask.copy, doer, approved=bool(request)).refusal
            if refusal is not None:
                if refusal.kind == "needs-supervisor" and ask.approval == "wait":
                    return asking.wait(turn, sale, ask, content)
                raise refusal
            asking.need_place(turn)
            held = next((c.number for c in sale.of(ask.copy) if c.number and c.held), None)
            number = held or 1 + max(c.number for c in sale.of(ask.copy))
        turn.need_room("reserve" if sale.copy(ask.copy, number) else "plenty")
    except Refusal as refusal:
        _record(turn, sale.id, ask, refusal, content)
        raise
    if request:
        asking.decide(turn, request, "approved")
    possible = ask.copy in sale.tainted
    turn.record(
        ev.ReprintRequested(
            time=turn.now.ms,
            doer=doer,
            id=sale.id,
            copy=ask.copy,
            number=number,
            job=job_of(sale.receipt, ask.copy, number),
            mark="possible-duplicate" if possible else ("duplicate" if number else "none"),
            reason=ask.reason,
            key=ask.key if content is not None else None,
            content=content,
            request=request or f"r{turn.state.seq + 1}",
            original=original.job if number else "",
            point=turn.state.seq,
            note=ask.note,
        )
    )
    copy = sale.copy(ask.copy, number)
    assert copy is not None
    return copy


def _record(turn: Turn, sale_id: str, ask: ReprintAsk, refusal: Refusal, content: str | None) -> None:
    """Record that this was refused, by itself or by its number; the refusal then names the request."""
    if not bounds.refused(turn, refusal.kind):
        return
    refusal.request = f"r{turn.state.seq + 1}"
    turn.record(
        ev.ReprintRefused(
            time=turn.now.ms,
            doer=turn.doer,
            id=sale_id,
            copy=ask.copy,
            reason=ask.reason,
            kind=refusal.kind,
            message=refusal.message,
            until=refusal.until,
            key=ask.key if content is not None else None,
            content=content,
            request=refusal.request,
            note=ask.note,
        )
    )


def approve(turn: Turn, order: ReprintApprove) -> views.Reprinted:
    """A supervisor's word on a request that waits: the copy, queued, or the request, declined."""
    asked = asking.find(turn.state, order.job)
    if not order.approve:
        asking.decide(turn, order.job, "declined")
        return views.Reprinted(order.job, 0, "declined", request=order.job)
    sale = queries.find(turn.state, asked.sale)
    ask = ReprintAsk(id=sale.id, key=asked.key or order.job, copy=asked.copy, reason=asked.reason, note=asked.note)
    copy = reprint(turn, sale, ask, content=asked.content, request=order.job)
    assert isinstance(copy, Copy)
    return answer(turn, copy)


def answer(turn: Turn, copy: Copy) -> views.Reprinted:
    """How a copy stands, and when it will be out: behind what is on the printer, all live slips and older copies."""
    prints_at = None
    if copy.waiting or copy.state == "printing":
        waiting = [other for _, other in turn.state.waiting()]
        before = waiting[: waiting.index(copy)] if copy in waiting else []
        live = sum(1 for other in policy.live_slips(turn.state) if other is not copy)
        ahead = live + sum(1 for other in before if other.number) + (turn.state.printing is not None and copy.waiting)
        prints_at = iso_local(policy.ready_ms(turn, ahead), turn.now.offset_min)
    return views.Reprinted(copy.job, copy.number, copy.state, prints_at, copy.request)


def _check_statements(sale: Sale, ask: ReprintAsk) -> None:
    if ask.amount is not None:
        try:
            matches = money.minor_units(ask.amount, sale.currency) == sale.total
        except money.BadAmount as error:
            raise Refusal("invalid", f"amount: {error}. Nothing was printed.", field="amount") from error
    else:
        matches = True
    stated = {
        "amount": matches,
        "type": ask.type in (None, sale.type),
        "last_four": ask.last_four in (None, sale.last_four),
        "receipt": ask.receipt is None or queries.has_number(sale, ask.receipt),
        "date": ask.date in (None, sale.time[:10]),
    }
    for name, fits in stated.items():
        if not fits:
            raise Refusal(
                "mismatch",
                f"The {name} that was stated is not that of {sale.id}. Nothing was printed; "
                "check the slip and ask again.",
                field=name,
            )


def check_printer(turn: Turn) -> None:
    """Refusal `device-absent` or `device-fault` unless the printer can print now."""
    report = turn.state.devices["printer"].report
    if report.state == "ready":
        return
    kind: Kind = "device-absent" if report.state in ("absent", "opening") else "device-fault"
    why = ", ".join(report.reasons) or report.state
    raise Refusal(kind, f"The printer cannot print now ({why}). Nothing was printed; mend that and ask again.")


def cancel_newest(turn: Turn) -> bool:
    """Withdraw the newest reprint that was asked for at the keypad and of which no byte has left; False when there is
    none. What a till asked for is not the keypad's to withdraw.
    """
    for sale, copy in reversed(list(turn.state.waiting())):
        if copy.number and copy.doer is not None and copy.doer.kind == "key":
            asking.withdraw(turn, sale, copy)
            return True
    return False
