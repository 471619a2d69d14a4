"""posd from its start to its end by SIGKILL, in the world of one case: the real desk, the real printer actor, and a
journal on the disk of the simulated shop (tests/property/shop_world.py).

At its death nothing more is written: no byte to the line, no record to the disk, no answer. What the line took stays
taken, what the disk had synced stays.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from posd.config import Config
from posd.desk.apply import apply
from posd.desk.ports import Now, Tools
from posd.desk.printing import may_hang
from posd.desk.runner import Desk
from posd.desk.state import State
from posd.desk.turn import Rules
from posd.domain.device import DeviceReport, Drawing, PrintJob, PrintOutcome, PrintStarted, SignOutcome, SignRequest
from posd.domain.slip import Slip, SlipOrder
from posd.printer.actor import PrinterActor
from tests.faults.port import BenchOpener
from tests.property.shop_world import Disk, selftest_slip

START_MS = 1_795_233_600_000
WALL_STEP_MS = 30_000
"""The wall clock moves in such steps: slips then say the same in many cases and need to be made only once."""
RING = 1000
SYNC_S = 0.005
"""A sync takes so long; until then a death takes back what was appended."""
STROKES = Drawing("strokes", b"\x01")


class _NoMoreSyncs(Random):
    """At a crash the disk asks whether a part of what waits still gets there."""

    def random(self) -> float:
        return 1.0


class Journal(Disk):
    """The disk, with a moment at which posd dies: when the record `dies_at` is appended, before its sync or behind."""

    def __init__(self) -> None:
        super().__init__(RING)
        self.dies_at = 0
        self.dies_synced = False
        self.on_death: Callable[[], None] = lambda: None
        self.on_append: Callable[[], None] = lambda: None

    def append(self, records: Sequence[tuple[int, int, bytes, bytes]]) -> range:
        ids = super().append(records)
        self.on_append()
        if self.dies_at in ids:
            self.dies_at = 0
            if self.dies_synced:
                self.flush()
            self.on_death()
        return ids

    def flush(self) -> None:
        """All that was appended gets on the disk."""
        self.sync(Random(0), whole=True)
        self.told = self.durable

    def cut(self) -> None:
        """The process is gone, and what was not synced with it."""
        self.crash(_NoMoreSyncs())

    def fold(self) -> State:
        """What the journal says."""
        state = State()
        for seq, event in self.kept():
            apply(state, seq, event)
        return state


@dataclass
class Seen:
    """What was seen of posd over all its lives: the jobs handed to the printer in their order, what became of each
    (None: nobody heard, posd was killed), what no case allows, and the length of the first slip with the questions in
    and behind it.
    """

    jobs: list[PrintJob] = field(default_factory=list)
    outcomes: list[PrintOutcome | None] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    span: int = 0


class Life:
    """One life of posd. `kill` ends it at once, out of the middle of a write too; `end` waits until it is gone."""

    def __init__(
        self,
        settings: Config,
        opener: BenchOpener,
        journal: Journal,
        compose: Callable[[SlipOrder], Slip],
        seen: Seen,
        first_number: int,
    ) -> None:
        self.dead = False
        self._opener, self._journal, self._seen = opener, journal, seen
        self._loop = asyncio.get_running_loop()
        self.desk = desk = Desk(
            journal,
            Rules(settings.terminal, settings.slip, settings.policy, settings.pad),
            Tools(compose, journal.read, selftest_slip),
            self._now,
            self,  # type: ignore[arg-type]  # nothing is rendered here
            lambda _seq, _event: None,
            lambda message: seen.wrong.append(f"posd ended: {message}"),
        )
        desk.recover()
        self._actor = actor = PrinterActor(settings.printer, self._hear)
        actor._opener = opener  # type: ignore[assignment]  # the line is no device of this machine
        actor._number = first_number
        desk.printer, desk.pad = self, self
        if may_hang(desk.state):
            actor.torn()
        journal.on_append = lambda: self._later(SYNC_S, self._sync)
        desk.boot(0)
        desk.tell(DeviceReport("pad", "ready"))
        desk.tell(DeviceReport("keypad", "absent", (), "not in the configuration"))
        self._tasks = [self._spawn(actor.run()), self._spawn(desk.tick_forever())]

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        return self._loop.create_task(work)

    def _now(self) -> Now:
        mono_ms = int(self._loop.time() * 1000)
        return Now(START_MS + mono_ms // WALL_STEP_MS * WALL_STEP_MS, mono_ms, 480)

    def _later(self, seconds: float, call: Callable[[], None]) -> None:
        self._loop.call_later(seconds, lambda: None if self.dead else call())

    def _sync(self) -> None:
        self._journal.flush()
        self.desk.durable(self._journal.durable)

    # What the desk sees of its devices.

    def submit(self, job: PrintJob) -> None:
        if self.dead:
            return
        self._seen.jobs.append(job)
        self._seen.outcomes.append(None)
        self._actor.submit(job)

    def begin(self, request: SignRequest) -> None:
        self._later(0.0, lambda: self.desk.tell(SignOutcome(request.session, "captured", STROKES)))

    def cancel(self, session: str) -> None:
        """A signature that is captured at once cannot be cancelled."""

    def _hear(self, message: DeviceReport | PrintStarted | PrintOutcome) -> None:
        if self.dead:
            return
        if isinstance(message, PrintStarted) and not self._seen.span:
            assert self._actor._watch is not None
            self._seen.span = self._actor._watch._length
        if isinstance(message, PrintOutcome):
            if not self._seen.jobs or self._seen.jobs[-1].job != message.job or self._seen.outcomes[-1] is not None:
                self._seen.wrong.append(f"an outcome of {message.job}, which is not in hand")
            else:
                self._seen.outcomes[-1] = message
        self.desk.tell(message)

    # Its end, and the people around it.

    def kill(self) -> None:
        """SIGKILL, now."""
        self.dead = True
        if self._opener.port is not None:
            self._opener.port.stop()

    async def end(self) -> None:
        """After `kill`: what it left is what the next life finds."""
        for task in self._tasks:
            task.cancel()
        for result in await asyncio.gather(*self._tasks, return_exceptions=True):
            if not isinstance(result, asyncio.CancelledError):
                self._seen.wrong.append(f"a part of posd ended: {result!r}")
        self._journal.on_append = lambda: None
        self._journal.cut()

    def poke(self) -> None:
        """The kernel says that a device came."""
        self._actor.poke()
