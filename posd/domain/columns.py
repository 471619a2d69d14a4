"""How many columns a character takes where each has one or two: on a slip, in a terminal.

By the Unicode Character Database as Python has it: East Asian Width (UAX #11) says what is wide; marks, what nobody
sees, and the vowels and finals of conjoining Hangul stand in the cell of what is before them.
"""

from __future__ import annotations

import unicodedata

_MARKS = frozenset({"Mn", "Mc", "Me"})
_JAMO = ((0x1160, 0x11FF), (0xD7B0, 0xD7FF))
_SHOWN = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
"""Format characters that are drawn: signs that enclose a number."""
_IDEOGRAPHS = (0x20000, 0x3FFFF)
"""Planes of ideographs: wide, those to come as well."""


def columns_of(char: str) -> int:
    """0, 1 or 2: the columns of one character; 0 for a control character."""
    category, code = unicodedata.category(char), ord(char)
    if category == "Cn":
        return 2 if _IDEOGRAPHS[0] <= code <= _IDEOGRAPHS[1] else 1
    if category in _MARKS or category == "Cc" or any(low <= code <= high for low, high in _JAMO):
        return 0
    if category in {"Cf", "Zl", "Zp"}:
        return int(char in _SHOWN)
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1
