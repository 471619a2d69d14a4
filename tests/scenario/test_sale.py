"""A sale from the till to the counter: kept, signed, printed and known to be printed."""

from __future__ import annotations

import contextlib
import copy
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.scenario.box import DEADLINE_S, Box, Rpc, cash, sale
from tests.scenario.conftest import MakeBox


def contactless(sale_id: str, amount: str) -> dict[str, Any]:
    made = sale(
        sale_id, total=amount, items=[{"name": "茶具 Tea set", "quantity": "1", "price": amount, "amount": amount}]
    )
    made["payments"][0] |= {"entry": "contactless", "amount": amount}
    return made


def test_a_signed_sale_prints_both_copies_and_only_the_merchant_copy_shows_the_signature(box: Box) -> None:
    sold = box.sell(sale(box.new_id()))
    box.sign(sold, "Li Wei")
    assert box.wait_copy(sold, "customer", "printed")["proof"] == "confirmed"
    assert box.wait_copy(sold, "merchant", "printed")["proof"] == "confirmed"
    merchant, customer = box.paper()
    assert (merchant.copy, customer.copy) == ("merchant", "customer")
    assert merchant.signed
    assert not customer.signed
    assert not merchant.marked
    assert not customer.marked
    for paper in (merchant, customer):
        assert paper.sale == sold
        for words in (
            "乌龙茶 Oolong",
            "2 x 18.00",
            "36.00",
            "**** **** **** 1234",
            "123456789012",
            "A1B2C3",
            "招商银行",
        ):
            assert words in paper.text, words
        assert "621700" not in paper.text, "a slip shows the last four digits and no more"
    signature = box.state(sold)["signature"]
    assert (signature["state"], signature["rule"], signature["version"]) == ("captured", "card", 1)
    assert box.open_exceptions() == []


def test_the_digest_on_the_slips_is_the_one_that_was_signed_and_the_one_that_the_till_reads(box: Box) -> None:
    sold = box.sell(sale(box.new_id()))
    box.sign(sold, "Li Wei")
    box.wait_copy(sold, "customer", "printed")
    digest = box.result("transaction.get", id=sold)["digest"]
    assert box.result("signature.get", id=sold, format="strokes")["digest"] == digest
    assert [event["digest"] for event in box.events("signature.captured")] == [digest]
    for paper in box.paper():
        assert paper.digest == digest[:16]


def test_nothing_prints_before_the_customer_has_signed(box: Box) -> None:
    sold = box.sell(sale(box.new_id()))
    box.wait_on_pad(sold)
    assert box.paper() == []
    assert [c["state"] for c in box.state(sold)["copies"]] == ["queued", "queued"]
    box.do("sign", "Li Wei", "--fast")
    box.wait_copy(sold, "customer", "printed")
    order = [e["type"] for e in box.events() if e["type"].startswith(("copy", "signature"))]
    assert order[:3] == ["signature.requested", "signature.captured", "copy.started"]


def test_contactless_up_to_the_limit_carries_the_text_that_replaces_a_signature(box: Box) -> None:
    sold = box.sell(contactless(box.new_id(), "1000.00"))
    box.wait_copy(sold, "customer", "printed")
    assert box.state(sold)["signature"]["state"] == "not-needed"
    assert box.state(sold)["signature"]["rule"] == "contactless-limit"
    merchant, customer = box.paper()
    assert "交易金额未超过 CNY 1000.00" in merchant.text.replace("\n", "")
    assert "签名" not in customer.text


def test_contactless_above_the_limit_is_signed(box: Box) -> None:
    sold = box.sell(contactless(box.new_id(), "1000.01"))
    box.sign(sold, "Li Wei")
    box.wait_copy(sold, "customer", "printed")
    assert box.paper()[0].signed


def test_a_rule_of_the_shop_decides_and_brings_its_own_text(make_box: MakeBox) -> None:
    small = {"rule": "small", "needed": False, "methods": ["card"], "below": "36.01", "text": "低于 {limit} 免签"}
    refund = {"rule": "refund", "needed": True, "types": ["refund"]}
    box = make_box({"policy": {"profile": "neutral", "signature": [refund, small]}})
    under = box.sell(sale(box.new_id()))
    box.wait_copy(under, "customer", "printed")
    assert box.state(under)["signature"]["rule"] == "small"
    assert "低于 CNY 36.01 免签" in box.paper()[0].text
    back = box.sell(cash(box.new_id(), type="refund"))
    box.sign(back, "Li Wei")
    box.wait_copy(back, "customer", "printed")
    assert box.state(back)["signature"]["rule"] == "refund"
    tap = box.sell(contactless(box.new_id(), "36.01"))
    box.sign(tap, "Li Wei")
    box.wait_signature(tap, "captured")
    assert box.state(tap)["signature"]["rule"] == "card"


def test_each_rule_that_waives_a_signature_is_named_and_says_so_on_the_slip(make_box: MakeBox) -> None:
    box = make_box({"policy": {"signature_from": "36.01"}})
    none = "本交易无需签名"
    for rule, words, changes in (
        ("below-threshold", "交易金额低于 CNY 36.01", {}),
        ("void", none, {"type": "void", "original": "20261121-0001"}),
        ("host-demand", none, {"signature": "not-required"}),
    ):
        sold = box.sell(sale(box.new_id(), **changes))
        box.wait_copy(sold, "customer", "printed")
        signature = box.state(sold)["signature"]
        assert (signature["state"], signature["rule"]) == ("not-needed", rule)
        merchant, customer = box.fresh()
        assert words in merchant.text.replace("\n", ""), merchant.text
        assert "无需签名" not in customer.text
        assert "X____" not in merchant.text


def test_cash_asks_nobody_to_sign(box: Box) -> None:
    sold = box.sell(
        cash(box.new_id(), payments=[{"method": "cash", "amount": "36.00", "tendered": "50.00", "change": "14.00"}])
    )
    box.wait_copy(sold, "customer", "printed")
    merchant, _ = box.paper()
    assert box.state(sold)["signature"]["rule"] == "no-card"
    assert "CARDHOLDER" not in merchant.text
    for words in ("现金 CASH", "50.00", "14.00"):
        assert words in merchant.text


def test_a_refund_says_so_at_its_head_and_is_signed(box: Box) -> None:
    sold = box.sell(sale(box.new_id(), type="refund", original="20261120-0007"))
    box.sign(sold, "Li Wei")
    box.wait_copy(sold, "customer", "printed")
    merchant, customer = box.paper()
    for paper in (merchant, customer):
        assert "REFUND *" in paper.text
        assert "20261120-0007" in paper.text
    assert "退回本卡" in merchant.text.replace("\n", "")


def test_english_slips_carry_no_chinese_words_but_the_shops_own(make_box: MakeBox) -> None:
    box = make_box({"terminal": {"id": "T1", "merchant": "Old Teahouse", "locale": "en"}})
    made = sale(box.new_id(), items=[{"name": "Oolong", "quantity": "2", "price": "18.00", "amount": "36.00"}])
    made["payments"][0]["card"]["issuer"] = "CMB"
    sold = box.sell(made)
    box.sign(sold, "Li Wei")
    box.wait_copy(sold, "customer", "printed")
    merchant, customer = box.paper()
    for paper in (merchant, customer):
        assert paper.text.replace("¥", "").isascii(), [ch for ch in paper.text if not ch.isascii()]
        assert "RECEIPT" in paper.text
    assert "CARDHOLDER SIGNATURE" in merchant.text


def test_paper_of_58_mm_keeps_every_word_within_32_columns(make_box: MakeBox) -> None:
    box = make_box({"printer": {"width": 58}})
    sold = box.sell(sale(box.new_id()))
    box.sign(sold, "Li Wei")
    box.wait_copy(sold, "customer", "printed")
    wide = str.maketrans({chr(c): "xx" for c in range(0x2E80, 0xFFEF)})
    for paper in box.paper():
        assert paper.digest == box.result("transaction.get", id=sold)["digest"][:16]
        for line in paper.text.splitlines():
            assert len(line.translate(wide)) <= 32 or "[QR" in line or "[image" in line, line


def test_the_same_sale_again_gets_the_same_answer_and_prints_nothing(box: Box) -> None:
    made = cash(box.new_id())
    with box.till() as till:
        first = till.result("transaction.submit", transaction=made)
        box.wait_copy(made["id"], "customer", "printed")
        newest = box.result("posd.hello")["seq"]
        again = till.result("transaction.submit", transaction=copy.deepcopy(made))
    assert (again["id"], again["seq"], again["receipt"]) == (first["id"], first["seq"], first["receipt"])
    assert [c["state"] for c in again["state"]["copies"]] == ["printed", "printed"]
    box.sell()
    box.wait_copy("20261121-0002", "customer", "printed")
    assert [p.sale for p in box.paper()] == [made["id"]] * 2 + ["20261121-0002"] * 2
    assert len(box.events("transaction.accepted", start=newest + 1)) == 1, "only the other sale was recorded"


def test_the_same_id_with_other_content_is_a_conflict_and_changes_nothing(box: Box) -> None:
    made = cash(box.new_id())
    box.sell(made)
    box.wait_copy(made["id"], "customer", "printed")
    before, papers = box.result("transaction.get", id=made["id"]), len(box.paper())
    newest = box.result("posd.hello")["seq"]
    error = box.error("transaction.submit", transaction=made | {"operator": "08"})
    assert error["data"] == {"kind": "conflict", "field": "transaction.id"}
    assert "other content" in error["message"]
    assert box.result("transaction.get", id=made["id"]) == before
    assert box.result("posd.hello")["seq"] == newest
    assert len(box.paper()) == papers


def test_every_field_of_a_sale_comes_back_as_it_was_sent_and_stands_on_the_slip(box: Box) -> None:
    made = sale(
        box.new_id(),
        items=[
            {"name": "龙井 Longjing", "quantity": "0.250", "unit": "kg", "price": "400.00", "amount": "100.00"},
            {
                "name": "茶杯",
                "code": "6901234",
                "quantity": "2",
                "price": "15.00",
                "amount": "25.00",
                "discount": "5.00",
            },
        ],
        discounts=[{"name": "会员 Member", "amount": "12.50", "rate": "10%"}],
        taxes=[
            {"name": "VAT", "amount": "6.75", "rate": "6%"},
            {"name": "Incl", "amount": "1.00", "included": True},
        ],
        tip="5.75",
        total="125.00",
        remarks="靠窗座位 window seat",
        qr="https://example.com/r/1",
        payments=[{"method": "wallet", "amount": "100.00"}, {"method": "cash", "amount": "25.00"}],
    )
    sold = box.sell(made)
    box.wait_copy(sold, "customer", "printed")
    kept = box.result("transaction.get", id=sold)["transaction"]
    for name, value in made.items():
        assert kept[name] == value, name
    text = box.paper()[1].text
    for words in ("0.250 kg x 400.00", "6901234", "5.00", "会员 Member 10%", "-12.50", "6.75", "5.75", "靠窗座位"):
        assert words in text, f"{words}\n{text}"
    assert "[QR https://example.com/r/1]" in text


def test_sales_are_found_by_what_is_known_of_them(box: Box) -> None:
    first, second = box.sell(), box.sell(sale(box.new_id(), type="refund", total="36.00"))
    box.sign(second, "Li Wei")
    box.wait_copy(second, "customer", "printed")

    def found(**asked: Any) -> list[str]:
        return [t["id"] for t in box.result("transaction.search", **asked)["transactions"]]

    assert found() == [second, first]
    assert found(last_four="1234") == found(type="refund") == [second]
    assert found(amount="36") == [second, first]
    assert found(amount="36.01") == []
    assert found(receipt="000001") == [first]
    page = box.result("transaction.search", limit=1)
    assert [t["id"] for t in page["transactions"]] == [second]
    assert found(limit=1, after=page["next"]) == [first]
    assert found(open=True) == []


def test_events_come_in_order_and_each_once_also_across_a_resumption_and_a_restart(box: Box) -> None:
    with box.till() as watcher:
        assert watcher.result("events.subscribe", **{"from": 0})["lost"] is None
        first = box.sell()
        last_of = lambda sold: lambda e: (e["type"], e.get("id"), e.get("copy")) == ("copy.printed", sold, "customer")  # noqa: E731
        told = watcher.events_until(last_of(first))
    assert [e["seq"] for e in told] == list(range(1, told[-1]["seq"] + 1)), "from the first on, none left out"
    mine = [e["type"] for e in told if e.get("id") == first or e.get("transaction", {}).get("id") == first]
    assert mine == ["transaction.accepted", "copy.started", "copy.printed", "copy.started", "copy.printed"]
    assert box.stop() == 0
    box.start_posd()
    with box.till() as watcher:
        assert watcher.result("events.subscribe", **{"from": told[-1]["seq"] + 1})["lost"] is None
        second = box.sell()
        more = watcher.events_until(last_of(second))
    assert [e["seq"] for e in more] == list(range(told[-1]["seq"] + 1, more[-1]["seq"] + 1))
    everything = box.events()
    assert everything[: len(told) + len(more)] == told + more, "what was told before is what is told again"
    assert Counter(e["seq"] for e in everything).most_common(1)[0][1] == 1


def test_watchers_who_come_at_any_time_each_see_every_event_once(make_box: MakeBox) -> None:
    box = make_box({"journal": {"path": "{folder}/journal", "size": "8MiB"}})
    last = "20261121-0060"

    def watch(till: Rpc) -> list[int]:
        """It reads all the time: posd cuts off who takes nothing for some seconds."""
        done = till.events_until(
            lambda e: (e["type"], e.get("id"), e.get("copy")) == ("copy.printed", last, "customer"), 4 * DEADLINE_S
        )
        return [event["seq"] for event in done]

    with contextlib.ExitStack() as stack:
        readers = stack.enter_context(ThreadPoolExecutor())
        watchers = []
        for number in range(60):
            sold = box.sell()
            if number % 12 == 5:
                till = stack.enter_context(box.till())
                till.result("events.subscribe", **{"from": 1})
                watchers.append(readers.submit(watch, till))
        assert sold == last
        told = [watcher.result() for watcher in watchers]
    assert len(told) == 5
    for seqs in told:
        assert seqs == list(range(1, told[0][-1] + 1))
        assert len(seqs) > 300


def test_every_event_names_its_doer(box: Box) -> None:
    sold = box.sell(sale(box.new_id()))
    box.sign(sold, "Li Wei")
    box.wait_copy(sold, "customer", "printed")
    box.do("press", "KEY_F1")
    box.wait_copy(sold, "customer", "printed", 1)
    by_type = {e["type"]: e["doer"] for e in box.events()}
    assert by_type["transaction.accepted"]["kind"] == "peer"
    assert {"uid", "gid", "pid"} <= by_type["transaction.accepted"].keys()
    assert by_type["signature.captured"] == {"kind": "pad"}
    assert by_type["reprint.requested"] == {"kind": "key", "key": "KEY_F1"}
    assert all(e["doer"] for e in box.events())


def fill_the_ring(till: Rpc, box: Box) -> tuple[list[str], dict[str, Any]]:
    """Sell until a sale is refused: the ids that were taken, and the refusal."""
    taken: list[str] = []
    for _ in range(1500):
        sold = box.new_id()
        answer = till.call("transaction.submit", transaction=cash(sold))
        if "error" in answer:
            return taken, answer
        taken.append(sold)
    raise AssertionError(f"the ring never was full: {till.result('journal.info')}")


def test_a_full_ring_refuses_sales_and_keeps_what_is_owed_until_it_is_done(make_box: MakeBox) -> None:
    box = make_box({"slip": {"copies": ["customer"]}})
    first = box.sell()
    box.wait_copy(first, "customer", "printed")
    box.do("paper-out")
    box.wait_device("printer", "attention", "paper-end")
    with box.till() as till:
        taken, answer = fill_the_ring(till, box)
        assert answer["error"]["data"] == {"kind": "journal-full"}
        assert "posctl exceptions" in answer["error"]["message"]
        status = till.result("posd.status")
        assert status["state"] == "degraded"
        assert "journal: full (new sales are refused; settle what `posctl exceptions` lists)" in status["sentence"]
        assert till.error("transaction.get", id=f"20261121-{box.sold:04}")["data"]["kind"] == "not-found"
        box.do("paper-in")
        for sold in (taken[0], taken[-1]):
            box.wait_copy(sold, "customer", "printed")
        assert sorted(paper.sale for paper in box.paper()) == sorted([first, *taken]), "each of them once"
        box.until(
            lambda: "result" in till.call("transaction.submit", transaction=cash(box.new_id())),
            "sales are taken again",
            lambda: till.result("journal.info"),
        )
        box.until(
            lambda: (
                "result" in till.call("transaction.submit", transaction=cash(box.new_id()))
                and till.result("journal.info")["first"] > 20
            ),
            "the ring goes over what is done",
            lambda: till.result("journal.info"),
        )
        assert till.result("transaction.get", id=first)["state"]["copies"][0]["state"] == "printed", "it is archived"
        assert box.events(start=1)[0]["seq"] == 1, "nothing is lost"


def test_a_storm_of_copies_fills_the_ring_with_what_is_owed_and_posd_goes_on(make_box: MakeBox) -> None:
    """The newest sale stays in the ring whole: copies of it without end would leave no room for their own outcomes."""
    often = {"reprint_copies": 99, "requests_each": 6000, "requests_all": 6000}
    box = make_box({"slip": {"copies": ["customer"]}, "policy": often})
    sales = [box.sell() for _ in range(3)]
    for sold in sales:
        box.wait_copy(sold, "customer", "printed")
    with box.till() as till:
        refused: list[str] = []
        for sold in sales:
            for number in range(1, 100):
                answer = till.call("receipt.reprint", id=sold, key=f"{sold}-{number}")
                if "error" in answer:
                    refused.append(answer["error"]["data"]["kind"])
        assert set(refused) <= {"journal-full", "busy"}
        box.do("press", "KEY_F1", "KEY_F1", "--fast")
        assert till.result("posd.hello")["name"] == "posd"
        for sold in sales:
            made = len(till.result("transaction.get", id=sold)["state"]["copies"]) - 1
            box.until(
                lambda sold=sold: all(c["state"] == "printed" for c in box.state(sold)["copies"]),
                f"all {made} copies of {sold} are out",
                lambda sold=sold: box.state(sold),
            )
    assert box.stop() == 0
