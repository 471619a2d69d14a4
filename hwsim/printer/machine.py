"""The whole printer as one state machine: `step(bytes, now)` gives replies, slips and the next moment of interest.

Rules: no clock, no I/O. What arrives is looked at once for real-time commands and put into the receive buffer; the
caller never hands over more than `room`, as a device stalls its line when the buffer is full. The interpreter works the
buffer off while fewer than `model.lookahead` items wait for the mechanism and nothing has halted the printer. Mechanism
time runs event by event, so a late call gives the same paper as a punctual one. A muted printer does everything and
answers nothing; a busy one takes no more bytes, prints what it has and answers. Switched off, it has forgotten
everything but facts of the world (paper, cover, jam, heat).

What becomes of a fault is the model's (`models.Recovery`): most printers go on by themselves; some wait for DLE ENQ or
the feed button, some lose their buffer with the cover open. A head that is too hot may cool down by itself, and a
printer that reboots comes back after `model.boot_seconds`: these are due at times of the printer's own.

An alarm (`arm`, see `alarms`) holds the printer at an exact byte, so that the world can let something happen just
there: `step` returns it in `alarms`, and nothing goes on until `release`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from hwsim.printer.alarms import Alarms, Deed, Mark
from hwsim.printer.body import Body, Language
from hwsim.printer.device_commands import EscPos
from hwsim.printer.mechanism import Mechanism
from hwsim.printer.models import Model
from hwsim.printer.star import Star
from hwsim.printer.status import Condition
from hwsim.printer.strips import Cut, Fence, Item, Slip
from hwsim.printer.typesetter import Typesetter

_TEXT = re.compile(rb"[\x20-\x7e]+|\x00+")
_POWER_ON_NOTICE = b"\x3b\x31\x00"
LANGUAGES: dict[str, Callable[[Body], Language]] = {"escpos": EscPos, "star": Star}


@dataclass(frozen=True, slots=True)
class Turn:
    """What one step brought."""

    replies: tuple[tuple[bytes, bool], ...]
    """Bytes to send to the host, in order; True for those that go to every host on a network."""
    slips: tuple[Slip, ...]
    """What came out of the printer."""
    wake: float | None
    """When to step again at the latest; None: only when something happens."""
    alarms: tuple[Deed, ...] = ()
    """What is to happen now; then call `release`."""

    @property
    def reply(self) -> bytes:
        """All bytes to send to a single host."""
        return b"".join(data for data, _ in self.replies)


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
        self.busy = False
        self.received = 0
        self.executed = 0
        self.drawer_kicks = 0
        self._gone_off: list[Deed] = []
        self._held = False
        self._replies: list[tuple[bytes, bool]] = []
        self._slips: list[Slip] = []
        self._now = 0.0
        self._due: list[tuple[float, Callable[[], None]]] = []
        self.setter = Typesetter(model.width_dots, self.put_out)
        self._switch_on()
        self.alarms = Alarms(self.language.fences)

    def _switch_on(self) -> None:
        self._buffer = bytearray()
        self._data = bytearray()
        self.language: Language = LANGUAGES[self.model.language](self)
        self.interpreter = self.language.interpreter

    @property
    def room(self) -> int:
        """Bytes that may be handed over now; fewer than the buffer has room for where an alarm is set."""
        if not self.powered or self.busy or self._held:
            return 0
        before_alarm = self.alarms.room(self.received)
        return self.free if before_alarm is None else min(self.free, before_alarm)

    @property
    def free(self) -> int:
        """Bytes that the receive buffer has room for."""
        return self.model.buffer_bytes - len(self._buffer)

    @property
    def held(self) -> bool:
        """True while an alarm holds it."""
        return self._held

    @property
    def buffered(self) -> int:
        """Bytes that wait in the receive buffer."""
        return len(self._buffer)

    def step(self, data: bytes, now: float) -> Turn:
        """Take bytes that arrived at `now` (not more than `room`) and do all that is due by then."""
        if len(data) > self.room:
            raise ValueError(f"{len(data)} bytes for a buffer with room for {self.room}")
        self._advance(now)
        if data:
            self._receive(data)
            self._advance(now)
        turn = Turn(tuple(self._replies), tuple(self._slips), self._wake(), tuple(self._gone_off))
        self._replies.clear()
        self._slips.clear()
        self._gone_off.clear()
        return turn

    def _wake(self) -> float | None:
        times = [when for when, _ in self._due]
        if self.mechanism.busy and not self._held and self.powered:
            times.append(self.mechanism.busy_until)
        return min(times, default=None)

    def arm(self, mark: Mark, offset: int, deed: Deed, now: float, *, received: bool = False) -> None:
        """Hold at a byte and hand `deed` out; `received` counts bytes that come in, from now only."""
        self._advance(now)
        if received:
            self.alarms.arm_received(self.received + offset, deed)
        elif mark == "now":
            self.alarms.arm(self.executed + offset, deed)
        else:
            self.alarms.seek(mark, offset, deed)

    def release(self, now: float) -> None:
        """Go on after an alarm."""
        self._held = False
        self._now = max(self._now, now)

    # what the world does to it

    def change(self, act: Callable[[Condition], None], now: float) -> None:
        """Let something happen to the printer's condition; hosts that asked for it are told."""
        self._advance(now)
        c, recovery = self.condition, self.model.recovery
        had = replace(c)
        act(c)
        if not c.cover_open:
            c.cover_opened_while_printing = False
        elif not had.cover_open:
            c.cover_opened_while_printing = bool(self.mechanism.queued or self._buffer)
            if recovery.cover_clears:
                self.clear()
        paper_is_back = had.paper_out and not c.paper_out and recovery.paper == "waits"
        cover_is_shut = had.cover_open and not c.cover_open and recovery.cover == "waits"
        c.waiting |= self.powered and (paper_is_back or cover_is_shut)
        self._report()

    def heat(self, now: float, seconds: float | None) -> None:
        """The head gets too hot; it cools down by itself after so many seconds, or not until it is told to."""
        self.change(lambda condition: setattr(condition, "head_hot", True), now)
        if seconds is not None:
            self._later(self._now + seconds, self._set_cool)

    def _set_cool(self) -> None:
        self.condition.head_hot = False
        self._report()

    def press_feed(self, now: float) -> None:
        """A press of the feed button ends a wait for recovery."""
        self._advance(now)
        self.recover(clear=False)

    def mute(self, muted: bool, now: float) -> None:
        """Stop or begin to answer; what became due before is still sent."""
        self._advance(now)
        self.muted = muted

    def jam_cutter(self, now: float, *, at_once: bool = False) -> None:
        """Block the cutter: the next cut finds out, or the sensor does at once."""
        self.change(lambda condition: setattr(condition, "cutter_error", at_once), now)
        self.mechanism.jammed = True

    def clear_jam(self, now: float) -> None:
        """Free the cutter; the cut that was due is made then, or when the printer is told to recover."""
        self.mechanism.jammed = False
        stays = self.model.recovery.cutter == "waits" and self.condition.cutter_error
        self.change(lambda condition: setattr(condition, "cutter_error", stays), now)

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
        self._replies.clear()

    def power_on(self, now: float) -> None:
        """Start afresh: online, and without a defect that is not mechanical."""
        if self.powered:
            return
        self._now = max(self._now, now)
        self.powered = True
        self.busy = False
        c = self.condition
        c.broken = c.offline = c.waiting = c.cutter_error = False
        self._switch_on()
        if self.model.power_on_notice:
            self.reply(_POWER_ON_NOTICE)

    def reboot(self, now: float) -> None:
        """The power fails for a moment; the printer is back after its boot time."""
        self.power_off(now)
        self._later(self._now + self.model.boot_seconds, lambda: self.power_on(self._now))

    # the way of a byte

    def _receive(self, data: bytes) -> None:
        """Buffer the bytes, serving each real-time command when its last byte has come in."""
        self.received += len(data)
        start = 0
        for command in self.language.scan(data):
            self._buffer += data[start : command.end]
            start = command.end
            self.language.serve(command)
        self._buffer += data[start:]

    def _later(self, when: float, act: Callable[[], None]) -> None:
        self._due.append((when, act))
        self._due.sort(key=lambda due: due[0])

    def _advance(self, until: float) -> None:
        """Let interpreter and mechanism work up to a moment, in the order of time; stop where an alarm holds them."""
        now = self._now
        while not self._held:
            if self._due and self._due[0][0] <= min(until, self._next_done()):
                when, act = self._due.pop(0)
                now = self._now = max(now, when)
                act()
            if not self._interpret():
                break
            if self.powered and self.mechanism.start_next(now):
                continue
            self._report()
            item = self.mechanism.finish(min(until, self._due[0][0]) if self._due else until)
            if item is not None:
                now = max(now, self.mechanism.busy_until)
                self._done(item)
            elif not self._due or self._due[0][0] > until:
                break
        self._now = max(self._now, until)

    def _next_done(self) -> float:
        return self.mechanism.busy_until if self.mechanism.busy else float("inf")

    def _interpret(self) -> bool:
        """Execute buffered bytes as far as the print buffer has room; False if an alarm holds the printer."""
        alarms, interpreter, buffer = self.alarms, self.interpreter, self._buffer
        while buffer and not self.condition.halted and self.mechanism.queued < self._lookahead:
            if alarms.seeking and interpreter.idle and not alarms.look(buffer, self.executed):
                break
            text = self._text_ahead() if interpreter.idle else 0
            count = text or min(interpreter.wanted, len(buffer))
            left = alarms.left(self.executed)
            if left is not None:
                count = min(count, left)
            if not count:
                break
            portion = bytes(buffer[:count])
            del buffer[:count]
            self.executed += count
            self._data += portion
            (interpreter.feed_text if text else interpreter.feed)(portion)
            if buffer is not self._buffer:  # a command made the printer begin anew
                return self._interpret()
        deeds = alarms.due(self.executed, self.received)
        if deeds:
            self._gone_off += deeds
            self._held = True
        return not self._held

    def _text_ahead(self) -> int:
        """How many bytes of plain text that fits on the line, or of padding, come next: one by one they do the same."""
        text = _TEXT.match(self._buffer)
        if text is None or not self._buffer[0]:
            return text.end() if text else 0
        return min(text.end(), self.setter.fits)

    def _done(self, item: Item) -> None:
        if isinstance(item, Fence):
            self.language.passed(item)
        elif isinstance(item, Cut):
            slip = self.mechanism.take_slip(item)
            if slip is not None:
                self._slips.append(slip)

    def _report(self) -> None:
        if self.powered:
            self.language.report()

    # what a language may do (see body.Body)

    def put_out(self, item: Item) -> None:
        """Hand an item to the mechanism, with the bytes that made it. Behind nothing a fence is passed at once."""
        if isinstance(item, Fence) and not self.mechanism.queued:
            self.language.passed(item)
            return
        self.mechanism.add(replace(item, data=bytes(self._data), notes=self.interpreter.take_notes()))
        self._data.clear()

    def reply(self, data: bytes, *, to_all: bool = False) -> None:
        """Send bytes to the host, unless the printer is muted."""
        if data and not self.muted:
            self._replies.append((data, to_all))

    def clear(self) -> None:
        """Clear the receive and print buffers; what is on paper stays there."""
        self._buffer.clear()
        self.mechanism.clear()
        self.setter.drop_line()
        self.interpreter.restart()
        self._data.clear()

    def recover(self, *, clear: bool) -> None:
        """Go on after a fault whose cause is gone, with what waits or without it; nothing happens without a fault."""
        if clear and self.condition.halted:
            self.clear()
        self.condition.waiting = False
        if not self.mechanism.jammed:
            self.condition.cutter_error = False
        self._report()

    def restart(self) -> None:
        """Begin anew, as when switched on."""
        self.mechanism.clear()
        self._switch_on()

    def kick_drawer(self) -> None:
        """Open the drawer."""
        self.drawer_kicks += 1

    def forget(self, count: int) -> None:
        """Take the last executed bytes out of the slip's: they were a real-time command."""
        del self._data[-count:]
