"""Whatever a till sends, a slip keeps its shape and says nothing to the device that is not ours."""

from __future__ import annotations

import re

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from posd.config import Chinese
from posd.domain import money
from posd.domain.device import Bitmap
from posd.domain.slip import Signing, SlipOrder, Terminal
from posd.domain.transaction import Card, Charge, Item, Payment
from posd.printer.compose import Composer
from posd.printer.encode import Encoder
from posd.printer.glyphs import PAGES, Charset
from posd.printer.library import pages
from posd.printer.paper import Line, Paper
from posd.printer.raster import dots_on_line, raster
from posd.printer.readback import rows
from posd.printer.strip import ImageRow, TextRow
from tests.unit.printer.samples import DRAWING, flourish, order, reprint, transaction

REALTIME = (b"\x10\x04", b"\x10\x05", b"\x10\x14")
COMPOSERS = {
    (profile, width): Composer(profile, width, flourish) for profile in ("default", "simple") for width in (80, 58)
}

DRAWING_COMPOSERS: dict[Chinese, Composer] = {
    "gb2312": Composer("default", 58, flourish, chinese="gb2312"),
    "none": Composer("default", 58, flourish, chinese="none"),
}

hostile = st.lists(
    st.one_of(
        st.text(alphabet="茶龙井乌ラテ유자éèñếก€¥£À→①𠮷😀，（） ab-", max_size=30),
        st.sampled_from(
            [
                "\x10\x14\x01\x00\x05",
                "\x1bp\x00",
                "\x1b@",
                "\x1c.",
                "e\u0301",
                "q\u0323\u0303",
                "\u202e",
                "\r\n",
                "\x00" * 9,
            ]
        ),
        st.text(max_size=20),
    ),
    max_size=4,
).map("".join)
units = st.integers(-(10**9), 10**12).map(lambda n: money.text_of(n, "CNY"))


@st.composite
def orders(draw: st.DrawFn) -> SlipOrder:
    """An order with any text in every field that takes text. Shapes are not checked: layout must hold without the
    guards before it.
    """
    items = [
        Item(
            draw(hostile),
            draw(st.sampled_from(["1", "0.352", "999999"])),
            draw(units),
            draw(units),
            discount=draw(st.none() | units),
            unit=draw(st.none() | hostile),
            code=draw(st.none() | hostile),
        )
        for _ in range(draw(st.integers(1, 4)))
    ]
    base = transaction()
    sale = msgspec.structs.replace(
        base,
        id=draw(hostile),
        items=items,
        total=draw(units),
        discounts=[Charge(draw(hostile), draw(units), draw(st.none() | hostile))],
        taxes=[Charge(draw(hostile), draw(units), included=draw(st.booleans()))],
        tip=draw(st.none() | units),
        payments=[
            Payment(
                draw(hostile),
                draw(units),
                entry=draw(hostile),
                reference=draw(hostile),
                card=Card(draw(hostile), scheme=draw(hostile)),
            )
        ],
        operator=draw(hostile),
        remarks=draw(st.none() | hostile),
        qr=draw(st.none() | hostile),
    )
    terminal = Terminal(draw(hostile), draw(hostile), draw(st.sampled_from(["zh_CN", "en"])))
    return order(
        draw(st.sampled_from(["merchant", "customer"])),
        terminal,
        sale,
        receipt=draw(hostile),
        signing=draw(st.sampled_from([Signing("none"), Signing("line"), Signing("image", drawing=DRAWING, version=3)])),
        reprint=draw(st.none() | st.just(reprint(7))),
        possible_duplicate=draw(st.booleans()),
    )


@pytest.mark.parametrize(("profile", "width"), COMPOSERS)
@settings(max_examples=60, deadline=None)
@given(wanted=orders())
def test_every_line_fits_the_paper_and_no_byte_is_a_strangers(profile: str, width: int, wanted: SlipOrder) -> None:
    data = COMPOSERS[profile, width](wanted).data
    assert not any(command in data for command in REALTIME)
    columns = {80: 48, 58: 32}[width]
    # UnreadableSlip would say that a byte of the data got through as a command.
    for row in rows(data, pages(profile)):
        if isinstance(row, TextRow):
            assert row.columns <= columns, row.text


@pytest.mark.parametrize("chinese", ["gb2312", "none"])
@settings(max_examples=30, deadline=None)
@given(wanted=orders())
def test_drawn_letters_keep_the_columns_and_hold_no_command(chinese: Chinese, wanted: SlipOrder) -> None:
    data = DRAWING_COMPOSERS[chinese](wanted).data
    assert not any(command in data for command in REALTIME)
    for row in rows(data, pages("default")):
        if isinstance(row, TextRow):
            assert row.columns <= 32, row.text
        if isinstance(row, ImageRow):
            assert row.bitmap.width <= 384


@settings(max_examples=200, deadline=None)
@given(
    width=st.integers(1, 48),
    data=st.lists(st.sampled_from([0x10, 0x04, 0x05, 0x14, 0x00, 0xFF]), min_size=144, max_size=144).map(bytes),
)
def test_no_real_time_command_arises_in_dots_on_the_line(width: int, data: bytes) -> None:
    stride = (width + 7) // 8
    out = dots_on_line(Bitmap(width, 24, data[: stride * 24]))
    assert not any(command in out for command in REALTIME)
    (row,) = rows(out, {})
    assert isinstance(row, TextRow)
    assert row.cells[0].dots is not None
    assert row.cells[0].dots.width == width


@settings(max_examples=200, deadline=None)
@given(text=hostile, columns=st.integers(2, 48))
@example(text="a" * 200, columns=2)
def test_wrapping_loses_no_letter_and_breaks_no_width(text: str, columns: int) -> None:
    charset = Charset(PAGES)
    lines = charset.wrap(text, columns)
    assert all(charset.width(line) <= columns for line in lines)
    assert re.sub(r"\s", "", "".join(lines)) == re.sub(r"\s", "", charset.clean(text))


@settings(max_examples=200, deadline=None)
@given(left=hostile, middle=hostile, right=hostile)
def test_columns_end_at_the_paper_s_edge(left: str, middle: str, right: str) -> None:
    for dots in (576, 384):
        paper = Paper(Charset(PAGES), dots)
        for lines in (paper.pair(left, right), paper.triple(left, middle, right, 11)):
            assert all(paper.charset.width(line.text) <= paper.columns for line in lines)
            shown = "".join(line.text for line in lines)
            for text in (left, right):
                assert re.sub(r"\s", "", paper.charset.clean(text)) in re.sub(r"\s", "", shown)


@settings(max_examples=200, deadline=None)
@given(text=st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=40))
def test_text_comes_back_as_it_went(text: str) -> None:
    encoder = Encoder("default", 80)
    clean = encoder.paper.charset.clean(text)
    data = encoder.encode([Line(clean, "center", "double", True), Line("end")])
    read = [row for row in rows(data, pages("default")) if isinstance(row, TextRow)]
    shown = "".join(char for char, _ in encoder.paper.charset.cells(clean)).replace("\xa0", " ")
    assert [row.text for row in read] == [shown, "end"]
    assert read[0].columns == 2 * encoder.paper.charset.width(clean)
    assert (read[1].style.align, read[1].style.bold, read[1].style.wide) == ("left", False, 1)


@settings(max_examples=200, deadline=None)
@given(
    stride=st.integers(1, 72),
    data=st.lists(st.sampled_from([0x10, 0x04, 0x05, 0x14, 0x00, 0xFF, 0x18]), min_size=1, max_size=600).map(bytes),
)
def test_no_real_time_command_arises_in_raster_data(stride: int, data: bytes) -> None:
    height = -(-len(data) // stride)
    padded = data.ljust(stride * height, b"\x10")
    out = raster(Bitmap(stride * 8, height, padded))
    assert not any(command in out for command in REALTIME)
    kept = b"".join(row.bitmap.data for row in rows(out, {}) if not isinstance(row, TextRow))  # type: ignore[union-attr]
    assert all(new & old == old and (new ^ old) in (0, 8) for old, new in zip(padded, kept, strict=True))


@settings(max_examples=40, deadline=None)
@given(wanted=orders(), number=st.integers(1, 99), possible=st.booleans())
def test_law_4_whatever_is_around_it_the_body_is_the_originals(wanted: SlipOrder, number: int, possible: bool) -> None:
    compose = COMPOSERS["default", 80]
    original = compose(msgspec.structs.replace(wanted, reprint=None, possible_duplicate=False, signing=Signing("none")))
    again = compose(msgspec.structs.replace(wanted, reprint=reprint(number), possible_duplicate=possible))
    assert again.body == original.body
    assert compose(msgspec.structs.replace(wanted, body=original.body)).body == original.body
