"""What printers were able to do when they were last asked, kept across restarts in a small file.

- A memory makes posd more patient, never less curious: each connection asks anew. A printer that had a fence is given
  longer to answer, and while it stays mute posd does not take it for one that has none. What it answers then is what
  counts from then on.
- Known by model and serial number where the printer tells them, else by the name of the device. Which printer stood
  behind a device last is remembered too: it is asked for before it can say who it is.
- The file is written beside and renamed, after something changed. Losing it costs seconds: a file that is missing or
  broken is an empty one, and a directory that cannot be written to is said once.
"""

from __future__ import annotations

import contextlib
import logging
import os
from pathlib import Path
from typing import TypeVar

import msgspec

from posd.printer.fence import FenceKind

LOG = logging.getLogger(__name__)
PRINTERS_MAX = 32
T = TypeVar("T")


class Abilities(msgspec.Struct, frozen=True):
    """The fence to use, and whether the printer tells its status by itself."""

    fence: FenceKind
    asb: bool


class _Kept(msgspec.Struct):
    """The file. Both maps have the one that was met last at their end."""

    printers: dict[str, Abilities] = {}
    devices: dict[str, str] = {}


class Memory:
    """The memory in the file at `path`; None: for this run only."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._kept = _Kept()
        self._complained = False
        if path is not None:
            with contextlib.suppress(OSError, msgspec.MsgspecError):
                self._kept = msgspec.json.decode(path.read_bytes(), type=_Kept)

    def behind(self, device: str) -> Abilities | None:
        """What the printer that stood behind `device` last could do."""
        return self._kept.printers.get(self._kept.devices.get(device, ""))

    def met(self, device: str, name: str, can: Abilities) -> None:
        """The printer `name` (model and serial number; empty: it does not tell) is behind `device` and `can` this."""
        name = name or device
        if self._kept.devices.get(device) == name and self._kept.printers.get(name) == can:
            return
        _put(self._kept.printers, name, can)
        _put(self._kept.devices, device, name)
        self._save()

    def _save(self) -> None:
        if self._path is None:
            return
        beside = self._path.with_name(self._path.name + ".new")
        try:
            beside.write_bytes(msgspec.json.format(msgspec.json.encode(self._kept)))
            os.replace(beside, self._path)
        except OSError as error:
            if not self._complained:
                LOG.warning("what the printer can do is not remembered (%s); posd goes on and asks it anew", error)
            self._complained = True


def _put(table: dict[str, T], key: str, value: T) -> None:
    """Put `value` at the end of a table, and let go of what was not met for longest."""
    table.pop(key, None)
    table[key] = value
    while len(table) > PRINTERS_MAX:
        del table[next(iter(table))]
