"""What posd answers about copies that are asked for at the counter. The rest is in views.py."""

from __future__ import annotations

from typing import Literal

import msgspec

from posd.domain.copies import CopyState
from posd.domain.errors import Kind
from posd.domain.slip import CopyName


class Reprinted(msgspec.Struct, frozen=True):
    """The copy that answers the request: its job, its number and how it stands. While it waits for a supervisor it has
    no number, and `job` names the request. `prints_at` (RFC 3339) is about when it will be out, null if it is.
    `request` names the request in both cases (`receipt.request`).
    """

    job: str
    number: int
    state: CopyState | Literal["waiting-approval", "declined", "expired"]
    prints_at: str | None = None
    request: str = ""


RequestState = Literal[
    "refused",
    "waiting-approval",
    "declined",
    "expired",
    "queued",
    "printing",
    "done",
    "unknown",
    "cancelled",
]


class RequestStanding(msgspec.Struct, frozen=True, kw_only=True):
    """How a request for a copy stands, from asking until the copy is in the hand. `kind`, `message`, `until` are what a
    refused one was told; `job`, `number`, `changed`, `prints_at` are those of its copy. Times are RFC 3339.
    """

    request: str
    state: RequestState
    id: str
    copy: CopyName
    reason: str
    asked: str
    by: str
    note: str = ""
    kind: Kind | None = None
    message: str = ""
    until: str | None = None
    job: str | None = None
    number: int = 0
    changed: str | None = None
    prints_at: str | None = None


class CopyOf(msgspec.Struct, frozen=True):
    """What a copy is of, and why it was made: the original's job, the newest record before it (0 in records of an early
    posd), the name of the request, who asked and why.
    """

    original: str
    point: int
    request: str
    reason: str
    note: str
    by: str


class ReasonView(msgspec.Struct, frozen=True):
    """A reason that this shop knows, in both languages. `note`: it needs a note that says more."""

    reason: str
    zh_CN: str  # the locale's name, as in templates
    en: str
    note: bool


class TermsView(msgspec.Struct, frozen=True):
    """Until when and how often a copy may still be reprinted, and who must approve. `sentence` says it to a person.
    `rule` names the shop's rule that decides; `one_press`: a press of the keypad's key need not be confirmed.
    `reasons`: those that may be given; none: any text.
    """

    id: str
    allowed: bool
    until: str
    copies_left: int
    approval: Literal["none", "supervisor"]
    next_at: str | None
    refusal: str | None
    sentence: str
    rule: str = "default"
    one_press: bool = True
    reasons: list[ReasonView] = []


class RequestView(msgspec.Struct, frozen=True):
    """One copy that waits for a supervisor: of what, why, since when (RFC 3339), and who asked."""

    job: str
    id: str
    receipt: str
    copy: CopyName
    reason: str
    total: str
    currency: str
    asked: str
    by: str
    note: str = ""


class RequestList(msgspec.Struct, frozen=True):
    """Oldest first."""

    requests: list[RequestView]
