"""Shifts: every event carries the operator, a handover loses nothing, the next operator confirms it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from posd.desk.apply import forget
from posd.desk.handover import OPEN_SHOWN
from posd.desk.shift_state import LINES_MAX, OPEN_NAMED
from posd.domain import events as ev
from posd.domain import requests as rq
from posd.domain.device import SignOutcome
from tests.unit.desk.shop import DAY_MS, TILL, Shop, folded, lasting, refused
from tests.unit.domain.samples import cash, sale


def opened(toml: str = "", **more: Any) -> Shop:
    shop = Shop(toml, **more)
    shop.ask(rq.ShiftOpen("07", "o1"))
    return shop


def test_every_event_of_a_shift_carries_its_operator() -> None:
    shop = opened(pad="absent")
    before = len(shop.log)
    shop.submit(sale(id="t1"))
    shop.print_all()
    shop.press("reprint-last")
    shop.print_all()
    assert {e.doer.operator for e in shop.log[before:]} == {"07"}
    assert "by keypad" in shop.paper[-1]
    assert shop.copy("t1", "customer", 1).doer.operator == "07"
    shop.ask(rq.ShiftClose("c1", slip=False))
    shop.submit(cash(id="t2"))
    assert shop.events(ev.TransactionAccepted)[-1].doer == TILL


def test_the_handover_says_what_was_taken_printed_and_is_open() -> None:
    shop = opened(pad="absent")
    shop.submit(cash("10.00", id="t1"))
    shop.submit(cash("2.50", id="t2"))
    shop.submit(sale(id="t3"))
    shop.submit(cash("1.00", id="t4", type="refund"))
    shop.print_all()
    shop.reprint("t1")
    shop.print_all()
    answer = shop.ask(rq.ShiftClose("c1"))
    assert [(t.type, t.method, t.count, t.amount) for t in answer.lines] == [
        ("refund", "cash", 1, "1.00"),
        ("sale", "card", 1, "36.00"),
        ("sale", "cash", 2, "12.50"),
    ]
    assert answer.counts == {"unsigned": 1, "originals": 8, "copies": 1}
    assert answer.open == list(shop.state.open)
    assert (answer.state, answer.operator, answer.job) == ("closed", "07", shop.job)
    slip = shop.paper[-1]
    for words in ("交接班单", "07", "12.50 CNY", "t3", answer.id):
        assert words in slip
    assert [e.why for e in shop.events(ev.ExceptionsSwept)] == ["shift"]
    assert lasting(folded(shop.log)) == lasting(shop.state)
    shop.restart()
    again = shop.ask(rq.ShiftClose("c1"))
    assert (again.lines, again.counts, again.open) == (answer.lines, answer.counts, answer.open)


def test_a_journal_without_room_for_sales_takes_a_change_of_shift_and_is_not_swept_for_it() -> None:
    shop = opened()
    handover = shop.ask(rq.ShiftClose("c1"), full=True)
    assert shop.ask(rq.ShiftOpen("08", "o2", handover.id), full=True).operator == "08"
    assert not shop.events(ev.ExceptionsSwept)


def test_the_slip_goes_behind_what_waits_and_a_dead_printer_holds_up_no_change() -> None:
    shop = opened(printer="faulted")
    shop.submit(cash(id="t1"))
    answer = shop.ask(rq.ShiftClose("c1"))
    assert answer.state == "closed"
    shop.report("printer", "ready")
    jobs = shop.print_all()
    assert jobs[-1] == answer.job
    assert len(jobs) == 3


def test_the_slip_of_a_shift_that_was_taken_over_meanwhile_is_not_printed() -> None:
    shop = opened(printer="faulted")
    answer = shop.ask(rq.ShiftClose("c1"))
    shop.ask(rq.ShiftOpen("08", "o2", answer.id))
    assert shop.events(ev.SelftestChanged)[-1].cause == "stale"
    shop.report("printer", "ready")
    assert shop.job is None


@pytest.mark.parametrize("restart", [False, True])
def test_the_slip_waits_for_the_printer_until_the_shift_is_taken_over(restart: bool) -> None:
    shop = opened(printer="faulted")
    answer = shop.ask(rq.ShiftClose("c1"))
    shop.pass_time(DAY_MS)
    shop.tick()
    if restart:
        shop.restart()
    shop.report("printer", "ready")
    assert shop.print_all() == [answer.job]
    assert answer.id in shop.paper[-1]


def test_the_slip_that_was_on_the_printer_at_a_restart_is_not_sent_again() -> None:
    shop = opened()
    answer = shop.ask(rq.ShiftClose("c1"))
    assert shop.job == answer.job
    shop.restart()
    shop.report("printer", "ready")
    assert shop.job is None
    assert shop.events(ev.SelftestChanged)[-1].state == "unknown"


def test_a_journal_of_an_early_posd_may_have_a_slip_that_waits_for_a_shift_long_past() -> None:
    shop = opened(printer="faulted")
    answer = shop.ask(rq.ShiftClose("c1"))
    shop.ask(rq.ShiftOpen("08", "o2", answer.id))
    shop.log = [e for e in shop.log if not (isinstance(e, ev.SelftestChanged) and e.cause == "stale")]
    shop.restart()
    shop.report("printer", "ready")
    assert shop.job is None
    assert shop.events(ev.SelftestChanged)[-1].cause == "restart"


def test_a_self_test_that_is_asked_for_while_a_handover_waits_prints_behind_it() -> None:
    shop = opened()
    shop.submit(cash(id="t1"))
    handover = shop.ask(rq.ShiftClose("c1")).job
    test = shop.ask(rq.SelftestAsk("s1")).job
    assert shop.print_all()[2:] == [handover, test]


def test_a_handover_has_totals_where_there_are_several_methods_and_says_what_is_not_named() -> None:
    shop = opened("[terminal]\nlocale = 'en'", pad="absent", printer="ready")
    shop.submit(cash("10.00", id="t1"))
    shop.submit(cash("5.00", id="t2", payments=[{"method": "meal-ticket", "amount": "5.00"}]))
    for number in range(OPEN_NAMED + 1):
        shop.submit(sale(id=f"s{number}"))
    shop.print_all()
    answer = shop.ask(rq.ShiftClose("c1"))
    assert (answer.open_count, answer.open) == (OPEN_NAMED + 1, list(shop.state.open)[:OPEN_NAMED])
    assert shop.ask(rq.ShiftShow()).open == answer.open
    for line in (
        "Sale cash x1 10.00 CNY",
        "Sale meal-ticket x1 5.00 CNY",
        "Sale total x503 18051.00 CNY",
        "Open exceptions 501",
        f"and more {OPEN_NAMED + 1 - OPEN_SHOWN}",
    ):
        assert line in shop.paper[-1]
    assert shop.state.shift == folded(shop.log).shift


def test_a_record_of_an_early_posd_named_all_that_was_open() -> None:
    shop = opened(pad="absent")
    shop.submit(sale(id="t1"))
    shop.print_all()
    shop.ask(rq.ShiftClose("c1", slip=False))
    early = [msgspec.structs.replace(e, open_count=0) if isinstance(e, ev.ShiftClosed) else e for e in shop.log]
    shift = folded(early).shift
    assert shift is not None
    assert shift.open_count == 1


def test_the_next_operator_confirms_the_handover() -> None:
    shop = opened()
    answer = shop.ask(rq.ShiftClose("c1", slip=False))
    assert refused(shop, rq.ShiftOpen("08", "o2")).field == "confirms"
    assert refused(shop, rq.ShiftOpen("08", "o2", "h999")).field == "confirms"
    assert shop.ask(rq.ShiftOpen("08", "o2", answer.id)).operator == "08"
    assert shop.events(ev.ShiftOpened)[-1].confirms == answer.id
    assert refused(shop, rq.ShiftOpen("09", "o3", answer.id)).kind == "conflict"


def test_the_same_key_is_the_same_answer() -> None:
    shop = Shop()
    first = shop.ask(rq.ShiftOpen("07", "o1"))
    before = len(shop.log)
    assert shop.ask(rq.ShiftOpen("07", "o1")) == first
    assert len(shop.log) == before
    assert refused(shop, rq.ShiftOpen("08", "o1")).field == "key"
    closed = shop.ask(rq.ShiftClose("c1", slip=False))
    assert shop.ask(rq.ShiftClose("c1", slip=False)) == closed
    assert refused(shop, rq.ShiftClose("c1")).field == "key"
    assert refused(shop, rq.ShiftClose("c2")).kind == "conflict"


def test_a_signature_that_waits_when_the_shift_changes_is_missing_by_handover() -> None:
    shop = opened()
    shop.submit(sale(id="t1"))
    shop.submit(sale(id="t2"))
    on_pad = shop.session
    answer = shop.ask(rq.ShiftClose("c1", slip=False))
    assert shop.sale("t2").signature.cause == "handover"
    assert answer.signing == ["t1"]
    assert on_pad is not None
    shop.give(SignOutcome(on_pad, "cancelled"))
    missing = shop.events(ev.SignatureMissing)
    assert [(e.id, e.cause) for e in missing] == [("t2", "handover"), ("t1", "handover")]
    assert {kind for kind, *_ in shop.open_items()} == {"unsigned"}
    assert shop.state.calling_off is None
    shop.ask(rq.Resign("t1", "r1"))
    shop.press("cancel")
    shop.signs_not("cancelled")
    assert shop.events(ev.SignatureMissing)[-1].cause == "procedure"


def test_a_customer_who_is_faster_than_the_change_has_signed() -> None:
    shop = opened()
    shop.submit(sale(id="t1"))
    shop.ask(rq.ShiftClose("c1", slip=False))
    shop.signs()
    assert shop.sale("t1").signature.state == "captured"
    assert shop.state.calling_off is None


@pytest.mark.parametrize(("without", "counted"), [("allowed", None), ("marked", 2)])
def test_sales_without_a_shift_are_taken_and_marked_where_the_shop_wants_it(without: str, counted: int | None) -> None:
    shop = Shop(f'[shifts]\nwithout = "{without}"')
    shop.submit(cash(id="t1"))
    shop.submit(cash(id="t2"))
    assert [e.without_shift for e in shop.events(ev.TransactionAccepted)] == [without == "marked"] * 2
    shop.ask(rq.ShiftOpen("07", "o1"))
    shop.submit(cash(id="t3"))
    assert not shop.events(ev.TransactionAccepted)[-1].without_shift
    assert shop.ask(rq.ShiftShow()).counts.get("without-shift") == counted


def test_a_shift_outlives_the_ring() -> None:
    shop = opened()
    shop.submit(cash(id="t1"))
    shop.print_all()
    shop.submit(cash(id="t2"))
    shop.print_all()
    before = shop.ask(rq.ShiftShow())
    forget(shop.state, shop.sale("t2").seq)
    shop.tick()
    carried = shop.events(ev.ShiftCarried)
    assert len(carried) == 1
    first = shop.sale("t2").seq
    shop.state = folded(shop.log, first)
    assert shop.ask(rq.ShiftShow()) == before
    shop.ask(rq.ShiftClose("c1", slip=False))
    closed = shop.ask(rq.ShiftShow())
    forget(shop.state, shop.state.seq + 1)
    shop.tick()
    shop.state = folded(shop.log, len(shop.log))
    after = shop.ask(rq.ShiftShow())
    assert (after.state, after.lines, after.counts, after.id) == ("closed", closed.lines, closed.counts, closed.id)


def test_kinds_of_payment_are_bounded() -> None:
    shop = opened()
    for number in range(LINES_MAX + 3):
        shop.submit(cash("1.00", id=f"t{number}", payments=[{"method": f"m{number:02}", "amount": "1.00"}]))
    lines = shop.ask(rq.ShiftShow()).lines
    assert len(lines) == LINES_MAX + 1
    assert [(t.count, t.amount) for t in lines if t.method == "other"] == [(3, "3.00")]


def test_nobody_hands_over_what_is_not_open() -> None:
    shop = Shop()
    assert shop.ask(rq.ShiftShow()).state == "none"
    assert refused(shop, rq.ShiftClose("c1")).kind == "conflict"
