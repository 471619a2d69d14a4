"""From records to what goes into batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from posd.journal.block import blocks_for
from posd.journal.errors import RecordTooLarge
from posd.journal.record import NewRecord, Record, encode_carried, encode_record


class Entry(Struct, frozen=True):
    """Encoded records that go into one batch; `blocks` is set aside for them in the log's `space.queued`. `carried` are
    the ids of older records that it holds copies of; `release`: once it is durable, what stands below may leave the
    ring.
    """

    body: bytes
    records: int
    blocks: int
    carried: tuple[int, ...] = ()
    release: int = 0


def merged(entries: Sequence[Entry]) -> Entry:
    """All that goes into one batch, as one entry."""
    if len(entries) == 1:
        return entries[0]
    return Entry(
        b"".join([entry.body for entry in entries]),
        sum([entry.records for entry in entries]),
        sum([entry.blocks for entry in entries]),
        tuple([record_id for entry in entries for record_id in entry.carried]),
        max([entry.release for entry in entries]),
    )


def new_entries(records: Sequence[NewRecord], first_id: int, size_max: int) -> list[Entry]:
    """As few entries of at most `size_max` bytes as hold the records in order. RecordTooLarge."""
    encoded = [encode_record(first_id + at, record) for at, record in enumerate(records)]
    body = b"".join(encoded)
    if encoded and len(body) <= size_max:
        return [Entry(body, len(encoded), blocks_for(len(body)))]
    return [Entry(b"".join(group), len(group), _blocks(group)) for group in _groups(encoded, size_max)]


def carried_entries(records: Sequence[Record], size_max: int, release: int) -> list[Entry]:
    """The same for copies of older records; the last one releases."""
    encoded = [encode_carried(record) for record in records]
    ids = iter([record.id for record in records])
    entries = [
        Entry(b"".join(group), 0, _blocks(group), tuple(next(ids) for _ in group))
        for group in _groups(encoded, size_max)
    ]
    if entries:
        entries[-1] = replace(entries[-1], release=release)
    return entries


def _blocks(group: list[bytes]) -> int:
    return blocks_for(sum(map(len, group)))


def _groups(encoded: list[bytes], size_max: int) -> Iterator[list[bytes]]:
    group: list[bytes] = []
    room = size_max
    for body in encoded:
        if len(body) > size_max:
            raise RecordTooLarge(
                f"a record of {len(body)} bytes does not fit into a batch of {size_max}. Nothing was written"
            )
        if len(body) > room:
            yield group
            group, room = [], size_max
        group.append(body)
        room -= len(body)
    if group:
        yield group
