"""A pad that lies turned or mirrored: what is drawn upright comes out upright."""

from __future__ import annotations

import pytest

from posd.pad.strokes import Extents
from posd.pad.turned import Turning

OWN = Extents(4000, 2000, 1023)


@pytest.mark.parametrize(
    ("turning", "extents", "corner", "beside"),
    [
        # where the pad's own top left corner goes, and the place 10 to its right
        (Turning(), (4000, 2000), (0, 0), (10, 0)),
        (Turning(90), (2000, 4000), (2000, 0), (2000, 10)),
        (Turning(180), (4000, 2000), (4000, 2000), (3990, 2000)),
        (Turning(270), (2000, 4000), (0, 4000), (0, 3990)),
        (Turning(0, True), (4000, 2000), (4000, 0), (3990, 0)),
        (Turning(90, True), (2000, 4000), (2000, 4000), (2000, 3990)),
        (Turning(270, True), (2000, 4000), (0, 0), (0, 10)),
    ],
)
def test_turnings(turning: Turning, extents: tuple[int, int], corner: tuple[int, int], beside: tuple[int, int]) -> None:
    assert turning.extents(OWN) == (*extents, 1023)
    assert turning.place(0, 0, OWN) == corner
    assert turning.place(10, 0, OWN) == beside


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("mirror", [False, True])
def test_every_place_stays_on_the_pad_and_four_turnings_are_none(rotate: object, mirror: bool) -> None:
    turning = Turning(rotate, mirror)  # type: ignore[arg-type]
    seen = set()
    for place in [(0, 0), (4000, 0), (0, 2000), (4000, 2000), (1234, 567)]:
        x, y = turning.place(*place, OWN)
        inside = turning.extents(OWN)
        assert 0 <= x <= inside.x_max
        assert 0 <= y <= inside.y_max
        seen.add((x, y))
        again, extents = place, OWN
        for _ in range(4):
            again = Turning(90).place(*again, extents)
            extents = Turning(90).extents(extents)
        assert (again, extents) == (place, OWN)
    assert len(seen) == 5
