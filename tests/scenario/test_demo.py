"""`make demo` and `make demo-counter` do what they say, wherever they are run."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.scenario.box import ROOT

DEADLINE_S = 240.0


def test_the_demo_shows_every_law_and_ends_well() -> None:
    told, pictures = played("tests.demo")
    assert told.splitlines()[-1].startswith("All 5 steps did what they say")
    laws = told.split("What was shown")[1].split("The slips as pictures")[0]
    assert [line.split()[0] for line in laws.strip().splitlines()] == [str(n) for n in range(1, 10)]
    assert pictures == 11


def test_the_demo_of_the_counter_ends_well() -> None:
    told, pictures = played("tests.demo_counter")
    assert told.splitlines()[-1].startswith("All 7 steps did what they say")
    assert pictures == 12


def played(module: str) -> tuple[str, int]:
    """What a demo tells, and how many pictures it names: all are there."""
    with tempfile.TemporaryDirectory(prefix="posd-demo-") as folder:
        done = subprocess.run(
            [sys.executable, "-m", module, str(Path(folder) / "out")],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        listed = done.stdout.split("The slips as pictures")[1]
        pictures = [line.split()[0] for line in listed.splitlines() if ".png" in line]
        assert all((ROOT / picture).stat().st_size for picture in pictures)
        return done.stdout, len(pictures)
