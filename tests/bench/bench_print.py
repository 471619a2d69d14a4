"""From a till's request, or a key, to the first byte at the printer; and how well a long slip fills a serial line.

A tap stands between posd and hwsim's printer: a pty of its own that passes every byte on and notes when a slip begins
(ESC @). Each slip is printed to its end before the next is asked for, and the printer is idle for a moment between, so
that nothing is known about it in advance. The long slip goes over hwsim's paced line without the tap.
"""

from __future__ import annotations

import contextlib
import os
import select
import statistics
import threading
import time
import tty
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from hwsim.events import EV_KEY, burst
from tests.bench.tools import Row, place, row
from tests.scenario.box import DEADLINE_S, Box, Rpc, cash

SUBMITS = 40
PRESSES = 200
PRESSES_A_SALE = 90
KEY_F1 = 59
RESET = b"\x1b@"
BAUD_BYTES_S = 11_520
RUNS = 5
ITEMS = 326
"""A slip of at least 1,000 lines: an item has three, head, totals and signing block the rest."""


def rows() -> list[Row]:
    with place() as folder, _tapped(folder / "tapped") as (box, tap):
        submit_s = [_submitted(box, tap) for _ in range(SUBMITS)]
        press_s = [_pressed(box, tap, number) for number in range(PRESSES)]
    with place() as folder:
        lines, rates = _long_slips(folder / "long")
    press_p99_s = sorted(press_s)[len(press_s) * 99 // 100]
    return [
        row(
            "submit to first byte at the printer, median", 1e3 * statistics.median(submit_s), None, "ms", most=5,
            note=f"the slowest {1e3 * sorted(submit_s)[-1]:.1f} ms of {SUBMITS}; no printing system to compare yet",
        ),
        row(
            "key to first byte of the copy, 99 of 100", 1e3 * press_p99_s, None, "ms", most=20,
            note=f"median {1e3 * statistics.median(press_s):.1f} ms of {PRESSES}",
        ),
        row(
            f"a slip of {lines:,} lines at 115,200 baud", statistics.median(rates), BAUD_BYTES_S, "bytes/s", least=0.95,
        ),
    ]  # fmt: skip


class _Tap:
    """A pty that posd takes for the printer, joined to the printer; `begun` is when the last slip's first byte came."""

    def __init__(self, link: Path, printer: Path) -> None:
        self.begun = 0.0
        self.came = threading.Event()
        self._ours, slave = os.openpty()
        tty.setraw(slave)
        link.symlink_to(os.ttyname(slave))
        self._slave = slave  # held open, so that posd may come and go
        self._printer = os.open(printer, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self._printer)
        self._going = True
        self._thread = threading.Thread(target=self._pass_on)
        self._thread.start()

    def _pass_on(self) -> None:
        last = b""
        while self._going:
            for ready in select.select((self._ours, self._printer), (), (), 0.2)[0]:
                data = os.read(ready, 4096)
                now = time.perf_counter()
                if ready == self._ours and not self.came.is_set() and RESET in last + data:
                    self.begun = now
                    self.came.set()
                last = data[-1:] if ready == self._ours else last
                os.write(self._printer if ready == self._ours else self._ours, data)

    def close(self) -> None:
        self._going = False
        self._thread.join()
        for descriptor in (self._ours, self._slave, self._printer):
            os.close(descriptor)

    def timed(self, act: Callable[[], Any]) -> float:
        """Seconds from just before `act` to the first byte of the slip that it leads to."""
        self.came.clear()
        begun = time.perf_counter()
        act()
        assert self.came.wait(DEADLINE_S), "no slip came to the printer"
        return self.begun - begun


@contextlib.contextmanager
def _tapped(folder: Path) -> Iterator[tuple[Box, _Tap]]:
    folder.mkdir()
    settings: dict[str, dict[str, Any]] = {
        "journal": {"size": "64MiB"},
        "printer": {"device": str(folder / "tap")},
        "slip": {"copies": ["customer"]},
        "policy": {"reprint_copies": 99},
    }
    box = Box(folder, settings, speed="fast")
    try:
        box.start_world()
        tap = _Tap(folder / "tap", folder / "world" / "printer")
        try:
            box.start_posd()
            yield box, tap
        finally:
            tap.close()
    finally:
        box.close()


def _submitted(box: Box, tap: _Tap) -> float:
    transaction = cash(box.new_id())
    rpc = Rpc(box.socket)
    time.sleep(0.1)  # the printer is idle, as between two customers
    seconds = tap.timed(lambda: rpc.result("transaction.submit", transaction=transaction))
    rpc.close()
    box.wait_copy(transaction["id"], "customer", "printed")
    return seconds


def _pressed(box: Box, tap: _Tap, number: int) -> float:
    if number % PRESSES_A_SALE == 0:
        _submitted(box, tap)
    press, release = ([(EV_KEY, KEY_F1, value)] for value in (1, 0))
    keypad = os.open(box.world / "keypad", os.O_WRONLY)
    seconds = tap.timed(lambda: os.write(keypad, burst(time.time(), press) + burst(time.time(), release)))
    os.close(keypad)
    box.wait_copy(f"20261121-{box.sold:04}", "customer", "printed", number % PRESSES_A_SALE + 1)
    return seconds


def _long_slips(folder: Path) -> tuple[int, list[float]]:
    """Lines of the slip, and for each run the bytes a second from its start to the proof that it printed."""
    box = Box(folder, {"slip": {"copies": ["customer"]}, "journal": {"size": "16MiB"}}, speed="fast")
    rates = []
    item = {"name": "乌龙茶 Oolong from the high mountains of the south, first flush", "quantity": "1"}
    items = [item | {"price": "1.00", "amount": "1.00"}] * ITEMS
    total = f"{ITEMS}.00"
    try:
        box.start()
        box.do("slow", str(BAUD_BYTES_S))
        for _ in range(RUNS):
            before = box.received()
            payments = [{"method": "cash", "amount": total}]
            sold = box.sell(cash(box.new_id(), items=items, total=total, payments=payments))
            box.wait_copy(sold, "customer", "printed")
            started, printed = (
                datetime.fromisoformat(box.events(kind)[-1]["time"]) for kind in ("copy.started", "copy.printed")
            )
            rates.append((box.received() - before) / (printed - started).total_seconds())
        lines = len(box.wait_slips(1)[0].read_text(encoding="utf-8").splitlines())
    finally:
        box.close()
    return lines, rates
