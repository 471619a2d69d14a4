"""The actor over a real pty: each way in which a job and a printer can go, and what is said of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from posd.config import PrinterSection
from posd.domain.device import PrintJob, PrintOutcome, PrintStarted, Wear
from posd.printer.actor import PrinterActor
from tests.unit.printer.scripted import Bench, Message

SLIP = b"\x1b@a slip\n" + b"a line of the slip\n" * 5 + b"\x1dVB\x00"
CUT = b"\x1b@\x1dVB\x00\x1b@"
"""What goes ahead of a slip behind one that was torn, and the reset in the question behind that."""


def on_bench(folder: Path, act: Callable[[Bench], Awaitable[None]], **how: object) -> list[Message]:
    """Run `act` with an actor and its printer; returns all that the actor said."""

    async def run() -> list[Message]:
        bench = Bench(folder, **how)  # type: ignore[arg-type]
        async with bench:
            await act(bench)
        return bench.said

    return asyncio.run(run())


def test_a_slip_comes_out_and_is_proven(tmp_path: Path) -> None:
    async def act(bench: Bench) -> None:
        await bench.ready()
        assert bench.info["fence"] == "process-id"
        assert bench.info["automatic-status"] == "yes"
        assert bench.info["node"] == str(bench.printer.link.resolve())
        bench.printer.paper.clear()
        assert await bench.print("j1", SLIP) == PrintOutcome("j1", "printed", "confirmed")
        assert bytes(bench.printer.paper) == SLIP

    said = on_bench(tmp_path, act)
    jobs = [m for m in said if isinstance(m, PrintStarted | PrintOutcome)]
    used = Wear(lines=6, cuts=1, paper_mm=(6 * 30 + 15 * 8) // 8, head_ms=6 * 30 * 1000 // 800)
    assert jobs == [
        PrintStarted("j1"),
        PrintOutcome("j1", "printed", "confirmed", why="process-id", wear=used),
    ]


@pytest.mark.parametrize(
    ("lacks", "fence", "asb", "proof"),
    [
        ({"asb"}, "process-id", "no", "confirmed"),
        ({"process-id"}, "paper-status", "yes", "confirmed"),
        ({"process-id", "asb"}, "paper-status", "no", "confirmed"),
        ({"process-id", "paper-status", "asb"}, "none", "no", "assumed"),
    ],
)
def test_printers_that_can_less(tmp_path: Path, lacks: set[str], fence: str, asb: str, proof: str) -> None:
    async def act(bench: Bench) -> None:
        bench.printer.knows -= lacks
        await bench.ready()
        assert (bench.info["fence"], bench.info["automatic-status"]) == (fence, asb)
        outcome = await bench.print("j1", b"\x1b@short\n")
        assert (outcome.state, outcome.proof) == ("printed", proof)

    # A printer without a fence is asked once a second: a patience of one second would leave it one chance.
    on_bench(tmp_path, act, answer_within="3s")


def test_a_device_that_answers_nothing_is_never_ready_and_gets_no_slip(tmp_path: Path) -> None:
    async def act(bench: Bench) -> None:
        bench.printer.knows.clear()
        await bench.until(lambda: bench.state == ("faulted", ("no-answer",)))
        assert await bench.print("j1", SLIP) == PrintOutcome("j1", "failed", None, "no-answer")
        assert b"a slip" not in bench.printer.paper

    on_bench(tmp_path, act)


def test_paper_out_before_the_slip(tmp_path: Path) -> None:
    async def act(bench: Bench) -> None:
        bench.printer.fault = True
        await bench.until(lambda: bench.state == ("attention", ("paper-end",)))
        assert await bench.print("j1", SLIP) == PrintOutcome("j1", "failed", None, "paper-end")
        bench.printer.change(fault=False)
        await bench.ready()
        assert b"a slip" not in bench.printer.paper
        assert (await bench.print("j2", SLIP)).state == "printed"

    said = on_bench(tmp_path, act)
    assert PrintStarted("j1") not in said


@pytest.mark.parametrize("lacks", [set(), {"asb"}, {"asb", "process-id"}])
def test_paper_out_inside_the_slip_and_back(tmp_path: Path, lacks: set[str]) -> None:
    async def act(bench: Bench) -> None:
        bench.printer.knows -= lacks
        await bench.ready()
        bench.printer.paper.clear()
        bench.printer.stop_at = (20, lambda: bench.printer.change(fault=True))
        bench.actor.submit(PrintJob("j1", SLIP))
        await bench.until(lambda: bench.state == ("attention", ("paper-end",)))
        assert not bench.outcomes("j1")
        bench.printer.change(fault=False)
        assert await bench.outcome("j1") == PrintOutcome("j1", "printed", "confirmed")
        await bench.ready()
        assert bytes(bench.printer.paper) == SLIP

    on_bench(tmp_path, act)


def test_a_fault_is_waited_for_longer_than_the_deadline(tmp_path: Path) -> None:
    async def act(bench: Bench) -> None:
        await bench.ready()
        bench.printer.stop_at = (40, lambda: bench.printer.change(fault=True))
        bench.actor.submit(PrintJob("j1", SLIP))
        asked = len(bench.printer.asked)
        # SLIP has a second and a half; each round while it waits is a second apart.
        await bench.until(lambda: len(bench.printer.asked) >= asked + 4 * 5)
        assert not bench.outcomes("j1")
        bench.printer.change(fault=False)
        assert (await bench.outcome("j1")).state == "printed"

    on_bench(tmp_path, act)


def test_a_printer_that_was_switched_off_and_on_under_a_fault_lost_the_slip(tmp_path: Path) -> None:
    async def act(bench: Bench) -> None:
        await bench.ready()
        bench.printer.stop_at = (40, lambda: bench.printer.change(fault=True))
        bench.actor.submit(PrintJob("j1", SLIP))
        await bench.until(lambda: bench.state[0] == "attention")
        bench.printer.power_cycle()
        bench.printer.change(fault=False)
        assert await bench.outcome("j1") == PrintOutcome("j1", "unknown", None, "no-answer")
        await bench.ready()
        bench.printer.paper.clear()
        assert (await bench.print("j2", SLIP)).state == "printed"
        assert bytes(bench.printer.paper) == CUT + SLIP  # the torn one does not hang on it

    on_bench(tmp_path, act)


@pytest.mark.parametrize("lacks", [set(), {"asb"}, {"process-id"}])
def test_mute_inside_the_slip(tmp_path: Path, lacks: set[str]) -> None:
    async def act(bench: Bench) -> None:
        bench.printer.knows -= lacks
        await bench.ready()
        bench.printer.stop_at = (40, lambda: bench.printer.change(muted=True))
        assert await bench.print("j1", SLIP) == PrintOutcome("j1", "unknown", None, "no-answer")
        assert bench.state == ("faulted", ("no-answer",))
        assert await bench.print("j2", SLIP) == PrintOutcome("j2", "failed", None, "no-answer")
        bench.printer.change(muted=False)
        await bench.ready()
        assert bench.printer.paper.count(b"a slip") == 1
        bench.printer.paper.clear()
        assert (await bench.print("j3", SLIP)).state == "printed"
        assert bytes(bench.printer.paper) == CUT + SLIP

    on_bench(tmp_path, act)


def test_mute_before_the_slip(tmp_path: Path) -> None:
    async def act(bench: Bench) -> None:
        await bench.ready()
        await bench.print("j0", SLIP)
        bench.printer.paper.clear()
        bench.printer.muted = True
        await bench.until(lambda: bench.time() - bench.actor.alive() > 1.5)  # its status is old
        assert await bench.print("j1", SLIP) == PrintOutcome("j1", "failed", None, "no-answer")
        assert b"a slip" not in bench.printer.paper

    on_bench(tmp_path, act)


def test_unplugged_inside_the_slip_and_plugged_in_again(tmp_path: Path) -> None:
    async def act(bench: Bench) -> None:
        await bench.ready()
        bench.printer.stop_at = (40, bench.printer.unplug)
        assert await bench.print("j1", SLIP) == PrintOutcome("j1", "unknown", None, "unplugged")
        assert bench.state == ("absent", ("unplugged",))
        assert await bench.print("j2", SLIP) == PrintOutcome("j2", "failed", None, "unplugged")
        bench.printer.plug()
        bench.actor.poke()
        await bench.ready()
        bench.printer.paper.clear()
        assert (await bench.print("j3", SLIP)).state == "printed"
        assert bytes(bench.printer.paper) == CUT + SLIP

    on_bench(tmp_path, act)


def test_no_printer_and_then_one(tmp_path: Path) -> None:
    async def act(bench: Bench) -> None:
        await bench.until(lambda: bench.state == ("absent", ("unplugged",)) and bench.said)
        assert await bench.print("j1", SLIP) == PrintOutcome("j1", "failed", None, "unplugged")
        bench.printer.plug()
        await bench.ready()
        assert (await bench.print("j2", SLIP)).state == "printed"

    on_bench(tmp_path, act, plugged=False)


def test_unplugged_when_idle(tmp_path: Path) -> None:
    async def act(bench: Bench) -> None:
        await bench.ready()
        bench.printer.unplug()
        await bench.until(lambda: bench.state == ("absent", ("unplugged",)))
        bench.printer.plug()
        await bench.ready()

    on_bench(tmp_path, act)


def test_unrecoverable_inside_the_slip(tmp_path: Path) -> None:
    async def act(bench: Bench) -> None:
        await bench.ready()
        bench.printer.stop_at = (40, lambda: bench.printer.change(broken=True))
        assert await bench.print("j1", SLIP) == PrintOutcome("j1", "unknown", None, "unrecoverable")
        assert bench.state == ("faulted", ("unrecoverable",))
        bench.printer.power_cycle()
        bench.printer.change(broken=False)
        await bench.ready()

    on_bench(tmp_path, act)


@pytest.mark.parametrize("lacks", [set(), {"process-id"}])
def test_a_late_answer_to_a_slip_that_was_given_up_proves_nothing(tmp_path: Path, lacks: set[str]) -> None:
    async def act(bench: Bench) -> None:
        bench.printer.knows -= lacks
        await bench.ready()
        bench.printer.stop_at = (40, lambda: bench.printer.change(stopped=True))
        assert (await bench.print("j1", SLIP)).state == "unknown"
        bench.printer.change(stopped=False)  # the rest comes out, and its fence is answered
        await bench.ready()
        bench.printer.stop_at = (len(bench.printer.paper) + 40, lambda: bench.printer.change(stopped=True))
        assert (await bench.print("j2", SLIP)).state == "unknown"
        assert len(bench.outcomes("j1")) == 1

    on_bench(tmp_path, act)


def test_no_owed_answer_passes_for_a_later_slip_s(tmp_path: Path) -> None:
    """GS r has no id. The printer answers the slip that was given up, and only a while later the probe behind it."""

    async def act(bench: Bench) -> None:
        bench.printer.knows -= {"process-id"}
        await bench.ready()
        bench.printer.paper.clear()
        bench.printer.stop_at = (40, lambda: bench.printer.change(stopped=True))
        assert (await bench.print("j1", SLIP)).state == "unknown"
        answers = bench.printer.answered

        def again() -> None:
            bench.printer.stopped = True
            asyncio.get_running_loop().call_later(0.4, lambda: bench.printer.change(stopped=False))

        bench.printer.stop_when_answered = (answers + 1, again)
        bench.printer.change(stopped=False)
        await bench.ready()
        assert bench.printer.answered >= answers + 2  # the probe, too, was answered before it counted as ready

    on_bench(tmp_path, act)


def test_a_fault_during_the_probe_is_not_taken_for_an_inability(tmp_path: Path) -> None:
    async def act(bench: Bench) -> None:
        bench.printer.stopped = True  # the first probe finds no answer and no fault
        await bench.until(lambda: len(bench.printer.asked) >= 8)
        bench.printer.change(fault=True, stopped=False)
        await bench.until(lambda: bench.state == ("attention", ("paper-end",)))
        bench.printer.change(fault=False)
        await bench.ready()
        assert bench.info["fence"] == "process-id"

    on_bench(tmp_path, act)


@pytest.mark.parametrize("then", ["muted", "broken"])
def test_what_this_machine_still_holds_of_a_slip_is_dropped_when_it_is_given_up(tmp_path: Path, then: str) -> None:
    slip = b"\x1b@" + b"a long slip " * 1000 + b"the end\n"  # less than a pty holds: all of it is taken

    async def act(bench: Bench) -> None:
        await bench.ready()
        bench.printer.paper.clear()
        bench.printer.change(deaf=True)
        bench.actor.submit(PrintJob("j1", slip))
        await bench.until(lambda: bench.started("j1"))
        bench.printer.change(**{then: True})
        assert (await bench.outcome("j1")).state == "unknown"
        bench.printer.change(deaf=False, muted=False, broken=False)
        await bench.ready()
        assert b"the end" not in bench.printer.paper
        assert bench.printer.nuls >= 8192  # what was dropped may have been the rest of a command

    on_bench(tmp_path, act)


def test_a_buffer_stuck_in_a_command_is_flushed_before_the_first_slip(tmp_path: Path) -> None:
    async def act(bench: Bench) -> None:
        bench.printer.reads_raster = 5000
        await bench.ready()
        assert bench.printer.reads_raster == 0
        bench.printer.paper.clear()
        assert (await bench.print("j1", SLIP)).state == "printed"
        assert bytes(bench.printer.paper) == SLIP

    on_bench(tmp_path, act)


def test_a_slip_that_the_device_stops_taking_is_not_sent_on_after_it_was_given_up(tmp_path: Path) -> None:
    slip = b"\x1b@" + b"a long slip " * 4_000 + b"the end\n"

    async def act(bench: Bench) -> None:
        await bench.ready()
        bench.printer.paper.clear()
        bench.printer.change(deaf=True)
        outcome = await bench.print("j1", slip)
        assert outcome == PrintOutcome("j1", "unknown", None, "no-answer")
        bench.printer.change(deaf=False)
        await bench.ready()
        assert b"the end" not in bench.printer.paper
        assert (await bench.print("j2", SLIP)).state == "printed"
        assert bench.printer.paper.endswith(CUT + SLIP)

    # The deadline follows the length: a fast line and a short patience keep the test short.
    on_bench(tmp_path, act, answer_within="200ms")


def test_a_long_slip_passes_a_slow_reader(tmp_path: Path) -> None:
    slip = b"\x1b@" + b"0123456789\n" * 6000

    async def act(bench: Bench) -> None:
        await bench.ready()
        bench.printer.paper.clear()
        bench.printer.change(deaf=True)
        bench.actor.submit(PrintJob("j1", slip))
        await bench.until(lambda: bench.started("j1"))
        bench.printer.change(deaf=False)
        assert (await bench.outcome("j1")).state == "printed"
        assert bytes(bench.printer.paper) == slip

    on_bench(tmp_path, act)


def test_the_end_of_posd_inside_a_slip(tmp_path: Path) -> None:
    async def act(bench: Bench) -> None:
        await bench.ready()
        bench.printer.stop_at = (40, lambda: bench.printer.change(stopped=True))
        bench.actor.submit(PrintJob("j1", SLIP))
        await bench.until(lambda: bench.started("j1"))
        await bench.actor.close()
        assert await bench.outcome("j1") == PrintOutcome("j1", "unknown", None, "restart")

    on_bench(tmp_path, act)


def test_the_end_of_posd_before_a_slip(tmp_path: Path) -> None:
    async def act(bench: Bench) -> None:
        await bench.ready()
        bench.actor.submit(PrintJob("j1", SLIP))
        await bench.actor.close()
        assert await bench.outcome("j1") == PrintOutcome("j1", "failed", None, "restart")

    on_bench(tmp_path, act)


def test_a_slip_torn_by_a_restart_is_cut_off_first(tmp_path: Path) -> None:
    async def act(bench: Bench) -> None:
        bench.actor.torn()
        await bench.ready()
        bench.printer.paper.clear()
        await bench.print("j1", SLIP)
        assert bytes(bench.printer.paper) == CUT + SLIP
        await bench.print("j2", SLIP)
        assert bytes(bench.printer.paper) == CUT + SLIP + SLIP

    on_bench(tmp_path, act)


def test_no_slip_is_begun_before_the_cut_of_a_torn_one_is_answered(tmp_path: Path) -> None:
    async def act(bench: Bench) -> None:
        bench.actor.torn()
        await bench.ready()
        bench.printer.paper.clear()
        bench.printer.stop_at = (len(CUT) - 2, lambda: bench.printer.change(stopped=True))
        assert (await bench.print("j1", SLIP)) == PrintOutcome("j1", "failed", None, "no-answer")
        assert not bench.started("j1")
        bench.printer.change(stopped=False)
        await bench.ready()
        assert (await bench.print("j2", SLIP)).state == "printed"
        assert SLIP[2:12] not in bench.printer.paper[: bench.printer.paper.rindex(CUT)]

    on_bench(tmp_path, act)


def test_a_cutter_that_stops_at_the_cut_of_a_torn_slip_is_the_cause(tmp_path: Path) -> None:
    async def act(bench: Bench) -> None:
        bench.actor.torn()
        await bench.ready()
        bench.printer.paper.clear()
        bench.printer.stop_at = (len(CUT) - 2, lambda: bench.printer.change(jammed=True))
        assert (await bench.print("j1", SLIP)) == PrintOutcome("j1", "failed", None, "cutter")
        assert bench.state == ("attention", ("cutter",))
        bench.printer.change(jammed=False)
        await bench.ready()
        assert (await bench.print("j2", SLIP)).state == "printed"

    on_bench(tmp_path, act)


def test_a_slip_whose_end_a_fault_may_have_cleared_is_cut_off_from_the_next(tmp_path: Path) -> None:
    async def act(bench: Bench) -> None:
        bench.printer.knows -= {"process-id"}
        await bench.ready()
        bench.printer.paper.clear()
        mark_and_fence = bench.printer.answered + 2
        bench.printer.stop_when_answered = (mark_and_fence, lambda: bench.printer.change(open=True))
        bench.actor.submit(PrintJob("j1", SLIP))
        await bench.until(lambda: bench.state == ("attention", ("cover-open",)))
        bench.printer.change(open=False)
        assert await bench.outcome("j1") == PrintOutcome("j1", "printed", "assumed")
        await bench.ready()
        assert (await bench.print("j2", SLIP)).state == "printed"
        assert bench.printer.paper.endswith(CUT + SLIP)

    on_bench(tmp_path, act)


def test_a_port_that_another_program_holds(tmp_path: Path) -> None:
    async def act(bench: Bench) -> None:
        await bench.ready()
        said: list[Message] = []
        second = PrinterActor(PrinterSection(device=str(bench.printer.link)), said.append)
        task = asyncio.create_task(second.run())
        await bench.until(lambda: len(said) >= 2)
        await second.close()
        assert task.done()
        assert [m.state for m in said] == ["opening", "faulted"]  # type: ignore[union-attr]
        assert "held by another program" in said[-1].detail  # type: ignore[union-attr]

    on_bench(tmp_path, act)


def test_garbage_on_the_line_is_survived(tmp_path: Path) -> None:
    async def act(bench: Bench) -> None:
        await bench.ready()
        for _ in range(20):
            bench.printer.say(bytes(range(256)))
            await asyncio.sleep(0)
        await bench.until(lambda: bench.state == ("ready", ()))
        assert (await bench.print("j1", SLIP)).state == "printed"

    on_bench(tmp_path, act)


def test_an_empty_device_is_a_box_without_a_printer() -> None:
    async def run() -> None:
        said: list[Message] = []
        actor = PrinterActor(PrinterSection(), said.append)
        task = asyncio.create_task(actor.run())
        while not said:
            await asyncio.sleep(0)
        await actor.close()
        assert task.cancelled()
        assert [m.state for m in said] == ["absent"]  # type: ignore[union-attr]

    asyncio.run(run())
