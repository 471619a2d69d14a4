"""The client library against a real server, and against what is no posd."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

import posd.client
from posd.api.connection import Limits
from posd.client import Client, PosdError
from posd.domain import requests, views
from tests.unit.api.fakes import SALE, Running

Serve = Callable[..., Running]


@contextlib.contextmanager
def answering(path: str, act: Callable[[socket.socket], None]) -> Iterator[str]:
    """Another server at `path` that does `act` with its one client, and then lets it go."""

    def serving() -> None:
        with other.accept()[0] as taken:
            act(taken)

    with socket.socket(socket.AF_UNIX) as other:
        other.bind(path)
        other.listen()
        thread = threading.Thread(target=serving)
        thread.start()
        yield path
        thread.join(20)


@pytest.fixture
def till(served: Running) -> Iterator[Client]:
    with posd.client.connect(served.path) as client:
        yield client


def refused(call: Callable[[], object]) -> PosdError:
    with pytest.raises(PosdError) as raised:
        call()
    return raised.value


CALLS = [
    (lambda client: client.hello(), views.Hello),
    (lambda client: client.status(), views.Status),
    (lambda client: client.submit(SALE), views.Submitted),
    (lambda client: client.get(), views.Found),
    (lambda client: client.search(last_four="1234", open=True), views.SearchResult),
    (lambda client: client.reprint("last", copy="merchant"), views.Reprinted),
    (lambda client: client.settle("last", "customer", 0, True), views.Settled),
    (lambda client: client.preview("last", format="svg"), views.Previewed),
    (lambda client: client.terms(), views.TermsView),
    (lambda client: client.resign("last"), views.Resigned),
    (lambda client: client.void("last", "another hand"), views.Voided),
    (lambda client: client.attest("last", "Li Wei"), views.SignatureStanding),
    (lambda client: client.uploaded("last", "sent", attempt=1), views.SignatureStanding),
    (lambda client: client.signature("last", "svg"), views.SignatureData),
    (lambda client: client.exceptions("all"), views.ExceptionPage),
    (lambda client: client.note_exception("x1", channel="phone"), views.ExceptionView),
    (lambda client: client.assign_exception("x1", "cashier"), views.ExceptionView),
    (lambda client: client.escalate_exception("x1", "late"), views.ExceptionView),
    (lambda client: client.waive_exception("x1", "small"), views.ExceptionView),
    (lambda client: client.close_exception("x1"), views.ExceptionView),
    (lambda client: client.shift(), views.ShiftView),
    (lambda client: client.open_shift("07"), views.ShiftView),
    (lambda client: client.close_shift(), views.ShiftView),
    (lambda client: client.evidence("last"), views.EvidencePage),
    (lambda client: client.devices(), views.DeviceList),
    (lambda client: client.selftest(key="s1"), views.Selftested),
    (lambda client: client.confirm_clock(), views.ClockView),
    (lambda client: client.journal(), views.JournalView),
]


@pytest.mark.parametrize(("call", "shape"), CALLS, ids=lambda value: getattr(value, "__name__", ""))
def test_every_method_gives_its_type(till: Client, call: Callable[[Client], object], shape: type) -> None:
    assert type(call(till)) is shape


def test_any_method_as_plain_data(till: Client) -> None:
    assert till.call("rpc.discover", {}, dict)["openrpc"]


def test_a_transaction_as_the_domain_has_it(till: Client) -> None:
    kept = till.get().transaction
    assert till.submit(kept).id == SALE["id"]


def test_what_is_asked_arrives_as_it_was_asked(served: Running, till: Client) -> None:
    till.search(since="2026-11-21T00:00:00Z", amount="36.00", limit=5, after=9)
    till.reprint("A", copy="merchant", reason="torn", key="k1", receipt="0042")
    assert [request for request, _ in served.desk.asked] == [
        requests.Search(since="2026-11-21T00:00:00Z", amount="36.00", limit=5, after=9),
        requests.ReprintAsk("A", "k1", "merchant", "torn", receipt="0042"),
    ]


def test_a_key_is_made_where_none_is_given_and_never_the_same(served: Running, till: Client) -> None:
    till.reprint()
    till.reprint()
    till.resign()
    keys = [request.key for request, _ in served.desk.asked]
    assert len(set(keys)) == 3
    # No digit: digits in a row may look like a card number, and the guard then refuses the request.
    assert all(re.fullmatch("[a-p]{32}", key) for key in keys)


class TestRefusals:
    def test_a_refusal_keeps_its_word_and_the_client_goes_on(self, till: Client) -> None:
        error = refused(lambda: till.get("nope"))
        assert (error.kind, error.field, error.code) == ("not-found", "id", -32000)
        assert str(error) == error.message
        assert "no transaction nope" in error.message
        assert till.hello().name == "posd"

    def test_until(self, till: Client) -> None:
        error = refused(lambda: till.reprint(reason="late"))
        assert (error.kind, error.until) == ("window-closed", "2026-10-01T00:00:00+08:00")

    def test_a_wrong_shape(self, till: Client) -> None:
        error = refused(lambda: till.submit({**SALE, "colour": "red"}))
        assert (error.kind, error.field, error.code) == ("invalid", "transaction.colour", -32602)

    def test_an_unknown_method(self, till: Client) -> None:
        assert refused(lambda: till.call("posd.nothing", {}, dict)).kind == "unsupported"

    def test_a_failure_inside_posd(self, served: Running, till: Client) -> None:
        served.desk.fail = ZeroDivisionError()
        assert refused(till.get).kind == "internal"

    def test_a_request_that_is_too_large(self, till: Client) -> None:
        many = {**SALE, "items": SALE["items"] * 5000}
        assert refused(lambda: till.submit(many)).kind == "too-large"
        assert till.hello().name == "posd"


class TestReaching:
    def test_no_socket(self, served: Running) -> None:
        error = refused(lambda: posd.client.connect(served.path + ".no"))
        assert (error.kind, error.code) == ("unreachable", None)
        assert "there is no socket" in error.message
        assert "Nothing was sent" in error.message

    def test_nobody_listens(self, served: Running) -> None:
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(served.path + ".dead")
        assert "nobody answers" in refused(lambda: posd.client.connect(served.path + ".dead")).message

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may open every socket")
    def test_not_allowed(self, served: Running) -> None:
        os.chmod(served.path, 0)
        assert "you may not open" in refused(lambda: posd.client.connect(served.path)).message

    def test_a_queue_that_is_full(self, served: Running) -> None:
        with socket.socket(socket.AF_UNIX) as busy:
            busy.bind(served.path + ".busy")
            busy.listen(0)
            waiting = [posd.client.connect(served.path + ".busy", 0.2)]
            error = refused(lambda: [posd.client.connect(served.path + ".busy", 0.2) for _ in range(5)])
            waiting[0].close()
        assert error.kind == "unreachable"
        assert "takes no connection" in error.message

    def test_a_queue_that_empties_in_time(self, served: Running) -> None:
        with socket.socket(socket.AF_UNIX) as busy:
            busy.bind(served.path + ".busy")
            busy.listen(0)
            first = posd.client.connect(served.path + ".busy")
            taken: list[socket.socket] = []
            taking = threading.Timer(0.2, lambda: taken.extend(busy.accept()[0] for _ in range(2)))
            taking.start()
            second = posd.client.connect(served.path + ".busy")
            taking.join()
            for end in (first, second, *taken):
                end.close()

    def test_what_posd_said_before_it_closed_is_heard(self, served: Running) -> None:
        with socket.socket(socket.AF_UNIX) as full:
            full.bind(served.path + ".full")
            full.listen()
            with posd.client.connect(served.path + ".full") as client:
                taken, _ = full.accept()
                with taken:
                    taken.sendall(
                        b'{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"No.","data":{"kind":"busy"}}}\n'
                    )
                assert refused(client.hello).kind == "busy"

    def test_one_client_too_many_hears_why(self, serve: Serve) -> None:
        server = serve(clients_max=1)
        with posd.client.connect(server.path) as first:
            first.hello()
            with posd.client.connect(server.path) as second:
                assert refused(second.hello).kind == "busy"


class TestWaiting:
    def test_no_answer_in_time_closes_the_client(self, served: Running) -> None:
        served.hold()
        with posd.client.connect(served.path, timeout_s=0.1) as slow:
            error = refused(slow.get)
            assert error.kind == "no-answer"
            assert "Whether it was kept is not known" in error.message
            assert refused(slow.get).kind == "disconnected"

    def test_posd_goes_away(self, served: Running, till: Client) -> None:
        till.hello()
        served._run(served.server.close(deadline_s=0.1))
        assert refused(till.hello).kind == "disconnected"
        assert "closed" in refused(till.hello).message

    def test_a_closed_client_says_so(self, served: Running) -> None:
        with posd.client.connect(served.path) as client:
            pass
        assert refused(client.hello).kind == "disconnected"


class TestEvents:
    def test_from_a_number_on_while_calls_are_made(self, served: Running, till: Client) -> None:
        served.publish(1, 2, 3)
        found = []
        for event in till.events(2):
            found.append((event.seq, event.type, event.fields["id"]))
            assert till.get().seq == 7
            if event.seq == 3:
                served.publish(4)
            if event.seq == 4:
                break
        assert found == [(2, "copy.printed", "T2"), (3, "copy.printed", "T3"), (4, "copy.printed", "T4")]

    def test_subscribed_before_the_first_is_read(self, served: Running, till: Client) -> None:
        events = till.events()
        served.publish(1)
        assert next(events).seq == 1

    def test_the_end_when_nothing_comes(self, served: Running, till: Client) -> None:
        served.publish(1)
        assert [event.seq for event in till.events(0, idle_s=0.2)] == [1]

    def test_what_is_lost_is_an_event_too(self, served: Running, till: Client) -> None:
        served.publish(*range(1, 6))
        served.events.first = 4
        found = list(itertools.islice(till.events(2), 3))
        assert [(event.seq, event.type) for event in found] == [(3, "lost"), (4, "copy.printed"), (5, "copy.printed")]
        assert found[0].fields == {"from": 2, "through": 3}

    def test_what_is_lost_on_the_way(self, serve: Serve) -> None:
        server = serve(limits=Limits(stall_s=3600))
        with posd.client.connect(server.path) as client:
            events = client.events(1)
            for start in range(1, 20_001, 1000):
                server.publish(*range(start, start + 1000))
            server.on_loop(lambda: setattr(server.events, "first", 19_990))
            kinds = {event.type for event in itertools.takewhile(lambda event: event.seq < 20_000, events)}
        assert kinds == {"copy.printed", "lost"}

    def test_a_refused_subscription(self, till: Client) -> None:
        assert refused(lambda: till.events(99)).kind == "invalid"

    def test_posd_goes_away(self, served: Running, till: Client) -> None:
        events = till.events()
        served.publish(1)
        assert next(events).seq == 1
        served._run(served.server.close(deadline_s=0.5))
        assert refused(lambda: next(events)).kind == "disconnected"

    @pytest.mark.filterwarnings("error::ResourceWarning")
    def test_leaving_the_loop_ends_the_connection(
        self, served: Running, till: Client, wait_until: Callable[..., None]
    ) -> None:
        till.hello()
        served.publish(1)
        for _ in till.events(1):
            break
        wait_until(lambda: served.server.clients == 1, "only the calls' connection is left")


class TestWhatIsNoPosd:
    @pytest.mark.parametrize(
        ("answer", "kind"),
        [
            (b"HTTP/1.1 400 Bad Request\r\n", "protocol"),
            (b"\xff\xfe\n", "protocol"),
            (b"[]\n", "protocol"),
            (b'{"jsonrpc": "2.0", "id": 1}\n', "protocol"),
            (b'{"jsonrpc": "2.0", "id": 1, "result": {"name": 7}}\n', "protocol"),
            (b"", "disconnected"),
            (b'{"jsonrpc": "2.0", "id": 1, "res', "disconnected"),
        ],
    )
    def test_its_answer_is_an_error(self, served: Running, answer: bytes, kind: str) -> None:
        def other(taken: socket.socket) -> None:
            taken.recv(65536)
            taken.sendall(answer)

        with answering(served.path + ".other", other) as path, posd.client.connect(path, timeout_s=10.0) as client:
            assert refused(client.hello).kind == kind
            assert refused(client.hello).kind == "disconnected"

    def test_an_answer_that_never_ends(self, served: Running, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(posd.client.line, "LINE_MAX", 1 << 20)

        def endless(taken: socket.socket) -> None:
            with contextlib.suppress(OSError):
                taken.sendall(b"x" * (8 << 20))

        with answering(served.path + ".endless", endless) as path, posd.client.connect(path, timeout_s=10) as client:
            assert refused(client.hello).kind == "protocol"


def test_answers_to_earlier_requests_are_not_taken_for_this_one(served: Running) -> None:
    def late(taken: socket.socket) -> None:
        taken.recv(65536)
        taken.sendall(b'{"jsonrpc":"2.0","method":"event","params":{}}\n{"jsonrpc":"2.0","id":99,"result":{"a":1}}\n')
        taken.sendall(b'{"jsonrpc":"2.0","id":1,"result":{"a":2}}\n')

    with answering(served.path + ".late", late) as path, posd.client.connect(path, timeout_s=10.0) as client:
        assert client.call("x", {}, dict) == {"a": 2}
