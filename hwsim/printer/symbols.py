"""QR codes and barcodes as rows of dots.

Rules: pure functions from settings and data to rows (packed, most significant bit left). What the printer could not
print raises ValueError with the reason.
"""

from __future__ import annotations

from functools import lru_cache

import segno

from hwsim.printer.barcodes import draw_bars

Rows = tuple[bytes, ...]


def pack(row: list[bool]) -> bytes:
    """Dots of one row to bytes, padded with blanks."""
    padded = row + [False] * (-len(row) % 8)
    return bytes(
        sum(bit << (7 - index) for index, bit in enumerate(padded[at : at + 8])) for at in range(0, len(padded), 8)
    )


@lru_cache(maxsize=64)
def qr_rows(data: bytes, *, level: str, module: int) -> tuple[int, Rows]:
    """Width and rows of a QR code (model 2), `module` dots a module, without a quiet zone."""
    if not data:
        raise ValueError("no data is stored")
    content: bytes | str = data.decode("ascii") if data.isascii() else data
    try:
        code = segno.make_qr(content, error=level, boost_error=False)
    except segno.DataOverflowError as error:
        raise ValueError("too much data for a QR code") from error
    rows: list[bytes] = []
    for line in code.matrix:
        rows += [pack([bool(dot) for dot in line for _ in range(module)])] * module
    return len(code.matrix) * module, tuple(rows)


def barcode_rows(kind: int, data: bytes, *, module: int, height: int) -> tuple[int, Rows]:
    """Width and rows of a barcode."""
    bars = draw_bars(kind, data, module)
    row: list[bool] = []
    for index, width in enumerate(bars.widths):
        row += [index % 2 == 0] * width
    return len(row), (pack(row),) * height
