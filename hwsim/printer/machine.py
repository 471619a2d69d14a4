"""The whole printer as one state machine: `step(bytes, now)` gives replies, slips and the next moment of interest.

Rules: no clock, no I/O. What arrives is looked at once for real-time commands and put into the receive buffer; the
caller never hands over more than `room`, as a device stalls its line when the buffer is full. The interpreter works the
buffer off while fewer than `model.lookahead` items wait for the mechanism and nothing has halted the printer. Mechanism
time runs event by event, so a late call gives the same paper as a punctual one. A muted printer does everything and
answers nothing. Switched off, it has forgotten everything but facts of the world (paper, cover, jam, heat).

An alarm (`arm`) holds the printer after an exact number of executed bytes, so that the world can let something happen
just there: `step` returns it in `alarms`, and nothing goes on until `release`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from hwsim.printer.device_commands import DEVICE
from hwsim.printer.graphics_commands import GRAPHICS
from hwsim.printer.interpreter import Interpreter
from hwsim.printer.mechanism import Mechanism
from hwsim.printer.models import Model
from hwsim.printer.realtime import CLEAR_SEQUENCE, DC4, ENQ, EOT, RealTime, Scanner
from hwsim.printer.status import (
    Condition,
    automatic_status,
    drawer_status,
    paper_status,
    real_time_status,
    status_changed,
)
from hwsim.printer.strips import Cut, Fence, Item, Slip
from hwsim.printer.text_commands import TEXT
from hwsim.printer.typesetter import Typesetter

Deed = Callable[[], None]
"""What an alarm lets happen, carried out by whoever called `step`."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one step brought."""

    reply: bytes
    """Bytes to send to the host."""
    slips: tuple[Slip, ...]
    """What came out of the printer."""
    wake: float | None
    """When to step again at the latest; None: only when something happens."""
    alarms: tuple[Deed, ...] = ()
    """What is to happen now; then call `release`."""


class Printer:
    """One printer. `speed` is millimetres a second, None for no mechanical delay."""

    def __init__(self, model: Model, speed: float | None) -> None:
        self.model = model
        self.condition = Condition()
        self.mechanism = Mechanism(model, self.condition, speed)
        # A mechanism without delay is never behind.
        self._lookahead = 1 if speed is None else model.lookahead
        self.powered = True
        self.muted = False
        self.received = 0
        self.executed = 0
        self.drawer_kicks = 0
        self._alarms: list[tuple[int, Deed]] = []
        self._gone_off: list[Deed] = []
        self._held = False
        self._reply = bytearray()
        self._slips: list[Slip] = []
        self._now = 0.0
        self._switch_on()

    def _switch_on(self) -> None:
        self._buffer: deque[int] = deque()
        self._scanner = Scanner()
        self._setter = Typesetter(self.model.width_dots, self._put_out)
        self._setter.reset(kanji=self.model.kanji_at_start)
        self.interpreter = Interpreter(TEXT | DEVICE | GRAPHICS, self._setter, self)
        self._data = bytearray()
        self._watched = 0
        self._reported = b""

    @property
    def room(self) -> int:
        """Bytes that may be handed over now."""
        return self.model.buffer_bytes - len(self._buffer) if self.powered else 0

    @property
    def buffered(self) -> int:
        """Bytes that wait in the receive buffer."""
        return len(self._buffer)

    def step(self, data: bytes, now: float) -> Turn:
        """Take bytes that arrived at `now` (not more than `room`) and do all that is due by then."""
        if len(data) > self.room:
            raise ValueError(f"{len(data)} bytes for a buffer with room for {self.room}")
        self._advance(now)
        self._receive(data)
        self._advance(now)
        turn = Turn(
            bytes(self._reply),
            tuple(self._slips),
            self.mechanism.busy_until if self.mechanism.busy and not self._held else None,
            tuple(self._gone_off),
        )
        self._reply.clear()
        self._slips.clear()
        self._gone_off.clear()
        return turn

    def arm(self, after_bytes: int, deed: Deed, now: float) -> None:
        """Hold when so many more bytes have been executed and hand `deed` out."""
        self._advance(now)
        self._alarms.append((self.executed + after_bytes, deed))
        self._alarms.sort(key=lambda alarm: alarm[0])

    def release(self, now: float) -> None:
        """Go on after an alarm."""
        self._held = False
        self._now = max(self._now, now)

    def change(self, act: Callable[[Condition], None], now: float) -> None:
        """Let something happen to the printer's condition; hosts that asked for it are told."""
        self._advance(now)
        was_open = self.condition.cover_open
        act(self.condition)
        if not self.condition.cover_open:
            self.condition.cover_opened_while_printing = False
        elif not was_open:
            self.condition.cover_opened_while_printing = bool(self.mechanism.queued or self._buffer)
        self._report_status()

    def mute(self, muted: bool, now: float) -> None:
        """Stop or begin to answer; what became due before is still sent."""
        self._advance(now)
        self.muted = muted

    def jam_cutter(self, now: float, *, at_once: bool = False) -> None:
        """Block the cutter: the next cut finds out, or the sensor does at once."""
        self.change(lambda condition: setattr(condition, "cutter_error", at_once), now)
        self.mechanism.jammed = True

    def clear_jam(self, now: float) -> None:
        """Free the cutter; the cut that was due is made then."""
        self.mechanism.jammed = False
        self.change(lambda condition: setattr(condition, "cutter_error", False), now)

    def power_off(self, now: float) -> None:
        """Everything in its memory is lost; what was printed is torn off as a slip of its own."""
        if not self.powered:
            return
        self._advance(now)
        self.powered = False
        slip = self.mechanism.tear()
        if slip is not None:
            self._slips.append(slip)
        self._buffer.clear()
        self._reply.clear()

    def power_on(self, now: float) -> None:
        """Start afresh: online, and without a defect that is not mechanical."""
        if self.powered:
            return
        self._now = max(self._now, now)
        self.powered = True
        self.condition.broken = self.condition.offline = False
        self._switch_on()

    # the way of a byte

    def _receive(self, data: bytes) -> None:
        """Buffer the bytes, serving each real-time command when its last byte has come in."""
        self.received += len(data)
        start = 0
        for command in self._scanner.feed(data):
            self._buffer.extend(data[start : command.end])
            start = command.end
            self._real_time(command)
        self._buffer.extend(data[start:])

    def _real_time(self, command: RealTime) -> None:
        n = command.args[0]
        if command.code == EOT:
            self.reply(real_time_status(self.model, self.condition, n))
        elif command.code == ENQ and n == 2 and self.condition.halted:
            self._clear()
        elif command.code == DC4 and n == 1:
            self.kick_drawer()
        elif command.code == DC4 and n == 8 and command.args[1:] == CLEAR_SEQUENCE:
            self._clear()
            self.reply(b"\x37\x25\x00")

    def _clear(self) -> None:
        """Clear the receive and print buffers; what is on paper stays there."""
        self._buffer.clear()
        self.mechanism.clear()
        self._setter.drop_line()
        self.interpreter.restart()
        self._data.clear()

    def _advance(self, until: float) -> None:
        """Let interpreter and mechanism work up to a moment, in the order of time; stop where an alarm holds them."""
        now = self._now
        while self.powered and not self._held:
            if not self._interpret():
                break
            if self.mechanism.start_next(now):
                continue
            self._report_status()
            item = self.mechanism.finish(until)
            if item is None:
                break
            now = max(now, self.mechanism.busy_until)
            self._done(item)
        self._now = max(self._now, until)

    def _interpret(self) -> bool:
        """Execute buffered bytes as far as the print buffer has room; False if an alarm holds the printer."""
        while self._buffer and not self.condition.halted and self.mechanism.queued < self._lookahead:
            if self._alarms and self._alarms[0][0] <= self.executed:
                break
            byte = self._buffer.popleft()
            self.executed += 1
            self._data.append(byte)
            self.interpreter.feed(byte)
        while self._alarms and self._alarms[0][0] <= self.executed:
            self._gone_off.append(self._alarms.pop(0)[1])
            self._held = True
        return not self._held

    def _done(self, item: Item) -> None:
        if isinstance(item, Fence):
            self.reply(item.reply)
        elif isinstance(item, Cut):
            slip = self.mechanism.take_slip(item)
            if slip is not None:
                self._slips.append(slip)

    def _put_out(self, item: Item) -> None:
        self.mechanism.add(replace(item, data=bytes(self._data)))
        self._data.clear()

    def _report_status(self) -> None:
        """Send the automatic status if something changed that a host asked for."""
        status = automatic_status(self.model, self.condition)
        if self.powered and self._watched and status_changed(self._reported, status, self._watched):
            self.reply(status)
            self._reported = status

    # what commands do (see interpreter.Device)

    def reply(self, data: bytes) -> None:
        """Send bytes to the host, unless the printer is muted."""
        if not self.muted:
            self._reply += data

    def fence(self, process_id: bytes) -> None:
        """Answer with this id when everything before it is on paper."""
        if self.model.has_process_id:
            self._put_out(Fence(b"\x37\x22" + process_id + b"\x00"))

    def cut(self, *, partial: bool, feed: int) -> None:
        """Cut, fed by `feed` dots past the cutter (-1: without feeding)."""
        self._put_out(Cut(partial, feed))

    def watch_status(self, wanted: int) -> None:
        """Report changes of these kinds from now on, and the present status at once; 0 ends it."""
        if self.model.has_asb:
            self._watched = wanted
            if wanted:
                self._reported = automatic_status(self.model, self.condition)
                self.reply(self._reported)

    def kick_drawer(self) -> None:
        """Open the drawer."""
        self.drawer_kicks += 1

    def reset(self) -> None:
        """ESC @: settings and the unfinished line are gone, and nobody is told of changes any more."""
        self._setter.reset(kanji=self.model.kanji_at_start)
        self.interpreter.graphics = None
        self._watched = 0

    def status_reply(self, n: int) -> bytes:
        """The answer to GS r n, empty for an n that is not known."""
        if n == 1:
            return paper_status(self.model, self.condition)
        return drawer_status(self.model) if n == 2 else b""

    def identity(self, n: int) -> bytes:
        """The answer to GS I n, empty for an n that is not known."""
        numbers = {1: 0x20, 2: 0x03 if self.model.kanji_at_start else 0x02, 3: 0x01}
        if n in numbers:
            return bytes([numbers[n]])
        texts = {
            65: "1.00 ESC/POS",
            66: self.model.maker,
            67: self.model.product,
            68: "SIM0000001",
            69: "CHINESE GB18030",
        }
        return b"\x5f" + texts[n].encode("ascii") + b"\x00" if n in texts else b""

    def forget(self, count: int) -> None:
        """Take the last executed bytes out of the slip's: they were a real-time command."""
        del self._data[-count:]
