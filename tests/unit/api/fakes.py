"""A desk and a journal that are nothing but memory, and a real server on a real Unix socket in a thread of its own."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import msgspec

from posd.api import listener
from posd.api.access import Rules
from posd.api.connection import Limits
from posd.api.server import Server
from posd.domain import requests, views
from posd.domain.doer import POSD, Doer
from posd.domain.errors import Refusal
from posd.domain.events import AnyEvent, CopyPrinted
from posd.domain.transaction import Transaction, check_complete
from tests.unit.domain.samples import sale

SALE = sale()
DEVICES = [
    views.DeviceView(
        "printer",
        "attention",
        ["paper-end"],
        "put in paper",
        "2026-11-21T02:10:00.000Z",
        {"path": "/dev/usb/lp0", "model": "TM-T88"},
        views.Statistics("TM-T88 J3Z0471", 1250, 51300, 1250, 187_480, 9_000_000, {"cover-open": 2, "paper-end": 7}),
    ),
    views.DeviceView("pad", "ready", [], "", "2026-11-21T02:00:00.000Z"),
    views.DeviceView("keypad", "absent", ["unplugged"], "no such device", "2026-11-21T02:00:00.000Z"),
]
JOURNAL = views.JournalView(
    "/var/lib/posd/journal", "ok", 67108864, 1048576, 0.0156, 1, 42, 42, 3, True, True, 0, 17, "ab" * 32
)
STATE = views.StateView(
    [
        views.CopyView(
            "merchant", 0, "none", "printed", "confirmed", None, "J1", "2026-11-21T02:15:31.000Z", "process-id"
        ),
        views.CopyView("customer", 0, "none", "unknown", None, "no-answer", "J2", "2026-11-21T02:15:32.000Z"),
    ],
    views.SignatureView("missing", "card", "customer", 1, "sent", 2),
    [
        views.ExceptionView(
            "X1", "20261121-0042", "unsigned", "customer", "walked away", "open", "2026-11-21T02:16:30.000Z"
        )
    ],
)


NOTE = views.NoteView("2026-11-21T03:00:00.000Z", "uid 1000 pid 4242", "phone", "promised", "comes tomorrow")


SHIFT = views.ShiftView(
    *("closed", "h911", "07", "2026-11-21T00:00:00.000Z", "2026-11-21T08:00:00.000Z"),
    lines=[views.ShiftLineView("CNY", "sale", "card", 31, "1299.50")],
    counts={"originals": 80, "copies": 2},
    open=["x105"],
    open_count=1,
    signing=["20261121-0042"],
    job="t912",
)


PRINTING = views.RequestStanding(
    request="r105",
    state="printing",
    id=SALE["id"],
    copy="customer",
    reason="lost",
    asked="2026-11-21T06:00:00.000Z",
    by="uid 1000 pid 42",
    job="000042-c1",
    number=1,
    changed="2026-11-21T06:00:01.000Z",
    prints_at="2026-11-21T14:00:05+08:00",
)
REFUSED = views.RequestStanding(
    request="r77",
    state="refused",
    id=SALE["id"],
    copy="merchant",
    reason="lost",
    asked="2026-11-21T06:00:00.000Z",
    by="key KEY_F1",
    kind="too-soon",
    message="The next copy of 20261121-0042 can be made at 2026-11-21T14:10:00+08:00. Nothing was printed.",
    until="2026-11-21T14:10:00+08:00",
)


def case(id: str) -> views.ExceptionView:
    """An exception that was followed up."""
    return views.ExceptionView(
        *(id, SALE["id"], "unsigned", "customer", "cancelled on the pad", "waived", "2026-11-21T02:16:30.000Z"),
        closed="2026-11-25T02:16:30.000Z",
        role="supervisor",
        due="2026-11-24T02:16:30.000Z",
        overdue=True,
        escalated=True,
        reason="below what a chargeback costs",
        notes=[NOTE],
    )


def event(number: int) -> AnyEvent:
    """An event that can be told from every other."""
    return CopyPrinted(
        time=1_795_227_330_000 + number,
        doer=POSD,
        id=f"T{number}",
        copy="customer",
        number=0,
        job=f"J{number}",
        proof="confirmed",
    )


class FakeDesk:
    """Answers like a desk; `asked` is what reached it. Set `hold` to keep answers back until `release` is set."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, Doer]] = []
        self.held: dict[str, views.Submitted] = {}
        self.release: asyncio.Event | None = None
        self.fail: Exception | None = None
        self.pages: Callable[[int], Any] = lambda _: None
        self.archive: dict[str, bytes] = {}
        self.preview_data = "iVBORw0KGgo="
        self.newest = 0
        self.under_way = 0
        self.under_way_max = 0

    def begin(self, request: Any, doer: Doer) -> asyncio.Future[Any]:
        return asyncio.get_running_loop().create_task(self.ask(request, doer))

    async def ask(self, request: Any, doer: Doer) -> Any:
        self.asked.append((request, doer))
        self.under_way += 1
        self.under_way_max = max(self.under_way, self.under_way_max)
        try:
            if self.release is not None:
                await self.release.wait()
            if self.fail is not None:
                raise self.fail
            return self._answer(request)
        finally:
            self.under_way -= 1

    def _answer(self, request: Any) -> Any:
        match request:
            case requests.Submit(transaction=transaction):
                check_complete(transaction)
                kept = self.held.get(transaction.id)
                self.held[transaction.id] = kept or views.Submitted(transaction.id, len(self.held) + 1, "0042", STATE)
                return self.held[transaction.id]
            case requests.Get(id=id):
                if id not in {"last", SALE["id"]}:
                    raise Refusal("not-found", f"there is no transaction {id}. Nothing was done.", field="id")
                sale = msgspec.convert(SALE, Transaction)
                return views.Found(SALE["id"], 7, "0042", "2026-11-21T02:15:30.500Z", "d1" * 32, STATE, sale)
            case requests.Search():
                rows = [
                    views.Summary(SALE["id"], 7, "0042", "sale", SALE["time"], "36.00", "CNY", "1234", STATE),
                    views.Summary("B-1", 3, "0041", "refund", SALE["time"], "1299.50", "CNY", None, STATE),
                ]
                rows = [row for row in rows if request.receipt in (None, row.receipt)]
                return views.SearchResult(rows[: request.limit], 3 if request.limit < 2 else None)
            case requests.ReprintAsk(reason="late"):
                raise Refusal(
                    "window-closed",
                    "the copy may no longer be printed. Nothing was printed; ask a supervisor.",
                    until="2026-10-01T00:00:00+08:00",
                    request="r77",
                )
            case requests.ReprintAsk(approval="wait"):
                return views.Reprinted("r105", 0, "waiting-approval")
            case requests.ReprintAsk():
                return views.Reprinted("J9", 1, "queued")
            case requests.ReprintApprove(job=job, approve=approve):
                return views.Reprinted("J9" if approve else job, 1, "queued" if approve else "declined")
            case requests.ReprintCancel(job=job):
                return views.Reprinted(job, 1, "cancelled")
            case requests.ReprintShow(request=name):
                return REFUSED if name == "r77" else PRINTING
            case requests.ReprintsWaiting():
                asked = ("r105", "20261121-0042", "000042", "customer", "torn", "500.00", "CNY")
                return views.RequestList([views.RequestView(*asked, "2026-11-21T06:00:00.000Z", "uid 1000 pid 42")])
            case requests.Settle(id=id):
                return views.Settled(id, STATE)
            case requests.Preview(format="png" | "pdf"):
                return views.Previewed(request.format, self.preview_data)
            case requests.Preview():
                return views.Previewed(request.format, "乌龙茶 Oolong   36.00\n")
            case requests.Terms(id=id):
                return views.TermsView(
                    id, True, "2026-12-21T10:15:30+08:00", 4, "none", None, None, "It may be reprinted 4 more times."
                )
            case requests.Resign():
                return views.Resigned("S1", 1, "awaiting")
            case requests.Skip(id=id):
                return views.SignatureStanding(id, STATE)
            case requests.Void(id=id):
                return views.Voided(id, 0 if id == "on-paper" else 1, None if id == "on-paper" else "S1", STATE)
            case requests.Attest(id=id) | requests.Uploaded(id=id):
                return views.SignatureStanding(id, STATE)
            case requests.SelftestAsk():
                return views.Selftested("t105", "queued")
            case requests.ClockConfirm():
                return views.ClockView("trusted", "2026-11-21T02:15:30.000Z", "2026-11-21T02:15:30.000Z")
            case requests.SignatureGet(id=id):
                return views.SignatureData(
                    id, 1, "2026-11-21T02:16:00.000Z", "d1" * 32, "1234ABCD", "strokes", request.format, "iVBORw0KGgo="
                )
            case requests.Backup(from_=first):
                page = self.pages(first)
                return views.BackupPage(
                    base64.b64encode(page.superblock).decode(),
                    page.first,
                    base64.b64encode(page.blocks).decode(),
                    f"{'ab' * 32}@42",
                )
            case requests.ArchiveRead(batch=None):
                sizes = enumerate(self.archive.items())
                return views.ArchivePage([views.ArchiveFileView(name, at, 0, len(data)) for at, (name, data) in sizes])
            case requests.ArchiveRead(batch=int(at), from_=first):
                return views.ArchivePage([], base64.b64encode(list(self.archive.values())[at][first:]).decode())
            case (
                requests.ExceptionNote(id=id)
                | requests.ExceptionAssign(id=id)
                | requests.ExceptionEscalate(id=id)
                | requests.ExceptionWaive(id=id)
                | requests.ExceptionClose(id=id)
            ):
                return case(id)
            case requests.ShiftOpen(operator=operator):
                return views.ShiftView("open", "h950", operator, "2026-11-21T06:00:00.000Z")
            case requests.ShiftClose() | requests.ShiftShow():
                return SHIFT
            case requests.EvidenceExport(id=id):
                return views.EvidencePage(id, False, [], [])
            case requests.ExceptionList():
                return views.ExceptionPage(list(STATE.exceptions))
        raise AssertionError(request)

    def status(self) -> views.Status:
        return views.Status(
            "degraded",
            "The printer is out of paper: put in a new roll.",
            DEVICES,
            JOURNAL,
            views.Counts(1, {"unsigned": 1}),
            "0.1.0",
            "T0000001",
            93784,
        )

    def devices(self) -> views.DeviceList:
        return views.DeviceList(DEVICES)

    def journal(self) -> views.JournalView:
        return JOURNAL

    def last_seq(self) -> int:
        return self.newest


class FakeEvents:
    """Events kept in memory from `first` on."""

    def __init__(self) -> None:
        self.kept: list[tuple[int, AnyEvent]] = []
        self.first = 1
        self.broken: Exception | None = None

    def replay(self, start: int) -> Iterator[tuple[int, AnyEvent]]:
        if self.broken is not None:
            raise self.broken
        if start < self.first:
            raise LookupError(start)
        for seq, kept in tuple(self.kept):
            if seq >= start:
                yield seq, kept

    def first_seq(self) -> int:
        return self.first


class Running:
    """A server on `path`, on a loop in its own thread; what the tests reach in for goes through `on_loop`."""

    def __init__(
        self, path: Path, *, rules: Rules | None = None, clients_max: int = 256, limits: Limits | None = None
    ) -> None:
        self.path = str(path)
        self.desk = FakeDesk()
        self.events = FakeEvents()
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()
        self.server: Server = self.on_loop(lambda: self._made(rules, clients_max, limits))
        self._run(self.server.start(listener.listen(self.path)))

    def _made(self, rules: Rules | None, clients_max: int, limits: Limits | None) -> Server:
        return Server(self.desk, self.events, terminal="T0000001", rules=rules, clients_max=clients_max, limits=limits)

    def _run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(20)

    def on_loop(self, work: Callable[[], Any]) -> Any:
        """Do it on the loop and give back what it gave."""
        done: Future[Any] = Future()

        def call() -> None:
            try:
                done.set_result(work())
            except Exception as error:
                done.set_exception(error)

        self.loop.call_soon_threadsafe(call)
        return done.result(20)

    def publish(self, *numbers: int) -> None:
        """Make events durable and publish them, in one turn of the loop."""

        def work() -> None:
            for number in numbers:
                self.events.kept.append((number, event(number)))
                self.desk.newest = number
                self.server.publish(number, event(number))

        self.on_loop(work)

    def hold(self) -> None:
        """Keep every answer of the desk back until `let_go`."""
        self.on_loop(lambda: setattr(self.desk, "release", asyncio.Event()))

    def let_go(self) -> None:
        self.on_loop(lambda: self.desk.release.set() if self.desk.release else None)

    def stop(self) -> None:
        self._run(self.server.close(deadline_s=2.0))
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(20)
        self.loop.close()


@contextlib.contextmanager
def short_folder() -> Iterator[Path]:
    """A folder whose path leaves room for a socket's name: those may have 107 bytes only."""
    with tempfile.TemporaryDirectory(prefix="posd", dir="/tmp") as folder:
        yield Path(folder)


class Raw:
    """A client that is nothing but a socket."""

    def __init__(self, path: str, timeout_s: float = 20.0) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(timeout_s)
        self.socket.connect(path)
        self.reader = self.socket.makefile("rb")

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def read(self) -> dict[str, Any]:
        """The next line as JSON; EOFError when the server closed."""
        line = self.reader.readline()
        if not line.endswith(b"\n"):
            raise EOFError(line)
        read: dict[str, Any] = json.loads(line)
        return read

    def ask(self, method: str, params: Any = None, id: Any = 1) -> dict[str, Any]:
        body = {"jsonrpc": "2.0", "id": id, "method": method}
        self.send(json.dumps(body if params is None else {**body, "params": params}).encode() + b"\n")
        return self.read()

    def close(self) -> None:
        self.reader.close()
        self.socket.close()
