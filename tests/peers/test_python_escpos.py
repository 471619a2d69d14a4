"""A second opinion that needs no Node: python-escpos' own output, printed in process."""

from __future__ import annotations

import itertools

import pytest
from escpos.printer import Dummy
from PIL import Image

from hwsim.paper.text import slip_text
from hwsim.printer.machine import Printer
from hwsim.printer.models import model_for
from hwsim.printer.strips import Dots, Slip


def print_out(data: bytes) -> tuple[Slip, Printer]:
    """The one slip that these bytes make; every command must be known and accepted."""
    printer = Printer(model_for("tm-80"), None)
    slips: list[Slip] = []
    while data:
        room = printer.room
        slips += printer.step(data[:room], 0.0).slips
        data = data[room:]
    assert not printer.interpreter.unknown
    assert not printer.interpreter.refused
    (slip,) = slips
    return slip, printer


def checkered(width: int, height: int) -> Image.Image:
    image = Image.new("1", (width, height), 1)
    for x, y in itertools.product(range(width), range(height)):
        if (x // 8 + y // 8) % 3 == 0:
            image.putpixel((x, y), 0)
    return image


def test_text_styles_and_codes() -> None:
    encoder = Dummy(profile="TM-T88V")
    encoder.set(align="center", double_width=True, double_height=True)
    encoder.textln("Tea House")
    encoder.set_with_default(bold=True, invert=True)
    encoder.textln("Café £5 €7 Чай")
    encoder.set_with_default(underline=1, font="b")
    encoder.textln("small print")
    encoder.set_with_default()
    encoder.barcode("4006381333931", "EAN13", height=60, width=2, function_type="A")
    encoder.barcode("{B20261121", "CODE128", height=60, width=2, function_type="B")
    encoder.qr("https://example.com/t/42", native=True, size=4)
    encoder.ln(2)
    encoder.cashdraw(2)
    encoder.cut()
    slip, printer = print_out(encoder.output)
    assert [line.strip() for line in slip_text(slip).splitlines() if line.strip()] == [
        "Tea House",
        "Café £5 €7 Чай",
        "small print",
        "[barcode 4006381333931]",
        "[barcode 20261121]",
        "[QR https://example.com/t/42]",
    ]
    assert printer.drawer_kicks == 1
    assert not slip.cut_through


@pytest.mark.parametrize("way", ["bitImageRaster", "graphics", "bitImageColumn"])
def test_a_picture_arrives_dot_for_dot_in_each_way_to_send_it(way: str) -> None:
    image = checkered(200, 72)
    encoder = Dummy(profile="TM-T88V")
    encoder.image(image, impl=way)
    encoder.cut()
    slip, _ = print_out(encoder.output)
    assert slip_text(slip) == "[image 200x72]\n"
    pieces = [mark for strip in slip.strips for mark in strip.marks if isinstance(mark, Dots)]
    rows = b"".join(row[:25] for piece in pieces for row in piece.rows)
    assert rows == bytes(255 - byte for byte in image.tobytes())
