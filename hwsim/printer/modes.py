"""The settings that commands change and ESC @ or a power cycle brings back to their defaults."""

from __future__ import annotations

from dataclasses import dataclass, field

FONT_CELLS = {"A": (12, 24), "B": (9, 17)}
"""Width and height in dots of a half-width character."""

KANJI_CELL = (24, 24)


@dataclass(slots=True)
class Symbols:
    """Settings of barcodes and QR codes."""

    bar_height: int = 162
    bar_module: int = 3
    hri: int = 0
    hri_font: str = "A"
    qr_module: int = 3
    qr_level: str = "L"
    qr_model: int = 2
    qr_data: bytes = b""


@dataclass(slots=True)
class Modes:
    """One printer's text settings. Scales are 1 to 8; margins, widths and spacings are dots."""

    kanji: bool
    area_width: int
    left_margin: int = 0
    font: str = "A"
    bold: bool = False
    double_strike: bool = False
    underline: int = 0
    inverse: bool = False
    scale_x: int = 1
    scale_y: int = 1
    kanji_scale_x: int = 1
    kanji_scale_y: int = 1
    kanji_underline: int = 0
    align: int = 0
    line_spacing: int = 30
    char_spacing: int = 0
    kanji_spacing: tuple[int, int] = (0, 0)
    page: int = 0
    country: int = 0
    utf8: bool = False
    right_edge: int | None = None
    """Where the area ends on the paper, for printers that set it so."""
    tabs: tuple[int, ...] = tuple(range(8, 256, 8))
    symbols: Symbols = field(default_factory=Symbols)
