"""ISO/IEC 19794-7, read back by a reader that knows the standard's layout and nothing of the writer."""

from __future__ import annotations

import struct
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from posd.pad.interchange import encode
from posd.pad.strokes import Extents, Ink, Point

NAMES = ("X", "Y", "Z", "VX", "VY", "AX", "AY", "T", "DT", "F", "S", "TX", "TY", "Az", "El", "R")
SIGNED = {"X", "Y", "VX", "VY", "AX", "AY", "TX", "TY"}


class Channel(NamedTuple):
    scale: float | None
    least: int | None
    greatest: int | None


def read(data: bytes) -> tuple[dict[str, Channel], list[dict[str, int]]]:
    """Channels and points of a record of the full format, 2007."""
    assert data[:8] == b"SDI\0 10\0"
    at = 10
    included = int.from_bytes(data[8:10], "big")
    names = [name for bit, name in enumerate(NAMES) if included >> 15 - bit & 1]
    channels: dict[str, Channel] = {}

    def number(name: str) -> int:
        nonlocal at
        form = "B" if name == "S" else "h" if name in SIGNED else "H"
        (value,) = struct.unpack_from(">" + form, data, at)
        at += struct.calcsize(form)
        return int(value)

    for name in names:
        preamble = data[at]
        at += 1
        scale = None
        if preamble & 0x80:
            word = int.from_bytes(data[at : at + 2], "big")
            scale = (1 + (word & 2047) / 2048) * 2.0 ** ((word >> 11) - 16)
            at += 2
        least = number(name) if preamble & 0x40 else None
        greatest = number(name) if preamble & 0x20 else None
        assert not preamble & 0x1F
        channels[name] = Channel(scale, least, greatest)
    assert data[at : at + 2] == b"\0\0", "reserved; no extended data"
    count = int.from_bytes(data[at + 2 : at + 5], "big")
    at += 5
    points = [{name: number(name) for name in names} for _ in range(count)]
    assert at == len(data)
    return channels, points


def test_a_stroke() -> None:
    ink = Ink(Extents(4095, 2047, 1023), ((Point(0, 10, 20, 500), Point(5, 12, 22, 1023)),))
    channels, points = read(encode(ink))
    assert channels == {
        "X": Channel(None, 0, 4095),
        "Y": Channel(None, 0, 2047),
        "T": Channel(1000.0, None, None),
        "F": Channel(None, 0, 1023),
        "S": Channel(None, 0, 1),
    }
    assert points == [
        {"X": 10, "Y": 2027, "T": 0, "F": 500, "S": 1},
        {"X": 12, "Y": 2025, "T": 5, "F": 1023, "S": 1},
        {"X": 12, "Y": 2025, "T": 5, "F": 0, "S": 0},
    ]


def test_a_pad_without_pressure_tells_none() -> None:
    channels, points = read(encode(Ink(Extents(100, 50, 0), ((Point(0, 1, 2, 0),),))))
    assert list(channels) == ["X", "Y", "T", "S"]
    assert len(points) == 2


def test_no_ink_at_all() -> None:
    assert read(encode(Ink(Extents(100, 50, 7), ())))[1] == []


POINTS = st.tuples(st.integers(0, 400_000), st.integers(0, 70_000), st.integers(0, 40_000), st.integers(0, 100_000))


@given(st.lists(st.lists(POINTS, min_size=1, max_size=4), min_size=1, max_size=4))
def test_what_is_too_fine_or_too_long_is_told_in_coarser_steps(strokes: list[list[tuple[int, int, int, int]]]) -> None:
    times = iter(sorted(point[0] for stroke in strokes for point in stroke))
    extents = Extents(70_000, 40_000, 100_000)
    ink = Ink(extents, tuple(tuple(Point(next(times), *p[1:]) for p in stroke) for stroke in strokes))
    channels, points = read(encode(ink))
    touching = [point for point in points if point["S"]]
    known = [point for stroke in ink.strokes for point in stroke]
    assert len(touching) == len(known)
    assert len(points) == len(known) + len(ink.strokes)
    scale = channels["T"].scale
    assert scale is not None
    step = round(1000 / scale)
    for told, true in zip(touching, known, strict=True):
        assert abs(told["T"] * step - true.t_ms) <= step
        assert abs(told["X"] * 3 - true.x) < 3
        assert abs(told["Y"] * 3 - (40_000 - true.y)) < 4
        assert abs(told["F"] * 2 - true.pressure) < 2
