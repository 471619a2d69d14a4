"""Groups out of the user database: a slow one holds up nobody but who is looked up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from posd.api import access, groups
from posd.api.access import Peer, Rules
from tests.unit.api.fakes import Raw, Running

BOSSES = 71002
HELLO = b'{"jsonrpc": "2.0", "id": 1, "method": "posd.hello"}\n'
RULES = Rules({BOSSES: frozenset({"supervisor"})})


class Database:
    """A user database that answers when it is told to."""

    def __init__(self) -> None:
        self.asked = 0
        self.ready = threading.Event()
        self.answer: frozenset[int] | OSError = frozenset({BOSSES})

    def __call__(self, peer: Peer) -> frozenset[int]:
        self.asked += 1
        self.ready.wait(60)
        if isinstance(self.answer, OSError):
            raise self.answer
        return self.answer


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """The kernel tells groups of nobody, and this is asked."""
    made = Database()
    real = access.peer_of
    monkeypatch.setattr(access, "peer_of", lambda line: Peer(1000, 1000, real(line).pid, None))
    monkeypatch.setattr(access, "groups_from_database", made)
    yield made
    made.ready.set()


def patient(server: Running, answer_s: float) -> None:
    server.server.groups = groups.Groups(answer_s)


def test_what_was_asked_meanwhile_is_answered_once_the_groups_are_known(
    database: Database, serve: Callable[..., Running], dial: Callable[[Running], Raw]
) -> None:
    client = dial(serve(rules=RULES))
    client.send(HELLO)
    database.ready.set()
    assert client.read()["result"]["roles"] == ["supervisor"]


def test_a_database_that_hangs_holds_up_nothing_else(
    database: Database,
    serve: Callable[..., Running],
    dial: Callable[[Running], Raw],
    wait_until: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = serve(rules=RULES)
    stuck = [dial(server) for _ in range(groups.THREADS_MAX + 3)]
    for client in stuck:
        client.send(HELLO)
    wait_until(lambda: database.asked == groups.THREADS_MAX, "the database is asked")
    assert threading.active_count() < 20
    monkeypatch.setattr(access, "peer_of", lambda line: Peer(0, 0, 1, frozenset()))
    assert dial(server).ask("posd.hello")["result"]["roles"]
    done = server.on_loop(lambda: server.loop.run_in_executor(None, lambda: "other work of threads goes on"))
    wait_until(done.done, "a thread for other work is free")  # and at the end of the test the server stops


@pytest.mark.parametrize(("answer", "says"), [(None, "within 0.05 s"), (OSError("no such host"), "no such host")])
def test_who_waited_for_too_long_is_told(
    database: Database, serve: Callable[..., Running], dial: Callable[[Running], Raw], answer: Any, says: str
) -> None:
    server = serve(rules=RULES)
    patient(server, 0.05 if answer is None else 20)
    if answer is not None:
        database.answer = answer
        database.ready.set()
    client = dial(server)
    error = client.read()["error"]
    assert error["data"]["kind"] == "busy"
    assert says in error["message"]
    assert "Nothing was done" in error["message"]
    with pytest.raises(EOFError):
        client.read()


def test_peers_that_are_gone_free_their_places_and_are_not_looked_up(
    database: Database, serve: Callable[..., Running], dial: Callable[[Running], Raw], wait_until: Callable[..., None]
) -> None:
    server = serve(rules=RULES)
    patient(server, 0.2)
    clients = [dial(server) for _ in range(groups.THREADS_MAX + 5)]
    for client in clients:
        client.send(HELLO)
        client.close()
    wait_until(lambda: database.asked == groups.THREADS_MAX, "the database is asked")
    wait_until(lambda: server.on_loop(lambda: server.server.clients) == 0, "their places are free")
    database.ready.set()
    wait_until(lambda: not [t for t in threading.enumerate() if t.name == "groups"], "no thread is left")
    assert database.asked == groups.THREADS_MAX
