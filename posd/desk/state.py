"""What the desk knows: a fold over the journal's events, plus what only holds while the process lives.

The journal is the truth. `State` is rebuilt from it at start and never written anywhere. It keeps what decisions and
searches need and, for the rest (the transaction itself, slip bodies, drawings), the sequence number of the record that
has it.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from posd.desk.asked_state import Asked, Asking
from posd.desk.case_state import OpenItem, Sweep
from posd.desk.shift_state import Shift
from posd.domain.copies import OPEN, WAITING, CopyState
from posd.domain.device import DeviceName, DeviceReport, KeyAnswer
from posd.domain.doer import Doer
from posd.domain.events import ExceptionKind
from posd.domain.signature import Cause, Need, SignatureState, UploadState
from posd.domain.slip import CopyName, Mark


@dataclass(slots=True)
class Copy:
    """One slip, owed or out. `time_ms` is when it last changed by the wall clock, `trusted_ms` the same as far as that
    can be believed; `owed_ms` when it last became owed, in trusted time that does not leap while posd runs (clock.py),
    and `owed_seq` by which record.
    `held`: too old to print by itself, a person decides. `torn`: a torn piece of it is on paper. `asked`: the request
    that it answers. `body`: the record that has its body; 0 in copies of an original, which have the original's.
    """

    name: CopyName
    number: int
    job: str
    state: CopyState
    time_ms: int
    owed_ms: int = field(default=0, compare=False)
    owed_seq: int = 0
    trusted_ms: int = 0
    possible: bool = False
    held: bool = False
    torn: bool = False
    proof: Literal["confirmed", "assumed"] | None = None
    why: str = ""
    cause: str | None = None
    doer: Doer | None = None
    asked: Asked | None = None
    body: int = 0

    @property
    def request(self) -> str:
        """The name of the request that it answers; empty for an original that nobody asked for."""
        return self.asked.name if self.asked is not None else ""

    @property
    def mark(self) -> Mark:
        if self.possible:
            return "possible-duplicate"
        return "duplicate" if self.number else "none"

    @property
    def waiting(self) -> bool:
        return self.state in WAITING and not self.held


class Upload(NamedTuple):
    """How a version stands with the acquirer, and how often it was tried."""

    state: UploadState = "none"
    attempts: int = 0


@dataclass(slots=True)
class Signature:
    """`versions` maps a captured version to the record that has its drawing; `session` is the running one, `asked` the
    queued one.
    """

    state: SignatureState
    need: Need
    cause: Cause | None = None
    version: int = 0
    session: str | None = None
    versions: dict[int, int] = field(default_factory=dict)
    uploads: dict[int, Upload] | None = None

    def upload(self, version: int) -> Upload:
        return (self.uploads or {}).get(version) or Upload()


@dataclass(slots=True)
class Sale:
    """One transaction (sale, refund or void). `seq` is the record of its acceptance. `trusted_ms` is the newest time
    that could be trusted when it was accepted: later than `accepted_ms` if the clock was behind. `records` are all
    records of it; `floor` the sequence number from which on the ring must be kept so that it holds them: `seq`, or
    later when older ones were carried forward; `half`: only the older ones were. `waived`: what a supervisor let be, by
    kind, copy and number.
    """

    id: str
    seq: int
    receipt: str
    type: str
    time: str
    time_ms: int
    accepted_ms: int
    trusted_ms: int
    total: int
    currency: str
    last_four: str | None
    digest: str
    feature_code: str | None
    signature: Signature
    copies: list[Copy]
    tainted: frozenset[CopyName] = frozenset()
    exceptions: tuple[str, ...] = ()
    records: array[int] = field(default_factory=lambda: array("Q"))
    floor: int = 0
    half: bool = False
    waived: frozenset[tuple[ExceptionKind, CopyName | None, int | None]] = frozenset()

    def copy(self, name: CopyName, number: int) -> Copy | None:
        return next((c for c in self.copies if c.name == name and c.number == number), None)

    def of(self, name: CopyName) -> list[Copy]:
        return [c for c in self.copies if c.name == name]

    @property
    def owed(self) -> bool:
        """Whether the journal must keep it: a copy is not settled or a signature is open, and nobody let it be."""
        if self.signature_open and not self._let_be(None):
            return True
        return any(self.copy_open(c) and (c.waiting or not self._let_be(c)) for c in self.copies)

    @property
    def signature_open(self) -> bool:
        """Whether a signature is needed and is not there."""
        return self.signature.state in ("awaiting", "missing", "voided")

    def _let_be(self, copy: Copy | None) -> bool:
        if not self.waived:
            return False
        if copy is None:
            about = {("unsigned", None, None), ("wrong-signature", None, None)}
            return self.signature.state != "awaiting" and not about.isdisjoint(self.waived)
        return ("unknown" if copy.state == "unknown" else "unprinted", copy.name, copy.number) in self.waived

    def copy_open(self, copy: Copy) -> bool:
        """Whether this copy of it is not settled."""
        if copy.state == "unknown":  # the next print settles it
            return not any(c.number > copy.number and c.state == "printed" for c in self.of(copy.name))
        return copy.state in OPEN


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


@dataclass(slots=True)
class KeyUse:
    """What an idempotency key was used for: digest of the content asked, and where its answer stands."""

    content: str
    sale: str
    copy: CopyName | None = None
    number: int = 0
    session: str = ""
    version: int = 0
    request: str = ""


@dataclass(slots=True)
class PinTries:
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


@dataclass(slots=True)
class Window:
    """How often something was recorded since `began_mono_ms`, in all and of each, and what was only counted beyond that
    (bounds.py).
    """

    began_mono_ms: int
    since_ms: int
    recorded: int = 0
    each: dict[str, int] = field(default_factory=dict)
    more: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Device:
    """The newest report of a device, since when by both clocks, and the last one that the journal has or counts
    (bounds.py). `unit` is the name under which it is counted (statistics.py).
    """

    report: DeviceReport
    unit: str
    since_ms: int = 0
    since_mono_ms: int = 0
    recorded: tuple[str, tuple[str, ...]] = ("absent", ())
    changes: Window | None = None


@dataclass(slots=True)
class Totals:
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


@dataclass(slots=True)
class Selftest:
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


@dataclass(slots=True)
class State:
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
    deadlines: list[tuple[int, str]] = field(default_factory=list, compare=False)
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
    requests: deque[tuple[int, str]] = field(default_factory=deque, compare=False)
    """When copies were asked for in the last minute (monotonic), and by whom (rates.py)."""
    reprinted: dict[str, int] = field(default_factory=dict, compare=False)
    """When the newest copies were asked for that the shop's rules count, by their jobs, in trusted time."""
    slip_ms: int = field(default=0, compare=False)
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


def job_of(receipt: str, name: CopyName, number: int) -> str:
    """`42-m0`: the merchant original of receipt 42; `42-c2`: the second reprint of its customer copy."""
    return f"{receipt}-{name[0]}{number}"
