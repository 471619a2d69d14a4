"""Room in the journal: what may leave the ring, and what is carried forward so that it may.

Rules
- The oldest third is given up at a time. What is settled there is forgotten in the same moment: it may leave the ring
  at any time from now on, so nothing of it may become owed again without being taken in anew (archived.py).
- What is still owed there, and the newest sale, is carried forward under its numbers; the third is released once the
  copies are durable. So one transaction that is stuck for months holds nothing up.
- Where too much of it is owed for that to win room, it stays, and the journal fills up: then it takes no new sales.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from posd.desk.apply import forget
from posd.desk.state import Sale, State

CARRY_MAX = 128
"""Records that are carried at once: they are read on the loop."""
CARRY_SHARE = 4
"""What is carried is at most one in so many records of what is given up."""


class Ledger(Protocol):
    """What this needs of the journal."""

    def first_kept(self) -> int: ...
    def durable_seq(self) -> int: ...
    def first_owed(self) -> int: ...
    def archived(self) -> int | None: ...
    def release(self, first_owed: int) -> None: ...
    def carry(self, seqs: Sequence[int], first_owed: int) -> bool: ...


class Room:
    """Makes room in the journal."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._released = 0

    def make(self, state: State, *, carry: bool = True) -> bool:
        """Give up the oldest third of what the ring must keep, as far as that is possible, or possible without carrying
        anything forward; whether there is room at once.
        """
        ledger = self._ledger
        if ledger.first_owed() < self._released:
            return False  # copies are on their way to the disk
        oldest = max(self._released, ledger.first_kept())
        durable = ledger.durable_seq()
        goal = min(oldest + (state.seq - oldest) // 3, durable + 1)
        stuck = _stuck(state, goal)
        carried = stuck if carry and _wins(stuck, goal - oldest, durable) else []
        bound = goal if carried or not stuck else stuck[0].floor
        if bound <= oldest:
            return False
        if not carried:
            ledger.release(bound)
        elif not ledger.carry(sorted(seq for sale in carried for seq in sale.records), bound):
            return carry and self.make(state, carry=False)
        for sale in carried:
            sale.floor = state.seq
        self._released = bound
        archived = ledger.archived()
        forget(state, bound, state.seq if archived is None else archived)
        return not carried


def _stuck(state: State, goal: int) -> list[Sale]:
    """The sales that must be kept and stand below `goal`, the oldest first."""
    return sorted(
        (sale for sale in state.sales.values() if sale.floor < goal and (sale.owed or sale.id == state.last)),
        key=lambda sale: sale.floor,
    )


def _wins(stuck: list[Sale], given_up: int, durable: int) -> bool:
    """Whether these are few enough to be carried forward, and all of each is durable.

    All records of a sale are carried or none: where the older ones stood behind the newer ones, they could be left
    without them and tell of a sale that is not settled.
    """
    count = sum(len(sale.records) for sale in stuck)
    return count <= min(CARRY_MAX, given_up // CARRY_SHARE) and all(sale.records[-1] <= durable for sale in stuck)
