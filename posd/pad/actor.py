"""The pad's actor: owns the pad's device, runs one signing session at a time, speaks the domain's messages.

How it works: the port (posd/input) keeps the device open and hands over frames; the assembler makes pen and presses of
them, the signing machine decides. This file only joins them and holds the one timer. Before a session begins, what the
device has already sent is read, so that nothing drawn before belongs to it. Each session that was begun ends with
exactly one `SignOutcome`, also when the pad is unplugged (`device`), when there is none (`device`, at once), and when
posd stops in the middle (`restart`, with the ink so far). Ink is coded in a thread, since the loop would wait for it.

Live: while somebody watches, what is drawn is shown every `LIVE_S`, at most `LIVE_POINTS_MAX` points at a time; the
rest comes with the next.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from posd.config import ConfigError, PadSection
from posd.domain.device import DeviceReport, Drawing, LiveInk, SignOutcome, SignRequest
from posd.input.events import Frame
from posd.input.keys import UnknownKey, code_of
from posd.input.node import Node
from posd.input.port import InputPort
from posd.pad.assemble import Assembler, Button, Palm, Pen
from posd.pad.evdev import axes_fault, axes_of, contact_of, fifo_axes, pad_fault, tells_pen
from posd.pad.session import End, Rules, Signing
from posd.pad.strokes import encode
from posd.pad.turned import Turning

LIVE_S = 0.05
LIVE_POINTS_MAX = 500

_log = logging.getLogger(__name__)


class PadActor:
    """One signature pad. `emit` is called on the loop with `DeviceReport` and `SignOutcome`, never from within `begin`
    or `cancel`; `show` with the transaction and what is being drawn while `watched` says that somebody looks.

    ConfigError for axes or keys that cannot be.
    """

    def __init__(
        self,
        section: PadSection,
        emit: Callable[[DeviceReport | SignOutcome], None],
        watched: Callable[[], bool] = lambda: False,
        show: Callable[[str, LiveInk], None] = lambda _transaction, _ink: None,
    ) -> None:
        fault = axes_fault(section.axes)
        if fault is not None:
            raise ConfigError(fault)
        self._buttons = _buttons(section)
        self._emit = emit
        self._watched, self._show = watched, show
        self._transaction = ""
        self._turning = Turning(section.rotate, section.mirror)
        self._fingers = section.fingers
        self._palm = Palm(section.palm_width, section.palm_pressure)
        self._signing = Signing(Rules.configured(section))
        self._assembler: Assembler | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._live: asyncio.TimerHandle | None = None
        self._coding: asyncio.Task[None] | None = None
        self._behind: list[DeviceReport] = []
        self._port = InputPort("pad", section.device, self, self._report, fifo_axes(section.axes))

    async def run(self) -> None:
        """Own the pad until cancelled or closed; a session that is on then ends with an outcome."""
        await self._port.run()

    def poke(self) -> None:
        """A device appeared: try now."""
        self._port.poke()

    def alive(self) -> float:
        """Loop time of the last turn; moves on at least every `posd.input.port.TICK_S` seconds."""
        return self._port.alive()

    async def close(self) -> None:
        """Give the pad back and end `run`; a session that is on ends with an outcome before this returns."""
        self._finish(self._signing.stop("restart"))
        await self._port.close()
        if self._coding is not None:
            await asyncio.wait({self._coding})

    def begin(self, request: SignRequest) -> None:
        """Begin a session; its outcome comes through `emit`. One at a time."""
        assert self._signing.active is None, f"session {request.session} begins while {self._signing.active} is on"
        self._port.drain()
        loop = asyncio.get_running_loop()
        if self._assembler is None or not self._port.ready:
            loop.call_soon(self._emit, SignOutcome(request.session, "device"))
            return
        self._transaction = request.transaction
        self._signing.begin(request.session, self._assembler.extents, self._assembler.contact_possible, loop.time())
        self._keep_time()

    def cancel(self, session: str) -> None:
        """End `session` as cancelled. Nothing happens if it has ended already: its outcome is then on the way or was
        given.
        """
        if self._signing.active == session:
            end = self._signing.stop("cancelled")
            assert end is not None
            asyncio.get_running_loop().call_soon(self._finish, end)

    def complaint(self, node: Node) -> str | None:
        """Port: whether this is a pad."""
        return pad_fault(node)

    def opened(self, node: Node) -> None:
        """Port: the pad is there."""
        contact = contact_of(node)
        assert contact is not None, "a pad that was found good tells when it is touched"
        pen_only = tells_pen(node) and not self._fingers
        axes = axes_of(node)
        self._assembler = Assembler(axes, contact, self._buttons, self._turning, pen_only=pen_only, palm=self._palm)
        state = node.state()
        if state is not None:
            self._assembler.prime(state)

    def frames(self, frames: list[Frame]) -> None:
        """Port: what the pad sent."""
        assert self._assembler is not None
        now_s = asyncio.get_running_loop().time()
        for frame in frames:
            if frame.loss == "begins":
                _log.warning("the pad's events came faster than they were read; some are lost")
            for happening in self._assembler.feed(frame):
                if isinstance(happening, Pen):
                    self._signing.pen(happening, now_s)
                    continue
                if self._watched():
                    self._show_live()
                self._finish(self._signing.press(happening.button, now_s))
        if self._live is None and self._watched():
            self._live = asyncio.get_running_loop().call_later(LIVE_S, self._show_live)

    def lost(self) -> None:
        """Port: the pad has gone."""
        self._assembler = None
        self._finish(self._signing.stop("device"))

    def _finish(self, end: End | None) -> None:
        if end is None:
            return
        if self._timer is not None and self._signing.active is None:
            self._timer.cancel()
            self._timer = None
        if end.result == "blank":
            _log.info("session %s: the last try was refused as %s", end.session, end.refused)
        assert self._coding is None, f"{end.session} ends before the session in front of it is told"
        if end.ink.strokes:
            self._coding = asyncio.get_running_loop().create_task(self._coded(end))
        else:
            self._tell(end, None)

    async def _coded(self, end: End) -> None:
        data = await asyncio.to_thread(encode, end.ink)
        self._coding = None
        self._tell(end, Drawing("strokes", data))
        behind, self._behind = self._behind, []
        for report in behind:
            self._emit(report)

    def _report(self, report: DeviceReport) -> None:
        """Port: how the pad is. A session's end is told first."""
        if self._coding is None:
            self._emit(report)
        else:
            self._behind.append(report)

    def _tell(self, end: End, drawing: Drawing | None) -> None:
        self._emit(SignOutcome(end.session, end.result, drawing, end.refused))

    def _show_live(self) -> None:
        """Show what was drawn since the last time; go on while there is more."""
        if self._live is not None:
            self._live.cancel()
            self._live = None
        news = self._signing.news(LIVE_POINTS_MAX)
        if news is not None:
            self._show(self._transaction, news)
            self._live = asyncio.get_running_loop().call_later(LIVE_S, self._show_live)

    def _keep_time(self) -> None:
        """Sleep until the session's deadline as it stands; when the customer did something meanwhile, sleep on."""
        self._timer = None
        loop = asyncio.get_running_loop()
        end = self._signing.expire(loop.time())
        if end is not None:
            self._finish(end)
        elif self._signing.deadline_s is not None:
            self._timer = loop.call_at(self._signing.deadline_s, self._keep_time)


def _buttons(section: PadSection) -> dict[int, Button]:
    """Code -> what it does. ConfigError for a name that no key has, or one key for two things."""
    buttons: dict[int, Button] = {}
    named: tuple[tuple[Button, str], ...] = (
        ("confirm", section.confirm),
        ("clear", section.clear),
        ("cancel", section.cancel),
    )
    for button, name in named:
        try:
            code = code_of(name)
        except UnknownKey as unknown:
            raise ConfigError(f"pad.{button}: {unknown}") from unknown
        if code in buttons:
            raise ConfigError(f"pad.{button}: {name} is already pad.{buttons[code]}; each needs a key of its own")
        buttons[code] = button
    return buttons
