"""What posd does about a printer after a fault, case by case of the tables in recovery.py (the letter is in the test's
name) and ready.py: on the real actor, over a pty.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from posd.domain.device import PrintJob, PrintOutcome
from posd.printer import actor, fence, follow, ready, recovery
from tests.unit.printer.scripted import Bench
from tests.unit.printer.test_actor import CUT, SLIP, on_bench


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    """The printer is asked more often than in a shop, so that nobody waits."""
    monkeypatch.setattr(actor, "IDLE_POLL_S", 0.1)
    monkeypatch.setattr(actor, "FAULT_POLL_S", 0.1)
    monkeypatch.setattr(ready, "FAULT_POLL_S", 0.1)
    monkeypatch.setattr(ready, "_FIRST_PROBE_S", 0.2)
    monkeypatch.setattr(follow, "POLL_S", 0.1)
    monkeypatch.setattr(fence, "BYTES_PER_S", 400_000)


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "AGAIN_S", 0.1)


@pytest.mark.usefixtures("soon")
def test_a_what_a_printer_gets_over_by_itself_is_not_commanded(tmp_path: Path) -> None:
    async def act(bench: Bench) -> None:
        bench.printer.knows.add("cutter-commands")
        await bench.ready()
        bench.printer.stop_at = (40, lambda: bench.printer.change(fault=True))
        bench.actor.submit(PrintJob("j1", SLIP))
        await bench.until(lambda: bench.state == ("attention", ("paper-end",)))
        asked = len(bench.printer.asked)
        await bench.until(lambda: len(bench.printer.asked) >= asked + 8)
        bench.printer.change(fault=False)
        assert (await bench.outcome("j1")).state == "printed"
        assert bench.printer.recovered == []

    on_bench(tmp_path, act)


@pytest.mark.usefixtures("soon")
def test_b_a_jam_inside_a_slip_prints_on_from_the_line(tmp_path: Path) -> None:
    async def act(bench: Bench) -> None:
        bench.printer.knows.add("cutter-commands")
        await bench.ready()
        bench.printer.paper.clear()
        bench.printer.stop_at = (40, lambda: bench.printer.change(jammed=True))
        assert await bench.print("j1", SLIP) == PrintOutcome("j1", "printed", "confirmed")
        assert set(bench.printer.recovered) == {1}
        assert bytes(bench.printer.paper) == SLIP

    on_bench(tmp_path, act)


def test_b_it_is_tried_at_once_when_the_cover_was_closed(tmp_path: Path) -> None:
    async def act(bench: Bench) -> None:
        bench.printer.knows.add("cutter-commands")
        await bench.ready()
        bench.printer.stop_at = (40, lambda: bench.printer.change(jammed=True))
        bench.actor.submit(PrintJob("j1", SLIP))
        await bench.until(lambda: bench.state == ("attention", ("cutter",)))
        assert bench.printer.recovered == []  # fifteen seconds have not gone
        bench.printer.change(open=True)
        await bench.until(lambda: bench.state == ("attention", ("cover-open", "cutter")))
        bench.printer.change(open=False)
        assert (await bench.outcome("j1")).state == "printed"
        assert bench.printer.recovered == [1]

    on_bench(tmp_path, act)


@pytest.mark.usefixtures("soon")
def test_c_with_a_part_of_the_slip_unsent_nothing_is_commanded(tmp_path: Path) -> None:
    slip = b"\x1b@" + b"a long slip " * 4_000 + b"the end\n"

    async def act(bench: Bench) -> None:
        bench.printer.knows.add("cutter-commands")
        await bench.ready()
        bench.printer.stop_at = (20, lambda: (bench.printer.change(jammed=True), bench.printer.change(deaf=True)))
        bench.actor.submit(PrintJob("j1", slip))
        await bench.until(lambda: bench.state == ("attention", ("cutter",)))
        turned = bench.actor.alive()
        await bench.until(lambda: bench.actor.alive() > turned + 0.5)
        assert bench.printer.recovered == []
        assert not bench.outcomes("j1")
        bench.printer.change(deaf=False)
        assert (await bench.outcome("j1")).state == "printed"  # now all of it is sent, and B holds

    on_bench(tmp_path, act)


@pytest.mark.usefixtures("soon")
def test_d_a_jam_with_no_slip_in_hand_is_cleared(tmp_path: Path) -> None:
    async def act(bench: Bench) -> None:
        bench.printer.knows.add("cutter-commands")
        await bench.ready()
        bench.printer.change(jammed=True)
        await bench.until(lambda: bench.printer.recovered)
        await bench.ready()
        assert set(bench.printer.recovered) == {2}
        assert (await bench.print("j1", SLIP)).state == "printed"

    on_bench(tmp_path, act)


@pytest.mark.usefixtures("soon")
def test_d_a_jam_from_before_posd_began(tmp_path: Path) -> None:
    async def act(bench: Bench) -> None:
        bench.printer.knows.add("cutter-commands")
        bench.printer.jammed = True
        await bench.ready()
        assert set(bench.printer.recovered) == {2}

    on_bench(tmp_path, act)


@pytest.mark.usefixtures("soon")
def test_e_with_the_cover_open_the_blade_is_left_alone(tmp_path: Path) -> None:
    async def act(bench: Bench) -> None:
        bench.printer.knows.add("cutter-commands")
        await bench.ready()
        bench.printer.change(open=True, jammed=True)
        await bench.until(lambda: bench.state == ("attention", ("cover-open", "cutter")))
        asked = len(bench.printer.asked)
        await bench.until(lambda: len(bench.printer.asked) >= asked + 8)
        assert bench.printer.recovered == []
        bench.printer.change(open=False)
        await bench.ready()

    on_bench(tmp_path, act)


@pytest.mark.usefixtures("soon")
def test_f_an_unrecoverable_printer_is_commanded_nothing(tmp_path: Path) -> None:
    async def act(bench: Bench) -> None:
        await bench.ready()
        bench.printer.change(broken=True)
        await bench.until(lambda: bench.state[0] == "faulted")
        asked = len(bench.printer.asked)
        await bench.until(lambda: len(bench.printer.asked) >= asked + 8)
        assert bench.printer.recovered == []

    on_bench(tmp_path, act)


def test_h_a_printer_that_waits_to_be_told_prints_on(tmp_path: Path) -> None:
    async def act(bench: Bench) -> None:
        bench.printer.knows.add("cutter-commands")
        await bench.ready()
        bench.printer.paper.clear()
        bench.printer.stop_at = (40, lambda: bench.printer.change(fault=True))
        bench.actor.submit(PrintJob("j1", SLIP))
        await bench.until(lambda: bench.state == ("attention", ("paper-end",)))
        assert bench.printer.recovered == []
        bench.printer.change(fault=False, waiting=True)
        assert (await bench.outcome("j1")).state == "printed"
        assert bench.printer.recovered == [1]
        assert bytes(bench.printer.paper) == SLIP

    on_bench(tmp_path, act)


def test_h_with_no_slip_in_hand_it_is_cleared(tmp_path: Path) -> None:
    async def act(bench: Bench) -> None:
        bench.printer.knows.add("cutter-commands")
        bench.printer.waiting = True
        await bench.ready()
        assert bench.printer.recovered == [2]

    on_bench(tmp_path, act)


def test_a_blade_that_stays_stuck_is_not_tried_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "AGAIN_S", 0.01)
    monkeypatch.setattr(recovery, "TRIES_MAX", 2)

    async def act(bench: Bench) -> None:
        await bench.ready()  # this one ignores the commands
        bench.printer.change(jammed=True)
        await bench.until(lambda: len(bench.printer.recovered) == 2)
        asked = len(bench.printer.asked)
        await bench.until(lambda: len(bench.printer.asked) >= asked + 8)
        assert bench.printer.recovered == [2, 2]
        bench.printer.change(jammed=False)
        await bench.ready()
        assert (await bench.print("j1", SLIP)).state == "printed"
        bench.printer.change(jammed=True)  # another jam
        await bench.until(lambda: len(bench.printer.recovered) == 4)

    on_bench(tmp_path, act)


# --- what is left of a slip that broke off


@pytest.mark.parametrize("clears", [True, False])
def test_a_raster_that_broke_off_never_spills_onto_the_next_slip(tmp_path: Path, clears: bool) -> None:
    """The device stops taking bytes and is silent; when it comes back, it still waits for the rest of a bitmap."""
    slip = b"\x1b@" + b"a long slip " * 4_000 + b"the end\n"

    async def act(bench: Bench) -> None:
        if clears:
            bench.printer.knows.add("clear")
        await bench.ready()
        bench.printer.change(deaf=True)
        assert (await bench.print("j1", slip)).state == "unknown"
        bench.printer.reads_raster = 1728
        bench.printer.change(deaf=False)
        await bench.ready()
        assert bench.printer.reads_raster == 0
        bench.printer.paper.clear()
        assert (await bench.print("j2", SLIP)).state == "printed"
        assert bytes(bench.printer.paper) == CUT + SLIP

    on_bench(tmp_path, act, answer_within="200ms")


# --- a piece that is visibly no slip


@pytest.mark.parametrize(("torn_within", "state"), [(40_000, "failed"), (100, "unknown")])
def test_a_slip_that_broke_off_early_failed_and_is_torn(tmp_path: Path, torn_within: int, state: str) -> None:
    slip = b"\x1b@" + b"a long slip " * 4_000 + b"the end\n"

    async def act(bench: Bench) -> None:
        await bench.ready()
        bench.printer.change(deaf=True)
        bench.actor.submit(PrintJob("j1", slip, torn_within))
        outcome = await bench.outcome("j1")
        assert (outcome.state, outcome.cause, outcome.torn) == (state, "no-answer", state == "failed")
        bench.printer.change(deaf=False)
        await bench.ready()
        assert b"the end" not in bench.printer.paper
        assert (await bench.print("j2", SLIP)).state == "printed"
        assert bench.printer.paper.endswith(CUT + SLIP)  # cut off first

    on_bench(tmp_path, act, answer_within="200ms")


# --- what is remembered


def test_model_and_serial_number_are_asked_of_a_printer_with_process_ids(tmp_path: Path) -> None:
    async def act(bench: Bench) -> None:
        bench.printer.knows.add("name")
        await bench.ready()
        assert (bench.info["model"], bench.info["serial"]) == ("TM-T88V", "J5RK012345")
        bench.printer.paper.clear()
        assert (await bench.print("j1", SLIP)).state == "printed"
        assert bytes(bench.printer.paper) == SLIP

    on_bench(tmp_path, act)


def test_a_printer_that_is_known_to_have_a_fence_is_not_taken_for_one_that_has_none(tmp_path: Path) -> None:
    memory = tmp_path / "printers.json"

    async def first(bench: Bench) -> None:
        await bench.ready()
        assert bench.info["fence"] == "process-id"

    async def stuck(bench: Bench) -> None:
        bench.printer.stopped = True  # answers its status, takes bytes, executes nothing
        await bench.until(lambda: bench.state == ("faulted", ("no-answer",)))
        assert (await bench.print("j1", SLIP)).state == "failed"
        bench.printer.change(stopped=False)
        await bench.ready()
        assert bench.info["fence"] == "process-id"

    async def another(bench: Bench) -> None:
        bench.printer.knows -= {"process-id", "paper-status"}
        await bench.until(lambda: bench.state == ("faulted", ("no-answer",)))
        asked = len(bench.printer.asked)
        bench.printer.muted = True  # it goes; but what comes back is more likely stuck than another one
        await bench.until(lambda: len(bench.printer.asked) >= asked + 16)
        bench.printer.muted = False
        nuls = bench.printer.nuls
        await bench.until(lambda: bench.printer.nuls >= nuls + 4 * 8192)
        assert (await bench.print("j1", SLIP)).state == "failed"

    async def forgotten(bench: Bench) -> None:
        bench.printer.knows -= {"process-id", "paper-status"}
        await bench.ready()
        assert bench.info["fence"] == "none"

    for act in (first, stuck, another):
        on_bench_at(tmp_path, memory, act)
    memory.unlink()
    on_bench_at(tmp_path, memory, forgotten)


def on_bench_at(folder: Path, memory: Path, act: object) -> None:
    """As `on_bench`, at the same device each time."""
    on_bench(folder, act, memory=memory, answer_within="200ms")  # type: ignore[arg-type]


def test_an_ability_that_does_not_hold_is_asked_for_once_more_and_corrected(tmp_path: Path) -> None:
    memory = tmp_path / "printers.json"

    async def first(bench: Bench) -> None:
        await bench.ready()

    async def less(bench: Bench) -> None:
        bench.printer.knows -= {"process-id"}
        await bench.ready()
        assert bench.info["fence"] == "paper-status"
        assert (await bench.print("j1", SLIP)).proof == "confirmed"

    for act in (first, less):
        on_bench_at(tmp_path, memory, act)
    assert '"paper-status"' in memory.read_text()


def test_one_answer_that_is_lost_costs_a_printer_no_ability(tmp_path: Path) -> None:
    memory = tmp_path / "printers.json"

    async def first(bench: Bench) -> None:
        await bench.ready()

    async def noisy(bench: Bench) -> None:
        bench.printer.loses_process_ids = 1
        await bench.ready()
        assert bench.info["fence"] == "process-id"

    for act in (first, noisy):
        on_bench_at(tmp_path, memory, act)
