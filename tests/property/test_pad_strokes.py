"""Whatever ink there is, it comes back exactly; whatever bytes there are, they are ink or refused."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from posd.pad.strokes import AXIS_MAX, BYTES_MAX, TIME_MAX_MS, BadStrokes, Extents, Ink, Point, decode, encode


@st.composite
def inks(draw: st.DrawFn) -> Ink:
    x_max, y_max = draw(st.integers(1, AXIS_MAX)), draw(st.integers(1, AXIS_MAX))
    p_max = draw(st.integers(0, AXIS_MAX))
    points = st.builds(
        Point, st.integers(0, TIME_MAX_MS), st.integers(0, x_max), st.integers(0, y_max), st.integers(0, p_max)
    )
    strokes = draw(st.lists(st.lists(points, min_size=1, max_size=30).map(tuple), max_size=8))
    return Ink(Extents(x_max, y_max, p_max), tuple(strokes))


@given(inks())
def test_ink_comes_back_exactly(ink: Ink) -> None:
    data = encode(ink)
    assert decode(data) == ink
    assert len(data) <= BYTES_MAX


@given(st.one_of(st.binary(max_size=200), st.binary(max_size=200).map(lambda tail: b"\x01\x00" + tail)))
def test_any_bytes_are_ink_or_refused(data: bytes) -> None:
    try:
        ink = decode(data)
    except BadStrokes:
        return
    assert decode(encode(ink)) == ink


@given(inks(), st.data())
def test_damaged_ink_is_ink_or_refused(ink: Ink, data: st.DataObject) -> None:
    coded = bytearray(encode(ink))
    for place in data.draw(st.lists(st.integers(0, len(coded) - 1), max_size=4)):
        coded[place] ^= data.draw(st.integers(1, 255))
    try:
        decode(bytes(coded))
    except BadStrokes:
        return
