"""What was freed goes back to the system."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FREED = """
from pathlib import Path
from posd.service.memory import give_back

def resident_kib():
    return int(next(l for l in Path("/proc/self/status").read_text().splitlines() if l.startswith("VmRSS")).split()[1])

blocks = [bytearray(60_000) for _ in range(1000)]
last = bytearray(60_000)  # the heap's end stays where it is
del blocks
before = resident_kib()
give_back()
print(before - resident_kib())
"""


def test_pages_between_blocks_in_use_go_back(root: Path) -> None:
    done = subprocess.run([sys.executable, "-c", FREED], cwd=root, capture_output=True, text=True, check=True)
    assert int(done.stdout) > 30_000
