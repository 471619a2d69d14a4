"""What stands on a self-test slip: enough to see with the eye what no status tells. Pure.

- It says what it is in large letters, so that nobody takes it for a receipt.
- A staircase of single dots over the whole width: a dead dot of the head is a gap in every stair. Fields of four
  greys show the density, the frame shows both edges of the paper.
- Each line of characters is sent as the printer's own text, whatever `printer.chinese` says: the last line that comes
  out whole names the right setting. The line of drawn ones comes from the font on the box.
"""

from __future__ import annotations

from collections.abc import Mapping

from posd.domain.device import Bitmap
from posd.printer.labels import Words
from posd.printer.paper import Code, Element, Gap, Line, Paper, Picture

_STAIR_ROWS, _FIELD_ROWS, _FRAME_ROWS = 24, 40, 16
# For each share of black: which of 4 x 4 dots are black, row by row.
_GREYS: dict[str, tuple[int, ...]] = {
    "25%": (0b1000, 0b0010, 0b1000, 0b0010),
    "50%": (0b1010, 0b0101, 0b1010, 0b0101),
    "75%": (0b0111, 0b1101, 0b0111, 0b1101),
    "100%": (0b1111, 0b1111, 0b1111, 0b1111),
}
SAMPLES = (
    ("ASCII", "ABC abc 0123456789 #$%&@"),
    ("latin", "é è ü ö ñ ç ß Å £ ¥ €"),
    ("gb2312", "中文汉字 ①② ぁァ Ω Я"),
    ("gbk", "龍鳳鑼鼓 喆堃镕 體"),
    ("gb18030", "㐀㑇㘎 𠮷𡈽𫚖 한국어"),
)
"""Name of the character set -> what is printed of it."""
DRAWN_SAMPLE = "Tiếng Việt ḿ ₫"


def head(words: Words, facts: Mapping[str, str], paper: Paper) -> list[Element]:
    """What this is, and the facts of the printer and the box."""
    titles = (*words.sentences("selftest"), *words.sentences("selftest.not"))
    lines: list[Element] = [line for text in titles for line in paper.title(text)]
    lines += [Gap(), paper.rule()]
    return [*lines, *paper.pairs(facts.items()), paper.rule()]


def mechanics(paper: Paper) -> list[Element]:
    """Frame, ruler, stairs and greys."""
    ruler = "".join("123456789"[at % 10 - 1] if at % 10 else str(at // 10) for at in range(1, paper.columns + 1))
    field = paper.dots // len(_GREYS)
    names = "".join(name.center(field // 12) for name in _GREYS)
    return [
        Picture(_frame(paper.dots)),
        Line(ruler),
        Picture(_stairs(paper.dots)),
        Gap(),
        Picture(_fields(paper.dots, field)),
        Line(names.rstrip()),
        Gap(),
        Line("left"),
        Line("centre", "center"),
        Line("right", "right"),
        Line("bold", bold=True),
        Line("tall", size="tall"),
        Line("double", size="double"),
        paper.rule(),
    ]


def characters(own: Paper) -> list[Line]:
    """A line for each character set. `own` counts as a printer that has them all."""
    return [Line(line.text) for name, text in SAMPLES for line in own.paragraph(f"{name:8}{text}")]


def foot(words: Words, identity: str, paper: Paper) -> list[Element]:
    """What is drawn, what to do about gaps, the codes."""
    lines: list[Element] = [*paper.paragraph(f"{'drawn':8}{DRAWN_SAMPLE}"), Gap()]
    lines += [line for text in words.sentences("selftest.chinese") for line in paper.paragraph(text)]
    return [*lines, Gap(24), Code(identity), Gap(), *paper.barcode(identity), Gap(24)]


def _rows(rows: list[int], dots: int) -> Bitmap:
    """Each row a number whose highest of `dots` bits is the leftmost dot."""
    stride = (dots + 7) // 8
    return Bitmap(dots, len(rows), b"".join((row << stride * 8 - dots).to_bytes(stride, "big") for row in rows))


def _frame(dots: int) -> Bitmap:
    full = (1 << dots) - 1
    side = 0b11 << dots - 2 | 0b11
    return _rows([full, full, *[side] * (_FRAME_ROWS - 4), full, full], dots)


def _stairs(dots: int) -> Bitmap:
    step = sum(1 << dots - 1 - x for x in range(0, dots, _STAIR_ROWS))
    return _rows([step >> y for y in range(_STAIR_ROWS)], dots)


def _fields(dots: int, field: int) -> Bitmap:
    rows = []
    for y in range(_FIELD_ROWS):
        bits = "".join((f"{pattern[y % 4]:04b}" * field)[: field - 8] + "0" * 8 for pattern in _GREYS.values())
        rows.append(int(bits.ljust(dots, "0"), 2))
    return _rows(rows, dots)
