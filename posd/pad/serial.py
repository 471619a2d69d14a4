"""The actor of a serial signature pad: owns the line, runs one signing session at a time, speaks the domain's messages.

How it works: the opener (posd/line) opens the line and lets go of it on a thread; `dialogue` decides what is said and
when; this file joins the two, holds the one timer, and says how the pad is. Each session that was begun ends with
exactly one `SignOutcome`, also when the line goes, when there is none (`device`, at once), and when posd stops in the
middle (`restart`).
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable

from posd.config import PadSection, seconds
from posd.domain.backoff import Backoff
from posd.domain.device import DeviceReport, DeviceState, Drawing, Reason, SignOutcome, SignRequest
from posd.line.bell import Bell
from posd.line.opening import Opener
from posd.line.port import Port, PortAbsent, PortGone, PortRefused
from posd.line.tty import open_tty
from posd.pad.dialogue import Dialogue
from posd.pad.spoken import Dropped, Ended, Lost, Out, Ready, Rules, Say

TURN_S = 5.0
"""The longest single wait: `alive` moves on at least so often."""
OPEN_WITHIN_S = 5.0
UNSENT_MAX = 1024
"""More than all questions that can be open at a time: a line that takes none of it is as good as gone."""

_log = logging.getLogger(__name__)


class SerialPad:
    """One serial pad. `emit` is called on the loop with `DeviceReport` and `SignOutcome`, never from within `begin` or
    `cancel`.
    """

    def __init__(self, section: PadSection, emit: Callable[[DeviceReport | SignOutcome], None]) -> None:
        self._device = section.device
        self._rules = Rules(seconds(section.timeout), section.tries)
        self._emit = emit
        self._loop = asyncio.get_running_loop()
        self._bell = Bell(self._loop.time)
        self._backoff = Backoff()

        def make() -> Port:
            return open_tty(section.device, os.path.realpath(section.device), section.baudrate)

        self._opener = Opener(section.device, make)
        self._port: Port | None = None
        self._dialogue: Dialogue | None = None
        self._ready = False
        self._unsent = bytearray()
        self._reported: DeviceReport | None = None
        self._task: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Own the pad until cancelled or closed; a session that is on then ends with an outcome."""
        self._task = asyncio.current_task()
        while True:
            await self._connection()

    def poke(self) -> None:
        """A device appeared: try now."""
        self._backoff.reset()
        self._bell.ring()

    def alive(self) -> float:
        """Loop time of the last turn; moves on at least every `TURN_S` seconds."""
        return self._bell.turned_s

    async def close(self) -> None:
        """Give the pad back and end `run`; a session that is on ends with an outcome before this returns."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))

    def begin(self, request: SignRequest) -> None:
        """Begin a session; its outcome comes through `emit`. One at a time."""
        dialogue = self._dialogue
        if dialogue is None or not self._ready:
            self._loop.call_soon(self._emit, SignOutcome(request.session, "device"))
            return
        self._soon(dialogue.begin(request.session, request.feature_code, self._loop.time()))

    def cancel(self, session: str) -> None:
        """End `session` as cancelled. Nothing happens if it has ended already."""
        if self._dialogue is not None and self._dialogue.active == session:
            self._soon(self._dialogue.stop("cancelled", self._loop.time()))

    def _soon(self, out: list[Out]) -> None:
        self._loop.call_soon(self._do, out)
        self._bell.ring()

    async def _connection(self) -> None:
        """Open the line and serve it until it is gone; or find that it does not open, and wait."""
        try:
            port = await self._opener.open(OPEN_WITHIN_S)
        except PortAbsent as absent:
            if self._reported is None or self._reported.state != "absent":
                self._report("absent", str(absent))
            await self._bell.wait(self._backoff.next_s())
            return
        except PortRefused as refused:
            if self._reported is None or self._reported.state == "absent":
                self._report("opening", f"{self._device} is opened")
            self._report("faulted", str(refused), "no-answer")
            await self._bell.wait(self._backoff.next_s())
            return
        try:
            await self._serve(port)
        finally:
            self._opener.let_go(port)
        self._report("absent", f"{self._device} is gone. Check the pad's cable.", "unplugged")
        await self._bell.wait(self._backoff.next_s())

    async def _serve(self, port: Port) -> None:
        self._port = port
        self._report("opening", f"{self._device} is asked")
        dialogue = self._dialogue = Dialogue(self._rules)

        def came(data: bytes) -> None:
            self._do(dialogue.feed(data, self._loop.time()))
            self._bell.ring()

        port.start(came, self._writable)
        self._do(dialogue.open(self._loop.time()))
        try:
            while not port.gone:
                due_s = dialogue.deadline_s
                await self._bell.wait(TURN_S if due_s is None else min(max(due_s - self._loop.time(), 0.0), TURN_S))
                self._do(dialogue.tick(self._loop.time()))
        finally:
            self._ready = False
            self._do(dialogue.stop("device" if port.gone else "restart", self._loop.time()))
            self._port = self._dialogue = None
            self._unsent.clear()

    def _do(self, out: list[Out]) -> None:
        for word in out:
            if isinstance(word, Say):
                self._unsent += word.data
            elif isinstance(word, Ended):
                drawing = Drawing("bitmap", word.picture) if word.picture else None
                self._emit(SignOutcome(word.session, word.result, drawing))
            elif isinstance(word, Ready):
                self._is_ready(word)
            elif isinstance(word, Lost):
                self._ready = False
                self._report("faulted", f"the pad on {self._device} does not answer", "no-answer")
            else:
                self._dropped(word)
        self._write()

    def _is_ready(self, word: Ready) -> None:
        self._ready = True
        self._backoff.reset()
        without = ", ".join(f"{code:02X}" for code in word.refused)
        self._report("ready", f"it does without the settings {without}" if without else "")

    def _dropped(self, word: Dropped) -> None:
        _log.warning(
            "the pad held signature %d, which no session can be proven to have made; it was taken out and dropped",
            word.sequence,
        )

    def _writable(self) -> None:
        self._write()
        self._bell.ring()

    def _write(self) -> None:
        port = self._port
        if port is None or not self._unsent:
            return
        try:
            del self._unsent[: port.write(bytes(self._unsent))]
        except PortGone:
            self._bell.ring()
        if len(self._unsent) > UNSENT_MAX:
            _log.warning("the pad on %s takes nothing: what was to be said is dropped", self._device)
            self._unsent.clear()

    def _report(self, state: DeviceState, detail: str, *reasons: Reason) -> None:
        """Tell a change; never twice the same."""
        report = DeviceReport("pad", state, reasons, detail, {"path": self._device} if state == "ready" else {})
        if report != self._reported:
            self._reported = report
            self._emit(report)
