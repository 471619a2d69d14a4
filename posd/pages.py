"""Answers that come in pages and off the loop: backups, the archive's files, evidence. One page is read at a time."""

from __future__ import annotations

import asyncio
from functools import partial

from posd import evidence
from posd.config import EvidenceSection
from posd.custody import Custody
from posd.desk.runner import Desk
from posd.domain import views
from posd.domain.doer import Doer
from posd.domain.errors import Refusal
from posd.domain.requests import ArchiveRead, Backup, EvidenceExport, Get
from posd.journal import JournalError
from posd.ledger import JournalLedger


class Pages:
    """Reads what is asked for; on the loop, its work on threads."""

    def __init__(self, ledger: JournalLedger, desk: Desk, custody: Custody, evidence: EvidenceSection) -> None:
        self._ledger = ledger
        self._desk = desk
        self._custody = custody
        self._personal = evidence.personal == "whole"
        self._one_at_a_time = asyncio.Semaphore(1)

    async def answer(self, request: Backup | ArchiveRead | EvidenceExport, doer: Doer) -> views.AnyResult:
        """The page. Refusal."""
        if isinstance(request, EvidenceExport):
            return await self._evidence(request, doer)
        async with self._one_at_a_time:
            try:
                if isinstance(request, ArchiveRead):
                    return await asyncio.to_thread(self._ledger.archive_page, request)
                return await asyncio.to_thread(self._ledger.page, request.from_)
            except FileNotFoundError as error:
                raise Refusal("not-found", "The archive has no such file (any more).", field="batch") from error
            except (JournalError, OSError) as error:
                raise Refusal(self._custody.kind or "journal-failed", str(error)) from error

    async def _evidence(self, ask: EvidenceExport, doer: Doer) -> views.AnyResult:
        found = await self._desk.begin(Get(ask.id), doer)  # wherever it is
        assert isinstance(found, views.Found)
        state, durable = self._desk.state, self._ledger.durable_seq()
        sale, parts = state.sales.get(found.id), tuple(state.parts.get(found.id, ()))
        try:
            async with self._one_at_a_time:
                if sale is not None:
                    seqs = tuple(seq for seq in sale.records if seq <= durable)
                else:
                    past = await asyncio.to_thread(self._ledger.past, found.id, parts)
                    seqs = tuple(seq for seq, _ in past)
                page = partial(evidence.page, self._ledger, found.id, seqs, ask.from_, personal=self._personal)
                return await asyncio.to_thread(page)
        except (LookupError, JournalError, OSError) as error:
            raise Refusal(
                "journal-damaged", f"What the journal holds of it cannot be read: {error}. Nothing was changed."
            ) from error
