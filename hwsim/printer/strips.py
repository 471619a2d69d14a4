"""What travels from the typesetter to the print head and ends up on a slip.

Rules: immutable; x counts dots from the left edge of the printable area; every item carries the bytes that were
executed for it and notes of what could not be done, so that a slip knows exactly what it was made from.
"""

from __future__ import annotations

from dataclasses import dataclass

COLUMN_DOTS = 12
LINE_DOTS = 30


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character in its cell. `width` and `height` are the cell's dots after scaling."""

    x: int
    char: str
    wide: bool
    font: str
    width: int
    height: int
    scale_x: int = 1
    scale_y: int = 1
    bold: bool = False
    underline: int = 0
    inverse: bool = False
    caption: bool = False
    """Belongs to a barcode, whose label says it in text."""


@dataclass(frozen=True, slots=True)
class Dots:
    """A piece of a picture."""

    x: int
    width: int
    rows: tuple[bytes, ...]
    """Packed dots, most significant bit left."""
    label: str
    """Stands for the picture in text."""
    first: bool = True
    """False for later pieces of the same picture."""

    @property
    def height(self) -> int:
        """Rows of dots."""
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class Strip:
    """One movement of the paper: `height` dots with marks on them, or blank."""

    height: int
    marks: tuple[Glyph | Dots, ...] = ()
    data: bytes = b""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cut:
    """A cut, after feeding `feed` dots."""

    partial: bool
    feed: int
    data: bytes = b""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fence:
    """Something to be told when everything before it is on paper. `mark` is the language's own."""

    mark: bytes
    data: bytes = b""
    notes: tuple[str, ...] = ()


Item = Strip | Cut | Fence


@dataclass(frozen=True, slots=True)
class Slip:
    """A piece of paper that left the printer."""

    width: int
    strips: tuple[Strip, ...]
    data: bytes
    ending: str
    """`full` or `partial` cut, `torn`, or `hanging` for paper that is still in the printer."""
    cut_through: bool = False
    """True where the cut went through print, because it was not fed past the cutter."""
    breaks: tuple[int, ...] = ()
    """Before which strips something was thrown away that should have been printed."""
    notes: tuple[str, ...] = ()
    """Commands that were unknown or refused, and what is not drawn."""
