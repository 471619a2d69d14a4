"""What the desk asks back at the keypad, and what it takes for an answer."""

from __future__ import annotations

import pytest

from posd.desk.presses import QUESTION_MS
from posd.domain import events as ev
from posd.domain import requests as rq
from posd.domain.device import KeyAnswer
from posd.domain.doer import Doer
from tests.unit.desk.shop import Shop
from tests.unit.domain.samples import cash

ONE = '[slip]\ncopies = ["customer"]\n'
KEY = Doer(kind="key", key="KEY_F1")


def unknown(*sales: str) -> Shop:
    """A shop in which nobody knows whether the slips of these sales came out."""
    shop = Shop(ONE)
    for sale in sales:
        shop.submit(cash(id=sale))
        shop.unknown()
        shop.report("printer", "ready")
    return shop


@pytest.mark.parametrize(("reply", "ends"), [("yes", "printed"), ("no", "queued")])
def test_an_unknown_copy_is_named_and_settled_by_the_one_key(reply: str, ends: str) -> None:
    shop = unknown("t1")
    shop.report("printer", "attention", "paper-end")
    asked = shop.key("settle")
    assert asked == KeyAnswer("settle", asked.press, id="t1", receipt="000001", copy="customer")
    assert shop.press(reply)
    assert shop.copies("t1") == {"c0": ends}
    (event,) = shop.events(ev.CopySettled)
    assert (event.doer, event.printed) == (KEY, reply == "yes")
    assert not shop.press(reply), "once"
    assert shop.key("settle").why == "not-found"


def test_what_is_settled_is_what_was_asked_about_although_something_newer_came() -> None:
    shop = unknown("t1")
    shop.key("settle")
    shop.submit(cash(id="t2"))
    shop.unknown()
    assert shop.press("yes")
    assert (shop.copies("t1"), shop.copies("t2")) == ({"c0": "printed"}, {"c0": "unknown"})
    assert shop.key("settle").id == "t2"


def test_the_newest_unknown_copy_is_asked_about_first_and_a_copy_by_its_number() -> None:
    shop = unknown("t1", "t2")
    assert shop.key("settle").id == "t2"
    assert shop.press("yes")
    shop.press("reprint-number", "1")
    shop.unknown()
    asked = shop.key("settle")
    assert (asked.id, asked.number) == ("t1", 1)


def test_an_answer_too_late_or_to_another_question_does_nothing() -> None:
    shop = unknown("t1")
    for spoil in (
        lambda: shop.pass_time(QUESTION_MS + 1),
        lambda: shop.key("cancel"),
        lambda: shop.key("shift"),
        lambda: shop.key("confirm"),
    ):
        shop.key("settle")
        spoil()
        assert shop.key("yes").why == "conflict"
    asked = shop.key("settle").press
    assert shop.key("yes", answers=asked - 1).why == "conflict"
    assert shop.copies("t1") == {"c0": "unknown"}
    assert shop.key("take-over", "08").why == "conflict"
    assert shop.events(ev.ShiftOpened) == []


def test_somebody_else_may_settle_it_meanwhile() -> None:
    shop = unknown("t1")
    shop.key("settle")
    shop.settle("t1", True)
    assert shop.key("no").why == "conflict"
    assert shop.copies("t1") == {"c0": "printed"}


def test_a_shift_is_closed_by_confirming_its_handover_prints_and_the_next_operator_takes_over() -> None:
    shop = Shop(ONE)
    assert shop.key("shift") == KeyAnswer("take-over", 1), "none was ever open"
    assert shop.press("take-over", "07")
    first = shop.state.shift
    assert first is not None
    assert first.operator == "07"
    closing = shop.key("shift")
    assert (closing.answer, closing.operator, closing.request) == ("close-shift", "07", first.id)
    following = shop.key("confirm")
    assert (following.answer, following.request) == ("take-over", first.id)
    assert "HANDOVER" in shop.paper[-1] or "交接班单" in shop.paper[-1]
    assert shop.press("take-over", "08")
    opened = shop.events(ev.ShiftOpened)
    assert [(e.operator, e.confirms, e.doer.key) for e in opened] == [
        ("07", None, "KEY_F1"),
        ("08", first.id, "KEY_F1"),
    ]
    assert [e.operator for e in shop.events(ev.ShiftClosed)] == ["07"]


def test_the_next_operator_may_come_later() -> None:
    shop = Shop(ONE)
    shop.key("shift")
    shop.key("take-over", "07")
    shop.key("shift")
    shop.key("confirm")
    shop.pass_time(3_600_000)
    assert shop.key("take-over", "08").why == "conflict"
    assert shop.key("shift").answer == "take-over"
    assert shop.press("take-over", "08")


def test_the_shift_that_is_closed_is_the_one_that_was_asked_about() -> None:
    shop = Shop(ONE)
    shop.ask(rq.ShiftOpen("07", "o1"))
    shop.key("shift")
    handover = shop.ask(rq.ShiftClose("c1", slip=False)).id
    shop.ask(rq.ShiftOpen("08", "o2", confirms=handover))
    assert shop.key("confirm").why == "conflict"
    assert shop.state.shift is not None
    assert (shop.state.shift.operator, shop.state.shift.state) == ("08", "open")


def test_a_copy_to_confirm_is_the_one_that_was_asked_for() -> None:
    shop = Shop(ONE + '[policy]\none_press_below = "30.00"')
    for sale in ("t1", "t2"):
        shop.submit(cash(id=sale))
    shop.print_all()
    asked = shop.key("reprint-last")
    assert (asked.answer, asked.id, asked.receipt) == ("confirm", "t2", "000002")
    shop.submit(cash(id="t3"))
    shop.print_all()
    assert shop.press("confirm")
    assert shop.print_all() == ["000002-c1"]


def test_one_question_has_one_answer() -> None:
    shop = Shop(ONE + '[policy]\none_press_below = "30.00"')
    shop.submit(cash(id="t1"))
    shop.print_all()
    asked = shop.key("reprint-last").press
    assert shop.key("confirm", answers=asked).answer == "done"
    assert shop.key("confirm", answers=asked).why == "conflict"
    assert shop.print_all() == ["000001-c1"]


def test_cancel_withdraws_what_waits_for_a_supervisor_at_the_keypad_and_nobody_elses() -> None:
    shop = Shop(ONE + '[policy]\nsupervisor_from = "0"')
    shop.submit(cash(id="t1"))
    shop.print_all()
    shop.reprint("t1", approval="wait")
    assert shop.key("cancel").why == "not-found"
    assert len(shop.state.asking) == 1


def test_a_refusal_says_why_and_until_when() -> None:
    shop = Shop(ONE + '[policy]\nreprint_interval = "1h"')
    shop.submit(cash(id="t1"))
    shop.print_all()
    assert shop.press("reprint-last")
    shop.print_all()
    refused = shop.key("reprint-last")
    assert (refused.answer, refused.why) == ("refused", "too-soon")
    assert refused.until.startswith("2026-11-21T13:")
