"""The long run: `python -m tests.crash [STATES] [SEED]`, on all processors, with a progress bar. Exit code 1 on a
violation.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import sys
import time

from tests.crash.counts import Counts
from tests.crash.explore import SHAPES, Explorer, Plan, Violation

_CHUNK = 2000


def _chunk(job: tuple[int, int]) -> tuple[Counts, str]:
    at, seed = job
    explorer = Explorer(Plan(*SHAPES[at % len(SHAPES)], _CHUNK), seed)
    try:
        explorer.run()
    except Violation as violation:
        return explorer.counts, str(violation)
    return explorer.counts, ""


def main() -> int:
    states = int(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("POSD_CRASH_STATES", "1000000"))
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(1, 1 << 30)
    jobs = [(at, seed + at) for at in range(max(1, states // _CHUNK))]
    begun = time.monotonic()
    counts = Counts()
    print(f"{len(jobs) * _CHUNK} states, seed {seed}")
    with multiprocessing.Pool() as pool:
        for part, violation in pool.imap_unordered(_chunk, jobs):
            counts.add(part)
            if violation:
                print(f"\nviolated: {violation}")
                return 1
            share = counts.states / (len(jobs) * _CHUNK)
            rate = counts.states / (time.monotonic() - begun)
            bar = "#" * int(40 * share)
            print(
                f"\r[{bar:<40}] {100 * share:3.0f} %  {counts.states} states, {rate:.0f} a second", end="", flush=True
            )
    print(f"\n\n{counts.table()}\n\nno violation in {counts.states} states (seed {seed})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
