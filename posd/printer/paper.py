"""What a slip is made of before it is bytes: elements on a paper of so many columns and dots. Pure values.

This is all that an encoder is given: `encode.Encoder` for ESC/POS; another printer language is another encoder of the
same elements. The text of a Line is clean, and `Charset.runs` says by which bytes each piece of it prints; a Charset
that was made without `drawable` has no drawn pieces.

`Paper` also has the column arithmetic: every line that it makes fits its columns as the printer counts them
(glyphs.py), whatever text goes in.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from posd.domain.columns import columns_of
from posd.domain.device import Bitmap
from posd.printer.glyphs import Charset
from posd.printer.symbols import bar_size

Align = Literal["left", "center", "right"]
Size = Literal["normal", "tall", "double"]


class Line(NamedTuple):
    """One line of clean text. `tall` doubles the height, `double` both height and width (it takes twice the
    columns).
    """

    text: str
    align: Align = "left"
    size: Size = "normal"
    bold: bool = False


class Picture(NamedTuple):
    """A bitmap, centred."""

    bitmap: Bitmap


class Code(NamedTuple):
    """A QR code of `data` (clean text), centred."""

    data: str


class Barcode(NamedTuple):
    """The bars of `data` (Code 128 B; printable ASCII that `bar_size` finds room for), centred, without text."""

    data: str


class Gap(NamedTuple):
    """White space of so many dots (8 a millimetre), at most 255."""

    dots: int = 12


class Cut(NamedTuple):
    """Feed to the cutter and cut."""


Element = Line | Picture | Code | Barcode | Gap | Cut


class Paper:
    """The printable width, in columns of font A (12 dots) and in dots."""

    def __init__(self, charset: Charset, dots: int) -> None:
        self.charset = charset
        self.dots = dots
        self.columns = dots // 12

    def rule(self, mark: str = "-") -> Line:
        """A line across the paper."""
        return Line(mark * self.columns)

    def paragraph(self, text: str, align: Align = "left", size: Size = "normal", *, bold: bool = False) -> list[Line]:
        """`text` wrapped to the paper."""
        room = self.columns // 2 if size == "double" else self.columns
        return [Line(part, align, size, bold) for part in self.charset.wrap(text, room)]

    def title(self, text: str) -> list[Line]:
        """A name in the largest letters that it fits: `double` in one line; in two where it has two languages, one a
        line; else `tall`.
        """
        charset, room = self.charset, self.columns // 2
        name = charset.clean(text).strip()
        whole = [name] if charset.width(name) <= room else None
        lines = whole or self._by_tongue(name, room)
        if lines:
            return [Line(line, "center", "double", bold=True) for line in lines]
        lines = self._by_tongue(name, self.columns) if charset.width(name) > self.columns else None
        return [Line(line, "center", "tall", bold=True) for line in lines or charset.wrap(name, self.columns)]

    def _by_tongue(self, name: str, columns: int) -> list[str] | None:
        """A name in two languages, one a line, where both fit."""
        for at, char in enumerate(name):
            if char == " " and _tongue(name[at - 1]) != _tongue(name[at + 1]):
                lines = [name[:at].rstrip(), name[at:].lstrip()]
                if all(self.charset.width(line) <= columns for line in lines):
                    return lines
        return None

    def barcode(self, text: str) -> list[Element]:
        """A bar code with its text under it; the text alone where bars have no room or no symbols for it."""
        data = self.charset.clean(text)
        caption = self.paragraph(data, "center")
        return [Barcode(data), Gap(), *caption] if bar_size(data, self.dots) else [*caption]

    def pair(self, label: str, value: str) -> list[Line]:
        """`label` on the left and `value` on the right of one line; the value moves to lines of its own where both
        do not fit.
        """
        left, right = self.charset.clean(label), self.charset.clean(value)
        gap = self.columns - self.charset.width(left) - self.charset.width(right)
        if gap >= 1:
            return [Line(left + " " * gap + right)]
        return [*self.paragraph(left), *self._right(right)]

    def pairs(self, rows: Iterable[tuple[str, str | None]]) -> list[Line]:
        """A `pair` for each row that has a value."""
        return [line for label, value in rows if value for line in self.pair(label, value)]

    def triple(self, left: str, middle: str, right: str, last: int) -> list[Line]:
        """Three columns: `middle` ends where `right`, of at least `last` columns, begins. What does not fit is
        stacked.
        """
        clean, width = self.charset.clean, self.charset.width
        left, middle, right = clean(left), clean(middle), clean(right)
        tail = max(last, width(right) + 1)
        gap = self.columns - tail - width(left) - width(middle)
        if gap >= (1 if left else 0):
            return [Line(left + " " * gap + middle + " " * (tail - width(right)) + right)]
        stacked = self.paragraph(left) if left.strip() else []
        gap = self.columns - tail - width(middle)
        if gap >= 0:
            return [*stacked, Line(" " * gap + middle + " " * (tail - width(right)) + right)]
        return [*stacked, *self._right(middle), *self._right(right)]

    def _right(self, text: str) -> list[Line]:
        lines = self.charset.wrap(text, self.columns)
        return [Line(" " * (self.columns - self.charset.width(part)) + part) for part in lines]


def _tongue(char: str) -> bool:
    """Whether it is of a script that is written without spaces."""
    return columns_of(char) == 2
