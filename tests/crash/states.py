"""The images that a crash at one moment can leave behind.

Between two syncs every sector of what was written may end as the old one, the new one, zeros or garbage, independently
of the others. All of that cannot be tried; tried are: nothing, all, every prefix in the order of writing, every single
omission (old, zeros, garbage), every single inclusion, and random mixtures.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from tests.crash.disk import SimDisk

Patch = list[tuple[int, bytes]]


def changes(disk: SimDisk, sector: int) -> list[tuple[int, bytes, bytes]]:
    """(offset, old, new) of each sector that pending writes change, in the order of writing."""
    found: dict[int, tuple[int, bytes, bytes]] = {}
    for start, piece in disk.pending:
        for at in range(0, len(piece), sector):
            new = piece[at : at + sector]
            old = bytes(disk.durable[start + at : start + at + sector])
            if new != old:
                found[start + at] = (start + at, old, new)
    return list(found.values())


def patches(changed: list[tuple[int, bytes, bytes]], rng: random.Random, mixtures: int) -> Iterator[Patch]:
    """What is written over the durable image, one patch a state."""
    yield []
    new = [(offset, fresh) for offset, _, fresh in changed]
    for end in range(1, len(new) + 1):
        yield new[:end]
    for spared in range(len(new)):
        offset, fresh = new[spared]
        others = new[:spared] + new[spared + 1 :]
        yield others
        yield [*others, (offset, bytes(len(fresh)))]
        yield [*others, (offset, rng.randbytes(len(fresh)))]
        yield [(offset, fresh)]
    for _ in range(mixtures):
        keep, zero = rng.random(), rng.random() * 0.2
        patch: Patch = []
        for offset, fresh in new:
            roll = rng.random()
            if roll < keep:
                patch.append((offset, fresh))
            elif roll < keep + zero:
                patch.append((offset, bytes(len(fresh)) if rng.random() < 0.5 else rng.randbytes(len(fresh))))
        yield patch


def apply(durable: bytearray, patch: Patch) -> bytearray:
    """The image that the patch makes of the durable one."""
    image = bytearray(durable)
    for offset, piece in patch:
        image[offset : offset + len(piece)] = piece
    return image
