"""Questions to the archive, asked beside the loop: it is on the disk, and reading it takes its time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

from posd.desk import archived
from posd.desk.state import State
from posd.domain import views
from posd.domain.errors import Refusal
from posd.domain.events import AnyEvent, TransactionAccepted
from posd.domain.requests import Search

LOOKING_MAX = 16
log = logging.getLogger("posd.desk")
T = TypeVar("T")


class Ledger(Protocol):
    """What this needs of the journal; on any thread."""

    def past(self, sale_id: str, parts: Sequence[int]) -> list[tuple[int, AnyEvent]]: ...
    def accepted(self, before: int) -> Iterator[tuple[int, TransactionAccepted]]: ...


class LookBack:
    """At most `LOOKING_MAX` look at a time; all others get the refusal `busy`."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._looking = 0

    async def transaction(self, sale_id: str, state: State) -> State | None:
        """A state of a transaction that is in `state` no more; None if it is not in the archive either. Refusal."""
        parts = tuple(state.parts.get(sale_id, ()))
        events = await self._read(lambda: self._ledger.past(sale_id, parts))
        return archived.fold(events, sale_id, state)

    async def search(self, request: Search, page: views.SearchResult, state: State) -> views.SearchResult:
        """The page, and what the archive has beside and behind it. Refusal."""
        known = frozenset(state.sales)
        return await self._read(
            lambda: archived.search(
                request, page, known, self._ledger.accepted, lambda sale_id: self._ledger.past(sale_id, ())
            )
        )

    async def _read(self, read: Callable[[], T]) -> T:
        if self._looking >= LOOKING_MAX:
            raise Refusal("busy", "Too many look into the archive. Nothing was changed; ask again in a moment.")
        self._looking += 1
        try:
            return await asyncio.to_thread(read)
        except (LookupError, OSError) as error:
            log.error("the archive: %s", error)
            raise Refusal(
                "not-found", f"The archive could not be read: {error}. Nothing was changed.", field="id"
            ) from error
        finally:
            self._looking -= 1
