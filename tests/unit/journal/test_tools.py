"""The tools that look at a journal from outside: each verdict, copies that are journals, and what can be saved."""

from __future__ import annotations

import os
import queue
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from posd.journal import Archive, DiskShelf, Journal, JournalBusy, JournalDamaged, JournalError, NotAJournal
from posd.journal import look as look_module
from posd.journal.copies import Page, backup, live_page, offline_pages, put_aside, restore
from posd.journal.look import look
from posd.journal.port import BlockFile
from posd.journal.recover import Found, Observe, recover
from posd.journal.ring import BLOCK, Geometry
from posd.journal.salvage import LOST_TYPE, SKIPPED, salvage
from posd.journal.verify import Anchor, verify
from tests.unit.journal.rings import Ring, reopened, sale

PLAIN = Geometry(64, mirror=False)
MIRRORED = Geometry(64, mirror=True)
SHAPES = pytest.mark.parametrize("geometry", [PLAIN, MIRRORED], ids=["plain", "mirrored"])


def written(geometry: Geometry, count: int = 100) -> Ring:
    """More than a lap, the last ten records owed, a mark behind them."""
    ring = Ring(geometry)
    for number in range(1, count + 1):
        ring.journal.release(number - 10)
        ring.write([sale(number, 200)])
    ring.writer.mark()
    return ring


def kept(ring: Ring, folder: Path, name: str = "ring") -> Path:
    (folder / name).write_bytes(ring.image())
    return folder / name


def spoil(path: Path, geometry: Geometry, *numbers: int) -> None:
    image = bytearray(path.read_bytes())
    for number in numbers:
        for copy in range(geometry.copies):
            image[geometry.offset(copy, number) + 200] ^= 0x40
    path.write_bytes(image)


def forge(path: Path, geometry: Geometry, number: int) -> None:
    """Change a byte of a record and make every checksum right again."""
    image = bytearray(path.read_bytes())
    for copy in range(geometry.copies):
        at = geometry.offset(copy, number)
        (length,) = struct.unpack_from("<I", image, at + 128 + 4)
        image[at + 128 + length - 1] ^= 0x40
        struct.pack_into("<I", image, at + 128, zlib.crc32(image[at + 128 + 4 : at + 128 + length]))
        struct.pack_into("<I", image, at + 4, zlib.crc32(image[at + 8 : at + BLOCK]))
    path.write_bytes(image)


def ids(path: Path) -> list[int]:
    seen = look(path)
    try:
        return [record.id for record in seen.records()]
    finally:
        seen.close()


class TestVerify:
    @SHAPES
    def test_sound(self, geometry: Geometry, tmp_path: Path) -> None:
        found = verify(kept(written(geometry), tmp_path))
        assert (found.verdict, found.last, found.lost, found.in_use) == ("sound", 100, (), False)
        assert found.batches == found.last - found.first + 2, "a batch a record, and the mark"

    @SHAPES
    def test_damaged(self, geometry: Geometry, tmp_path: Path) -> None:
        path = kept(written(geometry), tmp_path)
        spoil(path, geometry, 95)
        found = verify(path)
        assert found.verdict == "damaged"
        assert [(gap.first_id, gap.last_id) for gap in found.lost] == [(96, 96)]

    @SHAPES
    def test_altered_with_every_checksum_right(self, geometry: Geometry, tmp_path: Path) -> None:
        path = kept(written(geometry), tmp_path)
        forge(path, geometry, 95)
        assert verify(path).verdict == "altered"

    def test_a_bad_copy_whose_twin_is_good_is_counted(self, tmp_path: Path) -> None:
        path = kept(written(MIRRORED), tmp_path)
        image = bytearray(path.read_bytes())
        image[MIRRORED.offset(1, 95) + 200] ^= 1
        path.write_bytes(image)
        found = verify(path)
        assert (found.verdict, found.bad_copies) == ("sound", 1)

    @pytest.mark.parametrize("content", [b"", bytes(BLOCK * 20)])
    def test_what_is_no_journal(self, content: bytes, tmp_path: Path) -> None:
        (tmp_path / "ring").write_bytes(content)
        with pytest.raises(NotAJournal):
            verify(tmp_path / "ring")

    @pytest.mark.parametrize("name", ["missing", "."])
    def test_what_is_no_file(self, name: str, tmp_path: Path) -> None:
        with pytest.raises(JournalError):
            verify(tmp_path / name)

    def test_it_is_not_touched(self, tmp_path: Path) -> None:
        path = kept(written(PLAIN), tmp_path)
        path.chmod(0o400)
        before = (path.read_bytes(), path.stat().st_mtime_ns)
        verify(path)
        assert (path.read_bytes(), path.stat().st_mtime_ns) == before
        assert os.listdir(tmp_path) == ["ring"]


class TestAnchors:
    def test_of_any_batch_that_is_still_there(self, tmp_path: Path) -> None:
        ring = Ring(PLAIN)
        anchors = []
        for number in range(1, 11):
            ring.write([sale(number)])
            anchors.append(Anchor(bytes.fromhex(ring.journal.info().chain), number))
        path = kept(ring, tmp_path)
        for anchor in anchors:
            assert verify(path, anchor=anchor).asked == "ok"

    def test_cut_off(self, tmp_path: Path) -> None:
        ring = written(PLAIN, 50)
        shorter = kept(ring, tmp_path)
        ring.write([sale(51)])
        anchor = Anchor(bytes.fromhex(ring.journal.info().chain), 51)
        assert verify(shorter, anchor=anchor).verdict == "shorter"

    def test_another_history(self, tmp_path: Path) -> None:
        path = kept(written(PLAIN, 50), tmp_path)
        assert verify(path, anchor=Anchor(bytes(32), 45)).verdict == "altered"
        assert verify(path, anchor=Anchor(bytes(32), 50)).verdict == "altered"

    def test_gone_with_the_ring(self, tmp_path: Path) -> None:
        found = verify(kept(written(PLAIN), tmp_path), anchor=Anchor(bytes(32), 3))
        assert (found.verdict, found.asked) == ("sound", "gone")

    def test_in_a_damaged_file_damage_is_not_called_short(self, tmp_path: Path) -> None:
        path = kept(written(PLAIN), tmp_path)
        spoil(path, PLAIN, 95)
        assert verify(path, anchor=Anchor(bytes(32), 500)).verdict == "damaged"

    @pytest.mark.parametrize("text", ["", "ab@1", "zz" * 32 + "@1", "ab" * 32, "ab" * 32 + "@x"])
    def test_what_is_none(self, text: str) -> None:
        with pytest.raises(ValueError, match="an anchor is"):
            Anchor.parse(text)

    def test_in_a_text(self) -> None:
        anchor = Anchor(bytes(range(32)), 42)
        assert Anchor.parse(f"monday: {anchor}\n") == anchor


class TestLive:
    """On a journal that posd has open and writes to."""

    def test_verify_and_dump_while_it_is_written(self, tmp_path: Path) -> None:
        path = tmp_path / "ring"
        journal = Journal.open(path, size=1 << 20, mirror=True)
        durable: list[int] = []
        journal.start(durable.append, lambda failure: None)
        try:
            for number in range(1, 600):
                journal.append([sale(number, 600)])
                journal.release(number - 50)
                if number % 20 == 0:
                    found = verify(path)
                    assert (found.verdict, found.in_use) == ("sound", True), found
        finally:
            journal.close()
        assert verify(path).last == 599

    def test_what_was_half_there_is_looked_at_again(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A batch that was being written when the first look came by is no damage."""
        journal = Journal.open(tmp_path / "ring", size=1 << 20, mirror=False)
        looks: list[str] = []

        def caught(file: BlockFile, observe: Observe | None = None) -> Found:
            found = recover(file, observe)
            looks.append(found.case)
            return replace(found, case="H") if len(looks) == 1 else found

        monkeypatch.setattr(look_module, "recover", caught)
        try:
            assert verify(tmp_path / "ring").verdict == "sound"
            assert len(looks) == 2
        finally:
            journal.close()

    def test_damage_in_a_file_in_use_is_still_found(self, tmp_path: Path) -> None:
        path = tmp_path / "ring"
        journal = Journal.open(path, size=1 << 20, mirror=False)
        journal.start(lambda _: None, lambda _: None)
        for number in range(1, 30):
            journal.append([sale(number, 3000)])
        journal.close()
        journal = Journal.open(path, size=1 << 20, mirror=False)
        try:
            spoil(path, Geometry(256, False), 5)
            assert verify(path).verdict == "damaged"
        finally:
            journal.close()


class TestBackup:
    @SHAPES
    def test_is_a_journal_with_the_same_records(self, geometry: Geometry, tmp_path: Path) -> None:
        ring = written(geometry)
        path = kept(ring, tmp_path)
        copied = backup(offline_pages(path), tmp_path / "copy")
        assert ids(tmp_path / "copy") == ids(path)
        again = reopened((tmp_path / "copy").read_bytes())
        assert again.journal.recovery.case == "D"
        assert again.all() == {number: sale(number, 200) for number in ids(path)}
        assert copied.anchor == f"{ring.journal.info().chain}@100"
        assert verify(path, anchor=Anchor.parse(copied.anchor)).asked == "ok"
        assert sorted(os.listdir(tmp_path)) == ["copy", "ring"]

    @SHAPES
    def test_while_the_head_moves_on(self, geometry: Geometry, tmp_path: Path) -> None:
        """Records leave the ring between two pages, and their places are written over: the copy begins behind them."""
        ring = written(geometry, 60)

        def pages() -> Iterator[Page]:
            first, number = 0, 60
            while True:
                page = live_page(ring.opened.log, first)  # type: ignore[arg-type]
                piece = page.blocks[: 16 * BLOCK]
                yield Page(page.superblock, page.first, piece)
                first = page.first + len(piece) // BLOCK
                for _ in range(8):
                    number += 1
                    ring.journal.release(number - 10)
                    ring.write([sale(number, 200)])

        copied = backup(pages(), tmp_path / "copy")
        assert copied.last == 60
        assert ids(tmp_path / "copy") == list(range(copied.first, 61))
        assert copied.first > 1

    def test_that_the_ring_overtakes_is_given_up(self, tmp_path: Path) -> None:
        ring = written(PLAIN, 60)

        def pages() -> Iterator[Page]:
            page = live_page(ring.opened.log, 0)  # type: ignore[arg-type]
            yield Page(page.superblock, page.first, page.blocks[:BLOCK])
            for number in range(61, 200):
                ring.journal.release(number - 10)
                ring.write([sale(number, 200)])
            yield live_page(ring.opened.log, page.first + 1)  # type: ignore[arg-type]

        with pytest.raises(JournalBusy, match="Nothing was made"):
            backup(pages(), tmp_path / "copy")
        assert os.listdir(tmp_path) == []

    def test_of_a_damaged_journal_is_refused(self, tmp_path: Path) -> None:
        path = kept(written(PLAIN), tmp_path)
        spoil(path, PLAIN, 95)
        with pytest.raises(JournalDamaged):
            backup(offline_pages(path), tmp_path / "copy")
        assert os.listdir(tmp_path) == ["ring"]

    def test_of_a_journal_in_use_is_left_to_posd(self, tmp_path: Path) -> None:
        journal = Journal.open(tmp_path / "ring", size=1 << 20, mirror=False)
        with pytest.raises(JournalBusy, match="in use"):
            backup(offline_pages(tmp_path / "ring"), tmp_path / "copy")
        journal.close()

    def test_never_over_a_file(self, tmp_path: Path) -> None:
        path = kept(written(PLAIN), tmp_path)
        (tmp_path / "copy").write_text("precious")
        for make in (lambda: backup(offline_pages(path), tmp_path / "copy"), lambda: restore(path, tmp_path / "copy")):
            with pytest.raises(FileExistsError):
                make()
        assert (tmp_path / "copy").read_text() == "precious"

    def test_a_copy_that_cannot_be_read_back_is_none(self, tmp_path: Path) -> None:
        ring = written(PLAIN, 20)
        page = live_page(ring.opened.log, 0)  # type: ignore[arg-type]
        rotten = bytearray(page.blocks)
        rotten[5 * BLOCK + 200] ^= 1
        with pytest.raises(JournalError, match="not sound"):
            backup(iter([Page(page.superblock, page.first, bytes(rotten))]), tmp_path / "copy")
        assert os.listdir(tmp_path) == []


class TestRestore:
    def test_and_posd_goes_on_with_it(self, tmp_path: Path) -> None:
        path = kept(written(MIRRORED), tmp_path)
        backup(offline_pages(path), tmp_path / "copy")
        restore(tmp_path / "copy", tmp_path / "back")
        assert (tmp_path / "back").stat().st_mode & 0o777 == 0o600
        journal = Journal.open(tmp_path / "back", size=1 << 20, mirror=False)
        assert journal.recovery.case == "D"
        journal.start(lambda _: None, lambda _: None)
        assert journal.append([sale(101)]) == range(101, 102)
        journal.close()

    def test_what_is_not_sound_is_refused(self, tmp_path: Path) -> None:
        path = kept(written(PLAIN), tmp_path)
        spoil(path, PLAIN, 95)
        with pytest.raises(JournalDamaged):
            restore(path, tmp_path / "back")
        assert os.listdir(tmp_path) == ["ring"]


class TestSalvage:
    @SHAPES
    def test_all_but_what_is_lost_under_the_old_ids(self, geometry: Geometry, tmp_path: Path) -> None:
        path = kept(written(geometry), tmp_path)
        there = ids(path)
        spoil(path, geometry, 60, 61, 95)
        before = path.read_bytes()
        made = salvage(path, tmp_path / "saved")
        lost = {61, 62, 96}
        assert [(gap.first_id, gap.last_id) for gap in made.lost] == [(61, 62), (96, 96)]
        ring = reopened((tmp_path / "saved").read_bytes())
        assert ring.journal.recovery.case == "D"
        records = ring.all()
        assert list(records) == there, "no id is free to be used again"
        assert {number for number, record in records.items() if record.type == LOST_TYPE} == lost
        assert all(records[number] == sale(number, 200) for number in there if number not in lost)
        assert ring.write([sale(1)]) == range(101, 102)
        assert path.read_bytes() == before

    def test_an_end_that_is_known(self, tmp_path: Path) -> None:
        ring = written(PLAIN, 20)
        ring.journal.close()
        path = kept(ring, tmp_path)
        spoil(path, PLAIN, 18, 19, 20)
        made = salvage(path, tmp_path / "saved")
        assert (made.last, made.next) == (18, 21)
        assert [(gap.first_id, gap.last_id) for gap in made.lost] == [(19, 20)]

    def test_an_end_that_is_not(self, tmp_path: Path) -> None:
        """Nobody can say how many records there were: ids are given up behind it."""
        ring = written(PLAIN, 20)
        ring.write([sale(21, 200)])
        ring.write([sale(22, 9000)])
        path = kept(ring, tmp_path)
        spoil(path, PLAIN, 21, 22)
        made = salvage(path, tmp_path / "saved")
        assert (made.last, made.next) == (20, 21 + SKIPPED)
        assert [(gap.first_id, gap.last_id) for gap in made.lost] == [(21, None)]

    @SHAPES
    def test_without_a_superblock(self, geometry: Geometry, tmp_path: Path) -> None:
        path = kept(written(geometry), tmp_path)
        there = ids(path)
        image = bytearray(path.read_bytes())
        for start in (0, len(image) - 4 * BLOCK):
            image[start : start + 4 * BLOCK] = bytes(4 * BLOCK)
        path.write_bytes(image)
        made = salvage(path, tmp_path / "saved")
        assert made.made_up
        assert made.last == 100
        assert set(ids(tmp_path / "saved")) >= set(there)

    def test_of_a_file_that_was_cut_short(self, tmp_path: Path) -> None:
        path = kept(written(MIRRORED), tmp_path)
        there = ids(path)
        os.truncate(path, MIRRORED.offset_b + 100)
        salvage(path, tmp_path / "saved")
        assert ids(tmp_path / "saved") == there, "ring A is whole"

    def test_of_one_of_a_newer_posd_is_refused(self, tmp_path: Path) -> None:
        path = kept(written(PLAIN), tmp_path)
        image = bytearray(path.read_bytes())
        for start in (0, len(image) - 4 * BLOCK):
            for at in range(start, start + 4 * BLOCK, BLOCK):
                struct.pack_into("<I", image, at + 12, 2)
                struct.pack_into("<I", image, at + 8, zlib.crc32(image[at + 12 : at + BLOCK]))
        path.write_bytes(image)
        with pytest.raises(NotAJournal, match="newer"):
            salvage(path, tmp_path / "saved")

    @pytest.mark.parametrize("content", [b"", b"x" * 100, bytes(100 * BLOCK), b"\xff" * (100 * BLOCK)])
    def test_of_nothing(self, content: bytes, tmp_path: Path) -> None:
        (tmp_path / "ring").write_bytes(content)
        with pytest.raises(NotAJournal):
            salvage(tmp_path / "ring", tmp_path / "saved")
        assert os.listdir(tmp_path) == ["ring"]

    def test_never_of_a_journal_in_use(self, tmp_path: Path) -> None:
        journal = Journal.open(tmp_path / "ring", size=1 << 20, mirror=False)
        with pytest.raises(JournalBusy):
            salvage(tmp_path / "ring", tmp_path / "saved")
        journal.close()


def test_a_copy_is_put_aside_once(tmp_path: Path) -> None:
    path = kept(written(PLAIN), tmp_path)
    made = put_aside(path, tmp_path, "0123")
    assert made.name == "ring.damaged-0123"
    assert made.read_bytes() == path.read_bytes()
    made.write_bytes(b"kept")
    assert put_aside(path, tmp_path, "0123") == made
    assert made.read_bytes() == b"kept"


def test_a_salvaged_journal_keeps_its_archive(tmp_path: Path) -> None:
    """What had left the broken ring is still found, and what leaves the new one follows it."""

    def opened(name: str) -> tuple[Journal, queue.Queue[int]]:
        archive = Archive(DiskShelf(tmp_path / "archive"), 10**12)
        journal = Journal.open(tmp_path / name, size=1 << 20, mirror=False, archive=archive)
        durable: queue.Queue[int] = queue.Queue()
        journal.start(durable.put, lambda failure: None)
        return journal, durable

    def write(journal: Journal, durable: queue.Queue[int], first: int, last: int) -> None:
        for number in range(first, last + 1):
            journal.append([sale(number, 3000)])
            journal.release(number - 50)
            while durable.get(timeout=60) < number:
                pass

    journal, durable = opened("ring")
    write(journal, durable, 1, 400)
    assert journal.info().first_id > 1
    journal.close()
    seen = look(tmp_path / "ring")
    place = seen.found.index.find(380)
    seen.close()
    assert place is not None
    spoil(tmp_path / "ring", Geometry(256, False), place[1])
    salvage(tmp_path / "ring", tmp_path / "saved")
    journal, durable = opened("saved")
    try:
        write(journal, durable, 401, 800)
        assert journal.past.trouble() == ""
        assert journal.info().first_id > 401
        lost = [number for number in range(1, 801) if journal.read(number).payload != sale(number, 3000).payload]
        assert lost == [380]
    finally:
        journal.close()
