"""The long run: `python -m tests.kill [KILLS] [SEED]`, with a progress bar. Exit code 1 on a violation."""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.kill.run import run

KILLS = 300


def main() -> int:
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else KILLS
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(1, 1 << 30)
    folder = Path(tempfile.mkdtemp(prefix="posd-kill-"))
    begun = time.monotonic()
    print(f"{kills} kills, seed {seed}")

    def progress(done: int) -> None:
        if not sys.stdout.isatty() and done < kills:
            return
        bar = "#" * (40 * done // kills)
        took_s = time.monotonic() - begun
        print(f"\r[{bar:<40}] {done} of {kills} kills, {took_s:.0f} s", end="", flush=True)

    try:
        report = run(folder / "box", kills, seed, progress)
    except BaseException:
        print(f"\nit did not come to an end; all logs are in {folder}")
        raise
    print("", *report.lines(), f"seed {seed}, {time.monotonic() - begun:.0f} s", sep="\n")
    if report.violations:
        print(f"{len(report.violations)} violations; the tills' logs, the journal and the paper are in {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
