"""A slip as monospace text.

Rules: a column is 12 dots, a Chinese character takes two; alignment becomes spaces; a picture is `[image WxH]`, a QR
code `[QR data]`, a barcode `[barcode data]`; paper fed by more than a line becomes empty lines; no spaces at the ends
of lines and no empty lines at the end of the slip. Enlarged text keeps its letters together, so that words can be
found.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from hwsim.printer.graphics_commands import IMAGE, STRIPE
from hwsim.printer.strips import COLUMN_DOTS, LINE_DOTS, Dots, Glyph, Slip, Strip

TORN = "~~~ torn ~~~"
_WORDS = re.compile(r"\S+(?: \S+)*")


def slip_text(slip: Slip) -> str:
    """The slip's lines, each ended by a line feed; a torn one ends with `~~~ torn ~~~`."""
    lines: list[str] = []
    picture: tuple[int, int] | None = None
    for index, strip in enumerate(slip.strips):
        dots = _only_dots(strip)
        if dots is not None and dots.label in (IMAGE, STRIPE):
            begun = picture or (0, 0)
            picture = (dots.width, begun[1] + strip.height)
            if not _continues(slip.strips, index):
                lines.append(" " * (dots.x // COLUMN_DOTS) + f"[image {picture[0]}x{picture[1]}]")
                picture = None
        elif strip.marks:
            lines += _marked(strip, slip.width)
        else:
            lines += [""] * (strip.height // LINE_DOTS)
    while lines and not lines[-1]:
        lines.pop()
    if slip.ending == "torn":
        lines.append(TORN)
    return "".join(line + "\n" for line in lines)


def _only_dots(strip: Strip) -> Dots | None:
    mark = strip.marks[0] if len(strip.marks) == 1 else None
    return mark if isinstance(mark, Dots) else None


def _continues(strips: tuple[Strip, ...], index: int) -> bool:
    """True if the strip after this one is more of the same picture."""
    this = _only_dots(strips[index])
    after = _only_dots(strips[index + 1]) if index + 1 < len(strips) else None
    if this is None or after is None or after.width != this.width:
        return False
    return after.label == this.label and (not after.first or after.label == STRIPE)


@dataclass(slots=True)
class _Group:
    """Words that stand together, and the dots from `left` to `right` that they cover."""

    text: str
    left: int
    right: int
    enlarged: bool

    def column(self, width: int) -> int:
        """Where the text begins. Enlarged, it is shorter than what it stands for, and keeps its edge or its middle."""
        first, spare = self.left // COLUMN_DOTS, (self.right - self.left) // COLUMN_DOTS - columns(self.text)
        if not self.enlarged or self.left < COLUMN_DOTS or spare <= 0:
            return first
        return first + (spare if width - self.right < COLUMN_DOTS else spare // 2)


def _marked(strip: Strip, width: int) -> list[str]:
    """The text of one strip that is not just a picture: no line for later bands of a symbol or a barcode's caption."""
    groups = _groups(strip)
    if not groups and any(isinstance(mark, Dots) or mark.caption for mark in strip.marks):
        return []
    line = ""
    for group in groups:
        line += " " * max(group.column(width) - columns(line), 1 if line else 0) + group.text
    extra = max(0, strip.height // LINE_DOTS - 1) if _is_text(strip) else 0
    return [line, *[""] * extra]


def _groups(strip: Strip) -> list[_Group]:
    """The strip's words, in groups with two spaces or more between them."""
    plain = _plain(strip)
    if plain is not None:
        return plain
    groups: list[_Group] = []
    for mark in strip.marks:
        piece = _dots_text(mark) if isinstance(mark, Dots) else "" if mark.caption else mark.char
        if not piece or piece.isspace():
            continue
        unit = COLUMN_DOTS if isinstance(mark, Dots) else mark.width // (2 if mark.wide else 1)
        enlarged = isinstance(mark, Glyph) and mark.scale_x > 1
        gap = mark.x - groups[-1].right if groups else 2 * unit
        if gap >= 2 * unit:
            groups.append(_Group(piece, mark.x, mark.x + mark.width, enlarged))
        else:
            # A gap narrower than half a character is letter spacing, not a space.
            groups[-1].text += (" " if 2 * gap >= unit else "") + piece
            groups[-1].right = mark.x + mark.width
            groups[-1].enlarged |= enlarged
    return groups


def _plain(strip: Strip) -> list[_Group] | None:
    """The same of a strip of characters of one kind and width, one beside the other; None for any other strip."""
    marks = strip.marks
    if not marks or not isinstance(marks[0], Glyph) or marks[0].caption:
        return None
    first, width, scale = marks[0].x, marks[0].width, marks[0].scale_x
    text = ""
    for at, mark in enumerate(marks):
        if not isinstance(mark, Glyph) or mark.x != first + at * width or (mark.width, mark.scale_x) != (width, scale):
            return None
        text += mark.char
    return [
        _Group(words.group(), first + words.start() * width, first + words.end() * width, scale > 1)
        for words in _WORDS.finditer(text)
    ]


def _dots_text(mark: Dots) -> str:
    if not mark.first:
        return ""
    return f"[image {mark.width}x{mark.height}]" if mark.label in (IMAGE, STRIPE) else f"[{mark.label}]"


def _is_text(strip: Strip) -> bool:
    """True if the strip is higher than its text because more was fed, not because a picture stands on it."""
    tallest = max((mark.height for mark in strip.marks), default=0)
    return all(isinstance(mark, Glyph) for mark in strip.marks) and strip.height > tallest


def columns(text: str) -> int:
    """Columns that a text takes: two for each Chinese character."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
