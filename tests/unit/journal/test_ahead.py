"""What is read ahead is what would have been read, and only while the ring is read from end to end."""

from __future__ import annotations

import errno
import mmap
import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from posd.journal import Journal
from posd.journal.ahead import RUN_MIN, STREAMS, Ahead
from posd.journal.file import DiskFile, DiskStore

MIB = 1 << 20


class Source:
    """Bytes that tell their offset, and who asked for which."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.short = False
        self.error: OSError | None = None

    def read(self, offset: int, into: memoryview) -> int:
        self.asked.append(offset)
        if self.error is not None:
            raise self.error
        into[:] = bytes([offset // RUN_MIN % 251]) * len(into)
        return len(into) - 1 if self.short else len(into)


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def ahead(source: Source) -> Iterator[Ahead]:
    made = Ahead(source.read)
    yield made
    made.close()


def run() -> memoryview:
    return memoryview(mmap.mmap(-1, RUN_MIN))


def test_the_run_behind_the_last_one_is_there(ahead: Ahead) -> None:
    into = run()
    assert not ahead.give(0, into), "nobody knew of it"
    for number in range(1, 5):
        assert ahead.give(number * RUN_MIN, into)
        assert bytes(into) == bytes([number]) * RUN_MIN


def test_two_streams_do_not_push_each_other_out(ahead: Ahead, source: Source) -> None:
    into, other = run(), 100 * RUN_MIN
    ahead.give(0, into)
    ahead.give(other, into)
    for number in range(1, 4):
        assert ahead.give(number * RUN_MIN, into)
        assert ahead.give(other + number * RUN_MIN, into)
        assert into[0] == 100 + number
    assert len(source.asked) == len(set(source.asked)), "nothing is read twice"


def test_more_streams_than_two_cost_no_more_memory(ahead: Ahead) -> None:
    for number in range(10):
        ahead.give(10 * number * RUN_MIN, run())
    assert len(ahead._runs) + len(ahead._spare) <= STREAMS + 1


def test_a_small_read_is_no_part_of_it(ahead: Ahead, source: Source) -> None:
    assert not ahead.give(0, run()[:4096])
    assert not source.asked


@pytest.mark.parametrize("what", ["error", "short"])
def test_what_could_not_be_read_is_left_to_who_asks(ahead: Ahead, source: Source, what: str) -> None:
    if what == "error":
        source.error = OSError(errno.EIO, "Input/output error")
    source.short = what == "short"
    ahead.give(0, run())
    assert not ahead.give(RUN_MIN, run())


def test_the_bytes_of_a_file_are_the_same_with_it(tmp_path: Path) -> None:
    chance = random.Random(3)
    content = bytearray(chance.randbytes(6 * MIB))
    (tmp_path / "file").write_bytes(content)
    store = DiskStore(tmp_path / "file")
    file = store.open()
    assert file is not None
    into, at, given = run(), 0, 0
    for _ in range(200):
        if chance.random() < 0.2:
            block = run()[:4096]
            block[:] = chance.randbytes(4096)
            place = (at + chance.randrange(2 * MIB)) // 4096 * 4096 % (6 * MIB)
            (file.write if chance.random() < 0.5 else _commit(file))(place, block)
            content[place : place + 4096] = block
        at = at if chance.random() < 0.8 else chance.randrange(5) * MIB
        assert file._ahead is not None
        given += at in file._ahead._runs
        file.read_into(at, into)
        assert bytes(into) == content[at : at + MIB]
        at = (at + MIB) % (6 * MIB)
    assert given > 20
    file.close()


def _commit(file: DiskFile):  # type: ignore[no-untyped-def]
    return lambda offset, block: file.commit([(offset, block)])


def test_a_journal_that_is_written_reads_nothing_ahead(tmp_path: Path) -> None:
    Journal.open(tmp_path / "ring", size=4 * MIB, mirror=True).close()
    journal = Journal.open(tmp_path / "ring", size=4 * MIB, mirror=True)
    file = journal._opened.file
    assert isinstance(file, DiskFile)
    assert file._ahead is not None
    list(journal.kept())
    journal.start(lambda _: None, lambda _: None)
    assert file._ahead is None
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("posd-ahead")]
    journal.close()
