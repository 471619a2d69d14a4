"""A slip as a picture, dot for dot: one pixel is one dot of the print head.

Rules: the printable area is as wide as the head (576 or 384 dots), with the paper's margins beside it. Characters are
drawn once in their 12x24 or 24x24 cell (9x17 for font B) and then scaled by whole numbers, as a printer does; dots
are black or blank, never grey. The edges show how the slip ended: a cut is a fine saw-tooth, a torn edge is ragged.
"""

from __future__ import annotations

import io
import os
from functools import lru_cache

import noto_cjk_sans_otc
from PIL import Image, ImageChops, ImageDraw, ImageFont

from hwsim.printer.strips import Dots, Glyph, Slip

MARGIN, EDGE, TOP = 32, 12, 40
"""Dots of blank paper beside the printable area, height of the cut edges, and blank paper above the first line."""

DESK, PAPER, INK = (222, 220, 214), (255, 255, 253), (24, 22, 24)
FACE_INDEX = 7
"""Noto Sans Mono CJK SC within the collection."""
BASELINE = {24: 20, 17: 14}
THRESHOLD = 112
"""Coverage of a pixel from which its dot is burnt."""


def slip_png(slip: Slip) -> bytes:
    """The slip as PNG; its width is the head's dots and twice MARGIN."""
    dots = draw_dots(slip)
    width, height = dots.width + 2 * MARGIN, dots.height + TOP + 2 * EDGE
    sheet = Image.new("P", (width, height), 0)
    sheet.putpalette([*DESK, *PAPER, *INK])
    ImageDraw.Draw(sheet).polygon(_outline(width, height, torn=slip.ending == "torn"), fill=1)
    sheet.paste(2, (MARGIN, EDGE + TOP), dots)
    out = io.BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()


def draw_dots(slip: Slip) -> Image.Image:
    """The printable area only, mode 1, True where a dot is burnt."""
    height = max(1, sum(strip.height for strip in slip.strips))
    area = Image.new("1", (slip.width, height), 0)
    top = 0
    for strip in slip.strips:
        for mark in strip.marks:
            if isinstance(mark, Dots):
                area.paste(_bitmap(mark), (mark.x, top))
            else:
                # Characters of different height stand on the same base line.
                base = max(other.height for other in strip.marks)
                area.paste(_glyph(mark), (mark.x, top + base - mark.height))
        top += strip.height
    return area


def _bitmap(mark: Dots) -> Image.Image:
    stride = len(mark.rows[0])
    return Image.frombytes("1", (stride * 8, mark.height), b"".join(mark.rows)).crop((0, 0, mark.width, mark.height))


def _glyph(mark: Glyph) -> Image.Image:
    cell = _cell(mark.char, mark.width // mark.scale_x, mark.height // mark.scale_y, mark.bold)
    if (mark.scale_x, mark.scale_y) != (1, 1):
        cell = cell.resize((mark.width, mark.height), Image.Resampling.NEAREST)
    if mark.underline or mark.inverse:
        cell = cell.copy()
        if mark.underline:
            ImageDraw.Draw(cell).rectangle((0, mark.height - mark.underline, mark.width, mark.height), fill=1)
        if mark.inverse:
            cell = ImageChops.invert(cell.convert("L")).convert("1")
    return cell


@lru_cache(maxsize=4096)
def _cell(char: str, width: int, height: int, bold: bool) -> Image.Image:
    """One character in its unscaled cell; bold burns each dot once more one to the right."""
    cell = Image.new("L", (width, height), 0)
    font = _font(24 if height == 24 else 18)
    drawn = font.getlength(char)
    ImageDraw.Draw(cell).text(((width - drawn) / 2, BASELINE[height]), char, fill=255, font=font, anchor="ls")
    burnt = cell.point([255 if level >= THRESHOLD else 0 for level in range(256)])
    if bold:
        burnt = ImageChops.lighter(burnt, ImageChops.offset(burnt, 1, 0))
    return burnt.convert("1")


@lru_cache(maxsize=2)
def _font(size: int) -> ImageFont.FreeTypeFont:
    path = os.path.join(os.path.dirname(noto_cjk_sans_otc.__file__), "NotoSansCJK-Regular.ttc")
    return ImageFont.truetype(path, size, index=FACE_INDEX, layout_engine=ImageFont.Layout.BASIC)


def _outline(width: int, height: int, *, torn: bool) -> list[tuple[int, int]]:
    """The paper's outline: saw-teeth above and below, ragged below where it was torn."""
    teeth = range(0, width + 8, 8)
    top = [(x, EDGE - 1 if (x // 8) % 2 else EDGE // 2) for x in teeth]
    if torn:
        # A fixed pattern, so that the same slip is always the same picture.
        bottom = [(x, height - EDGE + (x * 7919 % 23) % EDGE - (x // 8) % 5) for x in teeth]
    else:
        bottom = [(x, height - EDGE if (x // 8) % 2 else height - EDGE // 2) for x in teeth]
    return top + bottom[::-1]
