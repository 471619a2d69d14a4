"""Characters and pictures become lines, and lines become strips of paper.

Rules: holds one line at a time (the print buffer); whatever ends the line puts out one strip, aligned, at least as high
as what stands on it. A character that does not fit ends the line first. Alignment, margin and area width count only
when set at the beginning of a line. Positions on the unfinished line are counted from the left margin.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from hwsim.printer.codepages import country_char
from hwsim.printer.modes import FONT_CELLS, KANJI_CELL, Modes
from hwsim.printer.strips import Dots, Glyph, Strip

BAND_ROWS = 24
"""A picture goes to the head in bands of so many rows: a fault can stop it between two."""


class Typesetter:
    """The print buffer of a printer. `put_out` receives each strip that is ready for the mechanism."""

    def __init__(self, width: int, put_out: Callable[[Strip], None]) -> None:
        self._width = width
        self._put_out = put_out
        self.modes = Modes(kanji=False, area_width=width)
        self._line: list[Glyph | Dots] = []
        self._x = 0

    def reset(self, *, kanji: bool, country: int) -> None:
        """Forget the unfinished line and all settings."""
        self.modes = Modes(kanji=kanji, country=country, area_width=self._width)
        self.drop_line()

    def drop_line(self) -> None:
        """Forget the unfinished line."""
        self._line.clear()
        self._x = 0

    @property
    def at_line_start(self) -> bool:
        """True while nothing stands on the line."""
        return not self._line and self._x == 0

    @property
    def area_width(self) -> int:
        """Dots between the left margin and the end of the area, never beyond the paper."""
        width = min(self.modes.area_width, self._width - self.modes.left_margin)
        return width if self.modes.right_edge is None else min(width, self.modes.right_edge - self.modes.left_margin)

    def put_char(self, char: str, *, kanji: bool) -> None:
        """Put one character on the line."""
        m = self.modes
        if kanji:
            cell, scale_x, scale_y, underline = KANJI_CELL, m.kanji_scale_x, m.kanji_scale_y, m.kanji_underline
            before, after = m.kanji_spacing
        else:
            cell, scale_x, scale_y, underline = FONT_CELLS[m.font], m.scale_x, m.scale_y, m.underline
            before, after = 0, m.char_spacing
        width, height = cell[0] * scale_x, cell[1] * scale_y
        if self._x + (before + after) * scale_x + width > self.area_width and not self.at_line_start:
            self.end_line()
        glyph = Glyph(
            x=self._x + before * scale_x,
            char=char,
            wide=kanji,
            font=m.font,
            width=width,
            height=height,
            scale_x=scale_x,
            scale_y=scale_y,
            bold=m.bold or m.double_strike,
            underline=underline,
            inverse=m.inverse,
        )
        self._line.append(glyph)
        self._x += (before + after) * scale_x + width

    @property
    def fits(self) -> int:
        """How many more ASCII characters fit on the line."""
        return max(0, (self.area_width - self._x) // self._advance)

    @property
    def _advance(self) -> int:
        m = self.modes
        return (FONT_CELLS[m.font][0] + m.char_spacing) * m.scale_x

    def put_text(self, text: str) -> None:
        """Put ASCII characters that fit on the line."""
        m = self.modes
        style = (m.font, m.scale_x, m.scale_y, m.bold or m.double_strike, m.underline, m.inverse)
        self._line += _glyphs(text, m.country, self._x, self._advance, style)
        self._x += len(text) * self._advance

    def put_dots(self, width: int, rows: tuple[bytes, ...], label: str) -> None:
        """Put a picture on the line (ESC *); what is beyond the area is lost."""
        room = self.area_width - self._x
        if room > 0:
            self._line.append(Dots(self._x, min(width, room), rows, label))
            self._x += min(width, room)

    def tab(self) -> None:
        """Go to the next tab stop, if there is one on this line."""
        column = FONT_CELLS[self.modes.font][0] * self.modes.scale_x
        for stop in self.modes.tabs:
            if stop * column > self._x:
                if stop * column < self.area_width:
                    self._x = stop * column
                return

    def move_to(self, x: int) -> None:
        """Set the position on the line, in dots from its start; a position outside the area is ignored."""
        if 0 <= x <= self.area_width:
            self._x = x

    @property
    def x(self) -> int:
        """Position on the line in dots from its start."""
        return self._x

    def end_line(self, feed: int | None = None) -> None:
        """Print the line and advance the paper by `feed` dots (default: the line spacing), at least by its height."""
        feed = self.modes.line_spacing if feed is None else feed
        marks = self._aligned()
        height = max([feed, *(mark.height for mark in marks)])
        self.drop_line()
        if height:
            self._put_out(Strip(height, marks))

    def print_picture(self, width: int, rows: tuple[bytes, ...], label: str) -> None:
        """Print rows of dots as lines of their own, in bands."""
        self.flush()
        for start in range(0, len(rows), BAND_ROWS):
            self.print_band(width, rows[start : start + BAND_ROWS], label, first=not start)

    def print_band(self, width: int, rows: tuple[bytes, ...], label: str, *, first: bool) -> None:
        """Print one band of a picture."""
        x = self._offset(width)
        self._put_out(Strip(len(rows), (Dots(x, min(width, self._width - x), rows, label, first),)))

    def print_caption(self, text: str, *, hidden: bool = True) -> None:
        """Print the text of a barcode above or below it. `hidden`: in the slip's text it is in the barcode's label."""
        font = self.modes.symbols.hri_font
        width, height = FONT_CELLS[font]
        x = self._offset(width * len(text))
        glyphs = (
            Glyph(x + index * width, char, wide=False, font=font, width=width, height=height, caption=hidden)
            for index, char in enumerate(text)
        )
        self._put_out(Strip(height + 4, tuple(glyphs)))

    def flush(self) -> None:
        """Print what stands on the line, if anything does, without line spacing."""
        if self._line:
            self.end_line(0)
        self._x = 0

    def _offset(self, width: int) -> int:
        """Where something of that width begins, in dots from the edge of the printable area."""
        spare = max(0, self.area_width - width)
        return self.modes.left_margin + (0, spare // 2, spare)[self.modes.align]

    def _aligned(self) -> tuple[Glyph | Dots, ...]:
        """The line's marks at their places on the paper."""
        if not self._line:
            return ()
        shift = self._offset(max(mark.x + mark.width for mark in self._line))
        if not shift:
            return tuple(self._line)
        return tuple(replace(mark, x=mark.x + shift) for mark in self._line)


@lru_cache(maxsize=4096)
def _glyphs(
    text: str, country: int, x: int, advance: int, style: tuple[str, int, int, bool, int, bool]
) -> tuple[Glyph, ...]:
    """Half-width characters from `x` on; slips say the same again and again."""
    font, scale_x, scale_y, bold, underline, inverse = style
    width, height = (size * scale for size, scale in zip(FONT_CELLS[font], (scale_x, scale_y), strict=True))
    return tuple(
        Glyph(
            x + at * advance,
            country_char(ord(char), country),
            False,
            font,
            width,
            height,
            scale_x,
            scale_y,
            bold,
            underline,
            inverse,
        )
        for at, char in enumerate(text)
    )
