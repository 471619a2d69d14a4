"""Room in the journal: what may leave the ring, and what is carried forward so that it may.

Rules
- The oldest third is given up at a time. What is settled there is forgotten in the same moment: it may leave the ring
  at any time from now on, so nothing of it may become owed again without being taken in anew (archived.py).
- What is still owed there, and the newest sale, is carried forward under its numbers; the third is released once the
  copies are durable. So one transaction that is stuck for months holds nothing up.
- Where too much of the third is owed for that to win room, less is given up, or as much more as does: what is stuck
  stands close together once it was carried. Where nothing wins room, half of all is owed: it stays, and the journal
  fills up until it takes no new sales.
- A transaction may have any number of records: slips that failed, signatures that were tried. One with more than can be
  read in a moment is carried in several goes, and nothing is released before the last of them. If there is no last one,
  because room ran out or the power went, it counts as stuck until it was carried whole: its older records would stand
  behind the newer ones, could be left without them, and tell of a sale that is not settled.
- All sales are asked each time whether they are stuck. A ring of 64 MiB that is full of the smallest sales is looked
  at so once in 3,750 of them, for 4 to 21 ms; no index is kept for that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from posd.desk.apply import forget
from posd.desk.state import Sale, State

CARRY_MAX = 128
"""Records that are carried in one go: they are read on the loop."""
CARRY_SHARE = 2
"""What is carried is at most one in so many records of what is given up."""


class Ledger(Protocol):
    """What this needs of the journal."""

    def takes_sales(self, promised: int) -> bool: ...
    def takes_outcomes(self, promised: int) -> bool: ...
    def crowded(self) -> bool: ...
    def first_kept(self) -> int: ...
    def durable_seq(self) -> int: ...
    def first_owed(self) -> int: ...
    def archived(self) -> int | None: ...
    def release(self, first_owed: int) -> None: ...
    def carry(self, seqs: Sequence[int], first_owed: int) -> bool: ...


@dataclass(slots=True)
class _Carrying:
    """What is being carried: records that are still to be copied, of which sales, since which sequence number; and up
    to where may be given up then.
    """

    seqs: list[int]
    sales: list[Sale]
    since: int
    bound: int


class Room:
    """Knows what the journal can take, and makes room in it."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._released = 0
        self._carrying: _Carrying | None = None

    def takes_sales(self, state: State) -> bool:
        """Whether the journal has room for a new sale and for all that is still to come of what is open (law 6).

        Counted generously, in records: start and end of each copy that waits; request, capture and updated slip of
        each signature; settling and printing of each exception.
        """
        return self._ledger.takes_sales(
            3 * (len(state.owed) + len(state.unsigned) + len(state.open) + len(state.asking)) + 8
        )

    def look(self, state: State) -> None:
        """Tell the state what the journal can take, after making room if it is short.

        The reserve is for what comes by itself, the copies that wait, first; a person who settles something may use the
        rest of it: else nothing could ever be settled again.
        """
        plenty = self.takes_sales(state)
        if not plenty:
            self.make(state)
            plenty = self.takes_sales(state)
        if plenty:
            state.room = "plenty"
        else:
            enough = self._ledger.takes_outcomes(3 * len(state.owed) + 8)
            state.room = "reserve" if enough else "none"

    def keep(self, state: State) -> None:
        """Make room where the journal is crowded."""
        if self._ledger.crowded():
            self.make(state)

    def at_start(self, state: State) -> None:
        """Give up again what was given up before, for nobody wrote down how far that was and the ring counts as full;
        carry forward what stands in the way, before starts that end early, one after the other, use up the room for
        that.
        """
        while self._ledger.crowded() and self.make(state, carry=False):
            pass
        self.keep(state)

    def make(self, state: State, *, carry: bool = True) -> bool:
        """Give up the oldest third of what the ring must keep, or what of it wins room, with or without carrying
        anything forward; whether there is room at once.
        """
        ledger = self._ledger
        if self._carrying is not None:
            return self._carry(state, self._carrying)
        if ledger.first_owed() < self._released:
            return False  # copies are on their way to the disk
        oldest = max(self._released, ledger.first_kept())
        durable = ledger.durable_seq()
        third = min(oldest + (state.seq - oldest) // 3, durable + 1)
        stuck = _stuck(state)
        bound = min([third, *(sale.floor for sale in stuck[:1])])
        if carry:
            bound = _bound(stuck, oldest, third, durable)
        if bound <= oldest:
            return False
        carried = [sale for sale in stuck if sale.floor < bound]
        if carried:
            seqs = sorted(seq for sale in carried for seq in sale.records)
            self._carrying = _Carrying(seqs, carried, state.seq, bound)
            return self._carry(state, self._carrying)
        ledger.release(bound)
        self._given_up(state, bound)
        return True

    def _carry(self, state: State, carrying: _Carrying) -> bool:
        """Carry as many as can be read in a moment; with the last of them the oldest are given up."""
        now, carrying.seqs = carrying.seqs[:CARRY_MAX], carrying.seqs[CARRY_MAX:]
        bound = 0
        if not carrying.seqs:
            # Something may have become owed since the first go.
            carried = {sale.id for sale in carrying.sales}
            others = [sale.floor for sale in _stuck(state) if sale.id not in carried]
            bound = min([carrying.bound, *others])
        if not self._ledger.carry(now, bound):
            self._carrying = None
            return self.make(state, carry=False)
        if carrying.seqs:
            for sale in carrying.sales:
                sale.half = True
            return False
        self._carrying = None
        for sale in carrying.sales:
            sale.floor, sale.half = carrying.since, False
        self._given_up(state, bound)
        return False

    def _given_up(self, state: State, bound: int) -> None:
        self._released = max(self._released, bound)
        archived = self._ledger.archived()
        forget(state, bound, state.seq if archived is None else archived)


def _stuck(state: State) -> list[Sale]:
    """The sales that must be kept, the oldest first: also those of which a copy waits for a supervisor."""
    asked = {asking.sale for asking in state.asking.values()}
    return sorted(
        (s for s in state.sales.values() if s.owed or s.half or s.id == state.last or s.id in asked),
        key=lambda sale: sale.floor,
    )


def _bound(stuck: Sequence[Sale], oldest: int, third: int, durable: int) -> int:
    """Up to where to give up: what of the third wins room; where that is less than half of it, the least behind it that
    does. `oldest` where nothing does.

    It wins room where what is carried is few enough for what is given up. All records of a sale are carried or none,
    and only when all are durable.
    """
    best, first, count = oldest, oldest, 0
    for place in range(len(stuck) + 1):
        last = stuck[place].floor if place < len(stuck) else durable + 1
        least = max(first, oldest + CARRY_SHARE * count)
        if least <= last:
            if least > third:
                return best if 2 * (best - oldest) >= third - oldest else least
            best = min(last, third)
        if place == len(stuck) or stuck[place].records[-1] > durable:
            break
        first, count = last + 1, count + len(stuck[place].records)
        if count > CARRY_MAX and place:
            break  # more than one goes no further at once
    return best
