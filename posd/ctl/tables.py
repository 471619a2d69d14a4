"""Columns that align in every script, colours only where a person looks, and nothing that could steer a terminal. Pure
but for `wants_colour`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Literal, TextIO

from posd.domain.columns import columns_of

Colour = Literal["green", "yellow", "red", "bold", "dim"]
_CODES: dict[Colour, str] = {"green": "32", "yellow": "33", "red": "31", "bold": "1", "dim": "2"}
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_GAP = "  "


class Cell(str):
    """Text of a table with a colour of its own."""

    __slots__ = ("colour",)
    colour: Colour | None

    def __new__(cls, text: str, colour: Colour | None = None) -> Cell:
        made = super().__new__(cls, text)
        made.colour = colour
        return made


def clean(text: str) -> str:
    """Text without characters that a terminal would act upon or that nobody could see; each becomes U+FFFD."""
    return _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text)


def width(text: str) -> int:
    """Columns of a terminal that `text` takes."""
    return sum(map(columns_of, text))


def padded(text: str, columns: int, right: bool = False) -> str:
    """`text` with spaces to fill `columns`."""
    fill = " " * max(columns - width(text), 0)
    return fill + text if right else text + fill


def painted(text: str, colour: Colour | None, on: bool) -> str:
    """`text` in a colour, if colours are on."""
    return f"\x1b[{_CODES[colour]}m{text}\x1b[0m" if on and colour else text


def table(
    head: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = (), colours: bool = False
) -> str:
    """Aligned columns under a head; `right` are the numbers of columns that align right. No rows: an empty text."""
    if not rows:
        return ""
    lines = [[clean(cell) for cell in line] for line in (head, *rows)]
    widths = [max(width(line[column]) for line in lines) for column in range(len(head))]
    shown = []
    for number, line in enumerate(lines):
        cells = []
        for column, text in enumerate(line):
            cell = padded(text, widths[column], column in right)
            source = rows[number - 1][column] if number else None
            colour: Colour | None = "bold" if not number else source.colour if isinstance(source, Cell) else None
            cells.append(painted(cell, colour, colours))
        shown.append(_GAP.join(cells).rstrip())
    return "\n".join(shown)


def local(text: str | None) -> str:
    """An RFC 3339 time as the box's own time, `2026-11-21 10:15:30`; what is no time as it is; `-` for none."""
    if not text:
        return "-"
    try:
        return f"{datetime.fromisoformat(text).astimezone():%Y-%m-%d %H:%M:%S}"
    except (ValueError, OverflowError):
        return clean(text)


def size(count: int) -> str:
    """Bytes for a person: `64 MiB`."""
    amount, unit = float(count), "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if amount < 1024:
            break
        amount, unit = amount / 1024, larger
    return f"{amount:.0f} {unit}" if amount >= 100 else f"{amount:.3g} {unit}"


def wants_colour(stream: TextIO) -> bool:
    """Whether a person sees this stream and has not asked for none (NO_COLOR)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
