"""What is counted of a device, under which name, and what a power cut may take of it."""

from __future__ import annotations

from typing import Any

from posd.desk import health
from posd.desk.apply import forget
from posd.desk.apply_box import UNITS_MAX
from posd.desk.figures import figures
from posd.desk.messages import Leave
from posd.desk.statistics import UNSAVED_MAX, UNSAVED_MS
from posd.domain import events as ev
from posd.domain.device import DeviceReport, PrintOutcome, Wear
from posd.domain.views import Statistics
from tests.unit.desk.shop import Shop, folded, lasting
from tests.unit.domain.samples import cash

ONE = '[slip]\ncopies = ["customer"]'
WEAR = Wear(lines=40, cuts=1, paper_mm=150, head_ms=900)


def counted(shop: Shop) -> Statistics:
    view = health.devices(shop.state, frozenset({"printer"})).devices[0].statistics
    assert view is not None
    return view


def prints(shop: Shop, state: Any = "printed", wear: Wear | None = WEAR, *, torn: bool = False) -> None:
    shop.submit(cash(id=f"t{len(shop.log)}"))
    assert shop.job is not None
    proof: Any = "confirmed" if state == "printed" else None
    shop.give(PrintOutcome(shop.job, state, proof, None if proof else "paper-end", torn=torn, wear=wear))


def is_ready(shop: Shop, model: str = "", serial: str = "", *reasons: Any) -> None:
    info = {"path": "/dev/lp0"} | ({"model": model} if model else {}) | ({"serial": serial} if serial else {})
    shop.give(DeviceReport("printer", "attention" if reasons else "ready", reasons, "", info))


def test_what_came_out_or_may_have_is_counted() -> None:
    shop = Shop(ONE)
    prints(shop)
    prints(shop, "unknown")
    prints(shop, wear=None)
    assert counted(shop) == Statistics("printer", 3, 80, 2, 300, 1800, {})


def test_a_torn_piece_counts_with_its_paper_and_a_failure_not_at_all() -> None:
    shop = Shop(ONE)
    prints(shop, "failed", Wear(paper_mm=20), torn=True)
    assert counted(shop) == Statistics("printer", 0, 0, 0, 20, 0, {})
    shop = Shop(ONE)
    prints(shop, "failed")
    assert counted(shop) == Statistics("printer", 0, 0, 0, 0, 0, {})


def test_faults_count_when_they_come_up() -> None:
    shop = Shop(ONE)
    is_ready(shop, "", "", "paper-end")
    is_ready(shop, "", "", "cover-open", "paper-end")
    is_ready(shop)
    is_ready(shop, "", "", "paper-end")
    assert counted(shop).faults == {"cover-open": 1, "paper-end": 2}


def test_near_end_is_no_fault_and_a_restart_in_the_middle_of_a_fault_counts_it_once() -> None:
    shop = Shop(ONE)
    shop.give(DeviceReport("printer", "ready", ("paper-near-end",)))
    is_ready(shop, "", "", "paper-end")
    shop.give(Leave())
    shop.restart()
    is_ready(shop, "", "", "paper-end")
    assert counted(shop).faults == {"paper-end": 1}


def test_a_printer_that_tells_its_serial_number_is_counted_by_it_on_any_port() -> None:
    shop = Shop(ONE)
    is_ready(shop, "TM-T88VI", "X1")
    prints(shop)
    is_ready(shop, "TM-T88VI", "X2")
    prints(shop)
    prints(shop)
    assert (counted(shop).unit, counted(shop).slips) == ("TM-T88VI X2", 2)
    shop.report("printer", "absent", "unplugged")
    assert counted(shop).unit == "TM-T88VI X2", "who was pulled out has a name still"
    is_ready(shop, "TM-T88VI", "X1")
    assert (counted(shop).unit, counted(shop).slips, counted(shop).faults) == ("TM-T88VI X1", 1, {})
    is_ready(shop, "TM-T88VI")
    assert counted(shop).unit == "printer", "a model alone names no printer"


def test_figures_go_along_with_other_records_now_and_then() -> None:
    shop = Shop(ONE)
    for _ in range(UNSAVED_MAX - 1):
        prints(shop)
    assert shop.events(ev.DeviceCounted) == []
    prints(shop)
    (record,) = shop.events(ev.DeviceCounted)
    assert (record.slips, record.paper_mm) == (UNSAVED_MAX, 150 * UNSAVED_MAX)
    assert isinstance(shop.log[-1], ev.DeviceCounted)
    prints(shop)
    shop.pass_time(UNSAVED_MS)
    shop.tick()
    assert len(shop.events(ev.DeviceCounted)) == 1, "a quiet shop is not woken for it"
    shop.submit(cash(id="next"))
    assert [e.slips for e in shop.events(ev.DeviceCounted)] == [UNSAVED_MAX, UNSAVED_MAX + 1]


def test_a_power_cut_takes_little_and_a_stop_takes_nothing() -> None:
    shop = Shop(ONE)
    for _ in range(UNSAVED_MAX + 3):
        prints(shop)
    kept = [shop.log[: len(shop.log)], shop.state]
    shop.restart()
    assert counted(shop).slips == UNSAVED_MAX
    shop.log, shop.state = kept  # type: ignore[assignment]
    shop.submit(cash(id="last"))
    shop.give(Leave())
    shop.give(PrintOutcome(shop.job or "", "printed", "confirmed", wear=WEAR))
    shop.restart()
    assert counted(shop).slips == UNSAVED_MAX + 4


def test_a_record_that_leaves_the_ring_is_made_anew() -> None:
    shop = Shop(ONE)
    prints(shop)
    shop.give(Leave())
    shop.restart()
    is_ready(shop)
    forget(shop.state, shop.state.seq + 1)
    before = len(shop.log)
    shop.submit(cash(id="next"))
    assert [e.slips for e in folded_events(shop, before)] == [1]
    assert folded(shop.log, before + 1).totals["printer"].slips == 1


def folded_events(shop: Shop, before: int) -> list[ev.DeviceCounted]:
    return [e for e in shop.log[before:] if isinstance(e, ev.DeviceCounted)]


def test_so_many_units_and_no_more() -> None:
    shop = Shop(ONE)
    for n in range(UNITS_MAX + 3):
        is_ready(shop, "TM", f"X{n}")
        prints(shop)
        shop.state.leaving = True
        shop.tick()
        shop.state.leaving = False
    assert len(shop.state.totals) == UNITS_MAX
    assert f"TM X{UNITS_MAX + 2}" in shop.state.totals
    assert lasting(folded(shop.log)) == lasting(shop.state)


def test_the_metrics_file_has_them_as_counters() -> None:
    from posd.domain import views
    from tests.unit.api.fakes import JOURNAL

    shop = Shop(ONE)
    prints(shop)
    is_ready(shop, "", "", "cutter")
    devices = health.devices(shop.state, frozenset({"printer", "pad"})).devices
    status = views.Status("ready", "", devices, JOURNAL, views.Counts(0), "1", "t", 1, "suspect")
    shown = {name: (kind, samples) for name, kind, _, samples in figures(status, 0)}
    assert shown["posd_printer_paper_meters_total"] == ("counter", [({"device": "printer", "unit": "printer"}, 0.15)])
    assert shown["posd_device_faults_total"][1] == [({"device": "printer", "unit": "printer", "reason": "cutter"}, 1)]
    assert shown["posd_clock_trusted"] == ("gauge", [({}, 0.0)])
    assert all((kind == "counter") == name.endswith("_total") for name, (kind, _) in shown.items())
