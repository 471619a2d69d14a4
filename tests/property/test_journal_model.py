"""The journal against a model: appends, releases, crashes, clean stops and full rings in any order."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from posd.journal import JournalBusy, JournalFull, NewRecord, RecordGone
from posd.journal.block import blocks_for
from posd.journal.record import record_size
from posd.journal.ring import Geometry
from tests.crash.disk import Image
from tests.unit.journal.rings import Ring, plain

RUNS = int(os.environ.get("POSD_MODEL_RUNS", "60"))

record = st.builds(
    NewRecord,
    type=st.integers(1, 65535),
    version=st.integers(0, 255),
    reference=st.binary(max_size=64),
    payload=st.one_of(st.binary(max_size=300), st.integers(0, 9000).map(lambda size: b"p" * size)),
)


class JournalModel(RuleBasedStateMachine):
    """`written` is all that was ever durable, `waiting` what was appended since; both by id."""

    ring: Ring
    geometry: Geometry

    @initialize(mirror=st.booleans(), blocks=st.sampled_from([16, 24, 64]))
    def make(self, mirror: bool, blocks: int) -> None:
        self.geometry = Geometry(blocks, mirror=mirror)
        self.ring = Ring(self.geometry)
        self.written: dict[int, NewRecord] = {}
        self.waiting: dict[int, NewRecord] = {}
        self.owed = 1
        assert self.ring.writer

    @rule(records=st.lists(record, min_size=1, max_size=4), outcome=st.booleans())
    def append(self, records: list[NewRecord], outcome: bool) -> None:
        expected = len(self.written) + len(self.waiting) + 1
        try:
            ids = self.ring.journal.append(records, outcome=outcome)
        except JournalFull:
            info = self.ring.journal.info()
            need = blocks_for(sum(map(record_size, records)))
            limit = self.geometry.ring_blocks - (0 if outcome else self.geometry.reserve_blocks)
            assert info.fill * self.geometry.ring_blocks + need + 1 >= limit - self.geometry.batch_blocks_max
            return
        except JournalBusy:
            return
        assert list(ids) == list(range(expected, expected + len(records)))
        self.waiting.update(zip(ids, records, strict=True))

    @precondition(lambda self: self.waiting)
    @rule(mark=st.booleans())
    def commit(self, mark: bool) -> None:
        writer = self.ring.writer
        while self.ring.durable < max(self.waiting):
            writer.commit(writer.gather() or [])
        if mark:
            writer.mark()
        self.written |= self.waiting
        self.waiting = {}

    @rule(keep=st.integers(0, 12))
    def release(self, keep: int) -> None:
        self.owed = max(self.owed, len(self.written) - keep)
        self.ring.journal.release(self.owed)

    @rule(tear=st.booleans())
    def crash(self, tear: bool) -> None:
        """What only waited is gone; where `tear`, the next batch had begun to reach the disk."""
        image = bytearray(self.ring.image())
        if tear:
            tail = self.ring.opened.log.tail.block if self.ring.opened.log else 0
            if tail + 1 < self.ring.opened.superblock.head.block + self.geometry.ring_blocks:
                at = self.geometry.offset(0, tail)
                image[at : at + 600] = b"torn" * 150
        self._open(bytes(image))

    @rule()
    def stop(self) -> None:
        self.ring.journal.close()
        self.written |= self.waiting
        self.waiting = {}
        self._open(self.ring.image())
        assert self.ring.journal.recovery.clean

    def _open(self, image: bytes) -> None:
        self.waiting = {}
        self.ring = Ring(self.geometry, Image(image))
        assert not self.ring.journal.recovery.read_only, self.ring.journal.recovery.sentence
        self.ring.durable = len(self.written)
        assert self.ring.writer
        self.ring.journal.release(self.owed)

    @invariant()
    def holds_what_it_must(self) -> None:
        if not hasattr(self, "ring"):
            return
        found: dict[int, Any] = self.ring.all()
        assert list(found) == sorted(found)
        for record_id, kept in found.items():
            assert kept == self.written[record_id]
        first = min(found, default=len(self.written) + 1)
        assert list(found) == list(range(first, len(self.written) + 1)), "without gaps"
        assert first <= max(self.owed, 1), "what is owed is there"
        info = self.ring.journal.info()
        assert (info.durable_id, info.last_id) == (len(self.written), len(self.written) + len(self.waiting))
        for record_id, kept in self.waiting.items():
            assert plain(self.ring.journal.read(record_id)) == kept
        if found:
            assert plain(self.ring.journal.read(first)) == found[first]
        if first > 1:
            try:
                self.ring.journal.read(first - 1)
            except RecordGone:
                pass
            else:
                raise AssertionError("a record that left the ring was returned")


JournalModel.TestCase.settings = settings(
    max_examples=RUNS, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestJournalModel = JournalModel.TestCase
