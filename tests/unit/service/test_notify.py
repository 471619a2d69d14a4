"""The line to the service manager, over a real datagram socket that stands for it."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from posd.service.notify import Notifier


class Manager:
    """A service manager that reads when asked."""

    def __init__(self, path: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + path[1:] if path.startswith("@") else path)
        self.socket.settimeout(0)

    def read(self) -> str:
        return self.socket.recv(65536).decode()

    def read_all(self) -> list[str]:
        got = []
        while True:
            try:
                got.append(self.read())
            except BlockingIOError:
                return got


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Manager]:
    path = str(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", path)
    one = Manager(path)
    yield one
    one.socket.close()


@pytest.fixture
def notifier(manager: Manager) -> Iterator[Notifier]:
    one = Notifier()
    yield one
    one.close()


@pytest.fixture
def fill(notifier: Notifier, in_time: Callable[..., Any]) -> Callable[[], None]:
    """Sends until the manager's queue is full."""

    def until_full() -> None:
        for _ in range(100_000):
            if not notifier.pet():
                return
        pytest.fail("the queue never filled")

    return lambda: in_time(until_full)


def test_each_word_reaches_the_manager(manager: Manager, notifier: Notifier) -> None:
    assert notifier.extend_timeout(2.5)
    assert manager.read() == "EXTEND_TIMEOUT_USEC=2500000"
    assert notifier.ready("2 devices ready")
    assert manager.read() == "READY=1\nSTATUS=2 devices ready"
    assert notifier.pet()
    assert manager.read() == "WATCHDOG=1"
    assert notifier.stopping("stopping")
    assert manager.read() == "STOPPING=1\nSTATUS=stopping"


def test_status_is_utf8_and_one_line(manager: Manager, notifier: Notifier) -> None:
    notifier.status("缺纸 paper end\nREADY=1\n€ " + "x" * 600)
    assert manager.read().startswith("STATUS=缺纸 paper end READY=1 € xxx")
    notifier.status("x" * 600)
    assert len(manager.read()) == len("STATUS=") + 512


def test_a_full_queue_never_blocks_and_states_are_owed(
    manager: Manager, notifier: Notifier, fill: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        fill()
        assert not notifier.ready("old health")
        assert not notifier.status("new health")
        manager.read_all()
        assert notifier.pet()
        assert manager.read() == "READY=1\nSTATUS=new health\nWATCHDOG=1"
        assert notifier.pet()
        assert manager.read() == "WATCHDOG=1"
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 2
    assert "takes no notifications" in said[0]
    assert "again" in said[1]


def test_an_undelivered_pet_is_not_owed(manager: Manager, notifier: Notifier, fill: Callable[[], None]) -> None:
    fill()
    assert not notifier.pet()
    assert not notifier.extend_timeout(1)
    manager.read_all()
    notifier.status("fine")
    assert manager.read() == "STATUS=fine"


def test_the_newest_life_wins(manager: Manager, notifier: Notifier, fill: Callable[[], None]) -> None:
    fill()
    assert not notifier.ready("hello")
    assert not notifier.stopping("bye")
    manager.read_all()
    notifier.pet()
    assert manager.read() == "STOPPING=1\nSTATUS=bye\nWATCHDOG=1"


def test_an_abstract_address_works(monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"@posd-test-{os.getpid()}"
    monkeypatch.setenv("NOTIFY_SOCKET", path)
    manager = Manager(path)
    notifier = Notifier()
    notifier.pet()
    assert manager.read() == "WATCHDOG=1"
    notifier.close()
    manager.socket.close()


def test_without_a_manager_every_call_is_harmless() -> None:
    notifier = Notifier()
    assert notifier.ready("x")
    assert notifier.pet()
    notifier.close()


def test_a_manager_that_cannot_be_reached_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    assert Notifier().ready("x")
    assert "cannot be reached" in caplog.text


def test_a_manager_that_goes_away_costs_nothing(manager: Manager, notifier: Notifier) -> None:
    manager.socket.close()
    assert not notifier.ready("x")
    assert not notifier.pet()
