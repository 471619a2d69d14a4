"""Records of 900 bytes made durable one by one, by one contender in a process of its own.

`python -m tests.bench.appends CONTENDER PATH WAITERS COUNT [busy]` prints records a second. WAITERS is how many appends
wait at any time, each for its own durability; what is asked for at once is a turn, as in the daemon. Only the journal
makes use of it: the others commit one record after the other, as they do where each sale is a transaction. `busy`:
beside a Python thread that computes all the time, with the switch interval that the daemon sets.

`raw` is what the disk can do: the same blocks, one for each record (twice in `raw-mirrored`), each written and synced.
"""

from __future__ import annotations

import mmap
import os
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue

from posd.journal import Journal, NewRecord
from posd.journal.ring import BLOCK

RING = 16 << 20
PAYLOAD = b"x" * 900
RECORD = NewRecord(1, 0, b"20261121-0042", PAYLOAD)
DEADLINE_S = 60


def journal(path: Path, waiters: int, count: int, *, mirror: bool = False) -> float:
    ring = Journal.open(path, size=RING, mirror=mirror)
    durable: SimpleQueue[int] = SimpleQueue()
    turn: list[Callable[[], None]] = []
    ring.start(durable.put, _stop, turn.append)
    begun = time.perf_counter()
    asked = done = 0
    while done < count:
        while asked - done < waiters:
            asked = ring.append([RECORD])[-1]
        while turn:
            turn.pop()()
        done = durable.get(timeout=DEADLINE_S)
    seconds = time.perf_counter() - begun
    ring.close()
    return done / seconds


def raw(path: Path, _waiters: int, count: int, *, copies: int = 1) -> float:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_DIRECT)
    chunk = mmap.mmap(-1, 1 << 20)
    half = 8 << 20
    for offset in range(0, copies * half, len(chunk)):
        os.pwritev(descriptor, [chunk], offset)
    os.fsync(descriptor)
    block = memoryview(chunk)[:BLOCK]
    begun = time.perf_counter()
    for number in range(count):
        for copy in range(copies):
            os.pwritev(descriptor, [block], copy * half + number % (half // BLOCK) * BLOCK)
        os.fdatasync(descriptor)
    seconds = time.perf_counter() - begun
    os.close(descriptor)
    return count / seconds


def sqlite(path: Path, _waiters: int, count: int) -> float:
    db = sqlite3.connect(path, isolation_level=None)
    db.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE r (id INTEGER PRIMARY KEY, p BLOB)"
    )
    begun = time.perf_counter()
    for number in range(count):
        db.execute("INSERT INTO r VALUES (?, ?)", (number, PAYLOAD))
    seconds = time.perf_counter() - begun
    db.close()
    return count / seconds


def lmdb(path: Path, _waiters: int, count: int) -> float:
    import lmdb as library

    environment = library.open(str(path), map_size=64 << 20, subdir=False)
    begun = time.perf_counter()
    for number in range(count):
        with environment.begin(write=True) as transaction:
            transaction.put(number.to_bytes(8, "big"), PAYLOAD, append=True)
    seconds = time.perf_counter() - begun
    environment.close()
    return count / seconds


CONTENDERS: dict[str, Callable[[Path, int, int], float]] = {
    "journal": journal,
    "journal-mirrored": lambda path, waiters, count: journal(path, waiters, count, mirror=True),
    "raw": raw,
    "raw-mirrored": lambda path, waiters, count: raw(path, waiters, count, copies=2),
    "sqlite": sqlite,
    "lmdb": lmdb,
}


def _stop(failure: Exception) -> None:
    raise failure


def _compute() -> None:
    while True:
        sum(range(1000))


def main(name: str, path: str, waiters: str, count: str, *busy: str) -> None:
    """Measure one contender."""
    if busy:
        sys.setswitchinterval(0.0005)
        threading.Thread(target=_compute, daemon=True).start()
    print(CONTENDERS[name](Path(path), int(waiters), int(count)))


if __name__ == "__main__":
    main(*sys.argv[1:])
