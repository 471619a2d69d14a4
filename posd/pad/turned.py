"""How a pad lies on the counter: from its own places to those of the person who signs. Pure."""

from __future__ import annotations

from typing import Literal, NamedTuple

from posd.pad.strokes import Extents


class Turning(NamedTuple):
    """What makes the pad's picture upright: first its left and right are exchanged (`mirror`), then it is turned
    clockwise by `rotate` degrees.
    """

    rotate: Literal[0, 90, 180, 270] = 0
    mirror: bool = False

    def extents(self, own: Extents) -> Extents:
        """The pad's extents as the signer sees them."""
        return own._replace(x_max=own.y_max, y_max=own.x_max) if self.rotate in (90, 270) else own

    def place(self, x: int, y: int, own: Extents) -> tuple[int, int]:
        """A place of the pad as the signer sees it; `own` are the pad's extents, y downwards."""
        if self.mirror:
            x = own.x_max - x
        if self.rotate == 90:
            return own.y_max - y, x
        if self.rotate == 180:
            return own.x_max - x, own.y_max - y
        if self.rotate == 270:
            return y, own.x_max - x
        return x, y


UPRIGHT = Turning()
