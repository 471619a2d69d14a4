"""Elements to the bytes of Star line mode. Pure, and the counterpart of encode.py: the same elements, the same rules.

- Each call of `encode` stands alone: its bytes assume the modes of a reset printer and leave them so.
- Chinese goes out as GB18030 without a switch: a Star printer for China takes every byte from 80 on for a Chinese
  character. So it has no code pages, and what its font lacks is drawn. A printer for elsewhere (`chinese = "none"`)
  has the code pages of `PAGES` (ESC GS t).
- Bitmaps go out as ESC GS S in bands of a few millimetres, letters that are drawn as columns of 24 dots (ESC X). Star
  executes ESC ACK SOH and ESC ACK CAN the moment they arrive, inside raster data too, and the rest of a bitmap is read
  as text and commands when the power was off in between. So no dot pattern is ESC (1B), nor one of the commands of one
  byte that open the drawer (07, 19, 1A, 1C) or raise the counter that proves a slip (17). As in raster.py one dot more
  does it.
- The density is the printer's own affair (its memory switches): the manuals number the steps differently.

Source: Star line mode command specifications, line thermal printers, chapter 3.
"""

from __future__ import annotations

from collections.abc import Iterable

from posd.config import Chinese, ConfigError
from posd.domain.device import Bitmap
from posd.printer.encode import ALL_OF_ASCII, BAR_ROWS, Pen
from posd.printer.glyphs import ASCII, DRAWN, KANJI, NATIONAL, Charset
from posd.printer.library import check_profile, paper_dots
from posd.printer.paper import Barcode, Code, Cut, Element, Gap, Line, Paper, Picture
from posd.printer.raster import BAND_ROWS, LETTER_ROWS, columns_of
from posd.printer.symbols import bar_bitmap, bar_size, qr_bitmap, qr_size

RESET = b"\x1b@\x1b\x1da\x00"
"""Initial modes; the second command, which changes nothing, tells a slip of this language from one of another."""
PAGES = {"CP437": 1, "CP858": 4, "CP852": 5, "CP866": 10, "CP1252": 32, "CP1251": 34}
"""Name of a code page -> the number that ESC GS t takes."""
_ALIGN = {"left": 0, "center": 1, "right": 2}
_SIZES = {"normal": (0, 0), "tall": (1, 0), "double": (1, 1)}
_CUT = b"\x1bd\x03"
_MODEL_2, _LEVEL_M = 2, 1
_QR_DOTS_MAX = 6
"""Of 8; 7 would be the bell."""
_ALONE = (0x07, 0x17, 0x19, 0x1A, 0x1B, 0x1C)
_HARMLESS = bytes(byte | 0x20 if byte in _ALONE else byte for byte in range(256))


class StarEncoder:
    """The bytes for one printer. The arguments are those of encode.Encoder; of `profile` only the width counts."""

    def __init__(self, profile: str, width: int, *, chinese: Chinese = "gb18030", pen: Pen | None = None) -> None:
        check_profile(profile)
        self._pen = pen
        charset = Charset(PAGES if chinese == "none" else (), chinese, pen.has if pen else None)
        self.paper = Paper(charset, paper_dots(profile, width))

    def reset(self, density: int = 0) -> bytes:
        """Initial modes. ConfigError for a density."""
        if density:
            raise ConfigError(
                'printer.density cannot be set with printer.language = "star"; use the printer\'s switches'
            )
        return RESET

    def encode(self, elements: Iterable[Element]) -> bytes:
        """The elements in order, for a printer in initial modes, which it is in again afterwards."""
        page = _Page(self.paper, self._pen)
        for element in elements:
            page.put(element)
        page.style("left", "normal", False)
        return bytes(page.out)


class _Page:
    """What was said so far, and the modes that are on."""

    def __init__(self, paper: Paper, pen: Pen | None) -> None:
        self.out = bytearray()
        self._paper, self._pen = paper, pen
        self._align, self._size, self._bold, self._page = "left", "normal", False, ""
        self._has_ascii = False

    def put(self, element: Element) -> None:
        if isinstance(element, Line):
            self._line(element)
        elif isinstance(element, Gap):
            self.out += b"\x1bI" + bytes((element.dots,))
        elif isinstance(element, Cut):
            self.style("left", "normal", False)
            self.out += _CUT
        else:
            self.style("center", "normal", False)
            self.out += self._symbol(element)

    def style(self, align: str, size: str, bold: bool) -> None:
        """Say what changes."""
        if align != self._align:
            self.out += b"\x1b\x1da" + bytes((_ALIGN[align],))
        if size != self._size:
            self.out += b"\x1bi" + bytes(_SIZES[size])
        if bold != self._bold:
            self.out += b"\x1bE" if bold else b"\x1bF"
        self._align, self._size, self._bold = align, size, bold

    def _line(self, line: Line) -> None:
        runs = self._paper.charset.runs(line.text)
        if line.size != "normal" and any(page == DRAWN for page, _ in runs):
            assert self._pen is not None
            high, wide = (factor + 1 for factor in _SIZES[line.size])
            self.style(line.align, "normal", False)
            self.out += raster(self._pen.line(self._paper.charset.cells(line.text), (wide, high), line.bold))
            return
        self.style(line.align, line.size, line.bold)
        for page, code in runs:
            if page == DRAWN:
                assert self._pen is not None
                text = code.decode()
                self.out += dots_on_line(self._pen.letter(text, self._paper.charset.width(text), line.bold))
                continue
            if page == ASCII and not self._has_ascii and not NATIONAL.isdisjoint(code):
                self.out += ALL_OF_ASCII
                self._has_ascii = True
            if page not in (ASCII, KANJI, self._page):
                self.out += b"\x1b\x1dt" + bytes((PAGES[page],))
                self._page = page
            self.out += code
        self.out += b"\n"

    def _symbol(self, element: Picture | Code | Barcode) -> bytes:
        if isinstance(element, Picture):
            return raster(element.bitmap)
        if isinstance(element, Code):
            return _qr(element.data, self._paper.dots)
        size = bar_size(element.data, self._paper.dots)
        assert size, f"no room for the bars of {element.data!r}"
        return raster(bar_bitmap(element.data, size, BAR_ROWS))


def _qr(text: str, dots: int) -> bytes:
    """The printer's own QR code; a picture where its command would hold a real-time one."""
    data = text.encode("utf-8", "replace")
    size = min(qr_size(data, dots), _QR_DOTS_MAX)
    if b"\x1b\x06" in data:
        return raster(qr_bitmap(text, size, 2))
    settings = b"".join(b"\x1b\x1dyS" + bytes(pair) for pair in ((48, _MODEL_2), (49, _LEVEL_M), (50, size)))
    return settings + b"\x1b\x1dyD1\x00" + len(data).to_bytes(2, "little") + data + b"\x1b\x1dyP"


def raster(bitmap: Bitmap) -> bytes:
    """The commands that print `bitmap`. Its width rounds up to whole bytes, and a size that is a command by itself is
    made up with white.
    """
    stride = (bitmap.width + 7) // 8
    wide = _next_harmless(stride)
    assert 0 < wide <= 0xFF, bitmap.width
    lines = [bitmap.data[at : at + stride].ljust(wide, b"\x00") for at in range(0, len(bitmap.data), stride)]
    out = bytearray()
    for first in range(0, bitmap.height, BAND_ROWS):
        band = lines[first : first + BAND_ROWS]
        rows = _next_harmless(len(band))
        out += b"\x1b\x1dS\x01" + bytes((wide, 0, rows, 0, 0)) + harmless(b"".join(band).ljust(rows * wide, b"\x00"))
    return bytes(out)


def _next_harmless(size: int) -> int:
    while size in _ALONE:
        size += 1
    return size


def dots_on_line(bitmap: Bitmap) -> bytes:
    """The command that puts `bitmap`, as high as a line of text, where the next character would stand (ESC X)."""
    assert bitmap.height == LETTER_ROWS, bitmap.height
    assert 0 < bitmap.width <= 0xFF, bitmap.width
    return b"\x1bX" + bytes((bitmap.width, 0)) + harmless(columns_of(bitmap))


def harmless(data: bytes) -> bytes:
    """`data` with a dot added wherever a command could begin."""
    return data.translate(_HARMLESS)
