"""What people do about exceptions: nothing is closed whose facts are open, deadlines are told, the sweep looks."""

from __future__ import annotations

from contextlib import suppress
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posd.desk import archived, casework, health
from posd.desk.apply import forget
from posd.desk.apply_cases import SPARE
from posd.desk.ports import Now
from posd.domain import codec, views
from posd.domain import events as ev
from posd.domain import requests as rq
from posd.domain.errors import Refusal
from tests.unit.desk.shop import DAY_MS, NOON_MS, SUPERVISOR, TILL, Shop, folded, lasting, refused
from tests.unit.domain.samples import cash, sale

HOUR_MS = 3_600_000


def unsigned(toml: str = "") -> tuple[Shop, str]:
    """A sale that is printed and misses its signature, and the id of its exception."""
    shop = Shop(toml, pad="absent", sweeps=True)
    shop.submit(sale(id="t1"))
    shop.print_all()
    return shop, next(iter(shop.state.open))


def test_a_note_is_kept_with_who_made_it_and_survives_a_restart() -> None:
    shop, xid = unsigned()
    request = rq.ExceptionNote(xid, "n1", "comes tomorrow", "phone", "promised")
    answer = shop.ask(request)
    assert [(n.by, n.channel, n.outcome, n.note) for n in answer.notes] == [
        (TILL.words(), "phone", "promised", "comes tomorrow")
    ]
    assert shop.ask(request) == answer, "the same key again adds none"
    shop.restart()
    assert len(shop.ask(request).notes) == 1
    assert refused(shop, rq.ExceptionNote(xid, "n1", "another")).kind == "conflict"
    assert lasting(folded(shop.log)) == lasting(shop.state)


@pytest.mark.parametrize(
    ("policy", "note", "kept"),
    [
        ("guarded", "comes tomorrow", True),
        ("guarded", "room 12, 3 times", True),
        ("guarded", "call 138 1234 5678", False),
        ("guarded", "call +86 (138) 1234-5678", False),
        ("guarded", "write to li@example.org", False),
        ("none", "comes tomorrow", False),
        ("none", "", True),
        ("free", "call 13812345678", True),
    ],
)
def test_notes_hold_no_more_about_people_than_the_shop_allows(policy: str, note: str, kept: bool) -> None:
    shop, xid = unsigned(f'[exceptions]\nnotes = "{policy}"')
    request = rq.ExceptionNote(xid, "n1", note, "phone", "reached")
    if kept:
        assert shop.ask(request).notes[0].note == note
    else:
        assert refused(shop, request).field == "note"


def test_an_empty_note_and_one_too_many_are_refused() -> None:
    shop, xid = unsigned()
    assert refused(shop, rq.ExceptionNote(xid, "n0")).kind == "invalid"
    for number in range(casework.NOTES_MAX):
        shop.ask(rq.ExceptionNote(xid, f"n{number}", "again"))
    assert refused(shop, rq.ExceptionNote(xid, "one-more", "again")).kind == "too-large"


def test_assigned_and_handed_up() -> None:
    shop, xid = unsigned()
    assert shop.ask(rq.ExceptionAssign(xid, "till")).role == "till"
    before = len(shop.log)
    assert shop.ask(rq.ExceptionAssign(xid, "till")).role == "till"
    assert len(shop.log) == before, "what it is already is no news"
    answer = shop.ask(rq.ExceptionEscalate(xid, "nobody answers"))
    assert (answer.role, answer.escalated) == ("supervisor", True)
    shop.ask(rq.ExceptionEscalate(xid, "nobody answers"))
    assert len(shop.events(ev.ExceptionEscalated)) == 1


def test_what_is_open_by_the_facts_cannot_be_closed() -> None:
    shop, xid = unsigned()
    refusal = refused(shop, rq.ExceptionClose(xid))
    assert refusal.kind == "conflict"
    assert "the signature: missing" in refusal.message
    shop.ask(rq.Attest("t1", "a1", "Li Wei"))
    assert shop.ask(rq.ExceptionClose(xid)).state == "closed"


@pytest.mark.parametrize("state", ["unknown", "unprinted"])
def test_an_exception_about_a_copy_is_closed_by_its_facts_only(state: str) -> None:
    shop = Shop()
    shop.submit(cash(id="t1"))
    if state == "unknown":
        shop.unknown()
    else:
        shop.fails()
        shop.report("printer", "faulted", "paper-end")
    xid = next(iter(shop.state.open))
    assert refused(shop, rq.ExceptionClose(xid)).kind == "conflict"
    if state == "unknown":
        shop.settle("t1", True, copy="merchant")
    else:
        shop.pass_time(1100)
        shop.report("printer", "ready")
        shop.print_all()
    assert shop.ask(rq.ExceptionClose(xid)).state == "closed"


def test_waived_is_owed_no_more_and_stays_on_record() -> None:
    shop, xid = unsigned()
    assert shop.sale("t1").owed
    answer = shop.ask(rq.ExceptionWaive(xid, "small"), SUPERVISOR)
    assert (answer.state, answer.reason) == ("waived", "small")
    assert shop.events(ev.ExceptionWaived)[0].doer == SUPERVISOR
    assert not shop.state.open
    assert not shop.sale("t1").owed
    assert lasting(folded(shop.log)) == lasting(shop.state)
    assert shop.ask(rq.ExceptionWaive(xid, "small")).state == "waived"
    assert refused(shop, rq.ExceptionNote(xid, "n1", "late")).kind == "conflict"
    shop.submit(cash(id="t2"))
    shop.print_all()
    forget(shop.state, shop.sale("t2").seq)
    assert "t1" not in shop.state.sales, "it may leave the ring"
    assert not shop.state.unsigned


def test_what_was_waived_can_still_be_signed_and_is_listed_again_if_it_is_not() -> None:
    shop, xid = unsigned()
    shop.ask(rq.ExceptionWaive(xid, "small"))
    shop.report("pad", "ready")
    shop.ask(rq.Resign("t1", "r1"))
    assert shop.sale("t1").owed, "it is being signed"
    shop.signs_not("timeout")
    assert shop.open_items() == [("unsigned", "customer", None, None)]
    assert shop.sale("t1").owed
    assert not shop.sale("t1").waived


def test_no_sweep_lists_again_what_was_waived() -> None:
    shop, xid = unsigned()
    shop.ask(rq.ExceptionWaive(xid, "small"), SUPERVISOR)
    shop.restart()
    shop.tick()
    shop.pass_time(DAY_MS)
    shop.tick()
    assert [(e.why, e.opened) for e in shop.events(ev.ExceptionsSwept)] == [("start", 0), ("daily", 0)]
    assert not shop.state.open


def test_a_copy_that_waits_prints_although_it_was_waived() -> None:
    shop = Shop(printer="faulted")
    shop.submit(cash(id="t1"))
    for xid in list(shop.state.open):
        shop.ask(rq.ExceptionWaive(xid, "no paper today"))
    assert shop.sale("t1").owed, "the copies wait still"
    shop.report("printer", "ready")
    assert len(shop.print_all()) == 2
    assert not shop.sale("t1").owed


def test_a_signature_that_is_being_taken_is_not_waived() -> None:
    shop, xid = unsigned()
    shop.report("pad", "ready")
    shop.ask(rq.Resign("t1", "r1"))
    assert refused(shop, rq.ExceptionWaive(xid, "small")).kind == "busy"


def test_a_deadline_that_is_over_is_told_once_by_its_own_clock() -> None:
    shop, xid = unsigned('[exceptions]\nunsigned = "2h"')
    shop.tick()
    assert shop.ask(rq.ExceptionList()).exceptions[0].due == "2026-11-21T06:00:00.000Z"
    shop.pass_time(2 * HOUR_MS - 1)
    shop.tick()
    assert not shop.events(ev.ExceptionOverdue)
    shop.pass_time(1)
    shop.tick()
    shop.tick()
    assert [(e.id, e.due) for e in shop.events(ev.ExceptionOverdue)] == [(xid, NOON_MS + 2 * HOUR_MS)]
    shop.restart()
    assert shop.state.exceptions[xid].overdue
    shop.tick()
    assert len(shop.events(ev.ExceptionOverdue)) == 1


def test_the_sweep_runs_at_start_and_daily_and_says_so() -> None:
    shop, _ = unsigned()
    shop.tick()
    shop.pass_time(DAY_MS - 1)
    shop.tick()
    assert [e.why for e in shop.events(ev.ExceptionsSwept)] == ["start"]
    shop.pass_time(1)
    shop.tick()
    assert [(e.why, e.seen, e.opened, e.closed) for e in shop.events(ev.ExceptionsSwept)] == [
        ("start", 1, 0, 0),
        ("daily", 1, 0, 0),
    ]
    shop.restart()
    shop.tick()
    assert [e.why for e in shop.events(ev.ExceptionsSwept)][2:] == ["start"]


@pytest.mark.parametrize("what", ["unsigned", "unknown", "failed", "voided"])
def test_the_sweep_lists_what_slipped_through(what: str) -> None:
    shop = Shop(pad="absent" if what == "unsigned" else "ready")
    shop.submit(sale(id="t1") if what in ("unsigned", "voided") else cash(id="t1"))
    if what == "voided":
        shop.signs()
        shop.print_all()
        shop.report("pad", "absent")
        shop.ask(rq.Void("t1", "v1", "wrong"))
    elif what == "unknown":
        shop.unknown()
    elif what == "failed":
        shop.fails()
    lost = [e for e in shop.log if isinstance(e, ev.ExceptionOpened)]
    shop.log = [msgspec.structs.replace(e, transaction="nobody") if e in lost else e for e in shop.log]
    shop.state = folded(shop.log)
    assert not shop.state.open
    shop.tick()
    kinds = {kind for kind, *_ in shop.open_items()}
    wanted = {"unsigned": "unsigned", "unknown": "unknown", "failed": "unprinted", "voided": "wrong-signature"}[what]
    assert wanted in kinds
    swept = shop.events(ev.ExceptionsSwept)[-1]
    assert swept.opened == len(shop.state.open) > 0


def test_the_sweep_closes_what_the_facts_have_settled() -> None:
    shop, xid = unsigned()
    shop.ask(rq.Attest("t1", "a1", "Li Wei"))
    shop.log = [e for e in shop.log if not isinstance(e, ev.ExceptionClosed)]
    shop.state = folded(shop.log)
    assert list(shop.state.open) == [xid]
    shop.tick()
    assert not shop.state.open
    assert shop.events(ev.ExceptionsSwept)[-1].closed == 1


def five_that_slipped_through() -> Shop:
    shop = Shop(pad="absent")
    for number in range(5):
        shop.submit(sale(id=f"t{number}"))
    shop.print_all()
    shop.log = [e for e in shop.log if not isinstance(e, ev.ExceptionOpened)]
    shop.state = folded(shop.log)
    return shop


@pytest.mark.parametrize("bound", ["AT_ONCE_MAX", "SALES_AT_ONCE"])
def test_a_sweep_of_very_many_goes_on_until_it_is_whole(monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    monkeypatch.setattr(casework, bound, 2)
    shop = five_that_slipped_through()
    found = []
    for _ in range(4):
        shop.pass_time(1000)
        shop.tick()
        found.append(len(shop.state.open))
    assert found == [2, 4, 5, 5]
    assert [(e.why, e.seen, e.opened, e.whole) for e in shop.events(ev.ExceptionsSwept)] == [("start", 5, 5, True)]


@pytest.mark.parametrize(("sales", "changes", "seen"), [(2, 100, 2), (4, 2, 2)])
def test_a_change_of_shift_looks_at_the_newest_and_leaves_the_others_to_what_follows(
    monkeypatch: pytest.MonkeyPatch, sales: int, changes: int, seen: int
) -> None:
    monkeypatch.setattr(casework, "SALES_AT_ONCE", sales)
    monkeypatch.setattr(casework, "AT_ONCE_MAX", changes)
    shop = five_that_slipped_through()
    shop.ask(rq.ShiftOpen("07", "o1"))
    answer = shop.ask(rq.ShiftClose("c1", slip=False))
    assert [shop.state.exceptions[xid].transaction for xid in answer.open] == ["t4", "t3"]
    for _ in range(4):
        shop.tick()
    swept = [(e.why, e.seen, e.opened, e.whole) for e in shop.events(ev.ExceptionsSwept)]
    assert swept == [("shift", seen, 2, False), ("shift", 5, 5, True)]
    assert len(shop.state.open) == 5


def test_a_transaction_that_leaves_while_it_is_swept_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(casework, "SALES_AT_ONCE", 1)
    shop = Shop(sweeps=True)
    for number in range(3):
        shop.submit(cash(id=f"t{number}"))
    shop.print_all()
    shop.tick()
    forget(shop.state, shop.sale("t1").seq)
    shop.tick()
    shop.tick()
    assert [(e.seen, e.whole) for e in shop.events(ev.ExceptionsSwept)] == [(2, True)]


def test_what_is_open_is_counted_as_it_comes_and_goes() -> None:
    shop, xid = unsigned('[exceptions]\nunsigned = "1h"')
    shop.report("printer", "faulted")
    shop.submit(cash(id="t2"))
    shop.pass_time(2 * HOUR_MS)
    shop.tick()
    assert health.counts(shop.state) == views.Counts(3, {"unsigned": 1, "unprinted": 2}, 1)
    assert health.counts(folded(shop.log)) == health.counts(shop.state)
    shop.ask(rq.ExceptionWaive(xid, "small"))
    assert health.counts(shop.state) == views.Counts(2, {"unprinted": 2}, 0)
    forget(shop.state, shop.state.seq)
    assert health.counts(shop.state) == views.Counts(2, {"unprinted": 2}, 0)


@pytest.mark.parametrize("settled", [True, False])
def test_an_exception_that_comes_back_from_the_archive_stands_in_its_place(settled: bool) -> None:
    shop = Shop(pad="absent")
    for name in ("t1", "t2"):
        shop.submit(sale(id=name))
        shop.print_all()
    shop.ask(rq.Attest("t1", "a1", "Li Wei"))
    xids = list(shop.state.exceptions)
    own = [(seq, e) for seq, e in enumerate(shop.log, 1) if codec.transaction_of(e) == "t1"]
    forget(shop.state, shop.sale("t2").seq)
    assert list(shop.state.exceptions) == xids[1:]
    alone = archived.fold(own if settled else own[:-1], "t1", shop.state)
    assert alone is not None
    archived.absorb(shop.state, alone, "t1", shop.state.seq)
    assert list(shop.state.exceptions) == xids
    assert list(shop.state.open) == xids[settled:]
    assert health.counts(shop.state) == views.Counts(2 - settled, {"unsigned": 2 - settled}, 0)
    page = shop.ask(rq.ExceptionList("all", 1))
    assert [item.id for item in (*page.exceptions, *shop.ask(rq.ExceptionList("all", 1, page.next)).exceptions)] == xids


def test_deadlines_of_what_is_closed_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(casework, "AT_ONCE_MAX", 2)
    shop = Shop('[exceptions]\nunsigned = "2h"\nunprinted = "1h"', pad="absent")
    for number in range(SPARE):
        shop.submit(sale(id=f"t{number}"))
        shop.print_all()
        shop.ask(rq.Attest(f"t{number}", f"a{number}", "Li Wei"))
    shop.submit(sale(id="open"))
    shop.print_all()
    for number in range(SPARE, 2 * SPARE):
        shop.submit(sale(id=f"t{number}"))
        shop.print_all()
        shop.ask(rq.Attest(f"t{number}", f"a{number}", "Li Wei"))
        assert len(shop.state.deadlines) <= SPARE + 2 * 2
    shop.report("printer", "faulted")
    shop.submit(cash(id="later-but-sooner-due"))
    shop.pass_time(2 * HOUR_MS)
    for _ in range(SPARE):
        shop.tick()
    told = [shop.state.exceptions[e.id].transaction for e in shop.events(ev.ExceptionOverdue)]
    assert told == ["later-but-sooner-due"] * 2 + ["open"]
    assert not shop.state.deadlines


def test_pages_go_through_the_list_once_from_the_oldest_on() -> None:
    shop = Shop(pad="absent")
    for number in range(9):
        shop.submit(sale(id=f"t{number}"))
    shop.print_all()
    xids = list(shop.state.open)
    shop.ask(rq.ExceptionWaive(xids[3], "small"))
    shop.ask(rq.Attest("t5", "a1", "Li Wei"))
    for state, wanted in (
        ("open", [*xids[:3], xids[4], *xids[6:]]),
        ("waived", [xids[3]]),
        ("closed", [xids[5]]),
        ("all", xids),
    ):
        seen, after = [], None
        for _ in range(len(xids)):
            page = shop.ask(rq.ExceptionList(state, 2, after))  # type: ignore[arg-type]
            assert len(page.exceptions) <= 2
            seen += [item.id for item in page.exceptions]
            if (after := page.next) is None:
                break
        assert seen == wanted


def test_the_shop_says_who_has_to_act_at_first() -> None:
    shop, _ = unsigned('[exceptions]\nwho = {unsigned = "supervisor"}')
    shop.submit(cash(id="t2"))
    shop.unknown()
    told = [(item.kind, item.role, item.copy, item.number) for item in shop.ask(rq.ExceptionList()).exceptions]
    assert told == [("unsigned", "supervisor", None, None), ("unknown", "cashier", "merchant", 0)]
    assert lasting(folded(shop.log)) == lasting(shop.state)


@pytest.mark.parametrize("room", ["reserve", "none"])
def test_nothing_is_swept_without_room(room: Any) -> None:
    shop, _ = unsigned()
    shop.state.room = room
    assert not casework.due(shop.state, Now(shop.ms + 10 * DAY_MS, 10 * DAY_MS))


STEPS = ["sell", "sign", "not", "print", "fail", "unknown", "settle", "attest", "void", "close", "waive", "tick", "on"]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(STEPS), max_size=25), st.integers(0, 1000))
def test_no_closed_exception_has_open_facts(steps: list[str], seed: int) -> None:
    rng, shop = Random(seed), Shop()
    for number, step in enumerate(steps):
        before = len(shop.log)
        _step(shop, step, number, rng)
        for closed in (e for e in shop.log[before:] if isinstance(e, ev.ExceptionClosed)):
            item = shop.state.exceptions[closed.id]
            about = (item.kind, item.copy, item.number)
            again = about in [(kind, copy, number) for kind, _, copy, number in shop.open_items(item.transaction)]
            assert again or not casework.facts_open(shop.sale(item.transaction), *about), closed
        for own in shop.state.sales.values():
            listed = {(i.kind, i.copy, i.number) for i in map(shop.state.exceptions.get, own.exceptions) if i}
            missing = [about for about in casework.open_facts(own) if about not in listed and about[0] != "unsigned"]
            assert not missing, missing


def _step(shop: Shop, step: str, number: int, rng: Random) -> None:
    xid = rng.choice(list(shop.state.open)) if shop.state.open else "x1"
    requests: dict[str, rq.AnyRequest] = {
        "attest": rq.Attest("last", f"a{number}", "Li Wei"),
        "void": rq.Void("last", f"v{number}", "wrong"),
        "close": rq.ExceptionClose(xid),
        "waive": rq.ExceptionWaive(xid, "small"),
        "settle": rq.Settle("last", "merchant", 0, rng.random() < 0.5),
    }
    shop.pass_time(rng.choice([1, 1100, HOUR_MS]))
    if step == "sell":
        shop.submit(sale(id=f"t{number}") if rng.random() < 0.6 else cash(id=f"t{number}"))
    elif step in ("print", "fail", "unknown") and shop.job is not None:
        {"print": shop.printed, "fail": shop.fails, "unknown": shop.unknown}[step]()
    elif step in ("sign", "not") and shop.session is not None:
        shop.signs() if step == "sign" else shop.signs_not("timeout")
    elif step == "on":
        shop.report("pad", rng.choice(["ready", "absent"]))
    elif step == "tick":
        shop.tick()
    elif step in requests:
        with suppress(Refusal):
            shop.ask(requests[step])
