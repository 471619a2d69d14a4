"""A disk with a volatile cache, and the directory entry of one file, for the journal's port.

Rules
- What was written is in the cache: reads see it, a crash may lose, tear or spoil every sector of it. A sync makes it
  durable; a commit of one piece makes only that piece durable, as RWF_DSYNC does.
- A sync that fails leaves the cache as it is and forgets what was pending, as the kernel does: later syncs succeed, and
  the device never gets it.
- `hook` is called before each sync takes effect: at that moment everything pending may go any way.
- `fail` may be given: it is called before every I/O with its kind and may raise OSError.

The cache is kept as what it has over the device, so that a disk costs nothing until it is written to.
"""

from __future__ import annotations

import errno
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from posd.journal.ring import BLOCK

Piece = tuple[int, bytes]
"""A byte offset and what is written there."""


@dataclass(frozen=True, slots=True)
class Image:
    """What a crash leaves: the file's bytes, or None if no such name is there.

    `pending` are writes that only the cache holds: the process was killed, the power stayed on.
    """

    content: bytes | bytearray | None
    pending: tuple[Piece, ...] = ()


class ShortWrite(OSError):
    """Raised by `fail` to have half of a write done."""


class SimDisk:
    """A BlockFile in memory, over bytes that become its own. `durable` is what the device holds."""

    direct = True

    def __init__(
        self,
        content: bytearray,
        hook: Callable[[SimDisk], None] | None = None,
        fail: Callable[[str], None] | None = None,
    ) -> None:
        self.durable = content
        self.pending: list[Piece] = []
        self.hook = hook
        self.fail = fail
        self.syncs = 0
        self.closed = False
        self._ahead: list[Piece] = []  # what the cache has over the device, in the order of writing
        self._stale = False  # some of it will never get there

    @property
    def size(self) -> int:
        return len(self.durable)

    @property
    def cache(self) -> bytearray:
        """What a read sees."""
        content = bytearray(self.durable)
        for offset, piece in self._ahead:
            content[offset : offset + len(piece)] = piece
        return content

    def rot(self, offset: int, mask: int) -> None:
        """Flip bits of one byte on the device, behind everybody's back."""
        self.durable[offset] ^= mask

    def settle(self) -> None:
        self._io("settle")
        self._flush()
        self._ahead.clear()
        self._stale = False

    def read_into(self, offset: int, into: memoryview) -> None:
        self._io("read")
        end = offset + len(into)
        if end > len(self.durable):
            raise OSError(errno.EIO, "short read")
        into[:] = memoryview(self.durable)[offset:end]
        for start, piece in self._ahead:
            low, high = max(offset, start), min(end, start + len(piece))
            if low < high:
                into[low - offset : high - offset] = piece[low - start : high - start]

    def write(self, offset: int, data: memoryview) -> None:
        try:
            self._io("write")
        except ShortWrite as short:
            self._put(offset, bytes(data[: len(data) // 1024 * 512]))
            raise OSError(errno.EIO, "short write") from short
        assert offset % BLOCK == 0, "the port moves whole blocks"
        assert len(data) % BLOCK == 0, "the port moves whole blocks"
        assert offset + len(data) <= len(self.durable), "the file never grows"
        self._put(offset, bytes(data))

    def sync(self) -> None:
        try:
            self._io("sync")
        except OSError:
            self.pending.clear()
            self._stale = bool(self._ahead)
            raise
        self._flush()

    def commit(self, writes: Sequence[tuple[int, memoryview]]) -> None:
        if len(writes) > 1:
            for offset, data in writes:
                self.write(offset, data)
            self.sync()
            return
        others, self.pending = self.pending, []
        self.write(*writes[0])
        self.sync()
        self.pending = others

    def close(self) -> None:
        self.closed = True

    def _io(self, kind: str) -> None:
        assert not self.closed, "the file is closed"
        if self.fail is not None:
            self.fail(kind)

    def _put(self, offset: int, piece: bytes) -> None:
        self.pending.append((offset, piece))
        self._ahead.append((offset, piece))

    def _flush(self) -> None:
        if self.pending and self.hook is not None:
            self.hook(self)
        for offset, piece in self.pending:
            self.durable[offset : offset + len(piece)] = piece
        self.syncs += 1
        if not self._stale and len(self._ahead) == len(self.pending):
            self._ahead.clear()  # else what was written since hides what never got there
        self.pending.clear()


class ScratchDisk(SimDisk):
    """A disk over bytes that are lent to it, with a patch on them; `restore` gives them back as they were."""

    def __init__(self, content: bytearray, patch: Sequence[Piece]) -> None:
        super().__init__(content)
        self._undo: list[Piece] = []
        self._remember(patch)
        for offset, piece in patch:
            content[offset : offset + len(piece)] = piece

    def restore(self) -> None:
        for offset, piece in reversed(self._undo):
            self.durable[offset : offset + len(piece)] = piece
        self._undo.clear()

    def _remember(self, patch: Sequence[Piece]) -> None:
        self._undo += [(offset, bytes(self.durable[offset : offset + len(piece)])) for offset, piece in patch]

    def _flush(self) -> None:
        self._remember(self.pending)
        super()._flush()


class SimStore:
    """A Store for one SimDisk. `named`: the name is durable; `visible`: it is there for now."""

    def __init__(
        self,
        image: Image,
        hook: Callable[[SimDisk], None] | None = None,
        fail: Callable[[str], None] | None = None,
        seed: int = 0,
    ) -> None:
        self.hook = hook
        self.fail = fail
        self.disk = None if image.content is None else SimDisk(bytearray(image.content), hook, fail)
        for offset, piece in image.pending:
            assert self.disk is not None
            self.disk.write(offset, memoryview(piece))
        self.visible = self.named = image.content is not None
        self._seed = seed

    @classmethod
    def around(cls, disk: SimDisk) -> SimStore:
        """A store whose file is this disk."""
        store = cls(Image(None))
        store.disk = disk
        store.visible = store.named = True
        return store

    def watch(self, hook: Callable[[SimDisk], None] | None) -> None:
        """From now on call `hook` before each sync takes effect."""
        self.hook = hook
        if self.disk is not None:
            self.disk.hook = hook

    def look(self) -> SimDisk | None:
        return self.open()

    def open(self) -> SimDisk | None:
        self._io("open")
        return self.disk if self.visible else None

    def create(self, size: int) -> SimDisk:
        self._io("create")
        garbage = bytearray(random.Random(self._seed).randbytes(size))  # nobody promised zeros
        self.disk = SimDisk(garbage, self.hook, self.fail)
        return self.disk

    def rename(self) -> None:
        self._io("rename")
        self.visible = True

    def sync(self) -> None:
        self._io("sync-directory")
        if self.visible and not self.named and self.hook is not None and self.disk is not None:
            self.hook(self.disk)
        self.named = self.visible

    def discard(self) -> None:
        self.disk = None

    def _io(self, kind: str) -> None:
        if self.fail is not None:
            self.fail(kind)
