"""The file with the PINs: found, and refused where somebody else could write or read it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from posd.config import ConfigError, KeypadSection
from posd.domain.pins import line
from posd.keypad.supervisors import CREDENTIAL, FILE_BYTES_MAX, supervisors

LINE = line("12", "9406", bytes(16))


def kept(path: Path, mode: int = 0o600, text: str = LINE) -> KeypadSection:
    path.write_text(text)
    path.chmod(mode)
    return KeypadSection(supervisors=str(path))


def test_the_named_file_goes_before_the_credential_and_neither_is_nobody(tmp_path: Path) -> None:
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert supervisors(KeypadSection(), {}) == {}
    assert supervisors(KeypadSection(), environ) == {}
    kept(tmp_path / CREDENTIAL, 0o440)
    assert list(supervisors(KeypadSection(), environ)) == ["12"]
    assert list(supervisors(kept(tmp_path / "own", text=line("7", "2580", bytes(16))), environ)) == ["7"]


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o602, 0o604, 0o601, 0o777])
def test_a_file_that_others_can_reach_is_refused_with_what_to_do(tmp_path: Path, mode: int) -> None:
    section = kept(tmp_path / "pins", mode)
    with pytest.raises(ConfigError, match=f"chmod 0640 {tmp_path}"):
        supervisors(section, {})


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o400, 0o440])
def test_a_guarded_file_is_read(tmp_path: Path, mode: int) -> None:
    if os.geteuid() and not mode & 0o400:
        pytest.skip("unreadable for this user")
    assert "12" in supervisors(kept(tmp_path / "pins", mode), {})


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")
def test_a_file_of_somebody_else_is_refused(tmp_path: Path) -> None:
    section = kept(tmp_path / "pins")
    os.chown(tmp_path / "pins", 65534, 65534)
    with pytest.raises(ConfigError, match="belongs to uid 65534"):
        supervisors(section, {})


def test_what_is_no_file_of_pins_is_refused_by_its_name(tmp_path: Path) -> None:
    for text, says in ((LINE[:-8], "line 1"), ("#" * (FILE_BYTES_MAX + 1), "too large")):
        with pytest.raises(ConfigError, match=f"{tmp_path}/pins: .*{says}"):
            supervisors(kept(tmp_path / "pins", text=text), {})
    (tmp_path / "pins").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="no text"):
        supervisors(KeypadSection(supervisors=str(tmp_path / "pins")), {})
    with pytest.raises(ConfigError, match="cannot be read"):
        supervisors(KeypadSection(supervisors=str(tmp_path / "none")), {})
    with pytest.raises(ConfigError, match=r"cannot be read|not in a plain file"):
        supervisors(KeypadSection(supervisors=str(tmp_path)), {})


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
