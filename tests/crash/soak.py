"""A shop that goes round a ring of 1 MiB for many laps, one transaction stuck from the first: real files, the real
desk, journal and archive.

How it works
- The journal is closed and opened again after each third. After each lap the objects that Python keeps are counted,
  and what the process holds in memory is read: in the last third both must stay flat. What may grow is what the archive
  knows of its newest file: four chunks a lap, of a few objects each, until the file is full.
- What is written to the ring is taken apart as it goes to the disk: how many bytes of each kind there were for each
  byte of payload (the events of the product) is the write amplification.
- At the end the stuck transaction, and sales of every lap, must be answered as on the first day.
"""

from __future__ import annotations

import gc
import resource
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import msgspec

from posd.domain import requests as rq
from posd.domain.transaction import Transaction
from posd.journal.archive_shelf import DiskShelf
from posd.journal.block import BLOCK_HEADER, MARK, PAYLOAD, read_header
from posd.journal.file import DiskFile
from posd.journal.record import CARRIED, RECORD_HEADER
from posd.journal.ring import BLOCK, Geometry
from tests.crash.counts import Row, rows
from tests.scenario.test_archive import RING, Life, found, live
from tests.unit.domain.samples import cash, sale

LIVES = 3
OBJECTS_A_LAP_MAX = 40
MEMORY_A_LAP_MAX_KIB = 100
KINDS = (
    "payload",
    "headers and references of records",
    "headers of blocks",
    "rest of the last block of a batch",
    "copies of what is stuck",
    "marks",
    "superblocks",
    "archive, compressed",
)


class Meter:
    """Bytes written, by kind, while it is on."""

    def __init__(self, geometry: Geometry) -> None:
        self.bytes: Counter[str] = Counter()
        self.commits = 0
        self._geometry = geometry
        self._body = bytearray()

    @contextmanager
    def on(self) -> Iterator[None]:
        """Look at all that goes to files of the journal and the archive."""
        write, create, append = DiskFile._write, DiskShelf.create, DiskShelf.append

        def writing(file: DiskFile, offset: int, data: memoryview, flags: int) -> None:
            write(file, offset, data, flags)
            self._ring(offset, data)

        def creating(shelf: DiskShelf, name: str, data: bytes) -> None:
            create(shelf, name, data)
            self.bytes["archive, compressed"] += len(data)

        def appending(shelf: DiskShelf, name: str, offset: int, data: bytes) -> None:
            append(shelf, name, offset, data)
            self.bytes["archive, compressed"] += len(data)

        with (
            patch.object(DiskFile, "_write", writing),
            patch.object(DiskShelf, "create", creating),
            patch.object(DiskShelf, "append", appending),
        ):
            yield

    @property
    def amplification(self) -> float:
        """Bytes written to the ring for each byte of payload."""
        return (self.bytes.total() - self.bytes["archive, compressed"]) / self.bytes["payload"]

    def _ring(self, offset: int, data: memoryview) -> None:
        geometry = self._geometry
        for at in range(0, len(data), BLOCK):
            if not geometry.offset_a <= offset + at < geometry.slot_offsets(0)[1]:
                self.bytes["superblocks"] += BLOCK
                continue
            header = read_header(data, at)
            assert header is not None, "what is written is whole"
            if header.flags & MARK:
                self.bytes["marks"] += BLOCK
                continue
            self.bytes["headers of blocks"] += BLOCK_HEADER.size
            self.bytes["rest of the last block of a batch"] += PAYLOAD - header.used
            start = at + BLOCK_HEADER.size
            self._body += data[start : start + header.used]
            if header.part + 1 == header.parts:
                self._records()

    def _records(self) -> None:
        self.commits += 1
        at = 0
        while at < len(self._body):
            _, length, _, _, _, reference, flags, _ = RECORD_HEADER.unpack_from(self._body, at)
            if flags & CARRIED:
                self.bytes["copies of what is stuck"] += length
            else:
                self.bytes["headers and references of records"] += RECORD_HEADER.size + reference
                self.bytes["payload"] += length - RECORD_HEADER.size - reference
            at += length
        self._body.clear()


@dataclass(slots=True)
class Soak:
    """What came of it. `objects` and `memory_kib` are taken after each lap of the last life."""

    meter: Meter
    laps: int = 0
    sales: int = 0
    refused: int = 0
    seconds: float = 0.0
    objects: list[int] = field(default_factory=list)
    memory_kib: list[int] = field(default_factory=list)

    @property
    def objects_a_lap(self) -> float:
        """By how many they grew in a lap."""
        return growth(self.objects)

    @property
    def memory_a_lap_kib(self) -> float:
        """The same for the memory of the process."""
        return growth(self.memory_kib)

    def table(self) -> str:
        """All of it, as lines for a terminal."""
        total = self.meter.bytes
        parts: list[Row] = [[kind, total[kind], total[kind] / total["payload"]] for kind in KINDS]
        life: list[Row] = [
            ["laps", self.laps],
            ["sales", self.sales],
            ["batches", self.meter.commits],
            ["sales that had to be sent again, for want of room", self.refused],
            ["objects in memory in the end", self.objects[-1]],
            ["their growth in a lap", self.objects_a_lap],
            ["memory of the process in the end, KiB", self.memory_kib[-1]],
            ["its growth in a lap, KiB", self.memory_a_lap_kib],
        ]
        return "\n\n".join(
            (
                rows("a shop", [""], life),
                rows("bytes written", ["bytes", "per payload"], parts),
                f"write amplification of the ring: {self.meter.amplification:.2f} bytes for each byte of payload",
            )
        )

    def wrong(self) -> str:
        """Empty, or what did not stay flat."""
        if self.objects_a_lap > OBJECTS_A_LAP_MAX:
            return f"objects grow by {self.objects_a_lap:.0f} in a lap: {self.objects}"
        if self.memory_a_lap_kib > MEMORY_A_LAP_MAX_KIB:
            return f"memory grows by {self.memory_a_lap_kib:.0f} KiB in a lap: {self.memory_kib}"
        return ""


def growth(series: list[int]) -> float:
    """By how much it rises from one to the next, from the median of its first third to that of its last."""
    third = max(1, len(series) // 3)
    rise = statistics.median(series[-third:]) - statistics.median(series[:third])
    return rise / max(1, len(series) - third)


def soak(folder: Path, laps: int, progress: Callable[[int], None] = lambda _: None) -> Soak:
    """Live through so many laps, a multiple of 3. AssertionError if anything is lost."""
    life = Life(folder)
    soaked = Soak(Meter(Geometry(RING // BLOCK, mirror=False)))
    sold: list[str] = []
    began = time.monotonic()

    async def first() -> None:
        life.signs = False
        await life.sell("stuck", sale)
        await life.rest()
        life.signs = True

    async def some_laps() -> None:
        soaked.objects.clear()
        soaked.memory_kib.clear()
        for goal in range(life.laps + 1, life.laps + laps // LIVES + 1):
            while life.laps < goal:
                sold.append(f"t{len(sold)}")
                await life.sell(sold[-1], sale if len(sold) % 10 == 0 else cash)
                await life.rest()
            life.jobs.clear()
            gc.collect()
            soaked.objects.append(len(gc.get_objects()))
            soaked.memory_kib.append(memory_kib())
            progress(life.laps)

    async def last() -> None:
        stuck = found(await life.ask(rq.Get("stuck")))
        assert stuck.state.signature.state == "missing"
        assert stuck.transaction == msgspec.convert(sale(id="stuck"), Transaction)
        for sale_id in [*sold[:: max(1, len(sold) // 100)], sold[-1]]:
            answer = found(await life.ask(rq.Get(sale_id)))
            assert [copy.state for copy in answer.state.copies[:2]] == ["printed", "printed"], sale_id
        soaked.laps = life.laps

    live(life, first)
    with soaked.meter.on():
        for _ in range(LIVES):
            live(life, some_laps)
    live(life, last)
    soaked.sales, soaked.refused, soaked.seconds = len(sold), life.refused, time.monotonic() - began
    return soaked


def memory_kib() -> int:
    """What the process holds in memory now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() // 1024
