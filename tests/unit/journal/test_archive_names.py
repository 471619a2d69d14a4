"""The names never say no to what is there."""

from __future__ import annotations

import errno
from array import array
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posd.journal.archive_format import reference_hash
from posd.journal.archive_index import index_name
from posd.journal.archive_names import Names, name_of
from posd.journal.archive_reader import ArchiveReader
from posd.journal.errors import RecordGone
from posd.journal.record import NewRecord
from tests.crash.shelf import SimShelf
from tests.unit.journal.test_archive import Box


def of(reference: bytes) -> int:
    return name_of(reference_hash(reference))


@given(
    st.lists(st.tuples(st.sampled_from(["load", "add"]), st.sets(st.integers(0, 400))), max_size=12), st.integers(0, 9)
)
def test_what_came_in_is_there_and_nothing_else(steps: list[tuple[str, set[int]]], finish_at: int) -> None:
    names, there = Names(), set()
    for at, (how, numbers) in enumerate(steps):
        refs = {b"%d" % number for number in numbers}
        if at == finish_at:
            names.finish()
        if how == "load" and not names.complete:
            names.load(array("I", sorted(map(of, refs))))
        else:
            names.add(map(of, refs))
        there |= refs
        assert names.complete or names.may_have(b"never")
    if not names.complete:
        names.finish()
    assert all(names.may_have(reference) for reference in there)
    assert sum(names.may_have(b"%d" % number) for number in range(401)) == len(there)
    assert not names.may_have(b"never")


@pytest.fixture
def box() -> Box:
    box = Box(SimShelf(), file_bytes_max=3000)
    written(box, range(1, 300))
    assert len(box.archive.files) > 4
    return box


def written(box: Box, numbers: range) -> None:
    for number in numbers:
        box.write(NewRecord(1, 1, b"t%d" % number, b"%d" % number * 90))
        box.journal.release(number)


def reader(box: Box) -> ArchiveReader:
    found = box.journal.past.archived
    assert found is not None
    return found


def archived(box: Box) -> list[bytes]:
    through = box.journal.past.archived_through()
    assert through is not None
    return [b"t%d" % number for number in range(1, through + 1)]


def test_until_they_are_known_it_may_have_everything(box: Box) -> None:
    assert reader(box).may_have(b"nobody")
    reader(box).learn()
    assert not reader(box).may_have(b"nobody")
    assert all(map(reader(box).may_have, archived(box)))


def test_what_is_archived_later_is_known_at_once(box: Box) -> None:
    reader(box).learn()
    before = len(archived(box))
    written(box, range(300, 400))
    assert len(archived(box)) > before
    assert all(map(reader(box).may_have, archived(box)))


def test_what_is_archived_while_they_are_read_is_not_lost(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    load = Names.load

    def slow(self: Names, names: array[int]) -> None:
        start = 300 + 10 * len(slowed)
        slowed.append(start)
        writing = Thread(target=written, args=(box, range(start, start + 10)))
        writing.start()
        writing.join()
        load(self, names)

    slowed: list[int] = []
    monkeypatch.setattr(Names, "load", slow)
    reader(box).learn()
    assert len(slowed) > 4
    assert all(map(reader(box).may_have, archived(box)))


def test_after_a_start_they_come_from_the_indices_or_from_the_files(box: Box) -> None:
    shelf = box.shelf
    assert isinstance(shelf, SimShelf)
    while reader(box).tend():
        pass
    for broken in (None, "missing", "spoilt"):
        box.crash()
        name = index_name(box.archive.files[1])
        if broken == "missing":
            del shelf.files[name]
        elif broken == "spoilt":
            shelf.files[name] = shelf.files[name][:100] + b"\xff\xff\xff\xff" + shelf.files[name][104:]
        reader(box).learn()
        assert all(map(reader(box).may_have, archived(box))), broken
        assert not reader(box).may_have(b"nobody")


def test_only_the_fronts_of_the_indices_are_read(box: Box) -> None:
    while reader(box).tend():
        pass
    box.crash()
    shelf = box.shelf
    assert isinstance(shelf, SimShelf)
    for file in box.archive.files[:-1]:
        name = index_name(file)
        shelf.files[name] = shelf.files[name][:-16] + bytes(16)  # the entries do not fit their checksum
    before = dict(shelf.files)
    reader(box).learn()
    assert shelf.files == before, "none was made anew"
    assert all(map(reader(box).may_have, archived(box)))
    assert reader(box).of(b"t3") == [3]
    assert shelf.files != before


def test_a_file_that_cannot_be_read_is_named_and_stops_nothing(box: Box) -> None:
    shelf = box.shelf
    assert isinstance(shelf, SimShelf)
    name = box.archive.files[1].name
    box.crash()
    shelf.files[name] = shelf.files[name][:-30]
    reader(box).learn()
    assert f"{name} cannot be read" in box.journal.past.trouble()
    assert reader(box).may_have(b"t1")
    assert not reader(box).may_have(b"nobody")


def test_a_file_that_is_past_its_time_by_then_is_no_trouble(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(self: object, file: object, following: object) -> array[int]:
        raise RecordGone("deleted")

    monkeypatch.setattr("posd.journal.archive_index.ArchiveIndex.names", gone)
    reader(box).learn()
    assert box.journal.past.trouble() == ""


def test_a_disk_that_fails_stops_nothing(box: Box) -> None:
    shelf = box.shelf
    assert isinstance(shelf, SimShelf)
    box.crash()

    def fail(what: str) -> None:
        raise OSError(errno.EIO, "the disk")

    shelf.fail = fail
    reader(box).learn()
    assert "cannot be read" in box.journal.past.trouble()
    assert not reader(box).may_have(b"nobody")
