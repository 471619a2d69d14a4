"""What a client has not read yet: bounded in bytes, and in time while it takes nothing.

The transport keeps the bytes and says when some wait (`pause`) and when none do (`resume`). A client that goes on
taking, however slowly, is waited for; one that has taken nothing for `stall_s` is given up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Outgoing:
    """The way out to one client. `cut(why)` is called when it left more than `bytes_max` unread, or stalls."""

    def __init__(self, bytes_max: int, stall_s: float, cut: Callable[[str], None]) -> None:
        self._bytes_max = bytes_max
        self._stall_s = stall_s
        self._cut = cut
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._empty = asyncio.Event()
        self._empty.set()
        self._written = 0
        self._watch: asyncio.TimerHandle | None = None

    def begin(self, transport: asyncio.Transport) -> None:
        """From now on lines go out, and every unread byte counts."""
        self._transport = transport
        transport.set_write_buffer_limits(high=0)

    def send(self, line: bytes) -> None:
        """Write a line, or drop it where the connection is ending."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        self._written += len(line)
        transport.write(line)
        if transport.get_write_buffer_size() > self._bytes_max:
            self._cut(f"it left more than {self._bytes_max} bytes unread")

    def writable(self) -> bool:
        """Whether the client has taken everything so far."""
        return self._empty.is_set()

    async def wait_writable(self) -> None:
        """Until it has."""
        await self._empty.wait()

    def pause(self) -> None:
        """Something waits for the client: watch that it takes it."""
        self._empty.clear()
        if self._watch is None:
            self._watch = self._loop.call_later(self._stall_s, self._look_for_progress, self._taken())

    def resume(self) -> None:
        """The client took everything."""
        self._empty.set()
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def end(self) -> None:
        """The client is gone."""
        self._transport = None
        if self._watch is not None:
            self._watch.cancel()

    def _taken(self) -> int:
        """Bytes that the client's kernel buffer has taken so far."""
        return self._written - (self._transport.get_write_buffer_size() if self._transport else 0)

    def _look_for_progress(self, taken_before: int) -> None:
        taken = self._taken()
        if taken == taken_before:
            self._watch = None
            self._cut(f"it took nothing for {self._stall_s:g} s while {self._written - taken} bytes wait for it")
            return
        self._watch = self._loop.call_later(self._stall_s, self._look_for_progress, taken)
