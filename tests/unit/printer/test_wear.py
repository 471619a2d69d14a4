"""What slips use up, counted from their bytes."""

from __future__ import annotations

import itertools

import pytest

from posd.domain.device import Wear
from posd.printer.wear import wear


@pytest.mark.parametrize(
    ("data", "used"),
    [
        (b"", Wear()),
        (b"\x1b@\x1c.no line yet", Wear()),
        (b"one\ntwo\n", Wear(2, 0, 7, 75)),
        (b"\x1d!\x11double\n\x1d!\x00one\n", Wear(2, 0, 11, 112)),
        (b"\x1bJ\x50", Wear(0, 0, 10, 0)),
        (b"\x1bd\x04", Wear(0, 0, 15, 0)),
        (b"\x1dVB\x00", Wear(0, 1, 15, 0)),
        (b"\x1dV\x01", Wear(0, 1, 15, 0)),
        (b"\x1dv0\x00\x02\x00\x18\x00" + b"\x0a" * 48, Wear(1, 0, 3, 30)),  # its data hold no line feeds
        (b"\x1dv0\x00\x02\x00\x18\x00" + b"\x0a" * 20, Wear(1, 0, 1, 12)),  # torn in its data
        (b"\x1d(k\x05\x00\x31\x50\x30\x0a\x0a\n", Wear(1, 0, 3, 37)),
    ],
)
def test_wear(data: bytes, used: Wear) -> None:
    assert wear(data) == used


def test_star_says_cut_where_others_say_feed() -> None:
    assert wear(b"a\n\x1bd\x03", star=True) == Wear(1, 1, 18, 37)
    assert wear(b"\x1b\x1dS\x01\x02\x00\x03\x00\x00" + b"\x0a" * 6, star=True) == Wear(1, 0, 0, 3)


def test_every_piece_of_a_slip_has_wear() -> None:
    slip = b"\x1b@a\n\x1dv0\x00\x02\x00\x02\x00\x0a\x0a\x0a\x0a\x1d(k\x03\x00\x31\x51\x30\n\x1dVB\x00"
    found = [wear(slip[:end]) for end in range(len(slip) + 1)]
    assert found[-1] == Wear(3, 1, 22, 77)
    assert all(a.paper_mm <= b.paper_mm and a.lines <= b.lines for a, b in itertools.pairwise(found))
