"""Letters as dots, by Pillow and a font that has Chinese: for pictures of slips, and for the paper where the printer
has no character of its own. Imported only when the first letter is drawn.

A letter stands in a cell of 12 dots a column and 24 dots in height, times its scale, on the same baseline as the
printer's own. The font is `slip.font`, else the Python package of the extra `preview`, else Debian's.
"""

from __future__ import annotations

import importlib.util
import unicodedata
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from posd.domain.device import Bitmap
from posd.domain.errors import Refusal
from posd.printer.strip import BASELINE, COLUMN_DOTS, TEXT_DOTS

_FACES_MAX = 32
_PACKAGE = "noto_cjk_sans_otc"
_DEBIAN = (
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
    Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"),
)
_NOBODY = "\U0010ffff"
"""No font has it, so this is how a font draws what it lacks."""
_INK_LEVEL = 110
_BELOW = range(202, 223)
"""Canonical combining classes of marks under their letter (Unicode, UnicodeData.txt); the others stand over it."""


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
    # Plain layout: the same letters on every box, whether Pillow there can shape or not.
    return ImageFont.truetype(path, size, index=index, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=2048)
def letter(path: str, index: int, text: str, columns: int, scale: tuple[int, int], bold: bool) -> Image.Image:
    """The ink of one letter in its cell, grey; the cell is a quarter higher than its text. A letter that is wider than
    its cell is squeezed into it.
    """
    text = _spelled(path, index, text) or text
    wide, tall = scale
    size = TEXT_DOTS * tall
    font = _font(path, index, size)
    room = columns * COLUMN_DOTS * tall
    height = size * 5 // 4  # descenders hang into the space between lines
    natural = font.getlength(text)
    squeezed = natural > room + tall  # a dot of rounding is none
    cell = Image.new("L", (round(natural) if squeezed else room, height), 0)
    left = 0.0 if squeezed else (room - natural) / 2
    for shift in range(tall + 1 if bold else 1):
        _stamp(cell, text[0], font, left + shift)
        for mark in text[1:]:
            _stamp_mark(cell, mark, font, left + shift + natural)
    room = columns * COLUMN_DOTS * wide
    return cell if cell.width == room else cell.resize((room, height), Image.Resampling.LANCZOS)


def _stamp(cell: Image.Image, text: str, font: ImageFont.FreeTypeFont, x: float) -> None:
    """Draw at `x`, on the line on which letters stand."""
    ImageDraw.Draw(cell).text((x, font.size * BASELINE), text, fill=255, font=font, anchor="ls")


def _stamp_mark(cell: Image.Image, mark: str, font: ImageFont.FreeTypeFont, x: float) -> None:
    """Draw a mark with the letter, and the marks, that stand there already and end at `x`. Some fonts have it where it
    belongs, left of `x`; others have it right of it and leave it to the layout to move it: it goes over the middle of
    the letter, or under it, clear of what is there.
    """
    alone = Image.new("L", (cell.width + 2 * cell.height, cell.height), 0)
    _stamp(alone, mark, font, x)
    mine, there = alone.getbbox(), cell.getbbox()
    if mine is None or there is None:
        return
    left, top, right, bottom = mine
    if right > x + 1:
        left = max((there[0] + there[2] - right + left) // 2, 0)
        if unicodedata.combining(mark) in _BELOW:
            top = min(max(top, there[3] + 1), cell.height - bottom + top)
        else:
            top = max(min(top, there[1] - 1 - bottom + top), 0)
    ink = alone.crop(mine)
    cell.paste(255, (left, top), ink)


class FontPen:
    """Draws letters with one font, as encode.Pen. Refusal `unsupported` as `find_font`."""

    def __init__(self, font: str) -> None:
        self._path, self._index = find_font(font)

    def has(self, text: str) -> bool:
        """Whether the font has the letter, and its marks as such that stand over or under it."""
        return _spelled(self._path, self._index, text) is not None

    def letter(self, text: str, columns: int, bold: bool) -> Bitmap:
        """One letter at normal size: 12 dots a column wide, 24 high."""
        return self.line([(text, columns)], (1, 1), bold)

    def line(self, cells: list[tuple[str, int]], scale: tuple[int, int], bold: bool) -> Bitmap:
        """Letters side by side, so many times as wide and as high."""
        wide, tall = scale
        image = Image.new("L", (sum(columns for _, columns in cells) * COLUMN_DOTS * wide, TEXT_DOTS * tall), 0)
        x = 0
        for text, columns in cells:
            if text != " ":
                cell = letter(self._path, self._index, text, columns, scale, bold)
                image.paste(_lifted(cell, image.height), (x, 0))
            x += columns * COLUMN_DOTS * wide
        ink = image.point(lambda grey: 255 if grey >= _INK_LEVEL else 0).convert("1")
        return Bitmap(ink.width, ink.height, ink.tobytes())


def _lifted(cell: Image.Image, height: int) -> Image.Image:
    """The cell cut to `height`; ink that hangs lower is lifted, or shrunk where it has no room above."""
    box = cell.getbbox()
    if box is None or box[3] <= height:
        return cell.crop((0, 0, cell.width, height))
    ink = cell.crop((0, box[1], cell.width, box[3]))
    if ink.height > height:
        return ink.resize((cell.width, height), Image.Resampling.LANCZOS)
    lifted = Image.new("L", (cell.width, height), 0)
    lifted.paste(ink, (0, height - ink.height))
    return lifted


@lru_cache(maxsize=4096)
def _spelled(path: str, index: int, text: str) -> str | None:
    """A letter and its marks as the font can draw them: as they are, or taken apart (ά as α and its accent); None where
    it has not all of them, or marks that stand beside their letter.
    """
    font = _font(path, index, TEXT_DOTS)
    for spelling in (text, unicodedata.normalize("NFD", text)):
        if all(_has(path, index, char) for char in spelling) and (
            len(spelling) == 1 or font.getlength(spelling) == font.getlength(spelling[0])
        ):
            return spelling
    return None


@lru_cache(maxsize=4096)
def _has(path: str, index: int, char: str) -> bool:
    font = _font(path, index, TEXT_DOTS)
    try:
        return _dots(font, char) != _dots(font, _NOBODY)
    except UnicodeEncodeError:  # half of a surrogate pair
        return False


def _dots(font: ImageFont.FreeTypeFont, char: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(char)
    return mask.size, bytes(mask)
