"""Recovery: what a journal file holds, and what may be done with it. Reads only; `opening` carries out what is found.

The walk starts at the head and takes batch after batch until the first one, T, that is not valid. A batch is valid if
every block of it is intact, has the expected number, sequence, first id and chain, and an epoch that fits: from the
superblock's epoch start on exactly its epoch and salt, below it older ones that never fall. Of each block the first
copy that meets all of it counts.

T is a torn tail if nothing ever vouched for what lay there; it is damage if anything did: the superblock's `durable`,
or the `durable` of any intact block anywhere. Every block is looked at for that: ring A always, ring B in full after a
crash and next to T after a clean stop (the rest of B is scrubbed in the background).

Cases (each has its test in tests/unit/journal/test_recovery_cases.py)
  A  there was no file: made anew                                             -> ready
  B  another process holds the lock                                           -> JournalLocked, nothing written
  C  no superblock of ours can be read, or one of a newer format              -> NotAJournal, nothing written
  D  clean stop, and T is where it stopped                                    -> ready
  E  a crash; nothing behind T                                                -> ready
  F  a crash; what is behind T was never vouched for: a torn tail             -> dropped, ready
  G  T lies below the superblock's `durable`, or the chain differs there, or
     what follows T goes on from the same chain with another id              -> damaged
  H  an intact block vouches for more than T                                  -> damaged
  I  an intact block is newer than every superblock: the newest one is lost   -> damaged
  J  what matters could not be read from any copy, or the file is cut short   -> damaged
  K  clean stop, but there is more behind it than there can be                -> damaged
Damaged means: nothing is written, what is intact on both sides of each gap is served read-only, the lost ranges are
named, a person decides. Beside the case, copies of blocks and of superblock slots that were bad while their twin was
good are listed for repair.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from msgspec import Struct, field

from posd.journal.block import CARRIES, PAYLOAD, BlockHeader, chain_after, read_header, same_batch, seal_of
from posd.journal.errors import LostRange
from posd.journal.index import Index
from posd.journal.port import BlockFile
from posd.journal.record import carried_ids
from posd.journal.ring import BATCH_BLOCKS_MAX, BLOCK
from posd.journal.slots import Slots, read_slots
from posd.journal.superblock import Position, Superblock
from posd.journal.window import Window

_BODY = BLOCK - PAYLOAD


class Repair(NamedTuple):
    """Block `number` is good in copy `source` and bad in the other one."""

    number: int
    source: int


class Found(Struct):
    """What recovery found. `tail` is T; `lost` is empty unless the journal is damaged.

    `altered`: where it breaks every checksum holds and only the chain does not. Bad luck does not make that; somebody
    wrote there.
    """

    case: str
    superblock: Superblock
    tail: Position
    index: Index
    dropped_blocks: int = 0
    repairs: list[Repair] = field(default_factory=list)
    slot_repairs: list[tuple[int, int]] = field(default_factory=list)
    bad_slots: int = 0
    lost: tuple[LostRange, ...] = ()
    compared: bool = True
    altered: bool = False

    @property
    def damaged(self) -> bool:
        return self.case in "GHIJK"


class _Rings:
    """Both copies of the ring, loaded window by window, A first; B only where it is wanted or needed. `same`: both are
    loaded, and alike; `alone`: B is not loaded here.
    """

    def __init__(self, file: BlockFile, superblock: Superblock, *, both: bool) -> None:
        geometry = superblock.geometry
        self.windows = [Window(file, geometry, copy) for copy in range(geometry.copies)]
        self.both = both and geometry.mirror
        self.stop = superblock.head.block + geometry.ring_blocks
        self.same = False
        self.alone = True

    def ensure(self, number: int, count: int = 1) -> None:
        """Load ring A, and B where both are wanted, so that the blocks are there."""
        first = self.windows[0]
        if first.holds(number, count):
            return
        span = min(first.capacity, self.stop - number)
        for window in self.windows if self.both else self.windows[:1]:
            window.load(number, span)
        self.same = self.both and first.view[: span * BLOCK].tobytes() == self.windows[1].view[: span * BLOCK].tobytes()
        self.alone = all(window.end <= number for window in self.windows[1:])

    def window(self, copy: int, number: int, count: int = 1) -> Window:
        """The copy's window with the blocks loaded."""
        window = self.windows[copy]
        if window.first <= number and number + count <= window.end:
            return window
        self.ensure(number, count)
        if not window.holds(number, count):
            window.load(self.windows[0].first, self.windows[0].end - self.windows[0].first)
            self.alone = False
        return window

    def unreadable(self) -> set[int]:
        """Numbers of the blocks that no copy could deliver."""
        bad = set(self.windows[0].unreadable)
        for number in list(bad) if len(self.windows) > 1 else ():
            self.window(1, number)
        return bad.intersection(*(window.unreadable for window in self.windows))


class _Batch(NamedTuple):
    """A valid batch: its first header, the copy that serves each of its blocks, the bytes used of the last one."""

    header: BlockHeader
    sources: list[int]
    used: int


class Step(NamedTuple):
    """A batch that was taken: its first header, the reserved bytes of its first block, where the next one begins."""

    header: BlockHeader
    seal: bytes
    behind: Position


Observe = Callable[[Step], None]


class Walk:
    """Takes valid batches one after the other and collects what blocks anywhere vouch for."""

    def __init__(self, file: BlockFile, superblock: Superblock, *, both: bool, observe: Observe | None = None) -> None:
        self._superblock = superblock
        self._observe = observe
        self._rings = _Rings(file, superblock, both=both)
        self._lenient = False
        self._epoch = 0
        self._salt = 0
        self.at = superblock.head
        self.index = Index()
        self.repairs: list[Repair] = []
        self.chain_differs = self.altered = self.miscounted = False
        self.promised = self.newest_epoch = self.newest_generation = self.dropped = 0

    def run(self) -> None:
        """Go on to the first batch that is not valid; leaves `at` there."""
        durable = self._superblock.durable
        while (batch := self._next()) is not None:
            self._take(batch)
            if self.at.block >= durable.block > batch.header.number and self.at != durable:
                self.chain_differs = True
                return

    def _next(self) -> _Batch | None:
        number = self.at.block
        self.miscounted = False
        if number >= self._rings.stop:
            return None
        for copy in range(len(self._rings.windows)):
            header = self._rings.window(copy, number).header(number)
            if header is None or not self._fits(header):
                continue
            if header.parts == 1:
                return _Batch(header, [copy], header.used)
            batch = self._rest(header, copy)
            if batch is not None:
                return batch
        return None

    def _fits(self, header: BlockHeader) -> bool:
        at, superblock = self.at, self._superblock
        end = header.number + header.parts
        if header.part or end > self._rings.stop or header.sequence != at.sequence:
            return False
        if header.first_id != at.next_id:
            # Whoever has the same chain before him counts from the same id: one of the two counts was altered.
            self.miscounted |= header.chain == at.chain and not self._lenient
            return False
        if header.chain != at.chain:
            self.altered |= not self._lenient
            return False
        if header.number < superblock.epoch_start:
            known = header.epoch < superblock.epoch and end <= superblock.epoch_start
        else:
            known = (header.epoch, header.salt) == (superblock.epoch, superblock.salt)
            known |= self._lenient and header.epoch > superblock.epoch
        return known and (header.epoch > self._epoch or (header.epoch, header.salt) == (self._epoch, self._salt))

    def _rest(self, first: BlockHeader, copy: int) -> _Batch | None:
        """The batch that `first` of `copy` begins, None if one of its blocks is missing in all copies."""
        sources, used = [copy], 0
        for index in range(1, first.parts):
            for source in range(len(self._rings.windows)):
                header = self._rings.window(source, first.number, first.parts).header(first.number + index)
                if header is not None and same_batch(first, header, index):
                    sources.append(source)
                    used = header.used
                    break
            else:
                return None
        return _Batch(first, sources, used)

    def _take(self, batch: _Batch) -> None:
        header, sources, last_used = batch
        number, size, body = header.number, 0, []
        for index, source in enumerate(sources):
            window = self._rings.window(source, number, header.parts)
            start = (number + index - window.first) * BLOCK + _BODY
            used = PAYLOAD if index + 1 < header.parts else last_used
            body.append(window.view[start : start + used])
            size += used
        if not (self._rings.same or self._rings.alone):
            self._compare(number, sources)
        if header.records:
            self.index.add(header.first_id, header.records, number)
        if header.flags & CARRIES:
            for record_id in carried_ids(b"".join(body)):
                self.index.carry(record_id, header.first_id, number)
        chain = chain_after(header.chain, header.sequence, header.first_id, header.flags, size, body)
        self.at = Position(number + header.parts, header.sequence + 1, header.first_id + header.records, chain)
        self._epoch, self._salt = header.epoch, header.salt
        if self._observe is not None:
            window = self._rings.window(sources[0], number, header.parts)
            self._observe(Step(header, seal_of(window.block(number)), self.at))

    def _compare(self, number: int, sources: list[int]) -> None:
        """List the copies that differ from the ones that count; copies that were not loaded are left to the scrub."""
        for index, source in enumerate(sources):
            other = 1 - source
            if other >= len(self._rings.windows) or not self._rings.windows[other].holds(number + index):
                continue
            window = self._rings.windows[other]
            if window.block(number + index).tobytes() != self._rings.windows[source].block(number + index).tobytes():
                self._note(window, number + index)
                self.repairs.append(Repair(number + index, source))

    def survey(self) -> None:
        """Look at every block behind `at` for promises and for the remains of a torn batch."""
        tail = self.at.block
        for number in range(tail, self._rings.stop):
            self._rings.ensure(number)
            remains = self._note(self._rings.windows[0], number)
            if (
                len(self._rings.windows) > 1
                and not self._rings.same
                and (self._rings.both or number < tail + BATCH_BLOCKS_MAX)
            ):
                remains |= self._note(self._rings.window(1, number), number)
            self.dropped += remains

    def _note(self, window: Window, number: int) -> bool:
        """Keep what the block at the place of `number` vouches for; True if it is an intact block of that number."""
        header = read_header(window.view, (number - window.first) * BLOCK)
        if header is None:
            return False
        self.promised = max(self.promised, header.durable)
        self.newest_epoch = max(self.newest_epoch, header.epoch)
        self.newest_generation = max(self.newest_generation, header.generation)
        return header.number == number

    def unreadable(self) -> set[int]:
        """Numbers of blocks looked at that no copy could deliver."""
        return self._rings.unreadable()

    def resume(self) -> bool:
        """Behind damage: go to the next intact batch, which proves its own place; False if there is none."""
        self._lenient = True
        before = self.at
        for number in range(before.block, self._rings.stop):
            for copy in range(len(self._rings.windows)):
                header = self._rings.window(copy, number).header(number)
                if header is None or header.sequence < before.sequence or header.first_id < before.next_id:
                    continue
                self.at = Position(number, header.sequence, header.first_id, header.chain)
                if self._next() is not None:
                    return True
        self.at = before
        return False


def recover(file: BlockFile, observe: Observe | None = None) -> Found:
    """Find out what the settled file holds. NotAJournal (case C); never writes; the caller carries out the repairs.

    `observe` is told of each batch that is taken, in order.
    """
    slots = read_slots(file)
    superblock = slots.newest
    if file.size < superblock.geometry.file_size:
        lost = (LostRange(superblock.head.next_id, None, superblock.head.block),)
        return Found("J", superblock, superblock.head, Index(), bad_slots=slots.bad, lost=lost)
    walk = Walk(file, superblock, both=not superblock.clean, observe=observe)
    walk.run()
    tail = walk.at
    walk.survey()
    found = Found(
        _case(walk, superblock, slots), superblock, tail, walk.index, walk.dropped, walk.repairs,
        slots.repairs, slots.bad, compared=not superblock.clean or not superblock.geometry.mirror,
    )  # fmt: skip
    if found.damaged:
        found.altered = walk.altered or walk.chain_differs or walk.miscounted
        found.lost = _gaps(walk, superblock)
    return found


def _case(walk: Walk, superblock: Superblock, slots: Slots) -> str:
    tail, durable = walk.at, superblock.durable
    checks = (
        ("J", slots.unreadable or bool(walk.unreadable())),
        ("G", tail.block < durable.block or walk.chain_differs or (tail.block == durable.block and tail != durable)),
        ("G", walk.miscounted),
        ("I", walk.newest_epoch > superblock.epoch or walk.newest_generation > superblock.generation),
        ("H", walk.promised > tail.block),
        ("K", superblock.clean and tail != durable),
        ("D", superblock.clean),
        ("F", walk.dropped > 0),
    )
    return next((letter for letter, holds in checks if holds), "E")


def _gaps(walk: Walk, superblock: Superblock) -> tuple[LostRange, ...]:
    """Walk on behind each gap and name it; what is intact goes into the walk's index."""
    gaps: list[LostRange] = []
    promised = max(walk.promised, superblock.durable.block)
    before = walk.at
    while walk.resume():
        gaps.append(LostRange(before.next_id, walk.at.next_id - 1, before.block))
        walk.chain_differs = False
        walk.run()
        before = walk.at
    if promised > before.block or not gaps:
        known = superblock.durable.next_id - 1 if promised == superblock.durable.block else None
        gaps.append(LostRange(before.next_id, known, before.block))
    return tuple(gaps)
