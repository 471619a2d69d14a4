"""Blocks whose checksum is right but whose header does not belong: each field's check is missed if it is taken out."""

from __future__ import annotations

import struct
import zlib

import pytest

from posd.journal import RecordUnreadable
from posd.journal.block import PAYLOAD, read_header
from posd.journal.ring import BLOCK, Geometry
from tests.unit.journal.rings import Ring, reopened, sale

PLAIN = Geometry(16, mirror=False)
FIELDS = {
    "number": (8, "<Q"),
    "sequence": (16, "<Q"),
    "salt": (24, "<Q"),
    "epoch": (32, "<I"),
    "part": (36, "<H"),
    "parts": (38, "<H"),
    "used": (40, "<H"),
    "flags": (42, "<H"),
    "records": (44, "<I"),
    "generation": (48, "<Q"),
    "durable": (56, "<Q"),
    "first_id": (64, "<Q"),
    "chain": (72, "<Q"),
}


def forge(image: bytearray, block: int, geometry: Geometry = PLAIN, copy: int = 0, **values: int) -> None:
    """Set header fields of a block and put its checksum right."""
    at = geometry.offset(copy, block)
    for name, content in values.items():
        offset, form = FIELDS[name]
        struct.pack_into(form, image, at + offset, content)
    struct.pack_into("<I", image, at + 4, zlib.crc32(image[at + 8 : at + BLOCK]))


def value(image: bytes, number: int, name: str) -> int:
    offset, form = FIELDS[name]
    return int(struct.unpack_from(form, image, PLAIN.offset(0, number) + offset)[0])


def two_epochs() -> bytearray:
    """Records 1 to 3 of epoch 2 at blocks 0 to 2, 4 (two blocks) and 5 of epoch 3 at blocks 3 to 5."""
    first = Ring(PLAIN)
    for number in (1, 2, 3):
        first.write([sale(number)])
    second = reopened(first.image())
    second.write([sale(4, 5000)])
    second.write([sale(5)])
    return bytearray(second.image())


@pytest.mark.parametrize("name", ["number", "sequence", "salt", "part", "chain"])
@pytest.mark.parametrize("step", [1, -1])
def test_a_first_block_with_another_field_does_not_count(name: str, step: int) -> None:
    image = two_epochs()
    forge(image, 5, **{name: (value(image, 5, name) + step) % 65536})
    assert list(reopened(image).all()) == [1, 2, 3, 4]


@pytest.mark.parametrize("name", sorted(FIELDS.keys() - {"used"}))
def test_a_further_block_with_another_field_does_not_count(name: str) -> None:
    image = two_epochs()
    changed = value(image, 4, name) - 1 if name == "durable" else value(image, 4, name) + 1
    forge(image, 4, **{name: changed % 65536})
    assert 4 not in reopened(image).all()


CONTRADICTIONS: list[dict[str, int]] = [
    {"part": 1},
    {"parts": 0},
    {"parts": 65},
    {"used": PAYLOAD + 1},
    {"parts": 2},
    {"durable": 7},
    {"records": 0},
]


@pytest.mark.parametrize("values", CONTRADICTIONS, ids=str)
def test_a_header_that_contradicts_itself_is_none(values: dict[str, int]) -> None:
    image = two_epochs()
    at = PLAIN.offset(0, 5)
    assert read_header(memoryview(image), at) is not None
    forge(image, 5, **values)
    assert read_header(memoryview(image), at) is None


@pytest.mark.parametrize(
    ("number", "values"),
    [(2, {"epoch": 3}), (2, {"epoch": 1}), (2, {"salt": 1}), (5, {"epoch": 2})],
    ids=["this epoch below its start", "an epoch that falls", "another salt", "a former epoch above the start"],
)
def test_epochs_keep_their_order(number: int, values: dict[str, int]) -> None:
    image = two_epochs()
    forge(image, number, **values)
    assert number + (1 if number < 3 else 0) not in reopened(image).all()


def test_no_batch_reaches_over_the_start_of_an_epoch() -> None:
    first = Ring(PLAIN)
    first.write([sale(1)])
    first.write([sale(2, 5000)])
    whole = bytearray(first.image())
    torn = bytearray(whole)
    torn[PLAIN.offset(0, 2) : PLAIN.offset(0, 3)] = bytes(BLOCK)
    second = reopened(torn)  # the epoch begins at block 1
    assert list(second.all()) == [1]
    image = bytearray(second.image())
    superblock = second.opened.superblock
    slot = PLAIN.slot_offsets(superblock.generation)
    for at in slot:  # as if it began at block 2, in the middle of what was torn
        struct.pack_into("<Q", image, at + 88, 2)
        struct.pack_into("<Q", image, at + 152, 2)
        struct.pack_into("<I", image, at + 8, zlib.crc32(image[at + 12 : at + BLOCK]))
    image[PLAIN.offset(0, 1) : PLAIN.offset(0, 3)] = whole[PLAIN.offset(0, 1) : PLAIN.offset(0, 3)]
    again = reopened(image)
    assert again.journal.recovery.read_only
    assert list(again.all()) == [1]


def test_remains_of_an_epoch_that_no_superblock_knows() -> None:
    image = two_epochs()
    forge(image, 5, epoch=4)
    assert reopened(image).journal.recovery.case == "I"


@pytest.mark.parametrize("name", ["sequence", "first_id"])
def test_behind_a_gap_nothing_older_is_served(name: str) -> None:
    image = two_epochs()
    image[PLAIN.offset(0, 1) + 300] ^= 1
    forge(image, 2, **{name: 0})
    again = reopened(image)
    assert again.journal.recovery.case == "G"
    assert list(again.all()) == [1, 4, 5]


def test_a_superblock_in_a_wrong_slot_counts_as_bad() -> None:
    image = two_epochs()
    newest = reopened(image).opened.superblock.generation - 1
    source = PLAIN.slot_offsets(newest)[0]
    target = PLAIN.slot_offsets(newest - 1)[1]
    before = bytes(image)
    image[target : target + BLOCK] = image[source : source + BLOCK]
    again = reopened(image)
    assert (again.journal.recovery.bad_slots, again.journal.recovery.repaired_slots) == (1, 1)
    assert again.image()[target : target + BLOCK] == before[target : target + BLOCK]


def test_copies_that_disagree_on_how_many_records_there_are() -> None:
    """Recovery takes the batch from the one, the reader from the other: it says so, and is not led astray."""
    geometry = Geometry(16, mirror=True)
    ring = Ring(geometry)
    for number in (1, 2, 3):
        ring.write([sale(number)])
    ring.journal.carry([ring.journal.read(1)], 1)
    ring.writer.commit(ring.writer.gather() or [])
    image = bytearray(ring.image())
    forge(image, 3, geometry, 0, sequence=77)
    forge(image, 3, geometry, 1, records=5)
    again = reopened(image, geometry)
    with pytest.raises(RecordUnreadable, match="batch of record 4 at block 3"):
        again.all()
    assert again.journal.read(2).payload == sale(2).payload


def test_a_copy_that_claims_more_blocks_than_there_are() -> None:
    """It is not repaired, for the journal is damaged elsewhere; the other copy is read."""
    geometry = Geometry(16, mirror=True)
    ring = Ring(geometry)
    for number in (1, 2, 3):
        ring.write([sale(number, 5000)])
    image = bytearray(ring.image())
    forge(image, 2, geometry, 0, parts=34)
    forge(image, 4, geometry, 1, generation=9999)
    again = reopened(image, geometry)
    assert again.journal.recovery.case == "I"
    assert list(again.all()) == [1, 2, 3]


@pytest.mark.parametrize("number", [2, 3, 5])
@pytest.mark.parametrize("step", [1, -1])
def test_the_same_history_with_another_count_is_damage(number: int, step: int) -> None:
    """The chain does not cover how many records a batch claims to have; what follows it proves it."""
    image = two_epochs()
    forge(image, number, first_id=value(image, number, "first_id") + step)
    assert reopened(image).journal.recovery.case == "G"


def test_a_count_that_was_altered_in_one_copy_costs_nothing() -> None:
    geometry = Geometry(16, mirror=True)
    ring = Ring(geometry)
    for number in (1, 2, 3):
        ring.write([sale(number)])
    ring.writer.mark()
    for copy in (0, 1):
        image = bytearray(ring.image())
        forge(image, 2, geometry, copy, records=0)
        assert list(reopened(image, geometry).all()) == [1, 2, 3]


def test_a_count_that_was_raised_is_damage() -> None:
    ring = Ring(PLAIN)
    for number in (1, 2, 3):
        ring.write([sale(number)])
    ring.writer.mark()
    image = bytearray(ring.image())
    forge(image, 2, records=2)
    again = reopened(image)
    assert again.journal.recovery.case == "G"
    assert again.image() == image, "nothing was written"
