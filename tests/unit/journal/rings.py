"""Journals on a simulated disk, for the tests of this room."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable

from posd.journal import NewRecord, Record
from posd.journal.journal import Journal
from posd.journal.opening import open_log
from posd.journal.ring import Geometry
from posd.journal.writer import Writer
from tests.crash.disk import Image, SimStore

SMALL = Geometry(16, mirror=False)


def entropy(seed: str = "posd") -> Callable[[int], bytes]:
    """Bytes that look random and are the same each time."""
    count = 0

    def draw(size: int) -> bytes:
        nonlocal count
        count += 1
        return hashlib.sha256(f"{seed} {count}".encode()).digest()[:size]

    return draw


def sale(number: int, size: int = 300) -> NewRecord:
    """A record whose payload tells its number."""
    filling = hashlib.sha256(b"%d" % number).digest() * (size // 32 + 1)
    return NewRecord(1 + number % 5, 1, b"txn-%04d" % number, filling[:size])


def plain(record: Record) -> NewRecord:
    """The record as it was handed in."""
    return NewRecord(record.type, record.version, record.reference, record.payload)


class Ring:
    """A journal on a SimStore, written without the thread: each `write` is one durable batch."""

    def __init__(
        self, geometry: Geometry, image: Image | None = None, seed: str = "posd", store: SimStore | None = None
    ) -> None:
        self.store = store or SimStore(image or Image(None))
        self.opened = open_log(self.store, geometry, entropy(seed))
        self.journal = Journal("simulated", self.opened)
        self.durable = 0
        self._writer: Writer | None = None

    @property
    def writer(self) -> Writer:
        if self._writer is None:
            self._writer = self.journal._connect(self._note, lambda _: None)
        return self._writer

    def write(self, records: Iterable[NewRecord], *, outcome: bool = True) -> range:
        """Append and commit one batch."""
        writer = self.writer
        ids = self.journal.append(list(records), outcome=outcome)
        while self.durable < ids[-1]:
            batch = writer.gather()
            assert batch is not None
            writer.commit(batch)
        return ids

    def all(self) -> dict[int, NewRecord]:
        """All records, as handed in, by id."""
        return {record.id: plain(record) for record in self.journal.records()}

    def image(self) -> bytes:
        """The file as the device holds it."""
        assert self.store.disk is not None
        return bytes(self.store.disk.durable)

    def _note(self, durable_id: int) -> None:
        self.durable = durable_id


def reopened(image: bytes | bytearray, geometry: Geometry = SMALL) -> Ring:
    """A journal opened from an image; the geometry only counts where there is none."""
    return Ring(geometry, Image(image), "again")
