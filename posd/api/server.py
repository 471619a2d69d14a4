"""The server: takes clients, knows the subscribers, ends in order.

Everything here runs on one event loop. `publish` is called for each durable event in order of its sequence number,
after the desk has applied it; a subscriber gets each of them once (subscription.py). A client's place counts until the
last of its requests is answered, so that at most `clients_max` times `Limits.in_flight` requests can ever be under way.
"""

from __future__ import annotations

import asyncio
import logging
import socket

from posd import __version__
from posd.api import access, listener, openrpc
from posd.api.connection import Connection, Limits
from posd.api.groups import Groups
from posd.api.method import Method
from posd.api.methods import METHODS
from posd.api.notices import event_line, keypad_line, live_line
from posd.api.ports import Answers, EventSource
from posd.api.subscription import Log, Subscription
from posd.domain import requests, views
from posd.domain.device import KeypadShown, LiveInk
from posd.domain.doer import Doer
from posd.domain.errors import Refusal
from posd.domain.events import AnyEvent
from posd.domain.transaction import Strict

log = logging.getLogger("posd.api")


class Server:
    """One listening socket and its clients."""

    def __init__(
        self,
        answers: Answers,
        events: EventSource,
        *,
        terminal: str,
        rules: access.Rules | None = None,
        clients_max: int = 256,
        limits: Limits | None = None,
    ) -> None:
        self.answers = answers
        self.rules = rules or access.Rules({})
        self.groups = Groups()
        self.clients_max = clients_max
        self.subscriptions: set[Subscription] = set()
        self._terminal = terminal
        self._limits = limits or Limits()
        self._log = Log(events, answers.last_seq())
        self._clients: set[Connection] = set()
        self._server: asyncio.Server | None = None
        self._file: tuple[str, tuple[int, int] | None] | None = None

    async def start(self, listening: socket.socket, *, activated: bool = False) -> None:
        """Serve on a listening socket (`listener.listen(path)`, or an `activated` one whose file is the service
        manager's) until `close`.
        """
        listening.setblocking(False)
        if not activated:
            self._file = (str(listening.getsockname()), listener.identity(listening))
        loop = asyncio.get_running_loop()
        self._server = await loop.create_unix_server(
            lambda: Connection(self, self._limits), sock=listening, backlog=listener.BACKLOG
        )

    def publish(self, seq: int, event: AnyEvent) -> None:
        """An event is durable. Called in order of `seq`, on the loop."""
        assert seq > self._log.published, f"event {seq} was published after {self._log.published}"
        self._log.published = seq
        if self.subscriptions:
            line = event_line(seq, event)
            for subscription in tuple(self.subscriptions):
                subscription.offer(seq, line)

    def watched(self) -> bool:
        """Whether a subscriber wants to see what is being drawn."""
        return any(subscription.strokes for subscription in self.subscriptions)

    def show(self, transaction: str, ink: LiveInk) -> None:
        """Something was drawn on the pad for this transaction."""
        line = live_line(transaction, ink)
        for subscription in tuple(self.subscriptions):
            subscription.show(line)

    def show_keypad(self, shown: KeypadShown) -> None:
        """The keypad stands somewhere else, or the desk said something there."""
        line = keypad_line(shown)
        for subscription in tuple(self.subscriptions):
            subscription.show_keypad(line)

    async def close(self, deadline_s: float = 5.0) -> None:
        """Take no new clients or requests, give the answers under way `deadline_s` to go out, then end what is left.
        Removes its own socket file.
        """
        if self._server is not None:
            self._server.close()
        if self._file is not None:
            listener.remove(*self._file)
            self._file = None
        finishing = [asyncio.ensure_future(client.finish()) for client in tuple(self._clients)]
        if finishing:
            await asyncio.wait(finishing, timeout=deadline_s)
        for task in finishing:
            task.cancel()
        for client in tuple(self._clients):
            client.abort()

    @property
    def clients(self) -> int:
        """Clients that are connected, or still being answered."""
        return len(self._clients)

    def dump(self) -> list[str]:
        """The last requests of each client, methods and ids only: for the log when posd fails."""
        return [client.recent() for client in self._clients]

    # What connections ask of it.

    def admit(self, client: Connection) -> bool:
        """Count a new client in, unless there is no place."""
        if len(self._clients) >= self.clients_max:
            log.warning("a client was turned away: %d are connected, which is api.clients_max", len(self._clients))
            return False
        self._clients.add(client)
        return True

    def forget(self, client: Connection) -> None:
        """Free a client's place."""
        self._clients.discard(client)

    def answer(self, method: Method, request: Strict, doer: Doer, client: Connection) -> object:
        """What the api answers from its own sources, at once. Refusal."""
        match method.source:
            case "hello":
                held = access.methods_of(doer.roles)
                return views.Hello("posd", __version__, self._terminal, self._log.published, list(doer.roles), held)
            case "status":
                return self.answers.status()
            case "devices":
                return self.answers.devices()
            case "journal":
                return self.answers.journal()
            case "subscribe":
                assert isinstance(request, requests.Subscribe)
                if request.strokes:
                    access.check(METHODS["signature.get"], doer)
                return self._subscribe(request, client)
            case "unsubscribe":
                return views.Unsubscribed(client.unsubscribe())
            case "discover":
                return openrpc.document()
            case "desk":
                raise AssertionError(f"{method.name} is the desk's to answer")

    def _subscribe(self, request: requests.Subscribe, client: Connection) -> views.Subscribed:
        newest = self._log.published
        start = newest + 1 if request.from_ is None else max(request.from_, 1)
        # What is durable and not published yet may be known to this client already, from an answer.
        if start > max(newest, self.answers.last_seq()) + 1:
            raise Refusal(
                "invalid",
                f"from is {start}, but the newest event is {newest}: this is another journal than the one you read "
                "before. Subscribe from 0 to read all of it.",
                field="from",
            )
        first = self._log.source.first_seq()
        lost = (start, first - 1) if start < first and start <= newest else None
        following = max(start, first) if lost else start
        client.subscribe(Subscription(client, self._log, following, request.strokes, request.keypad))
        return views.Subscribed(following, lost)
