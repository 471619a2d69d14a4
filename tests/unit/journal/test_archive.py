"""The archive: what leaves the ring is in it, and nothing that fails there loses a record."""

from __future__ import annotations

import errno
import hashlib
import random
import struct
import tracemalloc
from pathlib import Path

import pytest

from posd.journal import ArchiveUnreadable, JournalFull, NewRecord, RecordGone, archive_zstd
from posd.journal.archive import RETRY_S, Archive
from posd.journal.archive_age import DAY_MS
from posd.journal.archive_files import chunks, list_files, unpacked
from posd.journal.archive_format import CHUNK_HEADER, FILE_HEADER, frames, pack_chunk, pack_frame
from posd.journal.archive_index import _Sorting, index_name
from posd.journal.archive_shelf import DiskShelf, Shelf
from posd.journal.block import genesis
from posd.journal.journal import Journal
from posd.journal.opening import open_log
from posd.journal.record import decode_body, encode_record
from posd.journal.ring import Geometry
from posd.journal.writer import Writer
from tests.crash.disk import Image, SimStore
from tests.crash.shelf import SimShelf
from tests.unit.journal.rings import entropy, plain, sale

RING = Geometry(32, mirror=True)


class Box:
    """A journal with an archive, written without the thread, on clocks that stand still until they are moved."""

    def __init__(
        self, shelf: Shelf | None = None, *, keep_ms: int = 700 * DAY_MS, file_bytes_max: int = 4 << 20
    ) -> None:
        self.shelf = shelf or SimShelf()
        self.now_ms = 20_000 * DAY_MS
        self.mono_s = 0.0
        self.keep_ms = keep_ms
        self.file_bytes_max = file_bytes_max
        self.store = SimStore(Image(None))
        self.written: dict[int, NewRecord] = {}
        self.released = 1
        self.open()

    def open(self) -> None:
        self.archive = Archive(
            self.shelf,
            self.keep_ms,
            now_ms=lambda: self.now_ms,
            mono_s=lambda: self.mono_s,
            file_bytes_max=self.file_bytes_max,
        )
        opened = open_log(self.store, RING, entropy())
        assert opened.log is not None
        self.log = opened.log
        self.journal = Journal("simulated", opened, self.archive)
        self.writer: Writer = self.journal._connect(lambda _: None, lambda _: None)
        self.journal.release(self.released)

    def crash(self) -> None:
        assert self.store.disk is not None
        self.store = SimStore(Image(bytes(self.store.disk.durable)))
        self.open()

    def drive(self) -> None:
        """What the writer's thread does with what waits, and with a quiet moment afterwards."""
        while not self.writer._queue.empty() or self.writer._held is not None:
            self.writer.commit(self.writer.gather() or [])
            if self.archive.due(self.log):
                self.archive.step(self.log)

    def write(self, *records: NewRecord) -> range:
        ids = self.journal.append(list(records))
        self.drive()
        self.written |= dict(zip(ids, records, strict=True))
        return ids

    def sell(self, count: int, *, keep: int = 3) -> None:
        """So many records, one batch each; all but the newest `keep` are released."""
        for _ in range(count):
            number = len(self.written) + 1
            self.write(sale(number, 200 + number % 7 * 300))
            self.released = number - keep
            self.journal.release(self.released)

    def all(self, start: int = 0) -> dict[int, NewRecord]:
        return {record.id: plain(record) for record in self.journal.records(start)}


def test_what_has_left_the_ring_is_read_as_if_it_had_not() -> None:
    box = Box()
    box.sell(300)
    assert box.journal.info().laps > 5
    assert box.journal.info().first_id > 200, "most of it has left the ring"
    assert box.all() == box.written
    assert list(box.all()) == list(range(1, 301))
    assert list(box.all(start=57)) == list(range(57, 301))
    for number in (1, 2, 150, 299, 300):
        assert plain(box.journal.read(number)) == box.written[number]
    box.crash()
    assert box.all() == box.written
    box.sell(100)
    assert box.all() == box.written


def test_without_an_archive_it_is_gone() -> None:
    box = Box()
    box.archive = Archive(SimShelf(), 0)
    box.journal = Journal("simulated", open_log(box.store, RING, entropy()))
    box.writer = box.journal._connect(lambda _: None, lambda _: None)
    for number in range(100):
        box.journal.append([sale(number)])
        box.writer.commit(box.writer.gather() or [])
        box.journal.release(number)
    with pytest.raises(RecordGone):
        box.journal.read(1)


def test_the_journals_chain_can_be_computed_from_the_archive_alone() -> None:
    """So an edit in any file shows to whoever knows one later chain."""
    box = Box(file_bytes_max=3000)
    box.sell(300)
    assert len(box.archive.files) > 5
    reader = box.journal.past.archived
    assert reader is not None
    chain = genesis(box.archive.uuid)
    for file, following in zip(box.archive.files, [*box.archive.files[1:], None], strict=True):
        for place in reader._places(file, following):
            assert place[1].start.chain == chain
            for frame in reader.batches(file, place):
                link = hashlib.sha256(
                    chain + frame.sequence.to_bytes(8, "little") + frame.first_id.to_bytes(8, "little")
                )
                link.update(
                    len(frame.body).to_bytes(4, "little") + frame.flags.to_bytes(2, "little") + b"\0\0" + frame.body
                )
                chain = link.digest()
            assert place[1].end.chain == chain


def test_the_batch_of_a_record_is_a_link_of_one_chain_in_the_archive_and_in_the_ring() -> None:
    box = Box()
    box.sell(120)
    first_kept = box.journal.info().first_id
    assert first_kept > 20, "the older ones are in the archive alone"
    links = {box.journal.past.batch_of(number) for number in range(1, 121)}
    by_place = {link.sequence: link for link in links}
    followed = 0
    for link in links:
        before = by_place.get(link.sequence - 1)
        if before is not None:
            assert before.anchor.split("@")[0] == link.chain.hex()
            followed += 1
        for record in decode_body(link.body, link.first_id, link.records):
            assert plain(record) == box.written[record.id]
    assert followed > 60


def test_the_records_of_a_transaction_are_found_by_its_reference() -> None:
    box = Box(file_bytes_max=3000)
    for number in range(1, 400):
        box.write(NewRecord(1, 1, b"t%d" % (number % 40), b"%d" % number * 90))
        box.journal.release(number)
    reader = box.journal.past.archived
    through = box.journal.past.archived_through()
    assert reader is not None
    assert through is not None
    assert len(box.archive.files) > 3
    wanted = [n for n in range(1, through + 1) if n % 40 == 7]
    assert reader.of(b"t7") == wanted
    assert reader.of(b"nobody") == []
    box.crash()
    reader = box.journal.past.archived
    assert reader is not None
    assert reader.of(b"t7") == wanted


@pytest.mark.parametrize("how", ["missing", "rubbish", "of another file", "empty", "an entry changed", "cut short"])
def test_an_index_that_is_missing_or_wrong_is_made_anew(how: str) -> None:
    shelf = SimShelf()
    box = Box(shelf, file_bytes_max=3000)
    for number in range(1, 400):
        box.write(NewRecord(1, 1, b"t%d" % (number % 40), b"%d" % number * 90))
        box.journal.release(number)
    reader = box.journal.past.archived
    assert reader is not None
    expected = reader.of(b"t7")
    while reader.tend():
        pass
    name, other = (index_name(file) for file in box.archive.files[:2])
    sound = shelf.files[name]
    if how == "missing":
        del shelf.files[name]
    else:
        shelf.files[name] = {
            "rubbish": random.Random(1).randbytes(len(sound)),
            "of another file": shelf.files[other],
            "empty": b"",
            "an entry changed": sound[:-3] + b"xyz",
            "cut short": sound[:-16],
        }[how]
    assert reader.of(b"t7") == expected
    assert shelf.files[name] == sound


def test_an_index_is_made_a_chunk_at_a_time() -> None:
    """A file unpacked is 20 MB and more."""
    shelf = SimShelf()
    box = Box(shelf, file_bytes_max=40_000)
    for number in range(1, 3000):
        box.write(NewRecord(1, 1, b"t%d" % number, b"%d" % number * 500))
        box.journal.release(number)
    reader = box.journal.past.archived
    assert reader is not None
    file, following = box.archive.files[:2]
    unpacked_bytes = sum(chunk.raw for _, chunk in reader._places(file, following))
    assert unpacked_bytes > 1_000_000
    tracemalloc.start()
    try:
        assert reader.tend()
        kept, most = tracemalloc.get_traced_memory()
        assert most < unpacked_bytes / 2
        assert kept < 60_000, "what was read for it is not kept"
    finally:
        tracemalloc.stop()
    assert index_name(file) in shelf.files


def test_entries_are_put_in_order_with_little_more_memory_than_they_take() -> None:
    rng = random.Random(5)
    given = [(rng.getrandbits(64), number) for number in range(10_000)]
    given += [(given[number][0], number) for number in range(10)]
    sorting = _Sorting()
    tracemalloc.start()
    try:
        for key, record_id in given:
            sorting.add(key, record_id)
        packed = sorting.packed()
        assert tracemalloc.get_traced_memory()[1] < 5 * len(packed)
    finally:
        tracemalloc.stop()
    assert packed == b"".join(struct.pack("<QQ", *entry) for entry in sorted(given))


def test_a_damaged_chunk_is_named_and_never_read_as_another_record() -> None:
    shelf = SimShelf()
    box = Box(shelf)
    box.sell(300)
    name = box.archive.files[0].name
    box.crash()
    data = bytearray(shelf.files[name])
    data[FILE_HEADER + CHUNK_HEADER + 40] ^= 1
    shelf.files[name] = bytes(data)
    with pytest.raises(ArchiveUnreadable, match=r"records 1 to .* cannot be read from the archive"):
        box.journal.read(1)
    with pytest.raises(ArchiveUnreadable):
        list(box.journal.records())
    assert plain(box.journal.read(290)) == box.written[290]


def test_a_chunk_that_was_altered_with_all_checksums_put_right_breaks_the_chain() -> None:
    shelf = SimShelf()
    box = Box(shelf)
    box.sell(300)
    file = box.archive.files[0]
    offset, chunk = next(chunks(shelf, file, None))
    raw = unpacked(shelf, file, offset, chunk)
    (first, *rest) = (frame for frame, _ in frames(raw, chunk))
    other = first._replace(body=encode_record(1, sale(77)))
    forged = b"".join(pack_frame(frame) for frame in (other, *rest))
    data = pack_chunk(archive_zstd.pack(forged), len(forged), chunk.time_ms, chunk.start, chunk.end)
    end = offset + CHUNK_HEADER + chunk.size
    shelf.files[file.name] = shelf.files[file.name][:offset] + data + shelf.files[file.name][end:]
    box.crash()
    with pytest.raises(ArchiveUnreadable, match="the chain of a chunk does not lead"):
        box.journal.read(1)


def test_references_with_the_same_hash_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("posd.journal.archive_index.reference_hash", lambda reference: 7)
    box = Box(file_bytes_max=3000)
    box.sell(300)
    reader = box.journal.past.archived
    assert reader is not None
    assert reader.of(b"txn-0005") == [5]
    assert reader.of(b"txn-9999") == []


@pytest.mark.parametrize("kind", ["create", "append", "sync"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_while_the_archive_cannot_be_written_the_ring_keeps_everything(kind: str, number: int) -> None:
    shelf = SimShelf()
    box = Box(shelf)
    box.sell(40)
    broken = True

    def fail(what: str) -> None:
        if broken and what in (kind, "create" if kind == "create" else kind):
            raise OSError(number, "the archive's disk")

    shelf.fail = fail
    if kind == "create":
        box.now_ms += DAY_MS  # a new day, a new file
    with pytest.raises(JournalFull):
        box.sell(300)
    assert "the archive cannot go on" in box.journal.past.trouble()
    assert "nothing is lost" in box.journal.past.trouble()
    assert box.all() == box.written
    box.crash()
    assert box.all() == box.written
    broken = False
    box.mono_s += RETRY_S
    box.archive.step(box.log)
    while box.archive.due(box.log):
        box.archive.step(box.log)
    box.sell(200)
    assert box.journal.past.trouble() == ""
    assert box.all() == box.written
    box.crash()
    assert box.all() == box.written


def test_without_the_library_for_compression_the_ring_keeps_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(raw: bytes) -> bytes:
        raise ModuleNotFoundError("No module named 'zstandard'")

    box = Box()
    monkeypatch.setattr("posd.journal.archive.pack", missing)
    with pytest.raises(JournalFull):
        box.sell(100)
    assert "zstandard" in box.journal.past.trouble()
    assert box.all() == box.written


def test_a_failed_archive_is_not_tried_at_every_batch() -> None:
    shelf = SimShelf()
    box = Box(shelf)
    tries = []

    def fail(what: str) -> None:
        if what == "create":
            tries.append(box.mono_s)
            raise OSError(errno.ENOSPC, "full")

    shelf.fail = fail
    with pytest.raises(JournalFull):
        box.sell(300)
    assert tries == [0.0]


def test_after_a_failed_sync_the_same_file_is_not_trusted_again() -> None:
    """Its pages may be marked clean without having reached the disk."""
    shelf = SimShelf()
    box = Box(shelf)
    box.sell(60)
    first = box.archive.files[-1].name
    kept = shelf.durable[first]

    def fail(what: str) -> None:
        if what == "sync":
            raise OSError(errno.EIO, "sync")

    shelf.fail = fail
    with pytest.raises(JournalFull):
        box.sell(60)
    shelf.fail = None
    box.mono_s += RETRY_S
    box.archive.step(box.log)
    assert box.archive.files[-1].name != first
    assert shelf.durable[first] == kept
    box.sell(60)
    shelf.files = dict(shelf.durable)  # what never reached the disk is gone
    box.crash()
    assert box.all() == box.written


def test_an_archive_of_another_course_of_the_journal_is_left_alone() -> None:
    """A journal that was restored from a backup must not go on in the archive of its own future."""
    shelf = SimShelf()
    box = Box(shelf)
    box.sell(10)
    assert box.store.disk is not None
    backup = bytes(box.store.disk.durable)
    box.sell(200)
    before = dict(shelf.files)
    box.store = SimStore(Image(backup))
    box.open()
    assert "another course of this journal" in box.journal.past.trouble()
    assert "move its files" in box.journal.past.trouble()
    box.written = {number: kept for number, kept in box.written.items() if number <= 10}
    with pytest.raises(JournalFull):
        box.sell(100)
    box.mono_s += RETRY_S
    assert not box.archive.due(box.log)
    assert shelf.files == before


def test_another_journals_files_are_passed_over() -> None:
    shelf = SimShelf()
    first = Box(shelf)
    first.sell(100)
    second = Box(shelf)
    second.store = SimStore(Image(None))
    second.archive = Archive(shelf, 0)
    opened = open_log(second.store, RING, entropy("another"))
    journal = Journal("simulated", opened, second.archive)
    assert list(journal.records()) == []
    assert second.archive.files == []


def test_a_missing_file_is_a_gap_and_what_follows_is_read() -> None:
    shelf = SimShelf()
    box = Box(shelf, file_bytes_max=3000)
    box.sell(300)
    gone = box.archive.files[2]
    following = box.archive.files[3].head.start.next_id
    del shelf.files[gone.name]
    box.crash()
    with pytest.raises(RecordGone):
        box.journal.read(gone.head.start.next_id)
    assert list(box.all()) == list(range(following, 301))
    assert plain(box.journal.read(1)) == box.written[1]


def test_an_archive_that_was_begun_late_serves_what_it_has() -> None:
    box = Box()
    box.sell(100)
    box.shelf = SimShelf()
    box.crash()
    first = box.journal.info().first_id
    assert list(box.all()) == list(range(first, 101))
    assert box.journal.info().fill < 0.5, "it has caught up before anything is appended"
    box.sell(100)
    assert list(box.all()) == list(range(first, 201))


def test_a_new_day_is_a_new_file_named_after_it() -> None:
    box = Box()
    box.sell(60)
    box.now_ms += DAY_MS
    box.sell(60)
    names = [file.name for file in box.archive.files]
    assert [name[-12:-4] for name in names] == ["20241004", "20241005"]
    assert box.all() == box.written


def test_retention_deletes_whole_files_that_are_past_their_time_and_nothing_else() -> None:
    shelf = SimShelf()
    box = Box(shelf, keep_ms=10 * DAY_MS)
    firsts = []
    for _ in range(30):
        firsts.append(len(box.written) + 1)
        box.sell(40)
        box.now_ms += DAY_MS
    deleted = []
    while (name := box.archive.expire(box.log.head.block)) is not None:
        deleted.append(name)
    assert 15 <= len(deleted) <= 20
    assert not set(deleted) & set(shelf.files)
    oldest = box.archive.files[0].head.start.next_id
    assert list(box.all()) == list(range(oldest, len(box.written) + 1))
    with pytest.raises(RecordGone):
        box.journal.read(1)
    assert box.archive.files[1].head.time_ms >= box.now_ms - 10 * DAY_MS
    box.crash()
    assert list(box.all()) == list(range(oldest, len(box.written) + 1))


def test_a_file_whose_records_the_ring_still_holds_is_not_deleted() -> None:
    """What is owed is in the ring; a clock that jumps must not take the only second copy of it."""
    box = Box(keep_ms=DAY_MS, file_bytes_max=800)
    for number in range(1, 26):
        box.write(sale(number))
    assert len(box.archive.files) > 1
    box.now_ms += 20 * DAY_MS
    assert box.archive.expire(box.log.head.block) is None


def test_the_newest_file_is_never_deleted() -> None:
    box = Box(keep_ms=0)
    box.sell(60)
    box.now_ms += 20 * DAY_MS
    assert box.archive.expire(box.log.head.block) is None


def test_a_file_that_cannot_be_deleted_is_said() -> None:
    shelf = SimShelf()
    box = Box(shelf, keep_ms=DAY_MS)
    for _ in range(5):
        box.sell(40)
        box.now_ms += DAY_MS

    def fail(what: str) -> None:
        if what == "remove":
            raise OSError(errno.EROFS, "read-only")

    shelf.fail = fail
    assert box.archive.expire(box.log.head.block) is None
    assert "cannot be deleted" in box.journal.past.trouble()
    assert box.all() == box.written


def test_newest_first_passes_over_what_is_damaged() -> None:
    shelf = SimShelf()
    box = Box(shelf, file_bytes_max=3000)
    box.sell(300)
    reader = box.journal.past.archived
    through = box.journal.past.archived_through()
    assert reader is not None
    assert through is not None
    ids = [record.id for records in reader.newest(through + 1) for record in records]
    assert ids == list(range(through, 0, -1))
    assert [r.id for records in reader.newest(100) for r in records] == list(range(99, 0, -1))
    box.crash()
    name = box.archive.files[1].name
    shelf.files[name] = shelf.files[name][:FILE_HEADER] + bytes(len(shelf.files[name]) - FILE_HEADER)
    reader = box.journal.past.archived
    assert reader is not None
    found = [r.id for records in reader.newest(through + 1) for r in records]
    assert found == sorted(found, reverse=True)
    assert 1 in found
    assert len(found) < through


def test_a_journal_that_is_only_looked_at_serves_the_archive_and_writes_nothing(tmp_path: Path) -> None:
    archive = Archive(DiskShelf(tmp_path / "archive"), 700 * DAY_MS)
    path = tmp_path / "journal"
    journal = Journal.open(path, size=1 << 20, mirror=False, archive=archive)
    writer = journal._connect(lambda _: None, lambda _: None)
    written = {}
    for number in range(1, 400):
        (at,) = journal.append([sale(number, 3000)])
        written[at] = sale(number, 3000)
        writer.commit(writer.gather() or [])
        journal.release(number)
        if archive.due(journal._log):  # type: ignore[arg-type]
            archive.step(journal._log)  # type: ignore[arg-type]
    journal._opened.file.close()
    before = {file.name: file.read_bytes() for file in (tmp_path / "archive").iterdir()}
    looked = Journal.look(path, archive=Archive(DiskShelf(tmp_path / "archive"), 0))
    assert looked.info().first_id > 1
    assert {record.id: plain(record) for record in looked.records()} == written
    assert plain(looked.read(1)) == written[1]
    assert {file.name: file.read_bytes() for file in (tmp_path / "archive").iterdir()} == before


def carried(box: Box, ids: list[int], release: int) -> None:
    box.journal.carry([box.journal.read(number) for number in ids], release)
    box.drive()


def test_a_stuck_transaction_is_carried_forward_under_its_ids() -> None:
    box = Box()
    for number in (1, 2, 3):
        box.write(NewRecord(1, 1, b"stuck", b"%d" % number * 100))
    for number in range(4, 400):
        floor = min(box.journal.place(stuck) for stuck in (1, 2, 3))
        if number - floor > 10:
            carried(box, [1, 2, 3], number - 5)
        box.write(sale(number))
        if number % 50 == 0:
            box.released = min(box.journal.place(stuck) for stuck in (1, 2, 3))
            box.crash()
        kept = [record.id for record in box.journal.kept()]
        assert kept == sorted(set(kept))
        assert kept[:3] == [1, 2, 3], number
        assert list(kept)[3:] == list(range(kept[3], number + 1))
    assert box.journal.info().laps > 10
    assert [plain(record) for record in list(box.journal.kept())[:3]] == [box.written[number] for number in (1, 2, 3)]
    assert plain(box.journal.read(2)) == box.written[2]
    assert box.all() == box.written, "the copies are not seen twice"


def test_nothing_is_released_before_its_copy_is_durable() -> None:
    box = Box()
    box.write(NewRecord(1, 1, b"stuck", b"x"))
    for number in range(2, 11):
        box.write(sale(number))
    before = box.writer.first_owed
    box.journal.carry([box.journal.read(1)], 8)
    assert box.writer.first_owed == before
    box.drive()
    assert box.writer.first_owed == 8


def test_copies_stand_in_batches_of_their_own() -> None:
    """The head only stops where new records begin: so it never leaves a part of what was carried together."""
    box = Box()
    for number in range(1, 6):
        box.write(sale(number))
    box.journal.append([sale(6)])
    box.journal.carry([box.journal.read(number) for number in (3, 2, 1)], 0)
    box.journal.append([sale(7)])
    box.drive()
    index = box.journal._index
    places = {index.carried(number) for number in (1, 2, 3)}
    assert len(places) == 1
    (place,) = places
    assert place is not None
    assert place[1] not in [found[1] for number in range(1, 8) if (found := index.find(number)) is not None]
    box.crash()
    assert [record.id for record in box.journal.kept()] == list(range(1, 8))


def test_real_files(tmp_path: Path) -> None:
    shelf = DiskShelf(tmp_path / "archive")
    box = Box(shelf, file_bytes_max=3000)
    box.sell(300)
    reader = box.journal.past.archived
    assert reader is not None
    while reader.tend():
        pass
    assert (tmp_path / "archive").stat().st_mode & 0o777 == 0o700
    for file in (tmp_path / "archive").iterdir():
        assert file.stat().st_mode & 0o777 == 0o600
    assert box.all() == box.written
    box.crash()
    assert box.all() == box.written
    (tmp_path / "archive" / box.archive.files[-1].name).open("ab").write(b"torn" * 50)
    box.crash()
    box.sell(100)
    assert box.all() == box.written
    files, bad = list_files(shelf, box.archive.uuid)
    assert not bad
    assert len(files) == len(box.archive.files)
    shelf.remove(files[0].name)
    shelf.remove(files[0].name)
    assert files[0].name not in shelf.names()
