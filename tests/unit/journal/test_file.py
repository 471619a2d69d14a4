"""The port to the real disk."""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
from pathlib import Path
from typing import Any

import pytest

from posd.journal import Journal, JournalError, JournalLocked, NotAJournal
from posd.journal import file as module
from posd.journal.file import DiskStore

BLOCK = 4096
MIB = 1 << 20


def block(content: bytes) -> memoryview:
    view = memoryview(mmap.mmap(-1, BLOCK))
    view[:] = content * (BLOCK // len(content))
    return view


def test_a_file_gets_its_name_only_when_it_is_renamed(tmp_path: Path) -> None:
    store = DiskStore(tmp_path / "ring")
    assert store.open() is None
    file = store.create(4 * BLOCK)
    assert os.listdir(tmp_path) == ["ring.new"]
    store.rename()
    store.sync()
    assert os.listdir(tmp_path) == ["ring"]
    assert (tmp_path / "ring").stat().st_mode & 0o777 == 0o600
    file.close()
    file.close()


def test_the_rest_of_an_interrupted_creation_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "ring.new").write_bytes(b"torn" * 3 * MIB)
    journal = Journal.open(tmp_path / "ring", size=MIB, mirror=False)
    assert journal.recovery.case == "A"
    journal.close()
    assert os.listdir(tmp_path) == ["ring"]


def test_two_cannot_make_the_same_file(tmp_path: Path) -> None:
    first, second = DiskStore(tmp_path / "ring"), DiskStore(tmp_path / "ring")
    file = first.create(4 * BLOCK)
    with pytest.raises(JournalLocked):
        second.create(4 * BLOCK)
    first.rename()
    with pytest.raises(JournalLocked):
        second.open()
    with pytest.raises(JournalLocked, match="at this moment"):
        second.create(4 * BLOCK)
    file.close()


def test_a_file_that_is_exchanged_while_it_is_opened_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ring"
    path.write_bytes(b"old")
    (tmp_path / "other").write_bytes(b"new")
    monkeypatch.setattr(module.fcntl, "flock", lambda *_: (tmp_path / "other").rename(path))
    with pytest.raises(JournalLocked, match="exchanged"):
        DiskStore(path).open()


def test_commit_and_read_back(tmp_path: Path) -> None:
    file = DiskStore(tmp_path / "ring").create(4 * BLOCK)
    file.commit([(BLOCK, block(b"A"))])
    file.commit([(0, block(b"B")), (2 * BLOCK, block(b"C"))])
    file.write(3 * BLOCK, block(b"D"))
    file.sync()
    file.settle()
    into = block(b"?")
    for number, letter in enumerate(b"BACD"):
        file.read_into(number * BLOCK, into)
        assert bytes(into) == bytes([letter]) * BLOCK
    file.close()


def test_without_o_direct_it_is_buffered_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open

    def refuse(path: Any, flags: int, mode: int = 0o777) -> int:
        if flags & os.O_DIRECT:
            raise OSError(errno.EINVAL, "no O_DIRECT here")
        return real(path, flags, mode)

    monkeypatch.setattr(module.os, "open", refuse)
    journal = Journal.open(tmp_path / "ring", size=MIB, mirror=False)
    assert not journal.recovery.direct
    assert not journal.info().direct
    journal.close()


def test_o_direct_that_opens_but_cannot_read_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.preadv

    def refuse(descriptor: int, buffers: Any, offset: int) -> int:
        if fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_DIRECT:
            raise OSError(errno.EINVAL, "sectors are larger here")
        return real(descriptor, buffers, offset)

    monkeypatch.setattr(module.os, "preadv", refuse)
    journal = Journal.open(tmp_path / "ring", size=MIB, mirror=True)
    assert not journal.recovery.direct
    journal.close()


def test_without_rwf_dsync_a_sync_follows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = DiskStore(tmp_path / "ring").create(4 * BLOCK)
    real, calls = os.pwritev, []

    def refuse(descriptor: int, buffers: Any, offset: int, flags: int = 0) -> int:
        if flags:
            raise OSError(errno.EOPNOTSUPP, "what is RWF_DSYNC")
        return real(descriptor, buffers, offset, flags)

    monkeypatch.setattr(module.os, "pwritev", refuse)
    monkeypatch.setattr(module.os, "fdatasync", calls.append)
    file.commit([(0, block(b"A"))])
    file.commit([(0, block(b"B"))])
    assert len(calls) == 2
    file.close()


@pytest.mark.parametrize("pieces", [1, 2])
def test_a_failed_sync_is_not_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pieces: int) -> None:
    file = DiskStore(tmp_path / "ring").create(4 * BLOCK)
    calls = []

    def fail(*_: Any) -> int:
        calls.append(1)
        raise OSError(errno.EIO, "I/O error")

    monkeypatch.setattr(module.os, "fdatasync", fail)
    if pieces == 1:
        monkeypatch.setattr(module.os, "pwritev", fail)
    with pytest.raises(OSError, match="I/O error"):
        file.commit([(number * BLOCK, block(b"A")) for number in range(pieces)])
    assert len(calls) == 1
    file.close()


def test_short_reads_and_writes_are_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = DiskStore(tmp_path / "ring").create(2 * BLOCK)
    with pytest.raises(OSError, match="short read"):
        file.read_into(2 * BLOCK, block(b"?"))
    monkeypatch.setattr(module.os, "pwritev", lambda *_: 512)
    with pytest.raises(OSError, match="short write"):
        file.write(0, block(b"A"))
    file.close()


def test_settling_syncs_first_and_then_forgets_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages whose write-back failed stay in the cache and look clean; only the device may be believed."""
    file = DiskStore(tmp_path / "ring").create(2 * BLOCK)
    calls: list[str] = []
    monkeypatch.setattr(module.os, "fsync", lambda *_: calls.append("fsync"))
    monkeypatch.setattr(module.os, "posix_fadvise", lambda *arguments: calls.append(f"advice {arguments[3]}"))
    file.settle()
    assert calls == ["fsync", f"advice {os.POSIX_FADV_DONTNEED}"]
    file.close()


def test_the_directory_is_synced_when_a_file_is_made_and_when_it_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    real = os.fsync

    def note(descriptor: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        real(descriptor)

    monkeypatch.setattr(module.os, "fsync", note)
    for _ in range(2):
        synced.clear()
        Journal.open(tmp_path / "ring", size=MIB, mirror=False).close()
        assert str(tmp_path) in synced


@pytest.mark.parametrize("kind", ["directory", "fifo", "dangling"])
def test_strange_paths(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "ring"
    if kind == "directory":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        path = tmp_path / "nowhere" / "ring"
    with pytest.raises((NotAJournal, JournalError), match=r"not a regular file|cannot be opened|could not be made"):
        Journal.open(path, size=MIB, mirror=False)


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module.os, "pwritev", full)
    with pytest.raises(JournalError, match="No space left"):
        Journal.open(tmp_path / "ring", size=MIB, mirror=False)
    assert os.listdir(tmp_path) == []


def test_only_one_file_does_io() -> None:
    folder = Path(module.__file__).parent
    for path in folder.glob("*.py"):
        if path.name not in ("file.py", "archive_shelf.py"):
            text = path.read_text()
            assert "os.open" not in text
            assert "fcntl" not in text
            assert "open(" not in text.replace("def open(", "").replace("store.open(", "").replace("Journal.open(", "")
