"""The long trials, cut into jobs with seeds of their own that are shared among processes.

A job takes its seed and its size and gives back what it counted. What it finds comes back as text that says which job
leads there again; a process that dies ends the trial.
"""

from __future__ import annotations

import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import TypeVar

from hypothesis import Phase, seed

from tests.crash.archiving import ArchiveExplorer
from tests.crash.counts import Counts
from tests.crash.explore import SHAPES, Explorer, Plan
from tests.crash.mutated import Tamperer, originals
from tests.crash.mutated_archive import ArchiveTamperer
from tests.property import test_journal_model as model

Result = TypeVar("Result")
Job = tuple[int, int]
"""A seed and how much is to be done with it."""


class Bar:
    """A progress bar on the terminal; where there is none, a line every tenth."""

    def __init__(self, total: int, unit: str) -> None:
        self._total, self._unit = total, unit
        self._began = time.monotonic()
        self._tenth = 0

    def show(self, done: int) -> None:
        """`done` of the total are done."""
        share = min(1.0, done / self._total)
        rate = done / max(0.001, time.monotonic() - self._began)
        line = f"[{'#' * int(40 * share):<40}] {100 * share:3.0f} %  {done:,} {self._unit}, {rate:,.0f} a second"
        if sys.stdout.isatty():
            print(f"\r{line}", end="" if done < self._total else "\n", flush=True)
        elif int(10 * share) > self._tenth:
            self._tenth = int(10 * share)
            print(line, flush=True)


class Failed(Exception):
    """A trial found something; the message says what."""


def explored(job: Job) -> Counts:
    at, states = job
    return Explorer(Plan(*SHAPES[at % len(SHAPES)], states), at).run()


def archived(job: Job) -> Counter[str]:
    explorer = ArchiveExplorer(*job)
    explorer.run()
    return Counter(explorer.where)


def tampered(job: Job) -> Counter[str]:
    at, images = job
    return Tamperer(at).run(images, originals())


def archives_tampered(job: Job) -> Counter[str]:
    at, archives = job
    return ArchiveTamperer(at).run(archives)


def modelled(job: Job) -> Counter[str]:
    at, runs = job
    seed(at)(model.JournalModel)
    return Counter(model.trial(runs, database=None, phases=[Phase.generate, Phase.shrink]))


def told(work: Callable[[Job], Result], job: Job) -> Result | str:
    """The job's result; what went wrong, as text that can go from process to process."""
    try:
        return work(job)
    except BaseException as error:
        notes = "\n".join(getattr(error, "__notes__", []))
        return f"{''.join(traceback.format_exception_only(error))}{notes}\nthe job was {work.__name__}{job}"


def shared(
    pool: Executor, work: Callable[[Job], Result], jobs: Sequence[Job], unit: str, add: Callable[[Result], None]
) -> None:
    """Have the jobs done, with a progress bar. Failed."""
    bar, done = Bar(sum(size for _, size in jobs), unit), 0
    sizes = iter(jobs)
    for result in pool.map(partial(told, work), jobs):
        if isinstance(result, str):
            raise Failed(result)
        add(result)
        done += next(sizes)[1]
        bar.show(done)


def cut(total: int, size: int, start: int) -> list[Job]:
    """Jobs of at most `size` that make up the total, each with its own seed from `start` on."""
    return [(start + at, min(size, total - at * size)) for at in range(-(-total // size))]
