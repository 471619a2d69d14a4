"""A sheet as a picture, by Pillow. Imported only when a picture is asked for."""

from __future__ import annotations

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


def _draw_text(image: Image.Image, text: PlacedText, path: str, index: int) -> None:
    style = text.style
    for x, cell in text.cells:
        if cell.char != " ":
            ink = letter(path, index, cell.char, cell.columns, (style.wide, style.tall), style.bold)
            image.paste(0, (text.x + x, text.y), ink)
