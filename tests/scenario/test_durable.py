"""Acknowledged means durable: while the disk stands still nobody is answered, nothing is printed or signed (law 1)."""

from __future__ import annotations

import contextlib
import itertools
import json
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.scenario.box import DEADLINE_S, Box, cash, sale
from tests.scenario.conftest import MakeBox

COMPILER = shutil.which("cc") or shutil.which("gcc")
pytestmark = pytest.mark.skipif(COMPILER is None, reason="no C compiler for the disk that can be stopped")

QUESTIONS = 400
"""More bytes than posd asks a printer with, however long a look takes; a slip is longer."""


class Disk:
    """The journal's disk under one box: `stop()` holds every write and sync, `go()` lets them on."""

    def __init__(self, folder: Path) -> None:
        library = folder / "slowdisk.so"
        source = Path(__file__).with_name("slowdisk.c")
        subprocess.run([str(COMPILER), "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
        self._stopped = folder / "stopped"
        self.env = {"LD_PRELOAD": str(library), "DISK_STOPPED": str(self._stopped)}

    def stop(self) -> None:
        self._stopped.touch()

    def go(self) -> None:
        self._stopped.unlink()


@pytest.fixture
def disk(folder: Path) -> Disk:
    return Disk(folder)


def start(make_box: MakeBox, disk: Disk) -> Box:
    box = make_box(start=False)
    box.start_world()
    box.start_posd(env=disk.env)
    sold = box.sell()
    box.wait_copy(sold, "customer", "printed")
    return box


class Line:
    """A connection on which answers come in their own order."""

    def __init__(self, box: Box) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(DEADLINE_S)
        self._socket.connect(str(box.socket))
        self._lines = self._socket.makefile("rb")

    def send(self, number: int, method: str, **params: Any) -> None:
        request = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        self._socket.sendall(json.dumps(request).encode() + b"\n")

    def answer(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self._lines.readline())
        return answer

    def ended(self) -> bool:
        """Whether the connection ended without another answer."""
        with contextlib.suppress(ConnectionResetError):
            return self._lines.readline() == b""
        return True

    def close(self) -> None:
        self._lines.close()
        self._socket.close()


def nothing_but_hello(line: Line, times: int = 20) -> None:
    """The api's own answers come, one after the other, and none that waits for the disk comes between them."""
    for number in range(1000, 1000 + times):
        line.send(number, "posd.hello")
        assert line.answer()["id"] == number


def held_signature(line: Line, sold: str) -> int:
    """Ask for the signature of `sold` until the answer is held: the desk has heard of it, the disk has not got it. The
    number of the question that waits.
    """
    deadline = time.monotonic() + DEADLINE_S
    for number in itertools.count(1):
        assert time.monotonic() < deadline, "the desk never heard of the signature"
        line.send(number, "signature.get", id=sold)
        held = True
        for _ in range(20):
            line.send(1000, "posd.hello")
            while (answer := line.answer())["id"] != 1000:
                assert answer["error"]["data"]["kind"] == "not-found", answer
                held = False
        if held:
            return number
    raise AssertionError


def test_no_answer_and_no_byte_leaves_before_the_disk_has_it(make_box: MakeBox, disk: Disk) -> None:
    box = start(make_box, disk)
    papers, received = len(box.paper()), box.received()
    with contextlib.closing(Line(box)) as till:
        disk.stop()
        till.send(1, "transaction.submit", transaction=cash("A1"))
        till.send(2, "transaction.get", id="A1")
        nothing_but_hello(till)
        assert box.received() < received + QUESTIONS, "no byte of the slip has left"
        disk.go()
        answers = {answer["id"]: answer for answer in (till.answer(), till.answer())}
    assert answers[1]["result"]["id"] == answers[2]["result"]["id"] == "A1"
    box.wait_copy("A1", "customer", "printed")
    assert len(box.paper()) == papers + 2


def test_what_was_not_answered_when_it_was_killed_may_be_sent_again_and_is_done_once(
    make_box: MakeBox, disk: Disk
) -> None:
    box = start(make_box, disk)
    papers = len(box.paper())
    with contextlib.closing(Line(box)) as till:
        disk.stop()
        till.send(1, "transaction.submit", transaction=cash("A1"))
        nothing_but_hello(till)
        box.kill()
        assert till.ended()
    disk.go()
    box.start_posd()
    assert box.error("transaction.get", id="A1")["data"]["kind"] == "not-found"
    assert len(box.paper()) == papers
    box.sell(cash("A1"))
    box.wait_copy("A1", "customer", "printed")
    assert [(p.sale, p.marked) for p in box.paper()[papers:]] == [("A1", False)] * 2


def test_a_signature_counts_and_an_event_is_told_only_when_the_disk_has_it(make_box: MakeBox, disk: Disk) -> None:
    box = start(make_box, disk)
    assert any(held_until_the_disk_has_it(box, disk, f"A{number}") for number in range(1, 4))


def held_until_the_disk_has_it(box: Box, disk: Disk, name: str) -> bool:
    """Sign while the disk stands still. False when the question that was held waited for another record, of a device
    that stumbled just then: that tells nothing about the signature.
    """
    sold = box.sell(sale(name))
    box.wait_on_pad(sold)
    received = box.received()
    with contextlib.closing(Line(box)) as till, box.till() as watcher:
        watcher.result("events.subscribe")
        disk.stop()
        box.do("sign", "Li Wei", "--fast")
        box.until(lambda: box.do("status")["pad"]["unread"] == 0, "posd has read the pad")
        asked = held_signature(till, sold)
        assert watcher.result("posd.hello")["name"] == "posd"
        assert watcher.events == []
        assert box.received() < received + QUESTIONS
        disk.go()
        answer = till.answer()
        told = watcher.events_until(lambda e: e["type"] == "copy.printed" and e["copy"] == "customer")
        if "error" in answer:
            assert answer["error"]["data"]["kind"] == "not-found", answer
            return False
        assert (answer["id"], answer["result"]["version"]) == (asked, 1)
        assert told[0]["type"] == "signature.captured"
        return True


def test_a_copy_is_not_begun_before_its_beginning_is_on_the_disk(make_box: MakeBox, disk: Disk) -> None:
    box = start(make_box, disk)
    papers, received = len(box.paper()), box.received()
    with contextlib.closing(Line(box)) as till:
        disk.stop()
        till.send(1, "receipt.reprint", id="last", key="k1")
        nothing_but_hello(till)
        assert box.received() < received + QUESTIONS
        box.kill()
    disk.go()
    box.start_posd()
    assert box.events("reprint.requested", "copy.unknown") == []
    assert box.result("receipt.reprint", id="last", key="k1")["number"] == 1
    box.wait_copy("20261121-0001", "customer", "printed", 1)
    assert len(box.paper()) == papers + 1
