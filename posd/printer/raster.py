"""Bitmaps as `GS v 0` raster data, or as dots on the line (`ESC *`), that no printer can mistake for commands. Pure.

Printers execute `10 04` (status), `10 05` (recover, clear) and `10 14` (drawer, power-off, clear) in real time, even
inside raster data. And a printer that is without power for a moment inside a picture reads the rest of it as text and
commands: `1B 70` opens the drawer, `1B 69` cuts, `1B 3D` makes it deaf, `1D 72` answers the question behind the slip
too early, `1D 28` and `1C` write into its memory. So among the dots stands no byte that begins a command, ESC (1B),
FS (1C) or GS (1D), and no DLE (10) that is the first of such a pair. The cure is one dot, beside one that is black
(1B -> 3B, 1C -> 3C, 1D -> 3D, 10 -> 18): 0.125 mm more of black is not seen, and none of the new bytes completes a
pair. What is left of a picture, from any byte on, is text then: signs on paper, line feeds among them, but never a
command.

A header that is cut in two cannot take part: what follows a size is 00, which completes no command.

Data goes out in bands of a few millimetres: a printer that is cleared inside an image is owed at most one band of
dots, which the flush before the next job covers.
"""

from __future__ import annotations

from posd.domain.device import Bitmap

BAND_ROWS = 24
LETTER_ROWS = 24
REALTIME = (b"\x10\x04", b"\x10\x05", b"\x10\x14")
_BEGIN = (0x1B, 0x1C, 0x1D)
_HARMLESS = bytes(byte | 0x20 if byte in _BEGIN else byte for byte in range(256))


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
    """`data` with a dot added wherever a command could begin."""
    data = data.translate(_HARMLESS)
    for pair in REALTIME:
        if pair in data:
            data = data.replace(pair, b"\x18" + pair[1:])
    return data
