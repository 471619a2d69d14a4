"""The shop's rules for reprints: until when, how many, how often, who must approve.

Times are the terminal's, as far as its clock can be believed (clock.py). Updated
merchant copies that a later signature brought do not count against the shop's limits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from posd.config import seconds
from posd.desk.signing import UPDATED
from posd.desk.slips import iso_local
from posd.desk.state import Copy, Sale
from posd.desk.turn import Turn
from posd.domain import money
from posd.domain.doer import Doer
from posd.domain.errors import Kind, Refusal
from posd.domain.slip import CopyName
from posd.domain.views import TermsView


@dataclass(frozen=True, slots=True)
class Terms:
    """What the rules say at this moment; `refusal` is None where a copy may be made now."""

    until_ms: int
    left: int
    approval: Literal["none", "supervisor"]
    next_ms: int | None
    refusal: Refusal | None


def terms(turn: Turn, sale: Sale, name: CopyName, doer: Doer) -> Terms:
    """The rules applied to one more reprint of this copy, asked by `doer` now."""
    policy = turn.rules.policy
    now = turn.trusted_ms()
    until = sale.trusted_ms + round(seconds(policy.reprint_window) * 1000)
    made = [c for c in sale.of(name) if c.number and c.state != "cancelled" and not c.held and not _updated(c)]
    left = max(0, policy.reprint_copies - len(made))
    interval = round(seconds(policy.reprint_interval) * 1000)
    # A time that is still to come was recorded under a skew whose record has left the ring.
    next_ms = max((c.trusted_ms + interval for c in made if c.trusted_ms <= now), default=0)
    busy_until = _busy_until(turn, now)
    approval: Literal["none", "supervisor"] = "supervisor" if _above(sale, policy.supervisor_from) else "none"
    refusal: Refusal | None = None
    if now > until:
        refusal = _no(turn, "window-closed", f"Copies of {sale.id} could be made until", until)
    elif left == 0:
        refusal = Refusal(
            "copies-spent", f"All {policy.reprint_copies} copies of {sale.id} have been made. Nothing was printed."
        )
    elif approval == "supervisor" and "supervisor" not in doer.roles:
        refusal = Refusal(
            "needs-supervisor",
            f"Copies from {policy.supervisor_from} {sale.currency} on need a supervisor. Nothing was printed; ask one.",
        )
    elif interval and now < next_ms:
        refusal = _no(turn, "too-soon", f"The next copy of {sale.id} can be made at", next_ms)
    elif busy_until is not None:
        refusal = _no(turn, "busy-hours", "These are busy hours; copies can be made again at", busy_until)
    return Terms(until, left, approval, next_ms if interval and now < next_ms else busy_until, refusal)


def _updated(copy: Copy) -> bool:
    """Whether posd itself ordered it to show a later signature. A caller may give the same reason, but not the doer."""
    return copy.reason == UPDATED and copy.doer is not None and copy.doer.kind == "pad"


def _no(turn: Turn, kind: Kind, words: str, ms: int) -> Refusal:
    when = iso_local(ms, turn.now.offset_min)
    return Refusal(kind, f"{words} {when}. Nothing was printed.", until=when)


def _above(sale: Sale, limit: str) -> bool:
    if not limit:
        return False
    return money.decimal_of(money.text_of(sale.total, sale.currency)) >= money.decimal_of(limit)


def _busy_until(turn: Turn, now_ms: int) -> int | None:
    """The end of the busy period that holds now, or None. A period may cross midnight."""
    local = datetime.fromtimestamp(now_ms / 1000, UTC) + timedelta(minutes=turn.now.offset_min)
    minute = local.hour * 60 + local.minute
    for period in turn.rules.policy.busy_hours:
        start, end = (int(hm[:2]) * 60 + int(hm[3:]) for hm in period.split("-"))
        if start <= minute < end or (start > end and (minute >= start or minute < end)):
            left = (end - minute) % (24 * 60)
            floor = now_ms - now_ms % 60_000
            return floor + left * 60_000
    return None


def view(turn: Turn, sale: Sale, name: CopyName, doer: Doer) -> TermsView:
    """The terms as a client sees them, with a sentence for a person."""
    t = terms(turn, sale, name, doer)
    until = iso_local(t.until_ms, turn.now.offset_min)
    if t.refusal is None:
        who = "a supervisor must ask" if t.approval == "supervisor" else "no approval is needed"
        sentence = f"The {name} copy of {sale.id} can be reprinted until {until}, {t.left} more times; {who}."
    else:
        sentence = t.refusal.message
    return TermsView(
        id=sale.id,
        allowed=t.refusal is None,
        until=until,
        copies_left=t.left,
        approval=t.approval,
        next_at=iso_local(t.next_ms, turn.now.offset_min) if t.next_ms is not None else None,
        refusal=t.refusal.kind if t.refusal else None,
        sentence=sentence,
    )
