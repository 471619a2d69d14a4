"""The socket file: never taken from somebody who answers, never left behind, never wider open than 0660."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from posd.api import listener
from posd.api.listener import ListenError
from tests.unit.api.fakes import short_folder


@pytest.fixture
def folder() -> Iterator[Path]:
    with short_folder() as made:
        yield made


def test_the_group_may_open_it_and_nobody_else(folder: Path) -> None:
    with listener.listen(str(folder / "s")):
        assert stat.S_IMODE(os.stat(folder / "s").st_mode) == 0o660


def test_a_dead_socket_is_replaced(folder: Path) -> None:
    listener.listen(str(folder / "s")).close()
    assert (folder / "s").exists()
    with listener.listen(str(folder / "s")):
        pass


def test_a_living_one_is_left_alone(folder: Path) -> None:
    with listener.listen(str(folder / "s")) as first:
        with pytest.raises(ListenError, match="another process answers"):
            listener.listen(str(folder / "s"))
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(folder / "s"))
            first.setblocking(True)
            first.accept()[0].close()


def test_one_whose_queue_is_full_is_alive(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "_ANSWER_WITHIN_S", 0.2)
    with socket.socket(socket.AF_UNIX) as busy:
        busy.bind(str(folder / "s"))
        busy.listen(0)
        waiting = []
        for _ in range(3):
            client = socket.socket(socket.AF_UNIX)
            client.setblocking(False)
            waiting.append(client)
            client.connect_ex(str(folder / "s"))
        with pytest.raises(ListenError, match="another process answers"):
            listener.listen(str(folder / "s"))
        for client in waiting:
            client.close()


def test_what_is_no_socket_is_not_removed(folder: Path) -> None:
    (folder / "s").write_text("precious")
    with pytest.raises(ListenError, match="not a socket"):
        listener.listen(str(folder / "s"))
    assert (folder / "s").read_text() == "precious"


def test_a_path_that_cannot_be(folder: Path) -> None:
    with pytest.raises(ListenError, match="107 bytes"):
        listener.listen(str(folder / ("x" * 120)))
    with pytest.raises(ListenError, match="directory must exist"):
        listener.listen(str(folder / "nowhere" / "s"))


def test_only_the_file_that_was_made_is_removed(folder: Path) -> None:
    path = str(folder / "s")
    with listener.listen(path) as first:
        mine = listener.identity(first)
        os.unlink(path)
        with listener.listen(path) as second:
            listener.remove(path, mine)
            assert os.path.exists(path), "the other one's file was removed"
            listener.remove(path, listener.identity(second))
            assert not os.path.exists(path)
    listener.remove(path, mine)
