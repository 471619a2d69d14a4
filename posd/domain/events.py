"""The journal's vocabulary: every event that can happen, as the journal keeps it.

State is a fold over these; an event says what happened, never what to do. Times are milliseconds since 1970 UTC and
never decide an order: the record id (`seq`) does. Names are public: they are the `type` of the socket's notifications.
A new field needs a default; a changed meaning needs a new version (domain/codec.py).
"""

from __future__ import annotations

from typing import Literal

from posd.domain.box_events import (
    ClockSuspect,
    ClockTrusted,
    DeviceChanged,
    DeviceCounted,
    ExportAcknowledged,
    SelftestChanged,
)
from posd.domain.device import Drawing
from posd.domain.errors import Kind
from posd.domain.event import Event, ExceptionKind
from posd.domain.people_events import (
    ExceptionAssigned,
    ExceptionClosed,
    ExceptionEscalated,
    ExceptionNoted,
    ExceptionOpened,
    ExceptionOverdue,
    ExceptionsSwept,
    ExceptionWaived,
    ShiftCarried,
    ShiftClosed,
    ShiftOpened,
)
from posd.domain.pin_events import PinCarried, PinChecked, PinTried
from posd.domain.signature import Cause, Need, UploadState
from posd.domain.slip import CopyName, Mark, Terminal
from posd.domain.transaction import Transaction

# What other modules define, under the one name by which they are known.
__all__ = [
    "ClockSuspect",
    "ClockTrusted",
    "DeviceChanged",
    "DeviceCounted",
    "Event",
    "ExceptionAssigned",
    "ExceptionClosed",
    "ExceptionEscalated",
    "ExceptionKind",
    "ExceptionNoted",
    "ExceptionOpened",
    "ExceptionOverdue",
    "ExceptionWaived",
    "ExceptionsSwept",
    "ExportAcknowledged",
    "PinCarried",
    "PinChecked",
    "PinTried",
    "SelftestChanged",
    "ShiftCarried",
    "ShiftClosed",
    "ShiftOpened",
]


class TransactionAccepted(Event, frozen=True, tag="transaction.accepted"):
    """A till's transaction, masked, with all that its slips are made of. `digest`: hex SHA-256 (domain/codec.py,
    `content_digest`). `without_shift`: nobody was on shift, and the shop wants that said.
    """

    transaction: Transaction
    digest: str
    receipt: str
    terminal: Terminal
    copies: tuple[CopyName, ...]
    need: Need
    feature_code: str | None = None
    without_shift: bool = False


class CopyStarted(Event, frozen=True, tag="copy.started"):
    """Durable before the first byte leaves. `body` stands in the first start of an original only, and once more where
    nothing of it came out before another kind of printer was connected; its digest in all. `made_for`: the kind of
    printer that `body` is for; empty in records of an early posd. `torn`: this slip says that a torn piece of the same
    copy is void.
    """

    id: str
    copy: CopyName
    number: int
    job: str
    mark: Mark
    body_digest: str
    body: bytes | None = None
    signature_version: int = 0
    torn: bool = False
    made_for: str = ""


class CopyPrinted(Event, frozen=True, tag="copy.printed"):
    """The slip came out; `proof` says how that is known, `why` by what."""

    id: str
    copy: CopyName
    number: int
    job: str
    proof: Literal["confirmed", "assumed"]
    why: str = ""


class CopyFailed(Event, frozen=True, tag="copy.failed"):
    """Provably nothing came out; with `torn`, a piece that is known to end before its end."""

    id: str
    copy: CopyName
    number: int
    job: str
    cause: str
    torn: bool = False


class CopyUnknown(Event, frozen=True, tag="copy.unknown"):
    """It may have come out. `cause`: a reason word of the printer, or `restart`."""

    id: str
    copy: CopyName
    number: int
    job: str
    cause: str


class CopySettled(Event, frozen=True, tag="copy.settled"):
    """A person said whether an unknown copy came out."""

    id: str
    copy: CopyName
    number: int
    printed: bool


class ReprintRequested(Event, frozen=True, tag="reprint.requested"):
    """`key` and `content` are the caller's idempotency key and the digest of what was asked with it; `request` names
    the request, the one that a supervisor approved or this record. `original`: the job of which this is a copy;
    `point`: the newest record before it, up to which all is on the disk before the copy's first byte leaves.
    """

    id: str
    copy: CopyName
    number: int
    job: str
    mark: Mark
    reason: str
    key: str | None = None
    content: str | None = None
    request: str = ""
    original: str = ""
    point: int = 0
    note: str = ""


class ReprintAsked(Event, frozen=True, tag="reprint.asked"):
    """A copy was asked for that needs a supervisor; the request `request` waits for one."""

    id: str
    copy: CopyName
    reason: str
    request: str
    key: str | None = None
    content: str | None = None
    note: str = ""


class ReprintDecided(Event, frozen=True, tag="reprint.decided"):
    """What became of a request that waited for a supervisor; the doer says so. `expired`: nobody did in time."""

    id: str
    request: str
    outcome: Literal["approved", "declined", "cancelled", "expired"]


class ReprintRefused(Event, frozen=True, tag="reprint.refused"):
    """A copy was asked for and refused; `kind`, `message` and `until` are what the asker was told. `request` names the
    refused request; `id` is empty where there is no such transaction.
    """

    id: str
    copy: CopyName
    reason: str
    kind: Kind
    message: str
    until: str | None = None
    key: str | None = None
    content: str | None = None
    request: str = ""
    note: str = ""


class RequestsRefused(Event, frozen=True, tag="requests.refused"):
    """So many more copies were asked for and refused since `since` (milliseconds) than were recorded one by one:
    `counts` by who asked and the kind of refusal, such as `uid 1000: too-soon`.
    """

    since: int
    counts: dict[str, int]


class ReprintCancelled(Event, frozen=True, tag="reprint.cancelled"):
    """A copy was withdrawn before its first byte left."""

    id: str
    copy: CopyName
    number: int
    job: str


class SignatureRequested(Event, frozen=True, tag="signature.requested"):
    """A session on the pad begins, for version `version`."""

    id: str
    session: str
    version: int
    reason: str = ""
    key: str | None = None
    content: str | None = None


class SignatureCaptured(Event, frozen=True, tag="signature.captured"):
    """Bound to `digest`, the content that was signed (law 5)."""

    id: str
    session: str
    version: int
    digest: str
    drawing: Drawing
    feature_code: str | None = None


class SignatureMissing(Event, frozen=True, tag="signature.missing"):
    """`session` is None when none could begin. `drawing` keeps what was drawn until then, as evidence; it is not a
    signature.
    """

    id: str
    cause: Cause
    detail: str
    session: str | None = None
    drawing: Drawing | None = None


class SignatureAttested(Event, frozen=True, tag="signature.attested"):
    """The slip was signed by hand, says the doer: by whom, and when if that is known (RFC 3339)."""

    id: str
    signed_by: str
    signed: str | None = None
    key: str | None = None
    content: str | None = None


class SignatureVoided(Event, frozen=True, tag="signature.voided"):
    """This version is wrong; it stays on record and another is needed."""

    id: str
    version: int
    reason: str
    key: str | None = None
    content: str | None = None


class SignatureUploaded(Event, frozen=True, tag="signature.uploaded"):
    """What became of the try number `attempt` to hand this version to the acquirer, says the doer."""

    id: str
    version: int
    state: UploadState
    attempt: int
    detail: str = ""


AnyEvent = (
    TransactionAccepted
    | CopyStarted
    | CopyPrinted
    | CopyFailed
    | CopyUnknown
    | CopySettled
    | ReprintRequested
    | ReprintAsked
    | ReprintDecided
    | ReprintRefused
    | RequestsRefused
    | ReprintCancelled
    | SignatureRequested
    | SignatureCaptured
    | SignatureMissing
    | SignatureAttested
    | SignatureVoided
    | SignatureUploaded
    | ExceptionOpened
    | ExceptionNoted
    | ExceptionAssigned
    | ExceptionEscalated
    | ExceptionOverdue
    | ExceptionWaived
    | ExceptionClosed
    | ExceptionsSwept
    | ShiftOpened
    | ShiftClosed
    | ShiftCarried
    | PinTried
    | PinChecked
    | PinCarried
    | DeviceChanged
    | DeviceCounted
    | SelftestChanged
    | ExportAcknowledged
    | ClockSuspect
    | ClockTrusted
)
