"""The bytes of a slip, read back as what they put on paper. Pure.

It reads what encode.py and raster.py send, and shares nothing with them or with any simulated printer: a preview is
only worth something if it is made from the very bytes that go to the device. A command that is not known here ends
the reading with `UnreadableSlip`: a preview never guesses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from posd.domain.device import Bitmap

Align = Literal["left", "center", "right"]
ALIGN: tuple[Align, Align, Align] = ("left", "center", "right")
LINE_DOTS = 30
TEXT_DOTS = 24
COLUMN_DOTS = 12
BASELINE = 0.86
"""Where letters stand in the height of the text."""


class UnreadableSlip(ValueError):
    """The bytes hold something that posd does not print; the message says what and where."""


UNREAD = "▯"
"""Stands in text for a letter that comes as dots."""


class Cell(NamedTuple):
    """One character; `columns` at normal width. With `dots` it is drawn: `char` is UNREAD, and its size is its own."""

    char: str
    columns: int
    dots: Bitmap | None = None


@dataclass(frozen=True, slots=True)
class Style:
    """How text stands. `wide` and `tall` are factors, 1 to 8."""

    align: Align = "left"
    bold: bool = False
    wide: int = 1
    tall: int = 1


class TextRow(NamedTuple):
    """One printed line."""

    cells: tuple[Cell, ...]
    style: Style

    @property
    def text(self) -> str:
        return "".join(cell.char for cell in self.cells)

    @property
    def columns(self) -> int:
        """Width on paper, in columns of normal width."""
        return sum(cell.columns * (1 if cell.dots else self.style.wide) for cell in self.cells)


class ImageRow(NamedTuple):
    """Raster data; bands that follow one another are one picture."""

    bitmap: Bitmap
    align: Align


class CodeRow(NamedTuple):
    """A QR code of `size` dots a module."""

    data: str
    size: int
    align: Align


class BarRow(NamedTuple):
    """A bar code (Code 128 B) of `size` dots a module, `height` dots high."""

    data: str
    size: int
    height: int
    align: Align


class FeedRow(NamedTuple):
    """White space."""

    dots: int


class CutRow(NamedTuple):
    """The cut."""


Row = TextRow | ImageRow | CodeRow | BarRow | FeedRow | CutRow


class Reader:
    """A printer that keeps what it prints; one of another language has other commands. `pages`: ESC t's codecs."""

    def __init__(self, data: bytes, pages: dict[int, str]) -> None:
        self.rows: list[Row] = []
        self.at = 0
        self._data, self._pages = data, pages
        self._line: list[Cell] = []
        self._style, self._page, self._kanji = Style(), "cp437", False
        self._code, self._code_size = "", 3
        self._bar_height, self._bar_size = 162, 3
        self._commands: dict[bytes, Callable[[], None]] = {
            b"\x1b@": self._reset,
            b"\x1bt": self._select_page,
            b"\x1bR": self.all_of_ascii,
            b"\x1ba": self._align,
            b"\x1bE": self._bold,
            b"\x1bJ": lambda: self._feed(self._byte()),
            b"\x1bd": lambda: self._feed(self._byte() * LINE_DOTS),
            b"\x1d!": self._size,
            b"\x1dV": self._cut,
            b"\x1dv": self._raster,
            b"\x1d(": self._block,
            b"\x1b*": self._dots,
            b"\x1dh": self._set_bar_height,
            b"\x1dw": self._set_bar_size,
            b"\x1dH": self._no_caption,
            b"\x1dk": self._bars,
            b"\x1c&": lambda: self._set_kanji(True),
            b"\x1c.": lambda: self._set_kanji(False),
        }

    def read(self) -> list[Row]:
        """All that is printed, top to bottom; a line that no line feed ended comes out too. UnreadableSlip."""
        while self.at < len(self._data):
            self._step()
        self._end_line()
        return self.rows

    def _step(self) -> None:
        """One character or command."""
        byte = self._data[self.at]
        if byte in (0x1B, 0x1C, 0x1D):
            command = self._commands.get(self._data[self.at : self.at + 2])
            if command is None:
                raise self._unreadable("an unknown command")
            self.at += 2
            command()
        elif byte == 0x0A:
            self.at += 1
            self._print_line()
        elif byte < 0x20:
            raise self._unreadable("a control byte")
        else:
            self._character(byte)

    def _end_line(self) -> None:
        if self._line:
            self._print_line()

    def _unreadable(self, what: str) -> UnreadableSlip:
        return UnreadableSlip(f"{what} at byte {self.at}: {self._data[self.at : self.at + 4].hex(' ')}")

    def _byte(self) -> int:
        return self._take(1)[0]

    def _take(self, count: int) -> bytes:
        taken = self._data[self.at : self.at + count]
        if len(taken) < count:
            raise self._unreadable("a command that is cut short")
        self.at += count
        return taken

    def _print_line(self) -> None:
        self.rows.append(TextRow(tuple(self._line), self._style))
        self._line = []

    def _character(self, byte: int) -> None:
        if byte < 0x80:
            self.at += 1
            self._line.append(Cell(chr(byte), 1))
        elif self._kanji:
            length = 4 if 0x30 <= (self._data[self.at + 1 : self.at + 2] or b"@")[0] <= 0x39 else 2
            code = self._take(length)
            self._line.append(Cell(self._decoded(code, "gb18030"), 2))
        else:
            self._line.append(Cell(self._decoded(self._take(1), self._page), 1))

    def _decoded(self, code: bytes, codec: str) -> str:
        try:
            return code.decode(codec)
        except UnicodeDecodeError as error:
            raise self._unreadable(f"bytes that are not {codec} before") from error

    def _reset(self) -> None:
        self._line = []
        self._style, self._page, self._kanji = Style(), "cp437", False

    def _select_page(self) -> None:
        number = self._byte()
        if number not in self._pages:
            raise self._unreadable(f"code page {number}, which the profile has not,")
        self._page = self._pages[number]

    def all_of_ascii(self) -> None:
        """ESC R 0; of other countries posd has none."""
        if self._byte() != 0:
            raise self._unreadable("the signs of another country before")

    def _align(self) -> None:
        self._style = replace(self._style, align=ALIGN[self._byte() % 48 % 3])

    def _bold(self) -> None:
        self._style = replace(self._style, bold=bool(self._byte() & 1))

    def _size(self) -> None:
        size = self._byte()
        self._style = replace(self._style, wide=(size >> 4 & 7) + 1, tall=(size & 7) + 1)

    def _set_kanji(self, on: bool) -> None:
        self._kanji = on

    def _feed(self, dots: int) -> None:
        self._end_line()
        self.rows.append(FeedRow(dots))

    def _cut(self) -> None:
        if self._byte() in (0x41, 0x42):
            self._byte()
        self.rows.append(CutRow())

    def _raster(self) -> None:
        head = self._take(6)
        stride, height = head[2] + 256 * head[3], head[4] + 256 * head[5]
        add_band(self.rows, stride, height, self._take(stride * height), self._style.align)

    def _block(self) -> None:
        """GS ( k: the QR code is stored, then printed; everything else of it is a setting. GS ( K sets the density."""
        kind, low, high = self._take(3)
        content = self._take(low + 256 * high)
        if kind == 0x4B:  # density: nothing that a picture could show
            return
        if kind != 0x6B or content[:1] != b"1":
            raise self._unreadable("a block that is not a QR code before")
        function = content[1]
        if function == 67:
            self._code_size = content[2]
        elif function == 80:
            self._code = content[3:].decode("utf-8")
        elif function == 81:
            self.rows.append(CodeRow(self._code, self._code_size, self._style.align))

    def _dots(self) -> None:
        """ESC *: columns of dots where the next character would stand."""
        mode, low, high = self._take(3)
        if mode != 33:
            raise self._unreadable("a picture on the line that is not of 24 dots before")
        self._draw(bitmap_of_columns(self._take(3 * (low + 256 * high))))

    def _draw(self, bitmap: Bitmap) -> None:
        self._line.append(Cell(UNREAD, bitmap.width // COLUMN_DOTS, bitmap))

    def _set_bar_height(self) -> None:
        self._bar_height = self._byte()

    def _set_bar_size(self) -> None:
        self._bar_size = self._byte()

    def _no_caption(self) -> None:
        if self._byte() != 0:
            raise self._unreadable("a bar code's own caption before")

    def _bars(self) -> None:
        kind, length = self._take(2)
        code = self._take(length)
        if kind != 0x49 or code[:2] != b"{B":
            raise self._unreadable("a bar code that is not Code 128 B before")
        text = code[2:].decode("ascii").replace("{{", "{")
        self.rows.append(BarRow(text, self._bar_size, self._bar_height, self._style.align))


def add_band(rows: list[Row], stride: int, height: int, data: bytes, align: Align) -> None:
    """Raster data of so many rows, `stride` bytes each; what follows on its like is one picture with it."""
    band, last = Bitmap(stride * 8, height, data), rows[-1] if rows else None
    if isinstance(last, ImageRow) and last.bitmap.width == band.width and last.align == align:
        band = Bitmap(band.width, last.bitmap.height + height, last.bitmap.data + data)
        rows.pop()
    rows.append(ImageRow(band, align))


def bitmap_of_columns(data: bytes) -> Bitmap:
    """Columns of 24 dots, three bytes each from the top, left to right."""
    columns = [int.from_bytes(data[at : at + 3], "big") for at in range(0, len(data), 3)]
    stride = (len(columns) + 7) // 8
    out = bytearray()
    for y in range(TEXT_DOTS - 1, -1, -1):
        bits = "".join(str(column >> y & 1) for column in columns)
        out += int(bits.ljust(stride * 8, "0"), 2).to_bytes(stride, "big")
    return Bitmap(len(columns), TEXT_DOTS, bytes(out))
