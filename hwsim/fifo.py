"""An input device as a FIFO that is there for whoever reads it.

Rules: held open for reading and writing, so that readers come and go without an end of file; writes never block and are
never partial (a burst is smaller than PIPE_BUF). A FIFO cannot tell whether anybody reads, so what nobody has read is
thrown away before the next act and after a grace period, as a device's events are lost when nobody has it open.
A burst that does not fit is lost, and the next one is preceded by SYN_DROPPED. Unplugging removes the FIFO and closes
it: readers see the end of the file.
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
from collections.abc import Iterable
from pathlib import Path

from hwsim.events import dropped

GRACE_S = 2.0
"""How long a reader may take before events count as unread."""


class Fifo:
    """One FIFO of input events."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lost = 0
        self._fd = -1
        self._gap = False
        self._turn = asyncio.Lock()

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

    def unread(self) -> int:
        """Bytes that no reader has taken yet."""
        if not self.plugged:
            return 0
        count = array.array("i", [0])
        fcntl.ioctl(self._fd, termios.FIONREAD, count)
        return count[0]

    async def play(self, bursts: Iterable[tuple[float, bytes]], *, fast: bool) -> int:
        """Write bursts at their times (seconds since the epoch), or at once if `fast`; returns how many were lost.

        Acts take turns. Unplugging in the middle loses the rest.
        """
        async with self._turn:
            self._throw_away()
            lost_before = self.lost
            for when, records in bursts:
                if fast:
                    await self._wait_for_room(len(records))
                else:
                    await asyncio.sleep(max(0.0, when - time.time()))
                self._write(when, records)
            await self._wait_until_read()
            return self.lost - lost_before

    def _write(self, when: float, records: bytes) -> None:
        if not self.plugged:
            self.lost += 1
            return
        if self._gap:
            records = dropped(when) + records
        try:
            os.write(self._fd, records)
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

    async def _wait_until_read(self) -> None:
        deadline = time.monotonic() + GRACE_S
        while self.unread():
            if time.monotonic() > deadline:
                self._throw_away()
                return
            await asyncio.sleep(0.005)

    def _throw_away(self) -> None:
        while self.unread():
            with contextlib.suppress(BlockingIOError):
                os.read(self._fd, 65536)
            self.lost += 1
