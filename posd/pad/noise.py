"""Takes out of a touch what the pen did not draw: leaps of the contact, to noise or to a palm. Pure.

A touch is all that the pad tells from pen-down to pen-up. A pad that tells one place tells the pen's, then the palm's
that rests beside it, then the pen's again; or, for a report or two, a place where nothing is.

The rules, with lengths in parts of the pad's diagonal:
1. The contact leaps where two reports at most `LEAP_MS` apart lie further than `LEAP` from each other; once it has
   leapt, the time counts no more. On a pad with a diagonal of 12 cm a hand would have to go 1.8 cm in 20 ms.
2. Nothing is drawn across a leap: each part between two leaps is a stroke of its own.
3. A part that does not draw, its box smaller than `SPOT`, is noise or a resting palm, and is taken out. When the
   contact was away for no more than `WITHIN_MS`, for no more points than the line had, and is back where it left, the
   line goes on as if nothing had been.
4. What draws stays, for it may be meant; and of parts none of which draws the one with the most points: a dot is a dot.
A touch without a leap stays as it is, whatever it is.

It goes along with the pen, point by point: what takes part in the next decision is the last part and the one before.
"""

from __future__ import annotations

from math import hypot

from posd.pad.measure import Tally
from posd.pad.strokes import Extents, Point, Stroke

LEAP = 0.15
LEAP_MS = 20
SPOT = 0.05
WITHIN_MS = 50


class _Part:
    """Points between two leaps."""

    __slots__ = ("last", "points", "tally")

    def __init__(self, first: Point) -> None:
        self.points: list[Point] = []
        self.tally = Tally()
        self.add(first)

    def add(self, point: Point) -> None:
        self.points.append(point)
        self.tally.add(point)
        self.last = point


class Touch:
    """One touch of the pad, from its first point on."""

    def __init__(self, extents: Extents, first: Point) -> None:
        diagonal = hypot(extents.x_max, extents.y_max)
        self._leap, self._spot = LEAP * diagonal, SPOT * diagonal
        self._drawn: list[_Part] = []
        self._most: _Part | None = None
        self._leapt = False
        self._before: _Part | None = None
        self._part = _Part(first)
        self.first_ms = first.t_ms

    def add(self, point: Point) -> None:
        """The contact's next place."""
        last = self._part.last
        near = hypot(point.x - last.x, point.y - last.y) <= self._leap
        if near or (point.t_ms - last.t_ms > LEAP_MS and not self._leapt):
            self._part.add(point)
        else:
            self._leaps(point)

    def end(self) -> tuple[list[Stroke], Tally]:
        """The strokes of the touch, at least one, and their measure."""
        if self._before is not None:
            self._settle(self._before)
        self._settle(self._part)
        assert self._most is not None
        parts = self._drawn or [self._most]
        tally = parts[0].tally
        for part in parts[1:]:
            tally.join(part.tally)
        return [tuple(part.points) for part in parts], tally

    def _leaps(self, point: Point) -> None:
        self._leapt = True
        before, part = self._before, self._part
        if before is not None and self._goes_on(before, part, point):
            before.add(point)
            self._before, self._part = None, before
            return
        if before is not None:
            self._settle(before)
        self._before, self._part = part, _Part(point)

    def _goes_on(self, line: _Part, between: _Part, back: Point) -> bool:
        left = line.last
        return (
            not self._draws(between)
            and len(between.points) <= len(line.points)
            and back.t_ms - left.t_ms <= WITHIN_MS
            and hypot(back.x - left.x, back.y - left.y) < self._leap / 2
        )

    def _draws(self, part: _Part) -> bool:
        return part.tally.box >= self._spot

    def _settle(self, part: _Part) -> None:
        """Nothing more comes to this part."""
        if self._draws(part):
            self._drawn.append(part)
        if self._most is None or part.tally.points > self._most.tally.points:
            self._most = part
