"""Questions inside a slip, so that bytes which never came out are missed. Pure.

A printer on a serial line that is without power for a moment loses what it has in its buffer, prints the rest that was
still on the line, and answers the fence behind it: the fence alone would prove a slip of which the middle is missing.
So the actor puts fences of its own into the slip, and each must be answered, in order (tally.py).

- A mark stands only where a command may begin and the line is empty: behind a line feed, a feed, a band of raster data
  or a code, and before a code and the cut. The slip is read for that, not the encoder asked: the body of a reprint
  comes from the journal. From the first command on that is not known here there are no more marks.
- A mark comes as soon as what it costs is less than 3 % of the bytes since the last one, or `LINES_MAX` lines are, or
  the next step would make the piece longer than `PIECE_S`.
- Star line mode has no marks: its answers are numbered since the power came (link.py, fence.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from posd.printer.fence import BYTES_PER_S, LINE_S, FenceKind, printing_s, process_id, request
from posd.printer.tally import Mark, Marked

MARGIN_S = 1.2
"""Less than a printer needs from its power switch to the next line; more than a line, a cutter and two programs do."""
PIECE_S = 0.75
"""So long a piece between two marks prints, at the most, where it can be cut: with the margin that is less than the two
seconds of a printer that begins anew, also on one that prints it in no time.
"""
LINES_MAX = 8
MARKS_MAX = 2048
"""In one slip; in a longer one they are further apart."""
_BYTES_A_BYTE = 34
_DOTS_S = 400
"""A slow mechanism, 50 mm/s."""
_CODE_S = _CUT_S = 0.5
MARKED: frozenset[FenceKind] = frozenset({"process-id", "paper-status"})

_PLAIN = re.compile(rb"(?:[^\x00-\x09\x0b-\x1f]+|\x1b@|\x1c[&.]|(?:\x1b[taER]|\x1d[!hwHa])[^\n])*", re.DOTALL)
"""Text, line feeds and settings: each line feed in it ends a line."""
_COMMAND = re.compile(
    rb"\x1dv0.(?P<raster>....)"
    rb"|\x1d\(k(?P<code>..)"
    rb"|\x1dk\x49(?P<bars>.)"
    rb"|\x1d\(K(?P<setting>..)"
    rb"|\x1b\*\x21(?P<dots>..)"
    rb"|\x1bJ(?P<feed>.)"
    rb"|\x1bd(?P<lines>.)"
    rb"|\x1dV(?P<cut>[AB].|[\x00\x0101])"
    rb"|(?P<mode>(?:\x1b[taER]|\x1d[!hwHa])\n)",
    re.DOTALL,
)


class _Step(NamedTuple):
    """Up to `end` may stand between two marks; `print_s` is what the paper needs for it. `slow`: a mark goes before."""

    end: int
    print_s: float
    lines: int = 0
    slow: bool = False


def _steps(data: bytes) -> Iterator[_Step]:
    """The slip in the smallest pieces behind which a mark may stand; it ends where a command is not known."""
    at = 0
    while at < len(data):
        plain = _PLAIN.match(data, at)
        assert plain is not None
        while (end := data.find(b"\n", at, plain.end())) >= 0:
            at = end + 1
            yield _Step(at, LINE_S, 1)
        match = _COMMAND.match(data, plain.end())
        if match is None:
            return
        at, kind = match.end(), match.lastgroup
        assert kind is not None
        args = match[kind]
        size = int.from_bytes(args[:2], "little")
        if kind == "raster":
            rows = int.from_bytes(args[2:], "little")
            at += size * rows
            yield _Step(at, rows / _DOTS_S)
        elif kind in ("code", "bars"):
            at += size
            prints = data[plain.end() : at].endswith(b"1Q0") or kind == "bars"  # the others only tell what is to come
            yield _Step(at, _CODE_S if prints else 0.0, slow=prints)
        elif kind == "setting":
            at += size
        elif kind == "dots":
            at += 3 * size
        elif kind == "feed":
            yield _Step(at, size / _DOTS_S)
        elif kind == "lines":
            yield _Step(at, size * LINE_S, size)
        elif kind == "cut":
            yield _Step(at, _CUT_S, slow=True)


def marked(data: bytes, kind: FenceKind, number: Callable[[], int], line_bytes_s: float) -> Marked:
    """`data` with marks for a printer with fences of this kind, unchanged where that can have none. `number` gives
    ascending numbers. The printer has nothing left to print when the first byte leaves.
    """
    if kind not in MARKED:
        return Marked(data)
    size = len(request(kind, process_id(0)))
    every = max(size * _BYTES_A_BYTE, len(data) // MARKS_MAX + 1)
    lines_max = max(LINES_MAX, data.count(b"\n") // MARKS_MAX + 1)
    out, marks = bytearray(), list[Mark]()
    at = done = lines = 0
    print_s = 0.0

    def paper_s(end: int) -> float:
        return print_s + (end - done) / BYTES_PER_S

    def within_s(end: int) -> float:
        return max((end - done) / line_bytes_s, paper_s(end)) + MARGIN_S

    def mark() -> None:
        nonlocal done, lines, print_s
        answer = process_id(number()) if kind == "process-id" else b""
        latest_s = within_s(at)
        out.extend(data[done:at] + request(kind, answer))
        marks.append(Mark(at, len(out), answer, latest_s))
        done, lines, print_s = at, 0, 0.0

    for step in _steps(data):
        long = print_s > 0 and paper_s(step.end) + step.print_s > PIECE_S
        if (long or (step.slow and lines)) and len(marks) < 2 * MARKS_MAX:
            mark()
        at, lines, print_s = step.end, lines + step.lines, print_s + step.print_s
        if (at - done >= every or lines >= lines_max) and at < len(data) and len(marks) < 2 * MARKS_MAX:
            mark()
    print_s += printing_s(data[at:])
    return Marked(bytes(out) + data[done:], tuple(marks), within_s(len(data)))
