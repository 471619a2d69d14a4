"""What posd answers: the results of each method. Clients rely on these shapes; more fields may follow, these stay."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from posd.domain.box_views import (
    ArchiveFileView,
    ArchivePage,
    BackupPage,
    ClockView,
    Counts,
    DeviceList,
    DeviceView,
    JournalView,
    Lost,
    Pin,
    Selftested,
    Statistics,
    Status,
)
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
    "ArchiveFileView",
    "ArchivePage",
    "BackupPage",
    "ClockView",
    "CopyOf",
    "Counts",
    "DeviceList",
    "DeviceView",
    "EvidenceBatch",
    "EvidencePage",
    "EvidenceRecord",
    "ExceptionPage",
    "ExceptionView",
    "JournalView",
    "Lost",
    "NoteView",
    "Pin",
    "ReasonView",
    "Reprinted",
    "RequestList",
    "RequestStanding",
    "RequestState",
    "RequestView",
    "Selftested",
    "ShiftLineView",
    "ShiftView",
    "Span",
    "Statistics",
    "Status",
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
