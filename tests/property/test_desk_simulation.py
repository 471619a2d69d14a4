"""Histories of a shop with faults and pulled power: seeded ones, and ones that hypothesis looks for and makes small."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.property.shop_life import Shop
from tests.property.shop_people import WEIGHTS, change_of_shift
from tests.property.simulator import run


@pytest.mark.parametrize("seed", range(6))
def test_no_law_is_broken_in_a_seeded_history(seed: int) -> None:
    shop = run(Random(seed), sales=250, rest_every=150)
    assert shop.sales >= 250
    assert shop.counts["rests"] >= 10


@pytest.mark.parametrize("ring", [400, 800])
def test_no_law_is_broken_in_a_ring_that_goes_round_and_round(ring: int) -> None:
    shop = run(Random(ring), sales=400, ring=ring, rest_every=120)
    assert shop.disk.first > ring, "the ring went round"


def test_the_seeds_meet_every_kind_of_fault() -> None:
    """A simulation in which nothing goes wrong shows nothing."""
    seen: dict[str, int] = {}
    for seed in range(4):
        for what, n in run(Random(1000 + seed), sales=250).counts.items():
            seen[what] = seen.get(what, 0) + n
    for kind in (
        *["crashes", "records lost", "printer failed before", "printer fence lost", "printer silent"],
        *["printer unplugged", "pad unplugged", "reprints", "settled", "keys", "keys refused", "resign begun"],
    ):
        assert seen.get(kind, 0) > 0, f"no {kind} in these histories: {seen}"


def test_a_seed_is_a_history() -> None:
    first, again = (run(Random(5), sales=60) for _ in range(2))
    assert first.disk.payloads == again.disk.payloads
    assert first.counts == again.counts


STEPS = sorted(WEIGHTS, key=lambda action: action.__name__)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.sampled_from(STEPS), max_size=80),
    st.randoms(use_true_random=False, note_method_calls=False),
    st.booleans(),
)
def test_whatever_happens_in_whatever_order_no_law_is_broken(steps: list[object], rng: Random, printer: bool) -> None:
    async def history() -> None:
        shop = Shop(rng)
        shop.announce()
        for action in steps:
            shop.do(action)  # type: ignore[arg-type]
        shop.rest(printer=printer)
        shop.crash()
        change_of_shift(shop)

    asyncio.run(history())


def test_the_program_prints_what_happened(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.property.simulator", "--seed", "3", "--sales", "40"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert "no law broken" in done.stdout
    for word in ("sales", "copies on paper", "crashes", "reprints", "printer"):
        assert word in done.stdout
