"""What the journal holds about one transaction, page by page: its records, and how the box was around them.

Rules
- The transaction's own records are all there, in order, each with the batch that has it.
- Around each of them stands how every device was (its newest change before), and each change of a device and each doubt
  about the clock within `AROUND_MS` of it by the records' own times. They are looked for among the `LOOK_MAX` records
  before and behind it; a page says which records were looked through, so that nobody takes silence for a fact.
- A shop that gives nothing about persons gives what happened when, digests and anchors: no batch has a body then.
"""

from __future__ import annotations

import base64
import hashlib
import logging
from collections.abc import Sequence

import msgspec

from posd.domain import codec, views
from posd.domain.moment import iso_utc
from posd.journal import JournalError, Record
from posd.journal.link import Link
from posd.ledger import JournalLedger

PAGE_BYTES = 256 * 1024
"""Bytes of batches in a page; one batch is never more."""
AROUND_MS = 600_000
LOOK_MAX = 2000
LOOKED_MAX = 100_000
"""So many records are looked through in all: of a transaction with very many far apart, fewer around each."""
_CLOCK = (codec.TYPES["clock.suspect"], codec.TYPES["clock.trusted"])
_BOX = (codec.TYPES["device.changed"], *_CLOCK)


class _Stated(msgspec.Struct):
    """What is read of a record to find and name it, of a later posd's too."""

    type: str
    time: int
    device: str = "clock"


log = logging.getLogger("posd.evidence")
_stated = msgspec.json.Decoder(_Stated)


def page(ledger: JournalLedger, sale_id: str, seqs: Sequence[int], start: int, *, personal: bool) -> views.EvidencePage:
    """A page of what the journal holds about a transaction whose records `seqs` are, in order, from `start` on. Reads
    the disk; any thread. LookupError, JournalError, OSError.
    """
    spans = [span for span in _spans(seqs, ledger.first_seq(), ledger.durable_seq()) if span.last >= start]
    near, looked = _around(ledger, frozenset(seqs), spans)
    records: list[views.EvidenceRecord] = []
    batches: dict[int, views.EvidenceBatch] = {}
    room, following = PAGE_BYTES, None
    for seq in sorted(seq for seq in near.union(seqs) if seq >= start):
        record = ledger.stored(seq)
        link = ledger.batch_of(seq)
        if link.sequence not in batches:
            room -= len(link.body) if personal else 0
            if room < 0 and batches:
                following = seq
                break
            batches[link.sequence] = _batch(link, personal=personal)
        stated = _stated.decode(record.payload)
        digest = hashlib.sha256(record.payload).hexdigest()
        records.append(views.EvidenceRecord(seq, stated.type, iso_utc(stated.time), link.sequence, digest))
    return views.EvidencePage(sale_id, personal, records, list(batches.values()), looked, following)


def _spans(seqs: Sequence[int], first: int, last: int) -> list[views.Span]:
    """The records that are looked through, for those of `seqs` that stand among them; spans that meet are one."""
    look, spans = min(LOOK_MAX, LOOKED_MAX // (2 * len(seqs) or 1)), list[views.Span]()
    for seq in seqs:
        begin, end = max(seq - look, first), min(seq + look, last)
        if spans and begin <= spans[-1].last + 1:
            spans[-1] = views.Span(spans[-1].first, end)
        elif begin <= end:
            spans.append(views.Span(begin, end))
    return spans


def _around(
    ledger: JournalLedger, own: frozenset[int], spans: Sequence[views.Span]
) -> tuple[set[int], list[views.Span]]:
    """The records about devices and clock that belong to the transaction's own ones, and where they were looked for: a
    span ends where the journal cannot be read on.
    """
    found: set[int] = set()
    looked: list[views.Span] = []
    for span in spans:
        last = span.first - 1
        near = _Near()
        try:
            for record in ledger.records(span.first):
                if record.id > span.last:
                    break
                near.see(record, own=record.id in own)
                last = record.id
        except (LookupError, JournalError, OSError) as error:
            log.warning("records from %d on cannot be looked through: %s", last + 1, error)
        found |= near.found
        if last >= span.first:
            looked.append(views.Span(span.first, last))
    return found, looked


class _Near:
    """Sees records in order, and finds those about the box that belong to a transaction's own ones."""

    def __init__(self) -> None:
        self.found: set[int] = set()
        self._stands: dict[str, int] = {}
        self._before: list[tuple[int, int]] = []
        self._own_ms: int | None = None

    def see(self, record: Record, *, own: bool) -> None:
        """The next record."""
        if own:
            self._own_ms = ms = _stated.decode(record.payload).time
            self.found.update(self._stands.values())
            self.found.update(seq for seq, changed_ms in self._before if abs(ms - changed_ms) <= AROUND_MS)
            self._before = []
        elif record.type in _BOX:
            stated = _stated.decode(record.payload)
            self._stands[stated.device] = record.id
            self._before.append((record.id, stated.time))
            if self._own_ms is not None and abs(stated.time - self._own_ms) <= AROUND_MS:
                self.found.add(record.id)


def _batch(link: Link, *, personal: bool) -> views.EvidenceBatch:
    body = base64.b64encode(link.body).decode() if personal else ""
    return views.EvidenceBatch(
        link.sequence, link.first_id, link.flags, link.records, link.chain.hex(), body, link.anchor
    )
