"""Star line mode's pictures: raster (ESC GS S), rows and columns on the line, raster mode (ESC * r), QR and barcodes.

Rules: as in `graphics_commands`. Raster mode is left by ESC * r B only: until then every byte is read as raster data or
as a command of that mode, so text that follows an interrupted picture is swallowed. Facts: Star Line Mode Command
Specifications, chapter 3.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from hwsim.printer import barcodes
from hwsim.printer.graphics_commands import IMAGE, STRIPE, band_of, columns_on_line, print_barcode, print_qr
from hwsim.printer.interpreter import Interpreter, Reading, Vocabulary, take
from hwsim.printer.typesetter import BAND_ROWS

_BAR_KINDS = (
    barcodes.UPC_E,
    barcodes.UPC_A,
    barcodes.EAN8,
    barcodes.EAN13,
    barcodes.CODE39,
    barcodes.ITF,
    barcodes.CODE128,
    barcodes.CODE93,
    barcodes.CODABAR,
)
"""ESC b's first argument to the kind of barcode."""


def raster(it: Interpreter) -> Reading:
    """ESC GS S m xL xH yL yH n d...: a picture of its own."""
    _, xl, xh, yl, yh, _ = yield from take(6)
    row_bytes, rows_left = xl + 256 * xh, yl + 256 * yh
    if not row_bytes or not rows_left:
        it.refuse("ESC GS S")
        return
    it.setter.flush()
    first = True
    while rows_left:
        count = min(rows_left, BAND_ROWS)
        band = band_of((yield from take(row_bytes * count)), row_bytes)
        it.setter.print_band(row_bytes * 8, band, IMAGE, first=first)
        first = False
        rows_left -= count


def rows_on_line(it: Interpreter) -> Reading:
    """ESC k n1 n2 d...: 24 rows of so many bytes on the line."""
    low, top = yield from take(2)
    row_bytes = low + 256 * top
    data = yield from take(row_bytes * 24)
    if row_bytes:
        it.setter.put_dots(row_bytes * 8, band_of(data, row_bytes), STRIPE)


def fine_columns(it: Interpreter) -> Reading:
    """ESC X n1 n2 d...: columns of 24 dots."""
    yield from _read_columns(it, 24, 1, 1)


def coarse_columns(it: Interpreter) -> Reading:
    """ESC K n1 n2 d...: columns of 8 dots, each as three by two."""
    yield from _read_columns(it, 8, 2, 3)


def dense_columns(it: Interpreter) -> Reading:
    """ESC L n1 n2 d...: columns of 8 dots, three high."""
    yield from _read_columns(it, 8, 1, 3)


def _read_columns(it: Interpreter, depth: int, scale_x: int, scale_y: int) -> Reading:
    low, top = yield from take(2)
    columns = low + 256 * top
    data = yield from take(columns * depth // 8)
    columns_on_line(it, data, depth, scale_x, scale_y)


def raster_mode(it: Interpreter) -> Reading:
    """ESC * r A: raster mode up to ESC * r B. `b` carries a row, ESC * r Y feeds, ESC FF prints what was sent."""
    rows: list[bytes] = []
    while True:
        lead = yield
        if lead in (0x62, 0x6B):
            low, top = yield from take(2)
            rows.append((yield from take(low + 256 * top)))
        elif lead != 0x1B:
            continue  # what is no raster command is swallowed
        else:
            kind = yield
            if kind == 0x0C:
                yield
                _print_rows(it, rows)
            elif kind == 0x2A:
                order = (yield from take(2))[1:]
                value = b"" if order in b"ABCR" else (yield from _number())
                if order == b"B":
                    _print_rows(it, rows)
                    return
                if order in (b"C", b"R"):
                    rows.clear()
                elif order == b"Y":
                    rows += [b"\x00"] * int(value or b"0")


def _number() -> Generator[Any, Any, bytes]:
    """Digits up to a NUL."""
    digits = b""
    while byte := (yield):
        digits += bytes([byte])
    return digits if digits.isdigit() else b"0"


def _print_rows(it: Interpreter, rows: list[bytes]) -> None:
    width = max((len(row) for row in rows), default=0)
    if width:
        it.setter.print_picture(width * 8, tuple(row.ljust(width, b"\x00") for row in rows), IMAGE)
    rows.clear()


def qr_setting(it: Interpreter, args: bytes) -> None:
    """ESC GS y S kind n: 0 model, 1 level, 2 size of a module."""
    kind, n, symbols = args[0] % 48, args[1], it.setter.modes.symbols
    if kind == 0 and n in (1, 2):
        symbols.qr_model = n
    elif kind == 1 and n <= 3:
        symbols.qr_level = "LMQH"[n]
    elif kind == 2 and 1 <= n <= 8:
        symbols.qr_module = n
    else:
        it.refuse("ESC GS y S")


def qr_data(it: Interpreter) -> Reading:
    """ESC GS y D 1 m nL nH d..."""
    _, low, top = yield from take(3)
    it.setter.modes.symbols.qr_data = yield from take(low + 256 * top)


def qr_print(it: Interpreter, _args: bytes) -> None:
    """ESC GS y P."""
    print_qr(it, "ESC GS y P")


def barcode(it: Interpreter) -> Reading:
    """ESC b n1 n2 n3 n4 d... RS: kind, text below, width of a bar, height."""
    kind, text, width, height = yield from take(4)
    data = bytearray()
    while (byte := (yield)) != 0x1E:
        data.append(byte)
    symbols, kind = it.setter.modes.symbols, kind % 48
    if kind >= len(_BAR_KINDS):
        it.refuse(f"ESC b {kind}")
        return
    symbols.hri = 2 if text % 48 in (2, 4) else 0
    symbols.bar_module, symbols.bar_height = max(1, min(4, width % 48 + 1)), height or 1
    if _BAR_KINDS[kind] == barcodes.CODE128:
        data[:0] = b"{B"
    print_barcode(it, _BAR_KINDS[kind], bytes(data), "ESC b")


STAR_GRAPHICS = Vocabulary(
    fixed={b"\x1b\x1dyS": (2, qr_setting), b"\x1b\x1dyP": (0, qr_print)},
    special={
        b"\x1b\x1dS": raster,
        b"\x1bk": rows_on_line,
        b"\x1bX": fine_columns,
        b"\x1bK": coarse_columns,
        b"\x1bL": dense_columns,
        b"\x1b*rA": raster_mode,
        b"\x1b\x1dyD1": qr_data,
        b"\x1bb": barcode,
    },
    ignored={b"\x1b*rR": 0, b"\x1b*rC": 0, b"\x1b*rB": 0, b"\x1b\x0c\x00": 0, b"\x1b\x0c\x04": 0},
)
