"""The journal against raw `pwrite` and `fdatasync` of the same blocks, in the same process and on the same file system.

Records of 900 bytes. n waiters means that n appends wait at any time, each for its own durability. A slow device is a
delay of 5 ms inside each sync, for both sides alike. `theirs` writes the same blocks one after the other: one for each
record, and both copies where the journal is mirrored.
"""

from __future__ import annotations

import mmap
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from posd.journal import Journal, NewRecord
from posd.journal.file import DiskFile, DiskStore
from posd.journal.ring import BLOCK

RUNS = 5
RING = 16 << 20
SLOW_S = 0.005
RECORD = NewRecord(1, 0, b"20261121-0042", b"x" * 900)
Row = dict[str, Any]


def rows() -> list[Row]:
    """The rows of the journal in the table of speeds."""
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as folder:
        place = Path(folder)
        fast = [_row(place, waiters, mirror=mirror, goal=0.6) for waiters in (1, 4, 16) for mirror in (False, True)]
        slow = [_row(place, waiters, slow=True, goal=goal) for waiters, goal in ((1, 0.9), (4, 3.2), (16, 12.8))]
        return [*fast, *slow, _row(place, 1, busy=True, goal=0.5), *_openings(place)]


def _row(
    place: Path, waiters: int, *, mirror: bool = False, slow: bool = False, busy: bool = False, goal: float
) -> Row:
    delay_s = SLOW_S if slow else 0.0
    count = max(40, 10 * waiters) if slow else 400 * (1 if waiters < 4 else 4)
    ours, theirs = [], []
    with _busy_thread() if busy else _nothing():
        for _ in range(RUNS):
            ours.append(_journal(place, waiters, count, delay_s, mirror=mirror))
            theirs.append(_raw(place, count if not slow else 40, delay_s, copies=2 if mirror else 1))
    mine, raw = statistics.median(ours), statistics.median(theirs)
    words = [f"journal append, {waiters} waiting"]
    words += ["mirrored"] * mirror + ["sync of 5 ms"] * slow + ["beside a busy Python thread"] * busy
    return {
        "name": ", ".join(words), "ours": mine, "theirs": raw, "unit": "records/s", "ratio": mine / raw,
        "goal": goal, "met": mine / raw >= goal,
    }  # fmt: skip


def _journal(place: Path, waiters: int, count: int, delay_s: float, *, mirror: bool) -> float:
    """Records a second of a fresh journal with so many waiters."""
    path = place / "ring"
    journal = Journal.open(path, size=RING, mirror=mirror, port=_SlowStore(path, delay_s) if delay_s else None)
    durable: SimpleQueue[int] = SimpleQueue()
    journal.start(durable.put, _stop)
    begun = time.perf_counter()
    asked = done = 0
    while done < count:
        while asked - done < waiters:
            asked = journal.append([RECORD])[-1]
        done = durable.get(timeout=30)
    seconds = time.perf_counter() - begun
    journal.close()
    path.unlink()
    return done / seconds


def _raw(place: Path, count: int, delay_s: float, *, copies: int) -> float:
    """Commits a second of blocks written and synced one after the other, in a file of real zeros."""
    path = place / "raw"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_DIRECT)
    chunk = mmap.mmap(-1, 1 << 20)
    half = 8 << 20
    for offset in range(0, 2 * half, len(chunk)):
        os.pwritev(descriptor, [chunk], offset)
    os.fsync(descriptor)
    block = memoryview(chunk)[:BLOCK]
    begun = time.perf_counter()
    for number in range(count):
        for copy in range(copies):
            os.pwritev(descriptor, [block], copy * half + number * BLOCK)
        os.fdatasync(descriptor)
        if delay_s:
            time.sleep(delay_s)
    seconds = time.perf_counter() - begun
    os.close(descriptor)
    path.unlink()
    return count / seconds


def _openings(place: Path) -> list[Row]:
    """Seconds to open a full default ring, against reading ring A once."""
    path = place / "full"
    journal = Journal.open(path, size=64 << 20, mirror=True)
    durable: SimpleQueue[int] = SimpleQueue()
    journal.start(durable.put, _stop)
    last = 0
    while journal.info().fill < 0.97:
        last = journal.append([RECORD] * 4)[-1]
        while durable.get(timeout=30) < last:
            pass
    journal.close()
    found = []
    for goal_s, clean in ((0.5, True), (1.0, False)):
        ours, theirs = [], []
        for _ in range(RUNS):
            begun = time.perf_counter()
            opened = Journal.open(path, size=64 << 20, mirror=True)
            ours.append(time.perf_counter() - begun)
            if clean:
                opened.close()
            else:
                opened._opened.file.close()
            theirs.append(_read_once(path))
        if clean:  # leave it as after a crash
            Journal.open(path, size=64 << 20, mirror=True)._opened.file.close()
        mine, raw = statistics.median(ours), statistics.median(theirs)
        name = f"journal open, full 64 MiB mirrored, after a {'clean stop' if clean else 'crash'}"
        found.append(
            {"name": name, "ours": mine, "theirs": raw, "unit": "s", "ratio": mine / raw, "goal": f"<= {goal_s} s"}
            | {"met": mine <= goal_s}
        )
    return found


def _read_once(path: Path) -> float:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECT)
    chunk = mmap.mmap(-1, 1 << 20)
    begun = time.perf_counter()
    for offset in range(0, 64 << 20, len(chunk)):
        os.preadv(descriptor, [chunk], offset)
    seconds = time.perf_counter() - begun
    os.close(descriptor)
    return seconds


class _SlowFile(DiskFile):
    """A device whose sync takes longer."""

    delay_s = 0.0

    def commit(self, writes: Sequence[tuple[int, memoryview]]) -> None:
        super().commit(writes)
        time.sleep(self.delay_s)


class _SlowStore(DiskStore):
    def __init__(self, path: Path, delay_s: float) -> None:
        super().__init__(path)
        self._delay_s = delay_s

    def create(self, size: int) -> DiskFile:
        file = super().create(size)
        file.__class__ = _SlowFile
        file.delay_s = self._delay_s  # type: ignore[attr-defined]
        return file


def _stop(failure: Exception) -> None:
    raise failure


@contextmanager
def _nothing() -> Iterator[None]:
    yield


@contextmanager
def _busy_thread() -> Iterator[None]:
    """A thread that computes all the time, and the switch interval that the daemon sets."""
    going = True

    def compute() -> None:
        while going:
            sum(range(1000))

    before = sys.getswitchinterval()
    sys.setswitchinterval(0.0005)
    thread = threading.Thread(target=compute)
    thread.start()
    try:
        yield
    finally:
        going = False
        thread.join()
        sys.setswitchinterval(before)
