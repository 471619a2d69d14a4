"""From a path to a running log: make the file, or recover it, and begin a new epoch.

Rules
- A file is made under another name, with real zeros throughout, synced, only then given its name, and that synced.
  An existing file is never formatted.
- Repairs copy good blocks over bad ones; they become durable with the superblock that follows, which does not rely on
  them.
- The new superblock (epoch + 1, epoch start = durable = T) is synced before anything is appended.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable
from threading import Lock

from msgspec import Struct, field
from msgspec.structs import replace

from posd.journal.block import genesis
from posd.journal.errors import JournalError, JournalFailed, LostRange
from posd.journal.index import Index
from posd.journal.log import Log
from posd.journal.port import BlockFile, Store
from posd.journal.recover import Found, recover
from posd.journal.ring import BLOCK, SLOTS, Geometry
from posd.journal.superblock import Position, Superblock, pack_superblock

Entropy = Callable[[int], bytes]

_ZEROS = 1 << 20


class RecoveryReport(Struct, frozen=True):
    """What opening found and did. `case` is the letter of the table in `recover`; `lost` is empty unless it is
    damaged.
    """

    case: str
    clean: bool
    epoch: int
    dropped_blocks: int
    repaired_blocks: int
    repaired_slots: int
    bad_slots: int
    read_only: bool
    lost: tuple[LostRange, ...]
    direct: bool
    sentence: str


class Opened(Struct):
    """An opened journal. `log` is None if it is damaged and may only be read; `compared`: ring B was held against A."""

    file: BlockFile
    report: RecoveryReport
    superblock: Superblock
    tail: Position
    index: Index
    log: Log | None
    compared: bool
    lock: Lock = field(default_factory=Lock)


def open_log(store: Store, geometry: Geometry, entropy: Entropy) -> Opened:
    """Open or make the journal. `geometry` counts only for a new one. JournalLocked, NotAJournal, JournalFailed.

    A damaged journal is returned with `log` None, and nothing was written to it.
    """
    file = None
    try:
        file = store.open()
        made = file is None
        if file is None:
            file = _make(store, geometry, entropy)
        # Also where it was there already: whoever made it may have died between renaming it and this sync.
        store.sync()
        return _begin(file, entropy, made=made)
    except OSError as error:
        if file is not None:
            file.close()
        raise JournalError(
            f"the journal cannot be opened: {error}. What it holds was kept; check its owner, its rights and the disk"
        ) from error
    except BaseException:
        if file is not None:
            file.close()
        raise


def _make(store: Store, geometry: Geometry, entropy: Entropy) -> BlockFile:
    file = None
    try:
        file = store.create(geometry.file_size)
        _format(file, geometry, entropy)
        store.rename()
    except JournalError:
        raise
    except OSError as error:
        if file is not None:
            file.close()
            store.discard()
        raise JournalFailed(
            f"the journal could not be made: {error}. Nothing was kept. Make sure that {geometry.file_size >> 20} MiB "
            "are free and the directory may be written, then start again"
        ) from error
    return file


def _format(file: BlockFile, geometry: Geometry, entropy: Entropy) -> None:
    zeros = memoryview(mmap.mmap(-1, min(_ZEROS, geometry.file_size)))
    for offset in range(0, geometry.file_size, len(zeros)):
        file.write(offset, zeros[: min(len(zeros), geometry.file_size - offset)])
    uuid = entropy(16)
    salt = int.from_bytes(entropy(8), "little")
    start = Position(0, 0, 1, genesis(uuid))
    slot = memoryview(mmap.mmap(-1, BLOCK))
    for generation in range(1, SLOTS + 1):
        slot[:] = pack_superblock(Superblock(generation, uuid, geometry, True, 1, salt, 0, start, start))
        for offset in geometry.slot_offsets(generation):
            file.write(offset, slot)
    file.sync()


def _begin(file: BlockFile, entropy: Entropy, *, made: bool) -> Opened:
    file.settle()
    found = recover(file)
    if found.damaged:
        return only_read(file, found)
    _repair(file, found)
    old = found.superblock
    salt = int.from_bytes(entropy(8), "little")
    begun = replace(
        old, generation=old.generation + 1, clean=False, epoch=old.epoch + 1, salt=salt,
        epoch_start=found.tail.block, durable=found.tail,
    )  # fmt: skip
    slot = memoryview(mmap.mmap(-1, BLOCK))
    slot[:] = pack_superblock(begun)
    file.commit([(offset, slot) for offset in old.geometry.slot_offsets(begun.generation)])
    report = _report(found, begun, file, made=made)
    log = Log(file, begun, found.index)
    return Opened(file, report, begun, found.tail, found.index, log, found.compared, log.lock)


def look_log(store: Store) -> Opened:
    """Open the journal for reading alone. JournalLocked, NotAJournal, JournalError."""
    try:
        file = store.look()
        if file is None:
            raise JournalError("there is no journal to read. Nothing was written")
        try:
            file.settle()
            return only_read(file, recover(file))
        except BaseException:
            file.close()
            raise
    except OSError as error:
        raise JournalError(
            f"the journal cannot be read: {error}. What it holds was kept; check its owner, its rights and the disk"
        ) from error


def only_read(file: BlockFile, found: Found) -> Opened:
    """What was found, for reading alone: nothing was written and nothing will be."""
    report = _report(found, found.superblock, file, made=False)
    return Opened(file, report, found.superblock, found.tail, found.index, None, compared=True)


def _repair(file: BlockFile, found: Found) -> None:
    geometry = found.superblock.geometry
    pairs = [
        (geometry.offset(repair.source, repair.number), geometry.offset(1 - repair.source, repair.number))
        for repair in found.repairs
    ]
    if not pairs and not found.slot_repairs:
        return
    block = memoryview(mmap.mmap(-1, BLOCK))
    for good, bad in (*pairs, *found.slot_repairs):
        file.read_into(good, block)
        file.write(bad, block)


def _report(found: Found, now: Superblock, file: BlockFile, *, made: bool) -> RecoveryReport:
    case = "A" if made else found.case
    return RecoveryReport(
        case=case, clean=case in "AD", epoch=now.epoch, dropped_blocks=found.dropped_blocks,
        repaired_blocks=0 if found.damaged else len(found.repairs),
        repaired_slots=0 if found.damaged else len(found.slot_repairs), bad_slots=found.bad_slots,
        read_only=found.damaged, lost=found.lost, direct=file.direct, sentence=_sentence(case, found),
    )  # fmt: skip


def _sentence(case: str, found: Found) -> str:
    last = found.tail.next_id - 1
    if found.damaged:
        lost = ", ".join(map(str, found.lost))
        return (
            f"the journal is damaged (case {case}): {lost} cannot be read. Nothing was written and what is intact "
            "can still be read; take a copy of the file before anything else, then have it salvaged"
        )
    after_crash = f"recovered after a crash; all is there up to record {last}"
    text = {
        "A": "a new journal was made",
        "D": f"stopped cleanly; all is there up to record {last}",
        "E": after_crash,
        "F": f"{after_crash}, {found.dropped_blocks} blocks of an unfinished write were dropped",
    }[case]
    if found.repairs or found.bad_slots:
        text += (
            f"; {len(found.repairs)} blocks were repaired from their twin, {found.bad_slots} superblock copies were bad"
        )
    return text
