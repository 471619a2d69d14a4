"""What stands behind the socket: the Protocols that the composition root fills."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Protocol

from posd.domain import views
from posd.domain.doer import Doer
from posd.domain.events import AnyEvent
from posd.domain.requests import AnyRequest


class Answers(Protocol):
    """Who answers. Called on the event loop only; nothing here may block it."""

    def begin(self, request: AnyRequest, doer: Doer) -> asyncio.Future[views.AnyResult]:
        """The desk's answer to come, given once what it says is durable. Refusal, at once or out of the future. May be
        cancelled when its deadline is over; what the desk has begun by then goes on, only the answer is lost.
        """

    def status(self) -> views.Status:
        """The one look at everything."""

    def devices(self) -> views.DeviceList:
        """The devices as they stand."""

    def journal(self) -> views.JournalView:
        """The journal as it stands."""

    def last_seq(self) -> int:
        """The newest durable sequence number; 0 when there is none."""


class EventSource(Protocol):
    """The durable events, oldest first. Called on the event loop only."""

    def replay(self, start: int) -> Iterator[tuple[int, AnyEvent]]:
        """Durable events with sequence number `start` and up, in order. LookupError when `start` left the ring. An
        iterator is never kept over an await.
        """

    def first_seq(self) -> int:
        """The oldest sequence number that is still kept."""
