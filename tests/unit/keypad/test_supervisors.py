"""The file with the PINs: found, and refused where somebody else could write or read it."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from posd.config import ConfigError, KeypadSection
from posd.domain.pins import line
from posd.keypad.supervisors import CREDENTIAL, FILE_BYTES_MAX, Supervisors

LINE = line("12", "9406", bytes(16))
OTHER = line("7", "2580", bytes(16))


def kept(path: Path, mode: int = 0o600, text: str = LINE) -> KeypadSection:
    path.write_text(text)
    path.chmod(mode)
    return KeypadSection(supervisors=str(path))


def test_the_named_file_goes_before_the_credential_and_neither_is_nobody(tmp_path: Path) -> None:
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert not Supervisors(KeypadSection(), {}).known
    nobody = Supervisors(KeypadSection(), environ)
    assert (nobody.known, nobody.again(at_once=True), nobody.fault) == ({}, False, "")
    kept(tmp_path / CREDENTIAL, 0o440)
    assert list(Supervisors(KeypadSection(), environ).known) == ["12"]
    assert list(Supervisors(kept(tmp_path / "own", text=OTHER), environ).known) == ["7"]


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o602, 0o604, 0o601, 0o777])
def test_a_file_that_others_can_reach_is_refused_with_what_to_do(tmp_path: Path, mode: int) -> None:
    section = kept(tmp_path / "pins", mode)
    with pytest.raises(ConfigError, match=f"chmod 0640 {tmp_path}"):
        Supervisors(section, {})


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o400, 0o440])
def test_a_guarded_file_is_read(tmp_path: Path, mode: int) -> None:
    if os.geteuid() and not mode & 0o400:
        pytest.skip("unreadable for this user")
    assert "12" in Supervisors(kept(tmp_path / "pins", mode), {}).known


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")
def test_a_file_of_somebody_else_is_refused(tmp_path: Path) -> None:
    section = kept(tmp_path / "pins")
    os.chown(tmp_path / "pins", 65534, 65534)
    with pytest.raises(ConfigError, match="belongs to uid 65534"):
        Supervisors(section, {})


def test_what_is_no_file_of_pins_is_refused_by_its_name(tmp_path: Path) -> None:
    for text, says in ((LINE[:-8], "line 1"), ("#" * (FILE_BYTES_MAX + 1), "too large")):
        with pytest.raises(ConfigError, match=f"{tmp_path}/pins: .*{says}"):
            Supervisors(kept(tmp_path / "pins", text=text), {})
    (tmp_path / "pins").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="no text"):
        Supervisors(KeypadSection(supervisors=str(tmp_path / "pins")), {})
    with pytest.raises(ConfigError, match="cannot be read"):
        Supervisors(KeypadSection(supervisors=str(tmp_path / "none")), {})
    with pytest.raises(ConfigError, match=r"cannot be read|not in a plain file"):
        Supervisors(KeypadSection(supervisors=str(tmp_path)), {})
    os.mkfifo(tmp_path / "fifo", 0o600)
    with pytest.raises(ConfigError, match="not in a plain file"):
        Supervisors(KeypadSection(supervisors=str(tmp_path / "fifo")), {})


def test_a_file_that_changed_is_taken_up_once_it_stands_still(tmp_path: Path) -> None:
    path = tmp_path / "pins"
    pins = Supervisors(kept(path), {})
    assert not pins.again()
    kept(path, text=f"{LINE}\n{OTHER[:30]}")
    assert not pins.again(), "somebody may still be writing it"
    kept(path, text=f"{LINE}\n{OTHER}")
    assert not pins.again()
    assert (list(pins.known), pins.fault) == (["12"], "")
    assert pins.again()
    assert list(pins.known) == ["12", "7"]
    assert not pins.again()

    (tmp_path / "new").write_text(OTHER)
    (tmp_path / "new").chmod(0o600)
    (tmp_path / "new").replace(path)
    assert pins.again(at_once=True), "whoever asks for it has written it"
    assert list(pins.known) == ["7"]
    kept(path, text="# nobody any more\n")
    assert (pins.again(), pins.again(), pins.known) == (False, True, {})


def test_a_file_that_cannot_be_used_changes_nothing_and_is_told_once_until_it_is_put_right(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    path = tmp_path / "pins"
    pins = Supervisors(kept(path, text=f"{LINE}\n{OTHER}"), {})

    def told() -> list[str]:
        found = [record.getMessage() for record in caplog.records]
        caplog.clear()
        return found

    for spoil, says in (
        (lambda: kept(path, text=OTHER[:-9]), "line 1"),
        (lambda: kept(path, 0o644, text=OTHER), "chmod 0640"),
        (path.unlink, "No such file"),
    ):
        spoil()
        assert [pins.again() for _ in range(4)] == [False, True, False, False]
        assert list(pins.known) == ["12", "7"]
        assert says in pins.fault
        (said,) = told()
        assert says in said
        assert "the PINs of before hold" in said
        assert not pins.again(at_once=True)
        assert len(told()) == 1, "who asks is told again"
    kept(path, text=f"{LINE}\n{OTHER}")
    assert [pins.again(), pins.again(), pins.again()] == [False, True, False]
    assert (pins.fault, len(pins.known), len(told())) == ("", 2, 1)


LOOK = """
import os
from posd.domain.pins import line, parse
from posd.keypad.supervisors import look

def resident_kib():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024

known = parse(line("12", "9406", bytes(16)))
look(known, "12", bytearray(b"9405"))
before, pin = resident_kib(), bytearray(b"9406")
assert look(known, "12", pin) and not any(pin)
assert not look(known, "13", bytearray(b"9406"))
print(max(before, resident_kib()) - {empty})
"""


def test_a_look_overwrites_the_pin_and_keeps_none_of_its_memory() -> None:
    """In a process of its own, whose memory nobody else uses."""
    empty = (
        "import posd.keypad.supervisors, posd.domain.pins, os; print(int(open('/proc/self/statm').read().split()[1]))"
    )
    pages = int(subprocess.run([sys.executable, "-c", empty], capture_output=True, check=True).stdout)
    code = LOOK.replace("{empty}", str(pages * os.sysconf("SC_PAGE_SIZE") // 1024))
    kept_kib = int(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
    assert kept_kib < 4096, "scrypt takes 8 MiB"
