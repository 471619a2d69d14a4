"""Points that leap away and back are taken out; what hands draw stays as it is, point for point."""

from __future__ import annotations

from math import hypot

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.pad.hand import Pen, scribble, signature
from posd.pad.noise import LEAP, quiet
from posd.pad.strokes import Extents, Ink, Point, Stroke

PAD = Extents(4095, 2047, 1023)
FAR = LEAP * hypot(4095, 2047)


def stroke(places: list[tuple[int, int]], step_ms: int = 5) -> Stroke:
    return tuple(Point(at * step_ms, x, y, 500) for at, (x, y) in enumerate(places))


PLAIN = stroke([(600 + 25 * step, 900 + abs(step % 24 - 12) * 30) for step in range(60)])


def test_ink_without_noise_is_the_same_object() -> None:
    ink = Ink(PAD, (PLAIN, stroke([(9, 9)]), stroke([(9, 9), (4000, 2000)])))
    assert quiet(ink) is ink


@given(st.sets(st.integers(1, 58), max_size=12), st.booleans(), st.booleans())
def test_single_points_that_leap_are_taken_out(places: set[int], first: bool, last: bool) -> None:
    """`first` and `last`: a leap at the stroke's ends too; those next to them would be two in a row."""
    apart = {at for at in places if at - 1 not in places and (3 <= at <= 56 or not (first or last))}
    noisy = [
        Point(point.t_ms, 4000 if point.x < 1000 else 100, 1900, 7) if at in apart else point
        for at, point in enumerate(PLAIN)
    ]
    kept = [point for at, point in enumerate(PLAIN) if at not in apart]
    assert all(hypot(noisy[at].x - PLAIN[at].x, noisy[at].y - PLAIN[at].y) > 1.2 * FAR for at in apart)
    if first:
        noisy.insert(0, Point(0, 4090, 2040, 1))
    if last:
        noisy.append(Point(noisy[-1].t_ms + 5, 0, 2040, 1))
    assert list(quiet(Ink(PAD, (tuple(noisy),))).strokes[0]) == kept


@pytest.mark.parametrize("rate_hz", [100, 200, 1000])
def test_what_simulated_people_draw_stays_as_it_is(rate_hz: int) -> None:
    pen = Pen(rate_hz=rate_hz, tremor=20.0)
    for drawn in (*(signature(name, pen) for name in ("Li Wei", "王小明", "Alexander von Humboldt")), scribble()):
        ink = Ink(PAD, tuple(tuple(Point(round(s.time * 1000), s.x, s.y, s.pressure) for s in one) for one in drawn))
        assert quiet(ink) is ink


def test_two_points_in_a_row_a_slow_one_and_a_jump_that_stays_are_kept() -> None:
    start, rest = list(PLAIN[:30]), list(PLAIN[30:])
    two = [Point(146, 4000, 1900, 7), Point(147, 4000, 1910, 7)]
    slow = [Point(146, 4000, 1900, 7)]
    later = [point._replace(t_ms=point.t_ms + 60) for point in rest]
    away = [point._replace(x=point.x + 1000) for point in rest]
    for kept in (start + two + rest, start + slow + later, start + away):
        assert list(quiet(Ink(PAD, (tuple(kept),))).strokes[0]) == kept
