"""Records and their bytes.

Rules
- A record is a header of 24 bytes, the reference, the payload, with nothing between; see docs/journal-format.md.
- The crc covers everything behind itself, so a record can be judged alone, away from its block.
- Ids go up by one and are never used twice. Only a record with the flag CARRIED may have a lower id than its batch's
  first: it is an older record that was copied forward.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from msgspec import Struct

from posd.journal.errors import JournalError

# crc, length of the whole record, id, type, version, length of the reference, flags, reserved
RECORD_HEADER = struct.Struct("<IIQHBBHH")
REFERENCE_MAX = 64
CARRIED = 0x0001

_HEADER = RECORD_HEADER.size
_crc = struct.Struct("<I")
_behind_crc = struct.Struct("<IQHBBHH")


class NewRecord(Struct, frozen=True, gc=False):
    """A record to be written. `type` 1..65535, `version` 0..255, `reference` (of the transaction) at most 64 bytes."""

    type: int
    version: int
    reference: bytes
    payload: bytes

    def __post_init__(self) -> None:
        if not 1 <= self.type <= 0xFFFF:
            raise ValueError(f"record type {self.type} is not within 1..65535")
        if not 0 <= self.version <= 0xFF:
            raise ValueError(f"record version {self.version} is not within 0..255")
        if len(self.reference) > REFERENCE_MAX:
            raise ValueError(f"reference of {len(self.reference)} bytes is longer than {REFERENCE_MAX}")


class Record(Struct, frozen=True, gc=False):
    """A record of the journal; `id` counts from 1, is never reused and is the product's `seq`."""

    id: int
    type: int
    version: int
    reference: bytes
    payload: bytes


class RecordMalformed(JournalError):
    """Bytes that are not a record."""


def encode_record(record_id: int, record: NewRecord | Record, flags: int = 0) -> bytes:
    """The record's bytes under the given id; `flags` as in docs/journal-format.md."""
    reference, payload = record.reference, record.payload
    size = _HEADER + len(reference) + len(payload)
    head = _behind_crc.pack(size, record_id, record.type, record.version, len(reference), flags, 0)
    tail = head + reference + payload
    return _crc.pack(zlib.crc32(tail)) + tail


def encode_carried(record: Record) -> bytes:
    """The bytes of a copy of an older record, under its old id."""
    return encode_record(record.id, record, CARRIED)


def carried_ids(body: bytes) -> Iterator[int]:
    """Ids of the copies in a batch's body that was checked; what makes no sense ends it."""
    at = 0
    while at + RECORD_HEADER.size <= len(body):
        _, length, record_id, _, _, _, flags, _ = RECORD_HEADER.unpack_from(body, at)
        if length < RECORD_HEADER.size:
            return
        if flags == CARRIED:
            yield record_id
        at += length


def decode_body(body: bytes, first_id: int, count: int) -> Iterator[Record]:
    """Records of one batch's body, in order; exactly `count` new ones from `first_id` on, or RecordMalformed."""
    at, next_id, end = 0, first_id, len(body)
    view = memoryview(body)
    while at < end:
        if end - at < _HEADER:
            raise RecordMalformed(f"{end - at} bytes at the end of a batch are too few for a record")
        crc, length, record_id, kind, version, ref_len, flags, reserved = RECORD_HEADER.unpack_from(body, at)
        if length < _HEADER + ref_len or at + length > end or ref_len > REFERENCE_MAX or reserved or not kind:
            raise RecordMalformed(f"the header of a record behind id {next_id - 1} makes no sense")
        if zlib.crc32(view[at + 4 : at + length]) != crc:
            raise RecordMalformed(f"the checksum of a record behind id {next_id - 1} does not fit")
        if flags == 0:
            if record_id != next_id:
                raise RecordMalformed(f"record {record_id} stands where {next_id} belongs")
            next_id += 1
        elif flags != CARRIED or record_id >= first_id:
            raise RecordMalformed(f"record {record_id} has flags {flags:#x} that do not fit")
        start = at + _HEADER
        split = start + ref_len
        yield Record(record_id, kind, version, body[start:split], body[split : at + length])
        at += length
    if next_id != first_id + count:
        raise RecordMalformed(f"a batch holds {next_id - first_id} new records instead of {count}")
