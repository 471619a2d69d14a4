"""Signature ink for other programs: ISO/IEC 19794-7:2007, signature time series in the full format. Pure.

Layout (GOST R ISO/IEC 19794-7-2009, clause 7 and annex; its ASN.1 stands in GOST R ISO/IEC 8825-6-2013 too), numbers
big endian:

    "SDI" NUL, " 10" NUL, two bytes of channels, a description of each channel, one reserved byte
    one byte without extended data, the number of points in three bytes, the points

Channels here are X, Y, T, F where the pad tells pressure, and S (1: the pen touches). A description is one byte that
says what follows: a scaling value, the least and the greatest value. A scaling value (1 + F / 2048) * 2 ** (E - 16)
in 5 + 11 bits divides a channel's numbers into seconds; of places and pressure the pad's true size is not known, so
these have their range and no scale.

Y grows upwards there and downwards on a pad. At the end of each stroke its last place is told once more with the pen
lifted. A pad finer than `AXIS_MAX`, or ink longer than `TIME_MAX` milliseconds, is told in coarser steps: nothing else
is lost.
"""

from __future__ import annotations

import struct

from posd.pad.strokes import Ink

AXIS_MAX = 32767
FORCE_MAX = TIME_MAX = 65535
_X, _Y, _T, _F, _S = 0x8000, 0x4000, 0x0100, 0x0040, 0x0020
_SCALE, _LEAST, _GREATEST = 0x80, 0x40, 0x20


def encode(ink: Ink) -> bytes:
    """The ink as one record."""
    extents = ink.extents
    place = _step(max(extents.x_max, extents.y_max), AXIS_MAX)
    force = _step(extents.p_max, FORCE_MAX)
    time = _step(ink.strokes[-1][-1].t_ms if ink.strokes else 0, TIME_MAX)
    has_force = extents.p_max > 0

    points = bytearray()
    count = 0
    for stroke in ink.strokes:
        for point, touches in (*((p, 1) for p in stroke), (stroke[-1], 0)):
            points += struct.pack(">HHH", point.x // place, (extents.y_max - point.y) // place, point.t_ms // time)
            if has_force:
                points += struct.pack(">H", point.pressure // force * touches)
            points.append(touches)
            count += 1

    channels = _X | _Y | _T | _S | (_F if has_force else 0)
    head = b"SDI\0 10\0" + channels.to_bytes(2, "big") + _range(extents.x_max // place) + _range(extents.y_max // place)
    head += bytes([_SCALE]) + _scaling(1000 / time)
    if has_force:
        head += _range(extents.p_max // force)
    return head + _range(1, "B") + b"\0" + b"\0" + count.to_bytes(3, "big") + bytes(points)


def _step(greatest: int, most: int) -> int:
    """The smallest unit in which `greatest` is no more than `most`."""
    return max(1, -(-greatest // most))


def _range(greatest: int, form: str = "H") -> bytes:
    return bytes([_LEAST | _GREATEST]) + struct.pack(f">{form}{form}", 0, greatest)


def _scaling(value: float) -> bytes:
    exponent = 0
    while not 1 <= value < 2:
        value, exponent = (value / 2, exponent + 1) if value >= 2 else (value * 2, exponent - 1)
    return ((exponent + 16) << 11 | round((value - 1) * 2048)).to_bytes(2, "big")
