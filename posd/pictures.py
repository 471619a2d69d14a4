"""Pictures of slips and signatures, as the desk asks for them."""

from __future__ import annotations

import base64
from typing import Literal

from posd import config
from posd.domain.device import Drawing
from posd.pad import image


class Pictures:
    """Renderings of slips and signatures, as desk.ports.Pictures; slow, off the loop."""

    def __init__(self, printer: config.PrinterSection, font: str) -> None:
        self._printer = printer
        self._font = font

    def slip(self, data: bytes, format: Literal["text", "png", "svg", "pdf"]) -> str:
        from posd.printer import preview

        width, profile = self._printer.width, self._printer.profile
        if format == "text":
            return preview.render_text(data, width, profile)
        if format == "svg":
            return preview.render_svg(data, width, profile)
        render = preview.render_png if format == "png" else preview.render_pdf
        return base64.b64encode(render(data, width, profile, self._font)).decode()

    def signature(self, drawing: Drawing, format: Literal["png", "svg"], watermark: str | None) -> str:
        if format == "svg":
            return image.svg(drawing, watermark=watermark)
        return base64.b64encode(image.png(drawing, watermark=watermark)).decode()
