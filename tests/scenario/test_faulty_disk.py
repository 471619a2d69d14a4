"""posd on a disk that fails: nothing acknowledged is lost, nobody is told what is not so, no disk is tried for ever.

The calls themselves fail, in a library that stands before the C library's.
"""

from __future__ import annotations

import errno
import os
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from posd.journal.look import look
from tests.scenario.box import DEADLINE_S, Box, cash
from tests.scenario.conftest import MakeBox

pytestmark = pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed (apt-get install gcc)")

WRITE, SYNC, READ = 1, 2, 4
SHORT = 0
PLAN = struct.Struct("<IIQQ32s")
BLOCK = 4096
ANYWHERE = (0, 1 << 40)


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("faulty") / "faultydisk.so"
    source = Path(__file__).with_name("faultydisk.c")
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", str(made), str(source), "-ldl"], check=True, timeout=120)
    return made


class Disk:
    """The disk below one box's journal."""

    def __init__(self, box: Box, library: Path) -> None:
        self.box = box
        self.plan = box.folder / "plan"
        box.folder.mkdir(parents=True, exist_ok=True)
        self.plan.write_bytes(bytes(PLAN.size))
        self.env = {
            "LD_PRELOAD": str(library),
            "FAULT_FILE": str(box.folder / "journal"),
            "FAULT_PLAN": str(self.plan),
        }

    def fail(self, kinds: int, error: int, *, word: str = "", within: tuple[int, int] = ANYWHERE) -> None:
        """From the write on that carries `word`, so that nothing of posd's own (a device's news, the idle mark) meets
        the fault before the till does; without a word from now on. With kinds 0: no longer.
        """
        with self.plan.open("r+b") as file:
            file.write(PLAN.pack(kinds, error, *within, word.encode()))

    def start(self, *devices: str) -> None:
        self.box.launch(env=self.env)
        self.box.until(self.box._answers, "posd answers on its socket")
        for device in devices:
            self.box.wait_device(device, "ready")

    def ended(self) -> int:
        assert self.box.posd is not None
        return self.box.posd.wait(DEADLINE_S)


@pytest.fixture(params=[True, False], ids=["mirrored", "plain"])
def disk(request: pytest.FixtureRequest, make_box: MakeBox, library: Path) -> Disk:
    box = make_box({"journal": {"path": "{folder}/journal", "size": "1MiB", "mirror": request.param}}, start=False)
    made = Disk(box, library)
    box.start_world()
    return made


def sell(box: Box, count: int = 1) -> list[str]:
    sales = [box.sell() for _ in range(count)]
    for sale in sales:
        box.wait_copy(sale, "customer", "printed")
    return sales


FAULTS = [
    pytest.param(WRITE, errno.EIO, id="write-EIO"),
    pytest.param(WRITE, errno.ENOSPC, id="write-ENOSPC"),
    pytest.param(WRITE, SHORT, id="write-short"),
    pytest.param(SYNC, errno.EIO, id="sync-EIO"),
    pytest.param(SYNC, errno.ENOSPC, id="sync-ENOSPC"),
]


@pytest.mark.parametrize(("kind", "error"), FAULTS)
def test_a_failed_write_ends_posd_and_the_next_start_recovers(disk: Disk, kind: int, error: int) -> None:
    box = disk.box
    disk.start("printer")
    kept = sell(box, 2)
    disk.fail(kind, error, word="DOUBTFUL")
    with box.till() as till:
        answer = till.error("transaction.submit", transaction=cash("DOUBTFUL"))
    assert answer["data"]["kind"] == "journal-failed", "an unknown outcome is not called a success"
    assert disk.ended() == 1
    disk.fail(0, 0)
    disk.start("printer")
    for sale in kept:
        assert box.result("transaction.get", id=sale)["id"] == sale
    again = box.result("transaction.submit", transaction=cash("DOUBTFUL"))
    assert again["id"] == "DOUBTFUL", "who asks again with the same id has one sale"
    found = box.result("transaction.search")["transactions"]
    assert sorted(row["id"] for row in found) == sorted([*kept, "DOUBTFUL"])
    assert box.stop() == 0


def test_the_second_time_it_stays_up_read_only(disk: Disk) -> None:
    box = disk.box
    disk.start("printer")
    kept = sell(box)
    for count in range(2):
        disk.fail(SYNC, errno.EIO, word=f"D-{count}")
        assert box.error("transaction.submit", transaction=cash(f"D-{count}"))["data"]["kind"] == "journal-failed"
        assert disk.ended() == 1
        disk.fail(0, 0)
        disk.start()
    assert box.result("transaction.get", id=kept[0])["id"] == kept[0]
    assert box.error("transaction.submit", transaction=cash("D-9"))["data"]["kind"] == "journal-failed"
    status = box.result("posd.status")
    assert status["state"] == "degraded"
    assert "failed twice within ten minutes" in status["sentence"]
    before = (box.folder / "journal").read_bytes()
    assert box.stop() == 0
    assert (box.folder / "journal").read_bytes() == before


def test_a_disk_that_fails_at_every_start_is_not_tried_for_ever(disk: Disk) -> None:
    box = disk.box
    disk.start("printer")
    kept = sell(box)
    assert box.stop() == 0
    disk.fail(WRITE, errno.EIO)
    for _ in range(2):
        box.launch(env=disk.env)
        assert disk.ended() == 1
    disk.start()
    assert box.result("transaction.get", id=kept[0])["id"] == kept[0]
    assert box.error("transaction.submit", transaction=cash("D-1"))["data"]["kind"] == "journal-failed"


def test_a_block_that_cannot_be_read(disk: Disk) -> None:
    """With a twin it does not matter; without one it is damage, named and not written over."""
    box = disk.box
    mirrored = bool(box.settings["journal"]["mirror"])
    disk.start("printer")
    kept = sell(box, 3)
    seq = box.result("transaction.get", id=kept[1])["seq"]
    assert box.stop() == 0
    seen = look(box.folder / "journal")
    place = seen.found.index.find(seq)
    seen.close()
    assert place is not None
    at = (4 + place[1] % 256) * BLOCK
    before = (box.folder / "journal").read_bytes()

    disk.fail(READ, errno.EIO, within=(at, at + BLOCK))
    disk.start()
    state = box.result("journal.info")["state"]
    if mirrored:
        assert state == "ok"
        assert box.result("transaction.get", id=kept[1])["id"] == kept[1]
    else:
        assert state == "damaged"
        assert box.result("transaction.get", id=kept[2])["id"] == kept[2]
        assert box.error("transaction.submit", transaction=cash("D-1"))["data"]["kind"] == "journal-damaged"
        assert (box.folder / "journal").read_bytes() == before
        disk.fail(0, 0)
        box.stop()
        disk.start("printer")
        assert box.result("transaction.get", id=kept[1])["id"] == kept[1], "the disk can read it again: nothing is lost"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small file system")
def test_a_disk_without_room_for_the_journal(make_box: MakeBox, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(small)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"a file system cannot be mounted here: {mounted.stderr.strip()}")
    try:
        box = make_box({"journal": {"path": str(small / "journal"), "size": "1MiB"}}, start=False)
        box.folder.mkdir(parents=True, exist_ok=True)
        process = box.launch()
        assert process.wait(DEADLINE_S) == 1
        assert "MiB are free" in box.log.read_text()
        assert not (small / "journal").exists()
    finally:
        subprocess.run(["umount", str(small)], check=True)
