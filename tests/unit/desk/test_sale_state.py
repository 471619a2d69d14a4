"""What a sale takes of the memory: a full ring has thousands."""

from __future__ import annotations

import tracemalloc

from posd.desk.apply import apply
from posd.desk.state import State
from posd.domain import codec
from tests.unit.desk.shop import Shop
from tests.unit.domain.samples import cash

SALES = 300
BYTES_MAX = 1150


def test_a_sale_that_is_printed_takes_a_kilobyte() -> None:
    shop = Shop()
    shop.report("printer", "ready")
    shop.submit(cash(id="id-of-the-till-0000"))
    shop.print_all()
    course = [codec.encode(event) for event in shop.log if codec.transaction_of(event)]
    assert len(course) == 5, "accepted, and two copies that were started and printed"
    state, seq = State(), 0
    tracemalloc.start()
    try:
        for number in range(1, SALES + 1):
            for kind, version, _, payload in course:
                text = payload.replace(b"id-of-the-till-0000", b"id-of-the-till-%04d" % number)
                event = codec.decode(kind, version, text.replace(b"000001", b"%06d" % number))
                assert event is not None
                seq += 1
                apply(state, seq, event)
        del event, text, payload
        taken = tracemalloc.get_traced_memory()[0] / SALES
    finally:
        tracemalloc.stop()
    assert len(state.sales) == SALES
    assert not state.owed
    assert taken < BYTES_MAX, f"{taken:.0f} bytes each"
