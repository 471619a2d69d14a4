"""An input device as a FIFO that is there for whoever reads it.

Rules: held open for reading and writing, so that readers come and go without an end of file; writes never block and
are never partial (a burst is smaller than PIPE_BUF). A FIFO cannot tell whether anybody reads, so when nobody has
read on for a grace period all of it is thrown away, as a device's events are lost when nobody has it open. A burst
that does not fit is lost, and the next one is preceded by SYN_DROPPED. Unplugging removes the FIFO and closes it:
readers see the end of the file.
"""

from __future__ import annotations

import array
import asyncio
import contextlib
import fcntl
import os
import select
import termios
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from hwsim.events import dropped

GRACE_S = 2.0
"""How long a reader may pause before its events are lost."""


Act = Callable[[float], Iterable[tuple[float, bytes]]]
"""The times (seconds since the epoch) and bursts of something that begins at the given time."""


class Fifo:
    """One FIFO of input events."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lost = 0
        self._fd = -1
        self._gap = False
        self._written = 0
        self._last_time = 0.0
        self._turn = asyncio.Lock()
        self._watch: asyncio.Task[None] | None = None

    @property
    def plugged(self) -> bool:
        """True while the device is there."""
        return self._fd >= 0

    def plug(self) -> None:
        """Make the FIFO; replaces one that an earlier run left."""
        if self.plugged:
            return
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()
        os.mkfifo(self.path, 0o660)
        self._fd = os.open(self.path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    def unplug(self) -> None:
        """Remove the FIFO; readers see its end."""
        if self.plugged:
            with contextlib.suppress(FileNotFoundError):
                self.path.unlink()
            os.close(self._fd)
            self._fd = -1
            self._written = 0
            if self._watch is not None:
                self._watch.cancel()

    def unread(self) -> int:
        """Bytes that no reader has taken yet."""
        if not self.plugged:
            return 0
        count = array.array("i", [0])
        fcntl.ioctl(self._fd, termios.FIONREAD, count)
        return count[0]

    async def play(self, act: Act, *, fast: bool) -> int:
        """Write the act's bursts at their times, or at once if `fast`; returns how many were lost.

        Acts take turns, and a device's time never goes back: an act begins behind the last time of the one before,
        which a fast one leaves in the future. Unplugging in the middle loses the rest.
        """
        async with self._turn:
            lost_before = self.lost
            for when, records in act(max(time.time(), self._last_time + 0.001)):
                self._last_time = when
                if fast:
                    await self._wait_for_room(len(records))
                else:
                    await asyncio.sleep(max(0.0, when - time.time()))
                self._write(when, records)
            if self._watch is None or self._watch.done():
                self._watch = asyncio.get_running_loop().create_task(self._throw_unread_away())
            return self.lost - lost_before

    def _write(self, when: float, records: bytes) -> None:
        if not self.plugged:
            self.lost += 1
            return
        if self._gap:
            records = dropped(when) + records
        try:
            self._written += os.write(self._fd, records)
            self._gap = False
        except BlockingIOError:
            self.lost += 1
            self._gap = True

    async def _wait_for_room(self, size: int) -> None:
        deadline = time.monotonic() + GRACE_S
        while self.plugged and time.monotonic() < deadline:
            if select.select([], [self._fd], [], 0)[1] and size <= select.PIPE_BUF:
                return
            await asyncio.sleep(0.002)

    async def _throw_unread_away(self) -> None:
        taken, since = -1, time.monotonic()
        while unread := self.unread():
            if self._written - unread != taken:
                taken, since = self._written - unread, time.monotonic()
            elif time.monotonic() - since > GRACE_S:
                self.lost += 1
                with contextlib.suppress(BlockingIOError):
                    os.read(self._fd, 1 << 20)
                return
            await asyncio.sleep(GRACE_S / 20)
