"""Copies of a journal that are journals themselves: a backup, its restoring, and the copy that is put aside.

A backup holds the live blocks in their places, zeros elsewhere, and superblocks that say "stopped cleanly, here": so
it is verified, dumped and opened like any other. The chain behind its last batch is its anchor.

While posd runs its blocks come in pages over the socket, oldest first, and each page says where the head is by now.
Only the head moves, and only onwards: blocks from the newest head on were not overwritten while they were copied; there
the copy begins.

Nothing is ever written over a file that exists: the copy is made under another name, synced, and linked to its own.
"""

from __future__ import annotations

import contextlib
import hashlib
import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from posd.journal.errors import JournalBusy, JournalDamaged, JournalError, RecordUnreadable
from posd.journal.file import DiskFile, new_file, open_to_look
from posd.journal.log import Log
from posd.journal.look import Progress, look, quiet
from posd.journal.port import BlockFile
from posd.journal.ring import BLOCK, SLOTS
from posd.journal.superblock import Superblock, pack_superblock, unpack_superblock
from posd.journal.verify import verify
from posd.journal.window import Window

PAGE_BLOCKS = 64
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Page:
    """Some blocks of a running journal: `blocks` from number `first` on. `superblock` (4096 bytes) says where head and
    end are now, as if it had stopped there.
    """

    superblock: bytes
    first: int
    blocks: bytes


@dataclass(frozen=True, slots=True)
class Copied:
    """A copy that was made and verified: its size in bytes, the ids of its records, its anchor."""

    path: str
    size: int
    first: int
    last: int
    anchor: str


def read_page(file: BlockFile, superblock: Superblock, first: int) -> Page:
    """The page at block `first`, or at the head if that is behind it. RecordUnreadable if a block is intact nowhere."""
    first = max(first, superblock.head.block)
    count = max(0, min(PAGE_BLOCKS, superblock.durable.block - first))
    windows = [Window(file, superblock.geometry, copy, PAGE_BLOCKS) for copy in range(superblock.geometry.copies)]
    blocks = []
    for number in range(first, first + count):
        for window in windows:
            if not window.holds(number):
                window.load(number, first + count - number)
            if window.header(number) is not None:
                blocks.append(bytes(window.block(number)))
                break
        else:
            raise RecordUnreadable(
                f"block {number} is in no copy intact. No backup was made; restart posd to have the journal checked"
            )
    return Page(pack_superblock(replace(superblock, clean=True)), first, b"".join(blocks))


def live_page(log: Log, first: int) -> Page:
    """The page at block `first` of a journal that is being written; RecordUnreadable."""
    while True:
        with log.lock:
            now = replace(log.superblock, head=log.head, durable=log.tail)
        try:
            return read_page(log.file, now, first)
        except RecordUnreadable:
            if log.head == now.head:  # else the block was given up meanwhile
                raise


def backup(pages: Iterator[Page], target: Path, progress: Progress = quiet) -> Copied:
    """Make a backup of the pages at `target`: as many as it takes to get to the end that the first one names.

    FileExistsError; JournalBusy if the journal overtakes the copy; JournalError; OSError.
    """
    page = next(pages)
    end = unpacked(page)
    with new_file(target, end.geometry.file_size) as file:
        memory = memoryview(mmap.mmap(-1, PAGE_BLOCKS * BLOCK))
        start = page.first
        while True:
            # What was written since the first page is not part of this copy.
            count = min(len(page.blocks) // BLOCK, end.durable.block - page.first)
            memory[: count * BLOCK] = page.blocks[: count * BLOCK]
            for copy in range(end.geometry.copies):
                for offset, at, to in end.geometry.pieces(copy, page.first, count):
                    file.write(offset, memory[at:to])
            done = page.first + count
            progress(done - start, end.durable.block - start)
            newest = unpacked(page)
            if newest.head.block > end.durable.block:
                raise JournalBusy("the journal went round while it was copied. Nothing was made; try again")
            if done >= end.durable.block:
                break
            page = next(pages)
        _finish(file, replace(end, head=newest.head, generation=newest.generation))
    return _checked(target)


def unpacked(page: Page) -> Superblock:
    """The superblock of a page. JournalError."""
    superblock = unpack_superblock(page.superblock)
    if superblock is None:
        raise JournalError("what came is no superblock of a journal. Nothing was made")
    return superblock


def _finish(file: BlockFile, superblock: Superblock) -> None:
    slot = memoryview(mmap.mmap(-1, BLOCK))
    for generation in range(superblock.generation + 1, superblock.generation + 1 + SLOTS):
        slot[:] = pack_superblock(replace(superblock, generation=generation, clean=True))
        for offset in superblock.geometry.slot_offsets(generation):
            file.write(offset, slot)


def offline_pages(path: Path) -> Iterator[Page]:
    """The pages of a journal that no posd has open. JournalBusy if one has, JournalDamaged if it is not sound."""
    seen = look(path)
    try:
        if seen.in_use:
            raise JournalBusy(f"{path} is in use. Nothing was made; ask the posd that has it open")
        if seen.found.damaged:
            raise JournalDamaged(f"{path}: {seen.report.sentence}", seen.found.lost)
        superblock = replace(seen.found.superblock, durable=seen.found.tail)
        first = superblock.head.block
        while True:
            page = read_page(seen.file, superblock, first)
            first = page.first + len(page.blocks) // BLOCK
            yield page
    finally:
        seen.close()


def restore(source: Path, target: Path, progress: Progress = quiet) -> Copied:
    """Put a backup in the place of a journal that is not there, every byte of it real (nothing sparse).

    JournalDamaged if the backup is not sound; FileExistsError; JournalError; OSError.
    """
    checked = verify(source)
    if checked.verdict != "sound":
        raise JournalDamaged(f"{source}: {checked.report}", checked.lost)
    if checked.in_use:
        raise JournalBusy(f"{source} is in use. Nothing was made; make a backup of it and restore that")
    with contextlib.closing(open_to_look(source)) as old, new_file(target, old.size) as file:
        _pour(old, file, progress)
    return _checked(target)


def put_aside(source: Path, folder: Path, stamp: str) -> Path:
    """A copy of a damaged journal in `folder`, `<name>.damaged-<stamp>`; what cannot be read is zeros in it.

    One that is there already is kept as it is. OSError.
    """
    target = folder / f"{source.name}.damaged-{stamp}"
    with contextlib.closing(open_to_look(source)) as old:
        if not target.exists():
            with new_file(target, old.size) as file:
                _pour(old, file, quiet)
    return target


def stamp_of(superblock: Superblock) -> str:
    """A word for the state of a journal: the same damage found again at the next start has the same."""
    return hashlib.sha256(pack_superblock(superblock)).hexdigest()[:12]


def _pour(old: BlockFile, file: DiskFile, progress: Progress) -> None:
    """Every byte of `old`; blocks that cannot be read become zeros."""
    memory = memoryview(mmap.mmap(-1, _CHUNK))
    for offset in range(0, old.size, _CHUNK):
        size = min(_CHUNK, old.size - offset)
        try:
            old.read_into(offset, memory[:size])
        except OSError:
            for at in range(0, size, BLOCK):
                piece = memory[at : min(at + BLOCK, size)]
                try:
                    old.read_into(offset + at, piece)
                except OSError:
                    piece[:] = bytes(len(piece))
        file.write(offset, memory[:size])
        progress(offset + size, old.size)


def _checked(target: Path) -> Copied:
    """What was made, read back: a backup that cannot be read is none."""
    checked = verify(target)
    if checked.verdict != "sound":
        target.unlink()
        raise JournalError(f"the copy is not sound ({checked.report}). It was removed; try again, or look at the disk")
    return Copied(str(target), target.stat().st_size, checked.first, checked.last, str(checked.anchor))
