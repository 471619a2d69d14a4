"""A sale from its submit to its slips: acceptance, order of copies, the signature before them, and what is refused."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from posd.desk.accepting import TRANSACTION_BYTES_MAX
from posd.domain import events as ev
from posd.domain.device import PrintOutcome, SignOutcome
from posd.domain.doer import POSD, Doer
from posd.domain.errors import Refusal
from tests.unit.desk.shop import INK, TILL, Shop, folded, lasting
from tests.unit.domain.samples import PAN, cash, sale


def refused(shop: Shop, document: dict[str, Any], **more: Any) -> Refusal:
    """The refusal of a submit, which must have changed nothing."""
    before, asked = lasting(folded(shop.log)), len(shop.asked)
    with pytest.raises(Refusal) as caught:
        shop.submit(document, **more)
    assert lasting(shop.state) == before
    assert len(shop.asked) == asked + 1
    return caught.value


def test_a_cash_sale_prints_the_merchant_copy_then_the_customers() -> None:
    shop = Shop()
    answer = shop.submit(cash(id="t1"))
    assert (answer.id, answer.seq, answer.receipt) == ("t1", shop.events(ev.TransactionAccepted) and 3, "000001")
    assert [(c.copy, c.number, c.mark, c.state) for c in answer.state.copies] == [
        ("merchant", 0, "none", "printing"),
        ("customer", 0, "none", "queued"),
    ]
    assert shop.print_all() == ["000001-m0", "000001-c0"]
    assert shop.copies("t1") == {"m0": "printed", "c0": "printed"}
    assert shop.open_items() == []
    assert not shop.sale("t1").owed


def test_the_answer_of_a_submit_waits_for_the_record_of_the_acceptance() -> None:
    shop = Shop()
    answer = shop.submit(cash(id="t1"))
    assert shop.log[answer.seq - 1].transaction.id == "t1"


def test_only_the_configured_copies_are_made() -> None:
    shop = Shop('[slip]\ncopies = ["customer"]')
    shop.submit(cash(id="t1"))
    assert shop.print_all() == ["000001-c0"]


def test_a_slip_is_started_durably_before_its_bytes_leave() -> None:
    shop = Shop()
    shop.submit(cash(id="t1"))
    started = shop.events(ev.CopyStarted)[-1]
    assert (started.job, started.mark, started.body is not None) == ("000001-m0", "none", True)
    assert shop.jobs[-1].job == started.job


@pytest.mark.parametrize("printer", ["absent", "attention", "faulted"])
def test_without_a_printer_the_sale_is_taken_and_its_copies_stand_on_the_list(printer: str) -> None:
    shop = Shop(printer=printer)
    answer = shop.submit(cash(id="t1"))
    assert [c.state for c in answer.state.copies] == ["queued", "queued"]
    assert shop.jobs == []
    assert shop.open_items("t1") == [("unprinted", "device", "merchant", 0), ("unprinted", "device", "customer", 0)]
    shop.report("printer", "ready")
    assert shop.print_all() == ["000001-m0", "000001-c0"]
    assert shop.open_items() == []


def test_a_printer_that_is_just_opening_is_waited_for() -> None:
    shop = Shop(printer="opening")
    shop.submit(cash(id="t1"))
    assert (shop.jobs, shop.open_items()) == ([], [])
    shop.report("printer", "attention", "paper-end")
    assert len(shop.open_items()) == 2
    assert "paper-end" in next(iter(shop.state.exceptions.values())).detail


def test_near_end_warns_and_does_not_stop() -> None:
    shop = Shop()
    shop.report("printer", "ready", "paper-near-end")
    shop.submit(cash(id="t1"))
    assert shop.print_all() == ["000001-m0", "000001-c0"]


def test_a_card_sale_is_signed_first_and_the_merchant_copy_shows_it() -> None:
    shop = Shop()
    shop.submit(sale(id="t1"))
    assert shop.jobs == []
    assert [(r.amount, r.merchant) for r in shop.sessions] == [("CNY 36.00", "posd")]
    requested = shop.events(ev.SignatureRequested)[0]
    assert shop.session == requested.session == f"s{shop.log.index(requested) + 1}", "named by its own record"
    shop.signs()
    assert shop.print_all() == ["000001-m0", "000001-c0"]
    assert "<image 1>" in shop.paper[0]
    assert "<none 0>" in shop.paper[1]
    assert shop.open_items() == []
    assert not shop.sale("t1").owed


@pytest.mark.parametrize("pad", ["absent", "attention", "faulted"])
def test_without_a_pad_the_merchant_copy_has_a_line_and_the_exception_is_open_at_once(pad: str) -> None:
    shop = Shop(pad=pad)
    answer = shop.submit(sale(id="t1"))
    assert (answer.state.signature.state, answer.state.signature.cause) == ("missing", "device")
    assert [(x.kind, x.cause, x.state) for x in answer.state.exceptions] == [("unsigned", "device", "open")]
    assert shop.print_all() == ["000001-m0", "000001-c0"]
    assert "<line 0>" in shop.paper[0]


def test_a_pad_that_is_just_opening_is_waited_for() -> None:
    shop = Shop(pad="opening")
    shop.submit(sale(id="t1"))
    assert (shop.jobs, shop.sessions) == ([], [])
    shop.report("pad", "ready")
    assert len(shop.sessions) == 1


@pytest.mark.parametrize(
    ("result", "cause"),
    [("cancelled", "customer"), ("timeout", "customer"), ("blank", "customer"), ("device", "device")],
)
def test_what_is_no_confirmed_signature_is_missing_with_its_cause(result: str, cause: str) -> None:
    shop = Shop()
    shop.submit(sale(id="t1"))
    shop.signs_not(result, INK)
    signature = shop.sale("t1").signature
    assert (signature.state, signature.cause, signature.version, signature.versions) == ("missing", cause, 0, ())
    assert shop.open_items("t1") == [("unsigned", cause, None, None)]
    assert shop.events(ev.SignatureMissing)[-1].drawing == INK, "what was drawn is kept as evidence"
    assert shop.print_all() == ["000001-m0", "000001-c0"]
    assert "<line 0>" in shop.paper[0]


def test_the_text_of_the_rule_stands_where_no_signature_is_needed() -> None:
    shop = Shop()
    tap = sale()["payments"][0] | {"entry": "contactless"}
    shop.submit(sale(id="t1", payments=[tap]))
    assert "<text contactless-limit>" in shop.paper[0]
    assert shop.sessions == []


def test_sales_sign_one_after_the_other_and_cash_does_not_wait_for_them() -> None:
    shop = Shop()
    for i in (1, 2):
        shop.submit(sale(id=f"t{i}"))
    shop.submit(cash(id="t3"))
    assert len(shop.sessions) == 1
    first = shop.session
    assert shop.job == "000003-m0"
    shop.signs()
    assert shop.session not in (None, first)
    shop.signs_not("timeout")
    assert shop.print_all() == ["000003-m0", "000001-m0", "000001-c0", "000002-m0", "000002-c0", "000003-c0"]


def test_a_customer_at_the_pad_does_not_hold_up_the_slips_of_others_when_the_printer_is_gone() -> None:
    shop = Shop(printer="absent")
    shop.submit(sale(id="t1"))
    shop.submit(cash(id="t2"))
    assert shop.open_items("t1") == []
    assert len(shop.open_items("t2")) == 2
    shop.signs()
    assert len(shop.open_items("t1")) == 2


def test_the_same_submit_gets_the_stored_answer_and_does_nothing() -> None:
    shop = Shop()
    first = shop.submit(cash(id="t1"))
    shop.print_all()
    events, jobs = len(shop.log), len(shop.jobs)
    again = shop.submit(cash(id="t1"), Doer(kind="peer", uid=2, gid=2, pid=2))
    assert (again.id, again.seq, again.receipt) == (first.id, first.seq, first.receipt)
    assert [c.state for c in again.state.copies] == ["printed", "printed"]
    assert (len(shop.log), len(shop.jobs)) == (events, jobs)


def test_the_same_submit_gets_its_answer_after_a_restart_and_with_a_full_journal() -> None:
    shop = Shop()
    first = shop.submit(cash(id="t1"))
    shop.restart()
    assert shop.submit(cash(id="t1"), full=True).seq == first.seq


@pytest.mark.parametrize("changes", [{"remarks": "x"}, {"operator": "08"}, {"time": "2026-11-21T10:15:31+08:00"}])
def test_other_content_under_the_same_id_is_a_conflict(changes: dict[str, Any]) -> None:
    shop = Shop()
    shop.submit(cash(id="t1"))
    refusal = refused(shop, cash(id="t1", **changes))
    assert (refusal.kind, refusal.field) == ("conflict", "transaction.id")


def test_an_incomplete_sale_is_refused_and_leaves_no_trace() -> None:
    assert refused(Shop(), cash(id="t1", total="35.00")).field == "transaction.total"


@pytest.mark.parametrize("masked", [PAN, "4111-1111-1111-1111", "62170012345678", "411111***1111*1"])
def test_a_card_that_shows_more_than_six_and_four_is_refused(masked: str) -> None:
    payment = sale()["payments"][0] | {"card": {"masked": masked}}
    refusal = refused(Shop(), sale(id="t1", payments=[payment]))
    assert (refusal.kind, refusal.field) == ("card-data", "transaction.payments[0].card.masked")
    assert masked not in refusal.message


def test_a_full_journal_refuses_new_sales_only() -> None:
    assert refused(Shop(), cash(id="t1"), full=True).kind == "journal-full"


def test_a_sale_that_would_not_fit_a_batch_is_refused() -> None:
    item = {"name": "茶" * 60, "quantity": "1", "price": "1", "amount": "1", "code": "x" * 40}
    most = cash(id="t1") | {"items": [item] * 1000, "total": "1000"}
    most["payments"] = [{"method": "cash", "amount": "1000"}]
    assert len(msgspec.json.encode(most)) > TRANSACTION_BYTES_MAX
    assert refused(Shop(), most).kind == "too-large"


def test_receipt_numbers_count_on_and_never_repeat() -> None:
    shop = Shop()
    assert shop.submit(cash(id="t1")).receipt == "000001"
    assert shop.submit(cash(id="t2", receipt="000005")).receipt == "000005"
    assert shop.submit(cash(id="t3")).receipt == "000006"
    assert shop.submit(cash(id="t4", receipt="A-7")).receipt == "A-7"
    assert shop.submit(cash(id="t5", receipt="A-7")).receipt == "000007"
    shop.restart()
    assert shop.submit(cash(id="t6")).receipt == "000008"


def test_every_event_has_a_doer() -> None:
    """Law 8: what a peer caused names it; what follows by itself is posd's; the pad's outcomes are the pad's."""
    shop = Shop()
    shop.submit(sale(id="t1"))
    shop.signs()
    shop.print_all()
    doers = {type(e).__name__: e.doer for e in shop.log}
    assert doers["TransactionAccepted"] == TILL
    assert doers["SignatureRequested"] == POSD
    assert doers["SignatureCaptured"] == Doer(kind="pad")
    assert doers["CopyStarted"] == doers["CopyPrinted"] == POSD


def test_a_captured_signature_is_bound_to_the_digest_of_its_own_sale() -> None:
    """Law 5."""
    shop = Shop()
    for i in (1, 2):
        shop.submit(sale(id=f"t{i}"))
    shop.signs()
    shop.signs()
    captured = shop.events(ev.SignatureCaptured)
    asked = {e.id: e.session for e in shop.events(ev.SignatureRequested)}
    assert asked["t1"] != asked["t2"]
    accepted = {e.transaction.id: e.digest for e in shop.events(ev.TransactionAccepted)}
    assert [(e.id, e.digest, e.session) for e in captured] == [
        ("t1", accepted["t1"], asked["t1"]),
        ("t2", accepted["t2"], asked["t2"]),
    ]
    assert accepted["t1"] != accepted["t2"]
    assert captured[0].feature_code == "507D8226"


def test_an_outcome_of_a_session_that_is_not_on_the_pad_ends_the_process_before_anything_is_written() -> None:
    shop = Shop()
    shop.submit(sale(id="t1"))
    events = len(shop.log)
    with pytest.raises(AssertionError):
        shop.give(SignOutcome("s9", "captured", INK))
    with pytest.raises(AssertionError):
        shop.give(PrintOutcome("000001-m0", "printed", "confirmed"))
    assert len(shop.log) == events
