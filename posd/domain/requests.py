"""What a client may ask: the parameters of each method, as strict shapes.

`transaction.submit` takes `Submit`, `receipt.reprint` takes `ReprintAsk`, and so on; the method table is in
api/methods.py. Results are in domain/views.py.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from posd.domain.doer import Role
from posd.domain.people_events import Channel, Outcome
from posd.domain.signature import Cause, SignatureFormat
from posd.domain.slip import CopyName
from posd.domain.transaction import END, Amount, Note, Strict, Transaction, Type, Word

Key = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[\x21-\x7e]+" + END)]
Id = Annotated[
    str,
    msgspec.Meta(
        min_length=1, max_length=64, pattern=r"^[\x21-\x7e]+" + END, description='a transaction id, or "last"'
    ),
]


class Nothing(Strict, frozen=True):
    """No parameters."""


class Submit(Strict, frozen=True):
    """A transaction to keep, print and have signed. Sending it again is safe."""

    transaction: Transaction


class Get(Strict, frozen=True):
    """`id` is a transaction id or `last`."""

    id: Id


class Search(Strict, frozen=True):
    """All given conditions must hold. `since` and `until` are RFC 3339 times; `after` is the `next` of an earlier
    answer.
    """

    since: Word | None = None
    until: Word | None = None
    type: Type | None = None
    amount: Amount | None = None
    last_four: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}" + END)] | None = None
    receipt: Word | None = None
    open: bool | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] = 50
    after: int | None = None


class ReprintAsk(Strict, frozen=True):
    """`id` is a transaction id or `last`. `reason` is a word of the shop's list, or any text where it has none; `note`
    says more. What else is stated (`amount`, `type`, `last_four`, `receipt`, the `date` of the sale) must match the
    journal. `approval`: where a supervisor is needed, be refused, or wait for one.
    """

    id: Id
    key: Key
    copy: CopyName = "customer"
    reason: Annotated[Note, msgspec.Meta(min_length=1)] = "lost"
    amount: Amount | None = None
    type: Type | None = None
    last_four: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}" + END)] | None = None
    receipt: Word | None = None
    date: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}" + END)] | None = None
    approval: Literal["refuse", "wait"] = "refuse"
    note: Note = ""


class ReprintDenied(Strict, frozen=True):
    """A copy that was asked for by somebody whose roles do not allow it. No method, but the socket's own word, so that
    it is on record like any other refusal. `message` is what the asker is told.
    """

    ask: ReprintAsk
    message: str


class ReprintCancel(Strict, frozen=True):
    """`job` is that of a copy, or of a request that waits for a supervisor."""

    job: Word


class ReprintApprove(Strict, frozen=True):
    """A supervisor's word on a request that waits: `job` is what the asker was told."""

    job: Word
    approve: bool = True


class ReprintShow(Strict, frozen=True):
    """How a request for a copy stands: `request` is its name, or the job of its copy."""

    request: Word


class ReprintsWaiting(Strict, frozen=True):
    """Which copies wait for a supervisor."""


class Settle(Strict, frozen=True):
    """A person says whether an unknown copy came out."""

    id: Id
    copy: CopyName
    number: Annotated[int, msgspec.Meta(ge=0)]
    printed: bool


class Preview(Strict, frozen=True):
    """A picture of the original of a copy, from the bytes that go to the printer."""

    id: Id
    copy: CopyName = "customer"
    format: Literal["text", "png", "svg", "pdf"] = "text"
    number: Annotated[int, msgspec.Meta(ge=0)] = 0


class Terms(Strict, frozen=True):
    """Until when, how often and with whose approval a copy may still be made."""

    id: Id
    copy: CopyName = "customer"


class Resign(Strict, frozen=True):
    """Take a missing signature again. `id` is a transaction's id, that of the exception about it, or `last`: the newest
    that misses one.
    """

    id: Id
    key: Key
    reason: Annotated[Note, msgspec.Meta(min_length=1)] = "missing"


class Skip(Strict, frozen=True):
    """Wait for this signature no longer: the merchant copy prints with a line to sign on, and the exception says that
    somebody of the shop decided so.
    """

    id: Id
    reason: Annotated[Note, msgspec.Meta(min_length=1)]


class Void(Strict, frozen=True):
    """The newest signature is wrong: another is needed. `cause` is whose doing it was."""

    id: Id
    key: Key
    reason: Annotated[Note, msgspec.Meta(min_length=1)]
    cause: Cause = "customer"


class Attest(Strict, frozen=True):
    """The slip was signed by hand. `signed`: when, in RFC 3339."""

    id: Id
    key: Key
    signed_by: Annotated[Note, msgspec.Meta(min_length=1)]
    signed: Word | None = None


class Uploaded(Strict, frozen=True):
    """What became of handing a signature to the acquirer. `version` 0 is the newest. `attempt` is the caller's count,
    so that telling it twice counts once; without it this is one more.
    """

    id: Id
    state: Literal["sent", "rejected", "failed"]
    version: Annotated[int, msgspec.Meta(ge=0)] = 0
    attempt: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] | None = None
    detail: Note = ""


class SelftestAsk(Strict, frozen=True):
    """Print the self-test slip."""

    key: Key
    device: Literal["printer"] = "printer"


class ClockConfirm(Strict, frozen=True):
    """A person says that the box's clock is right."""


class SignatureGet(Strict, frozen=True):
    """`version` 0 is the newest."""

    id: Id
    format: SignatureFormat = "png"
    version: Annotated[int, msgspec.Meta(ge=0)] = 0


XId = Annotated[str, msgspec.Meta(pattern=r"^x[0-9]{1,18}" + END, description="an exception's id")]


class ExceptionList(Strict, frozen=True):
    """`after` is the `next` of an earlier answer."""

    state: Literal["open", "closed", "waived", "all"] = "open"
    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 200
    after: XId | None = None


class ExceptionNote(Strict, frozen=True):
    """What was done about an exception: whom somebody tried to reach, and what came of it. At least one of `note`,
    `channel`, `outcome`.
    """

    id: XId
    key: Key
    note: Note = ""
    channel: Channel = ""
    outcome: Outcome = ""


class ExceptionAssign(Strict, frozen=True):
    """Who has to act."""

    id: XId
    role: Role


class ExceptionEscalate(Strict, frozen=True):
    """A supervisor has to act."""

    id: XId
    reason: Annotated[Note, msgspec.Meta(min_length=1)]


class ExceptionWaive(Strict, frozen=True):
    """A supervisor lets it be."""

    id: XId
    reason: Annotated[Note, msgspec.Meta(min_length=1)]


class ExceptionClose(Strict, frozen=True):
    """It is settled."""

    id: XId


class ShiftOpen(Strict, frozen=True):
    """An operator begins. `confirms`: the id of the handover of the shift before, which must be named."""

    operator: Word
    key: Key
    confirms: Annotated[str, msgspec.Meta(pattern=r"^h[0-9]{1,18}" + END)] | None = None


class ShiftClose(Strict, frozen=True):
    """An operator hands over. `slip`: print the handover too."""

    key: Key
    slip: bool = True


class ShiftShow(Strict, frozen=True):
    """The newest shift."""


class EvidenceExport(Strict, frozen=True):
    """A page of the journal's evidence about a transaction. `from`: the first sequence number wanted, as the page
    before says; 0 at the beginning.
    """

    id: Id
    from_: Annotated[int, msgspec.Meta(ge=0)] = msgspec.field(default=0, name="from")


class Backup(Strict, frozen=True):
    """One page of a backup. `from`: the first block wanted, such as the one behind the last page; 0 is the oldest."""

    from_: Annotated[int, msgspec.Meta(ge=0)] = msgspec.field(default=0, name="from")


class ArchiveRead(Strict, frozen=True):
    """`batch` and `turn` name one of the archive's files, `from` a byte of it. Without a batch: which there are. (Their
    names have so many digits that the card guard masks them in a request.)
    """

    batch: Annotated[int, msgspec.Meta(ge=0)] | None = None
    turn: Annotated[int, msgspec.Meta(ge=0)] = 0
    from_: Annotated[int, msgspec.Meta(ge=0)] = msgspec.field(default=0, name="from")


class Subscribe(Strict, frozen=True):
    """`from`: replay from this sequence number, then go on live. Without it: live only. `strokes`: also what is being
    drawn on the pad, for who may see signatures. `keypad`: also where the keypad stands.
    """

    from_: Annotated[int, msgspec.Meta(ge=0)] | None = msgspec.field(default=None, name="from")
    strokes: bool = False
    keypad: bool = False


AnyRequest = (
    Submit
    | Get
    | Search
    | ReprintAsk
    | ReprintDenied
    | ReprintCancel
    | ReprintApprove
    | ReprintsWaiting
    | ReprintShow
    | Settle
    | Preview
    | Terms
    | Resign
    | Skip
    | Void
    | Attest
    | Uploaded
    | SignatureGet
    | SelftestAsk
    | ClockConfirm
    | ExceptionList
    | ExceptionNote
    | ExceptionAssign
    | ExceptionEscalate
    | ExceptionWaive
    | ExceptionClose
    | ShiftOpen
    | ShiftClose
    | ShiftShow
    | EvidenceExport
    | Backup
    | ArchiveRead
)
"""What takes its time to answer: the desk's, and a page of a backup or of the archive. The rest (hello, status,
devices, journal, subscriptions) comes from the api's own sources.
"""
