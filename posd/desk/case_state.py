"""What the fold keeps of exceptions (casework.py has the rules)."""

from __future__ import annotations

from typing import Literal, NamedTuple

from msgspec import Struct, field

from posd.domain.doer import Role
from posd.domain.event import ExceptionKind
from posd.domain.people_events import Channel, Outcome
from posd.domain.signature import Cause
from posd.domain.slip import CopyName

NOTES_MAX = 50
"""So many notes an exception may have."""


class Noted(NamedTuple):
    """What somebody did about an exception."""

    time_ms: int
    by: str
    channel: Channel
    outcome: Outcome
    note: str


class OpenItem(Struct):
    """An exception: what is not as it should be with a transaction, until it is closed or waived. `due_ms` is its
    deadline in trusted time, 0 in records of an early posd.
    """

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
    due_ms: int = 0
    role: Role = "cashier"
    overdue: bool = False
    escalated: bool = False
    reason: str = ""
    notes: tuple[Noted, ...] = ()


class Sweep(Struct):
    """A sweep under way: the transactions that are still to be looked at, the next one last, and what was found."""

    why: Literal["start", "shift", "daily"]
    left: list[str] = field(default_factory=list)
    seen: int = 0
    opened: int = 0
    closed: int = 0
