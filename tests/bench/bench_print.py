"""From a till's request, or a key, to the first byte at the printer, beside CUPS; how well a long slip fills a serial
line; and what posd takes of the processor for it.

- A tap stands between posd and hwsim's printer: a network printer for posd, as CUPS has one (cups.py), that passes
  every byte on and notes when a slip begins (ESC @). CUPS is given the bytes of the same slip. The two take turns.
- Each slip is printed to its end before the next is asked for, and the printer is idle for a moment between, so that
  nothing is known about it in advance. Nobody polls: posd tells one client what happens.
- posd's answer and its first byte wait for the disk, and it knows at the end that the slip came out. CUPS does neither.
- The long slip goes over hwsim's paced line without the tap. Only the slip's own bytes count; fences are overhead.
"""

from __future__ import annotations

import contextlib
import os
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from hwsim.events import EV_KEY, burst
from tests.bench import cups
from tests.bench.tools import RUNS, Row, Tap, place, processor_s, row
from tests.scenario.box import Box, Rpc, cash

WARM_UP = 5
SUBMITS = 40
PRESSES = 500
PRESSES_A_SALE = 90
REST_S = 0.1
KEY_F1 = 59
BAUD_BYTES_S = 11_520
ITEMS = 326
"""A slip of at least 1,000 lines: an item has three, head, totals and signing block the rest."""


def rows() -> list[Row]:
    with place() as folder, _tapped(folder / "tapped") as desk:
        found = [*_submits(desk), _presses(desk, folder)]
    with place() as folder:
        return [*found, *_long_slips(folder / "long")]


class _Network(Tap):
    """A network printer for one host."""

    def __init__(self) -> None:
        super().__init__()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.device = f"tcp://127.0.0.1:{self._listening.getsockname()[1]}"

    def serve(self, printer: Path) -> None:
        """Serve the first host that comes until `close`."""
        host, _ = self._listening.accept()
        host.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with host:
            self.pass_on(host.fileno(), printer)

    def close(self) -> None:
        self.going = False
        socket.create_connection(self._listening.getsockname()).close()  # for a host that never came
        self._listening.close()

    def timed(self, act: Callable[[], Any]) -> tuple[float, float]:
        """Seconds from just before `act` to the first byte of the slip that it leads to, and to its own end."""
        time.sleep(REST_S)
        begun = self.watch()
        act()
        told = time.perf_counter()
        return self.first_byte() - begun, told - begun


class _Desk:
    """A box whose printer has a tap, and a till that is told all that happens."""

    def __init__(self, box: Box, tap: _Network) -> None:
        self._box, self._tap = box, tap
        self._till = Rpc(box.socket)
        self._till.result("events.subscribe")
        assert box.posd is not None
        self.pid = box.posd.pid
        self._sold = ""

    def submitted(self) -> tuple[float, float]:
        """Seconds to the first byte of a sale's slip, and to posd's answer. The slip is printed to its end."""
        sale = cash(self._box.new_id())
        self._sold = sale["id"]
        seconds = self._tap.timed(lambda: self._till.result("transaction.submit", transaction=sale))
        printed(self._till, self._sold)
        return seconds

    def pressed(self, number: int) -> float:
        """Seconds to the first byte of the copy that a key asks for: the last sale's copy with this number."""
        press, release = ([(EV_KEY, KEY_F1, value)] for value in (1, 0))
        keypad = os.open(self._box.world / "keypad", os.O_WRONLY)
        seconds, _ = self._tap.timed(lambda: os.write(keypad, burst(time.time(), press) + burst(time.time(), release)))
        os.close(keypad)
        printed(self._till, self._sold, number)
        return seconds

    def slip(self) -> Path:
        """The bytes of the last slip."""
        self._box.paper()
        return self._box.slips()[-1].with_suffix(".bin")

    def close(self) -> None:
        self._till.close()


def printed(till: Rpc, sale: str, number: int = 0) -> list[dict[str, Any]]:
    """Wait until posd tells that this copy came out; all events until then."""
    told = till.events_until(lambda event: event["type"] == "copy.printed" and event["number"] == number)
    assert told[-1]["id"] == sale, told[-1]
    return told


@contextlib.contextmanager
def _tapped(folder: Path) -> Iterator[_Desk]:
    tap = _Network()
    settings: dict[str, dict[str, Any]] = {
        "journal": {"size": "64MiB"},
        "printer": {"device": tap.device},
        "slip": {"copies": ["customer"]},
        "policy": {"reprint_copies": 99, "requests_each": 6000, "requests_all": 6000},
    }
    box = Box(folder, settings, speed="fast")
    try:
        box.start_world()
        passing = threading.Thread(target=tap.serve, args=(box.world / "printer",))
        passing.start()
        try:
            box.start_posd()
            desk = _Desk(box, tap)
            yield desk
            desk.close()
        finally:
            tap.close()
            passing.join()
    finally:
        box.close()


def _submits(desk: _Desk) -> list[Row]:
    """posd's submits and CUPS's jobs in turn."""
    for _ in range(WARM_UP):
        desk.submitted()
    slip = desk.slip()
    ours: list[tuple[float, float]] = []
    theirs: list[tuple[float, float]] = []
    with contextlib.ExitStack() as stack:
        peer: cups.Cups | None = None
        note = ""
        try:
            peer = stack.enter_context(cups.running(slip, WARM_UP))
        except RuntimeError as error:
            note = f"SKIPPED, there is no CUPS to compare with: {error}"
        before_s, peer_before_s = processor_s(desk.pid), peer.processor_s() if peer else 0.0
        for _ in range(SUBMITS):
            ours.append(desk.submitted())
            if peer:
                time.sleep(REST_S)
                theirs.append(peer.timed(slip))
        spent_ms = 1e3 * (processor_s(desk.pid) - before_s) / SUBMITS
        peer_spent_ms = 1e3 * (peer.processor_s() - peer_before_s) / SUBMITS if peer else None
    our_ms, answer_ms = _medians_ms(ours)
    note = note or f"the slowest {1e3 * max(ours)[0]:.1f} ms of {SUBMITS}, CUPS's {1e3 * max(theirs)[0]:.1f} ms"
    note += f"; posd's answer, when the sale is on the disk, comes after {answer_ms:.1f} ms"
    their_ms = None
    if theirs:
        their_ms, lp_ms = _medians_ms(theirs)
        note += f", lp ends after {lp_ms:.1f} ms"
    return [
        row(
            "submit to first byte at the printer: CUPS, lp", our_ms, their_ms, "ms",
            within=0.33, most=5, note=note,
        ),
        row(
            "processor for a printed slip: cupsd and backend", spent_ms, peer_spent_ms, "ms",
            note="posd also checks, keeps and composes the sale and proves the slip; lp is not counted",
        ),
    ]  # fmt: skip


def _medians_ms(found: list[tuple[float, float]]) -> list[float]:
    return [1e3 * statistics.median(seconds) for seconds in zip(*found, strict=True)]


def _presses(desk: _Desk, folder: Path) -> Row:
    taken_ms, syncs_ms = [], []
    with (folder / "sync").open("wb") as block:
        for number in range(PRESSES):
            if number % PRESSES_A_SALE == 0:
                desk.submitted()
            taken_ms.append(1e3 * desk.pressed(number % PRESSES_A_SALE + 1))
            syncs_ms.append(1e3 * _sync_s(block))
    press_ms, sync_ms = (sorted(found)[PRESSES * 99 // 100] for found in (taken_ms, syncs_ms))
    return row(
        "key to first byte of the copy, 99 of 100", press_ms, None, "ms", most=20,
        note=f"median {statistics.median(taken_ms):.1f} ms, the slowest {max(taken_ms):.1f} ms of {PRESSES}. It waits "
        f"for the disk: a bare sync of a block between the presses took {statistics.median(syncs_ms):.1f} ms, 99 of "
        f"100 {sync_ms:.1f} ms",
    )  # fmt: skip


def _sync_s(file: BinaryIO) -> float:
    """Seconds that the disk takes now to make one block durable, in the place of the last."""
    begun = time.perf_counter()
    os.pwrite(file.fileno(), bytes(4096), 0)
    os.fdatasync(file.fileno())
    return time.perf_counter() - begun


def _long_slips(folder: Path) -> list[Row]:
    """How many of a slip's bytes go over the line a second, from its start to the proof that it printed."""
    box = Box(folder, {"slip": {"copies": ["customer"]}, "journal": {"size": "16MiB"}}, speed="fast")
    item = {"name": "乌龙茶 Oolong from the high mountains of the south, first flush", "quantity": "1"}
    items = [item | {"price": "1.00", "amount": "1.00"}] * ITEMS
    total = f"{ITEMS}.00"
    seconds, spent_s = [], []
    try:
        box.start()
        box.do("slow", str(BAUD_BYTES_S))
        assert box.posd is not None
        with box.till() as till:
            till.result("events.subscribe")
            for _ in range(RUNS):
                box.paper()  # hwsim has drawn the last slip
                payments = [{"method": "cash", "amount": total}]
                before_s = processor_s(box.posd.pid)
                sold = box.sell(cash(box.new_id(), items=items, total=total, payments=payments))
                told = {event["type"]: datetime.fromisoformat(event["time"]) for event in printed(till, sold)}
                spent_s.append(processor_s(box.posd.pid) - before_s)
                seconds.append((told["copy.printed"] - told["copy.started"]).total_seconds())
        slip = box.paper()[-1]
    finally:
        box.close()
    own, lines = len(slip.data), len(slip.text.splitlines())
    sent = slip.path.with_suffix(".bin").stat().st_size
    took_s = statistics.median(seconds)
    return [
        row(
            f"a slip of {lines:,} lines at 115,200 baud", own / took_s, BAUD_BYTES_S, "bytes/s", least=0.95,
            note=f"{own:,} bytes, and {sent - own:,} of fences, in {took_s:.2f} s: the line was busy "
            f"{100 * sent / BAUD_BYTES_S / took_s:.1f} % of it",
        ),
        row("processor while it prints", 100 * sum(spent_s) / sum(seconds), None, "%",
            note=f"{1e3 * statistics.median(spent_s):.0f} ms for the slip, from its sale to its proof"),
    ]  # fmt: skip
