from __future__ import annotations

import unicodedata

import pytest
from wcwidth import wcwidth

from posd.domain.columns import columns_of


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("", 0), ("Tea 5.00", 8), ("乌龙茶", 6), ("ｶﾞ", 2), ("ＡＢ", 4), ("e\u0301", 1), ("\u0e01\u0e36", 1), ("é", 1),
        ("한", 2), ("\u1112\u1161\u11ab", 2), ("\u200d\u200e\ufeff", 0), ("\u00ad", 0), ("\t\n", 0), ("😀", 2),
        ("\u0600", 1), ("\U00033d8b", 2), ("\ue000", 1),
    ],
)  # fmt: skip
def test_columns(text: str, taken: int) -> None:
    assert sum(map(columns_of, text)) == taken


def test_as_another_library_counts_them() -> None:
    """wcwidth knows a newer Unicode: symbols that became wide since, and code points that were not assigned."""
    other = {
        char
        for char in map(chr, (*range(0x20, 0xD800), *range(0xE000, 0x20000, 3)))
        if unicodedata.category(char) not in ("Cn", "Cc") and max(wcwidth(char), 0) != columns_of(char)
    }
    since = {char for char in other if unicodedata.category(char) in ("So", "No")}
    assert other - since <= set("\u00ad\u3164\uffa0")
