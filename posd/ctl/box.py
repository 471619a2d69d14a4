"""The machine as `posctl doctor` sees it: processes, modules, devices, mounts. Reads only, below a root that tests can
replace.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_INTERPRETERS = frozenset({"bash", "java", "node", "perl", "python", "ruby", "sh"})


@dataclass(frozen=True, slots=True)
class Process:
    """A process and its name: the kernel's (`comm`, at most 15 characters), for an interpreter with what it runs."""

    pid: int
    name: str


@dataclass(frozen=True, slots=True)
class UsbDevice:
    """A USB device: `vid:pid` in hexadecimal, its serial number if it has one, and its node."""

    name: str
    serial: str
    node: str


class Box:
    """A machine whose `/proc`, `/etc` and so on stand below `root`."""

    def __init__(self, root: Path = Path("/")) -> None:
        self.root = root

    def path(self, absolute: str) -> Path:
        """Where an absolute path stands below the root."""
        return self.root / absolute.lstrip("/")

    def processes(self) -> Iterator[Process]:
        """All processes that can be seen."""
        for entry in self.path("/proc").glob("[0-9]*"):
            try:
                yield Process(int(entry.name), _name(entry))
            except (OSError, ValueError):
                continue  # it ended while we looked

    def holders(self, device: Path) -> tuple[list[Process], bool]:
        """The processes that have this device open, and whether all processes could be looked into (only root may)."""
        try:
            wanted = os.stat(device)
        except OSError:
            return [], True
        found, saw_all = [], True
        for process in self.processes():
            try:
                open_files = list((self.path("/proc") / str(process.pid) / "fd").iterdir())
            except PermissionError:
                saw_all = False
                continue
            except OSError:
                continue
            if any(_same(file, wanted) for file in open_files) and not _is_other_end(device, open_files):
                found.append(process)
        return found, saw_all

    def module_is_there(self, name: str) -> bool:
        """Whether a kernel module is loaded or built in."""
        if self.path(f"/sys/module/{name}").exists():
            return True
        try:
            return any(line.split(" ", 1)[0] == name for line in self.path("/proc/modules").read_text().splitlines())
        except OSError:
            return False

    def usb_devices(self) -> Iterator[UsbDevice]:
        """Every USB device."""
        for entry in self.path("/sys/bus/usb/devices").glob("*"):
            vendor, product, serial, bus, number = (
                _text(entry / name) for name in ("idVendor", "idProduct", "serial", "busnum", "devnum")
            )
            if vendor and product:
                yield UsbDevice(f"{vendor}:{product}", serial, f"/dev/bus/usb/{bus:0>3}/{number:0>3}")

    def filesystem(self, directory: Path) -> str:
        """The kind of file system that a directory is on, such as `ext4`; empty if it cannot be told."""
        try:
            lines = self.path("/proc/mounts").read_text().splitlines()
        except OSError:
            return ""
        best = ("", "")
        for line in lines:
            fields = line.split(" ")
            if len(fields) > 2 and directory.is_relative_to(fields[1]) and len(fields[1]) >= len(best[0]):
                best = (fields[1], fields[2])
        return best[1]


def _name(entry: Path) -> str:
    name = (entry / "comm").read_text().strip()
    if name.rstrip("0123456789.") not in _INTERPRETERS:
        return name
    try:
        words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return name
    return " ".join([name, *words[1:3]]).strip()


def _is_other_end(device: Path, open_files: list[Path]) -> bool:
    """Whether these are the files of a simulated port's other end: it made the pty, and keeps it open on both sides."""
    return os.path.realpath(device).startswith("/dev/pts/") and any(
        _link(file).endswith("/ptmx") for file in open_files
    )


def _link(file: Path) -> str:
    try:
        return os.readlink(file)
    except OSError:
        return ""


def _text(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError:
        return ""


def _same(file: Path, wanted: os.stat_result) -> bool:
    """Whether an open file is the device: for device nodes the same number, however it is named."""
    try:
        status = os.stat(file)
    except OSError:
        return False
    if stat.S_ISCHR(wanted.st_mode):
        return stat.S_ISCHR(status.st_mode) and status.st_rdev == wanted.st_rdev
    return (status.st_dev, status.st_ino) == (wanted.st_dev, wanted.st_ino)


def nearest_directory(path: Path) -> Path:
    """The directory that a path is in or will be in: the nearest one that exists."""
    directory = path if path.is_dir() else path.parent
    while not directory.exists() and directory != directory.parent:
        directory = directory.parent
    return directory
