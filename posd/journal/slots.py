"""The superblock slots of a file: which one counts, and which copies are bad. Reads only.

The newest intact superblock counts, from whichever copy of its slot. Where the second copy of the slots lies follows
from the first copy's geometry, or else from the end of the file.
"""

from __future__ import annotations

import mmap

from msgspec import Struct

from posd.journal.errors import NotAJournal
from posd.journal.port import BlockFile
from posd.journal.ring import BLOCK, SLOTS
from posd.journal.superblock import Superblock, unpack_superblock


class Slots(Struct):
    """The superblock slots: the newest one, (good, bad) byte offsets to repair, and how many copies were bad."""

    newest: Superblock
    repairs: list[tuple[int, int]]
    bad: int
    unreadable: bool


def read_slots(file: BlockFile) -> Slots:
    """All superblock slots; NotAJournal if none is intact."""
    seen: list[tuple[int, int, Superblock | None]] = []
    unreadable: list[int] = []
    end = file.size // BLOCK * BLOCK
    for second in (False, True):
        start = max(0, end - SLOTS * BLOCK) if second else 0
        for slot, content in enumerate(_read_blocks(file, start, SLOTS)):
            superblock = unpack_superblock(content) if content is not None else None
            if content is None:
                unreadable.append(slot)
            if superblock is not None and superblock.generation % SLOTS != slot:
                superblock = None
            seen.append((start + slot * BLOCK, slot, superblock))
            if superblock is not None and not second:
                end = min(end, superblock.geometry.file_size)
    intact = [superblock for _, _, superblock in seen if superblock is not None]
    if not intact:
        raise NotAJournal(
            "no superblock of a journal can be read in it. Nothing was written: keep the file, it can be salvaged"
        )
    pairs = [(seen[slot], seen[slot + SLOTS]) for slot in range(SLOTS)]
    repairs = [
        (good, bad)
        for pair in pairs
        for (good, _, twin), (bad, _, old) in (pair, pair[::-1])
        if twin is not None and (old is None or old.generation < twin.generation)
    ]
    stale = sum(superblock is not None for _, bad in repairs for at, _, superblock in seen if at == bad)
    return Slots(
        newest=max(intact, key=lambda superblock: superblock.generation),
        repairs=repairs,
        bad=len(seen) - len(intact) + stale,
        unreadable=any(unreadable.count(slot) > 1 for slot in unreadable),
    )


def _read_blocks(file: BlockFile, start: int, count: int) -> list[bytes | None]:
    """Blocks from byte `start` on, None for each that cannot be read."""
    memory = memoryview(mmap.mmap(-1, count * BLOCK))
    pieces = [memory[at : at + BLOCK] for at in range(0, len(memory), BLOCK)]
    try:
        file.read_into(start, memory)
    except OSError:
        return [_read_block(file, start + at * BLOCK, piece) for at, piece in enumerate(pieces)]
    return [bytes(piece) for piece in pieces]


def _read_block(file: BlockFile, offset: int, into: memoryview) -> bytes | None:
    try:
        file.read_into(offset, into)
    except OSError:
        return None
    return bytes(into)
