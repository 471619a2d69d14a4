"""`python -m tests.bench [WORD...]`: run every bench_*.py (or those whose name has one of the words), print the table,
keep the numbers.

A bench module gives `rows() -> list[dict]` with `name, ours, theirs, unit, ratio, goal, met`: ours and theirs are
medians in `unit`, `ratio` and `goal` compare them, `met` says whether the goal is reached. A bench that fails is a row
of its own, and the exit code is 1; a missed goal is a finding, not a failure. A row may have a `note`, which is printed
below the table: what bounds a missed goal, or why a contender is absent. `met` is None where there is no goal, or where
one side is missing. bench-out/results.json is the list of rows; bench-out/machine.json what they were measured on.
"""

from __future__ import annotations

import importlib
import json
import os
import platform
import statistics
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from tests.bench.tools import place

HERE = Path(__file__).parent
OUT = Path("bench-out") / "results.json"
MACHINE = OUT.with_name("machine.json")
SYNCS = 200
COLUMNS = ("name", "ours", "theirs", "unit", "ratio", "goal", "met")
Row = dict[str, Any]


def benches(words: list[str]) -> list[str]:
    """Names of the bench modules to run."""
    names = sorted(path.stem for path in HERE.glob("bench_*.py"))
    return [name for name in names if not words or any(word in name for word in words)]


def measured(name: str) -> tuple[list[Row], str | None]:
    """The rows of one bench, and its traceback if it failed."""
    try:
        rows = importlib.import_module(f"tests.bench.{name}").rows()
    except Exception:  # one bench that fails must not hide the others; its traceback is shown and kept
        return [], traceback.format_exc()
    lacking = [key for row in rows for key in COLUMNS if key not in row]
    return rows, f"rows() of {name} lacks {sorted(set(lacking))}" if lacking else None


def cell(value: Any) -> str:
    """A value as the table shows it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 100 else f"{value:,.0f}"
    return "-" if value is None else str(value)


def table(rows: list[Row]) -> str:
    """Rows as text, one line each, columns aligned."""
    lines = [COLUMNS, *(tuple(cell(row.get(column)) for column in COLUMNS) for row in rows)]
    widths = [max(len(line[index]) for line in lines) for index in range(len(COLUMNS))]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def machine() -> dict[str, Any]:
    """What the numbers were measured on."""
    return {
        "time": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "sync_us": round(1e6 * sync_s()),
        "kernel": platform.release(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }


def sync_s() -> float:
    """Seconds that the disk under the benches takes to make one written block durable, the median."""
    times = []
    with place() as folder:
        descriptor = os.open(folder / "sync", os.O_RDWR | os.O_CREAT)
        os.pwrite(descriptor, bytes(SYNCS * 4096), 0)
        os.fsync(descriptor)
        for number in range(SYNCS):
            begun = time.perf_counter()
            os.pwrite(descriptor, b"x" * 4096, number * 4096)
            os.fdatasync(descriptor)
            times.append(time.perf_counter() - begun)
        os.close(descriptor)
    return statistics.median(times)


def main(words: list[str]) -> int:
    """Run, print, write; 1 if a bench could not run."""
    names = benches(words)
    if not names:
        print(f"no bench is named like {' or '.join(words) or 'bench_*.py'}", file=sys.stderr)
        return 2
    rows: list[Row] = []
    failures: list[str] = []
    for name in names:
        print(f"measuring {name.removeprefix('bench_')} ...", file=sys.stderr, flush=True)
        came, failure = measured(name)
        rows += [{**row, "bench": name} for row in came]
        if failure:
            failures.append(name)
            print(failure, file=sys.stderr)
    OUT.parent.mkdir(exist_ok=True)
    for path, found in ((OUT, rows), (MACHINE, here := machine())):
        path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"\n{table(rows)}\n")
    for row in rows:
        if row.get("note"):
            print(f"{row['name']}: {row['note']}")
    met, goals = (sum(row.get("met") in among for row in rows) for among in ((True,), (True, False)))
    print(
        f"\n{met} of {goals} goals met in {len(rows)} rows, {len(failures)} benches failed; a sync of this disk takes "
        f"{here['sync_us']} us; the numbers are in {OUT}"
    )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
