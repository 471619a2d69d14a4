"""The shop's logo: a picture file as dots. Read once, at start; whatever is wrong with it is a ConfigError.

- Only the formats of `FORMATS` are opened. Pillow knows many more, and has another program run what stands in some of
  them (EPS is a program, and Ghostscript writes the files that it names).
- The file has at most `BYTES_MAX` and the picture at most `PIXELS_MAX`, since a terminal box has little memory.
- Grey of 16 bits is scaled to 8 (Pillow would cut it off at white), a photograph is turned as its camera says,
  transparent is white. A picture of which no dot would be black is refused: it is mostly a white one for dark paper.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import NoReturn

from PIL import Image, ImageOps, UnidentifiedImageError

from posd.config import ConfigError
from posd.domain.device import Bitmap
from posd.printer import shop_file

KEY = "slip.logo"
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP")
BYTES_MAX = 16 << 20
PIXELS_MAX = 16_000_000
ROWS_MAX = 400


def read_logo(path: Path, dots: int) -> Bitmap:
    """The picture in black and white, at most `dots` wide and `ROWS_MAX` (50 mm) high. ConfigError."""
    try:
        image = _grey(_opened(path))
    except UnidentifiedImageError:
        _wrong(path, f"is none of {', '.join(FORMATS)}")
    except Image.DecompressionBombError:
        _wrong(path, f"has more than {PIXELS_MAX // 10**6} million pixels; a logo needs {dots} across")
    except (OSError, ValueError, SyntaxError, EOFError) as error:  # what Pillow makes of a file that is broken
        _wrong(path, f"is broken: {error}")
    if image.width > dots or image.height > ROWS_MAX:
        scale = min(dots / image.width, ROWS_MAX / image.height)
        image = image.resize((max(round(image.width * scale), 1), max(round(image.height * scale), 1)))
    ink = ImageOps.invert(image).convert("1")
    if ink.getbbox() is None:
        _wrong(path, "is white all over; nothing of it would print")
    return Bitmap(ink.width, ink.height, ink.tobytes())


def _opened(path: Path) -> Image.Image:
    image = Image.open(io.BytesIO(shop_file.read(KEY, path, BYTES_MAX)), formats=FORMATS)
    if image.width * image.height > PIXELS_MAX:
        raise Image.DecompressionBombError
    return image


def _grey(image: Image.Image) -> Image.Image:
    """8 bits of grey, upright, on white."""
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):  # 16 bits; some versions of Pillow have them in 32
        image = image.convert("I").point(lambda grey: grey * (1 / 256)).convert("L")
    image = image.convert("RGBA")
    white = Image.new("RGBA", image.size, "white")
    white.alpha_composite(image)
    return white.convert("L")


def _wrong(path: Path, what: str) -> NoReturn:
    raise ConfigError(f"{KEY} {str(path)!r} {what}")
