"""Signatures: taken, refused, cancelled, left out, taken later. Each belongs to one sale; what is missing is listed."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from typing import Any

import pytest

from posd.pad.strokes import decode
from tests.scenario.box import DEADLINE_S, Box, cash, sale
from tests.scenario.conftest import MakeBox
from tests.unit.input.wire import CONFIRM, Fifo, Hand, dropped, loop, press

HURRY = {"pad": {"timeout": "300ms"}}


def unsigned(box: Box, sold: str, cause: str, detail: str) -> None:
    """The sale is without a signature, in the journal and on the list with its cause, and its slips are out with a line
    to sign on.
    """
    signature = box.wait_signature(sold, "missing")
    assert signature["cause"] == cause
    recorded = [event for event in box.events("signature.missing") if event["id"] == sold][-1]
    assert (recorded["cause"], detail in recorded["detail"]) == (cause, True), recorded
    (item,) = [x for x in box.open_exceptions(sold) if x["kind"] == "unsigned"]
    assert item["cause"] == cause
    assert detail in item["detail"]
    box.wait_copy(sold, "customer", "printed")
    merchant = next(p for p in box.paper() if (p.sale, p.copy) == (sold, "merchant"))
    assert not merchant.signed
    assert "X____" in merchant.text, merchant.text


def journaled(box: Box, kind: str) -> list[dict[str, Any]]:
    """The events of a kind with all that the journal keeps of them; posd does not run."""
    words = [sys.executable, "-m", "posd.ctl", "journal", "dump", str(box.folder / "journal")]
    said = subprocess.run(words, capture_output=True, check=True, timeout=DEADLINE_S).stdout
    records = [json.loads(line) for line in said.splitlines()[1:]]
    return [record["payload"] for record in records if record["payload"]["type"] == kind]


def drawing(box: Box, sold: str) -> str:
    """The lines of the signature: the same for two signings by one hand, whose times differ by fractions."""
    svg: str = box.result("signature.get", id=sold, format="svg")["data"]
    return svg


def test_time_out_leaves_a_line_to_sign_on_and_an_exception(make_box: MakeBox) -> None:
    box = make_box(HURRY)
    sold = box.sell(sale(box.new_id()))
    unsigned(box, sold, "customer", "within the time")


def test_a_customer_who_walks_away_in_the_middle_does_not_hold_the_pad(make_box: MakeBox) -> None:
    box = make_box({"pad": {"timeout": "6s"}})  # within which the next customers sign
    first = box.sell(sale(box.new_id()))
    box.do("walk-away", "--fast")
    unsigned(box, first, "customer", "within the time")
    second = box.sell(sale(box.new_id()))
    box.sign(second, "Wang Fang")
    box.wait_signature(second, "captured")
    third = box.sell(sale(box.new_id()))
    box.sign(third, "Wang Fang")
    box.wait_signature(third, "captured")
    assert drawing(box, second) == drawing(box, third), "nothing of the one who walked away is in it"


def test_cancelled_on_the_pad_is_the_customers_doing(box: Box) -> None:
    sold = box.sell(sale(box.new_id()))
    box.wait_on_pad(sold)
    box.do("cancel", "--fast")
    unsigned(box, sold, "customer", "cancelled on the pad")


def test_cancelled_on_the_keypad_is_a_matter_of_procedure(box: Box) -> None:
    sold = box.sell(sale(box.new_id()))
    box.wait_on_pad(sold)
    box.do("press", "KEY_ESC", "--fast")
    unsigned(box, sold, "procedure", "cancelled by the operator")
    assert box.events("signature.missing")[-1]["doer"] == {"kind": "key", "key": "KEY_ESC"}


def test_the_customer_copy_shows_the_signature_where_the_shop_wants_that(make_box: MakeBox) -> None:
    box = make_box({"slip": {"customer_signature": True}})
    sold, unsigned_one, paid = box.sell(sale(box.new_id())), box.sell(sale(box.new_id())), box.sell()
    box.sign(sold, "Li Wei")
    box.wait_on_pad(unsigned_one)
    box.do("cancel", "--fast")
    for name in (sold, unsigned_one, paid):
        box.wait_copy(name, "customer", "printed")
    signed = {(p.sale, p.copy): p.signed for p in box.paper()}
    assert [signed[name, "customer"] for name in (sold, unsigned_one, paid)] == [True, False, False]
    assert signed[sold, "merchant"]
    (slip,) = [p for p in box.paper() if (p.sale, p.copy) == (unsigned_one, "customer")]
    assert "X____" not in slip.text


def test_skipped_by_the_staff_on_the_pad_and_before_it(box: Box) -> None:
    first, second = box.sell(sale(box.new_id())), box.sell(sale(box.new_id()))
    box.wait_on_pad(first)
    box.do("walk-away", "--fast")
    for sold in (second, first):
        box.result("signature.skip", id=sold, reason="the customer is in a hurry")
        unsigned(box, sold, "staff", "skipped: the customer is in a hurry")
    assert {e["doer"]["kind"] for e in box.events("signature.missing")} == {"peer"}
    box.stop()
    waiting, drawn = journaled(box, "signature.missing")
    assert waiting.get("drawing") is None
    assert drawn["drawing"]["kind"] == "strokes", "what was drawn until then is evidence"


def test_a_shift_that_changes_meanwhile_hands_the_missing_ones_over(box: Box) -> None:
    box.result("shift.open", operator="07", key="o1")
    first, second = box.sell(sale(box.new_id())), box.sell(sale(box.new_id()))
    box.wait_on_pad(first)
    closed = box.result("shift.close", key="c1", slip=False)
    assert closed["signing"] == [first]
    unsigned(box, second, "handover", "the shift changed while it was awaited")
    unsigned(box, first, "handover", "the shift changed while it was given")
    box.result("shift.open", operator="08", key="o2", confirms=closed["id"])
    box.result("signature.resign", id=first, key="k1")
    box.do("sign", "Li Wei", "--fast")
    box.wait_signature(first, "captured")
    assert [x["transaction"] for x in box.open_exceptions()] == [second]


@pytest.mark.parametrize("act", ["blank", "scribble"])
def test_blanks_and_scribbles_are_refused_up_to_the_limit(make_box: MakeBox, act: str) -> None:
    box = make_box({"pad": {"tries": 3}})
    sold = box.sell(sale(box.new_id()))
    box.wait_on_pad(sold)
    box.do(act, "--fast")
    box.do(act, "--fast")
    box.do("sign", "Li Wei", "--fast")
    assert box.wait_signature(sold, "captured")["version"] == 1
    other = box.sell(sale(box.new_id()))
    box.wait_on_pad(other)
    for _ in range(3):
        box.do(act, "--fast")
    unsigned(box, other, "customer", "blanks or scribbles")


def test_clear_begins_anew_and_costs_no_try(make_box: MakeBox) -> None:
    box = make_box({"pad": {"tries": 1}})
    plain = box.sell(sale(box.new_id()))
    box.sign(plain, "Li Wei")
    box.wait_signature(plain, "captured")
    sold = box.sell(sale(box.new_id()))
    box.wait_on_pad(sold)
    box.do("walk-away", "--fast")
    box.do("clear", "--fast")
    box.do("sign", "Li Wei", "--fast")
    box.wait_signature(sold, "captured")
    assert drawing(box, sold) == drawing(box, plain), "what was cleared is gone"


def test_the_pad_is_unplugged_while_someone_signs_and_sales_go_on(box: Box) -> None:
    first, second = box.sell(sale(box.new_id())), box.sell(sale(box.new_id()))
    box.wait_on_pad(first)
    box.do("walk-away", "--fast")
    box.do("unplug", "pad")
    unsigned(box, first, "device", "pad")
    unsigned(box, second, "device", "pad")
    third = box.sell(sale(box.new_id()))
    unsigned(box, third, "device", "pad: unplugged")
    paid = box.sell()
    box.wait_copy(paid, "customer", "printed")
    box.do("plug", "pad")
    box.wait_device("pad", "ready")
    fourth = box.sell(sale(box.new_id()))
    box.sign(fourth, "Li Wei")
    box.wait_copy(fourth, "customer", "printed")
    assert box.paper()[-2].signed


def test_a_box_without_a_pad_prints_lines_to_sign_on(make_box: MakeBox) -> None:
    box = make_box({"pad": {"driver": "none"}}, start=False)
    box.start_world()
    box.start_posd(devices=("printer", "keypad"))
    assert [d["name"] for d in box.result("device.list")["devices"]] == ["printer", "keypad"]
    assert box.result("posd.status")["state"] == "ready", "what is not configured is not missing"
    sold = box.sell(sale(box.new_id()))
    unsigned(box, sold, "device", "pad")
    error = box.error("signature.resign", id=sold, key="k1")
    assert error["data"]["kind"] == "device-absent"


def test_a_signature_taken_later_brings_an_updated_merchant_copy_and_no_customer_copy(box: Box) -> None:
    sold = box.sell(sale(box.new_id()))
    box.wait_on_pad(sold)
    box.do("cancel", "--fast")
    box.wait_copy(sold, "customer", "printed")
    box.fresh()
    answer = box.result("signature.resign", id=sold, key="k1", reason="customer came back")
    assert answer["version"] == 1
    assert answer["state"] == "awaiting"
    box.do("sign", "Wang Fang", "--fast")
    assert box.wait_copy(sold, "merchant", "printed", 1)["mark"] == "duplicate"
    (updated,) = box.fresh()
    assert (updated.copy, updated.duplicate, updated.signed) == ("merchant", 1, True)
    assert box.open_exceptions() == []
    assert box.result("signature.get", id=sold)["digest"][:16] == updated.digest
    terms = box.result("receipt.terms", id=sold, copy="merchant")
    assert terms["copies_left"] == 5, "posd's own copy does not count against the shop's limit"


def test_the_key_takes_the_newest_missing_signature_again(box: Box) -> None:
    sold = [box.sell(sale(box.new_id())) for _ in range(2)]
    for sale_id in sold:
        box.wait_on_pad(sale_id)
        box.do("cancel", "--fast")
    box.wait_copy(sold[1], "customer", "printed")
    for sale_id in reversed(sold):
        box.do("press", "KEY_F3", "--fast")
        box.sign(sale_id, "Li Wei")
        box.wait_signature(sale_id, "captured")
    assert [e["id"] for e in box.events("signature.captured")] == list(reversed(sold))
    newest = box.result("posd.hello")["seq"]
    box.do("press", "KEY_F3", "--fast")
    last = box.sell()
    box.wait_copy(last, "customer", "printed")
    assert box.events("signature.requested", start=newest + 1) == [], "none is missing any more"


def test_taking_a_signature_again_needs_one_that_is_missing(box: Box) -> None:
    paid, signed = box.sell(), box.sell(sale(box.new_id()))
    assert box.error("signature.resign", id=paid, key="k1")["data"]["kind"] == "conflict"
    box.wait_on_pad(signed)
    assert box.error("signature.resign", id=signed, key="k2")["data"]["kind"] == "conflict"
    box.do("sign", "Li Wei", "--fast")
    box.wait_signature(signed, "captured")
    error = box.error("signature.resign", id=signed, key="k3")
    assert error["data"]["kind"] == "conflict"
    assert "is signed" in error["message"]
    assert box.error("signature.resign", id="nobody", key="k4")["data"]["kind"] == "not-found"
    assert box.error("signature.resign", id="last", key="k5")["data"]["kind"] == "not-found"


def test_the_same_key_does_not_take_a_signature_twice(box: Box) -> None:
    sold = box.sell(sale(box.new_id()))
    box.wait_on_pad(sold)
    box.do("cancel", "--fast")
    box.wait_signature(sold, "missing")
    first = box.result("signature.resign", id=sold, key="k1")
    again = box.result("signature.resign", id=sold, key="k1")
    assert again == first
    assert box.error("signature.resign", id=sold, key="k1", reason="other")["data"]["kind"] == "conflict"
    box.do("sign", "Li Wei", "--fast")
    box.wait_signature(sold, "captured")
    assert box.result("signature.resign", id=sold, key="k1")["session"] == first["session"]


def test_a_second_sale_waits_for_the_pad_and_no_stroke_crosses(box: Box) -> None:
    names = ["Li Wei", "Wang Fang", "Zhang Min", "Li Wei"]
    sold = [box.sell(sale(box.new_id())) for _ in names]
    for sale_id, name in zip(sold, names, strict=True):
        box.wait_on_pad(sale_id)
        box.do("sign", name, "--fast")
        box.do("scribble", "--fast")  # while nobody, or the next one, is asked: it must belong to no one before
        box.wait_signature(sale_id, "captured")
    drawn = [drawing(box, sale_id) for sale_id in sold]
    assert len(set(drawn)) == 3
    assert drawn[0] == drawn[3], "the same hand draws the same strokes, and only those"
    digests = [box.result("transaction.get", id=s)["digest"] for s in sold]
    assert len(set(digests)) == 4
    assert [e["digest"] for e in box.events("signature.captured")] == digests
    box.wait_copy(sold[-1], "customer", "printed")
    merchants = [p for p in box.paper() if p.copy == "merchant"]
    assert [p.sale for p in merchants] == sold
    images = [p.data.split(b"SIGNATURE")[1].split("本人".encode("gb18030"))[0] for p in merchants]
    assert len(set(images)) == 3
    assert images[0] == images[3]


def test_what_is_drawn_while_nobody_is_asked_belongs_to_no_one(box: Box) -> None:
    box.do("walk-away", "--fast")
    sold = box.sell(sale(box.new_id()))
    box.sign(sold, "Li Wei")
    box.wait_signature(sold, "captured")
    box.do("walk-away", "--fast")
    other = box.sell(sale(box.new_id()))
    box.sign(other, "Li Wei")
    box.wait_signature(other, "captured")
    assert drawing(box, sold) == drawing(box, other)


def test_a_signature_comes_as_png_svg_and_drawing(box: Box) -> None:
    sold = box.sell(sale(box.new_id()))
    box.sign(sold, "Li Wei")
    box.wait_signature(sold, "captured")
    png = base64.b64decode(box.result("signature.get", id=sold, format="png")["data"])
    assert png.startswith(b"\x89PNG")
    svg = box.result("signature.get", id=sold, format="svg")
    assert svg["data"].startswith("<svg")
    assert svg["feature_code"] == "47598226"
    strokes = base64.b64decode(box.result("signature.get", id=sold, format="strokes")["data"])
    assert 100 < len(strokes) < 3072
    assert box.error("signature.get", id=sold, version=2)["data"]["kind"] == "not-found"


def test_strokes_that_come_faster_than_a_pad_sends_are_all_kept(box: Box) -> None:
    sold = box.sell(sale(box.new_id()))
    box.wait_on_pad(sold)
    assert box.do("sign", "Li Wei", "--fast")["lost"] == 0
    box.wait_signature(sold, "captured")
    slow = box.sell(cash(box.new_id()))
    box.wait_copy(slow, "customer", "printed")
    real = box.sell(sale(box.new_id()))
    box.wait_on_pad(real)
    box.do("sign", "Li Wei")
    box.wait_signature(real, "captured")
    assert drawing(box, real) == drawing(box, sold), "at 200 reports a second as at thousands"


def test_a_palm_that_touches_the_pad_beside_the_pen_is_not_in_the_signature(box: Box) -> None:
    drawn = []
    for palm in ((), ("--palm",)):
        sold = box.sell(sale(box.new_id()))
        box.wait_on_pad(sold)
        box.do("sign", "Li Wei", "--fast", *palm)
        box.wait_signature(sold, "captured")
        drawn.append(drawing(box, sold))
    assert drawn[0] == drawn[1]


def test_events_that_the_kernel_dropped_break_the_stroke_and_nothing_is_drawn_across(make_box: MakeBox) -> None:
    box = make_box({"pad": {"device": "{folder}/pen"}}, start=False)
    box.start_world()
    pen = Fifo(box.folder / "pen").plug()
    box.start_posd()
    sold = box.sell(sale(box.new_id()))
    box.wait_on_pad(sold)
    hand = Hand()
    places = loop()
    pen.write(hand.down(*places[0]) + b"".join(hand.move(*place) for place in places[1:30]))
    pen.write(dropped(hand.now_us) + hand.move(4000, 2000) + hand.down(*places[40]))
    pen.write(b"".join(hand.move(*place) for place in places[41:]) + hand.up() + press(CONFIRM))
    box.wait_signature(sold, "captured")
    kept = decode(base64.b64decode(box.result("signature.get", id=sold, format="strokes")["data"]))
    drawn = [[(point.x, point.y) for point in stroke] for stroke in kept.strokes]
    assert drawn == [places[:30], places[40:]]
    pen.let_go()
    assert "some are lost" in box.log.read_text()


def test_who_watches_sees_what_is_being_drawn_and_the_journal_keeps_none_of_it(box: Box) -> None:
    with box.till() as watcher:
        watcher.result("events.subscribe", strokes=True)
        sold = box.sell(sale(box.new_id()))
        box.wait_on_pad(sold)
        box.do("walk-away", "--fast")
        box.do("clear", "--fast")
        box.do("sign", "Li Wei", "--fast")
        box.wait_signature(sold, "captured")
        watcher.events_until(lambda event: event["type"] == "signature.captured")
        seen = watcher.live
    assert {told["transaction"] for told in seen} == {sold}
    assert len({told["session"] for told in seen}) == 1
    assert seen[0]["anew"]
    assert all(len(told["points"]) <= 500 for told in seen)
    assert all(0 <= x <= told["width"] for told in seen for _, _, x, _, _ in told["points"])
    assert not [event for event in box.events() if event["type"] == "signature.live"]


def test_stopped_in_the_middle_the_strokes_so_far_are_kept_as_evidence(box: Box) -> None:
    sold = box.sell(sale(box.new_id()))
    box.wait_on_pad(sold)
    box.do("walk-away", "--fast")
    assert box.stop() == 0
    box.start_posd()
    unsigned(box, sold, "system", "posd was stopped while it was awaited")
    assert box.error("signature.get", id=sold)["data"]["kind"] == "not-found", "evidence is no signature"
    box.stop()
    (missing,) = journaled(box, "signature.missing")
    assert missing["drawing"]["kind"] == "strokes"
    assert len(base64.b64decode(missing["drawing"]["data"])) > 50


def test_killed_in_the_middle_it_is_missing_without_evidence(box: Box) -> None:
    sold = box.sell(sale(box.new_id()))
    box.wait_on_pad(sold)
    box.do("walk-away", "--fast")
    box.kill()
    box.start_posd()
    unsigned(box, sold, "system", "posd was restarted while it was awaited")
    other = box.sell(sale(box.new_id()))
    box.sign(other, "Li Wei")
    box.wait_signature(other, "captured")
    plain = box.sell(sale(box.new_id()))
    box.sign(plain, "Li Wei")
    box.wait_signature(plain, "captured")
    assert drawing(box, other) == drawing(box, plain), "nothing from before the kill is in it"
    box.stop()
    (missing,) = journaled(box, "signature.missing")
    assert missing.get("drawing") is None


def test_a_busy_pad_sends_the_next_sale_to_paper_if_the_shop_wants_that(make_box: MakeBox) -> None:
    box = make_box({"pad": {"when_busy": "paper"}})
    first = box.sell(sale(box.new_id()))
    box.wait_on_pad(first)
    second = box.sell(sale(box.new_id()))
    unsigned(box, second, "procedure", "the pad was busy")
    box.do("sign", "Li Wei", "--fast")
    box.wait_signature(first, "captured")


def test_a_wrong_signature_is_voided_taken_again_and_every_version_kept(box: Box) -> None:
    sold = box.sell(sale(box.new_id()))
    box.sign(sold, "Wang Fang")
    box.wait_copy(sold, "customer", "printed")
    wrong = drawing(box, sold)
    box.fresh()
    answer = box.result("signature.void", id=sold, key="v1", reason="signed by the wrong person")
    assert answer["voided"] == 1
    assert [x["kind"] for x in box.open_exceptions(sold)] == ["wrong-signature"]
    box.sign(sold, "Li Wei")
    assert box.wait_signature(sold, "captured")["version"] == 2
    assert box.wait_copy(sold, "merchant", "printed", 1)["mark"] == "duplicate"
    (updated,) = box.fresh()
    assert updated.signed
    assert re.search(r"VERSION +2$", updated.text, re.MULTILINE), updated.text
    assert box.open_exceptions(sold) == []
    assert box.result("signature.get", id=sold, version=1, format="svg")["data"] == wrong != drawing(box, sold)


def test_a_slip_signed_by_hand_is_attested_and_handing_over_is_kept(make_box: MakeBox) -> None:
    box = make_box({"pad": {"timeout": "300ms"}})
    sold = box.sell(sale(box.new_id()))
    unsigned(box, sold, "customer", "within the time")
    box.fresh()
    box.result("receipt.reprint", id=sold, copy="merchant", key="r1", reason="to sign")
    box.wait_copy(sold, "merchant", "printed", 1)
    assert "X____" in box.fresh()[0].text
    box.result("signature.attest", id=sold, key="a1", signed_by="Li Wei")
    assert box.state(sold)["signature"]["state"] == "attested"
    assert box.open_exceptions(sold) == []
    error = box.error("signature.uploaded", id=sold, state="sent")
    assert error["data"]["kind"] == "not-found", "there is no picture of it to hand over"
    signed = box.sell(sale(box.new_id()))
    box.wait_on_pad(signed)
    box.do("sign", "Li Wei", "--fast")
    box.wait_signature(signed, "captured")
    for attempt, state in ((1, "failed"), (2, "rejected"), (2, "rejected"), (3, "sent")):
        box.result("signature.uploaded", id=signed, state=state, attempt=attempt, detail="line")
    standing = box.state(signed)["signature"]
    assert (standing["upload"], standing["attempts"]) == ("sent", 3)
    assert len(box.events("signature.uploaded")) == 3, "told twice counts once"
    box.kill()
    box.start_posd()
    standing = box.state(signed)["signature"]
    assert (standing["upload"], standing["attempts"]) == ("sent", 3)
