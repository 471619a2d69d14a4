"""Star line mode, byte by byte: the grammar, and the commands that set type.

Rules: as in `text_commands`, but a command is known by as many bytes as it takes to tell it from the others. Bytes from
0x80 are a character of the code page; on Chinese models, and after ESC p, GB18030; after ESC GS ) U, UTF-8. Facts: Star
Line Mode Command Specifications, chapter 3.
"""

from __future__ import annotations

from hwsim.printer.codepages import chinese_width, country_char, page_char, starts_chinese
from hwsim.printer.interpreter import Interpreter, Reading, Vocabulary, command_name, read_chinese, take
from hwsim.printer.text_commands import (
    country,
    kanji_off,
    kanji_on,
    tabs,
    underline,
)

STAR_PAGES = {
    1: "cp437", 3: "cp437", 4: "cp858", 5: "cp852", 6: "cp860", 7: "cp861", 8: "cp863", 9: "cp865", 10: "cp866",
    11: "cp855", 12: "cp857", 13: "cp862", 14: "cp864", 15: "cp737", 17: "cp869", 32: "cp1252", 33: "cp1250",
    34: "cp1251",
}  # fmt: skip
"""ESC GS t's argument to the codec of the upper half."""


def read_star(it: Interpreter) -> Reading:
    """The grammar of Star line mode."""
    while True:
        it.idle = True
        byte = yield
        it.idle = False
        if byte == 0x1B or bytes([byte]) in it.vocabulary.fixed:
            yield from _command(it, byte)
        elif byte < 0x20:
            _control(it, byte)
        else:
            yield from _character(it, byte)


def _command(it: Interpreter, lead: int) -> Reading:
    """Read on until the bytes are a command, or can become none."""
    words = it.vocabulary
    key = bytes([lead])
    while True:
        if key in words.fixed:
            count, act = words.fixed[key]
            act(it, (yield from take(count)))
            return
        if key in words.special:
            yield from words.special[key](it)
            return
        if key in words.ignored:
            yield from take(words.ignored[key])
            it.ignored[command_name(key)] += 1
            return
        if not any(known.startswith(key) for known in (*words.fixed, *words.special, *words.ignored)):
            it.know_not(command_name(key))
            return
        key += bytes([(yield)])


def _control(it: Interpreter, byte: int) -> None:
    modes = it.setter.modes
    if byte == 0x0A:
        it.setter.end_line()
    elif byte == 0x09:
        it.setter.tab()
    elif byte == 0x0E:
        modes.scale_x = modes.kanji_scale_x = 2
    elif byte == 0x14:
        modes.scale_x = modes.kanji_scale_x = 1
    elif byte in (0x00, 0x04, 0x05, 0x0C, 0x0D, 0x0F, 0x12):
        pass  # padding, one-byte states, form feed, carriage return, upside down and back
    else:
        it.know_not(f"{byte:02X}")


def _character(it: Interpreter, byte: int) -> Reading:
    modes = it.setter.modes
    if byte < 0x80:
        it.setter.put_char(country_char(byte, modes.country), kanji=False)
    elif modes.utf8:
        code = bytes([byte]) + (yield from take(_utf8_length(byte) - 1))
        char = code.decode("utf-8", "replace")[:1]
        it.setter.put_char("□" if char == "\ufffd" else char, kanji=chinese_width(char))
    elif modes.kanji and starts_chinese(byte):
        yield from read_chinese(it, byte)
    else:
        if modes.page not in STAR_PAGES:
            it.omit(f"code page {modes.page}")
        it.setter.put_char(page_char(byte, STAR_PAGES.get(modes.page, "ascii")), kanji=False)


def _utf8_length(first: int) -> int:
    return 4 if first >= 0xF0 else 3 if first >= 0xE0 else 2 if first >= 0xC0 else 1


def bold_on(it: Interpreter, _args: bytes) -> None:
    """ESC E."""
    it.setter.modes.bold = True


def bold_off(it: Interpreter, _args: bytes) -> None:
    """ESC F."""
    it.setter.modes.bold = False


def inverse_on(it: Interpreter, _args: bytes) -> None:
    """ESC 4."""
    it.setter.modes.inverse = True


def inverse_off(it: Interpreter, _args: bytes) -> None:
    """ESC 5."""
    it.setter.modes.inverse = False


def expand(it: Interpreter, args: bytes) -> None:
    """ESC i n1 n2: height and width, 0 to 5 for one to six times."""
    high, wide = args[0] % 48, args[1] % 48
    if high > 5 or wide > 5:
        it.refuse("ESC i")
        return
    m = it.setter.modes
    m.scale_y = m.kanji_scale_y = high + 1
    m.scale_x = m.kanji_scale_x = wide + 1


def wide(it: Interpreter, args: bytes) -> None:
    """ESC W n."""
    m = it.setter.modes
    m.scale_x = m.kanji_scale_x = args[0] % 48 + 1


def high(it: Interpreter, args: bytes) -> None:
    """ESC h n."""
    m = it.setter.modes
    m.scale_y = m.kanji_scale_y = args[0] % 48 + 1


def font(it: Interpreter, args: bytes) -> None:
    """ESC RS F n: 0 is 12 dots wide, 1 and 2 are 9."""
    it.setter.modes.font = "A" if args[0] % 48 == 0 else "B"


def align(it: Interpreter, args: bytes) -> None:
    """ESC GS a n: counts at the beginning of a line only."""
    if args[0] % 48 > 2:
        it.refuse("ESC GS a")
    elif it.setter.at_line_start:
        it.setter.modes.align = args[0] % 48


def code_page(it: Interpreter, args: bytes) -> None:
    """ESC GS t n: 0 is Star's own page, 2 kana; of these only ASCII is drawn."""
    it.setter.modes.page = args[0]


def encoding(it: Interpreter) -> Reading:
    """ESC GS ) U 2 0 fn m: fn 48 chooses the encoding, m 1 is UTF-8."""
    low, top = yield from take(2)
    data = yield from take(low + 256 * top)
    if len(data) == 2 and data[0] == 48:
        it.setter.modes.utf8 = data[1] % 48 == 1
    else:
        it.ignored["ESC GS ) U"] += 1


def left_margin(it: Interpreter, args: bytes) -> None:
    """ESC l n: in characters of 12 dots."""
    if it.setter.at_line_start:
        it.setter.modes.left_margin = args[0] * 12


def right_margin(it: Interpreter, args: bytes) -> None:
    """ESC Q n: where the area ends, in characters from the left edge."""
    if it.setter.at_line_start and args[0]:
        it.setter.modes.right_edge = args[0] * 12


def spacing(it: Interpreter, args: bytes) -> None:
    """ESC z n: 1 is 4 mm, 0 is 3 mm."""
    it.setter.modes.line_spacing = 32 if args[0] & 1 else 24


def spacing_3mm(it: Interpreter, _args: bytes) -> None:
    """ESC 0."""
    it.setter.modes.line_spacing = 24


def feed_quarters(it: Interpreter, args: bytes) -> None:
    """ESC J n: n quarters of a millimetre."""
    it.setter.end_line(args[0] * 2)


def feed_eighths(it: Interpreter, args: bytes) -> None:
    """ESC I n: n eighths of a millimetre."""
    it.setter.end_line(args[0])


def feed_lines(it: Interpreter, args: bytes) -> None:
    """ESC a n."""
    it.setter.end_line(args[0] * it.setter.modes.line_spacing)


def char_spacing(it: Interpreter, args: bytes) -> None:
    """ESC SP n: dots to the right of a character."""
    it.setter.modes.char_spacing = args[0] % 48


def chinese_spacing(it: Interpreter, args: bytes) -> None:
    """ESC s n1 n2: dots to the left and right of a Chinese character."""
    it.setter.modes.kanji_spacing = (args[0] % 48, args[1] % 48)


def absolute(it: Interpreter, args: bytes) -> None:
    """ESC GS A n1 n2."""
    it.setter.move_to(int.from_bytes(args, "little"))


def relative(it: Interpreter, args: bytes) -> None:
    """ESC GS R n1 n2."""
    it.setter.move_to(it.setter.x + int.from_bytes(args, "little", signed=True))


STAR_TEXT = Vocabulary(
    fixed={
        b"\x1bE": (0, bold_on),
        b"\x1bF": (0, bold_off),
        b"\x1b4": (0, inverse_on),
        b"\x1b5": (0, inverse_off),
        b"\x1b-": (1, underline),
        b"\x1bi": (2, expand),
        b"\x1bW": (1, wide),
        b"\x1bh": (1, high),
        b"\x1b\x1eF": (1, font),
        b"\x1bR": (1, country),
        b"\x1b\x1da": (1, align),
        b"\x1b\x1dt": (1, code_page),
        b"\x1b\x1dA": (2, absolute),
        b"\x1b\x1dR": (2, relative),
        b"\x1bl": (1, left_margin),
        b"\x1bQ": (1, right_margin),
        b"\x1bz": (1, spacing),
        b"\x1b0": (0, spacing_3mm),
        b"\x1bJ": (1, feed_quarters),
        b"\x1bI": (1, feed_eighths),
        b"\x1ba": (1, feed_lines),
        b"\x1b ": (1, char_spacing),
        b"\x1bs": (2, chinese_spacing),
        b"\x1bp": (0, kanji_on),
        b"\x1bq": (0, kanji_off),
    },
    special={b"\x1bD": tabs, b"\x1b\x1d)U": encoding},
    ignored={
        b"\x1b\x07": 2,  # pulse of the drawer
        b"\x1b_": 1,  # line above
        b"\x1b\x1eC": 1,  # print colour
        b"\x1b\x1ed": 1,  # density
        b"\x1b\x1er": 1,  # speed
        b"\x1b\x1eR": 1,  # register of characters
        b"\x1b$": 1,  # Japanese characters
    },
)
"""Everything here is in dots of the paper."""
