"""What the fold keeps of the newest shift (shifts.py has the rules)."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field

from posd.domain.people_events import Taking
from posd.domain.transaction import Type

OPEN_NAMED = 500
"""So many open exceptions a handover names, the oldest; of all it has the number. A record has to fit into a batch."""
LINES_MAX = 32
"""So many kinds of takings are told apart; what comes beyond is `other`."""


class Shift(Struct):
    """`seq` is the newest record that has all of it; `due`: that is about to leave the ring. `lines`: count and minor
    units by currency, type and method.
    """

    id: str
    operator: str
    opened_ms: int
    seq: int
    state: Literal["open", "closed"] = "open"
    closed_ms: int | None = None
    lines: dict[tuple[str, Type, str], tuple[int, int]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    open: tuple[str, ...] = ()
    open_count: int = 0
    signing: tuple[str, ...] = ()
    job: str | None = None
    due: bool = False
    open_key: str | None = None
    open_content: str | None = None
    close_key: str | None = None
    close_content: str | None = None

    def take(self, currency: str, type: Type, method: str, amount: int) -> None:
        """Count a payment."""
        at = (currency, type, method)
        if at not in self.lines and len(self.lines) >= LINES_MAX:
            at = (currency, type, "other")
        count, before = self.lines.get(at, (0, 0))
        self.lines[at] = (count + 1, before + amount)

    def count(self, what: str, more: int = 1) -> None:
        """Count something that happened."""
        self.counts[what] = self.counts.get(what, 0) + more

    def takings(self) -> tuple[Taking, ...]:
        """The lines, in their order."""
        return tuple(Taking(*at, count, amount) for at, (count, amount) in sorted(self.lines.items()))
