"""The long trials: `python -m tests.crash --help`. Every mutant by name, then crash states around the ring and the
archive, tampered images, runs of the model and the laps of a small ring, each with its seed, a bar and a table.

The first violation ends it with exit code 1 and with the seed that leads there again.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import Executor, ProcessPoolExecutor
from pathlib import Path

from tests.crash.counts import Counts, Row, rows
from tests.crash.kills import KILLS, kill
from tests.crash.mutated import OUTCOMES
from tests.crash.mutated_archive import OUTCOMES as ARCHIVE_OUTCOMES
from tests.crash.soak import LIVES, soak
from tests.crash.trials import Bar, Failed, archived, archives_tampered, cut, explored, modelled, shared, tampered

STATES_A_JOB = 5000
ARCHIVE_SHARE = 20
ARCHIVE_STATES_A_JOB = 1000
IMAGES_A_JOB = 5000
RUNS_A_JOB = 50


def mutants() -> None:
    width = max(len(mutant.name) for mutant in KILLS) + 2
    print(f"\n== {len(KILLS)} mutants: the real code with one guard taken out; each must be missed\n")
    for mutant in KILLS:
        print(f"{mutant.name:<{width}}killed by {kill(mutant)}", flush=True)


def crash_states(pool: Executor, states: int, start: int) -> None:
    print(f"\n== {states:,} crash states around the ring, seeds {start} and up\n")
    counts = Counts()
    shared(pool, explored, cut(states, STATES_A_JOB, start), "states", counts.add)
    print(f"\n{counts.table()}\n")
    print(f"{counts.lives:,} lives, up to {counts.laps} laps; {counts.twice:,} states were recovered a second time.")
    print(f"{counts.rotten:,} times one of two copies had gone bad as well; each was mended.")
    print(f"no record was lost, wrong, or back from the dead: 0 violations in {counts.states:,}.")
    size = max(1, states // ARCHIVE_SHARE)
    print(f"\n== {size:,} crash states around the archive, seeds {start} and up\n")
    where: Counter[str] = Counter()
    shared(pool, archived, cut(size, ARCHIVE_STATES_A_JOB, start), "states", where.update)
    cuts: list[Row] = [[f"while the {what} was written", where[what]] for what in ("ring", "archive")]
    print(f"\n{rows('the power went ...', ['states'], cuts)}\n\n0 violations in {where.total():,}.")


def images(pool: Executor, count: int, start: int) -> None:
    print(f"\n== {count:,} tampered images, seeds {start} and up\n")
    outcomes: Counter[str] = Counter()
    shared(pool, tampered, cut(count, IMAGES_A_JOB, start), "images", outcomes.update)
    print(f"\n{rows('the image was ...', ['images'], [[name, outcomes[name]] for name in OUTCOMES])}")
    print(f"\nno wrong record, no traceback, nothing else lost in silence: 0 violations in {outcomes.total():,}.")
    size = max(1, count // ARCHIVE_SHARE)
    print(f"\n== {size:,} archives tampered with, seeds {start} and up\n")
    told: Counter[str] = Counter()
    shared(pool, archives_tampered, cut(size, ARCHIVE_STATES_A_JOB, start), "archives", told.update)
    print(f"\n{rows('the archive was ...', ['archives'], [[name, told[name]] for name in ARCHIVE_OUTCOMES])}")
    print(f"\nno wrong record, no traceback: 0 violations in {told.total():,}.")


def runs(pool: Executor, count: int, start: int) -> None:
    print(f"\n== {count:,} runs against the model, seeds {start} and up\n")
    met: Counter[str] = Counter()
    shared(pool, modelled, cut(count, RUNS_A_JOB, start), "runs", met.update)
    print(f"\n{rows('the runs met ...', ['count'], list(met.items()))}\n\n0 violations in {met['runs']:,} runs.")


def laps(count: int) -> None:
    count = -(-count // LIVES) * LIVES
    print(f"\n== {count} laps of a ring of 1 MiB, one transaction stuck from the first\n")
    bar = Bar(count, "laps")
    with tempfile.TemporaryDirectory(prefix="posd-soak-") as folder:
        soaked = soak(Path(folder), count, bar.show)
    print(f"\n{soaked.table()}")
    if soaked.wrong():
        raise Failed(soaked.wrong())
    print("nothing was lost, and memory stayed flat.")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description="The journal's long trials.")
    parser.add_argument("--states", type=int, default=1_000_000, help="crash states (1000000); around the archive 1/20")
    parser.add_argument("--images", type=int, default=1_000_000, help="tampered images (1000000)")
    parser.add_argument("--runs", type=int, default=10_000, help="runs against the model (10000)")
    parser.add_argument("--laps", type=int, default=100, help="laps of a small ring (100); 0 leaves a trial out")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1, 1 << 30))
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    asked = parser.parse_args()
    began = time.monotonic()
    print(f"seed {asked.seed}, {asked.workers} processes", flush=True)
    try:
        mutants()
        with ProcessPoolExecutor(asked.workers) as pool:
            if asked.states:
                crash_states(pool, asked.states, asked.seed)
            if asked.images:
                images(pool, asked.images, asked.seed)
            if asked.runs:
                runs(pool, asked.runs, asked.seed)
        if asked.laps:
            laps(asked.laps)
    except (Failed, AssertionError) as failed:
        print(f"\nVIOLATED: {failed}")
        return 1
    print(f"\nall trials passed in {time.monotonic() - began:,.0f} s (seed {asked.seed})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
