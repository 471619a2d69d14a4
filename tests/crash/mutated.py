"""Images that were tampered with: a typed error or right records, never a wrong record, never a traceback, and nothing
lost without a word.

The images are journals that went round, with copies carried forward, closed and not, mirrored and not. Each mutant had
one to three acts of violence done to it: bits, bytes, sectors, blocks in wrong places, a file cut short; sometimes the
checksum is put right again, as one would who does it on purpose.

One loss is beyond every reader: in a ring of one copy that was not closed, whoever destroys the last batch and the mark
behind it leaves exactly what a power cut leaves. It is counted apart, and allowed to nothing else.
"""

from __future__ import annotations

import random
import struct
import zlib
from collections import Counter

from posd.journal import JournalError
from posd.journal.journal import Journal
from posd.journal.opening import open_log
from posd.journal.record import Record
from posd.journal.ring import BLOCK, Geometry
from tests.crash.disk import SimDisk, SimStore
from tests.crash.explore import Violation, heap
from tests.unit.journal.rings import Ring, sale

RING_BLOCKS = 16
OUTCOMES = (
    "opened, all records right",
    "opened, something was repaired, all records right",
    "damaged: said so, what is intact right",
    "opened, a record said that it cannot be read",
    "refused: not a journal",
    "the last batch and the mark behind it destroyed: taken for a torn tail",
)


class Original:
    """A journal to be tampered with, and what it says."""

    def __init__(self, *, mirror: bool, close: bool) -> None:
        self.geometry = Geometry(RING_BLOCKS, mirror=mirror)
        ring = Ring(self.geometry)
        self.written: dict[int, Record] = {}
        for number in range(1, 25):
            stuck = ring.journal.place(20) if number > 20 else number
            ring.journal.release(min(number - 4, stuck))
            new = sale(number, 5000 if number % 7 == 0 else 200)
            for at in ring.write([new]):
                self.written[at] = Record(at, new.type, new.version, new.reference, new.payload)
            if number == 22:
                ring.journal.carry([ring.journal.read(20)], 20)
                ring.writer.commit(ring.writer.gather() or [])
        ring.writer.mark()
        assert ring.opened.log is not None
        tail = ring.opened.log.tail.block
        if close:
            ring.journal.close()
        assert ring.store.disk is not None
        ring.store.disk.closed = False
        self.image = ring.image()
        self._end = [] if mirror or close else [self.geometry.offset(0, tail - at) for at in (1, 2)]
        self.present = {record.id: record for record in ring.journal.records()}

    def spares(self, mutant: bytearray, found: dict[int, Record]) -> bool:
        """Whether nothing can tell that more than `found` was there."""
        torn = all(mutant[at : at + BLOCK] != self.image[at : at + BLOCK] for at in self._end)
        return bool(self._end) and torn and self.present.keys() - found.keys() == {max(self.present)}


class Tamperer:
    """One seeded run. `outcomes` counts what became of the mutants."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rng = random.Random(seed)
        self.outcomes: Counter[str] = Counter()

    def run(self, count: int, originals: list[Original]) -> Counter[str]:
        """So many mutants, taken in turn from the originals; raises Violation, or whatever an image brought about."""
        with heap():
            for at in range(count):
                self._try(at, originals[at % len(originals)])
        return self.outcomes

    def _try(self, at: int, original: Original) -> None:
        mutant = mutate(bytearray(original.image), self.rng)
        where = f"(seed {self.seed}, mutant {at}, {original.geometry})"
        try:
            opened = open_log(SimStore.around(SimDisk(mutant)), original.geometry, self.rng.randbytes)
        except JournalError:
            self.outcomes[OUTCOMES[4]] += 1
            return
        report, found = opened.report, {}
        try:
            for record in Journal("simulated", opened).records():
                found[record.id] = record
            silent = not report.read_only
        except JournalError:
            silent = False
        for record_id, record in found.items():
            if original.written.get(record_id) != record:
                raise Violation(f"record {record_id} is wrong {where}")
        if not silent:
            self.outcomes[OUTCOMES[2 if report.read_only else 3]] += 1
            return
        if original.spares(mutant, found):
            self.outcomes[OUTCOMES[5]] += 1
            return
        if found != original.present:
            raise Violation(f"records {sorted(original.present.keys() - found.keys())} vanished without a word {where}")
        repaired = report.repaired_blocks or report.bad_slots
        self.outcomes[OUTCOMES[1] if repaired else OUTCOMES[0]] += 1


def originals() -> list[Original]:
    """One of each kind."""
    return [Original(mirror=mirror, close=close) for mirror in (False, True) for close in (False, True)]


def mutate(image: bytearray, rng: random.Random) -> bytearray:
    """One to three random acts of violence, sometimes with the checksum put right again."""
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(image))
        kind = rng.randrange(7)
        if kind == 0:
            image[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            image[at : at + 8] = rng.randbytes(8)[: len(image) - at]
        elif kind == 2:
            start = at // 512 * 512
            image[start : start + 512] = rng.choice((bytes(512), rng.randbytes(512)))
        elif kind == 3:
            other, start = rng.randrange(len(image)) // BLOCK * BLOCK, at // BLOCK * BLOCK
            image[start : start + BLOCK] = image[other : other + BLOCK]
        elif kind == 4:
            if rng.random() < 0.2:  # most of these are refused at once
                del image[at:]
                return image
        elif kind == 5:
            start = at // BLOCK * BLOCK
            image[start + rng.choice((rng.randrange(8, 128), rng.randrange(8, 400)))] ^= 1 << rng.randrange(8)
            struct.pack_into("<I", image, start + 4, zlib.crc32(image[start + 8 : start + BLOCK]))
        else:  # a field of the record's or block's length, as high as it goes
            start = at // BLOCK * BLOCK + rng.choice((36, 38, 40, 44, 132))
            image[start : start + 2] = b"\xff\xff"[: max(0, len(image) - start)]
    return image
