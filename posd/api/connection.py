"""One client: its lines in, its answers out, its bounds.

Rules
- At most `in_flight` requests of a client are being answered; then its lines wait in the kernel. They also wait while
  it does not read its answers.
- Many small lines are taken in turns, so that one client never holds the loop.
- A client that leaves too much unread, or takes nothing while something waits for it (outgoing.py), is cut off with a
  line in the log. Nothing that it asked for is undone.
- A client that closes its side still gets every answer that it is owed; then the connection ends, and a subscription
  with it.
- The last requests of each client are kept, method and id only, and go to the log when something fails.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, Protocol, cast

from posd.api import access, framing, params, quick, wire
from posd.api.framing import Call, RpcError, TooLong
from posd.api.groups import Groups
from posd.api.method import Method
from posd.api.methods import METHODS
from posd.api.outgoing import Outgoing
from posd.api.ports import Answers
from posd.api.subscription import Subscription
from posd.api.under_way import Answer, UnderWay
from posd.domain import card_guard
from posd.domain.doer import Doer
from posd.domain.errors import Refusal
from posd.domain.requests import AnyRequest
from posd.domain.transaction import Strict

log = logging.getLogger("posd.api")
READ_BYTES = 64 << 10
FAULT = "a request of client %s failed inside posd; its last requests: %s"


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one client."""

    in_flight: int = 64
    output_bytes: int = 4 << 20
    stall_s: float = 5.0
    answer_s: float = 30.0
    lines_per_turn: int = 64
    drop_bytes: int = 16 << 20
    recent: int = 16


class House(Protocol):
    """What a connection needs of the server that it belongs to (server.py)."""

    answers: Answers
    rules: access.Rules
    groups: Groups
    clients_max: int
    subscriptions: set[Subscription]

    def admit(self, client: Connection) -> bool: ...
    def forget(self, client: Connection) -> None: ...
    def answer(self, method: Method, request: Strict, doer: Doer, client: Connection) -> object: ...


class Connection(asyncio.BufferedProtocol):
    """Made by the server for each client that connects."""

    _read = memoryview(bytearray(READ_BYTES))
    """Where all of them read to: what came is taken out at once, and nobody asks the kernel for memory for it."""

    def __init__(self, server: House, limits: Limits) -> None:
        self._server = server
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._lines = framing.LineSplitter()
        self._doer: Doer | None = None
        self._subscription: Subscription | None = None
        self._recent: deque[str] = deque(maxlen=limits.recent)
        self._tasks: set[asyncio.Task[None]] = set()
        self._out = Outgoing(limits.output_bytes, limits.stall_s, self.cut)
        self._under_way = UnderWay(limits.answer_s, self._came)
        self._held_back = False
        self._ended = False
        self._gone = False
        self._pump_is_due = False
        self._lost = asyncio.Event()

    # What the transport says.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Learn who it is; refuse one client too many."""
        self._transport = made = cast(asyncio.Transport, transport)
        self._out.begin(made)
        if not self._server.admit(self):
            self._send_error(
                RpcError(
                    wire.REFUSED,
                    f"posd serves at most {self._server.clients_max} clients at once. Nothing was done; close idle "
                    "connections or raise api.clients_max.",
                    kind="busy",
                )
            )
            made.close()
            return
        try:
            peer = access.peer_of(made.get_extra_info("socket"))
        except OSError as error:
            self.cut(f"its credentials cannot be read: {error}")
            return
        if self._server.rules.needs_groups(peer):
            self._track(self._learn_groups(peer))
        else:
            self._doer = access.doer_of(peer, self._server.rules.roles_of(peer))

    def get_buffer(self, _sizehint: int) -> memoryview:
        """Where to read to."""
        return self._read

    def buffer_updated(self, nbytes: int) -> None:
        """Take what came and work on it."""
        self._lines.feed(bytes(self._read[:nbytes]))
        if self._lines.dropped > self._limits.drop_bytes:
            self.cut(f"it sent a line of more than {self._limits.drop_bytes} bytes")
            return
        self._pump()

    def eof_received(self) -> bool:
        """The client will send no more; it may still read."""
        self._ended = True
        self._pump()
        return True

    def pause_writing(self) -> None:
        """Something waits for the client: watch that it takes it."""
        self._out.pause()

    def resume_writing(self) -> None:
        """The client took everything."""
        self._out.resume()
        self._pump()

    def connection_lost(self, _cause: Exception | None) -> None:
        """The client is gone. What it asked for goes on; its place is free when all of that is done."""
        self._gone = True
        self._lost.set()
        self._out.end()
        self.unsubscribe()
        self._leave_when_done()

    # What others ask of it.

    def send(self, line: bytes) -> None:
        """Write a line; the client is cut off if it has left too much unread."""
        self._out.send(line)

    def writable(self) -> bool:
        """Whether the client has taken everything so far."""
        return self._out.writable()

    async def wait_writable(self) -> None:
        """Until it has."""
        await self._out.wait_writable()

    def cut(self, why: str) -> None:
        """End the connection at once, with a line in the log."""
        if not self._gone and self._transport is not None:
            log.warning("client %s is cut off: %s; its last requests: %s", self._name(), why, self.recent())
            self._transport.abort()

    def recent(self) -> str:
        """The last requests, oldest first, as `method#id`."""
        return " ".join(self._recent) or "none"

    def unsubscribe(self) -> bool:
        """End the subscription; whether there was one."""
        ended, self._subscription = self._subscription, None
        if ended is not None:
            self._server.subscriptions.discard(ended)
            ended.end()
        return ended is not None

    async def finish(self) -> None:
        """Take no more requests, and end when the client has taken the last of the answers under way."""
        self._ended = True
        self._lines = framing.LineSplitter()
        if self._transport is not None:
            self._transport.pause_reading()
        while work := [*self._tasks, *self._under_way]:
            await asyncio.wait(work)
        self._close_when_done()
        await self._lost.wait()

    def abort(self) -> None:
        """Close without waiting, and drop what is under way."""
        for work in (*self._tasks, *self._under_way):
            work.cancel()
        if self._transport is not None:
            self._transport.abort()

    # How lines become answers.

    async def _learn_groups(self, peer: access.Peer) -> None:
        try:
            groups = await self._server.groups.of(peer)
        except Refusal as refusal:
            self._send_error(framing.rpc_error(refusal, None))
            assert self._transport is not None
            self._transport.close()
            return
        self._doer = access.doer_of(peer, self._server.rules.roles_of(peer, groups))
        self._pump()

    def _pump(self) -> None:
        """Work on the lines that are here, as far as the bounds allow; tell the transport whether more may come."""
        self._pump_is_due = False
        if self._gone or self._transport is None or self._transport.is_closing():
            return
        for _ in range(self._limits.lines_per_turn):
            full = len(self._under_way) >= self._limits.in_flight
            self._held_back = self._doer is None or full or not self._out.writable()
            if self._doer is None or self._held_back:
                self._transport.pause_reading()
                return
            line = self._lines.next_line()
            if line is None:
                self._starve()
                return
            self._take(line, self._doer)
            if self._transport.is_closing():
                return
        self._transport.pause_reading()
        if not self._pump_is_due:
            self._pump_is_due = True
            self._loop.call_soon(self._pump)

    def _starve(self) -> None:
        """No whole line is left: ask for more, or end."""
        assert self._transport is not None
        if not self._ended:
            self._transport.resume_reading()
            return
        if self._lines.rest().strip():
            self._lines = framing.LineSplitter()
            self._send_error(framing.cut_short())
        self._close_when_done()

    def _take(self, line: bytes | TooLong, doer: Doer) -> None:
        call: Call | None = None
        try:
            if isinstance(line, TooLong):
                raise framing.too_large()
            if not line.strip():
                return
            quickly = quick.taken(line)
            if quickly is not None:
                call, method, request = quickly
                self._recent.append(f"{call.method}#{call.id!r}")
                request = access.admitted(method, doer, request)
            else:
                call = framing.parse(line)
                method, request = self._prepared(call, doer)
            if method.source == "desk":
                self._under_way.add(call, self._server.answers.begin(cast(AnyRequest, request), doer))
                return
            self._answer(call, self._server.answer(method, request, doer, self))
            if method.source == "subscribe" and self._subscription is not None:
                self._subscription.start()
        except RpcError as error:
            self._fail(call, error)
        except Refusal as refusal:
            self._fail(call, framing.rpc_error(refusal, call.id if call else None))
        except Exception:
            log.exception(FAULT, self._name(), self.recent())
            self._fail(call, framing.broken(call))

    def _prepared(self, call: Call, doer: Doer) -> tuple[Method, Strict]:
        """The row and the typed request: the card guard first, for it may look at everything."""
        method = METHODS.get(call.method)
        shown = card_guard.masked(call.method)[:64]
        self._recent.append(f"{call.method if method else repr(shown)}#{call.id!r}")
        guarded = params.guarded(call.params)
        if method is None:
            raise RpcError(
                wire.METHOD_NOT_FOUND,
                f"posd has no method {shown!r}. Nothing was done; rpc.discover lists what it has.",
                id=call.id,
            )
        return method, access.admitted(method, doer, params.typed(guarded, method.params))

    def _came(self, call: Call, asked: Answer) -> None:
        """An answer, or what became of it."""
        if asked.cancelled():
            if self._transport is not None and not self._transport.is_closing():
                self._fail(call, framing.overdue(call, self._limits.answer_s))
        elif (error := asked.exception()) is None:
            self._answer(call, asked.result())
        elif isinstance(error, Refusal):
            self._fail(call, framing.rpc_error(error, call.id))
        else:
            log.error(FAULT, self._name(), self.recent(), exc_info=error)
            self._fail(call, framing.broken(call))
        if (self._held_back or self._ended) and not self._pump_is_due:
            self._pump_is_due = True
            self._loop.call_soon(self._pump)
        self._leave_when_done()

    def _answer(self, call: Call, result: object) -> None:
        if call.wants_answer:
            self._out.send(framing.reply_line(call.id, result))

    def _fail(self, call: Call | None, error: RpcError) -> None:
        if call is not None and not call.wants_answer:
            log.warning("a notification of client %s was refused and nobody is told: %r", self._name(), error.message)
            return
        self._send_error(error)

    def _send_error(self, error: RpcError) -> None:
        self._out.send(framing.failure_line(error))

    def subscribe(self, subscription: Subscription) -> None:
        """Take the place of an earlier subscription, if any. The server starts it behind the answer."""
        self.unsubscribe()
        self._subscription = subscription
        self._server.subscriptions.add(subscription)

    # Ends.

    def _track(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self.cut(f"posd failed at its work: {task.exception()!r}")
        self._leave_when_done()

    def _close_when_done(self) -> None:
        if self._ended and not self._under_way and self._transport is not None:
            self.unsubscribe()
            self._transport.close()

    def _leave_when_done(self) -> None:
        if self._gone and not self._tasks and not self._under_way:
            self._under_way.end()
            self._server.forget(self)

    def _name(self) -> str:
        return self._doer.words() if self._doer else "unknown"
