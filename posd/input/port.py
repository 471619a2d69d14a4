"""Keeps one input device open through its comings and goings, and hands out its frames.

How it works: `run` opens the node (in a thread: importing evdev and asking a node take time), throws away what is older
than the opening, checks that it is a device of the right kind, registers the descriptor with the loop and then only
sleeps. Bytes are read by the loop's reader callback, a bounded number a turn. When the device goes (ENODEV, end of
file), the callback closes it, tells the listener, and wakes `run`, which tries again by back-off; `poke` makes it try
now.

Reports: `absent -> opening -> ready`; `faulted` where the device is there and cannot be used, which is then retried
silently. A FIFO that nobody holds at the other end is `opening`. The listener hears of frames only between `opened` and
`lost`, and a device is `ready` only after `opened`: whatever is done after the report counts.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Protocol

from posd.domain.backoff import Backoff
from posd.domain.device import DeviceName, DeviceReport, DeviceState, Reason
from posd.input.events import Axis, Frame, Framer
from posd.input.node import Node, NodeAbsent, NodeRefused
from posd.input.opening import Opening

TICK_S = 5.0
"""How often `alive` moves on while nothing happens: whoever watches it must allow several of these."""
OPEN_WITHIN_S = 5.0
_READS_A_TURN = 4
_READS_A_DRAIN = 64

_log = logging.getLogger(__name__)


class Listener(Protocol):
    """What a room does with its device. All calls come from the loop's thread."""

    def complaint(self, node: Node) -> str | None:
        """Why this device does not serve this room, or None."""
        ...

    def opened(self, node: Node) -> None:
        """The device is there; nothing is known of what pen and keys did before."""
        ...

    def frames(self, frames: list[Frame]) -> None:
        """What the device did, in order; never empty."""
        ...

    def lost(self) -> None:
        """The device has gone; follows each `opened` once."""
        ...


class InputPort:
    """One input device by its path. `fifo_axes`: the axes to believe of a FIFO; `lights`: its lights will be set."""

    def __init__(
        self,
        device: DeviceName,
        path: str,
        listener: Listener,
        emit: Callable[[DeviceReport], None],
        fifo_axes: Mapping[int, Axis],
        lights: bool = False,
    ) -> None:
        self._device = device
        self._path = path
        self._listener = listener
        self._emit = emit
        self._fifo_axes = fifo_axes
        self._lights = lights
        self._backoff = Backoff()
        self._wake = asyncio.Event()
        self._node: Node | None = None
        self._framer: Framer | None = None
        self._reported: DeviceReport | None = None
        self._alive_s = 0.0
        self._closed = False
        self._just_gone = False

    @property
    def ready(self) -> bool:
        """Whether the device is open and answers."""
        return self._reported is not None and self._reported.state == "ready"

    def alive(self) -> float:
        """Loop time of the last turn."""
        return self._alive_s

    def poke(self) -> None:
        """Something appeared: try now, and soon again."""
        self._backoff.reset()
        self._wake.set()

    async def run(self) -> None:
        """Own the device until cancelled or closed. Never raises for a fault of the device."""
        loop = asyncio.get_running_loop()
        try:
            while not self._closed:
                self._alive_s = loop.time()
                self._wake.clear()
                if self._node is None:
                    await self._open()
                elif self._node.waiting:
                    self._look_for_a_writer(self._node)
                await self._sleep(TICK_S if self.ready else self._backoff.next_s())
                if self._just_gone:
                    self._just_gone = False
                    self._wake.clear()
                    await self._sleep(self._backoff.next_s())
        finally:
            self._let_go()

    async def close(self) -> None:
        """Give the device back and end `run`."""
        self._closed = True
        self._wake.set()
        self._let_go()

    def drain(self) -> None:
        """Hand out now what has arrived and was not read yet. Reports nothing: a loss is met again by the loop."""
        if self.ready:
            with suppress(NodeAbsent):
                self._read(_READS_A_DRAIN)

    def light(self, code: int, on: bool) -> None:
        """Set one of the device's lights; nothing happens where there is none or no device."""
        if self._node is None or code not in self._node.lights:
            return
        try:
            self._node.light(code, on)
        except NodeAbsent as gone:
            self._gone(str(gone))

    async def _sleep(self, delay_s: float) -> None:
        try:
            async with asyncio.timeout(delay_s):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _open(self) -> None:
        try:
            node = await self._opened_in_a_thread()
        except NodeAbsent as absent:
            self._report("absent", str(absent), ("unplugged",))
            return
        except NodeRefused as refused:
            self._fault(str(refused))
            return
        if self._closed:
            node.close()
            return
        complaint = self._listener.complaint(node)
        if complaint is not None:
            node.close()
            self._fault(f"{self._path} {complaint}")
            return
        self._adopt(node)

    async def _opened_in_a_thread(self) -> Node:
        """The node; says so when it takes long, and leaves no open descriptor behind when it is not waited for."""
        opening = Opening()
        thread = asyncio.ensure_future(
            asyncio.to_thread(opening.open, self._path, self._fifo_axes, self._lights),
        )
        try:
            while not (await asyncio.wait({thread}, timeout=OPEN_WITHIN_S))[0]:
                self._alive_s = asyncio.get_running_loop().time()
                self._fault(
                    f"{self._path} did not open within {OPEN_WITHIN_S:g} s and is waited for. Plug it in again."
                )
        except asyncio.CancelledError:
            opening.abandon()
            raise
        thread.result()
        return opening.take()

    def _adopt(self, node: Node) -> None:
        self._node = node
        self._framer = Framer(node.record)
        self._framer.skip(node.backlog)
        if node.backlog:
            _log.info("%s: %d bytes that were older than this start were dropped", self._path, len(node.backlog))
        self._listener.opened(node)
        asyncio.get_running_loop().add_reader(node.fd, self._readable)
        if node.waiting:
            self._report("opening", f"{self._path} has no writer yet.")
        else:
            self._be_ready(node)

    def _be_ready(self, node: Node) -> None:
        self._backoff.reset()
        if self._reported is None or self._reported.state == "absent":
            self._report("opening", f"{self._path} is there.")
        self._report("ready", "", info={"path": node.path, "kind": node.kind, "name": node.name})

    def _look_for_a_writer(self, node: Node) -> None:
        with suppress(NodeAbsent):
            self._hand_out(node, node.read())

    def _readable(self) -> None:
        try:
            self._read(_READS_A_TURN)
        except NodeAbsent as gone:
            self._gone(str(gone))

    def _read(self, times: int) -> None:
        node = self._node
        for _ in range(times):
            if node is None or node is not self._node:
                return
            data = node.read()
            self._hand_out(node, data)
            if data is None:
                return

    def _hand_out(self, node: Node, data: bytes | None) -> None:
        if not self.ready:
            self._be_ready(node)
        if data is None or self._framer is None:
            return
        frames = self._framer.feed(data)
        gone: NodeAbsent | None = None
        for place, frame in enumerate(frames):
            if frame.loss == "ends" and gone is None:
                try:
                    frames[place] = frame._replace(state=node.state())
                except NodeAbsent as absent:
                    gone = absent
        if frames:
            self._listener.frames(frames)
        if gone is not None:
            raise gone

    def _gone(self, detail: str) -> None:
        self._let_go()
        self._report("absent", detail, ("unplugged",))
        self._just_gone = True
        self._wake.set()

    def _let_go(self) -> None:
        node, self._node, self._framer = self._node, None, None
        if node is not None:
            asyncio.get_running_loop().remove_reader(node.fd)
            node.close()
            self._listener.lost()

    def _fault(self, detail: str) -> None:
        if self._reported is None or self._reported.state == "absent":
            self._report("opening", f"{self._path} is there.")
        self._report("faulted", detail, ("no-answer",))

    def _report(
        self, state: DeviceState, detail: str, reasons: tuple[Reason, ...] = (), info: dict[str, str] | None = None
    ) -> None:
        report = DeviceReport(self._device, state, reasons, detail, info or {})
        if report != self._reported:
            self._reported = report
            self._emit(report)
