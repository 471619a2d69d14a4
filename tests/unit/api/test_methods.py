"""The table is whole: every method of the interface, every word of the wire explained."""

from __future__ import annotations

import json
import re
from typing import Any, get_args

import msgspec
import pytest

from posd.api import document, meanings, openrpc, vocabulary
from posd.api.methods import METHODS
from posd.api.params import guarded, typed
from posd.domain import events, requests, views
from posd.domain.device import Drawing

PROMISED = [
    "posd.hello",
    "posd.status",
    "transaction.submit",
    "transaction.get",
    "transaction.search",
    "receipt.reprint",
    "receipt.settle",
    "receipt.cancel",
    "receipt.approve",
    "receipt.waiting",
    "receipt.request",
    "receipt.preview",
    "receipt.terms",
    "signature.resign",
    "signature.skip",
    "signature.void",
    "signature.attest",
    "signature.uploaded",
    "signature.get",
    "exception.list",
    "exception.note",
    "exception.assign",
    "exception.escalate",
    "exception.waive",
    "exception.close",
    "shift.open",
    "shift.close",
    "shift.show",
    "evidence.export",
    "device.list",
    "device.selftest",
    "clock.confirm",
    "journal.info",
    "journal.archive",
    "journal.backup",
    "events.subscribe",
    "events.unsubscribe",
    "rpc.discover",
]


def test_every_method_is_there_once() -> None:
    assert sorted(METHODS) == sorted(PROMISED)


def test_what_the_desk_answers_is_what_the_desk_is_asked() -> None:
    desk = {row.params for row in METHODS.values() if row.source == "desk"}
    assert desk == set(get_args(requests.AnyRequest)) - {requests.ReprintDenied}
    assert {row.result for row in METHODS.values() if row.source == "desk"} == set(get_args(views.AnyResult))


@pytest.mark.parametrize("row", METHODS.values(), ids=lambda row: row.name)
def test_examples_are_good_requests(row: Any) -> None:
    typed(guarded(json.loads(row.example)), row.params)


def test_every_field_has_its_sentence_and_no_sentence_lacks_its_field() -> None:
    shapes = document._shapes_of([shape for row in METHODS.values() for shape in (row.params, row.result)])
    fields = {
        shape.__name__: {field.encode_name for field in msgspec.structs.fields(shape)}
        for shape in shapes
        if shape.__struct_fields__
    }
    assert {name: set(told) for name, told in meanings.MEANINGS.items()} == fields


def test_every_type_of_event_has_its_sentence() -> None:
    tags = {str(shape.__struct_config__.tag) for shape in get_args(events.AnyEvent)}
    assert set(vocabulary.EVENTS) == tags


def test_the_page_hides_the_fields_that_notifications_hide() -> None:
    for shape in get_args(events.AnyEvent):
        for field in msgspec.structs.fields(shape):
            kinds = set(get_args(field.type)) | {field.type}
            assert bool(kinds & {bytes, Drawing}) == (field.name in {"body", "drawing"}), (
                f"{shape.__name__}.{field.name}"
            )


def test_the_pages_link_only_to_what_they_have() -> None:
    page = document.api_markdown()
    heads = {
        re.sub(r"[^a-z0-9 -]", "", head.lower()).replace(" ", "-") for head in re.findall(r"^#+ (.+)$", page, re.M)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", page)) <= heads


class TestOpenRpc:
    def test_every_reference_leads_somewhere(self) -> None:
        made = openrpc.document()
        text = json.dumps(made)
        for name in set(re.findall(r'"#/components/schemas/([^"]+)"', text)):
            assert name in made["components"]["schemas"]
        assert [method["name"] for method in made["methods"]] == list(METHODS)

    def test_parameters_are_those_of_the_types(self) -> None:
        methods = {method["name"]: method for method in openrpc.document()["methods"]}
        params = {param["name"]: param for param in methods["receipt.reprint"]["params"]}
        assert [name for name, param in params.items() if param["required"]] == ["id", "key"]
        assert params["key"]["schema"]["maxLength"] == 64
        assert methods["events.subscribe"]["params"][0]["name"] == "from"
        assert methods["posd.hello"]["params"] == []
        assert methods["transaction.submit"]["result"]["schema"] == {"$ref": "#/components/schemas/Submitted"}
