"""The Nth I/O fails, for every N: a typed error, nothing tried again, and after a restart no acknowledged record is
missing.
"""

from __future__ import annotations

import errno
from collections.abc import Callable

import pytest

from posd.journal import JournalError, JournalFailed, NewRecord
from posd.journal.ring import Geometry
from tests.crash.disk import Image, ShortWrite, SimStore
from tests.unit.journal.rings import Ring, reopened, sale

FAULTS: dict[str, Callable[[], OSError]] = {
    "EIO": lambda: OSError(errno.EIO, "I/O error"),
    "ENOSPC": lambda: OSError(errno.ENOSPC, "no space"),
    "EINTR": lambda: InterruptedError(errno.EINTR, "interrupted"),
    "short": lambda: ShortWrite(errno.EIO, "short"),
}


class Fault:
    """Fails I/O number `at`, and with `forever` all behind it; counts them all."""

    def __init__(self, at: int, make: Callable[[], OSError], *, forever: bool = False) -> None:
        self.at, self.make, self.forever = at, make, forever
        self.count = 0

    def __call__(self, kind: str) -> None:
        self.count += 1
        if self.count == self.at or (self.forever and self.count > self.at):
            raise self.make()


class Shop:
    """A small life of a journal: open, some batches, head moves, close. Keeps what was acknowledged; `before` it was
    there already.
    """

    def __init__(self, store: SimStore, geometry: Geometry, before: dict[int, NewRecord]) -> None:
        self.store, self.geometry = store, geometry
        self.acknowledged = dict(before)
        self.handed_in = dict(before)
        self.failure: JournalError | None = None
        self.first_owed = min(before, default=1)

    def run(self) -> None:
        try:
            self._live()
        except JournalError as error:
            self.failure = error

    def _live(self) -> None:
        ring = Ring(self.geometry, store=self.store)
        if ring.journal.recovery.read_only:  # what could not be read is not taken for what is not there
            assert ring.all().items() <= self.acknowledged.items()
            raise JournalError(ring.journal.recovery.sentence)
        assert ring.all() == self.acknowledged
        for step in range(1, 15):
            number = step + max(self.handed_in, default=0)
            record = sale(number, 4500 if step % 5 == 0 else 300)
            self.first_owed = max(self.first_owed, number - 3)
            ring.journal.release(self.first_owed)
            self.handed_in[ring.journal.info().last_id + 1] = record
            ids = ring.write([record])
            self.acknowledged[ids[0]] = record
            if step % 4 == 0:
                ring.writer.mark()
        ring.journal.close()

    def check_after_restart(self, store: SimStore) -> None:
        """Whatever happened: after a restart what was acknowledged is there, and nothing that was not handed in."""
        assert store.disk is not None
        found = reopened(store.disk.durable, self.geometry).all()
        for record_id, record in found.items():
            assert self.handed_in.get(record_id) == record
        for record_id in self.acknowledged:
            assert record_id in found or record_id < self.first_owed, f"record {record_id} was acknowledged and is lost"


def crashed(geometry: Geometry) -> tuple[bytes, dict[int, NewRecord]]:
    """A journal that went round, with a torn tail, and where there is a mirror with blocks and a slot to repair; and
    what it holds.
    """
    ring = Ring(geometry)
    for number in range(1, 20):
        ring.journal.release(number - 4)
        ring.write([sale(number)])
    image = bytearray(ring.image())
    assert ring.opened.log is not None
    tail = ring.opened.log.tail.block
    image[geometry.offset(0, tail) : geometry.offset(0, tail) + 600] = b"torn" * 150
    image[100] ^= 1
    if geometry.mirror:
        image[geometry.offset(0, tail - 2) + 200] ^= 1
        image[geometry.offset(1, tail - 3) + 200] ^= 1
    return bytes(image), ring.all()


@pytest.mark.parametrize("born", ["new", "recovered"])
@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("forever", [False, True])
@pytest.mark.parametrize("fault", FAULTS)
def test_the_nth_io_fails(fault: str, forever: bool, mirror: bool, born: str) -> None:
    geometry = Geometry(16, mirror=mirror)
    image, before = crashed(geometry) if born == "recovered" else (None, {})
    counter = Fault(0, FAULTS["EIO"])
    calm = Shop(SimStore(Image(image), fail=counter), geometry, before)
    calm.run()
    assert calm.failure is None
    assert counter.count > 50
    failed = 0
    for at in range(1, counter.count + 1):
        store = SimStore(Image(image), fail=Fault(at, FAULTS[fault], forever=forever))
        shop = Shop(store, geometry, before)
        shop.run()
        failed += shop.failure is not None
        if store.visible and store.disk is not None:
            store.disk.fail = None
            shop.check_after_restart(store)
    assert failed > counter.count // 2


def test_nothing_is_tried_again_after_a_failure() -> None:
    for at in range(1, 40):
        fault = Fault(10**9, FAULTS["EIO"])
        ring = Ring(Geometry(16, mirror=True))
        assert ring.store.disk is not None
        ring.write([sale(1)])
        ring.store.disk.fail = fault
        fault.at = at
        with pytest.raises(JournalFailed, match="Check the disk, then restart"):
            _write_many(ring)
        assert ring.opened.log is not None
        with pytest.raises(JournalFailed):
            ring.opened.log.mark()
        assert fault.count == at, "after the failure the disk was left alone"
        durable = bytes(ring.store.disk.durable)
        ring.store.disk.fail = None
        with pytest.raises(JournalFailed):
            ring.write([sale(100)])
        assert ring.store.disk.durable == durable


def _write_many(ring: Ring) -> None:
    for number in range(2, 60):
        ring.journal.release(number - 2)
        ring.write([sale(number)])
        ring.writer.mark()


def test_what_a_failed_sync_left_in_the_cache_is_not_believed() -> None:
    """The kernel keeps pages whose write-back failed and calls them clean: a restart must read the device."""
    ring = Ring(Geometry(16, mirror=False))
    ring.write([sale(1)])
    disk = ring.store.disk
    assert disk is not None

    def fail(kind: str) -> None:
        if kind == "sync":
            raise OSError(errno.EIO, "write-back failed")

    disk.fail = fail
    with pytest.raises(JournalFailed):
        ring.write([sale(2)])
    disk.fail = None
    again = Ring(Geometry(16, mirror=False), store=ring.store)
    again.write([sale(3)])
    last = reopened(disk.durable)
    assert not last.journal.recovery.read_only, "a batch that only the cache held was taken for durable"
    assert list(last.all().values()) == [sale(1), sale(3)]


def test_no_space_while_making_the_file_leaves_nothing_behind() -> None:
    store = SimStore(Image(None), fail=Fault(3, FAULTS["ENOSPC"]))
    shop = Shop(store, Geometry(16, mirror=False), {})
    shop.run()
    assert shop.failure is not None
    assert "Make sure that" in str(shop.failure)
    assert store.disk is None
    assert not store.visible
