"""Which transactions the journal must keep, and why: what `posctl journal` tells of a ring that does not move on."""

from __future__ import annotations

from posd.desk.state import State
from posd.domain import views

PINS_MAX = 5


def pinned(state: State) -> list[views.Pin]:
    """The oldest transactions that are owed, at most `PINS_MAX`. With as many open as a ring of 64 MiB takes (2,107, of
    the smallest) it takes a millisecond.
    """
    why: dict[str, list[str]] = {}
    for sale_id, _, _ in state.owed.values():
        why.setdefault(sale_id, []).append("copies")
    for sale_id in state.unsigned:
        why.setdefault(sale_id, []).append("signature")
    for xid in state.open:
        why.setdefault(state.exceptions[xid].transaction, []).append("exception")
    known = sorted((state.sales[sale_id].seq, sale_id) for sale_id in why if sale_id in state.sales)
    return [views.Pin(seq, sale_id, list(dict.fromkeys(why[sale_id]))) for seq, sale_id in known[:PINS_MAX]]
