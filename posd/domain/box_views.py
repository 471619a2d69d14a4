"""What posd answers about the box: devices, clock, journal, the one look at everything. The rest is in views.py."""

from __future__ import annotations

from typing import Literal

import msgspec

from posd.domain.device import DeviceName, DeviceState, Reason


class Selftested(msgspec.Struct, frozen=True):
    """A self-test slip: its job and how it stands; events carry the job."""

    job: str
    state: Literal["queued", "printing", "printed", "failed", "unknown"]
    proof: Literal["confirmed", "assumed"] | None = None
    cause: str | None = None


class ClockView(msgspec.Struct, frozen=True):
    """The box's clock. `time` is what it says, `trusted` what can be believed; both RFC 3339, UTC."""

    state: Literal["trusted", "suspect"]
    time: str
    trusted: str


class Statistics(msgspec.Struct, frozen=True):
    """What a unit has done and met as long as posd knows it, over all restarts. `unit`: model and serial number, or
    the device's name where it does not tell them. `faults`: how often each reason came up.
    """

    unit: str
    slips: int
    lines: int
    cuts: int
    paper_mm: int
    head_ms: int
    faults: dict[str, int]


class DeviceView(msgspec.Struct, frozen=True):
    """One device. `since` (RFC 3339) is when it became so; `info` holds facts such as path, model and fence."""

    name: DeviceName
    state: DeviceState
    reasons: list[Reason]
    detail: str
    since: str
    info: dict[str, str] = {}
    statistics: Statistics | None = None


class DeviceList(msgspec.Struct, frozen=True):
    """The devices that the configuration names."""

    devices: list[DeviceView]


class BackupPage(msgspec.Struct, frozen=True):
    """Some blocks of the journal, base64. `superblock` says where it begins and ends now, as if it had stopped there:
    the last page's makes the blocks from its head on a journal. No blocks: the end. `anchor` is the chain at that end.
    """

    superblock: str
    first: int
    blocks: str
    anchor: str


class ArchiveFileView(msgspec.Struct, frozen=True):
    """A file of the archive: the journal's batch with which it begins, its turn among those that begin there, and how
    many of its bytes count.
    """

    name: str
    batch: int
    turn: int
    size: int


class ArchivePage(msgspec.Struct, frozen=True):
    """The archive's files, oldest first; or some bytes, base64, of the one that was named. No bytes: its end."""

    files: list[ArchiveFileView]
    data: str = ""


class Pin(msgspec.Struct, frozen=True):
    """A transaction that the journal must keep, and why: `copies`, `signature` or `exception`."""

    seq: int
    transaction: str
    why: list[str]


class Lost(msgspec.Struct, frozen=True):
    """Sequence numbers that cannot be read; `last` null: to an unknown end."""

    first: int
    last: int | None


class JournalView(msgspec.Struct, frozen=True):
    """`fill` is 0 to 1 of one ring. `durable` is the newest synced sequence number."""

    path: str
    state: str
    size: int
    used: int
    fill: float
    first: int
    last: int
    durable: int
    epoch: int
    mirror: bool
    direct: bool
    laps: int
    commits: int
    chain: str
    advice: str = ""
    seals: bool = False
    commit_ms: dict[str, int] = {}
    pins: list[Pin] = []
    lost: list[Lost] = []
    repaired: int = 0


class Counts(msgspec.Struct, frozen=True):
    """Open exceptions in all and by kind, and how many of them are past their deadline."""

    open: int
    by_kind: dict[str, int] = {}
    overdue: int = 0


class Status(msgspec.Struct, frozen=True):
    """`state` is `degraded` while any configured device, the journal or the clock needs a person; `sentence` says what
    to do.
    """

    state: Literal["ready", "degraded"]
    sentence: str
    devices: list[DeviceView]
    journal: JournalView
    exceptions: Counts
    version: str
    terminal: str
    uptime_s: int
    clock: Literal["trusted", "suspect"] = "trusted"
    operator: str = ""
