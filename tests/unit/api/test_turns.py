"""No client holds the loop: many lines and long replays are taken in turns."""

from __future__ import annotations

import asyncio
import itertools
import socket
from typing import Any

from posd.api import subscription
from posd.api.connection import Connection, Limits
from posd.api.server import Server
from posd.api.subscription import Log, Subscription
from tests.unit.api.fakes import FakeDesk, FakeEvents, event


class Transport(asyncio.Transport):
    """A transport that takes everything at once and remembers it."""

    def __init__(self, here: socket.socket) -> None:
        super().__init__({"socket": here})
        self.lines: list[bytes] = []
        self.reading = True

    def write(self, data: Any) -> None:
        self.lines.append(bytes(data))

    def get_write_buffer_size(self) -> int:
        return 0

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        assert high == 0, "only then does every unread byte count"

    def is_closing(self) -> bool:
        return False

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


def test_lines_are_taken_in_turns() -> None:
    async def run() -> None:
        here, there = socket.socketpair()
        with here, there:
            server = Server(FakeDesk(), FakeEvents(), terminal="T")
            transport, client = Transport(here), Connection(server, Limits(lines_per_turn=10))
            client.connection_made(transport)
            lines = b"?\n" * 35
            client.get_buffer(-1)[: len(lines)] = lines
            client.buffer_updated(len(lines))
            counts = [len(transport.lines)]
            assert not transport.reading, "more may come before this is done"
            while len(transport.lines) < 35:
                await asyncio.sleep(0)
                counts.append(len(transport.lines))
            assert counts == [10, 20, 30, 35]
            assert transport.reading

    asyncio.run(run())


class Sink:
    """A client that takes everything at once."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []

    def send(self, line: bytes) -> None:
        self.lines.append(line)

    def writable(self) -> bool:
        return True

    async def wait_writable(self) -> None:
        return

    def cut(self, why: str) -> None:
        raise AssertionError(why)


def test_a_replay_is_told_in_turns() -> None:
    async def run() -> None:
        events, sink = FakeEvents(), Sink()
        count = 5 * subscription.SLICE_EVENTS
        events.kept = [(number, event(number)) for number in range(1, count + 1)]
        Subscription(sink, Log(events, count), 1).start()
        told = [0]
        while told[-1] < count:
            await asyncio.sleep(0)
            told.append(len(sink.lines))
        assert max(later - before for before, later in itertools.pairwise(told)) <= subscription.SLICE_EVENTS

    asyncio.run(run())


def test_a_replay_ends_though_the_newest_numbers_are_of_no_event() -> None:
    async def run() -> None:
        events, sink = FakeEvents(), Sink()
        events.kept = [(number, event(number)) for number in (1, 2, 3)]
        log = Log(events, 5)
        following = Subscription(sink, log, 1)
        following.start()
        for _ in range(20):
            await asyncio.sleep(0)
        log.published = 6
        following.offer(6, b"six\n")
        assert sink.lines[3:] == [b"six\n"], "it still replays"

    asyncio.run(run())
