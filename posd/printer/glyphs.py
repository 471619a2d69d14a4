"""Which characters the printer can print, by which bytes, and how wide they come out.

Five ways lead to paper, and a character takes the first that has it:
- ASCII: one byte, one column, in any mode.
- A code page that the printer's profile names (`ESC t`): one byte, one column. This is where é, £, ¥ and, on pages
  858 and 1252, € come from.
- The printer's Chinese font, in Kanji mode (`FS &` ... `FS .`): GB 18030, two or four bytes. Such a printer draws all
  of it two columns wide, Greek and arrows too, whatever Unicode says of them. How much of the standard the font has
  is `Chinese`: all that East Asia writes, kana and hangul included (`gb18030`), the 21,003 ideographs of GBK, the
  6,763 of GB 2312, or none.
- A font on the box draws what the printer lacks, dot by dot, as wide as Unicode says: Vietnamese, Thai, a rare
  ideograph on an old printer. This also takes letters with marks that have no code point of their own.
- What no font has prints as a mark that nobody takes for text: 〓, or [] where there is no Chinese font.

Layout must count what the printer does, so `width` is the only measure that layout uses.

Text is composed first (NFC), so that an accent is part of its letter. Control characters are dropped, since `10 14`
in a name would open the cash drawer, and so are direction marks and joiners; a mark that cannot be drawn leaves its
letter behind. Letters stand in the order in which they come and are not joined: no shaping, no right-to-left.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import NamedTuple

from posd.config import Chinese
from posd.domain.columns import columns_of

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

NATIONAL = frozenset(b"#$@[\\]^`{|}~")
"""Of ASCII, what a printer may print as something else of its country (ESC R), such as $ as ¥ in China."""

KANJI = "kanji"
ASCII = "ascii"
DRAWN = "drawn"

# Signs of which a Chinese font has the wide form.
_WIDE_FORMS = {"¥": "￥", "£": "￡", "¢": "￠"}
_GETA, _BOX = "〓", b"[]"
_WORDS = r" -~"
_IDEOGRAPHS = r"\u4e00-\u9fa5\u3001\u3002\uff0c"
"""Ranges of characters of which every one is ASCII, or in GBK: a run of them needs no look at each."""
# What East Asia writes beyond two bytes of GB 18030: radicals to Yi, hangul, compatibility forms, planes 2 and 3.
_EAST_ASIAN = (
    *((0x2E80, 0xA4CF), (0xA960, 0xA97F), (0xAC00, 0xD7FB), (0xF900, 0xFAFF), (0xFE30, 0xFE6F), (0xFF00, 0xFFEE)),
    *((0x1AFF0, 0x1B16F), (0x20000, 0x3FFFF)),
)
_NO_START = frozenset("，。、；：！？）》」』】〕〉”’…·,.;:!?)]}%")
_NO_END = frozenset("（《「『【〔〈“‘([{")
_MEMO_MAX = 8192


class Glyph(NamedTuple):
    """How one character prints. `page` is ASCII, KANJI, DRAWN or a name of PAGES; `columns` is 1 or 2. The code of a
    drawn one is its text in UTF-8.
    """

    page: str
    code: bytes
    columns: int


class Charset:
    """The characters of one printer. `pages` are the code pages of its profile, `chinese` says how much its Chinese
    font has, and `drawable` whether a text (a letter and its marks) can be drawn for it; None: nothing can.
    """

    def __init__(
        self, pages: Iterable[str], chinese: Chinese = "gb18030", drawable: Callable[[str], bool] | None = None
    ) -> None:
        has = frozenset(pages)
        self._codecs = [(name, codec) for name, codec in PAGES.items() if name in has]
        self._chinese = chinese
        self._drawable = drawable or (lambda _text: False)
        self._glyphs: dict[str, Glyph | None] = {}
        ideographs = _IDEOGRAPHS if chinese in {"gbk", "gb18030"} else ""
        self._split = re.compile(f"[{_WORDS}]+|[{ideographs or _WORDS}]+|.", re.DOTALL)
        self._plain = re.compile(f"[{_WORDS}{ideographs}]*")

    def glyph(self, char: str) -> Glyph | None:
        """How `char` (one code point) prints; None when it leaves nothing on paper by itself."""
        try:
            return self._glyphs[char]
        except KeyError:
            if len(self._glyphs) > _MEMO_MAX:
                self._glyphs.clear()
            return self._glyphs.setdefault(char, self._look_up(char))

    def knows(self, text: str) -> bool:
        """Whether every character of `text` was looked up before, or needs no look: no font will be opened for it."""
        return self._plain.fullmatch(text) is not None or all(
            char in self._glyphs for piece in self._split.findall(text) if len(piece) == 1 for char in piece
        )

    def _look_up(self, char: str) -> Glyph | None:
        if " " <= char <= "~":
            return Glyph(ASCII, char.encode("ascii"), 1)
        if char == "\xa0":
            return Glyph(ASCII, b" ", 1)
        if "\ud800" <= char <= "\udfff":
            return self._missing()
        columns = columns_of(char)
        if not columns:
            return None
        for name, codec in self._codecs:
            try:
                return Glyph(name, char.encode(codec), 1)
            except UnicodeEncodeError:
                continue
        if self._has_chinese(wide := _WIDE_FORMS.get(char, char)):
            return Glyph(KANJI, wide.encode("gb18030"), 2)
        return Glyph(DRAWN, char.encode(), columns) if self._drawable(char) else self._missing()

    def _has_chinese(self, char: str) -> bool:
        """Whether the printer's Chinese font has it."""
        if self._chinese == "none" or unicodedata.category(char) in {"Cn", "Co"}:
            return False
        if self._chinese == "gb18030":
            return len(char.encode("gb18030")) == 2 or any(low <= ord(char) <= high for low, high in _EAST_ASIAN)
        try:
            char.encode(self._chinese)
        except UnicodeEncodeError:
            return False
        return True

    def _missing(self) -> Glyph:
        return Glyph(ASCII, _BOX, 2) if self._chinese == "none" else Glyph(KANJI, _GETA.encode("gb18030"), 2)

    def width(self, text: str) -> int:
        """Columns that `text`, as `clean` gave it, takes on paper at normal size."""
        if text.isascii():
            return len(text)
        if self._plain.fullmatch(text):
            return len(text.encode("gb18030"))  # one byte a column, in either of the two
        return sum(columns for _, _, columns in self._pieces(text))

    def clean(self, text: str) -> str:
        """`text` composed and without what cannot stand on paper."""
        if self._plain.fullmatch(text):
            return text
        kept: list[str] = []
        base = ""
        for char in _composed(text):
            if self.glyph(char):
                kept.append(char)
                base = char
            elif base and unicodedata.category(char) in {"Mn", "Me", "Mc"} and self._drawable(base + char):
                kept.append(char)
                base += char
        return "".join(kept)

    def runs(self, text: str) -> list[tuple[str, bytes]]:
        """`text`, as `clean` gave it, as (page, bytes) runs. Neighbours differ in their page, but each drawn
        character is a run of its own.
        """
        found: list[tuple[str, bytes]] = []
        for page, code, _ in self._pieces(text):
            if page != DRAWN and found and found[-1][0] == page:
                found[-1] = (page, found[-1][1] + code)
            else:
                found.append((page, code))
        return found

    def cells(self, text: str) -> list[tuple[str, int]]:
        """`text`, as `clean` gave it, letter by letter, each with its marks and its columns."""
        found: list[tuple[str, int]] = []
        missing = self._missing()
        for char in text:
            glyph = self.glyph(char)
            if glyph:
                found.append((_GETA if glyph == missing else char, glyph.columns))
            elif found:
                found[-1] = (found[-1][0] + char, found[-1][1])
        return found

    def _pieces(self, text: str) -> list[Glyph]:
        """`text` in pieces that print in one way each."""
        found: list[Glyph] = []
        last = ""
        for piece in self._split.findall(text):
            if piece.isascii():
                found.append(Glyph(ASCII, piece.encode("ascii"), len(piece)))
            elif len(piece) > 1:
                found.append(Glyph(KANJI, piece.encode("gb18030"), 2 * len(piece)))
            elif glyph := self.glyph(piece):
                found.append(glyph)
            elif found:
                self._mark(found, last, piece)
                piece = last + piece
            last = piece
        return found

    def _mark(self, found: list[Glyph], last: str, mark: str) -> None:
        """The letter that ends `last`, the last piece found, takes `mark`: it is drawn with it."""
        before = found.pop()
        if before.page == DRAWN:
            found.append(Glyph(DRAWN, before.code + mark.encode(), before.columns))
            return
        alone = self.glyph(last[-1])
        assert alone is not None, "a mark follows its letter"
        if len(last) > 1:
            found.append(Glyph(before.page, before.code[: -len(alone.code)], before.columns - alone.columns))
        found.append(Glyph(DRAWN, (last[-1] + mark).encode(), alone.columns))

    def wrap(self, text: str, columns: int) -> list[str]:
        """`text` in lines of at most `columns` (2 or more): broken at spaces and beside wide characters, but not
        before a closing mark or behind an opening one; inside a word only where it alone is too long. At least one
        line.
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
        used, best, hard, before = 0, 0, 1, 1
        for index, char in enumerate(text):
            glyph = self.glyph(char)
            if glyph is None:  # a mark stays with its letter
                continue
            previous = text[index - 1]
            if index and used <= columns:
                hard = index
                open_here = char == " " or glyph.columns == 2 or before == 2 or previous in " -/"
                if open_here and char not in _NO_START and previous not in _NO_END:
                    best = index
            used += glyph.columns
            if used > columns:
                return best or hard
            before = glyph.columns
        return len(text)


@lru_cache(maxsize=2048)
def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)
