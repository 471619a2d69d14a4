"""The printer's replies, bit by bit, and the demultiplexer's place in the stream."""

from __future__ import annotations

import pytest

from posd.printer.status import (
    BLOCK_MAX,
    STALE_S,
    Answer,
    Asb,
    Block,
    Completed,
    Demultiplexer,
    Message,
    Realtime,
    from_asb,
    from_realtime,
    says_paper_end,
)

OK = (0x12, 0x12, 0x12, 0x12)


def feed(*parts: bytes, gap_s: float = 0.0) -> tuple[list[Message], int]:
    """Messages and garbage of the parts, one after the other."""
    demultiplexer, found = Demultiplexer(), []
    for number, part in enumerate(parts):
        found += demultiplexer.feed(part, 100 + number * gap_s)
    return found, demultiplexer.garbage


@pytest.mark.parametrize(
    ("changed", "reasons"),
    [
        ({}, ()),
        ({0: 0x08}, ("offline",)),
        ({0: 0x20}, ("offline",)),
        ({0: 0x04}, ()),  # the drawer's pin
        ({0: 0x40}, ()),  # someone feeds paper
        ({1: 0x04}, ("cover-open",)),
        ({1: 0x20}, ("paper-end",)),
        ({2: 0x08}, ("cutter",)),
        ({2: 0x20}, ("unrecoverable",)),
        ({2: 0x40}, ("head-hot",)),
        ({3: 0x0C}, ("paper-near-end",)),
        ({3: 0x60}, ("paper-end",)),
        ({3: 0x6C}, ("paper-end",)),
        ({0: 0x08, 1: 0x24, 3: 0x6C}, ("cover-open", "paper-end")),
        ({0: 0x08, 2: 0x40}, ("head-hot",)),
        ({0: 0x08, 1: 0x04, 2: 0x40}, ("cover-open",)),
        ({0: 0x08, 3: 0x0C}, ("offline", "paper-near-end")),
    ],
)
def test_realtime_bits(changed: dict[int, int], reasons: tuple[str, ...]) -> None:
    told = [value | changed.get(place, 0) for place, value in enumerate(OK)]
    assert from_realtime(*told).reasons == reasons


@pytest.mark.parametrize(
    ("data", "reasons"),
    [
        ("10000000", ()),
        ("1400000F", ()),
        ("18000000", ("offline",)),
        ("10010000", ("offline",)),
        ("38000000", ("cover-open",)),
        ("18080000", ("cutter",)),
        ("18200000", ("unrecoverable",)),
        ("18400000", ("head-hot",)),
        ("10000300", ("paper-near-end",)),
        ("18000C00", ("paper-end",)),
        ("38000F00", ("cover-open", "paper-end")),
    ],
)
def test_asb_bits(data: str, reasons: tuple[str, ...]) -> None:
    assert from_asb(bytes.fromhex(data)).reasons == reasons


def test_near_end_does_not_stop_the_paper() -> None:
    assert from_asb(bytes.fromhex("10000300")).stops == ()
    assert from_asb(bytes.fromhex("18000C00")).stops == ("paper-end",)


def test_gs_r() -> None:
    assert says_paper_end(0x0C)
    assert says_paper_end(0x0F)
    assert not says_paper_end(0x03)


def test_each_kind_is_told_apart() -> None:
    found, garbage = feed(b"\x12\x14\x00\x00\x0f\x00\x37\x22    \x00\x37\x25\x00\x5fTM-T88V\x00\x0c")
    assert found == [
        Realtime(0x12),
        Asb(b"\x14\x00\x00\x0f"),
        Answer(0x00),
        Completed(b"    "),
        Block(b"\x37\x25"),
        Block(b"\x5fTM-T88V"),
        Answer(0x0C),
    ]
    assert garbage == 0


def test_flow_control_may_stand_between_any_two_bytes() -> None:
    plain = b"\x12\x14\x00\x00\x0f\x37\x22abcd\x00"
    assert feed(b"\x11\x13".join(bytes((byte,)) for byte in plain)) == feed(plain)


def test_a_message_may_come_byte_by_byte() -> None:
    data = b"\x14\x00\x00\x0f\x37\x22abcd\x00"
    assert feed(*(bytes((byte,)) for byte in data)) == feed(data)


def test_half_a_message_is_dropped_after_a_pause() -> None:
    found, garbage = feed(b"\x14\x00", b"\x00\x12", gap_s=STALE_S * 2)
    assert found == [Answer(0), Realtime(0x12)]
    assert garbage == 2
    found, garbage = feed(b"\x14\x00", b"\x00\x0f", gap_s=STALE_S / 2)
    assert found == [Asb(b"\x14\x00\x00\x0f")]


def test_a_broken_asb_does_not_swallow_what_follows() -> None:
    assert feed(b"\x14\x00\x14\x00\x00\x0f\x12") == ([Asb(b"\x14\x00\x00\x0f"), Realtime(0x12)], 2)


def test_a_reply_inside_automatic_status_is_heard_and_the_status_goes_on() -> None:
    assert feed(b"\x14\x00\x12\x00\x32\x0f") == ([Realtime(0x12), Realtime(0x32), Asb(b"\x14\x00\x00\x0f")], 0)


def test_a_reply_with_any_bits_inside_a_process_id_is_no_part_of_it() -> None:
    assert feed(b"\x37\x22`a\x72b@\x00") == ([Realtime(0x72), Completed(b"`ab@")], 0)
    assert feed(b"\x37\x32\x22`ab@\x00") == ([Realtime(0x32), Completed(b"`ab@")], 0)


def test_a_process_id_behind_what_garbage_began_is_heard() -> None:
    assert feed(b"\x5fgarbage\x37\x22`ab@\x00") == ([Completed(b"`ab@")], 8)


def test_a_reply_inside_a_block_is_heard_and_the_block_goes_on() -> None:
    assert feed(b"\x37\x22ab\x12cd\x00") == ([Realtime(0x12), Completed(b"abcd")], 0)


def test_a_broken_block_gives_way_to_automatic_status() -> None:
    assert feed(b"\x37\x22ab\x14\x00\x00\x0f") == ([Asb(b"\x14\x00\x00\x0f")], 4)


def test_an_endless_block_is_dropped() -> None:
    found, garbage = feed(b"\x5f" + b"x" * BLOCK_MAX + b"\x12")
    assert found == [Realtime(0x12)]
    assert garbage == BLOCK_MAX + 1


def test_bytes_with_the_high_bit_are_garbage() -> None:
    assert feed(b"\xff\x80\x92") == ([], 3)
