"""A backup has the archive too, belongs together, and replaces nothing; what it was made of can be brought back."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from posd.journal import Archive, DiskShelf, Journal, JournalBusy, JournalDamaged, JournalError
from posd.journal.archive_age import DAY_MS
from posd.journal.archive_reader import ArchiveReader, Entry
from posd.journal.backups import BackedUp, FolderSource, back_up, bring_back
from posd.journal.copies import Page, live_page, offline_pages
from posd.journal.ring import BLOCK
from posd.journal.verify import Verified, verify
from tests.unit.journal.rings import plain, sale
from tests.unit.journal.test_archive_verify import Kept


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    (tmp_path / "box").mkdir()
    box = Kept(tmp_path / "box")
    box.sell(200)
    return box


def reader(kept: Kept) -> ArchiveReader:
    found = kept.journal.past.archived
    assert found is not None
    return found


def pages(kept: Kept, size: int = 64) -> Iterator[Page]:
    """As a running posd gives them, so many blocks at a time."""
    first = 0
    while True:
        page = live_page(kept.log, first)
        yield Page(page.superblock, page.first, page.blocks[: size * BLOCK])
        first = page.first + len(page.blocks[: size * BLOCK]) // BLOCK


class Running:
    """The archive of a posd that runs."""

    def __init__(self, kept: Kept) -> None:
        self.kept = kept

    def entries(self) -> list[Entry]:
        return reader(self.kept).entries()

    def piece(self, entry: Entry, offset: int) -> bytes:
        return reader(self.kept).piece(entry.batch, entry.turn, offset)


def made(kept: Kept, target: Path, since: Path | None = None) -> BackedUp:
    return back_up(pages(kept), Running(kept), target, since)


def checked(folder: Path) -> Verified:
    return verify(folder / "journal", archive=DiskShelf(folder / "archive"))


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_it_has_everything_and_is_sound(kept: Kept, tmp_path: Path) -> None:
    told = made(kept, tmp_path / "monday")
    found = checked(tmp_path / "monday")
    assert (found.verdict, found.first, found.last) == ("sound", 1, 200)
    assert (told.journal.first, told.journal.last, told.linked) == (1, 200, 0)
    assert told.files == len(kept.archive.files)
    assert told.archived == sum(path.stat().st_size for path in (tmp_path / "monday" / "archive").iterdir())
    assert (tmp_path / "monday").stat().st_mode & 0o777 == 0o700


def test_the_next_one_takes_over_what_does_not_change(kept: Kept, tmp_path: Path) -> None:
    made(kept, tmp_path / "monday")
    monday = content(tmp_path / "monday")
    kept.sell(100)
    told = made(kept, tmp_path / "tuesday", since=tmp_path / "monday")
    assert told.files > told.linked >= len(monday) - 3
    assert (checked(tmp_path / "tuesday").verdict, checked(tmp_path / "tuesday").last) == ("sound", 300)
    assert content(tmp_path / "monday") == monday
    shutil.rmtree(tmp_path / "monday")
    assert checked(tmp_path / "tuesday").verdict == "sound", "it stands alone"


def test_a_disk_without_links(kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr("os.link", refused)
    made(kept, tmp_path / "monday")
    kept.sell(50)
    told = made(kept, tmp_path / "tuesday", since=tmp_path / "monday")
    assert told.linked > 0
    for day in ("monday", "tuesday"):
        assert checked(tmp_path / day).verdict == "sound"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["box", "monday", "tuesday"]


class Stop(Exception):
    pass


class Breaking(Running):
    """It breaks at the nth piece."""

    def __init__(self, kept: Kept, at: int) -> None:
        super().__init__(kept)
        self.at = at
        self.count = 0

    def entries(self) -> list[Entry]:
        self.step()
        return super().entries()

    def piece(self, entry: Entry, offset: int) -> bytes:
        self.step()
        return super().piece(entry, offset)

    def step(self) -> None:
        self.count += 1
        if self.count == self.at:
            raise Stop


def test_interrupted_anywhere_it_leaves_the_earlier_one_whole_and_nothing_else(kept: Kept, tmp_path: Path) -> None:
    made(kept, tmp_path / "monday")
    before = content(tmp_path / "monday")
    kept.sell(60)
    at = 0
    for at in range(1, 100):
        source = Breaking(kept, at)
        try:
            back_up(pages(kept), source, tmp_path / "tuesday", tmp_path / "monday")
        except Stop:
            assert sorted(path.name for path in tmp_path.iterdir()) == ["box", "monday"]
            assert content(tmp_path / "monday") == before
        else:
            break
    assert 3 < at < 99
    assert checked(tmp_path / "tuesday").verdict == "sound"


def test_what_is_archived_while_it_is_made_is_left_out(kept: Kept, tmp_path: Path) -> None:
    """The archive grows past the end of the ring's copy, within a file and by new ones."""

    class Growing(Breaking):
        def step(self) -> None:
            if self.count == 0:
                self.count = 1
                self.kept.sell(25)

    told = back_up(pages(kept), Growing(kept, 0), tmp_path / "monday", None)
    assert told.journal.last == 200
    assert (checked(tmp_path / "monday").verdict, checked(tmp_path / "monday").last) == ("sound", 200)


def test_a_file_that_was_taken_over_is_not_cut_in_the_earlier_backup(kept: Kept, tmp_path: Path) -> None:
    older = [page for page, _ in zip(pages(kept), range(3), strict=False)]
    kept.sell(25)
    made(kept, tmp_path / "later")
    before = content(tmp_path / "later")
    back_up(iter(older), Running(kept), tmp_path / "odd", tmp_path / "later")
    assert content(tmp_path / "later") == before
    assert checked(tmp_path / "odd").last == 200


def test_a_journal_that_overtakes_the_copy_is_said(kept: Kept, tmp_path: Path) -> None:
    """A piece that had left the ring before it was copied, and was archived only together with what came after."""
    older = next(pages(kept))
    kept.sell(5)
    seen = verify(kept.ring())

    class Late(Running):
        def entries(self) -> list[Entry]:
            return [entry for entry in super().entries() if f"{seen.first:014d}" > entry.name[9:23]][:2]

    with pytest.raises(JournalBusy, match="Nothing was made"):
        back_up(iter([older]), Late(kept), tmp_path / "monday", None)
    assert [path.name for path in tmp_path.iterdir()] == ["box"]


def test_an_archive_with_damage_is_no_backup(kept: Kept, tmp_path: Path) -> None:
    path = kept.names()[1]
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(JournalError, match="is not sound"):
        made(kept, tmp_path / "monday")
    assert [path.name for path in tmp_path.iterdir()] == ["box"]


def test_never_over_anything(kept: Kept, tmp_path: Path) -> None:
    (tmp_path / "monday").mkdir()
    with pytest.raises(FileExistsError):
        made(kept, tmp_path / "monday")
    assert list((tmp_path / "monday").iterdir()) == []


def opened(folder: Path) -> Journal:
    archive = Archive(DiskShelf(folder / "archive"), 700 * DAY_MS)
    return Journal.open(folder / "journal", size=1 << 20, mirror=True, archive=archive)


class TestRestore:
    def test_everything_is_there_again_and_it_goes_on(self, kept: Kept, tmp_path: Path) -> None:
        made(kept, tmp_path / "monday")
        (tmp_path / "new").mkdir()
        told, names = bring_back(tmp_path / "monday", tmp_path / "new" / "journal", tmp_path / "new" / "archive")
        assert (told.last, names) == (200, [file.name for file in kept.archive.files])
        assert (tmp_path / "new" / "archive").stat().st_mode & 0o777 == 0o700
        journal = opened(tmp_path / "new")
        assert journal.past.trouble() == ""
        assert {record.id: plain(record) for record in journal.records(1)} == kept.written
        journal.start(lambda _: None, lambda _: None)
        journal.release(190)
        journal.append([sale(201)])
        journal.close()
        assert checked(tmp_path / "new").verdict == "sound"

    def test_from_a_directory_that_no_posd_writes_to(self, kept: Kept, tmp_path: Path) -> None:
        """A copy of a copy."""
        made(kept, tmp_path / "monday")
        source = FolderSource(DiskShelf(tmp_path / "monday" / "archive"), kept.archive.uuid)
        back_up(offline_pages(tmp_path / "monday" / "journal"), source, tmp_path / "again", None)
        assert checked(tmp_path / "again").first == 1

    def test_what_is_not_sound_is_refused(self, kept: Kept, tmp_path: Path) -> None:
        made(kept, tmp_path / "monday")
        (tmp_path / "monday" / "archive" / kept.archive.files[1].name).unlink()
        with pytest.raises(JournalDamaged, match="Nothing was restored"):
            bring_back(tmp_path / "monday", tmp_path / "journal", tmp_path / "archive")
        assert sorted(path.name for path in tmp_path.iterdir()) == ["box", "monday"]

    def test_another_course_that_is_there_is_not_mixed_up_with_it(self, kept: Kept, tmp_path: Path) -> None:
        made(kept, tmp_path / "monday")
        kept.sell(100)
        before = content(tmp_path / "box" / "archive")
        with pytest.raises(JournalError, match="not in the backup"):
            bring_back(tmp_path / "monday", tmp_path / "journal", tmp_path / "box" / "archive")
        assert content(tmp_path / "box" / "archive") == before
        assert not (tmp_path / "journal").exists()

    def test_what_was_interrupted_is_finished(
        self, kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made(kept, tmp_path / "monday")
        create, count = DiskShelf.create, []

        def breaking(self: DiskShelf, name: str, data: bytes) -> None:
            count.append(name)
            if len(count) == 3:
                raise Stop
            create(self, name, data)

        monkeypatch.setattr(DiskShelf, "create", breaking)
        with pytest.raises(Stop):
            bring_back(tmp_path / "monday", tmp_path / "journal", tmp_path / "archive")
        assert not (tmp_path / "journal").exists()
        monkeypatch.undo()
        bring_back(tmp_path / "monday", tmp_path / "journal", tmp_path / "archive")
        assert verify(tmp_path / "journal", archive=DiskShelf(tmp_path / "archive")).first == 1

    def test_a_ring_alone(self, kept: Kept, tmp_path: Path) -> None:
        """A journal's file is a backup without an archive."""
        made(kept, tmp_path / "monday")
        told, names = bring_back(tmp_path / "monday" / "journal", tmp_path / "journal", tmp_path / "archive")
        assert (told.last, names) == (200, [])
        assert not os.path.exists(tmp_path / "archive")
