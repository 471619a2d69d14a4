"""The ESC/POS demultiplexer under whatever a printer and a bad line can mix, and after a million bytes of noise."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posd.printer.fence import process_id
from posd.printer.star_status import StarDemultiplexer, StarStatus
from posd.printer.status import STALE_S, Answer, Asb, Block, Completed, Demultiplexer, Message, Realtime

NOISE_BYTES = 1_000_000

REALTIME = st.sampled_from([byte for byte in range(256) if byte & 0x93 == 0x12]).map(Realtime)
PLAIN = st.sampled_from([byte for byte in range(256) if byte & 0x90 == 0])
FIRST = st.sampled_from([byte for byte in range(256) if byte & 0x93 == 0x10])
ASB = st.tuples(FIRST, PLAIN, PLAIN, PLAIN).map(lambda four: Asb(bytes(four)))
ANSWER = PLAIN.map(Answer)
COMPLETED = st.integers(0, 1 << 22).map(lambda number: Completed(process_id(number)))
CLEARED = st.just(Block(b"\x37\x25"))
NAME = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=20).map(
    lambda text: Block(b"\x5f" + text.encode())
)


def spoken(message: Message) -> bytes:
    """The bytes that a printer sends for a message."""
    if isinstance(message, Realtime | Answer):
        return bytes((message.value,))
    if isinstance(message, Asb):
        return message.data
    return (b"\x37\x22" + message.process if isinstance(message, Completed) else message.data) + b"\x00"


def split(messages: list[Message], at: st.DataObject) -> tuple[bytes, list[Message]]:
    """The stream of the messages, with real-time replies and flow control put inside ASB and process ids: those are
    given whenever they are asked for. What is to be heard, in the order in which it is complete.
    """
    stream, wanted = bytearray(), []
    for message in messages:
        data = spoken(message)
        open_to_others = isinstance(message, Asb | Completed)
        for place, byte in enumerate(data):
            stream.append(byte)
            if place + 1 < len(data):
                stream += at.draw(st.sampled_from([b"", b"", b"\x11", b"\x13"]))
                if open_to_others and (inside := at.draw(st.one_of(st.none(), REALTIME))) is not None:
                    stream.append(inside.value)
                    wanted.append(inside)
        wanted.append(message)
    return bytes(stream), wanted


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(REALTIME, ASB, ANSWER, COMPLETED, CLEARED, NAME), max_size=12), st.data())
def test_any_interleaving_is_heard_whole_and_in_order(messages: list[Message], at: st.DataObject) -> None:
    stream, wanted = split(messages, at)
    hearing, found = Demultiplexer(), []
    while stream:
        size = at.draw(st.integers(1, len(stream)))
        found += hearing.feed(stream[:size], 5.0)
        stream = stream[size:]
    assert found == wanted
    assert hearing.garbage == 0


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200), st.lists(st.one_of(REALTIME, ASB, ANSWER, COMPLETED, NAME), max_size=6))
def test_after_any_garbage_and_a_pause_all_is_heard(garbage: bytes, messages: list[Message]) -> None:
    hearing = Demultiplexer()
    hearing.feed(garbage, 1.0)
    assert hearing.feed(b"".join(map(spoken, messages)), 1.0 + 2 * STALE_S) == messages


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 1 << 22))
def test_a_process_id_is_heard_at_once_behind_any_garbage(garbage: bytes, number: int) -> None:
    """Even where the garbage began a block, which then takes the answer for its own."""
    hearing = Demultiplexer()
    hearing.feed(garbage, 1.0)
    assert Completed(process_id(number)) in hearing.feed(spoken(Completed(process_id(number))), 1.0)


@pytest.mark.parametrize("seed", [1, 2])
def test_noise_does_not_cost_the_step(seed: int) -> None:
    rng, hearing, star, now_s, left = random.Random(seed), Demultiplexer(), StarDemultiplexer(), 0.0, NOISE_BYTES
    counted = 0
    while left > 0:
        noise = rng.randbytes(min(left, 997))
        left -= len(noise)
        for one in (hearing, star):
            one.feed(noise, now_s)
        behind = Completed(process_id(counted))
        assert behind in hearing.feed(spoken(behind) + b"\x12\x12\x12\x12", now_s)
        now_s += 2 * STALE_S
        told: list[Message] = [Realtime(0x12), Asb(b"\x14\x00\x00\x0f"), Answer(0), behind, Answer(3)]
        assert hearing.feed(b"".join(map(spoken, told)), now_s) == told
        whole = bytes.fromhex("230600000000000400")
        assert star.feed(whole, now_s) == [StarStatus(whole)]
        counted += 1
    assert counted == -(-NOISE_BYTES // 997)
