"""The guide names every printer, line and word that there is, and what it shows in code works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hwsim.faults import change_for
from hwsim.printer.models import MODELS, model_for
from hwsim.wire import KINDS
from hwsim.words import GROUPS, word_list

GUIDE = (Path(__file__).parents[3] / "docs" / "simulator.md").read_text()
ROWS = {row[0]: row[1:] for row in re.findall(r"^\| `([\w-]+)` \| (\d+) mm \| (\d+) KiB \|", GUIDE, re.MULTILINE)}


def test_the_guide_has_every_model_with_its_paper_and_buffer() -> None:
    assert {name: (str(m.paper_mm), str(m.buffer_bytes // 1024)) for name, m in MODELS.items()} == ROWS


@pytest.mark.parametrize("kind", KINDS)
def test_the_guide_has_every_line(kind: str) -> None:
    assert f"| `{kind}` |" in GUIDE


def test_the_guides_example_prints_one_whole_original(capsys: pytest.CaptureFixture[str]) -> None:
    code = re.search(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    assert code
    exec(code[1], {})
    assert capsys.readouterr().out == "a slip\n True True None ()\n"


def test_every_word_about_the_printer_alone_has_its_change() -> None:
    lines = {"slow", "noise"}
    for word in GROUPS["Printer"]:
        assert word.name in lines or change_for(word.name, []) is not None, word.name
        assert word.name in word_list()


def test_a_model_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(ValueError, match="star-80"):
        model_for("laser")
