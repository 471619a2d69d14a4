"""Another kind of printer is connected: a kept body is never sent to one that it was not made for."""

from __future__ import annotations

import zlib

import msgspec
import pytest

from posd.desk.printing import RETRY_MS
from posd.domain import events as ev
from posd.domain import requests as rq
from posd.domain.errors import Refusal
from tests.unit.desk.shop import Shop
from tests.unit.domain.samples import cash


def connect(shop: Shop, kind: str) -> None:
    """Another kind of printer is configured, and posd started."""
    shop.tools = msgspec.structs.replace(shop.tools, made_for=kind, suits=lambda _body, before: before == kind)
    shop.restart()
    shop.report("printer", "ready")
    shop.report("pad", "ready")


def shop_with(kind: str) -> Shop:
    shop = Shop('[slip]\ncopies = ["customer"]')
    connect(shop, kind)
    shop.submit(cash(id="t1"))
    return shop


def bodies(shop: Shop) -> list[tuple[str, bytes]]:
    started = [e for e in shop.events(ev.CopyStarted) if e.body is not None]
    return [(e.made_for, zlib.decompress(e.body)) for e in started]


def test_a_copy_that_was_made_for_another_kind_is_refused_and_the_refusal_kept() -> None:
    shop = shop_with("star")
    shop.printed()
    connect(shop, "escpos")
    with pytest.raises(Refusal) as refused:
        shop.reprint("t1")
    assert refused.value.kind == "unsupported"
    assert "(star) and would come out as garbage on this one (escpos). Nothing was printed" in refused.value.message
    assert [e.kind for e in shop.events(ev.ReprintRefused)] == ["unsupported"]
    assert (shop.job, len(shop.jobs)) == (None, 1)


def test_it_prints_when_the_first_kind_is_connected_again() -> None:
    shop = shop_with("star")
    shop.printed()
    for kind in ("escpos", "star"):
        connect(shop, kind)
    shop.reprint("t1")
    shop.printed()
    assert bodies(shop)[0][1].decode() in shop.paper[-1]


def test_an_original_of_which_nothing_came_out_is_made_anew_and_its_copies_are_like_it() -> None:
    shop = shop_with("star")
    shop.fails("paper-end")
    connect(shop, "escpos")
    shop.pass_time(RETRY_MS)
    shop.tick()
    shop.printed()
    assert [kind for kind, _ in bodies(shop)] == ["star", "escpos"]
    (_, first), (_, second) = bodies(shop)
    assert first != second
    shop.reprint("t1")
    shop.printed()
    assert second.decode() in shop.paper[-1]
    assert first.decode() not in shop.paper[-1]
    assert shop.open_items() == []


def test_an_original_that_may_have_come_out_is_not_made_anew() -> None:
    """It would be another slip than the one that may lie on the counter."""
    shop = shop_with("star")
    shop.unknown()
    connect(shop, "escpos")
    shop.settle("t1", False)
    assert (shop.job, shop.copy("t1").cause) == (None, "stale")
    assert shop.open_items("t1") == [("unprinted", "device", "customer", 0)]
    assert shop.state.exceptions[shop.sale("t1").exceptions[-1]].detail == "it was made for another kind of printer"
    with pytest.raises(Refusal, match="another kind of printer"):
        shop.reprint("t1")


def test_a_preview_is_drawn_as_for_the_printer_that_it_was_made_for() -> None:
    shop = shop_with("star")
    shop.printed()
    connect(shop, "escpos")
    order = shop.ask(rq.Preview(id="t1")).order
    assert (order.made_for, order.body) == bodies(shop)[0]
