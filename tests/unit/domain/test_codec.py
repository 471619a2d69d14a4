"""Every event survives the journal; numbers and names are for ever."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from posd.domain import codec
from posd.domain import events as ev
from posd.domain.doer import POSD
from posd.domain.slip import Terminal
from tests.unit.domain.samples import every_event, typed

EVENTS = every_event()
VOCABULARY = {
    *["transaction.accepted", "copy.started", "copy.printed", "copy.failed", "copy.unknown", "copy.settled"],
    *["reprint.requested", "reprint.refused", "reprint.cancelled", "signature.requested", "signature.captured"],
    *[
        "signature.missing",
        "signature.attested",
        "signature.voided",
        "signature.uploaded",
        "exception.opened",
        "exception.noted",
    ],
    *["exception.assigned", "exception.waived", "exception.closed", "shift.opened", "shift.closed"],
    *["device.changed", "export.acknowledged", "clock.suspect", "requests.refused", "device.counted"],
    *["selftest.changed", "clock.trusted"],
    *["reprint.asked", "reprint.decided"],
    *["exception.escalated", "exception.overdue", "exceptions.swept", "shift.carried"],
    *["pin.tried", "pin.checked", "pin.carried"],
}


def test_the_types_are_the_vocabulary_and_nothing_more() -> None:
    assert set(codec.TYPES) == VOCABULARY
    assert {codec.tag_of(event) for event in EVENTS} == VOCABULARY
    assert {type(event) for event in EVENTS} == set(get_args(ev.AnyEvent))
    assert len(set(codec.TYPES.values())) == len(codec.TYPES)


def test_numbers_never_change() -> None:
    assert list(codec.TYPES.values()) == list(range(1, 39))
    assert codec.TYPES["transaction.accepted"] == 1
    assert codec.TYPES["clock.suspect"] == 24
    assert codec.TYPES["clock.trusted"] == 28
    assert codec.TYPES["signature.uploaded"] == 29
    assert codec.TYPES["exceptions.swept"] == 32
    assert codec.TYPES["shift.carried"] == 33
    assert codec.TYPES["reprint.decided"] == 35
    assert codec.TYPES["pin.carried"] == 38
    assert codec.VERSION == 1


@pytest.mark.parametrize("event", EVENTS, ids=codec.tag_of)
def test_an_event_comes_back_as_it_was(event: ev.AnyEvent) -> None:
    number, version, _, payload = codec.encode(event)
    assert codec.decode(number, version, payload) == event
    assert msgspec.json.decode(payload)["type"] == codec.tag_of(event)


@pytest.mark.parametrize("event", EVENTS, ids=codec.tag_of)
def test_an_event_with_only_its_required_fields_comes_back(event: ev.AnyEvent) -> None:
    fields = msgspec.structs.fields(event)
    bare = type(event)(**{f.name: getattr(event, f.name) for f in fields if f.required})
    number, version, _, payload = codec.encode(bare)
    assert codec.decode(number, version, payload) == bare


def test_the_reference_of_a_sales_events_is_the_sale() -> None:
    references = {codec.tag_of(event): codec.encode(event)[2] for event in EVENTS}
    assert references["transaction.accepted"] == b"20261121-0042"
    assert references["exception.opened"] == b"t1"
    assert references["copy.printed"] == references["signature.captured"] == b"t1"
    assert references["device.changed"] == references["clock.suspect"] == b""


def test_what_a_later_posd_wrote_is_passed_over() -> None:
    payload = codec.encode(EVENTS[0])[3]
    assert codec.decode(99, 1, payload) is None
    assert codec.decode(1, 2, payload) is None


@pytest.mark.parametrize("payload", [b"", b"{}", b"not json", b'{"type":"copy.printed"}', b'{"type":"never"}', b"\xff"])
def test_a_known_type_that_does_not_decode_is_an_error_that_says_where(payload: bytes) -> None:
    with pytest.raises(codec.UnreadableEvent, match="type 3"):
        codec.decode(3, codec.VERSION, payload)


def test_a_field_of_a_later_minor_change_does_not_hide_the_event() -> None:
    plain = msgspec.json.decode(codec.encode(EVENTS[2])[3])
    decoded = codec.decode(3, codec.VERSION, msgspec.json.encode({**plain, "added_later": 1}))
    assert decoded == EVENTS[2]


def test_the_digest_covers_everything_that_the_body_is_made_of() -> None:
    shop = Terminal("1", "Tea", "en")
    base = (typed(), shop, "000001", ("merchant", "customer"))
    digests = {
        codec.content_digest(*base),
        codec.content_digest(typed(id="other"), *base[1:]),
        codec.content_digest(typed(remarks="r"), *base[1:]),
        codec.content_digest(base[0], Terminal("1", "Coffee", "en"), *base[2:]),
        codec.content_digest(base[0], shop, "000002", base[3]),
        codec.content_digest(*base[:3], ("merchant",)),
    }
    assert len(digests) == 6
    assert codec.content_digest(typed(), shop, "000001", ("merchant", "customer")) in digests
    assert all(len(digest) == 64 for digest in digests)


def test_the_digest_of_the_guides_sale_never_changes() -> None:
    """A digest that changed with a release would unbind every signature before it."""
    digest = codec.content_digest(typed(), Terminal("00000001", "posd", "zh_CN"), "000001", ("merchant", "customer"))
    assert digest == "5ce89d372cd8e3583050259d6148f017733a2978f6f2f47afbb03502f5b55f00"


def test_what_happens_to_an_exception_belongs_to_its_transaction() -> None:
    """So all records of a transaction are found by its reference."""
    who = {"time": 1, "doer": POSD}
    for event in (
        ev.ExceptionNoted(**who, id="x1", note="n", transaction="t1"),
        ev.ExceptionAssigned(**who, id="x1", role="r", transaction="t1"),
        ev.ExceptionWaived(**who, id="x1", reason="r", transaction="t1"),
        ev.ExceptionClosed(**who, id="x1", reason="r", transaction="t1"),
    ):
        assert codec.encode(event)[2] == b"t1"
    assert codec.transaction_of(ev.ShiftOpened(**who, operator="07")) == ""


def test_an_exception_that_was_closed_before_its_transaction_was_named_is_read() -> None:
    payload = b'{"type":"exception.closed","time":1,"doer":{"kind":"posd"},"id":"x1","reason":"r"}'
    event = codec.decode(19, 1, payload)
    assert isinstance(event, ev.ExceptionClosed)
    assert event.transaction == ""
