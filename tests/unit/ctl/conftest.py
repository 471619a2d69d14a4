"""posctl as a person runs it, against a real server with a desk of memory."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from posd.ctl import main
from tests.unit.api.fakes import Running, short_folder


@dataclass(frozen=True)
class Said:
    """What came of one run."""

    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A shop in Shanghai, an English environment, a wide terminal without colours."""
    for name, value in {"TZ": "Asia/Shanghai", "LANG": "C.UTF-8", "COLUMNS": "100"}.items():
        monkeypatch.setenv(name, value)
    for name in ("LC_ALL", "LC_MESSAGES", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    time.tzset()
    yield
    os.environ.pop("TZ", None)
    time.tzset()


@pytest.fixture
def served() -> Iterator[Running]:
    with short_folder() as folder:
        running = Running(folder / "posd.sock")
        yield running
        running.stop()


@pytest.fixture
def posctl(served: Running, capfd: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """`posctl("show", "last")` -> exit code, standard output, standard error."""

    def run(*words: str) -> Said:
        try:
            code = main(["--socket", served.path, *words])
        except SystemExit as end:
            code = int(end.code or 0)
        out, err = capfd.readouterr()
        return Said(code, out, err)

    return run
