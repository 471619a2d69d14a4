"""What posd answers: the results of each method. Clients rely on these shapes; more fields may follow, these stay."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from posd.domain.copies import CopyState
from posd.domain.counter_views import (
    CopyOf,
    ReasonView,
    Reprinted,
    RequestList,
    RequestStanding,
    RequestState,
    RequestView,
    TermsView,
)
from posd.domain.device import DeviceName, DeviceState, Reason
from posd.domain.people_views import (
    EvidenceBatch,
    EvidencePage,
    EvidenceRecord,
    ExceptionPage,
    ExceptionView,
    NoteView,
    ShiftLineView,
    ShiftView,
    Span,
)
from posd.domain.signature import Cause, SignatureFormat, SignatureState, UploadState
from posd.domain.slip import CopyName, Mark
from posd.domain.transaction import Transaction

__all__ = [  # of other modules
    "CopyOf",
    "EvidenceBatch",
    "EvidencePage",
    "EvidenceRecord",
    "ExceptionPage",
    "ExceptionView",
    "NoteView",
    "ReasonView",
    "Reprinted",
    "RequestList",
    "RequestStanding",
    "RequestState",
    "RequestView",
    "ShiftLineView",
    "ShiftView",
    "Span",
    "TermsView",
]


class CopyView(msgspec.Struct, frozen=True):
    """`time` (RFC 3339) is that of the last change. `number` 0 is the original, 1 and up are reprints. `why` names what
    proves that it came out. `torn`: a torn piece of it lies on the counter and is void. `reprint` links a copy to its
    original; null for originals.
    """

    copy: CopyName
    number: int
    mark: Mark
    state: CopyState
    proof: Literal["confirmed", "assumed"] | None
    cause: str | None
    job: str | None
    time: str
    why: str = ""
    torn: bool = False
    reprint: CopyOf | None = None


class SignatureView(msgspec.Struct, frozen=True):
    """`version` is the newest captured one, 0 if none; `upload` and `attempts` are of it. `rule` says why a signature
    is or is not needed.
    """

    state: SignatureState
    rule: str
    cause: Cause | None
    version: int
    upload: UploadState = "none"
    attempts: int = 0


class StateView(msgspec.Struct, frozen=True):
    """How a transaction stands: its copies, its signature, its exceptions."""

    copies: list[CopyView]
    signature: SignatureView
    exceptions: list[ExceptionView]


class Submitted(msgspec.Struct, frozen=True):
    """`seq` is the journal's sequence number of the acceptance: when you read this, it is on the disk."""

    id: str
    seq: int
    receipt: str
    state: StateView


class Found(msgspec.Struct, frozen=True):
    """One transaction whole. `accepted` (RFC 3339) is when posd kept it, `digest` what its signature is bound to."""

    id: str
    seq: int
    receipt: str
    accepted: str
    digest: str
    state: StateView
    transaction: Transaction


class Summary(msgspec.Struct, frozen=True):
    """One transaction of a search. `time` is the till's, `total` decimal text."""

    id: str
    seq: int
    receipt: str
    type: str
    time: str
    total: str
    currency: str
    last_four: str | None
    state: StateView


class SearchResult(msgspec.Struct, frozen=True):
    """Newest first; `next` goes into `after` for the following page, null at the end."""

    transactions: list[Summary]
    next: int | None


class Settled(msgspec.Struct, frozen=True):
    """The transaction's state after a copy was settled."""

    id: str
    state: StateView


class Previewed(msgspec.Struct, frozen=True):
    """`data` is text for `text` and `svg`, base64 for `png` and `pdf`."""

    format: Literal["text", "png", "svg", "pdf"]
    data: str


class Resigned(msgspec.Struct, frozen=True):
    """The session on the pad and the version that it will give."""

    session: str
    version: int
    state: SignatureState


class Voided(msgspec.Struct, frozen=True):
    """A signature that counts no more. `session` is the one that takes the next version, null where the pad can take
    none now.
    """

    id: str
    voided: int
    session: str | None
    state: StateView


class SignatureStanding(msgspec.Struct, frozen=True):
    """How a transaction's signature stands now."""

    id: str
    state: StateView


class SignatureData(msgspec.Struct, frozen=True):
    """`data`: text for `svg`, else base64. `kind` is what was captured: a pad's ink, or its finished picture. `digest`
    is of the slip that was signed.
    """

    id: str
    version: int
    captured: str
    digest: str
    feature_code: str | None
    kind: Literal["strokes", "bitmap"]
    format: SignatureFormat
    data: str


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


class Hello(msgspec.Struct, frozen=True):
    """Who answers, the newest sequence number, and what this peer may do."""

    name: str
    version: str
    terminal: str
    seq: int
    roles: list[str]
    methods: list[str]


class Subscribed(msgspec.Struct, frozen=True):
    """Events from `next` on follow as notifications. `lost` is the range that was asked for and is no longer kept."""

    next: int
    lost: tuple[int, int] | None = None


class Unsubscribed(msgspec.Struct, frozen=True):
    """Whether there was a subscription to end."""

    was_subscribed: bool


AnyResult = (
    Submitted
    | Found
    | SearchResult
    | Reprinted
    | RequestList
    | RequestStanding
    | Settled
    | Previewed
    | TermsView
    | Resigned
    | Voided
    | SignatureStanding
    | SignatureData
    | Selftested
    | ClockView
    | ExceptionPage
    | ExceptionView
    | ShiftView
    | EvidencePage
    | BackupPage
    | ArchivePage
)
OpenRpc = dict[str, Any]
