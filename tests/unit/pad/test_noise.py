"""Leaps of the contact, to noise or to a palm, are taken out; what hands draw stays as it is, point for point."""

from __future__ import annotations

from math import hypot

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.pad.hand import Pen, scribble, signature
from posd.pad.measure import Tally
from posd.pad.noise import LEAP, Touch
from posd.pad.strokes import Extents, Point, Stroke

PAD = Extents(4095, 2047, 1023)
FAR = LEAP * hypot(4095, 2047)
STEP_MS = 5


def stroke(places: list[tuple[int, int]], start_ms: int = 0) -> Stroke:
    return tuple(Point(start_ms + at * STEP_MS, x, y, 500) for at, (x, y) in enumerate(places))


def quiet(points: Stroke) -> list[Stroke]:
    """The strokes of this touch; what was measured on the way is their measure."""
    touch = Touch(PAD, points[0])
    for point in points[1:]:
        touch.add(point)
    strokes, tally = touch.end()
    whole = Tally()
    for one in strokes:
        again = Tally()
        for point in one:
            again.add(point)
        whole.join(again)
    assert tally.measure(PAD) == whole.measure(PAD)
    return strokes


PLAIN = stroke([(600 + 25 * step, 900 + abs(step % 24 - 12) * 30) for step in range(60)])
PALM = (3800, 1900)


def rest(start_ms: int, points: int = 30) -> Stroke:
    """A palm that lies on the pad and hardly moves."""
    return stroke([(PALM[0] + at % 5 * 12, PALM[1] - at % 3 * 20) for at in range(points)], start_ms)


def later(points: Stroke, start_ms: int) -> Stroke:
    return tuple(point._replace(t_ms=point.t_ms - points[0].t_ms + start_ms) for point in points)


def then(*parts: Stroke) -> Stroke:
    """One behind the other, a report apart."""
    whole: Stroke = ()
    for part in parts:
        whole += later(part, whole[-1].t_ms + STEP_MS if whole else 0)
    return whole


@pytest.mark.parametrize("points", [PLAIN, PLAIN[:1], PLAIN[:2], rest(0), rest(0, 1)])
def test_a_touch_without_a_leap_stays_as_it_is(points: Stroke) -> None:
    assert quiet(points) == [points]


@given(st.sets(st.integers(1, 58), max_size=12), st.booleans(), st.booleans())
def test_single_points_that_leap_are_taken_out_and_the_line_goes_on(places: set[int], first: bool, last: bool) -> None:
    """`first` and `last`: a leap at the stroke's ends too; those next to them would be two in a row."""
    apart = {at for at in places if at - 1 not in places and (3 <= at <= 56 or not (first or last))}
    noisy = [
        Point(point.t_ms, 4000 if point.x < 1000 else 100, 1900, 7) if at in apart else point
        for at, point in enumerate(PLAIN)
    ]
    kept = tuple(point for at, point in enumerate(PLAIN) if at not in apart)
    assert all(hypot(noisy[at].x - PLAIN[at].x, noisy[at].y - PLAIN[at].y) > 1.2 * FAR for at in apart)
    if first:
        noisy.insert(0, Point(0, 4090, 2040, 1))
    if last:
        noisy.append(Point(noisy[-1].t_ms + 5, 0, 2040, 1))
    assert quiet(tuple(noisy)) == [kept]


@pytest.mark.parametrize("rate_hz", [100, 200, 1000])
def test_what_simulated_people_draw_stays_as_it_is(rate_hz: int) -> None:
    pen = Pen(rate_hz=rate_hz, tremor=20.0)
    for drawn in (*(signature(name, pen) for name in ("Li Wei", "王小明", "Alexander von Humboldt")), scribble()):
        for one in drawn:
            points = tuple(Point(round(1000 * s.time), s.x, s.y, s.pressure) for s in one)
            assert quiet(points) == [points]


START, END = PLAIN[:30], PLAIN[30:]
AWAY = stroke([(2800 + 40 * at, 300) for at in range(25)])


@pytest.mark.parametrize(
    ("what", "points", "drawn"),
    [
        ("a palm comes down while the pen draws, and stays", then(START, rest(0)), [START]),
        ("a palm lies there before the pen", then(rest(0), END), [END]),
        ("a palm for a moment", then(START, rest(0, 4), END), [(*START, *later(END, 170))]),
        ("a palm for long: nothing is drawn across", then(START, rest(0), END), [START, END]),
        ("from where the contact does not come back", then(START, rest(0, 4), AWAY), [START, AWAY]),
        ("twice", then(START, rest(0), START, rest(0), END), [START, START, END]),
        ("as soon as the pen is down", then(START[:2], rest(0, 4), END), [END]),
        ("what draws on both sides of a leap may be meant", then(START, AWAY), [START, AWAY]),
        ("and when it is back", then(START, AWAY[:8], END), [START, AWAY[:8], END]),
    ],
)
def test_a_palm_beside_the_pen_is_taken_out(what: str, points: Stroke, drawn: list[Stroke]) -> None:
    shapes = [[(p.x, p.y) for p in one] for one in quiet(points)]
    assert shapes == [[(p.x, p.y) for p in one] for one in drawn], what


def test_where_nothing_draws_the_most_is_kept() -> None:
    dot = rest(0, 20)
    assert [len(one) for one in quiet(then(stroke([(90, 90)]), dot))] == [20]


def test_time_and_distance_make_a_leap() -> None:
    slow = (*START, *later(rest(0), START[-1].t_ms + 21))
    assert quiet(slow) == [slow], "a hand may go so far in more than 20 ms"
    back = then(START, rest(0))
    slowly_back = (*back, *later(END, back[-1].t_ms + 400))
    assert [len(one) for one in quiet(slowly_back)] == [30, 30], "once it has leapt, the time counts no more"
    near = tuple(point._replace(x=point.x - 25 + int(FAR) - 20) for point in END)
    assert len(quiet(then(START, near))) == 1
    assert len(quiet(then(START, tuple(point._replace(x=point.x + 80) for point in near)))) == 2
