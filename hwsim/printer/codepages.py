"""Bytes to characters: code pages (ESC t), international sets (ESC R) and GB18030 in Kanji mode.

Rules: tables are data; an unknown page prints `?` for every byte above 0x7F, as a printer prints nonsense, never fails.
"""

from __future__ import annotations

import unicodedata

CODE_PAGES = {
    0: "cp437", 2: "cp850", 3: "cp860", 4: "cp863", 5: "cp865", 11: "cp850", 12: "cp850", 13: "cp857", 14: "cp737",
    15: "iso8859_7", 16: "cp1252", 17: "cp866", 18: "cp852", 19: "cp858", 32: "cp720", 33: "cp775", 34: "cp855",
    35: "cp861", 36: "cp862", 37: "cp864", 38: "cp869", 39: "iso8859_2", 40: "iso8859_15", 45: "cp1250", 46: "cp1251",
    47: "cp1253", 48: "cp1254", 49: "cp1255", 50: "cp1256", 51: "cp1257", 52: "cp1258",
}  # fmt: skip
"""ESC t's argument to the codec of the upper half."""

_LATER = {(13, 0xD5): "€"}
"""Characters that printers added to a page after its codec was fixed."""

KATAKANA_PAGE = 1
_KATAKANA_EXTRA = {
    0x95: "─", 0x96: "│", 0x90: "┴", 0x91: "┬", 0x9C: "╭", 0x9D: "╮", 0x9E: "╰", 0x9F: "╯", 0x8F: "┼", 0x93: "├",
    0x92: "┤", 0x98: "┌", 0x99: "┐", 0x9A: "└", 0x9B: "┘",
}  # fmt: skip
"""Rules and corners in the Katakana page; the kana themselves are JIS X 0201."""

REPLACED = "#$@[\\]^`{|}~"
"""The twelve characters of ASCII that ESC R replaces."""

COUNTRIES = {
    0: "#$@[\\]^`{|}~",  # USA
    1: "#$à°ç§^`éùè¨",  # France
    2: "#$§ÄÖÜ^`äöüß",  # Germany
    3: "£$@[\\]^`{|}~",  # United Kingdom
    4: "#$@ÆØÅ^`æøå~",  # Denmark I
    5: "#¤ÉÄÖÅÜéäöåü",  # Sweden
    6: "#$@°\\é^ùàòèì",  # Italy
    7: "₧$@¡Ñ¿^`¨ñ}~",  # Spain I
    8: "#$@[¥]^`{|}~",  # Japan
    9: "#¤ÉÆØÅÜéæøåü",  # Norway
    10: "#$ÉÆØÅÜéæøåü",  # Denmark II
    11: "#$á¡Ñ¿é`íñóú",  # Spain II
    12: "#$á¡Ñ¿éüíñóú",  # Latin America
    13: "#$@[₩]^`{|}~",  # Korea
    14: "#$ŽŠĐĆČžšđćč",  # Slovenia and Croatia
    15: "#¥@[\\]^`{|}~",  # China
}
"""ESC R's argument to what stands in the place of `REPLACED`."""


def single_byte(byte: int, page: int, country: int) -> str:
    """The character of one byte from 0x20 outside Kanji mode."""
    if byte < 0x80:
        return country_char(byte, country)
    if page == KATAKANA_PAGE:
        if 0xA1 <= byte <= 0xDF:
            return chr(0xFF61 + byte - 0xA1)
        return _KATAKANA_EXTRA.get(byte, "?")
    if (page, byte) in _LATER:
        return _LATER[page, byte]
    codec = CODE_PAGES.get(page)
    return "?" if codec is None else page_char(byte, codec)


def country_char(byte: int, country: int) -> str:
    """The character of a byte from 0x20 to 0x7F."""
    char = chr(byte)
    at = REPLACED.find(char)
    return COUNTRIES.get(country, REPLACED)[at] if at >= 0 else char


def page_char(byte: int, codec: str) -> str:
    """The character of a byte from 0x80 in a code page; `?` for one that it lacks."""
    return bytes([byte]).decode(codec, "replace").replace("\ufffd", "?")


def chinese_width(char: str) -> bool:
    """True for a character that takes two columns."""
    return unicodedata.east_asian_width(char) in "WF"


def starts_chinese(byte: int) -> bool:
    """True if a byte begins a GB18030 character of two or four bytes."""
    return 0x81 <= byte <= 0xFE


def is_four_byte(second: int) -> bool:
    """True if the second byte says that the character has four bytes."""
    return 0x30 <= second <= 0x39


def chinese(code: bytes) -> str:
    """The character of a GB18030 code of two or four bytes; a white square for a code that is none."""
    try:
        return code.decode("gb18030")
    except UnicodeDecodeError:
        return "□"
