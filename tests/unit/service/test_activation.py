"""Sockets handed over by the service manager: real descriptors in a process of its own, since they must stand at 3."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from posd.service.activation import take_sockets

CHILD = """
import json, os, sys
from posd.service.activation import ActivationError, take_sockets
for source, goal in json.loads(sys.argv[1]):
    os.dup2(source, goal, inheritable=True)
os.environ.update(json.loads(sys.argv[2]), LISTEN_PID=str(os.getpid()))
try:
    taken = take_sockets(os.environ, os.getpid())
except ActivationError as error:
    print(json.dumps({"error": str(error)}))
else:
    print(json.dumps({"names": [one.name for one in taken],
                      "paths": [one.socket.getsockname() for one in taken],
                      "inheritable": [one.socket.get_inheritable() for one in taken],
                      "left": [name for name in os.environ if name.startswith("LISTEN")]}))
"""


def handed(root: Path, things: list[socket.socket], **environ: str) -> dict[str, object]:
    """What take_sockets made of `things` at descriptor 3 and up."""
    parked = [one.fileno() for one in things]
    moves = [[fd, 3 + index] for index, fd in enumerate(parked)]
    assert all(fd >= 3 + len(things) for fd in parked)
    command = [sys.executable, "-c", CHILD, json.dumps(moves), json.dumps(environ)]
    done = subprocess.run(command, cwd=root, pass_fds=parked, capture_output=True, text=True, timeout=30, check=True)
    return json.loads(done.stdout)


@pytest.fixture
def listener(tmp_path: Path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as one:
        one.bind(str(tmp_path / "posd.sock"))
        one.listen()
        yield one


def test_a_listening_socket_is_taken_and_the_variables_are_gone(root: Path, listener: socket.socket) -> None:
    got = handed(root, [listener], LISTEN_FDS="1", LISTEN_FDNAMES="api")
    assert got == {"names": ["api"], "paths": [listener.getsockname()], "inheritable": [False], "left": []}


def test_unnamed_sockets_are_taken_too(root: Path, listener: socket.socket) -> None:
    assert handed(root, [listener], LISTEN_FDS="1")["names"] == ["unknown"]


def test_what_cannot_be_served_is_refused_with_the_line_to_change(root: Path, listener: socket.socket) -> None:
    with socket.socketpair()[0] as connection, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as datagram:
        assert "Accept=no" in handed(root, [connection], LISTEN_FDS="1")["error"]
        assert "stream" in handed(root, [datagram], LISTEN_FDS="1")["error"]
    with socket.create_server(("127.0.0.1", 0)) as tcp:
        assert "must be a path" in handed(root, [tcp], LISTEN_FDS="1")["error"]
    with (root / "Makefile").open("rb") as file:
        assert "ListenStream=" in handed(root, [file], LISTEN_FDS="1")["error"]
    assert "LISTEN_FDS=many" in handed(root, [listener], LISTEN_FDS="many")["error"]
    assert "LISTEN_FDS=0" in handed(root, [listener], LISTEN_FDS="0")["error"]


@pytest.mark.parametrize(
    "environ", [{}, {"LISTEN_PID": "8", "LISTEN_FDS": "1"}, {"LISTEN_FDS": "1"}, {"LISTEN_PID": "7"}]
)
def test_sockets_for_nobody_or_another_are_left_alone(environ: dict[str, str]) -> None:
    assert take_sockets(environ, pid=7) == ()
    assert environ == {}


@pytest.mark.skipif(shutil.which("systemd-socket-activate") is None, reason="systemd-socket-activate is not installed")
def test_systemds_own_tool_hands_over_the_same(root: Path, tmp_path: Path) -> None:
    """A client that connects before posd runs is served: its connection waits in the socket."""
    path = tmp_path / "sock"
    serve = (
        "import os; from posd.service.activation import take_sockets;"
        "taken = take_sockets(os.environ, os.getpid()); peer, _ = taken[0].socket.accept();"
        "peer.sendall(taken[0].name.encode())"
    )
    command = ["systemd-socket-activate", "-E", f"PYTHONPATH={root}", f"--listen={path}", "--fdname=api"]
    with subprocess.Popen([*command, sys.executable, "-c", serve], stderr=subprocess.DEVNULL) as process:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
                client.settimeout(30)
                deadline = time.monotonic() + 30
                while client.connect_ex(str(path)) and time.monotonic() < deadline:
                    time.sleep(0.01)
                assert client.recv(100) == b"api"
        finally:
            process.kill()
