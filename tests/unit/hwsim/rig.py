"""A printer on a bench: takes bytes of any length, keeps replies and slips, and can be driven through time."""

from __future__ import annotations

from hwsim.paper.text import slip_text
from hwsim.printer.machine import Printer
from hwsim.printer.models import model_for
from hwsim.printer.status import Condition
from hwsim.printer.strips import Slip

CUT = b"\x1dVB\x00"
INIT = b"\x1b@"
ASK_PAPER = b"\x1dr1"


def process_id(name: str) -> bytes:
    """GS ( H fn 48 with a process id of four characters."""
    return b"\x1d(H\x06\x0000" + name.encode()


class Rig:
    """`speed` None: no mechanical delay. `reply` and `slips` collect everything; `now` is the rig's clock."""

    def __init__(self, model: str = "tm-80", *, speed: float | None = None, paper_mm: int | None = None) -> None:
        self.printer = Printer(model_for(model, paper_mm), speed)
        self.now = 100.0
        self.reply = b""
        self.slips: list[Slip] = []
        self.line = b""
        self.wake: float | None = None

    def send(self, data: bytes) -> bytes:
        """Put bytes on the line and step once; returns the replies that this brought. What does not fit waits."""
        self.line += data
        before = len(self.reply)
        self._step()
        return self.reply[before:]

    def _step(self) -> None:
        while True:
            room = self.printer.room
            portion, self.line = self.line[:room], self.line[room:]
            turn = self.printer.step(portion, self.now)
            self.reply += turn.reply
            self.slips += turn.slips
            self.wake = turn.wake
            for deed in turn.alarms:
                deed()
            if turn.alarms:
                self.printer.release(self.now)
            elif not portion or not self.printer.room:
                return

    def at(self, now: float) -> bytes:
        """Let time pass, waking the printer whenever it wants; returns the replies that this brought."""
        before = len(self.reply)
        while self.wake is not None and self.wake <= now:
            self.now = max(self.now, self.wake)
            self._step()
        self.now = now
        self._step()
        return self.reply[before:]

    def fault(self, **fields: bool) -> bytes:
        """Set fields of the condition, such as `paper_out=True`; returns the replies that this brought."""

        before = len(self.reply)
        self.set(**fields)
        self._step()
        return self.reply[before:]

    def set(self, **fields: bool) -> None:
        """Set fields of the condition and no more, as an alarm's deed does."""

        def act(condition: Condition) -> None:
            for name, value in fields.items():
                assert hasattr(condition, name)
                setattr(condition, name, value)

        self.printer.change(act, self.now)

    @property
    def texts(self) -> list[str]:
        """The text of each slip that came out."""
        return [slip_text(slip) for slip in self.slips]

    def print_text(self, data: bytes) -> str:
        """Print on a fresh slip, cut, and return its text; every command must have been known and accepted."""
        self.send(data + b"\n" + CUT)
        interpreter = self.printer.interpreter
        assert not interpreter.unknown
        assert not interpreter.refused
        return self.texts[-1]
