"""All cases, and samples of them.

The whole is slip x fault x byte x restart, each on one of the models in turn, so that neighbouring bytes, and the
restarts at one byte, meet different printers; `every_model` multiplies by the models instead. The bytes of a fence are
always among them, however long the stride: before it, each inside it, behind it. Beside them posd is killed at each
record of the journal, before its sync and behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from random import Random

from tests.faults.case import RESTARTS, USB, Case, Restart
from tests.faults.faults import FAULTS
from tests.faults.slips import KINDS, NOTICE
from tests.faults.world import measure, play

MODELS = (
    "tm-80",
    "tm-80" + USB,
    "tm-80-waits",
    "tm-80" + NOTICE,
    "tm-80-no-asb",
    "tm-80-old",
    "clone-80",
    "clone-80-clears" + USB,
    "clone-80-waits",
    "basic-58",
    "star-80",
    "star-80" + USB,
    "star-58",
    "mute-58",
)
FENCE_BYTES = 11
"""The longest fence."""
QUICK = {"plain": 270, "chinese": 90, "raster": 90, "long": 25}
QUICK_STRIDE = 16
QUICK_RECORDS = 60


span = cache(measure)


@cache
def records(kind: str, model: str) -> int:
    """How many records the journal has in the end, where nothing happens."""
    return len(play(Case(kind, model, "cover", 1 << 40)).events)


def offsets(length: int, stride: int) -> list[int]:
    """The bytes at which something happens; 0 is before the first."""
    return sorted({*range(0, length + 1, stride), *range(max(length - FENCE_BYTES, 0), length + 1)})


def of_bytes(kind: str, stride: int = 1, *, every_model: bool = False) -> Iterator[Case]:
    """The cases of a kind of slip."""
    longest = max(span(kind, model) for model in MODELS)
    turn = 0
    for name, fault in FAULTS.items():
        restarts: tuple[Restart, ...] = ("same",) if fault.kills else RESTARTS
        for restart in restarts:
            turn += 1
            for model in MODELS if every_model else ("",):
                own = span(kind, model) if model else longest
                for place, at in enumerate(offsets(own, stride)):
                    printer = model or MODELS[(place + turn) % len(MODELS)]
                    if at <= span(kind, printer):
                        yield Case(kind, printer, name, at, restart)


def of_records(kind: str) -> Iterator[Case]:
    """posd killed at each record of a sale's life, on each model."""
    for model in MODELS:
        for number in range(1, records(kind, model) + 1):
            yield Case(kind, model, "kill", number, "same", "lost")
            yield Case(kind, model, "kill", number, "same", "kept")


def whole(kinds: Sequence[str] = KINDS, stride: int = 1, *, every_model: bool = False) -> list[Case]:
    """All cases at each `stride`-th byte of these kinds of slips."""
    found = [case for kind in kinds for case in of_bytes(kind, stride, every_model=every_model)]
    return found + [case for kind in kinds if kind != "long" for case in of_records(kind)]


def quick(seed: int) -> list[Case]:
    """A sample that fits into a test run: of each kind so many of its cases at each 16th byte, and of the records."""
    rng = Random(seed)
    found = [case for kind, count in QUICK.items() for case in rng.sample(list(of_bytes(kind, QUICK_STRIDE)), count)]
    return found + rng.sample(list(of_records("plain")), QUICK_RECORDS)
