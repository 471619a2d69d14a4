"""Characters: by which way they print and how wide they come out."""

from __future__ import annotations

import pytest

from posd.printer.glyphs import ASCII, KANJI, PAGES, Charset

FULL = Charset(PAGES)
BARE = Charset(["CP437"])


@pytest.mark.parametrize(
    ("char", "page", "columns"),
    [
        ("A", ASCII, 1),
        ("~", ASCII, 1),
        ("é", "CP437", 1),
        ("¥", "CP437", 1),
        ("£", "CP437", 1),
        ("€", "CP1252", 1),
        ("À", "CP1252", 1),
        ("ł", "CP852", 1),
        ("Ж", "CP866", 1),
        ("茶", KANJI, 2),
        ("ラ", KANJI, 2),
        ("유", KANJI, 2),
        ("，", KANJI, 2),
        ("龘", KANJI, 2),
        ("𠮷", KANJI, 2),
        ("→", KANJI, 2),
        ("①", KANJI, 2),
    ],
)
def test_the_way_of_a_character(char: str, page: str, columns: int) -> None:
    glyph = FULL.glyph(char)
    assert glyph is not None
    assert (glyph.page, glyph.columns) == (page, columns)
    codec = {ASCII: "ascii", KANJI: "gb18030"}.get(page) or PAGES[page]
    assert glyph.code.decode(codec) == char


def test_without_its_code_page_a_character_goes_by_kanji_mode_and_is_counted_double() -> None:
    glyph = BARE.glyph("€")
    assert glyph is not None
    assert (glyph.page, glyph.columns) == (KANJI, 2)
    assert BARE.width("€5") == 3
    assert FULL.width("€5") == 2


def test_control_characters_and_marks_without_a_place_are_dropped() -> None:
    assert FULL.clean("a\x10\x14\x01\x00\x1b\x7f\x9b b\u200b\u202ec\ufeff") == "a bc"
    assert FULL.clean("e\u0301\u0301") == "é"
    assert FULL.clean("\ud800") == "\ud800"
    assert FULL.runs("\ud800") == [(ASCII, b"?")]


def test_runs_change_only_with_the_page() -> None:
    assert FULL.runs("茶 Café €") == [
        (KANJI, "茶".encode("gb18030")),
        (ASCII, b" Caf"),
        ("CP437", b"\x82"),
        (ASCII, b" "),
        ("CP1252", b"\x80"),
    ]


@pytest.mark.parametrize(
    ("text", "columns", "lines"),
    [
        ("one two three", 7, ["one two", "three"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("乌龙茶乌龙茶", 5, ["乌龙", "茶乌", "龙茶"]),
        ("茶 tea house", 6, ["茶 tea", "house"]),
        ("twenty-first", 8, ["twenty-", "first"]),
        ("", 5, [""]),
        ("   ", 5, [""]),
    ],
)
def test_wrap(text: str, columns: int, lines: list[str]) -> None:
    assert FULL.wrap(text, columns) == lines
