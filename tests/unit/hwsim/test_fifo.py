"""The FIFO as a device: readers come and go, nothing is partial, nothing stale is delivered."""

from __future__ import annotations

import asyncio
import os
import select
from pathlib import Path

import pytest

from hwsim import fifo as fifo_module
from hwsim.events import RECORD, SYN_DROPPED, burst
from hwsim.fifo import Act, Fifo


def bursts(count: int, size: int = 3, first: int = 0) -> Act:
    """An act of so many bursts of `size` values each, all due at once."""
    return lambda start: [(start, burst(start, [(3, 0, n)] * size)) for n in range(first, first + count)]


def open_reader(path: Path) -> int:
    return os.open(path, os.O_RDONLY | os.O_NONBLOCK)


def values(data: bytes) -> list[int]:
    return [record[4] for record in RECORD.iter_unpack(data) if record[2] == 3]


def read_all(reader: int) -> bytes:
    data = b""
    while select.select([reader], [], [], 0)[0] and (piece := os.read(reader, 1 << 16)):
        data += piece
    return data


def test_readers_come_and_go_without_an_end_of_file(tmp_path: Path) -> None:
    async def run() -> list[list[int]]:
        device = Fifo(tmp_path / "pad")
        device.plug()
        seen = []
        for _ in range(2):
            reader = open_reader(device.path)
            with pytest.raises(BlockingIOError):
                os.read(reader, 10)
            task = asyncio.ensure_future(device.play(bursts(4, 1), fast=True))
            data = b""
            while not task.done():
                await asyncio.sleep(0)
                data += read_all(reader)
            seen.append(values(data))
            os.close(reader)
        device.unplug()
        return seen

    assert asyncio.run(run()) == [[0, 1, 2, 3]] * 2


def test_what_nobody_reads_is_not_kept_for_a_later_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fifo_module, "GRACE_S", 0.05)

    async def run() -> tuple[int, int]:
        device = Fifo(tmp_path / "pad")
        device.plug()
        await device.play(bursts(5), fast=True)
        assert device.unread() > 0
        while not device.lost:
            await asyncio.sleep(0.01)
        reader = open_reader(device.path)
        with pytest.raises(BlockingIOError):
            os.read(reader, 10)
        os.close(reader)
        unread = device.unread()
        device.unplug()
        return unread, device.lost

    assert asyncio.run(run()) == (0, 1)


def test_a_full_fifo_loses_whole_bursts_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fifo_module, "GRACE_S", 0.01)

    async def run() -> bytes:
        device = Fifo(tmp_path / "pad")
        device.plug()
        reader = open_reader(device.path)
        task = asyncio.ensure_future(device.play(bursts(60, 99), fast=False))
        while not device.lost:
            await asyncio.sleep(0)
        data = read_all(reader)
        assert len(data) % RECORD.size == 0
        while not task.done():
            await asyncio.sleep(0)
            data += read_all(reader)
        task = asyncio.ensure_future(device.play(bursts(1, 99), fast=False))
        while not task.done():
            await asyncio.sleep(0)
            data += read_all(reader)
        os.close(reader)
        device.unplug()
        return data

    records = list(RECORD.iter_unpack(asyncio.run(run())))
    dropped = [index for index, record in enumerate(records) if record[2] == 0 and record[3] == SYN_DROPPED]
    assert dropped, "a gap must be announced"
    assert records[dropped[0] - 1][2:4] == (0, 0), "and only between reports"


def test_unplugging_ends_the_readers_file_and_plugging_brings_a_new_one(tmp_path: Path) -> None:
    async def run() -> None:
        device = Fifo(tmp_path / "pad")
        device.plug()
        device.plug()
        reader = open_reader(device.path)
        device.unplug()
        device.unplug()
        assert not device.path.exists()
        assert os.read(reader, 10) == b""
        os.close(reader)
        assert await device.play(bursts(2), fast=True) == 2
        device.plug()
        assert device.path.is_fifo()
        device.unplug()

    asyncio.run(run())


def test_time_never_goes_back_from_one_act_to_the_next(tmp_path: Path) -> None:
    async def run() -> list[float]:
        device = Fifo(tmp_path / "pad")
        device.plug()
        reader = open_reader(device.path)
        for _ in range(2):
            await device.play(lambda start: [(start + n, burst(start + n, [])) for n in range(3)], fast=True)
        data = read_all(reader)
        os.close(reader)
        device.unplug()
        return [record[0] + record[1] / 1e6 for record in RECORD.iter_unpack(data)]

    times = asyncio.run(run())
    assert len(times) == 6
    assert times == sorted(times)
