"""Ends posd with SIGKILL, at a moment of each kind in turn by chance.

  start     anywhere between the start of the process and its first answer
  recovery  shortly after it opened the journal, before it answers
  any       somewhere while it serves
  commit    while its writer is inside a write or a sync of the journal
  archive   while it writes or syncs a file of the archive
  slip      some bytes into what the printer is being sent

To strike inside a system call, the killer reads /proc/PID/task/*/syscall in a loop: it shows in which call a thread is,
and on which descriptor. Where the kernel or the machine does not let it look, `commit` and `archive` strike at any
moment, and the count of what was seen is 0. A pause here is the moment that chance chose; nothing waits in it for
anything.
"""

from __future__ import annotations

import contextlib
import platform
import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.scenario.box import Box

LIFE_S = 0.6
"""How long posd serves before it is struck, at most; the moments that have to be waited for come on top."""
AIM_S = 3.0
"""How long one of those is waited for; then it is struck as it is."""
START_S = 0.25
_RECOVERY_S = 0.05
_WEIGHTS = {"start": 10, "recovery": 15, "any": 20, "commit": 30, "archive": 10, "slip": 15}
_CALLS = {
    "x86_64": {18: "write", 296: "write", 328: "write", 1: "write", 75: "sync", 74: "sync"},
    "aarch64": {68: "write", 70: "write", 287: "write", 64: "write", 83: "sync", 82: "sync"},
}
"""pwrite64, pwritev, pwritev2, write, fdatasync, fsync."""


class Killer:
    """Of one box. `aims`: kills by kind; `seen`: in which call posd was seen when it was struck in one."""

    def __init__(self, box: Box, chance: random.Random) -> None:
        self._box, self._chance = box, chance
        self.aims: Counter[str] = Counter()
        self.seen: Counter[str] = Counter()
        self._journal = box.folder / "journal"
        self._archive = box.folder / "archive"

    def strike(self) -> None:
        """Start posd, which is down, let it come as far as chance says, and kill it. AssertionError if it ended by
        itself before.
        """
        (aim,) = self._chance.choices([*_WEIGHTS], [*_WEIGHTS.values()])
        self._box.launch()
        if aim == "start":
            time.sleep(self._chance.uniform(0, START_S))
        elif aim == "recovery":
            self._wait(lambda: self._journal in _opened(self._pid))
            time.sleep(self._chance.uniform(0, _RECOVERY_S))
        else:
            self._box.wait_answer()
            time.sleep(self._chance.uniform(0, LIFE_S))
            self._wait_for(aim)
        assert self._box.posd is not None
        ended = self._box.posd.poll()
        assert ended is None, f"posd ended by itself with {ended}; its log is {self._box.log}"
        self._box.kill()
        self.aims[aim] += 1

    @property
    def _pid(self) -> int:
        assert self._box.posd is not None
        return self._box.posd.pid

    def _wait_for(self, aim: str) -> None:
        if aim in ("commit", "archive"):
            room = "journal" if aim == "commit" else "archive"
            self._wait(lambda: self._sees(room))
        elif aim == "slip":
            target = self._box.received() + self._chance.randint(1, 3000)
            self._wait(lambda: self._box.received() >= target)

    def _wait(self, there: Callable[[], bool]) -> None:
        """Until it is there, as fast as can be, or for `AIM_S`."""
        ends = time.monotonic() + AIM_S
        while not there() and time.monotonic() < ends:
            pass

    def _sees(self, room: str) -> bool:
        """Whether posd is in a call on these files at this moment; counted if it is."""
        for call, descriptor in _calls(self._pid):
            with contextlib.suppress(OSError):
                path = Path(f"/proc/{self._pid}/fd/{descriptor}").readlink()
                if path == self._journal if room == "journal" else path.is_relative_to(self._archive):
                    self.seen[f"{room} {call}"] += 1
                    return True
        return False


def _calls(pid: int) -> list[tuple[str, int]]:
    """The writes and syncs that the threads of a process are in, with their descriptors."""
    names = _CALLS.get(platform.machine(), {})
    found = []
    with contextlib.suppress(OSError):  # the process ended, or may not be looked at
        for task in Path(f"/proc/{pid}/task").iterdir():
            words = (task / "syscall").read_text(encoding="ascii").split()
            if words[0].isdecimal() and int(words[0]) in names:
                found.append((names[int(words[0])], int(words[1], 16)))
    return found


def _opened(pid: int) -> set[Path]:
    """The files that a process has open."""
    found = set()
    with contextlib.suppress(OSError):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                found.add(descriptor.readlink())
    return found
