"""A drawing as a picture: one-bit bitmap for the slip, PNG and SVG for people. Pure but for Pillow, which is imported
when first used.

How it works: the box around the ink is laid into the area, the aspect kept, with a margin; a small signature is
enlarged, but not beyond `ENLARGE_MAX` of what the whole pad would get, so that a full stop does not become a blot. Each
stroke is one unbroken line through its points, smooth between them, as wide as the pen pressed there. The raster is
drawn `FINE` times too large and then reduced, so that thin slanted lines stay whole: printed signatures elsewhere are
illegible because they are tiny and made of dots. A finished picture, as some pads deliver it, is laid into the area in
the same way; the pad has drawn the watermark into it already, so none is added.

What goes to an acquirer is small and of one bit, so there the pen is as thin as a pad's own, and the watermark stands
in letters of half its height, of every fourth dot: they can be read with the ink across them, and the ink on them.
"""

from __future__ import annotations

import base64
import io
from math import hypot
from typing import TYPE_CHECKING, NamedTuple

from posd.domain.device import Bitmap, Drawing
from posd.pad.finished import BadPicture, read
from posd.pad.strokes import BadStrokes, Ink, decode

if TYPE_CHECKING:
    from PIL.Image import Image

THIN, THICK = 3.0, 6.0
"""Line width in dots at the least and at the greatest pressure, on paper at 203 dpi."""
AREA_MAX = 4096
HOST_AREA = (240, 80)
"""What UnionPay-style pads deliver (docs/serial-pad.md)."""
HOST_THIN, HOST_THICK = 1.4, 2.6
ENLARGE_MAX = 2.5
FINE = 4
PIECES_MAX = 8
WATERMARK_GREY = 205
_LETTER = 0.6
_MARGIN = 0.04
_INK_LEVEL = 150


class BadDrawing(ValueError):
    """The drawing cannot be shown; the message says why. It is kept as it is."""


class _Dot(NamedTuple):
    """A point in the area, with the width of the line there."""

    x: float
    y: float
    width: float


def bitmap(drawing: Drawing, width: int, height: int) -> Bitmap:
    """The drawing in an area of `width` x `height` dots, lines 3 to 6 dots wide. BadDrawing."""
    return Bitmap(width, height, _dots(_grey(drawing, width, height, THIN, THICK)).tobytes())


def png(drawing: Drawing, width: int = 800, height: int = 400, watermark: str | None = None) -> bytes:
    """The drawing as a grey PNG, black on white, the watermark in light grey behind it. BadDrawing."""
    thin, thick = _widths(height)
    image = _grey(drawing, width, height, thin, thick)
    if watermark and drawing.kind == "strokes":
        from PIL import Image, ImageChops

        paper = Image.new("L", (width, height), 255)
        paper.paste(WATERMARK_GREY, mask=_lettering(watermark, width, height, _letter_height(watermark, width, height)))
        image = ImageChops.darker(image, paper)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def svg(drawing: Drawing, width: int = 800, height: int = 400, watermark: str | None = None) -> str:
    """The drawing as an SVG of `width` x `height` units, black on white, the watermark in light grey behind it.
    BadDrawing.
    """
    thin, thick = _widths(height)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    if watermark and drawing.kind == "strokes":
        from xml.sax.saxutils import escape

        parts.append(
            f'<text x="{width / 2:g}" y="{height / 2:g}" text-anchor="middle" dominant-baseline="central" '
            'font-family="monospace" '
            f'font-size="{_letter_height(watermark, width, height):g}" '
            f'fill="#{WATERMARK_GREY:02x}{WATERMARK_GREY:02x}{WATERMARK_GREY:02x}">'
            f"{escape(watermark)}</text>"
        )
    _check_area(width, height)
    if drawing.kind == "bitmap":
        out = io.BytesIO()
        _scaled(_picture(drawing), width, height).save(out, "PNG", optimize=True)
        data = base64.b64encode(out.getvalue()).decode()
        parts.append(f'<image width="{width}" height="{height}" href="data:image/png;base64,{data}"/>')
        return "\n".join([*parts, "</svg>"]) + "\n"
    parts.append('<g fill="none" stroke="#000" stroke-linecap="round" stroke-linejoin="round">')
    for stroke in _laid(_ink(drawing), width, height, thin, thick):
        parts.extend(_paths(stroke))
    return "\n".join([*parts, "</g>", "</svg>"]) + "\n"


def host(drawing: Drawing, watermark: str | None = None) -> Bitmap:
    """What goes to an acquirer: a pad's finished picture dot for dot (it has its watermark already), or strokes drawn
    into `HOST_AREA`, the watermark behind them in scattered dots. BadDrawing.
    """
    if drawing.kind == "bitmap":
        return _picture(drawing)
    width, height = HOST_AREA
    ink = _dots(_grey(drawing, width, height, HOST_THIN, HOST_THICK))
    if watermark:
        from PIL import ImageChops

        letters = min(height * 0.6, width * 0.95 / (_LETTER * len(watermark)))
        ink = ImageChops.logical_or(
            ink, ImageChops.logical_and(_lettering(watermark, width, height, letters), _scatter(width, height))
        )
    return Bitmap(width, height, ink.tobytes())


def _dots(grey: Image) -> Image:
    """One bit a dot, set where there is ink."""
    return grey.point(lambda level: 255 if level < _INK_LEVEL else 0).convert("1")


def _check_area(width: int, height: int) -> None:
    if not (0 < width <= AREA_MAX and 0 < height <= AREA_MAX):
        raise BadDrawing(f"an area of {width} x {height} cannot be drawn; each side may have 1 to {AREA_MAX} dots")


def _ink(drawing: Drawing) -> Ink:
    try:
        return decode(drawing.data)
    except BadStrokes as bad:
        raise BadDrawing(f"the strokes cannot be read: {bad}") from bad


def _picture(drawing: Drawing) -> Bitmap:
    try:
        return read(drawing.data)
    except BadPicture as bad:
        raise BadDrawing(f"the pad's picture cannot be read: {bad}") from bad


def _grey(drawing: Drawing, width: int, height: int, thin: float, thick: float) -> Image:
    """The drawing in an area, 0 is ink."""
    _check_area(width, height)
    if drawing.kind == "bitmap":
        return _scaled(_picture(drawing), width, height)
    return _drawn(_laid(_ink(drawing), width, height, thin, thick), width, height)


def _scaled(picture: Bitmap, width: int, height: int) -> Image:
    """The ink of the picture in the middle of an area, enlarged as strokes are; 0 is ink."""
    from PIL import Image, ImageOps

    dots = Image.frombytes("1", (picture.width, picture.height), picture.data)
    box = dots.getbbox() or (0, 0, picture.width, picture.height)
    ink = dots.crop(box).convert("L")
    whole = min(width / picture.width, height / picture.height)
    margin = 1 - 2 * _MARGIN
    scale = min(margin * width / ink.width, margin * height / ink.height, ENLARGE_MAX * whole)
    size = max(1, round(ink.width * scale)), max(1, round(ink.height * scale))
    area = Image.new("L", (width, height), 0)
    area.paste(ink.resize(size, Image.Resampling.BICUBIC), ((width - size[0]) // 2, (height - size[1]) // 2))
    return ImageOps.invert(area)


def _widths(height: int) -> tuple[float, float]:
    """Line widths for a picture of this height: as on paper, or more where there is more room."""
    scale = max(1.0, height / 200)
    return THIN * scale, THICK * scale


def _laid(ink: Ink, width: int, height: int, thin: float, thick: float) -> list[list[_Dot]]:
    """The strokes in the area's dots, points nearer than half a dot left out."""
    if not ink.strokes:
        return []
    margin = thick / 2 + _MARGIN * min(width, height)
    inner_width, inner_height = max(1.0, width - 2 * margin), max(1.0, height - 2 * margin)
    xs = [point.x for stroke in ink.strokes for point in stroke]
    ys = [point.y for stroke in ink.strokes for point in stroke]
    whole = min(inner_width / ink.extents.x_max, inner_height / ink.extents.y_max)
    scale = min(inner_width / max(1, max(xs) - min(xs)), inner_height / max(1, max(ys) - min(ys)), ENLARGE_MAX * whole)
    left = width / 2 - scale * (min(xs) + max(xs)) / 2
    top = height / 2 - scale * (min(ys) + max(ys)) / 2
    strokes: list[list[_Dot]] = []
    for stroke in ink.strokes:
        pressed = float(stroke[0].pressure)
        dots: list[_Dot] = []
        for point in stroke:
            pressed += (point.pressure - pressed) * 0.3
            force = min(1.0, pressed / ink.extents.p_max) if ink.extents.p_max else 0.5
            dot = _Dot(left + scale * point.x, top + scale * point.y, thin + (thick - thin) * force)
            if not dots or hypot(dot.x - dots[-1].x, dot.y - dots[-1].y) >= 0.5:
                dots.append(dot)
        strokes.append(_smooth(dots))
    return strokes


def _smooth(dots: list[_Dot]) -> list[_Dot]:
    """A curve through all of `dots` (Catmull-Rom), so that a fast pen or a slow pad leaves no corners."""
    curve = dots[:1]
    padded = [dots[0], *dots, dots[-1]]
    for before, start, end, after in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        pieces = min(PIECES_MAX, 1 + int(hypot(end.x - start.x, end.y - start.y) / 3))
        for piece in range(1, pieces):
            t = piece / pieces
            curve.append(_Dot(*(_spline(*four, t) for four in zip(before, start, end, after, strict=True))))
        curve.append(end)
    return curve


def _spline(before: float, start: float, end: float, after: float, t: float) -> float:
    bend = 2 * before - 5 * start + 4 * end - after + (3 * start - before - 3 * end + after) * t
    return start + t * (end - before + t * bend) / 2


def _drawn(strokes: list[list[_Dot]], width: int, height: int) -> Image:
    """A grey image, 0 is ink: drawn `FINE` times as large, then reduced."""
    from PIL import Image, ImageDraw

    image = Image.new("L", (width * FINE, height * FINE), 255)
    draw = ImageDraw.Draw(image)
    for stroke in strokes:
        before = stroke[0]
        for dot in stroke:
            x, y, radius = dot.x * FINE, dot.y * FINE, dot.width * FINE / 2
            draw.line((before.x * FINE, before.y * FINE, x, y), fill=0, width=round(before.width * FINE))
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=0)
            before = dot
    return image.reduce(FINE)


def _paths(stroke: list[_Dot]) -> list[str]:
    """One path for each run of points of about the same width; a run begins where the one before it ended."""
    paths: list[str] = []
    run = [stroke[0]]
    for dot in stroke[1:]:
        run.append(dot)
        if round(dot.width * 2) != round(run[0].width * 2):
            paths.append(_path(run))
            run = [dot]
    if len(run) > 1 or not paths:
        paths.append(_path(run))
    return paths


def _path(run: list[_Dot]) -> str:
    places = " ".join(f"{dot.x:.1f},{dot.y:.1f}" for dot in (run if len(run) > 1 else run * 2))
    return f'<path stroke-width="{round(run[0].width * 2) / 2:g}" d="M{places}"/>'


def _letter_height(watermark: str, width: int, height: int) -> float:
    """So that the text takes most of the width, but no more than a third of the height."""
    return min(height / 3, width * 0.8 / (_LETTER * len(watermark)))


def _lettering(watermark: str, width: int, height: int, letters: float) -> Image:
    """A one-bit image, set where the text in its middle is, in letters of this height."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("1", (width, height), 0)
    font = ImageFont.load_default(round(letters))
    ImageDraw.Draw(image).text((width / 2, height / 2), watermark, fill=1, font=font, anchor="mm")
    return image


def _scatter(width: int, height: int) -> Image:
    """A one-bit image with every fourth dot set: every second of every second row."""
    from PIL import Image

    row = (width + 7) // 8
    return Image.frombytes("1", (width, height), b"".join((b"\x00", b"\xaa")[at % 2] * row for at in range(height)))
