"""The archive's directory: the only place of the archive that does I/O, and the protocol that a simulated one fills.

Contract
- Each method does all of its work, durably where it says so, or raises OSError.
- A file gets its name only once its content is synced; what is appended is synced before `append` returns.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from posd.journal.file import sync_folder

_NEW = ".new"
_PIECE = 1 << 20


class Shelf(Protocol):
    """Files by name."""

    def names(self) -> list[str]:
        """The names of all files; what is only half made is not among them. No directory: none."""

    def size(self, name: str) -> int:
        """Bytes of a file."""

    def read(self, name: str, offset: int, size: int) -> bytes:
        """Up to `size` bytes from `offset` on; fewer only at the end."""

    def create(self, name: str, data: bytes) -> None:
        """A file of that content, whole and durable, over one of the same name."""

    def append(self, name: str, offset: int, data: bytes) -> None:
        """Make `data` all that stands from `offset` on, durably."""

    def settle(self, name: str) -> None:
        """Make the file and its name durable, then forget what is cached: what is read next is on the device."""

    def remove(self, name: str) -> None:
        """Remove a file, durably. One that is not there is removed."""


class DiskShelf:
    """A Shelf at a path; made with rights for the owner alone when the first file is made."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __str__(self) -> str:
        return str(self._path)

    def names(self) -> list[str]:
        try:
            return sorted(name for name in os.listdir(self._path) if not name.endswith(_NEW))
        except FileNotFoundError:
            return []

    def size(self, name: str) -> int:
        return os.stat(self._path / name).st_size

    def read(self, name: str, offset: int, size: int) -> bytes:
        descriptor = os.open(self._path / name, os.O_RDONLY | os.O_CLOEXEC)
        try:
            return os.pread(descriptor, size, offset)
        finally:
            os.close(descriptor)

    def create(self, name: str, data: bytes) -> None:
        if not self._path.is_dir():
            self._path.mkdir(mode=0o700)
            sync_folder(self._path.parent)
        new = self._path / (name + _NEW)
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            _write(descriptor, 0, data)
        finally:
            os.close(descriptor)
        new.rename(self._path / name)
        sync_folder(self._path)

    def append(self, name: str, offset: int, data: bytes) -> None:
        descriptor = os.open(self._path / name, os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.ftruncate(descriptor, offset)
            _write(descriptor, offset, data)
        finally:
            os.close(descriptor)

    def pour(self, name: str, pieces: Iterable[bytes]) -> None:
        """A file of those pieces, whole and durable. FileExistsError; what the pieces raise."""
        descriptor = os.open(self._path / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())

    def take_over(self, name: str, earlier: DiskShelf, size: int) -> bool:
        """Have the file of another shelf here too, linked where the disk can; whether it was there, of that size."""
        try:
            if earlier.size(name) != size:
                return False
        except FileNotFoundError:
            return False
        try:
            os.link(earlier._path / name, self._path / name)
        except OSError:  # another disk, or one without links
            self.pour(name, (earlier.read(name, at, _PIECE) for at in range(0, size, _PIECE)))
        return True

    def settle(self, name: str) -> None:
        descriptor = os.open(self._path / name, os.O_RDWR | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
            # After a failed write-back the kernel may hold clean pages that never reached the device.
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)
        sync_folder(self._path)

    def remove(self, name: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            (self._path / name).unlink()
        sync_folder(self._path)

    def sync(self) -> None:
        """Make the names durable."""
        sync_folder(self._path)


@contextlib.contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """A directory that gets its name when all is well, and is gone otherwise. FileExistsError, OSError."""
    if target.exists() or target.is_symlink():
        raise FileExistsError(f"{target} exists. Nothing was written; name what does not")
    new = target.with_name(f".{target.name}.{os.getpid()}{_NEW}")
    new.mkdir(mode=0o700)
    try:
        yield new
        sync_folder(new)
        new.rename(target)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    sync_folder(target.parent)


def _write(descriptor: int, offset: int, data: bytes) -> None:
    done = os.pwrite(descriptor, data, offset)
    if done != len(data):
        raise OSError(errno.EIO, f"short write: {done} of {len(data)} bytes")
    os.fsync(descriptor)
