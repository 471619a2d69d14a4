"""Characters: by which way they print and how wide they come out."""

from __future__ import annotations

import pytest
from wcwidth import wcwidth

from posd.config import Chinese
from posd.printer.glyphs import ASCII, DRAWN, KANJI, PAGES, Charset

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
        ("ー", KANJI, 2),
        ("㐀", KANJI, 2),
        ("𫚖", KANJI, 2),
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


def test_a_sign_without_a_code_page_takes_its_wide_form() -> None:
    assert Charset(["CP866"]).runs("¥5") == [(KANJI, "￥".encode("gb18030")), (ASCII, b"5")]


@pytest.mark.parametrize(
    ("chinese", "has", "lacks"),
    [
        ("gb2312", "茶ラЯ", "龍㐀유"),
        ("gbk", "茶ラ龍", "㐀유𠮷"),
        ("gb18030", "茶ラ龍㐀유𠮷", "กếع😀\ue000"),
        ("none", "", "茶ラ龍유"),
    ],
)
def test_what_the_chinese_font_has_goes_as_text_and_the_rest_is_drawn(chinese: Chinese, has: str, lacks: str) -> None:
    charset = Charset(["CP437"], chinese, lambda _text: True)
    assert [page for page, _ in charset.runs(has)] == [KANJI] * bool(has)
    assert charset.runs(lacks) == [(DRAWN, char.encode()) for char in lacks]
    assert all(charset.width(char) == wcwidth(char) for char in lacks)


def test_what_no_font_has_is_a_mark_and_never_silent() -> None:
    for text in ("ก", "😀", "\ud800", "\ue000", "\ufae1", "\U00033d8b"):
        assert FULL.runs(text) == [(KANJI, "〓".encode("gb18030"))]
        assert Charset(["CP437"], "none").runs(text) == [(ASCII, b"[]")]


def test_a_mark_is_drawn_with_its_letter() -> None:
    charset = Charset(PAGES, "gb18030", lambda _text: True)
    assert charset.clean("\u0301x q\u0303\u0323 茶\u0308") == "x q\u0323\u0303 茶\u0308"
    text = charset.clean("abq\u0303\u0323 龙茶\u0308é")
    assert charset.runs(text) == [
        (ASCII, b"ab"),
        (DRAWN, "q\u0323\u0303".encode()),
        (ASCII, b" "),
        (KANJI, "龙".encode("gb18030")),
        (DRAWN, "茶\u0308".encode()),
        ("CP437", b"\x82"),
    ]
    assert charset.width(text) == 9
    assert charset.cells("q\u0303é") == [("q\u0303", 1), ("é", 1)]
    assert charset.wrap("茶\u0308茶\u0308", 2) == ["茶\u0308", "茶\u0308"]


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
        ("乌龙茶，好", 6, ["乌龙", "茶，好"]),
        ("乌龙（大）", 6, ["乌龙", "（大）"]),
        ("，，，，", 4, ["，，", "，，"]),
        ("   ", 5, [""]),
    ],
)
def test_wrap(text: str, columns: int, lines: list[str]) -> None:
    assert FULL.wrap(text, columns) == lines
