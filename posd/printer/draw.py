"""A sheet as a picture, by Pillow. Imported only when a picture is asked for."""

from __future__ import annotations

from collections.abc import Iterator

from PIL import Image

from posd.printer.ink import find_font, letter
from posd.printer.sheet import PlacedText, Sheet


def picture(sheet: Sheet, font: str) -> Image.Image:
    """The sheet in grey on white. Refusal `unsupported` when there is no font to draw it with."""
    path, index = find_font(font)
    image = Image.new("L", (sheet.width, sheet.height), 255)
    for text in sheet.texts:
        _draw_text(image, text, path, index)
    for x, y, bitmap in sheet.bitmaps:
        ink = Image.frombytes("1", (bitmap.width, bitmap.height), bitmap.data)
        image.paste(0, (x, y), ink)
    return image


def in_pages(image: Image.Image, rows_max: int) -> Iterator[Image.Image]:
    """The picture in pieces of at most so many rows, cut where nothing stands, if there is such a row."""
    top = 0
    while image.height - top > rows_max:
        most = top + rows_max
        cut = next((row for row in range(most, top, -1) if _is_white(image, row - 1)), most)
        yield image.crop((0, top, image.width, cut))
        top = cut
    yield image.crop((0, top, image.width, image.height))


def _is_white(image: Image.Image, row: int) -> bool:
    return image.crop((0, row, image.width, row + 1)).getcolors(1) == [(image.width, 255)]


def _draw_text(image: Image.Image, text: PlacedText, path: str, index: int) -> None:
    style = text.style
    for x, cell in text.cells:
        if cell.char != " ":
            ink = letter(path, index, cell.char, cell.columns, (style.wide, style.tall), style.bold)
            image.paste(0, (text.x + x, text.y), ink)
