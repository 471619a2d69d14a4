"""Takes out of ink what no hand draws: single points that leap away and back. Pure.

The measure, in parts of the pad's diagonal:
- inside a stroke a point is noise when it lies further than `LEAP` from the one before and from the one behind it,
  while these two lie within half of `LEAP` of each other and within `WITHIN_MS`;
- a stroke's first (last) point is noise when it lies further than `LEAP` from the next (the one before) and at most
  `TOUCH_MS` from it in time, while the rest goes on within half of `LEAP` of that one: what a pad reports while the pen
  is landing.
On a pad with a diagonal of 12 cm a hand would have to go 1.8 cm and back within 50 ms. Two such points in a row stay:
they may be meant. Nothing else of the ink is changed.
"""

from __future__ import annotations

from math import hypot

from posd.pad.strokes import Ink, Point, Stroke

LEAP = 0.15
WITHIN_MS = 50
TOUCH_MS = 20


def quiet(ink: Ink) -> Ink:
    """The ink without such points; the same object where there are none."""
    leap = LEAP * hypot(ink.extents.x_max, ink.extents.y_max)
    strokes = tuple(_quiet(stroke, leap) for stroke in ink.strokes)
    return ink if all(map(_same, strokes, ink.strokes)) else ink._replace(strokes=strokes)


def _same(one: Stroke, other: Stroke) -> bool:
    return one is other


def _quiet(stroke: Stroke, leap: float) -> Stroke:
    if len(stroke) < 3 or max(map(_apart, stroke, stroke[1:])) <= leap:
        return stroke
    kept = [stroke[0]]
    for at in range(1, len(stroke) - 1):
        if not _spike(kept[-1], stroke[at], stroke[at + 1], leap):
            kept.append(stroke[at])
    kept.append(stroke[-1])
    if len(kept) >= 3 and _landing(kept[0], kept[1], kept[2], leap):
        del kept[0]
    if len(kept) >= 3 and _landing(kept[-1], kept[-2], kept[-3], leap):
        del kept[-1]
    return stroke if len(kept) == len(stroke) else tuple(kept)


def _spike(before: Point, point: Point, after: Point, leap: float) -> bool:
    return (
        _apart(before, point) > leap
        and _apart(point, after) > leap
        and _apart(before, after) < leap / 2
        and after.t_ms - before.t_ms <= WITHIN_MS
    )


def _landing(end: Point, next_one: Point, then: Point, leap: float) -> bool:
    return (
        _apart(end, next_one) > leap and abs(next_one.t_ms - end.t_ms) <= TOUCH_MS and _apart(next_one, then) < leap / 2
    )


def _apart(one: Point, other: Point) -> float:
    return hypot(one.x - other.x, one.y - other.y)
