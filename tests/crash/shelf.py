"""The archive's directory with a volatile cache: what is not synced may be lost, torn or spoilt by a crash.

`hook` is called before each sync and before each change of names becomes durable: at that moment a crash may leave the
old content, the new one, a prefix of it or rubbish in its place, and the old name or the new one. `fail` may raise
OSError before each I/O; half of a write is done then.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

Files = dict[str, bytes]


class SimShelf:
    """A Shelf in memory. `files` is what a reader sees, `durable` what a crash certainly leaves."""

    def __init__(
        self,
        files: Files | None = None,
        hook: Callable[[SimShelf], None] | None = None,
        fail: Callable[[str], None] | None = None,
    ) -> None:
        self.files: Files = dict(files or {})
        self.durable: Files = dict(self.files)
        self.hook = hook
        self.fail = fail
        self.syncs = 0

    def __str__(self) -> str:
        return "a simulated shelf"

    def names(self) -> list[str]:
        self._io("list")
        return sorted(self.files)

    def size(self, name: str) -> int:
        return len(self._there(name))

    def read(self, name: str, offset: int, size: int) -> bytes:
        self._io("read")
        return self._there(name)[offset : offset + size]

    def create(self, name: str, data: bytes) -> None:
        self._io("create")
        self.files[name] = data
        self._sync(name)

    def append(self, name: str, offset: int, data: bytes) -> None:
        old = self._there(name)[:offset]
        try:
            self._io("append")
        except OSError:
            self.files[name] = old + data[: len(data) // 2]
            raise
        self.files[name] = old + data
        self._io("sync")
        self._sync(name)

    def settle(self, name: str) -> None:
        self._io("settle")
        self._sync(name)

    def remove(self, name: str) -> None:
        self._io("remove")
        self.files.pop(name, None)
        self._sync(name)

    def crashes(self, rng: random.Random) -> Iterator[Files]:
        """What a crash at this moment may leave."""
        for name in {**self.files, **self.durable}:
            old, new = self.durable.get(name), self.files.get(name)
            if old == new:
                continue
            yield self.durable
            yield self.files
            if old is None or new is None:
                continue  # a name is there or not
            same = next((at for at, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]), len(old))
            for _ in range(4):
                cut = rng.randrange(same, len(new) + 1)
                tail = rng.choice((b"", bytes(len(new) - cut), rng.randbytes(len(new) - cut)))
                yield {**self.durable, name: new[:cut] + tail}

    def _there(self, name: str) -> bytes:
        if name not in self.files:
            raise FileNotFoundError(name)
        return self.files[name]

    def _sync(self, name: str) -> None:
        if self.hook is not None and self.files.get(name) != self.durable.get(name):
            self.hook(self)
        self.syncs += 1
        if name in self.files:
            self.durable[name] = self.files[name]
        else:
            self.durable.pop(name, None)

    def _io(self, kind: str) -> None:
        if self.fail is not None:
            self.fail(kind)
