"""The bytes of a slip as text, PNG, SVG and PDF: what the till, the auditor and the dispute see is what the printer
gets.

`width` is the paper's in millimetres and `profile` the printer's, as in the configuration; both decide what the
bytes mean. All raise UnreadableSlip for bytes that are no slip of ours. Pictures are in dots of 203 dpi, with the
paper's margins. Pillow and the font are loaded when the first picture is asked for.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from posd.domain.device import Bitmap
from posd.printer.library import pages, paper_dots
from posd.printer.readback import rows
from posd.printer.sheet import PlacedText, lay_out
from posd.printer.strip import (
    BASELINE,
    COLUMN_DOTS,
    TEXT_DOTS,
    UNREAD,
    BarRow,
    CodeRow,
    ImageRow,
    Row,
    TextRow,
)

if TYPE_CHECKING:
    from PIL import Image

DPI = 203
PAGE_INCHES_MAX = 200
"""The longest page of a PDF (ISO 32000-1, annex C): 5 m, a slip of about a thousand items."""
_SVG_FONTS = "'Noto Sans Mono CJK SC', 'WenQuanYi Micro Hei Mono', 'Noto Sans Mono', monospace"


def render_text(data: bytes, width: int, profile: str = "default") -> str:
    """Lines of text; alignment by spaces, where a Chinese character takes two; pictures and codes in brackets."""
    columns = paper_dots(profile, width) // COLUMN_DOTS
    found = rows(data, pages(profile))
    lines = [line for row in found if (line := _line(row, columns)) is not None]
    if any(cell.dots for row in found if isinstance(row, TextRow) for cell in row.cells):
        lines += ["", f"{UNREAD} a letter that is drawn, not sent as text: see the slip as PNG, SVG or PDF."]
    return "".join(f"{line}\n" for line in lines)


def _line(row: Row, columns: int) -> str | None:
    """What stands for a row in text; None for white space and the cut."""
    if isinstance(row, TextRow):
        return _padded(_spread(row), row.columns // row.style.wide, row.style.align, columns)
    if isinstance(row, ImageRow):
        text = f"[image {row.bitmap.width}x{row.bitmap.height}]"
    elif isinstance(row, CodeRow | BarRow):
        text = f"[{'QR' if isinstance(row, CodeRow) else 'barcode'} {row.data}]"
    else:
        return None
    return _padded(text, len(text), row.align, columns)


def _spread(row: TextRow) -> str:
    """The text of a line; in a wide one, what stands at the right end stays there."""
    left, gap, right = row.text.rpartition("  ")
    if row.style.wide == 1 or not gap:
        return row.text
    return left + gap + " " * (row.columns - row.columns // row.style.wide) + right


def _padded(text: str, taken: int, align: str, columns: int) -> str:
    gap = max(columns - taken, 0)
    return (" " * {"left": 0, "center": gap // 2, "right": gap}[align] + text).rstrip()


def render_png(data: bytes, width: int, profile: str = "default", font: str = "") -> bytes:
    """A picture of the slip. `font` names a font file with Chinese; empty: the installed one. Refusal `unsupported`
    where there is none.
    """
    from posd.printer.draw import picture

    out = io.BytesIO()
    picture(lay_out(data, width, profile), font).save(out, "PNG", dpi=(DPI, DPI))
    return out.getvalue()


def render_pdf(data: bytes, width: int, profile: str = "default", font: str = "") -> bytes:
    """One page in the slip's own size, or several where it is longer than a page may be; otherwise as `render_png`."""
    from posd.printer.draw import picture

    return pdf(picture(lay_out(data, width, profile), font))


def pdf(picture: Image.Image) -> bytes:
    """A picture on a page of its size, or on several where it is longer than one may be."""
    from PIL import Image

    from posd.printer.draw import in_pages

    out = io.BytesIO()
    pieces = in_pages(picture, PAGE_INCHES_MAX * DPI)
    if picture.height > PAGE_INCHES_MAX * DPI:  # in grey they would be a dozen times as large
        pieces = (page.convert("1", dither=Image.Dither.NONE) for page in pieces)
    first, *others = pieces
    first.save(out, "PDF", resolution=DPI, save_all=True, append_images=others)
    return out.getvalue()


def render_svg(data: bytes, width: int, profile: str = "default") -> str:
    """A drawing of the slip; its text is text, in the reader's own fonts."""
    sheet = lay_out(data, width, profile)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" viewBox="0 0 {sheet.width} {sheet.height}">',
        f'<rect width="{sheet.width}" height="{sheet.height}" fill="#fff"/>',
        f'<g font-family="{_SVG_FONTS}" font-size="{TEXT_DOTS}" xml:space="preserve">',
        *(_svg_text(text) for text in sheet.texts),
        "</g>",
        *(f'<path transform="translate({x} {y})" d="{_outline(bitmap)}"/>' for x, y, bitmap in sheet.bitmaps),
        "</svg>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _svg_text(placed: PlacedText) -> str:
    """One line, each character at its own place, so that columns stay columns in any font."""
    style = placed.style
    inked = [(x // style.wide, cell.char) for x, cell in placed.cells if cell.char != " "]
    if not inked:
        return ""
    places = " ".join(str(x) for x, _ in inked)
    base = placed.y + round(TEXT_DOTS * style.tall * BASELINE)
    scale = "" if (style.wide, style.tall) == (1, 1) else f" scale({style.wide} {style.tall})"
    weight = ' font-weight="bold"' if style.bold else ""
    text = escape("".join(char for _, char in inked))
    return f'<text transform="translate({placed.x} {base}){scale}" x="{places}"{weight}>{text}</text>'


def _outline(bitmap: Bitmap) -> str:
    """The black runs of a bitmap as the data of an SVG path."""
    stride = (bitmap.width + 7) // 8
    found = []
    for y in range(bitmap.height):
        line = bitmap.data[y * stride : (y + 1) * stride]
        if not any(line):
            continue
        bits = f"{int.from_bytes(line, 'big'):0{stride * 8}b}0"
        start = bits.find("1")
        while start >= 0:
            end = bits.index("0", start)
            found.append(f"M{start} {y}h{end - start}v1H{start}z")
            start = bits.find("1", end)
    return "".join(found)
