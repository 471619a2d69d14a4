"""All cases, and samples of them.

The whole is slip x fault x byte x restart, each on one of the models in turn, so that neighbouring bytes, and the
restarts at one byte, meet different printers; `seed` turns the order, and `every_model` multiplies by the models
instead. No byte is left out but those of `roll`, of which each `ROLL_STRIDE`-th counts. The bytes of a fence are always
among them, however long the stride: before it, each inside it, behind it. Beside them posd is killed at each record of
the journal, before its sync and behind it.
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
NEVER = 10**8
"""A byte that no slip has."""
ROLL_STRIDE = 101
QUICK = {"plain": 270, "chinese": 90, "raster": 120, "long": 60, "roll": 20}
QUICK_STRIDE = 16
QUICK_RECORDS = 60


span = cache(measure)


@cache
def records(kind: str, model: str) -> int:
    """How many records the journal has in the end, where nothing happens."""
    return len(play(Case(kind, model, "cover", NEVER)).events)


def offsets(length: int, stride: int) -> list[int]:
    """The bytes at which something happens; 0 is before the first."""
    return sorted({*range(0, length + 1, stride), *range(max(length - FENCE_BYTES, 0), length + 1)})


def of_bytes(kind: str, stride: int = 1, seed: int = 0, *, every_model: bool = False) -> Iterator[Case]:
    """The cases of a kind of slip."""
    longest = max(span(kind, model) for model in MODELS)
    if kind == "roll":
        stride = max(stride, ROLL_STRIDE)
    turn = seed
    for name, fault in FAULTS.items():
        restarts: tuple[Restart, ...] = ("same",) if fault.kills else RESTARTS
        for restart in restarts:
            turn += 1
            if every_model:
                for model in MODELS:
                    yield from (Case(kind, model, name, at, restart) for at in offsets(span(kind, model), stride))
                continue
            for place, at in enumerate(offsets(longest, stride)):
                yield Case(kind, _in_turn(kind, at, place + turn), name, at, restart)


def _in_turn(kind: str, at: int, turn: int) -> str:
    """The model whose turn it is, or the next one whose slip has that many bytes."""
    models = (MODELS[(turn + more) % len(MODELS)] for more in range(len(MODELS)))
    return next(model for model in models if span(kind, model) >= at)


def of_records(kind: str) -> Iterator[Case]:
    """posd killed at each record of a sale's life, on each model."""
    for model in MODELS:
        for number in range(1, records(kind, model) + 1):
            yield Case(kind, model, "kill", number, "same", "lost")
            yield Case(kind, model, "kill", number, "same", "kept")


def whole(kinds: Sequence[str] = KINDS, stride: int = 1, seed: int = 0, *, every_model: bool = False) -> Iterator[Case]:
    """All cases at each `stride`-th byte of these kinds of slips."""
    for kind in kinds:
        yield from of_bytes(kind, stride, seed, every_model=every_model)
        if kind not in ("long", "roll"):
            yield from of_records(kind)


def quick(seed: int) -> list[Case]:
    """A sample that fits into a test run: of each kind so many of its cases at each 16th byte, and of the records."""
    rng = Random(seed)
    every = {kind: list(of_bytes(kind, QUICK_STRIDE, seed)) for kind in QUICK}
    found = [case for kind, count in QUICK.items() for case in rng.sample(every[kind], count)]
    return found + rng.sample(list(of_records("plain")), QUICK_RECORDS)
