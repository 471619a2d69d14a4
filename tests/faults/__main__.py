"""Play all cases, or one, and print what was found.

    python -m tests.faults                         every byte, each fault, each kind of slip, the models in turn
    python -m tests.faults --stride 16 --seed 7
    python -m tests.faults --every-model           every byte on every model
    python -m tests.faults --case plain/tm-80/cover/120/later

The cases are played in an order that the seed decides; how many are done, what was found so far and when it will be
over is said all the while; Ctrl-C or SIGTERM ends it with the counts so far. Exit code 1 if there is a violation. A
case is named so that it can be played again alone, with the same seed.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import multiprocessing
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterable
from random import Random
from typing import NamedTuple

from tests.faults import cases
from tests.faults.case import Case
from tests.faults.judge import KINDS, assumed_and_torn, judge
from tests.faults.slips import KINDS as SLIPS
from tests.faults.world import play

SHOWN_MAX = 20
BAR = 40
BAR_S, LINE_S = 0.5, 60.0


class Found(NamedTuple):
    """What came of one case."""

    case: Case
    struck: bool
    assumed: int
    virtual_s: float
    violations: list[tuple[str, str]]


def try_case(job: tuple[Case, int]) -> Found:
    """Play and judge one case."""
    case, seed = job
    try:
        played = play(case, seed)
    except Exception as error:
        return Found(case, False, 0, 0.0, [("ends", f"it cannot be played: {error!r}")])
    violations = [(violation.kind, violation.words) for violation in judge(played)]
    return Found(case, played.struck, assumed_and_torn(played), played.seconds, violations)


class Tally:
    """The counts of a run."""

    def __init__(self) -> None:
        self.kinds: Counter[str] = Counter()
        self.by_slip: Counter[str] = Counter()
        self.by_fault: Counter[str] = Counter()
        self.struck = self.assumed = 0
        self.virtual_s = 0.0
        self.bad: list[Found] = []

    def add(self, found: Found) -> None:
        self.by_slip[found.case.kind] += 1
        self.by_fault["record" if found.case.record else found.case.fault] += 1
        self.struck += found.struck
        self.assumed += found.assumed
        self.virtual_s += found.virtual_s
        kinds = {kind for kind, _ in found.violations}
        self.kinds.update(kinds)
        if not kinds.isdisjoint(KINDS):
            self.bad.append(found)

    @property
    def cases(self) -> int:
        """How many were played."""
        return sum(self.by_slip.values())

    def lines(self) -> Iterable[str]:
        """The counts, as they are printed."""
        yield f"cases {self.cases} ({_counts(self.by_slip)}); the fault came in {self.struck}"
        yield f"of each fault: {_counts(self.by_fault)}"
        yield "cases with a violation: " + ", ".join(f"{kind} {self.kinds[kind]}" for kind in KINDS)
        yield f"assumed to be printed, as cannot be known (docs/printers.md), and not whole on paper: {self.assumed}"
        yield from map(told, self.bad[:SHOWN_MAX])


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{what} {count}" for what, count in counter.items())


def run(todo: list[Case], seed: int, jobs: int) -> Tally:
    """Play all these cases. What breaks a law is told at once."""
    tally, began_s = Tally(), time.monotonic()
    shown_s = began_s
    every_s = BAR_S if sys.stderr.isatty() else LINE_S
    with multiprocessing.get_context("fork").Pool(jobs, _worker) as pool, contextlib.suppress(KeyboardInterrupt):
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for found in pool.imap_unordered(try_case, ((case, seed) for case in todo), chunksize=16):
            tally.add(found)
            if tally.bad and tally.bad[-1] is found:
                sys.stderr.write(f"\n{told(found)}\n")
            now_s = time.monotonic()
            if now_s - shown_s >= every_s or tally.cases == len(todo):
                shown_s = now_s
                _show(tally, len(todo), now_s - began_s)
    return tally


def _worker() -> None:
    """An interrupt is for the one who counts; and what is there already need not be looked through for garbage."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()
    gc.set_threshold(100_000)


def _show(tally: Tally, total: int, taken_s: float) -> None:
    """A bar that is drawn over, on a terminal; elsewhere a line."""
    filled = BAR * tally.cases // total
    left_s = taken_s / tally.cases * (total - tally.cases)
    end = time.strftime("%H:%M", time.localtime(time.time() + left_s))
    line = f"[{'#' * filled}{'.' * (BAR - filled)}] {tally.cases}/{total}, {len(tally.bad)} bad, until {end} "
    sys.stderr.write("\r" * sys.stderr.isatty() + line + "\n" * (tally.cases == total or not sys.stderr.isatty()))
    sys.stderr.flush()


def told(found: Found) -> str:
    """A case that broke a law, on one line."""
    return f"  {found.case}  " + "; ".join(f"{kind}: {words}" for kind, words in found.violations[:2])


def tell(case: Case, seed: int) -> int:
    """Play one case and print its story."""
    played = play(case, seed)
    for event in played.events:
        print(f"{event.__struct_config__.tag}: {getattr(event, 'job', '')} {getattr(event, 'cause', '') or ''}")
    for index, outcome in enumerate(played.outcomes):
        print(f"job {index} {played.jobs[index].job}: {outcome}")
    for number, paper in enumerate(played.papers, 1):
        print(f"--- paper {number}, {paper.ending}\n{paper.text}")
    violations = judge(played)
    for violation in violations:
        print(violation)
    print(f"{case}: {'struck' if played.struck else 'the fault did not come'}, {len(violations)} violations")
    return int(any(violation.kind in KINDS for violation in violations))


def main() -> int:
    """Play what the command line says."""
    parser = argparse.ArgumentParser(description="Every fault at every byte of a slip.")
    parser.add_argument("--stride", type=int, default=1, help="each so many bytes")
    parser.add_argument("--kind", choices=SLIPS, help="only this kind of slip")
    parser.add_argument("--sample", type=int, help="only so many of the cases, by chance")
    parser.add_argument("--every-model", action="store_true", help="each byte on each model, not on one in turn")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--case", help="one case, told in full")
    options = parser.parse_args()
    if options.case:
        return tell(Case.named(options.case), options.seed)
    began_s = time.monotonic()
    kinds = (options.kind,) if options.kind else SLIPS
    todo = list(cases.whole(kinds, options.stride, options.seed, every_model=options.every_model))
    total = len(todo)
    Random(options.seed).shuffle(todo)
    todo = todo[: options.sample]
    print(f"{len(todo)} of {total} cases, seed {options.seed}, {options.jobs} at a time", flush=True)
    tally = run(todo, options.seed, options.jobs)
    for line in tally.lines():
        print(line)
    taken_s = time.monotonic() - began_s
    print(
        f"seed {options.seed}: {taken_s:.0f} s, {tally.cases / taken_s:.1f} cases a second,"
        f" {tally.virtual_s / 3600:.1f} hours at the printer"
    )
    return int(bool(tally.bad))


if __name__ == "__main__":
    sys.exit(main())
