"""`python -m tests.screens`: renew the pictures of screens and slips in the operator's guides, docs/pictures/counter-*.

A shop on simulated hardware goes through what the guides tell, once in each language. The screens are what posctl then
says, drawn as SVG in the columns of a terminal; the slips are what came out of the printer.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

from posd.ctl.run import run
from posd.ctl.tables import width
from tests.scenario.box import Box, cash, sale

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "pictures"
SHOP = Path(tempfile.gettempdir()) / "posd-shop"
"""Short, for its paths stand in the pictures."""
LOST, LARGE, UNSIGNED, UNKNOWN = "20261121-0101", "20261121-0102", "20261121-0103", "20261121-0104"
SIZE, CELL, LINE, EDGE = 14, 8.4, 19, 14
"""In pixels: the font, a column, a line, the edge. A wide character is as wide as the font is high."""
COLUMNS_LEAST = 72
COLOURS = {"32": "#3fb950", "33": "#d29922", "31": "#f85149", "1": "#f0f6fc", "2": "#8b949e"}
PLAIN, PROMPT, BACK = "#c9d1d9", "#58a6ff", "#0d1117"
STYLE = f"font: {SIZE}px ui-monospace, 'DejaVu Sans Mono', 'Noto Sans Mono CJK SC', 'Noto Sans CJK SC', monospace"


class _Terminal(io.StringIO):
    """Standard output that posctl takes for a person's."""

    def isatty(self) -> bool:
        return True


class Screen:
    """What one person typed and saw."""

    def __init__(self, box: Box, lang: str, folder: Path) -> None:
        self._box, self._lang, self._folder = box, lang, folder
        self._lines: list[str] = []

    def type(self, *words: str, code: int = 0) -> str:
        """A command of posctl, which must end with this exit code; what it says."""
        seen = _Terminal()
        with contextlib.redirect_stdout(seen), contextlib.redirect_stderr(seen):
            ended = run(["--socket", str(self._box.socket), "--lang", self._lang, *words])
        assert ended == code, (words, ended, seen.getvalue())
        self._lines += [""] * bool(self._lines) + [f"$ posctl {' '.join(words)}"]
        self._lines += seen.getvalue().rstrip("\n").splitlines()
        return seen.getvalue()

    def save(self, name: str) -> None:
        """As `counter-NAME-LANG.svg`."""
        path = self._folder / f"counter-{name}-{self._lang}.svg"
        path.write_text(svg(self._lines), encoding="utf-8")
        print(path)


def svg(lines: list[str]) -> str:
    """Lines with their colours as a picture, each run of one width at its own column."""
    columns = max(COLUMNS_LEAST, *(width(re.sub(r"\x1b\[\d+m", "", line)) for line in lines))
    across, high = columns * CELL + 2 * EDGE, len(lines) * LINE + 2 * EDGE
    rows = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{across:.0f}" height="{high}" '
        f'viewBox="0 0 {across:.0f} {high}" style="{STYLE}">',
        f'<rect width="100%" height="100%" rx="6" fill="{BACK}"/>',
    ]
    for number, line in enumerate(lines):
        for column, text, colour in _runs(line):
            x, y = EDGE + column * CELL, EDGE + number * LINE + 14
            wide = width(text) > len(text)
            fit = f'letter-spacing="{2 * CELL - SIZE:.1f}"' if wide else f'textLength="{len(text) * CELL:.1f}"'
            rows.append(f'<text x="{x:.1f}" y="{y}" fill="{colour}" {fit} xml:space="preserve">{escape(text)}</text>')
    return "\n".join([*rows, "</svg>"]) + "\n"


def _runs(line: str) -> Iterator[tuple[int, str, str]]:
    """Column, text and colour of each run: a run has one colour and characters of one width; spaces part runs."""
    colour, column = PROMPT if line.startswith("$ ") else PLAIN, 0
    for piece in re.findall(r"\x1b\[\d+m|[!-~]+(?: [!-~]+)*|[^\x00-~]+| +", line):
        if piece.startswith("\x1b"):
            colour = COLOURS.get(piece[2:-1], PLAIN)
            continue
        if piece.strip():
            yield column, piece, colour
        column += width(piece)


class Shop:
    """The afternoon that the guides tell of."""

    def __init__(self, box: Box, lang: str, folder: Path) -> None:
        self._box, self._lang, self._folder = box, lang, folder

    def play(self) -> None:
        box = self._box
        self._screen("open", ("shift", "open", "07"), ("status",))
        box.sell(sale(LOST))
        box.sign(LOST, "Li Wei")
        box.wait_copy(LOST, "customer", "printed")
        self._screen(
            "lost",
            ("search", "--amount", "36.00", "--last-four", "1234"),
            ("terms", LOST),
            ("reprint", LOST, "--amount", "36.00", "--wait"),
        )
        self._screen("copies", ("show", LOST, "--copies", "--copy", "customer"))
        self._large()
        self._paper()
        self._unsigned()
        self._unknown()
        self._handover()

    def _large(self) -> None:
        teapot = {"name": "宜兴紫砂壶 Teapot", "quantity": "1", "price": "880.00", "amount": "880.00"}
        paid = {"method": "cash", "amount": "880.00"}
        self._box.sell(cash(LARGE, items=[teapot], total="880.00", payments=[paid]))
        self._box.wait_copy(LARGE, "customer", "printed")
        screen = Screen(self._box, self._lang, self._folder)
        screen.type("reprint", LOST, code=1)
        screen.type("reprint", LARGE, "--amount", "860.00", code=1)
        screen.save("refused")

    def _paper(self) -> None:
        self._box.do("paper-out")
        self._box.wait_device("printer", "attention", "paper-end")
        self._screen("paper", ("status",))
        self._box.do("paper-in")
        self._box.wait_device("printer", "ready")

    def _unsigned(self) -> None:
        box = self._box
        box.sell(sale(UNSIGNED))
        box.wait_on_pad(UNSIGNED)
        box.do("cancel")
        box.wait_copy(UNSIGNED, "customer", "printed")
        self._slip("unsigned", -2)
        (issue,) = box.open_exceptions(UNSIGNED)
        note = ("exception", "note", issue["id"], "--channel", "phone", "--outcome", "promised")
        self._screen("unsigned", ("exceptions",), note)

    def _unknown(self) -> None:
        box = self._box
        box.do("stop-after", "900", "unplug", "printer")
        box.sell(cash(UNKNOWN))
        box.wait_copy(UNKNOWN, "merchant", "unknown")
        box.do("plug", "printer")
        box.wait_copy(UNKNOWN, "customer", "printed")
        screen = Screen(box, self._lang, self._folder)
        screen.type("exceptions")
        screen.type("settle", UNKNOWN, "--not-printed")
        screen.save("unknown")
        box.wait_copy(UNKNOWN, "merchant", "printed")
        self._slip("possible", -1)

    def _handover(self) -> None:
        before = len(self._box.slips())
        screen = Screen(self._box, self._lang, self._folder)
        told = screen.type("shift", "close")
        self._box.wait_slips(before + 1)
        self._slip("handover", -1)
        handover = re.search(r"--confirms (\S+)", told)
        assert handover, told
        screen.type("shift", "open", "08", "--confirms", handover[1])
        screen.save("handover")

    def _screen(self, name: str, *commands: tuple[str, ...]) -> None:
        screen = Screen(self._box, self._lang, self._folder)
        for words in commands:
            screen.type(*words)
        screen.save(name)

    def _slip(self, name: str, place: int) -> None:
        path = self._folder / f"counter-{name}-{self._lang}.png"
        self._box.paper()
        shutil.copy(self._box.slips()[place].with_suffix(".png"), path)
        print(path)


def play(lang: str, locale: str, folder: Path) -> None:
    """Play it in one language; the pictures go to `folder`."""
    shutil.rmtree(SHOP, ignore_errors=True)
    box = Box(
        SHOP, {"terminal": {"locale": locale}, "policy": {"reprint_interval": "10min", "supervisor_from": "500.00"}}
    )
    try:
        Shop(box.start(), lang, folder).play()
    finally:
        box.close()
        shutil.rmtree(SHOP)


if __name__ == "__main__":
    os.environ["TZ"] = "Asia/Shanghai"  # as the box has it
    time.tzset()
    play("en", "en", FOLDER)
    play("zh", "zh_CN", FOLDER)
