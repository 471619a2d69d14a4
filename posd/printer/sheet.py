"""Where each thing that a slip prints stands on its paper, in dots. Pure."""

from __future__ import annotations

from typing import NamedTuple

from posd.domain.device import Bitmap
from posd.printer.library import pages, paper_dots
from posd.printer.readback import rows
from posd.printer.strip import (
    COLUMN_DOTS,
    LINE_DOTS,
    TEXT_DOTS,
    BarRow,
    Cell,
    CodeRow,
    FeedRow,
    ImageRow,
    Style,
    TextRow,
)
from posd.printer.symbols import bar_bitmap, qr_bitmap

DOTS_PER_MM = 8
_EDGE_DOTS = 40


class PlacedText(NamedTuple):
    """A line whose upper left corner is at `x`, `y`; each cell with its own x, in dots from there."""

    x: int
    y: int
    cells: tuple[tuple[int, Cell], ...]
    style: Style


class PlacedBitmap(NamedTuple):
    """A bitmap with its upper left corner."""

    x: int
    y: int
    bitmap: Bitmap


class Sheet(NamedTuple):
    """The whole slip."""

    width: int
    height: int
    texts: tuple[PlacedText, ...]
    bitmaps: tuple[PlacedBitmap, ...]


def lay_out(data: bytes, width: int, profile: str) -> Sheet:
    """Place what `data` prints on paper `width` millimetres wide. UnreadableSlip."""
    dots = paper_dots(profile, width)
    margin = (width * DOTS_PER_MM - dots) // 2
    texts: list[PlacedText] = []
    bitmaps: list[PlacedBitmap] = []
    y = _EDGE_DOTS
    for row in rows(data, pages(profile)):
        if isinstance(row, TextRow):
            style = row.style
            x = margin + _shift(row.columns * COLUMN_DOTS, style.align, dots)
            cells, at = [], 0
            for cell in row.cells:
                if cell.dots is None:
                    cells.append((at, cell))
                    at += cell.columns * COLUMN_DOTS * style.wide
                else:
                    bitmaps.append(PlacedBitmap(x + at, y, cell.dots))
                    at += cell.dots.width
            texts.append(PlacedText(x, y, tuple(cells), style))
            y += max(LINE_DOTS, TEXT_DOTS * style.tall)
        elif isinstance(row, FeedRow):
            y += row.dots
        elif isinstance(row, ImageRow | CodeRow | BarRow):
            bitmap = _bitmap(row)
            bitmaps.append(PlacedBitmap(margin + _shift(bitmap.width, row.align, dots), y, bitmap))
            y += bitmap.height
    return Sheet(width * DOTS_PER_MM, y + _EDGE_DOTS, tuple(texts), tuple(bitmaps))


def _bitmap(row: ImageRow | CodeRow | BarRow) -> Bitmap:
    if isinstance(row, CodeRow):
        return qr_bitmap(row.data, row.size, 0)
    return row.bitmap if isinstance(row, ImageRow) else bar_bitmap(row.data, row.size, row.height)


def _shift(taken: int, align: str, dots: int) -> int:
    gap = max(dots - taken, 0)
    return {"left": 0, "center": gap // 2, "right": gap}[align]
