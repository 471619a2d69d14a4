"""The slips of the cases, and what each of them looks like on paper when nothing goes wrong.

Kinds: `plain` is short English text; `chinese` the same in Chinese and English, with a rare character that is drawn;
`raster` has a logo and a signature; `long` has 300 items. `plain` and `chinese` print a merchant and a customer copy;
of the others only the merchant copy is wanted, and a small sale comes behind it: the next slip, on which nothing of a
broken one may stand.
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
from posd.domain.slip import Slip, SlipOrder
from posd.domain.transaction import Transaction
from posd.printer.compose import Composer
from tests.unit.printer.samples import flourish

KINDS = ("plain", "chinese", "raster", "long")
ITEMS = 300


def sale_of(kind: str) -> Transaction:
    """The sale whose slip meets the fault."""
    item = {"name": "茶䨺" if kind == "chinese" else "Tea", "quantity": "1", "price": "9.00", "amount": "9.00"}
    items = [item]
    if kind == "long":
        items = [{**item, "name": f"Tea no. {number}"} for number in range(ITEMS)]
    return _sale("first", items, card=kind == "raster")


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
    composer = Composer("default", own.paper_mm, flourish, _logo() if kind == "raster" else None, language=own.language)
    made: dict[bytes, Slip] = {}

    def compose(order: SlipOrder) -> Slip:
        key = msgspec.json.encode(order)
        if key not in made:
            made[key] = composer(order)
        return made[key]

    return Setting(config, compose)


@cache
def _logo() -> Path:
    """A picture of 128 x 64 dots, as a shop would have one."""
    from PIL import Image, ImageDraw

    image = Image.new("1", (128, 64), 1)
    ImageDraw.Draw(image).ellipse((8, 4, 119, 59), outline=0, width=5)
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
