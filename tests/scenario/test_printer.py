"""Printers as they are: out of paper, open, hot, jammed, silent, unplugged. Nothing is printed twice, and nothing is
lost without a word.
"""

from __future__ import annotations

from collections import Counter

import pytest

from tests.scenario.box import Box, cash, sale
from tests.scenario.conftest import QUICK, MakeBox

FAULTS = {
    "paper": ("paper-out", "paper-in", "paper-end"),
    "cover": ("cover-open", "cover-close", "cover-open"),
    "heat": ("head-hot", "head-cool", "head-hot"),
    "offline": ("offline", "online", "offline"),
    "cutter": ("cutter-jam", "cutter-clear", "cutter"),
}
MODELS = ("tm-80", "clone-80")


def originals(box: Box) -> list[tuple[str | None, str | None]]:
    """The unmarked slips on the counter."""
    return [(p.sale, p.copy) for p in box.paper() if not p.marked]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_inside_a_slip_and_its_end_give_one_original_of_each_copy(
    make_box: MakeBox, fault: str, model: str
) -> None:
    begins, ends, reason = FAULTS[fault]
    box = make_box(model=model)
    box.do("stop-after", "400", begins)
    sold = box.sell()
    device = box.wait_device("printer", "attention", reason)
    assert reason in box.result("posd.status")["sentence"]
    assert device["detail"], "a sentence for the person at the printer"
    assert box.copy(sold, "merchant")["state"] == "printing"
    waiting = box.copy(sold, "customer")
    assert waiting["state"] == "queued"
    assert [(x["kind"], x["cause"]) for x in box.open_exceptions(sold)] == [("unprinted", "device")]
    box.do(ends)
    box.wait_copy(sold, "merchant", "printed")
    box.wait_copy(sold, "customer", "printed")
    box.wait_device("printer", "ready")
    assert originals(box) == [(sold, "merchant"), (sold, "customer")]
    assert len(box.paper()) == 2
    assert box.open_exceptions() == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_between_sales_lists_what_is_owed_and_prints_it_afterwards(box: Box, fault: str) -> None:
    begins, ends, reason = FAULTS[fault]
    box.do(begins, *(["now"] if fault == "cutter" else []))
    box.wait_device("printer", "attention", reason)
    sold = [box.sell(), box.sell()]
    for sale_id in sold:
        assert [c["state"] for c in box.state(sale_id)["copies"]] == ["queued", "queued"]
        items = box.open_exceptions(sale_id)
        assert [(x["kind"], x["cause"]) for x in items] == [("unprinted", "device")] * 2
        assert reason in items[0]["detail"]
    assert box.paper() == []
    error = box.error("receipt.reprint", id=sold[0], key="k1")
    assert error["data"]["kind"] == "device-fault"
    assert reason in error["message"]
    box.do(ends)
    box.wait_copy(sold[1], "customer", "printed")
    assert [(p.sale, p.copy, p.marked) for p in box.paper()] == [
        (sale_id, name, False) for sale_id in sold for name in ("merchant", "customer")
    ]
    assert box.open_exceptions() == []


def test_near_end_warns_and_prints_on(box: Box) -> None:
    box.do("near-end")
    device = box.wait_device("printer", "ready", "paper-near-end")
    assert device["reasons"] == ["paper-near-end"]
    sold = box.sell()
    assert box.wait_copy(sold, "customer", "printed")["proof"] == "confirmed"
    assert len(box.paper()) == 2
    assert box.open_exceptions() == []
    box.do("near-end-clear")
    box.until(lambda: box.device("printer")["reasons"] == [], "the warning is gone")


@pytest.mark.parametrize("model", MODELS)
def test_unplugged_before_a_sale_it_prints_when_it_is_plugged_in_again(make_box: MakeBox, model: str) -> None:
    box = make_box(model=model)
    box.do("unplug", "printer")
    box.wait_device("printer", "absent", "unplugged")
    sold = box.sell()
    assert [(x["kind"], x["cause"]) for x in box.open_exceptions(sold)] == [("unprinted", "device")] * 2
    assert box.error("receipt.reprint", id=sold, key="k1")["data"]["kind"] == "device-absent"
    box.do("plug", "printer")
    box.wait_copy(sold, "customer", "printed")
    assert originals(box) == [(sold, "merchant"), (sold, "customer")]
    assert box.open_exceptions() == []


@pytest.mark.parametrize("model", MODELS)
def test_unplugged_inside_a_slip_it_is_unknown_and_prints_no_more_by_itself(make_box: MakeBox, model: str) -> None:
    box = make_box(model=model)
    box.do("stop-after", "400", "unplug", "printer")
    sold = box.sell()
    copy = box.wait_copy(sold, "merchant", "unknown")
    assert copy["cause"] == "unplugged"
    assert ("unknown", "device") in [(x["kind"], x["cause"]) for x in box.open_exceptions(sold)]
    box.do("plug", "printer")
    box.wait_copy(sold, "customer", "printed")
    after = box.sell()
    box.wait_copy(after, "customer", "printed")
    assert box.copy(sold, "merchant")["state"] == "unknown", "what came later went before it"
    unmarked = originals(box)
    assert unmarked.count((sold, "merchant")) <= 1
    assert unmarked.count((sold, "customer")) == 1
    box.result("receipt.settle", id=sold, copy="merchant", number=0, printed=False)
    assert box.wait_copy(sold, "merchant", "printed")["mark"] == "possible-duplicate"
    assert box.paper()[-1].possible
    assert box.open_exceptions() == []


def test_silence_inside_a_slip_is_unknown_and_nothing_prints_by_itself(make_box: MakeBox) -> None:
    box = make_box(QUICK)
    box.do("stop-after", "400", "mute")
    sold = box.sell()
    assert box.wait_copy(sold, "merchant", "unknown")["cause"] == "no-answer"
    box.wait_device("printer", "faulted", "no-answer")
    assert "cable" in box.result("posd.status")["sentence"]
    assert box.copy(sold, "customer")["state"] == "queued"
    box.do("unmute")
    box.wait_copy(sold, "customer", "printed")
    assert box.copy(sold, "merchant")["state"] == "unknown"
    assert originals(box).count((sold, "merchant")) == 1, "it had come out: that is what unknown is for"
    box.result("receipt.settle", id=sold, copy="merchant", number=0, printed=True)
    assert box.copy(sold, "merchant")["state"] == "printed"
    assert len(box.paper()) == 2
    job = box.result("receipt.reprint", id=sold, copy="merchant", key="k1")
    box.wait_copy(sold, "merchant", "printed", job["number"])
    assert box.paper()[-1].possible, "once unknown, always marked"
    assert box.paper()[-1].duplicate == 1


def test_power_cut_inside_a_slip_tears_it_and_the_next_print_is_marked(make_box: MakeBox) -> None:
    box = make_box(QUICK)
    box.do("stop-after", "700", "power-off")
    sold = box.sell()
    assert box.wait_copy(sold, "merchant", "unknown")["cause"] == "no-answer"
    box.do("power-on")
    box.wait_copy(sold, "customer", "printed")
    assert [p.torn for p in box.paper()] == [True, False]
    assert box.copy(sold, "merchant")["state"] == "unknown"
    job = box.result("receipt.reprint", id=sold, copy="merchant", key="k1")
    box.wait_copy(sold, "merchant", "printed", job["number"])
    last = box.paper()[-1]
    assert (last.sale, last.copy, last.possible) == (sold, "merchant", True)
    assert box.open_exceptions() == [], "the next print settled it"


def test_power_cut_between_sales_loses_nothing(make_box: MakeBox) -> None:
    box = make_box(QUICK)
    box.do("power-off")
    sold = box.sell()
    box.wait_device("printer", "faulted", "no-answer")
    box.do("power-on")
    box.wait_copy(sold, "customer", "printed")
    after = box.sell()
    box.wait_copy(after, "customer", "printed")
    if box.copy(sold, "merchant")["state"] == "unknown":  # posd had sent it before it could know
        box.result("receipt.settle", id=sold, copy="merchant", number=0, printed=False)
        assert box.wait_copy(sold, "merchant", "printed")["mark"] == "possible-duplicate"
    papers = box.paper()
    assert {(p.sale, p.copy) for p in papers} == {(s, n) for s in (sold, after) for n in ("merchant", "customer")}
    assert max(Counter(originals(box)).values()) == 1


def test_without_a_printer_sales_are_taken_and_listed_and_print_when_it_comes(make_box: MakeBox) -> None:
    box = make_box(start=False)
    box.start_world()
    box.do("unplug", "printer")
    box.start_posd(devices=("pad", "keypad"))
    box.wait_device("printer", "absent")
    status = box.result("posd.status")
    assert status["state"] == "degraded"
    assert "plug it in" in status["sentence"]
    sold, signed = box.sell(), box.sell(sale(box.new_id()))
    box.sign(signed, "Li Wei")
    box.wait_signature(signed, "captured")
    assert {x["transaction"] for x in box.open_exceptions()} == {sold, signed}
    box.do("plug", "printer")
    box.wait_copy(signed, "customer", "printed")
    assert originals(box) == [(s, n) for s in (sold, signed) for n in ("merchant", "customer")]
    assert box.open_exceptions() == []
    assert box.result("posd.status")["state"] == "ready"


def test_what_is_stale_does_not_print_by_itself_and_stands_on_the_list(make_box: MakeBox) -> None:
    box = make_box({"slip": {"stale_after": "4s"}})  # within which the fresh one prints
    box.do("unplug", "printer")
    box.wait_device("printer", "absent")
    sold = box.sell()
    box.wait_copy(sold, "customer", "failed")
    assert [c["cause"] for c in box.state(sold)["copies"]] == ["stale", "stale"]
    box.do("plug", "printer")
    box.wait_device("printer", "ready")
    fresh = box.sell()
    box.wait_copy(fresh, "customer", "printed")
    assert {p.sale for p in box.paper()} == {fresh}
    items = box.open_exceptions(sold)
    assert [(x["kind"], x["cause"]) for x in items] == [("unprinted", "device")] * 2
    job = box.result("receipt.reprint", id=sold, copy="customer", key="k1")
    assert job["number"] == 0, "a copy of what never came out is the original"
    box.wait_copy(sold, "customer", "printed")
    assert (box.paper()[-1].sale, box.paper()[-1].marked) == (sold, False)


def test_what_went_stale_while_posd_was_down_does_not_print_at_its_start(make_box: MakeBox) -> None:
    box = make_box({"slip": {"stale_after": "4s"}})
    box.do("paper-out")
    box.wait_device("printer", "attention")
    sold = box.sell()
    assert box.stop() == 0
    box.do("paper-in")
    box.until(lambda: box.age_s(sold) > 4.2, "the slip is stale")
    box.start_posd()
    fresh = box.sell()
    box.wait_copy(fresh, "customer", "printed")
    assert {p.sale for p in box.paper()} == {fresh}
    assert {c["cause"] for c in box.state(sold)["copies"]} == {"stale"}
    assert len(box.open_exceptions(sold)) == 2


def test_a_clone_without_process_ids_is_proven_by_its_status_answer(make_box: MakeBox) -> None:
    box = make_box(model="clone-80")
    assert box.device("printer")["info"]["fence"] == "paper-status"
    sold = box.sell(sale(box.new_id()))
    box.sign(sold, "Li Wei")
    assert box.wait_copy(sold, "customer", "printed")["proof"] == "confirmed"
    merchant, customer = box.paper()
    assert merchant.signed
    assert "老茶馆" in customer.text


def test_a_basic_printer_without_automatic_status_prints_and_its_faults_are_seen(make_box: MakeBox) -> None:
    box = make_box({"printer": {"width": 58}}, model="basic-58")
    assert box.device("printer")["info"]["automatic-status"] == "no"
    sold = box.sell()
    box.wait_copy(sold, "customer", "printed")
    box.do("paper-out")
    box.wait_device("printer", "attention", "paper-end")
    second = box.sell()
    assert len(box.open_exceptions(second)) == 2
    box.do("paper-in")
    box.wait_copy(second, "customer", "printed")
    assert originals(box) == [(s, n) for s in (sold, second) for n in ("merchant", "customer")]


def test_a_slow_line_only_takes_longer(make_box: MakeBox) -> None:
    box = make_box(QUICK)
    box.do("slow", "2500")
    sold = box.sell(
        cash(
            box.new_id(),
            items=[{"name": f"茶 {i}", "quantity": "1", "price": "0.60", "amount": "0.60"} for i in range(60)],
        )
    )
    box.wait_copy(sold, "merchant", "printing")
    assert box.wait_copy(sold, "customer", "printed")["proof"] == "confirmed"
    assert box.events("copy.unknown", "copy.failed") == []
    assert originals(box) == [(sold, "merchant"), (sold, "customer")]


def test_an_unrecoverable_printer_is_said_to_be_broken_and_works_again_after_power(make_box: MakeBox) -> None:
    box = make_box(QUICK)
    box.do("broken")
    box.wait_device("printer", "faulted", "unrecoverable")
    assert "off and on" in box.result("posd.status")["sentence"]
    sold = box.sell()
    assert len(box.open_exceptions(sold)) == 2
    box.do("power-off")
    box.do("power-on")
    box.wait_copy(sold, "customer", "printed")
    assert originals(box) == [(sold, "merchant"), (sold, "customer")]


def test_live_sales_go_before_copies_on_request(box: Box) -> None:
    first = box.sell()
    box.wait_copy(first, "customer", "printed")
    box.do("slow", "600")
    busy = box.sell()
    for key in ("k1", "k2"):
        box.result("receipt.reprint", id=first, key=key)
    live = box.sell()
    box.do("slow", "0")
    box.wait_copy(first, "customer", "printed", 2)
    assert [(p.sale, p.duplicate) for p in box.paper()] == [
        (first, 0),
        (first, 0),
        (busy, 0),
        (busy, 0),
        (live, 0),
        (live, 0),
        (first, 1),
        (first, 2),
    ]


def test_a_copy_from_another_kind_of_printer_is_refused_and_still_shown(make_box: MakeBox) -> None:
    """The old printer spoke Star line mode: its slips would come out of the new one as garbage."""
    old = make_box({"printer": {"language": "star"}}, model="star-80")
    sold = old.sell(cash(old.new_id()))
    old.wait_copy(sold, "customer", "printed")
    assert old.stop() == 0
    new = make_box({"journal": {"path": str(old.folder / "journal")}})
    with new.till() as till:
        error = till.error("receipt.reprint", id=sold, copy="customer", key="k1", reason="lost")
        shown = till.result("receipt.preview", id=sold, copy="customer", format="text")["data"]
    assert error["data"]["kind"] == "unsupported"
    assert "(star, default, 80 mm, gb18030)" in error["message"]
    assert sold in shown
    assert new.paper() == []
    fresh = new.sell(cash("another"))
    new.wait_copy(fresh, "customer", "printed")
    assert [slip.sale for slip in new.paper()] == [fresh, fresh]
