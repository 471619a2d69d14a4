"""Each request goes to whoever can answer it: the desk, the pages, or what stands here of the whole.

What would change something is refused while the journal is read-only. A sale whose slip takes long to compose waits for
its composing on a thread, before the desk decides; so nobody else waits for it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection

import msgspec

from posd import __version__
from posd.config import TerminalSection
from posd.custody import Custody
from posd.desk import health
from posd.desk.pinned import pinned
from posd.desk.runner import Desk
from posd.domain import views
from posd.domain.device import DeviceName
from posd.domain.doer import Doer
from posd.domain.requests import AnyRequest, ArchiveRead, Backup, EvidenceExport, Submit
from posd.ledger import JournalLedger
from posd.pages import Pages
from posd.printer.compose import Composer


class Dispatcher:
    """What the api asks (api.ports.Answers). `devices`: those that are served."""

    def __init__(
        self,
        desk: Desk,
        ledger: JournalLedger,
        custody: Custody,
        pages: Pages,
        composer: Composer,
        terminal: TerminalSection,
        devices: Collection[DeviceName],
    ) -> None:
        self._desk = desk
        self._ledger = ledger
        self._custody = custody
        self._pages = pages
        self._composer = composer
        self._terminal = terminal
        self._devices = devices
        self._started_s = time.monotonic()

    def begin(self, request: AnyRequest, doer: Doer) -> asyncio.Future[views.AnyResult]:
        """As api.ports.Answers."""
        if isinstance(request, Backup | ArchiveRead | EvidenceExport):
            return asyncio.get_running_loop().create_task(self._pages.answer(request, doer))
        self._custody.check(request, self._desk.state.sales)
        if isinstance(request, Submit) and self._composer.slow(request.transaction):
            return asyncio.get_running_loop().create_task(self._composed_first(request, doer))
        return self._desk.begin(request, doer)

    async def _composed_first(self, request: Submit, doer: Doer) -> views.AnyResult:
        await asyncio.to_thread(self._composer.prepare, request.transaction, self._terminal.terminal())
        return await self._desk.begin(request, doer)

    def devices(self) -> views.DeviceList:
        """The devices as they stand."""
        return health.devices(self._desk.state, frozenset(self._devices))

    def journal(self) -> views.JournalView:
        """The journal as it stands, and what keeps its ring from moving on."""
        return msgspec.structs.replace(self._journal(), pins=pinned(self._desk.state))

    def _journal(self) -> views.JournalView:
        view = self._ledger.view(self._custody.advice)
        full = view.state == "ok" and not self._desk.takes_sales()
        return msgspec.structs.replace(view, state="full") if full else view

    def last_seq(self) -> int:
        """The newest durable sequence number."""
        return self._ledger.durable_seq()

    def status(self) -> views.Status:
        """The one look at everything."""
        state, journal = self._desk.state, self._journal()
        well, sentence = health.sentence(state, frozenset(self._devices), journal)
        return views.Status(
            state="ready" if well else "degraded",
            sentence=sentence,
            devices=self.devices().devices,
            journal=journal,
            exceptions=health.counts(state),
            version=__version__,
            terminal=self._terminal.id,
            uptime_s=int(time.monotonic() - self._started_s),
            clock="suspect" if state.skew_ms else "trusted",
            operator=state.shift.operator if state.shift is not None and state.shift.state == "open" else "",
        )
