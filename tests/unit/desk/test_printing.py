"""How a copy ends, what follows, and that one unmarked print is all there can be (law 2)."""

from __future__ import annotations

import pytest

from posd.desk import printing
from posd.desk.printing import RETRY_MS
from posd.domain import events as ev
from posd.domain.errors import Refusal
from tests.unit.desk.shop import DAY_MS, Shop, folded, lasting
from tests.unit.domain.samples import cash, sale

STALE_MS = 600_000


def shop_with_one(toml: str = '[slip]\ncopies = ["customer"]') -> Shop:
    """A cash sale `t1` whose customer copy is on the printer."""
    shop = Shop(toml)
    shop.submit(cash(id="t1"))
    assert shop.job == "000001-c0"
    return shop


@pytest.mark.parametrize("proof", ["confirmed", "assumed"])
def test_a_printed_copy_says_how_that_is_known(proof: str) -> None:
    shop = shop_with_one()
    shop.printed(proof)
    assert shop.copy("t1").proof == proof
    assert shop.events(ev.CopyPrinted)[-1].proof == proof


def test_a_failed_copy_goes_again_by_itself_unmarked_when_the_printer_is_back() -> None:
    shop = shop_with_one()
    shop.fails("paper-end")
    shop.report("printer", "attention", "paper-end")
    assert (shop.copies("t1"), shop.copy("t1").cause) == ({"c0": "failed"}, "paper-end")
    assert shop.open_items("t1") == [("unprinted", "device", "customer", 0)]
    shop.pass_time(RETRY_MS)
    shop.report("printer", "ready")
    assert shop.job == "000001-c0"
    shop.printed()
    assert shop.open_items() == []
    assert shop.paper[0] == shop.paper[1]
    assert [e.mark for e in shop.events(ev.CopyStarted)] == ["none", "none"]


def test_after_a_failure_with_the_printer_still_ready_the_next_try_waits_a_second() -> None:
    shop = shop_with_one()
    shop.fails("offline")
    assert shop.job is None
    shop.pass_time(RETRY_MS - 1)
    shop.tick()
    assert shop.job is None
    shop.pass_time(1)
    shop.tick()
    assert shop.job == "000001-c0"


def test_unknown_never_goes_again_by_itself() -> None:
    shop = shop_with_one()
    shop.unknown("unplugged")
    assert shop.open_items("t1") == [("unknown", "device", "customer", 0)]
    for state in ("absent", "opening", "ready", "attention", "ready"):
        shop.pass_time(2 * STALE_MS)
        shop.report("printer", state)
        shop.tick()
    shop.submit(cash(id="t2"))
    shop.print_all()
    shop.restart()
    shop.report("printer", "ready")
    shop.tick()
    assert [job.job for job in shop.jobs].count("000001-c0") == 1
    assert shop.copies("t1") == {"c0": "unknown"}


def test_an_unknown_copy_that_came_out_is_printed_and_nothing_more_prints() -> None:
    shop = shop_with_one()
    shop.unknown()
    answer = shop.settle("t1", printed=True)
    assert answer.state.copies[0].state == "printed"
    assert answer.state.exceptions[0].state == "closed"
    assert len(shop.jobs) == 1
    assert not shop.sale("t1").owed


def test_an_unknown_copy_that_did_not_come_out_prints_again_with_the_mark() -> None:
    """Law 2: whatever the person said, it may be a duplicate."""
    shop = shop_with_one()
    shop.unknown()
    shop.settle("t1", printed=False)
    assert shop.job == "000001-c0"
    assert "POSSIBLE DUPLICATE" in shop.paper[1]
    assert "POSSIBLE DUPLICATE" not in shop.paper[0]
    assert shop.events(ev.CopyStarted)[-1].mark == "possible-duplicate"
    shop.printed()
    assert shop.open_items() == []


def test_once_unknown_always_marked() -> None:
    shop = shop_with_one()
    shop.unknown()
    shop.settle("t1", printed=True)
    for key in ("k1", "k2"):
        assert shop.reprint("t1", key).number == int(key[1])
        shop.printed()
    assert all("POSSIBLE DUPLICATE" in slip and "DUPLICATE " in slip for slip in shop.paper[1:])
    assert [e.mark for e in shop.events(ev.ReprintRequested)] == ["possible-duplicate"] * 2


def test_the_mark_stays_with_its_own_copy() -> None:
    shop = Shop()
    shop.submit(cash(id="t1"))
    shop.unknown()
    shop.printed()
    shop.reprint("t1")
    assert "POSSIBLE" not in shop.paper[-1]
    shop.printed()
    shop.reprint("t1", "k2", copy="merchant")
    assert "POSSIBLE" in shop.paper[-1]


def test_a_reprint_settles_the_unknown_original_and_the_journal_need_not_keep_it_any_more() -> None:
    shop = shop_with_one()
    shop.unknown()
    shop.reprint("t1")
    assert shop.sale("t1").owed
    shop.printed()
    assert shop.open_items() == []
    assert shop.copies("t1") == {"c0": "unknown", "c1": "printed"}
    assert not shop.sale("t1").owed, "nothing is open; a pinned record would fill the journal in the end"


def test_an_unknown_reprint_after_an_unknown_original_leaves_both_on_the_list() -> None:
    shop = shop_with_one()
    shop.unknown()
    shop.reprint("t1")
    shop.unknown()
    assert [(kind, number) for kind, _, _, number in shop.open_items("t1")] == [("unknown", 0), ("unknown", 1)]
    shop.reprint("t1", "k2")
    shop.printed()
    assert shop.open_items() == []


def test_settling_twice_the_same_is_the_same_answer_and_otherwise_a_conflict() -> None:
    shop = shop_with_one()
    shop.unknown()
    shop.settle("t1", printed=True)
    events = len(shop.log)
    assert shop.settle("t1", printed=True).id == "t1"
    assert len(shop.log) == events
    with pytest.raises(Refusal) as caught:
        shop.settle("t1", printed=False)
    assert caught.value.kind == "conflict"


@pytest.mark.parametrize(("end", "state"), [("printed", "printed"), ("fails", "failed")])
def test_only_an_unknown_copy_can_be_settled(end: str, state: str) -> None:
    shop = shop_with_one()
    getattr(shop, end)()
    with pytest.raises(Refusal, match=f"is {state}, not unknown"):
        shop.settle("t1", printed=True)
    with pytest.raises(Refusal) as caught:
        shop.settle("t1", printed=True, number=7)
    assert (caught.value.kind, caught.value.field) == ("not-found", "number")
    with pytest.raises(Refusal):
        shop.settle("nobody", printed=True)


def test_the_body_of_every_print_is_the_originals() -> None:
    """Law 4, also when what a body is made of changed in between."""
    shop = shop_with_one()
    shop.fails()
    shop.pass_time(RETRY_MS)
    shop.tick()
    shop.unknown()
    shop.settle("t1", printed=False)
    shop.printed()
    shop.rules = Shop('[terminal]\nmerchant = "Another shop"').rules
    shop.reprint("t1")
    shop.printed()
    starts = shop.events(ev.CopyStarted)
    assert len({e.body_digest for e in starts}) == 1
    assert [e.body is not None for e in starts] == [True, False, False, False]
    bodies = {line for slip in shop.paper for line in slip.splitlines() if line.startswith("posd customer t1")}
    assert len(bodies) == 1
    assert len(shop.paper) == 4


def test_a_composer_that_would_change_a_body_is_caught_before_anything_is_printed() -> None:
    """Law 4 is asserted where the slip is made, not only hoped for."""
    shop = shop_with_one()
    shop.printed()
    whole = shop.tools

    def changed(order: object) -> object:
        import msgspec

        slip = whole.compose(order)  # type: ignore[arg-type]
        return msgspec.structs.replace(slip, body=slip.body + b".")

    shop.tools = type(whole)(changed, whole.recall, whole.selftest)  # type: ignore[arg-type]
    with pytest.raises(AssertionError):
        shop.reprint("t1")


def test_a_slip_may_hang_in_the_printer_from_its_break_to_the_next_print_whatever_the_clock_says() -> None:
    shop = Shop('[slip]\ncopies = ["customer"]')
    assert not printing.may_hang(shop.state)
    shop.submit(cash(id="t1"))
    assert printing.may_hang(shop.state), "a restart now would find it broken off"
    shop.printed()
    assert not printing.may_hang(shop.state)
    shop.ms -= DAY_MS
    shop.submit(cash(id="t2"))
    shop.unknown()
    assert printing.may_hang(shop.state)
    shop.settle("t2", printed=True)
    shop.restart()
    assert printing.may_hang(shop.state), "a person's word cuts no paper"
    shop.report("printer", "ready")
    shop.ms -= DAY_MS
    shop.submit(cash(id="t3"))
    shop.printed()
    assert not printing.may_hang(shop.state)


def test_a_torn_piece_hangs_in_the_printer_until_the_next_print_over_a_restart_too() -> None:
    shop = Shop('[slip]\ncopies = ["customer"]')
    shop.submit(cash(id="t1"))
    shop.fails("no-answer", torn=True)
    shop.restart()
    assert printing.may_hang(shop.state)
    shop.report("printer", "ready")
    shop.fails("paper-end")
    assert printing.may_hang(shop.state), "nothing came out that could have been cut"
    shop.pass_time(2000)
    shop.tick()
    shop.printed()
    assert not printing.may_hang(shop.state)


def test_live_sales_go_before_reprints() -> None:
    shop = Shop('[slip]\ncopies = ["customer"]')
    shop.submit(cash(id="t1"))
    shop.print_all()
    shop.submit(cash(id="t2"))
    shop.reprint("t1")
    shop.submit(cash(id="t3"))
    assert shop.print_all() == ["000002-c0", "000003-c0", "000001-c1"]


def test_a_copy_that_waited_too_long_goes_to_the_list_and_prints_only_when_asked_for() -> None:
    shop = Shop('[slip]\ncopies = ["customer"]', printer="absent")
    shop.submit(cash(id="t1"))
    shop.pass_time(STALE_MS)
    shop.tick()
    assert shop.copies("t1") == {"c0": "queued"}
    shop.pass_time(1)
    shop.tick()
    assert (shop.copies("t1"), shop.copy("t1").cause) == ({"c0": "failed"}, "stale")
    shop.report("printer", "ready")
    assert shop.jobs == []
    assert shop.open_items("t1") == [("unprinted", "device", "customer", 0)]
    assert shop.reprint("t1").number == 0
    assert shop.paper == [shop.paper[0]]
    assert "DUPLICATE" not in shop.paper[0]
    shop.printed()
    assert shop.open_items() == []


def test_a_failed_copy_that_waited_too_long_goes_to_the_list_too() -> None:
    shop = shop_with_one()
    shop.fails("cover-open")
    shop.report("printer", "attention", "cover-open")
    shop.pass_time(STALE_MS + 1)
    shop.tick()
    assert shop.copy("t1").held
    shop.report("printer", "ready")
    assert len(shop.jobs) == 1
    assert shop.open_items("t1") == [("unprinted", "device", "customer", 0)]


def test_a_copy_of_yesterday_does_not_print_when_posd_starts_before_the_first_tick() -> None:
    shop = Shop('[slip]\ncopies = ["customer"]', printer="absent")
    shop.submit(cash(id="t1"))
    shop.pass_time(24 * 3_600_000)
    shop.restart()
    shop.report("printer", "ready")
    assert shop.jobs == []
    assert shop.open_items("t1") == [("unprinted", "device", "customer", 0)]


def test_a_fresh_copy_prints_after_a_restart() -> None:
    shop = Shop('[slip]\ncopies = ["customer"]', printer="absent")
    shop.submit(cash(id="t1"))
    shop.pass_time(STALE_MS - 1)
    shop.restart()
    shop.report("printer", "ready")
    assert shop.print_all() == ["000001-c0"]


def test_waiting_for_a_signature_does_not_make_a_copy_old() -> None:
    shop = Shop()
    shop.submit(sale(id="t1"))
    shop.pass_time(2 * STALE_MS)
    shop.tick()
    assert shop.copies("t1") == {"m0": "queued", "c0": "queued"}
    shop.signs()
    assert shop.print_all() == ["000001-m0", "000001-c0"]


def test_the_fold_of_the_journal_is_the_live_state_after_each_of_these() -> None:
    shop = shop_with_one()
    for step in (
        shop.unknown,
        lambda: shop.settle("t1", printed=False),
        shop.fails,
        lambda: (shop.pass_time(RETRY_MS), shop.tick()),
        shop.printed,
        lambda: shop.reprint("t1"),
        shop.unknown,
        lambda: shop.report("printer", "attention", "cutter"),
        lambda: shop.submit(sale(id="t2")),
        shop.signs,
    ):
        step()
        assert lasting(folded(shop.log)) == lasting(shop.state)
