"""Pictures of slips and signatures, as the desk asks for them."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import msgspec

from posd import config
from posd.domain.device import Drawing
from posd.domain.errors import Refusal
from posd.domain.signature import SignatureFormat
from posd.domain.slip import CopyName, SlipOrder
from posd.domain.transaction import Type
from posd.pad import image, interchange, jbig
from posd.pad.strokes import decode

if TYPE_CHECKING:
    from posd.printer.compose import Composer

Format = Literal["text", "png", "svg", "pdf"]
OTHERS_MAX = 3
PICTURE_MAX = 3 << 20
"""Bytes of one answer. A client is cut off when it leaves 4 MiB unread, of whatever it asked for."""


class Pictures:
    """Renderings of slips and signatures, as desk.ports.Pictures; slow, off the loop. It has composers of its own,
    which give the same bytes as the printer's and never make that one wait; one for each kind of printer that a kept
    body was made for. The one for the printer that is configured reads template and logo now, as the printer's own
    does: what a shop changes in them is not printed before the next start, and not shown. ConfigError.
    """

    def __init__(self, printer: config.PrinterSection, slip: config.SlipSection) -> None:
        from posd.printer.compose import Composer

        self._printer, self._slip = printer, slip
        self._composer = Composer.configured(printer, slip, image.bitmap)
        self._others: dict[config.PrinterSection, Composer] = {}

    def slip(self, order: SlipOrder, format: Format) -> str:
        printer = self._printer_of(order.made_for)
        shown = rendered(self._composer_of(printer)(order).data, format, printer, self._slip.font)
        if len(shown.encode()) > PICTURE_MAX:
            words = f"The slip is too long to be shown as {format}. Nothing was changed; ask for it as text."
            raise Refusal("too-large", words)
        return shown

    def _composer_of(self, printer: config.PrinterSection) -> Composer:
        from posd.printer.compose import Composer

        if printer == self._printer:
            return self._composer
        if printer not in self._others:
            if len(self._others) >= OTHERS_MAX:
                self._others.clear()
            self._others[printer] = Composer.configured(printer, self._slip, image.bitmap)
        return self._others[printer]

    def _printer_of(self, made_for: str) -> config.PrinterSection:
        """The printer that a kept body was made for, which need not be the one that is connected now."""
        if not made_for:
            return self._printer
        from posd.printer import suited

        before = suited.made_for(made_for)._asdict()
        if before["language"] == "star":
            before["density"] = 0
        return msgspec.structs.replace(self._printer, **before)

    def signature(self, drawing: Drawing, format: SignatureFormat, watermark: str | None) -> str:
        if format == "svg":
            return image.svg(drawing, watermark=watermark)
        return base64.b64encode(_signature(drawing, format, watermark)).decode()


def _signature(drawing: Drawing, format: SignatureFormat, watermark: str | None) -> bytes:
    """A signature as bytes. Refusal `unsupported` where a library is missing, or a pad gave no ink to be told."""
    if format == "strokes":
        return drawing.data
    if format == "png":
        return image.png(drawing, watermark=watermark)
    if format == "jbig":
        try:
            return jbig.encode(image.host(drawing, watermark))
        except jbig.NoJbig as error:
            words = (
                "JBIG needs the library libjbig (apt-get install libjbig0). Nothing was changed; ask for png meanwhile."
            )
            raise Refusal("unsupported", words) from error
    if drawing.kind == "bitmap":
        words = "The pad draws by itself and gave no ink to be told. Nothing was changed; ask for png or jbig."
        raise Refusal("unsupported", words)
    return interchange.encode(decode(drawing.data))


def rendered(data: bytes, format: Format, printer: config.PrinterSection, font: str) -> str:
    """What `data` puts on paper: text and SVG as they are, PNG and PDF in base64. Refusal `unsupported` where there is
    no font, or where the bytes hold what a picture cannot show.
    """
    from posd.printer import preview
    from posd.printer.strip import UnreadableSlip

    width, profile = printer.width, printer.profile
    try:
        if format == "text":
            return preview.render_text(data, width, profile)
        if format == "svg":
            return preview.render_svg(data, width, profile)
        render = preview.render_png if format == "png" else preview.render_pdf
        return base64.b64encode(render(data, width, profile, font)).decode()
    except UnreadableSlip as error:
        words = f"The slip cannot be shown: it has {error}. Nothing was changed; a reprint prints it as it is."
        raise Refusal("unsupported", words) from error


def sample(settings: config.Config, copy: CopyName, kind: Type, format: Format) -> str:
    """A slip of a sale that never was, as the configuration and its template have it. ConfigError; Refusal as
    `rendered`.
    """
    from posd.printer.compose import Composer
    from posd.printer.sample import TERMINALS, sample_order

    terminal = settings.terminal.terminal()
    if settings.terminal.merchant == config.TerminalSection().merchant:
        terminal = msgspec.structs.replace(TERMINALS[terminal.locale], id=terminal.id)
    slip = Composer.configured(settings.printer, settings.slip, image.bitmap)(sample_order(terminal, copy, kind))
    return rendered(slip.data, format, settings.printer, settings.slip.font)


def beside(slips: Sequence[bytes], gap_mm: float, grey: int, format: Literal["png", "pdf"]) -> bytes:
    """Slips as `rendered` in PNG, from left to right in their own sizes, on grey: one picture."""
    from PIL import Image

    from posd.printer.preview import DPI, pdf

    gap = round(gap_mm / 25.4 * DPI)
    drawn = [Image.open(io.BytesIO(slip)) for slip in slips]
    wide, high = sum(one.width + gap for one in drawn) + gap, max(one.height for one in drawn) + 2 * gap
    whole, right = Image.new("L", (wide, high), grey), gap
    for one in drawn:
        whole.paste(one, (right, gap))
        right += one.width + gap
    if format == "pdf":
        return pdf(whole)
    out = io.BytesIO()
    whole.save(out, "PNG", dpi=(DPI, DPI))
    return out.getvalue()
