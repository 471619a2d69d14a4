"""A Star printer's replies, bit by bit, and the demultiplexer's place in the stream."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posd.printer.star_status import Echo, StarDemultiplexer, StarMessage, StarStatus, five_bits, from_star
from posd.printer.status import STALE_S

OK = bytes.fromhex("230600000000000000")
ECHO = b"\x1b\x1d\x03\x01AB\x07\x00"


def feed(*parts: bytes, gap_s: float = 0.0) -> tuple[list[StarMessage], int]:
    """Messages and garbage of the parts, one after the other."""
    hearing, found = StarDemultiplexer(), []
    for number, part in enumerate(parts):
        found += hearing.feed(part, 100 + number * gap_s)
    return found, hearing.garbage


def status(**changed: int) -> bytes:
    """A status of nine bytes with bits set: b3=0x20 sets bit 5 of the third byte."""
    data = bytearray(OK)
    for place, bits in changed.items():
        data[int(place[1:]) - 1] |= bits
    return bytes(data)


@pytest.mark.parametrize(
    ("changed", "reasons"),
    [
        ({}, ()),
        ({"b3": 0x08}, ("offline",)),
        ({"b3": 0x40}, ("offline",)),
        ({"b3": 0x04}, ()),  # the drawer
        ({"b3": 0x28}, ("cover-open",)),
        ({"b4": 0x40}, ("head-hot",)),
        ({"b4": 0x20}, ("unrecoverable",)),
        ({"b4": 0x08}, ("cutter",)),
        ({"b6": 0x08}, ("paper-end",)),
        ({"b6": 0x04}, ("paper-near-end",)),
        ({"b6": 0x02}, ("paper-near-end",)),
        ({"b6": 0x0E, "b3": 0x08}, ("paper-end",)),
    ],
)
def test_bits(changed: dict[str, int], reasons: tuple[str, ...]) -> None:
    assert from_star(status(**changed)).reasons == reasons


@pytest.mark.parametrize(("byte", "number"), [(0x00, 0), (0x02, 1), (0x0E, 7), (0x20, 8), (0x6E, 31), (0x23, 9)])
def test_the_counter_and_the_length_stand_in_five_bits(byte: int, number: int) -> None:
    assert five_bits(byte) == number


def test_a_status_tells_its_length_and_its_counter() -> None:
    found, garbage = feed(status(b8=0x22) + bytes.fromhex("0F060000000000") + b"\x11\x13")
    assert [message.counter for message in found if isinstance(message, StarStatus)] == [9, None]
    assert garbage == 0


def test_an_echo_names_its_document() -> None:
    assert feed(ECHO + OK) == ([Echo(b"AB", 7), StarStatus(OK)], 0)


def test_on_a_network_two_bytes_of_length_follow_a_status() -> None:
    told = bytes((OK[0], OK[1] | 0x80)) + OK[2:]
    found, garbage = feed(told + b"\x80\x80" + OK + told + b"\x80\x88" + ECHO)
    assert [type(message) for message in found] == [StarStatus, StarStatus, StarStatus, Echo]
    assert garbage == 0


def test_half_a_message_is_dropped_after_a_pause() -> None:
    assert feed(OK[:5], OK, gap_s=STALE_S * 2) == ([StarStatus(OK)], 5)
    assert feed(OK[:5], OK[5:], gap_s=STALE_S / 2) == ([StarStatus(OK)], 0)


def test_a_broken_status_does_not_swallow_what_follows() -> None:
    assert feed(OK[:5] + OK) == ([StarStatus(OK)], 5)
    assert feed(OK[:5] + ECHO) == ([Echo(b"AB", 7)], 5)
    assert feed(ECHO[:2] + OK) == ([StarStatus(OK)], 2)


@given(st.lists(st.sampled_from([OK, status(b8=0x0E), ECHO, b"\x11", b"\x13"]), max_size=40), st.data())
def test_whole_messages_in_any_order_and_any_pieces_all_arrive(parts: list[bytes], data: st.DataObject) -> None:
    stream, hearing, found = b"".join(parts), StarDemultiplexer(), []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        found += hearing.feed(stream[:size], 1.0)
        stream = stream[size:]
    wanted = [Echo(b"AB", 7) if part == ECHO else StarStatus(part) for part in parts if len(part) > 1]
    assert found == wanted
    assert hearing.garbage == 0


@given(st.binary(max_size=300))
def test_after_any_garbage_and_a_pause_all_is_heard(garbage: bytes) -> None:
    hearing = StarDemultiplexer()
    hearing.feed(garbage, 1.0)
    assert hearing.feed(OK + ECHO, 1.0 + STALE_S * 2) == [StarStatus(OK), Echo(b"AB", 7)]
