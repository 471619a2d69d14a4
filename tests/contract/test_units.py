"""The systemd files: systemd takes them, the service is confined, and they agree with one another and with the
configuration.
"""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from posd import config
from tests.contract.tree import ROOT, text

SERVICE = text(Path("systemd/posd.service"))
SOCKET = text(Path("systemd/posd.socket"))
EXAMPLE = text(Path("systemd/posd.toml"))
DROP_INS = sorted((ROOT / "systemd" / "posd.service.d-examples").glob("*.conf"))
EXPOSURE_MAX = 15  # tenths

needs_analyze = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed (apt-get install systemd)"
)


def values(unit: str, key: str) -> list[str]:
    """All values that a unit gives to a key."""
    return re.findall(rf"^{key}=(.*)$", unit, re.MULTILINE)


def words(unit: str, key: str) -> set[str]:
    """All words that a unit gives to a key."""
    return {word for value in values(unit, key) for word in value.split()}


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units in a folder of their own, with a command that is there."""
    service = re.sub(r"=/usr/bin/posd", f"={shutil.which('true')}", SERVICE)
    (tmp_path / "posd.service").write_text(service, encoding="utf-8")
    (tmp_path / "posd.socket").write_text(SOCKET, encoding="utf-8")
    return tmp_path


def analyze(*arguments: str) -> str:
    """What systemd-analyze says; it must be content."""
    done = subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stderr


@needs_analyze
@pytest.mark.parametrize("drop_in", [None, *DROP_INS], ids=lambda path: path.name if path else "bare")
def test_systemd_takes_the_units(units: Path, drop_in: Path | None) -> None:
    if drop_in:
        (units / "posd.service.d").mkdir()
        shutil.copy(drop_in, units / "posd.service.d")
    said = analyze("verify", str(units / "posd.service"), str(units / "posd.socket"))
    assert "posd" not in said, said


@needs_analyze
def test_the_service_is_confined(units: Path) -> None:
    analyze("security", "--offline=true", f"--threshold={EXPOSURE_MAX}", str(units / "posd.service"))


def test_the_watchdog_and_the_restarts() -> None:
    assert values(SERVICE, "Type") == ["notify"]
    assert values(SERVICE, "NotifyAccess") == ["main"]
    assert values(SERVICE, "Restart") == ["always"]
    assert values(SERVICE, "RestartSec") == ["1s"]
    assert values(SERVICE, "StartLimitIntervalSec") == ["0"]
    assert values(SERVICE, "WatchdogSec")


def test_every_device_group_has_its_module_loaded_first() -> None:
    """systemd drops a DeviceAllow= group that is not in /proc/devices yet."""
    assert values(SERVICE, "DevicePolicy") == ["closed"]
    groups = {value.split()[0] for value in values(SERVICE, "DeviceAllow")}
    assert groups == {f"char-{name}" for name in ("usb", "usb_device", "ttyUSB", "ttyACM", "ttyS", "input")}
    modules = {f"modprobe@{name}.service" for name in ("usblp", "cdc_acm", "usbserial")}
    assert modules <= words(SERVICE, "Wants")
    assert modules <= words(SERVICE, "After")


def test_hotplug_and_the_doer_of_an_act_survive_the_confinement() -> None:
    assert words(SERVICE, "RestrictAddressFamilies") == {"AF_UNIX", "AF_NETLINK"}
    for costly in ("PrivateNetwork", "PrivateUsers", "PrivateDevices"):
        assert not values(SERVICE, costly)


def test_the_socket_outlives_the_service() -> None:
    (path,) = values(SOCKET, "ListenStream")
    (directory,) = values(SERVICE, "RuntimeDirectory")
    assert path.startswith(f"/run/{directory}/")
    assert values(SERVICE, "RuntimeDirectoryPreserve") == ["yes"]
    assert values(SOCKET, "SocketMode") == ["0660"]
    assert values(SOCKET, "SocketGroup") == values(SERVICE, "Group")
    assert values(SOCKET, "RemoveOnStop") == ["yes"]


def test_the_units_agree_with_the_defaults() -> None:
    defaults = config.Config()
    assert values(SOCKET, "ListenStream") == [defaults.api.socket]
    state = f"/var/lib/{values(SERVICE, 'StateDirectory')[0]}/"
    assert defaults.journal.path.startswith(state)
    assert defaults.archive_path.startswith(state)
    (command,) = values(SERVICE, "ExecStart")
    assert command.split() == ["/usr/bin/posd", "--config", "/etc/posd/posd.toml"]
    look, take_up = values(SERVICE, "ExecReload")
    assert look == command.replace(" ", " --check ", 1)
    assert take_up == "kill -HUP $MAINPID"


def test_the_example_configuration_is_taken() -> None:
    assert config.parse(EXAMPLE).printer.device == "/dev/posd/printer"


def test_the_example_shows_every_key_with_its_default() -> None:
    every = config.parse(re.sub(r"^#(?=[a-z_]+ = )", "", EXAMPLE, flags=re.MULTILINE))
    assert every == config.parse('[printer]\ndevice = "/dev/posd/printer"')
    for section in config.Config.__struct_fields__:
        (part,) = re.findall(rf"^\[{section}\]\n((?:[^\[\n].*\n?|\n(?!\[))*)", EXAMPLE, re.MULTILINE)
        shown = set(re.findall(r"^#?([a-z_]+) = ", part, re.MULTILINE))
        assert shown == {field.name for field in msgspec.structs.fields(getattr(config.Config(), section))}, section


@pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("systemd-sysusers"),
    reason="needs root and systemd-sysusers to make a user in a folder",
)
def test_user_and_directories_are_made(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    for tool, verb, name in (("sysusers", [], "sysusers.d"), ("tmpfiles", ["--create"], "tmpfiles.d")):
        command = [f"systemd-{tool}", f"--root={tmp_path}", *verb, str(ROOT / "systemd" / name / "posd.conf")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
    made = (tmp_path / "etc/passwd").read_text(encoding="utf-8").split(":")
    assert made[0] == values(SERVICE, "User")[0] == values(SERVICE, "Group")[0]
    for directory, mode in (("run/posd", 0o755), ("var/lib/posd", 0o750), ("var/cache/posd", 0o750)):
        there = (tmp_path / directory).stat()
        assert (there.st_uid, there.st_gid, there.st_mode & 0o777) == (int(made[2]), int(made[3]), mode)


DENIED = """
import ctypes, mmap, sys
if ctypes.CDLL(None, use_errno=True).prctl(65, 1, 0, 0, 0):  # PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN
    sys.exit(77)
try:
    mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
except PermissionError:
    pass
else:
    sys.exit("memory that is writable and executable was allowed")
import asyncio, escpos.printer, evdev, msgspec, PIL.Image, pyudev, sdnotify, serial
monitor = pyudev.Monitor.from_netlink(pyudev.Context())
monitor.filter_by("tty")
monitor.start()
assert monitor.poll(0) is None
list(pyudev.Context().list_devices(subsystem="tty"))
"""


def test_the_packages_run_without_writable_executable_memory() -> None:
    """MemoryDenyWriteExecute= is in the unit: pyudev's ctypes and the compiled packages must do without such memory."""
    assert values(SERVICE, "MemoryDenyWriteExecute") == ["yes"]
    assert ctypes.sizeof(ctypes.c_void_p) == 8
    done = subprocess.run(
        [sys.executable, "-c", DENIED], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    if done.returncode == 77:
        pytest.skip("this kernel (before 6.3) cannot deny it to a process")
    assert done.returncode == 0, done.stderr
