"""What a person reads, in both languages, to the last space; POSD_GOLDEN=write writes the texts anew after a look at
them.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from posd.ctl import tables
from tests.unit.api.fakes import SALE, Running
from tests.unit.ctl.conftest import Said

GOLDEN = Path(__file__).parent / "golden"
Posctl = Callable[..., Said]
RUNS: dict[str, tuple[int, tuple[str, ...]]] = {
    "status": (0, ("status",)),
    "status-check": (5, ("status", "--check")),
    "devices": (0, ("devices",)),
    "selftest": (0, ("selftest",)),
    "confirm-clock": (0, ("confirm-clock",)),
    "journal": (0, ("journal", "info")),
    "exceptions": (0, ("exceptions",)),
    "events": (0, ("events", "--from", "2")),
    "show": (0, ("show", "last")),
    "search": (0, ("search", "--since", "2026-11-21", "--limit", "1")),
    "search-more": (0, ("search", "--limit", "20")),
    "reprint": (0, ("reprint", "last")),
    "reprint-late": (1, ("reprint", "last", "--reason", "late")),
    "reprint-waits": (0, ("reprint", "last", "--ask-supervisor")),
    "settle": (0, ("settle", "last", "--printed")),
    "settle-unclear": (1, ("settle", "last", "--copy", "merchant", "--not-printed")),
    "preview": (0, ("preview", "last")),
    "terms": (0, ("terms", "last")),
    "resign": (0, ("resign", "last")),
    "void": (0, ("void", "last", "--reason", "another hand")),
    "void-no-pad": (0, ("void", "on-paper", "--reason", "another hand")),
    "attest": (0, ("attest", "last", "--signed-by", "Li Wei")),
    "exception-note": (0, ("exception", "note", "x105", "--channel", "phone", "--outcome", "promised")),
    "exception-waive": (0, ("exception", "waive", "x105", "--reason", "small")),
    "shift": (0, ("shift", "show")),
    "shift-open": (0, ("shift", "open", "07")),
    "approve": (0, ("approve", "r105")),
    "approve-decline": (0, ("approve", "r105", "--decline")),
    "approve-list": (0, ("approve",)),
    "withdraw": (0, ("withdraw", "000042-c1")),
    "request": (0, ("request", "r105")),
    "request-refused": (0, ("request", "r77")),
    "signature": (0, ("signature", "last")),
    "nowhere": (4, ("show", "nowhere")),
}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", RUNS)
def test_as_it_was_looked_at(name: str, lang: str, posctl: Posctl, served: Running) -> None:
    code, words = RUNS[name]
    served.publish(1, 2, 3)
    said = posctl("--lang", lang, *words)
    assert said.code == code
    text = said.out + said.err
    golden = GOLDEN / lang / f"{name}.txt"
    if os.environ.get("POSD_GOLDEN") == "write":
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")
    assert bool(said.err) == (code in {1, 2, 4}), "errors go to standard error, answers to standard output"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_submit_is_shown(lang: str, posctl: Posctl, tmp_path: Path) -> None:
    (tmp_path / "sale.json").write_text(json.dumps({"transaction": SALE}))
    said = posctl("--lang", lang, "submit", str(tmp_path / "sale.json"))
    assert said.code == 0
    assert SALE["id"] in said.out
    assert said.out == posctl("--lang", lang, "submit", str(tmp_path / "sale.json")).out


@pytest.mark.parametrize("name", [name for name, (code, _) in RUNS.items() if code in {0, 5} and name != "events"])
def test_json_is_the_answer_itself(name: str, posctl: Posctl) -> None:
    said = posctl("--json", *RUNS[name][1])
    assert said.code == RUNS[name][0]
    assert isinstance(json.loads(said.out), dict)
    assert said.err == ""


def test_json_of_a_refusal_goes_to_standard_error(posctl: Posctl) -> None:
    said = posctl("reprint", "last", "--reason", "late", "--json")
    assert said.out == ""
    assert json.loads(said.err)["error"] == {
        "kind": "window-closed",
        "message": "the copy may no longer be printed. Nothing was printed; ask a supervisor.",
        "field": None,
        "until": "2026-10-01T00:00:00+08:00",
        "request": "r77",
        "code": -32000,
    }


def test_json_of_events_is_one_a_line(posctl: Posctl, served: Running) -> None:
    served.publish(1, 2, 3)
    said = posctl("events", "--from", "2", "--json")
    assert [json.loads(line)["seq"] for line in said.out.splitlines()] == [2, 3]


class TestTables:
    def test_columns_align_in_every_script(self) -> None:
        text = tables.table(["名称 NAME", "数"], [["乌龙茶", "1"], ["Oolong", "100"], ["cafe\u0301", "-5"]], right=[1])
        assert text == "名称 NAME   数\n乌龙茶       1\nOolong     100\ncafe\u0301        -5"
        assert len({tables.width(line) for line in text.splitlines()}) == 1

    def test_nothing_steers_the_terminal(self) -> None:
        text = tables.table(["NAME"], [["a\x1b[31m\u202eb\r\n"]], colours=False)
        assert "\x1b" not in text
        assert text.count("\n") == 1
        assert "\u202e" not in text

    def test_colours_do_not_move_columns(self) -> None:
        rows = [[tables.Cell("ready", "green"), "x"], [tables.Cell("attention", "yellow"), "y"]]
        plain, coloured = (tables.table(["STATE", "N"], rows, colours=on) for on in (False, True))
        assert "\x1b[32mready    \x1b[0m" in coloured
        assert re.sub(r"\x1b\[[0-9]+m", "", coloured) == plain

    def test_no_rows_no_table(self) -> None:
        assert tables.table(["A"], []) == ""

    @pytest.mark.parametrize(
        ("count", "text"),
        [
            (0, "0 B"),
            (1023, "1023 B"),
            (1536, "1.5 KiB"),
            (67108864, "64 MiB"),
            (1 << 40, "1 TiB"),
            (1 << 52, "4096 TiB"),
        ],
    )
    def test_sizes(self, count: int, text: str) -> None:
        assert tables.size(count) == text

    def test_times_are_the_shop_s_own(self) -> None:
        assert tables.local("2026-11-21T02:15:31.000Z") == "2026-11-21 10:15:31"
        assert tables.local("soon\x1b") == "soon\N{REPLACEMENT CHARACTER}"
        assert tables.local(None) == "-"


def test_words_that_a_caller_chose_cannot_steer_the_terminal(posctl: Posctl, tmp_path: Path) -> None:
    sale: dict[str, Any] = {**SALE, "\x1b[2J": 1}
    (tmp_path / "sale.json").write_text(json.dumps(sale))
    said = posctl("submit", str(tmp_path / "sale.json"))
    assert said.code == 1
    assert "\x1b" not in said.err
