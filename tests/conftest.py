"""What every test may use, and the summary that says which kinds of tests were run."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import hypothesis
import pytest

# A slow or busy machine is no fault of what is tested.
hypothesis.settings.register_profile("patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("patient")
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture
def wait_until() -> Callable[..., None]:
    """`wait_until(condition, what, seconds=20)`: poll until it holds; fails saying `what` never came true."""

    def wait(condition: Callable[[], object], what: str, seconds: float = 20.0) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                pytest.fail(f"after {seconds:g} s still not: {what}")
            time.sleep(0.01)

    return wait


@pytest.fixture
def in_time() -> Callable[..., Any]:
    """`in_time(function, seconds=20)`: call what must not wait, in a thread; fails if it does, else its result."""

    def call(function: Callable[[], Any], seconds: float = 20.0) -> Any:
        done: Future[Any] = Future()

        def run() -> None:
            try:
                done.set_result(function())
            except BaseException as error:
                done.set_exception(error)

        threading.Thread(target=run, daemon=True).start()
        try:
            return done.result(seconds)
        except TimeoutError:
            pytest.fail(f"it waits: not done after {seconds:g} s")

    return call


@pytest.fixture(autouse=True)
def _outside_of_systemd(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that runs under a service manager must not talk to it."""
    for name in (
        "NOTIFY_SOCKET",
        "WATCHDOG_USEC",
        "WATCHDOG_PID",
        "LISTEN_PID",
        "LISTEN_FDS",
        "LISTEN_FDNAMES",
        "JOURNAL_STREAM",
    ):
        monkeypatch.delenv(name, raising=False)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What tests noted (`record_property("note", ...)`), and one line for what the run showed, by kind."""
    kinds: Counter[str] = Counter()
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            if name == "note":
                terminalreporter.write_line(str(value))
        parts = report.nodeid.split("/")
        kinds[parts[1] if len(parts) > 2 else "other"] += 1
    if kinds and not os.environ.get("PYTEST_XDIST_WORKER"):
        terminalreporter.write_line("shown: " + ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())))
