"""Ink, and the bytes in which it is kept. Pure.

Ink is strokes of points in the pad's own units, with time and pressure, and the pad's extents. The coding is exact:
what was decoded equals what was encoded, number for number.

Coding, version 1: two bytes (version; 0 plain or 1 zlib), then a run of varints (7 bits a byte, low first, the last
byte below 0x80), compressed if that is shorter:
- x_max, y_max, p_max, the number of strokes, and each stroke's number of points;
- then four columns over all points, stroke after stroke: t_ms, x, y, pressure. Each number is the change of the
  change, zigzag coded (0, -1, 1, -2 -> 0, 1, 2, 3). A stroke's first point is the plain change from the last stroke's
  last point (from 0 in the first stroke), and the change before its second point counts as zero.
A steady hand at a steady rate makes most of these numbers 0 or near it.

Bounds: `POINTS_MAX` points, axes to `AXIS_MAX`, times to `TIME_MAX_MS`. The worst ink there can be takes `BYTES_MAX`,
180 KB, and so fits into one batch of the journal, base64 included.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

VERSION = 1
POINTS_MAX = 12_000
"""One minute of pen on paper at 200 Hz."""
AXIS_MAX = (1 << 19) - 1
TIME_MAX_MS = (1 << 26) - 1
BYTES_MAX = (3 * 3 + 4) * POINTS_MAX + 2 * POINTS_MAX + 64
"""No ink takes more: three bytes for each place and pressure, four for a time, two for a stroke's length, and the head.
"""
_PLAIN, _ZLIB = 0, 1
_VARINT_BYTES_MAX = 5


class BadStrokes(ValueError):
    """Bytes that are not ink in this coding; the message says what is wrong with them."""


class Point(NamedTuple):
    """Milliseconds since the first point of the ink, place in the pad's units (y downwards), pressure."""

    t_ms: int
    x: int
    y: int
    pressure: int


class Extents(NamedTuple):
    """The greatest value of each axis, the least being 0; `p_max` is 0 for a pad without pressure."""

    x_max: int
    y_max: int
    p_max: int


Stroke = tuple[Point, ...]


class Ink(NamedTuple):
    """What a pen did on a pad. No stroke is empty."""

    extents: Extents
    strokes: tuple[Stroke, ...]

    @property
    def points(self) -> int:
        """How many points in all."""
        return sum(len(stroke) for stroke in self.strokes)


def encode(ink: Ink) -> bytes:
    """The bytes of `ink`, which must be within the bounds above."""
    fault = _fault(ink)
    assert fault is None, fault
    numbers = [*ink.extents, len(ink.strokes), *(len(stroke) for stroke in ink.strokes)]
    for column in range(4):
        numbers.extend(_second_changes(ink.strokes, column))
    plain = _varints(numbers)
    packed = zlib.compress(plain, 9)
    if len(packed) < len(plain):
        return bytes((VERSION, _ZLIB)) + packed
    return bytes((VERSION, _PLAIN)) + plain


def decode(data: bytes) -> Ink:
    """The ink of `data`. BadStrokes for anything that `encode` could not have meant; never more than the bounds in
    memory.
    """
    numbers = _read_varints(_unpacked(data))
    try:
        extents = Extents(next(numbers), next(numbers), next(numbers))
        lengths = [next(numbers) for _ in range(_bounded(next(numbers)))]
        points = _bounded(sum(lengths))
        columns = [_undone(lengths, [next(numbers) for _ in range(points)]) for _ in range(4)]
    except StopIteration:
        raise BadStrokes("the strokes end too early") from None
    if next(numbers, None) is not None:
        raise BadStrokes("something follows the last point")
    everything = map(Point, *columns)
    strokes = tuple(tuple(next(everything) for _ in range(length)) for length in lengths)
    ink = Ink(extents, strokes)
    fault = _fault(ink)
    if fault is not None:
        raise BadStrokes(fault)
    return ink


def _fault(ink: Ink) -> str | None:
    """Which bound `ink` breaks, or None."""
    x_max, y_max, p_max = ink.extents
    if not (0 < x_max <= AXIS_MAX and 0 < y_max <= AXIS_MAX and 0 <= p_max <= AXIS_MAX):
        return f"extents {tuple(ink.extents)} are not those of a pad"
    if ink.points > POINTS_MAX:
        return f"{ink.points} points are more than {POINTS_MAX}"
    for stroke in ink.strokes:
        if not stroke:
            return "a stroke is empty"
        for t_ms, x, y, pressure in stroke:
            if not (0 <= t_ms <= TIME_MAX_MS and 0 <= x <= x_max and 0 <= y <= y_max and 0 <= pressure <= p_max):
                return f"a point at {x}, {y} with pressure {pressure} at {t_ms} ms lies outside of the pad or its time"
    return None


def _second_changes(strokes: Iterable[Stroke], column: int) -> Iterator[int]:
    value = 0
    for stroke in strokes:
        yield _zigzag(stroke[0][column] - value)
        value, change = stroke[0][column], 0
        for point in stroke[1:]:
            step = point[column] - value - change
            value, change = point[column], change + step
            yield _zigzag(step)


def _undone(lengths: list[int], column: list[int]) -> list[int]:
    values: list[int] = []
    steps = iter(column)
    value = 0
    for length in lengths:
        change = 0
        for place in range(length):
            coded = next(steps)
            step = -((coded + 1) >> 1) if coded & 1 else coded >> 1
            value += change + step
            change = change + step if place else 0
            values.append(value)
    return values


def _zigzag(number: int) -> int:
    return number * 2 if number >= 0 else -number * 2 - 1


def _varints(numbers: Iterable[int]) -> bytes:
    out = bytearray()
    for number in numbers:
        while number >= 0x80:
            out.append(number & 0x7F | 0x80)
            number >>= 7
        out.append(number)
    return bytes(out)


def _read_varints(data: bytes) -> Iterator[int]:
    number = shift = 0
    for byte in data:
        number |= (byte & 0x7F) << shift
        if byte & 0x80:
            shift += 7
            if shift >= 7 * _VARINT_BYTES_MAX:
                raise BadStrokes("a number is too long")
        else:
            yield number
            number = shift = 0
    if shift:
        raise BadStrokes("the last number is cut off")


def _unpacked(data: bytes) -> bytes:
    if len(data) < 2:
        raise BadStrokes("there are fewer than two bytes")
    if data[0] != VERSION:
        raise BadStrokes(f"version {data[0]} is not {VERSION}; a newer posd wrote it")
    if data[1] == _PLAIN:
        return data[2:]
    if data[1] != _ZLIB:
        raise BadStrokes(f"packing {data[1]} is unknown")
    unpacker = zlib.decompressobj()
    try:
        plain = unpacker.decompress(data[2:], BYTES_MAX)
    except zlib.error as error:
        raise BadStrokes(f"the packed strokes are damaged: {error}") from error
    if not unpacker.eof or unpacker.unused_data:
        raise BadStrokes("the packed strokes are cut off, too long, or followed by something")
    return plain


def _bounded(count: int) -> int:
    if count > POINTS_MAX:
        raise BadStrokes(f"{count} strokes or points are more than {POINTS_MAX}")
    return count
