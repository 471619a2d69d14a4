"""Looking back: transactions that are in the state no more, out of the archive, off the loop.

Rules
- Whether a sale that comes is one of long ago is answered exactly, whatever time it says: the state has it, or the ring
  has records of it that are not archived yet, or the archive's names say that it may be there; then it is looked up.
- Until the names are known, which takes a moment after the start, a sale that the state does not have waits for them.
- A sale that is in the archive and cannot be read there is refused: to take it as new would print a second original.
  A sale that is new is stopped by no fault of the archive.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

from posd.desk import archived
from posd.desk.queries import numbered
from posd.desk.state import State
from posd.domain import views
from posd.domain.errors import Refusal
from posd.domain.events import AnyEvent, TransactionAccepted
from posd.domain.requests import Search

LOOKING_MAX = 16
log = logging.getLogger("posd.desk")
T = TypeVar("T")


class Ledger(Protocol):
    """What this needs of the journal. All but `may_have` read the disk, on any thread."""

    def may_have(self, sale_id: str) -> bool: ...
    def learn(self) -> None: ...
    def past(self, sale_id: str, parts: Sequence[int]) -> list[tuple[int, AnyEvent]]: ...
    def accepted(self, before: int) -> Iterator[tuple[int, TransactionAccepted]]: ...
    def numbered(self, receipt: str, parts: Sequence[int]) -> str | None: ...


class LookBack:
    """Looks for the desk, whose thread calls it. At most `LOOKING_MAX` look at a time; the others get `busy`."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._looking = 0
        self._learning: asyncio.Future[None] | None = None

    async def learn(self) -> None:
        """Have the archive's names; one thread reads them, whoever asks."""
        if self._learning is None:
            self._learning = asyncio.ensure_future(asyncio.to_thread(self._ledger.learn))
        await asyncio.shield(self._learning)

    async def transaction(self, sale_id: str, state: State) -> State | None:
        """A state of a transaction that is in `state` no more; None if it is not in the archive either. Refusal."""
        parts = tuple(state.parts.get(sale_id, ()))
        events = await self._read(lambda: self._ledger.past(sale_id, parts))
        return archived.fold(events, sale_id, state)

    async def sent_before(self, sale_id: str, state: State) -> State | None:
        """The same for a sale that comes, and that `archived.named` does not know to be new: None if it is. Refusal."""
        if sale_id not in state.parts:
            await self.learn()
            if sale_id in state.sales or not (sale_id in state.parts or self._ledger.may_have(sale_id)):
                return None
        try:
            return await self.transaction(sale_id, state)
        except Refusal as refusal:
            if refusal.kind == "busy":
                raise
            raise Refusal(
                "journal-damaged",
                f"Transaction {sale_id} is one of long ago, and its record in the archive cannot be read. Nothing was "
                "kept; restore the archive from a backup, or use a new id for a new sale.",
                field="transaction.id",
            ) from refusal

    async def by_number(self, number: str, state: State) -> tuple[str, State] | None:
        """The newest transaction with that receipt number that the archive has, and a state of it alone; None where
        `state` has one, or the archive has none. Refusal.
        """
        if numbered(state, number) is not None:
            return None
        parts = [seqs[0] for seqs in state.parts.values()]
        sale_id = await self._read(lambda: self._ledger.numbered(number, parts))
        alone = None if sale_id is None or sale_id in state.sales else await self.transaction(sale_id, state)
        return None if sale_id is None or alone is None else (sale_id, alone)

    async def search(self, request: Search, page: views.SearchResult, state: State) -> views.SearchResult:
        """The page, and what the archive has beside and behind it. Refusal."""
        known, ledger = frozenset(state.sales), self._ledger
        return await self._read(
            lambda: archived.search(request, page, known, ledger.accepted, lambda sale_id: ledger.past(sale_id, ()))
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
