"""A sample of every fault at every byte, in the time that a test run has. `make faults` plays all of them."""

from __future__ import annotations

from collections import defaultdict

import pytest

from tests.faults import cases
from tests.faults.__main__ import Tally, try_case
from tests.faults.faults import FAULTS

SEED = 20261121
SHARDS = 8


@pytest.mark.parametrize("shard", range(SHARDS))
def test_no_fault_at_any_byte_breaks_a_law(shard: int) -> None:
    tally = Tally()
    for case in cases.quick(SEED)[shard::SHARDS]:
        tally.add(try_case((case, SEED)))
    assert not tally.bad, "\n".join(tally.lines())
    assert tally.struck > tally.cases * 0.9, "the faults come"


def test_no_byte_is_left_out() -> None:
    longest = max(cases.span("plain", model) for model in cases.MODELS)
    bytes_of: dict[tuple[str, str], list[int]] = defaultdict(list)
    for case in cases.of_bytes("plain", seed=SEED):
        bytes_of[case.fault, case.restart].append(case.at)
        assert case.at <= cases.span("plain", case.model), case
    assert {fault for fault, _ in bytes_of} == set(FAULTS)
    assert all(sorted(places) == list(range(longest + 1)) for places in bytes_of.values())


def test_the_bytes_of_a_fence_are_tried_whatever_the_stride() -> None:
    length = cases.span("plain", "tm-80")
    fault_at = {case.at for case in cases.of_bytes("plain", 64, every_model=True) if case.model == "tm-80"}
    assert fault_at >= set(range(length - cases.FENCE_BYTES, length + 1))
    assert max(fault_at) == length
    assert 0 in fault_at
    assert 64 in fault_at
