"""What posd knows of its printer over restarts, and the self-test slip, on a whole box."""

from __future__ import annotations

from typing import Any

from tests.scenario.box import Box


def statistics(box: Box) -> dict[str, Any]:
    found: dict[str, Any] = box.device("printer")["statistics"]
    return found


def test_statistics_outlive_a_stop_and_name_what_was_met(box: Box) -> None:
    sold = box.sell()
    for copy in ("merchant", "customer"):
        box.wait_copy(sold, copy, "printed")
    box.do("paper-out")
    box.wait_device("printer", "attention")
    box.do("paper-in")
    box.wait_device("printer", "ready")
    before = statistics(box)
    assert (before["slips"], before["cuts"]) == (2, 2)
    assert before["lines"] > 20
    assert 100 < before["paper_mm"] < 2000
    assert before["faults"]["paper-end"] == 1
    assert box.stop() == 0
    box.start_posd()
    box.wait_device("printer", "ready")
    assert statistics(box) == before


def test_a_self_test_comes_out_once_behind_the_sale_that_waits(box: Box) -> None:
    box.do("cover-open")
    box.wait_device("printer", "attention")
    assert box.error("device.selftest", key="s0")["data"]["kind"] == "device-fault"
    sold = box.sell()
    box.do("cover-close")
    box.wait_device("printer", "ready")
    with box.till() as till:
        till.result("events.subscribe")
        job = till.result("device.selftest", key="s1")["job"]
        ends = till.events_until(lambda e: e["type"] == "selftest.changed" and e["state"] == "printed")
        assert ends[-1]["job"] == job
        assert till.result("device.selftest", key="s1") == {
            "job": job,
            "state": "printed",
            "proof": ends[-1]["proof"],
            "cause": None,
        }
    papers = box.paper()
    assert [paper.sale for paper in papers] == [sold, sold, None]
    assert "SELF-TEST" in papers[-1].text
    assert statistics(box)["slips"] == 3
