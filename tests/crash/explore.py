"""The enumeration: run a shop on the real journal, crash it everywhere, recover with the real code, check, and go on
from there.

Invariants, checked for every state (numbers as in the laws of the journal)
  1  what was reported durable is there, byte for byte, unless it was released;
  2  beyond it at most the one batch that was being written is there, whole;
  3  what a recovery dropped never comes back: each recovery fixes what is true for all later ones;
  4  a crash is never taken for damage;
  5  recovering twice gives the same as recovering once.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from posd.journal import JournalError, NewRecord, Record
from posd.journal.block import PAYLOAD
from posd.journal.journal import Journal
from posd.journal.opening import open_log
from posd.journal.ring import Geometry
from tests.crash.disk import Image, SimDisk, SimStore
from tests.crash.states import apply, changes, patches


class Violation(AssertionError):
    """An invariant is broken; the message says which, and how to get there again."""


@dataclass(slots=True)
class Truth:
    """What must be there. `durable` is certain; `flying` is the batch being written; below `owed` all may be gone."""

    durable: dict[int, bytes] = field(default_factory=dict)
    flying: dict[int, bytes] = field(default_factory=dict)
    owed: int = 1

    def copy(self) -> Truth:
        return Truth(dict(self.durable), dict(self.flying), self.owed)


@dataclass(frozen=True, slots=True)
class Plan:
    """Size of one exploration. `states_max` bounds it; `depth_max` is how many crashes follow one another."""

    geometry: Geometry
    sector: int
    states_max: int
    depth_max: int = 3
    mixtures: int = 6
    descend: float = 0.002


class Explorer:
    """One seeded exploration. `states` counts the images recovered and checked."""

    def __init__(self, plan: Plan, seed: int) -> None:
        self.plan = plan
        self.seed = seed
        self.states = 0
        self.laps = 0
        self.deepest = 0
        self.rng = random.Random(seed)
        self._sizes: list[int] = []

    def run(self) -> None:
        """Explore until the plan's number of states is reached; raises Violation."""
        calm = itertools.cycle((60, 0, 6, 30))
        while self.states < self.plan.states_max:
            self._live(Image(None), Truth(), 1, next(calm), self.rng.randrange(2, 6))

    def _live(self, image: Image, truth: Truth, depth: int, calm: int, batches: int) -> None:
        """Open the image and run the shop on it; after `calm` batches try every crash on the way of `batches` more.

        `calm` 0 tries the crashes of opening (and making) the file too.
        """
        self.deepest = max(self.deepest, depth)
        store = SimStore(image, seed=self.rng.randrange(1 << 30))
        hook = self._hook(store, truth, depth)
        if calm == 0:
            store.watch(hook)
        journal = self._open(store)
        truth.durable, truth.flying = self._compare(journal, truth, "at the start of a life"), {}
        writer = journal._connect(lambda durable_id: self._acknowledge(truth, durable_id), lambda _: None)
        for number in range(calm + batches):
            if number == calm:
                store.watch(hook)
            if self.states >= self.plan.states_max:
                return
            self._append(journal, truth, again=number == 0 and depth > 1)
            writer.commit(writer.gather() or [])
            if self.rng.random() < 0.2:
                writer.mark()
            self.laps = max(self.laps, journal.info().laps)
            if self.rng.random() < 0.03:
                journal.close()
                assert store.disk is not None
                store.disk.closed = False
                journal = self._open(store)
                writer = journal._connect(lambda durable_id: self._acknowledge(truth, durable_id), lambda _: None)
        self._compare(journal, truth, "at the end of a life")

    def _hook(self, store: SimStore, truth: Truth, depth: int) -> Callable[[SimDisk], None]:
        return lambda disk: self._crash(store, disk, truth, depth)

    def _append(self, journal: Journal, truth: Truth, *, again: bool) -> None:
        """Append random records; `again`: of the sizes of last time, as a till does that tries once more."""
        rng = self.rng
        if not again:
            big = rng.random() < 0.25
            self._sizes = [rng.randrange(5000 if big else 700) for _ in range(rng.randrange(1, 4))]
        new = [
            NewRecord(rng.randrange(1, 9), 0, b"t%02d" % rng.randrange(99), rng.randbytes(size)) for size in self._sizes
        ]
        keep = rng.randrange(3, 8)
        truth.owed = max(truth.owed, journal.info().last_id - keep)
        journal.release(truth.owed)
        ids = journal.append(new)
        truth.flying = {at: fingerprint(at, record) for at, record in zip(ids, new, strict=True)}

    @staticmethod
    def _acknowledge(truth: Truth, durable_id: int) -> None:
        truth.durable.update({at: data for at, data in truth.flying.items() if at <= durable_id})
        truth.flying = {at: data for at, data in truth.flying.items() if at > durable_id}

    def _crash(self, store: SimStore, disk: SimDisk, truth: Truth, depth: int) -> None:
        """Everything that the pending writes of this moment can become."""
        plan, rng = self.plan, self.rng
        changed = changes(disk, plan.sector)
        if len(changed) > 200:  # making the file: its content matters only once it has a name
            changed = rng.sample(changed, 20)
        for patch in patches(changed, rng, plan.mixtures):
            if self.states >= plan.states_max:
                return
            there = store.named or (store.visible and rng.random() < 0.5)
            image = Image(apply(disk.durable, patch) if there else None)
            killed = there and not patch and bool(disk.pending)
            if killed:  # the process alone: the cache is still there, for now
                image = Image(bytes(disk.durable), tuple(disk.pending))
            after = self._judge(image, truth)
            if killed:
                after = truth.copy()
            remains = sum(self._sizes) > PAYLOAD and not truth.flying.keys() <= after.durable.keys()
            likely = plan.descend * (20 if remains else 1)  # ghosts come from torn batches of several blocks
            if depth < plan.depth_max and (rng.random() < likely or self.states == 50 * depth):
                self._live(image, after, depth + 1, rng.choice((0, 0, 0, 3, 12)), rng.randrange(1, 4))

    def _judge(self, image: Image, truth: Truth) -> Truth:
        """Recover the image twice and check it; returns what is true from now on."""
        self.states += 1
        store = SimStore(image, seed=1)
        journal = self._open(store)
        found = self._compare(journal, truth, "after a crash")
        if self.states % 8 == 0:
            assert store.disk is not None
            again = self._open(SimStore(Image(store.disk.durable)))
            if {record.id: fingerprint(record.id, record) for record in again.records()} != found:
                raise Violation(self._say("recovering twice differs from recovering once"))
        return Truth(found, {}, truth.owed)

    def _open(self, store: SimStore) -> Journal:
        opened = open_log(store, self.plan.geometry, random.Random(self.rng.random()).randbytes)
        if opened.log is None:
            raise Violation(self._say(f"a crash was taken for damage: {opened.report.sentence}"))
        return Journal("simulated", opened)

    def _compare(self, journal: Journal, truth: Truth, when: str) -> dict[int, bytes]:
        try:
            found = {record.id: fingerprint(record.id, record) for record in journal.records()}
        except JournalError as error:
            raise Violation(self._say(f"{when} {error}")) from error
        whole = {**truth.durable, **truth.flying}
        for at, data in found.items():
            if whole.get(at) != data:
                what = "is not what was written" if at in whole else "was never written, or was dropped before"
                raise Violation(self._say(f"{when} record {at} {what}"))
        for at in truth.durable:
            if at >= truth.owed and at not in found:
                raise Violation(self._say(f"{when} record {at} is lost although it was reported durable"))
        flown = found.keys() & truth.flying.keys()
        if flown and len(flown) != len(truth.flying):
            raise Violation(
                self._say(f"{when} only {len(flown)} of the {len(truth.flying)} records of one batch are there")
            )
        return found

    def _say(self, what: str) -> str:
        return f"{what} (seed {self.seed}, state {self.states}, {self.plan})"


def fingerprint(at: int, record: NewRecord | Record) -> bytes:
    """All that a record says, as bytes to compare."""
    return b"%d/%d/%d/%b/" % (at, record.type, record.version, record.reference) + record.payload


PLANS = [
    (Geometry(16, mirror=True), 512),
    (Geometry(16, mirror=False), 512),
    (Geometry(16, mirror=True), 4096),
    (Geometry(16, mirror=False), 4096),
    (Geometry(32, mirror=False), 512),
]


def explore_all(states: int, seed: int) -> list[Explorer]:
    """Share the number of states among the plans; returns the finished explorers. Raises Violation."""
    explorers = [
        Explorer(Plan(geometry, sector, states // len(PLANS)), seed + at) for at, (geometry, sector) in enumerate(PLANS)
    ]
    for explorer in explorers:
        explorer.run()
    return explorers
