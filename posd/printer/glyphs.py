"""Which characters the printer can print, by which bytes, and how wide they come out.

Three ways lead to paper, and a character takes the first that has it:
- ASCII: one byte, one column, in any mode.
- A code page that the printer's profile names (`ESC t`): one byte, one column. This is where é, £, ¥ and, on pages
  858 and 1252, € come from.
- Kanji mode (`FS &` ... `FS .`): GB18030, two or four bytes. It has every character of Unicode, but such a printer
  draws all of them two columns wide, Greek and arrows too, whatever wcwidth says of them. Layout must count what
  the printer does, so `width` is the only measure that layout uses.

wcwidth tells what has no place of its own. Text is composed first (NFC), so that an accent is part of its letter;
what still has no width (marks, joiners, direction marks) is dropped, since a receipt printer cannot overstrike, and
so are control characters: `10 14` in a name would open the cash drawer. Half a surrogate pair, which nothing can
encode, prints as a question mark.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from wcwidth import wcwidth

PAGES = {
    "CP437": "cp437",
    "CP1252": "cp1252",
    "CP858": "cp858",
    "CP850": "cp850",
    "CP852": "cp852",
    "CP866": "cp866",
    "CP1251": "cp1251",
    "CP1253": "cp1253",
    "CP1254": "cp1254",
    "CP1257": "cp1257",
}
"""Profile's name of a code page -> Python's codec, in the order of preference: what most printers have comes first."""

KANJI = "kanji"
ASCII = "ascii"


class Glyph(NamedTuple):
    """How one character prints. `page` is ASCII, KANJI or a name of PAGES; `columns` is 1 or 2."""

    page: str
    code: bytes
    columns: int


class Charset:
    """The characters of one printer; `pages` are the code pages of its profile."""

    def __init__(self, pages: Iterable[str]) -> None:
        has = frozenset(pages)
        self._codecs = [(name, codec) for name, codec in PAGES.items() if name in has]
        self._glyphs: dict[str, Glyph | None] = {}

    def glyph(self, char: str) -> Glyph | None:
        """How `char` (one code point) prints; None when it leaves nothing on paper."""
        try:
            return self._glyphs[char]
        except KeyError:
            if len(self._glyphs) > 8192:
                self._glyphs.clear()
            return self._glyphs.setdefault(char, self._look_up(char))

    def _look_up(self, char: str) -> Glyph | None:
        if " " <= char <= "~":
            return Glyph(ASCII, char.encode("ascii"), 1)
        if "\ud800" <= char <= "\udfff":
            return Glyph(ASCII, b"?", 1)
        if char == "\xa0":
            return Glyph(ASCII, b" ", 1)
        if wcwidth(char) <= 0:
            return None
        for name, codec in self._codecs:
            try:
                return Glyph(name, char.encode(codec), 1)
            except UnicodeEncodeError:
                continue
        return Glyph(KANJI, char.encode("gb18030"), 2)

    def width(self, text: str) -> int:
        """Columns that `text`, as `clean` gave it, takes on paper at normal size."""
        if text.isascii():
            return len(text)
        return sum(glyph.columns for glyph in map(self.glyph, text) if glyph)

    def clean(self, text: str) -> str:
        """`text` composed and without what cannot stand on paper."""
        if text.isascii() and text.isprintable():
            return text
        return "".join(char for char in _composed(text) if self.glyph(char))

    def runs(self, text: str) -> list[tuple[str, bytes]]:
        """`text` as (page, bytes) runs; neighbours differ in their page."""
        found: list[tuple[str, bytearray]] = []
        for char in text:
            glyph = self.glyph(char)
            if glyph is None:
                continue
            if found and found[-1][0] == glyph.page:
                found[-1][1].extend(glyph.code)
            else:
                found.append((glyph.page, bytearray(glyph.code)))
        return [(page, bytes(code)) for page, code in found]

    def wrap(self, text: str, columns: int) -> list[str]:
        """`text` in lines of at most `columns` (2 or more): broken at spaces and beside wide characters, inside a
        word only where it alone is too long. At least one line.
        """
        assert columns >= 2
        lines: list[str] = []
        rest = self.clean(text).strip()
        while self.width(rest) > columns:
            cut = self._break_at(rest, columns)
            lines.append(rest[:cut].rstrip())
            rest = rest[cut:].lstrip()
        return [*lines, rest] if rest or not lines else lines

    def _break_at(self, text: str, columns: int) -> int:
        """The index at which the first line of `text`, which is too wide, ends; at least 1."""
        used, best, previous = 0, 0, 1
        for index, char in enumerate(text):
            glyph = self.glyph(char)
            wide = glyph.columns if glyph else 0
            if index and (char == " " or wide == 2 or previous == 2 or text[index - 1] in " -/"):
                best = index
            used += wide
            if used > columns:
                return best or max(index, 1)
            previous = wide
        return len(text)


@lru_cache(maxsize=2048)
def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)
