"""Elements to ESC/POS bytes, through python-escpos' `Dummy` with the printer's profile (library.py).

What is done about the library's traps:
- It passes control bytes through and sends Chinese without switching modes: text is cleaned, split into runs and
  sent run by run from here (glyphs.py); from the library come the page numbers of the profile, the page switches,
  styles, QR code and cut.
- Its raster code does not avoid real-time commands: bitmaps go out by raster.py.

A printer's switches may say for which country it is, and then it prints signs such as `$` and `#` as others (Citizen
CBM-262 manual, ESC R). So the first of them in a call has ASCII's selected; no other line does, for some small printers
lack the command.

Each call of `encode` stands alone: its bytes assume the modes of a reset printer and leave them so, because a
reprint puts the original's body between another top and bottom (law 4). `reset` says `FS .` too, since Chinese
models wake up in Kanji mode.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from posd.config import Chinese
from posd.domain.device import Bitmap
from posd.printer.glyphs import ASCII, DRAWN, KANJI, NATIONAL, Charset
from posd.printer.library import check_profile, dummy, paper_dots
from posd.printer.paper import Barcode, Code, Cut, Element, Gap, Line, Paper, Picture
from posd.printer.raster import REALTIME, dots_on_line, raster
from posd.printer.symbols import bar_bitmap, bar_size, qr_bitmap, qr_size

_KANJI_ON, _KANJI_OFF = b"\x1c&", b"\x1c."
ALL_OF_ASCII = b"\x1bR\x00"
# GS ( K, function 49 (Epson's ESC/POS reference): 0 standard, 1 to 8 darker, 250 to 255 lighter.
_DENSITY = b"\x1d(K\x02\x00\x31"
_SIZES = {"normal": (1, 1), "tall": (1, 2), "double": (2, 2)}
_TEAR_OFF_LINES = 4
_QR_LEVEL_M = 1
BAR_ROWS = 64


class Pen(Protocol):
    """Draws what the printer has no character for. A text is one letter with its marks."""

    def has(self, text: str) -> bool:
        """Whether its font has the text."""

    def letter(self, text: str, columns: int, bold: bool) -> Bitmap:
        """24 dots high, 12 dots a column wide."""

    def line(self, cells: list[tuple[str, int]], scale: tuple[int, int], bold: bool) -> Bitmap:
        """A line of (text, columns), so many times as wide and as high."""


class Encoder:
    """The bytes for one printer: `profile` is a name of python-escpos, `width` the paper's in millimetres (80 or
    58), `chinese` what its Chinese font has, `pen` draws the rest; None: nothing is drawn.
    """

    def __init__(self, profile: str, width: int, *, chinese: Chinese = "gb18030", pen: Pen | None = None) -> None:
        check_profile(profile)
        self._dummy = dummy(profile)
        self._profile = self._dummy.profile
        self._pen = pen
        charset = Charset(self._profile.get_code_pages(), chinese, pen.has if pen else None)
        self.paper = Paper(charset, paper_dots(profile, width))

    def reset(self, density: int = 0) -> bytes:
        """Initial modes, Kanji mode off; `density` in steps of 5 % (-6 to 8) where it is not 0, which leaves the
        printer's own setting.
        """
        self._start()
        self._dummy.hw("INIT")
        self._dummy._raw(_KANJI_OFF)
        if density:
            self._dummy._raw(_DENSITY + bytes((density & 0xFF,)))
        return self._finish()

    def encode(self, elements: Iterable[Element]) -> bytes:
        """The elements in order, for a printer in initial modes, which it is in again afterwards."""
        self._start()
        style = _Style(self._dummy)
        for element in elements:
            if isinstance(element, Line):
                self._line(element, style)
            elif isinstance(element, Cut):
                style.to("left", (1, 1), False)
                self._cut()
            elif isinstance(element, Gap):
                self._dummy._raw(b"\x1bJ" + bytes((element.dots,)))
            else:
                style.to("center", (1, 1), False)
                self._dummy._raw(self._symbol(element))
        style.to("left", (1, 1), False)
        return self._finish()

    def _start(self) -> None:
        self._dummy.clear()
        self._dummy.magic.encoding = None

    def _finish(self) -> bytes:
        data: bytes = self._dummy.output
        self._dummy.clear()
        return data

    def _line(self, line: Line, style: _Style) -> None:
        size = _SIZES[line.size]
        if line.text.isascii():
            style.to(line.align, size, line.bold)
            code = line.text.encode("ascii")
            style.have_ascii(code)
            self._dummy._raw(code + b"\n")
            return
        runs = self.paper.charset.runs(line.text)
        if line.size != "normal" and any(page == DRAWN for page, _ in runs):
            # Dots on the line are as high as normal text, so a larger line is drawn as a whole.
            assert self._pen is not None
            style.to(line.align, (1, 1), False)
            self._dummy._raw(raster(self._pen.line(self.paper.charset.cells(line.text), size, line.bold)))
            return
        style.to(line.align, size, line.bold)
        style.have_ascii(b"".join(code for page, code in runs if page == ASCII))
        self._text(runs, line.bold)

    def _text(self, runs: list[tuple[str, bytes]], bold: bool) -> None:
        raw = self._dummy._raw
        for page, code in runs:
            if page == ASCII:
                raw(code)
            elif page == KANJI:
                raw(_KANJI_ON + code + _KANJI_OFF)
            elif page == DRAWN:
                assert self._pen is not None
                text = code.decode()
                raw(dots_on_line(self._pen.letter(text, self.paper.charset.width(text), bold)))
            else:
                self._page(page)
                raw(code)
        raw(b"\n")

    def _page(self, page: str) -> None:
        """Switch to a code page of the profile, unless it is on."""
        self._dummy.magic.write_with_encoding(page, None)

    def _cut(self) -> None:
        if self._profile.supports("paperPartCut") or self._profile.supports("paperFullCut"):
            self._dummy.cut(feed=False)
        else:
            self._dummy.print_and_feed(_TEAR_OFF_LINES)

    def _symbol(self, element: Picture | Code | Barcode) -> bytes:
        if isinstance(element, Picture):
            return raster(element.bitmap)
        return self._qr(element.data) if isinstance(element, Code) else self._bars(element.data)

    def _qr(self, text: str) -> bytes:
        """The printer's own QR code; a picture where it has none or where its command would hold a real-time one."""
        size = qr_size(text.encode("utf-8", "replace"), self.paper.dots)
        if self._profile.supports("qrCode"):
            mark = len(self._dummy._output_list)
            self._dummy.qr(text, ec=_QR_LEVEL_M, size=size, native=True)
            native = b"".join(self._dummy._output_list[mark:])
            del self._dummy._output_list[mark:]
            if not any(command in native for command in REALTIME):
                return native
        return raster(qr_bitmap(text, size, 2))

    def _bars(self, text: str) -> bytes:
        """The printer's own bar code; a picture where it has none."""
        size = bar_size(text, self.paper.dots)
        assert size, f"no room for the bars of {text!r}"
        if not self._profile.supports("barcodeB"):
            return raster(bar_bitmap(text, size, BAR_ROWS))
        data = b"{B" + text.replace("{", "{{").encode("ascii")
        return b"\x1dh%c\x1dw%c\x1dH\x00\x1dk\x49%c%b" % (BAR_ROWS, size, len(data), data)


class _Style:
    """The printer's alignment, size, weight and signs; sends only what changes."""

    def __init__(self, dummy: Any) -> None:
        self._dummy = dummy
        self._now: tuple[str, tuple[int, int], bool] = ("left", (1, 1), False)
        self._has_ascii = False

    def to(self, align: str, size: tuple[int, int], bold: bool) -> None:
        was_align, was_size, was_bold = self._now
        if align != was_align:
            self._dummy.set(align=align)
        if size != was_size:
            self._dummy.set(custom_size=True, width=size[0], height=size[1])
        if bold != was_bold:
            self._dummy.set(bold=bold)
        self._now = (align, size, bold)

    def have_ascii(self, code: bytes) -> None:
        """Let the signs of `code` that are not the same everywhere be those of ASCII."""
        if not self._has_ascii and not NATIONAL.isdisjoint(code):
            self._dummy._raw(ALL_OF_ASCII)
            self._has_ascii = True
