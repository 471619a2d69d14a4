"""What the journal needs from a disk: two small protocols, so that a simulated disk can stand in for the real one.

Contract
- Offsets and lengths are multiples of 4096 bytes; buffers are page-aligned memory of the caller.
- Every method raises OSError when it could not do all of its work. After a failed `write`, `sync` or `commit` nothing
  is known about what was written since the last successful sync; the journal then stops and never tries again.
- `read_into` may be called from another thread while one `commit` runs. All else is called by one thread at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class BlockFile(Protocol):
    """An open journal file, locked against other processes until it is closed."""

    @property
    def size(self) -> int:
        """Bytes of the file when it was opened."""

    @property
    def direct(self) -> bool:
        """True if reads and writes go around the page cache."""

    def settle(self) -> None:
        """Sync, then forget what is cached: what is read next is on the device."""

    def read_into(self, offset: int, into: memoryview) -> None:
        """Fill `into` from byte `offset`."""

    def write(self, offset: int, data: memoryview) -> None:
        """Write, without any promise before the next sync."""

    def sync(self) -> None:
        """Make all that was written durable."""

    def commit(self, writes: Sequence[tuple[int, memoryview]]) -> None:
        """Write all pieces (offset, data) in order and make them durable."""

    def close(self) -> None:
        """Unlock and close; does not sync."""


class Store(Protocol):
    """The directory entry under which the journal file lives."""

    def open(self) -> BlockFile | None:
        """The existing file; None if there is none. JournalLocked, NotAJournal."""

    def look(self) -> BlockFile | None:
        """The same, for reading alone."""

    def create(self, size: int) -> BlockFile:
        """A new locked file of `size` bytes under another name; its content is undefined until it was written."""

    def rename(self) -> None:
        """Give the created file its real name."""

    def sync(self) -> None:
        """Make the file's name durable."""

    def discard(self) -> None:
        """Remove the created file that was not renamed; never raises."""
