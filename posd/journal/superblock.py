"""The superblock: where the ring begins, which epoch writes it, and what is known to be durable.

Rules
- Each one is written whole, with a higher generation, into slot `generation mod 4`, in both copies of the slot, and
  synced before anything relies on it. The three other slots still hold the ones before.
- From `epoch_start` on only blocks of exactly `epoch` and `salt` count, below it only older epochs: what a crash tore
  can never come back.
- All fields lie in the first 512 bytes of the slot, so a sector is the old one or the new one; the crc covers the
  whole slot.
"""

from __future__ import annotations

import struct
import zlib
from typing import NamedTuple

from msgspec import Struct

from posd.journal.errors import NotAJournal
from posd.journal.ring import BLOCK, SIZE_MAX, Geometry

# magic, crc, version, generation, uuid, block size, flags, ring blocks, offset A, offset B, epoch, salt, epoch start,
# head (block, sequence, id, chain), durable (block, sequence, id, chain), index block
_LAYOUT = struct.Struct("<8sIIQ16sIIQQQI4xQQQQQ32sQQQ32sQ")
_CRC_FROM = 12
_crc = struct.Struct("<I")

MAGIC = b"posdjrnl"
VERSION = 1
CLEAN = 0x0001
MIRRORED = 0x0002
_KNOWN_FLAGS = CLEAN | MIRRORED


class Position(NamedTuple):
    """A boundary between batches: the block, sequence and first id the next batch has, and the chain before it."""

    block: int
    sequence: int
    next_id: int
    chain: bytes


class Superblock(Struct, frozen=True):
    """One superblock. `durable` and everything before it was synced when it was written; `clean`: nothing follows
    it.
    """

    generation: int
    uuid: bytes
    geometry: Geometry
    clean: bool
    epoch: int
    salt: int
    epoch_start: int
    head: Position
    durable: Position


def pack_superblock(superblock: Superblock) -> bytes:
    """The slot's 4096 bytes."""
    geometry = superblock.geometry
    flags = (CLEAN if superblock.clean else 0) | (MIRRORED if geometry.mirror else 0)
    slot = bytearray(BLOCK)
    _LAYOUT.pack_into(
        slot, 0, MAGIC, 0, VERSION, superblock.generation, superblock.uuid, BLOCK, flags, geometry.ring_blocks,
        geometry.offset_a, geometry.offset_b, superblock.epoch, superblock.salt, superblock.epoch_start,
        *superblock.head, *superblock.durable, 0,
    )  # fmt: skip
    _crc.pack_into(slot, 8, zlib.crc32(memoryview(slot)[_CRC_FROM:]))
    return bytes(slot)


def unpack_superblock(slot: bytes) -> Superblock | None:
    """The superblock in a slot, None if it is not an intact one. NotAJournal if it is one of a newer version."""
    fields = _LAYOUT.unpack_from(slot)
    magic, crc, version, generation, uuid, block_size, flags, ring_blocks, offset_a, offset_b, epoch, salt = fields[:12]
    if magic != MAGIC or zlib.crc32(memoryview(slot)[_CRC_FROM:]) != crc:
        return None
    if version != VERSION or flags & ~_KNOWN_FLAGS:
        raise NotAJournal(
            f"the journal has format {version}, flags {flags:#x}; this posd reads format {VERSION}: use a newer one"
        )
    geometry = Geometry(ring_blocks, bool(flags & MIRRORED))
    if block_size != BLOCK or not 0 < ring_blocks <= SIZE_MAX // BLOCK:
        return None
    if (offset_a, offset_b) != (geometry.offset_a, geometry.offset_b):
        return None
    head, durable = Position(*fields[13:17]), Position(*fields[17:21])
    if not head.block <= durable.block <= head.block + ring_blocks or not fields[12] <= durable.block:
        return None
    return Superblock(generation, uuid, geometry, bool(flags & CLEAN), epoch, salt, fields[12], head, durable)
