"""What the loop does for one slip: a Chinese one of 40 items with logo and signature, and one of 500 items. A thread
has drawn the signature and laid out the long table before, as in the daemon.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from PIL import Image

from posd.domain.device import Drawing
from posd.domain.slip import Signing, SlipOrder
from posd.pad import image
from posd.pad.strokes import encode
from posd.printer.compose import Composer
from tests.bench.bench_signature import ink
from tests.bench.tools import Row, place, row
from tests.unit.printer.samples import ZH, order, transaction

RUNS = 100


def rows() -> list[Row]:
    drawing = Drawing("strokes", encode(ink()))
    with place() as folder:
        logo = folder / "logo.png"
        Image.effect_noise((400, 200), 80).save(logo)
        compose = Composer("default", 80, image.bitmap, logo)
    compose.warm()
    signed, long = _slip(40, signing=Signing("image", drawing=drawing, version=1)), _slip(500)
    drawn = _median_ms(lambda: compose.draw(drawing))
    compose.prepare(long.transaction, ZH)
    note = f"{len(compose(signed).data):,} bytes; a thread drew the signature before, in {drawn:.1f} ms"
    return [
        row(
            "a Chinese slip of 40 items, logo, signature",
            _median_ms(lambda: compose(signed)),
            None,
            "ms",
            most=2,
            note=note,
        ),
        row("a slip of 500 items, its table made ahead", _median_ms(lambda: compose(long)), None, "ms", most=2),
    ]


def _slip(count: int, **more: object) -> SlipOrder:
    items = [
        {"name": f"明前龙井 {n} Longjing", "quantity": "1", "price": "8.00", "amount": "8.00"} for n in range(count)
    ]
    total = f"{8 * count}.00"
    sale = transaction(items=items, total=total, payments=[{"method": "cash", "amount": total}])
    return order("merchant", ZH, sale, **more)


def _median_ms(work: Callable[[], object]) -> float:
    work()
    took = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        work()
        took.append(time.perf_counter() - begun)
    return 1e3 * statistics.median(took)
