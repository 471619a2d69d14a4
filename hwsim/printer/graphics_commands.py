"""Commands that print dots: raster pictures, stored graphics, bit images on the line, QR codes and barcodes.

Rules: as in `text_commands`. Raster data goes to the head band by band while it still arrives. A symbol that the
printer cannot make, or that is wider than the area, prints nothing and is counted as refused.
"""

from __future__ import annotations

from hwsim.printer.barcodes import NOT_DRAWN, draw_bars
from hwsim.printer.interpreter import Interpreter, Reading, Vocabulary, command_name, take
from hwsim.printer.symbols import Rows, barcode_rows, pack, qr_rows
from hwsim.printer.typesetter import BAND_ROWS

IMAGE, STRIPE = "image", "stripe"
"""Labels of pictures; stripes that follow one another are one picture (ESC *)."""


def raster(it: Interpreter) -> Reading:
    """GS v 0 m xL xH yL yH d...: m bit 0 doubles the width, bit 1 the height."""
    form, mode, xl, xh, yl, yh = yield from take(6)
    row_bytes, rows_left = xl + 256 * xh, yl + 256 * yh
    if form not in (0, 48) or mode % 48 > 3 or not row_bytes or not rows_left:
        it.refuse("GS v 0")
        return
    scale_x, scale_y = 1 + (mode & 1), 1 + (mode >> 1 & 1)
    it.setter.flush()
    first = True
    while rows_left:
        count = min(rows_left, BAND_ROWS // scale_y)
        band: list[bytes] = []
        for row in band_of((yield from take(row_bytes * count)), row_bytes):
            band += [_stretch(row, scale_x)] * scale_y
        it.setter.print_band(row_bytes * 8 * scale_x, tuple(band), IMAGE, first=first)
        first = False
        rows_left -= count


def band_of(data: bytes, row_bytes: int) -> Rows:
    """Packed rows that follow one another, one by one."""
    return tuple(data[at : at + row_bytes] for at in range(0, len(data), row_bytes))


def _stretch(row: bytes, scale: int) -> bytes:
    if scale == 1:
        return row
    return pack([bool(byte >> shift & 1) for byte in row for shift in range(7, -1, -1) for _ in range(scale)])


def bit_image(it: Interpreter) -> Reading:
    """ESC * m nL nH d...: columns of 8 or 24 dots on the line."""
    mode, low, high = yield from take(3)
    columns = low + 256 * high
    if mode not in (0, 1, 32, 33):
        it.refuse("ESC *")
        return
    deep = mode >= 32
    data = yield from take(columns * (3 if deep else 1))
    columns_on_line(it, data, 24 if deep else 8, 1 if mode & 1 else 2, 1 if deep else 3)


def columns_on_line(it: Interpreter, data: bytes, depth: int, scale_x: int, scale_y: int) -> None:
    """Put columns of `depth` dots on the line."""
    step = depth // 8
    bits = [int.from_bytes(data[at : at + step], "big") for at in range(0, len(data), step)]
    rows: list[bytes] = []
    for y in range(depth):
        row = [bool(column >> (depth - 1 - y) & 1) for column in bits for _ in range(scale_x)]
        rows += [pack(row)] * scale_y
    if bits:
        it.setter.put_dots(len(bits) * scale_x, tuple(rows), STRIPE)


def graphics(it: Interpreter, data: bytes) -> None:
    """GS ( L: fn 112 stores a picture, fn 50 (or 2) prints it."""
    if len(data) < 2 or data[0] != 48:
        it.refuse("GS ( L")
    elif data[1] == 112 and len(data) >= 10:
        _store(it, data)
    elif data[1] in (2, 50):
        if it.graphics is not None:
            it.setter.print_picture(*it.graphics, IMAGE)
            it.graphics = None
    else:
        it.know_not(f"GS ( L fn {data[1]}")


def _store(it: Interpreter, data: bytes) -> None:
    scale_x, scale_y = data[3], data[4]
    width, height = int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
    row_bytes = (width + 7) // 8
    dots = data[10:]
    if scale_x not in (1, 2) or scale_y not in (1, 2) or not width or len(dots) != row_bytes * height:
        it.refuse("GS ( L fn 112")
        return
    rows: list[bytes] = []
    for y in range(height):
        rows += [_stretch(dots[y * row_bytes : (y + 1) * row_bytes], scale_x)] * scale_y
    it.graphics = (width * scale_x, tuple(rows))


def large_graphics(it: Interpreter) -> Reading:
    """GS 8 L p1 p2 p3 p4 ...: GS ( L with a length of four bytes."""
    kind = yield
    length = int.from_bytes((yield from take(4)), "little")
    data = yield from take(length)
    if kind == 0x4C:
        graphics(it, data)
    else:
        it.know_not(command_name(bytes([0x1D, 0x38, kind])))


def two_dimensional(it: Interpreter, data: bytes) -> None:
    """GS ( k with cn 49: QR code; fn 65 model, 67 size, 69 level, 80 store, 81 print."""
    if len(data) < 3 or data[0] != 49:
        it.know_not(f"GS ( k cn {data[0] if data else '-'}")
        return
    symbols, function, value = it.setter.modes.symbols, data[1], data[2]
    if function == 65 and value in (49, 50):
        symbols.qr_model = value - 48
    elif function == 67 and 1 <= value <= 16:
        symbols.qr_module = value
    elif function == 69 and 48 <= value <= 51:
        symbols.qr_level = "LMQH"[value - 48]
    elif function == 80 and value == 48:
        symbols.qr_data = data[3:]
    elif function == 81 and value == 48:
        print_qr(it, "GS ( k fn 81")
    else:
        it.refuse(f"GS ( k fn {function}")


def print_qr(it: Interpreter, command: str) -> None:
    """Print the QR code whose data is stored."""
    symbols = it.setter.modes.symbols
    try:
        width, rows = qr_rows(symbols.qr_data, level=symbols.qr_level, module=symbols.qr_module)
    except ValueError as error:
        it.refuse(f"{command}: {error}")
        return
    if _fits(it, width, command):
        it.setter.print_picture(width, rows, f"QR {symbols.qr_data.decode('utf-8', 'replace')}")


def _fits(it: Interpreter, width: int, command: str) -> bool:
    if width <= it.setter.area_width:
        return True
    it.refuse(f"{command}: wider than the paper")
    return False


def barcode(it: Interpreter) -> Reading:
    """GS k m d... NUL, or GS k m n d...: all kinds are read; see `barcodes` for those that are drawn."""
    kind = yield
    data = bytearray()
    if kind <= 6:
        while byte := (yield):
            data.append(byte)
        kind += 65
    elif 65 <= kind <= 79:
        count = yield
        data += yield from take(count)
    else:
        it.refuse(f"GS k {kind}")
        return
    print_barcode(it, kind, bytes(data), "GS k")


def print_barcode(it: Interpreter, kind: int, data: bytes, command: str) -> None:
    """Print a barcode with its text; a kind that is not drawn here leaves its name on the paper."""
    symbols = it.setter.modes.symbols
    if kind in NOT_DRAWN:
        it.omit(NOT_DRAWN[kind])
        it.setter.flush()
        it.setter.print_caption(f"not drawn: {NOT_DRAWN[kind]}", hidden=False)
        return
    try:
        width, rows = barcode_rows(kind, data, module=symbols.bar_module, height=symbols.bar_height)
    except ValueError as error:
        it.refuse(f"{command}: {error}")
        return
    if not _fits(it, width, command):
        return
    hri, text = symbols.hri, draw_bars(kind, data, 1).text
    it.setter.flush()
    if hri & 1:
        it.setter.print_caption(text)
    it.setter.print_picture(width, rows, f"barcode {text}")
    if hri & 2:
        it.setter.print_caption(text)


def bar_height(it: Interpreter, args: bytes) -> None:
    """GS h n."""
    it.setter.modes.symbols.bar_height = args[0] or 1


def bar_width(it: Interpreter, args: bytes) -> None:
    """GS w n."""
    if 1 <= args[0] <= 6:
        it.setter.modes.symbols.bar_module = args[0]
    else:
        it.refuse("GS w")


def caption_place(it: Interpreter, args: bytes) -> None:
    """GS H n: 0 none, 1 above, 2 below, 3 both."""
    it.setter.modes.symbols.hri = args[0] % 48 & 3


def caption_font(it: Interpreter, args: bytes) -> None:
    """GS f n."""
    it.setter.modes.symbols.hri_font = "B" if args[0] % 48 == 1 else "A"


GRAPHICS = Vocabulary(
    fixed={
        b"\x1dh": (1, bar_height),
        b"\x1dw": (1, bar_width),
        b"\x1dH": (1, caption_place),
        b"\x1df": (1, caption_font),
    },
    special={b"\x1dv": raster, b"\x1b*": bit_image, b"\x1d8": large_graphics, b"\x1dk": barcode},
    blocks={b"\x1d(L": graphics, b"\x1d(k": two_dimensional},
)
