"""Bytes to calls: what is a line, what is JSON, what is a request."""

from __future__ import annotations

import json
from typing import Any

import pytest

from posd.api import framing, wire
from posd.api.framing import TOO_LONG, LineSplitter, RpcError, parse
from posd.domain.errors import Refusal


def lines_of(splitter: LineSplitter) -> list[Any]:
    found = []
    while (line := splitter.next_line()) is not None:
        found.append(line)
    return found


def request(**members: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": "posd.hello", **members}).encode()


class TestLines:
    def test_lines_come_out_as_they_went_in(self) -> None:
        splitter = LineSplitter()
        splitter.feed(b"one\ntwo\r\n\nthr")
        assert lines_of(splitter) == [b"one", b"two\r", b""]
        assert splitter.rest() == b"thr"
        splitter.feed(b"ee\n")
        assert lines_of(splitter) == [b"three"]

    def test_a_line_of_the_limit_passes_and_one_byte_more_does_not(self) -> None:
        splitter = LineSplitter(limit=10)
        splitter.feed(b"x" * 10 + b"\n" + b"x" * 11 + b"\nafter\n")
        assert lines_of(splitter) == [b"x" * 10, TOO_LONG, b"after"]

    def test_a_line_that_is_too_long_is_told_once_and_not_kept(self) -> None:
        splitter = LineSplitter(limit=10)
        told = []
        for _ in range(100):
            splitter.feed(b"x" * 7)
            told += lines_of(splitter)
        assert told == [TOO_LONG]
        assert splitter.dropped == 700
        assert splitter.rest() == b""
        splitter.feed(b"xx\nafter\n")
        assert lines_of(splitter) == [b"after"]
        assert splitter.dropped == 0


BAD_LINES = [
    pytest.param(b"hello", wire.PARSE_ERROR, "not JSON", id="not JSON"),
    pytest.param(b'{"jsonrpc": "2.0"', wire.PARSE_ERROR, "not JSON", id="cut short"),
    pytest.param(b"{'jsonrpc': '2.0'}", wire.PARSE_ERROR, "not JSON", id="single quotes"),
    pytest.param(request() + b" {}", wire.PARSE_ERROR, "not JSON", id="two values"),
    pytest.param(b"\xef\xbb\xbf" + request(), wire.PARSE_ERROR, "not JSON", id="byte order mark"),
    pytest.param(b'{"a": "\xff"}', wire.PARSE_ERROR, "not UTF-8", id="not UTF-8"),
    pytest.param(b'{"a": "\xed\xa0\x80"}', wire.PARSE_ERROR, "not UTF-8", id="surrogate in UTF-8"),
    pytest.param(b'{"a": "\\ud800"}', wire.PARSE_ERROR, "not JSON", id="lone surrogate"),
    pytest.param(b'{"a": "\\ud800 x"}', wire.PARSE_ERROR, "not JSON", id="half a pair"),
    pytest.param(b'{"a": NaN}', wire.PARSE_ERROR, "not JSON", id="NaN"),
    pytest.param(b'{"a": Infinity}', wire.PARSE_ERROR, "not JSON", id="Infinity"),
    pytest.param(b'{"a": 1e999}', wire.PARSE_ERROR, "not JSON", id="a number out of range"),
    pytest.param(b'{"a": ' + b"9" * 5000 + b"}", wire.PARSE_ERROR, "not JSON", id="an integer without end"),
    pytest.param(b'{"a": "\n"}', wire.PARSE_ERROR, "not JSON", id="a raw control byte"),
    pytest.param(b"[" * 5000 + b"]" * 5000, wire.PARSE_ERROR, "nested", id="nested without end"),
    pytest.param(b'{"a":' * 5000 + b"1" + b"}" * 5000, wire.PARSE_ERROR, "nested", id="objects without end"),
    pytest.param(b"17", wire.INVALID_REQUEST, "object", id="a number"),
    pytest.param(b'"posd.hello"', wire.INVALID_REQUEST, "object", id="a text"),
    pytest.param(b"null", wire.INVALID_REQUEST, "object", id="null"),
    pytest.param(b"[" + request() + b"]", wire.INVALID_REQUEST, "batches", id="a batch"),
    pytest.param(b"[]", wire.INVALID_REQUEST, "batches", id="an empty batch"),
    pytest.param(b"{}", wire.INVALID_REQUEST, "jsonrpc", id="an empty object"),
    pytest.param(request(jsonrpc="1.0"), wire.INVALID_REQUEST, "jsonrpc", id="JSON-RPC 1.0"),
    pytest.param(request(jsonrpc=2.0), wire.INVALID_REQUEST, "jsonrpc", id="version as number"),
    pytest.param(request(method=7), wire.INVALID_REQUEST, "method", id="a method that is no text"),
    pytest.param(request(method=None), wire.INVALID_REQUEST, "method", id="a method that is null"),
    pytest.param(request(extra=1), wire.INVALID_REQUEST, "`extra`", id="an unknown member"),
    pytest.param(request(result=1), wire.INVALID_REQUEST, "`result`", id="an answer"),
    pytest.param(request(id=1.5), wire.INVALID_REQUEST, "`id`", id="a fraction as id"),
    pytest.param(request(id=True), wire.INVALID_REQUEST, "`id`", id="a boolean as id"),
    pytest.param(request(id=None), wire.INVALID_REQUEST, "`id`", id="null as id"),
    pytest.param(request(id=[1]), wire.INVALID_REQUEST, "`id`", id="a list as id"),
    pytest.param(request(id="x" * 129), wire.INVALID_REQUEST, "128", id="an id that is too long"),
    pytest.param(request(id=2**63), wire.INVALID_REQUEST, "64 bits", id="an id that is too large"),
    pytest.param(request(id="4111 1111 1111 1111"), wire.REFUSED, "card number", id="a card number as id"),
    pytest.param(request(id=4111111111111111), wire.REFUSED, "card number", id="a card number as integer id"),
]


@pytest.mark.parametrize(("line", "code", "says"), BAD_LINES)
def test_bad_lines_are_told_apart(line: bytes, code: int, says: str) -> None:
    with pytest.raises(RpcError) as raised:
        parse(line)
    assert raised.value.code == code
    assert says in raised.value.message
    assert "Nothing was" in raised.value.message or "nothing was" in raised.value.message
    assert b"411111111111" not in framing.failure_line(raised.value)


def test_the_request_at_fault_is_named_where_it_can_be() -> None:
    with pytest.raises(RpcError) as raised:
        parse(request(id="abc", method=7))
    assert raised.value.id == "abc"


@pytest.mark.parametrize(
    "line",
    [
        b'{"jsonrpc": "2.0", "id": 1, "method": "a", "method": "b"}',
        b'{"jsonrpc": "2.0", "id": 1, "method": "a", "params": {"x": {"total": "1", "total": "2"}}}',
        b'{"jsonrpc": "2.0", "id": 1, "method": "a", "params": [{"t": 1, "\\u0074": 2}]}',
    ],
)
def test_a_name_that_stands_twice_is_refused(line: bytes) -> None:
    with pytest.raises(RpcError, match="stands twice") as raised:
        parse(line)
    assert raised.value.code == wire.INVALID_PARAMS
    assert raised.value.data is not None
    assert raised.value.data.kind == "invalid"
    assert raised.value.id == 1


def test_an_unknown_member_that_is_a_card_number_is_masked() -> None:
    with pytest.raises(RpcError) as raised:
        parse(request(**{"4111111111111111": 1}))
    assert "4111111111111111" not in raised.value.message
    assert "411111******1111" in raised.value.message


@pytest.mark.parametrize("id", [0, -5, 2**63 - 1, "", "a-1", "x" * 128, 1795227330000, "20261121-0042"])
def test_ids_that_are_good(id: Any) -> None:
    call = parse(request(id=id, params={"a": 1}))
    assert (call.method, call.params, call.id, call.wants_answer) == ("posd.hello", {"a": 1}, id, True)


def test_without_an_id_nobody_waits_for_an_answer() -> None:
    call = parse(b'{"jsonrpc": "2.0", "method": "posd.hello"}')
    assert (call.id, call.wants_answer, call.params) == (None, False, None)


def test_answers_are_one_line_of_json() -> None:
    line = framing.reply_line("a", {"text": "乌龙茶\n"})
    assert line.count(b"\n") == 1
    assert json.loads(line) == {"jsonrpc": "2.0", "id": "a", "result": {"text": "乌龙茶\n"}}
    line = framing.failure_line(framing.rpc_error(Refusal("too-soon", "Wait.", until="2026-11-21T10:15:30Z"), 7))
    assert json.loads(line) == {
        "jsonrpc": "2.0",
        "id": 7,
        "error": {"code": -32000, "message": "Wait.", "data": {"kind": "too-soon", "until": "2026-11-21T10:15:30Z"}},
    }


def test_invalid_is_the_only_kind_under_its_own_code() -> None:
    assert framing.rpc_error(Refusal("invalid", "No.", field="a"), 1).code == wire.INVALID_PARAMS
    assert framing.rpc_error(Refusal("conflict", "No."), 1).code == wire.REFUSED
