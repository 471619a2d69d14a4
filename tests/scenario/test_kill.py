"""posd is killed at any moment and starts again: what was acknowledged is there, no copy comes out twice unmarked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from tests.scenario.box import Box, cash, sale
from tests.scenario.conftest import QUICK, MakeBox


def unmarked(box: Box) -> Counter[tuple[str | None, str | None]]:
    """How often each copy came out without a mark."""
    return Counter((p.sale, p.copy) for p in box.paper() if not p.marked)


def kill_and_start(box: Box) -> None:
    box.kill()
    box.start_posd()


def all_settled(box: Box, sold: str) -> bool:
    return all(c["state"] in ("printed", "unknown") for c in box.state(sold)["copies"])


def test_killed_right_after_the_answer_it_keeps_the_sale(box: Box) -> None:
    for _ in range(3):
        sold = box.sell()
        kill_and_start(box)
        assert box.result("transaction.get", id=sold)["transaction"]["id"] == sold
        box.until(lambda: all_settled(box, sold), "its copies print, or are unknown", lambda: box.state(sold))  # noqa: B023
    assert max(unmarked(box).values()) == 1


def test_killed_before_the_first_byte_it_prints_the_original_once(box: Box) -> None:
    box.do("paper-out")
    box.wait_device("printer", "attention")
    sold = box.sell()
    kill_and_start_without_printer(box)
    assert [c["state"] for c in box.state(sold)["copies"]] == ["queued", "queued"]
    assert len(box.open_exceptions(sold)) == 2
    box.do("paper-in")
    box.wait_copy(sold, "customer", "printed")
    assert [(p.copy, p.marked) for p in box.paper()] == [("merchant", False), ("customer", False)]
    assert box.open_exceptions() == []


def kill_and_start_without_printer(box: Box) -> None:
    box.kill()
    box.start_posd(devices=("pad", "keypad"))
    box.wait_device("printer", "attention")


def test_killed_inside_a_slip_the_copy_is_unknown_and_nothing_prints_by_itself(box: Box) -> None:
    box.do("stop-after", "600", "paper-out")
    sold = box.sell()
    box.wait_device("printer", "attention")
    kill_and_start_without_printer(box)
    assert (box.copy(sold, "merchant")["state"], box.copy(sold, "merchant")["cause"]) == ("unknown", "restart")
    assert ("unknown", "system") in [(x["kind"], x["cause"]) for x in box.open_exceptions(sold)]
    box.do("paper-in")
    box.wait_copy(sold, "customer", "printed")
    after = box.sell()
    box.wait_copy(after, "customer", "printed")
    assert box.copy(sold, "merchant")["state"] == "unknown"
    assert max(unmarked(box).values()) == 1
    box.result("receipt.settle", id=sold, copy="merchant", number=0, printed=False)
    box.wait_copy(sold, "merchant", "printed")
    assert (box.paper()[-1].sale, box.paper()[-1].possible) == (sold, True)
    assert box.open_exceptions() == []


def test_a_torn_slip_is_cut_off_before_the_next_one(box: Box) -> None:
    long = cash(
        box.new_id(),
        total="300.00",
        items=[{"name": f"茶 {i}", "quantity": "1", "price": "0.60", "amount": "0.60"} for i in range(500)],
        payments=[{"method": "cash", "amount": "300.00"}],
    )
    box.do("slow", "5000")
    sold = box.sell(long)
    begun = box.received()
    box.until(lambda: box.received() > begun + 3000, "some of the slip has left")
    box.kill()
    box.do("slow", "0")
    box.start_posd()
    box.wait_copy(sold, "customer", "printed")
    assert box.copy(sold, "merchant")["state"] == "unknown"
    papers = box.paper()
    assert [p.copy for p in papers] == ["merchant", "customer"]
    assert "CUSTOMER" not in papers[0].text, "the next slip is not on the torn one's paper"
    assert "合计 TOTAL" in papers[1].text


def test_killed_behind_the_last_byte_it_is_unknown_although_it_came_out(make_box: MakeBox) -> None:
    box = make_box({**QUICK, "slip": {"copies": ["customer"]}})
    box.do("mute")
    sold = box.sell()
    box.until(lambda: len(box.slips()) == 1, "the slip is out")
    box.kill()
    box.do("unmute")
    box.start_posd()
    assert box.copy(sold, "customer")["state"] == "unknown"
    after = box.sell()
    box.wait_copy(after, "customer", "printed")
    assert unmarked(box) == {(sold, "customer"): 1, (after, "customer"): 1}
    job = box.result("receipt.reprint", id=sold, key="k1")
    box.wait_copy(sold, "customer", "printed", job["number"])
    assert box.paper()[-1].possible
    assert box.open_exceptions() == []
    assert box.result("transaction.search", open=True)["transactions"] == []


def test_a_settled_copy_stays_settled_and_marked_across_a_kill(box: Box) -> None:
    box.do("stop-after", "600", "cover-open")
    sold = box.sell()
    box.wait_device("printer", "attention")
    kill_and_start_without_printer(box)
    box.result("receipt.settle", id=sold, copy="merchant", number=0, printed=False)
    kill_and_start_without_printer(box)
    assert (box.copy(sold, "merchant")["state"], box.copy(sold, "merchant")["mark"]) == ("queued", "possible-duplicate")
    again = box.result("receipt.settle", id=sold, copy="merchant", number=0, printed=False)
    assert again["state"]["copies"][0]["state"] == "queued", "said twice is said once"
    assert box.error("receipt.settle", id=sold, copy="merchant", number=0, printed=True)["data"]["kind"] == "conflict"
    box.do("cover-close")
    box.wait_copy(sold, "merchant", "printed")
    marked = [p for p in box.paper() if p.possible]
    assert [(p.sale, p.copy) for p in marked] == [(sold, "merchant")]


def test_killed_while_someone_signs_the_signature_is_missing_for_the_systems_sake(box: Box) -> None:
    sold = box.sell(sale(box.new_id()))
    box.wait_on_pad(sold)
    box.do("walk-away", "--fast")
    kill_and_start(box)
    signature = box.state(sold)["signature"]
    assert (signature["state"], signature["cause"], signature["version"]) == ("missing", "system", 0)
    (item,) = [x for x in box.open_exceptions(sold) if x["kind"] == "unsigned"]
    assert item["cause"] == "system"
    box.wait_copy(sold, "customer", "printed")
    assert not box.paper()[0].signed
    box.result("signature.resign", id=sold, key="k1")
    box.do("sign", "Li Wei", "--fast")
    box.wait_copy(sold, "merchant", "printed", 1)
    assert (box.paper()[-1].signed, box.paper()[-1].duplicate) == (True, 1)
    assert box.open_exceptions() == []


def test_a_captured_signature_survives_a_kill(box: Box) -> None:
    box.do("cover-open")
    box.wait_device("printer", "attention")
    sold = box.sell(sale(box.new_id()))
    box.sign(sold, "Li Wei")
    box.wait_signature(sold, "captured")
    drawn = box.result("signature.get", id=sold, format="strokes")["data"]
    kill_and_start_without_printer(box)
    assert box.result("signature.get", id=sold, format="strokes")["data"] == drawn
    box.do("cover-close")
    box.wait_copy(sold, "customer", "printed")
    assert [(p.copy, p.signed, p.marked) for p in box.paper()] == [
        ("merchant", True, False),
        ("customer", False, False),
    ]


def test_a_clean_stop_and_start_prints_nothing_and_loses_nothing(box: Box) -> None:
    sold = [box.sell(), box.sell(sale(box.new_id()))]
    box.sign(sold[1], "Li Wei")
    box.wait_copy(sold[1], "customer", "printed")
    before = [box.result("transaction.get", id=s) for s in sold]
    events = box.events()
    papers = len(box.paper())
    assert box.stop() == 0
    box.start_posd()
    assert [box.result("transaction.get", id=s) for s in sold] == before
    assert box.events()[: len(events)] == events
    after = box.sell()
    box.wait_copy(after, "customer", "printed")
    assert [p.sale for p in box.paper()[papers:]] == [after, after]
    assert box.result("transaction.get", id=after)["receipt"] == "000003"


def test_a_clean_stop_lets_the_slip_on_the_printer_finish_and_begins_no_other(box: Box) -> None:
    box.do("slow", "1500")
    sold = [box.sell() for _ in range(8)]
    box.wait_copy(sold[0], "merchant", "printing")
    assert box.stop() == 0
    box.do("slow", "0")
    box.start_posd()
    box.wait_copy(sold[-1], "customer", "printed")
    assert box.events("copy.unknown") == [], "a stop that was asked for leaves nobody in doubt"
    assert [(p.sale, p.copy, p.marked) for p in box.paper()] == [
        (s, name, False) for s in sold for name in ("merchant", "customer")
    ]


def test_a_clean_stop_while_someone_signs_leaves_it_missing_and_its_slips_print_once(box: Box) -> None:
    sold = box.sell(sale(box.new_id()))
    box.wait_on_pad(sold)
    assert box.stop() == 0
    box.start_posd()
    assert box.state(sold)["signature"]["state"] == "missing"
    assert box.state(sold)["signature"]["cause"] == "system"
    assert "stopped while it was awaited" in box.open_exceptions(sold)[0]["detail"]
    box.wait_copy(sold, "customer", "printed")
    assert box.events("copy.unknown") == []
    assert [(p.copy, p.marked) for p in box.paper()] == [("merchant", False), ("customer", False)]


@pytest.mark.parametrize("after", [0, 1, 60, 500, 1100])
def test_killed_at_each_stage_of_a_slip_at_most_one_unmarked_print_ever_comes_out(box: Box, after: int) -> None:
    box.do("slow", "15000")
    before = box.received()
    sold = box.sell()
    reached: Callable[[], bool] = lambda: box.received() >= before + after  # noqa: E731
    box.until(reached, f"{after} bytes have arrived")
    box.kill()
    box.do("slow", "0")
    box.start_posd()
    box.until(lambda: all_settled(box, sold), "printed or unknown", lambda: box.state(sold))
    for copy in box.state(sold)["copies"]:
        if copy["state"] == "unknown":
            box.result("receipt.settle", id=sold, copy=copy["copy"], number=0, printed=False)
            box.wait_copy(sold, copy["copy"], "printed")
        job = box.result("receipt.reprint", id=sold, copy=copy["copy"], key=copy["copy"])
        box.wait_copy(sold, copy["copy"], "printed", job["number"])
    assert max(unmarked(box).values()) == 1
    for name in ("merchant", "customer"):
        doubtful = any(e["copy"] == name for e in box.events("copy.unknown"))
        last = [p for p in box.paper() if p.copy == name][-1]
        assert (last.duplicate, last.possible) == (1, doubtful)
