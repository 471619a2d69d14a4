"""A disk with a volatile cache, and the directory entry of one file, for the journal's port.

Rules
- What was written is in the cache: reads see it, a crash may lose, tear or spoil every sector of it. A sync makes it
  durable; a commit of one piece makes only that piece durable, as RWF_DSYNC does.
- A sync that fails leaves the cache as it is and forgets what was pending, as the kernel does: later syncs succeed, and
  the device never gets it.
- `hook` is called before each sync takes effect: at that moment everything pending may go any way.
- `fail` may be given: it is called before every I/O with its kind and may raise OSError.
"""

from __future__ import annotations

import errno
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Image:
    """What a crash leaves: the file's bytes, or None if no such name is there.

    `pending` are writes that only the cache holds: the process was killed, the power stayed on.
    """

    content: bytes | bytearray | None
    pending: tuple[tuple[int, bytes], ...] = ()


class ShortWrite(OSError):
    """Raised by `fail` to have half of a write done."""


class SimDisk:
    """A BlockFile in memory."""

    direct = True

    def __init__(
        self,
        content: bytes | bytearray,
        hook: Callable[[SimDisk], None] | None = None,
        fail: Callable[[str], None] | None = None,
    ) -> None:
        self.durable = bytearray(content)
        self.cache = bytearray(content)
        self.pending: list[tuple[int, bytes]] = []
        self.hook = hook
        self.fail = fail
        self.syncs = 0
        self.closed = False

    @property
    def size(self) -> int:
        return len(self.cache)

    def settle(self) -> None:
        self._io("settle")
        self._flush()
        self.cache[:] = self.durable

    def read_into(self, offset: int, into: memoryview) -> None:
        self._io("read")
        end = offset + len(into)
        if end > len(self.cache):
            raise OSError(errno.EIO, "short read")
        into[:] = memoryview(self.cache)[offset:end]

    def write(self, offset: int, data: memoryview) -> None:
        try:
            self._io("write")
        except ShortWrite as short:
            half = bytes(data[: len(data) // 1024 * 512])
            self.cache[offset : offset + len(half)] = half
            self.pending.append((offset, half))
            raise OSError(errno.EIO, "short write") from short
        assert offset % 4096 == 0, "the port moves whole blocks"
        assert len(data) % 4096 == 0, "the port moves whole blocks"
        assert offset + len(data) <= len(self.cache), "the file never grows"
        piece = bytes(data)
        self.cache[offset : offset + len(piece)] = piece
        self.pending.append((offset, piece))

    def sync(self) -> None:
        try:
            self._io("sync")
        except OSError:
            self.pending.clear()
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

    def _flush(self) -> None:
        if self.pending and self.hook is not None:
            self.hook(self)
        for offset, piece in self.pending:
            self.durable[offset : offset + len(piece)] = piece
        self.pending.clear()
        self.syncs += 1


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
        self.disk = None if image.content is None else SimDisk(image.content, hook, fail)
        for offset, piece in image.pending:
            assert self.disk is not None
            self.disk.write(offset, memoryview(piece))
        self.visible = self.named = image.content is not None
        self._random = random.Random(seed)

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
        self.disk = SimDisk(self._random.randbytes(size), self.hook, self.fail)  # nobody promised zeros
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
