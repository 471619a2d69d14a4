"""A sheet as a picture, by Pillow and a font that has Chinese. Imported only when a picture is asked for."""

from __future__ import annotations

import importlib.util
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from posd.domain.errors import Refusal
from posd.printer.sheet import PlacedText, Sheet
from posd.printer.strip import BASELINE, COLUMN_DOTS, TEXT_DOTS

_FACES_MAX = 32
_PACKAGE = "noto_cjk_sans_otc"
_DEBIAN = (
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
    Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"),
)


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


def find_font(font: str) -> tuple[str, int]:
    """The file and the face in it: `font` if given, else the Python package, else Debian's. Refusal `unsupported`
    if there is none.
    """
    if font:
        if not Path(font).is_file():
            raise _no_font(f"slip.font {font!r} is not a file.")
        try:
            return font, _face(font)
        except OSError as error:
            raise _no_font(f"slip.font {font!r} cannot be read: {error}.") from error
    spec = importlib.util.find_spec(_PACKAGE)
    folders = [Path(place) for place in (spec.submodule_search_locations or ())] if spec else []
    for path in (*(folder / "NotoSansCJK-Regular.ttc" for folder in folders), *_DEBIAN):
        if path.is_file():
            return str(path), _face(str(path))
    raise _no_font("There is no font with Chinese characters on this box.")


def _no_font(what: str) -> Refusal:
    return Refusal(
        "unsupported",
        f"{what} Pictures of slips need one; text and SVG do not. Install Debian's fonts-noto-cjk or"
        " fonts-wqy-microhei, or name a font file as slip.font.",
        field="slip.font",
    )


@lru_cache(maxsize=4)
def _face(path: str) -> int:
    """The monospaced face of simplified Chinese in a collection; the first one where there is none. OSError."""
    mono = 0
    for index in range(_FACES_MAX):
        try:
            name = str(ImageFont.truetype(path, TEXT_DOTS, index=index).getname()[0])
        except OSError:
            if index == 0:
                raise
            break
        if "Mono" in name:
            if "SC" in name or "CJK" not in name:
                return index
            mono = mono or index
    return mono


@lru_cache(maxsize=16)
def _font(path: str, index: int, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size, index=index)


@lru_cache(maxsize=2048)
def _glyph(path: str, index: int, char: str, columns: int, wide: int, tall: int, bold: bool) -> Image.Image:
    """The ink of one character in its cell."""
    size = TEXT_DOTS * tall
    font = _font(path, index, size)
    room = columns * COLUMN_DOTS * tall
    height = size * 5 // 4  # descenders hang into the space between lines
    cell = Image.new("L", (room, height), 0)
    draw = ImageDraw.Draw(cell)
    left = (room - font.getlength(char)) / 2
    for shift in range(tall + 1 if bold else 1):
        draw.text((left + shift, size * BASELINE), char, fill=255, font=font, anchor="ls")
    return cell if wide == tall else cell.resize((columns * COLUMN_DOTS * wide, height), Image.Resampling.LANCZOS)


def _draw_text(image: Image.Image, text: PlacedText, path: str, index: int) -> None:
    style = text.style
    for x, cell in text.cells:
        if cell.char != " ":
            ink = _glyph(path, index, cell.char, cell.columns, style.wide, style.tall, style.bold)
            image.paste(0, (text.x + x, text.y), ink)
