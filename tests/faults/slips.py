"""The slips of the cases, their printers, and what each slip looks like on paper when nothing goes wrong.

Kinds: `plain` is short English text; `chinese` the same in Chinese and English, with a rare character that is drawn;
`raster` has a logo and a signature; `long` has more lines than printer and line hold; `roll` has all of that in its
real size, 300 items and a signature as high as on any slip. `plain` and `chinese` print a merchant and a customer copy;
of the others only the merchant copy is wanted, and a small sale comes behind it: the next slip, on which nothing of a
broken one may stand.

Of the 26 KB of such a roll most bytes differ from their neighbours in nothing. So for `raster` and `long` the world is
a quarter of its size, the printers' buffers and what the line holds, and so are the slips: each command and each
boundary is there, and no byte need be left out.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from hwsim.bench import Bench
from hwsim.paper.text import TORN
from hwsim.printer.models import MODELS, Model
from posd.config import Config, parse
from posd.domain.device import Bitmap, Drawing
from posd.domain.slip import Slip, SlipOrder
from posd.domain.transaction import Transaction
from posd.printer.compose import Composer
from tests.unit.printer.samples import flourish

KINDS = ("plain", "chinese", "raster", "long", "roll")
QUARTER = frozenset({"raster", "long"})
ITEMS = {"long": 32, "roll": 300}
PICTURES = {"raster": (64, 48), "roll": (128, 64)}
"""Slips with a logo of so many dots, and a signature."""
LINE_HOLDS = 4096
"""The kernel's buffer of a serial port."""
TICK_S = 0.032
"""What comes over the line comes in portions."""


def sale_of(kind: str) -> Transaction:
    """The sale whose slip meets the fault."""
    item = {"name": "茶䨺" if kind == "chinese" else "Tea", "quantity": "1", "price": "9.00", "amount": "9.00"}
    items = [item]
    if kind in ITEMS:
        items = [{**item, "name": f"Tea no. {number}"} for number in range(ITEMS[kind])]
    return _sale("first", items, card=kind in PICTURES)


def small_sale() -> Transaction:
    """The sale behind it, where it prints one copy only."""
    return _sale("second", [{"name": "Cup", "quantity": "1", "price": "3.00", "amount": "3.00"}])


def _sale(name: str, items: list[dict[str, str]], *, card: bool = False) -> Transaction:
    total = f"{sum(int(item['amount'][:-3]) for item in items)}.00"
    payment: dict[str, Any] = {"method": "cash", "amount": total}
    if card:
        payment |= {"method": "card", "entry": "chip", "card": {"masked": "621700******1234", "scheme": "UnionPay"}}
    return msgspec.convert(
        {
            "id": name,
            "type": "sale",
            "time": "2026-11-21T10:15:30+08:00",
            "currency": "CNY",
            "items": items,
            "total": total,
            "payments": [payment],
        },
        Transaction,
    )


NOTICE = "+notice"
"""Behind a model's name: it says when it is switched on."""


@cache
def model_of(name: str) -> Model:
    """The bench's model of that name."""
    return replace(MODELS[name.removesuffix(NOTICE)], power_on_notice=name.endswith(NOTICE))


def bench_of(kind: str, model: str, line_bytes_s: float) -> Bench:
    """A printer for this kind of slip on a line of this speed."""
    own, parts = model_of(model), 4 if kind in QUARTER else 1
    own = replace(own, buffer_bytes=own.buffer_bytes // parts)
    return Bench(own, speed=150.0, rate=line_bytes_s, line_bytes=LINE_HOLDS // parts, tick_s=TICK_S)


class Setting(NamedTuple):
    """posd as it is set up for a kind of slip on a printer."""

    config: Config
    compose: Callable[[SlipOrder], Slip]


@cache
def setting(kind: str, model: str) -> Setting:
    """The configuration and its composer. A slip is a pure function of its order, so none is made twice."""
    own = model_of(model)
    copies = '["merchant", "customer"]' if kind in ("plain", "chinese") else '["merchant"]'
    config = parse(
        f'[terminal]\nlocale = "{"zh_CN" if kind == "chinese" else "en"}"\nmerchant = "Good Tea"\n'
        f'[printer]\ndevice = "/dev/bench"\nwidth = {own.paper_mm}\nlanguage = "{own.language}"\n'
        f"[slip]\ncopies = {copies}\n"
        '[policy]\nreprint_copies = 99\nreprint_window = "3650d"\n'
    )
    composer = Composer(
        "default",
        own.paper_mm,
        _small_signature if kind in QUARTER else flourish,
        _logo(PICTURES[kind]) if kind in PICTURES else None,
        language=own.language,
    )
    made: dict[bytes, Slip] = {}

    def compose(order: SlipOrder) -> Slip:
        key = msgspec.json.encode(order)
        if key not in made:
            made[key] = composer(order)
        return made[key]

    return Setting(config, compose)


def _small_signature(drawing: Drawing, _width: int, _height: int) -> Bitmap:
    """In two bands, the second one short."""
    return flourish(drawing, 160, 40)


@cache
def _logo(size: tuple[int, int]) -> Path:
    """A picture of so many dots, as a shop would have one."""
    from PIL import Image, ImageDraw

    image = Image.new("1", size, 1)
    ImageDraw.Draw(image).ellipse((8, 4, size[0] - 9, size[1] - 5), outline=0, width=5)
    path = Path(tempfile.mkdtemp(prefix="posd-faults-")) / "logo.png"
    image.save(path)
    return path


@lru_cache(maxsize=4096)
def lines_of(model: str, data: bytes) -> tuple[str, ...]:
    """The lines with print on them that these bytes leave on a printer on which nothing goes wrong."""
    bench = Bench(model_of(model))
    taken = 0
    while taken < len(data):
        taken += bench.write(data[taken:])
    bench.settle()
    papers = [*bench.papers, bench.hanging]
    return tuple(line for paper in papers if paper is not None for line in printed_lines(paper.text))


def printed_lines(text: str) -> list[str]:
    """The lines of a paper that have print on them."""
    return [stripped for line in text.splitlines() if (stripped := line.strip()) and stripped != TORN]
