"""The journal on a real file with its real thread, as the rest of posd uses it."""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from posd.journal import (
    Journal,
    JournalBusy,
    JournalFailed,
    JournalFull,
    JournalReadOnly,
    NewRecord,
    OpenedDamaged,
    RecordGone,
    RecordTooLarge,
    backlog,
)
from posd.journal.block import PAYLOAD
from posd.journal.ring import Geometry
from tests.crash.disk import Image, SimDisk, SimStore
from tests.unit.journal.rings import Ring, entropy, plain, sale

MIB = 1 << 20
Wait = Callable[..., None]


class Till:
    """Opens a journal, and waits for what it appends."""

    def __init__(self, path: Path, *, mirror: bool = True, port: SimStore | None = None) -> None:
        self.journal = Journal.open(path, size=MIB, mirror=mirror, entropy=entropy(str(path)), port=port)
        self.reports: list[int] = []
        self.failures: list[JournalFailed] = []
        self._changed = threading.Condition()
        self.journal.start(self._durable, self._failed)

    def _durable(self, durable_id: int) -> None:
        with self._changed:
            self.reports.append(durable_id)
            self._changed.notify_all()

    def _failed(self, failure: JournalFailed) -> None:
        with self._changed:
            self.failures.append(failure)
            self._changed.notify_all()

    def wait(self, record_id: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: bool(self.reports) and self.reports[-1] >= record_id, 20)

    def wait_failed(self) -> JournalFailed:
        with self._changed:
            assert self._changed.wait_for(lambda: bool(self.failures), 20)
        return self.failures[0]

    def write(self, *records: NewRecord) -> range:
        ids = self.journal.append(records)
        self.wait(ids[-1])
        return ids


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    made = Till(tmp_path / "ring")
    yield made
    made.journal.close()


def test_what_is_reported_durable_is_there_after_a_restart(tmp_path: Path) -> None:
    first = Till(tmp_path / "ring")
    assert first.journal.recovery.case == "A"
    assert list(first.write(sale(1), sale(2))) == [1, 2]
    assert list(first.write(sale(3))) == [3]
    first.journal.close()
    second = Till(tmp_path / "ring")
    assert second.journal.recovery.case == "D"
    assert [plain(record) for record in second.journal.records()] == [sale(1), sale(2), sale(3)]
    assert [record.id for record in second.journal.records(2)] == [2, 3]
    assert list(second.write(sale(4))) == [4], "ids go on where they were"
    assert plain(second.journal.read(2)) == sale(2)
    second.journal.close()


def test_a_record_can_be_read_before_it_is_durable(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "ring", size=MIB, mirror=False)
    journal.append([sale(1), sale(2)])
    assert plain(journal.read(2)) == sale(2)
    assert list(journal.records()) == [], "but it is not counted as durable"
    with pytest.raises(LookupError, match="no record 3"):
        journal.read(3)
    with pytest.raises(LookupError):
        journal.read(0)
    journal.close()


def test_many_appends_become_few_batches_in_order(till: Till) -> None:
    last = 0
    for number in range(200):
        last = till.journal.append([sale(number)])[-1]
    till.wait(last)
    assert till.reports == sorted(till.reports)
    assert till.journal.info().commits < 200
    assert [plain(record) for record in till.journal.records()] == [sale(number) for number in range(200)]


def test_an_append_larger_than_a_batch_goes_into_several_in_order(tmp_path: Path) -> None:
    till = Till(tmp_path / "ring")
    many = [sale(number, 60_000) for number in range(9)]
    till.write(*many)
    assert [plain(record) for record in till.journal.records()] == many
    assert till.journal.info().commits >= 3
    till.journal.close()


def test_an_append_that_fits_is_one_batch(tmp_path: Path) -> None:
    ring = Ring(Geometry(256, mirror=False))
    ring.write([sale(number, 20_000) for number in range(12)])
    assert ring.journal.info().commits == 1


def test_a_record_that_fits_nowhere_is_refused_before_anything_is_queued(till: Till) -> None:
    largest = 64 * PAYLOAD - 24
    with pytest.raises(RecordTooLarge, match="Nothing was written"):
        till.journal.append([sale(1), NewRecord(1, 0, b"", bytes(largest + 1))])
    assert list(till.write(NewRecord(1, 0, b"", bytes(largest)))) == [1]
    assert len(till.journal.read(1).payload) == largest


@pytest.mark.parametrize(
    "arguments", [(0, 0, b"", b""), (65536, 0, b"", b""), (1, 256, b"", b""), (1, -1, b"", b""), (1, 0, b"r" * 65, b"")]
)
def test_a_record_out_of_bounds_cannot_be_made(arguments: tuple[int, int, bytes, bytes]) -> None:
    with pytest.raises(ValueError, match=r"not within|longer than"):
        NewRecord(*arguments)


def test_new_sales_stop_at_the_reserve_and_outcomes_go_on_to_the_end() -> None:
    ring = Ring(Geometry(64, mirror=False))
    levels = set()
    for number in range(1, 59):
        ring.write([sale(number)], outcome=False)
        levels.add(ring.journal.info().warning)
    assert levels == {0, 70, 85}
    assert ring.journal.info().state == "full"
    with pytest.raises(JournalFull, match=r"9\d % of it. Nothing was written and nothing overwritten"):
        ring.write([sale(59)], outcome=False)
    for number in range(59, 65):
        ring.write([sale(number)])
    with pytest.raises(JournalFull):
        ring.write([sale(65)])
    assert list(ring.all()) == list(range(1, 65)), "nothing was overwritten"
    ring.journal.release(20)
    ring.write([sale(99)], outcome=False)
    assert list(ring.all().values())[-1] == sale(99)
    assert ring.journal.info().state == "ready"


def test_what_is_owed_is_never_given_up_and_what_has_gone_is_said_to_be_gone() -> None:
    ring = Ring(Geometry(32, mirror=True))
    for number in range(1, 200):
        ring.write([sale(number)])
        ring.journal.release(number - 10)
        assert set(range(max(1, number - 10), number + 1)) <= set(ring.all())
    info = ring.journal.info()
    assert info.laps >= 5
    with pytest.raises(RecordGone, match="has left the ring"):
        ring.journal.read(1)
    assert info.first_id > 1
    assert plain(ring.journal.read(info.first_id)) == sale(info.first_id)
    ring.journal.release(5)
    assert ring.journal.info().first_owed == 189, "release never goes back"


def test_the_head_moves_no_further_than_what_is_owed() -> None:
    ring = Ring(Geometry(256, mirror=False))
    for number in range(1, 257):
        ring.write([sale(number)])
    ring.journal.release(2)
    ring.write([sale(257)])
    assert list(ring.all()) == list(range(2, 258)), "one block was needed and one was free"


def test_room_that_nobody_released_is_not_taken() -> None:
    ring = Ring(Geometry(16, mirror=False))
    for number in range(1, 17):
        ring.write([sale(number)])
    ring.writer.mark()
    assert ring.journal.info().state == "full", "a mark that finds no room is left out"
    assert ring.opened.log is not None
    with pytest.raises(JournalFailed, match="no room"):
        ring.opened.log.make_room(1, 1)
    assert list(ring.all()) == list(range(1, 17))


def test_nothing_is_written_behind_a_clean_stop() -> None:
    ring = Ring(Geometry(16, mirror=False))
    ring.write([sale(1)])
    ring.journal.close()
    assert ring.store.disk is not None
    ring.store.disk.closed = False
    assert ring.opened.log is not None
    with pytest.raises(JournalFailed):
        ring.opened.log.mark()


def test_a_reader_that_is_overtaken_says_so() -> None:
    ring = Ring(Geometry(64, mirror=False))
    for number in range(1, 50):
        ring.write([sale(number)])
    reader = ring.journal.records()
    assert next(reader).id == 1
    for number in range(50, 200):
        ring.journal.release(number - 5)
        ring.write([sale(number)])
    with pytest.raises(RecordGone, match="while it was being read"):
        list(reader)


def test_a_reader_sees_what_becomes_durable_while_it_reads(tmp_path: Path) -> None:
    till = Till(tmp_path / "ring", mirror=False)
    till.write(sale(1))
    reader = till.journal.records()
    assert next(reader).id == 1
    till.write(sale(2))
    assert [record.id for record in reader] == [2]
    till.journal.close()


def test_what_waits_is_bounded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(backlog, "WAITING_RECORDS_MAX", 10)
    journal = Journal.open(tmp_path / "ring", size=MIB, mirror=False)
    for number in range(10):
        journal.append([sale(number)])
    with pytest.raises(JournalBusy, match="try again"):
        journal.append([sale(11)])
    monkeypatch.setattr(backlog, "WAITING_RECORDS_MAX", 1000)
    monkeypatch.setattr(backlog, "WAITING_BYTES_MAX", 4000)
    with pytest.raises(JournalBusy):
        journal.append([sale(11, 2000)])
    assert list(journal.append([sale(11, 20)])) == [11], "what was refused took no id"
    journal.close()


def test_room_that_what_waits_may_yet_leave_is_busy_not_full() -> None:
    ring = Ring(Geometry(16, mirror=False))
    assert ring.writer
    for number in range(16):
        ring.journal.append([sale(number)])
    with pytest.raises(JournalBusy):
        ring.journal.append([sale(17)])
    while ring.durable < 16:
        ring.writer.commit(ring.writer.gather() or [])
    ring.write([sale(17)])
    assert ring.journal.info().commits < 16


def test_a_mark_follows_when_nothing_comes(till: Till, wait_until: Wait) -> None:
    till.write(sale(1))
    assert till.journal._log is not None
    log = till.journal._log
    wait_until(lambda: log.tail.block == 2, "a mark behind the record")
    assert log.marked
    assert till.journal.info().durable_id == 1


def on_a_disk_that_fails(folder: Path) -> tuple[Till, SimDisk]:
    """A journal that holds one record, and whose next sync fails."""
    store = SimStore(Image(None))
    till = Till(folder / "simulated", port=store)
    till.write(sale(1))
    assert store.disk is not None

    def fail(kind: str) -> None:
        if kind == "sync":
            raise OSError(errno.EIO, "I/O error")

    store.disk.fail = fail
    return till, store.disk


def test_a_failed_disk_stops_the_journal_once_and_for_all(tmp_path: Path) -> None:
    till, disk = on_a_disk_that_fails(tmp_path)
    till.journal.append([sale(2)])
    failure = till.wait_failed()
    assert "I/O error" in str(failure)
    with pytest.raises(JournalFailed):
        till.journal.append([sale(3)])
    assert till.reports == [1]
    assert till.journal.info().state == "failed"
    syncs = disk.syncs
    till.journal.close()
    assert disk.syncs == syncs, "close writes no clean stop over a failure"
    assert len(till.failures) == 1


def test_a_fault_of_our_own_stops_the_journal_too(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    hooked: list[object] = []
    monkeypatch.setattr(threading, "excepthook", hooked.append)

    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("posd.journal.log.pack_batch", broken)
    till.journal.append([sale(1)])
    assert "a bug" in str(till.wait_failed())
    with pytest.raises(JournalFailed):
        till.journal.append([sale(2)])


def test_close_has_a_deadline(tmp_path: Path) -> None:
    store = SimStore(Image(None))
    till = Till(tmp_path / "simulated", port=store)
    stuck, go = threading.Event(), threading.Event()

    def hang(kind: str) -> None:
        if kind == "sync":
            stuck.set()
            assert go.wait(20)

    assert store.disk is not None
    store.disk.fail = hang
    till.journal.append([sale(1)])
    assert stuck.wait(20)
    assert till.journal.busy_since is not None
    assert till.journal.busy_since <= time.monotonic()
    with pytest.raises(JournalFailed, match="could not be closed"):
        till.journal.close(deadline_s=0.01)
    go.set()


def test_a_failure_while_closing_is_raised(tmp_path: Path) -> None:
    till, disk = on_a_disk_that_fails(tmp_path)
    with pytest.raises(JournalFailed, match="I/O error"):
        till.journal.close()
    assert disk.closed
    assert len(till.failures) == 1


def test_a_closed_journal_takes_nothing(tmp_path: Path) -> None:
    till = Till(tmp_path / "ring")
    till.journal.close()
    till.journal.close()
    assert till.journal.info().state == "closed"
    with pytest.raises(JournalReadOnly):
        till.journal.append([sale(1)])


def test_closing_writes_what_waits(tmp_path: Path) -> None:
    first = Till(tmp_path / "ring")
    for number in range(50):
        first.journal.append([sale(number)])
    first.journal.close()
    assert first.reports[-1] == 50
    again = Journal.open(tmp_path / "ring", size=MIB, mirror=True)
    assert again.recovery.case == "D"
    assert len(list(again.records())) == 50
    again.close()


def test_ring_b_is_scrubbed_in_the_background_after_a_clean_stop(tmp_path: Path, wait_until: Wait) -> None:
    path = tmp_path / "ring"
    first = Till(path)
    for number in range(100):
        first.write(sale(number, 3000))
    first.journal.close()
    good = path.read_bytes()
    geometry = Geometry(256, mirror=True)
    bad = bytearray(good)
    bad[geometry.offset(1, 40) + 99] ^= 1
    path.write_bytes(bad)
    second = Till(path)
    wait_until(lambda: second.journal.info().scrubbed, "scrubbed")
    assert second.journal.info().scrub_repaired == 1
    assert second.journal.info().scrub_lost == 0
    second.journal.close()
    at = geometry.offset(1, 40)
    assert path.read_bytes()[at : at + 4096] == good[at : at + 4096]


def test_an_existing_journal_keeps_its_shape(tmp_path: Path) -> None:
    Journal.open(tmp_path / "ring", size=MIB, mirror=True).close()
    again = Journal.open(tmp_path / "ring", size=4 * MIB, mirror=False)
    assert (again.info().size, again.info().mirror) == (MIB, True)
    again.close()


@pytest.mark.parametrize("size", [0, MIB - 4096, MIB + 1, 1 << 37])
def test_impossible_sizes_are_refused(tmp_path: Path, size: int) -> None:
    with pytest.raises(ValueError, match="not possible"):
        Journal.open(tmp_path / "ring", size=size, mirror=False)
    assert not (tmp_path / "ring").exists()


def test_info_counts() -> None:
    ring = Ring(Geometry(32, mirror=False))
    ring.write([sale(1)])
    ring.write([sale(2), sale(3)])
    info = ring.journal.info()
    assert (info.first_id, info.last_id, info.durable_id, info.used, info.commits) == (1, 3, 3, 2 * 4096, 2)
    assert info.fill == 2 / 32
    assert len(info.chain) == 64
    assert info.epoch == 2


def test_a_damaged_journal_can_be_asked_for_everything_but_writes(tmp_path: Path) -> None:
    path = tmp_path / "ring"
    first = Till(path, mirror=False)
    for number in range(1, 21):
        first.write(sale(number))
    first.journal.close()
    content = bytearray(path.read_bytes())
    content[Geometry(256, mirror=False).offset(0, 10) + 77] ^= 1
    path.write_bytes(content)
    with pytest.raises(OpenedDamaged) as raised:
        Journal.open(path, size=MIB, mirror=False)
    damaged = raised.value.journal
    assert damaged.info().read_only
    assert damaged.info().last_id == 20
    assert 20 - len(list(damaged.records())) <= 1
    with pytest.raises(JournalReadOnly, match="take a copy of the file"):
        damaged.start(lambda _: None, lambda _: None)
    damaged.release(5)
    damaged.close()
