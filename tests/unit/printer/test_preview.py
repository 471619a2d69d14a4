"""The preview reads the very bytes; what it cannot read it refuses."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PIL import Image

from posd.domain.device import Bitmap
from posd.domain.errors import Refusal
from posd.domain.slip import Signing
from posd.printer import ink
from posd.printer.compose import Composer
from posd.printer.draw import in_pages
from posd.printer.encode import Encoder
from posd.printer.glyphs import PAGES, Charset
from posd.printer.paper import Barcode, Line, Paper
from posd.printer.preview import render_pdf, render_png, render_svg, render_text
from posd.printer.raster import raster
from posd.printer.readback import rows
from posd.printer.sheet import lay_out
from posd.printer.strip import CutRow, FeedRow, ImageRow, TextRow, UnreadableSlip
from posd.printer.symbols import bar_bitmap
from tests.unit.printer.samples import DRAWING, ZH, everything, flourish, order

SVG = "{http://www.w3.org/2000/svg}"
SLIP = Composer("default", 80, flourish)(
    order("merchant", ZH, everything(), signing=Signing("image", drawing=DRAWING))
).data


def test_bands_of_one_picture_are_one_picture() -> None:
    bitmap = flourish(DRAWING, 64, 100)
    assert rows(raster(bitmap), {}) == [ImageRow(bitmap, "left")]


def test_what_a_printer_would_do_with_each_command() -> None:
    found = rows(b"\x1b@\x1c.a\n\x1ba\x01\x1d!\x11b\x1bJ\x0c\x1b@\x1bd\x02\x1dVB\x00", {})
    assert [type(row) for row in found] == [TextRow, TextRow, FeedRow, FeedRow, CutRow]
    assert isinstance(found[1], TextRow)
    assert (found[1].text, found[1].columns, found[1].style.align) == ("b", 2, "center")
    assert found[2:4] == [FeedRow(12), FeedRow(60)]


def test_a_reset_drops_a_line_that_was_not_ended() -> None:
    assert rows(b"lost\x1b@kept\n", {})[0] == rows(b"kept\n", {})[0]


@pytest.mark.parametrize(
    "data",
    [
        b"\x10\x14\x01\x00\x01",
        b"\x1bp\x00\x19\xfa",
        b"a\x07",
        b"\x1bt\x63x",
        b"\x1bR\x0fx",
        b"\x1dv0\x00\x02\x00\x08\x00short",
        b"\x1d(A\x02\x00\x00\x00",
        b"\x1b*\x00\x01\x00\xff\xff\xff",
        b"\x1dH\x02",
        b"\x1dkI\x04{A12",
        b"\x1dkE\x04{B12",
        b"\x1c&\xff\xff\n",
        b"\x1b",
    ],
)
def test_bytes_that_posd_does_not_print_are_refused(data: bytes) -> None:
    with pytest.raises(UnreadableSlip):
        rows(data, {0: "cp437"})


def test_text_is_as_wide_as_the_paper() -> None:
    assert "合计 TOTAL" in render_text(SLIP, 80)
    assert render_text(b"\x1ba\x02right\n", 58) == " " * 27 + "right\n"
    assert render_text(b"\x1ba\x01\x1d!\x11mid\n", 58) == " " * 14 + "mid\n"
    assert render_text(b"\x1d!\x11TOTAL    1.00\n", 58) == "TOTAL" + " " * 17 + "1.00\n"


def test_png_has_the_paper_s_width_and_ink_where_the_text_is() -> None:
    with Image.open(io.BytesIO(render_png(SLIP, 80))) as picture:
        assert picture.format == "PNG"
        assert picture.width == 640
        assert picture.height > 2000
        ink = picture.point(lambda value: 255 * (value < 128)).getbbox()
    assert ink is not None
    left, _, right, _ = ink
    assert 32 <= left < 50
    assert 590 < right <= 608


def test_svg_says_every_line_and_draws_every_dot() -> None:
    tree = ET.fromstring(render_svg(SLIP, 80))
    said = {"".join(element.itertext()) for element in tree.iter(f"{SVG}text")}
    wanted = {re.sub(" ", "", line) for line in render_text(SLIP, 80).splitlines() if line.strip() and "[" not in line}
    assert said == wanted
    assert len(list(tree.iter(f"{SVG}path"))) == 2  # the QR code and the signature
    for element in tree.iter(f"{SVG}text"):
        assert len(element.attrib["x"].split()) == len("".join(element.itertext()))


def test_a_bar_code_is_read_back_as_its_text_and_its_bars() -> None:
    paper = Paper(Charset(()), 384)
    for profile in ("default", "ZJ-5870"):  # the printer's own bars, and a picture of them
        data = Encoder(profile, 58).encode(paper.barcode("A{B}-0042"))
        text = render_text(data, 58, profile)
        assert "A{B}-0042" in text.splitlines()[-1]
        assert ("[barcode A{B}-0042]" in text) == (profile == "default")
    own = lay_out(Encoder("default", 58).encode(paper.barcode("A{B}-0042")), 58, "default")
    drawn = lay_out(Encoder("ZJ-5870", 58).encode(paper.barcode("A{B}-0042")), 58, "ZJ-5870")
    (bars,), (picture,) = own.bitmaps, drawn.bitmaps
    stride = len(bars.bitmap.data) // bars.bitmap.height
    assert bars.bitmap.data[:stride] == picture.bitmap.data[:stride]


def test_what_a_bar_code_cannot_hold_is_text_alone() -> None:
    paper = Paper(Charset(PAGES), 384)
    for text in ("茶", "x" * 40):
        assert not [element for element in paper.barcode(text) if not isinstance(element, Line)]
    assert any(isinstance(element, Barcode) for element in paper.barcode("x" * 14))


def test_the_bars_are_those_of_another_implementation() -> None:
    import barcode

    bitmap = bar_bitmap("AB-12 xyz", 1, 1)
    bits = f"{int.from_bytes(bitmap.data, 'big'):0{len(bitmap.data) * 8}b}"[: bitmap.width]
    peer = barcode.get("code128", "AB-12 xyz").build()[0]
    assert bits == peer


def test_svg_paths_are_the_bitmap() -> None:
    svg = render_svg(raster(Bitmap(16, 2, b"\xf0\x01\x00\x18")), 80)
    assert 'd="M0 0h4v1H0zM15 0h1v1H15zM11 1h2v1H11z"' in svg


def test_svg_escapes_what_xml_would_take_for_its_own() -> None:
    ET.fromstring(render_svg(b"<b>&amp;</b>\n", 80))


def test_pdf_is_one_page() -> None:
    data = render_pdf(SLIP, 80)
    assert data.startswith(b"%PDF-")
    assert data.count(b"/Type /Page\n") == 1


def test_a_slip_that_is_longer_than_a_page_may_be_has_several() -> None:
    lines = b"".join(b"%04d\n" % number for number in range(2200))  # 66,000 dots, more than a picture in a PDF may have
    data = render_pdf(lines, 58)
    assert data.count(b"/Type /Page\n") == 2
    assert len(data) < 200_000, "black and white, not grey"
    assert max(float(box.split()[3]) for box in re.findall(rb"/MediaBox \[([^\]]*)\]", data)) <= 14_400


def test_pages_are_cut_between_lines() -> None:
    whole = Image.new("L", (10, 100), 255)
    for row in (0, 38, 39, 40, 99):
        whole.paste(0, (0, row, 10, row + 1))
    cut = list(in_pages(whole, 40))
    assert [page.height for page in cut] == [38, 40, 22]
    assert b"".join(page.tobytes() for page in cut) == whole.tobytes()
    assert [page.height for page in in_pages(Image.new("L", (10, 100)), 40)] == [40, 40, 20]


def test_a_font_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refusal, match=r"slip\.font .*none\.ttf.* is not a file") as refused:
        render_png(SLIP, 80, font=str(tmp_path / "none.ttf"))
    assert (refused.value.kind, refused.value.field) == ("unsupported", "slip.font")
    not_a_font = tmp_path / "text.ttf"
    not_a_font.write_text("no font")
    with pytest.raises(Refusal, match="cannot be read"):
        render_png(SLIP, 80, font=str(not_a_font))
    monkeypatch.setattr(ink, "_PACKAGE", "no_such_package_of_fonts")
    monkeypatch.setattr(ink, "_DEBIAN", ())
    with pytest.raises(Refusal, match="fonts-noto-cjk"):
        render_png(SLIP, 80)


def test_the_same_bytes_give_the_same_picture() -> None:
    assert render_png(SLIP, 80) == render_png(SLIP, 80)
