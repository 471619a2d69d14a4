"""The journal under a running posd: backed up, damaged, on a disk that fails; and what a person at the box is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.scenario.box import DEADLINE_S, ROOT, Box, cash
from tests.scenario.box import sale as card_sale
from tests.scenario.conftest import MakeBox

BLOCK = 4096
RING_BLOCKS = 256
CHANGES = {
    "transaction.submit": {"transaction": cash("NEW-1")},
    "receipt.reprint": {"id": "last", "copy": "customer", "key": "k1", "reason": "lost"},
    "receipt.settle": {"id": "last", "copy": "customer", "number": 0, "printed": True},
    "signature.resign": {"id": "last", "key": "k2", "reason": "missing"},
}


def posctl(box: Box, *words: str, code: int = 0) -> str:
    """What `posctl journal` says; its exit code must be `code`."""
    ended = subprocess.run(
        [sys.executable, "-m", "posd.ctl", "--socket", str(box.socket), *words],
        cwd=ROOT,
        env={**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    assert ended.returncode == code, f"{words}: {ended.returncode}\n{ended.stdout}\n{ended.stderr}"
    return ended.stdout + ended.stderr


def damage(journal: Path, *, after: int) -> None:
    """Spoil both copies of the block that holds record `after` + 1."""
    seen = [json.loads(line) for line in _dump(journal).splitlines()[1:]]
    assert seen[-1]["id"] > after + 1, "something must stand behind what is lost"
    from posd.journal.look import look

    found = look(journal)
    place = found.found.index.find(after + 1)
    found.close()
    assert place is not None
    with journal.open("r+b") as file:
        for ring in range(2):
            file.seek((4 + ring * RING_BLOCKS + place[1] % RING_BLOCKS) * BLOCK + 300)
            byte = file.read(1)
            file.seek(-1, os.SEEK_CUR)
            file.write(bytes([byte[0] ^ 0x40]))


def _dump(journal: Path) -> str:
    return subprocess.run(
        [sys.executable, "-m", "posd.ctl", "journal", "dump", str(journal)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=True,
    ).stdout


def sell(box: Box, count: int) -> list[str]:
    sales = [box.sell() for _ in range(count)]
    for sale in sales:
        box.wait_copy(sale, "customer", "printed")
    return sales


def test_a_backup_is_made_while_posd_sells(box: Box) -> None:
    sell(box, 3)
    copy = box.folder / "copy"
    told = json.loads(posctl(box, "journal", "backup", "-o", str(copy), "--json"))
    sold = sell(box, 2)
    posctl(box, "journal", "verify", str(copy), "--anchor", told["anchor"])
    posctl(box, "journal", "verify", str(box.folder / "journal"), "--anchor", told["anchor"])
    lines = [json.loads(line) for line in posctl(box, "journal", "dump", str(copy)).splitlines()]
    assert lines[0]["anchor"] == told["anchor"]
    assert {line["reference"] for line in lines[1:]}.isdisjoint(sold)
    assert "COMMITS" in posctl(box, "journal")
    box.stop()
    (box.folder / "journal").rename(box.folder / "old")
    posctl(box, "journal", "restore", str(copy), "-o", str(box.folder / "journal"))
    box.start_posd()
    assert box.error("transaction.get", id=sold[0])["data"]["kind"] == "not-found"
    assert box.result("posd.hello")["seq"] >= told["last"]


@pytest.fixture
def damaged(box: Box) -> tuple[Box, list[str]]:
    """A box whose journal has lost the record of the second of four sales."""
    sales = sell(box, 4)
    seq = box.result("transaction.get", id=sales[1])["seq"]
    box.stop()
    damage(box.folder / "journal", after=seq - 1)
    before = (box.folder / "journal").read_bytes()
    box.launch()
    box.wait_answer()
    yield box, sales  # type: ignore[misc]
    if box.posd is not None and box.posd.poll() is None:
        assert box.stop() == 0
        assert (box.folder / "journal").read_bytes() == before, "not a byte of a damaged journal is written"


class TestDamaged:
    def test_what_is_intact_is_served(self, damaged: tuple[Box, list[str]]) -> None:
        box, sales = damaged
        for sale in (sales[0], sales[2], sales[3]):
            assert box.result("transaction.get", id=sale)["id"] == sale
            assert box.result("receipt.preview", id=sale, copy="customer", format="text")["data"]
        assert box.error("transaction.get", id=sales[1])["data"]["kind"] == "not-found"
        assert {found["id"] for found in box.result("transaction.search")["transactions"]} == set(sales) - {sales[1]}
        told = [event["seq"] for event in box.events()]
        assert told == sorted(told)
        assert len(told) < told[-1], "there is a gap"

    @pytest.mark.parametrize("method", CHANGES)
    def test_every_change_is_refused(self, method: str, damaged: tuple[Box, list[str]]) -> None:
        box, _ = damaged
        error = box.error(method, **CHANGES[method])
        assert error["data"]["kind"] == "journal-damaged"
        assert "posctl journal salvage" in error["message"]
        assert "Nothing was kept" in error["message"]

    def test_what_is_known_keeps_its_answer(self, damaged: tuple[Box, list[str]]) -> None:
        box, sales = damaged
        kept = box.result("transaction.get", id=sales[0])
        assert box.result("transaction.submit", transaction=kept["transaction"])["seq"] == kept["seq"]

    def test_what_is_owed_stays_as_it_is(self, box: Box) -> None:
        """Copies that wait and signatures that are awaited begin nothing: nothing of it could be kept."""
        sales = sell(box, 3)
        seq = box.result("transaction.get", id=sales[1])["seq"]
        card = box.sell(card_sale("CARD-1"))
        box.wait_signature(card, "awaiting")
        box.do("slow", "600")
        waiting = [box.sell() for _ in range(6)][-1]
        box.kill()
        damage(box.folder / "journal", after=seq - 1)
        box.launch()
        box.wait_answer()
        before = box.state(waiting)
        assert any(copy["state"] == "queued" for copy in before["copies"])
        kept = box.result("transaction.get", id=waiting)
        assert box.result("transaction.submit", transaction=kept["transaction"])["seq"] == kept["seq"]
        assert box.state(waiting) == before
        assert box.state(card)["signature"]["state"] == "awaiting"
        assert box.stop() == 0

    def test_it_is_said_everywhere_with_the_lost_range(self, damaged: tuple[Box, list[str]]) -> None:
        box, _ = damaged
        box.until(lambda: any(box.folder.glob("journal.damaged-*")), "a copy is put aside")
        status = box.result("posd.status")
        info = box.result("journal.info")
        assert status["state"] == "degraded"
        assert info["state"] == "damaged"
        (gap,) = info["lost"]
        for text in (status["sentence"], info["advice"]):
            assert f"record {gap['first']}" in text or f"records {gap['first']} to {gap['last']}" in text
            assert "posctl journal salvage" in text
        assert str(gap["first"]) in posctl(box, "journal")
        found = json.loads(posctl(box, "doctor", "--config", str(box.config()), "--json", code=5))["findings"]
        (finding,) = [one for one in found if one["check"] == "journal"]
        assert finding["level"] == "bad"
        assert str(gap["first"]) in finding["finding"]
        assert "salvage" in finding["todo"]

    def test_one_copy_is_put_aside_and_only_one(self, damaged: tuple[Box, list[str]]) -> None:
        box, _ = damaged
        for _ in range(2):
            box.until(lambda: "put aside as" in box.result("journal.info")["advice"], "a copy is put aside")
            (copy,) = box.folder.glob("journal.damaged-*")
            assert copy.read_bytes() == (box.folder / "journal").read_bytes()
            box.stop()
            box.launch()
            box.wait_answer()

    def test_salvaged_it_goes_on(self, damaged: tuple[Box, list[str]]) -> None:
        box, sales = damaged
        newest = box.result("posd.hello")["seq"]
        box.stop()
        journal, saved = box.folder / "journal", box.folder / "journal.saved"
        posctl(box, "journal", "salvage", str(journal), "-o", str(saved))
        journal.rename(box.folder / "broken")
        saved.rename(journal)
        box.start_posd()
        assert box.result("transaction.get", id=sales[3])["id"] == sales[3]
        (sale,) = sell(box, 1)
        assert box.result("transaction.get", id=sale)["seq"] > newest, "no number is used twice"
        box.kill()
        box.launch()
        box.wait_answer()
        box.stop()


class TestTwiceInTenMinutes:
    @staticmethod
    def moments(box: Box, *ages_s: float) -> Path:
        path = box.folder / "journal.failures"
        path.write_text("".join(f"{int((time.time() - age) * 1000)}\n" for age in ages_s))
        return path

    def test_it_stays_up_read_only_and_says_so(self, make_box: MakeBox) -> None:
        box = make_box()
        (sale,) = sell(box, 1)
        box.stop()
        path = self.moments(box, 300, 20)
        box.launch()
        box.wait_answer()
        assert box.result("transaction.get", id=sale)["id"] == sale
        error = box.error("transaction.submit", transaction=cash("NEW-1"))
        assert error["data"]["kind"] == "journal-failed"
        status = box.result("posd.status")
        assert status["state"] == "degraded"
        assert f"remove {path} and restart posd" in status["sentence"]
        assert box.stop() == 0
        path.unlink()
        box.start_posd()
        sell(box, 1)

    @pytest.mark.parametrize("ages_s", [(20,), (900, 20), (900, 800, 700)])
    def test_failures_that_are_rare_do_not(self, ages_s: tuple[float, ...], make_box: MakeBox) -> None:
        box = make_box(start=False)
        box.start_world()
        self.moments(box, *ages_s)
        box.start_posd()
        sell(box, 1)


class TestSeals:
    def test_with_the_credential_marks_are_sealed(self, make_box: MakeBox) -> None:
        box = make_box(start=False)
        box.start_world()
        credentials = box.folder / "credentials"
        credentials.mkdir()
        key = credentials / "posd.journal-key"
        key.write_text("5a" * 32 + "\n")
        for _ in range(2):
            box.launch(env={"CREDENTIALS_DIRECTORY": str(credentials)})
            box.wait_answer()
            sell(box, 1)
            assert box.result("journal.info")["seals"] is True
            box.stop()
        journal = str(box.folder / "journal")
        said = json.loads(posctl(box, "journal", "verify", journal, "--key", str(key), "--json"))
        assert said["seals"]["sealed"] >= 2
        assert said["seals"]["through"] == said["last"]
        (box.folder / "other").write_text("a5" * 32)
        assert "ALTERED" in posctl(box, "journal", "verify", journal, "--key", str(box.folder / "other"), code=2)

    def test_without_it_the_status_says_so(self, make_box: MakeBox) -> None:
        box = make_box()
        assert box.result("journal.info")["seals"] is False
        found = json.loads(posctl(box, "doctor", "--config", str(box.config()), "--json", code=0))["findings"]
        (finding,) = [one for one in found if one["check"] == "journal"]
        assert "the chain alone" in finding["finding"]

    def test_one_that_is_no_key_is_not_passed_over(self, make_box: MakeBox) -> None:
        box = make_box(start=False)
        box.folder.mkdir(parents=True, exist_ok=True)
        (box.folder / "posd.journal-key").write_text("short")
        process = box.launch(env={"CREDENTIALS_DIRECTORY": str(box.folder)})
        assert process.wait(DEADLINE_S) == 2
        assert "posd.journal-key cannot be used" in box.log.read_text()
        assert not (box.folder / "journal").exists()
