"""What the benches share: where they measure, how a row is made, what a process takes, the tap before the printer, the
two small C programs.

All contenders of a row run in one folder, `place()`: in the current directory, or in BENCH_DIR. What a slow device is,
native/slow.c says; `slowed` gives a process that environment.
"""

from __future__ import annotations

import os
import select
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
import tty
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

RUNS = 5
DEADLINE_S = 60.0
LOOK_S = 0.2
RESET = b"\x1b@"
SLOW_US = 5000
NATIVE = Path(__file__).parent / "native"
ROOT = NATIVE.parents[2]
Row = dict[str, Any]


@contextmanager
def place() -> Iterator[Path]:
    """A folder of its own on the file system that is measured; gone afterwards."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR", Path.cwd()), prefix=".bench-") as folder:
        yield Path(folder)


def row(
    name: str,
    ours: float | None,
    theirs: float | None,
    unit: str,
    *,
    least: float | None = None,
    most: float | None = None,
    within: float | None = None,
    inverse: bool = False,
    note: str = "",
) -> Row:
    """A row. `least` and `within` bound the ratio ours / theirs from below and from above (`inverse`: theirs / ours,
    where less is better); `most` bounds ours itself from above. `met` is None for a row without a goal, which is for
    information, and where a side is missing that the goal needs.
    """
    ratio = None if ours is None or not theirs else theirs / ours if inverse else ours / theirs
    bounds: list[tuple[str, bool | None]] = []
    if least is not None:
        bounds.append((f">= {least:g}x", None if ratio is None else ratio >= least))
    if within is not None:
        bounds.append((f"<= {within:g}x", None if ratio is None else ratio <= within))
    if most is not None:
        bounds.append((f"<= {most:g} {unit}", None if ours is None else ours <= most))
    goal = " and ".join(words for words, _ in bounds) or None
    kept = [held for _, held in bounds]
    met = False if False in kept else None if None in kept or not kept else True
    return {"name": name, "ours": ours, "theirs": theirs, "unit": unit, "ratio": ratio, "goal": goal, "met": met} | (
        {"note": note} if note else {}
    )


def interleaved(contenders: Sequence[Callable[[], float]], runs: int = RUNS) -> list[float]:
    """The median of each contender's results; they take turns, so that a slow minute is slow for all."""
    results: list[list[float]] = [[] for _ in contenders]
    for _ in range(runs):
        for contender, into in zip(contenders, results, strict=True):
            into.append(contender())
    return [statistics.median(found) for found in results]


def processor_s(pid: int) -> float:
    """Seconds of processor of all threads of a process so far, counted in nanoseconds by the scheduler."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


class Tap:
    """What stands between posd and hwsim's printer, passes every byte on and notes when a slip begins (ESC @)."""

    def __init__(self) -> None:
        self.going = True
        self._begun = 0.0
        self._came = threading.Event()

    def pass_on(self, host: int, printer: Path) -> None:
        """Pass on between posd's end and the printer's until `going` ends or posd hangs up."""
        wire = os.open(printer, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(wire)
        last = b""
        while self.going:
            for ready in select.select((host, wire), (), (), LOOK_S)[0]:
                data = os.read(ready, 4096)
                if ready == wire:
                    os.write(host, data)
                    continue
                now = time.perf_counter()
                if not data:
                    self.going = False
                if not self._came.is_set() and RESET in last + data:
                    self._begun = now
                    self._came.set()
                last = data[-1:]
                os.write(wire, data)
        os.close(wire)

    def watch(self) -> float:
        """Watch out for the next slip; the time now."""
        self._came.clear()
        return time.perf_counter()

    def first_byte(self) -> float:
        """When its first byte came, which is waited for."""
        assert self._came.wait(DEADLINE_S), "no slip came to the printer"
        return self._begun


@cache
def built(source: str) -> Path:
    """A program or a preloadable library of native/, made with the machine's C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise RuntimeError("no C compiler: the benches compile their client with cc; install gcc")
    folder = Path(tempfile.gettempdir()) / f"posd-bench-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    made = folder / source.replace(".c", ".so" if source == "slow.c" else "")
    how = ["-shared", "-fPIC"] if source == "slow.c" else []
    subprocess.run([compiler, "-O2", *how, "-o", made, NATIVE / source, "-ldl"], check=True, timeout=60)
    return made


def slowed(delay_us: int) -> dict[str, str]:
    """The environment in which each sync of a process takes so much longer; empty for 0."""
    return {"LD_PRELOAD": str(built("slow.c")), "BENCH_SYNC_US": str(delay_us)} if delay_us else {}
