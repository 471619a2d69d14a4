"""The actor of a serial pad on a real pty: every session ends once, with the picture that belongs to it."""

from __future__ import annotations

import asyncio
import os
import pty
import tty
from collections.abc import Awaitable, Callable
from pathlib import Path

from posd.config import PadSection
from posd.domain.device import DeviceReport, Drawing, SignOutcome
from posd.pad.serial import SerialPad
from tests.unit.pad import shop

INK = b"P4\n16 8\n" + bytes(range(16))
DEADLINE_S = 20.0


def framed(data: bytes) -> bytes:
    checked = (len(data) + 1).to_bytes(2, "big") + data + b"\x03"
    lrc = 0
    for byte in checked:
        lrc ^= byte
    return b"\x02" + checked + bytes([lrc])


class Pad:
    """The other end of the line: a pad that answers all that is asked but the signing, which the scene does."""

    def __init__(self, link: Path) -> None:
        self.link = link
        self.heard: list[bytes] = []
        self.answers = {0xA0: b"\xb0\0", 0xA1: b"\xb1\0", 0xA3: b"\xb3", 0xA4: b"\xb4\0", 0xA5: b"\xb5"}
        self._held = b""
        self.plug()

    def plug(self) -> None:
        # Its own hold on the slave: without any, the master would be ready to read an error for ever.
        self.master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self.master, False)
        self.link.symlink_to(os.ttyname(self._slave))
        asyncio.get_running_loop().add_reader(self.master, self._readable)

    def unplug(self) -> None:
        asyncio.get_running_loop().remove_reader(self.master)
        os.close(self.master)
        os.close(self._slave)
        self.link.unlink()

    def say(self, data: bytes) -> None:
        os.write(self.master, framed(data))

    def _readable(self) -> None:
        self._held += os.read(self.master, 4096)
        while len(self._held) > 3 and len(self._held) >= 4 + int.from_bytes(self._held[1:3], "big"):
            length = int.from_bytes(self._held[1:3], "big")
            data, self._held = self._held[3 : 2 + length], self._held[4 + length :]
            self.heard.append(data)
            answer = self.answers.get(data[0], data[:1] + b"\0" if data[0] > 0xCF else b"")
            if answer:
                self.say(answer)


class Shop(shop.Shop):
    """It asks on the pad at `link`."""

    def __init__(self, link: Path) -> None:
        super().__init__()
        self.pad = SerialPad(PadSection(driver="serial", device=str(link)), self.hear)


async def until(condition: Callable[[], object], what: str) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not condition():
            await asyncio.sleep(0.005)
    assert condition(), what


def play(scene: Callable[[Shop, Pad], Awaitable[None]], tmp_path: Path) -> Shop:
    async def whole() -> Shop:
        pad = Pad(tmp_path / "pad-serial")
        shop = Shop(pad.link)
        running = asyncio.create_task(shop.pad.run())
        try:
            await until(lambda: shop.states[-1:] == ["ready"], "the pad is ready")
            await scene(shop, pad)
        finally:
            await shop.pad.close()
            assert running.done()
            if pad.link.exists():
                pad.unplug()
        return shop

    return asyncio.run(whole())


def test_a_signature_comes_as_the_pad_drew_it(tmp_path: Path) -> None:
    async def scene(shop: Shop, pad: Pad) -> None:
        shop.begin("s1")
        await until(lambda: b"\xa2507D8226" in pad.heard, "the pad was asked")
        pad.say(b"\xb2\0\0\7" + INK)
        await until(lambda: shop.outcomes, "the session ended")
        await until(lambda: pad.heard[-1] == b"\xa3", "the pad was told that it is over")

    shop = play(scene, tmp_path)
    assert shop.outcomes == [SignOutcome("s1", "captured", Drawing("bitmap", INK))]
    assert shop.states == ["opening", "ready"]


def test_unplugged_in_a_session_and_plugged_in_again(tmp_path: Path) -> None:
    async def scene(shop: Shop, pad: Pad) -> None:
        shop.begin("s1")
        await until(lambda: any(data[0] == 0xA2 for data in pad.heard), "the pad was asked")
        pad.unplug()
        await until(lambda: shop.states[-1] == "absent", "the pad is gone")
        shop.begin("s2")
        await until(lambda: len(shop.outcomes) == 2, "nobody waits for a pad that is not there")
        pad.plug()
        shop.pad.poke()
        await until(lambda: shop.states[-1] == "ready", "it is back")

    shop = play(scene, tmp_path)
    assert shop.outcomes == [SignOutcome("s1", "device"), SignOutcome("s2", "device")]
    assert shop.states == ["opening", "ready", "absent", "opening", "ready"]
    gone = [word for word in shop.said if isinstance(word, DeviceReport)][2]
    assert gone.reasons == ("unplugged",)
    assert "Check the pad's cable" in gone.detail


def test_called_off(tmp_path: Path) -> None:
    async def scene(shop: Shop, pad: Pad) -> None:
        shop.begin("s1")
        shop.cancel("s0")
        shop.cancel("s1")
        shop.cancel("s1")
        await until(lambda: shop.outcomes, "the session ended")
        pad.say(b"\xb2\0\0\7" + INK)
        shop.begin("s2")
        await until(lambda: sum(data[0] == 0xA2 for data in pad.heard) == 2, "the next may begin")

    shop = play(scene, tmp_path)
    assert shop.outcomes[0] == SignOutcome("s1", "cancelled")


def test_posd_stops_while_somebody_signs(tmp_path: Path) -> None:
    async def scene(shop: Shop, pad: Pad) -> None:
        shop.begin("s1")
        await until(lambda: any(data[0] == 0xA2 for data in pad.heard), "the pad was asked")
        await shop.pad.close()
        assert shop.outcomes == [SignOutcome("s1", "restart")]
        await until(lambda: pad.heard[-1] == b"\xa3", "nobody is left signing for nothing")

    play(scene, tmp_path)


def test_a_pad_that_falls_silent_is_faulted_and_comes_back(tmp_path: Path) -> None:
    async def scene(shop: Shop, pad: Pad) -> None:
        answers, pad.answers = pad.answers, dict.fromkeys(pad.answers, b"")
        shop.begin("s1")
        shop.cancel("s1")
        await until(lambda: shop.states[-1] == "faulted", "it does not answer")
        shop.begin("s2")
        await until(lambda: len(shop.outcomes) == 2, "nobody waits for it")
        pad.answers = answers
        await until(lambda: shop.states[-1] == "ready", "it answers again")

    shop = play(scene, tmp_path)
    assert shop.outcomes[1] == SignOutcome("s2", "device")
    assert shop.states == ["opening", "ready", "faulted", "ready"]


def test_a_device_that_is_no_serial_line_is_told_once(tmp_path: Path) -> None:
    async def whole() -> Shop:
        path = tmp_path / "pad-serial"
        path.write_text("no tty")
        shop = Shop(path)
        running = asyncio.create_task(shop.pad.run())
        await until(lambda: shop.states[-1:] == ["faulted"], "it is told")
        for _ in range(3):
            shop.pad.poke()
            before = shop.pad.alive()
            await until(lambda before=before: shop.pad.alive() > before, "it was tried again")  # type: ignore[misc]
        await shop.pad.close()
        assert running.done()
        return shop

    shop = asyncio.run(whole())
    assert shop.states == ["opening", "faulted"]


def test_no_device_at_all(tmp_path: Path) -> None:
    async def whole() -> Shop:
        shop = Shop(tmp_path / "pad-serial")
        running = asyncio.create_task(shop.pad.run())
        await until(lambda: shop.states == ["absent"], "it is told")
        before = shop.pad.alive()
        await until(lambda: shop.pad.alive() > before, "it was tried again")
        await shop.pad.close()
        assert running.done()
        return shop

    assert asyncio.run(whole()).states == ["absent"]
