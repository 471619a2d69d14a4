"""A journal as a box has it after weeks: a ring that is full of sales which were printed and, each fourth, signed.

Made by the real desk, composer and journal in this process, with devices that answer at once and a disk whose writes
are not synced: what is measured is what becomes of such a journal, not the making of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from posd import config
from posd.daemon import JournalLedger, Pictures, now
from posd.desk.ports import Tools
from posd.desk.runner import Desk
from posd.desk.turn import Rules
from posd.domain.device import DeviceReport, Drawing, PrintJob, PrintOutcome, PrintStarted, SignOutcome, SignRequest
from posd.domain.doer import Doer
from posd.domain.requests import Submit
from posd.domain.transaction import Transaction
from posd.journal import Journal
from posd.journal.file import DiskFile, DiskStore
from posd.pad import image
from posd.pad.strokes import encode
from posd.printer.compose import Composer
from tests.bench.bench_signature import ink
from tests.bench.contenders import long_sale
from tests.scenario.box import sale

FULL = 0.97
TILL = Doer(kind="peer", uid=1000, gid=1000, pid=4242, roles=("till",))


def make(path: Path, size: str) -> int:
    """Make a journal of `size` at `path` and fill it; the number of its records."""
    return asyncio.run(_fill(path, config.size_bytes(size)))


async def _fill(path: Path, size: int) -> int:
    journal = Journal.open(path, size=size, mirror=True, port=_Store(path))
    loop = asyncio.get_running_loop()
    settings = config.parse("")
    ledger = JournalLedger(journal)
    composer = Composer(settings.printer.profile, settings.printer.width, cache(image.bitmap))
    desk = Desk(
        ledger,
        Rules(settings.terminal, settings.slip, settings.policy, settings.pad),
        Tools(composer, ledger.read, composer.compose_selftest),
        now,
        Pictures(settings.printer, settings.slip),
        lambda _seq, _event: None,
        _stop,
    )
    desk.printer, desk.pad = _Printer(desk), _Pad(desk)
    journal.start(lambda seq: loop.call_soon_threadsafe(desk.durable, seq), lambda failure: _stop(str(failure)))
    desk.boot(0)
    desk.tell(DeviceReport("printer", "ready"))
    desk.tell(DeviceReport("pad", "ready"))
    number = 0
    while journal.info().used < FULL * size:
        number += 1
        signed = number % 4 == 0
        given = sale(f"20261121-{number:06}") if signed else long_sale(f"20261121-{number:06}")
        await desk.ask(Submit(msgspec.convert(given, Transaction)), TILL)
        while desk.state.owed or desk.state.printing or desk.state.awaiting:
            await asyncio.sleep(0)
        if number % 100 == 0:
            desk.tick()
    info = journal.info()
    await asyncio.to_thread(journal.close)
    return info.last_id - info.first_id + 1


class _Printer:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def submit(self, job: PrintJob) -> None:
        loop = asyncio.get_running_loop()
        loop.call_soon(self._desk.tell, PrintStarted(job.job))
        loop.call_soon(self._desk.tell, PrintOutcome(job.job, "printed", "confirmed"))


class _Pad:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._drawing = Drawing("strokes", encode(ink()))

    def begin(self, request: SignRequest) -> None:
        outcome = SignOutcome(request.session, "captured", self._drawing)
        asyncio.get_running_loop().call_soon(self._desk.tell, outcome)

    def cancel(self, session: str) -> None:
        """Nothing is cancelled here."""


class _Unsynced(DiskFile):
    def commit(self, writes: Sequence[tuple[int, memoryview]]) -> None:
        for offset, data in writes:
            self.write(offset, data)


class _Store(DiskStore):
    def create(self, size: int) -> DiskFile:
        file: Any = super().create(size)
        file.__class__ = _Unsynced
        return file


def _stop(message: str) -> None:
    raise RuntimeError(message)
