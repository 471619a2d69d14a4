"""`python -m tests.bench [WORD...]`: run every bench_*.py (or those whose name has one of the words), print the table,
keep the numbers.

A bench module gives `rows() -> list[dict]` with `name, ours, theirs, unit, ratio, goal, met`: ours and theirs are
medians in `unit`, `ratio` and `goal` compare them, `met` says whether the goal is reached. A bench that fails is a row
of its own, and the exit code is 1; a missed goal is a finding, not a failure. bench-out/results.json holds the rows
with the machine they were measured on.
"""

from __future__ import annotations

import importlib
import json
import os
import platform
import sys
import time
import traceback
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
OUT = Path("bench-out") / "results.json"
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
        return f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"
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
        "kernel": platform.release(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }


def main(words: list[str]) -> int:
    """Run, print, write; 1 if a bench could not run."""
    names = benches(words)
    if not names:
        print(f"no bench is named like {' or '.join(words) or 'bench_*.py'}", file=sys.stderr)
        return 2
    rows: list[Row] = []
    failures: dict[str, str] = {}
    for name in names:
        print(f"measuring {name.removeprefix('bench_')} ...", file=sys.stderr, flush=True)
        came, failure = measured(name)
        rows += [{**row, "bench": name} for row in came]
        if failure:
            failures[name] = failure
            print(failure, file=sys.stderr)
    OUT.parent.mkdir(exist_ok=True)
    report = {"time": time.strftime("%Y-%m-%dT%H:%M:%S%z"), "machine": machine(), "rows": rows, "failures": failures}
    OUT.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    met = sum(bool(row.get("met")) for row in rows)
    print(f"\n{table(rows)}\n")
    print(f"{len(rows)} rows, {met} goals met, {len(failures)} benches failed; the numbers are in {OUT}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
