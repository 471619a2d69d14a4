"""The images that a crash at one moment can leave behind.

Between two syncs every sector of what was written may end as the old one, the new one, zeros or garbage, independently
of the others. All of that cannot be tried; tried are: nothing, all, every prefix in the order of writing, every single
omission (old, zeros, garbage), every single inclusion, and random mixtures. What two of these have in common is tried
once: all patches of one moment differ.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

from tests.crash.disk import Piece, SimDisk


class Change(NamedTuple):
    """One sector that pending writes change."""

    offset: int
    old: bytes
    new: bytes


Patch = list[Piece]
Kind = str

KINDS: tuple[Kind, ...] = (
    "nothing arrived",
    "all arrived",
    "only the first sectors",
    "one sector missing",
    "one sector zeros",
    "one sector garbage",
    "one sector alone",
    "random mixture",
)


def changes(disk: SimDisk, sector: int) -> list[Change]:
    """Each sector that pending writes change, in the order of writing."""
    found: dict[int, Change] = {}
    for start, piece in disk.pending:
        for at in range(0, len(piece), sector):
            new = piece[at : at + sector]
            old = bytes(disk.durable[start + at : start + at + sector])
            if new != old:
                found[start + at] = Change(start + at, old, new)
    return list(found.values())


def patches(changed: list[Change], rng: random.Random, mixtures: int) -> Iterator[tuple[Kind, Patch]]:
    """What is written over the durable image, one patch a state, no two alike."""
    seen = set()
    for kind, patch in _candidates(changed, rng, mixtures):
        key = hash(tuple(patch))
        if key not in seen:
            seen.add(key)
            yield kind, patch


def _candidates(changed: list[Change], rng: random.Random, mixtures: int) -> Iterator[tuple[Kind, Patch]]:
    yield "nothing arrived", []
    new = [(offset, fresh) for offset, _, fresh in changed]
    yield "all arrived", new
    for end in range(1, len(new)):
        yield "only the first sectors", new[:end]
    for spared, (offset, old, fresh) in enumerate(changed):
        before, after = new[:spared], new[spared + 1 :]
        yield "one sector missing", before + after
        if any(old):
            yield "one sector zeros", [*before, (offset, bytes(len(fresh))), *after]
        yield "one sector garbage", [*before, (offset, rng.randbytes(len(fresh))), *after]
        yield "one sector alone", [(offset, fresh)]
    for _ in range(mixtures if len(changed) > 1 else 0):
        keep, spoil = rng.random(), rng.random() * 0.2
        patch: Patch = []
        for offset, old, fresh in changed:
            roll = rng.random()
            if roll < keep:
                patch.append((offset, fresh))
            elif roll < keep + spoil:
                zeros = any(old) and rng.random() < 0.5
                patch.append((offset, bytes(len(fresh)) if zeros else rng.randbytes(len(fresh))))
        yield "random mixture", patch


def apply(durable: bytearray, patch: Patch) -> bytearray:
    """The image that the patch makes of the durable one."""
    image = bytearray(durable)
    for offset, piece in patch:
        image[offset : offset + len(piece)] = piece
    return image
