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
    def carry(self, seqs: Sequence[int], first_owed: int) -> None: ...


class Room:
    """Makes room in the journal."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._released = 0

    def make(self, state: State) -> bool:
        """Give up the oldest third of what the ring must keep, as far as that is possible; whether there is room at
        once.
        """
        ledger = self._ledger
        if ledger.first_owed() < self._released:
            return False  # copies are on their way to the disk
        oldest = max(self._released, ledger.first_kept())
        durable = ledger.durable_seq()
        carried, bound = _plan(state, oldest, min(oldest + (state.seq - oldest) // 3, durable + 1), durable)
        if bound <= oldest:
            return False
        for sale in carried:
            sale.floor = state.seq
        self._released = bound
        archived = ledger.archived()
        forget(state, bound, state.seq if archived is None else archived)
        if carried:
            ledger.carry(sorted(seq for sale in carried for seq in sale.records), bound)
        else:
            ledger.release(bound)
        return not carried


def _plan(state: State, oldest: int, goal: int, durable: int) -> tuple[list[Sale], int]:
    """Which sales are to be carried forward, and below which number the ring may then be given up.

    All records of a sale are carried or none: where the older ones stood behind the newer ones, they could be left
    without them and tell of a sale that is not settled.
    """
    stuck = sorted(
        (sale for sale in state.sales.values() if sale.floor < goal and (sale.owed or sale.id == state.last)),
        key=lambda sale: sale.floor,
    )
    carried: list[Sale] = []
    count = 0
    for sale in stuck:
        count += len(sale.records)
        if count > min(CARRY_MAX, (goal - oldest) // CARRY_SHARE) or sale.records[-1] > durable:
            return [], stuck[0].floor
        carried.append(sale)
    return carried, goal
