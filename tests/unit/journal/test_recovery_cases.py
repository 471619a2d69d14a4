"""One test for each lettered case of the table in posd/journal/recover.py, and for the repairs beside them."""

from __future__ import annotations

import errno
import os
import struct
import zlib
from pathlib import Path

import pytest

from posd.journal import Journal, JournalError, JournalLocked, LostRange, NotAJournal, OpenedDamaged, RecordUnreadable
from posd.journal.ring import BLOCK, Geometry
from posd.journal.superblock import pack_superblock
from tests.crash.disk import Image, SimStore
from tests.unit.journal.rings import Ring, reopened, sale

PLAIN = Geometry(16, mirror=False)
MIRRORED = Geometry(16, mirror=True)
MIB = 1 << 20


def written(geometry: Geometry, batches: int = 6, *, close: bool = False) -> tuple[bytearray, dict[int, object]]:
    ring = Ring(geometry)
    records = {}
    for number in range(1, batches + 1):
        ring.write([sale(number)])
        records[number] = sale(number)
    if close:
        ring.journal.close()
    return bytearray(ring.image()), records


def spoil(image: bytearray, geometry: Geometry, number: int, copies: tuple[int, ...] = (0,)) -> None:
    for copy in copies:
        at = geometry.offset(copy, number)
        image[at + 200] ^= 0x40


def test_a_a_new_file_is_made_with_real_zeros() -> None:
    ring = Ring(MIRRORED)
    assert ring.journal.recovery.case == "A"
    assert ring.journal.recovery.clean
    start, end = MIRRORED.offset_a, MIRRORED.file_size - 4 * BLOCK
    assert not any(ring.image()[start:end]), "the disk held garbage before"


def test_b_a_locked_journal_is_left_alone(tmp_path: Path) -> None:
    first = Journal.open(tmp_path / "ring", size=MIB, mirror=False)
    with pytest.raises(JournalLocked, match="in use by another process"):
        Journal.open(tmp_path / "ring", size=MIB, mirror=False)
    first.close()
    Journal.open(tmp_path / "ring", size=MIB, mirror=False).close()


@pytest.mark.parametrize("content", [b"", b"hello", bytes(MIB), b"\xff" * (3 * BLOCK), b"posdjrnl" * 4096])
def test_c_what_is_not_a_journal_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ring"
    path.write_bytes(content)
    with pytest.raises(NotAJournal, match="Nothing was written"):
        Journal.open(path, size=MIB, mirror=False)
    assert path.read_bytes() == content
    assert os.listdir(tmp_path) == ["ring"]


def test_c_superblocks_that_are_all_bad_are_never_formatted_over() -> None:
    image, _ = written(MIRRORED)
    for start in (0, len(image) - 4 * BLOCK):
        for slot in range(4):
            image[start + slot * BLOCK + 20] ^= 1
    store = SimStore(Image(image))
    with pytest.raises(NotAJournal):
        Ring(MIRRORED, store=store)
    assert store.disk is not None
    assert store.disk.durable == image


@pytest.mark.parametrize(("field", "value"), [(12, 2), (44, 4)])
def test_c_a_newer_format_is_named(field: int, value: int) -> None:
    image, _ = written(PLAIN)
    for start in (0, len(image) - 4 * BLOCK):
        for slot in range(4):
            at = start + slot * BLOCK
            struct.pack_into("<I", image, at + field, value)
            struct.pack_into("<I", image, at + 8, zlib.crc32(image[at + 12 : at + BLOCK]))
    with pytest.raises(NotAJournal, match=r"format \d, flags 0x\d; this posd reads format 1"):
        reopened(image)


def test_d_a_clean_stop_is_taken_up_where_it_ended() -> None:
    image, records = written(MIRRORED, close=True)
    ring = reopened(image)
    assert ring.journal.recovery.case == "D"
    assert ring.journal.recovery.clean
    assert ring.all() == records


def test_e_a_crash_with_nothing_unfinished() -> None:
    image, records = written(MIRRORED)
    ring = reopened(image)
    assert (ring.journal.recovery.case, ring.journal.recovery.dropped_blocks) == ("E", 0)
    assert not ring.journal.recovery.clean
    assert ring.all() == records


def test_f_a_torn_tail_is_dropped_and_does_not_come_back() -> None:
    ring = Ring(PLAIN)
    for number in range(1, 5):
        ring.write([sale(number)])
    before = ring.image()
    ring.write([sale(5, 9000)])
    torn = bytearray(ring.image())
    torn[PLAIN.offset(0, 4) : PLAIN.offset(0, 5)] = before[PLAIN.offset(0, 4) : PLAIN.offset(0, 5)]
    again = reopened(torn)
    assert (again.journal.recovery.case, again.journal.recovery.dropped_blocks) == ("F", 2)
    assert list(again.all()) == [1, 2, 3, 4]
    again.write([sale(6, 9000)])
    after = bytearray(again.image())
    # the first attempt's blocks 5 and 6 come back to life behind the second attempt's block 4
    after[PLAIN.offset(0, 5) : PLAIN.offset(0, 7)] = torn[PLAIN.offset(0, 5) : PLAIN.offset(0, 7)]
    assert list(reopened(after).all()) == [1, 2, 3, 4]


def test_g_a_loss_below_the_superblocks_durable_is_damage() -> None:
    image, records = written(PLAIN, close=True)
    spoil(image, PLAIN, 3)
    ring = reopened(image)
    assert ring.journal.recovery.case == "G"
    assert ring.journal.recovery.lost == (LostRange(4, 4, 3),)
    del records[4]
    assert ring.all() == records, "what is intact behind the gap is served"
    assert ring.image() == image, "nothing was written"
    with pytest.raises(RecordUnreadable, match="record 4 is lost"):
        ring.journal.read(4)
    with pytest.raises(JournalError, match="record 4 cannot be read"):
        ring.journal.append([sale(9)])
    assert ring.journal.info().state == "damaged"


def test_g_another_chain_below_durable_is_damage() -> None:
    image, _ = written(PLAIN, close=True)
    ring = reopened(image)
    superblock = ring.opened.superblock
    assert ring.opened.log is not None
    forged = pack_superblock(
        type(superblock)(
            superblock.generation + 1, superblock.uuid, PLAIN, False, superblock.epoch, superblock.salt,
            superblock.epoch_start, superblock.head, superblock.durable._replace(chain=bytes(32)),
        )
    )  # fmt: skip
    altered = bytearray(ring.image())
    for offset in PLAIN.slot_offsets(superblock.generation + 1):
        altered[offset : offset + BLOCK] = forged
    assert reopened(altered).journal.recovery.case == "G"


def test_h_an_intact_block_vouches_for_more() -> None:
    image, records = written(PLAIN)
    spoil(image, PLAIN, 2)
    ring = reopened(image)
    assert ring.journal.recovery.case == "H"
    assert ring.journal.recovery.lost == (LostRange(3, 3, 2),)
    del records[3]
    assert ring.all() == records
    assert ring.image() == image


def test_h_the_mark_vouches_for_the_last_batch() -> None:
    ring = Ring(PLAIN)
    ring.write([sale(1)])
    ring.writer.mark()
    image = bytearray(ring.image())
    spoil(image, PLAIN, 0)
    assert reopened(image).journal.recovery.case == "H"


def test_i_blocks_newer_than_every_superblock_show_that_it_is_lost() -> None:
    image, _ = written(PLAIN)
    before, _ = written(PLAIN, 0)
    first = Ring(PLAIN, Image(image), "second epoch")
    first.write([sale(7)])
    lost = bytearray(first.image())
    newest = first.opened.superblock.generation
    for offset in PLAIN.slot_offsets(newest):
        lost[offset + 100] ^= 1
    assert before
    ring = reopened(lost)
    assert ring.journal.recovery.case == "I"
    assert ring.image() == lost
    assert 7 in ring.all(), "what is intact is served"


def test_i_a_lost_head_move_shows() -> None:
    ring = Ring(PLAIN)
    for number in range(1, 15):
        ring.write([sale(number)])
    assert ring.opened.log is not None
    ring.journal.release(9)
    ring.opened.log.make_room(4, 9)
    before = ring.image()
    ring.write([sale(15, 5000)])
    generation = ring.opened.log.superblock.generation
    image = bytearray(ring.image())
    for offset in PLAIN.slot_offsets(generation):
        image[offset + 100] ^= 1
    torn = PLAIN.offset(0, 14)
    image[torn : torn + BLOCK] = before[torn : torn + BLOCK]
    again = reopened(image)
    assert again.journal.recovery.case == "I", "the older superblock would take what was given up for what is there"


def test_a_block_of_another_history_does_not_count() -> None:
    """Same number, sequence, id, epoch and salt, but other records before it: as after a copy put back by hand."""
    one, other = Ring(PLAIN), Ring(PLAIN)
    one.write([sale(1)])
    other.write([sale(2)])
    one.write([sale(3)])
    other.write([sale(3)])
    image = bytearray(one.image())
    at = PLAIN.offset(0, 1)
    image[at : at + BLOCK] = other.image()[at : at + BLOCK]
    assert list(reopened(image).all()) == [1]


def test_a_block_in_a_wrong_place_does_not_count() -> None:
    image, _ = written(PLAIN, 3)
    at = PLAIN.offset(0, 2)
    struct.pack_into("<Q", image, at + 8, 6)
    struct.pack_into("<I", image, at + 4, zlib.crc32(image[at + 8 : at + BLOCK]))
    assert list(reopened(image).all()) == [1, 2]


def test_j_a_read_error_is_not_a_torn_tail() -> None:
    image, _ = written(PLAIN)
    bad = PLAIN.offset(0, 5)
    ring = _with_bad_block(image, {bad})
    assert ring.journal.recovery.case == "J"
    assert list(ring.all()) == [1, 2, 3, 4, 5]


def test_j_a_superblock_slot_that_no_copy_delivers_may_have_been_the_newest() -> None:
    image, records = written(PLAIN)
    ring = _with_bad_block(image, {0, len(image) - 4 * BLOCK})
    assert ring.journal.recovery.case == "J"
    assert ring.all() == records
    one = _with_bad_block(image, {0})
    assert one.journal.recovery.case == "E", "one copy is enough"
    assert one.journal.recovery.repaired_slots == 1


def test_j_a_file_cut_short_is_damage() -> None:
    image, _ = written(PLAIN)
    ring = reopened(image[: 12 * BLOCK])
    assert ring.journal.recovery.case == "J"
    assert ring.journal.recovery.lost[0].first_id == 1


def test_k_more_behind_a_clean_stop_than_there_can_be_is_damage() -> None:
    image, _ = written(PLAIN, 3)
    ring = reopened(image)
    old = ring.opened.superblock
    ring.write([sale(4)])
    claims = type(old)(
        old.generation + 1, old.uuid, PLAIN, True, old.epoch, old.salt, old.epoch_start, old.head, old.durable
    )  # fmt: skip
    forged = bytearray(ring.image())
    for offset in PLAIN.slot_offsets(old.generation + 1):
        forged[offset : offset + BLOCK] = pack_superblock(claims)
    assert reopened(forged).journal.recovery.case == "K"


@pytest.mark.parametrize("copy", [0, 1])
@pytest.mark.parametrize("close", [True, False])
def test_a_bad_copy_is_repaired_from_its_twin(copy: int, close: bool) -> None:
    image, records = written(MIRRORED, close=close)
    good = bytes(image)
    spoil(image, MIRRORED, 2, (copy,))
    ring = reopened(image)
    assert ring.all() == records
    if close and copy:  # after a clean stop ring B is compared in the background
        scrub(ring)
        assert ring.journal.info().scrub_repaired == 1
    else:
        assert ring.journal.recovery.repaired_blocks == 1
    at = MIRRORED.offset(copy, 2)
    assert ring.image()[at : at + BLOCK] == good[at : at + BLOCK]


def test_a_block_that_one_copy_cannot_read_is_written_again() -> None:
    image, records = written(MIRRORED)
    ring = _with_bad_block(image, {MIRRORED.offset(0, 3)}, MIRRORED)
    assert ring.all() == records
    assert (ring.journal.recovery.case, ring.journal.recovery.repaired_blocks) == ("E", 1)


def test_both_copies_of_different_blocks_may_be_bad() -> None:
    ring = Ring(MIRRORED)
    ring.write([sale(1, 9000)])
    ring.write([sale(2)])
    image = bytearray(ring.image())
    spoil(image, MIRRORED, 0, (0,))
    spoil(image, MIRRORED, 1, (1,))
    spoil(image, MIRRORED, 2, (0,))
    again = reopened(image)
    assert list(again.all()) == [1, 2]
    assert again.journal.recovery.repaired_blocks == 3


@pytest.mark.parametrize("second", [False, True])
def test_a_bad_superblock_copy_is_repaired(second: bool) -> None:
    image, records = written(PLAIN)
    ring = reopened(image)
    generation = ring.opened.superblock.generation
    image = bytearray(ring.image())
    offset = PLAIN.slot_offsets(generation)[second]
    image[offset + 3000] ^= 1
    again = reopened(image)
    assert again.all() == records
    assert (again.journal.recovery.bad_slots, again.journal.recovery.repaired_slots) == (1, 1)
    assert again.image()[offset : offset + BLOCK] == ring.image()[offset : offset + BLOCK]
    assert "1 superblock copies were bad" in again.journal.recovery.sentence


def test_the_scrub_mends_either_copy_and_counts_what_it_cannot() -> None:
    image, _ = written(MIRRORED, close=True)
    ring = reopened(image)
    disk = ring.store.disk
    assert disk is not None
    for copy, number in ((0, 1), (1, 2), (0, 3), (1, 3)):  # after the opening had checked them
        disk.rot(MIRRORED.offset(copy, number) + 500 + copy, 1)
    scrub(ring)
    info = ring.journal.info()
    assert (info.scrubbed, info.scrub_repaired, info.scrub_lost) == (True, 2, 1)
    for number in (1, 2):
        a, b = MIRRORED.offset(0, number), MIRRORED.offset(1, number)
        assert disk.durable[a : a + BLOCK] == disk.durable[b : b + BLOCK] == image[a : a + BLOCK]


def test_a_reader_takes_each_block_from_the_copy_that_is_intact() -> None:
    ring = Ring(MIRRORED)
    ring.write([sale(1, 9000)])
    ring.write([sale(2)])
    disk = ring.store.disk
    assert disk is not None
    for copy, number in ((0, 0), (1, 1), (0, 2), (0, 3)):
        disk.rot(MIRRORED.offset(copy, number) + 500, 1)
    assert list(ring.all().values()) == [sale(1, 9000), sale(2)]
    assert ring.journal.read(1).payload == sale(1, 9000).payload
    disk.rot(MIRRORED.offset(1, 3) + 500, 1)
    again = Ring(MIRRORED, Image(disk.durable))
    assert list(again.all()) == [1]


def test_the_damaged_journal_comes_with_the_error(tmp_path: Path) -> None:
    path = tmp_path / "ring"
    journal = Journal.open(path, size=MIB, mirror=False)
    for number in range(5):
        journal.append([sale(number)])
    journal.close()
    content = bytearray(path.read_bytes())
    spoil(content, Geometry(256, mirror=False), 0)
    path.write_bytes(content)
    with pytest.raises(OpenedDamaged, match=r"records 1 to 5 cannot be read.*Nothing was written") as raised:
        Journal.open(path, size=MIB, mirror=False)
    assert raised.value.lost[0].first_id == 1
    assert list(raised.value.journal.records()) == []
    raised.value.journal.close()
    assert path.read_bytes() == content


def scrub(ring: Ring) -> None:
    under_way = ring.journal._scrub
    assert under_way is not None
    while not under_way.done:
        under_way.step()


def _with_bad_block(image: bytearray, offsets: set[int], geometry: Geometry = PLAIN) -> Ring:
    """A journal on a disk on which reading these blocks fails until they are written again."""

    class Worn(SimStore):
        def open(self):  # type: ignore[no-untyped-def]
            disk = super().open()
            assert disk is not None
            read, write = disk.read_into, disk.write

            def read_into(offset: int, into: memoryview) -> None:
                if any(offset <= bad < offset + len(into) for bad in offsets):
                    raise OSError(errno.EIO, "bad sector")
                read(offset, into)

            def rewrite(offset: int, data: memoryview) -> None:
                offsets.difference_update(range(offset, offset + len(data), BLOCK))
                write(offset, data)

            disk.read_into, disk.write = read_into, rewrite  # type: ignore[method-assign]
            return disk

    return Ring(geometry, store=Worn(Image(image)))
