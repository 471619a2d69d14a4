"""A signature that a pad delivers as a finished picture: what it looks like. Pure; the bytes are kept as they came.

Two forms: a Windows bitmap of one bit a dot, uncompressed, and a PBM of the kind P4, which some pads put behind the
letters `VX820-ESIGN` (docs/serial-pad.md). Of a bitmap's two colours the one that covers less is ink: the vendors'
own code never looks at the table of colours, so pads need not fill it in rightly, and no signature covers half of its
area.
"""

from __future__ import annotations

import re
import struct

from posd.domain.device import Bitmap

SIDE_MAX = 4096
_LETTERS = b"VX820-ESIGN"
_FILE_HEAD = struct.Struct("<2sIHHI")
_PICTURE_HEAD = struct.Struct("<IiiHHI")
_UNCOMPRESSED = 0
_PORTABLE = re.compile(rb"P4\s+(\d{1,5})\s+(\d{1,5})\s")


class BadPicture(ValueError):
    """The bytes are no picture of a known form; the message says what is wrong with them."""


def read(data: bytes) -> Bitmap:
    """The picture in `data`, rows from top to bottom, 1 is ink. BadPicture."""
    if data.startswith(_LETTERS):
        data = data[len(_LETTERS) :]
    if data.startswith(b"BM"):
        return _windows(data)
    if data.startswith(b"P4"):
        return _portable(data)
    raise BadPicture(f"it begins with {data[:4].hex(' ') or 'nothing'}: neither a bitmap (BM) nor a PBM (P4)")


def blank(picture: Bitmap) -> bool:
    """Whether not one dot is ink."""
    return not any(picture.data)


def _windows(data: bytes) -> Bitmap:
    if len(data) < _FILE_HEAD.size + _PICTURE_HEAD.size:
        raise BadPicture(f"a bitmap of {len(data)} bytes has no whole head")
    start: int = _FILE_HEAD.unpack_from(data)[4]
    _head, width, height, _planes, depth, compression = _PICTURE_HEAD.unpack_from(data, _FILE_HEAD.size)
    if depth != 1 or compression != _UNCOMPRESSED:
        raise BadPicture(
            f"a bitmap of {depth} bits a dot, compression {compression}; one bit, uncompressed, is understood"
        )
    rows, row, padded = abs(height), (width + 7) // 8, (width + 31) // 32 * 4
    _check_size(width, rows, len(data) - start, padded * rows)
    lines = [data[start + at : start + at + row] for at in range(0, padded * rows, padded)]
    if height > 0:
        lines.reverse()
    drawn = _picture(width, lines, inverted=False)
    covered = int.from_bytes(drawn.data, "big").bit_count()
    return drawn if covered * 2 <= width * rows else _picture(width, lines, inverted=True)


def _portable(data: bytes) -> Bitmap:
    head = _PORTABLE.match(data)
    if head is None:
        raise BadPicture("a PBM without its width and height")
    width, height, row = int(head[1]), int(head[2]), (int(head[1]) + 7) // 8
    start = head.end()
    _check_size(width, height, len(data) - start, row * height)
    return _picture(width, [data[start + at : start + at + row] for at in range(0, row * height, row)], inverted=False)


def _check_size(width: int, height: int, there: int, needed: int) -> None:
    if not (0 < width <= SIDE_MAX and 0 < height <= SIDE_MAX):
        raise BadPicture(f"a picture of {width} x {height} dots; each side may have 1 to {SIDE_MAX}")
    if there < needed:
        raise BadPicture(f"{width} x {height} dots take {needed} bytes, there are {max(there, 0)}")


def _picture(width: int, lines: list[bytes], *, inverted: bool) -> Bitmap:
    """Rows as a Bitmap; the bits behind the last dot of a row are cleared."""
    row = (width + 7) // 8
    whole = (1 << row * 8) - 1
    kept = whole ^ ((1 << row * 8 - width) - 1)
    flip = whole if inverted else 0
    data = b"".join(((int.from_bytes(line, "big") ^ flip) & kept).to_bytes(row, "big") for line in lines)
    return Bitmap(width, len(lines), data)
