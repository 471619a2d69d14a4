"""Orders to slips: the pure function that the desk is given.

- Deterministic: the same order gives the same bytes, on any day.
- The original's body, when the order has it, is used byte for byte (law 4); what is around it is made anew.
- The logo stands in `top`, not in the body: it is the shop's, not the sale's, and the journal keeps each body.
- What does not change between slips (reset, logo, cut) is encoded once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from posd.config import ConfigError
from posd.domain.device import Bitmap, Drawing
from posd.domain.slip import Slip, SlipOrder
from posd.printer import layout
from posd.printer.encode import Encoder, check_profile, paper_dots
from posd.printer.paper import Cut, Picture

SIGNATURE_ROWS = 120
"""Height of the signature's field in dots: 15 mm."""
_LOGO_ROWS_MAX = 400


class Composer:
    """Makes slips for one printer. ConfigError for an unknown profile or a logo that cannot be read.

    `render(drawing, width, height)` draws a signature into so many dots. The heavy imports wait for the first slip,
    or for `warm`, which a thread may call as soon as the daemon is up.
    """

    def __init__(
        self, profile: str, width: int, render: Callable[[Drawing, int, int], Bitmap], logo: Path | None = None
    ) -> None:
        check_profile(profile)
        self._profile, self._width, self._render = profile, width, render
        self._logo_picture = _one_bit(logo, paper_dots(profile, width)) if logo is not None else None
        self._lock = threading.Lock()

    def warm(self) -> None:
        """Do now what the first slip would wait for (0.1 to 0.2 s); any thread, any number of times."""
        with self._lock:
            assert self._reset
            assert self._cut

    def __call__(self, order: SlipOrder) -> Slip:
        """Compose one slip."""
        with self._lock:
            encoder = self._encoder
            paper = encoder.paper
            picture = None
            if order.copy == "merchant" and order.signing.kind == "image" and order.signing.drawing is not None:
                picture = self._render(order.signing.drawing, paper.dots, SIGNATURE_ROWS)
            return Slip(
                top=self._reset + encoder.encode(layout.top(order, paper)) + self._logo,
                body=order.body if order.body is not None else encoder.encode(layout.body(order, paper)),
                signing=encoder.encode(layout.signing(order, paper, picture)),
                bottom=encoder.encode(layout.bottom(order, paper)) + self._cut,
            )

    @cached_property
    def _encoder(self) -> Encoder:
        return Encoder(self._profile, self._width)

    @cached_property
    def _reset(self) -> bytes:
        return self._encoder.reset()

    @cached_property
    def _cut(self) -> bytes:
        return self._encoder.encode([Cut()])

    @cached_property
    def _logo(self) -> bytes:
        return self._encoder.encode([Picture(self._logo_picture)]) if self._logo_picture else b""


def _one_bit(path: Path, dots: int) -> Bitmap:
    """A picture file in black and white, at most as wide as the paper and 50 mm high; transparent is white."""
    from PIL import Image, ImageOps

    try:
        with Image.open(path) as opened:
            image = opened.convert("RGBA")
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise ConfigError(f"slip.logo {str(path)!r} is not a picture that can be read: {error}") from error
    white = Image.new("RGBA", image.size, "white")
    white.alpha_composite(image)
    image = white.convert("L")
    if image.width > dots or image.height > _LOGO_ROWS_MAX:
        image = ImageOps.contain(image, (dots, _LOGO_ROWS_MAX))
    ink = ImageOps.invert(image).convert("1")
    return Bitmap(ink.width, ink.height, ink.tobytes())
