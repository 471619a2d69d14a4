"""The actor against the simulated printer in a process of its own: real slips, each fault at a byte inside one, and
what lies on the counter after.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest

from hwsim.client import ask
from posd.config import PrinterSection
from posd.domain.device import DeviceReport, PrintJob, PrintOutcome, PrintStarted
from posd.domain.slip import Signing
from posd.printer.actor import PrinterActor
from posd.printer.compose import Composer
from tests.unit.printer.samples import DRAWING, ZH, flourish, order

PATIENCE_S = 30.0
MODELS = ["tm-80", "clone-80", "basic-58"]


class Shop:
    """A world with one printer, and an actor that serves it."""

    def __init__(self, folder: Path, model: str) -> None:
        self.folder, self.width = folder, 58 if model.endswith("58") else 80
        self.language: Literal["escpos", "star"] = "star" if model.startswith("star") else "escpos"
        self.said: list[DeviceReport | PrintStarted | PrintOutcome] = []
        self.changed = asyncio.Event()
        network = folder / "printer.port"
        device = f"tcp://127.0.0.1:{network.read_text().strip()}" if network.exists() else str(folder / "printer")
        section = PrinterSection(device=device, answer_within="1s", language=self.language)
        self.actor = PrinterActor(section, self._hear)

    def _hear(self, message: DeviceReport | PrintStarted | PrintOutcome) -> None:
        self.said.append(message)
        self.changed.set()

    async def do(self, word: str, *args: str) -> dict[str, Any]:
        return await asyncio.to_thread(ask, self.folder, word, *args)

    async def until(self, what: Callable[[], object]) -> None:
        deadline = asyncio.get_running_loop().time() + PATIENCE_S
        while not what():
            self.changed.clear()
            try:
                await asyncio.wait_for(self.changed.wait(), 0.1)
            except TimeoutError:
                assert asyncio.get_running_loop().time() < deadline, self.said

    @property
    def state(self) -> tuple[str, tuple[str, ...]]:
        report = next((m for m in reversed(self.said) if isinstance(m, DeviceReport)), None)
        return (report.state, report.reasons) if report else ("absent", ())

    async def ready(self) -> None:
        await self.until(lambda: self.state[0] == "ready")

    def slip(self, receipt: str) -> bytes:
        signing = Signing("image", drawing=DRAWING, version=1)
        compose = Composer("default", self.width, flourish, language=self.language)
        return compose(order("merchant", ZH, receipt=receipt, signing=signing)).data

    def submit(self, receipt: str) -> None:
        self.actor.submit(PrintJob(receipt, self.slip(receipt)))

    async def outcome(self, receipt: str) -> tuple[str, str | None, str | None]:
        def found() -> list[PrintOutcome]:
            return [m for m in self.said if isinstance(m, PrintOutcome) and m.job == receipt]

        await self.until(found)
        assert len(found()) == 1
        return found()[0].state, found()[0].proof, found()[0].cause

    def papers(self) -> list[str]:
        """The text of each slip on the counter; scraps without a word on them are not counted."""
        return [text for p in sorted((self.folder / "paper").glob("*.txt")) if (text := p.read_text(encoding="utf-8"))]

    async def whole(self, receipt: str) -> int:
        """How many whole slips of `receipt` lie there."""
        while (status := await self.do("status"))["slips_being_written"]:
            await asyncio.sleep(0.01)
        assert len(list((self.folder / "paper").glob("*.txt"))) == status["slips"]
        texts = ["".join(text.split()) for text in self.papers()]
        return sum(f"RECEIPT{receipt}-" in text and "chargedtomycard" in text for text in texts)


@pytest.fixture(params=MODELS)
def model(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def more() -> list[str]:
    """What else the world is told."""
    return []


@pytest.fixture
def in_shop(
    tmp_path: Path, root: Path, model: str, more: list[str]
) -> Iterator[Callable[[Callable[[Shop], Awaitable[None]]], None]]:
    """`in_shop(act)` runs `act` in a world of this model."""
    folder = str(tmp_path / "world")
    command = [sys.executable, "-m", "hwsim", "run", folder, "--speed", "fast", "--model", model, *more]
    world = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True)
    assert world.stdout is not None

    def run(act: Callable[[Shop], Awaitable[None]]) -> None:
        async def inside() -> None:
            shop = Shop(tmp_path / "world", model)
            task = asyncio.create_task(shop.actor.run())
            try:
                await act(shop)
                assert (await shop.do("status"))["printer"]["drawer_kicks"] == 0
            finally:
                await shop.actor.close()
                assert task.done()

        asyncio.run(inside())

    try:
        assert world.stdout.readline() == "ready\n"
        yield run
    finally:
        world.terminate()
        world.wait(10)
        world.stdout.close()


InShop = Callable[[Callable[[Shop], Awaitable[None]]], None]


async def two_slips(shop: Shop) -> None:
    """Each whole on paper and proven, and nothing that the printer did not understand."""
    await shop.ready()
    for receipt in ("1001", "1002"):
        shop.submit(receipt)
        assert await shop.outcome(receipt) == ("printed", "confirmed", None)
        assert await shop.whole(receipt) == 1
    assert len(shop.papers()) == 2
    status = (await shop.do("status"))["printer"]
    assert not status["unknown_commands"]
    assert not status["refused_commands"]


def test_two_slips(in_shop: InShop) -> None:
    in_shop(two_slips)


@pytest.mark.parametrize(
    ("wrong", "right", "reason"),
    [
        ("paper-out", "paper-in", "paper-end"),
        ("cover-open", "cover-close", "cover-open"),
        ("head-hot", "head-cool", "head-hot"),
    ],
)
@pytest.mark.parametrize("at", [300, 4000])
def test_a_fault_inside_the_slip_and_its_end(in_shop: InShop, wrong: str, right: str, reason: str, at: int) -> None:
    async def act(shop: Shop) -> None:
        await shop.ready()
        await shop.do("stop-after", str(at), wrong)
        shop.submit("1001")
        await shop.until(lambda: shop.state == ("attention", (reason,)))
        await shop.do(right)
        assert await shop.outcome("1001") == ("printed", "confirmed", None)
        assert await shop.whole("1001") == 1
        await shop.ready()
        assert len(shop.papers()) == 1

    in_shop(act)


def test_a_jammed_cutter(in_shop: InShop) -> None:
    async def act(shop: Shop) -> None:
        await shop.ready()
        await shop.do("cutter-jam")
        shop.submit("1001")
        await shop.until(lambda: shop.state == ("attention", ("cutter",)))
        await shop.do("cutter-clear")
        assert await shop.outcome("1001") == ("printed", "confirmed", None)
        assert await shop.whole("1001") == 1

    in_shop(act)


def test_near_end_warns_and_does_not_stop(in_shop: InShop, model: str) -> None:
    if model == "basic-58":
        pytest.skip("basic-58 has no near-end sensor")

    async def act(shop: Shop) -> None:
        await shop.ready()
        await shop.do("near-end")
        await shop.until(lambda: shop.state == ("ready", ("paper-near-end",)))
        shop.submit("1001")
        assert (await shop.outcome("1001"))[0] == "printed"

    in_shop(act)


@pytest.mark.parametrize(
    ("wrong", "right", "at"),
    [
        ("mute", "unmute", 300),
        ("power-off", "power-on", 4000),  # inside the raster data of the signature
        ("unplug", "plug", 300),
        ("unplug", "plug", 4000),
    ],
)
def test_silence_inside_the_slip(in_shop: InShop, wrong: str, right: str, at: int) -> None:
    async def act(shop: Shop) -> None:
        await shop.ready()
        await shop.do("stop-after", str(at), wrong)
        shop.submit("1001")
        cause = "unplugged" if wrong == "unplug" else "no-answer"
        assert await shop.outcome("1001") == ("unknown", None, cause)
        assert shop.state[0] == ("absent" if wrong == "unplug" else "faulted")
        shop.submit("1002")
        assert await shop.outcome("1002") == ("failed", None, cause)
        await shop.do(right)
        await shop.ready()
        shop.submit("1003")
        assert await shop.outcome("1003") == ("printed", "confirmed", None)
        assert await shop.whole("1003") == 1
        assert await shop.whole("1002") == 0
        assert await shop.whole("1001") <= 1
        assert not any("1001" in text and "1003" in text for text in shop.papers()), "two slips on one piece of paper"

    in_shop(act)


def test_an_unrecoverable_printer(in_shop: InShop) -> None:
    async def act(shop: Shop) -> None:
        await shop.ready()
        await shop.do("stop-after", "4000", "broken")
        shop.submit("1001")
        assert await shop.outcome("1001") == ("unknown", None, "unrecoverable")
        assert shop.state == ("faulted", ("unrecoverable",))
        await shop.do("power-off")
        await shop.do("power-on")
        await shop.ready()

    in_shop(act)


def test_paper_is_out_when_posd_starts(in_shop: InShop) -> None:
    async def act(shop: Shop) -> None:
        await shop.until(lambda: shop.state == ("attention", ("paper-end",)))
        shop.submit("1001")
        assert await shop.outcome("1001") == ("failed", None, "paper-end")
        await shop.do("paper-in")
        await shop.ready()
        shop.submit("1002")
        assert await shop.outcome("1002") == ("printed", "confirmed", None)
        assert await shop.whole("1001") == 0

    async def paper_out_first(shop: Shop) -> None:
        await shop.do("paper-out")
        await act(shop)

    in_shop(paper_out_first)
