"""The printer's actor: owns the port, prints one job at a time, says what became of it and how the printer is.

One task, one loop: open the port (port_open.py), become ready (ready.py), work; when the printer falls silent, become
ready again; when the port is gone, open it again.

After `unknown`
- Nothing is sent again, and what is left in this machine's buffers is dropped: no more of the slip can leave. If so
  little of it has left that what came out is visibly no slip, it is not unknown: it failed, torn (fence.py, case O).
- What the printer already has may still come out, unmarked, when someone puts in paper an hour later. That is the one
  unmarked print that law 2 grants, and the reason why every later print of that copy says that it may be a duplicate.
  So a copy that was ever unknown stays so whatever comes later, and a late answer to its fence changes nothing.
- The same holds where a mark inside the slip tells that bytes were lost (marks.py): what is left is not sent.
- The next job starts clean: the printer becomes ready again, and the probe is answered only behind all that was in
  its buffer. Since a torn slip may hang in it, a cut goes before the next job (`torn`).

A job in hand when a fault is reported stays in hand: the printer resumes by itself or is made to (recovery.py), and
fence.py decides. A job that is submitted while the printer is not ready fails at once.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import msgspec

from posd.config import PrinterSection, seconds
from posd.domain.backoff import Backoff
from posd.domain.device import DeviceReport, DeviceState, PrintJob, PrintOutcome, PrintStarted, Reason
from posd.line.bell import Bell
from posd.line.port import PortAbsent, PortGone, PortRefused
from posd.printer.buzzer import sound
from posd.printer.fence import COUNTER_MAX, Fence, Verdict, Watch, fence, limits
from posd.printer.follow import follow
from posd.printer.language import LANGUAGES
from posd.printer.link import Link
from posd.printer.marks import MARKED, marked
from posd.printer.memory import Memory
from posd.printer.port_open import is_usblp, opener
from posd.printer.ports import address
from posd.printer.ready import FAULT_POLL_S, Ready, fresh
from posd.printer.status import Status
from posd.printer.tally import Marked
from posd.printer.wear import wear
from posd.printer.words import detail

IDLE_POLL_S = 2.0
"""A printer without automatic status is asked so often when idle."""
ASB_POLL_S = 10.0
"""A printer with automatic status is asked so often whether it is still there."""
FRESH_S = 1.0
"""A status that is older is asked anew before a job."""
OPEN_WITHIN_S = 5.0
NETWORK_BYTES_S = 100_000
"""What a printer takes at least over USB or the network; a serial line is as fast as it is set."""


class Emit(Protocol):
    """Where messages go; called on the event loop."""

    def __call__(self, message: DeviceReport | PrintStarted | PrintOutcome, /) -> None: ...


class PrinterActor:
    """The printer of `section`. ConfigError when its device is not one that a port is for.

    `emit` receives DeviceReport, PrintStarted and, for each submitted job exactly once, PrintOutcome. `clock` is
    monotonic seconds, the loop's by default. `memory` is a file in which the printer's abilities are kept.
    """

    def __init__(
        self,
        section: PrinterSection,
        emit: Emit,
        clock: Callable[[], float] | None = None,
        memory: Path | None = None,
    ) -> None:
        where = address(section.device)
        self._device, self._language = section.device, LANGUAGES[section.language]
        self._opener = opener(where, section)
        self._shared, self._is_node = where.kind == "tcp", where.kind == "node"
        self._line_bytes_s = section.baudrate / 10 if where.kind == "node" else NETWORK_BYTES_S
        self._answer_s = seconds(section.answer_within)
        self._emit = emit
        self._clock = clock or asyncio.get_running_loop().time
        self._bell = Bell(self._clock)
        self._backoff = Backoff()
        # Not from 0: an answer that the printer still owes to an earlier run of posd must not fit a new question.
        self._number = secrets.randbelow(1 << 20)
        self._ready = Ready(section.device, self._answer_s, self._line_bytes_s, Memory(memory), self._next)
        self._reported: DeviceReport | None = None
        self._job: PrintJob | None = None
        self._watch: Watch | None = None
        self._task: asyncio.Task[None] | None = None
        self._torn = False
        self._buzzer, self._beep = section.buzzer, b""
        self._node = ""
        self._hides_power = False

    def submit(self, job: PrintJob) -> None:
        """Print `job`; the outcome comes through `emit`, never before this returns. One at a time."""
        assert self._job is None, "a job is in hand"
        self._job = job
        if not self._may_print:
            asyncio.get_running_loop().call_soon(self._refuse, job)
        self._bell.ring()

    def beep(self, times: int) -> None:
        """Sound the buzzer so often, if one is configured: between slips, and not later than that."""
        self._beep = sound(self._buzzer, times) if self._job is None and self._may_print else b""
        self._bell.ring()

    def torn(self) -> None:
        """A torn slip may hang in the printer (posd was killed while printing): cut before the next one."""
        self._torn = self._ready.strays = True

    def poke(self) -> None:
        """Devices changed: try now."""
        self._backoff.reset()
        self._bell.ring()

    def alive(self) -> float:
        """When the actor last went on; it never waits longer than a few seconds."""
        return self._bell.turned_s

    async def close(self) -> None:
        """End `run`; a job in hand ends with it (`restart`)."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))

    async def run(self) -> None:
        """Serve the printer until cancelled."""
        self._task = asyncio.current_task()
        try:
            while True:
                await self._connection()
        finally:
            if self._job is not None:
                self._finish(self._job, self._cut_off())

    def _cut_off(self) -> Verdict:
        """What became of the job in hand when posd ends."""
        if self._watch is None:
            return Verdict("failed", cause="restart")
        self._watch.ended("restart")
        assert self._watch.verdict is not None
        return self._watch.verdict

    # --- one connection

    async def _connection(self) -> None:
        """Open the port and serve it until it is gone; or find that it does not open, and wait."""
        try:
            port = await self._opener.open(OPEN_WITHIN_S)
        except PortAbsent as error:
            self._node = ""
            self._report("absent", ("unplugged",), str(error))
            await self._bell.wait(self._backoff.next_s())
            return
        except PortRefused as error:
            if self._reported is None or self._reported.state == "absent":
                self._report("opening")
            self._report("faulted", ("no-answer",), str(error))
            await self._bell.wait(self._backoff.next_s())
            return
        self._ready.opened()
        self._node = port.path
        self._hides_power = self._is_node and not is_usblp(port.path)
        if self._reported is None or self._reported.state == "absent":
            self._report("opening")
        link = Link(port, self._bell, self._clock, self._language)
        try:
            while True:
                await self._ready.become(link, self._refuse_job, self._tell, lambda: self._silent(link))
                self._backoff.reset()
                await self._work(link)
        except PortGone:
            self._ready.vanished()
            if self._reported is not None and self._reported.reasons != ("no-answer",):
                self._report("absent", ("unplugged",))
            if self._job is not None:
                self._finish(self._job, Verdict("failed", cause=self._cause("unplugged")))
        finally:
            self._opener.let_go(port)  # at once: who holds a device that is gone takes its name from the next one
        await self._bell.wait(self._backoff.next_s())

    def _silent(self, link: Link) -> int:
        """The printer does not answer: what it has not taken must not reach it later, piled up. How many bytes that
        was.
        """
        dropped = link.port.discard()
        self._report("faulted", ("no-answer",))
        return dropped

    def _next(self) -> int:
        self._number += 1
        return self._number

    # --- work

    async def _work(self, link: Link) -> None:
        """Print jobs and keep an eye on the printer; return when it has to become ready again."""
        asked_s = self._clock()
        while True:
            job = self._job
            if job is not None:
                if not await self._print(link, job):
                    return
                asked_s = self._clock()
                continue
            if link.status is not None:
                self._tell(link.status)
            beep, self._beep = self._beep, b""
            if beep and not await link.send(beep, self._answer_s):
                self.torn()  # half a command would take the next slip's first bytes for its own
                self._silent(link)
                self._ready.vanished()
                return
            await self._bell.wait(IDLE_POLL_S)
            if link.port.gone:
                raise PortGone
            self._ready.recovery.look(link)
            every_s = FAULT_POLL_S if self._stopped else ASB_POLL_S if self._asb else IDLE_POLL_S
            if self._clock() - asked_s >= every_s * 0.9:
                asked_s = self._clock()
                if await fresh(link) is None:
                    self._silent(link)
                    self._ready.vanished()
                    return
                if self._asb:
                    link.write(self._language.asb_on)  # a printer that was off for a moment has forgotten it

    async def _print(self, link: Link, job: PrintJob) -> bool:
        """One job to its outcome; False when the printer has to become ready again."""
        fits = self._clock() - link.status_s <= FRESH_S and self._language.name != "star"
        if (
            (not fits and await fresh(link) is None)
            or (self._counted_out(link) and not await self._ready.ask(link))
            or not await self._cut_off_torn(link)
        ):
            if (status := await fresh(link)) is not None and status.stops:
                self._tell(status)
            else:
                self._silent(link)
                self._ready.strays = True  # half a command may have gone
            self._finish(job, Verdict("failed", cause=self._cause("no-answer")))
            return False
        slip = self._marked(link, self._with_asb(job.data))
        behind = self._fence(link)
        data = slip.data + behind.data
        head = len(self._with_asb(b""))
        torn_within = slip.sent(job.torn_within + head) if job.torn_within else 0
        within = limits(slip.data, self._line_bytes_s, self._answer_s)
        self._watch = watch = Watch(behind, len(data), within, self._clock(), torn_within, slip)
        watch.shared = self._shared
        before = link.taken
        self._ready.recovery.in_hand = True
        try:
            verdict = await follow(
                link, watch, data, self._ready.recovery, lambda: self._emit(PrintStarted(job.job)), self._tell
            )
        finally:
            self._ready.recovery.in_hand = False
        if watch.doubtful:
            self._torn = self._ready.cut_short = True
        dropped = 0
        if link.port.gone:
            self._report("absent", ("unplugged",))
        elif verdict.cause == "no-answer":
            dropped = self._silent(link)
        elif verdict.cause == "unrecoverable":
            dropped = link.port.discard()
            self._report("faulted", ("unrecoverable",))
        elif self._stopped and (status := await self._after(link)) is not None:
            self._tell(status)
        behind_it = link.taken - before - watch.taken
        dropped = min(max(dropped - behind_it, 0), watch.taken)  # the questions behind the slip are dropped first
        verdict = watch.dropped(dropped)
        self._finish(job, verdict, job.data[: slip.came(watch.taken - dropped)])
        if link.port.gone:
            raise PortGone
        return not (watch.doubtful or verdict.torn or verdict.cause == "no-answer")

    async def _cut_off_torn(self, link: Link) -> bool:
        """Cut off what may hang in the printer of an earlier slip; False when the device does not take it. Where the
        line hides that the power was off the cut is waited for: the first piece of the next slip would have its time.
        """
        if self._torn:
            cut = self._with_asb(self._language.reset) + self._language.cut  # it may find the cutter stuck
            gone = await link.send(cut, self._answer_s)
            self._torn = not (gone and (not self._has_marks or await self._ready.ask(link)))
        return not self._torn

    @property
    def _asb(self) -> bool:
        return self._ready.can is not None and self._ready.can.asb

    def _counted_out(self, link: Link) -> bool:
        """Whether a Star printer's counter would begin anew behind the next slip."""
        return self._ready.can is not None and self._ready.can.fence == "star-counter" and link.counter >= COUNTER_MAX

    @property
    def _has_marks(self) -> bool:
        """Whether slips are marked: where the line hides that the printer's power was off (marks.py)."""
        return self._hides_power and self._ready.can is not None and self._ready.can.fence in MARKED

    def _marked(self, link: Link, data: bytes) -> Marked:
        """The next slip, marked where it can be. A process id that was answered later than the probe waited counts from
        now on.
        """
        can = self._ready.can
        assert can is not None
        if can.fence == "paper-status" and link.completed:
            can = self._ready.can = msgspec.structs.replace(can, fence="process-id")
        return marked(data, can.fence, self._next, self._line_bytes_s) if self._has_marks else Marked(data)

    def _fence(self, link: Link) -> Fence:
        """The fence for the next job."""
        assert self._ready.can is not None
        return fence(self._ready.can.fence, self._next(), link.counter)

    async def _after(self, link: Link) -> Status | None:
        """A status just asked for; None, too, when the printer hung up meanwhile."""
        try:
            return await fresh(link)
        except PortGone:
            return None

    def _with_asb(self, data: bytes) -> bytes:
        """A slip begins with a reset, which may switch automatic status off: on again, or nobody hears of a fault
        while it prints.
        """
        if not self._asb:
            return data
        head = len(self._language.reset) if data.startswith(self._language.reset) else 0
        return data[:head] + self._language.asb_on + data[head:]

    # --- what is told

    @property
    def _may_print(self) -> bool:
        return self._reported is not None and self._reported.state == "ready"

    @property
    def _stopped(self) -> bool:
        return self._reported is not None and self._reported.state != "ready"

    def _tell(self, status: Status) -> None:
        """Report the device by its status."""
        if "unrecoverable" in status.stops:
            self._report("faulted", status.reasons)
        else:
            self._report("attention" if status.stops else "ready", status.reasons)

    def _report(self, state: DeviceState, reasons: tuple[Reason, ...] = (), sentence: str = "") -> None:
        info = {"path": self._device} | ({"node": self._node} if self._node else {})
        if self._language.name != "escpos":
            info["language"] = self._language.name
        if self._ready.can is not None:
            info |= {"fence": self._ready.can.fence, "automatic-status": "yes" if self._asb else "no"}
        info |= {key: value for key, value in zip(("model", "serial"), self._ready.name, strict=True) if value}
        report = DeviceReport("printer", state, reasons, sentence or detail(reasons), info)
        old, self._reported = self._reported, report
        if old is None or (old.state, old.reasons) != (state, reasons):
            self._emit(report)

    def _refuse_job(self) -> None:
        if self._job is not None:
            self._refuse(self._job)

    def _refuse(self, job: PrintJob) -> None:
        """The job came while the printer was not ready."""
        if self._job is job and self._stopped:
            self._finish(job, Verdict("failed", cause=self._cause("offline")))

    def _cause(self, otherwise: str) -> str:
        """The reason word for a job that cannot be printed now."""
        reasons = self._reported.reasons if self._reported else ()
        stops = [reason for reason in reasons if reason != "paper-near-end"]
        return stops[0] if stops else otherwise

    def _finish(self, job: PrintJob, verdict: Verdict, came_out: bytes = b"") -> None:
        self._job = self._watch = None
        used = wear(came_out, star=self._language.name == "star") if came_out else None
        self._emit(
            PrintOutcome(job.job, verdict.state, verdict.proof, verdict.cause, verdict.why, verdict.torn, wear=used)
        )
