"""Whether ink can be a signature: the measure that refuses blanks and scribbles. Pure.

It measures how much was drawn, not how well; a cross or two initials pass. Lengths are in parts of the pad's diagonal,
so that they mean the same on every pad.
- `blank`: nothing, or hardly more than a touch: fewer points than `blank_points` or a line shorter than `blank_length`.
- `scribble`: done faster than anyone signs (`scribble_ms`, pen down to last pen up), in a spot too small to be read in
  print (`scribble_box`, the diagonal of the box around it), or one single straight line (ink shorter than
  `scribble_straight` times the box's diagonal).
- `too-long`: more points than ink can hold. It is refused rather than cut, for half a signature is not the one that was
  made.
"""

from __future__ import annotations

from math import hypot, inf
from typing import Literal, NamedTuple

from posd.pad.strokes import Ink

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
