"""What keeps the house readable: short modules, short functions, nothing unfinished."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.contract.tree import files, python, text, tree

MODULE_LINES_MAX = 400
FUNCTION_LINES_MAX = 80
# Spelled so that this file does not contain what it looks for.
UNFINISHED = re.compile(r"\b(?:TOD[O]|FIXM[E]|XX[X]|HAC[K])\b|NotImplemented[E]rror")
TEXTS = {".py", ".md", ".toml", ".sh", ".service", ".socket", ".conf", ".rules", ".txt", ".json", ".js", ".mjs", ""}


@pytest.mark.parametrize("path", sorted(python("posd", "hwsim")), ids=str)
def test_lengths(path: Path) -> None:
    lines = text(path).count("\n")
    assert lines <= MODULE_LINES_MAX, f"{path} has {lines} lines"
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= FUNCTION_LINES_MAX, f"{path}:{node.lineno} {node.name} has {length} lines"


def test_nothing_is_left_unfinished() -> None:
    found = [
        f"{path}:{number} {line.strip()}"
        for path in files()
        if path.suffix in TEXTS
        for number, line in enumerate(text(path).splitlines(), 1)
        if UNFINISHED.search(line)
    ]
    assert not found, "\n".join(found)
