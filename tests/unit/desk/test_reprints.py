"""A copy on request: what it carries, whose key, when the original itself is released, and what is refused."""

from __future__ import annotations

import re
from typing import Any

import pytest

from posd.domain import events as ev
from posd.domain import requests as rq
from posd.domain.doer import Doer
from posd.domain.errors import Refusal
from tests.unit.desk.shop import SUPERVISOR, TILL, Shop
from tests.unit.domain.samples import cash, sale

ONE = '[slip]\ncopies = ["customer"]\n'


def sold(toml: str = ONE, document: dict[str, Any] | None = None) -> Shop:
    """A shop with the sale `t1`, printed."""
    shop = Shop(toml, pad="absent")
    shop.submit(document or cash(id="t1"))
    shop.print_all()
    return shop


def refusal_of(shop: Shop, *args: Any, **more: Any) -> Refusal:
    """The refusal, which stands in the journal too, and prints nothing."""
    jobs = len(shop.jobs)
    with pytest.raises(Refusal) as caught:
        shop.reprint(*args, **more)
    recorded = shop.log[-1]
    assert isinstance(recorded, ev.ReprintRefused)
    assert (recorded.kind, recorded.message, recorded.until) == (
        caught.value.kind,
        caught.value.message,
        caught.value.until,
    )
    assert len(shop.jobs) == jobs
    return caught.value


def test_a_reprint_carries_its_number_both_times_and_who_asked_around_the_same_body() -> None:
    shop = sold()
    shop.pass_time(3_600_000)
    answer = shop.reprint("t1", reason="customer lost it")
    assert (answer.job, answer.number, answer.state) == ("000001-c1", 1, "queued")
    first, again = shop.paper
    assert (
        "DUPLICATE 1 printed 2026-11-21T12:00:00+08:00 again 2026-11-21T13:00:00+08:00 by cashier: "
        "customer lost it\n" in again
    )
    assert first.splitlines()[0] in again.splitlines()
    assert again.splitlines()[0] == again.splitlines()[-2], "the mark stands at the top and at the bottom"


def test_reprints_count_on_for_each_copy_by_itself() -> None:
    shop = sold("")
    numbers = []
    for i, copy in enumerate(["customer", "merchant", "customer", "customer", "merchant"]):
        numbers.append((copy, shop.reprint("t1", f"k{i}", copy=copy).number))
        shop.print_all()
    assert numbers == [("customer", 1), ("merchant", 1), ("customer", 2), ("customer", 3), ("merchant", 2)]


def test_last_is_the_newest_sale() -> None:
    shop = sold()
    shop.submit(cash(id="t2"))
    shop.print_all()
    assert shop.reprint("last").job == "000002-c1"


def test_the_same_key_and_content_is_the_same_copy() -> None:
    shop = sold()
    first = shop.reprint("t1", "k1")
    shop.printed()
    events = len(shop.log)
    again = shop.reprint("t1", "k1")
    assert (again.job, again.number, again.state) == (first.job, first.number, "printed")
    assert (len(shop.log), len(shop.jobs)) == (events, 2)


def test_a_key_holds_over_a_restart() -> None:
    shop = sold()
    first = shop.reprint("t1", "k1")
    shop.printed()
    shop.restart()
    shop.report("printer", "ready")
    assert shop.reprint("t1", "k1").job == first.job
    assert len(shop.jobs) == 2


@pytest.mark.parametrize("changes", [{"reason": "other"}, {"copy": "merchant"}, {"amount": "36.00"}])
def test_the_same_key_with_other_content_is_a_conflict(changes: dict[str, Any]) -> None:
    shop = sold("")
    shop.reprint("t1", "k1")
    shop.printed()
    jobs = len(shop.jobs)
    with pytest.raises(Refusal) as caught:
        shop.reprint("t1", "k1", **changes)
    assert (caught.value.kind, caught.value.field) == ("conflict", "key")
    assert len(shop.jobs) == jobs


def test_last_under_a_key_stays_what_it_was() -> None:
    shop = sold()
    shop.reprint("last", "k1")
    shop.submit(cash(id="t2"))
    shop.print_all()
    assert shop.reprint("last", "k1").job == "000001-c1"


def test_a_refused_request_leaves_its_key_free() -> None:
    shop = sold()
    shop.report("printer", "attention", "paper-end")
    assert refusal_of(shop, "t1", "k1").kind == "device-fault"
    shop.report("printer", "ready")
    assert shop.reprint("t1", "k1").number == 1


def test_a_copy_that_provably_did_not_come_out_is_released_itself_without_a_mark() -> None:
    shop = Shop(ONE)
    shop.submit(cash(id="t1"))
    shop.fails()
    answer = shop.reprint("t1")
    assert (answer.number, answer.job) == (0, "000001-c0")
    shop.pass_time(1000)
    shop.tick()
    shop.printed()
    assert "DUPLICATE" not in shop.paper[-1]
    assert shop.open_items() == []
    assert shop.reprint("t1", "k2").number == 1


def test_an_unknown_copy_is_not_released_but_reprinted_with_both_marks() -> None:
    shop = Shop(ONE)
    shop.submit(cash(id="t1"))
    shop.unknown()
    assert shop.reprint("t1").number == 1
    assert "DUPLICATE 1 printed None" in shop.paper[-1]
    assert "POSSIBLE DUPLICATE" in shop.paper[-1]


def test_a_reprint_that_grew_too_old_is_released_by_the_next_request_and_counts_once() -> None:
    shop = sold(ONE + "[policy]\nreprint_copies = 1")
    shop.reprint("t1", "k1")
    shop.fails()
    shop.pass_time(600_001)
    shop.tick()
    assert shop.open_items("t1") == [("unprinted", "device", "customer", 1)]
    assert shop.reprint("t1", "k2", SUPERVISOR).number == 1
    assert "DUPLICATE 1" in shop.paper[-1]
    assert "by supervisor" in shop.paper[-1]
    shop.printed()
    assert (shop.open_items(), shop.sale("t1").owed) == ([], False)
    assert refusal_of(shop, "t1", "k3").kind == "copies-spent"


def test_a_copy_that_is_printing_makes_the_asker_wait() -> None:
    shop = Shop(ONE)
    shop.submit(cash(id="t1"))
    assert refusal_of(shop, "t1").kind == "busy"


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("absent", "device-absent"),
        ("opening", "device-absent"),
        ("attention", "device-fault"),
        ("faulted", "device-fault"),
    ],
)
def test_who_stands_there_is_told_at_once_that_the_printer_cannot(state: str, kind: str) -> None:
    shop = sold()
    shop.report("printer", state, *(["cover-open"] if state == "attention" else []))
    refusal = refusal_of(shop, "t1")
    assert refusal.kind == kind
    assert ("cover-open" if state == "attention" else state) in refusal.message


def test_who_asked_for_a_refused_copy_stands_in_the_journal() -> None:
    shop = sold()
    refusal_of(shop, "t1", doer=SUPERVISOR, amount="1.00")
    assert shop.log[-1].doer == SUPERVISOR


@pytest.mark.parametrize(
    ("stated", "right"),
    [
        ({"amount": "36.01"}, "36.00"),
        ({"type": "refund"}, "sale"),
        ({"last_four": "9999"}, "1234"),
        ({"receipt": "000002"}, "000001"),
    ],
)
def test_what_the_asker_states_must_match_and_the_right_value_is_not_told(stated: dict[str, Any], right: str) -> None:
    shop = sold(document=sale(id="t1"))
    refusal = refusal_of(shop, "t1", **stated)
    assert (refusal.kind, [refusal.field]) == ("mismatch", list(stated))
    assert right not in refusal.message


def test_nothing_in_a_mismatch_tells_how_near_it_was_and_of_several_the_first_is_named() -> None:
    wrong = {
        "amount": ["36.01", "3600.00", "0.01"],
        "last_four": ["1235", "9999", "0000"],
        "receipt": ["000002", "10", "x"],
        "date": ["2026-11-20", "1999-01-01"],
    }
    for field, values in wrong.items():
        shop = sold(document=sale(id="t1"))
        told = {refusal_of(shop, "t1", f"k{n}", **{field: value}).message for n, value in enumerate(values)}
        assert len(told) == 1, "every wrong value is told in the same words"
    shop = sold(document=sale(id="t1"))
    assert refusal_of(shop, "t1", "a", last_four="9999", type="void").field == "type"
    assert refusal_of(shop, "t1", "b", last_four="9999", amount="36.01").field == "amount"


def test_what_matches_is_printed() -> None:
    shop = sold(document=sale(id="t1"))
    assert shop.reprint("t1", amount="36", type="sale", last_four="1234", receipt="000001").number == 1
    assert shop.reprint("t1", "k2", receipt="1").number == 2, "as it is typed at the keypad"


def test_an_amount_that_is_none_is_invalid() -> None:
    refusal = refusal_of(sold(), "t1", amount="1e3")
    assert (refusal.kind, refusal.field) == ("invalid", "amount")


def test_a_copy_that_is_never_made_cannot_be_had() -> None:
    refusal = refusal_of(sold(), "t1", copy="merchant")
    assert (refusal.kind, refusal.field) == ("not-found", "copy")


@pytest.mark.parametrize("name", ["last", "nobody"])
def test_there_is_no_copy_of_nothing(name: str) -> None:
    with pytest.raises(Refusal) as caught:
        Shop().reprint(name)
    assert (caught.value.kind, caught.value.field) == ("not-found", "id")


# Keys on the keypad.


def test_a_key_press_prints_the_last_slip_and_the_key_stands_on_it() -> None:
    shop = sold()
    assert shop.press("reprint-last") is True
    assert "by keypad: 按键 key press" in shop.paper[-1]
    assert shop.events(ev.ReprintRequested)[-1].doer == Doer(kind="key", key="KEY_F1")
    shop.printed()
    assert shop.press("reprint-last") is True
    assert "DUPLICATE 2" in shop.paper[-1]


@pytest.mark.parametrize("typed", ["2", "02", "000002"])
def test_a_receipt_number_is_typed_without_its_zeros(typed: str) -> None:
    shop = sold()
    for i in (2, 3):
        shop.submit(cash(id=f"t{i}"))
    shop.print_all()
    assert shop.press("reprint-number", typed) is True
    assert shop.job == "000002-c1"


@pytest.mark.parametrize("typed", ["9", "", None, "99999999999999999999999999"])
def test_a_number_that_is_none_says_so_and_prints_nothing(typed: str | None) -> None:
    shop = sold()
    assert shop.press("reprint-number", typed) is False
    assert len(shop.jobs) == 1


def test_a_key_without_a_sale_or_printer_says_so() -> None:
    assert Shop().press("reprint-last") is False
    shop = sold()
    shop.report("printer", "attention", "paper-end")
    assert shop.press("reprint-last") is False
    assert shop.events(ev.ReprintRefused)[-1].doer.key == "KEY_F1"


def test_cancel_withdraws_the_newest_reprint_of_the_keypad_that_has_not_started_and_nothing_else() -> None:
    shop = sold(ONE)
    shop.submit(cash(id="t2"))
    shop.press("reprint-number", "1")
    shop.press("reprint-number", "1")
    shop.reprint("t1", "k1")
    assert shop.press("cancel") is True
    assert shop.copies("t1") == {"c0": "printed", "c1": "queued", "c2": "cancelled", "c3": "queued"}
    assert shop.press("cancel") is True
    assert shop.press("cancel") is False, "the last one is the till's"
    assert shop.print_all() == ["000002-c0", "000001-c3"]
    assert shop.reprint("t1", "k3").number == 4


def test_cancelling_a_reprint_closes_its_exception() -> None:
    shop = sold()
    shop.press("reprint-last")
    shop.fails()
    assert shop.open_items("t1") == [("unprinted", "device", "customer", 1)]
    assert shop.press("cancel") is True
    assert shop.open_items() == []
    assert not shop.sale("t1").owed
    assert re.fullmatch(r"x\d+", shop.events(ev.ExceptionClosed)[-1].id)
    assert TILL.uid == 1000


def test_with_little_room_a_new_copy_is_refused_unrecorded_and_what_is_owed_still_goes() -> None:
    """Law 6: the reserve of the journal is for the outcomes of what was accepted."""
    shop = sold()
    before = len(shop.log)
    for kind, stated in (("journal-full", {}), ("mismatch", {"amount": "1.00"})):
        with pytest.raises(Refusal) as caught:
            shop.ask(rq.ReprintAsk("t1", "k1", **stated), full=True)
        assert caught.value.kind == kind
    assert len(shop.log) == before, "refusals are not recorded while room is short"
    shop.report("printer", "attention", "paper-end")
    shop.submit(cash(id="t2"))
    shop.pass_time(11 * 60_000)
    shop.tick()
    shop.report("printer", "ready")
    assert shop.copy("t2").held
    shop.ask(rq.ReprintAsk("t2", "k3"), full=True)
    assert shop.print_all() == ["000002-c0"], "the original that never came out is released"


def test_a_copy_that_was_withdrawn_after_it_became_too_old_stays_withdrawn() -> None:
    shop = sold()
    job = shop.reprint("t1", "k1").job
    shop.report("printer", "attention", "paper-end")
    shop.fails()
    shop.pass_time(11 * 60_000)
    shop.tick()
    assert shop.copy("t1", number=1).held
    shop.ask(rq.ReprintCancel(job))
    shop.report("printer", "ready")
    assert shop.reprint("t1", "k2").job == "000001-c2"
    assert shop.print_all() == ["000001-c2"]
    assert shop.copy("t1", number=1).state == "cancelled"


# Reasons.

LISTED = ONE + '[policy]\nsupervisor_from = "30"\n[policy.reasons]\ngone = { zh_CN = "丢了", en = "gone" }\n'


def test_a_reason_that_is_not_the_shops_is_refused_on_record_with_the_list() -> None:
    shop = sold(LISTED)
    refusal = refusal_of(shop, "t1", doer=SUPERVISOR, note="at the beach")
    assert (refusal.kind, refusal.field) == ("invalid", "reason")
    assert "gone" in refusal.message
    assert (shop.log[-1].reason, shop.log[-1].note) == ("lost", "at the beach")  # type: ignore[union-attr]
    assert [r.reason for r in shop.ask(rq.Terms("t1")).reasons] == ["gone"]


def test_reason_and_note_stand_on_the_slip_in_its_language_also_after_an_approval() -> None:
    shop = sold(LISTED)
    job = shop.reprint("t1", reason="gone", note="at the beach", approval="wait").job
    [waits] = shop.ask(rq.ReprintsWaiting(), SUPERVISOR).requests
    assert (waits.reason, waits.note) == ("gone", "at the beach")
    shop.ask(rq.ReprintApprove(job), SUPERVISOR)
    assert "丢了 gone：at the beach\n" in shop.paper[-1]
    asked = shop.copy("t1", number=1).asked
    assert asked is not None
    assert (asked.reason, asked.note) == ("gone", "at the beach")


def test_the_keypad_needs_no_reason_of_the_list() -> None:
    shop = sold(LISTED.replace('"30"', '""'))
    assert shop.press("reprint-last")
