"""What is refused as blank or scribble, and what must never be: signatures, crosses, initials."""

from __future__ import annotations

from itertools import pairwise
from math import cos, dist, sin
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.pad.hand import scribble, signature
from posd.pad.measure import Measure, Tally, Thresholds, flaw, sentence
from posd.pad.strokes import Extents, Ink, Point

PAD = Extents(4095, 2047, 1023)
LEAST = Thresholds()


def drawn(*strokes: list[tuple[float, float]], step_ms: int = 5, extents: Extents = PAD) -> Ink:
    """Strokes of places, one each `step_ms`, 100 ms between strokes."""
    t_ms, found = 0, []
    for places in strokes:
        points = []
        for x, y in places:
            points.append(Point(t_ms, int(x), int(y), 500))
            t_ms += step_ms
        found.append(tuple(points))
        t_ms += 100
    return Ink(extents, tuple(found))


def measured(ink: Ink) -> Measure:
    """As it was drawn, stroke by stroke."""
    whole = Tally()
    for stroke in ink.strokes:
        tally = Tally()
        for point in stroke:
            tally.add(point)
        whole.join(tally)
    return whole.measure(ink.extents)


def line(x0: float, y0: float, x1: float, y1: float, points: int = 40) -> list[tuple[float, float]]:
    return [(x0 + (x1 - x0) * i / (points - 1), y0 + (y1 - y0) * i / (points - 1)) for i in range(points)]


def circle(radius: float, points: int = 80) -> list[tuple[float, float]]:
    return [(2000 + radius * cos(6.3 * i / points), 1000 + radius * sin(6.3 * i / points)) for i in range(points)]


@pytest.mark.parametrize(
    ("what", "ink"),
    [
        ("a cross", drawn(line(1800, 800, 2200, 1200), line(2200, 800, 1800, 1200))),
        ("a small circle", drawn(circle(120))),
        ("a tick", drawn(line(1500, 1000, 1700, 1200) + line(1700, 1200, 2200, 700))),
        ("an underlined letter", drawn(circle(150), line(1500, 1300, 2500, 1280))),
        ("a fast initial at 100 Hz", drawn(circle(300, 30), step_ms=10)),
        (
            "Chinese, many short strokes",
            drawn(*[line(1500 + 90 * i, 800, 1600 + 90 * i, 830 + 40 * (i % 3), 8) for i in range(9)]),
        ),
        ("on a coarse pad", drawn([(x / 16, y / 16) for x, y in circle(500)], extents=Extents(255, 127, 0))),
    ],
)
def test_what_a_person_may_sign_with_passes(what: str, ink: Ink) -> None:
    assert flaw(measured(ink), LEAST) is None, what


@pytest.mark.parametrize(
    ("what", "ink", "why"),
    [
        ("nothing", Ink(PAD, ()), "blank"),
        ("a touch", drawn([(2000, 1000)]), "blank"),
        ("a resting pen", drawn([(2000 + i % 2, 1000) for i in range(400)]), "scribble"),
        ("two touches far apart", drawn([(100, 100)], [(4000, 2000)]), "blank"),
        ("one straight line", drawn(line(500, 1000, 3500, 1100, 200)), "scribble"),
        (
            "a spot gone over again and again",
            drawn([(2000 + 60 * sin(i), 1000 + 60 * cos(i)) for i in range(200)]),
            "scribble",
        ),
        ("a flick", drawn([(500 + i * 90, 900 + (i % 5) * 200) for i in range(30)]), "scribble"),
    ],
)
def test_what_nobody_signs_with_is_refused(what: str, ink: Ink, why: str) -> None:
    assert flaw(measured(ink), LEAST) == why, what


def test_the_simulated_customers() -> None:
    def ink(strokes: object) -> Ink:
        assert isinstance(strokes, list)
        return Ink(
            PAD, tuple(tuple(Point(round(s.time * 1000), s.x, s.y, s.pressure) for s in stroke) for stroke in strokes)
        )

    for name in ("", "Li Wei", "Anna", "王小明", *map(str, range(30))):
        assert flaw(measured(ink(signature(name))), LEAST) is None, name
    assert flaw(measured(ink(scribble())), LEAST) is not None


def test_the_measure_is_in_diagonals_of_the_pad() -> None:
    found = measured(drawn(line(0, 0, 4095, 2047), line(4095, 2047, 0, 0)))
    assert (found.points, found.strokes) == (80, 2)
    assert found.length == pytest.approx(2, rel=1e-3)
    assert found.box == pytest.approx(1, rel=1e-3)
    assert found.duration_ms == 79 * 5 + 100


@given(st.lists(st.lists(st.tuples(st.integers(0, 4095), st.integers(0, 2047)), min_size=1, max_size=9), max_size=5))
def test_a_tally_that_goes_along_is_the_measure_of_the_whole(strokes: list[list[tuple[float, float]]]) -> None:
    ink = drawn(*strokes)
    found = measured(ink)
    places = [place for stroke in strokes for place in stroke]
    assert (found.points, found.strokes) == (len(places), len(strokes))
    steps = [dist(*pair) for stroke in strokes for pair in pairwise(stroke)]
    assert found.length == pytest.approx(sum(steps) / dist((0, 0), (4095, 2047)))
    if places:
        (left, top), (right, bottom) = (tuple(map(end, zip(*places, strict=True))) for end in (min, max))
        assert found.box == pytest.approx(dist((left, top), (right, bottom)) / dist((0, 0), (4095, 2047)))
        assert found.duration_ms == ink.strokes[-1][-1].t_ms


CROSS = drawn(line(1800, 800, 2200, 1200), line(2200, 800, 1800, 1200))


@pytest.mark.parametrize(
    ("name", "reached", "missed", "why"),
    [
        ("blank_points", 80, 81, "blank"),
        ("blank_length", 0.2, 0.3, "blank"),
        ("scribble_ms", 495, 496, "scribble"),
        ("scribble_box", 0.12, 0.13, "scribble"),
    ],
)
def test_each_threshold_counts(name: str, reached: Any, missed: Any, why: str) -> None:
    measure = measured(CROSS)
    assert flaw(measure, LEAST._replace(**{name: reached})) is None
    assert flaw(measure, LEAST._replace(**{name: missed})) == why


def test_how_straight_a_line_may_be() -> None:
    tick = measured(drawn(line(1500, 1000, 1700, 1200) + line(1700, 1200, 2200, 700)))
    assert flaw(tick, LEAST) is None
    assert flaw(tick, LEAST._replace(scribble_straight=2.0)) == "scribble"


def test_nothing_is_no_signature_whatever_the_thresholds() -> None:
    lax = Thresholds(0, 0.0, 0, 0.0, 1.0)
    assert flaw(measured(Ink(PAD, ())), lax) == "blank"
    assert flaw(measured(drawn([(2000, 1000)])), lax) is None


def test_the_sentence_has_the_measure() -> None:
    assert sentence("blank", measured(CROSS)) == (
        "blank: 80 points in 2 strokes, length 0.25 and box 0.12 of the pad's diagonal, 495 ms"
    )
