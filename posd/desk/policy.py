"""The shop's rules for reprints: until when, how many, how often, who must approve.

The first rule of `policy.rule` that applies decides, and last the plain keys of `[policy]` (domain/reprint_rules.py).
Times are the terminal's, as far as its clock can be believed (clock.py). Updated merchant copies that a later signature
brought do not count against the shop's limits.

Busy are the rule's hours, and any moment in which `busy_from` live slips wait for the printer. Then copies are refused
with the time from which they can be made, or wait: live slips go before copies anyway (printing.py).

The order of the refusals: what can never be had, what a supervisor could give, what only needs waiting. How often
anything may be asked at all is another matter (rates.py).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Literal

from msgspec import Struct

from posd.desk.signing import UPDATED
from posd.desk.state import Copy, Sale, State
from posd.desk.turn import Turn
from posd.domain import money
from posd.domain.doer import Doer
from posd.domain.duration import DAY_MIN, milliseconds, period
from posd.domain.errors import Kind, Refusal
from posd.domain.moment import iso_local
from posd.domain.reprint_rules import DEFAULT, Busy, Case, ReprintRule, age_bounds, match
from posd.domain.slip import CopyName, SlipTerms

AT_THE_COUNTER = Doer(kind="peer", roles=("cashier",))
"""Whom a slip's reader is going to ask."""
SLIP_MS = 4000
"""How long a slip takes where none has been measured yet."""


class _Rule(Struct, frozen=True):
    """What the rule that applies says, gaps filled from `[policy]`."""

    name: str
    allowed: bool
    window_ms: int
    copies: int
    interval_ms: int
    terminal_ms: int
    supervisor_from: str
    one_press_below: str
    busy_hours: tuple[str, ...]
    busy: Busy


class Terms(Struct, frozen=True):
    """What the rules say at this moment; `refusal` is None where a copy may be made now. `one_press`: no second key
    press must confirm it.
    """

    rule: str
    until_ms: int
    left: int
    approval: Literal["none", "supervisor"]
    one_press: bool
    next_ms: int | None
    refusal: Refusal | None


def terms(turn: Turn, sale: Sale, name: CopyName, doer: Doer, *, approved: bool = False) -> Terms:
    """The rules applied to one more reprint of this copy, asked by `doer` now; `approved`: by a supervisor."""
    now, offset = turn.trusted_ms(), turn.now.offset_min
    rule = _rule(turn, _case(turn, sale, name, doer, now - sale.trusted_ms, now))
    until = _until(turn, sale, name, doer, rule, now)
    made = counted(sale, name)
    left = max(0, rule.copies - len(made))
    total = _total(sale)
    approval: Literal["none", "supervisor"] = "supervisor" if _from(total, rule.supervisor_from) else "none"
    one_press = not rule.one_press_below or not _from(total, rule.one_press_below)
    next_ms = _next_ms(turn, rule, made, now)
    busy_ms = _busy_until(turn, rule, now) if rule.busy == "refuse" else None
    refusal: Refusal | None = None
    if not rule.allowed:
        refusal = Refusal(
            "denied",
            f"The shop's rule {rule.name} allows no {name} copy of {sale.id} here and now. Nothing was printed.",
        )
    elif now > until:
        refusal = _no("window-closed", f"Copies of {sale.id} could be made until", iso_local(until, offset))
    elif left == 0:
        refusal = Refusal("copies-spent", f"All {rule.copies} copies of {sale.id} have been made. Nothing was printed.")
    elif approval == "supervisor" and not approved and "supervisor" not in doer.roles:
        refusal = _needs_supervisor(rule, sale)
    elif next_ms is not None:
        refusal = _no("too-soon", f"The next copy of {sale.id} can be made at", from_when(turn, next_ms))
    elif busy_ms is not None:
        refusal = _no("busy-hours", "These are busy hours; copies can be made again at", from_when(turn, busy_ms))
    return Terms(rule.name, until, left, approval, one_press, next_ms if next_ms is not None else busy_ms, refusal)


def on_slip(turn: Turn, sale: Sale, copy: Copy) -> SlipTerms | None:
    """What the customer may read of the terms on this very slip, for copies behind it at the counter: as they were
    when it came out. None where the slips of this shop do not say it.
    """
    if not turn.tools.terms:
        return None
    at = copy.trusted_ms if copy.state == "printed" else turn.trusted_ms()
    rule = _rule(turn, _case(turn, sale, copy.name, AT_THE_COUNTER, at - sale.trusted_ms, at))
    until = _until(turn, sale, copy.name, AT_THE_COUNTER, rule, at)
    left = max(0, rule.copies - sum(1 for c in counted(sale, copy.name) if c.number <= copy.number))
    if not rule.allowed or at > until or not left:
        return SlipTerms("", 0)
    return SlipTerms(iso_local(until, turn.now.offset_min), left, _from(_total(sale), rule.supervisor_from))


def counted(sale: Sale, name: CopyName) -> list[Copy]:
    """The copies that the rules count: not the withdrawn ones, nor those that posd made for a later signature."""
    return [c for c in sale.of(name) if c.number and c.state != "cancelled" and not c.held and not _updated(c)]


def live_slips(state: State) -> list[Copy]:
    """The originals that only the printer keeps waiting: those that a customer is still signing for are no load."""
    return [c for sale, c in state.waiting() if not c.number and sale.signature.state != "awaiting"]


def ready_ms(turn: Turn, ahead: int) -> int:
    """When a slip is out that has so many before it, in the terminal's time, by how long slips took so far."""
    return turn.now.ms + (ahead + 1) * (turn.state.slip_ms or SLIP_MS)


def _case(turn: Turn, sale: Sale, name: CopyName, doer: Doer, age_ms: int, now: int) -> Case:
    at = datetime.fromtimestamp(now / 1000, UTC) + timedelta(minutes=turn.now.offset_min)
    minute = at.hour * 60 + at.minute
    return Case(sale.type, name, sale.currency, _total(sale), max(0, age_ms), minute, doer)  # type: ignore[arg-type]


def _rule(turn: Turn, case: Case) -> _Rule:
    policy = turn.rules.policy
    rule = match(policy.rule, case) or ReprintRule(DEFAULT)

    def ms(own: str | None, default: str) -> int:
        return milliseconds(default if own is None else own)

    return _Rule(
        name=rule.name,
        allowed=rule.allowed,
        window_ms=ms(rule.window, policy.reprint_window),
        copies=policy.reprint_copies if rule.copies is None else rule.copies,
        interval_ms=ms(rule.interval, policy.reprint_interval),
        terminal_ms=ms(rule.terminal_interval, policy.terminal_interval),
        supervisor_from=policy.supervisor_from if rule.supervisor_from is None else rule.supervisor_from,
        one_press_below=policy.one_press_below if rule.one_press_below is None else rule.one_press_below,
        busy_hours=policy.busy_hours if rule.busy_hours is None else rule.busy_hours,
        busy=rule.busy or policy.busy,
    )


def _until(turn: Turn, sale: Sale, name: CopyName, doer: Doer, rule: _Rule, now: int) -> int:
    """Until when the rules allow it, past every age at which another rule takes over (at this time of day)."""
    accepted, end = sale.trusted_ms, rule.window_ms
    for age in age_bounds(turn.rules.policy.rule):
        if age <= now - accepted:
            continue
        if age > end:
            break
        later = _rule(turn, _case(turn, sale, name, doer, age, now))
        if not later.allowed or later.window_ms < age:
            return accepted + age - 1
        end = later.window_ms
    return accepted + end


def _next_ms(turn: Turn, rule: _Rule, made: list[Copy], now: int) -> int | None:
    """When the intervals since the last copies are over, None if they are."""
    # A time that is still to come was recorded under a skew whose record has left the ring.
    own = max((c.trusted_ms for c in made if c.trusted_ms <= now), default=None)
    all_of_them = max((ms for ms in turn.state.reprinted.values() if ms <= now), default=None)
    waits = [own + rule.interval_ms] if own is not None and rule.interval_ms else []
    if all_of_them is not None and rule.terminal_ms:
        waits.append(all_of_them + rule.terminal_ms)
    latest = max(waits, default=now)
    return latest if latest > now else None


def _updated(copy: Copy) -> bool:
    """Whether posd itself ordered it to show a later signature. A caller may give the same reason, but not the doer."""
    return copy.asked is not None and copy.asked.reason == UPDATED and copy.doer is not None and copy.doer.kind == "pad"


def _needs_supervisor(rule: _Rule, sale: Sale) -> Refusal:
    if not money.decimal_of(rule.supervisor_from):
        return Refusal("needs-supervisor", f"A copy of {sale.id} needs a supervisor. Nothing was printed; ask one.")
    return Refusal(
        "needs-supervisor",
        f"Copies from {rule.supervisor_from} {sale.currency} on need a supervisor. Nothing was printed; ask one.",
    )


def _no(kind: Kind, words: str, when: str) -> Refusal:
    return Refusal(kind, f"{words} {when}. Nothing was printed.", until=when)


def from_when(turn: Turn, ms: int) -> str:
    """A moment from which something works, in whole seconds: never one at which it does not."""
    return iso_local(ms + 999, turn.now.offset_min)


def _total(sale: Sale) -> Decimal:
    return Decimal(money.text_of(sale.total, sale.currency))


def _from(total: Decimal, limit: str) -> bool:
    return bool(limit) and total >= money.decimal_of(limit)


def _busy_until(turn: Turn, rule: _Rule, now_ms: int) -> int | None:
    """From when it is not busy any more, None if it is not busy now. Periods may cross midnight and meet."""
    floor = now_ms - now_ms % 60_000
    minute = (floor // 60_000 + turn.now.offset_min) % DAY_MIN
    periods = [period(text) for text in rule.busy_hours]
    passed = 0
    while passed < DAY_MIN and (held := next((p for p in periods if p.holds((minute + passed) % DAY_MIN)), None)):
        passed += (held.end - minute - passed) % DAY_MIN
    if passed:
        return floor + passed * 60_000
    busy_from = turn.rules.policy.busy_from
    if busy_from:
        live = len(live_slips(turn.state))
        if live >= busy_from:
            return ready_ms(turn, live - busy_from)
    return None
