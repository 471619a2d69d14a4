"""The events about people's work: what is open and who sees to it, and whose shift it is. The rest is in events.py."""

from __future__ import annotations

from typing import Literal

import msgspec

from posd.domain.doer import Role
from posd.domain.event import Event, ExceptionKind
from posd.domain.signature import Cause
from posd.domain.slip import CopyName
from posd.domain.transaction import Type

Channel = Literal["", "phone", "message", "mail", "in-person", "other"]
"""How somebody was reached, or was to be; empty: nobody was."""
Outcome = Literal["", "reached", "not-reached", "promised", "refused", "other"]
"""What came of it."""


class ExceptionOpened(Event, frozen=True, tag="exception.opened"):
    """Something about a transaction is not as it should be; `copy` and `number` name the slip, where it is one. `due`:
    until when it is to be settled, milliseconds of trusted time; `role`: who has to act.
    """

    id: str
    transaction: str
    kind: ExceptionKind
    cause: Cause
    detail: str
    copy: CopyName | None = None
    number: int | None = None
    due: int = 0
    role: Role = "cashier"


class ExceptionNoted(Event, frozen=True, tag="exception.noted"):
    """What was done about it so far: over which channel somebody was asked, and what came of it."""

    id: str
    note: str
    transaction: str = ""
    channel: Channel = ""
    outcome: Outcome = ""
    key: str | None = None
    content: str | None = None


class ExceptionAssigned(Event, frozen=True, tag="exception.assigned"):
    """The role that has to act."""

    id: str
    role: str
    transaction: str = ""


class ExceptionEscalated(Event, frozen=True, tag="exception.escalated"):
    """Who had to act could not: a supervisor has to."""

    id: str
    reason: str
    transaction: str = ""
    role: Role = "supervisor"


class ExceptionOverdue(Event, frozen=True, tag="exception.overdue"):
    """Its deadline (`due`, milliseconds of trusted time) is over, and it is still open."""

    id: str
    due: int
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


class ExceptionsSwept(Event, frozen=True, tag="exceptions.swept"):
    """All transactions were compared with the list: so many of them, and so many exceptions opened and closed that had
    slipped through. `whole`: nothing was left for another sweep.
    """

    why: Literal["start", "shift", "daily"]
    seen: int
    opened: int = 0
    closed: int = 0
    whole: bool = True


class Taking(msgspec.Struct, frozen=True):
    """What came in (or went out, for refunds and voids) by one method of payment. `amount` in minor units."""

    currency: str
    type: Type
    method: str
    count: int
    amount: int


class ShiftOpened(Event, frozen=True, tag="shift.opened"):
    """An operator took the terminal over; `confirms`: and with it this handover."""

    operator: str
    confirms: str | None = None
    key: str | None = None
    content: str | None = None


class ShiftClosed(Event, frozen=True, tag="shift.closed"):
    """An operator handed it on: with the oldest exceptions that were open (`open_count` in all; 0 in records of an
    early posd, which named all of them), the transactions whose signature was just being given, what was taken, and how
    often what happened.
    """

    operator: str
    open_exceptions: tuple[str, ...] = ()
    open_count: int = 0
    id: str = ""
    opened: int = 0
    signing: tuple[str, ...] = ()
    lines: tuple[Taking, ...] = ()
    counts: dict[str, int] = msgspec.field(default_factory=dict)
    key: str | None = None
    content: str | None = None


class ShiftCarried(Event, frozen=True, tag="shift.carried"):
    """How the newest shift stands: its own records are about to leave the ring."""

    id: str
    operator: str
    state: Literal["open", "closed"]
    opened: int
    closed: int | None = None
    open_exceptions: tuple[str, ...] = ()
    open_count: int = 0
    signing: tuple[str, ...] = ()
    lines: tuple[Taking, ...] = ()
    counts: dict[str, int] = msgspec.field(default_factory=dict)
