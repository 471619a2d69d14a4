"""QR codes and bar codes as bitmaps, and how large a printer's own may be. Pure. The only module that imports segno
and barcode.

- A QR code has error correction M: 15 % of it may be torn or faded (ISO/IEC 18004).
- A bar code is Code 128 in code set B: every printable ASCII character has one symbol of 11 modules, behind a start
  symbol and before a check symbol and a stop of 13 (ISO/IEC 15417). Code set C would be half as wide for digits, but
  its data are bytes of 0 to 99, among them the pairs `10 04`, `10 05` and `10 14` that a printer obeys at once.
"""

from __future__ import annotations

from posd.domain.device import Bitmap

QR_DOTS_MAX = 8
QR_DOTS_MIN = 4
"""Of a module, where the paper has room; Denso Wave recommends as many (qrcode.com, setting the module size)."""
QR_QUIET_MODULES = 4
BAR_DOTS_MAX = 3
QUIET_MODULES = 10
# Bytes that a QR code of version 1, 2, ... takes at level M (ISO/IEC 18004, table 7).
_QR_BYTES_TEXT = """
    14 26 42 62 84 106 122 152 180 213 251 287 331 362 412 450 504 560 624 666 711 779 857 911 997 1059 1125 1190 1264
    1370 1452 1538 1628 1722 1809 1911 1989 2099 2213 2331"""
QR_BYTES = tuple(map(int, _QR_BYTES_TEXT.split()))


def qr_size(data: bytes, paper_dots: int) -> int:
    """Dots a module, so that the code takes at most two fifths of the paper; more of it where modules would be smaller
    than `QR_DOTS_MIN`, as far as it is wide; at least 1.
    """
    version = next((v for v, room in enumerate(QR_BYTES, 1) if len(data) <= room), len(QR_BYTES))
    modules = 17 + 4 * version
    most = min(QR_DOTS_MIN, paper_dots // (modules + 2 * QR_QUIET_MODULES))
    return max(1, most, min(QR_DOTS_MAX, paper_dots * 2 // 5 // modules))


def qr_bitmap(text: str, size: int, border: int) -> Bitmap:
    """A QR code of level M with `size` dots a module and a quiet zone of `border` modules."""
    import segno

    code = segno.make_qr(text, error="m", boost_error=False)
    return _bitmap([[bool(module) for module in row] for row in code.matrix_iter(border=border)], size, size)


def bar_size(text: str, paper_dots: int) -> int:
    """Dots a module for a bar code of `text` with its quiet zones; 0 where it does not fit, or cannot be one."""
    if not text or not text.isascii() or not text.isprintable():
        return 0
    modules = 11 * (len(text) + 2) + 13 + 2 * QUIET_MODULES
    return min(BAR_DOTS_MAX, paper_dots // modules)


def bar_bitmap(text: str, size: int, height: int) -> Bitmap:
    """Code 128 of `text` (printable ASCII), `size` dots a module, without quiet zones."""
    from barcode.charsets import code128

    values = [code128.START_CODES["B"], *(code128.B[char] for char in text)]
    check = (values[0] + sum(place * value for place, value in enumerate(values))) % 103
    modules = "".join(code128.CODES[value] for value in (*values, check)) + code128.STOP + "11"
    return _bitmap([[module == "1" for module in modules]], size, height)


def _bitmap(rows: list[list[bool]], wide: int, tall: int) -> Bitmap:
    width = len(rows[0]) * wide
    stride = (width + 7) // 8
    data = bytearray()
    for row in rows:
        bits = "".join(("1" if module else "0") * wide for module in row)
        data += int(bits.ljust(stride * 8, "0"), 2).to_bytes(stride, "big") * tall
    return Bitmap(width, len(rows) * tall, bytes(data))
