"""Frames of a serial pad: what is whole is found, whatever stands around it or breaks off."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posd.pad.frames import GAP_S, Framer, frame


def test_the_handshake_byte_by_byte() -> None:
    assert frame(b"\xa0") == bytes.fromhex("02 0002 a0 03 a1")


@pytest.mark.parametrize("data", [b"", bytes(0xFFFF)])
def test_what_fits_into_no_frame(data: bytes) -> None:
    with pytest.raises(AssertionError):
        frame(data)


@given(st.lists(st.binary(min_size=1, max_size=400), max_size=6), st.integers(1, 50))
def test_frames_cut_into_any_pieces(messages: list[bytes], size: int) -> None:
    line = b"".join(frame(data) for data in messages)
    framer = Framer()
    found: list[bytes] = []
    for at in range(0, len(line), size):
        found += framer.feed(line[at : at + size], 1.0)
    assert found == messages
    assert framer.lost == 0
    assert framer.deadline_s is None


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(bytes.fromhex("02 0002 a0 03 a2"), id="LRC"),
        pytest.param(bytes.fromhex("02 0002 a0 04 a6"), id="ETX"),
        pytest.param(bytes.fromhex("02 0000"), id="length 0"),
        pytest.param(bytes.fromhex("02 0001 03"), id="no data"),
        pytest.param(b"\xff\x00noise\x03", id="noise"),
    ],
)
def test_a_broken_frame_hides_no_good_one(broken: bytes) -> None:
    framer = Framer()
    assert framer.feed(broken + frame(b"good"), 1.0) + framer.expire(1.0 + GAP_S) == [b"good"]
    assert framer.lost == len(broken)


def test_a_damaged_length_swallows_what_follows_only_until_the_gap() -> None:
    framer = Framer()
    assert framer.feed(b"\x02\xff\xff" + frame(b"good"), 1.0) == []
    assert framer.deadline_s == 1.0 + GAP_S
    assert framer.expire(1.0 + GAP_S - 0.01) == []
    assert framer.expire(1.0 + GAP_S) == [b"good"]
    assert framer.lost == 3


def test_bytes_after_a_gap_belong_to_no_frame_before_it() -> None:
    framer = Framer()
    whole = frame(b"slow")
    assert framer.feed(whole[:4], 1.0) == []
    assert framer.feed(whole[4:], 1.0 + GAP_S) == []
    assert framer.feed(frame(b"next"), 1.1 + GAP_S) == [b"next"]


@given(st.binary(max_size=300))
def test_noise_never_hides_the_frame_that_comes_after_a_pause(noise: bytes) -> None:
    framer = Framer()
    framer.feed(noise, 1.0)
    assert framer.feed(frame(b"\xd1"), 2.0)[-1:] == [b"\xd1"]
