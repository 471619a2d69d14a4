"""The format: golden vectors, and a second reader. Images that were tampered with are in tests/crash/mutated.py."""

from __future__ import annotations

import struct
import zlib

import pytest

from posd.journal import NotAJournal
from posd.journal.block import BLOCK_HEADER, PAYLOAD, blocks_for
from posd.journal.record import CARRIED, RECORD_HEADER, RecordMalformed, decode_body, encode_record
from tests.unit.journal import decoder, golden
from tests.unit.journal.rings import plain, reopened, sale


@pytest.mark.parametrize("name", golden.NAMES)
def test_the_code_writes_the_golden_bytes(name: str) -> None:
    assert golden.to_text(golden.make(name)) == golden.to_text(golden.load(name))


@pytest.mark.parametrize("name", golden.NAMES)
def test_a_second_reader_and_ours_read_the_same_from_the_golden_bytes(name: str) -> None:
    image = golden.load(name)
    theirs = list(decoder.records(image))
    ours = [(r.id, r.type, r.version, r.reference, r.payload) for r in reopened(image).journal.records()]
    assert theirs == ours
    assert [record[0] for record in theirs] == (list(range(25, 40)) if name == "plain-laps" else [1, 2, 3, 4, 5])


def test_the_golden_records_say_what_went_in() -> None:
    records = {record[0]: record[1:] for record in decoder.records(golden.load("mirrored-clean"))}
    assert records[1] == (1, 0, b"", b"")
    assert records[2] == (65535, 255, b"r" * 64, "收银机 till".encode())
    assert records[4] == (sale(4, 5000).type, 1, b"txn-0004", sale(4, 5000).payload)


def test_sizes_of_the_headers() -> None:
    assert (BLOCK_HEADER.size, PAYLOAD, RECORD_HEADER.size) == (128, 3968, 24)
    assert [blocks_for(size) for size in (0, 1, 3968, 3969, 64 * 3968)] == [1, 1, 1, 2, 64]


def _broken(offset: int, form: str, value: int) -> bytes:
    record = bytearray(encode_record(7, sale(7, 20)))
    struct.pack_into(form, record, offset, value)
    struct.pack_into("<I", record, 0, zlib.crc32(record[4:]))
    return bytes(record)


def _carried(record_id: int) -> bytes:
    carried = bytearray(encode_record(record_id, sale(record_id)))
    struct.pack_into("<H", carried, 20, CARRIED)
    struct.pack_into("<I", carried, 0, zlib.crc32(carried[4:]))
    return bytes(carried)


@pytest.mark.parametrize(
    "body",
    [
        encode_record(7, sale(7))[:-1],
        encode_record(7, sale(7)) + b"\0" * 5,
        encode_record(8, sale(7)),
        b"\x01" + encode_record(7, sale(7))[1:],
        _broken(4, "<I", 23),
        _broken(4, "<I", 1 << 31),
        _broken(16, "<H", 0),
        _broken(19, "<B", 65),
        _broken(20, "<H", 2),
        _broken(20, "<H", CARRIED),
        _broken(22, "<H", 1),
        b"",
        encode_record(7, sale(7)) + encode_record(8, sale(8)),
        _carried(9) + encode_record(7, sale(7)),
    ],
)
def test_a_body_that_is_not_exactly_its_records_is_refused(body: bytes) -> None:
    with pytest.raises(RecordMalformed):
        list(decode_body(body, 7, 1))


def test_a_carried_record_keeps_its_old_id() -> None:
    body = _carried(3) + encode_record(7, sale(7))
    assert [(record.id, plain(record)) for record in decode_body(body, 7, 1)] == [(3, sale(3)), (7, sale(7))]


def test_a_file_that_is_too_short_for_anything_is_not_a_journal() -> None:
    for size in (0, 1, 4095, 4096, 16384):
        with pytest.raises(NotAJournal):
            reopened(bytes(size))
