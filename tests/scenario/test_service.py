"""posd as the service manager runs it: ready, alive, activated by its socket, stopped in time, alone on its journal."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenario.box import DEADLINE_S, ROOT, Box, Rpc, cash
from tests.scenario.conftest import MakeBox

HAND_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3, inheritable=True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES="posd.socket")
os.execv(sys.argv[2], sys.argv[2:])
"""
"""What the service manager does between fork and exec: the listening socket becomes descriptor 3."""


class Manager:
    """The other end of NOTIFY_SOCKET."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.heard: list[str] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.settimeout(0.05)

    def listen(self) -> list[str]:
        """Everything heard so far, one line each."""
        with contextlib.suppress(TimeoutError):
            while True:
                self.heard += self._socket.recv(65536).decode().splitlines()
        return self.heard

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def manager(folder: Path) -> Iterator[Manager]:
    made = Manager(folder / "notify")
    yield made
    made.close()


def ready_box(make_box: MakeBox, manager: Manager, **env: str) -> Box:
    box = make_box(start=False)
    box.start_world()
    box.launch(env={"NOTIFY_SOCKET": str(manager.path), **env})
    box.until(lambda: "READY=1" in manager.listen(), "READY=1", lambda: manager.heard)
    return box


def test_ready_is_said_when_it_serves_and_the_status_line_stays_true(make_box: MakeBox, manager: Manager) -> None:
    box = ready_box(make_box, manager)
    assert box.result("posd.hello")["name"] == "posd", "READY means that it answers"
    assert manager.heard[0].startswith("EXTEND_TIMEOUT_USEC=")
    assert manager.heard.count("READY=1") == 1
    box.wait_device("printer", "ready")
    box.until(lambda: "STATUS=all devices ready; nothing open" in manager.listen(), "the status line is good")
    box.do("paper-out")
    box.wait_device("printer", "attention")
    box.until(
        lambda: manager.listen()[-1] == "STATUS=printer: paper-end (put in paper); nothing open",
        "the status line says it",
        lambda: manager.heard,
    )
    assert "WATCHDOG=1" not in "".join(manager.heard[:1])
    assert box.stop() == 0
    box.until(lambda: "STOPPING=1" in manager.listen(), "STOPPING=1", lambda: manager.heard)


def test_the_watchdog_is_petted_as_often_as_it_was_asked(make_box: MakeBox, manager: Manager) -> None:
    ready_box(make_box, manager, WATCHDOG_USEC="400000")
    began = time.monotonic()
    pets = manager.listen().count("WATCHDOG=1")
    while manager.listen().count("WATCHDOG=1") < pets + 5:
        assert time.monotonic() - began < DEADLINE_S, manager.heard


def test_a_stopped_process_pets_no_more(make_box: MakeBox, manager: Manager) -> None:
    box = ready_box(make_box, manager, WATCHDOG_USEC="400000")
    box.until(lambda: "WATCHDOG=1" in manager.listen(), "it pets")
    assert box.posd is not None
    box.posd.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, box.posd.pid, os.WSTOPPED | os.WNOWAIT)
    manager.listen()
    before = len(manager.heard)
    assert len(manager.listen()) == before
    box.posd.send_signal(signal.SIGCONT)
    box.until(lambda: len(manager.listen()) > before, "it pets again")


def listening(path: Path) -> socket.socket:
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    made.bind(str(path))
    made.listen(64)
    return made


def test_clients_queue_on_an_activated_socket_while_posd_starts_and_restarts(make_box: MakeBox) -> None:
    box = make_box(start=False)
    box.start_world()
    made = cash("A1")
    with listening(box.socket) as handed:
        for number in range(2):
            early = Rpc(box.socket)  # posd does not run yet
            box.launch(sys.executable, "-c", HAND_OVER, str(handed.fileno()), pass_fds=(handed.fileno(),))
            answer = early.result("transaction.submit", transaction=made)
            early.close()
            assert answer["receipt"] == "000001", number
            assert box.stop() == 0
            assert box.socket.exists(), "the file is the manager's"
    assert [e["type"] for e in _events_afterwards(box)].count("transaction.accepted") == 1


def _events_afterwards(box: Box) -> list[dict[str, object]]:
    box.start_posd()
    return box.events()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_clean_stop_ends_in_time_with_code_0_and_takes_its_socket_away(box: Box, number: signal.Signals) -> None:
    sold = box.sell()
    box.wait_copy(sold, "customer", "printed")
    assert stat.S_IMODE(box.socket.stat().st_mode) == 0o660
    idle = Rpc(box.socket)
    watcher = Rpc(box.socket)
    watcher.result("events.subscribe")
    assert box.posd is not None
    box.posd.send_signal(number)
    assert box.posd.wait(DEADLINE_S) == 0
    assert not box.socket.exists()
    idle.close()
    watcher.close()
    assert "Traceback" not in box.log.read_text()


def test_a_stop_while_the_printer_is_stuck_does_not_wait_for_ever(box: Box) -> None:
    box.do("stop-after", "400", "paper-out")
    sold = box.sell()
    box.wait_device("printer", "attention")
    assert box.posd is not None
    box.posd.terminate()
    assert box.posd.wait(DEADLINE_S) == 0
    box.do("paper-in")
    box.start_posd()
    assert box.copy(sold, "merchant")["state"] == "unknown"


def another(box: Box, word: str, other: str) -> subprocess.CompletedProcess[str]:
    """A second posd, whose configuration differs from the box's in one word; it ends by itself."""
    path = box.folder / "second.toml"
    path.write_text(box.config().read_text().replace(word, other))
    command = [sys.executable, "-m", "posd", "--config", str(path)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=DEADLINE_S, check=False)


def test_a_second_posd_on_the_same_journal_is_refused_with_a_sentence(box: Box) -> None:
    second = another(box, "posd.sock", "second.sock")
    assert second.returncode == 1
    assert "in use by another process" in second.stderr
    assert "stop the other posd first" in second.stderr
    assert "Traceback" not in second.stderr
    sold = box.sell()
    box.wait_copy(sold, "customer", "printed")


def test_a_second_posd_on_the_same_socket_is_refused_and_the_first_keeps_it(box: Box) -> None:
    second = another(box, f"{box.folder}/journal", f"{box.folder}/other")
    assert second.returncode == 2
    assert "another process answers" in second.stderr
    assert "Traceback" not in second.stderr
    sold = box.sell()
    box.wait_copy(sold, "customer", "printed")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can speak for another user")
def test_who_may_do_what_is_decided_by_the_kernels_word_on_the_peer(make_box: MakeBox) -> None:
    box = make_box({"api": {"socket": "{folder}/posd.sock", "roles": {"root": "auditor"}}})
    assert len(box.result("posd.hello")["roles"]) == 4, "root has all roles"
    sold = box.sell()
    box.wait_copy(sold, "customer", "printed")
    box.folder.parent.chmod(0o755)
    os.seteuid(65534)
    try:
        auditor = Rpc(box.socket)
    finally:
        os.seteuid(0)
    with contextlib.closing(auditor):
        hello = auditor.result("posd.hello")
        assert hello["roles"] == ["auditor"]
        assert "transaction.submit" not in hello["methods"]
        assert auditor.result("transaction.get", id=sold)["id"] == sold
        for refused in (
            auditor.error("transaction.submit", transaction=cash("A2")),
            auditor.error("receipt.reprint", id=sold, key="k1"),
        ):
            assert refused["data"]["kind"] == "denied"
            assert "uid 65534" in refused["message"]
    assert [e["type"] for e in box.events()].count("transaction.accepted") == 1
    assert len(box.paper()) == 2


def test_the_socket_file_of_a_killed_posd_is_replaced(box: Box) -> None:
    box.kill()
    assert box.socket.exists()
    box.start_posd()
    sold = box.sell()
    box.wait_copy(sold, "customer", "printed")


def test_a_file_that_is_no_journal_is_refused_and_left_as_it_was(make_box: MakeBox) -> None:
    box = make_box(start=False)
    box.folder.mkdir()
    (box.folder / "journal").write_bytes(b"my diary\n" * 1000)
    assert box.launch().wait(DEADLINE_S) == 1
    assert "Traceback" not in box.log.read_text()
    assert str(box.folder / "journal") in box.log.read_text()
    assert (box.folder / "journal").read_bytes() == b"my diary\n" * 1000


def test_check_says_whether_a_configuration_is_sound(make_box: MakeBox) -> None:
    box = make_box(start=False)
    box.folder.mkdir()
    words = [sys.executable, "-m", "posd", "--check", "--config"]
    good = subprocess.run([*words, str(box.config())], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (good.returncode, "is sound" in good.stdout) == (0, True)
    missing = subprocess.run([*words, "/no/such/file"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert missing.returncode == 2
    assert "/no/such/file" in missing.stderr
    assert "Traceback" not in missing.stderr
    for text, told in {
        '[printer]\ndevice = "COM3"\n': "printer.device 'COM3'",
        '[slip]\nfont = "/no/such.ttf"\n': "slip.font '/no/such.ttf' is not a file",
    }.items():
        (box.folder / "wrong.toml").write_text(text)
        wrong = subprocess.run(
            [*words, str(box.folder / "wrong.toml")], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert wrong.returncode == 2
        assert told in wrong.stderr
