"""Pictures of drawings: where the ink lies, how thick it is, that no line breaks."""

from __future__ import annotations

import base64
import io
import xml.etree.ElementTree as ElementTree

import pytest
from PIL import Image

from posd.domain.device import Bitmap, Drawing
from posd.pad.image import BadDrawing, bitmap, host, png, svg
from posd.pad.strokes import Extents, Ink, Point, encode

PAD = Extents(4095, 2047, 1023)


def drawing(*strokes: list[tuple[int, int, int]], extents: Extents = PAD) -> Drawing:
    """Strokes of x, y, pressure."""
    return Drawing(
        "strokes", encode(Ink(extents, tuple(tuple(Point(5 * i, *p) for i, p in enumerate(s)) for s in strokes)))
    )


def rows(picture: Bitmap) -> list[list[bool]]:
    size = (picture.width + 7) // 8
    assert len(picture.data) == size * picture.height
    return [
        [bool(picture.data[y * size + x // 8] >> (7 - x % 8) & 1) for x in range(picture.width)]
        for y in range(picture.height)
    ]


def box(found: list[list[bool]]) -> tuple[int, int, int, int]:
    xs = [x for row in found for x, ink in enumerate(row) if ink]
    ys = [y for y, row in enumerate(found) if any(row)]
    return min(xs), ys[0], max(xs), ys[-1]


WIDE = drawing(
    [(500, 1000, 600), (3500, 1000, 600)], [(500, 800, 600), (500, 1200, 600)], [(3500, 800, 600), (3500, 1200, 600)]
)


@pytest.mark.parametrize(("width", "height"), [(576, 200), (384, 160), (371, 97), (100, 400)])
def test_the_ink_fills_the_area_keeps_its_shape_and_its_margin(width: int, height: int) -> None:
    left, top, right, bottom = box(rows(bitmap(WIDE, width, height)))
    assert left >= 3
    assert right < width - 3
    assert top >= 3
    assert bottom < height - 3
    assert right - left > 0.83 * width
    assert abs((left + right) - width) <= 2
    assert abs((top + bottom) - height) <= 2
    # 3000 by 400 units, and the thickness of the line on both sides
    assert abs((bottom - top - 5) / (right - left - 5) - 400 / 3000) < 0.03


def test_a_small_signature_is_enlarged_but_a_dot_stays_small() -> None:
    small = box(rows(bitmap(drawing([(2000, 1000, 500), (2800, 1400, 500)]), 576, 200)))
    assert small[2] - small[0] > 150
    dot = box(rows(bitmap(drawing([(2000, 1000, 500)]), 576, 200)))
    assert dot[2] - dot[0] < 8


@pytest.mark.parametrize(("pressure", "least", "most"), [(0, 3, 4), (1023, 6, 7), (500, 4, 5)])
def test_lines_are_three_to_six_dots_thick(pressure: int, least: int, most: int) -> None:
    found = rows(bitmap(drawing([(100, 1000, pressure), (4000, 1000, pressure)]), 576, 200))
    for x in range(60, 516):
        assert least <= sum(row[x] for row in found) <= most


def test_a_pad_without_pressure_draws_a_middling_line() -> None:
    found = rows(bitmap(drawing([(100, 1000, 0), (4000, 1000, 0)], extents=Extents(4095, 2047, 0)), 576, 200))
    assert 4 <= sum(row[300] for row in found) <= 5


def test_a_fast_stroke_of_few_points_is_one_piece() -> None:
    """No row between top and bottom of a steep zigzag is without ink, and each run of ink touches the one above it."""
    found = rows(bitmap(drawing([(300, 100, 100), (900, 1900, 50), (1500, 100, 20), (3900, 1950, 10)]), 576, 200))
    seen = {next((x, y) for y, row in enumerate(found) for x, ink in enumerate(row) if ink)}
    waiting = list(seen)
    while waiting:
        x, y = waiting.pop()
        for place in ((x + i, y + j) for i in (-1, 0, 1) for j in (-1, 0, 1)):
            if place not in seen and 0 <= place[1] < 200 and 0 <= place[0] < 576 and found[place[1]][place[0]]:
                seen.add(place)
                waiting.append(place)
    assert len(seen) == sum(map(sum, found))


def test_strokes_are_not_joined() -> None:
    found = rows(
        bitmap(drawing([(100, 1000, 500), (1500, 1000, 500)], [(2600, 1000, 500), (4000, 1000, 500)]), 576, 200)
    )
    assert not any(row[288] for row in found)


def test_a_drawing_without_strokes_is_white() -> None:
    assert not any(bitmap(drawing(), 576, 200).data)


def test_png_is_black_on_white_with_a_light_watermark() -> None:
    plain, marked = (Image.open(io.BytesIO(png(WIDE, 800, 400, mark))) for mark in (None, "507D8226"))
    assert plain.size == (800, 400)
    assert plain.mode == "L"
    assert plain.getpixel((0, 0)) == 255
    assert plain.getpixel((400, 200)) == 0
    greys = marked.crop((60, 100, 740, 180)).histogram()
    assert plain.crop((60, 100, 740, 180)).histogram()[205] == 0
    assert greys[205] > 1000
    assert marked.getpixel((400, 200)) == 0


def test_svg_is_well_formed_and_says_the_watermark() -> None:
    root = ElementTree.fromstring(svg(WIDE, 800, 400, 'A&B<"'))
    space = "{http://www.w3.org/2000/svg}"
    assert root.attrib["viewBox"] == "0 0 800 400"
    text = root.find(f"{space}text")
    assert text is not None
    assert text.text == 'A&B<"'
    paths = root.findall(f".//{space}path")
    assert len(paths) == 3
    assert all(float(path.attrib["stroke-width"]) >= 3 for path in paths)
    assert ElementTree.fromstring(svg(WIDE)).find(f"{space}text") is None


def test_a_stroke_of_changing_pressure_is_one_line_in_svg() -> None:
    pressed = drawing([(100 + 40 * i, 1000, 10 * i) for i in range(100)])
    paths = ElementTree.fromstring(svg(pressed)).findall(".//{http://www.w3.org/2000/svg}path")
    assert len(paths) > 3
    ends = [(path.attrib["d"][1:].split()[0], path.attrib["d"][1:].split()[-1]) for path in paths]
    assert [end for _, end in ends[:-1]] == [start for start, _ in ends[1:]]


FRAME = b"P4\n16 8\n" + b"\xff\xff" + b"\x80\x01" * 6 + b"\xff\xff"
"""A pad's picture: a line one dot wide around an area of 16 x 8."""


@pytest.mark.parametrize(("width", "height"), [(160, 80), (384, 160), (100, 200)])
def test_a_pads_picture_fills_the_area_and_keeps_its_shape(width: int, height: int) -> None:
    found = rows(bitmap(Drawing("bitmap", FRAME), width, height))
    scale = 0.92 * min(width / 16, height / 8)
    left, top, right, bottom = box(found)
    assert abs(right - left + 1 - 16 * scale) <= 2
    assert abs(bottom - top + 1 - 8 * scale) <= 2
    assert abs(left + right + 1 - width) <= 2
    assert abs(top + bottom + 1 - height) <= 2
    assert not found[(top + bottom) // 2][(left + right) // 2], "its middle is white"


def test_small_writing_in_a_pads_picture_is_enlarged_but_a_dot_stays_small() -> None:
    letter = b"".join(
        bytes([0, 0xFF if row in (30, 49) else 0x81, 0]) if 30 <= row < 50 else bytes(3) for row in range(80)
    )
    left, top, right, bottom = box(rows(bitmap(Drawing("bitmap", b"P4\n24 80\n" + letter), 240, 160)))
    assert abs((right - left + 1) - 8 * 2.5 * 2) <= 2
    assert abs((bottom - top + 1) - 20 * 2.5 * 2) <= 2


def test_a_pads_picture_has_its_watermark_already() -> None:
    theirs = Drawing("bitmap", FRAME)
    assert svg(theirs, watermark="507D8226") == svg(theirs)
    assert png(theirs, watermark="507D8226") == png(theirs)


def test_a_pads_picture_in_an_svg_is_the_whole_picture() -> None:
    image = ElementTree.fromstring(svg(Drawing("bitmap", FRAME), 160, 80)).find("{http://www.w3.org/2000/svg}image")
    assert image is not None
    head, _, data = image.attrib["href"].partition(",")
    assert head == "data:image/png;base64"
    with Image.open(io.BytesIO(base64.b64decode(data))) as inner:
        assert inner.size == (160, 80)
        assert inner.convert("L").getextrema() == (0, 255)


def test_an_acquirer_gets_a_pads_picture_dot_for_dot() -> None:
    assert host(Drawing("bitmap", FRAME), "507D8226") == Bitmap(16, 8, FRAME[8:])


def test_an_acquirer_gets_strokes_in_thin_lines_and_the_code_behind_them_in_dots() -> None:
    plain, marked = rows(host(WIDE)), rows(host(WIDE, "507D8226"))
    assert (len(plain[0]), len(plain)) == (240, 80)
    left, top, right, bottom = box(plain)
    assert (right - left, top, bottom) >= (220, 2, 40)
    middle = [row[120] for row in plain]
    assert 1 <= sum(middle) <= 3, "the pen is thin: small letters stay open"
    added = [(x, y) for y in range(80) for x in range(240) if marked[y][x] and not plain[y][x]]
    assert all(not ink or marked[y][x] for y, row in enumerate(plain) for x, ink in enumerate(row)), "no ink is covered"
    assert all(x % 2 == 0 and y % 2 == 1 for x, y in added), "a fourth of the dots: it cannot be taken for ink"
    xs, ys = {x for x, _ in added}, {y for _, y in added}
    assert max(xs) - min(xs) > 200
    assert max(ys) - min(ys) >= 30, "letters of half the height can be read with ink across them"


def test_each_code_looks_different_where_it_differs() -> None:
    one, other = (rows(host(WIDE, code)) for code in ("507D8226", "507D8326"))
    columns = {x for y in range(80) for x in range(240) if one[y][x] != other[y][x]}
    assert columns, "another digit, other dots"
    assert min(columns) > 120
    assert max(columns) < 180


@pytest.mark.parametrize("make", [lambda d: bitmap(d, 100, 50), png, svg, host])
def test_what_cannot_be_shown_is_refused_with_a_reason(make: object) -> None:
    assert callable(make)
    with pytest.raises(BadDrawing, match="pad's picture cannot be read"):
        make(Drawing("bitmap", b"abc"))
    with pytest.raises(BadDrawing, match="newer posd"):
        make(Drawing("strokes", b"\x09\x00"))


@pytest.mark.parametrize(("width", "height"), [(0, 10), (10, 0), (-1, 5), (5000, 10), (10, 5000)])
def test_an_area_that_cannot_be_is_refused(width: int, height: int) -> None:
    with pytest.raises(BadDrawing, match="area"):
        bitmap(WIDE, width, height)


def test_the_smallest_area_is_still_drawn() -> None:
    assert bitmap(WIDE, 1, 1).width == 1
    assert png(WIDE, 2, 2)
    assert svg(WIDE, 1, 1)
