"""The journal against a model: appends, releases, records that are kept by carrying them forward, an archive that works
or fails, retention, crashes, failed syncs and second tries, clean stops and full rings, in any order.

`POSD_MODEL_RUNS` sizes the run; `python -m tests.crash` makes ten thousand of them.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from posd.journal import Archive, JournalBusy, JournalFailed, JournalFull, NewRecord, RecordGone
from posd.journal.archive_age import DAY_MS
from posd.journal.block import blocks_for
from posd.journal.journal import Journal
from posd.journal.opening import open_log
from posd.journal.record import RECORD_HEADER, encode_record
from posd.journal.ring import Geometry
from tests.crash.disk import Image, SimStore
from tests.crash.shelf import SimShelf
from tests.unit.journal.rings import entropy, plain

RUNS = int(os.environ.get("POSD_MODEL_RUNS", "150"))
STEPS = 25
KEEP_MS = 3 * DAY_MS

record = st.builds(
    NewRecord,
    type=st.integers(1, 65535),
    version=st.integers(0, 255),
    reference=st.binary(max_size=64),
    payload=st.one_of(st.binary(max_size=300), st.integers(0, 9000).map(lambda size: b"p" * size)),
)


class JournalModel(RuleBasedStateMachine):
    """`written` is all that was ever durable, `waiting` what was appended since; both by id.

    `kept` are records that must stay in the ring whatever is released. `owed`: the ring may lose what stands below;
    `moving`: what `owed` becomes with the next commit. `expired`: below it the archive may have given up everything.
    """

    geometry: Geometry
    seen: ClassVar[Counter[str]] = Counter()

    @initialize(mirror=st.booleans(), blocks=st.sampled_from([16, 24, 64]), archived=st.booleans())
    def make(self, mirror: bool, blocks: int, archived: bool) -> None:
        self.geometry = Geometry(blocks, mirror=mirror)
        self.archived = archived
        self.written: dict[int, NewRecord] = {}
        self.kept: set[int] = set()
        self.owed = self.moving = self.expired = 1
        self.day, self.lives, self.mono_s = 20_000, 0, 0.0
        self._open(None, SimShelf())

    def _open(self, image: bytes | bytearray | None, shelf: SimShelf) -> None:
        self.lives += 1
        self.waiting: dict[int, NewRecord] = {}
        self.moving = self.owed
        self.store, self.shelf = SimStore(Image(image)), shelf
        opened = open_log(self.store, self.geometry, entropy(str(self.lives)))
        assert not opened.report.read_only, opened.report.sentence
        assert opened.log is not None
        self.log = opened.log
        self.archive = Archive(
            shelf, KEEP_MS, now_ms=lambda: self.day * DAY_MS, mono_s=lambda: self.mono_s, file_bytes_max=30_000
        )
        self.journal = Journal("simulated", opened, self.archive if self.archived else None)
        self.durable = len(self.written)
        self.writer = self.journal._connect(self._note, lambda _: None)
        self.journal.release(self.owed)

    def _note(self, durable_id: int) -> None:
        self.durable = durable_id

    @rule(records=st.lists(record, min_size=1, max_size=4), outcome=st.booleans())
    def append(self, records: list[NewRecord], outcome: bool) -> None:
        expected = len(self.written) + len(self.waiting) + 1
        try:
            ids = self.journal.append(records, outcome=outcome)
        except JournalFull:
            self._full(blocks_for(sum(len(encode_record(1, record)) for record in records)), outcome=outcome)
            return
        except JournalBusy:
            return
        assert list(ids) == list(range(expected, expected + len(records)))
        self.waiting.update(zip(ids, records, strict=True))

    def _full(self, need: int, *, outcome: bool) -> None:
        """It is not called full while there is room."""
        limit = self.geometry.ring_blocks - (0 if outcome else self.geometry.reserve_blocks)
        fill = self.journal.info().fill
        assert fill * self.geometry.ring_blocks + need + 1 >= limit - self.geometry.batch_blocks_max

    @rule(mark=st.booleans(), archive=st.booleans())
    def commit(self, mark: bool, archive: bool) -> None:
        """What the writer does."""
        while not self.writer._queue.empty() or self.writer._held is not None:
            self.writer.commit(self.writer.gather() or [])
        if mark:
            self.writer.mark()
        if archive and self.archived and self.archive.due(self.log):
            self.archive.step(self.log)
            assert not self.archive.trouble
        self.written |= self.waiting
        self.waiting = {}
        self.owed = self.moving

    @rule(keep=st.integers(0, 12))
    def release(self, keep: int) -> None:
        """As far as what is kept allows."""
        self.owed = max(self.owed, min([len(self.written) - keep, *map(self.journal.place, self.kept)]))
        self.moving = max(self.moving, self.owed)
        self.journal.release(self.owed)

    @rule(
        days=st.sampled_from([0, 1, 4]),
        batches=st.integers(1, 30),
        size=st.sampled_from([100, 900, 3000, 6000]),
        keep=st.integers(0, 6),
    )
    def trade(self, days: int, batches: int, size: int, keep: int) -> None:
        """A busy hour: one batch after the other, each released soon, what is stuck carried forward at last."""
        self._later(days)
        for number in range(batches):
            before = len(self.written) + len(self.waiting)
            self.append([NewRecord(1, 1, b"%d" % number, b"t" * size)], outcome=number % 2 == 0)
            if len(self.written) + len(self.waiting) == before and self.moving == self.owed and self.written:
                self.carry(keep)
            self.commit(mark=number % 7 == 0, archive=True)
            self.release(keep)

    @precondition(lambda self: len(self.written) > self.owed)
    @rule(data=st.data())
    def keep(self, data: st.DataObject) -> None:
        """One more record that must stay in the ring."""
        if self.moving == self.owed and len(self.kept) < 4:
            self.kept.add(data.draw(st.integers(max(1, self.owed), len(self.written))))

    @precondition(lambda self: self.kept)
    @rule(data=st.data())
    def settle(self, data: st.DataObject) -> None:
        """One less."""
        self.kept.remove(data.draw(st.sampled_from(sorted(self.kept))))

    @precondition(lambda self: self.moving == self.owed and self.written)
    @rule(leave=st.integers(0, 8), goes=st.integers(1, 3))
    def carry(self, leave: int, goes: int = 1) -> None:
        """Copy forward what is kept and stands below a bound, in several goes, and with the last of them let the ring
        go up to the bound.
        """
        bound = len(self.written) - leave
        stuck = [self.journal.read(at) for at in sorted(self.kept) if self.journal.place(at) < bound]
        try:
            size = max(1, -(-len(stuck) // goes))
            for at in range(0, max(1, len(stuck)), size):
                self.journal.carry(stuck[at : at + size], bound if at + size >= len(stuck) else 0)
        except JournalFull:
            self._full(sum(blocks_for(RECORD_HEADER.size + 64 + len(one.payload)) for one in stuck), outcome=True)
            return
        except JournalBusy:
            return
        self.moving = max(self.moving, bound)
        if not stuck:
            self.owed = self.moving

    def _later(self, days: int) -> None:
        self.day += days
        self.mono_s += 1000

    @precondition(lambda self: self.archived)
    @rule(days=st.sampled_from([0, 1, 4]))
    def retention(self, days: int) -> None:
        self._later(days)
        while self.archive.expire(self.log.head.block) is not None:
            self.expired = self.archive.files[0].head.start.next_id
            assert self.archive.files[0].head.time_ms < self.day * DAY_MS - KEEP_MS

    @precondition(lambda self: self.archived)
    @rule(kind=st.sampled_from(["create", "append", "sync"]))
    def archive_fails(self, kind: str) -> None:
        """Once; the next step is in order again."""
        if not self.archive.due(self.log):
            return

        def fail(what: str) -> None:
            if what == kind:
                raise OSError(errno.EIO, "archive")

        through = self.archive.through
        self.shelf.fail = fail
        self.archive.step(self.log)
        self.shelf.fail = None
        if self.archive.trouble:
            assert self.archive.through == through
            assert not self.archive.due(self.log), "it is not tried again at once"
            self.mono_s += 1000

    @precondition(lambda self: self.waiting)
    @rule(kind=st.sampled_from(["write", "sync"]))
    def disk_fails(self, kind: str) -> None:
        """The outcome is unknown; after a restart what waited is handed in once more, under the same numbers."""
        again = list(self.waiting.values())

        def fail(what: str) -> None:
            if what == kind:
                raise OSError(errno.EIO, "disk")

        disk = self.store.disk
        assert disk is not None
        disk.fail = fail
        try:
            self.writer.commit(self.writer.gather() or [])
        except JournalFailed:
            pass
        else:
            raise AssertionError("an error of the disk went unnoticed")
        disk.fail = None
        self._open(disk.durable, self.shelf)
        with contextlib.suppress(JournalFull, JournalBusy):
            self.waiting = dict(zip(self.journal.append(again), again, strict=True))
        assert not self.waiting or min(self.waiting) == len(self.written) + 1

    @rule(tear=st.booleans(), killed=st.booleans())
    def crash(self, tear: bool, killed: bool) -> None:
        """What only waited is gone; where `tear`, the next batch had begun to reach the disk."""
        assert self.store.disk is not None
        image = bytearray(self.store.disk.durable)
        tail = self.log.tail.block
        if tear and tail + 1 < self.log.head.block + self.geometry.ring_blocks:
            at = self.geometry.offset(0, tail)
            image[at : at + 600] = b"torn" * 150
        shelf = SimShelf(self.shelf.files if killed else self.shelf.durable)
        shelf.durable = dict(self.shelf.durable)
        self._open(image, shelf)

    @rule()
    def stop(self) -> None:
        assert self.store.disk is not None
        self.journal.close()
        self.written |= self.waiting
        self.owed = self.moving
        self._open(self.store.disk.durable, self.shelf)
        assert self.journal.recovery.clean

    @invariant()
    def holds_what_it_must(self) -> None:
        if not hasattr(self, "journal"):
            return
        found: dict[int, Any] = {one.id: plain(one) for one in self.journal.records()}
        assert all(kept == self.written[at] for at, kept in found.items())
        first = min(found, default=len(self.written) + 1)
        assert list(found) == list(range(first, len(self.written) + 1)), "without gaps"
        assert first <= max(self.expired if self.archived else self.owed, 1), "what is owed, or archived, is there"
        info = self.journal.info()
        assert (info.durable_id, info.last_id) == (len(self.written), len(self.written) + len(self.waiting))
        assert self.durable == len(self.written)
        for at, kept in self.waiting.items():
            assert plain(self.journal.read(at)) == kept
        if found:
            assert plain(self.journal.read(first)) == found[first]
        if first > 1 and first - 1 not in self._in_ring():
            try:
                self.journal.read(first - 1)
            except RecordGone:
                pass
            else:
                raise AssertionError("a record that is gone was returned")

    @invariant()
    def keeps_in_the_ring_what_is_kept(self) -> None:
        if not hasattr(self, "journal") or not self.kept:
            return
        ring = self._in_ring()
        for at in self.kept:
            assert ring.get(at) == self.written[at], f"record {at} is not in the ring any more"

    def _in_ring(self) -> dict[int, NewRecord]:
        ring = [(one.id, plain(one)) for one in self.journal.kept()]
        assert [at for at, _ in ring] == sorted({at for at, _ in ring}), "each once, in order"
        return dict(ring)

    def teardown(self) -> None:
        """Count what this run has met."""
        self.seen["runs"] += 1
        if not hasattr(self, "journal"):
            return
        self.seen["records written"] += len(self.written)
        self.seen["starts"] += self.lives
        laps = self.journal.info().laps
        self.seen["runs that went round the ring"] += laps > 0
        self.seen["runs that went round twice or more"] += laps > 1
        self.seen["runs with an archive that was written"] += bool(self.archive.files)
        self.seen["runs in which retention deleted a file"] += self.expired > 1
        self.seen["runs that ended with something kept by copies alone"] += bool(self.journal._index.carried_only())


def trial(runs: int, **more: Any) -> Counter[str]:
    """So many runs; what they met. Raises what hypothesis raises."""
    JournalModel.seen.clear()
    run_state_machine_as_test(
        JournalModel,
        settings=settings(
            max_examples=runs,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
            **more,
        ),
    )
    return JournalModel.seen


def test_the_journal_behaves_like_its_model(record_property: Callable[[str, object], None]) -> None:
    met = trial(RUNS)
    record_property("note", f"journal model: {', '.join(f'{count} {what}' for what, count in met.items())}")
    if RUNS >= 100:
        assert met["runs that went round twice or more"] > 0
        assert met["runs with an archive that was written"] > 0
    if RUNS >= 2000:  # a rare end: some two in a hundred runs
        assert met["runs that ended with something kept by copies alone"] > 0
