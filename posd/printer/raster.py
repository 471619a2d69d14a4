"""Bitmaps as `GS v 0` raster data, or as dots on the line (`ESC *`), that no printer can mistake for commands. Pure.

Printers execute `10 04` (status), `10 05` (recover, clear) and `10 14` (drawer, power-off, clear) in real time,
even inside raster data. So no such pair may arise. The cure is one dot: 10 is a byte with a single black dot, and
wherever the next byte would complete a pair the dot gets a neighbour (10 -> 18). 18 begins no real-time command and
completes none, so one pass is enough, and 0.125 mm more of black is not seen. The header cannot take part: rows of
a band are at most 255, so that its last byte is 00. Neither can what follows: text has no control bytes.

Data goes out in bands of a few millimetres: a printer that is cleared inside an image is owed at most one band of
dots, which the flush before the next job covers.
"""

from __future__ import annotations

from posd.domain.device import Bitmap

BAND_ROWS = 24
LETTER_ROWS = 24
REALTIME = (b"\x10\x04", b"\x10\x05", b"\x10\x14")


def raster(bitmap: Bitmap) -> bytes:
    """The commands that print `bitmap`; its width rounds up to whole bytes."""
    assert 0 < bitmap.width <= 0xFF * 8, bitmap.width
    stride = (bitmap.width + 7) // 8
    assert len(bitmap.data) == stride * bitmap.height, (len(bitmap.data), stride, bitmap.height)
    out = bytearray()
    for first in range(0, bitmap.height, BAND_ROWS):
        rows = min(BAND_ROWS, bitmap.height - first)
        out += b"\x1dv0\x00" + bytes((stride, 0, rows, 0))
        out += harmless(bitmap.data[first * stride : (first + rows) * stride])
    return bytes(out)


def dots_on_line(bitmap: Bitmap) -> bytes:
    """The command that puts `bitmap`, as high as a line of text and at most 255 dots wide, where the next character
    would stand: columns of 24 dots from left to right, each of three bytes from the top (ESC *, mode 33).
    """
    assert bitmap.height == LETTER_ROWS, bitmap.height
    assert 0 < bitmap.width <= 0xFF, bitmap.width
    return b"\x1b*\x21" + bytes((bitmap.width, 0)) + harmless(columns_of(bitmap))


def columns_of(bitmap: Bitmap) -> bytes:
    """The columns of a bitmap of `LETTER_ROWS`, left to right, each of three bytes from the top."""
    stride = (bitmap.width + 7) // 8
    rows = [int.from_bytes(bitmap.data[at : at + stride], "big") for at in range(0, len(bitmap.data), stride)]
    out = bytearray()
    for place in range(stride * 8 - 1, stride * 8 - 1 - bitmap.width, -1):
        column = 0
        for row in rows:
            column = column << 1 | (row >> place & 1)
        out += column.to_bytes(3, "big")
    return bytes(out)


def harmless(data: bytes) -> bytes:
    """`data` with a dot added wherever a real-time command would begin."""
    for pair in REALTIME:
        if pair in data:
            data = data.replace(pair, b"\x18" + pair[1:])
    return data
