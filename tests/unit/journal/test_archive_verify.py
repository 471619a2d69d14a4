"""Verifying what has left the ring: each way in which archive, seam and ring can be wrong has its verdict."""

from __future__ import annotations

import queue
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from posd.journal import Archive, DiskShelf, Journal, archive_source, archive_zstd
from posd.journal.archive_age import DAY_MS
from posd.journal.archive_files import chunks, stored, unpacked
from posd.journal.archive_format import (
    CHUNK_HEADER,
    FILE_HEADER,
    NONE_BEFORE,
    frames,
    pack_chunk,
    pack_file,
    pack_frame,
)
from posd.journal.block import chain_after
from posd.journal.errors import LostRange
from posd.journal.look import look
from posd.journal.record import Record, encode_record
from posd.journal.salvage import salvage
from posd.journal.seal import Sealer
from posd.journal.verify import Anchor, Verified, verify, verify_archive
from tests.crash.shelf import SimShelf
from tests.unit.journal.rings import sale
from tests.unit.journal.test_archive import Box

KEY = bytes(range(32))


class Kept(Box):
    """A box whose ring is written to a file when it is looked at; with a key its marks are sealed."""

    def __init__(self, folder: Path, *, key: bytes | None = None) -> None:
        self.folder = folder
        self.key = key
        self.anchors: list[Anchor] = []
        super().__init__(DiskShelf(folder / "archive"), file_bytes_max=3000)

    def open(self) -> None:
        super().open()
        now = self.log.superblock
        if self.key is not None:
            self.log.sealer = Sealer(self.key, now.uuid, now.epoch, now.salt)

    def sell(self, count: int, *, keep: int = 3) -> None:
        for number in range(count):
            super().sell(1, keep=keep)
            info = self.journal.info()
            self.anchors.append(Anchor(bytes.fromhex(info.chain), info.last_id))
            if number % 5 == 4:
                self.writer.mark()

    def ring(self) -> Path:
        assert self.store.disk is not None
        (self.folder / "ring").write_bytes(bytes(self.store.disk.durable))
        return self.folder / "ring"

    def verified(self, **asked: object) -> Verified:
        return verify(self.ring(), archive=DiskShelf(self.folder / "archive"), **asked)  # type: ignore[arg-type]

    def names(self) -> list[Path]:
        return [self.folder / "archive" / file.name for file in self.archive.files]


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    box = Kept(tmp_path)
    box.sell(300)
    assert len(box.archive.files) > 5
    return box


def test_all_of_it_is_sound(kept: Kept) -> None:
    seen: set[int] = set()
    found = kept.verified(see=lambda record: seen.add(record.id))
    assert (found.verdict, found.first, found.last, found.lost) == ("sound", 1, 300, ())
    assert found.archive is not None
    assert found.archive.files == len(kept.archive.files)
    assert seen == set(range(1, 301))
    assert verify(kept.ring()).first > 200, "the ring alone"


def test_an_archive_of_nothing_and_none(kept: Kept, tmp_path: Path) -> None:
    found = verify(kept.ring(), archive=DiskShelf(tmp_path / "nowhere"))
    assert (found.verdict, found.first) == ("sound", verify(kept.ring()).first)


def test_anchors_of_any_time(kept: Kept) -> None:
    for anchor in kept.anchors[::17]:
        assert kept.verified(anchor=anchor).asked == "ok"
    other = Anchor(bytes(32), 30)
    assert (kept.verified(anchor=other).verdict, kept.verified(anchor=other).asked) == ("altered", "altered")
    assert kept.verified(anchor=Anchor(bytes(32), 301)).verdict == "shorter"


def test_what_retention_took_is_gone_and_no_damage(kept: Kept) -> None:
    first = kept.archive.files[2].head.start.next_id
    for path in kept.names()[:2]:
        path.unlink()
    found = kept.verified(anchor=kept.anchors[3])
    assert (found.verdict, found.first, found.asked) == ("sound", first, "gone")


def test_a_missing_file_is_named_by_its_records(kept: Kept) -> None:
    gone, following = kept.archive.files[2:4]
    kept.names()[2].unlink()
    found = kept.verified()
    assert found.verdict == "damaged"
    assert [(gap.first_id, gap.last_id) for gap in found.lost] == [
        (gone.head.start.next_id, following.head.start.next_id - 1)
    ]


def test_a_newest_file_that_is_missing_breaks_the_seam(kept: Kept) -> None:
    for path in kept.names()[-2:]:
        path.unlink()
    found = kept.verified()
    assert found.verdict == "damaged"
    assert found.archive is not None
    assert "between the archive and the ring" in found.archive.damage[-1]
    assert found.lost[-1].last_id == verify(kept.ring()).first - 1


def test_no_changed_byte_goes_unseen(kept: Kept) -> None:
    rng = random.Random(7)
    for path in kept.names()[:-1]:
        sound = path.read_bytes()
        for at in (*rng.sample(range(len(sound)), 12), 0, FILE_HEADER - 1, FILE_HEADER, FILE_HEADER + CHUNK_HEADER):
            spoilt = bytearray(sound)
            spoilt[at] ^= 1 << rng.randrange(8)
            path.write_bytes(spoilt)
            assert kept.verified().verdict == "damaged", (path.name, at)
        for size in rng.sample(range(len(sound)), 4):
            path.write_bytes(sound[:size])
            assert kept.verified().verdict == "damaged", (path.name, size)
        path.write_bytes(sound)
    assert kept.verified().verdict == "sound"


def test_damage_is_told_by_the_chunk_and_what_follows_is_read(kept: Kept) -> None:
    path, file = kept.names()[1], kept.archive.files[1]
    offset, chunk = next(chunks(kept.archive.shelf, file, None))
    data = bytearray(path.read_bytes())
    for at in (offset + 50, offset + CHUNK_HEADER + 5):  # the chunk's header, its content
        data[at] ^= 1
        path.write_bytes(data)
        seen: list[Record] = []
        found = kept.verified(see=seen.append)
        assert found.lost == (LostRange(chunk.start.next_id, chunk.end.next_id - 1, found.lost[0].first_block),)
        assert set(range(1, 301)) - {record.id for record in seen} == set(range(chunk.start.next_id, chunk.end.next_id))
        data[at] ^= 1


def test_an_unfinished_write_at_the_end_is_none(kept: Kept) -> None:
    path = kept.names()[-1]
    sound = path.read_bytes()
    path.write_bytes(sound + b"pjAc" + random.Random(1).randbytes(500))
    assert kept.verified().verdict == "sound"
    path.write_bytes(sound[:-3])
    torn = kept.verified()
    assert torn.archive is not None
    assert torn.archive.end is not None
    through = torn.archive.end.next_id
    assert torn.verdict == ("sound" if through >= verify(kept.ring()).first else "damaged")


def forge(kept: Kept, change: Callable[[bytes], bytes]) -> None:
    """Put another body into the first chunk of a file, and make all its checksums right."""
    path, file = kept.names()[1], kept.archive.files[1]
    offset, chunk = next(chunks(kept.archive.shelf, file, None))
    (first, *rest) = (frame for frame, _ in frames(unpacked(kept.archive.shelf, file, offset, chunk), chunk))
    raw = b"".join(map(pack_frame, (first._replace(body=change(first.body)), *rest)))
    data = pack_chunk(archive_zstd.pack(raw), len(raw), chunk.time_ms, chunk.start, chunk.end)
    old = path.read_bytes()
    path.write_bytes(old[:offset] + data + old[offset + CHUNK_HEADER + chunk.size :])


def test_a_forged_record_is_altered(kept: Kept) -> None:
    forge(kept, lambda body: encode_record(kept.archive.files[1].head.start.next_id, sale(77)))
    assert kept.verified().verdict == "altered"


def rewritten(kept: Kept, first: int) -> None:
    """From this file on a history of its own: every checksum and every link of its chain is right, but where it
    begins.
    """
    chain = bytes(range(32))
    for path, file in list(zip(kept.names(), kept.archive.files, strict=True))[first:]:
        data = pack_file(file.head._replace(start=file.head.start._replace(chain=chain)))
        following = next((other for other in kept.archive.files if other.head.before == file.head.start.sequence), None)
        for offset, chunk in chunks(kept.archive.shelf, file, following):
            raw, start = unpacked(kept.archive.shelf, file, offset, chunk), chunk.start._replace(chain=chain)
            for frame, _ in frames(raw, chunk):
                chain = chain_after(chain, frame.sequence, frame.first_id, frame.flags, len(frame.body), (frame.body,))
            content = stored(kept.archive.shelf, file, offset, chunk)
            assert content is not None
            data += pack_chunk(content, chunk.raw, chunk.time_ms, start, chunk.end._replace(chain=chain))
        path.write_bytes(data)


@pytest.mark.parametrize("first", [0, 3])
def test_an_archive_with_a_history_of_its_own_is_seen_without_a_ring(first: int, kept: Kept) -> None:
    shelf = DiskShelf(kept.folder / "archive")
    rewritten(kept, first)
    assert verify_archive(shelf, kept.archive.uuid).verdict == "altered"
    if first:
        for path in kept.names()[:first]:
            path.unlink()
        alone = verify_archive(shelf, kept.archive.uuid)
        assert alone.verdict == "sound", "what it begins with is gone, and nothing else vouches for it"
        assert kept.verified().verdict == "altered"


def test_an_archive_that_begins_later_than_the_ring_is_none_the_worse(kept: Kept) -> None:
    """Its older files were moved away, also those of which records are still in the ring."""
    while kept.archive.files[-1].head.start.block <= kept.log.head.block:
        kept.sell(1)
    for path in kept.names()[:-1]:
        path.unlink()
    found = kept.verified()
    assert (found.verdict, found.first) == ("sound", verify(kept.ring()).first)
    assert kept.archive.files[-1].head.start.next_id > found.first


def test_an_archive_with_a_time_without_one_in_it_has_a_hole(kept: Kept) -> None:
    """Its directory was away, and came back."""
    archive, kept.shelf = kept.shelf, SimShelf()
    before = {path: path.read_bytes() for path in kept.names()}
    gone = verify(kept.ring()).last
    kept.crash()
    kept.sell(200)
    kept.shelf = archive
    kept.crash()
    kept.sell(100)
    for path, data in before.items():
        assert path.read_bytes() == data
    found = kept.verified()
    assert found.verdict == "damaged"
    (gap,) = found.lost
    assert gap.first_id <= gone + 1
    assert gap.last_id is not None
    assert gap.last_id > gone + 50
    assert "what stood before" in found.archive.damage[0]  # type: ignore[union-attr]


def test_a_file_of_another_beginning_with_old_ids_is_altered(kept: Kept) -> None:
    path, file = kept.names()[4], kept.archive.files[4]
    old = kept.archive.files[2].head.start
    path.write_bytes(
        pack_file(file.head._replace(before=NONE_BEFORE, start=file.head.start._replace(next_id=old.next_id)))
    )
    assert kept.verified().verdict == "altered"


def test_an_archive_that_was_written_anew_does_not_fit_the_ring(kept: Kept, tmp_path: Path) -> None:
    """Every checksum and every link of its chain is right."""
    (tmp_path / "other").mkdir()
    other = Kept(tmp_path / "other")
    other.write(sale(4711))
    other.sell(300)
    assert other.verified().verdict == "sound"
    assert other.verified().uuid == kept.verified().uuid
    found = verify(kept.ring(), archive=DiskShelf(tmp_path / "other" / "archive"))
    assert found.verdict == "altered"


def test_a_ring_that_ends_before_its_archive_is_shorter(kept: Kept) -> None:
    older = kept.ring().read_bytes()
    kept.sell(100)
    (kept.folder / "ring").write_bytes(older)
    assert verify(kept.folder / "ring", archive=DiskShelf(kept.folder / "archive")).verdict == "shorter"


@pytest.mark.parametrize("more", [1, 20])
def test_a_ring_that_went_another_way_than_its_archive_is_altered(more: int, kept: Kept) -> None:
    """Restored from a backup and used, beside the archive of its own future: it ends before that or behind it."""
    assert kept.store.disk is not None
    older = bytes(kept.store.disk.durable)
    kept.sell(20)
    assert kept.archive.through is not None
    assert kept.archive.through.next_id > 301
    kept.store.disk.durable[:] = older
    kept.shelf = SimShelf()
    kept.crash()
    for number in range(more):
        kept.write(sale(9000 + number))
    assert kept.verified().verdict == "altered"


class TestSeals:
    @pytest.fixture
    def sealed(self, tmp_path: Path) -> Kept:
        box = Kept(tmp_path, key=KEY)
        for _ in range(3):
            box.sell(100)
            box.crash()
        return box

    def test_the_root_key_proves_the_archive(self, sealed: Kept) -> None:
        found = sealed.verified(key=KEY)
        assert (found.verdict, found.seals.wrong, found.seals.unsealed) == ("sound", "", 0)
        assert found.seals.sealed == 60
        assert verify(sealed.ring(), key=KEY).seals.sealed < 20
        assert sealed.verified(key=bytes(32)).verdict == "altered"
        alone = verify_archive(DiskShelf(sealed.folder / "archive"), sealed.archive.uuid, key=KEY)
        assert (alone.verdict, alone.first) == ("sound", 1)
        assert alone.seals.sealed > 30

    def test_a_file_less_is_no_break_of_the_seals(self, sealed: Kept) -> None:
        sealed.names()[0].unlink()
        assert sealed.verified(key=KEY).verdict == "sound"
        sealed.names()[2].unlink()
        assert sealed.verified(key=KEY).verdict == "damaged"

    def test_without_the_key_a_history_written_anew_would_pass(self, tmp_path: Path, sealed: Kept) -> None:
        (tmp_path / "forger").mkdir()
        forger = Kept(tmp_path / "forger", key=b"somebody else's key of 32 bytes!")
        forger.sell(300)
        assert forger.verified().verdict == "sound"
        assert forger.verified(key=KEY).verdict == "altered"
        alone = verify_archive(DiskShelf(tmp_path / "forger" / "archive"), forger.archive.uuid, key=KEY)
        assert alone.verdict == "altered"

    def test_an_archive_without_kept_seals_is_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """As the first posd wrote it; it comes and goes in the middle of an epoch."""
        monkeypatch.setattr(archive_source, "SEALED", 0)
        box = Kept(tmp_path, key=KEY)
        box.sell(100)
        monkeypatch.undo()
        box.sell(100)
        monkeypatch.setattr(archive_source, "SEALED", 0)
        box.sell(100)
        monkeypatch.undo()
        box.sell(100)
        found = box.verified(key=KEY)
        assert (found.verdict, found.seals.wrong) == ("sound", "")
        assert found.seals.unsealed > 20
        assert found.seals.sealed > 20


def test_the_archive_alone(kept: Kept) -> None:
    shelf = DiskShelf(kept.folder / "archive")
    through = kept.journal.past.archived_through()
    assert through is not None
    found = verify_archive(shelf, kept.archive.uuid, anchor=kept.anchors[50])
    assert (found.verdict, found.first, found.last, found.asked) == ("sound", 1, through, "ok")
    assert verify_archive(shelf, kept.archive.uuid, anchor=Anchor(bytes(32), through + 1)).verdict == "shorter"
    assert verify_archive(shelf, kept.archive.uuid, anchor=Anchor(bytes(32), 50)).verdict == "altered"
    kept.names()[1].unlink()
    assert verify_archive(shelf, kept.archive.uuid).verdict == "damaged"


def test_a_salvaged_journal_goes_on_from_the_archive(tmp_path: Path) -> None:
    """Two courses in one archive, the second of which begins where the first one passed."""

    def lived(name: str, first: int, last: int) -> Anchor:
        archive = Archive(DiskShelf(tmp_path / "archive"), 700 * DAY_MS, file_bytes_max=3000)
        journal = Journal.open(tmp_path / name, size=1 << 20, mirror=False, archive=archive)
        durable: queue.Queue[int] = queue.Queue()
        journal.start(durable.put, lambda failure: None)
        for number in range(first, last + 1):
            journal.append([sale(number, 3000)])
            journal.release(number - 50)
            while durable.get(timeout=60) < number:
                pass
        journal.close()
        return Anchor(bytes.fromhex(journal.info().chain), last)

    early = lived("ring", 1, 150)
    lived("ring", 151, 600)
    seen = look(tmp_path / "ring")
    place = seen.found.index.find(580)
    seen.close()
    assert place is not None
    with (tmp_path / "ring").open("r+b") as file:
        file.seek((4 + place[1] % 256) * 4096 + 300)
        file.write(b"spoilt")
    salvage(tmp_path / "ring", tmp_path / "saved")
    shelf = DiskShelf(tmp_path / "archive")
    found = verify(tmp_path / "saved", archive=shelf, anchor=early)
    assert (found.verdict, found.first, found.asked) == ("sound", 1, "ok")
    lived("saved", 601, 1200)
    found = verify(tmp_path / "saved", archive=shelf, anchor=early)
    assert (found.verdict, found.first, found.last, found.asked) == ("sound", 1, 1200, "ok")
    assert found.archive is not None
    names = sorted(path for path in (tmp_path / "archive").iterdir() if path.suffix == ".pja")
    names[0].unlink()
    assert verify(tmp_path / "saved", archive=shelf).verdict == "sound"
    names[-2].unlink()
    assert verify(tmp_path / "saved", archive=shelf).verdict == "damaged"


def test_while_posd_writes_and_archives(tmp_path: Path) -> None:
    archive = Archive(DiskShelf(tmp_path / "archive"), 700 * DAY_MS, file_bytes_max=30_000)
    journal = Journal.open(tmp_path / "ring", size=1 << 20, mirror=False, archive=archive)
    durable: queue.Queue[int] = queue.Queue()
    journal.start(durable.put, lambda failure: None)
    verdicts = set()
    try:
        for number in range(1, 1500):
            journal.append([sale(number, 2500)])
            journal.release(number - 50)
            while number % 20 == 0 and durable.get(timeout=60) < number:
                pass
            if number % 100 == 0:
                found = verify(tmp_path / "ring", archive=DiskShelf(tmp_path / "archive"))
                assert found.in_use
                verdicts.add((found.verdict, found.first, found.archive and found.archive.altered))
        assert journal.info().first_id > 500
    finally:
        journal.close()
    assert verdicts == {("sound", 1, "")}


def test_what_is_archived_after_the_look_at_the_ring_makes_the_ring_no_shorter(tmp_path: Path) -> None:
    archive = Archive(DiskShelf(tmp_path / "archive"), 700 * DAY_MS)
    journal = Journal.open(tmp_path / "ring", size=1 << 20, mirror=False, archive=archive)
    writer, log = journal._connect(lambda _: None, lambda _: None), journal._log
    assert log is not None

    def live(count: int) -> None:
        for _ in range(count):
            (number,) = journal.append([sale(journal.info().last_id + 1, 3000)])
            journal.release(number)
            writer.commit(writer.gather() or [])
            if archive.due(log):
                archive.step(log)

    class Later(DiskShelf):
        def names(self) -> list[str]:
            live(200)
            return super().names()

    live(200)
    found = verify(tmp_path / "ring", archive=Later(tmp_path / "archive"))
    assert (found.verdict, found.in_use, found.last) == ("sound", True, 200)
    assert found.archive is not None
    assert found.archive.end is not None
    assert found.archive.end.next_id > 201
    journal._opened.file.close()


class Vanishing(DiskShelf):
    """Retention takes the oldest file while it is read."""

    def __init__(self, path: Path, name: str) -> None:
        super().__init__(path)
        self.name = name
        self.reads = 0

    def read(self, name: str, offset: int, size: int) -> bytes:
        if name == self.name and offset > FILE_HEADER:
            self.reads += 1
            if self.reads == 2:
                self.remove(name)
        return super().read(name, offset, size)


def test_a_file_that_retention_takes_meanwhile_is_no_damage(kept: Kept) -> None:
    found = verify(kept.ring(), archive=Vanishing(kept.folder / "archive", kept.archive.files[0].name))
    assert found.verdict == "sound"
    assert found.first == kept.archive.files[1].head.start.next_id


def test_every_record_of_archive_and_ring_is_seen_once_each(kept: Kept) -> None:
    seen: list[Record] = []
    kept.verified(see=seen.append)
    ids = [record.id for record in seen]
    through = kept.journal.past.archived_through()
    assert through is not None
    assert ids[:through] == list(range(1, through + 1))
    assert ids[through:] == list(range(verify(kept.ring()).first, 301))
