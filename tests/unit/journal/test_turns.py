"""What is appended within one turn of the caller's loop becomes durable together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue

from posd.journal import Journal, NewRecord

RECORD = NewRecord(1, 0, b"20261121-0042", b"x" * 900)


class Loop:
    """A caller whose turns end when the test says so."""

    def __init__(self, path: Path) -> None:
        self.due: list[Callable[[], None]] = []
        self.durable: SimpleQueue[int] = SimpleQueue()
        self.journal = Journal.open(path, size=1 << 20, mirror=True)
        self.journal.start(self.durable.put, _stop, self.due.append)

    def end_turn(self) -> None:
        while self.due:
            self.due.pop()()


def _stop(failure: Exception) -> None:
    raise failure


def test_a_turn_is_one_batch(tmp_path: Path) -> None:
    loop = Loop(tmp_path / "ring")
    for _ in range(16):
        loop.journal.append([RECORD])
    assert len(loop.due) == 1, "the journal asks once for the end of the turn"
    assert loop.journal.info().commits == 0, "and the thread has nothing before it"
    loop.end_turn()
    assert loop.durable.get(timeout=30) == 16
    loop.journal.append([RECORD])
    loop.end_turn()
    assert loop.durable.get(timeout=30) == 17
    loop.journal.close()


def test_what_a_turn_has_not_handed_over_is_kept_by_closing(tmp_path: Path) -> None:
    loop = Loop(tmp_path / "ring")
    loop.journal.append([RECORD])
    loop.journal.append([RECORD])
    loop.journal.close()
    loop.end_turn()  # the turn ends after all, and finds nothing to hand over
    again = Journal.open(tmp_path / "ring", size=1 << 20, mirror=True)
    assert [record.id for record in again.records()] == [1, 2]
    again.close()
