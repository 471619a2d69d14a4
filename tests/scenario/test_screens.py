"""The pictures of the operator's guide can be made: the shop that they show does what it shows, and draws what posctl
says in a terminal's columns.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests import screens
from tests.scenario.box import ROOT

SVG = "{http://www.w3.org/2000/svg}"


def test_every_picture_of_the_guide_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory(prefix="posd-") as folder:
        monkeypatch.setattr(screens, "SHOP", Path(folder) / "shop")
        screens.play("en", "en", tmp_path)
    guide = (ROOT / "docs" / "operator.md").read_text(encoding="utf-8")
    made = {path.name for path in tmp_path.iterdir()}
    assert set(re.findall(r"pictures/(counter-[\w-]+\.\w+)", guide)) == made
    kept = {path.name for path in (ROOT / "docs" / "pictures").glob("counter-*")}
    assert kept == made | {name.replace("-en.", "-zh.") for name in made}


def test_each_run_stands_at_its_column_in_its_colour() -> None:
    drawn = ElementTree.fromstring(screens.svg(["$ posctl status", "状态  \x1b[32m就绪\x1b[0m  <ok>"]))
    runs = [(run.get("x"), run.get("fill"), run.text) for run in drawn.iter(f"{SVG}text")]

    def at(column: int) -> str:
        return f"{screens.EDGE + column * screens.CELL:.1f}"

    assert runs == [
        (at(0), screens.PROMPT, "$ posctl status"),
        (at(0), screens.PLAIN, "状态"),
        (at(6), screens.COLOURS["32"], "就绪"),
        (at(12), screens.PLAIN, "<ok>"),
    ]


def test_wide_characters_take_two_columns() -> None:
    (run,) = ElementTree.fromstring(screens.svg(["打印机"])).iter(f"{SVG}text")
    assert float(run.get("letter-spacing", "0")) + screens.SIZE == pytest.approx(2 * screens.CELL)
