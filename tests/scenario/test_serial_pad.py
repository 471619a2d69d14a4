"""Signatures from a pad on a serial line, which draws them by itself: the right picture for the right sale, or none."""

from __future__ import annotations

import base64

import pytest

from tests.scenario.box import Box, sale
from tests.scenario.conftest import MakeBox
from tests.scenario.test_signature import unsigned

SERIAL = {"driver": "serial", "device": "{world}/pad-serial"}


@pytest.fixture
def box(make_box: MakeBox) -> Box:
    return make_box({"pad": SERIAL})


def wait_for_hand(box: Box, sold: str) -> None:
    """The pad itself asks for the signature of `sold`."""
    box.wait_on_pad(sold)
    box.until(lambda: box.do("status")["pad-serial"]["signing"], "the pad lets somebody sign")


def sign(box: Box, sold: str, name: str) -> None:
    wait_for_hand(box, sold)
    box.do("pad-serial", "sign", name, "--fast")


def picture(box: Box, sold: str) -> bytes:
    """What the pad drew, bit for bit."""
    got = box.result("signature.get", id=sold, format="strokes")
    assert got["kind"] == "bitmap"
    return base64.b64decode(got["data"])


def test_the_picture_is_kept_bit_for_bit_and_printed_on_the_merchants_slip(box: Box) -> None:
    first, second, third = (box.sell(sale(box.new_id())) for _ in range(3))
    for sold, name in ((first, "Li Wei"), (second, "Wang Fang"), (third, "Li Wei")):
        sign(box, sold, name)
        box.wait_signature(sold, "captured")
        box.wait_copy(sold, "customer", "printed")
    assert picture(box, first).startswith((b"BM", b"P4", b"VX820-ESIGN"))
    assert picture(box, first) == picture(box, third) != picture(box, second)
    signed = {(p.sale, p.copy): p.signed for p in box.paper()}
    for sold in (first, second, third):
        assert signed[sold, "merchant"]
        assert not signed[sold, "customer"]


def test_a_customer_who_walks_away(make_box: MakeBox) -> None:
    box = make_box({"pad": SERIAL | {"timeout": "500ms"}})
    unsigned(box, box.sell(sale(box.new_id())), "customer", "within the time")


def test_cancelled_on_the_pad(box: Box) -> None:
    sold = box.sell(sale(box.new_id()))
    wait_for_hand(box, sold)
    box.do("pad-serial", "cancel", "--fast")
    unsigned(box, sold, "customer", "cancelled on the pad")


def test_the_pad_itself_refuses_a_blank(box: Box) -> None:
    sold = box.sell(sale(box.new_id()))
    wait_for_hand(box, sold)
    box.do("pad-serial", "blank", "--fast")
    box.do("pad-serial", "sign", "Li Wei", "--fast")
    box.wait_signature(sold, "captured")
    assert len(picture(box, sold)) > 1000


def test_a_picture_that_comes_broken_is_fetched_from_the_pads_memory(box: Box) -> None:
    plain = box.sell(sale(box.new_id()))
    sign(box, plain, "Li Wei")
    box.wait_signature(plain, "captured")
    sold = box.sell(sale(box.new_id()))
    wait_for_hand(box, sold)
    box.do("pad-serial", "bad-lrc", "1")
    box.do("pad-serial", "sign", "Li Wei", "--fast")
    assert box.wait_signature(sold, "captured")["version"] == 1
    assert picture(box, sold) == picture(box, plain)


def test_unplugged_while_someone_signs(box: Box) -> None:
    first = box.sell(sale(box.new_id()))
    wait_for_hand(box, first)
    box.do("unplug", "pad-serial")
    unsigned(box, first, "device", "pad")
    box.do("plug", "pad-serial")
    box.wait_device("pad", "ready")
    box.result("signature.resign", id=first, key="again", reason="pad was unplugged")
    sign(box, first, "Li Wei")
    assert box.wait_signature(first, "captured")["version"] == 1
    box.wait_copy(first, "merchant", "printed", number=1)
    assert [(p.signed, p.marked) for p in box.paper() if (p.sale, p.copy) == (first, "merchant")] == [
        (False, False),
        (True, True),
    ]


def test_a_pad_that_reboots_while_someone_signs_is_a_device_at_fault_and_serves_again(box: Box) -> None:
    sold = box.sell(sale(box.new_id()))
    wait_for_hand(box, sold)
    box.until(lambda: box.do("status")["pad-serial"]["heartbeats"] > 0, "the pad says that somebody signs")
    box.do("pad-serial", "reboot")
    unsigned(box, sold, "device", "the pad went away")
    box.wait_device("pad", "ready")
    box.result("signature.resign", id=sold, key="again", reason="the pad was without power")
    sign(box, sold, "Li Wei")
    assert box.wait_signature(sold, "captured")["version"] == 1


def test_a_pad_that_reboots_before_it_was_heard_of_is_no_customer_who_walked_away(make_box: MakeBox) -> None:
    box = make_box({"pad": SERIAL | {"timeout": "1s"}})
    box.do("pad-serial", "mute")
    sold = box.sell(sale(box.new_id()))
    wait_for_hand(box, sold)
    box.do("pad-serial", "reboot")
    box.do("pad-serial", "unmute")
    unsigned(box, sold, "device", "the pad went away")


def test_a_customer_who_is_still_asked_after_a_restart_signs_for_nobody_else(box: Box) -> None:
    sold = box.sell(sale(box.new_id()))
    wait_for_hand(box, sold)
    box.kill()
    assert box.do("status")["pad-serial"]["signing"], "the pad goes on asking"
    box.start_posd()
    assert not box.do("status")["pad-serial"]["signing"], "posd called that signing off before it took any other"
    unsigned(box, sold, "system", "")
    other = box.sell(sale(box.new_id()))
    sign(box, other, "Wang Fang")
    box.wait_signature(other, "captured")


def test_signed_while_posd_was_dead_is_nobodys_signature(box: Box) -> None:
    sold = box.sell(sale(box.new_id()))
    wait_for_hand(box, sold)
    box.kill()
    box.do("pad-serial", "sign", "Li Wei", "--fast")
    box.until(lambda: box.do("status")["pad-serial"]["kept"] == 1, "the pad keeps what nobody took")
    box.start_posd()
    unsigned(box, sold, "system", "")
    assert box.do("status")["pad-serial"]["kept"] == 0
    assert "which no session can be proven to have made" in box.log.read_text()
    other = box.sell(sale(box.new_id()))
    sign(box, other, "Wang Fang")
    box.wait_signature(other, "captured")
