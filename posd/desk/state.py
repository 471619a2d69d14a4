"""What the desk knows: a fold over the journal's events, plus what only holds while the process lives.

The journal is the truth. `State` is rebuilt from it at start and never written anywhere. It keeps what decisions and
searches need and, for the rest (the transaction itself, slip bodies, drawings), the sequence number of the record that
has it.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Iterator
from typing import Literal, NamedTuple

from msgspec import Struct, field

from posd.desk.asked_state import Asking
from posd.desk.case_state import OpenItem, Sweep
from posd.desk.sale_state import Copy, Sale, job_of
from posd.desk.shift_state import Shift
from posd.domain.device import DeviceName, DeviceReport, KeyAnswer
from posd.domain.doer import Doer
from posd.domain.events import ExceptionKind
from posd.domain.signature import Cause
from posd.domain.slip import CopyName

# What stands in a file of its own, under the one name by which it is known.
__all__ = ["Copy", "Sale", "job_of"]

Room = Literal["plenty", "reserve", "none"]
"""How much the journal can take: new sales and copies; only outcomes of what was accepted; not even those."""


class Printing(NamedTuple):
    """The one slip that is on the printer: a copy of a sale, or a self-test, which has only its job."""

    job: str
    sale: str | None = None
    copy: CopyName = "customer"
    number: int = 0


class OnPad(NamedTuple):
    """The one session that is on the pad."""

    session: str
    sale: str


class CallingOff(NamedTuple):
    """Who called a session off, and what its signature is missing for then."""

    doer: Doer
    cause: Cause
    detail: str


class KeyUse(Struct, gc=False):
    """What an idempotency key was used for: digest of the content asked, and where its answer stands."""

    content: str
    sale: str
    copy: CopyName | None = None
    number: int = 0
    session: str = ""
    version: int = 0
    request: str = ""


class PinTries(Struct):
    """Wrong tries at a supervisor's PIN since the last right one, and until when none is taken, in trusted time and,
    within one run, by the monotonic clock. `seq` is their newest record; `due`: that is about to leave the ring.
    """

    tries: int
    until_ms: int
    seq: int
    due: bool = False
    until_mono_ms: int = 0


class AskedBack(NamedTuple):
    """What the desk asked the person at the keypad, and when that was (monotonic)."""

    answer: KeyAnswer
    mono_ms: int


class Window(Struct):
    """How often something was recorded since `began_mono_ms`, in all and of each, and what was only counted beyond that
    (bounds.py).
    """

    began_mono_ms: int
    since_ms: int
    recorded: int = 0
    each: dict[str, int] = field(default_factory=dict)
    more: dict[str, int] = field(default_factory=dict)


class Device(Struct):
    """The newest report of a device, since when by both clocks, and the last one that the journal has or counts
    (bounds.py). `unit` is the name under which it is counted (statistics.py).
    """

    report: DeviceReport
    unit: str
    since_ms: int = 0
    since_mono_ms: int = 0
    recorded: tuple[str, tuple[str, ...]] = ("absent", ())
    changes: Window | None = None


class Totals(Struct):
    """What a unit has done and met. `seq` is the newest record of it; `unsaved` what was counted since, from
    `unsaved_mono_ms` on; `due`: that record is about to leave the ring.
    """

    slips: int = 0
    lines: int = 0
    cuts: int = 0
    paper_mm: int = 0
    head_ms: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    seq: int = 0
    unsaved: int = 0
    unsaved_mono_ms: int = 0
    due: bool = False


class Selftest(Struct):
    """A slip that is no sale's, the self-test or a handover: who asked for it with which key, and how it stands."""

    job: str
    owed_ms: int
    doer: Doer
    key: str | None
    content: str | None
    what: Literal["selftest", "handover"] = "selftest"
    shift: str = ""
    state: Literal["queued", "printing", "printed", "failed", "unknown"] = "queued"
    proof: Literal["confirmed", "assumed"] | None = None
    cause: str | None = None


class Anchor(NamedTuple):
    """The newest trusted time of this run and when that was by the monotonic clock; `solid`: the wall clock was found
    to be right since the start.
    """

    trusted_ms: int
    mono_ms: int
    solid: bool


def _absent() -> dict[DeviceName, Device]:
    return {name: Device(DeviceReport(name, "absent"), name) for name in ("printer", "pad", "keypad")}


class State(Struct):
    """The whole. `owed` holds the copies that wait to print, in the order in which they became owed; `unlisted` those
    of them that have not been considered for the exception list yet; `unsigned` the sales that need a signature and
    have none, `awaiting` those of them that wait for the pad. `newest_ms` is the newest trusted time; the wall clock is
    taken to be ahead by `skew_ms` (clock.py), says the record `skew_seq`.
    """

    seq: int = 0
    newest_ms: int = 0
    skew_ms: int = 0
    skew_seq: int = 0
    skew_due: bool = False
    clock: Anchor | None = None
    sales: dict[str, Sale] = field(default_factory=dict)
    receipts: dict[str, str] = field(default_factory=dict)
    last: str | None = None
    receipt_next: int = 1
    exceptions: dict[str, OpenItem] = field(default_factory=dict)
    open: dict[str, None] = field(default_factory=dict)
    """The exceptions that are open, the oldest first, as `exceptions` are."""
    listed: dict[ExceptionKind, int] = field(default_factory=dict)
    overdue: int = 0
    """How many of them are of each kind, and past their deadline."""
    deadlines: list[tuple[int, str]] = field(default_factory=list)
    """The deadlines of these that are still to come, a heap; and of some that are closed (apply_cases.py)."""
    keys: dict[tuple[str, str], KeyUse] = field(default_factory=dict)
    owed: dict[str, tuple[str, CopyName, int]] = field(default_factory=dict)
    unlisted: dict[str, tuple[str, CopyName, int]] = field(default_factory=dict)
    unsigned: dict[str, None] = field(default_factory=dict)
    awaiting: dict[str, None] = field(default_factory=dict)
    devices: dict[DeviceName, Device] = field(default_factory=_absent)
    totals: dict[str, Totals] = field(default_factory=dict)
    tests: dict[str, Selftest] = field(default_factory=dict)
    asked_back: AskedBack | None = None
    """The question that is open at the keypad."""
    tries: dict[str, PinTries] = field(default_factory=dict)
    """By supervisor's number; empty for all numbers that no supervisor has."""
    asking: dict[str, Asking] = field(default_factory=dict)
    """Copies that wait for a supervisor, by their requests, oldest first."""
    refusals: Window | None = None
    requests: deque[tuple[int, str]] = field(default_factory=deque)
    """When copies were asked for in the last minute (monotonic), and by whom (rates.py)."""
    reprinted: dict[str, int] = field(default_factory=dict)
    """When the newest copies were asked for that the shop's rules count, by their jobs, in trusted time."""
    slip_ms: int = 0
    """How long a slip takes from its first byte to its proof, on a moving average; 0: none was measured yet."""
    printing: Printing | None = None
    signing: OnPad | None = None
    calling_off: CallingOff | None = None
    """What is on the pad is being called off."""
    shift: Shift | None = None
    unshifted: int = 0
    """Sales that were marked to be without a shift since the last one."""
    broken_off: bool = False
    """The newest slip of which anything may have come out ended unknown, or was torn."""
    leaving: bool = False
    """posd was asked to stop: what is under way ends, nothing new begins."""
    read_only: bool = False
    """The journal takes nothing: questions are answered."""
    room: Room = "plenty"
    hold_until_mono_ms: int = 0
    sweep: Sweep | None = None
    swept_mono_ms: int | None = None
    """The sweep under way, and when the last whole one of this run was (casework.py)."""
    parts: dict[str, array[int]] = field(default_factory=dict)
    """Records of transactions that are not kept here any more, as far as the archive does not have them yet."""

    def waiting(self) -> Iterator[tuple[Sale, Copy]]:
        """The copies that wait to print, in the order in which they became owed."""
        for sale_id, name, number in self.owed.values():
            sale = self.sales[sale_id]
            copy = sale.copy(name, number)
            assert copy is not None, (sale_id, name, number)
            yield sale, copy

    @property
    def tests_wait(self) -> bool:
        """Whether a self-test waits for the printer."""
        return any(test.state == "queued" for test in self.tests.values())

    def trusted_ms(self, now_ms: int) -> int:
        """The newest time that can be trusted, at a moment when the wall clock says `now_ms`."""
        return max(now_ms - self.skew_ms, self.newest_ms)
