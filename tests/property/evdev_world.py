"""A pad of the input layer and who signs on it, as the desk sees it, in the test's own time; and what it has in common
with the serial one (serial_world.py).

Each knows of every point or picture for whom it was drawn: for the transaction that the pad was asking for when it was.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from posd.domain.device import DeviceReport, Drawing, SignOutcome, SignRequest
from posd.input.events import Axis, Event, Frame, Snapshot
from posd.pad.assemble import Assembler, PadAxes, Pen
from posd.pad.measure import Thresholds
from posd.pad.session import End, Rules, Signing
from posd.pad.strokes import decode, encode
from tests.unit.input.wire import ABS_PRESSURE, ABS_X, ABS_Y, BTN_TOUCH, CANCEL, CLEAR, CONFIRM, EV_ABS, EV_KEY

TIMEOUT_S = 60.0
TRIES = 2
Button = Literal["confirm", "clear", "cancel"]
Owner = tuple[str, str]
"""A transaction and its session."""
Emit = Callable[[DeviceReport | SignOutcome], None]
SIDE = 400_000
AXES = PadAxes(Axis(0, SIDE), Axis(0, SIDE), Axis(0, 1023))
BUTTONS: dict[int, Button] = {CONFIRM: "confirm", CLEAR: "clear", CANCEL: "cancel"}
CODES: dict[Button, int] = {button: code for code, button in BUTTONS.items()}
FEW = Thresholds(blank_points=4, blank_length=0.0, scribble_ms=0, scribble_box=0.0, scribble_straight=1.0)


class EvdevPad:
    """A pad of the input layer as the desk sees it, joined as posd/pad/actor.py joins it. No two points that the pen
    draws have one place.
    """

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._on: SignRequest | None = None
        self._points = 0
        self._touching = False
        self._stroke: Owner | None = None
        self._owner: dict[tuple[int, int], Owner | None] = {}
        self._ink: set[tuple[int, int]] = set()
        self._ink_began = False
        self.now_s = 100.0
        self.plugged = True
        self.confirmed: dict[Owner, frozenset[tuple[int, int]]] = {}
        self.start()

    @property
    def asks(self) -> bool:
        """Whether a customer is asked to sign."""
        return self._on is not None

    def begin(self, request: SignRequest) -> None:
        if not self.plugged:
            self._emit(SignOutcome(request.session, "device"))
            return
        self._signing.begin(request.session, self._assembler.extents, self._assembler.contact_possible, self.now_s)
        self._on = request
        self._begin_ink()

    def cancel(self, session: str) -> None:
        if self._signing.active == session:
            self._end(self._signing.stop("cancelled"))

    def touch(self) -> None:
        """The pen comes down, or goes on if it is."""
        new, self._touching = not self._touching, True
        if new:
            self._stroke = self._owner_now()
            self._ink_began = self._stroke is not None
        x, y = self._place()
        if self._ink_began and self._stroke == self._owner_now():
            self._ink.add((x, y))
        down = [Event(EV_KEY, BTN_TOUCH, 1)] if new else []
        self._send(*down, Event(EV_ABS, ABS_X, x), Event(EV_ABS, ABS_Y, y), Event(EV_ABS, ABS_PRESSURE, 400))

    def lift(self) -> None:
        if self._touching:
            self._touching = False
            self._send(Event(EV_KEY, BTN_TOUCH, 0))

    def confirm_late(self) -> None:
        """Nothing is on its way for long here."""

    def stroke(self) -> None:
        """Down, along, up."""
        self.lift()
        for _ in range(6):
            self.touch()
        self.lift()

    def press(self, button: Button) -> None:
        self._send(Event(EV_KEY, CODES[button], 1))
        self._send(Event(EV_KEY, CODES[button], 0))

    def pass_time(self, seconds: float) -> None:
        self.now_s += seconds
        self._end(self._signing.expire(self.now_s))

    def unplug(self) -> None:
        self._end(self._signing.stop("device"))
        self.plugged = False
        self._emit(DeviceReport("pad", "absent", ("unplugged",)))

    def plug(self) -> None:
        self.plugged = True
        self._open()

    def stop(self) -> None:
        """posd stops in good order."""
        self._end(self._signing.stop("restart"))

    def start(self) -> None:
        """posd is there again; nothing is known of before. The pen may lie on the pad all the while."""
        self._signing = Signing(Rules(TIMEOUT_S, TRIES, FEW))
        self._on = None
        self._begin_ink()
        if self.plugged:
            self._open()
        else:
            self._emit(DeviceReport("pad", "absent", ("unplugged",)))

    def trouble(self, what: str, _frames: int) -> None:
        """The kernel drops what the pen does now, `lift` among it, and then says how the pad stands."""
        if not self.plugged:
            return
        self._feed(Frame(self._us(), loss="begins"))
        self._ink_began = False
        if what == "lift":
            self._touching = False
        keys = frozenset({BTN_TOUCH} if self._touching else ())
        x, y = self._place()
        self._feed(Frame(self._us(), loss="ends", state=Snapshot({ABS_X: x, ABS_Y: y, ABS_PRESSURE: 9}, keys)))

    def owners(self, drawing: Drawing) -> set[Owner | None]:
        return {self._owner[place] for place in self._places(drawing)}

    def holds(self, drawing: Drawing, session: Owner) -> bool:
        """Whether the drawing has all points that were confirmed in this session."""
        return self.confirmed[session] <= set(self._places(drawing))

    def _place(self) -> tuple[int, int]:
        """Where the pen is now: another place each time, and no leap from the last."""
        self._points += 1
        assert self._points < 40_000, "up to here no two are the same"
        ways = self._points * 4_001 % (2 * SIDE), (self._points * 2_903 + self._points % 7 * 9_000) % (2 * SIDE)
        x, y = (min(way, 2 * SIDE - 1 - way) for way in ways)
        self._owner[x, y] = self._stroke
        return x, y

    def _places(self, drawing: Drawing) -> list[tuple[int, int]]:
        return [(point.x, point.y) for stroke in decode(drawing.data).strokes for point in stroke]

    def _owner_now(self) -> Owner | None:
        return (self._on.transaction, self._on.session) if self._on else None

    def _begin_ink(self) -> None:
        self._ink, self._ink_began = set(), False

    def _open(self) -> None:
        self._assembler = Assembler(AXES, "touch", BUTTONS)
        if self._touching:
            self._assembler.prime(Snapshot({ABS_X: 1, ABS_Y: 1, ABS_PRESSURE: 9}, frozenset({BTN_TOUCH})))
        self._emit(DeviceReport("pad", "ready"))

    def _us(self) -> int:
        return int(self.now_s * 1e6)

    def _send(self, *events: Event) -> None:
        if self.plugged:
            self.now_s += 0.005
            self._feed(Frame(self._us(), events))

    def _feed(self, frame: Frame) -> None:
        for happening in self._assembler.feed(frame):
            if isinstance(happening, Pen):
                self._signing.pen(happening, self.now_s)
                continue
            end = self._signing.press(happening.button, self.now_s)
            owner = self._owner_now()
            if end is not None and end.result == "captured" and owner is not None:
                self.confirmed[owner] = frozenset(self._ink)
            if end is None and happening.button != "cancel":
                self._begin_ink()
            self._end(end)

    def _end(self, end: End | None) -> None:
        if end is not None:
            drawing = Drawing("strokes", encode(end.ink)) if end.ink.strokes else None
            self._emit(SignOutcome(end.session, end.result, drawing, end.refused))
            self._on = None
