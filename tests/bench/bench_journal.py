"""The journal against raw `pwrite` and `fdatasync` of the same blocks, against SQLite (WAL, synchronous=FULL) and
against LMDB with sync: appends.py, each contender in a process of its own, on the same file system, taking turns.

Records of 900 bytes. n waiting means that n appends wait at any time, each for its own durability. A slow device is
native/slow.c: 5 ms in each sync of whoever it is; LMDB syncs twice for a commit. Opening is compared with reading the
ring once.
"""

from __future__ import annotations

import mmap
import os
import statistics
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from queue import SimpleQueue

from posd.journal import Journal
from tests.bench.appends import RECORD
from tests.bench.tools import ROOT, RUNS, SLOW_US, Row, interleaved, place, row, slowed


def rows() -> list[Row]:
    """The rows of the journal in the table of speeds."""
    with place() as folder:
        fast = [made for waiters in (1, 4, 16) for made in _rows(folder, waiters, 0.6)]
        mirrored = [made for waiters in (1, 4, 16) for made in _rows(folder, waiters, 0.6, mirrored="-mirrored")]
        slow = [
            made
            for waiters, goal in ((1, 0.9), (4, 3.2), (16, 12.8))
            for made in _rows(folder, waiters, goal, delay_us=SLOW_US)
        ]
        return [*fast, *mirrored, *slow, *_rows(folder, 1, 0.5, busy=True), *_openings(folder)]


def _rows(
    folder: Path, waiters: int, goal: float, *, mirrored: str = "", delay_us: int = 0, busy: bool = False
) -> list[Row]:
    contenders = [f"journal{mirrored}", f"raw{mirrored}", *([] if mirrored or busy else ["sqlite", "lmdb"])]
    absent = [name for name in contenders if name == "lmdb" and find_spec(name) is None]
    contenders = [name for name in contenders if name not in absent]
    count = (40 if waiters == 1 else 20 * waiters) if delay_us else 400 if waiters == 1 else 1600
    mine, *others = interleaved(
        [
            lambda name=name: _rate(
                folder, name, waiters, count if "journal" in name else min(count, 400), delay_us, busy
            )
            for name in contenders
        ]
    )
    words = [f"append, {waiters} waiting"]
    words += ["mirrored"] * bool(mirrored) + ["sync of 5 ms"] * bool(delay_us) + ["beside a busy thread"] * busy
    made = []
    for name, theirs in zip(contenders[1:], others, strict=True):
        made.append(
            row(
                f"{', '.join(words)}: {name}", mine, theirs, "records/s",
                least=goal if name.startswith("raw") else None,
            )
        )  # fmt: skip
        if made[-1]["met"] is False:
            made[-1]["note"] = (
                f"a commit takes {1e6 / mine:.0f} us, of the disk {1e6 / theirs:.0f} us; the rest is the interpreter's "
                "work on a batch (encoding, checksums, the chain, accounts of room), which a slower disk hides, and "
                "where commits are not all below 0.5 ms the hand-over to the writing thread"
            )
    for name in absent:
        made.append(row(f"{', '.join(words)}: {name}", mine, None, "records/s", note=f"{name} is not installed"))
    return made


def _rate(folder: Path, name: str, waiters: int, count: int, delay_us: int, busy: bool) -> float:
    path = folder / name
    words = [sys.executable, "-m", "tests.bench.appends", name, str(path), str(waiters), str(count)]
    done = subprocess.run(
        [*words, *["busy"] * busy], cwd=ROOT, env=os.environ | slowed(delay_us), capture_output=True, text=True,
        timeout=300, check=False,
    )  # fmt: skip
    for left in folder.glob(f"{name}*"):
        left.unlink()
    if done.returncode:
        raise RuntimeError(f"{name} failed: {done.stderr[-2000:]}")
    return float(done.stdout)


def _openings(folder: Path) -> list[Row]:
    """Seconds to open a full default ring, against reading ring A once."""
    path = folder / "full"
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
        mine, read = statistics.median(ours), statistics.median(theirs)
        name = f"journal open, full 64 MiB mirrored, after a {'clean stop' if clean else 'crash'}"
        found.append(row(f"{name}: reading it once", mine, read, "s", most=goal_s, inverse=True))
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


def _stop(failure: Exception) -> None:
    raise failure
