"""A serial pad and who signs on it, in the test's own time.

`SerialTalk` is posd's dialogue, the simulator's pad without I/O, and the line between, which loses and breaks frames.
`WiredPad` is what the desk sees of them.
"""

from __future__ import annotations

from typing import Literal

from hwsim.pad.bitmap import picture
from hwsim.pad.hand import Sample
from hwsim.pad.serial import SerialPad
from posd.domain.device import DeviceReport, DeviceState, Drawing, Reason, SignOutcome, SignRequest
from posd.pad import spoken as say
from posd.pad.dialogue import Dialogue
from posd.pad.frames import Framer
from posd.pad.spoken import Ended, Lost, Out, Ready, Say
from tests.property.evdev_world import TIMEOUT_S, TRIES, Button, Emit, Owner

TURNS_MAX = 2_000
NEVER_S = 1e9


class SerialTalk:
    """A line with a pad at its end. `ended` and `ready` are what came of it."""

    def __init__(self, *, memory: bool = True) -> None:
        self.now_s = 100.0
        self.pad = SerialPad(memory=memory)
        self.pad_wakes_s = NEVER_S
        self.asked_for: str | None = None
        self.drawn_for: dict[bytes, str | None] = {}
        self.ended: list[Ended] = []
        self.lose_out = self.lose_in = 0
        self.spoil_in = False
        self.open_line()

    @property
    def sound(self) -> bool:
        """Whether nothing is about to get lost."""
        return not (self.lose_out or self.lose_in or self.spoil_in)

    def open_line(self) -> None:
        self.ready = False
        self.framer = Framer()
        self.dialogue = Dialogue(say.Rules(TIMEOUT_S, TRIES))
        self.do(self.dialogue.open(self.now_s))

    def do(self, out: list[Out]) -> None:
        """Carry what the host says to the pad, and its answers back, until both are still."""
        for _ in range(TURNS_MAX):
            heard = b""
            for word in out:
                if isinstance(word, Say):
                    heard += self.to_the_pad(word.data)
                elif isinstance(word, Ended):
                    self.ended.append(word)
                elif isinstance(word, Ready | Lost):
                    self.ready = isinstance(word, Ready)
            if not heard:
                return
            out = self.dialogue.feed(heard, self.now_s)
        raise AssertionError("host and pad never stop talking")

    def to_the_pad(self, data: bytes) -> bytes:
        if self.lose_out:
            self.lose_out -= 1
            return b""
        for message in self.framer.feed(data, self.now_s):
            if message[0] == say.SIGN and not self.pad.booting:
                self.asked_for = self.dialogue.active
        return self.from_the_pad(data)

    def from_the_pad(self, data: bytes = b"") -> bytes:
        said, wakes_s = self.pad.step(data, self.now_s)
        self.pad_wakes_s = NEVER_S if wakes_s is None else wakes_s
        if said and self.lose_in:
            self.lose_in -= 1
            return b""
        if said and self.spoil_in:
            self.spoil_in = False
            return said[: len(said) // 2] + bytes([said[len(said) // 2] ^ 1]) + said[len(said) // 2 + 1 :]
        return said

    def let_time_pass(self, seconds: float) -> None:
        end_s = self.now_s + seconds
        for _ in range(TURNS_MAX):
            due_s = self.dialogue.deadline_s or NEVER_S
            self.now_s = max(self.now_s, min(due_s, self.pad_wakes_s, end_s))
            heard = self.from_the_pad()
            if heard:
                self.do(self.dialogue.feed(heard, self.now_s))
            if due_s <= self.now_s:
                self.do(self.dialogue.tick(self.now_s))
            if self.now_s >= end_s:
                return
        raise AssertionError("time stands still")

    def draw(self) -> bytes:
        """The customer signs, for whom the pad has asked him, and confirms. Each signature looks different."""
        number = len(self.drawn_for) + 1
        line = [[Sample(at / 200, 20 + 40 * at, 30 * number, 500) for at in range(number + 3)]]
        drawn = picture(line, self.pad.settings.width, self.pad.settings.height, self.pad.settings.pen)
        assert drawn not in self.drawn_for, "two signatures look alike: the test shows nothing"
        self.drawn_for[drawn] = self.asked_for
        self.pad.act(line, "confirm", self.now_s)
        return drawn

    def open_again(self, result: Literal["device", "restart"]) -> None:
        """The line goes and comes back, or posd stops in good order: the pad may go on asking its customer."""
        self.do(self.dialogue.stop(result, self.now_s))
        self.open_line()


class WiredPad(SerialTalk):
    """A serial pad as the desk sees it, joined as posd/pad/serial.py joins it. It has a power supply of its own: with
    the cable pulled or posd dead it goes on asking its customer.
    """

    def __init__(self, emit: Emit, *, memory: bool) -> None:
        self._emit = emit
        self._sale: dict[str, str] = {}
        self._told: DeviceState | None = None
        self._late = b""
        self.plugged = True
        self.confirmed: dict[Owner, bytes] = {}
        super().__init__(memory=memory)
        self._flush()

    @property
    def asks(self) -> bool:
        """Whether a customer is asked to sign."""
        return self.pad.signing

    def begin(self, request: SignRequest) -> None:
        if not (self.plugged and self.ready):
            self._emit(SignOutcome(request.session, "device"))
            return
        self._sale[request.session] = request.transaction
        asked = self.dialogue.begin(request.session, request.feature_code, self.now_s)
        late, self._late = self._late, b""
        self.do(self.dialogue.feed(late, self.now_s))
        self.do(asked)
        self._flush()

    def cancel(self, session: str) -> None:
        if self.dialogue.active == session:
            self.do(self.dialogue.stop("cancelled", self.now_s))
            self._flush()

    def stroke(self) -> None:
        """The pad tells nothing of it; what is drawn comes with `press`."""

    def touch(self) -> None:
        """The same."""

    def lift(self) -> None:
        """The same."""

    def press(self, button: Button) -> None:
        if not self.asks:
            return
        if button != "confirm":
            self.pad.act([], button, self.now_s)
            self.pass_time(0.1)
            return
        session = self.dialogue.active
        sure = self.plugged and session is not None and self.asked_for == session and self.sound
        drawn = self.draw()
        self.pass_time(0.1)
        if sure and session is not None:
            self.confirmed[self._sale[session], session] = drawn

    def confirm_late(self) -> None:
        """The customer confirms; his picture is on the line while the next sale begins."""
        if self.plugged and self.asks:
            self.draw()
            self._late = self.from_the_pad()

    def pass_time(self, seconds: float) -> None:
        if self.plugged:
            late, self._late = self._late, b""
            self.do(self.dialogue.feed(late, self.now_s))
            self.let_time_pass(seconds)
        else:
            self.now_s += seconds
            self.from_the_pad()
        self._flush()

    def unplug(self) -> None:
        self.do(self.dialogue.stop("device", self.now_s))
        self.plugged = self.ready = False
        self._late = b""
        self._flush()

    def plug(self) -> None:
        self.plugged = True
        self.open_line()
        self._flush()

    def stop(self) -> None:
        """posd stops in good order."""
        self.do(self.dialogue.stop("restart", self.now_s))
        self._flush()

    def start(self) -> None:
        """posd is there again; nothing is known of before."""
        self.ended.clear()
        self._told, self._late = None, b""
        if self.plugged:
            self.open_line()
        self._flush()

    def trouble(self, what: str, frames: int) -> None:
        """Frames of the pad get lost or broken, or no more do; it is without power for a moment."""
        if what == "lose":
            self.lose_in = frames
        elif what == "lift":
            self.lose_out = frames
        elif what == "break":
            self.spoil_in = True
        elif what == "sound":
            self.lose_out = self.lose_in = 0
            self.spoil_in = False
        else:
            self.pad.reboot(self.now_s)
            self.from_the_pad()

    def owners(self, drawing: Drawing) -> set[Owner | None]:
        session = self.drawn_for[drawing.data]
        return {(self._sale[session], session) if session is not None else None}

    def holds(self, drawing: Drawing, session: Owner) -> bool:
        """Whether the drawing is all that was confirmed in this session."""
        return drawing.data == self.confirmed[session]

    def _flush(self) -> None:
        for end in self.ended:
            drawing = Drawing("bitmap", end.picture) if end.picture else None
            self._emit(SignOutcome(end.session, end.result, drawing))
        self.ended.clear()
        state: DeviceState = "ready" if self.ready else "faulted" if self.plugged else "absent"
        if state != self._told:
            self._told = state
            reasons: dict[str, tuple[Reason, ...]] = {"faulted": ("no-answer",), "absent": ("unplugged",)}
            self._emit(DeviceReport("pad", state, reasons.get(state, ())))
