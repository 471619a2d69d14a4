"""A small synchronous client: the standard library and the words of the wire, nothing else.

    import posd.client

    with posd.client.connect() as till:
        answer = till.submit({"id": "20261121-0042", "type": "sale", ...})
        print(answer.seq, answer.state.signature.state)

Rules
- One request at a time on one connection; a `Client` belongs to one thread. Make as many as you like.
- Every wait has a deadline (`timeout_s`). After a time-out or a lost connection the client is closed and says so at the
  next call; connecting again is the caller's. What was under way may have been kept: send the same with the same id or
  key, it is done once only.
- `reprint` and `resign` need an idempotency key. One is made when none is given; a caller that wants to be able to
  repeat after a time-out gives its own.
- `events` uses a connection of its own, so calls may be made while it is read.
- A refusal is a `PosdError` with posd's stable word in `kind`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Literal, TypeVar

import msgspec

from posd.api import wire
from posd.client.counter import Counter
from posd.client.line import Line
from posd.client.line import PosdError as PosdError
from posd.client.people import People
from posd.client.people import new_key as new_key
from posd.domain import requests, views
from posd.domain.signature import Cause, SignatureFormat
from posd.domain.slip import CopyName
from posd.domain.transaction import Transaction, Type

DEFAULT_SOCKET = wire.SOCKET
TIMEOUT_S = 35.0
"""Longer than posd's own deadline of an answer, so that posd's sentence is heard."""
T = TypeVar("T")


class Event(msgspec.Struct, frozen=True):
    """One event. `fields` holds what the type has of its own (docs/api.md).

    `type` is `lost` where the journal no longer had what was asked for: then `fields` has `from` and `through`, `seq`
    is the last one lost, and the next event follows behind it.
    """

    seq: int
    time: str
    type: str
    fields: dict[str, Any]


_incoming = msgspec.json.Decoder(wire.Incoming)


def _read(line: bytes) -> wire.Incoming:
    try:
        return _incoming.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise PosdError("protocol", f"what came is no answer of posd: {error}. The connection is given up.") from error


def connect(path: str = DEFAULT_SOCKET, timeout_s: float = TIMEOUT_S) -> Client:
    """A client of the posd at `path`; a context manager. PosdError `unreachable`."""
    return Client(path, timeout_s)


class Client(People, Counter):
    """A connection to posd. Each method is one of docs/api.md, typed; each raises PosdError."""

    def __init__(self, path: str = DEFAULT_SOCKET, timeout_s: float = TIMEOUT_S) -> None:
        self.path = path
        self._timeout_s = timeout_s
        self._line: Line | None = Line(path, timeout_s)
        self._calls = 0

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connection. A closed client answers every call with PosdError `disconnected`."""
        if self._line is not None:
            self._line.close()
            self._line = None

    def call(self, method: str, params: object, result: type[T]) -> T:
        """Any method: `params` a mapping or one of posd.domain.requests, `result` the type to read the answer as
        (`dict` for plain data).
        """
        if self._line is None:
            raise PosdError("disconnected", "this client is closed. Nothing was sent; connect again.")
        try:
            return _result(self._exchange(self._line, method, params), result)
        except PosdError as error:
            if error.code is None:
                self.close()
            raise

    def _exchange(self, line: Line, method: str, params: object) -> wire.Incoming:
        self._calls += 1
        line.send(_request(self._calls, method, params), self._timeout_s)
        ends = time.monotonic() + self._timeout_s
        while True:
            answer = _read(line.receive(ends - time.monotonic()))
            if answer.method is None and answer.id in {self._calls, None}:
                return answer

    def hello(self) -> views.Hello:
        """Who answers, and what this peer may do."""
        return self.call("posd.hello", {}, views.Hello)

    def status(self) -> views.Status:
        """The one look at everything."""
        return self.call("posd.status", {}, views.Status)

    def submit(self, transaction: Transaction | Mapping[str, Any]) -> views.Submitted:
        """Hand over a transaction. When this returns it is on the disk; the same id and content again gives the stored
        answer.
        """
        return self.call("transaction.submit", {"transaction": transaction}, views.Submitted)

    def get(self, id: str = "last") -> views.Found:
        """One transaction and its state."""
        return self.call("transaction.get", {"id": id}, views.Found)

    def search(
        self,
        *,
        since: str | None = None,
        until: str | None = None,
        type: Type | None = None,
        amount: str | None = None,
        last_four: str | None = None,
        receipt: str | None = None,
        open: bool | None = None,
        limit: int = 50,
        after: int | None = None,
    ) -> views.SearchResult:
        """One page of the transactions that meet all conditions, newest first; `after` is an earlier page's `next`."""
        asked = requests.Search(since, until, type, amount, last_four, receipt, open, limit, after)
        return self.call("transaction.search", asked, views.SearchResult)

    def reprint(
        self,
        id: str = "last",
        *,
        copy: CopyName = "customer",
        reason: str = "lost",
        key: str | None = None,
        amount: str | None = None,
        type: Type | None = None,
        last_four: str | None = None,
        receipt: str | None = None,
        wait_for_supervisor: bool = False,
        note: str = "",
        date: str | None = None,
    ) -> views.Reprinted:
        """Print a copy again. `note` says what `reason` does not. What else is stated must match the journal."""
        approval: Literal["refuse", "wait"] = "wait" if wait_for_supervisor else "refuse"
        stated = (amount, type, last_four, receipt, date)
        asked = requests.ReprintAsk(id, key or new_key(), copy, reason, *stated, approval=approval, note=note)
        return self.call("receipt.reprint", asked, views.Reprinted)

    def settle(self, id: str, copy: CopyName, number: int, printed: bool) -> views.Settled:
        """Say whether an unknown copy came out."""
        return self.call("receipt.settle", requests.Settle(id, copy, number, printed), views.Settled)

    def preview(
        self,
        id: str = "last",
        copy: CopyName = "customer",
        format: Literal["text", "png", "svg", "pdf"] = "text",
        number: int = 0,
    ) -> views.Previewed:
        """A copy without paper."""
        return self.call("receipt.preview", requests.Preview(id, copy, format, number), views.Previewed)

    def terms(self, id: str = "last", copy: CopyName = "customer") -> views.TermsView:
        """Until when and how often it may still be reprinted."""
        return self.call("receipt.terms", requests.Terms(id, copy), views.TermsView)

    def resign(self, id: str = "last", *, reason: str = "missing", key: str | None = None) -> views.Resigned:
        """Take a missing signature again."""
        return self.call("signature.resign", requests.Resign(id, key or new_key(), reason), views.Resigned)

    def skip(self, id: str, reason: str) -> views.SignatureStanding:
        """Wait for this signature no longer; the slip prints with a line to sign on."""
        return self.call("signature.skip", requests.Skip(id, reason), views.SignatureStanding)

    def void(self, id: str, reason: str, *, cause: Cause = "customer", key: str | None = None) -> views.Voided:
        """Say that the newest signature is wrong; the pad asks for another."""
        return self.call("signature.void", requests.Void(id, key or new_key(), reason, cause), views.Voided)

    def attest(
        self, id: str, signed_by: str, *, signed: str | None = None, key: str | None = None
    ) -> views.SignatureStanding:
        """Say that the slip was signed by hand."""
        request = requests.Attest(id, key or new_key(), signed_by, signed)
        return self.call("signature.attest", request, views.SignatureStanding)

    def uploaded(
        self,
        id: str,
        state: Literal["sent", "rejected", "failed"],
        *,
        version: int = 0,
        attempt: int | None = None,
        detail: str = "",
    ) -> views.SignatureStanding:
        """Say how handing a signature to the acquirer went."""
        request = requests.Uploaded(id, state, version, attempt, detail)
        return self.call("signature.uploaded", request, views.SignatureStanding)

    def signature(self, id: str = "last", format: SignatureFormat = "png", version: int = 0) -> views.SignatureData:
        """A captured signature; version 0 is the newest."""
        return self.call("signature.get", requests.SignatureGet(id, format, version), views.SignatureData)

    def exceptions(
        self, state: Literal["open", "closed", "waived", "all"] = "open", limit: int = 200, after: str | None = None
    ) -> views.ExceptionPage:
        """One page of what did not end as it should."""
        return self.call("exception.list", requests.ExceptionList(state, limit, after), views.ExceptionPage)

    def devices(self) -> views.DeviceList:
        """Printer, pad and keypad."""
        return self.call("device.list", {}, views.DeviceList)

    def selftest(self, *, key: str | None = None) -> views.Selftested:
        """Print the printer's self-test slip, or, with the key of an earlier one, ask how that stands."""
        return self.call("device.selftest", requests.SelftestAsk(key or new_key()), views.Selftested)

    def confirm_clock(self) -> views.ClockView:
        """Say that the box's clock is right."""
        return self.call("clock.confirm", {}, views.ClockView)

    def journal(self) -> views.JournalView:
        """How the journal stands."""
        return self.call("journal.info", {}, views.JournalView)

    def backup(self, from_: int = 0) -> views.BackupPage:
        """One page of a backup of the journal, from this block on."""
        return self.call("journal.backup", requests.Backup(from_), views.BackupPage)

    def archive(self, batch: int | None = None, turn: int = 0, from_: int = 0) -> views.ArchivePage:
        """The archive's files, or some bytes of the one that begins with this batch, from this byte on."""
        return self.call("journal.archive", requests.ArchiveRead(batch, turn, from_), views.ArchivePage)

    def events(self, from_: int | None = None, *, idle_s: float | None = None) -> Iterator[Event]:
        """Events from sequence number `from_` on (None: only new ones), each once, in order, then live.

        Ends after `idle_s` seconds without an event, never if None. PosdError `disconnected` when posd goes away: go on
        with `from_` one past the last `seq` that was read. Subscribed at once, not at the first step of the iteration.
        """
        line = Line(self.path, self._timeout_s)
        try:
            line.send(_request(1, "events.subscribe", {} if from_ is None else {"from": from_}), self._timeout_s)
            subscribed = _result(_read(line.receive(self._timeout_s)), views.Subscribed)
        except BaseException:
            line.close()
            raise
        return _events(line, subscribed, idle_s)


def _events(line: Line, subscribed: views.Subscribed, idle_s: float | None) -> Iterator[Event]:
    try:
        if subscribed.lost is not None:
            yield _lost(*subscribed.lost)
        while True:
            try:
                told = _read(line.receive(idle_s))
            except PosdError as error:
                if error.kind == "no-answer":
                    return
                raise
            if told.method is None:
                continue
            params: dict[str, Any] = msgspec.json.decode(told.params)
            if told.method == wire.EVENT:
                yield Event(params.pop("seq"), params.pop("time"), params.pop("type"), params)
            elif told.method == wire.EVENTS_LOST:
                yield _lost(params["from"], params["through"])
    finally:
        line.close()


def _lost(first: int, last: int) -> Event:
    return Event(last, "", "lost", {"from": first, "through": last})


def _request(id: int, method: str, params: object) -> bytes:
    return msgspec.json.encode({"jsonrpc": "2.0", "id": id, "method": method, "params": params}) + b"\n"


def _result(answer: wire.Incoming, shape: type[T]) -> T:
    if answer.error is not None:
        data = answer.error.data or wire.ErrorData()
        kind = data.kind or {wire.METHOD_NOT_FOUND: "unsupported", wire.INTERNAL_ERROR: "internal"}.get(
            answer.error.code, "invalid"
        )
        raise PosdError(kind, answer.error.message, data.field, data.until, answer.error.code, data.request)
    if not bytes(answer.result):
        raise PosdError("protocol", "the answer has neither a result nor an error. The connection is given up.")
    try:
        return msgspec.json.decode(answer.result, type=shape)
    except msgspec.ValidationError as error:
        raise PosdError("protocol", f"this posd answers in another shape than this client knows: {error}.") from error
