"""The server over a real Unix socket: bad input changes nothing and posd goes on; no client can hurt another."""

from __future__ import annotations

import copy
import json
import logging
import os
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest

from posd.api import listener, wire
from posd.api.connection import Limits
from tests.unit.api.fakes import SALE, Raw, Running

Dial = Callable[[Running], Raw]
Serve = Callable[..., Running]
Wait = Callable[..., None]


def changed(**changes: Any) -> dict[str, Any]:
    return {"transaction": {**copy.deepcopy(SALE), **changes}}


def named(name: Any) -> dict[str, Any]:
    return changed(items=[{**SALE["items"][0], "name": name}])


def line(method: str, params: Any = None, id: Any = 1) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": id, "method": method, "params": params or {}}).encode() + b"\n"


MANY = [{"name": "tea", "quantity": "1", "price": "1.00", "amount": "1.00"}] * 10_000

BAD = [
    pytest.param(b"sale\n", None, wire.PARSE_ERROR, None, None, id="not JSON"),
    pytest.param(b'{"a": "\xff"}\n', None, wire.PARSE_ERROR, None, None, id="not UTF-8"),
    pytest.param(b"[" * 100_000 + b"\n", None, wire.PARSE_ERROR, None, None, id="nested without end"),
    pytest.param(b"42\n", None, wire.INVALID_REQUEST, None, None, id="not an object"),
    pytest.param(b"[" + line("posd.hello").strip() + b"]\n", None, wire.INVALID_REQUEST, None, None, id="a batch"),
    pytest.param(b"x" * (wire.LINE_MAX + 1) + b"\n", None, -32000, "too-large", None, id="a line that is too long"),
    pytest.param(line("transaction.delete"), 1, wire.METHOD_NOT_FOUND, None, None, id="an unknown method"),
    pytest.param(line("report.make"), 1, wire.METHOD_NOT_FOUND, None, None, id="a method that comes later"),
    pytest.param(
        line("transaction.submit", changed(total=36)),
        1,
        wire.INVALID_PARAMS,
        "invalid",
        "transaction.total",
        id="a type",
    ),
    pytest.param(
        line("transaction.submit", changed(colour="red")),
        1,
        wire.INVALID_PARAMS,
        "invalid",
        "transaction.colour",
        id="an unknown field",
    ),
    pytest.param(
        line("transaction.submit", named("tea\x1bp")),
        1,
        wire.INVALID_PARAMS,
        "invalid",
        "transaction.items[0].name",
        id="control bytes in a name",
    ),
    pytest.param(
        line("transaction.submit", changed(cvv="123")), 1, -32000, "card-data", "transaction.cvv", id="a field for CVV"
    ),
    pytest.param(
        line("transaction.submit", named(";6217001234567890=30121011234567")),
        1,
        -32000,
        "card-data",
        "transaction.items[0].name",
        id="track data in a name",
    ),
    pytest.param(line("transaction.submit", changed(items=MANY)), None, -32000, "too-large", None, id="10,000 items"),
    pytest.param(
        json.dumps(
            {"jsonrpc": "2.0", "id": 1, "method": "transaction.submit", "params": changed(items=[{}] * 6000)}
        ).encode()
        + b"\n",
        1,
        wire.INVALID_PARAMS,
        "invalid",
        "transaction.items",
        id="6,000 items",
    ),
    pytest.param(line("posd.hello", [1]), 1, wire.INVALID_PARAMS, "invalid", "params", id="positional params"),
    pytest.param(
        line("events.subscribe", {"from": 99}), 1, wire.INVALID_PARAMS, "invalid", "from", id="a future event"
    ),
    pytest.param(
        line("events.subscribe", {"from": 10**30}), 1, wire.INVALID_PARAMS, "invalid", "from", id="a huge number"
    ),
]


@pytest.mark.parametrize(("data", "id", "code", "kind", "field"), BAD)
def test_bad_input_is_told_and_changes_nothing(
    served: Running, dial: Dial, data: bytes, id: Any, code: int, kind: str | None, field: str | None
) -> None:
    client = dial(served)
    client.send(data)
    answer = client.read()
    assert answer["id"] == id
    assert answer["error"]["code"] == code
    assert answer["error"].get("data", {}).get("kind") == kind
    assert answer["error"].get("data", {}).get("field") == field
    assert "Traceback" not in answer["error"]["message"]
    assert served.desk.asked == []
    assert client.ask("posd.hello")["result"]["name"] == "posd", "the connection did not go on"


def test_totals_that_do_not_add_up_come_back_as_the_desk_says_it(served: Running, dial: Dial) -> None:
    answer = dial(served).ask("transaction.submit", changed(total="37.00"))
    assert answer["error"]["data"] == {"kind": "incomplete", "field": "transaction.total"}
    assert served.desk.held == {}


def test_a_card_number_in_a_name_is_masked_before_the_desk_sees_it(
    served: Running, dial: Dial, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assert "result" in dial(served).ask("transaction.submit", named("gift 4111 1111 1111 1111"))
    ((request, _),) = served.desk.asked
    assert request.transaction.items[0].name == "gift 411111******1111"
    assert "1111 1111" not in caplog.text


def test_no_answer_and_no_log_repeats_a_card_number(
    served: Running, dial: Dial, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = dial(served)
    number = "4111111111111111"
    for data in (
        line(number),
        line("posd.hello", {number: 1}),
        line("posd.hello", {"id": number}),
        line("posd.hello", id=number),
        line("posd.hello", {"track2": number}),
        line("transaction.submit", changed(type=number)),
        b'{"jsonrpc": "2.0", "method": "' + number.encode() + b'"}\n',
    ):
        client.send(data)
    client.send(line("posd.hello", id="end"))
    told = []
    while (answer := client.read())["id"] != "end":
        told.append(json.dumps(answer))
    assert len(told) == 6
    assert number not in "".join(told)
    assert number not in caplog.text
    assert number not in " ".join(served.on_loop(served.server.dump))


def test_a_bad_line_does_not_disturb_its_neighbours(served: Running, dial: Dial) -> None:
    client = dial(served)
    client.send(
        line("posd.hello", id=1)
        + b"nonsense\n"
        + line("posd.hello", id=2)
        + b"x" * 300_000
        + b"\n"
        + line("posd.hello", id=3)
    )
    assert [client.read()["id"] for _ in range(5)] == [1, None, 2, None, 3]


def test_a_line_may_come_in_any_pieces(served: Running, dial: Dial) -> None:
    client = dial(served)
    for byte in line("transaction.submit", {"transaction": SALE}):
        client.send(bytes([byte]))
    assert client.read()["result"]["id"] == SALE["id"]


def test_blank_lines_and_carriage_returns_are_no_requests(served: Running, dial: Dial) -> None:
    client = dial(served)
    client.send(b"\n\r\n  \n" + line("posd.hello").replace(b"\n", b"\r\n"))
    assert client.read()["id"] == 1


def test_a_request_without_id_is_carried_out_and_not_answered(
    served: Running, dial: Dial, caplog: pytest.LogCaptureFixture, wait_until: Wait
) -> None:
    client = dial(served)
    client.send(
        json.dumps({"jsonrpc": "2.0", "method": "transaction.submit", "params": {"transaction": SALE}}).encode() + b"\n"
    )
    client.send(
        json.dumps({"jsonrpc": "2.0", "method": "transaction.submit", "params": changed(total="1.00")}).encode() + b"\n"
    )
    client.send(json.dumps({"jsonrpc": "2.0", "method": "posd.nothing"}).encode() + b"\n")
    assert client.ask("posd.hello", id="after")["id"] == "after"
    wait_until(lambda: len(served.desk.asked) == 2, "both submits reach the desk")
    assert list(served.desk.held) == [SALE["id"]]
    wait_until(lambda: caplog.text.count("a notification of client") == 2, "both refusals are in the log")
    assert client.ask("posd.hello", id="end")["id"] == "end", "a request without id was answered"


def test_answers_come_when_they_are_ready(served: Running, dial: Dial) -> None:
    client = dial(served)
    served.hold()
    client.send(line("transaction.get", {"id": "last"}, id="slow") + line("posd.hello", id="fast"))
    assert client.read()["id"] == "fast"
    served.let_go()
    assert client.read()["id"] == "slow"


def test_a_client_that_closes_its_side_gets_all_its_answers(served: Running, dial: Dial) -> None:
    client = dial(served)
    served.hold()
    client.send(line("transaction.get", {"id": "last"}, id=1) + line("posd.hello", id=2))
    client.socket.shutdown(socket.SHUT_WR)
    assert client.read()["id"] == 2
    served.let_go()
    assert client.read()["id"] == 1
    with pytest.raises(EOFError):
        client.read()


def test_a_last_line_without_newline_is_not_guessed_at(served: Running, dial: Dial) -> None:
    client = dial(served)
    client.send(line("transaction.submit", {"transaction": SALE}).rstrip(b"\n"))
    client.socket.shutdown(socket.SHUT_WR)
    answer = client.read()
    assert answer["error"]["code"] == wire.PARSE_ERROR
    assert "cut short" in answer["error"]["message"]
    assert served.desk.asked == []


def test_thousands_of_lines_at_once(served: Running, dial: Dial) -> None:
    client = dial(served)
    count = 5000
    sending = threading.Thread(target=client.send, args=(b"".join(line("posd.hello", id=n) for n in range(count)),))
    sending.start()
    assert [client.read()["id"] for _ in range(count)] == list(range(count))
    sending.join()


def test_thousands_of_bad_lines_at_once(served: Running, dial: Dial) -> None:
    client = dial(served)
    count = 20_000
    sending = threading.Thread(target=client.send, args=(b"?\n" * count,))
    sending.start()
    assert {client.read()["error"]["code"] for _ in range(count)} == {wire.PARSE_ERROR}
    sending.join()


def test_two_hundred_clients_at_once(served: Running) -> None:
    count = 200
    clients = [Raw(served.path) for _ in range(count)]
    try:
        for number, client in enumerate(clients):
            client.send(line("transaction.submit", changed(id=f"T-{number}"), id=number))
        for number, client in enumerate(clients):
            answer = client.read()
            assert (answer["id"], answer["result"]["id"]) == (number, f"T-{number}")
    finally:
        for client in clients:
            client.close()
    assert len(served.desk.held) == count


class TestBounds:
    def test_one_client_too_many_is_told_and_its_place_comes_free(
        self, serve: Serve, dial: Dial, wait_until: Wait
    ) -> None:
        server = serve(clients_max=2)
        first, second, third = (dial(server) for _ in range(3))
        assert first.ask("posd.hello")["id"] == 1
        assert second.ask("posd.hello")["id"] == 1
        answer = third.read()
        assert answer["error"]["data"]["kind"] == "busy"
        with pytest.raises(EOFError):
            third.read()
        first.close()
        wait_until(lambda: server.server.clients == 1, "the place is free")
        assert dial(server).ask("posd.hello")["id"] == 1

    def test_requests_under_way_are_bounded_and_the_rest_waits(
        self, serve: Serve, dial: Dial, wait_until: Wait
    ) -> None:
        server = serve(limits=Limits(in_flight=8))
        client = dial(server)
        server.hold()
        client.send(b"".join(line("transaction.get", {"id": "last"}, id=n) for n in range(100)))
        wait_until(lambda: server.desk.under_way == 8, "eight are under way")
        assert dial(server).ask("posd.hello")["id"] == 1, "another client waits behind this one"
        server.let_go()
        assert sorted(client.read()["id"] for _ in range(100)) == list(range(100))
        assert server.desk.under_way_max == 8

    def test_a_place_counts_until_its_requests_are_answered(self, serve: Serve, dial: Dial, wait_until: Wait) -> None:
        server = serve(clients_max=1)
        server.hold()
        client = dial(server)
        client.ask("events.subscribe")
        client.send(line("transaction.submit", {"transaction": SALE}))
        wait_until(lambda: server.desk.under_way == 1, "it is under way")
        client.close()
        server.publish(1)
        wait_until(lambda: all(one._gone for one in server.server._clients), "the server knows that it is gone")
        assert dial(server).read()["error"]["data"]["kind"] == "busy"
        server.let_go()
        wait_until(lambda: server.server.clients == 0, "the place is free")
        assert list(server.desk.held) == [SALE["id"]], "what was asked for goes on without the client"

    def test_a_client_that_never_reads_is_cut_off(
        self, serve: Serve, dial: Dial, wait_until: Wait, caplog: pytest.LogCaptureFixture
    ) -> None:
        server = serve(limits=Limits(stall_s=0.2))
        client = dial(server)
        client.send(line("rpc.discover") * 30)
        wait_until(lambda: server.server.clients == 0, "the client is gone")
        wait_until(lambda: "is cut off: it took nothing for 0.2 s" in caplog.text, "the log says so")
        assert "rpc.discover#1" in caplog.text, "the log does not say what it asked last"
        assert dial(server).ask("posd.hello")["id"] == 1

    def test_a_client_that_leaves_too_much_unread_is_cut_off(
        self, serve: Serve, dial: Dial, wait_until: Wait, caplog: pytest.LogCaptureFixture
    ) -> None:
        server = serve(limits=Limits(stall_s=3600, output_bytes=1 << 20))
        server.desk.preview_data = "A" * 100_000
        server.hold()
        client = dial(server)
        client.send(b"".join(line("receipt.preview", {"id": "last", "format": "png"}, id=n) for n in range(60)))
        wait_until(lambda: server.desk.under_way == 60, "all are under way")
        server.let_go()
        wait_until(lambda: server.server.clients == 0, "the client is gone")
        assert "left more than 1048576 bytes unread" in caplog.text

    def test_a_slow_reader_that_reads_is_not_cut_off(self, serve: Serve, dial: Dial) -> None:
        server = serve(limits=Limits(stall_s=3600))
        client = dial(server)
        count = 200
        sending = threading.Thread(target=client.send, args=(line("rpc.discover") * count,))
        sending.start()
        for _ in range(count):
            assert "result" in client.read()
        sending.join()

    def test_a_line_without_end_is_cut_off(
        self, serve: Serve, dial: Dial, wait_until: Wait, caplog: pytest.LogCaptureFixture
    ) -> None:
        server = serve(limits=Limits(drop_bytes=1 << 20))
        client = dial(server)
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            client.send(b"x" * (256 << 20))
        wait_until(lambda: "sent a line of more than 1048576 bytes" in caplog.text, "the log says so")

    def test_an_answer_that_does_not_come_is_told(self, serve: Serve, dial: Dial) -> None:
        server = serve(limits=Limits(answer_s=0.1))
        server.hold()
        answer = dial(server).ask("transaction.submit", {"transaction": SALE})
        assert answer["error"]["data"]["kind"] == "busy"
        assert "Whether it was kept is not known" in answer["error"]["message"]

    def test_each_answer_that_does_not_come_is_told_in_its_time(
        self, serve: Serve, dial: Dial, wait_until: Wait
    ) -> None:
        server = serve(limits=Limits(answer_s=0.5))
        server.hold()
        client = dial(server)
        for number in (1, 2, 3):
            client.send(line("transaction.submit", {"transaction": SALE}, id=number))
            wait_until(lambda number=number: len(server.desk.asked) == number, "it is under way")  # type: ignore[misc]
        assert [client.read()["id"] for _ in range(3)] == [1, 2, 3]
        assert not server.desk.under_way

    def test_nothing_waits_for_the_requests_of_a_client_that_is_gone(
        self, serve: Serve, dial: Dial, wait_until: Wait
    ) -> None:
        server = serve(limits=Limits(answer_s=3600))
        client = dial(server)
        assert "result" in client.ask("transaction.get", {"id": "last"})
        connection = next(iter(server.server._clients))
        client.close()
        wait_until(lambda: server.server.clients == 0, "its place is free")
        assert connection._under_way._overdue is not None
        assert connection._under_way._overdue.cancelled()


class TestFaults:
    def test_a_failure_inside_is_told_without_its_inside(
        self, served: Running, dial: Dial, caplog: pytest.LogCaptureFixture
    ) -> None:
        served.desk.fail = ZeroDivisionError("the inside")
        client = dial(served)
        answer = client.ask("transaction.get", {"id": "last"})
        assert answer["error"]["code"] == wire.INTERNAL_ERROR
        assert "inside" not in answer["error"]["message"].replace("inside posd", "")
        assert "ZeroDivisionError" in caplog.text
        assert "transaction.get#1" in caplog.text
        assert "result" in client.ask("posd.hello"), "the connection did not go on"

    def test_a_failure_of_a_source_is_told(self, served: Running, dial: Dial, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(served.desk, "status", lambda: 1 // 0)
        assert dial(served).ask("posd.status")["error"]["code"] == wire.INTERNAL_ERROR

    def test_a_time_out_of_the_desk_itself_is_its_failure(self, served: Running, dial: Dial) -> None:
        served.desk.fail = TimeoutError("of the desk")
        assert dial(served).ask("transaction.get", {"id": "last"})["error"]["code"] == wire.INTERNAL_ERROR

    def test_a_client_that_is_gone_before_its_answer(self, served: Running, dial: Dial, wait_until: Wait) -> None:
        served.hold()
        client = dial(served)
        client.send(line("transaction.submit", {"transaction": SALE}))
        wait_until(lambda: served.desk.under_way == 1, "it is under way")
        client.close()
        served.let_go()
        wait_until(lambda: served.server.clients == 0, "its place is free")
        assert list(served.desk.held) == [SALE["id"]]


class TestEnd:
    def test_what_is_dropped_at_the_end_is_not_called_refused(
        self, serve: Serve, dial: Dial, wait_until: Wait, caplog: pytest.LogCaptureFixture
    ) -> None:
        server = serve()
        server.hold()
        client = dial(server)
        client.send(b'{"jsonrpc": "2.0", "method": "transaction.get", "params": {"id": "last"}}\n')
        wait_until(lambda: server.desk.under_way == 1, "it is under way")
        server._run(server.server.close(0.01))
        wait_until(lambda: server.server.clients == 0, "all are gone")
        assert "refused" not in caplog.text

    def test_answers_under_way_go_out_before_the_end(self, serve: Serve, dial: Dial, wait_until: Wait) -> None:
        server = serve()
        server.hold()
        client = dial(server)
        client.send(line("transaction.submit", {"transaction": SALE}))
        wait_until(lambda: server.desk.under_way == 1, "it is under way")
        closing = threading.Thread(target=lambda: server._run(server.server.close(deadline_s=15.0)))
        closing.start()
        wait_until(lambda: not os.path.exists(server.path), "no new client can come")
        client.send(line("posd.hello", id="late"))
        server.let_go()
        assert client.read()["result"]["id"] == SALE["id"]
        with pytest.raises((EOFError, ConnectionResetError)):
            client.read()
        closing.join(20)
        assert not closing.is_alive()

    def test_an_answer_that_never_comes_does_not_hold_the_end(self, serve: Serve, dial: Dial, wait_until: Wait) -> None:
        server = serve()
        server.hold()
        client = dial(server)
        client.send(line("transaction.submit", {"transaction": SALE}))
        wait_until(lambda: server.desk.under_way == 1, "it is under way")
        server._run(server.server.close(deadline_s=0.1))
        with pytest.raises((EOFError, ConnectionResetError)):
            client.read()

    def test_an_answer_that_nobody_takes_does_not_hold_the_end(self, serve: Serve, dial: Dial) -> None:
        server = serve(limits=Limits(stall_s=3600))
        client = dial(server)
        client.send(line("rpc.discover") * 60)
        assert "result" in client.read()
        server._run(server.server.close(deadline_s=0.1))
        assert server.on_loop(lambda: server.server.clients) == 0

    def test_the_socket_file_goes_with_its_server(self, serve: Serve) -> None:
        server = serve()
        assert os.path.exists(server.path)
        server._run(server.server.close())
        assert not os.path.exists(server.path)

    def test_an_activated_socket_is_left_where_it_is(self, serve: Serve, dial: Dial) -> None:
        server = serve()
        path = server.path + ".activated"
        activated = listener.listen(path)
        other = server._made(None, 8, None)
        server._run(other.start(activated, activated=True))
        client = Raw(path)
        assert client.ask("posd.hello")["id"] == 1
        client.close()
        server._run(other.close())
        assert os.path.exists(path)
