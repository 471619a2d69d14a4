"""The enumeration with an archive: power cut between the archive's sync and the move of the head, in the middle of what
is appended to it, while a file is made, while one is deleted, and while a record is carried forward.

Invariants, checked for every state, beside those of the ring (explore.py)
  a  archive and ring together have every record that was reported durable, once, in order, byte for byte, from the
     first that retention has not given up;
  b  the record that is stuck can be read out of the ring alone;
  c  what counts as archived is on the device, not only in the cache, and can be read.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from posd.journal import Archive, JournalBusy, JournalError, JournalFull, NewRecord, Record
from posd.journal.archive_age import DAY_MS
from posd.journal.journal import Journal
from posd.journal.log import Log
from posd.journal.opening import open_log
from posd.journal.ring import Geometry
from tests.crash.disk import Image, SimDisk, SimStore
from tests.crash.explore import Violation, as_records, heap
from tests.crash.shelf import Files, SimShelf
from tests.crash.states import apply, changes, patches

GEOMETRY = Geometry(32, mirror=False)
KEEP_MS = 4 * DAY_MS
STUCK = 1


@dataclass(slots=True)
class Truth:
    """What must be there. From `first` on nothing may be missing; `released`: how far the ring was let go."""

    durable: dict[int, Record] = field(default_factory=dict)
    flying: dict[int, Record] = field(default_factory=dict)
    first: int = 1
    released: int = 1

    def copy(self) -> Truth:
        return Truth(dict(self.durable), dict(self.flying), self.first, self.released)


@dataclass(frozen=True, slots=True)
class Remains:
    """What a crash left: the journal's file, the archive's files, and of those what is on the device."""

    image: bytes | None
    files: Files
    device: Files


class Still(Archive):
    """An archive that does not catch up when it is opened: what it found is to be seen."""

    def due(self, log: Log) -> bool:
        return False


class ArchiveExplorer:
    """One seeded exploration. `states` counts what was recovered and checked, `where` at which kind of moment."""

    def __init__(self, seed: int, states_max: int) -> None:
        self.seed = seed
        self.states = 0
        self.states_max = states_max
        self.laps = 0
        self.deepest = 0
        self.deleted = 0
        self.carried = 0
        self.where = {"ring": 0, "archive": 0}
        self.rng = random.Random(seed)
        self._day = 20_000

    def run(self) -> None:
        """Explore until there were so many states; raises Violation."""
        with heap():
            while self.states < self.states_max:
                self._live(Remains(None, {}, {}), Truth(), 1, 90)

    def _live(self, remains: Remains, truth: Truth, depth: int, batches: int) -> None:
        self.deepest = max(self.deepest, depth)
        store = SimStore(Image(remains.image), seed=self.rng.randrange(1 << 30))
        shelf = SimShelf(remains.files)
        shelf.durable = dict(remains.device)
        journal, archive = self._open(store, shelf)
        truth.durable, truth.flying = self._compare(journal, truth), {}
        log = journal._log
        assert log is not None

        def acknowledge(durable_id: int) -> None:
            truth.durable |= {at: data for at, data in truth.flying.items() if at <= durable_id}
            truth.flying = {at: data for at, data in truth.flying.items() if at > durable_id}  # behind copies

        writer = journal._connect(acknowledge, lambda _: None)
        journal.release(truth.released)
        assert store.disk is not None
        store.watch(lambda disk: self._ring_crash(disk, shelf, truth, depth))
        shelf.hook = lambda _: self._archive_crash(store, shelf, truth, depth)
        for _ in range(batches):
            if self.states >= self.states_max:
                return
            if self.rng.random() < 0.05:
                self._day += 1
            if archive.due(log) and self.rng.random() < 0.08:
                archive.step(log)
            self._expire(archive, log.head.block, truth)
            new = [
                NewRecord(1, 0, b"t%d" % self.rng.randrange(9), self.rng.randbytes(self.rng.randrange(2500)))
                for _ in range(self.rng.randrange(1, 3))
            ]
            try:
                self._let_go(journal, truth)
                ids = journal.append(new)
            except (JournalFull, JournalBusy):  # what is not archived holds the head
                archive.step(log)
                while not writer._queue.empty() or writer._held is not None:
                    writer.commit(writer.gather() or [])
                continue
            truth.flying = as_records(ids, new)
            while not writer._queue.empty() or writer._held is not None:  # copies, then what is new
                writer.commit(writer.gather() or [])
            if self.rng.random() < 0.2:
                writer.mark()
            if archive.trouble:
                raise Violation(self._say(archive.trouble))
            self.laps = max(self.laps, journal.info().laps)
        self._compare(journal, truth)

    def _let_go(self, journal: Journal, truth: Truth) -> None:
        """Release all but the newest records; the stuck one is carried forward now and then."""
        last = journal.info().last_id
        place = journal.place(STUCK) if last else 1
        if last - place > 12:
            journal.carry([journal.read(STUCK)], last - 4)
            truth.released = last - 4
            self.carried += 1
        elif last:
            truth.released = max(truth.released, min(last - 4, place))
            journal.release(truth.released)

    def _expire(self, archive: Archive, head: int, truth: Truth) -> None:
        """Let retention work; a file that is about to go may be there or not."""
        while len(archive.files) > 1:
            following = archive.files[1].head
            if following.time_ms < self._day * DAY_MS - KEEP_MS and following.start.block <= head:
                truth.first = following.start.next_id
            if archive.expire(head) is None:
                return
            self.deleted += 1

    def _open(self, store: SimStore, shelf: SimShelf, kind: type[Archive] = Archive) -> tuple[Journal, Archive]:
        opened = open_log(store, GEOMETRY, self.rng.randbytes)
        if opened.log is None:
            raise Violation(self._say(f"a crash was taken for damage: {opened.report.sentence}"))
        archive = kind(shelf, KEEP_MS, now_ms=lambda: self._day * DAY_MS, mono_s=lambda: 0.0, file_bytes_max=20_000)
        return Journal("simulated", opened, archive), archive

    def _ring_crash(self, disk: SimDisk, shelf: SimShelf, truth: Truth, depth: int) -> None:
        if self.rng.random() < 0.7:  # explore.py looks at these moments; here the archive's are to be met often too
            return
        chosen = list(patches(changes(disk, 512), self.rng, 2))
        for _, patch in self.rng.sample(chosen, min(3, len(chosen))):
            self._crash(Remains(bytes(apply(disk.durable, patch)), shelf.durable, shelf.durable), truth, depth, "ring")

    def _archive_crash(self, store: SimStore, shelf: SimShelf, truth: Truth, depth: int) -> None:
        assert store.disk is not None
        image = bytes(store.disk.durable)
        for files in shelf.crashes(self.rng):
            self._crash(Remains(image, files, files), truth, depth, "archive")
        self._crash(Remains(image, dict(shelf.files), dict(shelf.durable)), truth, depth, "archive")  # killed, power on

    def _crash(self, remains: Remains, truth: Truth, depth: int, where: str) -> None:
        if self.states >= self.states_max:
            return
        self.states += 1
        self.where[where] += 1
        store = SimStore(Image(remains.image), seed=1)
        shelf = SimShelf(remains.files)
        shelf.durable = dict(remains.device)
        journal, archive = self._open(store, shelf, Still)
        found = self._compare(journal, truth)
        assert store.disk is not None
        again = self._open(SimStore(Image(bytes(store.disk.durable))), SimShelf(shelf.durable), Still)[1]
        if again.through != archive.through:
            raise Violation(self._say("what counts as archived is only in the cache"))
        self._archived(journal, archive, truth)
        if depth < 3 and self.rng.random() < 0.01:
            after = truth.copy()
            after.durable, after.flying = found, {}
            self._live(remains, after, depth + 1, self.rng.randrange(5, 40))

    def _compare(self, journal: Journal, truth: Truth) -> dict[int, Record]:
        try:
            records = list(journal.records())
            kept = {record.id: record for record in journal.kept()}
        except (JournalError, LookupError) as error:
            raise Violation(self._say(str(error))) from error
        found = {record.id: record for record in records}
        whole = {**truth.durable, **truth.flying}
        ids = [record.id for record in records]
        if ids and ids != list(range(ids[0], ids[0] + len(ids))):
            raise Violation(self._say("there is a gap, or a record twice"))
        for at, data in found.items():
            if at in whole and whole[at] != data:
                raise Violation(self._say(f"record {at} is not what was written"))
            if at not in whole and at >= truth.first and at > max(truth.durable, default=0):
                raise Violation(self._say(f"record {at} was never written"))
        for at in truth.durable:
            if at >= truth.first and at not in found:
                raise Violation(self._say(f"record {at} is in neither archive nor ring"))
        flown = found.keys() & truth.flying.keys()
        if flown and len(flown) != len(truth.flying):
            raise Violation(self._say("a part of a batch is there"))
        if STUCK in truth.durable and (STUCK not in kept or kept[STUCK] != truth.durable[STUCK]):
            raise Violation(self._say("the stuck record is not in the ring"))
        return {**{at: data for at, data in truth.durable.items() if at < truth.first}, **found}

    def _archived(self, journal: Journal, archive: Archive, truth: Truth) -> None:
        reader = journal.past.archived
        assert reader is not None
        assert archive.through is not None
        first = archive.first_id()
        if 0 < first < archive.through.next_id:
            try:
                archived = list(reader.records(max(first, truth.first), archive.through.next_id))
            except LookupError as error:
                raise Violation(self._say(f"what counts as archived cannot be read: {error}")) from error
            whole = {**truth.durable, **truth.flying}
            if any(whole[record.id] != record for record in archived):
                raise Violation(self._say("the archive has another record than was written"))

    def _say(self, what: str) -> str:
        return f"{what} (seed {self.seed}, state {self.states})"
