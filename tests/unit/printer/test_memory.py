"""The memory of what printers can do."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from posd.printer.memory import PRINTERS_MAX, Abilities, Memory

EPSON, CLONE = Abilities("process-id", True), Abilities("paper-status", False)


def test_what_was_met_is_known_after_a_restart(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "printers.json")
    assert memory.behind("/dev/lp") is None
    memory.met("/dev/lp", "TM-T88V J5RK", EPSON)
    memory.met("/dev/ttyS0", "", CLONE)
    again = Memory(tmp_path / "printers.json")
    assert again.behind("/dev/lp") == EPSON
    assert again.behind("/dev/ttyS0") == CLONE
    assert again.behind("/dev/ttyS1") is None


def test_a_printer_is_known_at_another_device_and_what_it_can_is_corrected(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "printers.json")
    memory.met("/dev/a", "TM-T88V 1", EPSON)
    memory.met("/dev/b", "TM-T88V 1", CLONE)
    assert memory.behind("/dev/a") == CLONE
    memory.met("/dev/a", "other 2", EPSON)
    assert (memory.behind("/dev/a"), memory.behind("/dev/b")) == (EPSON, CLONE)


def test_nothing_is_written_when_nothing_changed(tmp_path: Path) -> None:
    path = tmp_path / "printers.json"
    memory = Memory(path)
    memory.met("/dev/a", "x 1", EPSON)
    path.unlink()
    memory.met("/dev/a", "x 1", EPSON)
    assert not path.exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"printers": {"a": {"fence": "magic", "asb": true}}}', "\ufffd"])
def test_a_broken_file_is_an_empty_one(tmp_path: Path, text: str) -> None:
    path = tmp_path / "printers.json"
    path.write_text(text, encoding="utf-8")
    memory = Memory(path)
    assert memory.behind("a") is None
    memory.met("a", "", EPSON)
    assert Memory(path).behind("a") == EPSON


def test_it_does_not_grow_without_end(tmp_path: Path) -> None:
    memory = Memory(None)
    for number in range(PRINTERS_MAX * 2):
        memory.met(f"tcp://{number}", "", EPSON)
        memory.met("tcp://kept", "kept", CLONE)
    assert memory.behind("tcp://0") is None
    assert memory.behind("tcp://kept") == CLONE


def test_a_directory_that_cannot_be_written_to_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    memory = Memory(tmp_path / "no" / "printers.json")
    with caplog.at_level(logging.WARNING):
        memory.met("a", "", EPSON)
        memory.met("a", "", CLONE)
    assert len(caplog.records) == 1
    assert memory.behind("a") == CLONE
