"""Every checksum is missed if it is taken out: one flipped bit, anywhere in what it covers, is seen."""

from __future__ import annotations

import random
import struct
import zlib

import pytest

from posd.journal.archive_files import ArchiveFile, stored
from posd.journal.archive_format import (
    CHUNK_HEADER,
    FILE_HEADER,
    RAW_MAX,
    FileHead,
    pack_chunk,
    pack_file,
    unpack_chunk,
    unpack_file,
)
from posd.journal.block import read_header
from posd.journal.record import RecordMalformed, decode_body, encode_record
from posd.journal.ring import BLOCK, Geometry
from posd.journal.superblock import Position, unpack_superblock
from tests.crash.shelf import SimShelf
from tests.unit.journal.rings import Ring, sale

PLACE = Position(5, 6, 7, b"c" * 32)


def flipped(data: bytes, at: int, bit: int) -> bytes:
    changed = bytearray(data)
    changed[at] ^= 1 << bit
    return bytes(changed)


@pytest.mark.parametrize("bit", [0, 5])
def test_a_bit_in_the_header_of_an_archive_file(bit: int) -> None:
    data = pack_file(FileHead(b"u" * 16, 1_700_000_000_000, 3, PLACE))
    assert len(data) == FILE_HEADER
    assert unpack_file(data) is not None
    for at in range(FILE_HEADER):
        assert unpack_file(flipped(data, at, bit)) is None, at


@pytest.mark.parametrize("bit", [0, 5])
def test_a_bit_in_the_header_of_a_chunk(bit: int) -> None:
    data = pack_chunk(b"content", 70, 1_700_000_000_000, PLACE, PLACE._replace(block=9, sequence=8))
    assert unpack_chunk(data) is not None
    for at in range(CHUNK_HEADER):
        assert unpack_chunk(flipped(data, at, bit)) is None, at


def test_a_bit_in_the_content_of_a_chunk() -> None:
    head = FileHead(b"u" * 16, 1_700_000_000_000, 3, PLACE)
    data = pack_chunk(b"content", 70, 1_700_000_000_000, PLACE, PLACE._replace(block=9, sequence=8))
    file, chunk = ArchiveFile("name", head), unpack_chunk(data)
    assert chunk is not None
    shelf = SimShelf({"name": pack_file(head) + data})
    assert stored(shelf, file, FILE_HEADER, chunk) == b"content"
    for at in range(CHUNK_HEADER, len(data)):
        shelf.files["name"] = pack_file(head) + flipped(data, at, at % 8)
        assert stored(shelf, file, FILE_HEADER, chunk) is None, at
        shelf.files["name"] = pack_file(head) + data[:at]
        assert stored(shelf, file, FILE_HEADER, chunk) is None, at


def test_a_chunk_that_claims_to_unpack_to_more_than_there_can_be() -> None:
    for raw, believed in ((RAW_MAX, True), (RAW_MAX + 1, False)):
        chunk = unpack_chunk(pack_chunk(b"content", raw, 1, PLACE, PLACE))
        assert (chunk is not None) == believed


def test_a_bit_in_a_block() -> None:
    ring = Ring(Geometry(16, mirror=False))
    ring.write([sale(1)])
    start = ring.opened.superblock.geometry.offset_a
    block = ring.image()[start : start + BLOCK]
    assert read_header(memoryview(block), 0) is not None
    for at in [*range(160), *random.Random(1).sample(range(BLOCK), 200), BLOCK - 1]:
        assert read_header(memoryview(flipped(block, at, at % 8)), 0) is None, at


def test_a_bit_in_a_superblock() -> None:
    ring = Ring(Geometry(16, mirror=False))
    slot = ring.image()[ring.opened.superblock.geometry.slot_offsets(ring.opened.superblock.generation)[0] :][:BLOCK]
    assert unpack_superblock(slot) is not None
    for at in [*range(300), *random.Random(1).sample(range(BLOCK), 200), BLOCK - 1]:
        assert unpack_superblock(flipped(slot, at, at % 8)) is None, at


def test_a_bit_in_a_record() -> None:
    body = encode_record(7, sale(7, 60))
    for at in range(len(body)):
        with pytest.raises(RecordMalformed):
            list(decode_body(flipped(body, at, at % 8), 7, 1))


def test_a_copy_of_an_older_record_with_an_unknown_flag() -> None:
    """All but its flags is right: an older id beside the new record that belongs there."""
    older = bytearray(encode_record(3, sale(3)))
    struct.pack_into("<H", older, 20, 2)
    struct.pack_into("<I", older, 0, zlib.crc32(older[4:]))
    with pytest.raises(RecordMalformed, match="flags"):
        list(decode_body(bytes(older) + encode_record(7, sale(7)), 7, 1))
