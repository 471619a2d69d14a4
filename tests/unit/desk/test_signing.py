"""Taking a signature again, cancelling, and that no stroke crosses to another sale (law 5)."""

from __future__ import annotations

from typing import Any

import pytest

from posd.desk.ports import Tools
from posd.domain import events as ev
from posd.domain import requests as rq
from posd.domain.device import Drawing, SignOutcome
from posd.domain.doer import Doer
from posd.domain.errors import Refusal
from posd.domain.slip import Slip, SlipOrder
from tests.unit.desk.shop import INK, TILL, Shop, compose
from tests.unit.domain.samples import cash, sale


def unsigned(*ids: str) -> Shop:
    """Card sales that went out with a line to sign on, and a pad that has come since."""
    shop = Shop(pad="absent")
    for name in ids or ("t1",):
        shop.submit(sale(id=name))
    shop.print_all()
    shop.report("pad", "ready")
    return shop


def resign(shop: Shop, sale_id: str = "t1", key: str = "k1", **more: Any) -> Any:
    return shop.ask(rq.Resign(sale_id, key, **more))


def refusal_of(shop: Shop, *args: Any) -> Refusal:
    events, sessions = len(shop.log), len(shop.sessions)
    with pytest.raises(Refusal) as caught:
        resign(shop, *args)
    assert (len(shop.log), len(shop.sessions)) == (events, sessions)
    return caught.value


def test_a_pad_that_comes_later_does_not_ask_customers_that_have_gone() -> None:
    assert unsigned().sessions == []


def test_a_missing_signature_is_taken_again_and_an_updated_merchant_copy_shows_it() -> None:
    shop = unsigned()
    answer = resign(shop)
    requested = shop.events(ev.SignatureRequested)[-1]
    assert (answer.session, answer.version, answer.state) == (requested.session, 1, "awaiting")
    assert (requested.reason, requested.doer) == ("missing", TILL)
    shop.signs()
    assert shop.sale("t1").signature.state == "captured"
    assert shop.open_items() == []
    assert shop.print_all() == ["000001-m1"]
    assert "<image 1>" in shop.paper[-1]
    assert "DUPLICATE 1" in shop.paper[-1]
    assert shop.events(ev.ReprintRequested)[-1].doer == Doer(kind="pad")


def test_a_merchant_copy_that_has_not_started_simply_shows_the_later_signature() -> None:
    shop = Shop(pad="absent", printer="absent")
    shop.submit(sale(id="t1"))
    shop.report("pad", "ready")
    resign(shop)
    shop.signs()
    assert shop.events(ev.ReprintRequested) == []
    shop.report("printer", "ready")
    assert shop.print_all() == ["000001-m0", "000001-c0"]
    assert "<image 1>" in shop.paper[0]


def test_the_updated_copy_of_an_unknown_merchant_copy_carries_both_marks() -> None:
    shop = Shop(pad="absent")
    shop.submit(sale(id="t1"))
    shop.unknown()
    shop.print_all()
    shop.report("pad", "ready")
    resign(shop)
    shop.signs()
    assert "POSSIBLE DUPLICATE" in shop.paper[-1]
    assert "DUPLICATE 1" in shop.paper[-1]


def test_a_signature_that_is_missed_again_stays_on_the_list_once() -> None:
    shop = unsigned()
    resign(shop)
    shop.signs_not("timeout")
    assert shop.open_items() == [("unsigned", "device", None, None)]
    resign(shop, key="k2")
    shop.signs()
    assert shop.open_items() == []


def test_the_same_key_is_the_same_session_and_other_content_a_conflict() -> None:
    shop = unsigned()
    first = resign(shop)
    assert resign(shop).session == first.session
    assert len(shop.sessions) == 1
    shop.signs()
    again = resign(shop)
    assert (again.session, again.version, again.state) == (first.session, 1, "captured")
    refusal = refusal_of(shop, "last", "k1")
    assert (refusal.kind, refusal.field) == ("conflict", "key")


def test_a_key_of_a_reprint_and_one_of_a_signature_are_not_the_same() -> None:
    shop = unsigned()
    shop.reprint("t1", "k1")
    assert resign(shop, key="k1").session == shop.session


@pytest.mark.parametrize("state", ["captured", "awaiting", "not-needed"])
def test_only_a_missing_signature_can_be_taken_again(state: str) -> None:
    shop = Shop()
    shop.submit(cash(id="t1") if state == "not-needed" else sale(id="t1"))
    if state == "captured":
        shop.signs()
    assert shop.sale("t1").signature.state == state
    assert refusal_of(shop).kind == "conflict"


@pytest.mark.parametrize(
    ("pad", "kind"),
    [
        ("absent", "device-absent"),
        ("opening", "device-absent"),
        ("attention", "device-fault"),
        ("faulted", "device-fault"),
    ],
)
def test_without_a_usable_pad_nothing_is_taken(pad: str, kind: str) -> None:
    shop = unsigned()
    shop.report("pad", pad)
    assert refusal_of(shop).kind == kind


def test_one_session_at_a_time() -> None:
    shop = unsigned()
    shop.submit(sale(id="t2"))
    assert refusal_of(shop, "t1").kind == "busy"


def test_the_key_takes_the_newest_missing_one() -> None:
    shop = unsigned("t1", "t2")
    assert shop.press("resign-last") is True
    assert shop.state.signing is not None
    assert shop.state.signing.sale == "t2"
    assert shop.events(ev.SignatureRequested)[-1].doer == Doer(kind="key", key="KEY_F1")
    shop.signs()
    assert shop.press("resign-last") is True
    assert shop.state.signing.sale == "t1"
    shop.signs()
    assert shop.press("resign-last") is False
    assert refusal_of(shop, "last", "k9").kind == "not-found"


def test_no_stroke_crosses_to_another_sale() -> None:
    """Law 5: each drawing stands in the record of its own session, and a new one never erases an old one."""
    shop = Shop()
    for i in range(6):
        shop.submit(sale(id=f"t{i}"))
    for i in range(6):
        if i % 2:
            shop.signs_not("timeout", Drawing("strokes", b"half %d" % i))
        else:
            shop.signs(Drawing("strokes", b"ink %d" % i))
    for i in (5, 1, 3):
        resign(shop, f"t{i}", f"k{i}")
        shop.signs(Drawing("strokes", b"ink %d" % i))
    digests = {e.transaction.id: e.digest for e in shop.events(ev.TransactionAccepted)}
    for event in shop.events(ev.SignatureCaptured):
        assert event.drawing.data == b"ink " + event.id[1:].encode()
        assert event.digest == digests[event.id]
    for event in shop.events(ev.SignatureMissing):
        assert event.drawing.data == b"half " + event.id[1:].encode()
    for i in range(6):
        rendered = shop.ask(rq.SignatureGet(f"t{i}"))
        assert (rendered.drawing.data, rendered.digest) == (b"ink %d" % i, digests[f"t{i}"])


def test_each_slip_shows_the_signature_of_its_own_sale() -> None:
    """Law 5, on paper."""
    shop = Shop(printer="absent")
    for i in range(3):
        shop.submit(sale(id=f"t{i}"))
        shop.signs(Drawing("strokes", b"ink %d" % i))
    shown = {}

    def spy(order: SlipOrder) -> Slip:
        if order.signing.drawing is not None:
            shown[order.transaction.id] = order.signing.drawing.data
        return compose(order)

    shop.tools = Tools(spy, shop.tools.recall, shop.tools.selftest)
    shop.report("printer", "ready")
    shop.print_all()
    assert shown == {f"t{i}": b"ink %d" % i for i in range(3)}


def test_cancel_on_the_keypad_ends_the_session_in_the_operators_name() -> None:
    shop = Shop()
    shop.submit(sale(id="t1"))
    session = shop.session
    assert shop.press("cancel") is True
    assert [e.session for e in shop.asked if type(e).__name__ == "CancelSign"] == [session]
    assert shop.sale("t1").signature.state == "awaiting"
    shop.signs_not("cancelled")
    event = shop.events(ev.SignatureMissing)[-1]
    assert (event.cause, event.doer) == ("procedure", Doer(kind="key", key="KEY_F1"))


def test_a_signature_that_was_confirmed_before_the_cancel_arrived_counts() -> None:
    shop = Shop()
    shop.submit(sale(id="t1"))
    shop.press("cancel")
    shop.signs()
    assert shop.sale("t1").signature.state == "captured"
    shop.submit(sale(id="t2"))
    shop.signs_not("cancelled")
    assert shop.events(ev.SignatureMissing)[-1].cause == "customer", "the cancel of before does not stick"


def test_a_pad_that_goes_away_in_the_middle_stops_only_that_signature() -> None:
    """Law 9."""
    shop = Shop()
    shop.submit(sale(id="t1"))
    shop.signs_not("device", INK)
    shop.report("pad", "absent", "unplugged")
    shop.submit(sale(id="t2"))
    assert shop.print_all() == ["000001-m0", "000001-c0", "000002-m0", "000002-c0"]
    assert shop.open_items() == [("unsigned", "device", None, None)] * 2


def test_signatures_go_on_while_the_printer_is_gone() -> None:
    """Law 9."""
    shop = Shop(printer="absent")
    for i in (1, 2):
        shop.submit(sale(id=f"t{i}"))
        shop.signs()
    assert [shop.sale(f"t{i}").signature.state for i in (1, 2)] == ["captured", "captured"]


def test_a_pad_that_never_gets_further_than_opening_does_not_hold_sales_up_for_ever() -> None:
    """Laws 3 and 9: every wait has an end, also this one."""
    shop = Shop(pad="opening")
    shop.submit(sale(id="t1"))
    shop.pass_time(59_999)
    shop.tick()
    assert shop.sale("t1").signature.state == "awaiting"
    shop.pass_time(2)
    shop.tick()
    assert shop.sale("t1").signature.state == "missing"
    assert shop.open_items() == [("unsigned", "device", None, None)]
    assert shop.print_all() == ["000001-m0", "000001-c0"]


def test_the_old_version_can_still_be_had() -> None:
    shop = unsigned()
    resign(shop)
    shop.signs()
    assert shop.ask(rq.SignatureGet("t1", version=1)).version == 1
    for version in (2, 99):
        with pytest.raises(Refusal) as caught:
            shop.ask(rq.SignatureGet("t1", version=version))
        assert (caught.value.kind, caught.value.field) == ("not-found", "version")
    shop.submit(cash(id="t2"))
    with pytest.raises(Refusal, match="never signed"):
        shop.ask(rq.SignatureGet("t2"))


def test_a_sale_that_comes_while_another_is_signed_waits_or_goes_to_paper() -> None:
    for toml, state in (("", "awaiting"), ('[pad]\nwhen_busy = "paper"', "missing")):
        shop = Shop(toml)
        shop.submit(sale(id="t1"))
        shop.submit(sale(id="t2"))
        assert shop.sale("t1").signature.state == "awaiting"
        assert shop.sale("t2").signature.state == state
        shop.signs()
        assert shop.sale("t1").signature.state == "captured"
    (item,) = shop.events(ev.ExceptionOpened)
    assert (item.transaction, item.cause, item.detail) == ("t2", "procedure", "the pad was busy with another sale")
    shop.print_all()
    assert "<line 0>" in next(slip for slip in shop.paper if "merchant t2" in slip)
    resign(shop, "t2")
    shop.signs()
    assert shop.sale("t2").signature.state == "captured"


def test_blanks_are_told_with_the_measure() -> None:
    shop = Shop()
    shop.submit(sale(id="t1"))
    assert shop.session is not None
    shop.give(SignOutcome(shop.session, "blank", INK, "blank: 3 points"))
    (item,) = shop.events(ev.ExceptionOpened)
    assert item.detail == "only blanks or scribbles (blank: 3 points)"
