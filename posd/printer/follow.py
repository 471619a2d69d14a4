"""One job on an open port: its bytes go out, what the printer says comes in, and the watch (fence.py) decides.

Bytes go in chunks, so that a reply is heard between two of them. A status query goes out only behind the last byte:
inside a slip it could fall into the middle of a command. Until then automatic status is what tells of a fault. The
same holds for the command that makes a printer go on after a cutter error (recovery.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from posd.line.port import PortGone
from posd.printer.fence import LAG_S, Verdict, Watch, request
from posd.printer.link import Link
from posd.printer.recovery import Recovery
from posd.printer.status import Status, says_paper_end

CHUNK_BYTES = 4096
POLL_S = 1.0
"""Behind the last byte the printer is asked for its status so often."""


async def follow(
    link: Link,
    watch: Watch,
    data: bytes,
    recovery: Recovery,
    on_start: Callable[[], None],
    on_status: Callable[[Status], None],
) -> Verdict:
    """Send `data` (slip, marks and fence) and return how it ended. `on_start` is called when the first byte has left,
    `on_status` for each status that the printer tells meanwhile. Never raises for what a device does.
    """
    link.completed.clear()
    link.answers.clear()
    link.owed += watch.answers if watch.kind == "paper-status" else 0
    link.restarted = False
    told_s = asked_s = link.clock()
    unsent, rest = 0, memoryview(data)
    while True:
        taken = 0
        try:
            if link.port.gone:
                raise PortGone
            if rest:
                taken = link.write(rest[:CHUNK_BYTES])
                if taken:
                    started = watch.started
                    watch.took(taken, link.clock())
                    rest = rest[taken:]
                    if not started:
                        on_start()
            else:
                unsent = _leaving(link, watch, unsent)
                if link.clock() - asked_s >= POLL_S or watch.due(link.clock()):
                    asked_s = link.clock()
                    link.ask()
                recovery.look(link)
            if watch.ask_again and await link.send(request(watch.kind, watch.answer), POLL_S):
                link.owed += 1
                watch.asked_again()
        except PortGone:
            watch.ended("unplugged")
        watch.turn(link.clock())
        told_s = _hear(link, watch, on_status, told_s)
        if link.restarted:
            watch.ended("no-answer")
        watch.tick(link.clock())
        if watch.verdict is not None:
            return watch.verdict
        if taken and rest:
            await asyncio.sleep(0)
        else:
            await link.bell.wait(LAG_S / 10 if watch.reached else POLL_S / 2)


def _leaving(link: Link, watch: Watch, before: int) -> int:
    """Look at what was taken and is still in this machine; how much that is."""
    unsent = link.port.unsent()
    if unsent == 0:
        watch.drained(link.clock())
    elif unsent < before:
        watch.moved(link.clock())
    return unsent


def _hear(link: Link, watch: Watch, on_status: Callable[[Status], None], told_s: float) -> float:
    """Pass on what came since `told_s`; the time up to which all is passed on."""
    while link.completed:
        watch.completed(link.completed.popleft())
    while link.answers:
        watch.answered(says_paper_end(link.answers.popleft()))
    if link.status is not None and link.status_s > told_s:
        told_s = link.status_s
        watch.heard(link.status.stops, link.clock())
        if watch.verdict is None:
            on_status(link.status)
    return told_s
