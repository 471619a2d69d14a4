"""A printer on a bench: a model, its line and its paper without processes, without threads and without wall time.

Rules: nothing happens by itself. The host's bytes (`write`), the world's words (`do`, `at`) and time (`advance`,
`settle`) go in; replies (`read`) and papers come out. The clock is a number of seconds that only `advance` and `settle`
move. With the same calls everything comes out the same, line noise included.

    bench = Bench("tm-80", speed=150.0)            # speed None: no mechanical delay
    bench.at("slip+120", "paper-out")              # when 120 bytes behind the next ESC @ have been executed
    bench.at("fence+3", "power-off")               # inside the fence; +0 before it, + its length behind it
    bench.at("received+500", "unplug")             # when 500 more bytes have come in
    bench.write(slip_bytes)                        # gives how many the line took; OSError when unplugged
    bench.settle()                                 # until nothing moves any more, or for ever waits for something
    told = bench.read()                            # replies since the last read
    bench.do("paper-in"); bench.settle()
    for paper in bench.papers:                     # paper.report: text, whole, marks, duplicate, garbage, ...
        print(paper.text, paper.whole, paper.duplicate, paper.garbage, paper.foreign_lines([expected]))
    print(bench.hanging)                           # what is printed and not cut yet

A host that answers what it reads runs in turns: `write`, `advance(0)`, `read`, and where it would wait,
`advance(bench.wait)`. Words are those of `python -m hwsim do` for the printer and its line: all of Printer, `plug`,
`unplug`, `slow`, `noise`. A place is `now+N`, `slip+N`, `fence+N` or `received+N` (see `printer.alarms`).
"""

from __future__ import annotations

import errno
from collections.abc import Callable

from hwsim.faults import change_for, number, place
from hwsim.paper.report import Report, report
from hwsim.printer.machine import Printer
from hwsim.printer.models import Model, model_for
from hwsim.printer.strips import Slip
from hwsim.wire import Flow, FlowControl, Noise, Pace
from hwsim.words import Misuse, check

LINE_BYTES = 4096
"""What a line holds between host and printer: about the kernel's buffer of a serial port."""


class Bench:
    """One printer. `rate` is the line's bytes a second (0: no limit), `line_bytes` what it holds of the host's; the
    printer gets them in portions of `tick_s`.
    """

    def __init__(
        self,
        model: str | Model = "tm-80",
        *,
        speed: float | None = None,
        rate: float = 0.0,
        flow: Flow = "stops",
        line_bytes: int = LINE_BYTES,
        tick_s: float = Pace.TICK_S,
    ) -> None:
        self.printer = Printer(model_for(model) if isinstance(model, str) else model, speed)
        self.now = 0.0
        self.slips: list[Slip] = []
        self._reports: list[Report] = []
        self.plugged = True
        self.overrun = 0
        self._line = bytearray()
        self._line_bytes = line_bytes
        self._told = bytearray()
        self._pace = Pace(tick_s)
        self._pace.rate = rate
        self._flow = FlowControl(flow)
        self._noise_in, self._noise_out = Noise(), Noise()
        self._wake: float | None = None
        self._turning = self._armed = False

    # the host

    def write(self, data: bytes) -> int:
        """Put bytes on the line; returns how many it took. Raises OSError (EIO) while unplugged."""
        self._must_be_plugged()
        taken = 0
        while self.plugged and taken < len(data) and (room := self._line_bytes - len(self._line)):
            self._line += data[taken : taken + room]
            taken += min(room, len(data) - taken)
            self._run()
        return taken

    def read(self) -> bytes:
        """What the printer said since the last call. Raises OSError (EIO) while unplugged and nothing is left."""
        told = bytes(self._told)
        self._told.clear()
        if not told:
            self._must_be_plugged()
        return told

    @property
    def unsent(self) -> int:
        """Bytes that the line took and the printer does not have yet."""
        return len(self._line)

    @property
    def takes(self) -> bool:
        """Whether the line takes a byte now."""
        return self.plugged and len(self._line) < self._line_bytes

    def drop(self) -> int:
        """Drop what is on the line, as a host does; returns how many bytes that were."""
        count = len(self._line)
        self._line.clear()
        return count

    def _must_be_plugged(self) -> None:
        if not self.plugged:
            raise OSError(errno.EIO, "the printer is unplugged")

    # time

    @property
    def wait(self) -> float | None:
        """Seconds until something happens by itself; None if nothing will."""
        line = self._pace.wait() if self._line and self._pace.rate and self.printer.room else None
        own = None if self._wake is None else max(0.0, self._wake - self.now)
        return min((wait for wait in (line, own) if wait is not None), default=None)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        until = self.now + seconds
        if self._armed:
            self._armed = False
            self._run()
        while (wait := self.wait) is not None and self.now + wait <= until:
            self.now += wait
            self._run()
        self.now = until
        if self._line:
            self._run()

    def settle(self, most_s: float = 3600.0) -> None:
        """Let time pass until nothing will happen by itself any more, at most so long."""
        until = self.now + most_s
        self._run()
        while (wait := self.wait) is not None and self.now + wait <= until:
            self.now += wait
            self._run()

    # the world

    def do(self, word: str, *args: object) -> None:
        """Let a word happen now. Raises Misuse for a word that is not about a printer or its line."""
        self._deed(word, [str(arg) for arg in args])()
        self._run()

    def at(self, where: str, word: str, *args: object) -> None:
        """Let a word happen at an exact byte."""
        self.call(where, self._deed(word, [str(arg) for arg in args]))
        self._run()

    def call(self, where: str, deed: Callable[[], None]) -> None:
        """Call `deed` at an exact byte; where that is passed already, when time passes next."""
        mark, offset, received = place(where)
        self.printer.arm(mark, offset, deed, self.now, received=received)
        self._armed = True

    def _deed(self, word: str, args: list[str]) -> Callable[[], None]:
        check(word, args)
        change = change_for(word, args)
        if change is not None:
            return lambda: change(self.printer, self.now)
        if word == "slow":
            rate = number(args[0], "BYTES_PER_SECOND")
            return lambda: setattr(self._pace, "rate", rate)
        if word == "noise":
            loss, flip, seed = (*(number(arg, "chance") for arg in args), 0.0)[:3]
            return lambda: self._disturb(loss, flip, int(seed))
        if word in ("plug", "unplug") and args in ([], ["printer"]):
            return self._plug if word == "plug" else self._unplug
        raise Misuse(f"{word} is nothing for a printer on a bench")

    def _disturb(self, loss: float, flip: float, seed: int) -> None:
        self._noise_in, self._noise_out = Noise(loss, flip, seed), Noise(loss, flip, seed + 1)

    def _plug(self) -> None:
        self.plugged = True

    def _unplug(self) -> None:
        """What is on the line is lost; what the printer has, it prints."""
        self.plugged = False
        self._line.clear()

    # paper

    @property
    def papers(self) -> list[Report]:
        """All that came out, oldest first."""
        self._reports += [report(slip) for slip in self.slips[len(self._reports) :]]
        return list(self._reports)

    @property
    def hanging(self) -> Report | None:
        """The paper that is still in the printer; None if nothing is printed on it."""
        slip = self.printer.mechanism.hanging()
        return None if slip is None else report(slip)

    # inside

    def _run(self) -> None:
        """Carry bytes as far as pace and room allow, and let the printer work."""
        if self._turning:
            return  # a deed at an alarm: the turn that called it goes on anyway
        self._turning = True
        while self._carry():
            pass
        self._turning = False

    def _carry(self) -> bool:
        """One portion; True if there may be more."""
        allowed = min(self._pace.allowance(self.now), len(self._line))
        if not self._line:
            self._pace.quiet()
        room = self.printer.room
        if self._flow.flow == "xonxoff" and allowed and not room and not self.printer.held:
            self.overrun += allowed
            del self._line[:allowed]
            self._pace.took(allowed)
            allowed = 0
        count = min(allowed, room)
        portion = bytes(self._line[:count])
        del self._line[:count]
        self._pace.took(count)
        held = self._turn(self._noise_in.through(portion))
        takes = self.printer.room > 0 or self._flow.flow == "xonxoff"
        return held or bool(self._line and takes and self._pace.allowance(self.now))

    def _turn(self, data: bytes) -> bool:
        """Step the printer; True if an alarm held it."""
        turn = self.printer.step(data, self.now)
        self.slips += turn.slips
        self._wake = turn.wake
        said = turn.reply + self._flow.say(self.printer.free)
        if self.plugged and said:
            self._told += self._noise_out.through(said)
        for deed in turn.alarms:
            deed()
        if turn.alarms:
            self.printer.release(self.now)
        return bool(turn.alarms)
