"""Blocks and batches as bytes.

Rules
- A batch is one or more whole blocks; its body (records back to back) fills every block but the last to the brim.
- Each block carries all that is needed to judge it alone: its own number, its epoch and salt, its batch, the chain
  before the batch, and two promises: `durable` (every block below it was synced before this block was written) and
  `generation` (a superblock of at least that generation was synced before).
- `chain_after` ties each batch to all before it; what it hashes does not depend on the place in the file, nor on the
  epoch.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from posd.journal.ring import BATCH_BLOCKS_MAX, BLOCK

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed import ReadableBuffer, WriteableBuffer

# magic, crc, number, sequence, salt, epoch, part, parts, used, flags, records, generation, durable, first id, chain
BLOCK_HEADER = struct.Struct("<4sIQQQIHHHHIQQQ32s24x")
MAGIC = b"pjB1"
PAYLOAD = BLOCK - BLOCK_HEADER.size
MARK = 0x0001  # a batch that only carries the watermark
SEALED = 0x0002  # a mark with a seal in the reserved bytes (seal.py)
CARRIES = 0x0004  # a batch with records that are carried forward
SEAL_SIZE = 24

_CRC_FROM = 8
_SEAL = slice(BLOCK_HEADER.size - SEAL_SIZE, BLOCK_HEADER.size)
_crc = struct.Struct("<I")
_link = struct.Struct("<32sQQIHH")


class BlockHeader(NamedTuple):
    """One block's header, field by field as in docs/journal-format.md."""

    magic: bytes
    crc: int
    number: int
    sequence: int
    salt: int
    epoch: int
    part: int
    parts: int
    used: int
    flags: int
    records: int
    generation: int
    durable: int
    first_id: int
    chain: bytes


class Batch(Struct, frozen=True, gc=False):
    """What the blocks of one batch have in common; `number` is that of its first block."""

    number: int
    sequence: int
    salt: int
    epoch: int
    flags: int
    records: int
    generation: int
    durable: int
    first_id: int
    chain: bytes


def blocks_for(size: int) -> int:
    """Blocks that a body of `size` bytes takes; an empty one takes one."""
    return max(1, -(-size // PAYLOAD))


def genesis(uuid: bytes) -> bytes:
    """The chain before the first batch of the journal with that uuid."""
    return hashlib.sha256(b"posd journal 1" + uuid).digest()


def chain_after(
    chain: bytes, sequence: int, first_id: int, flags: int, size: int, body: Iterable[ReadableBuffer]
) -> bytes:
    """The chain behind a batch whose body is the given pieces, `size` bytes in all."""
    link = hashlib.sha256(_link.pack(chain, sequence, first_id, size, flags, 0))
    for piece in body:
        link.update(piece)
    return link.digest()


def put_seal(into: WriteableBuffer, seal: bytes) -> None:
    """Put a seal into the mark that was packed at the start of `into`."""
    view = memoryview(into)
    view[_SEAL] = seal
    _crc.pack_into(view, 4, zlib.crc32(view[_CRC_FROM:BLOCK]))


def seal_of(block: memoryview) -> bytes:
    """The reserved bytes of a block's header, where a sealed mark has its seal."""
    return bytes(block[_SEAL])


def pack_batch(into: WriteableBuffer, batch: Batch, body: bytes) -> int:
    """Write the batch's blocks to the start of `into`; returns how many blocks."""
    view = memoryview(into)
    count = blocks_for(len(body))
    for index in range(count):
        piece = body[index * PAYLOAD : (index + 1) * PAYLOAD]
        at, end = index * BLOCK, (index + 1) * BLOCK
        BLOCK_HEADER.pack_into(
            view, at, MAGIC, 0, batch.number + index, batch.sequence, batch.salt, batch.epoch, index, count, len(piece),
            batch.flags, batch.records, batch.generation, batch.durable, batch.first_id, batch.chain,
        )  # fmt: skip
        view[at + BLOCK_HEADER.size : end] = piece.ljust(PAYLOAD, b"\0")
        _crc.pack_into(view, at + 4, zlib.crc32(view[at + _CRC_FROM : end]))
    return count


def read_header(view: memoryview, at: int) -> BlockHeader | None:
    """The header of an intact block at byte `at`: magic, checksum and bounds agree; None otherwise."""
    header = tuple.__new__(BlockHeader, BLOCK_HEADER.unpack_from(view, at))
    if header.magic != MAGIC or zlib.crc32(view[at + _CRC_FROM : at + BLOCK]) != header.crc:
        return None
    if not (header.part < header.parts <= BATCH_BLOCKS_MAX and header.used <= PAYLOAD):
        return None
    if header.part + 1 < header.parts and header.used != PAYLOAD:
        return None
    if header.used and not header.records and not header.flags & CARRIES:
        return None
    return header if header.durable + header.part <= header.number else None


def same_batch(first: BlockHeader, other: BlockHeader, index: int) -> bool:
    """True if `other` is block `index` of the batch that `first` begins."""
    return (
        other.number == first.number + index
        and other.part == index
        and other[3:6] == first[3:6]  # sequence, salt, epoch
        and other.parts == first.parts
        and other[9:] == first[9:]  # flags, records, generation, durable, first id, chain
    )
