"""The metrics file: what node_exporter's textfile collector accepts, whole at any time."""

from __future__ import annotations

import math
import os
import threading
from pathlib import Path

import pytest

from posd.service.metrics import Family, render, write

COPIES: Family = (
    "posd_copies_total",
    "counter",
    "Copies by state.\nAll of them \\ ever",
    [({"state": "printed"}, 3), ({"state": "unknown"}, 1)],
)
FILL: Family = ("posd_journal_fill_ratio", "gauge", "How full the ring is.", [({}, 0.25)])


def test_the_text_is_prometheus() -> None:
    assert render([COPIES, FILL]) == (
        "# HELP posd_copies_total Copies by state.\\nAll of them \\\\ ever\n"
        "# TYPE posd_copies_total counter\n"
        'posd_copies_total{state="printed"} 3\n'
        'posd_copies_total{state="unknown"} 1\n'
        "# HELP posd_journal_fill_ratio How full the ring is.\n"
        "# TYPE posd_journal_fill_ratio gauge\n"
        "posd_journal_fill_ratio 0.25\n"
    )


def test_label_values_are_escaped_and_sorted() -> None:
    family: Family = ("posd_x", "gauge", "x", [({"b": 'say "hi"\\\n', "a": "纸"}, 1)])
    assert render([family]).splitlines()[2] == 'posd_x{a="纸",b="say \\"hi\\"\\\\\\n"} 1'


@pytest.mark.parametrize(
    ("value", "text"),
    [(math.nan, "NaN"), (math.inf, "+Inf"), (-math.inf, "-Inf"), (1e18, "1000000000000000000"), (True, "1")],
)
def test_numbers(value: float, text: str) -> None:
    assert render([("posd_x", "gauge", "x", [({}, value)])]).splitlines()[2] == f"posd_x {text}"


@pytest.mark.parametrize(
    "families",
    [
        [("posd-x", "gauge", "x", [])],
        [("posd_x", "counter", "x", [])],
        [("posd_x", "gauge", "x", [({"a-b": "1"}, 1)])],
        [("posd_x", "gauge", "x", [({"__name": "1"}, 1)])],
        [("posd_x", "gauge", "x", [({}, 1), ({}, 2)])],
        [FILL, FILL],
    ],
)
def test_what_the_collector_would_reject_is_refused(families: list[Family]) -> None:
    with pytest.raises(ValueError, match=r"posd|label"):
        render(families)


def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    path = tmp_path / "posd.prom"
    sizes: list[Family] = [("posd_x", "gauge", "x", [({"n": str(n)}, n) for n in range(count)]) for count in (1, 3000)]
    whole = {render([family]) for family in sizes}
    write(path, [sizes[0]])
    done = threading.Event()

    def rewrite() -> None:
        for turn in range(100):
            write(path, [sizes[turn % 2]])
        done.set()

    writer = threading.Thread(target=rewrite)
    writer.start()
    while not done.is_set():
        assert path.read_text(encoding="utf-8") in whole
        assert [one.name for one in tmp_path.glob("*.prom")] == ["posd.prom"]
    writer.join()
    assert [one.name for one in tmp_path.iterdir()] == ["posd.prom"]
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "posd.prom"
    write(path, [FILL])
    os.mkdir(tmp_path / ".posd.prom.new")
    with pytest.raises(OSError, match=r"posd\.prom"):
        write(path, [COPIES])
    assert path.read_text(encoding="utf-8") == render([FILL])


def test_the_name_must_be_one_that_the_collector_reads(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\.prom"):
        write(tmp_path / "posd.txt", [FILL])
