"""What becomes of what waits when a fault clears: the lettered cases of posd/desk/printing.py."""

from __future__ import annotations

from posd.desk.messages import Leave
from posd.desk.printing import RETRY_MS
from posd.domain import events as ev
from posd.domain import requests as rq
from posd.domain.device import PrintOutcome
from tests.unit.desk.shop import Shop, folded, lasting
from tests.unit.domain.samples import cash, sale

ONE = '[slip]\ncopies = ["customer"]'
STALE_MS = 600_000


def waiting(*names: str, printer: str = "absent") -> Shop:
    """A shop whose printer is away, with a cash sale for each name."""
    shop = Shop(ONE, printer=printer)
    for name in names:
        shop.submit(cash(id=name))
    return shop


def clears(shop: Shop) -> None:
    shop.pass_time(RETRY_MS)
    shop.report("printer", "ready")


def tears(shop: Shop, cause: str = "paper-end") -> None:
    assert shop.job is not None
    shop.give(PrintOutcome(shop.job, "failed", None, cause, torn=True))
    shop.report("printer", "attention", cause)


def test_case_a_what_waited_prints_by_itself_oldest_first_and_unmarked() -> None:
    shop = waiting("t1", "t2", "t3")
    assert len(shop.open_items()) == 3
    clears(shop)
    assert shop.print_all() == ["000001-c0", "000002-c0", "000003-c0"]
    assert shop.open_items() == []
    assert not any("DUPLICATE" in slip or "VOID" in slip for slip in shop.paper)


def test_case_b_a_torn_piece_is_void_and_the_new_slip_says_so() -> None:
    shop = waiting("t1", printer="ready")
    tears(shop)
    assert shop.open_items("t1") == [("unprinted", "device", "customer", 0)]
    view = shop.ask(rq.Get("t1")).state.copies[0]
    assert (view.state, view.torn, view.mark) == ("failed", True, "none")
    shop.restart()
    clears(shop)
    assert "VOID" in shop.paper[-1]
    assert "DUPLICATE" not in shop.paper[-1]
    assert [e.torn for e in shop.events(ev.CopyStarted)] == [False, True]
    shop.printed()
    assert shop.ask(rq.Get("t1")).state.copies[0].torn is False
    assert shop.open_items() == []
    shop.reprint("t1")
    assert "VOID" not in shop.paper[-1], "the piece belongs to the original"
    assert lasting(folded(shop.log)) == lasting(shop.state)


def test_case_b_torn_and_then_unknown_says_both() -> None:
    shop = waiting("t1", printer="ready")
    tears(shop)
    clears(shop)
    shop.unknown()
    shop.settle("t1", printed=False)
    assert "VOID" in shop.paper[-1]
    assert "POSSIBLE DUPLICATE" in shop.paper[-1]


def test_case_b_a_torn_piece_stays_void_until_a_slip_is_out_however_often_it_fails() -> None:
    shop = waiting("t1", printer="ready")
    tears(shop)
    clears(shop)
    shop.fails("cover-open")
    clears(shop)
    assert "VOID" in shop.paper[-1]


def test_case_c_what_is_too_old_waits_for_a_person_and_the_rest_prints() -> None:
    shop = waiting("t1")
    shop.pass_time(STALE_MS)
    shop.submit(cash(id="t2"))
    shop.pass_time(1)
    shop.tick()
    assert (shop.copies("t1"), shop.copy("t1").cause) == ({"c0": "failed"}, "stale")
    clears(shop)
    assert shop.print_all() == ["000002-c0"]
    assert shop.open_items() == [("unprinted", "device", "customer", 0)]
    shop.reprint("t1")
    assert shop.print_all() == ["000001-c0"]
    assert shop.open_items() == []


def test_case_c_a_torn_piece_that_is_too_old_is_still_void_when_a_person_asks() -> None:
    shop = waiting("t1", printer="ready")
    tears(shop)
    shop.pass_time(STALE_MS + 1)
    shop.tick()
    clears(shop)
    assert len(shop.jobs) == 1
    shop.reprint("t1")
    assert "VOID" in shop.paper[-1]


def test_case_d_what_waits_for_its_signature_waits_for_that() -> None:
    shop = Shop(printer="absent")
    shop.submit(sale(id="t1"))
    shop.submit(cash(id="t2"))
    shop.pass_time(STALE_MS - 1)
    shop.tick()
    clears(shop)
    assert shop.print_all() == []
    assert shop.copies("t2") == {"m0": "failed", "c0": "failed"}, "too old by the second that the printer took"
    shop.pass_time(STALE_MS)
    shop.tick()
    shop.signs()
    assert shop.print_all() == ["000001-m0", "000001-c0"]


def test_case_e_reprints_go_behind_every_live_sale_and_grow_old_too() -> None:
    shop = waiting("t1", printer="ready")
    shop.print_all()
    shop.submit(cash(id="t2"))
    shop.reprint("t1", "k1")
    shop.fails()
    shop.report("printer", "attention", "paper-end")
    shop.submit(cash(id="t3"))
    clears(shop)
    shop.submit(cash(id="t4"))
    assert shop.print_all() == ["000002-c0", "000003-c0", "000004-c0", "000001-c1"]
    shop.submit(cash(id="t5"))
    shop.reprint("t1", "k2")
    shop.fails()
    shop.report("printer", "attention", "paper-end")
    shop.pass_time(STALE_MS + 1)
    shop.tick()
    clears(shop)
    assert shop.job is None
    assert shop.copies("t1") == {"c0": "printed", "c1": "printed", "c2": "failed"}
    assert shop.reprint("t1", "k3").number == 2


def test_case_f_unknown_stays_unknown() -> None:
    shop = waiting("t1", printer="ready")
    shop.unknown("unplugged")
    shop.report("printer", "absent", "unplugged")
    clears(shop)
    shop.tick()
    assert (len(shop.jobs), shop.copies("t1")) == (1, {"c0": "unknown"})
    assert shop.open_items() == [("unknown", "device", "customer", 0)]


def test_case_g_a_start_in_between_changes_nothing_but_what_was_on_the_printer() -> None:
    shop = waiting("t1", "t2", "t3", printer="ready")
    shop.printed()
    shop.fails("cover-open")
    shop.report("printer", "attention", "cover-open")
    shop.restart()
    clears(shop)
    assert shop.print_all() == ["000002-c0", "000003-c0"]
    shop.submit(cash(id="t4"))
    shop.submit(cash(id="t5"))
    shop.restart()
    clears(shop)
    assert shop.print_all() == ["000005-c0"]
    assert shop.copies("t4") == {"c0": "unknown"}


def test_case_h_a_self_test_goes_behind_all_else() -> None:
    shop = waiting("t1", printer="ready")
    test = shop.ask(rq.SelftestAsk("s")).job
    shop.fails()
    shop.report("printer", "attention", "paper-end")
    shop.submit(cash(id="t2"))
    clears(shop)
    assert shop.print_all() == ["000001-c0", "000002-c0", test]


def test_case_i_what_fails_again_keeps_its_place() -> None:
    shop = Shop()
    shop.submit(cash(id="t1"))
    shop.submit(cash(id="t2"))
    for _ in range(3):
        assert shop.job == "000001-m0"
        shop.fails("cover-open")
        shop.report("printer", "attention", "cover-open")
        clears(shop)
    assert shop.print_all() == ["000001-m0", "000001-c0", "000002-m0", "000002-c0"]
    assert lasting(folded(shop.log)) == lasting(shop.state)


def test_case_i_what_fails_goes_behind_what_became_owed_before_it() -> None:
    shop = Shop('[slip]\ncopies = ["customer"]')
    shop.submit(sale(id="t1"))
    shop.submit(cash(id="t2"))
    assert shop.job == "000002-c0"
    shop.fails("cover-open")
    shop.report("printer", "attention", "cover-open")
    shop.signs()
    clears(shop)
    assert shop.print_all() == ["000001-c0", "000002-c0"]


def test_case_i_to_ask_for_what_waits_already_costs_it_no_place() -> None:
    shop = waiting("t1", "t2", "t3", printer="ready")
    shop.reprint("t2")
    shop.fails()
    clears(shop)
    assert shop.print_all() == ["000001-c0", "000002-c0", "000003-c0"]


def test_case_j_while_posd_stops_nothing_begins() -> None:
    shop = waiting("t1", "t2", printer="ready")
    shop.give(Leave())
    shop.fails()
    clears(shop)
    assert len(shop.jobs) == 1
    shop.restart()
    clears(shop)
    assert shop.print_all() == ["000001-c0", "000002-c0"]


# @K: test_restart.py, test_a_copy_whose_record_left_the_ring_before_its_turn_came_is_held_not_a_crash.
