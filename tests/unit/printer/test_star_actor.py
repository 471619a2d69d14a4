"""The actor and a Star printer on a real pty: an older one, which only counts, and one that knows ESC GS ETX."""

from __future__ import annotations

import asyncio
import os
import pty
import tty
from collections.abc import Awaitable, Callable

import pytest

from posd.config import PrinterSection
from posd.domain.device import DeviceReport, PrintJob, PrintOutcome, PrintStarted
from posd.printer import actor, follow, ready
from posd.printer.actor import PrinterActor
from tests.unit.printer.scripted import LivedTime

PATIENCE_S = 20.0
SLIP = b"\x1b@\x1b\x1da\x00a slip\n" + b"a line of the slip\n" * 5 + b"\x1bd\x03"
CUT = b"\x1b@\x1bd\x03"


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actor, "IDLE_POLL_S", 0.1)
    monkeypatch.setattr(actor, "FAULT_POLL_S", 0.1)
    monkeypatch.setattr(ready, "FAULT_POLL_S", 0.1)
    monkeypatch.setattr(follow, "POLL_S", 0.1)
    monkeypatch.setattr(ready, "_FIRST_PROBE_S", 0.2)


class Counting:
    """The printer: ESC ACK SOH is answered at once, the rest waits while it is `stopped`."""

    def __init__(self, knows_documents: bool) -> None:
        self.knows_documents, self.documents = knows_documents, 0
        self.far, self.near = pty.openpty()
        tty.setraw(self.near)
        os.set_blocking(self.far, False)
        self.counter, self.paper = 0, bytearray()
        self.stopped, self.muted = False, False
        self.counts: list[int] = []
        self.stop_at = self.loses_at = -1
        self._buffer = bytearray()
        asyncio.get_running_loop().add_reader(self.far, self._readable)

    def tell(self) -> None:
        counted = (self.counter & 7) << 1 | (self.counter & 0x18) << 2
        if not self.muted:
            os.write(self.far, bytes((0x23, 0x06, 0, 0, 0, 0, 0, counted, 0)))

    def go_on(self) -> None:
        self.stopped = False
        self._execute()

    def power_cycle(self) -> None:
        self._buffer.clear()
        self.counter = self.documents = 0

    def _readable(self) -> None:
        self._buffer += os.read(self.far, 4096)
        while (at := self._buffer.find(b"\x1b\x06\x01")) >= 0:
            del self._buffer[at : at + 3]
            self.tell()
        self._execute()

    def _execute(self) -> None:
        while self._buffer and not self.stopped:
            if len(self.paper) == self.stop_at:
                self.stop_at, self.stopped = -1, True
            elif len(self.paper) == self.loses_at:
                self.loses_at, self.counter, self.documents = -1, 0, 0
                del self._buffer[:20]
            elif self.knows_documents and self._buffer.startswith(b"\x1b\x1d\x03\x01"):
                self.documents += 1
                os.write(self.far, bytes(self._buffer[:6]) + bytes((self.documents, 0)))
                del self._buffer[:6]
            elif self._buffer.startswith(b"\x1b\x1eE\x00"):
                del self._buffer[:4]
                self.counter = 0
            elif self._buffer.startswith(b"\x1b\x1ea"):
                del self._buffer[:4]
                self.tell()
            elif self._buffer[0] == 0x17:
                del self._buffer[0]
                self.counter = (self.counter + 1) % 32
                self.counts.append(self.counter)
                self.tell()
            else:
                self.paper.append(self._buffer.pop(0))

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self.far)
        os.close(self.far)
        os.close(self.near)


class Shop:
    """The printer and an actor that serves it."""

    def __init__(self, documents: bool) -> None:
        self.printer = Counting(documents)
        self.said: list[DeviceReport | PrintStarted | PrintOutcome] = []
        section = PrinterSection(device=os.ttyname(self.printer.near), answer_within="300ms", language="star")
        self.time = LivedTime()
        self.actor = PrinterActor(section, self.said.append, self.time)

    async def until(self, what: Callable[[], object]) -> None:
        deadline_s = asyncio.get_running_loop().time() + PATIENCE_S
        while not what():
            assert asyncio.get_running_loop().time() < deadline_s, self.said
            await asyncio.sleep(0.01)

    async def ready(self) -> None:
        await self.until(lambda: (reports := self.reports()) and reports[-1].state == "ready")

    def reports(self) -> list[DeviceReport]:
        return [message for message in self.said if isinstance(message, DeviceReport)]

    async def print(self, job: str) -> PrintOutcome:
        self.actor.submit(PrintJob(job, SLIP))
        await self.until(lambda: any(isinstance(m, PrintOutcome) and m.job == job for m in self.said))
        return next(m for m in self.said if isinstance(m, PrintOutcome) and m.job == job)


def in_shop(act: Callable[[Shop], Awaitable[None]], *, documents: bool = False) -> None:
    """Run `act` with a printer and its actor."""

    async def inside() -> None:
        shop = Shop(documents)
        task, time = asyncio.create_task(shop.actor.run()), asyncio.create_task(shop.time.run())
        try:
            await act(shop)
        finally:
            await shop.actor.close()
            time.cancel()
            shop.printer.close()
            assert task.done()

    asyncio.run(inside())


def test_slips_are_proven_by_the_counter_around_its_end() -> None:
    async def act(shop: Shop) -> None:
        await shop.ready()
        assert shop.reports()[-1].info["fence"] == "star-counter"
        assert shop.reports()[-1].info["language"] == "star"
        for number in range(40):
            outcome = await shop.print(f"j{number}")
            assert (outcome.state, outcome.proof, outcome.why) == ("printed", "confirmed", "star-counter")
        assert shop.printer.paper.count(b"a slip") == 40

    in_shop(act)


def test_a_counter_that_the_power_switch_set_to_zero_proves_nothing() -> None:
    async def act(shop: Shop) -> None:
        await shop.ready()
        shop.printer.stop_at = len(shop.printer.paper) + 30
        shop.actor.submit(PrintJob("j1", SLIP))
        await shop.until(lambda: shop.printer.stopped)
        shop.printer.power_cycle()
        shop.printer.go_on()
        await shop.until(lambda: any(isinstance(m, PrintOutcome) for m in shop.said))
        assert [m.state for m in shop.said if isinstance(m, PrintOutcome)] == ["unknown"]

    in_shop(act)


def test_a_printer_that_began_anew_inside_a_slip_and_took_the_rest_of_it_has_not_printed_it() -> None:
    async def act(shop: Shop) -> None:
        await shop.ready()
        shop.printer.loses_at = len(shop.printer.paper) + 30
        outcome = await shop.print("j1")
        assert (outcome.state, outcome.cause) == ("unknown", "no-answer")

    for documents in (False, True):
        in_shop(act, documents=documents)


def test_documents_that_other_hosts_print_do_not_matter() -> None:
    async def act(shop: Shop) -> None:
        await shop.ready()
        assert shop.reports()[-1].info["fence"] == "star-document"
        for others in (0, 1, 5):
            shop.printer.documents += others
            outcome = await shop.print(f"j{others}")
            assert (outcome.state, outcome.proof, outcome.why) == ("printed", "confirmed", "star-document")

    in_shop(act, documents=True)


def test_a_late_count_of_a_slip_that_was_given_up_proves_no_other() -> None:
    """Its ETB is executed after posd has given it up, and while posd finds out what the printer can."""

    async def act(shop: Shop) -> None:
        await shop.ready()
        shop.printer.counter = 7  # so that the late count is the least that a probe could choose
        shop.printer.stop_at = len(shop.printer.paper) + 30
        assert (await shop.print("j1")).state == "unknown"
        counted = len(shop.printer.counts)
        shop.printer.go_on()
        await shop.ready()
        late, *probe = shop.printer.counts[counted:]
        assert probe, "ready before the probe was counted"
        assert late not in (probe[-1], shop.printer.counter)
        shop.printer.paper.clear()
        shop.printer.stop_at = 40  # inside the next slip: nothing may prove it now
        assert (await shop.print("j2")).state == "unknown"

    in_shop(act)
