"""From the start of the process to READY, with a full ring, after a clean stop and after SIGKILL; beside an interpreter
that only imports asyncio.

READY is the service manager's: the word on NOTIFY_SOCKET, when posd serves its socket. All devices are configured, none
is there, as at boot. Byte code is compiled beforehand, as in a package; the page cache is warm, but the journal is read
past it where the file system can.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from tests.bench import full_ring
from tests.bench.tools import ROOT, Row, interleaved, place, row
from tests.scenario.box import as_toml

DEADLINE_S = 60.0


def rows() -> list[Row]:
    return [*_rows("64MiB", 0.5, 1.0), *_rows("256MiB", None, None)]


def _rows(size: str, clean_s: float | None, crash_s: float | None) -> list[Row]:
    with place() as folder:
        records = full_ring.make(folder / "journal", size)
        with _Starter(folder, size) as starter:
            bare_s, imported_s, after_clean_s, after_crash_s = interleaved(
                (
                    lambda: starter.imports("asyncio"),
                    lambda: starter.imports("posd.daemon"),
                    lambda: starter.posd(signal.SIGKILL),
                    lambda: starter.posd(signal.SIGTERM),
                )
            )
    name = f"start to READY, full {size}"
    each_us = 1e6 * (after_clean_s - imported_s) / records
    note = (
        f"an interpreter that imports posd and ends takes {imported_s:.2f} s; {records:,} records are read, checked, "
        f"decoded and folded in the rest, {each_us:.0f} us each"
    )
    return [
        row(f"{name}, clean stop", after_clean_s, bare_s, "s", most=clean_s, inverse=True, note=note),
        row(f"{name}, SIGKILL", after_crash_s, bare_s, "s", most=crash_s, inverse=True),
    ]


class _Starter:
    """Starts posd on one journal, again and again. It was stopped cleanly before the first start."""

    def __init__(self, folder: Path, size: str) -> None:
        self._config = folder / "posd.toml"
        self._config.write_text(as_toml(everything(folder, size)), encoding="utf-8")
        self._log = folder / "log"
        self._notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notices.bind(str(folder / "notify"))
        self._env = environment(folder) | {"NOTIFY_SOCKET": str(folder / "notify")}
        self.posd(signal.SIGTERM)  # makes the byte code

    def __enter__(self) -> _Starter:
        return self

    def __exit__(self, *_: object) -> None:
        self._notices.close()

    def imports(self, module: str) -> float:
        """Seconds of an interpreter that imports a module and ends."""
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", f"import {module}"], check=True, env=self._env, cwd=ROOT)
        return time.perf_counter() - begun

    def posd(self, end: signal.Signals) -> float:
        """Seconds until posd is READY; then it is ended by this signal, which the next start will find."""
        with self._log.open("ab") as log:
            begun = time.perf_counter()
            process = subprocess.Popen(
                [sys.executable, "-m", "posd", "--config", self._config], cwd=ROOT, env=self._env, stderr=log
            )
        try:
            self._notices.settimeout(DEADLINE_S)
            while b"READY=1" not in self._notices.recv(4096):
                pass
            seconds = time.perf_counter() - begun
            process.send_signal(end)
            process.wait(DEADLINE_S)
        finally:
            process.kill()
            process.wait()
        with contextlib.suppress(BlockingIOError):
            self._notices.setblocking(False)
            while self._notices.recv(4096):
                pass
        return seconds


def everything(folder: Path, size: str) -> dict[str, dict[str, object]]:
    """A configuration with every device, in a world that may or may not be there."""
    world = folder / "world"
    return {
        "terminal": {"id": "10000042", "merchant": "Old Teahouse"},
        "journal": {"path": str(folder / "journal"), "size": size},
        "api": {"socket": str(folder / "posd.sock")},
        "printer": {"device": str(world / "printer")},
        "pad": {"driver": "evdev", "device": str(world / "pad")},
        "keypad": {"device": str(world / "keypad")},
    }


def environment(folder: Path) -> dict[str, str]:
    """The environment that the service unit gives a posd whose byte code is kept, as a package's is."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": str(folder / "pycache"), "MALLOC_ARENA_MAX": "1"}
