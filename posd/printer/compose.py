"""Orders to slips: the pure function that the desk is given.

- Deterministic: the same order gives the same bytes, on any day.
- The original's body, when the order has it, is used byte for byte (law 4); what is around it is made anew.
- The logo stands in `top` or `bottom`, not in the body: it is the shop's, not the sale's, and the journal keeps each
  body.
- What does not change between slips (reset, cut) is encoded once.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Literal

import msgspec

from posd.config import Chinese, ConfigError, PrinterSection, SlipSection
from posd.domain.device import Bitmap, Drawing
from posd.domain.errors import Refusal
from posd.domain.slip import Signing, Slip, SlipOrder, Terminal
from posd.domain.transaction import Transaction
from posd.printer import layout, selftest, shop_file
from posd.printer.encode import Encoder, Pen
from posd.printer.fields import Job, clock
from posd.printer.glyphs import DRAWN, Charset
from posd.printer.labels import Words
from posd.printer.library import check_profile, paper_dots
from posd.printer.paper import Cut, Element, Gap
from posd.printer.star import StarEncoder
from posd.printer.suited import MadeFor, suits
from posd.printer.template import Template, parse

log = logging.getLogger("posd.printer")

SIGNATURE_ROWS = 160
"""Height of the signature's field in dots: 20 mm. At 15 the loops of small letters close."""
ITEMS_ASIDE = 60
"""From so many items on, the table is made by itself, ahead of the slip, and kept for its other copies."""
TABLES_MAX = 8
INKS_MAX = 4
TEMPLATE_BYTES_MAX = 64 * 1024
_WITHOUT_FONT = "a slip shows 〓 or [] for each character that the printer has not."
_OWN_TEMPLATE = Path(__file__).with_name("default.toml")


class Composer:
    """Makes slips for one printer, in its language. ConfigError for an unknown profile, a density where there is none,
    a logo that cannot be read or a template that is wrong.

    `render(drawing, width, height)` draws a signature into so many dots. The heavy imports wait for the first slip,
    or for `warm`, which a thread may call as soon as the daemon is up.
    """

    def __init__(
        self,
        profile: str,
        width: int,
        render: Callable[[Drawing, int, int], Bitmap],
        logo: Path | None = None,
        *,
        template: Path | None = None,
        chinese: Chinese = "gb18030",
        density: int = 0,
        font: str = "",
        language: Literal["escpos", "star"] = "escpos",
    ) -> None:
        check_profile(profile)
        self._profile, self._width, self._render = profile, width, render
        self._chinese, self._density, self._language = chinese, density, language
        self._encoder_of: type[Encoder | StarEncoder] = StarEncoder if language == "star" else Encoder
        if language == "star":
            StarEncoder(profile, width).reset(density)
        if fault := font_fault(font):
            log.warning("%s. Until then %s", fault, _WITHOUT_FONT)
        self._pen = _LazyPen(font)
        self._template = read_template(template)
        self._logo_picture = _logo(logo, paper_dots(profile, width)) if logo is not None else None
        self._tables: dict[bytes, bytes] = {}
        self._inks: dict[Drawing, Bitmap] = {}
        self._lock = threading.Lock()
        self._aside_lock = threading.Lock()

    @classmethod
    def configured(
        cls, printer: PrinterSection, slip: SlipSection, render: Callable[[Drawing, int, int], Bitmap]
    ) -> Composer:
        """As the configuration says."""
        return cls(
            printer.profile,
            printer.width,
            render,
            Path(slip.logo) if slip.logo else None,
            template=Path(slip.template) if slip.template else None,
            chinese=printer.chinese,
            density=printer.density,
            font=slip.font,
            language=printer.language,
        )

    def names(self, field: str) -> bool:
        """Whether the shop's slips name this field of a template."""
        return self._template.names(field)

    @property
    def made_for(self) -> MadeFor:
        """The kind of printer that its slips are for."""
        return MadeFor(self._language, self._profile, self._width, self._chinese)

    def suits(self, body: bytes, made_for: str) -> bool:
        """Whether a kept body, made for a printer of that kind, comes out right on this one."""
        return suits(body, made_for, self.made_for)

    def warm(self) -> None:
        """Do now what the first slip would wait for (0.1 to 0.2 s); any thread, any number of times."""
        with self._lock:
            assert self._reset
            assert self._cut
            assert self._aside is not None

    def __call__(self, order: SlipOrder) -> Slip:
        """Compose one slip."""
        with self._lock:
            encoder = self._encoder
            paper, logo = encoder.paper, self._logo_picture
            job = Job(order, paper, self._template.words_of(order.terminal.locale))
            return Slip(
                top=self._reset + encoder.encode(layout.top(job, self._template.header, logo)),
                body=order.body if order.body is not None else self._body(job),
                signing=encoder.encode(layout.signing(job, self._picture(order))),
                bottom=encoder.encode(layout.bottom(job, self._template.footer, logo)) + self._cut,
            )

    def draw(self, drawing: Drawing) -> None:
        """Draw a signature ahead of its slip, in a thread, while the loop goes on composing."""
        picture = self._inked(drawing)
        with self._lock:
            self._keep(drawing, picture)

    def _picture(self, order: SlipOrder) -> Bitmap | None:
        """The signature on this slip. None where there is none, or one that cannot be drawn: then the slip has a line
        to sign on, for a decision that fails on it would fail again at every start.
        """
        drawing = order.signing.drawing
        if order.signing.kind != "image" or drawing is None:
            return None
        try:
            if drawing not in self._inks:
                self._keep(drawing, self._inked(drawing))
        except ValueError:
            log.exception("the signature of %s cannot be drawn; it is kept as it is", order.transaction.id)
            return None
        return self._inks[drawing]

    def _inked(self, drawing: Drawing) -> Bitmap:
        return self._render(drawing, paper_dots(self._profile, self._width), SIGNATURE_ROWS)

    def _keep(self, drawing: Drawing, picture: Bitmap) -> None:
        self._inks[drawing] = picture
        while len(self._inks) > INKS_MAX:
            del self._inks[next(iter(self._inks))]

    def _body(self, job: Job) -> bytes:
        encode, entries = self._encoder.encode, self._template.body
        if len(job.sale.items) < ITEMS_ASIDE:
            return encode(layout.placed(entries, job))
        at = next(place for place, entry in enumerate(entries) if entry.part == "items")
        table = self._tables.pop(_table_key(job), None) or encode(layout.placed(entries[at : at + 1], job))
        self._tables[_table_key(job)] = table  # the newest is last
        while len(self._tables) > TABLES_MAX:
            del self._tables[next(iter(self._tables))]
        return encode(layout.placed(entries[:at], job)) + table + encode(layout.placed(entries[at + 1 :], job))

    def slow(self, transaction: Transaction) -> bool:
        """Whether its slips would hold the caller up for more than a millisecond or two: `prepare` first, then. Never
        before the first slip or `warm`, for which everybody waits.
        """
        if "_encoder" not in vars(self):
            return False
        if len(transaction.items) >= ITEMS_ASIDE:
            return True
        texts = msgspec.json.encode(transaction).decode()
        return not (texts.isascii() or self._charset.knows(texts))

    def prepare(self, transaction: Transaction, terminal: Terminal) -> None:
        """Do ahead what takes long: look up and draw new characters, lay out a long table. In a thread, while the loop
        goes on composing; `__call__` gives the same bytes with or without it.
        """
        with self._aside_lock:
            aside, charset = self._aside, self._charset
            for char in set(msgspec.json.encode(transaction).decode()):
                glyph = charset.glyph(char)
                if glyph is not None and glyph.page == DRAWN:
                    self._pen.letter(char, glyph.columns, False)
            if len(transaction.items) < ITEMS_ASIDE:
                return
            order = SlipOrder("customer", transaction, terminal, "", "", None, Signing("none"))
            job = Job(order, aside.paper, self._template.words_of(terminal.locale))
            entry = next(entry for entry in self._template.body if entry.part == "items")
            table = aside.encode(layout.placed([entry], job))
            with self._lock:
                self._tables[_table_key(job)] = table

    def compose_selftest(self, terminal: Terminal, at: str, facts: Mapping[str, str]) -> bytes:
        """A self-test slip, cut included. `at` is RFC 3339 with an offset, in the terminal's zone; `facts` are further
        lines, name -> value, such as the model and the port.
        """
        with self._lock:
            encoder, words = self._encoder, Words(terminal.locale)
            own = self._encoder_of(self._profile, self._width)
            settings = {
                "profile": self._profile,
                "width": f"{self._width} mm, {encoder.paper.columns} columns",
                "chinese": self._chinese,
                "density": f"{100 + 5 * self._density} %",
            }
            here = {words.label("time"): clock(at), words.label("terminal"): terminal.id}
            return (
                self._reset
                + encoder.encode(
                    [
                        *selftest.head(words, {**here, **settings, **facts}, encoder.paper),
                        *selftest.mechanics(encoder.paper),
                    ]
                )
                + own.encode(selftest.characters(own.paper))
                + encoder.encode(selftest.foot(words, terminal.id, encoder.paper))
                + self._cut
            )

    def compose_handover(self, title: str, parts: Sequence[Sequence[tuple[str, str]]]) -> bytes:
        """A slip with a title and parts of lines of label and value, cut included."""
        with self._lock:
            paper = self._encoder.paper
            lines: list[Element] = [*paper.title(title), Gap(), paper.rule()]
            for rows in parts:
                lines += [*paper.pairs(rows), paper.rule()]
            lines.append(Gap(24))
            return self._reset + self._encoder.encode(lines) + self._cut

    @cached_property
    def _encoder(self) -> Encoder | StarEncoder:
        return self._encoder_of(self._profile, self._width, chinese=self._chinese, pen=self._pen)

    @cached_property
    def _aside(self) -> Encoder | StarEncoder:
        encoder = self._encoder_of(self._profile, self._width, pen=self._pen)
        encoder.paper = self._encoder.paper
        return encoder

    @property
    def _charset(self) -> Charset:
        return self._encoder.paper.charset

    @cached_property
    def _reset(self) -> bytes:
        return self._encoder.reset(self._density)

    @cached_property
    def _cut(self) -> bytes:
        return self._encoder.encode([Cut()])


class _LazyPen:
    """An encode.Pen that looks for its font when the first letter is to be drawn; without one it has no letter."""

    def __init__(self, font: str) -> None:
        self._font = font

    def has(self, text: str) -> bool:
        return self._pen is not None and self._pen.has(text)

    def letter(self, text: str, columns: int, bold: bool) -> Bitmap:
        assert self._pen is not None
        return self._pen.letter(text, columns, bold)

    def line(self, cells: list[tuple[str, int]], scale: tuple[int, int], bold: bool) -> Bitmap:
        assert self._pen is not None
        return self._pen.line(cells, scale, bold)

    @cached_property
    def _pen(self) -> Pen | None:
        from posd.printer.ink import FontPen

        try:
            return FontPen(self._font)
        except Refusal as refusal:
            log.warning("%s Until then %s", refusal, _WITHOUT_FONT)
            return None


def _table_key(job: Job) -> bytes:
    """What the bytes of the table of items depend on."""
    sale = job.sale
    return hashlib.sha256(msgspec.json.encode((job.words.locale, sale.currency, sale.items))).digest()


def _logo(path: Path, dots: int) -> Bitmap:
    from posd.printer.logo import read_logo  # with Pillow, which a shop without a logo does without

    return read_logo(path, dots)


def font_fault(font: str) -> str:
    """What is wrong with `slip.font`, as far as it shows without opening it; empty: nothing. No font is no reason not
    to print: it may go with a package.
    """
    if not font or Path(font).is_file():
        return ""
    return f"slip.font {font!r} is not a file: name a font file, or leave it empty"


def read_template(path: Path | None) -> Template:
    """The template in a file; None: posd's own. ConfigError."""
    data = shop_file.read("slip.template", path or _OWN_TEMPLATE, TEMPLATE_BYTES_MAX)
    try:
        text = data.decode("utf-8-sig")  # some editors begin a file with a mark
    except UnicodeDecodeError as error:
        raise ConfigError(f"slip.template {str(path)!r} is not UTF-8: {error}") from error
    return parse(text, str(path or _OWN_TEMPLATE.name))
