"""A seeded shop: the real desk and its runner among clients, devices and a disk that fail as they like.

    python -m tests.property.simulator --seed 7 --sales 20000

One `random.Random` decides everything, so a seed is a whole history and a violation comes back with it. Time is a
number; nothing waits. At each step one thing happens (shop_people.py): a client asks, a part of what waits becomes
durable, the printer or the pad goes on or breaks, a person presses a key, the clock moves, power goes. laws.py watches
what leaves, what comes out and what the journal has. Now and then the shop comes to rest: then everything must be
settled or on the list.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from random import Random

from tests.property.laws import Violation
from tests.property.shop_life import Shop
from tests.property.shop_people import WEIGHTS, change_of_shift


def run(rng: Random, *, sales: int, ring: int = 1500, rest_every: int = 400) -> Shop:
    """A history of so many accepted sales, with rests in between; each fourth and the last is a change of shift."""

    happenings, weights = list(WEIGHTS), list(WEIGHTS.values())

    async def history() -> Shop:
        shop = Shop(rng, ring)
        shop.announce()
        steps = 0
        while shop.sales < sales:
            steps += 1
            shop.do(rng.choices(happenings, weights)[0])
            if steps % rest_every == 0:
                if steps // rest_every % 4:
                    shop.rest(printer=rng.random() < 0.7)
                else:
                    change_of_shift(shop)
        change_of_shift(shop)
        return shop

    return asyncio.run(history())


def main() -> int:
    """Run one seed and print what happened in it."""
    parser = argparse.ArgumentParser(description="Simulate a shop and check the laws at every step.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sales", type=int, default=20_000)
    options = parser.parse_args()
    began = time.monotonic()
    try:
        shop = run(Random(options.seed), sales=options.sales)
    except Violation as violation:
        print(f"seed {options.seed}: {violation}")
        return 1
    shop.counts |= {"sales": shop.sales, "copies on paper": shop.laws.prints, "journal records": shop.disk.durable}
    for what, n in sorted(shop.counts.items()):
        print(f"{what:24} {n}")
    print(f"seed {options.seed}: {shop.sales} sales, no law broken, {time.monotonic() - began:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
