"""A subscriber is told each event once and in order, or that it is lost: whatever order publishing, reading and
forgetting take.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from posd.api.notices import event_line
from posd.api.subscription import Log, Subscription
from posd.domain.doer import POSD
from posd.domain.events import AnyEvent, ShiftOpened


def made(seq: int) -> AnyEvent:
    return ShiftOpened(time=seq, doer=POSD, operator=str(seq))


class Ring:
    """The newest events; forgets from the front."""

    def __init__(self) -> None:
        self.kept: list[int] = []
        self.first = 1

    def replay(self, start: int) -> Iterator[tuple[int, AnyEvent]]:
        if start < self.first:
            raise LookupError(start)
        return iter([(seq, made(seq)) for seq in self.kept if seq >= start])

    def first_seq(self) -> int:
        return self.first


class Reader:
    """A client that takes what it is sent, or stops taking it."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.room = 0
        self.open = asyncio.Event()
        self.was_cut = False

    def give(self, room: int) -> None:
        self.room += room
        if self.room > 0:
            self.open.set()

    def send(self, line: bytes) -> None:
        self.lines.append(line)
        self.room -= 1
        if self.room <= 0:
            self.open.clear()

    def writable(self) -> bool:
        return self.open.is_set()

    async def wait_writable(self) -> None:
        await self.open.wait()

    def cut(self, why: str) -> None:
        self.was_cut = True


STEPS = st.lists(
    st.tuples(st.sampled_from(["publish", "store", "read", "turn", "forget"]), st.integers(1, 90)),
    min_size=1,
    max_size=60,
)


@settings(max_examples=300)
@given(steps=STEPS, before=st.integers(0, 150), start=st.integers(1, 151), gaps=st.sampled_from([1, 1, 3]))
def test_exactly_once(steps: list[tuple[str, int]], before: int, start: int, gaps: int) -> None:
    asyncio.run(_exactly_once(steps, before, min(start, before + 1), gaps))


async def _exactly_once(steps: list[tuple[str, int]], before: int, start: int, gaps: int) -> None:
    ring, reader = Ring(), Reader()
    ring.kept = [seq for seq in range(1, before + 1) if seq % gaps == 0]
    log = Log(ring, before)
    subscription = Subscription(reader, log, start)
    subscription.start()

    durable = before

    def store(count: int) -> None:
        """Durable, and not published yet."""
        nonlocal durable
        for _ in range(count):
            durable += gaps
            ring.kept.append(durable)

    def publish(count: int) -> None:
        for _ in range(count):
            if log.published == durable:
                store(1)
            log.published += gaps
            subscription.offer(log.published, event_line(log.published, made(log.published)))

    for what, count in steps:
        if what == "publish":
            publish(count)
        elif what == "store":
            store(count)
        elif what == "read":
            reader.give(count)
        elif what == "forget":
            ring.first = min(ring.first + count, log.published + 1)
            ring.kept = [seq for seq in ring.kept if seq >= ring.first]
        else:
            for _ in range(count % 7):
                await asyncio.sleep(0)
    reader.give(10**6)
    publish(1)
    for _ in range(10_000):
        if reader.lines and json.loads(reader.lines[-1])["params"].get("seq") == log.published:
            break
        await asyncio.sleep(0)
    assert not reader.was_cut
    check([json.loads(line) for line in reader.lines], start, log.published, gaps)


def check(notices: list[dict[str, object]], start: int, published: int, gaps: int) -> None:
    """What was told is in order, never twice, and with what was lost it leaves no event out."""
    expected = start
    for notice in notices:
        params = notice["params"]
        assert isinstance(params, dict)
        if notice["method"] == "events.lost":
            assert 0 <= params["from"] - expected <= 2 * (gaps - 1), (
                "told as lost what was told, or left out what was not lost"
            )
            assert params["through"] >= params["from"]
            expected = params["through"] + 1
        else:
            assert 0 <= params["seq"] - expected <= 2 * (gaps - 1), "told twice, out of order, or left one out"
            expected = params["seq"] + 1
    assert expected == published + 1
