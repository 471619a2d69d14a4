"""Power is pulled: what the journal has is what there is, and nobody is told otherwise."""

from __future__ import annotations

import msgspec
import pytest

from posd.desk.apply import apply, forget
from posd.desk.state import State
from posd.domain import events as ev
from posd.domain import requests as rq
from posd.domain.device import DeviceReport
from posd.domain.doer import POSD
from posd.domain.errors import Refusal
from tests.unit.desk.shop import DAY_MS, NOON_MS, Shop, folded, lasting
from tests.unit.domain.samples import cash, every_event, sale

ONE = '[slip]\ncopies = ["customer"]'


def test_a_copy_that_was_printing_is_unknown_and_nothing_prints_by_itself() -> None:
    shop = Shop(ONE)
    shop.submit(cash(id="t1"))
    shop.restart()
    shop.report("printer", "ready")
    assert (shop.copies("t1"), shop.copy("t1").cause) == ({"c0": "unknown"}, "restart")
    assert shop.open_items() == [("unknown", "system", "customer", 0)]
    assert len(shop.jobs) == 1
    shop.reprint("t1")
    assert "POSSIBLE DUPLICATE" in shop.paper[-1]


def test_a_copy_whose_start_was_lost_never_left_and_prints_unmarked() -> None:
    shop = Shop(ONE)
    shop.submit(cash(id="t1"))
    assert isinstance(shop.log[-1], ev.CopyStarted)
    shop.restart(lose=1)
    shop.report("printer", "ready")
    assert shop.events(ev.CopyUnknown) == []
    assert "POSSIBLE" not in shop.paper[-1]


def test_a_print_whose_proof_was_lost_is_unknown() -> None:
    shop = Shop(ONE)
    shop.submit(cash(id="t1"))
    shop.printed()
    shop.restart(lose=1)
    assert shop.copies("t1") == {"c0": "unknown"}


def test_who_was_awaited_has_gone() -> None:
    shop = Shop()
    for i in (1, 2):
        shop.submit(sale(id=f"t{i}"))
    shop.restart()
    for i in (1, 2):
        assert (shop.sale(f"t{i}").signature.state, shop.sale(f"t{i}").signature.cause) == ("missing", "system")
    assert shop.open_items() == [("unsigned", "system", None, None)] * 2
    shop.report("pad", "ready")
    assert len(shop.sessions) == 1
    assert all(e.doer == POSD for e in shop.events(ev.SignatureMissing))


def test_after_a_restart_devices_are_asked_anew() -> None:
    shop = Shop()
    shop.restart()
    assert {d.report.state for d in shop.state.devices.values()} == {"opening"}
    shop.submit(cash(id="t1"))
    assert shop.jobs == []


def test_a_device_that_is_as_it_was_is_not_recorded_again() -> None:
    shop = Shop()
    changes = len(shop.events(ev.DeviceChanged))
    shop.restart()
    shop.report("printer", "opening")
    shop.report("printer", "ready")
    assert len(shop.events(ev.DeviceChanged)) == changes
    shop.give(DeviceReport("printer", "ready", ("paper-near-end",), "almost"))
    assert len(shop.events(ev.DeviceChanged)) == changes + 1


def test_a_quiet_restart_decides_nothing() -> None:
    shop = Shop()
    shop.submit(cash(id="t1"))
    shop.print_all()
    assert shop.restart().events == []


def test_a_clock_behind_the_journal_is_suspect() -> None:
    shop = Shop()
    shop.submit(cash(id="t1"))
    shop.print_all()
    shop.ms -= DAY_MS
    events = shop.restart().events
    assert [(type(e), getattr(e, "newest", None)) for e in events] == [(ev.ClockSuspect, NOON_MS)]
    assert shop.state.newest_ms == NOON_MS


def test_a_clock_before_the_build_is_suspect() -> None:
    shop = Shop()
    built = NOON_MS + DAY_MS
    events = shop.restart(built_ms=built).events
    assert [getattr(e, "newest", None) for e in events] == [built]


def test_the_journal_folds_and_boots_wherever_power_was_pulled() -> None:
    """Whatever was lost behind a sale's acceptance, each owed copy and signature ends on the list or is still owed."""
    shop = Shop()
    shop.submit(sale(id="t1"))
    shop.submit(cash(id="t2"))
    shop.signs()
    shop.unknown()
    shop.settle("t2", printed=False, copy="merchant")
    shop.fails()
    shop.report("printer", "attention", "paper-end")
    whole = list(shop.log)
    for kept in sorted(set(shop.cuts)):
        shop.log = list(whole[:kept])
        shop.restart()
        assert lasting(folded(shop.log)) == lasting(shop.state)
        shop.report("pad", "absent")
        shop.report("printer", "absent", "unplugged")
        for name in shop.state.sales:
            for copy in shop.sale(name).copies:
                listed = {(c, n) for _, _, c, n in shop.open_items(name)}
                assert copy.state == "printed" or (copy.name, copy.number) in listed, (kept, copy)
            assert shop.sale(name).signature.state != "awaiting"


def test_events_of_a_sale_that_has_left_the_ring_change_nothing() -> None:
    state = State()
    for seq, event in enumerate(every_event()[1:], 1):
        apply(state, seq, event)
    assert (state.sales, state.keys, state.exceptions, state.owed, state.printing, state.signing) == (
        {},
        {},
        {},
        {},
        None,
        None,
    )


def test_a_ring_that_lost_its_oldest_sale_folds_to_the_same_as_forgetting_it() -> None:
    shop = Shop()
    for i in (1, 2, 3):
        shop.submit(sale(id=f"t{i}"))
        shop.signs()
        shop.print_all()
        shop.reprint(f"t{i}", f"k{i}")
        shop.print_all()
    first = shop.sale("t2").seq
    expected = lasting(folded(shop.log, first))
    forget(shop.state, first)
    assert list(shop.state.sales) == ["t2", "t3"]
    got = lasting(shop.state)
    assert {k: got[k] for k in ("sales", "receipts", "last", "exceptions", "open", "keys", "owed", "unsigned")} == {
        k: expected[k] for k in ("sales", "receipts", "last", "exceptions", "open", "keys", "owed", "unsigned")
    }


def test_forgetting_keeps_what_is_owed_and_drops_all_that_refers_to_the_rest() -> None:
    shop = Shop(ONE)
    shop.submit(cash(id="t1"))
    shop.unknown()
    shop.submit(cash(id="t2"))
    shop.print_all()
    shop.reprint("t2", "k2")
    shop.print_all()
    forget(shop.state, shop.state.seq + 1)
    assert list(shop.state.sales) == ["t1"]
    assert shop.state.last == "t1"
    assert shop.state.keys == {}
    assert list(shop.state.receipts.values()) == ["t1"]
    shop.settle("t1", printed=True)
    forget(shop.state, shop.state.seq + 1)
    assert (shop.state.sales, shop.state.last, shop.state.exceptions) == ({}, None, {})


def test_a_question_about_a_record_that_has_just_left_the_ring_is_refused_not_a_crash() -> None:
    shop = Shop(ONE)
    shop.submit(cash(id="t1"))
    shop.print_all()

    def gone(seq: int) -> ev.AnyEvent:
        raise LookupError(seq)

    shop.tools = msgspec.structs.replace(shop.tools, recall=gone)
    for request in (rq.Get("t1"), rq.Preview("t1"), rq.ReprintAsk("t1", "k")):
        with pytest.raises(Refusal) as caught:
            shop.ask(request)
        assert caught.value.kind == "not-found", request
    assert len(shop.jobs) == 1


def test_a_copy_whose_record_left_the_ring_before_its_turn_came_is_held_not_a_crash() -> None:
    shop = Shop(ONE)
    shop.submit(cash(id="t1"))
    shop.print_all()
    shop.submit(cash(id="t2"))
    shop.reprint("t1")
    whole = shop.tools.recall
    first = shop.sale("t2").seq

    def ring(seq: int) -> ev.AnyEvent:
        if seq < first:
            raise LookupError(seq)
        return whole(seq)

    shop.tools = msgspec.structs.replace(shop.tools, recall=ring)
    shop.printed()
    assert shop.copies("t1") == {"c0": "printed", "c1": "failed"}
    assert shop.open_items("t1") == [("unprinted", "device", "customer", 1)]
