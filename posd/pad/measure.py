"""Whether ink can be a signature: the measure that refuses blanks and scribbles. Pure.

It measures how much was drawn, not how well; a cross or two initials pass. Lengths are in parts of the pad's diagonal,
so that they mean the same on every pad.
- `blank`: nothing, or hardly more than a touch: fewer points than `blank_points` or a line shorter than `blank_length`.
- `scribble`: done faster than anyone signs (`scribble_ms`, pen down to last pen up), in a spot too small to be read in
  print (`scribble_box`, the diagonal of the box around it), or one single straight line (ink shorter than
  `scribble_straight` times the box's diagonal).
- `too-long`: more points than ink can hold. It is refused rather than cut, for half a signature is not the one that was
  made.

A `Tally` is kept while the pen draws, point by point, so that whoever confirms a long signature waits no longer than
for a short one.
"""

from __future__ import annotations

from math import hypot, inf
from typing import Literal, NamedTuple

from posd.pad.strokes import Extents, Point

Flaw = Literal["blank", "scribble", "too-long"]


class Thresholds(NamedTuple):
    """What ink must reach; see above. The section `[pad]` of the configuration has them."""

    blank_points: int = 12
    blank_length: float = 0.08
    scribble_ms: int = 250
    scribble_box: float = 0.06
    scribble_straight: float = 1.08


class Measure(NamedTuple):
    """`length` and `box` (diagonal of the box around the ink) in diagonals of the pad; `duration_ms` from first point
    to last.
    """

    points: int
    strokes: int
    length: float
    box: float
    duration_ms: int


class Tally:
    """How much ink there is so far: of one stroke, or joined of several."""

    def __init__(self) -> None:
        self.points = self.strokes = 0
        self._length = 0.0
        self._left, self._top, self._right, self._bottom = inf, inf, -inf, -inf
        self._first_ms, self._last_ms = inf, -inf
        self._before: Point | None = None

    @property
    def box(self) -> float:
        """The diagonal of the box around the ink, in the pad's units."""
        return hypot(self._right - self._left, self._bottom - self._top) if self.points else 0.0

    def add(self, point: Point) -> None:
        """One more point, later than all before."""
        before, self._before = self._before, point
        t_ms, x, y, _ = point
        if before is None:
            self.strokes += 1
        else:
            self._length += hypot(x - before.x, y - before.y)
        self.points += 1
        self._left = min(self._left, x)
        self._right = max(self._right, x)
        self._top = min(self._top, y)
        self._bottom = max(self._bottom, y)
        self._first_ms = min(self._first_ms, t_ms)
        self._last_ms = t_ms

    def join(self, other: Tally) -> None:
        """What `other` counted too."""
        self.points += other.points
        self.strokes += other.strokes
        self._length += other._length
        self._left, self._right = min(self._left, other._left), max(self._right, other._right)
        self._top, self._bottom = min(self._top, other._top), max(self._bottom, other._bottom)
        self._first_ms, self._last_ms = min(self._first_ms, other._first_ms), max(self._last_ms, other._last_ms)

    def measure(self, extents: Extents) -> Measure:
        """The same in the pad's diagonals."""
        if not self.points:
            return Measure(0, 0, 0.0, 0.0, 0)
        diagonal = hypot(extents.x_max, extents.y_max)
        duration_ms = round(self._last_ms - self._first_ms)
        return Measure(self.points, self.strokes, self._length / diagonal, self.box / diagonal, duration_ms)


def flaw(measure: Measure, least: Thresholds) -> Flaw | None:
    """Why ink of this measure is no signature, or None. Ink without a point never is one."""
    if measure.points < max(least.blank_points, 1) or measure.length < least.blank_length:
        return "blank"
    straight = measure.strokes == 1 and measure.length < least.scribble_straight * measure.box
    if measure.duration_ms < least.scribble_ms or measure.box < least.scribble_box or straight:
        return "scribble"
    return None


def sentence(found: Flaw, measure: Measure) -> str:
    """The flaw and the measure, for whoever looks at the threshold."""
    return (
        f"{found}: {measure.points} points in {measure.strokes} strokes, length {measure.length:.2f} and box "
        f"{measure.box:.2f} of the pad's diagonal, {measure.duration_ms} ms"
    )
