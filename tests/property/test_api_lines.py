"""Whatever comes over the socket: a line is a line however it is cut, and every line is a call or a clear error."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from posd.api.framing import TOO_LONG, LineSplitter, RpcError, failure_line, parse, rpc_error
from posd.api.methods import METHODS
from posd.api.params import guarded, typed
from posd.domain.errors import Refusal

LIMIT = 40
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@given(st.binary(max_size=400), st.lists(st.integers(1, 60), max_size=40))
@example(b"x" * 40 + b"\n" + b"y" * 41 + b"\nz\n", [40, 1, 41, 1])
def test_lines_do_not_depend_on_how_they_are_cut(data: bytes, cuts: list[int]) -> None:
    splitter, found, place = LineSplitter(LIMIT), [], 0
    for size in [*cuts, len(data)]:
        splitter.feed(data[place : place + size])
        place += size
        while (line := splitter.next_line()) is not None:
            found.append(line)
        assert len(splitter.rest()) <= LIMIT + 1
    *whole, last = data.split(b"\n")
    expected: list[Any] = [line if len(line) <= LIMIT else TOO_LONG for line in whole]
    if len(last) > LIMIT:
        expected.append(TOO_LONG)
    assert found == expected
    assert splitter.rest() == (last if len(last) <= LIMIT else b"")


def refused(line: bytes) -> tuple[int, str] | None:
    """Code and sentence of the error that a line meets; None for a good request."""
    try:
        call = parse(line)
        typed(guarded(call.params), METHODS[call.method].params)
    except RpcError as error:
        return error.code, json.loads(failure_line(error))["error"]["message"]
    except Refusal as refusal:
        return rpc_error(refusal, 1).code, refusal.message
    return None


@given(st.binary(max_size=200) | VALUES.map(lambda value: json.dumps(value).encode()))
def test_every_line_is_a_call_or_a_clear_error(line: bytes) -> None:
    told = refused(line)
    assert told is not None
    assert told[0] in {-32700, -32600}
    assert told[1]


@given(st.sampled_from(sorted(METHODS)), VALUES)
def test_params_are_a_request_or_a_clear_error(name: str, params: Any) -> None:
    told = refused(json.dumps({"jsonrpc": "2.0", "id": 1, "method": name, "params": params}).encode())
    assert told is None or (told[0] in {-32700, -32602, -32000} and told[1])
