"""`make demo` does what it says, wherever it is run."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.scenario.box import ROOT

DEADLINE_S = 240.0


def test_the_demo_shows_every_law_and_ends_well() -> None:
    with tempfile.TemporaryDirectory(prefix="posd-demo-") as folder:
        out = Path(folder) / "out"
        done = subprocess.run(
            [sys.executable, "-m", "tests.demo", str(out)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        assert done.stdout.splitlines()[-1].startswith("All 5 steps did what they say")
        laws = done.stdout.split("What was shown")[1].split("The slips as pictures")[0]
        assert [line.split()[0] for line in laws.strip().splitlines()] == [str(n) for n in range(1, 10)]
        pictures = [line.split()[0] for line in done.stdout.splitlines() if ".png" in line]
        assert len(pictures) == 11
        assert all((ROOT / picture).stat().st_size for picture in pictures)
