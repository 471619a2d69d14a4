"""One run: a box, eight tills, so many kills, a last clean start, and the verdict."""

from __future__ import annotations

import contextlib
import random
import re
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.kill.checker import acknowledged, check
from tests.kill.evidence import Evidence
from tests.kill.gather import gather
from tests.kill.killer import Killer
from tests.kill.violation import KINDS, Violation
from tests.scenario.box import DEADLINE_S, ROOT, Box

TILLS = 8
LISTENERS = 3
"""So many of the tills also follow the events."""
SETTINGS = {
    "journal": {"path": "{folder}/journal", "size": "1MiB"},
    "pad": {"driver": "evdev", "device": "{world}/pad", "timeout": "2s"},
    "slip": {"stale_after": "1d"},
    "policy": {"requests_each": 6000, "requests_all": 6000},
}
HANDS_S = 0.7
"""Between two acts of the hands at the pad and the keypad, on average."""


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a run. `starts`: how often a start found the journal in each state."""

    kills: int
    aims: Counter[str]
    seen: Counter[str]
    starts: Counter[str]
    acknowledged: dict[str, int]
    requests: int
    cut: int
    slips: int
    laps: int
    archives: int
    violations: list[Violation]

    def lines(self) -> list[str]:
        """The report as text."""
        counts = Counter(violation.kind for violation in self.violations)
        return [
            f"kills {self.kills}: " + _counts(self.aims),
            "posd was seen in: " + (_counts(self.seen) or "nothing that could be looked at"),
            "its starts found: " + _counts(self.starts),
            f"requests {self.requests}, {self.cut} of them cut off; acknowledged: " + _counts(self.acknowledged),
            f"slips {self.slips}, laps of the ring {self.laps}, archive files {self.archives}",
            "  ".join(f"{kind} {counts[kind]}" for kind in KINDS),
            *(f"{violation.kind}: {violation.says}" for violation in self.violations[:40]),
        ]


def _counts(counts: Counter[str] | dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))


class Hands:
    """A customer at the pad and a cashier at the keypad, who do not know what the tills do."""

    def __init__(self, box: Box, chance: random.Random) -> None:
        self.presses = 0
        self._box, self._chance = box, chance
        self._over = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._act, name="hands", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Let go. What went wrong is raised here."""
        self._over.set()
        self._thread.join(DEADLINE_S)
        assert not self._thread.is_alive()
        if self._failure is not None:
            raise self._failure

    def _act(self) -> None:
        try:
            while not self._over.wait(self._chance.expovariate(1 / HANDS_S)):
                if self._chance.random() < 0.3:
                    self.presses += 1
                    self._box.do("press", "KEY_F1", "--fast")
                else:
                    self._box.do("sign", self._chance.choice(["Li Wei", "Wang Fang"]), "--fast")
        except BaseException as failure:
            self._failure = failure


@contextlib.contextmanager
def tills(box: Box, chance: random.Random) -> Iterator[list[Path]]:
    """The tills at work, as processes; their logs. They end with the context, each with the answer it waits for."""
    logs = [box.folder / f"T{number}.log" for number in range(TILLS)]
    processes = []
    try:
        for number, log in enumerate(logs):
            words = [str(box.socket), str(log), log.stem, str(chance.getrandbits(32))]
            command = [sys.executable, "-m", "tests.kill.till", *words, *(["listen"] if number < LISTENERS else [])]
            processes.append(subprocess.Popen(command, cwd=ROOT))
        yield logs
        for process in processes:
            process.terminate()
        codes = [process.wait(DEADLINE_S) for process in processes]
        assert codes == [0] * TILLS, f"tills ended with {codes}"
    finally:
        for process in processes:
            if process.poll() is None:
                process.kill()
                process.wait(DEADLINE_S)


def run(folder: Path, kills: int, seed: int, progress: Callable[[int], None] = lambda done: None) -> Report:
    """Play it in `folder`, which stays. AssertionError where posd does not come up or a till fails."""
    chance = random.Random(seed)
    box = Box(folder, SETTINGS)
    killer = Killer(box, chance)
    hands = Hands(box, random.Random(chance.getrandbits(32)))
    try:
        box.start()
        with tills(box, chance) as logs:
            hands.start()
            box.kill()
            for done in range(kills):
                killer.strike()
                progress(done + 1)
            box.start_posd()
            box.until(lambda: laps(box) > 0, "the ring has gone round")
            hands.stop()
        box.until(lambda: quiet(box), "all that is owed is printed or unknown", box.open_exceptions)
        rounds = laps(box)
        assert box.stop() == 0, "posd did not stop cleanly"
        box.start_posd()
        box.until(lambda: quiet(box), "nothing is owed after a clean start")
        evidence = gather(box, logs, hands.presses)
        return _report(box, killer, evidence, rounds)
    finally:
        box.close()


def laps(box: Box) -> int:
    """How often the ring went round."""
    count: int = box.result("journal.info")["laps"]
    return count


def quiet(box: Box) -> bool:
    """Whether nothing is on its way: each open sale waits for a person."""
    found = box.result("transaction.search", open=True, limit=200)["transactions"]
    return not any(
        one["state"]["signature"]["state"] == "awaiting"
        or any(copy["state"] in ("queued", "printing", "failed") for copy in one["state"]["copies"])
        for one in found
    )


def _report(box: Box, killer: Killer, evidence: Evidence, rounds: int) -> Report:
    calls = evidence.calls
    return Report(
        kills=sum(killer.aims.values()),
        aims=killer.aims,
        seen=killer.seen,
        starts=starts(box.log.read_text(encoding="utf-8")),
        acknowledged=acknowledged(evidence),
        requests=len(calls),
        cut=sum(call.answered_at is None for call in calls),
        slips=len(evidence.slips),
        laps=rounds,
        archives=len(list((box.folder / "archive").glob("*.pja"))),
        violations=check(evidence),
    )


def starts(log: str) -> Counter[str]:
    """What posd said of its journal at each start, by kind."""
    found: Counter[str] = Counter()
    for sentence in re.findall(r"journal \S+: (.*)", log):
        if match := re.match(r"(a new journal|stopped cleanly|recovered after a crash)", sentence):
            repaired = re.search(r"; (\d+) blocks were repaired", sentence)
            torn = "an unfinished write" in sentence
            what = match[1]
            found[what + (", a torn write" if torn else "") + (", twin repaired" if repaired else "")] += 1
    return found
