"""The servers that are measured against each other, each a process of its own, and the client that loads them all."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.tools import ROOT, built, processor_s, slowed
from tests.scenario.box import as_toml

DEADLINE_S = 60.0


@dataclass(frozen=True, slots=True)
class Load:
    """What one run of the client found. Times in seconds, latencies in microseconds; `cpu_s` is the client's own,
    `server_us` the server's for each answer.
    """

    seconds: float
    median_us: float
    p99_us: float
    cpu_s: float
    answers: int
    server_us: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds


class Server:
    """A process that serves on a Unix socket."""

    lines = 1
    good = '"result"'

    def __init__(self, words: Sequence[str], path: Path, log: Path, *, delay_us: int = 0) -> None:
        self.path = path
        self.log = log
        with log.open("ab") as to:
            self.process = subprocess.Popen(words, cwd=ROOT, env=os.environ | slowed(delay_us), stdout=to, stderr=to)
        deadline = time.monotonic() + DEADLINE_S
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{words[0]} did not come up: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.02)
        self._sold = 0

    def _answers(self) -> bool:
        with contextlib.closing(socket.socket(socket.AF_UNIX)) as client, contextlib.suppress(OSError):
            client.connect(str(self.path))
            return True
        return False

    def message(self, sale: dict[str, Any]) -> bytes:
        """One request that makes `sale` durable."""
        request = {"jsonrpc": "2.0", "id": 1, "method": "transaction.submit", "params": {"transaction": sale}}
        return json.dumps(request, ensure_ascii=False).encode() + b"\n"

    def load(self, clients: int, count: int) -> Load:
        """Let so many clients make so many sales, each waiting for its answer before its next."""
        messages = []
        for _ in range(count):
            self._sold += 1
            messages.append(self.message(long_sale(f"20261121-{self._sold:06}")))
        file = self.log.with_suffix(".requests")
        file.write_bytes(b"".join(struct.pack("<I", len(message)) + message for message in messages))
        words = [built("load.c"), self.path, str(clients), str(self.lines), self.good, file]
        before_s = processor_s(self.process.pid)
        done = subprocess.run(words, capture_output=True, text=True, timeout=600, check=False)
        server_us = 1e6 * (processor_s(self.process.pid) - before_s) / count
        if done.returncode:
            raise RuntimeError(f"the client failed: {done.stderr} {self.log.read_text(errors='replace')[-2000:]}")
        figures, first_bad = done.stdout.split("\n")[:2]
        seconds, median_us, p99_us, cpu_s, answers, bad = figures.split()
        if int(bad) or int(answers) != count:
            raise RuntimeError(f"{bad} of {answers} answers were not good; the first: {first_bad}")
        return Load(float(seconds), float(median_us), float(p99_us), float(cpu_s), int(answers), server_us)

    def close(self) -> None:
        self.process.kill()
        self.process.wait(DEADLINE_S)


def posd(folder: Path, *, delay_us: int = 0, sqlite: str = "", python: Sequence[str] = ()) -> Server:
    """posd without devices; with SQLite under it in the mode that `sqlite` says."""
    folder.mkdir()
    config = folder / "posd.toml"
    sections: dict[str, dict[str, Any]] = {
        "terminal": {"id": "10000042", "merchant": "Old Teahouse"},
        "journal": {"path": str(folder / "journal")},
        "api": {"socket": str(folder / "posd.sock")},
        "slip": {"copies": ["customer"]},
    }
    config.write_text(as_toml(sections), encoding="utf-8")
    module = ["tests.bench.sqlite_posd", sqlite] if sqlite else ["posd"]
    words = [sys.executable, *python, "-m", *module, "--config", str(config)]
    return Server(words, folder / "posd.sock", folder / "log", delay_us=delay_us)


class Redis(Server):
    """A Redis that acknowledges an XADD when it is synced. RuntimeError where there is none."""

    lines = 2
    good = "$"

    def __init__(self, folder: Path, *, delay_us: int = 0) -> None:
        program = shutil.which("redis-server")
        if program is None:
            raise RuntimeError("there is no redis-server on this machine")
        folder.mkdir()
        path = folder / "redis.sock"
        options = {"port": "0", "unixsocket": str(path), "dir": str(folder), "appendonly": "yes", "save": ""}
        options |= {"appendfsync": "always", "auto-aof-rewrite-percentage": "0"}
        words = [program, *(word for key, value in options.items() for word in (f"--{key}", value))]
        super().__init__(words, path, folder / "log", delay_us=delay_us)

    def message(self, sale: dict[str, Any]) -> bytes:
        payload = json.dumps(sale, ensure_ascii=False).encode()
        words = [b"XADD", b"sales", b"*", b"sale", payload]
        return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in words)


def long_sale(sale_id: str) -> dict[str, Any]:
    """A sale of four items whose record takes about 900 bytes."""
    names = ("乌龙茶 Oolong", "茉莉花茶 Jasmine", "绿豆糕 Mung bean cake", "普洱 Pu'er")
    items = [{"name": name, "quantity": "1", "price": "18.00", "amount": "18.00"} for name in names]
    payments = [{"method": "cash", "amount": "72.00", "tendered": "100.00", "change": "28.00"}]
    return {
        "id": sale_id, "type": "sale", "time": "2026-11-21T10:15:30+08:00", "currency": "CNY", "operator": "07",
        "items": items, "total": "72.00", "payments": payments,
    }  # fmt: skip
