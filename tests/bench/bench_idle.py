"""What posd takes when nothing happens: memory, processor and wake-ups, with every device and a full ring.

hwsim has the devices. After the start one sale is printed and signed, so that everything that is loaded late is loaded.
Then nothing happens for `IDLE_S`, and the kernel's own counts of the process are compared.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from tests.bench import full_ring
from tests.bench.bench_start import environment
from tests.bench.tools import Row, place, processor_s, row
from tests.scenario.box import Box, sale

IDLE_S = 20.0
SETTLE_S = 3.0


def rows() -> list[Row]:
    with place() as folder:
        full_ring.make(folder / "journal", "64MiB")
        box = Box(folder, {"journal": {"size": "64MiB"}}, speed="fast")
        try:
            box.start_world()
            _start(box, folder)
            box.stop()  # the byte code is there now, and compiling it is not in the memory of the next
            _start(box, folder)
            assert box.posd is not None
            pid = box.posd.pid
            process = Path(f"/proc/{pid}")
            before_kib = _memory(process, "VmRSS")
            box.sell(sale("bench-1"))
            box.sign("bench-1", "Li Wei")
            box.wait_copy("bench-1", "customer", "printed")
            time.sleep(SETTLE_S)
            cpu_share, wakes = _over(IDLE_S, lambda: processor_s(pid), lambda: _switches(process))
            after_kib, dirty_kib = _memory(process, "VmRSS"), _memory(process, "RssAnon")
        finally:
            box.close()
    note = (
        f"{before_kib / 1024:.1f} MiB before the first slip; {dirty_kib / 1024:.1f} MiB are the process's own, "
        "the rest mapped files. An interpreter with asyncio has 15 MiB, posd's rooms, msgspec and the digests of "
        "OpenSSL 15, the fold of a full ring 5, python-escpos and Pillow 5, the archive and the devices the rest"
    )
    return [
        row("resident memory, all devices, full 64 MiB", after_kib / 1024, None, "MiB", most=45, note=note),
        row("processor when idle", 100 * cpu_share, None, "%", most=0.1),
        row("wake-ups when idle", wakes, None, "a second", most=2),
    ]


def _start(box: Box, folder: Path) -> None:
    box.launch(env=environment(folder) | {"PYTHONDONTWRITEBYTECODE": ""})
    box.until(box._answers, "posd answers")
    for name in ("printer", "pad", "keypad"):
        box.wait_device(name, "ready")


def _over(seconds: float, *counts: Callable[[], float]) -> list[float]:
    """How much each count grows a second."""
    begun, before = time.monotonic(), [count() for count in counts]
    time.sleep(seconds)
    after, took = [count() for count in counts], time.monotonic() - begun
    return [(late - early) / took for early, late in zip(before, after, strict=True)]


def _memory(process: Path, name: str) -> int:
    """A line of /proc/PID/status, in KiB."""
    return int(_field(process / "status", name).removesuffix("kB"))


def _switches(process: Path) -> float:
    """How often its threads went to sleep so far, which is how often they were woken."""
    return sum(int(_field(task / "status", "voluntary_ctxt_switches")) for task in (process / "task").iterdir())


def _field(path: Path, name: str) -> str:
    return next(line for line in path.read_text().splitlines() if line.startswith(f"{name}:")).split(":")[1].strip()
