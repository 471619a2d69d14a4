"""`python -m tests.pictures`: renew the pictures of slips under docs/pictures; those of the guides are tests.screens'.

They are made by the composer and the preview, from the bytes that go to the printer.
"""

from __future__ import annotations

from pathlib import Path

from hwsim.pad.bitmap import picture
from hwsim.pad.hand import Pen, signature
from posd.domain.device import Drawing
from posd.domain.slip import Signing
from posd.pad import image
from posd.pad.strokes import Extents, Ink, Point, encode
from posd.printer.compose import Composer
from posd.printer.preview import render_png
from tests.unit.printer.samples import DRAWING, EN, ZH, everything, flourish, order, reprint

ZH_TIME = "2026-11-21T10:15:30+08:00"
FOLDER = Path(__file__).resolve().parent.parent / "docs" / "pictures"


def main() -> None:
    """Write one picture for each language, width and kind of slip, of printed signatures, and of the self-test, and
    print their paths.
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    signed = Signing("image", drawing=DRAWING, version=1)
    for width in (80, 58):
        compose = Composer("default", width, flourish)
        for terminal in (ZH, EN):
            orders = {
                "merchant": order("merchant", terminal, signing=signed),
                "customer": order("customer", terminal),
                "long": order("merchant", terminal, everything()),
                "duplicate": order("customer", terminal, reprint=reprint(), possible_duplicate=True),
            }
            for name, wanted in orders.items():
                _write(f"slip-{terminal.locale}-{width}-{name}", compose(wanted).data, width)
        signs = Composer("default", width, image.bitmap)
        for pad, drawing in (("ink", ink("王小明 Li")), ("serial", finished("Anna Schmidt"))):
            slip = signs(order("merchant", ZH, signing=Signing("image", drawing=drawing, version=2)))
            _write(f"signature-{width}-{pad}", slip.top + slip.signing, width)
        _write(f"selftest-{width}", compose.compose_selftest(ZH, ZH_TIME, {"model": "TM-T88V"}), width)
    _acquirers()


def _acquirers() -> None:
    """What an acquirer gets, two dots wide and high for each."""
    from PIL import Image, ImageOps

    dots = image.host(ink("Anna Schmidt"), "507D8226")
    picture = ImageOps.invert(Image.frombytes("1", (dots.width, dots.height), dots.data).convert("L"))
    path = FOLDER / "signature-acquirer.png"
    picture.resize((2 * dots.width, 2 * dots.height), Image.Resampling.NEAREST).save(path, optimize=True)
    print(path)


def ink(name: str) -> Drawing:
    """A signature from a pad that tells its pen, 200 reports a second, a hand that trembles a little."""
    strokes = signature(name, Pen(tremor=3.0))
    points = (tuple(Point(round(s.time * 1000), s.x, s.y, s.pressure) for s in stroke) for stroke in strokes)
    return Drawing("strokes", encode(Ink(Extents(4095, 2047, 1023), tuple(points))))


def finished(name: str) -> Drawing:
    """A signature as a serial pad draws it: 240 x 80 dots."""
    return Drawing("bitmap", picture(signature(name), 240, 80))


def _write(name: str, data: bytes, width: int) -> None:
    path = FOLDER / f"{name}.png"
    path.write_bytes(render_png(data, width))
    print(path)


if __name__ == "__main__":
    main()
