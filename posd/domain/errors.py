"""The refusals that a caller may meet, each with a stable word.

A `Refusal` is an answer, not a fault: it says what happened, what was kept and what to do, and changes nothing.
The words are public (`data.kind` on the socket); scripts and tills branch on them.
"""

from __future__ import annotations

from typing import Literal, get_args

Kind = Literal[
    "conflict",
    "not-found",
    "incomplete",
    "card-data",
    "denied",
    "needs-supervisor",
    "window-closed",
    "copies-spent",
    "too-soon",
    "busy-hours",
    "mismatch",
    "device-absent",
    "device-fault",
    "busy",
    "cancelled",
    "journal-full",
    "journal-damaged",
    "journal-failed",
    "too-large",
    "unsupported",
    "invalid",
]
"""`invalid` goes out as JSON-RPC's own -32602 (wrong type, unknown field, bad value); all others as -32000."""

KINDS: tuple[str, ...] = get_args(Kind)


class Refusal(Exception):
    """A request that is refused.

    `kind` is one of `KINDS`; `message` is a whole sentence for a person; `field` is the path of the field at fault,
    such as `transaction.items[2].amount`; `until` is an RFC 3339 time from or until which the answer would differ.
    `request` names the refused request for a copy where the journal has it (`receipt.request`).
    """

    def __init__(
        self,
        kind: Kind,
        message: str,
        *,
        field: str | None = None,
        until: str | None = None,
        request: str | None = None,
    ) -> None:
        super().__init__(message)
        self.kind: Kind = kind
        self.message = message
        self.field = field
        self.until = until
        self.request = request
