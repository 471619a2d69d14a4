"""The demultiplexer under everything that a line can bring."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from posd.printer.status import STALE_S, Answer, Asb, Block, Completed, Demultiplexer, Message, Realtime


def _free(fixed: int, mask: int) -> st.SearchStrategy[int]:
    """Bytes whose bits in `mask` are `fixed`."""
    return st.sampled_from([byte for byte in range(256) if byte & mask == fixed])


realtime = _free(0x12, 0x93).map(lambda b: (bytes((b,)), Realtime(b)))
answer = _free(0x00, 0x90).map(lambda b: (bytes((b,)), Answer(b)))
asb = st.tuples(_free(0x10, 0x93), *[_free(0x00, 0x90)] * 3).map(lambda b: (bytes(b), Asb(bytes(b))))
OURS = [byte for byte in range(0x20, 0x7F) if not byte & 0x90]
"""What posd's own ids are made of: none of these is taken for a reply of another kind."""
completed = st.lists(st.sampled_from(OURS), min_size=4, max_size=4).map(bytes)
completed_message = completed.map(lambda b: (b"\x37\x22" + b + b"\x00", Completed(b)))
block = st.tuples(st.sampled_from([0x35, 0x3B, 0x3D, 0x5F]), st.text(alphabet="TM-t88 V", max_size=20)).map(
    lambda b: (bytes((b[0],)) + b[1].encode() + b"\x00", Block(bytes((b[0],)) + b[1].encode()))
)
messages = st.lists(st.one_of(realtime, answer, asb, completed_message, block), max_size=30)


@settings(max_examples=300, deadline=None)
@given(messages, st.randoms(use_true_random=False))
def test_any_order_any_chunks_with_flow_control_anywhere(
    wanted: list[tuple[bytes, Message]], dice: random.Random
) -> None:
    stream = bytearray()
    for data, _ in wanted:
        for byte in data:
            while dice.random() < 0.2:
                stream.append(dice.choice((0x11, 0x13)))
            stream.append(byte)
    demultiplexer, found, now_s = Demultiplexer(), [], 10.0
    while stream:
        size = dice.randint(1, 7)
        found += demultiplexer.feed(bytes(stream[:size]), now_s)
        del stream[:size]
        now_s += dice.random() * STALE_S * 0.9
    assert found == [message for _, message in wanted]
    assert demultiplexer.garbage == 0


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200), messages)
def test_after_any_garbage_and_a_pause_nothing_is_lost(garbage: bytes, wanted: list[tuple[bytes, Message]]) -> None:
    demultiplexer = Demultiplexer()
    demultiplexer.feed(garbage, 10.0)
    found = demultiplexer.feed(b"".join(data for data, _ in wanted), 10.0 + STALE_S * 2)
    assert found == [message for _, message in wanted]


def test_a_million_random_bytes_do_not_cost_the_step() -> None:
    dice = random.Random(20261121)
    demultiplexer, now_s = Demultiplexer(), 10.0
    for _ in range(1000):
        demultiplexer.feed(dice.randbytes(1000), now_s)
        now_s += STALE_S * 2
        assert demultiplexer.feed(b"\x12\x14\x00\x00\x0f\x37\x22abcd\x00", now_s) == [
            Realtime(0x12),
            Asb(b"\x14\x00\x00\x0f"),
            Completed(b"abcd"),
        ]
        now_s += STALE_S * 2
