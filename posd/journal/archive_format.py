"""The archive's files as bytes. Pure.

Rules
- A file is a header and chunks back to back. Each header has a checksum of its own, each chunk one of its content too.
- A chunk holds whole batches of the journal as they were, compressed. Each is a frame (sequence, first id, length,
  flags, records) and the body, so the journal's chain can be computed again from the archive alone. A sealed mark has
  its seal between frame and body, with the epoch and the salt whose key made it.
- File header and chunk header carry positions of the journal: where in it they begin, and where the chunk ends.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from posd.journal.block import chain_after
from posd.journal.errors import JournalError
from posd.journal.superblock import Position

# magic, crc, version, reserved, uuid, time in ms, first sequence of the file before, start (block, sequence, id, chain)
_FILE = struct.Struct("<4sIII16sQQQQQ32s")
# magic, crc of the header, crc of the content, length of the content, length of it when unpacked, reserved, time in ms,
# start, end
_CHUNK = struct.Struct("<4sIIIIIQQQQ32sQQQ32s")
_FRAME = struct.Struct("<QQIHHI")
_SEAL = struct.Struct("<IQ24s")
_FROM = 8
_FILE_MAGIC = b"pjA1"
_CHUNK_MAGIC = b"pjAc"
_VERSION = 1

FILE_HEADER = _FILE.size
CHUNK_HEADER = _CHUNK.size
NONE_BEFORE = (1 << 64) - 1
RAW_MAX = 1 << 20
"""No chunk is larger than this when unpacked; a header that says so is none."""


class FileHead(NamedTuple):
    """Of which journal a file is, when it was begun (ms since 1970), and from where on. `before`: the first sequence of
    the file that it continues, NONE_BEFORE if it continues none.
    """

    uuid: bytes
    time_ms: int
    before: int
    start: Position


class Chunk(NamedTuple):
    """A chunk's header: `size` bytes of content follow it, `raw` when unpacked."""

    content_crc: int
    size: int
    raw: int
    time_ms: int
    start: Position
    end: Position


class FrameSeal(NamedTuple):
    """The seal of a mark, and the epoch in which it was made."""

    epoch: int
    salt: int
    seal: bytes


class Frame(NamedTuple):
    """One batch of the journal. `seal`: of a sealed mark; None also where an early posd archived it without."""

    sequence: int
    first_id: int
    flags: int
    records: int
    body: bytes
    seal: FrameSeal | None = None


class ArchiveMalformed(JournalError):
    """Bytes that are not what the archive wrote."""


def pack_file(head: FileHead) -> bytes:
    """The header of a file."""
    data = bytearray(_FILE.pack(_FILE_MAGIC, 0, _VERSION, 0, head.uuid, head.time_ms, head.before, *head.start))
    data[4:8] = zlib.crc32(data[_FROM:]).to_bytes(4, "little")
    return bytes(data)


def unpack_file(data: bytes) -> FileHead | None:
    """The header, None if it is not an intact one of this version."""
    if len(data) < FILE_HEADER:
        return None
    magic, crc, version, _, uuid, time_ms, before, *start = _FILE.unpack_from(data)
    if magic != _FILE_MAGIC or version != _VERSION or zlib.crc32(data[_FROM:FILE_HEADER]) != crc:
        return None
    return FileHead(uuid, time_ms, before, Position(*start))


def pack_chunk(content: bytes, raw: int, time_ms: int, start: Position, end: Position) -> bytes:
    """A chunk: header and content."""
    head = bytearray(
        _CHUNK.pack(_CHUNK_MAGIC, 0, zlib.crc32(content), len(content), raw, 0, time_ms, *start, *end)
    )  # fmt: skip
    head[4:8] = zlib.crc32(head[_FROM:]).to_bytes(4, "little")
    return bytes(head) + content


def unpack_chunk(data: bytes) -> Chunk | None:
    """The header at the start of `data`, None if it is not an intact one."""
    if len(data) < CHUNK_HEADER:
        return None
    magic, crc, content_crc, size, raw, _, time_ms, *positions = _CHUNK.unpack_from(data)
    if magic != _CHUNK_MAGIC or zlib.crc32(data[_FROM:CHUNK_HEADER]) != crc or raw > RAW_MAX:
        return None
    return Chunk(content_crc, size, raw, time_ms, Position(*positions[:4]), Position(*positions[4:]))


def pack_frame(frame: Frame) -> bytes:
    """A batch as it stands in an unpacked chunk."""
    seal = b"" if frame.seal is None else _SEAL.pack(*frame.seal)
    head = _FRAME.pack(frame.sequence, frame.first_id, len(frame.body), frame.flags, len(seal), frame.records)
    return head + seal + frame.body


def frames(raw: bytes, chunk: Chunk) -> Iterator[tuple[Frame, Position]]:
    """The batches of an unpacked chunk, oldest first, each with the boundary behind it (whose block number is 0);
    ArchiveMalformed unless they lead from its start to its end.
    """
    at, position = 0, chunk.start
    while at < len(raw):
        if len(raw) - at < _FRAME.size:
            raise ArchiveMalformed("a chunk ends in the middle of a batch")
        sequence, first_id, length, flags, size, records = _FRAME.unpack_from(raw, at)
        at += _FRAME.size
        fits = size in (0, _SEAL.size) and at + size + length <= len(raw)
        if not fits or (sequence, first_id) != (position.sequence, position.next_id):
            raise ArchiveMalformed(f"batch {position.sequence} is not where it belongs")
        seal = FrameSeal(*_SEAL.unpack_from(raw, at)) if size else None
        at += size
        body = raw[at : at + length]
        link = chain_after(position.chain, sequence, first_id, flags, length, (body,))
        position = Position(0, sequence + 1, first_id + records, link)
        yield Frame(sequence, first_id, flags, records, body, seal), position
        at += length
    if position[1:] != chunk.end[1:]:
        raise ArchiveMalformed(f"the chain of a chunk does not lead to batch {chunk.end.sequence}")


def reference_hash(reference: bytes) -> int:
    """64 bits under which the index keeps a transaction reference."""
    return int.from_bytes(hashlib.blake2b(reference, digest_size=8).digest(), "little")
