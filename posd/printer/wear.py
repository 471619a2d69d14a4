"""What a slip takes out of a printer, counted from its bytes. Pure.

The bytes are gone through as a printer does, but quickly: it is done on the event loop, behind each slip. Lines of text
are line feeds; graphics count in lines of `LINE_DOTS`; paper is what lines, graphics and feeds push out, `CUT_FEED_MM`
for a cut that feeds to the cutter; the head works while dots may be printed, at `SPEED_MM_S`. So the figures are those
of a mechanism of ordinary speed, not measured: good for "this head has done most of its life", not for accounts.
"""

from __future__ import annotations

import re

from posd.domain.device import Wear

LINE_DOTS = 30
DOTS_A_MM = 8
CUT_FEED_MM = 15
SPEED_MM_S = 100
"""Between the 50 mm/s of a small mechanism and the 250 mm/s of a fast one."""

_PLAIN = re.compile(rb"(?:[^\x1b\x1c\x1d]+|\x1c[&.]|\x1b[at!i][^\n\x1b\x1c\x1d]|\x1b[@EF])*", re.DOTALL)
"""Text, line feeds and commands that move no paper: all of it is looked at in one go."""
_COMMAND = re.compile(
    rb"\x1dv0.(?P<raster>....)"
    rb"|\x1b\x1dS.(?P<star>....)."
    rb"|\x1d\([A-Za-z](?P<block>..)"
    rb"|\x1b\x1dyD1.(?P<qr>..)"
    rb"|\x1b\*.(?P<dots>..)"
    rb"|\x1bX(?P<columns>..)"
    rb"|\x1b[JI](?P<feed>.)"
    rb"|\x1bd(?P<lines>.)"
    rb"|\x1d!(?P<size>.)"
    rb"|(?P<cut>\x1dV(?:[AB].|.))"
    rb"|.",
    re.DOTALL,
)


def wear(data: bytes, *, star: bool = False) -> Wear:
    """Of the `data` that came out, or may have; a piece of a slip may end anywhere."""
    at, lines, cuts, dots, inked, tall = 0, 0, 0, 0, 0, 1
    while at < len(data):
        plain = _PLAIN.match(data, at)
        assert plain is not None
        fed = data.count(b"\n", at, plain.end())
        lines, dots, inked = lines + fed, dots + fed * LINE_DOTS * tall, inked + fed * LINE_DOTS * tall
        match = _COMMAND.match(data, plain.end())
        if match is None:
            break
        at, kind = match.end(), match.lastgroup
        args = match[kind] if kind else b""
        if kind in ("raster", "star"):
            stride, rows = args[0] + 256 * args[1], args[2] + 256 * args[3]
            rows = min(rows, -(-(len(data) - at) // stride)) if stride else 0
            at += stride * rows
            dots, inked, lines = dots + rows, inked + rows, lines + -(-rows // LINE_DOTS)
        elif kind in ("block", "qr"):
            at += args[0] + 256 * args[1]
        elif kind in ("dots", "columns"):
            at += 3 * (args[0] + 256 * args[1])
        elif kind == "feed":
            dots += args[0]
        elif kind == "size":
            tall = (args[0] & 7) + 1
        elif kind == "cut" or (kind == "lines" and star):
            cuts, dots = cuts + 1, dots + CUT_FEED_MM * DOTS_A_MM
        elif kind == "lines":
            dots += args[0] * LINE_DOTS
    return Wear(lines, cuts, dots // DOTS_A_MM, inked * 1000 // (DOTS_A_MM * SPEED_MM_S))
