"""Commands that set type: sizes, styles, positions, code pages, Kanji mode.

Rules: one small function a command, in one table. Arguments out of range are ignored, as manuals say, and counted.
"""

from __future__ import annotations

from hwsim.printer.codepages import CODE_PAGES, COUNTRIES, KATAKANA_PAGE
from hwsim.printer.interpreter import Interpreter, Reading, Vocabulary


def _on(n: int) -> bool:
    """Switches take 0/1 as well as '0'/'1'."""
    return bool(n & 1)


def print_mode(it: Interpreter, args: bytes) -> None:
    """ESC ! n."""
    n, m = args[0], it.setter.modes
    m.font = "B" if n & 0x01 else "A"
    m.bold = bool(n & 0x08)
    m.scale_y = 2 if n & 0x10 else 1
    m.scale_x = 2 if n & 0x20 else 1
    m.underline = 1 if n & 0x80 else 0


def bold(it: Interpreter, args: bytes) -> None:
    """ESC E n."""
    it.setter.modes.bold = _on(args[0])


def double_strike(it: Interpreter, args: bytes) -> None:
    """ESC G n."""
    it.setter.modes.double_strike = _on(args[0])


def font(it: Interpreter, args: bytes) -> None:
    """ESC M n."""
    if args[0] in (0, 48):
        it.setter.modes.font = "A"
    elif args[0] in (1, 49):
        it.setter.modes.font = "B"
    else:
        it.refuse("ESC M")


def underline(it: Interpreter, args: bytes) -> None:
    """ESC - n."""
    if args[0] in (0, 1, 2, 48, 49, 50):
        it.setter.modes.underline = args[0] % 48
    else:
        it.refuse("ESC -")


def align(it: Interpreter, args: bytes) -> None:
    """ESC a n: counts at the beginning of a line only."""
    if args[0] not in (0, 1, 2, 48, 49, 50):
        it.refuse("ESC a")
    elif it.setter.at_line_start:
        it.setter.modes.align = args[0] % 48


def feed_dots(it: Interpreter, args: bytes) -> None:
    """ESC J n."""
    it.setter.end_line(args[0])


def feed_lines(it: Interpreter, args: bytes) -> None:
    """ESC d n."""
    it.setter.end_line(args[0] * it.setter.modes.line_spacing)


def default_spacing(it: Interpreter, _args: bytes) -> None:
    """ESC 2."""
    it.setter.modes.line_spacing = 30


def spacing(it: Interpreter, args: bytes) -> None:
    """ESC 3 n."""
    it.setter.modes.line_spacing = args[0]


def char_spacing(it: Interpreter, args: bytes) -> None:
    """ESC SP n."""
    it.setter.modes.char_spacing = args[0]


def code_page(it: Interpreter, args: bytes) -> None:
    """ESC t n."""
    it.setter.modes.page = args[0]
    if args[0] not in CODE_PAGES and args[0] != KATAKANA_PAGE:
        it.refuse(f"ESC t {args[0]}")


def country(it: Interpreter, args: bytes) -> None:
    """ESC R n."""
    if args[0] in COUNTRIES:
        it.setter.modes.country = args[0]
    else:
        it.refuse("ESC R")


def absolute(it: Interpreter, args: bytes) -> None:
    """ESC $ nL nH."""
    it.setter.move_to(int.from_bytes(args, "little"))


def relative(it: Interpreter, args: bytes) -> None:
    """ESC \\ nL nH."""
    it.setter.move_to(it.setter.x + int.from_bytes(args, "little", signed=True))


def tabs(it: Interpreter) -> Reading:
    """ESC D n... NUL: stops in columns, ascending; an end or a smaller one ends the list."""
    stops: list[int] = []
    while (stop := (yield)) and len(stops) < 32:
        stops.append(stop)
    it.setter.modes.tabs = tuple(stops)


def size(it: Interpreter, args: bytes) -> None:
    """GS ! n: for Latin and Chinese characters."""
    if args[0] & 0x88:
        it.refuse("GS !")
        return
    m = it.setter.modes
    m.scale_x = m.kanji_scale_x = (args[0] >> 4) + 1
    m.scale_y = m.kanji_scale_y = (args[0] & 0x0F) + 1


def inverse(it: Interpreter, args: bytes) -> None:
    """GS B n."""
    it.setter.modes.inverse = _on(args[0])


def left_margin(it: Interpreter, args: bytes) -> None:
    """GS L nL nH."""
    if it.setter.at_line_start:
        it.setter.modes.left_margin = int.from_bytes(args, "little")


def area_width(it: Interpreter, args: bytes) -> None:
    """GS W nL nH."""
    if it.setter.at_line_start:
        it.setter.modes.area_width = int.from_bytes(args, "little")


def kanji_on(it: Interpreter, _args: bytes) -> None:
    """FS &."""
    it.setter.modes.kanji = True


def kanji_off(it: Interpreter, _args: bytes) -> None:
    """FS ."""
    it.setter.modes.kanji = False


def kanji_mode(it: Interpreter, args: bytes) -> None:
    """FS ! n."""
    n, m = args[0], it.setter.modes
    m.kanji_scale_x = 2 if n & 0x04 else 1
    m.kanji_scale_y = 2 if n & 0x08 else 1
    m.kanji_underline = 1 if n & 0x80 else 0


def kanji_underline(it: Interpreter, args: bytes) -> None:
    """FS - n."""
    it.setter.modes.kanji_underline = args[0] % 48 if args[0] in (0, 1, 2, 48, 49, 50) else 0


def kanji_spacing(it: Interpreter, args: bytes) -> None:
    """FS S n1 n2."""
    it.setter.modes.kanji_spacing = (args[0], args[1])


def kanji_quadruple(it: Interpreter, args: bytes) -> None:
    """FS W n."""
    m = it.setter.modes
    m.kanji_scale_x = m.kanji_scale_y = 2 if _on(args[0]) else 1


def page_mode(it: Interpreter, _args: bytes) -> None:
    """ESC L: text set in page mode is printed line by line instead, behind a word on the paper that says so."""
    it.omit("page mode")
    it.setter.flush()
    it.setter.print_caption("not drawn: page mode", hidden=False)


TEXT = Vocabulary(
    fixed={
        b"\x1b!": (1, print_mode),
        b"\x1bE": (1, bold),
        b"\x1bG": (1, double_strike),
        b"\x1bM": (1, font),
        b"\x1b-": (1, underline),
        b"\x1ba": (1, align),
        b"\x1bJ": (1, feed_dots),
        b"\x1bd": (1, feed_lines),
        b"\x1b2": (0, default_spacing),
        b"\x1b3": (1, spacing),
        b"\x1b ": (1, char_spacing),
        b"\x1bt": (1, code_page),
        b"\x1bR": (1, country),
        b"\x1b$": (2, absolute),
        b"\x1b\\": (2, relative),
        b"\x1bL": (0, page_mode),
        b"\x1d!": (1, size),
        b"\x1dB": (1, inverse),
        b"\x1dL": (2, left_margin),
        b"\x1dW": (2, area_width),
        b"\x1c&": (0, kanji_on),
        b"\x1c.": (0, kanji_off),
        b"\x1c!": (1, kanji_mode),
        b"\x1c-": (1, kanji_underline),
        b"\x1cS": (2, kanji_spacing),
        b"\x1cW": (1, kanji_quadruple),
    },
    special={b"\x1bD": tabs},
    ignored={
        b"\x1bV": 1,  # turned characters
        b"\x1b{": 1,  # upside down
        b"\x1bU": 1,  # one-way printing
        b"\x1b%": 1,  # user-defined characters
        b"\x1b?": 1,
        b"\x1br": 1,  # colour
        b"\x1bS": 0,  # page mode: back to standard mode, which never was left
        b"\x1b\x0c": 0,  # page mode: print
        b"\x1bW": 8,  # page mode: area
        b"\x1bT": 1,  # page mode: direction
        b"\x1d$": 2,  # page mode: place
        b"\x1d\\": 2,
        b"\x1db": 1,  # smoothing
        b"\x1dP": 2,  # motion units
        b"\x1cC": 1,  # code system of Japanese models
        b"\x1c(A": 0,  # font of Kanji characters
    },
)
"""Everything here is in columns and dots of the paper."""
