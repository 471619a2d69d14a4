"""The printer's actor: owns the port, prints one job at a time, says what became of it and how the printer is.

One task, one loop: open the port, become ready, work; when the printer falls silent, become ready again; when the
port is gone, open it again.

Becoming ready
1. Ask DLE EOT until a whole round is answered. No answer: `faulted(no-answer)`, again after a pause that doubles. A
   device that answers nothing to any query never gets past this: bytes sent to it prove nothing.
2. While paper, cover and the like stop it: `attention`, asked once a second.
3. Probe the buffer (probe.py). No answer: it may be stuck in a command that was cut short, by a power cut or by us.
   8,192 NULs fill what such a command still waits for, and the probe goes once more. A printer that answers DLE EOT,
   reports no fault and still does not answer its buffer has no fence.

After `unknown`
- Nothing is sent again, and what is left in this machine's buffers is dropped: no more of the slip can leave.
- What the printer already has may still come out, unmarked, when someone puts in paper an hour later. That is the one
  unmarked print that law 2 grants, and the reason why every later print of that copy says that it may be a duplicate.
  Clearing the printer (DLE ENQ 2) would not make this safer: it works under some faults only, gives no answer, and a
  slip that was half out would still be on paper. So a copy that was ever unknown stays so whatever comes later, and a
  late answer to its fence changes nothing.
- The next job starts clean: the printer becomes ready again, and the probe is answered only behind all that was in
  its buffer. Since a torn slip may hang in it, a cut goes before the next job (`torn`).

A job in hand when a fault is reported stays in hand: the printer resumes by itself, and fence.py decides. A job
that is submitted while the printer is not ready fails at once.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import Protocol

from posd.config import PrinterSection, seconds
from posd.domain.backoff import Backoff
from posd.domain.device import DeviceReport, DeviceState, PrintJob, PrintOutcome, PrintStarted, Reason
from posd.printer.fence import FenceKind, Verdict, Watch, limits, process_id, request
from posd.printer.follow import follow
from posd.printer.link import Bell, Link
from posd.printer.port_open import opener
from posd.printer.ports import PortAbsent, PortGone, PortRefused, address
from posd.printer.probe import ASB_ON, FLUSH, RESET, Abilities, ask_buffer
from posd.printer.status import Status
from posd.printer.words import detail

IDLE_POLL_S = 2.0
"""A printer without automatic status is asked so often when idle."""
ASB_POLL_S = 10.0
"""A printer with automatic status is asked so often whether it is still there."""
FAULT_POLL_S = 1.0
"""So often while it reports a fault, and behind a slip until its fence is answered."""
FRESH_S = 1.0
"""A status that is older is asked anew before a job."""
OPEN_WITHIN_S = 5.0
_FIRST_PROBE_S = 1.0
_CUT = b"\x1dVB\x00"


class Emit(Protocol):
    """Where messages go; called on the event loop."""

    def __call__(self, message: DeviceReport | PrintStarted | PrintOutcome, /) -> None: ...


class PrinterActor:
    """The printer of `section`. ConfigError when its device is not one that a port is for.

    `emit` receives DeviceReport, PrintStarted and, for each submitted job exactly once, PrintOutcome. `clock` is
    monotonic seconds, the loop's by default.
    """

    def __init__(self, section: PrinterSection, emit: Emit, clock: Callable[[], float] | None = None) -> None:
        self._device, self._baudrate = section.device, section.baudrate
        self._opener = opener(address(section.device), section)
        self._answer_s = seconds(section.answer_within)
        self._emit = emit
        self._clock = clock or asyncio.get_running_loop().time
        self._bell = Bell(self._clock)
        self._backoff = Backoff()
        self._reported: DeviceReport | None = None
        self._job: PrintJob | None = None
        self._watch: Watch | None = None
        self._task: asyncio.Task[None] | None = None
        self._torn = False
        self._cut_short = False
        self._can: Abilities | None = None
        self._node = ""
        # Not from 0: an answer that the printer still owes to an earlier run of posd must not fit a new question.
        self._process = secrets.randbelow(1 << 26)

    def submit(self, job: PrintJob) -> None:
        """Print `job`; the outcome comes through `emit`, never before this returns. One at a time."""
        assert self._job is None, "a job is in hand"
        self._job = job
        if self._reported is None or self._reported.state != "ready":
            asyncio.get_running_loop().call_soon(self._refuse, job)
        self._bell.ring()

    def torn(self) -> None:
        """A torn slip may hang in the printer (posd was killed while printing): cut before the next one."""
        self._torn = True

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
        self._can, self._node = None, port.path
        self._report("opening")
        try:
            link = Link(port, self._bell, self._clock)
            while True:
                await self._become_ready(link)
                self._backoff.reset()
                await self._work(link)
        except PortGone:
            self._report("absent", ("unplugged",))
            if self._job is not None:
                self._finish(self._job, Verdict("failed", cause="unplugged"))
        finally:
            self._opener.let_go(port)

    async def _become_ready(self, link: Link) -> None:
        """Return when the printer answers, nothing stops it and its buffer was probed."""
        pause = Backoff()
        while True:
            if self._job is not None:
                self._refuse(self._job)
            status = await self._status(link)
            if status is not None and not status.stops:
                found = await self._probe(link)
                status = await self._status(link)
                if found and status is not None and not status.stops:
                    self._tell(status)
                    return
            if status is not None and status.stops:
                self._tell(status)
                await self._bell.wait(FAULT_POLL_S)
            else:
                self._silent(link)
                await self._bell.wait(pause.next_s())

    async def _status(self, link: Link) -> Status | None:
        """A fresh status; None when the printer does not answer."""
        return await link.round() or await link.round()

    def _silent(self, link: Link) -> None:
        """The printer does not answer: what it has not taken must not reach it later, piled up."""
        link.port.discard()
        self._report("faulted", ("no-answer",))

    async def _probe(self, link: Link) -> bool:
        """Find out what the printer can; False when its buffer does not answer. Only without a fault does it count."""
        known = self._can.fence if self._can else None
        if not self._cut_short and await self._ask_buffer(link, self._answer_s if known else _FIRST_PROBE_S):
            return True
        status = await self._status(link)
        if status is None or status.stops:
            return False
        line_s = len(FLUSH) * 10 / self._baudrate
        if not await link.send(FLUSH, line_s + self._answer_s):
            return False
        self._cut_short = False
        if await self._ask_buffer(link, line_s + self._answer_s):
            return True
        if known in (None, "none"):
            self._can = Abilities("none", False)
            return True
        return False

    async def _ask_buffer(self, link: Link, within_s: float) -> bool:
        found = await ask_buffer(link, self._next_process(), self._can.fence if self._can else None, within_s)
        self._can = found or self._can
        return found is not None

    def _next_process(self) -> bytes:
        self._process += 1
        return process_id(self._process)

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
            await self._bell.wait(IDLE_POLL_S)
            if link.port.gone:
                raise PortGone
            every_s = FAULT_POLL_S if self._stopped else ASB_POLL_S if self._asb else IDLE_POLL_S
            if self._clock() - asked_s >= every_s * 0.9:
                asked_s = self._clock()
                if await self._status(link) is None:
                    self._silent(link)
                    return
                if self._asb:
                    link.write(ASB_ON)  # a printer that was off for a moment has forgotten it

    async def _print(self, link: Link, job: PrintJob) -> bool:
        """One job to its outcome; False when the printer has to become ready again."""
        if self._clock() - link.status_s > FRESH_S and await self._status(link) is None:
            self._silent(link)
            self._finish(job, Verdict("failed", cause="no-answer"))
            return False
        if self._torn:
            if not await link.send(RESET + _CUT, self._answer_s):
                self._silent(link)
                self._finish(job, Verdict("failed", cause="no-answer"))
                return False
            self._torn = False
        kind, process = self._fence(link), self._next_process()
        data = self._with_asb(job.data) + request(kind, process)
        watch = Watch(kind, process, len(data), limits(job.data, self._baudrate, self._answer_s), self._clock())
        self._watch = watch
        verdict = await follow(link, watch, data, lambda: self._emit(PrintStarted(job.job)), self._tell)
        if verdict.state == "unknown":
            self._torn, self._cut_short = True, not watch.complete
        if link.port.gone:
            self._report("absent", ("unplugged",))
        elif verdict.cause == "no-answer":
            self._silent(link)
        elif verdict.cause == "unrecoverable":
            link.port.discard()
            self._report("faulted", ("unrecoverable",))
        elif self._stopped:
            status = await self._fresh(link)
            if status is not None:
                self._tell(status)
        self._finish(job, verdict)
        if link.port.gone:
            raise PortGone
        return verdict.state != "unknown" and verdict.cause != "no-answer"

    @property
    def _asb(self) -> bool:
        return self._can is not None and self._can.asb

    def _fence(self, link: Link) -> FenceKind:
        """The fence for the next job. A process id that was answered later than the probe waited counts from now on."""
        if self._can is None:
            return "none"
        if link.completed and self._can.fence == "paper-status":
            self._can = self._can._replace(fence="process-id")
        return self._can.fence

    async def _fresh(self, link: Link) -> Status | None:
        """A status just asked for; None, too, when the printer hung up meanwhile."""
        try:
            return await self._status(link)
        except PortGone:
            return None

    def _with_asb(self, data: bytes) -> bytes:
        """A slip begins with ESC @, which may switch automatic status off: on again, or nobody hears of a fault
        while it prints.
        """
        if not self._asb:
            return data
        head = len(RESET) if data.startswith(RESET) else 0
        return data[:head] + ASB_ON + data[head:]

    # --- what is told

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
        if self._can is not None:
            info |= {"fence": self._can.fence, "automatic-status": "yes" if self._can.asb else "no"}
        report = DeviceReport("printer", state, reasons, sentence or detail(reasons), info)
        old, self._reported = self._reported, report
        if old is None or (old.state, old.reasons) != (state, reasons):
            self._emit(report)

    def _refuse(self, job: PrintJob) -> None:
        """The job came while the printer was not ready."""
        if self._job is job and self._stopped:
            reasons = self._reported.reasons if self._reported else ()
            stops = [reason for reason in reasons if reason != "paper-near-end"]
            self._finish(job, Verdict("failed", cause=stops[0] if stops else "offline"))

    def _finish(self, job: PrintJob, verdict: Verdict) -> None:
        self._job = self._watch = None
        self._emit(PrintOutcome(job.job, verdict.state, verdict.proof, verdict.cause))
