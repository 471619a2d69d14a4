"""The bytes of a slip in Star line mode, read back as what they put on paper. Pure; see strip.py, whose rules hold."""

from __future__ import annotations

from dataclasses import replace

from posd.printer.strip import ALIGN, CodeRow, CutRow, Reader, Style, add_band, bitmap_of_columns

BEGINNING = b"\x1b@\x1b\x1da"
"""How a slip of this language begins (star.py); no slip of another does."""
_PAGES = {1: "cp437", 4: "cp858", 5: "cp852", 10: "cp866", 32: "cp1252", 34: "cp1251"}


class StarReader(Reader):
    """A printer that keeps what it prints. Bytes from 80 on are Chinese until a code page is chosen."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data, _PAGES)
        self._kanji = True
        self._commands = {
            b"\x1b@": self._star_reset,
            b"\x1bR": self.all_of_ascii,
            b"\x1bE": lambda: self._weight(True),
            b"\x1bF": lambda: self._weight(False),
            b"\x1bI": lambda: self._feed(self._byte()),
            b"\x1bi": self._expand,
            b"\x1bd": self._star_cut,
            b"\x1bX": self._columns,
            b"\x1b\x1d": self._extended,
        }

    def _star_reset(self) -> None:
        self._reset()
        self._kanji = True

    def _weight(self, bold: bool) -> None:
        self._style = replace(self._style, bold=bold)

    def _expand(self) -> None:
        high, wide = self._take(2)
        self._style = Style(self._style.align, self._style.bold, wide % 48 + 1, high % 48 + 1)

    def _star_cut(self) -> None:
        self._byte()
        self.rows.append(CutRow())

    def _columns(self) -> None:
        low, high = self._take(2)
        self._draw(bitmap_of_columns(self._take(3 * (low + 256 * high))))

    def _extended(self) -> None:
        """ESC GS and what follows."""
        kind = self._take(1)
        if kind == b"a":
            self._style = replace(self._style, align=ALIGN[self._byte() % 48 % 3])
        elif kind == b"t":
            self._select_page()
            self._kanji = False
        elif kind == b"S":
            _, low, high, rows_low, rows_high, _ = self._take(6)
            stride, height = low + 256 * high, rows_low + 256 * rows_high
            add_band(self.rows, stride, height, self._take(stride * height), self._style.align)
        elif kind == b"y":
            self._symbol()
        else:
            raise self._unreadable("an unknown command before")

    def _symbol(self) -> None:
        """ESC GS y: a QR code is set up, stored and printed."""
        what = self._take(1)
        if what == b"S":
            setting, value = self._take(2)
            self._code_size = value if setting % 48 == 2 else self._code_size
        elif what == b"D":
            _, _, low, high = self._take(4)
            self._code = self._take(low + 256 * high).decode("utf-8")
        elif what == b"P":
            self.rows.append(CodeRow(self._code, self._code_size, self._style.align))
        else:
            raise self._unreadable("an unknown QR code command before")
