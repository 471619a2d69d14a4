"""The journal as the desk and the api see it: events with sequence numbers instead of records with ids."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import msgspec

from posd.domain import codec, views
from posd.domain.events import AnyEvent, TransactionAccepted
from posd.domain.requests import ArchiveRead
from posd.journal import Archive, DiskShelf, Journal, JournalBusy, JournalFailed, JournalFull, NewRecord, Record
from posd.journal.link import Link

CROWDED_FILL = 0.6
RESERVE = 0.1
"""Share of the ring that the journal keeps from new sales: for outcomes that are larger than a block."""
log = logging.getLogger("posd.ledger")
_ACCEPTED = codec.TYPES["transaction.accepted"]


class _Numbered(msgspec.Struct):
    """What of an accepted transaction its label is made of."""

    receipt: str


_numbered = msgspec.json.Decoder(_Numbered)


def receipt_label(receipt: str) -> bytes:
    """Under what the archive finds the transaction with that receipt number; leading zeros do not count."""
    return b"\0receipt " + (receipt.lstrip("0") if receipt.isdecimal() else receipt).encode()


def labels(type_number: int, payload: bytes) -> tuple[bytes, ...]:
    """What an archived event is found by beside its transaction's id."""
    if type_number != _ACCEPTED:
        return ()
    try:
        return (receipt_label(_numbered.decode(payload).receipt),)
    except msgspec.DecodeError:  # of a later posd
        return ()


def archive_in(folder: str, keep_s: float) -> Archive:
    """An archive in that directory, of which files are deleted that are older than `keep_s`."""
    return Archive(DiskShelf(Path(folder)), round(keep_s * 1000), labels=labels)


class JournalLedger:
    """Implements desk.runner.Ledger and api.ports.EventSource over a Journal that is open. Loop thread only, but for
    what says otherwise.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def start(self, durable: Callable[[int], None], failed: Callable[[JournalFailed], None]) -> None:
        """Begin to write. Both are called on this loop, whichever thread writes; once it is closed nobody is left to
        hear them.
        """
        loop, thread = asyncio.get_running_loop(), threading.get_ident()

        def from_thread(call: Callable[..., None], *args: object) -> None:
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(call, *args)

        def on_durable(seq: int) -> None:
            if threading.get_ident() == thread:
                durable(seq)
            else:
                from_thread(durable, seq)

        self._journal.start(on_durable, partial(from_thread, failed), loop.call_soon)

    def append(self, records: Sequence[tuple[int, int, bytes, bytes]]) -> range:
        """Queue records, a new sale's too: whether sales are taken was asked before (`takes_sales`), and the reserve
        holds what was under way.
        """
        return self._journal.append([NewRecord(*record) for record in records])

    def takes_sales(self, promised: int) -> bool:
        """Whether there is room for a new sale beside `promised` records, the outcomes of all that is open: each takes
        a block of its own when they come one by one.
        """
        journal = self._journal
        return journal.free_blocks() >= promised + journal.ring_blocks * RESERVE

    def takes_outcomes(self, promised: int) -> bool:
        """Whether there is room for `promised` records, out of the reserve too."""
        return self._journal.free_blocks() >= promised

    def crowded(self) -> bool:
        """Whether it is time to give something up."""
        journal = self._journal
        return journal.free_blocks() < journal.ring_blocks * (1 - CROWDED_FILL)

    def read(self, seq: int) -> AnyEvent:
        """The event `seq`, out of the ring or the archive. LookupError when it is in neither, when the archive is
        damaged there, or when it is of a later posd.
        """
        record = self._journal.read(seq)
        event = codec.decode(record.type, record.version, record.payload)
        if event is None:
            raise LookupError(f"record {seq} is of a later posd (type {record.type}, version {record.version})")
        return event

    def replay(self, start: int) -> Iterator[tuple[int, AnyEvent]]:
        """Durable events from `start` on, in order, out of the archive and the ring; what a later posd wrote is passed
        over. LookupError when the ring overtakes the reader, or when the archive is damaged.
        """
        return _decoded(self._journal.records(start))

    def kept(self) -> Iterator[tuple[int, AnyEvent]]:
        """The events that the ring holds, in order: first those that are there only as copies carried forward."""
        return _decoded(self._journal.kept())

    def first_seq(self) -> int:
        """The oldest sequence number from which on nothing is missing, in the archive or the ring."""
        return self._journal.past.first_id()

    def first_kept(self) -> int:
        """The oldest sequence number in the ring, but for copies carried forward."""
        return self._journal.info().first_id

    def first_owed(self) -> int:
        """From which sequence number on the ring is kept."""
        return self._journal.info().first_owed

    def place(self, seq: int) -> int:
        """The highest number from which on the ring must be kept so that it holds `seq`, or its newest copy."""
        return self._journal.place(seq)

    def archived(self) -> int | None:
        """Up to which sequence number the archive has everything; None without an archive."""
        return self._journal.past.archived_through()

    def past(self, sale_id: str, parts: Sequence[int]) -> list[tuple[int, AnyEvent]]:
        """The events of a transaction: those that the archive has, and `parts`, which may not have come there yet. On
        any thread. LookupError, OSError.
        """
        archive = self._journal.past.archived
        seqs = set(parts) | set(archive.of(sale_id.encode()) if archive is not None else ())
        return [(seq, self.read(seq)) for seq in sorted(seqs)]

    def may_have(self, sale_id: str) -> bool:
        """False only where the archive has no record of that transaction. Reads no disk."""
        archive = self._journal.past.archived
        return archive is not None and archive.may_have(sale_id.encode())

    def learn(self) -> None:
        """Have the names of all transactions in the archive; until then `may_have` is always true. On any thread."""
        archive = self._journal.past.archived
        if archive is not None:
            archive.learn()

    def numbered(self, receipt: str, parts: Sequence[int]) -> str | None:
        """The id of the newest transaction with that receipt number, of those that the archive has and of the events
        `parts`, which may not have come there yet. On any thread. LookupError, OSError.
        """
        archive, label = self._journal.past.archived, receipt_label(receipt)
        seqs = {*parts, *(archive.labelled(label) if archive is not None else ())}
        for seq in sorted(seqs, reverse=True):
            event = self.read(seq)
            if isinstance(event, TransactionAccepted) and receipt_label(event.receipt) == label:
                return event.transaction.id
        return None

    def trust(self, skew_ms: int) -> None:
        """By how much the wall clock is taken to be ahead: what is past its time goes by what is left."""
        self._journal.past.trust(skew_ms)

    def accepted(self, before: int) -> Iterator[tuple[int, TransactionAccepted]]:
        """What the archive has of accepted transactions, from below `before` down. On any thread."""
        archive = self._journal.past.archived
        for records in archive.newest(before) if archive is not None else ():
            for record in records:
                if record.type == _ACCEPTED:
                    event = codec.decode(record.type, record.version, record.payload)
                    if isinstance(event, TransactionAccepted):
                        yield record.id, event

    def carry(self, seqs: Sequence[int], first_owed: int) -> bool:
        """Copy events forward in the ring under their numbers; then what stands below `first_owed` may leave it. False
        where there is no room for them: nothing was done.
        """
        try:
            self._journal.carry([self._journal.read(seq) for seq in seqs], first_owed)
        except (JournalFull, JournalBusy):
            return False
        return True

    def tend(self) -> None:
        """Make an index of the archive if one is missing. On any thread."""
        archive = self._journal.past.archived
        try:
            if archive is not None:
                archive.tend()
        except (LookupError, OSError) as error:
            log.error("an index of the archive cannot be made: %s", error)

    def durable_seq(self) -> int:
        """The newest synced sequence number, 0 if none."""
        return self._journal.durable_id

    def release(self, first_owed: int) -> None:
        """What stands below `first_owed` may leave the ring when its place is needed."""
        self._journal.release(first_owed)

    def page(self, first: int) -> views.BackupPage:
        """A page of a backup. Reads the disk; any thread. JournalError."""
        page = self._journal.page(first)
        from posd.journal.copies import unpacked

        end = unpacked(page).durable
        return views.BackupPage(
            base64.b64encode(page.superblock).decode(),
            page.first,
            base64.b64encode(page.blocks).decode(),
            f"{end.chain.hex()}@{end.next_id - 1}",
        )

    def archive_page(self, ask: ArchiveRead) -> views.ArchivePage:
        """The archive's files, or a piece of one. Reads the disk; any thread. FileNotFoundError, OSError."""
        archive = self._journal.past.archived
        if ask.batch is None:
            entries = archive.entries() if archive is not None else []
            return views.ArchivePage([views.ArchiveFileView(*entry) for entry in entries])
        data = archive.piece(ask.batch, ask.turn, ask.from_) if archive is not None else b""
        return views.ArchivePage([], base64.b64encode(data).decode())

    def stored(self, seq: int) -> Record:
        """The record `seq` as it is kept. As `read`, but of a later posd's too; any thread."""
        return self._journal.read(seq)

    def batch_of(self, seq: int) -> Link:
        """The batch that has the record, with what ties it to all before it. As `stored`."""
        return self._journal.past.batch_of(seq)

    def records(self, start: int) -> Iterator[Record]:
        """Durable records from `start` on, in order, as they are kept; as `replay`, on any thread."""
        return self._journal.records(start)

    def view(self, advice: str = "") -> views.JournalView:
        """What clients see of it. `advice`: what is the matter with it, if something is that only the caller knows."""
        info = self._journal.info()
        if info.scrub_lost and not advice:
            blocks = f"{info.scrub_lost} block{'s' if info.scrub_lost > 1 else ''}"
            advice = f"{blocks} cannot be read in either copy; posctl journal verify {info.path} says what is lost"
        advice = advice or self._journal.past.trouble()
        if info.warning and not advice:
            advice = f"{100 * info.fill:.0f} % of it is still owed; settle what `posctl exceptions` lists"
        return views.JournalView(
            path=info.path,
            state="ok" if info.state == "ready" else info.state,
            size=info.size,
            used=info.used,
            fill=round(info.fill, 4),
            first=info.first_id,
            last=info.last_id,
            durable=info.durable_id,
            epoch=info.epoch,
            mirror=info.mirror,
            direct=info.direct,
            laps=info.laps,
            commits=info.commits,
            chain=info.chain,
            advice=advice,
            seals=self._journal.sealed,
            commit_ms=self._journal.commit_times(),
            lost=[views.Lost(gap.first_id, gap.last_id) for gap in self._journal.recovery.lost],
            repaired=self._journal.recovery.repaired_blocks + info.scrub_repaired,
        )


def _decoded(records: Iterator[Record]) -> Iterator[tuple[int, AnyEvent]]:
    for record in records:
        event = codec.decode(record.type, record.version, record.payload)
        if event is not None:
            yield record.id, event
