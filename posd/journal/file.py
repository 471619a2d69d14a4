"""The journal's disk: the only file of this room that does I/O on the ring.

How it works
- O_DIRECT where the file system has it: nothing of ours lingers in the page cache, and what is read is what the device
  holds. Else buffered, and `direct` says so.
- `commit` of one piece is a single `pwritev(RWF_DSYNC)`; of several it is writes and one `fdatasync`, because
  RWF_DSYNC vouches for nothing but its own bytes.
- A short read or write is an error, not a reason to go on. EINTR is handled by Python itself (PEP 475).
- While a journal is opened it is read from end to end, and the next megabyte is read ahead (ahead.py); no more once the
  writer has started.
- The lock is flock on the file itself, so it goes away with the process. A file in creation is locked as well.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import mmap
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from posd.journal.ahead import Ahead
from posd.journal.errors import JournalLocked, NotAJournal
from posd.journal.ring import BLOCK

_NO_DIRECT = (errno.EINVAL, errno.EOPNOTSUPP)
_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


class DiskFile:
    """A BlockFile on a file descriptor that this object owns."""

    def __init__(self, descriptor: int, *, direct: bool) -> None:
        self._descriptor = descriptor
        self._direct = direct
        self._dsync = True
        self._size = os.fstat(descriptor).st_size
        self._ahead: Ahead | None = None

    def read_ahead(self, on: bool) -> None:
        """Whether long runs are read one after the other, or not any more."""
        if self._ahead is not None:
            self._ahead.close()
        self._ahead = Ahead(self._read) if on else None

    @property
    def size(self) -> int:
        return self._size

    @property
    def direct(self) -> bool:
        return self._direct

    def settle(self) -> None:
        os.fsync(self._descriptor)
        # After a failed write-back the kernel may hold clean pages that never reached the device.
        os.posix_fadvise(self._descriptor, 0, 0, os.POSIX_FADV_DONTNEED)

    def read_into(self, offset: int, into: memoryview) -> None:
        if self._ahead is not None and self._ahead.give(offset, into):
            return
        got = self._read(offset, into)
        if got != len(into):
            raise OSError(errno.EIO, f"short read: {got} of {len(into)} bytes at {offset}")

    def write(self, offset: int, data: memoryview) -> None:
        self._write(offset, data, 0)

    def sync(self) -> None:
        os.fdatasync(self._descriptor)

    def commit(self, writes: Sequence[tuple[int, memoryview]]) -> None:
        if len(writes) == 1 and self._dsync:
            try:
                self._write(*writes[0], os.RWF_DSYNC)
            except OSError as error:
                if error.errno != errno.EOPNOTSUPP:  # refused before anything was written: not a failed sync
                    raise
                self._dsync = False
            else:
                return
        for offset, data in writes:
            self._write(offset, data, 0)
        os.fdatasync(self._descriptor)

    def resize(self, size: int) -> None:
        """Make it a file of `size` zero bytes, whatever an interrupted creation left in it."""
        os.ftruncate(self._descriptor, 0)
        os.ftruncate(self._descriptor, size)
        self._size = size

    def close(self) -> None:
        if self._descriptor >= 0:
            self.read_ahead(False)
            os.close(self._descriptor)
            self._descriptor = -1

    def _read(self, offset: int, into: memoryview) -> int:
        return os.preadv(self._descriptor, [into], offset)

    def _write(self, offset: int, data: memoryview, flags: int) -> None:
        if self._ahead is not None:
            self._ahead.forget()
        done = os.pwritev(self._descriptor, [data], offset, flags)
        if done != len(data):
            raise OSError(errno.EIO, f"short write: {done} of {len(data)} bytes at {offset}")


class LookFile(DiskFile):
    """A journal's file that is only looked at. It is not locked: who looks must not keep posd from its journal."""

    def in_use(self) -> bool:
        """Whether a posd has it open."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)
        return False


class DiskStore:
    """A Store at a path. A file in creation is called `<name>.new` beside it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._new = path.with_name(path.name + ".new")
        self._opened: DiskFile | None = None

    def open(self) -> DiskFile | None:
        try:
            self._opened = _open_locked(self._path, os.O_RDWR)
        except FileNotFoundError:
            return None
        self._opened.read_ahead(True)
        return self._opened

    def started(self) -> None:
        """The file was read from end to end; from now on it is written."""
        if self._opened is not None:
            self._opened.read_ahead(False)

    def look(self) -> DiskFile | None:
        try:
            return _open_locked(self._path, os.O_RDONLY)
        except FileNotFoundError:
            return None

    def create(self, size: int) -> DiskFile:
        file = _open_locked(self._new, os.O_RDWR | os.O_CREAT)
        if self._path.exists():
            file.close()
            raise JournalLocked(f"another process created {self._path} at this moment: start again")
        try:
            file.resize(size)
        except OSError:
            file.close()
            raise
        return file

    def rename(self) -> None:
        self._new.rename(self._path)

    def sync(self) -> None:
        sync_folder(self._path.parent)

    def discard(self) -> None:
        with contextlib.suppress(OSError):  # what stays behind is overwritten by the next creation
            self._new.unlink()


def open_to_look(path: Path) -> LookFile:
    """The file for reading alone. NotAJournal, OSError."""
    descriptor = _open(path, os.O_RDONLY)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise NotAJournal(f"{path} is not a regular file")
        return LookFile(descriptor, direct=_keeps_direct(descriptor))
    except BaseException:
        os.close(descriptor)
        raise


@contextlib.contextmanager
def new_file(target: Path, size: int) -> Iterator[DiskFile]:
    """A file of `size` zero bytes that gets its name when all is well, and is gone otherwise. FileExistsError."""
    if target.exists():
        raise FileExistsError(f"{target} exists. Nothing was written; name a file that does not")
    new = target.with_name(f".{target.name}.{os.getpid()}.new")
    file = DiskFile(os.open(new, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), direct=False)
    try:
        file.resize(size)
        yield file
        file.sync()
        try:
            os.link(new, target)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            new.rename(target)  # a stick's file system
    finally:
        new.unlink(missing_ok=True)
        file.close()
    sync_folder(target.parent)


def sync_folder(path: Path) -> None:
    """Have the names in a directory on the disk. OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _open(path: Path, flags: int) -> int:
    """A descriptor with O_DIRECT, or without where the file system has no such thing."""
    flags |= os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK
    try:
        return os.open(path, flags | os.O_DIRECT, 0o600)
    except OSError as error:
        if error.errno not in _NO_DIRECT:
            raise
        return os.open(path, flags, 0o600)


def _open_locked(path: Path, flags: int) -> DiskFile:
    descriptor = _open(path, flags)
    try:
        return _take(path, descriptor)
    except BaseException:
        os.close(descriptor)
        raise


def _take(path: Path, descriptor: int) -> DiskFile:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise NotAJournal(f"{path} is not a regular file. Nothing was written; give the journal a path of its own")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise JournalLocked(
            f"{path} is in use by another process. Nothing was written; stop the other posd first"
        ) from None
    if os.stat(path).st_ino != status.st_ino:
        raise JournalLocked(f"{path} was exchanged while it was opened. Nothing was written; start again")
    return DiskFile(descriptor, direct=_keeps_direct(descriptor))


def _keeps_direct(descriptor: int) -> bool:
    """Whether it reads around the page cache; O_DIRECT is taken off where it only seems to."""
    flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
    if not flags & os.O_DIRECT:
        return False
    if not _reads_directly(descriptor):
        fcntl.fcntl(descriptor, fcntl.F_SETFL, flags & ~os.O_DIRECT)
        return False
    return True


def _reads_directly(descriptor: int) -> bool:
    """False where O_DIRECT opens but cannot move single 4096-byte blocks."""
    with mmap.mmap(-1, BLOCK) as probe:
        try:
            os.preadv(descriptor, [probe], 0)
        except OSError as error:
            return error.errno not in _NO_DIRECT
    return True
