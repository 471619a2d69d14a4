"""Durable `transaction.submit` over the socket, with 1, 4 and 16 clients that each wait for their answer.

Against posd itself with SQLite where its journal is (sqlite_posd.py; the better of committing on the loop and on a
thread), and against Redis, XADD with appendfsync always. One client program for all (native/load.c); its own cost
stands in a row. The slow device is native/slow.c, 5 ms in each sync of each process. No printer and no pad; one slip
of each sale waits. Our journal is mirrored as it is by default: each record is written twice.

A missed goal is explained by what each server takes of the processor for a sale, counted by the scheduler in the same
runs: that is what remains where the disk costs next to nothing or is shared.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from pathlib import Path

from tests.bench.contenders import Load, Redis, Server, posd
from tests.bench.tools import RUNS, SLOW_US, Row, place, row

SALES = {1: 300, 4: 320, 16: 320}
"""A run's. What waits is open, and the journal keeps room for the outcomes of at most about 1,800 open sales."""
SLOW_SALES = {1: 60, 4: 120, 16: 320}
GOALS = {1: 1.0, 4: 1.0, 16: 3.0}


def rows() -> list[Row]:
    found = []
    for delay_us in (0, SLOW_US):
        for clients in (1, 4, 16):
            with place() as folder:
                found += _rows(folder, clients, delay_us)
    return found


def _rows(folder: Path, clients: int, delay_us: int) -> list[Row]:
    makers: dict[str, Callable[[Path], Server]] = {
        "ours": lambda at: posd(at, delay_us=delay_us),
        "inline": lambda at: posd(at, delay_us=delay_us, sqlite="inline"),
        "thread": lambda at: posd(at, delay_us=delay_us, sqlite="thread"),
        "group": lambda at: posd(at, delay_us=delay_us, sqlite="group"),
        "redis": lambda at: Redis(at, delay_us=delay_us),
    }
    servers: dict[str, Server] = {}
    absent = ""
    try:
        for name, maker in makers.items():
            try:
                servers[name] = maker(folder / name)
            except RuntimeError as error:
                if name != "redis":
                    raise
                absent = str(error)
        loads: dict[str, list[Load]] = {name: [] for name in servers}
        for server in servers.values():  # first requests pay for imports and caches
            server.load(clients, 4 * clients)
        for _ in range(RUNS):
            for name, server in servers.items():
                loads[name].append(server.load(clients, (SLOW_SALES if delay_us else SALES)[clients]))
    finally:
        for server in servers.values():
            server.close()
    return _compared(clients, delay_us, loads, absent)


def _compared(clients: int, delay_us: int, loads: dict[str, list[Load]], absent: str) -> list[Row]:
    rate = {name: statistics.median(load.rate for load in found) for name, found in loads.items()}
    words = f"submit, {clients} clients" if clients > 1 else "submit, 1 client"
    words += ", sync of 5 ms" if delay_us else ""
    ours, sqlite = rate["ours"], max(rate["inline"], rate["thread"])
    spent_us = {name: statistics.median(load.server_us for load in found) for name, found in loads.items()}
    client_us = 1e6 * statistics.median(load.cpu_s / load.answers for load in loads["ours"])
    made = [
        row(f"{words}: SQLite under it", ours, sqlite, "sales/s", least=GOALS[clients]),
        row(f"{words}: SQLite with posd's grouping", ours, rate["group"], "sales/s"),
        row(
            f"{words}: Redis appendfsync always", ours, rate.get("redis"), "sales/s", least=0.95 if delay_us else 0.5,
            note=absent,
        ),
    ]  # fmt: skip
    spent = (
        f"bound by the interpreter: a sale takes posd {spent_us['ours']:.0f} us of processor (JSON, card guard, "
        f"shapes, sums, decision, journal, answer), posd with SQLite {spent_us['inline']:.0f} us"
    )
    if made[0]["met"] is False:
        made[0]["note"] = f"{spent}; what is saved is only the difference, and both wait for the same disk"
    if made[2]["met"] is False:
        made[2]["note"] = f"{spent}, Redis {spent_us['redis']:.0f} us, in C and without looking into the sale; " + (
            f"{clients} sales that share a sync are worked on one after the other before it"
            if delay_us
            else f"the client takes {client_us:.0f} us"
        )
    return made
