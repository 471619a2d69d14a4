"""Which reader reads a slip back: its language shows in how it begins. Pure."""

from __future__ import annotations

from posd.printer import star_strip
from posd.printer.strip import Reader, Row


def rows(data: bytes, pages: dict[int, str]) -> list[Row]:
    """What `data` prints, top to bottom. `pages` maps the numbers of ESC t to codecs. UnreadableSlip."""
    star = data.startswith(star_strip.BEGINNING)
    return (star_strip.StarReader(data) if star else Reader(data, pages)).read()
