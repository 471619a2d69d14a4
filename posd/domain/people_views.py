"""What posd answers about people's work: exceptions, shifts, evidence. The rest is in views.py."""

from __future__ import annotations

from typing import Literal

import msgspec

from posd.domain.doer import Role
from posd.domain.event import ExceptionKind
from posd.domain.people_events import Channel, Outcome
from posd.domain.signature import Cause
from posd.domain.slip import CopyName
from posd.domain.transaction import Type


class NoteView(msgspec.Struct, frozen=True):
    """What was done about an exception; `time` is RFC 3339."""

    time: str
    by: str
    channel: Channel
    outcome: Outcome
    note: str


class ExceptionView(msgspec.Struct, frozen=True):
    """One exception; `opened`, `closed` and `due` are RFC 3339 times. `role` has to act until `due`. `reason`: why it
    was closed or waived. `copy` and `number` name the slip, where it is one.
    """

    id: str
    transaction: str
    kind: ExceptionKind
    cause: Cause
    detail: str
    state: Literal["open", "closed", "waived"]
    opened: str
    closed: str | None = None
    role: Role = "cashier"
    due: str = ""
    overdue: bool = False
    escalated: bool = False
    reason: str = ""
    notes: list[NoteView] = []
    copy: CopyName | None = None
    number: int | None = None


class ExceptionPage(msgspec.Struct, frozen=True):
    """Oldest first; `next` goes into `after` for the following page, null at the end."""

    exceptions: list[ExceptionView]
    next: str | None = None


class ShiftLineView(msgspec.Struct, frozen=True):
    """What came in by one method of payment; `amount` is decimal text."""

    currency: str
    type: Type
    method: str
    count: int
    amount: str


class ShiftView(msgspec.Struct, frozen=True):
    """The newest shift. `closed`: its handover (`id`) waits for the next operator. `open` are the oldest exceptions
    that were open when it ended, or are now, `open_count` says how many there are; `signing` the transactions that were
    being signed when it ended; `job` the slip.
    """

    state: Literal["none", "open", "closed"]
    id: str
    operator: str
    opened: str
    closed: str | None = None
    lines: list[ShiftLineView] = []
    counts: dict[str, int] = {}
    open: list[str] = []
    open_count: int = 0
    signing: list[str] = []
    job: str | None = None


class Span(msgspec.Struct, frozen=True):
    """Records, by sequence number, both ends included."""

    first: int
    last: int


class EvidenceBatch(msgspec.Struct, frozen=True):
    """A batch of the journal: `chain` (hex) before it, `body` in base64; `anchor` is the chain behind it, `HEX@SEQ`."""

    sequence: int
    first: int
    flags: int
    count: int
    chain: str
    body: str
    anchor: str


class EvidenceRecord(msgspec.Struct, frozen=True):
    """A record of the transaction, or of a device at that time, and in which batch it stands. `digest` is the hex
    SHA-256 of its payload.
    """

    seq: int
    type: str
    time: str
    batch: int
    digest: str


class EvidencePage(msgspec.Struct, frozen=True):
    """Some records and the batches that have them; `looked` are the records that were looked through for states of
    devices; `next` goes into `from` for the following page, null at the end. Without `personal` the shop gives no
    content: no batch has a body.
    """

    id: str
    personal: bool
    records: list[EvidenceRecord]
    batches: list[EvidenceBatch]
    looked: list[Span] = []
    next: int | None = None
