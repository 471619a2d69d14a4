"""Records that are copied forward so that the ring can go on: nothing is given up for them too early, and nothing of
them too late.
"""

from __future__ import annotations

from itertools import islice

import pytest

from posd.journal import Archive, JournalFull, RecordGone
from posd.journal.archive_age import DAY_MS
from posd.journal.entries import carried_entries, merged
from posd.journal.journal import Journal
from posd.journal.opening import open_log
from posd.journal.record import CARRIED, RECORD_HEADER, Record, carried_ids, encode_carried, encode_record
from posd.journal.ring import Geometry
from tests.crash.disk import Image, SimDisk, SimStore
from tests.crash.shelf import SimShelf
from tests.unit.journal.rings import Ring, entropy, plain, reopened, sale

PLAIN = Geometry(16, mirror=False)


def drive(ring: Ring) -> None:
    """Commit all that waits."""
    while not ring.writer._queue.empty() or ring.writer._held is not None:
        ring.writer.commit(ring.writer.gather() or [])


def carry(ring: Ring, ids: list[int], release: int) -> None:
    ring.journal.carry([ring.journal.read(at) for at in ids], release)
    drive(ring)


def sell(ring: Ring, first: int, last: int, keep: int) -> None:
    """Records `first` to `last`, one batch each; all but the newest `keep`, and what `place` of 1 says, may go."""
    for number in range(first, last + 1):
        ring.journal.release(min(number - keep, ring.journal.place(1)))
        ring.write([sale(number)])


def kept(ring: Ring) -> list[int]:
    return [record.id for record in ring.journal.kept()]


def test_at_no_moment_of_carrying_is_the_record_gone() -> None:
    """The ring is full to the last block: room for the copies is made out of what stands below the stuck records, and
    not a block more, whatever may go once they are durable.
    """
    ring = Ring(PLAIN)
    for number in range(1, 17):
        ring.write([sale(number, 3000)])
    ring.journal.release(5)
    moments = []

    def look(disk: SimDisk) -> None:
        for lost in (False, True):
            image = bytearray(disk.durable)
            for offset, piece in () if lost else disk.pending:
                image[offset : offset + len(piece)] = piece
            moments.append({record.id: plain(record) for record in reopened(image).journal.kept()})

    ring.store.watch(look)
    carry(ring, [5, 6, 7, 8], 13)
    ring.store.watch(None)
    assert len(moments) == 4, "the head was moved, then the copies were written"
    for seen in moments:
        assert [seen.get(at) for at in (5, 6, 7, 8)] == [sale(at, 3000) for at in (5, 6, 7, 8)]


def test_only_the_last_of_several_batches_of_copies_releases() -> None:
    ring = Ring(PLAIN)
    for number in (1, 2, 3):
        ring.write([sale(number, 7000)])
    for number in range(4, 7):
        ring.write([sale(number)])
    ring.journal.carry([ring.journal.read(at) for at in (1, 2, 3)], 5)
    released = []
    while not ring.writer._queue.empty() or ring.writer._held is not None:
        ring.writer.commit(ring.writer.gather() or [])
        released.append(ring.journal.info().first_owed)
    assert released == [1, 5]


def test_carrying_never_releases_the_copies_themselves() -> None:
    """Whatever is asked for: the ring is full before they go."""
    ring = Ring(PLAIN)
    for number in range(1, 9):
        ring.write([sale(number)])
    carry(ring, [1], 10**9)
    with pytest.raises(JournalFull):
        _fill(ring)
    assert ring.journal.info().last_id > 16, "it went round"
    assert kept(ring)[0] == 1
    assert kept(reopened(ring.image()))[0] == 1


def _fill(ring: Ring) -> None:
    for number in range(9, 60):
        ring.write([sale(number)])


def test_nothing_to_carry_releases_at_once() -> None:
    ring = Ring(PLAIN)
    for number in range(1, 9):
        ring.write([sale(number)])
    carry(ring, [], 7)
    assert ring.journal.info().first_owed == 7


def test_a_copy_that_stands_alone_in_its_batch_is_kept_by_its_place() -> None:
    ring = Ring(PLAIN)
    for number in range(1, 9):
        ring.write([sale(number)])
    assert ring.journal.place(1) == 1
    carry(ring, [1], 7)
    sell(ring, 9, 16, keep=1)
    assert ring.opened.index.find(1) is None, "its first place is gone"
    assert ring.journal.place(1) == 8
    assert plain(ring.journal.read(1)) == sale(1)
    again = reopened(ring.image())
    assert again.journal.place(1) == 8
    assert kept(again)[0] == 1


def test_a_copy_whose_place_was_given_up_is_forgotten() -> None:
    ring = Ring(PLAIN)
    for number in range(1, 9):
        ring.write([sale(number)])
    carry(ring, [1], 7)
    for number in range(9, 40):
        ring.journal.release(number - 2)
        ring.write([sale(number)])
    assert ring.opened.index.carried_ids() == []
    assert kept(ring) == sorted(ring.all())
    with pytest.raises(RecordGone):
        ring.journal.read(1)


def test_the_newest_copy_counts() -> None:
    ring = Ring(PLAIN)
    for number in range(1, 9):
        ring.write([sale(number)])
    carry(ring, [1], 7)
    for number in range(9, 12):
        ring.write([sale(number)])
    carry(ring, [1], 11)
    places = [ring.opened.index.carried(1)]
    places.append(reopened(ring.image()).opened.index.carried(1))
    assert places == [(12, 12), (12, 12)]


def test_only_copies_are_taken_for_copies() -> None:
    new, copy = encode_record(7, sale(7)), encode_carried(Record(3, 1, 1, b"", b"x"))
    assert list(carried_ids(copy + new + copy)) == [3, 3]


def test_copies_that_become_durable_together_keep_all_their_names_and_give_up_what_the_last_of_them_does() -> None:
    older = [Record(number, 1, 1, b"", b"x") for number in (3, 4, 5)]
    first, then = carried_entries(older[:2], 1000, 7), carried_entries(older[2:], 1000, 9)
    whole = merged([*first, *then])
    assert (whole.carried, whole.release, whole.records, whole.blocks) == ((3, 4, 5), 9, 0, 2)
    assert whole.body == b"".join(map(encode_carried, older))
    assert merged([*then, *first]).release == 9
    assert merged(first) is first[0]


def test_a_record_without_a_length_ends_the_search_for_copies() -> None:
    nothing = RECORD_HEADER.pack(0, 0, 3, 1, 0, 0, CARRIED, 0)
    assert list(islice(carried_ids(nothing * 2), 5)) == []


def test_the_archive_names_what_was_carried_once() -> None:
    shelf, store = SimShelf(), SimStore(Image(None))
    archive = Archive(shelf, 9 * DAY_MS, now_ms=lambda: 20_000 * DAY_MS, mono_s=lambda: 0.0)
    opened = open_log(store, PLAIN, entropy())
    journal = Journal("simulated", opened, archive)
    writer = journal._connect(lambda _: None, lambda _: None)
    assert opened.log is not None

    def commit() -> None:
        writer.commit(writer.gather() or [])

    for number in range(1, 40):
        journal.append([sale(number)])
        commit()
        if number % 6 == 0:
            journal.carry([journal.read(1)], number - 1)
            commit()
        if archive.due(opened.log):
            archive.step(opened.log)
    reader = journal.past.archived
    assert reader is not None
    through = journal.past.archived_through()
    assert through is not None
    assert through > 20
    newest = [record.id for page in reader.newest(through + 1) for record in page]
    assert newest == list(range(through, 0, -1))
