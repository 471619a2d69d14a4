"""The journal's vocabulary: every event that can happen, as the journal keeps it.

State is a fold over these; an event says what happened, never what to do. Times are milliseconds since 1970 UTC and
never decide an order: the record id (`seq`) does. Names are public: they are the `type` of the socket's notifications.
A new field needs a default; a changed meaning needs a new version (domain/codec.py).
"""

from __future__ import annotations

from typing import Literal

import msgspec

from posd.domain.device import DeviceName, DeviceState, Drawing, Reason
from posd.domain.doer import Doer
from posd.domain.errors import Kind
from posd.domain.signature import Cause, Need
from posd.domain.slip import CopyName, Mark, Terminal
from posd.domain.transaction import Transaction

ExceptionKind = Literal["unprinted", "unknown", "unsigned", "wrong-signature"]


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    """Base of all events: when it was decided, by the box's clock, and who did it."""

    time: int
    doer: Doer


class TransactionAccepted(Event, frozen=True, tag="transaction.accepted"):
    """A till's transaction, masked, with all that its slips are made of. `digest`: hex SHA-256 (domain/codec.py,
    `content_digest`).
    """

    transaction: Transaction
    digest: str
    receipt: str
    terminal: Terminal
    copies: tuple[CopyName, ...]
    need: Need
    feature_code: str | None = None


class CopyStarted(Event, frozen=True, tag="copy.started"):
    """Durable before the first byte leaves. `body` stands in the first start of an original only; its digest in all."""

    id: str
    copy: CopyName
    number: int
    job: str
    mark: Mark
    body_digest: str
    body: bytes | None = None
    signature_version: int = 0


class CopyPrinted(Event, frozen=True, tag="copy.printed"):
    """The slip came out; `proof` says how that is known."""

    id: str
    copy: CopyName
    number: int
    job: str
    proof: Literal["confirmed", "assumed"]


class CopyFailed(Event, frozen=True, tag="copy.failed"):
    """Provably nothing came out."""

    id: str
    copy: CopyName
    number: int
    job: str
    cause: str


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
    """`key` and `content` are the caller's idempotency key and the digest of what was asked with it."""

    id: str
    copy: CopyName
    number: int
    job: str
    mark: Mark
    reason: str
    key: str | None = None
    content: str | None = None


class ReprintRefused(Event, frozen=True, tag="reprint.refused"):
    """A copy was asked for and refused; `kind`, `message` and `until` are what the asker was told."""

    id: str
    copy: CopyName
    reason: str
    kind: Kind
    message: str
    until: str | None = None
    key: str | None = None
    content: str | None = None


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
    """The slip was signed by hand, says the doer."""

    id: str
    signed_by: str


class SignatureVoided(Event, frozen=True, tag="signature.voided"):
    """This version is wrong; it stays on record and another is needed."""

    id: str
    version: int
    reason: str


class ExceptionOpened(Event, frozen=True, tag="exception.opened"):
    """Something about a transaction is not as it should be; `copy` and `number` name the slip, where it is one."""

    id: str
    transaction: str
    kind: ExceptionKind
    cause: Cause
    detail: str
    copy: CopyName | None = None
    number: int | None = None


class ExceptionNoted(Event, frozen=True, tag="exception.noted"):
    """What was done about it so far."""

    id: str
    note: str
    transaction: str = ""


class ExceptionAssigned(Event, frozen=True, tag="exception.assigned"):
    """The role that has to act."""

    id: str
    role: str
    transaction: str = ""


class ExceptionWaived(Event, frozen=True, tag="exception.waived"):
    """A supervisor let it be."""

    id: str
    reason: str
    transaction: str = ""


class ExceptionClosed(Event, frozen=True, tag="exception.closed"):
    """The facts settled it; `reason` says which."""

    id: str
    reason: str
    transaction: str = ""


class ShiftOpened(Event, frozen=True, tag="shift.opened"):
    """An operator took the terminal over."""

    operator: str


class ShiftClosed(Event, frozen=True, tag="shift.closed"):
    """An operator handed it on, with the exceptions that were open."""

    operator: str
    open_exceptions: tuple[str, ...] = ()


class DeviceChanged(Event, frozen=True, tag="device.changed"):
    """A device became another state or has other reasons."""

    device: DeviceName
    state: DeviceState
    reasons: tuple[Reason, ...] = ()
    detail: str = ""


class ExportAcknowledged(Event, frozen=True, tag="export.acknowledged"):
    """A receiver has everything up to this sequence number."""

    through: int


class ClockSuspect(Event, frozen=True, tag="clock.suspect"):
    """The wall clock stood behind the newest journal time or before the build date; `newest` is the newest trusted
    time, milliseconds.
    """

    newest: int


AnyEvent = (
    TransactionAccepted
    | CopyStarted
    | CopyPrinted
    | CopyFailed
    | CopyUnknown
    | CopySettled
    | ReprintRequested
    | ReprintRefused
    | ReprintCancelled
    | SignatureRequested
    | SignatureCaptured
    | SignatureMissing
    | SignatureAttested
    | SignatureVoided
    | ExceptionOpened
    | ExceptionNoted
    | ExceptionAssigned
    | ExceptionWaived
    | ExceptionClosed
    | ShiftOpened
    | ShiftClosed
    | DeviceChanged
    | ExportAcknowledged
    | ClockSuspect
)
