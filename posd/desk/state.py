"""What the desk knows: a fold over the journal's events, plus what only holds while the process lives.

The journal is the truth. `State` is rebuilt from it at start and never written anywhere. It keeps what decisions and
searches need and, for the rest (the transaction itself, slip bodies, drawings), the sequence number of the record that
has it.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from posd.domain.copies import OPEN, WAITING, CopyState
from posd.domain.device import DeviceName, DeviceReport
from posd.domain.doer import Doer
from posd.domain.events import ExceptionKind
from posd.domain.signature import Cause, Need, SignatureState
from posd.domain.slip import CopyName, Mark


@dataclass(slots=True)
class Copy:
    """One slip, owed or out. `owed_ms` is when it last became owed; `held`: too old to print by itself, a person
    decides.
    """

    name: CopyName
    number: int
    job: str
    state: CopyState
    time_ms: int
    owed_ms: int
    possible: bool = False
    held: bool = False
    proof: Literal["confirmed", "assumed"] | None = None
    cause: str | None = None
    doer: Doer | None = None
    reason: str = ""

    @property
    def mark(self) -> Mark:
        if self.possible:
            return "possible-duplicate"
        return "duplicate" if self.number else "none"

    @property
    def waiting(self) -> bool:
        return self.state in WAITING and not self.held


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


@dataclass(slots=True)
class Sale:
    """One transaction (sale, refund or void). `seq` is the record of its acceptance; `bodies` the records of its slips'
    bodies. `trusted_ms` is the newest time that could be trusted when it was accepted: later than `accepted_ms` if the
    clock was behind. `records` are all records of it; `floor` the sequence number from which on the ring must be kept
    so that it holds them: `seq`, or later when older ones were carried forward.
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
    bodies: dict[CopyName, int] = field(default_factory=dict)
    tainted: frozenset[CopyName] = frozenset()
    exceptions: tuple[str, ...] = ()
    records: array[int] = field(default_factory=lambda: array("Q"))
    floor: int = 0

    def copy(self, name: CopyName, number: int) -> Copy | None:
        return next((c for c in self.copies if c.name == name and c.number == number), None)

    def of(self, name: CopyName) -> list[Copy]:
        return [c for c in self.copies if c.name == name]

    @property
    def owed(self) -> bool:
        """Whether the journal must keep it: a copy is not settled or a signature is open."""
        return self.signature.state in ("awaiting", "missing", "voided") or any(self._is_open(c) for c in self.copies)

    def _is_open(self, copy: Copy) -> bool:
        if copy.state == "unknown":  # the next print settles it
            return not any(c.number > copy.number and c.state == "printed" for c in self.of(copy.name))
        return copy.state in OPEN


@dataclass(slots=True)
class OpenItem:
    """An exception: what is not as it should be with a transaction, until it is closed or waived."""

    id: str
    transaction: str
    kind: ExceptionKind
    cause: Cause
    detail: str
    opened_ms: int
    copy: CopyName | None = None
    number: int | None = None
    state: Literal["open", "closed", "waived"] = "open"
    closed_ms: int | None = None


Room = Literal["plenty", "reserve", "none"]
"""How much the journal can take: new sales and copies; only outcomes of what was accepted; not even those."""


class Printing(NamedTuple):
    """The one copy that is on the printer."""

    job: str
    sale: str
    copy: CopyName
    number: int


class OnPad(NamedTuple):
    """The one session that is on the pad."""

    session: str
    sale: str


@dataclass(slots=True)
class KeyUse:
    """What an idempotency key was used for: digest of the content asked, and where its answer stands."""

    content: str
    sale: str
    copy: CopyName | None = None
    number: int = 0
    session: str = ""
    version: int = 0


@dataclass(slots=True)
class Device:
    """The newest report of a device, since when by both clocks, and the last one that the journal has."""

    report: DeviceReport
    since_ms: int = 0
    since_mono_ms: int = 0
    recorded: tuple[str, tuple[str, ...]] = ("absent", ())


def _absent() -> dict[DeviceName, Device]:
    return {name: Device(DeviceReport(name, "absent")) for name in ("printer", "pad", "keypad")}


@dataclass(slots=True)
class State:
    """The whole. `owed` holds the copies that wait to print, in the order in which they became owed; `unlisted` those
    of them that have not been considered for the exception list yet; `unsigned` the sales that need a signature and
    have none, `awaiting` those of them that wait for the pad.
    """

    seq: int = 0
    newest_ms: int = 0
    sales: dict[str, Sale] = field(default_factory=dict)
    receipts: dict[str, str] = field(default_factory=dict)
    last: str | None = None
    receipt_next: int = 1
    exceptions: dict[str, OpenItem] = field(default_factory=dict)
    open: dict[str, None] = field(default_factory=dict)
    keys: dict[tuple[str, str], KeyUse] = field(default_factory=dict)
    owed: dict[str, tuple[str, CopyName, int]] = field(default_factory=dict)
    unlisted: dict[str, tuple[str, CopyName, int]] = field(default_factory=dict)
    unsigned: dict[str, None] = field(default_factory=dict)
    awaiting: dict[str, None] = field(default_factory=dict)
    devices: dict[DeviceName, Device] = field(default_factory=_absent)
    printing: Printing | None = None
    signing: OnPad | None = None
    cancelling: Doer | None = None
    broken_off: bool = False
    """The newest slip of which anything may have come out ended unknown."""
    leaving: bool = False
    room: Room = "plenty"
    forgotten_ms: int = 0
    """posd was asked to stop: what is under way ends, nothing new begins."""
    hold_until_mono_ms: int = 0
    parts: dict[str, array[int]] = field(default_factory=dict)
    """Records of transactions that are not kept here any more, as far as the archive does not have them yet."""


def job_of(receipt: str, name: CopyName, number: int) -> str:
    """`42-m0`: the merchant original of receipt 42; `42-c2`: the second reprint of its customer copy."""
    return f"{receipt}-{name[0]}{number}"
