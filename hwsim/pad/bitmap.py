"""Strokes as the finished picture that a serial pad delivers: a Windows bitmap of one bit a dot."""

from __future__ import annotations

import struct

from hwsim.events import PAD_HEIGHT, PAD_WIDTH
from hwsim.pad.hand import Stroke


def picture(strokes: list[Stroke], width: int, height: int, pen: int = 2) -> bytes:
    """The BMP file: black on white, the whole pad scaled to width x height dots, lines `pen` dots thick."""
    dots = [bytearray(width) for _ in range(height)]
    for stroke in strokes:
        places = [(s.x * (width - 1) // (PAD_WIDTH - 1), s.y * (height - 1) // (PAD_HEIGHT - 1)) for s in stroke]
        for (x0, y0), (x1, y1) in zip(places, places[1:] or places, strict=False):
            steps = max(abs(x1 - x0), abs(y1 - y0), 1)
            for step in range(steps + 1):
                _dab(dots, x0 + (x1 - x0) * step // steps, y0 + (y1 - y0) * step // steps, pen)
    stride = (width + 31) // 32 * 4
    rows = b"".join(_packed(row).ljust(stride, b"\x00") for row in reversed(dots))
    colours = b"\xff\xff\xff\x00" + b"\x00\x00\x00\x00"
    start = 14 + 40 + len(colours)
    header = b"BM" + struct.pack("<IHHI", start + len(rows), 0, 0, start)
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 1, 0, len(rows), 0, 0, 2, 2)
    return header + info + colours + rows


def _dab(dots: list[bytearray], x: int, y: int, pen: int) -> None:
    for row in dots[max(0, y) : y + pen]:
        for at in range(max(0, x), min(len(row), x + pen)):
            row[at] = 1


def _packed(row: bytearray) -> bytes:
    padded = row + bytes(-len(row) % 8)
    return bytes(
        sum(bit << (7 - index) for index, bit in enumerate(padded[at : at + 8])) for at in range(0, len(padded), 8)
    )
