"""Signing sessions: one at a time, each with exactly one end. Pure; the caller has the clock (seconds that only go
forward) and the pad.

Everything that decides to which transaction a stroke belongs, and when a session ends, stands here. `TABLE` is what the
code runs on: a step that is not in it cannot be taken.

    idle     begin -> signing
    signing  draw (pen, clear, a refused confirm with tries left) -> signing
             captured | cancelled | timeout | blank | device -> idle

Rules
1. Two sessions never overlap: `begin` while one is on is a fault of the program.
2. A stroke belongs to the session in which it began. A pen that touches the pad at `begin`, or may touch it because
   events are missing, draws nothing until it was seen to be lifted. The same holds after clear and after a refused try.
3. Outside of a session nothing is kept of what the pen does, and buttons do nothing.
4. Confirm takes the ink as it stands, with the stroke that is still being drawn. Ink that is blank or a scribble
   (measure.py) is refused: it is cleared and one try is gone; the last try's refusal ends the session as `blank`.
   Clearing costs no try.
5. Time runs out `timeout_s` after begin or after the last thing that the customer did, and in any case after `PATIENCE`
   times as long.
6. Events that got lost break a stroke in two; nothing is drawn across the gap.
7. Whatever the end, the ink drawn until then goes with it. Of a session that was refused to its end it is the last
   try's.
8. Times in ink count from its first point and never go back, whatever the device's clock does.
9. What a hand cannot have drawn (noise.py) is taken out. A contact that turns out to be a palm draws nothing until it
   was lifted, and what it drew before is taken back if it came down no more than `LANDING_MS` ago; else a pen drew it.
10. Ink is freed of noise and measured while it is drawn, so that confirming a minute of it takes no longer than a line.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from posd.config import PadSection, seconds
from posd.domain.device import LiveInk, LivePoint
from posd.pad.assemble import Button, Pen
from posd.pad.measure import Flaw, Tally, Thresholds, flaw, sentence
from posd.pad.noise import Touch
from posd.pad.strokes import POINTS_MAX, TIME_MAX_MS, Extents, Ink, Point, Stroke

State = Literal["idle", "signing"]
Result = Literal["captured", "cancelled", "timeout", "blank", "device", "restart"]
Step = Literal["begin", "draw", "captured", "cancelled", "timeout", "blank", "device", "restart"]

TABLE: dict[State, dict[Step, State]] = {
    "idle": {"begin": "signing"},
    "signing": {
        "draw": "signing",
        "captured": "idle",
        "cancelled": "idle",
        "timeout": "idle",
        "blank": "idle",
        "device": "idle",
        "restart": "idle",
    },
}
PATIENCE = 5
LANDING_MS = 150


class Rules(NamedTuple):
    """What holds for every session."""

    timeout_s: float
    tries: int
    least: Thresholds = Thresholds()

    @classmethod
    def configured(cls, section: PadSection) -> Rules:
        """As `[pad]` has them."""
        least = Thresholds(
            section.blank_points,
            section.blank_length,
            round(1000 * seconds(section.scribble_time)),
            section.scribble_box,
            section.scribble_straight,
        )
        return cls(seconds(section.timeout), section.tries, least)


class End(NamedTuple):
    """How a session ended; `ink` without strokes means that nothing was drawn. `refused` says why the last confirm was
    refused, with the measure; empty if none was.
    """

    session: str
    result: Result
    ink: Ink
    refused: str = ""


class _Session:
    """What is known of the session that is on."""

    def __init__(self, name: str, extents: Extents, tries: int, now_s: float) -> None:
        self.name = name
        self.extents = extents
        self.tries_left = tries
        self.begun_s = now_s
        self.acted_s = now_s
        self.refused = ""
        self.wipe()

    def wipe(self) -> None:
        """Begin the ink anew."""
        self.strokes: list[Stroke] = []
        self.tally = Tally()
        self.touch: Touch | None = None
        self.touches = 0
        self.points = 0
        self.overfull = False
        self.first_us: int | None = None
        self.last_ms = 0
        self.untold: list[LivePoint] = []
        self.anew = True

    def add(self, pen: Pen) -> None:
        """One more point in the stroke that is being drawn."""
        if self.points == POINTS_MAX:
            self.overfull = True
            return
        if self.first_us is None:
            self.first_us = pen.time_us
        self.last_ms = min(max((pen.time_us - self.first_us) // 1000, self.last_ms), TIME_MAX_MS)
        self.points += 1
        point = Point(
            self.last_ms,
            min(pen.x, self.extents.x_max),
            min(pen.y, self.extents.y_max),
            min(pen.pressure, self.extents.p_max),
        )
        if self.touch is None:
            self.touch = Touch(self.extents, point)
        else:
            self.touch.add(point)
        self.untold.append((self.touches, *point))

    def lift(self) -> None:
        """End the stroke that is being drawn."""
        if self.touch is not None:
            strokes, tally = self.touch.end()
            self.strokes += strokes
            self.tally.join(tally)
            self._next()

    def palm(self) -> None:
        """What touches the pad is a palm. Take back what it drew while it landed; a pen drew what is older."""
        if self.touch is not None and self.last_ms - self.touch.first_ms <= LANDING_MS:
            self._next()
        self.lift()

    def _next(self) -> None:
        self.touch = None
        self.touches += 1

    def ink(self) -> Ink:
        """All ink so far; the stroke that is being drawn ends here."""
        self.lift()
        return Ink(self.extents, tuple(self.strokes))


class Signing:
    """The pad's sessions. Every method that may end one returns its `End`, or None while it goes on."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._state: State = "idle"
        self._session: _Session | None = None
        self._pen: Literal["up", "ours", "foreign"] = "foreign"
        self._missing_events = False

    @property
    def active(self) -> str | None:
        """The name of the session that is on."""
        return self._session.name if self._session else None

    @property
    def deadline_s(self) -> float | None:
        """When `expire` has something to do, as things stand; None when idle."""
        if self._session is None:
            return None
        patience_s = self._session.begun_s + PATIENCE * self._rules.timeout_s
        return min(self._session.acted_s + self._rules.timeout_s, patience_s)

    def news(self, most: int) -> LiveInk | None:
        """At most so many points that were not asked for yet, or that the ink was begun anew; None if neither."""
        session = self._session
        if session is None or not (session.untold or session.anew):
            return None
        told = session.untold[:most]
        del session.untold[:most]
        anew, session.anew = session.anew, False
        return LiveInk(session.name, session.extents.x_max, session.extents.y_max, anew, tuple(told))

    def begin(self, name: str, extents: Extents, contact_possible: bool, now_s: float) -> None:
        """A session begins. `contact_possible`: the pen touches the pad now, or nobody knows."""
        assert self._session is None, f"session {name} begins while {self.active} is on"
        self._step("begin")
        self._session = _Session(name, extents, self._rules.tries, now_s)
        self._pen = "foreign" if contact_possible else "up"
        self._missing_events = False

    def pen(self, pen: Pen, now_s: float) -> None:
        """What the pen did."""
        if self._session is None:
            return
        self._step("draw")
        self._missing_events = pen.phase == "lost"
        if pen.phase == "palm":
            self._session.palm()
            self._pen = "foreign"
            return
        if pen.phase in ("up", "lost"):
            self._session.lift()
            self._pen = "up" if pen.phase == "up" else self._pen
            return
        self._session.acted_s = now_s
        if pen.phase == "down" or (pen.phase == "resume" and self._pen != "foreign"):
            self._pen = "ours"
        if self._pen == "ours":
            self._session.add(pen)

    def press(self, button: Button, now_s: float) -> End | None:
        """A button of the pad went down."""
        if self._session is None:
            return None
        self._session.acted_s = now_s
        if button == "cancel":
            return self._end("cancelled")
        if button == "clear":
            self._wipe()
            return None
        return self._confirm(self._session)

    def expire(self, now_s: float) -> End | None:
        """Time has passed."""
        deadline_s = self.deadline_s
        return self._end("timeout") if deadline_s is not None and now_s >= deadline_s else None

    def stop(self, result: Literal["cancelled", "device", "restart"]) -> End | None:
        """The desk gives the session up, the device has gone, or posd stops."""
        return self._end(result) if self._session else None

    def _confirm(self, session: _Session) -> End | None:
        session.lift()
        measure = session.tally.measure(session.extents)
        found: Flaw | None = "too-long" if session.overfull else flaw(measure, self._rules.least)
        if found is None:
            session.refused = ""
            return self._end("captured")
        session.refused = sentence(found, measure)
        session.tries_left -= 1
        if session.tries_left == 0:
            return self._end("blank")
        self._wipe()
        return None

    def _wipe(self) -> None:
        assert self._session is not None
        self._step("draw")
        self._session.wipe()
        if self._pen != "up" or self._missing_events:
            self._pen = "foreign"

    def _end(self, result: Result) -> End:
        assert self._session is not None
        session, self._session = self._session, None
        self._step(result)
        return End(session.name, result, session.ink(), session.refused)

    def _step(self, step: Step) -> None:
        following = TABLE[self._state].get(step)
        assert following is not None, f"{step} cannot happen while {self._state}"
        self._state = following
