"""A copy again: by key, by number, by id, under the shop's rules, marked, and with the very body of the original."""

from __future__ import annotations

import pytest

from tests.scenario.box import Box, cash, sale
from tests.scenario.conftest import MakeBox


def sold_and_out(box: Box) -> str:
    """A cash sale whose slips are out and known to be."""
    sold = box.sell()
    box.wait_copy(sold, "customer", "printed")
    box.fresh()
    return sold


def refusals(box: Box) -> list[tuple[str, str]]:
    return [(e["id"], e["kind"]) for e in box.events("reprint.refused")]


def test_one_key_press_prints_the_last_customer_copy_with_its_marks(box: Box) -> None:
    sold_and_out(box)
    last = sold_and_out(box)
    box.do("press", "KEY_F1", "--fast")
    box.wait_copy(last, "customer", "printed", 1)
    (paper,) = box.fresh()
    assert (paper.sale, paper.copy, paper.duplicate, paper.possible) == (last, "customer", 1, False)
    lines = paper.text.splitlines()
    assert "*** 重打印 DUPLICATE 1 ***" in lines[0]
    assert "*** 重打印 DUPLICATE 1 ***" in lines[-1]
    assert "键盘 KEYPAD" in paper.text
    assert "重打印时间 REPRINTED" in paper.text
    assert "原打印时间 PRINTED" in paper.text


def test_a_receipt_number_typed_on_the_keypad_prints_that_receipt(box: Box) -> None:
    first = sold_and_out(box)
    sold_and_out(box)
    box.do("press", "KEY_F2", "KEY_KP1", "KEY_KPENTER", "--fast")
    box.wait_copy(first, "customer", "printed", 1)
    (paper,) = box.fresh()
    assert (paper.sale, paper.duplicate) == (first, 1)
    box.do("press", "KEY_F2", "KEY_0", "KEY_0", "KEY_9", "KEY_BACKSPACE", "KEY_1", "KEY_ENTER", "--fast")
    box.wait_copy(first, "customer", "printed", 2)


def test_a_number_that_was_never_given_prints_nothing(box: Box) -> None:
    sold_and_out(box)
    box.do("press", "KEY_F2", "KEY_7", "KEY_7", "KEY_ENTER", "--fast")
    box.do("press", "KEY_F2", "KEY_1", "KEY_ESC", "--fast")  # cancelled
    box.do("press", "KEY_F2", "KEY_ENTER", "--fast")  # no digits
    after = sold_and_out(box)
    box.do("press", "KEY_F1", "--fast")
    box.wait_copy(after, "customer", "printed", 1)
    assert len(box.events("reprint.requested")) == 1


def test_numbers_ascend_and_each_copy_has_its_own(box: Box) -> None:
    sold = sold_and_out(box)
    jobs = [
        box.result("receipt.reprint", id="last" if n % 2 else sold, key=f"k{n}", copy=name)
        for n, name in enumerate(["customer", "merchant", "customer", "merchant", "customer"])
    ]
    assert [j["number"] for j in jobs] == [1, 1, 2, 2, 3]
    box.wait_copy(sold, "customer", "printed", 3)
    assert [(p.copy, p.duplicate) for p in box.fresh()] == [
        ("customer", 1),
        ("merchant", 1),
        ("customer", 2),
        ("merchant", 2),
        ("customer", 3),
    ]


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
@pytest.mark.parametrize("width", [80, 58])
def test_the_body_on_paper_is_the_originals_byte_for_byte(make_box: MakeBox, locale: str, width: int) -> None:
    box = make_box({"terminal": {"id": "T1", "merchant": "老茶馆 Tea", "locale": locale}, "printer": {"width": width}})
    sold = box.sell(sale(box.new_id()))
    box.sign(sold, "Li Wei")
    box.wait_copy(sold, "customer", "printed")
    originals = {p.copy: p for p in box.fresh()}
    digests = {e["copy"]: e["body_digest"] for e in box.events("copy.started")}
    assert box.stop() == 0
    box.start_posd()
    for name in ("customer", "merchant"):
        body = originals[name].body(digests[name])
        assert len(body) > 500
        box.result("receipt.reprint", id=sold, copy=name, key=name)
        box.wait_copy(sold, name, "printed", 1)
        (paper,) = box.fresh()
        assert paper.duplicate == 1
        assert body in paper.data
        assert paper.signed == (name == "merchant")
    assert {e["body_digest"] for e in box.events("copy.started")} == set(digests.values())


def test_it_says_who_asked_and_why(box: Box) -> None:
    sold = sold_and_out(box)
    box.result("receipt.reprint", id=sold, key="k1", reason="撕破 torn")
    box.wait_copy(sold, "customer", "printed", 1)
    (paper,) = box.fresh()
    assert "撕破 torn" in paper.text
    (event,) = box.events("reprint.requested")
    assert event["doer"]["uid"] is not None
    assert "本机 THIS TERMINAL" in paper.text
    assert " pid " not in paper.text
    assert event["reason"] == "撕破 torn"


def test_the_same_key_gives_the_same_copy_and_other_content_a_conflict(box: Box) -> None:
    sold = sold_and_out(box)
    first = box.result("receipt.reprint", id=sold, key="k1")
    box.wait_copy(sold, "customer", "printed", 1)
    again = box.result("receipt.reprint", id=sold, key="k1")
    assert (again["job"], again["number"], again["state"]) == (first["job"], 1, "printed")
    error = box.error("receipt.reprint", id=sold, key="k1", copy="merchant")["data"]
    assert (error["kind"], error["field"]) == ("conflict", "key")
    assert box.result("receipt.request", request=error["request"])["kind"] == "conflict"
    assert box.stop() == 0
    box.start_posd()
    assert box.result("receipt.reprint", id=sold, key="k1")["job"] == first["job"], "the journal knows the key"
    assert len(box.fresh()) == 1


def test_what_the_asker_states_must_match(box: Box) -> None:
    sold = box.sell(sale(box.new_id()))
    box.sign(sold, "Li Wei")
    box.wait_copy(sold, "customer", "printed")
    box.fresh()
    for wrong in ({"amount": "35.00"}, {"last_four": "4321"}, {"type": "refund"}, {"receipt": "000009"}):
        error = box.error("receipt.reprint", id=sold, key="k1", **wrong)
        assert (error["data"]["kind"], error["data"]["field"]) == ("mismatch", next(iter(wrong)))
        assert box.result("receipt.request", request=error["data"]["request"])["message"] == error["message"]
        assert "36" not in error["message"], "the right value is not told"
    assert refusals(box) == [(sold, "mismatch")] * 4
    right = {"amount": "36", "last_four": "1234", "type": "sale", "receipt": "000001"}
    assert box.result("receipt.reprint", id=sold, key="k1", **right)["number"] == 1, "a refused request leaves its key"
    box.wait_copy(sold, "customer", "printed", 1)
    assert len(box.fresh()) == 1


def test_the_window_closes(make_box: MakeBox) -> None:
    box = make_box({"policy": {"reprint_window": "100ms"}})
    sold = sold_and_out(box)
    box.until(lambda: box.age_s(sold) > 0.2, "the window is over")
    error = box.error("receipt.reprint", id=sold, key="k1")
    assert error["data"]["kind"] == "window-closed"
    assert error["data"]["until"] in error["message"]
    terms = box.result("receipt.terms", id=sold)
    assert (terms["allowed"], terms["refusal"]) == (False, "window-closed")
    assert refusals(box) == [(sold, "window-closed")]
    assert box.fresh() == []


def test_copies_are_spent(make_box: MakeBox) -> None:
    box = make_box({"policy": {"reprint_copies": 2}})
    sold = sold_and_out(box)
    assert box.result("receipt.terms", id=sold)["copies_left"] == 2
    box.result("receipt.reprint", id=sold, key="k1")
    box.do("press", "KEY_F1", "--fast")
    box.wait_copy(sold, "customer", "printed", 2)
    error = box.error("receipt.reprint", id=sold, key="k3")
    assert error["data"]["kind"] == "copies-spent"
    box.do("press", "KEY_F1", "--fast")
    box.until(lambda: len(refusals(box)) == 2, "the press was refused, on record")
    assert box.events("reprint.refused")[-1]["doer"] == {"kind": "key", "key": "KEY_F1"}
    assert box.result("receipt.reprint", id=sold, key="k4", copy="merchant")["number"] == 1
    box.wait_copy(sold, "merchant", "printed", 1)
    assert [p.duplicate for p in box.fresh()] == [1, 2, 1]


def test_too_soon_says_when(make_box: MakeBox) -> None:
    box = make_box({"policy": {"reprint_interval": "1h"}})
    sold = sold_and_out(box)
    box.result("receipt.reprint", id=sold, key="k1")
    box.wait_copy(sold, "customer", "printed", 1)
    error = box.error("receipt.reprint", id=sold, key="k2")
    assert error["data"]["kind"] == "too-soon"
    assert error["data"]["until"] == box.result("receipt.terms", id=sold)["next_at"]


def test_a_supervisor_is_needed_from_an_amount_on(make_box: MakeBox) -> None:
    box = make_box({"policy": {"supervisor_from": "36.00"}})
    sold = sold_and_out(box)
    small = box.sell(
        cash(
            box.new_id(),
            total="35.99",
            items=[{"name": "茶", "quantity": "1", "price": "35.99", "amount": "35.99"}],
            payments=[{"method": "cash", "amount": "35.99"}],
        )
    )
    box.wait_copy(small, "customer", "printed")
    box.fresh()
    box.do("press", "KEY_F2", "KEY_1", "KEY_ENTER", "--fast")
    box.until(lambda: refusals(box) == [(sold, "needs-supervisor")], "a key alone is not enough")
    box.do("press", "KEY_F1", "--fast")
    box.wait_copy(small, "customer", "printed", 1)
    assert box.result("receipt.terms", id=sold)["approval"] == "supervisor"
    box.result("receipt.reprint", id=sold, key="k1")  # this peer holds every role
    box.wait_copy(sold, "customer", "printed", 1)
    assert [p.sale for p in box.fresh()] == [small, sold]


def test_busy_hours_refuse_and_say_until_when(make_box: MakeBox) -> None:
    box = make_box({"policy": {"busy_hours": ["00:00-12:00", "12:00-00:00"]}})
    sold = sold_and_out(box)
    error = box.error("receipt.reprint", id=sold, key="k1")
    assert error["data"]["kind"] == "busy-hours"
    assert error["data"]["until"][11:19] in ("12:00:00", "00:00:00")
    assert error["data"]["until"].endswith("+08:00"), "the terminal's own zone"
    assert box.fresh() == []


def test_without_paper_the_key_prints_nothing_later(box: Box) -> None:
    sold = sold_and_out(box)
    box.do("paper-out")
    box.wait_device("printer", "attention", "paper-end")
    box.do("press", "KEY_F1", "--fast")
    box.until(lambda: refusals(box) == [(sold, "device-fault")], "the press was refused, on record")
    error = box.error("receipt.reprint", id=sold, key="k1")
    assert error["data"]["kind"] == "device-fault"
    box.do("paper-in")
    after = box.sell()
    box.wait_copy(after, "customer", "printed")
    assert [p.sale for p in box.fresh()] == [after, after], "nobody stands there any more"


def test_a_waiting_copy_is_withdrawn_by_the_cancel_key(box: Box) -> None:
    sold = sold_and_out(box)
    box.do("slow", "600")
    live = box.sell()
    box.result("receipt.reprint", id=sold, key="k1")
    box.do("press", "KEY_F2", "KEY_1", "KEY_ENTER", "--fast")
    box.wait_copy(sold, "customer", "queued", 2)
    box.do("press", "KEY_ESC", "--fast")
    box.wait_copy(sold, "customer", "cancelled", 2)
    assert box.copy(sold, "customer", 1)["state"] != "cancelled", "the till asked for that one"
    box.do("slow", "0")
    box.wait_copy(live, "customer", "printed")
    after = box.sell()
    box.wait_copy(after, "customer", "printed")
    box.wait_copy(sold, "customer", "printed", 1)
    assert sorted(str(p.sale) for p in box.fresh()) == sorted([live, live, after, after, sold])


def test_there_is_no_copy_of_what_is_not_there(box: Box) -> None:
    assert box.error("receipt.reprint", id="last", key="k1")["data"]["kind"] == "not-found"
    assert box.error("receipt.reprint", id="nobody", key="k1")["data"]["kind"] == "not-found"
    box.do("press", "KEY_F1", "--fast")
    box.do("press", "KEY_F3", "--fast")
    box.do("press", "KEY_ESC", "--fast")
    sold_and_out(box)
    assert box.result("posd.status")["state"] == "ready"
