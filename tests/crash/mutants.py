"""The journal with one guard taken out at a time. What kills each is in kills.py.

A mutant is a function that takes pytest's monkeypatch and breaks the real code.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from posd.journal import log, opening, recover, window, writer
from posd.journal.block import PAYLOAD, BlockHeader, read_header
from posd.journal.entries import Entry
from posd.journal.errors import NotAJournal
from posd.journal.log import Log
from posd.journal.port import BlockFile, Store
from posd.journal.recover import Walk
from posd.journal.ring import BLOCK, SLOTS, Geometry
from posd.journal.scrub import Scrub
from posd.journal.writer import Writer


def no_sync(patch: pytest.MonkeyPatch) -> None:
    def guarded(self: Log, writes: Sequence[tuple[int, memoryview]]) -> None:
        for offset, data in writes:
            self.file.write(offset, data)

    patch.setattr(Log, "_guarded", guarded)


def answer_before_sync(patch: pytest.MonkeyPatch) -> None:
    commit = Writer.commit

    def hasty(self: Writer, batch: list[Entry]) -> None:
        records = sum(entry.records for entry in batch)
        self.on_durable(self._log.tail.next_id + records - 1, 0)
        commit(self, batch)

    patch.setattr(Writer, "commit", hasty)


def no_epoch_start(patch: pytest.MonkeyPatch) -> None:
    """Any epoch that is not newer than the superblock's counts, as in journals that know no epoch start."""

    def fits(self: Walk, header: BlockHeader) -> bool:
        at = self.at
        agree = (header.sequence, header.first_id, header.chain) == (at.sequence, at.next_id, at.chain)
        return not header.part and agree and self._epoch <= header.epoch <= self._superblock.epoch

    patch.setattr(Walk, "_fits", fits)
    patch.setattr(recover, "same_batch", lambda first, other, index: other.part == index and other.parts == first.parts)


def no_chain_epoch_number(patch: pytest.MonkeyPatch) -> None:
    def fits(self: Walk, header: BlockHeader) -> bool:
        return not header.part and header.number + header.parts <= self._rings.stop

    def header(self: window.Window, number: int) -> BlockHeader | None:
        found = read_header(self.view, (number - self.first) * BLOCK)
        return None if found is None else found._replace(number=number)

    patch.setattr(Walk, "_fits", fits)
    patch.setattr(window.Window, "header", header)


def space_reused_before_head_is_durable(patch: pytest.MonkeyPatch) -> None:
    write = Log._write_superblock

    def advance(self: Log, head: int) -> None:
        self.head = self.position(head)
        self.space.head = head
        self.index.drop_before(head)

    def late(self: Log, head: Any, *, clean: bool) -> None:
        write(self, head, clean=clean)

    patch.setattr(Log, "advance", advance)
    patch.setattr(Log, "_write_superblock", late)


def shared_partial_block(patch: pytest.MonkeyPatch) -> None:
    """A small batch is added to the block before it, which is written again."""
    commit = Log.commit
    last: dict[int, tuple[Any, bytes, int]] = {}

    def shared(self: Log, body: bytes, records: int, flags: int = 0, carried: Sequence[int] = ()) -> None:
        before = last.get(id(self))
        if (
            before is not None
            and records
            and len(before[1]) + len(body) <= PAYLOAD
            and before[0].block >= self.head.block
        ):
            self.tail, body, records = before[0], before[1] + body, before[2] + records
            self.index.drop_from(self.tail.block)  # type: ignore[attr-defined]
        last[id(self)] = (self.tail, body, records)
        commit(self, body, records, flags, carried)
        if not records:
            last.pop(id(self))

    def drop_from(self: Any, block: int) -> None:
        while self._blocks and self._blocks[-1] >= block:
            self._ids.pop(), self._counts.pop(), self._blocks.pop()

    patch.setattr(Log, "commit", shared)
    patch.setattr(log.Index, "drop_from", drop_from, raising=False)


def no_directory_sync(patch: pytest.MonkeyPatch) -> None:
    begin = opening.open_log

    def hasty(store: Store, geometry: Geometry, entropy: opening.Entropy) -> opening.Opened:
        patch.setattr(type(store), "sync", lambda self: None)
        return begin(store, geometry, entropy)

    patch.setattr("tests.crash.explore.open_log", hasty)


def superblock_not_synced_at_open(patch: pytest.MonkeyPatch) -> None:
    """The new epoch is used before the superblock that begins it is durable."""

    class Lazy:
        def __init__(self, file: BlockFile) -> None:
            self.file = file

        def __getattr__(self, name: str) -> Any:
            return getattr(self.file, name)

        def commit(self, writes: Sequence[tuple[int, memoryview]]) -> None:
            for offset, data in writes:
                self.file.write(offset, data)

    begin = opening._begin

    def hasty(file: BlockFile, entropy: opening.Entropy, *, made: bool) -> opening.Opened:
        opened = begin(Lazy(file), entropy, made=made)
        opened.file = file
        if opened.log is not None:
            opened.log.file = file
        return opened

    patch.setattr(opening, "_begin", hasty)


def _unchecked(patch: pytest.MonkeyPatch, **fields: str) -> None:
    """Walk on as if these fields of the block were what is expected."""
    fits = Walk._fits

    def blind(self: Walk, header: BlockHeader) -> bool:
        expected = {
            "epoch": self._superblock.epoch if header.number >= self._superblock.epoch_start else self._epoch or 1,
            "salt": self._superblock.salt if header.number >= self._superblock.epoch_start else self._salt,
            "chain": self.at.chain,
        }
        return fits(self, header._replace(**{name: expected[name] for name in fields}))

    patch.setattr(Walk, "_fits", blind)


def no_epoch_check(patch: pytest.MonkeyPatch) -> None:
    """Neither epoch and salt, nor the generation that goes with them."""
    _unchecked(patch, epoch="", salt="")
    same = recover.same_batch

    def blind(first: BlockHeader, other: BlockHeader, part: int) -> bool:
        return same(first, other._replace(epoch=first.epoch, salt=first.salt, generation=first.generation), part)

    patch.setattr(recover, "same_batch", blind)


def no_chain_check(patch: pytest.MonkeyPatch) -> None:
    _unchecked(patch, chain="")


def no_number_check(patch: pytest.MonkeyPatch) -> None:
    def header(self: window.Window, number: int) -> BlockHeader | None:
        found = read_header(self.view, (number - self.first) * BLOCK)
        return None if found is None else found._replace(number=number)

    patch.setattr(window.Window, "header", header)


def no_generation(patch: pytest.MonkeyPatch) -> None:
    note = Walk._note

    def blind(self: Walk, at: window.Window, number: int) -> bool:
        found = note(self, at, number)
        self.newest_generation = 0
        return found

    patch.setattr(Walk, "_note", blind)


def watermark_stuck(patch: pytest.MonkeyPatch) -> None:
    pack = log.pack_batch
    patch.setattr(log, "pack_batch", lambda into, batch, body: pack(into, replace(batch, durable=0), body))


def no_mark(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Writer, "mark", lambda self: None)


def retry_after_error(patch: pytest.MonkeyPatch) -> None:
    guarded = Log._guarded

    def again(self: Log, writes: Sequence[tuple[int, memoryview]]) -> None:
        try:
            guarded(self, writes)
        except writer.JournalFailed:
            self._stopped = None
            guarded(self, writes)

    patch.setattr(Log, "_guarded", again)


def truncating_on_a_read_error(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Walk, "unreadable", lambda self: set())


def formatting_over_a_bad_superblock(patch: pytest.MonkeyPatch) -> None:
    begin = opening._begin

    def eager(file: BlockFile, entropy: opening.Entropy, *, made: bool) -> opening.Opened:
        try:
            return begin(file, entropy, made=made)
        except NotAJournal:
            opening._format(file, Geometry(file.size // BLOCK - 2 * SLOTS, mirror=False), entropy)
            return begin(file, entropy, made=True)

    patch.setattr(opening, "_begin", eager)


def cached_read_after_error(patch: pytest.MonkeyPatch) -> None:
    """What a failed sync left in the cache is believed at the next start."""
    begin = opening._begin

    class Unsettled:
        def __init__(self, file: BlockFile) -> None:
            self.file = file

        def __getattr__(self, name: str) -> Any:
            return getattr(self.file, name)

        def settle(self) -> None:
            self.file.sync()

    patch.setattr(opening, "_begin", lambda file, entropy, *, made: begin(Unsettled(file), entropy, made=made))


def no_repair(patch: pytest.MonkeyPatch) -> None:
    """What is bad in one copy stays bad when the journal is opened after a crash."""
    patch.setattr(opening, "_repair", lambda file, found: None)


def no_scrub(patch: pytest.MonkeyPatch) -> None:
    """The same after a clean stop."""
    patch.setattr(Scrub, "_compare", lambda self, number: None)


def released_before_the_copy_is_durable(patch: pytest.MonkeyPatch) -> None:
    commit = Writer.commit

    def hasty(self: Writer, batch: list[Entry]) -> None:
        self.first_owed = max(self.first_owed, *[entry.release for entry in batch])
        commit(self, batch)

    patch.setattr(Writer, "commit", hasty)
