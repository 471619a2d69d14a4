"""A signature that was wrong, given on paper, or handed over: every version stays, what is open is listed (law 5)."""

from __future__ import annotations

from typing import Any

import pytest

from posd.domain import events as ev
from posd.domain import requests as rq
from posd.domain.device import Drawing, SignOutcome
from posd.domain.errors import Refusal
from tests.unit.desk.shop import INK, TILL, Shop, refused
from tests.unit.domain.samples import cash, sale

OTHER = Drawing("strokes", b"another hand")


def signed(toml: str = "") -> Shop:
    shop = Shop(toml)
    shop.submit(sale(id="t1"))
    shop.signs()
    shop.print_all()
    return shop


def void(shop: Shop, key: str = "k1", **more: Any) -> Any:
    return shop.ask(rq.Void("t1", key, **({"reason": "another hand"} | more)))


def attest(shop: Shop, key: str = "a1", **more: Any) -> Any:
    return shop.ask(rq.Attest("t1", key, **({"signed_by": "Li Wei"} | more)))


def test_a_wrong_signature_is_replaced_and_both_versions_stay() -> None:
    shop = signed()
    answer = void(shop)
    assert (answer.voided, answer.session, answer.state.signature.state) == (1, shop.session, "awaiting")
    assert shop.open_items() == [("wrong-signature", "customer", None, None)]
    voided = shop.events(ev.SignatureVoided)[0]
    assert (voided.version, voided.reason, voided.doer) == (1, "another hand", TILL)
    shop.signs(OTHER)
    assert shop.open_items() == []
    assert [e.drawing for e in shop.events(ev.SignatureCaptured)] == [INK, OTHER]
    assert shop.sale("t1").signature.version == 2
    assert [version.number for version in shop.sale("t1").signature.versions] == [1, 2]
    assert shop.print_all() == ["000001-m1"], "the merchant's slip is printed anew, with the new one"
    assert "DUPLICATE 1" in shop.paper[-1]


def test_without_a_free_pad_it_stands_on_the_list_until_it_is_taken() -> None:
    shop = signed()
    shop.report("pad", "absent", "unplugged")
    answer = void(shop)
    assert (answer.session, answer.state.signature.state) == (None, "voided")
    assert shop.sale("t1").owed
    shop.restart()
    assert shop.sale("t1").signature.state == "voided"
    assert shop.open_items() == [("wrong-signature", "customer", None, None)]
    shop.report("pad", "ready")
    shop.ask(rq.Resign("last", "r1"))
    shop.signs(OTHER)
    assert shop.open_items() == []


def test_what_is_on_the_list_is_taken_again_or_attested_by_the_exceptions_id() -> None:
    shop = Shop()
    shop.submit(sale(id="t1"))
    session = shop.session
    assert session is not None
    shop.give(SignOutcome(session, "timeout"))
    (xid,) = shop.state.open
    assert shop.ask(rq.Resign(xid, "r1")).state == "awaiting"
    session = shop.session
    assert session is not None
    shop.give(SignOutcome(session, "cancelled"))
    assert shop.ask(rq.Attest(xid, "a1", "Li Wei")).id == "t1"
    assert shop.open_items() == []
    assert refused(shop, rq.Resign("x999", "r2")).kind == "not-found"


def test_a_transaction_that_is_named_like_an_exception_goes_first() -> None:
    shop = Shop()
    shop.submit(sale(id="t1"))
    session = shop.session
    assert session is not None
    shop.give(SignOutcome(session, "timeout"))
    (xid,) = shop.state.open
    shop.submit(sale(id=xid))
    session = shop.session
    assert session is not None
    shop.give(SignOutcome(session, "timeout"))
    shop.ask(rq.Resign(xid, "r1"))
    assert shop.sale(xid).signature.state == "awaiting"
    assert shop.sale("t1").signature.state == "missing"


def skip(shop: Shop, sale_id: str) -> Any:
    return shop.ask(rq.Skip(sale_id, "in a hurry"))


def test_what_the_staff_skips_is_missing_by_its_doing_with_the_reason() -> None:
    shop = Shop()
    for name in ("t1", "t2"):
        shop.submit(sale(id=name))
    answer = skip(shop, "t2")
    assert (answer.state.signature.state, answer.state.signature.cause) == ("missing", "staff")
    session = shop.session
    assert session is not None
    assert skip(shop, "t1").state.signature.state == "awaiting", "the pad has the last word on what is on it"
    shop.give(SignOutcome(session, "cancelled", INK))
    missing = shop.events(ev.SignatureMissing)
    assert [(e.id, e.cause, e.detail, e.doer) for e in missing] == [
        ("t2", "staff", "skipped: in a hurry", TILL),
        ("t1", "staff", "skipped: in a hurry", TILL),
    ]
    assert missing[1].drawing == INK
    assert [item[:2] for item in shop.open_items()] == [("unsigned", "staff")] * 2
    assert skip(shop, "t1") == skip(shop, "t1"), "asked again it stays as it is"
    assert len(shop.events(ev.SignatureMissing)) == 2


def test_what_the_customer_confirmed_before_it_was_skipped_counts() -> None:
    shop = Shop()
    shop.submit(sale(id="t1"))
    skip(shop, "t1")
    shop.signs()
    assert shop.sale("t1").signature.state == "captured"
    assert shop.open_items() == []
    assert shop.state.calling_off is None


def test_only_what_is_waited_for_can_be_skipped() -> None:
    shop = signed()
    shop.submit(cash(id="t2"))
    for name, state in (("t1", "captured"), ("t2", "not-needed")):
        refusal = refused(shop, rq.Skip(name, "in a hurry"))
        assert (refusal.kind, refusal.field) == ("conflict", "id")
        assert state in refusal.message
    shop.submit(sale(id="t3"))
    session = shop.session
    assert session is not None
    shop.give(SignOutcome(session, "timeout"))
    assert refused(shop, rq.Skip("t3", "in a hurry")).kind == "conflict", "it has its cause: the customer"


def test_another_customer_on_the_pad_is_not_disturbed() -> None:
    shop = signed()
    shop.submit(sale(id="t2"))
    session = shop.session
    assert void(shop).session is None
    assert shop.session == session


def test_a_replacement_that_is_not_given_leaves_one_entry_on_the_list() -> None:
    shop = signed()
    void(shop)
    shop.signs_not("timeout")
    assert shop.sale("t1").signature.state == "missing"
    assert shop.open_items() == [("wrong-signature", "customer", None, None)]


def test_signed_by_hand_settles_a_missing_and_a_wrong_one() -> None:
    shop = Shop(pad="absent")
    shop.submit(sale(id="t1"))
    shop.print_all()
    answer = attest(shop, signed="2026-11-21T10:20:00+08:00")
    assert answer.state.signature.state == "attested"
    assert shop.open_items() == []
    attested = shop.events(ev.SignatureAttested)[0]
    assert (attested.signed_by, attested.signed, attested.doer) == ("Li Wei", "2026-11-21T10:20:00+08:00", TILL)
    assert not shop.sale("t1").owed
    answer = void(shop)
    assert (answer.voided, answer.state.signature.state) == (0, "voided")
    assert attest(shop, key="a2").state.signature.state == "attested"
    assert shop.open_items() == []


@pytest.mark.parametrize("state", ["missing", "awaiting", "not-needed", "voided"])
def test_only_a_signature_that_counts_can_be_void(state: str) -> None:
    shop = Shop(pad="absent" if state == "missing" else "ready")
    shop.submit(cash(id="t1") if state == "not-needed" else sale(id="t1"))
    if state == "voided":
        shop.signs()
        shop.report("pad", "absent")
        void(shop, key="before")
    assert shop.sale("t1").signature.state == state
    refusal = refused(shop, rq.Void("t1", "k9", "another hand"))
    assert (refusal.kind, refusal.field) == ("conflict", "id")


@pytest.mark.parametrize("state", ["captured", "awaiting", "not-needed"])
def test_only_a_missing_signature_can_be_attested(state: str) -> None:
    shop = Shop()
    shop.submit(cash(id="t1") if state == "not-needed" else sale(id="t1"))
    if state == "captured":
        shop.signs()
    assert shop.sale("t1").signature.state == state
    assert refused(shop, rq.Attest("t1", "a1", "Li Wei")).kind == "conflict"


def test_a_time_that_is_none_is_refused() -> None:
    shop = Shop(pad="absent")
    shop.submit(sale(id="t1"))
    refusal = refused(shop, rq.Attest("t1", "a1", "Li Wei", "yesterday"))
    assert refusal.field == "signed"


def test_the_same_key_is_the_same_answer_also_after_a_restart_and_other_content_a_conflict() -> None:
    shop = signed()
    void(shop)
    shop.signs(OTHER)
    shop.restart()
    again = void(shop)
    assert (again.voided, again.session, again.state.signature.state) == (1, None, "captured")
    assert len(shop.events(ev.SignatureVoided)) == 1
    assert refused(shop, rq.Void("t1", "k1", "other words")).field == "key"
    shop.report("pad", "absent")
    void(shop, key="k2")
    attest(shop)
    shop.restart()
    assert attest(shop).state.signature.state == "attested"
    assert len(shop.events(ev.SignatureAttested)) == 1
    assert refused(shop, rq.Attest("t1", "a1", "Wang Fang")).field == "key"


def test_how_handing_it_over_went_is_kept_by_version_each_try_once() -> None:
    shop = signed()
    standing = shop.ask(rq.Uploaded("t1", "failed", detail="no line")).state.signature
    assert (standing.upload, standing.attempts) == ("failed", 1)
    assert shop.ask(rq.Uploaded("t1", "sent", attempt=2)).state.signature.attempts == 2
    assert shop.ask(rq.Uploaded("t1", "sent", attempt=2)).state.signature.attempts == 2
    assert len(shop.events(ev.SignatureUploaded)) == 2
    assert refused(shop, rq.Uploaded("t1", "rejected", attempt=2)).field == "attempt"
    assert refused(shop, rq.Uploaded("t1", "sent", attempt=1)).field == "attempt"
    void(shop)
    shop.signs(OTHER)
    assert shop.ask(rq.Get("t1")).state.signature.upload == "none", "the new version was handed to nobody yet"
    shop.ask(rq.Uploaded("t1", "sent", version=1, attempt=3))
    shop.restart()
    assert shop.ask(rq.Get("t1")).state.signature.upload == "none"
    assert tuple(shop.sale("t1").signature.upload(1)) == ("sent", 3)


@pytest.mark.parametrize("version", [0, 1, 7])
def test_a_version_that_was_never_captured_cannot_be_handed_over(version: int) -> None:
    shop = Shop(pad="absent")
    shop.submit(sale(id="t1"))
    assert refused(shop, rq.Uploaded("t1", "sent", version=version)).kind == "not-found"


def test_with_little_room_nothing_more_becomes_owed_and_what_is_owed_may_be_settled() -> None:
    shop = signed()
    with pytest.raises(Refusal) as caught:
        shop.ask(rq.Void("t1", "k1", "another hand"), full=True)
    assert caught.value.kind == "journal-full"
    shop.ask(rq.Uploaded("t1", "sent"), full=True)
    void(shop)
    shop.signs_not("timeout")
    shop.ask(rq.Attest("t1", "a1", "Li Wei"), full=True)
    assert shop.open_items() == []
