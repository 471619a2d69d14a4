"""Boxes for the scenario tests: a new one where a test changes how it is set up, one a module where it does not."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.scenario.box import Box

QUICK = {"printer": {"answer_within": "1s"}}
"""A printer that is found silent soon: for tests in which it is."""
MakeBox = Callable[..., Box]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short path: a Unix socket's may have 107 bytes."""
    path = Path(tempfile.mkdtemp(prefix="posd-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def make_box(folder: Path) -> Iterator[MakeBox]:
    """`make_box(config, model=..., start=True)`: boxes that end with the test."""
    made: list[Box] = []

    def make(config: Mapping[str, Mapping[str, Any]] | None = None, *, start: bool = True, **how: Any) -> Box:
        box = Box(folder / f"box{len(made)}", config, **how)
        made.append(box)
        return box.start() if start else box

    yield make
    for box in made:
        box.close()
        box.tell()


@pytest.fixture
def box(make_box: MakeBox) -> Box:
    """A box of its own, with everything ready."""
    return make_box()
