"""One subscriber's place in the stream of events: each event once, in order, however slow the reader.

How it works: a subscription knows the next sequence number that it owes. While the client keeps up, `offer` writes each
published event as it comes. When the client does not take it at once, or is behind from the start, events are not
queued: they are on the disk, so the subscription reads them from there, in short slices, as fast as the client takes
them, and goes live again when it has caught up. So a slow reader costs no memory, and the step from replay to live can
neither drop nor repeat: both move the same number, on one thread, with no await between looking and moving. If the ring
gives up what is still owed, the client is told which range is lost and goes on behind it.

What is being drawn on the pad (`strokes`) and where the keypad stands (`keypad`) is shown between the events to a
client that keeps up, and never kept.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from posd.api import notices
from posd.api.ports import EventSource

log = logging.getLogger("posd.api")
SLICE_EVENTS = 64
SLICE_S = 0.002


class Sink(Protocol):
    """Where lines go."""

    def send(self, line: bytes) -> None:
        """Write a line; bounded by the sink."""

    def writable(self) -> bool:
        """Whether the client has taken everything so far."""

    async def wait_writable(self) -> None:
        """Until it has. Ends with cancellation when the client is gone."""

    def cut(self, why: str) -> None:
        """Give the client up."""


class Log:
    """What has been published: the number that replay may not pass."""

    def __init__(self, source: EventSource, published: int) -> None:
        self.source = source
        self.published = published


class Subscription:
    """Belongs to one client. `start` begins it; `offer` is called for each event that is published; `end` ends it."""

    def __init__(self, sink: Sink, events: Log, next_seq: int, strokes: bool = False, keypad: bool = False) -> None:
        self.strokes = strokes
        self._keypad = keypad
        self._sink = sink
        self._log = events
        self._next = next_seq
        self._catching_up: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Replay what is owed, if anything is."""
        if self._next <= self._log.published:
            self._catch_up_later()

    def end(self) -> None:
        """No more events."""
        if self._catching_up is not None:
            self._catching_up.cancel()

    def offer(self, seq: int, line: bytes) -> None:
        """An event was published, `self._log.published` being its number already."""
        if self._catching_up is not None or seq < self._next:
            return
        if not self._sink.writable():
            self._catch_up_later()
            return
        self._next = seq + 1
        self._sink.send(line)

    def show(self, line: bytes) -> None:
        """Tell what is being drawn; left out for a client that is behind: it is for looking at now."""
        if self.strokes and self._catching_up is None and self._sink.writable():
            self._sink.send(line)

    def show_keypad(self, line: bytes) -> None:
        """Tell where the keypad stands, in the same way."""
        if self._keypad and self._catching_up is None and self._sink.writable():
            self._sink.send(line)

    def _catch_up_later(self) -> None:
        self._catching_up = asyncio.get_running_loop().create_task(self._catch_up())

    async def _catch_up(self) -> None:
        try:
            while self._next <= self._log.published:
                await self._sink.wait_writable()
                self._slice()
                await asyncio.sleep(0)
        except Exception:
            log.exception(
                "events cannot be read back for a subscriber from %d on; it is cut off and may subscribe again",
                self._next,
            )
            self._sink.cut("its events cannot be read back")
        finally:
            self._catching_up = None

    def _slice(self) -> None:
        """Tell what can be told in a short time: at least one event, or that nothing is left up to what is published
        now.
        """
        loop = asyncio.get_running_loop()
        goal, ends = self._log.published, loop.time() + SLICE_S
        if not self._skip_lost():
            return
        told = 0
        try:
            for seq, event in self._log.source.replay(self._next):
                if seq > goal:
                    break
                self._next = seq + 1
                self._sink.send(notices.event_line(seq, event))
                told += 1
                if told >= SLICE_EVENTS or loop.time() > ends or not self._sink.writable():
                    return
        except LookupError:
            # The ring moved on between looking and reading: the next slice says what was lost.
            if self._next >= self._log.source.first_seq():
                raise
            return
        self._next = goal + 1

    def _skip_lost(self) -> bool:
        """Tell a range that the ring no longer has; whether something is left to replay."""
        first = self._log.source.first_seq()
        if self._next < first:
            self._sink.send(notices.lost_line(self._next, first - 1))
            self._next = first
        return self._next <= self._log.published
