"""The methods about people's work: exceptions, shifts. `Client` has them with all others."""

from __future__ import annotations

import os
from abc import abstractmethod
from typing import TypeVar

from posd.domain import requests, views
from posd.domain.doer import Role
from posd.domain.people_events import Channel, Outcome

T = TypeVar("T")
_LETTERS = str.maketrans("0123456789", "ghijklmnop")


def new_key() -> str:
    """A fresh idempotency key: 16 random bytes as letters; digits in a row may look like a card number."""
    return os.urandom(16).hex().translate(_LETTERS)


class People:
    """What a connection to posd can do about exceptions and shifts; each raises PosdError."""

    @abstractmethod
    def call(self, method: str, params: object, result: type[T]) -> T:
        """Any method."""

    def note_exception(
        self, id: str, note: str = "", *, channel: Channel = "", outcome: Outcome = "", key: str | None = None
    ) -> views.ExceptionView:
        """Record what was done about an exception."""
        asked = requests.ExceptionNote(id, key or new_key(), note, channel, outcome)
        return self.call("exception.note", asked, views.ExceptionView)

    def assign_exception(self, id: str, role: Role) -> views.ExceptionView:
        """Say which role has to act."""
        return self.call("exception.assign", requests.ExceptionAssign(id, role), views.ExceptionView)

    def escalate_exception(self, id: str, reason: str) -> views.ExceptionView:
        """Hand it up to a supervisor."""
        return self.call("exception.escalate", requests.ExceptionEscalate(id, reason), views.ExceptionView)

    def waive_exception(self, id: str, reason: str) -> views.ExceptionView:
        """Let it be although it is not settled."""
        return self.call("exception.waive", requests.ExceptionWaive(id, reason), views.ExceptionView)

    def close_exception(self, id: str) -> views.ExceptionView:
        """Close what the facts have settled."""
        return self.call("exception.close", requests.ExceptionClose(id), views.ExceptionView)

    def shift(self) -> views.ShiftView:
        """The newest shift."""
        return self.call("shift.show", {}, views.ShiftView)

    def open_shift(self, operator: str, *, confirms: str | None = None, key: str | None = None) -> views.ShiftView:
        """Begin a shift; `confirms` is the id of the handover that was left."""
        return self.call("shift.open", requests.ShiftOpen(operator, key or new_key(), confirms), views.ShiftView)

    def close_shift(self, *, slip: bool = True, key: str | None = None) -> views.ShiftView:
        """Hand over."""
        return self.call("shift.close", requests.ShiftClose(key or new_key(), slip), views.ShiftView)

    def evidence(self, id: str, from_: int = 0) -> views.EvidencePage:
        """One page of what the journal holds about a transaction."""
        return self.call("evidence.export", requests.EvidenceExport(id, from_), views.EvidencePage)
