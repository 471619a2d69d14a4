"""The simulated shop's rules for copies, kept a second time: what the journal says of copies is held against them.

It reads durable events alone, in their order, and knows nothing of posd's policy. `broken` says what is against the
rules, None where all is well.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from posd.domain import events as ev

TERMS = """
reprint_window = "3650d"
reprint_copies = 3
supervisor_from = "30.00"
requests_each = 15
requests_all = 40
[[policy.rule]]
name = "small"
below = "10.00"
copies = 1
[[policy.rule]]
name = "other-hands"
copy = "merchant"
asked_by = ["key"]
allowed = false
"""
COPIES, SMALL_COPIES = 3, 1
SMALL, SUPERVISED = Decimal("10.00"), Decimal("30.00")
Slip = tuple[str, str]


class Terms:
    """What was granted, and who stood for it."""

    def __init__(self) -> None:
        self._total: dict[str, Decimal] = {}
        self._made: dict[Slip, set[int]] = defaultdict(set)
        self.asked: dict[str, ev.ReprintAsked] = {}
        self._outcome: dict[str, tuple[str, bool]] = {}
        self._used: set[str] = set()

    def broken(self, event: ev.AnyEvent) -> str | None:
        """Take in the next event; what is against the rules in it."""
        if isinstance(event, ev.TransactionAccepted):
            self._total[event.transaction.id] = Decimal(event.transaction.total)
        elif isinstance(event, ev.ReprintCancelled):
            self._made[event.id, event.copy].discard(event.number)
        elif isinstance(event, ev.ReprintAsked):
            self.asked[event.request] = event
        elif isinstance(event, ev.ReprintDecided):
            return self._decided(event)
        elif isinstance(event, ev.ReprintRequested) and event.number and event.doer.kind != "pad":
            return self._granted(event)
        return None

    @property
    def waiting(self) -> set[str]:
        """The requests of which nobody has decided."""
        return self.asked.keys() - self._outcome.keys()

    def _decided(self, e: ev.ReprintDecided) -> str | None:
        if e.request not in self.waiting:
            return f"{e.request} was {e.outcome}, and does not wait"
        by_supervisor = "supervisor" in e.doer.roles
        self._outcome[e.request] = (e.outcome, by_supervisor)
        if e.outcome in ("approved", "declined") and not by_supervisor:
            return f"{e.request} was {e.outcome} by {e.doer}"
        return None

    def _granted(self, e: ev.ReprintRequested) -> str | None:
        total, made = self._total[e.id], self._made[e.id, e.copy]
        made.add(e.number)
        if len(made) > (SMALL_COPIES if total < SMALL else COPIES):
            return f"{e.job} is one copy too many: {sorted(made)}"
        if e.doer.kind == "key" and e.copy == "merchant":
            return f"{e.job} was asked for with a key"
        asked = self.asked.get(e.request)
        if asked is not None:
            if (asked.id, asked.copy, asked.doer.pid) != (e.id, e.copy, e.doer.pid):
                return f"{e.job} is not what {e.request} asked for"
            if e.request in self._used or self._outcome.get(e.request, ("", False))[0] != "approved":
                return f"{e.job} came of {e.request}, which was not approved, or once already"
            self._used.add(e.request)
        elif total >= SUPERVISED and "supervisor" not in e.doer.roles:
            return f"{e.job} came without a supervisor"
        return None
