"""posd with a wall clock that a test sets: `python wrong_clock.py FILE PYTHON -m posd --config ...`.

FILE holds by how many milliseconds the clock is ahead of the machine's; it is read at each look at the time, so that
the clock can be set while posd runs. The monotonic clock is the machine's.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

real_ns, real_local = time.time_ns, time.localtime
offset = Path(sys.argv[1])


def set_ns() -> int:
    return real_ns() + int(offset.read_text() or 0) * 1_000_000


def set_local(seconds: float | None = None) -> time.struct_time:
    return real_local(set_ns() / 1e9 if seconds is None else seconds)


time.time_ns = set_ns
time.time = lambda: set_ns() / 1e9
time.localtime = set_local  # type: ignore[assignment]
from posd import daemon  # noqa: E402  after the clock was exchanged

sys.exit(daemon.main(sys.argv[sys.argv.index("posd") + 1 :]))
