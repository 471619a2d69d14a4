"""Answers that change nothing: views of the state."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from decimal import Decimal
from itertools import islice

from posd.desk import policy, slips
from posd.desk.asked_state import Asked
from posd.desk.case_state import OpenItem
from posd.desk.messages import RenderSignature, RenderSlip
from posd.desk.state import Copy, Sale, State
from posd.desk.turn import Turn
from posd.domain import events as ev
from posd.domain import money, views
from posd.domain.errors import Refusal
from posd.domain.moment import iso_utc
from posd.domain.requests import ExceptionList, Get, Preview, Search, SignatureGet
from posd.domain.transaction import moment


def find(state: State, sale_id: str) -> Sale:
    """The sale with this id, or the newest one for `last`; `not-found` otherwise."""
    found = state.sales.get(state.last or "") if sale_id == "last" else state.sales.get(sale_id)
    if found is None:
        what = "There is no transaction yet." if sale_id == "last" else f"There is no transaction {sale_id} here."
        raise Refusal("not-found", f"{what} Look it up with transaction.search.", field="id")
    return found


def numbered(state: State, number: str) -> Sale | None:
    """The newest sale whose receipt number was typed."""
    return next((sale for sale in reversed(state.sales.values()) if has_number(sale, number)), None)


def has_number(sale: Sale, typed: str) -> bool:
    """Whether this is its receipt number; leading zeros need not be typed."""
    if sale.receipt == typed:
        return True
    return sale.receipt.isdecimal() and typed.isdecimal() and int(sale.receipt) == int(typed)


def copy_view(copy: Copy) -> views.CopyView:
    """One copy as clients see it."""
    return views.CopyView(
        copy=copy.name,
        number=copy.number,
        mark=copy.mark,
        state=copy.state,
        proof=copy.proof,
        cause=copy.cause,
        job=copy.job,
        time=iso_utc(copy.time_ms),
        why=copy.why,
        torn=copy.torn,
        reprint=_copy_of(copy, copy.asked) if copy.number and copy.asked is not None else None,
    )


def _copy_of(copy: Copy, asked: Asked) -> views.CopyOf:
    by = copy.doer.words() if copy.doer is not None else ""
    original = f"{copy.job.rpartition('-')[0]}-{copy.name[0]}0"
    return views.CopyOf(original, asked.point, asked.name, asked.reason, asked.note, by)


def item_view(item: OpenItem) -> views.ExceptionView:
    """One exception as clients see it."""
    return views.ExceptionView(
        id=item.id,
        transaction=item.transaction,
        kind=item.kind,
        cause=item.cause,
        detail=item.detail,
        state=item.state,
        opened=iso_utc(item.opened_ms),
        closed=iso_utc(item.closed_ms) if item.closed_ms is not None else None,
        role=item.role,
        due=iso_utc(item.due_ms) if item.due_ms else "",
        overdue=item.overdue,
        escalated=item.escalated,
        reason=item.reason,
        notes=[views.NoteView(iso_utc(n.time_ms), n.by, n.channel, n.outcome, n.note) for n in item.notes],
        copy=item.copy,
        number=item.number,
    )


def state_view(state: State, sale: Sale) -> views.StateView:
    """How a transaction stands."""
    signature = sale.signature
    return views.StateView(
        copies=[copy_view(c) for c in sale.copies],
        signature=views.SignatureView(
            signature.state,
            signature.need.rule,
            signature.cause,
            signature.version,
            *signature.upload(signature.version),
        ),
        exceptions=[item_view(state.exceptions[xid]) for xid in sale.exceptions],
    )


def submitted(state: State, sale: Sale) -> views.Submitted:
    """The answer to a submit, the first one and each repeated one."""
    return views.Submitted(sale.id, sale.seq, sale.receipt, state_view(state, sale))


def get(turn: Turn, ask: Get) -> views.Found:
    """One transaction whole; `not-found`."""
    sale = find(turn.state, ask.id)
    accepted = slips.accepted(turn, sale)
    return views.Found(
        id=sale.id,
        seq=sale.seq,
        receipt=sale.receipt,
        accepted=iso_utc(sale.accepted_ms),
        digest=accepted.digest,
        state=state_view(turn.state, sale),
        transaction=accepted.transaction,
    )


def search(turn: Turn, ask: Search) -> views.SearchResult:
    """Newest first; `after` is a sequence number below which to go on."""
    matches = matching(ask)
    found: list[views.Summary] = []
    for sale in reversed(turn.state.sales.values()):
        if ask.after is not None and sale.seq >= ask.after:
            continue
        if matches(sale):
            if len(found) == ask.limit:
                return views.SearchResult(found, found[-1].seq)
            found.append(summary(turn.state, sale))
    return views.SearchResult(found, None)


def matching(ask: Search) -> Callable[[Sale], bool]:
    """Whether a sale is one that is asked for. Refusal where what is stated makes no sense."""
    since, until = stated_ms(ask.since, "since"), stated_ms(ask.until, "until")
    try:
        amount = money.decimal_of(ask.amount) if ask.amount is not None else None
    except money.BadAmount as error:
        raise Refusal("invalid", f"amount: {error}.", field="amount") from error
    return lambda sale: _matches(sale, ask, since, until, amount)


def stated_ms(text: str | None, field: str) -> int | None:
    """A stated RFC 3339 time as milliseconds since 1970; Refusal where it is none."""
    try:
        return None if text is None else round(moment(text, field).timestamp() * 1000)
    except Refusal as error:
        raise Refusal(
            "invalid", f"{field} is not a time with an offset such as 2026-11-21T10:15:30+08:00.", field=field
        ) from error


def _matches(sale: Sale, ask: Search, since: int | None, until: int | None, amount: Decimal | None) -> bool:
    if (since is not None and sale.time_ms < since) or (until is not None and sale.time_ms > until):
        return False
    if amount is not None and amount != money.decimal_of(money.text_of(sale.total, sale.currency)):
        return False
    return (
        ask.type in (None, sale.type)
        and ask.last_four in (None, sale.last_four)
        and (ask.receipt is None or has_number(sale, ask.receipt))
        and ask.open in (None, sale.owed)
    )


def summary(state: State, sale: Sale) -> views.Summary:
    """One transaction in a list."""
    return views.Summary(
        id=sale.id,
        seq=sale.seq,
        receipt=sale.receipt,
        type=sale.type,
        time=sale.time,
        total=money.text_of(sale.total, sale.currency),
        currency=sale.currency,
        last_four=sale.last_four,
        state=state_view(state, sale),
    )


def exceptions(turn: Turn, ask: ExceptionList) -> views.ExceptionPage:
    """Oldest first; `after` is the id of the last one seen."""
    state = turn.state
    ids = list(state.open if ask.state == "open" else state.exceptions)
    first = bisect_right(ids, int(ask.after[1:]), key=lambda xid: int(xid[1:])) if ask.after is not None else 0
    items = (state.exceptions[ids[place]] for place in range(first, len(ids)))
    chosen = list(islice((item for item in items if ask.state in ("all", item.state)), ask.limit + 1))
    page = chosen[: ask.limit]
    more = page[-1].id if len(chosen) > ask.limit else None
    return views.ExceptionPage([item_view(item) for item in page], more)


def preview(turn: Turn, token: int, ask: Preview) -> None:
    """Render the original of a copy from the very bytes that go (or went) to the printer; a thread composes them."""
    sale = find(turn.state, ask.id)
    copy = sale.copy(ask.copy, ask.number)
    if copy is None:
        raise Refusal("not-found", f"No {ask.copy} copy of {sale.id} was ever made.", field="copy")
    turn.effect(RenderSlip(token, slips.order(turn, sale, copy, policy.on_slip(turn, sale, copy)), ask.format))


def signature(turn: Turn, token: int, ask: SignatureGet) -> None:
    """Deliver a captured version; `not-found` where there is none."""
    sale = find(turn.state, ask.id)
    version = ask.version or sale.signature.version
    if not version:
        raise Refusal("not-found", f"{sale.id} was never signed on the pad.", field="version")
    captured = sale.signature.captured(version)
    if captured is None:
        raise Refusal("not-found", f"There is no signature version {version} of {sale.id}.", field="version")
    event = turn.recall(captured.seq)
    assert isinstance(event, ev.SignatureCaptured)
    turn.effect(
        RenderSignature(
            token=token,
            id=sale.id,
            version=version,
            captured=iso_utc(event.time),
            digest=event.digest,
            feature_code=event.feature_code,
            drawing=event.drawing,
            format=ask.format,
        )
    )
