"""The coding of ink: exact, small, bounded, and never a traceback on damaged bytes."""

from __future__ import annotations

import random
import struct
import zlib
from math import cos, sin

import pytest

from posd.pad.strokes import BYTES_MAX, POINTS_MAX, TIME_MAX_MS, BadStrokes, Extents, Ink, Point, decode, encode

PAD = Extents(4095, 2047, 1023)


def hand(seconds: float, rate_hz: int, extents: Extents = PAD) -> Ink:
    """Loops with a tremor, an uneven pressure and a clock that is now and then a millisecond off."""
    chance = random.Random(7)
    points = []
    for step in range(int(seconds * rate_hz)):
        t = step / rate_hz
        x = 300 + 3000 * t / seconds + 220 * sin(11 * t) + chance.gauss(0, 1.5)
        y = 1000 + 400 * cos(13 * t) + 90 * sin(5 * t) + chance.gauss(0, 1.5)
        pressure = 500 + 250 * sin(6 * t) + chance.gauss(0, 5)
        points.append(Point(int(t * 1000) + chance.choice((0, 0, 0, 1)), int(x), int(y), int(pressure)))
    third = len(points) // 3
    return Ink(extents, (tuple(points[:third]), tuple(points[third : 2 * third]), tuple(points[2 * third :])))


def test_what_is_decoded_is_what_was_encoded() -> None:
    ink = hand(5, 200)
    assert decode(encode(ink)) == ink


@pytest.mark.parametrize("ink", [Ink(PAD, ()), Ink(Extents(1, 1, 0), ((Point(0, 1, 0, 0),),))])
def test_the_least_ink_is_kept(ink: Ink) -> None:
    assert decode(encode(ink)) == ink


def test_five_seconds_at_200_hz_take_at_most_3_kb() -> None:
    ink = hand(5, 200)
    assert ink.points >= 998
    assert len(encode(ink)) <= 3_000


def test_the_format_is_as_it_was_from_the_first_version_on() -> None:
    """Bytes that are kept in journals, worked out by hand: if this fails, a new version number is due."""
    first = (Point(0, 100, 50, 300), Point(5, 110, 60, 310), Point(10, 119, 71, 290))
    second = (Point(200, 4095, 0, 0), Point(205, 0, 2047, 1023))
    golden = (
        b"\x01\x00"  # version 1, plain
        b"\xff\x1f\xff\x0f\xff\x07"  # 4095, 2047, 1023
        b"\x02\x03\x02"  # two strokes, of three points and of two
        b"\x00\x0a\x00" + b"\xfc\x02\x0a"  # times: 0, +5, +5; +190, +5
        b"\xc8\x01\x14\x01" + b"\x90\x3e\xfd\x3f"  # x: +100, +10, +9; +3976, -4095
        b"\x64\x14\x02" + b"\x8d\x01\xfe\x1f"  # y: +50, +10, +11; -71, +2047
        b"\xd8\x04\x14\x3b" + b"\xc3\x04\xfe\x0f"  # pressure: +300, +10, -20; -290, +1023
    )
    ink = Ink(PAD, (first, second))
    assert encode(ink) == golden
    assert decode(golden) == ink


def test_worst_ink_fits_its_bound() -> None:
    chance = random.Random(1)
    axis = (1 << 19) - 1
    corners = [
        Point(chance.choice((0, TIME_MAX_MS)), *(chance.choice((0, axis)) for _ in range(3))) for _ in range(POINTS_MAX)
    ]
    ends = [Point((step % 2) * TIME_MAX_MS, *((step % 2) * axis for _ in range(3))) for step in range(POINTS_MAX)]
    for points in (corners, ends):
        for strokes in ((tuple(points),), tuple((point,) for point in points)):
            ink = Ink(Extents(axis, axis, axis), strokes)
            data = encode(ink)
            assert len(data) <= BYTES_MAX
            assert decode(data) == ink


def test_a_batch_of_the_journal_holds_the_worst_ink() -> None:
    assert BYTES_MAX * 4 / 3 < 60 * 4096


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "two bytes"),
        (b"\x01", "two bytes"),
        (b"\x02\x00\x01\x01\x00\x00", "newer posd"),
        (b"\x01\x07\x01\x01\x00\x00", "packing 7"),
        (b"\x01\x00", "too early"),
        (b"\x01\x00\x01\x01\x00\x01\x01\x00", "too early"),
        (b"\x01\x00\x01\x01\x00\x00\x00", "follows"),
        (b"\x01\x00\x01\x01\x00\x01\x00", "empty"),
        (b"\x01\x00\x00\x01\x00\x00", "extents"),
        (b"\x01\x00\x01\x01\x00\x80", "cut off"),
        (b"\x01\x00\x80\x80\x80\x80\x80\x01", "too long"),
        (b"\x01\x00\x01\x01\x00\xff\xff\x03", "more than"),
        (b"\x01\x00\x01\x01\x00\x02\xff\x5d\xff\x5d", "more than"),
        (b"\x01\x00\x01\x01\x00\x01\x01\x00\x04\x00\x00", "outside"),
        (b"\x01\x00\x01\x01\x00\x01\x01\x01\x00\x00\x00", "outside"),
        (b"\x01\x01hello", "damaged"),
        (b"\x01\x01" + zlib.compress(b"\x01\x01\x00\x00")[:-2], "cut off"),
        (b"\x01\x01" + zlib.compress(b"\x01\x01\x00\x00") + b"x", "followed"),
        (b"\x01\x01" + zlib.compress(bytes(50_000_000)), "too long"),
    ],
)
def test_damaged_bytes_are_refused_with_what_is_wrong(data: bytes, says: str) -> None:
    with pytest.raises(BadStrokes, match=says):
        decode(data)


def test_every_cut_and_every_flipped_bit_is_ink_or_refused() -> None:
    """Damage is the journal's checksum to find; here it may only never break the reader."""
    for data in (encode(hand(0.2, 200)), b"\x01\x00" + zlib.decompress(encode(hand(0.2, 200))[2:])):
        for place in range(len(data)):
            for mutant in (
                data[:place],
                *(data[:place] + bytes((data[place] ^ 1 << bit,)) + data[place + 1 :] for bit in range(8)),
            ):
                try:
                    assert encode(decode(mutant))
                except BadStrokes:
                    continue


def test_ink_beyond_the_bounds_is_a_fault_of_the_program() -> None:
    for ink in (
        Ink(PAD, ((),)),
        Ink(PAD, ((Point(0, 4096, 0, 0),),)),
        Ink(PAD, (tuple(Point(0, 0, 0, 0) for _ in range(POINTS_MAX + 1)),)),
    ):
        with pytest.raises(AssertionError):
            encode(ink)


def test_it_is_smaller_than_raw_events() -> None:
    ink = hand(5, 200)
    raw = b"".join(
        struct.pack("llHHi", 0, point.t_ms, 3, code, value)
        for s in ink.strokes
        for point in s
        for code, value in enumerate(point)
    )
    assert len(encode(ink)) < len(zlib.compress(raw, 9)) < len(raw)
