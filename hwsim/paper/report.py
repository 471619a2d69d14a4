"""What a judge wants to know of a piece of paper.

Rules: read from the paper alone, as a person reads it. A mark stands between three stars; a paper without one is an
original. A paper is whole if it was cut and nothing was thrown away inside it. Garbage is what no one would print on
purpose: squares for codes that are none, control pictures, private and unassigned characters, `?` for what a code page
lacks beside such, and commands that the printer did not know. Valid characters that came from picture data look like
text: whoever knows what should stand there asks `foreign_lines`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from typing import Any

from hwsim.paper.text import TORN, slip_text
from hwsim.printer.strips import Slip

_MARK = re.compile(r"(?<!\*)\*{3}(?!\*)\s*([^*\n]+(?:\n[^*\n]+)?)(?<!\*)\*{3}(?!\*)")
_DUPLICATE = re.compile(r"(?<!POSSIBLE )\bDUPLICATE\b\s*(\d*)")
_POSSIBLE = "POSSIBLE DUPLICATE"
_VOID = re.compile(r"\bVOID\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Report:
    """One piece of paper. `lines` are without those of the simulator's own."""

    text: str
    ending: str
    """`full`, `partial`, `torn`, or `hanging` for paper still in the printer."""
    whole: bool
    parts: tuple[str, ...]
    """The text between the places where something was thrown away; one part on a whole paper."""
    marks: tuple[str, ...]
    """Marks between stars, each once, from the top down."""
    duplicate: int | None
    """The number on a duplicate's mark (0 where it has none), None where there is no such mark."""
    possible: bool
    """Carries the mark of a possible duplicate."""
    void: bool
    """Carries a mark that something is void."""
    garbage: tuple[str, ...]
    """Characters and commands that nobody would send on purpose."""
    not_drawn: tuple[str, ...]
    """What a printer would have printed and this one cannot."""
    cut_through: bool
    """The cut went through print."""

    @property
    def original(self) -> bool:
        """True for a paper that carries no mark of a duplicate or possible duplicate."""
        return self.duplicate is None and not self.possible

    def foreign_lines(self, expected: Iterable[str]) -> list[str]:
        """Lines with print that are not among those of the expected texts and are no marks."""
        known = {line.strip() for text in expected for line in text.splitlines()}
        lines = (line.strip() for line in self.text.splitlines())
        return [line for line in lines if line and line not in known and line != TORN and not _MARK.search(line)]

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self) | {"original": self.original}


def report(slip: Slip) -> Report:
    """Everything about one piece of paper."""
    text = slip_text(slip)
    marks = tuple(dict.fromkeys(" ".join(match.group(1).split()) for match in _MARK.finditer(text)))
    numbers = [match.group(1) for mark in marks for match in _DUPLICATE.finditer(mark)]
    return Report(
        text=text,
        ending=slip.ending,
        whole=slip.ending in ("full", "partial") and not slip.breaks,
        parts=_parts(slip, text),
        marks=marks,
        duplicate=int(numbers[0] or "0") if numbers else None,
        possible=any(_POSSIBLE in mark for mark in marks),
        void=any(_VOID.search(mark) for mark in marks),
        garbage=_garbage(text) + tuple(note for note in slip.notes if not note.startswith("not drawn: ")),
        not_drawn=tuple(note.removeprefix("not drawn: ") for note in slip.notes if note.startswith("not drawn: ")),
        cut_through=slip.cut_through,
    )


def _parts(slip: Slip, text: str) -> tuple[str, ...]:
    if not slip.breaks and slip.ending != "torn":
        return (text,) if text else ()
    edges = [0, *slip.breaks, len(slip.strips)]
    pieces = [replace(slip, strips=slip.strips[a:b], ending="full") for a, b in pairwise(edges)]
    return tuple(text for text in map(slip_text, pieces) if text)


def _garbage(text: str) -> tuple[str, ...]:
    """Squares, and characters that have no shape or no meaning."""
    found = (char for char in text if char == "□" or (char != "\n" and unicodedata.category(char) in _SHAPELESS))
    return tuple(dict.fromkeys(f"U+{ord(char):04X}" for char in found))


_SHAPELESS = {"Cc", "Co", "Cn", "Cs"}
