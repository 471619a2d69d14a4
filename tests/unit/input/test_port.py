"""The port on real FIFOs: comings, goings, what is older than the opening, what cannot be opened."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from posd.domain.device import DeviceReport
from posd.input import opening as opening_module
from posd.input import port as port_module
from posd.input.events import Frame
from posd.input.node import Node
from posd.input.port import InputPort
from tests.unit.input.wire import EV_KEY, Fifo, beside, frame, press, record, until


class Room:
    """A room that listens and writes down what it hears."""

    def __init__(self, path: Path) -> None:
        self.reports: list[DeviceReport] = []
        self.heard: list[str] = []
        self.codes: list[int] = []
        self.fault: str | None = None
        self.port = InputPort("keypad", str(path), self, self.reports.append, {})

    def complaint(self, node: Node) -> str | None:
        return self.fault

    def opened(self, node: Node) -> None:
        self.heard.append("opened")

    def frames(self, frames: list[Frame]) -> None:
        assert frames
        self.codes += [event.code for one in frames for event in one.events if event.value == 1]

    def lost(self) -> None:
        self.heard.append("lost")

    @property
    def states(self) -> list[str]:
        return [report.state for report in self.reports]


def play(scene: Callable[[Room], Awaitable[None]], path: Path) -> Room:
    """Run a port on `path` while the scene plays; afterwards no descriptor and no task may be left."""

    async def run() -> Room:
        room = Room(path)
        await beside(room.port, scene(room))
        assert room.heard.count("opened") == room.heard.count("lost")
        return room

    before = read_ends(path)
    room = asyncio.run(run())
    assert read_ends(path) == before
    return room


def read_ends(path: Path) -> int:
    """How many descriptors of this process are open on `path` for reading only, as the port opens it."""
    found = 0
    for fd in os.listdir("/proc/self/fd"):
        try:
            if os.readlink(f"/proc/self/fd/{fd}").split(" (")[0] == str(path):
                flags = Path(f"/proc/self/fdinfo/{fd}").read_text().split("flags:")[1].split()[0]
                found += int(flags, 8) & os.O_ACCMODE == os.O_RDONLY
        except FileNotFoundError:
            continue
    return found


class Never:
    """A back-off that would not come to another try by itself within any test."""

    def next_s(self) -> float:
        return 3600.0

    def reset(self) -> None:
        return


@pytest.fixture
def fifo(tmp_path: Path) -> Fifo:
    return Fifo(tmp_path / "keypad")


def test_a_fifo_with_a_writer_is_ready_and_is_heard(fifo: Fifo) -> None:
    async def scene(room: Room) -> None:
        await until(lambda: room.port.ready, "ready")
        fifo.write(press(59, 60))
        await until(lambda: room.codes == [59, 60], "both keys")

    room = play(scene, fifo.plug().path)
    fifo.let_go()
    assert room.states == ["opening", "ready"]
    assert room.reports[-1].info == {"path": str(fifo.path), "kind": "fifo", "name": str(fifo.path)}


def test_what_was_written_before_the_opening_is_thrown_away(fifo: Fifo) -> None:
    async def scene(room: Room) -> None:
        await until(lambda: room.port.ready, "ready")
        fifo.write(frame((EV_KEY, 60, 0)) + press(61))
        await until(lambda: 61 in room.codes, "the new key")

    fifo.plug().write(press(59, 59, 59) + record(EV_KEY, 60, 1))
    room = play(scene, fifo.path)
    fifo.let_go()
    assert room.codes == [61]


def test_a_record_torn_by_the_opening_does_not_put_the_reader_out_of_step(fifo: Fifo) -> None:
    async def scene(room: Room) -> None:
        await until(lambda: room.port.ready, "ready")
        fifo.write(torn[10:] + press(61))
        await until(lambda: 61 in room.codes, "the new key")

    torn = frame((EV_KEY, 60, 1))
    fifo.plug().write(press(59) + torn[:10])
    assert play(scene, fifo.path).codes == [61]
    fifo.let_go()


def test_records_that_arrive_in_pieces_are_whole(fifo: Fifo) -> None:
    async def scene(room: Room) -> None:
        await until(lambda: room.port.ready, "ready")
        for byte in press(59, 60):
            fifo.write(bytes((byte,)))
            await asyncio.sleep(0)
        await until(lambda: room.codes == [59, 60], "both keys")

    play(scene, fifo.plug().path)
    fifo.let_go()


def test_a_device_that_goes_is_absent_and_is_back_by_itself(fifo: Fifo) -> None:
    async def scene(room: Room) -> None:
        for code in (59, 60):
            await until(lambda: room.port.ready, "ready")
            fifo.write(press(code))
            fifo.unplug()
            await until(lambda: room.states[-1] == "absent", "absent")
            fifo.plug()
        await until(lambda: room.port.ready, "ready again")

    room = play(scene, fifo.plug().path)
    fifo.let_go()
    assert room.codes == [59, 60]
    assert room.heard == ["opened", "lost"] * 3
    assert room.states == ["opening", "ready", "absent", "opening", "ready", "absent", "opening", "ready"]
    assert room.reports[2].reasons == ("unplugged",)


def test_a_device_that_is_not_there_is_absent_once_and_a_poke_finds_it_at_once(
    fifo: Fifo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(port_module, "Backoff", Never)

    async def scene(room: Room) -> None:
        await until(lambda: room.states == ["absent"], "absent")
        room.port.poke()
        await until(lambda: room.port.alive() > 0, "alive")
        fifo.plug()
        room.port.poke()
        await until(lambda: room.port.ready, "ready")

    room = play(scene, fifo.path)
    fifo.let_go()
    assert room.states == ["absent", "opening", "ready"]
    assert str(fifo.path) in room.reports[0].detail


def test_a_fifo_without_a_writer_is_opening_until_one_comes(fifo: Fifo) -> None:
    async def scene(room: Room) -> None:
        await until(lambda: room.states == ["opening"], "opening")
        fifo.hold()
        await until(lambda: room.port.ready, "ready though nothing was written")

    os.mkfifo(fifo.path)
    assert play(scene, fifo.path).states == ["opening", "ready"]
    fifo.let_go()


def test_a_recording_that_is_played_and_ends_is_heard_to_its_end(fifo: Fifo) -> None:
    async def scene(room: Room) -> None:
        await until(lambda: room.states == ["opening"], "opening")
        fd = os.open(fifo.path, os.O_WRONLY)
        os.write(fd, press(59, 60, 61))
        os.close(fd)
        await until(lambda: room.codes == [59, 60, 61], "the recording")
        await until(lambda: "absent" in room.states and room.states[-1] == "opening", "waiting for the next one")

    os.mkfifo(fifo.path)
    play(scene, fifo.path)


def test_a_writer_that_comes_and_goes_without_a_word_does_not_make_the_port_spin(fifo: Fifo) -> None:
    async def scene(room: Room) -> None:
        await until(lambda: room.states == ["opening"], "opening")
        os.close(os.open(fifo.path, os.O_WRONLY))
        await until(lambda: room.heard.count("opened") == 2, "opened anew")

    os.mkfifo(fifo.path)
    play(scene, fifo.path)


@pytest.mark.parametrize("kind", ["file", "folder", "null"])
def test_what_is_no_input_device_is_faulted_and_says_what_to_name(tmp_path: Path, kind: str) -> None:
    path = {"file": tmp_path / "file", "folder": tmp_path, "null": Path("/dev/null")}[kind]
    if kind == "file":
        path.write_bytes(press(59))

    async def scene(room: Room) -> None:
        await until(lambda: room.states and room.states[-1] == "faulted", "faulted")
        room.port.poke()
        room.port.poke()

    room = play(scene, path)
    assert room.states == ["opening", "faulted"]
    assert room.reports[-1].reasons == ("no-answer",)
    assert "neither an input device nor a FIFO" in room.reports[-1].detail
    assert room.heard == []


def test_a_device_that_the_room_does_not_want_is_faulted_and_closed(fifo: Fifo) -> None:
    async def scene(room: Room) -> None:
        room.fault = "is a kettle."
        await until(lambda: room.states and room.states[-1] == "faulted", "faulted")

    room = play(scene, fifo.plug().path)
    fifo.let_go()
    assert room.reports[-1].detail == f"{fifo.path} is a kettle."


def test_drain_hands_out_what_has_arrived_without_a_turn_of_the_loop(fifo: Fifo) -> None:
    async def scene(room: Room) -> None:
        await until(lambda: room.port.ready, "ready")
        fifo.write(press(*range(2, 12)) * 60)
        room.port.drain()
        assert len(room.codes) == 600
        fifo.unplug()
        room.port.drain()
        assert room.states[-1] == "ready", "a drain reports nothing"
        await until(lambda: room.states[-1] == "absent", "absent")

    play(scene, fifo.plug().path)


def test_a_port_that_is_cancelled_while_it_opens_leaves_nothing_open(fifo: Fifo) -> None:
    async def run() -> None:
        room = Room(fifo.path)
        for turns in range(4):
            running = asyncio.ensure_future(room.port.run())
            for _ in range(turns):
                await asyncio.sleep(0)
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
        assert room.heard.count("opened") == room.heard.count("lost")

    fifo.plug()
    asyncio.run(run())
    assert read_ends(fifo.path) == 0
    fifo.let_go()


def test_alive_moves_on_while_nothing_happens(fifo: Fifo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(port_module, "TICK_S", 0.01)

    async def scene(room: Room) -> None:
        await until(lambda: room.port.ready, "ready")
        seen = room.port.alive()
        await until(lambda: room.port.alive() > seen, "alive moved on")

    play(scene, fifo.plug().path)
    fifo.let_go()


def test_a_node_that_does_not_open_in_time_is_faulted_and_used_when_it_does(
    fifo: Fifo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The FIFO stands in for a node whose driver hangs: its opening waits for this test."""
    import threading

    go = threading.Event()
    real = opening_module.open_node

    def slow(*arguments: object) -> Node:
        assert go.wait(60)
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(opening_module, "open_node", slow)
    monkeypatch.setattr(port_module, "OPEN_WITHIN_S", 0.05)

    async def scene(room: Room) -> None:
        await until(lambda: room.states and room.states[-1] == "faulted", "faulted")
        go.set()
        await until(lambda: room.port.ready, "ready")

    room = play(scene, fifo.plug().path)
    fifo.let_go()
    assert room.states == ["opening", "faulted", "ready"]
