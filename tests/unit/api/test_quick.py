"""The short way takes a line only as the long way would, and takes the lines that tills send."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from posd.api import framing, params, quick
from posd.api.framing import Call, RpcError
from posd.api.methods import METHODS
from posd.domain import card_guard
from posd.domain.errors import Refusal
from tests.unit.api.fakes import SALE

Way = tuple[Call, object] | None


def the_long_way(line: bytes) -> Way:
    """The call and its request; None where it is refused."""
    try:
        call = framing.parse(line)
        guarded = params.guarded(call.params)
        return replace(call, params=None), params.typed(guarded, METHODS[call.method].params)
    except (RpcError, Refusal, KeyError):
        return None


def the_short_way(line: bytes) -> Way:
    found = quick.taken(line)
    return None if found is None else (found[0], found[2])


def line(request: dict[str, Any], **how: Any) -> bytes:
    return json.dumps(request, ensure_ascii=False, **how).encode()


def submit(**changed: Any) -> dict[str, Any]:
    given = {"transaction": {**copy.deepcopy(SALE), **changed}}
    return {"jsonrpc": "2.0", "id": 1, "method": "transaction.submit", "params": given}


EXAMPLES = [
    line({"jsonrpc": "2.0", "id": 1, "method": name, "params": json.loads(method.example)})
    for name, method in METHODS.items()
]


@pytest.mark.parametrize("sale_id", ["20261121-0042", "20261121-000042", "2026112100000042", "A1"])
def test_a_sale_goes_the_short_way_and_comes_to_the_same(sale_id: str) -> None:
    sold = line(submit(id=sale_id))
    assert the_short_way(sold) == the_long_way(sold) is not None


def test_so_does_each_request_that_states_nothing_which_could_have_been_left_out() -> None:
    taken = [example for example in EXAMPLES if the_short_way(example) is not None]
    assert [the_short_way(example) for example in taken] == [the_long_way(example) for example in taken]
    assert len(taken) > len(EXAMPLES) / 2


def test_notifications_and_requests_without_params_go_the_short_way() -> None:
    for request in ({"jsonrpc": "2.0", "method": "posd.status"}, {"jsonrpc": "2.0", "method": "posd.hello", "id": "a"}):
        assert the_short_way(line(request)) == the_long_way(line(request)) is not None


UNUSUAL = {
    "a name twice in the sale": line(submit()).replace(b'"type": "sale"', b'"type": "sale", "type": "sale"'),
    "a name twice, the second one apart": line(submit()).replace(b'"type": "sale"', b'"type": "sale", "type" : "void"'),
    "a name twice in the envelope": line(submit()).replace(b'"id": 1', b'"id": 1, "id": 2'),
    "params twice": line(submit())[:-1] + b', "params": {}}',
    "an escape": line(submit()).replace(b"sale", b"\\u0073ale"),
    "an unknown field": line(submit(colour="red")),
    "a field for secrets": line(submit(cvv="123")),
    "an unknown member": line(submit() | {"more": 1}),
    "an unknown method": line(submit() | {"method": "transaction.steal"}),
    "a card number": line(submit(remarks="4111 1111 1111 1111")),
    "a card number as an identity": line(submit(id="4111111111111111")),
    "a card number as the request's id": line(submit() | {"id": 4111111111111111}),
    "track data": line(submit(remarks="9999999999999=2512101123456789")),
    "an id of many digits": line(submit() | {"id": 2**63}),
    "an id that is long": line(submit() | {"id": "x" * 129}),
    "an id that is no id": line(submit() | {"id": None}),
    "an id that is true": line(submit() | {"id": True}),
    "an id that is 1.0": line(submit() | {"id": 1.0}),
    "another version": line(submit() | {"jsonrpc": "1.0"}),
    "no transaction": line(submit() | {"params": {}}),
    "a list as params": line(submit() | {"params": [1]}),
    "null as params": line(submit() | {"params": None}),
    "bytes that are no UTF-8": line(submit(remarks="x")).replace(b'"x"', b'"\xff"'),
    "a lone surrogate": line(submit(remarks="x")).replace(b'"x"', b'"\xed\xa0\x80"'),
    "no JSON": line(submit())[:-1],
    "something behind it": line(submit()) + b"{}",
    "a batch": b"[" + line(submit()) + b"]",
    "deep nesting": b'{"jsonrpc": "2.0", "method": "posd.hello", "params": ' + b"[" * 5000,
    "a number": b"1",
}


@pytest.mark.parametrize("what", UNUSUAL)
def test_whatever_is_unusual_is_left_to_the_long_way(what: str) -> None:
    assert the_short_way(UNUSUAL[what]) is None


def test_what_could_have_been_left_out_goes_the_long_way_and_is_taken_there() -> None:
    for request in (submit(tip=None), submit(discounts=[])):
        assert the_short_way(line(request)) is None
        assert the_long_way(line(request)) is not None


PIECES = st.sampled_from(
    [b'"', b"\\", b":", b" ", b",", b"{", b"}", b"4111111111111111", b"1e9", b'"id": 2', b'"tip": null', b"\xff", b"0",
     b"\xe4\xb8\x80", b'"cvv": "1"', b'"total" :', b"\t"]
)  # fmt: skip


@given(st.sampled_from([*EXAMPLES, line(submit())]), st.data())
@settings(max_examples=1500)
def test_no_change_to_a_line_makes_the_ways_differ(given: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(given)))
    end = data.draw(st.integers(at, min(len(given), at + 8)))
    changed = given[:at] + data.draw(PIECES | st.just(b"")) + given[end:]
    short = the_short_way(changed)
    assert short is None or short == the_long_way(changed)


def shapes(kind: Any) -> Iterator[Any]:
    """A type and all that it is made of."""
    yield kind
    for inner in (*getattr(kind, "args", ()), getattr(kind, "item_type", None), *getattr(kind, "types", ())):
        if inner is not None:
            yield from shapes(inner)
    for field in getattr(kind, "fields", ()):
        yield from shapes(field.type)


def test_no_shape_has_a_place_for_card_secrets_or_for_what_nobody_knows() -> None:
    names, loose = set(), set()
    for method in METHODS.values():
        for shape in shapes(msgspec.inspect.type_info(method.params)):
            if isinstance(shape, msgspec.inspect.StructType):
                names |= {field.encode_name for field in shape.fields}
                loose |= set() if shape.forbid_unknown_fields else {shape.cls.__name__}
            elif isinstance(shape, msgspec.inspect.DictType | msgspec.inspect.AnyType | msgspec.inspect.RawType):
                loose.add(repr(shape))
    assert "masked" in names
    assert not loose
    assert not [name for name in names if card_guard._is_secret(name)]
