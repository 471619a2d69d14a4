"""A supervisor's PIN at the keypad: tries are counted before they are looked at, locked out, and survive everything."""

from __future__ import annotations

import dataclasses

import pytest
from msgspec.structs import replace

from posd.config import KeypadSection
from posd.desk import asking
from posd.desk.apply import forget
from posd.domain import events as ev
from posd.domain.device import KeyAnswer
from posd.domain.doer import Doer
from tests.unit.desk.shop import DAY_MS, Shop, folded
from tests.unit.domain.samples import cash

MINUTE_MS = 60_000
TOML = '[slip]\ncopies = ["customer"]\n[policy]\nsupervisor_from = "0"\n'


def sold(sales: int = 1, more: str = "", **keypad: object) -> Shop:
    """A shop in which supervisors have PINs, and whose copies all need one."""
    shop = Shop(TOML + more)
    shop.rules = dataclasses.replace(shop.rules, keypad=KeypadSection(**keypad), pins=True)  # type: ignore[arg-type]
    for n in range(1, sales + 1):
        shop.submit(cash(id=f"t{n}"))
    shop.print_all()
    return shop


def gives(shop: Shop, right: bool, operator: str = "12") -> KeyAnswer:
    """Somebody types a number and a PIN; the desk's last word."""
    asked = shop.key("approve")
    if asked.answer == "refused":
        return asked
    tried = shop.key("pin", operator)
    return tried if tried.answer == "refused" else shop.key("pin-right" if right else "pin-wrong", operator)


def test_a_press_that_needs_a_supervisor_waits_for_one_and_a_pin_approves_it() -> None:
    shop = sold()
    asked = shop.key("reprint-last")
    assert asked == KeyAnswer("approve", asked.press, id="t1", receipt="000001", copy="customer", request="r6")
    assert "r6" in shop.state.asking
    tried = shop.key("pin", "12")
    assert tried == replace(asked, answer="check", press=tried.press, operator="12")
    assert shop.press("pin-right", "12")
    decided = shop.events(ev.ReprintDecided)[-1]
    assert decided.outcome == "approved"
    assert decided.request == "r6"
    assert decided.doer == Doer(kind="key", key="KEY_F1", roles=("supervisor",), supervisor="12")
    assert shop.events(ev.ReprintRequested)[-1].doer == Doer(kind="key", key="KEY_F1"), "the copy is the asker's"
    assert shop.print_all() == ["000001-c1"]
    assert not shop.press("pin-right", "12"), "once"


def test_pressing_again_asks_about_the_same_request() -> None:
    shop = sold()
    first = shop.key("reprint-last").request
    assert shop.key("reprint-number", "1").request == first
    assert shop.key("approve").request == first
    assert len(shop.state.asking) == 1


def test_the_newest_of_the_keypad_is_asked_about_then_the_oldest_of_others() -> None:
    shop = sold(4)
    others = [shop.reprint(f"t{n}", f"k{n}", approval="wait").job for n in (1, 2)]
    assert shop.key("approve").request == others[0]
    for number in "34":
        shop.key("reprint-number", number)
    asked = shop.key("approve")
    assert (asked.id, asked.receipt) == ("t4", "000004")
    assert shop.key("pin", "12").request == asked.request
    assert shop.press("pin-right", "12")
    assert shop.key("approve").id == "t3"


def test_without_pins_a_press_is_refused_as_before() -> None:
    shop = sold()
    shop.rules = dataclasses.replace(shop.rules, pins=False)
    assert shop.key("reprint-last").why == "needs-supervisor"
    assert shop.key("approve").why == "unsupported"
    shop.reprint("t1", approval="wait")
    assert shop.key("reprint-last").why == "needs-supervisor"


def test_what_was_decided_meanwhile_is_not_approved_and_nothing_else_is() -> None:
    shop = sold(2)
    shop.reprint("t1", "k1", approval="wait")
    shop.reprint("t2", "k2", approval="wait")
    asked = shop.key("approve")
    shop.key("pin", "12")
    shop.pass_time(asking.WAIT_MS + 1)
    shop.tick()
    assert shop.key("pin-right", "12").why == "conflict"
    assert shop.print_all() == []
    assert asked.id == "t1"


def test_a_try_is_on_record_before_the_pin_is_looked_at_and_names_request_and_key() -> None:
    shop = sold()
    shop.key("reprint-last")
    shop.key("pin", "12")
    (event,) = shop.events(ev.PinTried)
    assert (event.operator, event.request, event.tries, event.until) == ("12", "r6", 1, 0)
    assert event.doer == Doer(kind="key", key="KEY_F1")
    shop.restart()
    assert shop.state.tries["12"].tries == 1, "the plug was pulled: it counts as wrong"


def test_after_three_wrong_ones_none_is_looked_at_for_a_minute_then_two_then_four() -> None:
    shop = sold()
    shop.key("reprint-last")
    for _ in range(3):
        assert gives(shop, right=False).why == "denied"
    for minutes in (1, 2, 4, 8):
        asking_again = [gives(shop, right=True)]
        shop.pass_time(minutes * MINUTE_MS - 1)
        shop.key("reprint-last")
        asking_again.append(gives(shop, right=True))
        for locked in asking_again:
            assert (locked.answer, locked.why) == ("refused", "too-soon")
            assert locked.until
        shop.pass_time(1)
        shop.key("reprint-last")
        assert gives(shop, right=False).why == "denied"
    assert shop.copies("t1") == {"c0": "printed"}
    assert len(shop.events(ev.PinTried)) == 7, "what is not looked at is no try"


def test_the_lock_holds_over_a_restart_and_grows_to_a_day_at_most() -> None:
    shop = sold(pin_tries=1, pin_lock="1h")
    for _ in range(12):
        shop.key("reprint-last")
        assert gives(shop, right=False).why == "denied"
        shop.restart()
        shop.report("printer", "ready")
        shop.key("reprint-last")
        assert gives(shop, right=True).why == "too-soon"
        shop.pass_time(min(1 << (len(shop.events(ev.PinTried)) - 1), 24) * 3_600_000)
    waits = [e.until - e.time for e in shop.events(ev.PinTried)]
    assert waits == [min(1 << n, 24) * 3_600_000 for n in range(12)]
    shop.key("reprint-last")
    assert gives(shop, right=True).answer == "done"


def test_a_right_one_ends_the_counting_of_its_own_number_only() -> None:
    shop = sold()
    for number in ("12", "13"):
        for _ in range(2):
            shop.key("reprint-last")
            assert gives(shop, False, number).why == "denied"
    shop.key("reprint-last")
    assert gives(shop, True, "12").answer == "done"
    assert {number: known.tries for number, known in shop.state.tries.items()} == {"13": 2}
    shop.print_all()
    shop.key("reprint-last")
    assert gives(shop, False, "13").why == "denied"
    assert gives(shop, True, "13").why == "too-soon"


def test_numbers_that_nobody_has_are_counted_as_one() -> None:
    shop = sold()
    shop.key("reprint-last")
    for _ in range(3):
        assert gives(shop, False, "").why == "denied"
    assert gives(shop, False, "").why == "too-soon"
    assert gives(shop, True, "12").answer == "done"


@pytest.mark.parametrize("back", [3_600_000, -3_600_000])
def test_setting_the_clock_shortens_no_lock(back: int) -> None:
    shop = sold()
    shop.pass_time(DAY_MS)
    shop.key("reprint-last")
    for _ in range(3):
        gives(shop, right=False)
    shop.ms += back
    shop.key("reprint-last")
    assert gives(shop, right=True).why == "too-soon"
    shop.pass_time(MINUTE_MS)
    shop.key("reprint-last")
    assert gives(shop, right=True).answer == "done"


def test_a_right_pin_that_the_rules_do_not_follow_is_no_wrong_one() -> None:
    shop = sold()
    shop.key("reprint-last")
    shop.key("pin", "12")
    shop.report("printer", "attention", "paper-end")
    assert shop.key("pin-right", "12").why == "device-fault"
    assert shop.state.tries == {}
    assert len(shop.state.asking) == 1
    refused = shop.events(ev.ReprintRefused)[-1]
    assert refused.doer.supervisor == "12"


def test_a_right_pin_too_late_ends_the_counting_and_approves_nothing() -> None:
    shop = sold()
    shop.key("reprint-last")
    shop.key("pin", "12")
    shop.key("settle")
    assert shop.key("pin-right", "12", answers=2).why == "conflict"
    assert shop.state.tries == {}
    assert shop.print_all() == []


def test_the_counts_do_not_leave_with_the_ring() -> None:
    shop = sold()
    shop.key("reprint-last")
    for _ in range(3):
        gives(shop, right=False)
    until = shop.state.tries["12"].until_ms
    forget(shop.state, shop.state.seq + 1)
    shop.tick()
    assert [(e.operator, e.tries, e.until) for e in shop.events(ev.PinCarried)] == [("12", 3, until)]
    after = folded(shop.log[-1:])
    assert after.tries["12"].tries == 3
    assert after.tries["12"].until_ms == until
    shop.tick()
    assert len(shop.events(ev.PinCarried)) == 1


def test_the_cancel_key_withdraws_what_waits_for_a_supervisor() -> None:
    shop = sold()
    shop.key("reprint-last")
    assert shop.press("cancel")
    assert shop.events(ev.ReprintDecided)[-1].outcome == "cancelled"
    assert shop.key("approve").why == "not-found"
