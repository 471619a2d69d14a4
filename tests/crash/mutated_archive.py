"""An archive whose files were tampered with, beside a sound ring: each record is right or asking for it says that it
cannot be read, whichever way it is asked for; never a wrong record, never a traceback.

That what is gone is noticed without asking is the work of `posctl journal verify`.
"""

from __future__ import annotations

import random
from collections import Counter

from posd.journal import Archive, JournalError
from posd.journal.archive_age import DAY_MS
from posd.journal.journal import Journal
from posd.journal.opening import open_log
from posd.journal.record import Record
from posd.journal.ring import Geometry
from tests.crash.disk import Image, SimStore
from tests.crash.explore import Violation, as_records, heap
from tests.crash.shelf import Files, SimShelf
from tests.unit.journal.rings import entropy, sale

GEOMETRY = Geometry(16, mirror=False)
LAST = 79
ASKED = 8
OUTCOMES = ("all records right", "some said to be unreadable or gone, the rest right")


class ArchiveTamperer:
    """One seeded run. `outcomes` counts what became of the archives."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rng = random.Random(seed)
        self.outcomes: Counter[str] = Counter()
        self.day = 20_000
        self.written: dict[int, Record] = {}
        self.image, self.files = self._live()

    def _live(self) -> tuple[bytes, Files]:
        """A journal that went round several times, and its archive: three files, two with an index."""
        store, shelf = SimStore(Image(None)), SimShelf()
        opened = open_log(store, GEOMETRY, entropy())
        assert opened.log is not None
        archive = self._archive(shelf)
        journal = Journal("simulated", opened, archive)
        writer = journal._connect(lambda _: None, lambda _: None)
        for number in range(1, LAST + 1):
            journal.release(max(1, number - 4))
            new = [sale(number, 400)]
            self.written |= as_records(journal.append(new), new)
            writer.commit(writer.gather() or [])
            if archive.due(opened.log):
                archive.step(opened.log)
            self.day += number % 30 == 0
        reader = journal.past.archived
        assert reader is not None
        while reader.tend():
            pass
        assert store.disk is not None
        return bytes(store.disk.durable), dict(shelf.files)

    def _archive(self, shelf: SimShelf) -> Archive:
        return Archive(shelf, 900 * DAY_MS, now_ms=lambda: self.day * DAY_MS, mono_s=lambda: 0.0)

    def run(self, count: int) -> Counter[str]:
        """So many archives; raises Violation, or whatever one brought about."""
        with heap():
            for at in range(count):
                self._try(at, SimShelf(mutate(self.files, self.rng)))
        return self.outcomes

    def _try(self, at: int, shelf: SimShelf) -> None:
        opened = open_log(SimStore(Image(self.image)), GEOMETRY, self.rng.randbytes)
        journal = Journal("simulated", opened, self._archive(shelf))
        reader = journal.past.archived
        assert reader is not None
        lost = False
        seen: list[Record] = []
        try:
            seen += journal.records()
            lost = len(seen) < LAST
            seen += [record for page in reader.newest(LAST + 1) for record in page]
        except (JournalError, LookupError):
            lost = True
        for number in self.rng.sample(range(1, LAST + 1), ASKED):
            try:
                seen.append(journal.read(number))
                if seen[-1].id != number:
                    raise Violation(f"record {seen[-1].id} came for {number} (seed {self.seed}, archive {at})")
                seen += [journal.read(found) for found in reader.of(b"txn-%04d" % number)]
            except (JournalError, LookupError):
                lost = True
        for record in seen:
            if self.written.get(record.id) != record:
                raise Violation(f"record {record.id} is wrong (seed {self.seed}, archive {at})")
        self.outcomes[OUTCOMES[lost]] += 1


def mutate(files: Files, rng: random.Random) -> Files:
    """One or two acts of violence: bits, bytes, sectors, files cut short, exchanged or gone."""
    files = dict(files)
    for _ in range(rng.randrange(1, 3)):
        name = rng.choice(sorted(files))
        data = bytearray(files[name])
        at = rng.randrange(max(1, len(data)))
        kind = rng.randrange(6)
        if kind == 5:
            del files[name]
            continue
        if kind == 0 and data:
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            data[at : at + 8] = rng.randbytes(len(data[at : at + 8]))
        elif kind == 2:
            start = at // 512 * 512
            size = len(data[start : start + 512])
            data[start : start + 512] = rng.choice((bytes(size), rng.randbytes(size)))
        elif kind == 3:
            del data[at:]
        else:
            data = bytearray(files[rng.choice(sorted(files))])
        files[name] = bytes(data)
    return files
