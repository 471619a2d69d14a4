"""Whether ink can be a signature: the measure that refuses blanks and scribbles. Pure.

It measures how much was drawn, not how well; a cross or two initials pass. Lengths are in parts of the pad's diagonal,
so that they mean the same on every pad.
- `blank`: nothing, or hardly more than a touch: fewer points than `POINTS_MIN` or a line shorter than `LENGTH_MIN`.
- `scribble`: done faster than anyone signs (`DURATION_MIN_MS`, pen down to last pen up), in a spot too small to be read
  in print (`BOX_MIN`, the diagonal of the box around it), or one single straight line (`STRAIGHT_MAX`: ink length to
  the box's diagonal).
- `too-long`: more points than ink can hold. It is refused rather than cut, for half a signature is not the one that was
  made.
"""

from __future__ import annotations

from math import hypot, inf
from typing import Literal, NamedTuple

from posd.pad.strokes import Ink

POINTS_MIN = 12
LENGTH_MIN = 0.08
DURATION_MIN_MS = 250
BOX_MIN = 0.06
STRAIGHT_MAX = 1.08

Flaw = Literal["blank", "scribble", "too-long"]


class Measure(NamedTuple):
    """`length` and `box` (diagonal of the box around the ink) in diagonals of the pad; `duration_ms` from first point
    to last.
    """

    points: int
    strokes: int
    length: float
    box: float
    duration_ms: int


def measured(ink: Ink) -> Measure:
    """How much ink there is."""
    diagonal = hypot(ink.extents.x_max, ink.extents.y_max)
    left, top, right, bottom = inf, inf, -inf, -inf
    length = 0.0
    for stroke in ink.strokes:
        before = stroke[0]
        for point in stroke:
            length += hypot(point.x - before.x, point.y - before.y)
            before = point
            left, right = min(left, point.x), max(right, point.x)
            top, bottom = min(top, point.y), max(bottom, point.y)
    if not ink.strokes:
        return Measure(0, 0, 0.0, 0.0, 0)
    duration_ms = ink.strokes[-1][-1].t_ms - ink.strokes[0][0].t_ms
    box = hypot(right - left, bottom - top)
    return Measure(ink.points, len(ink.strokes), length / diagonal, box / diagonal, duration_ms)


def flaw(measure: Measure) -> Flaw | None:
    """Why ink of this measure is no signature, or None."""
    if measure.points < POINTS_MIN or measure.length < LENGTH_MIN:
        return "blank"
    straight = measure.strokes == 1 and measure.length < STRAIGHT_MAX * measure.box
    if measure.duration_ms < DURATION_MIN_MS or measure.box < BOX_MIN or straight:
        return "scribble"
    return None
