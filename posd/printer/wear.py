"""What a slip takes out of a printer, counted from its bytes. Pure.

The bytes are gone through command by command as a printer does. Lines of text are line feeds; graphics count in lines
of `LINE_DOTS`; paper is what lines, graphics and feeds push out, `CUT_FEED_MM` for a cut that feeds to the cutter; the
head works while dots may be printed, at `SPEED_MM_S`. So the figures are those of a mechanism of ordinary speed, not
measured: good for "this head has done most of its life", not for accounts.
"""

from __future__ import annotations

import re

from posd.domain.device import Wear

LINE_DOTS = 30
DOTS_A_MM = 8
CUT_FEED_MM = 15
SPEED_MM_S = 100
"""Between the 50 mm/s of a small mechanism and the 250 mm/s of a fast one."""

_COMMAND = re.compile(
    rb"(?P<raster>\x1dv0.(?P<xl>.)(?P<xh>.)(?P<yl>.)(?P<yh>.))"
    rb"|(?P<star>\x1b\x1dS.(?P<sxl>.)(?P<sxh>.)(?P<syl>.)(?P<syh>.).)"
    rb"|(?P<block>\x1d\([A-Za-z](?P<bl>.)(?P<bh>.))"
    rb"|(?P<qr>\x1b\x1dyD1.(?P<ql>.)(?P<qh>.))"
    rb"|\x1bJ(?P<feed>.)"
    rb"|\x1bd(?P<lines>.)"
    rb"|\x1d!(?P<size>.)"
    rb"|(?P<cut>\x1dV(?:[AB].|.))"
    rb"|(?P<lf>\n)"
    rb"|\x1b[atE!].|\x1c[&.]|[^\n\x1b\x1c\x1d]+|.",
    re.DOTALL,
)


def wear(data: bytes, *, star: bool = False) -> Wear:
    """Of the `data` that came out, or may have; a piece of a slip may end anywhere."""
    at, lines, cuts, dots, inked, tall = 0, 0, 0, 0, 0, 1
    while match := _COMMAND.match(data, at):
        at = match.end()
        kind = match.lastgroup
        if match["raster"] or match["star"]:
            letter = "s" if match["star"] else ""
            stride = _number(match, f"{letter}xl", f"{letter}xh")
            rows = _number(match, f"{letter}yl", f"{letter}yh")
            rows = min(rows, -(-(len(data) - at) // stride)) if stride else 0
            at += stride * rows
            dots, inked, lines = dots + rows, inked + rows, lines + -(-rows // LINE_DOTS)
        elif match["block"] or match["qr"]:
            at += _number(match, "bl", "bh") if match["block"] else _number(match, "ql", "qh")
        elif kind == "lf":
            lines, dots, inked = lines + 1, dots + LINE_DOTS * tall, inked + LINE_DOTS * tall
        elif kind == "feed":
            dots += match["feed"][0]
        elif kind == "size":
            tall = (match["size"][0] & 7) + 1
        elif kind == "cut" or (kind == "lines" and star):
            cuts, dots = cuts + 1, dots + CUT_FEED_MM * DOTS_A_MM
        elif kind == "lines":
            dots += match["lines"][0] * LINE_DOTS
    return Wear(lines, cuts, dots // DOTS_A_MM, inked * 1000 // (DOTS_A_MM * SPEED_MM_S))


def _number(match: re.Match[bytes], low: str, high: str) -> int:
    return int(match[low][0]) + 256 * int(match[high][0])
