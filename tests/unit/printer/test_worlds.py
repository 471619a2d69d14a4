"""The actor against simulated printers of other kinds: Star line mode, the network, and those that need help after a
fault. Each in a process of its own.
"""

from __future__ import annotations

import pytest

from tests.unit.printer.test_world import InShop, Shop, in_shop, two_slips

__all__ = ["in_shop"]

NETWORK = ["--tcp", "0"]
KINDS = {
    "star-80": ("star-80", []),
    "star-58": ("star-58", []),
    "star-80 on a network": ("star-80", NETWORK),
    "tm-80 on a network": ("tm-80", NETWORK),
    "tm-80-no-asb": ("tm-80-no-asb", []),
    "tm-80-old": ("tm-80-old", []),
    "clone-80-waits": ("clone-80-waits", []),
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def model(kind: str) -> str:
    return KINDS[kind][0]


@pytest.fixture
def more(kind: str) -> list[str]:
    return KINDS[kind][1]


def test_two_slips_are_proven(in_shop: InShop) -> None:
    in_shop(two_slips)


@pytest.mark.parametrize("at", [4000])
def test_paper_out_inside_the_slip_and_a_new_roll(in_shop: InShop, at: int, model: str) -> None:
    async def deaf(shop: Shop) -> None:
        """It takes no more of the slip, tells nothing by itself, and cannot be asked inside a slip."""
        await shop.ready()
        await shop.do("stop-after", str(at), "paper-out")
        shop.submit("1001")
        assert await shop.outcome("1001") == ("unknown", None, "no-answer")
        await shop.do("paper-in")
        await shop.ready()

    async def act(shop: Shop) -> None:
        await shop.ready()
        await shop.do("stop-after", str(at), "paper-out")
        shop.submit("1001")
        await shop.until(lambda: shop.state == ("attention", ("paper-end",)))
        await shop.do("paper-in")
        assert await shop.outcome("1001") == ("printed", "confirmed", None)
        assert await shop.whole("1001") == 1
        await shop.ready()

    in_shop(deaf if model == "tm-80-no-asb" else act)


@pytest.mark.parametrize("kind", ["clone-80-waits", "star-80"])
def test_a_jam_ends(in_shop: InShop) -> None:
    async def act(shop: Shop) -> None:
        await shop.ready()
        await shop.do("cutter-jam")
        shop.submit("1001")
        await shop.until(lambda: shop.state == ("attention", ("cutter",)))
        await shop.do("cover-open")
        await shop.until(lambda: "cover-open" in shop.state[1])
        await shop.do("cutter-clear")
        await shop.do("cover-close")
        assert await shop.outcome("1001") == ("printed", "confirmed", None)
        assert await shop.whole("1001") == 1

    in_shop(act)


def test_the_power_goes_inside_the_slip(in_shop: InShop) -> None:
    async def act(shop: Shop) -> None:
        await shop.ready()
        await shop.do("stop-after", "4000", "power-off")
        shop.submit("1001")
        state, proof, _ = await shop.outcome("1001")
        assert (state, proof) == ("unknown", None)
        await shop.do("power-on")
        await shop.ready()
        shop.submit("1002")
        assert await shop.outcome("1002") == ("printed", "confirmed", None)
        assert await shop.whole("1002") == 1
        assert await shop.whole("1001") == 0
        assert not any("1001" in text and "1002" in text for text in shop.papers())

    in_shop(act)


@pytest.mark.parametrize("kind", ["tm-80-no-asb", "tm-80-old", "clone-80-waits"])
def test_a_moment_without_power_inside_the_slip(in_shop: InShop) -> None:
    """The line hides it: the rest of the slip waits there, and the printer answers the fence behind it."""

    async def act(shop: Shop) -> None:
        await shop.ready()
        await shop.do("stop-after", "5000", "reboot")
        shop.submit("1001")
        assert await shop.outcome("1001") == ("unknown", None, "no-answer")
        await shop.ready()
        shop.submit("1002")
        assert await shop.outcome("1002") == ("printed", "confirmed", None)
        assert await shop.whole("1002") == 1
        assert await shop.whole("1001") == 0

    in_shop(act)
