"""On a disk that is faster than waking a thread, whoever appends writes at the end of the turn: in order, safely, and
never where the disk is slow.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from queue import Empty
from typing import Any

import pytest

from posd.journal import Journal, JournalFailed
from posd.journal.entries import Entry
from posd.journal.file import DiskFile, DiskStore
from posd.journal.timing import FAST_RUN, FAST_S, WAKE_S, Times
from posd.journal.writer import _LOOK
from tests.unit.journal.rings import plain, sale

MIB = 1 << 20
DEADLINE_S = 60.0


class Hooked(DiskFile):
    """A file whose commits can be held up or made to fail."""

    before: Callable[[], None] = staticmethod(lambda: None)

    def commit(self, writes: Sequence[tuple[int, memoryview]]) -> None:
        type(self).before()
        super().commit(writes)


class HookedStore(DiskStore):
    def create(self, size: int) -> DiskFile:
        file: Any = super().create(size)
        file.__class__ = Hooked
        return file


class Turns:
    """A journal, and turns that end when the test says so. `said`: (durable id, whether on this thread)."""

    def __init__(self, path: Path) -> None:
        Hooked.before = staticmethod(lambda: None)
        self.journal = Journal.open(path, size=MIB, mirror=False, port=HookedStore(path))
        self.said: list[tuple[int, bool]] = []
        self.failures: list[JournalFailed] = []
        self._calls: list[Callable[[], None]] = []
        self._here = threading.get_ident()
        self.journal.start(self._durable, self.failures.append, self._calls.append)
        assert self.journal._writer is not None
        self.writer = self.journal._writer

    def _durable(self, record_id: int) -> None:
        self.said.append((record_id, threading.get_ident() == self._here))

    def fast(self) -> None:
        """Let the disk have proved itself, and the thread have nothing to do."""
        writer = self.writer
        self.wait(lambda: bool(writer._under_way) or (writer._log.marked and not writer._pen.locked()))
        while not self.writer.times.fast:
            self.writer.times.add(FAST_S / 2)

    def slow(self) -> None:
        self.writer.times.add(FAST_S)

    def end(self) -> None:
        """End the turn."""
        calls, self._calls[:] = list(self._calls), []
        for call in calls:
            call()

    def wait(self, done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + DEADLINE_S
        while not done():
            assert time.monotonic() < deadline
            time.sleep(0.001)

    def settled(self) -> bool:
        return not self.writer._under_way and self.journal.durable_id == self.journal.info().last_id


@pytest.fixture
def turns(tmp_path: Path) -> Iterator[Turns]:
    made = Turns(tmp_path / "ring")
    yield made
    Hooked.before = staticmethod(lambda: None)
    made.journal.close()


def test_a_turn_is_durable_when_it_ends_where_the_disk_is_fast(turns: Turns) -> None:
    turns.fast()
    turns.journal.append([sale(1)])
    turns.journal.append([sale(2)])
    assert not turns.said, "the turn is not over"
    turns.end()
    assert turns.said == [(2, True)]
    assert turns.journal.info().commits == 1
    assert turns.journal.durable_id == 2


def test_nobody_but_the_thread_waits_for_a_disk_that_is_slow_or_not_known(turns: Turns) -> None:
    turns.journal.append([sale(1)])
    turns.end()
    turns.wait(turns.settled)
    turns.fast()
    turns.slow()
    turns.journal.append([sale(2)])
    turns.end()
    turns.wait(turns.settled)
    assert [on_this_thread for _, on_this_thread in turns.said] == [False, False]


def proved(times: Times) -> int:
    """How many fast commits it takes until the disk counts as fast."""
    count = 0
    while not times.fast:
        times.add(0)
        count += 1
    return count


def test_a_slow_commit_ends_it_for_as_long_as_it_cost_and_not_for_longer() -> None:
    times = Times()
    assert proved(times) == FAST_RUN
    for seconds in (FAST_S, 0.005, 1.0, FAST_S):
        times.add(seconds)
        assert not times.fast
        assert proved(times) == round(seconds / WAKE_S)


def test_slow_commits_are_not_added_up_and_the_slowest_counts() -> None:
    times = Times()
    for seconds in (0.01, 0.01, FAST_S):
        times.add(seconds)
    assert proved(times) == round(0.01 / WAKE_S)


def test_a_disk_that_is_always_slow_never_counts_as_fast() -> None:
    times = Times()
    for _ in range(1000):
        times.add(0.005)
        times.add(0)
        assert not times.fast


def test_a_slow_disk_is_noticed_by_the_one_commit_that_met_it(turns: Turns) -> None:
    turns.fast()
    Hooked.before = staticmethod(lambda: time.sleep(2 * FAST_S))
    for number in range(3):
        turns.journal.append([sale(number)])
        turns.end()
        turns.wait(turns.settled)
    assert [on_this_thread for _, on_this_thread in turns.said] == [True, False, False]


def test_what_was_handed_over_is_not_overtaken(turns: Turns) -> None:
    reached, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        if threading.current_thread() is not threading.main_thread():
            reached.set()
            assert go_on.wait(DEADLINE_S)

    Hooked.before = staticmethod(hold)
    turns.slow()
    turns.journal.append([sale(1)])
    turns.end()
    assert reached.wait(DEADLINE_S)
    turns.fast()
    turns.journal.append([sale(2)])
    turns.end()
    assert not turns.said
    go_on.set()
    turns.wait(turns.settled)
    assert turns.said == [(1, False), (2, False)]


def test_whoever_comes_while_the_thread_writes_something_else_does_not_wait(turns: Turns) -> None:
    turns.fast()
    with turns.writer._pen:
        turns.journal.append([sale(1)])
        turns.end()
        assert not turns.said
    turns.wait(turns.settled)
    assert turns.said == [(1, False)]


def test_what_takes_more_than_one_batch_is_the_threads(turns: Turns) -> None:
    turns.fast()
    for number in range(5):
        turns.journal.append([sale(number, 60_000)])
    turns.end()
    turns.wait(turns.settled)
    assert not any(on_this_thread for _, on_this_thread in turns.said)
    assert [plain(record) for record in turns.journal.records()] == [sale(number, 60_000) for number in range(5)]


def test_copies_that_are_carried_forward_are_the_threads_and_stand_apart(turns: Turns) -> None:
    turns.fast()
    turns.journal.append([sale(1), sale(2)])
    turns.end()
    old = [turns.journal.read(1)]
    turns.fast()
    commits = turns.journal.info().commits
    turns.journal.append([sale(3)])
    turns.journal.carry(old, 2)
    turns.end()
    turns.wait(turns.settled)
    turns.wait(lambda: turns.journal.info().first_owed == 2)
    assert turns.said[0] == (2, True)
    assert {here for _, here in turns.said[1:]} == {False}
    assert turns.journal.info().commits >= commits + 2
    assert plain(turns.journal.read(1)) == sale(1)


def test_a_mark_follows_when_all_is_quiet_though_the_thread_slept(turns: Turns) -> None:
    turns.fast()
    commits = turns.journal.info().commits
    turns.journal.append([sale(1)])
    turns.end()
    assert turns.said == [(1, True)]
    turns.wait(lambda: turns.journal.info().commits == commits + 2 and turns.writer._log.marked)


@pytest.mark.parametrize("error", [OSError(5, "Input/output error"), RuntimeError("a fault of ours")])
def test_a_failure_is_told_once_and_nothing_is_written_after_it(turns: Turns, error: Exception) -> None:
    turns.fast()
    before = turns.journal.info().commits

    def fail() -> None:
        raise error

    Hooked.before = staticmethod(fail)
    turns.journal.append([sale(1)])
    if isinstance(error, OSError):
        turns.end()
    else:
        with pytest.raises(RuntimeError):
            turns.end()
    Hooked.before = staticmethod(lambda: None)
    thread = turns.writer._thread
    assert thread is not None
    thread.join(DEADLINE_S)
    assert not thread.is_alive()
    assert not turns.said
    assert len(turns.failures) == 1
    assert turns.journal.info().commits == before
    with pytest.raises(JournalFailed):
        turns.journal.append([sale(2)])
    turns.journal.close()
    again = Journal.open(turns.journal.info().path, size=MIB, mirror=True)
    assert again.recovery.case != "D", "it was closed as if all were well"
    again.close()


@pytest.mark.parametrize("seed", range(4))
def test_whoever_writes_everything_is_there_in_order(turns: Turns, seed: int) -> None:
    chance = random.Random(seed)
    last = 0
    for number in range(300):
        (turns.fast if chance.random() < 0.6 else turns.slow)()
        last = turns.journal.append([sale(number, chance.choice((100, 900, 5000)))])[-1]
        if chance.random() < 0.7:
            turns.end()
        if number % 20 == 0:
            turns.journal.release(last - 10)
            turns.end()
            turns.wait(turns.settled)
    turns.end()
    turns.wait(turns.settled)
    ids = [record_id for record_id, _ in turns.said]
    assert ids == sorted(set(ids))
    assert ids[-1] == last
    assert {here for _, here in turns.said} == {True, False}
    turns.journal.close()
    again = Journal.open(turns.journal.info().path, size=MIB, mirror=True)
    kept = [record.id for record in again.records()]
    assert kept == list(range(kept[0], last + 1))
    again.close()


def test_a_write_in_the_pause_puts_the_mark_off(turns: Turns) -> None:
    turns.fast()
    writer, asleep, commits, asked_again = (
        turns.writer,
        turns.writer._queue,
        turns.writer._log.commits,
        threading.Event(),
    )

    class Pause:
        """A queue in whose first pause somebody writes."""

        calls = 0

        def get(self, timeout: float | None = None) -> Entry | None:
            self.calls += 1
            if self.calls == 1:
                writer._log.space.queued += 1
                writer._write(Entry(b"", 0, 1))
                raise Empty
            asked_again.set()
            return asleep.get()

    writer._queue = Pause()  # type: ignore[assignment]
    asleep.put(_LOOK)
    assert asked_again.wait(DEADLINE_S)
    assert writer._log.commits == commits + 1
    writer._queue = asleep


def test_after_a_failure_a_pause_is_not_used(turns: Turns) -> None:
    turns.fast()
    turns.writer._log.marked = False
    commits = turns.writer._log.commits
    turns.writer._fail(RuntimeError("a fault of ours"))
    turns.writer._fail(RuntimeError("another"))
    turns.writer._use_the_pause(quiet=True)
    assert turns.writer._log.commits == commits
    assert [str(failure) for failure in turns.failures] == [
        "the journal stopped: RuntimeError('a fault of ours'). What was acknowledged is kept; restart posd"
    ]
