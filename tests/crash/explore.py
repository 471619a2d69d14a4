"""The enumeration: run a shop on the real journal, crash it everywhere, recover with the real code, check, and go on
from there.

Invariants, checked for every state (numbers as in the laws of the journal)
  1  what was reported durable is there, byte for byte, unless it was released;
  2  beyond it at most the one batch that was being written is there, whole;
  3  what a recovery dropped never comes back: each recovery fixes what is true for all later ones;
  4  a crash is never taken for damage;
  5  recovering twice gives the same as recovering once (every eighth state);
  6  with two copies, one that goes bad costs nothing: it is mended, and the power may go while it is.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from unittest.mock import patch as replaced

from posd.journal import JournalError, JournalFull, NewRecord, Record
from posd.journal.block import PAYLOAD
from posd.journal.journal import Journal
from posd.journal.opening import open_log
from posd.journal.ring import BLOCK, Geometry
from tests.crash.counts import KILLED, Counts
from tests.crash.disk import Image, ScratchDisk, SimDisk, SimStore
from tests.crash.states import Patch, apply, changes, patches

MIXTURES = 8
DEPTH_MAX = 3
DESCEND = 0.002
MOVING = ("while a batch was written", "while a mark was written")
SOUND = (*MOVING, "while the head was moved", "while it was closed")
"""Moments at which both copies are good, but for what is on its way."""


class Violation(AssertionError):
    """An invariant is broken; the message says which, and how to get there again."""


@dataclass(slots=True)
class Truth:
    """What must be there. `durable` is certain; `flying` is the batch being written; below `owed` all may be gone."""

    durable: dict[int, Record] = field(default_factory=dict)
    flying: dict[int, Record] = field(default_factory=dict)
    owed: int = 1

    def copy(self) -> Truth:
        return Truth(dict(self.durable), dict(self.flying), self.owed)


@dataclass(frozen=True, slots=True)
class Plan:
    """One exploration: the ring, the bytes that the disk writes as one, and how many states at least."""

    geometry: Geometry
    sector: int
    states: int

    def __str__(self) -> str:
        ring = f"{self.geometry.ring_blocks} blocks, {'two copies' if self.geometry.mirror else 'one copy'}"
        return f"{ring}, sectors of {self.sector}"


SHAPES = [
    (Geometry(16, mirror=True), 512),
    (Geometry(16, mirror=False), 512),
    (Geometry(12, mirror=True), 512),
    (Geometry(12, mirror=False), 512),
    (Geometry(12, mirror=True), 4096),
    (Geometry(12, mirror=False), 4096),
    (Geometry(8, mirror=True), 512),
    (Geometry(32, mirror=False), 4096),
]


@contextmanager
def heap() -> Iterator[None]:
    """Buffers out of the heap: this disk needs no aligned pages, and the kernel's zeroing of them takes a quarter of
    the time.
    """
    with replaced("mmap.mmap", lambda _, size: bytearray(size)):
        yield


class Explorer:
    """One seeded exploration."""

    def __init__(self, plan: Plan, seed: int) -> None:
        self.plan = plan
        self.seed = seed
        self.rng = random.Random(seed)
        self.counts = Counts()
        self.states = 0
        self._doing = ""
        self._sizes: list[int] = []

    def run(self) -> Counts:
        """Explore until there were so many states; raises Violation."""
        calm = itertools.cycle((60, 0, 6, 30))
        with heap():
            while self.states < self.plan.states:
                self._live(Image(None), Truth(), 1, next(calm), self.rng.randrange(2, 6))
        return self.counts

    def _live(self, image: Image, truth: Truth, depth: int, calm: int, batches: int) -> None:
        """Open the image and run the shop on it; after `calm` batches try every crash on the way of `batches` more.

        `calm` 0 tries the crashes of opening (and making) the file too.
        """
        self.counts.lives += 1
        self.counts.deepest = max(self.counts.deepest, depth)
        store = SimStore(image, seed=self.rng.randrange(1 << 30))
        self._doing = "while the file was made" if image.content is None else "while it was opened again"
        if calm == 0:
            store.watch(self._hook(store, truth, depth))
        journal = self._open(store)
        truth.durable, truth.flying = self._compare(journal, truth, "at the start of a life"), {}
        writer = journal._connect(lambda durable_id: self._acknowledge(truth, durable_id), lambda _: None)
        for number in range(calm + batches):
            if number == calm:
                store.watch(self._hook(store, truth, depth))
            if self.states >= self.plan.states:
                return
            self._append(journal, truth, again=number == 0 and depth > 1)
            self._doing = "while a batch was written"
            writer.commit(writer.gather() or [])
            self._doing = "while a mark was written"
            if self.rng.random() < 0.2:
                writer.mark()
            self.counts.laps = max(self.counts.laps, journal.info().laps)
            if self.rng.random() < 0.06:
                self._doing = "while it was closed"
                journal.close()
                assert store.disk is not None
                store.disk.closed = False
                self._doing = "while it was opened again"
                if self.plan.geometry.mirror and self.rng.random() < 0.5:
                    store.disk.rot(self.rng.randrange(store.disk.size), 1 << self.rng.randrange(8))
                    self.counts.rotten += 1
                journal = self._open(store)
                self._scrub(store, journal)
                writer = journal._connect(lambda durable_id: self._acknowledge(truth, durable_id), lambda _: None)
        self._compare(journal, truth, "at the end of a life")

    def _scrub(self, store: SimStore, journal: Journal) -> None:
        """Compare the copies, as is done in quiet moments after a clean stop."""
        self._doing = "while a copy was mended"
        scrub = journal._scrub
        while scrub is not None and not scrub.done:
            scrub.step()
        self._check_mended(store, journal)

    def _hook(self, store: SimStore, truth: Truth, depth: int) -> Callable[[SimDisk], None]:
        return lambda disk: self._crash(store, disk, truth, depth)

    def _append(self, journal: Journal, truth: Truth, *, again: bool) -> None:
        """Append random records; `again`: of the sizes of last time, as a till does that tries once more."""
        rng = self.rng
        if not again:
            largest = self.plan.geometry.batch_blocks_max * PAYLOAD // 3 - 64 if rng.random() < 0.25 else 700
            self._sizes = [rng.randrange(largest) for _ in range(rng.randrange(1, 4))]
        new = [
            NewRecord(rng.randrange(1, 9), 0, b"t%02d" % rng.randrange(99), rng.randbytes(size)) for size in self._sizes
        ]
        keep = rng.randrange(3, 8) if self.plan.geometry.ring_blocks > 8 else rng.randrange(1, 3)
        truth.owed = max(truth.owed, journal.info().last_id - keep)
        journal.release(truth.owed)
        try:
            ids = journal.append(new)
        except JournalFull:  # what is owed is settled at once, and it goes on
            truth.owed = journal.info().last_id + 1
            journal.release(truth.owed)
            ids = journal.append(new)
        truth.flying = as_records(ids, new)

    @staticmethod
    def _acknowledge(truth: Truth, durable_id: int) -> None:
        truth.durable.update({at: record for at, record in truth.flying.items() if at <= durable_id})
        truth.flying = {at: record for at, record in truth.flying.items() if at > durable_id}

    def _crash(self, store: SimStore, disk: SimDisk, truth: Truth, depth: int) -> None:
        """Everything that the pending writes of this moment can become."""
        rng, doing = self.rng, self._doing_now(disk)
        changed = changes(disk, self.plan.sector)
        if len(changed) > 200:  # making the file: its content matters only once it has a name
            changed = rng.sample(changed, 20)
        nameless = 0
        futures: Iterator[tuple[str, Patch]] = patches(changed, rng, MIXTURES)
        if store.named and disk.pending:
            futures = itertools.chain(futures, [(KILLED, [])])
        for kind, patch in futures:
            there = store.named or (store.visible and rng.random() < 0.5)
            nameless += not there
            if nameless > 1 and not there:
                continue  # without a name no content counts
            if self.states >= self.plan.states:
                return
            self.states += 1
            self.counts.kinds[kind] += 1
            self.counts.moments[doing, depth] += 1
            after = self._judge_one(disk, kind, patch, truth, there=there)
            remains = sum(self._sizes) > PAYLOAD and not truth.flying.keys() <= after.durable.keys()
            likely = DESCEND * (20 if remains else 1)  # ghosts come from torn batches of several blocks
            if depth < DEPTH_MAX and (rng.random() < likely or self.states == 50 * depth):
                calm, batches = rng.choice((0, 0, 0, 3, 12)), rng.randrange(1, 4)
                if kind == KILLED:
                    self._live(Image(bytes(disk.durable), tuple(disk.pending)), truth.copy(), depth + 1, calm, batches)
                elif there and self.plan.geometry.mirror and doing in SOUND and rng.random() < 0.3:
                    image = apply(disk.durable, patch)  # and one copy goes bad before it is opened again
                    image[rng.randrange(len(image))] ^= 1 << rng.randrange(8)
                    self.counts.rotten += 1
                    self._live(Image(image), truth.copy(), depth + 1, calm, batches)
                else:
                    self._live(Image(apply(disk.durable, patch) if there else None), after, depth + 1, calm, batches)
                self._doing = doing

    def _judge_one(self, disk: SimDisk, kind: str, patch: Patch, truth: Truth, *, there: bool) -> Truth:
        if kind == KILLED:  # the process alone: the cache is still there, for now
            return self._judge(SimStore(Image(bytes(disk.durable), tuple(disk.pending))), truth)
        if not there:
            return self._judge(SimStore(Image(None), seed=1), truth)
        scratch = ScratchDisk(disk.durable, patch)
        after = self._judge(SimStore.around(scratch), truth)
        scratch.restore()
        return after

    def _doing_now(self, disk: SimDisk) -> str:
        """A superblock that is written between batches moves the head, or says that the journal was closed."""
        ring = range(self.plan.geometry.offset_a, self.plan.geometry.slot_offsets(0)[1])
        if self._doing in MOVING and not any(offset in ring for offset, _ in disk.pending):
            return "while the head was moved"
        return self._doing

    def _judge(self, store: SimStore, truth: Truth) -> Truth:
        """Recover the image and check it; returns what is true from now on."""
        counts = self.counts
        counts.disks[str(self.plan)] += 1
        journal = self._open(store)
        counts.outcomes[journal.recovery.case] += 1
        found = self._compare(journal, truth, "after a crash")
        if self.states % 8 == 0:
            counts.twice += 1
            again = self._open(store)
            if {record.id: record for record in again.records()} != found:
                raise Violation(self._say("recovering twice differs from recovering once"))
            self._check_mended(store, again)
        return Truth(found, {}, truth.owed)

    def _check_mended(self, store: SimStore, journal: Journal) -> None:
        """Where there are two copies, each block that counts is the same in both."""
        log, geometry = journal._log, self.plan.geometry
        assert log is not None
        assert store.disk is not None
        if not geometry.mirror:
            return
        content = store.disk.cache
        for number in range(log.head.block, log.tail.block):
            first, other = (geometry.offset(copy, number) for copy in (0, 1))
            if content[first : first + BLOCK] != content[other : other + BLOCK]:
                raise Violation(self._say(f"block {number} is not the same in both copies"))

    def _open(self, store: SimStore) -> Journal:
        opened = open_log(store, self.plan.geometry, self.rng.randbytes)
        if opened.log is None:
            raise Violation(self._say(f"a crash was taken for damage: {opened.report.sentence}"))
        return Journal("simulated", opened)

    def _compare(self, journal: Journal, truth: Truth, when: str) -> dict[int, Record]:
        try:
            found = {record.id: record for record in journal.records()}
        except JournalError as error:
            raise Violation(self._say(f"{when} {error}")) from error
        durable, flying = truth.durable, truth.flying
        for at, record in found.items():
            written = durable.get(at) or flying.get(at)
            if written != record:
                what = "is not what was written" if written else "was never written, or was dropped before"
                raise Violation(self._say(f"{when} record {at} {what}"))
        for at in durable.keys() - found.keys():
            if at >= truth.owed:
                raise Violation(self._say(f"{when} record {at} is lost although it was reported durable"))
        flown = found.keys() & flying.keys()
        if flown and len(flown) != len(flying):
            raise Violation(self._say(f"{when} only {len(flown)} of the {len(flying)} records of one batch are there"))
        return found

    def _say(self, what: str) -> str:
        return f"{what} (seed {self.seed}, state {self.states}, {self.plan})"


def as_records(ids: range, new: list[NewRecord]) -> dict[int, Record]:
    """What a journal must give back for what was handed in."""
    return {at: Record(at, one.type, one.version, one.reference, one.payload) for at, one in zip(ids, new, strict=True)}
