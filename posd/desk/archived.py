"""Transactions that are not in the state any more: their own records, folded apart.

A transaction that has left the state is settled. To answer about it, its records are read back (archive, ring) and
folded into a state that holds nothing else and is dropped with the answer. To do something with it, it is taken into
the state again; the runner has its records carried forward in the ring first, so that the next start finds them too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from posd.desk import apply_cases, queries
from posd.desk.apply import apply
from posd.desk.state import State
from posd.domain import views
from posd.domain.events import AnyEvent, TransactionAccepted
from posd.domain.requests import (
    AnyRequest,
    Attest,
    Get,
    Preview,
    ReprintAsk,
    Resign,
    Search,
    Settle,
    SignatureGet,
    Submit,
    Terms,
    Uploaded,
    Void,
)

SEARCH_MAX = 20_000
"""Archived transactions that one search looks at: a second or two; its answer says where to go on."""
_BEHIND_ALL = 1 << 63
ASKING = Get | Preview | Terms | SignatureGet | Submit
"""Requests that are answered from the records alone; a submit, because it was answered before."""
DOING = ReprintAsk | Resign | Settle | Void | Attest | Uploaded
"""Requests that go on with the transaction."""


def named(state: State, request: AnyRequest, may_have: Callable[[str], bool]) -> str | None:
    """The transaction that the request names, if it is one that the state does not have and the archive may.

    `may_have` says of a transaction's id whether it must be looked up. Of a sale that comes it is asked, so that a new
    one waits for no look; whatever else names an id means one that there was.
    """
    if isinstance(request, Submit):
        sale_id = request.transaction.id
        new = sale_id in state.sales or not (sale_id in state.parts or may_have(sale_id))
        return None if new else sale_id
    if isinstance(request, ASKING | DOING) and request.id != "last" and request.id not in state.sales:
        return request.id
    return None


def fold(events: Iterable[tuple[int, AnyEvent]], sale_id: str, now: State) -> State | None:
    """A state of this one transaction; None if its acceptance is not among the events. What a decision asks besides it
    is as `now` has it.
    """
    alone = State()
    for seq, event in events:
        apply(alone, seq, event)
    if sale_id not in alone.sales:
        return None
    alone.newest_ms, alone.skew_ms, alone.clock = now.newest_ms, now.skew_ms, now.clock
    return alone


def absorb(state: State, alone: State, sale_id: str, floor: int) -> None:
    """Take the transaction into the state, where it was accepted; its records are in the ring from `floor` on."""
    sale = alone.sales[sale_id]
    sale.floor = floor
    state.sales = dict(sorted([*state.sales.items(), (sale_id, sale)], key=lambda item: item[1].seq))
    state.receipts.setdefault(sale.receipt, sale_id)
    apply_cases.absorb(state, alone)
    state.parts.pop(sale_id, None)
    state.unsigned.update(alone.unsigned)
    for key, use in alone.keys.items():
        state.keys.setdefault(key, use)


def search(
    ask: Search,
    page: views.SearchResult,
    known: frozenset[str],
    accepted: Callable[[int], Iterator[tuple[int, TransactionAccepted]]],
    past: Callable[[str], Iterable[tuple[int, AnyEvent]]],
) -> views.SearchResult:
    """The page of what the state has, with what else there is: `accepted` goes through the archive from the newest
    down, `past` gives the events of one transaction. It looks at so many at most; `next` then goes on there. Reads the
    disk.
    """
    if ask.open:
        return page  # what is open is in the state
    matches = queries.matching(msgspec.structs.replace(ask, open=None))
    found, complete = list(page.transactions), page.next or 0
    looked = 0
    for seq, event in accepted(_BEHIND_ALL if ask.after is None else ask.after):
        if seq < complete:
            break
        if looked == SEARCH_MAX:
            complete = seq + 1
            break
        looked += 1
        sale_id = event.transaction.id
        one = State()
        apply(one, seq, event)
        if sale_id in known or not matches(one.sales[sale_id]):
            continue
        alone = fold(past(sale_id), sale_id, one)
        if alone is not None and alone.sales[sale_id].seq == seq:
            found.append(queries.summary(alone, alone.sales[sale_id]))
        if sum(other.seq >= seq for other in found) > ask.limit:
            complete = seq
            break
    found = sorted((one for one in found if one.seq >= complete), key=lambda one: one.seq, reverse=True)
    if len(found) > ask.limit:
        return views.SearchResult(found[: ask.limit], found[ask.limit - 1].seq)
    return views.SearchResult(found, complete or None)
