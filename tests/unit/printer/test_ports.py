"""The ports: which device names which, what refuses says, and that nothing that hangs hangs posd."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import select
import socket
import struct
import sys
import termios
import threading
import tty
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from posd.config import ConfigError, PrinterSection
from posd.line import tty as tty_line
from posd.line.descriptor import EMPTY_PAUSE_S, FdPort
from posd.line.opening import Opener
from posd.line.port import Port, PortAbsent, PortGone, PortRefused
from posd.line.tty import open_tty
from posd.printer import port_tcp
from posd.printer.port_open import opener
from posd.printer.port_tcp import open_tcp
from posd.printer.port_usblp import _Usblp, open_usblp
from posd.printer.ports import Address, address

PATIENCE_S = 20.0


@pytest.fixture
def line() -> Iterator[tuple[int, str]]:
    """A pty: its far end, and the path of its near end."""
    far, near = pty.openpty()
    tty.setraw(near)
    path = os.ttyname(near)
    os.close(near)
    yield far, path
    with contextlib.suppress(OSError):
        os.close(far)


def came(far: int, count: int) -> bytes:
    """So many bytes: on a busy machine a pty hands them over in pieces."""
    got = b""
    while len(got) < count:
        assert select.select([far], [], [], PATIENCE_S)[0], got
        got += os.read(far, count - len(got))
    return got


async def until(met: Callable[[], object]) -> None:
    deadline_s = asyncio.get_running_loop().time() + PATIENCE_S
    while not met():
        assert asyncio.get_running_loop().time() < deadline_s
        await asyncio.sleep(0.005)


class Host:
    """Who uses a port: what came in, and how often something happened."""

    def __init__(self, port: Port) -> None:
        self.port, self.came, self.events = port, bytearray(), 0
        port.start(self.came.extend, self.happened)

    def happened(self) -> None:
        self.events += 1

    async def send(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            before = self.events
            rest = rest[self.port.write(rest) :]
            if rest:
                await until(lambda before=before: self.events > before)


def close(port: Port) -> None:
    port.stop()
    port.release()


# --- names


@pytest.mark.parametrize(
    ("device", "wanted"),
    [
        ("", Address("node", "")),
        ("/dev/ttyS0", Address("node", "/dev/ttyS0")),
        ("/dev/usb/lp0", Address("node", "/dev/usb/lp0")),
        ("usb:04b8:0E15", Address("usb", "usb:04b8:0E15", 0x04B8, 0x0E15)),
        ("usb:04b8:0e15:J5RK", Address("usb", "usb:04b8:0e15:J5RK", 0x04B8, 0x0E15, "J5RK")),
        ("tcp://printer.shop", Address("tcp", "tcp://printer.shop", host="printer.shop", port=9100)),
        ("tcp://192.0.2.5:9101", Address("tcp", "tcp://192.0.2.5:9101", host="192.0.2.5", port=9101)),
        ("tcp://[2001:db8::5]:9100", Address("tcp", "tcp://[2001:db8::5]:9100", host="2001:db8::5", port=9100)),
    ],
)
def test_a_device_names_its_port(device: str, wanted: Address) -> None:
    assert address(device) == wanted


@pytest.mark.parametrize(
    "device",
    [
        *("usb:04b8", "usb:04b8:xyz0", "tcp://", "tcp://a:0", "tcp://a:70000", "tcp:a", "http://a", "bluetooth:1"),
        *("ttyUSB0", "COM3", "192.0.2.50", "printer.shop:9100"),
    ],
)
def test_a_device_that_is_none_is_refused_with_what_to_write(device: str) -> None:
    with pytest.raises(ConfigError, match=r"printer\.device .*(tcp://|usb:)"):
        address(device)


# --- opening


class Fake:
    """A port that does nothing, or hangs in being let go of."""

    path = "fake"
    gone = False

    def __init__(self) -> None:
        self.released, self.may_end = threading.Event(), threading.Event()
        self.may_end.set()

    def stop(self) -> None:
        """Nothing to stop."""

    def release(self) -> None:
        assert self.may_end.wait(PATIENCE_S)
        self.released.set()


def test_an_opening_that_hangs_is_refused_and_not_tried_again_meanwhile() -> None:
    goes_on, tries = threading.Event(), []
    port: Any = Fake()

    def make() -> Port:
        tries.append(1)
        assert goes_on.wait(PATIENCE_S)
        return port

    async def run() -> None:
        door = Opener("/dev/lp", make)
        with pytest.raises(PortRefused, match=r"did not open within 0\.01 s"):
            await door.open(0.01)
        for _ in range(3):
            with pytest.raises(PortRefused, match=r"still hangs in opening it.*Unplug"):
                await door.open(0.01)
        assert len(tries) == 1
        goes_on.set()
        await until(port.released.is_set)  # it came too late: let go of again
        assert await door.open(PATIENCE_S) is port

    asyncio.run(run())


def test_a_letting_go_that_hangs_keeps_the_device_from_being_opened_again() -> None:
    port: Any = Fake()

    async def run() -> None:
        door = Opener("/dev/lp", lambda: port)
        opened = await door.open(PATIENCE_S)
        port.may_end.clear()
        door.let_go(opened)
        with pytest.raises(PortRefused, match="still hangs in letting go of an earlier connection"):
            await door.open(0.03)
        port.may_end.set()
        assert await door.open(PATIENCE_S) is port
        assert port.released.is_set()

    asyncio.run(run())


def test_an_error_of_any_kind_comes_to_who_waits() -> None:
    def make() -> Port:
        raise ZeroDivisionError

    async def run() -> None:
        with pytest.raises(ZeroDivisionError):
            await Opener("x", make).open(PATIENCE_S)

    asyncio.run(run())


def test_a_stop_that_comes_with_the_answer_is_a_stop(tmp_path: Path) -> None:
    """The thread's answer and the cancellation wait for the same turn of the loop."""

    async def run() -> None:
        door = opener(address(str(tmp_path / "none")), PrinterSection())
        opening = asyncio.ensure_future(door.open(5.0))
        await asyncio.sleep(0)
        for thread in threading.enumerate():
            if thread.name == "posd-port-open":
                thread.join(10)  # holds the loop on purpose: the answer is queued, and nobody has seen it
        asyncio.get_running_loop().call_soon(opening.cancel)
        with pytest.raises(asyncio.CancelledError):
            await opening

    asyncio.run(run())


def test_no_device_is_an_absent_one() -> None:
    async def run() -> None:
        with pytest.raises(PortAbsent, match="No printer is configured"):
            await opener(address(""), PrinterSection()).open(PATIENCE_S)

    asyncio.run(run())


def test_without_pyusb_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "posd.printer.port_usb", None)

    async def run() -> None:
        with pytest.raises(PortRefused, match="apt-get install python3-usb"):
            await opener(address("usb:04b8:0e15"), PrinterSection()).open(PATIENCE_S)

    asyncio.run(run())


# --- tty


def test_a_tty_carries_bytes_both_ways_and_notices_the_hang_up(line: tuple[int, str]) -> None:
    far, path = line

    async def run() -> None:
        host = Host(open_tty(path, path, 115200))
        await host.send(b"to the printer")
        assert came(far, 14) == b"to the printer"
        os.write(far, b"to the host")
        await until(lambda: host.came == b"to the host")
        assert host.port.unsent() == 0
        os.close(far)
        await until(lambda: host.port.gone)
        with pytest.raises(PortGone):
            host.port.write(b"x")
        close(host.port)

    asyncio.run(run())


def test_flow_control_is_what_the_configuration_says(line: tuple[int, str]) -> None:
    _, path = line
    for flow, software, hardware in (("none", 0, 0), ("xon-xoff", termios.IXON, 0), ("rts-cts", 0, termios.CRTSCTS)):
        port = open_tty(path, path, 9600, flow)  # type: ignore[arg-type]
        attributes = termios.tcgetattr(port._fd)
        assert attributes[0] & termios.IXON == software
        assert attributes[2] & termios.CRTSCTS == hardware
        port.release()


def test_a_line_that_was_left_stopped_is_started_again(line: tuple[int, str]) -> None:
    far, path = line
    held = os.open(path, os.O_RDWR | os.O_NOCTTY)  # so that the line's state outlives its owner
    termios.tcflow(held, termios.TCOOFF)
    assert _nothing_goes_out(held)

    async def run() -> None:
        host = Host(open_tty(path, path, 9600, "xon-xoff"))
        await host.send(b"on again")
        assert came(far, 8) == b"on again"
        close(host.port)

    asyncio.run(run())
    os.close(held)


def _nothing_goes_out(fd: int) -> bool:
    os.set_blocking(fd, False)
    with contextlib.suppress(BlockingIOError):
        return os.write(fd, b"stopped") == 0
    return True


def test_dsr_lets_only_a_little_out_at_a_time_and_nothing_when_it_falls(
    line: tuple[int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pty has no modem lines: the question for them is answered here, everything else is the pty."""
    far, path = line
    ready, port = True, open_tty(path, path, 9600, "dtr-dsr")
    monkeypatch.setattr(port._line, "_ready", lambda: ready)

    async def run() -> None:
        nonlocal ready
        host = Host(port)
        assert port.write(b"x" * 1000) == 64
        ready = False
        assert port.write(b"x" * 1000) == 0
        ready, before = True, host.events
        await until(lambda: host.events > before)
        await host.send(b"y" * 500)
        close(port)
        assert came(far, 564) == b"x" * 64 + b"y" * 500

    asyncio.run(run())


def test_where_there_are_no_modem_lines_dsr_holds_nothing_up(line: tuple[int, str]) -> None:
    far, path = line

    async def run() -> None:
        host = Host(open_tty(path, path, 9600, "dtr-dsr"))
        await host.send(b"z" * 300)
        assert came(far, 300) == b"z" * 300
        close(host.port)

    asyncio.run(run())


def test_what_a_driver_does_not_drop_is_not_counted_as_dropped(
    line: tuple[int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pty has no queue of its own, so the counts are made here: before the discard, and behind it."""
    _, path = line

    async def run() -> None:
        for behind, dropped in ((0, 744), (1000, 0), (500, 244)):
            port = open_tty(path, path, 9600)
            counts = iter((1000, behind))
            monkeypatch.setattr(tty_line, "queued", lambda _fd, counts=counts: next(counts))
            assert port.discard() == dropped
            port.release()

    asyncio.run(run())


def test_a_tty_that_another_holds_says_so_and_how_to_find_out_who(line: tuple[int, str]) -> None:
    _, path = line
    first = open_tty(path, path, 9600)
    with pytest.raises(PortRefused, match=r"held by another program.*posctl doctor"):
        open_tty(path, path, 9600)
    first.release()
    open_tty(path, path, 9600).release()  # nothing leaked


def test_what_is_no_tty_is_refused_and_what_is_not_there_is_absent(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    os.mkfifo(tmp_path / "fifo")
    for path in ("/dev/null", str(tmp_path), str(tmp_path / "file"), str(tmp_path / "fifo")):
        with pytest.raises(PortRefused, match=rf"^/dev/posd/printer \({path}\) is no serial port\. Name the right dev"):
            open_tty("/dev/posd/printer", path, 9600)
    with pytest.raises(PortAbsent, match="is not there"):
        open_tty("/dev/posd/printer", str(tmp_path / "none"), 9600)


# --- usblp


def test_a_usblp_node_carries_bytes_and_knows_when_they_are_taken(line: tuple[int, str]) -> None:
    far, path = line

    async def run() -> None:
        os.write(far, b"said to the last owner")
        host = Host(open_usblp(path))
        assert host.came == b""
        os.write(far, b"\x16")
        await until(lambda: host.came == b"\x16")
        taken = 0
        for _ in range(100_000):  # until the other side takes no more; the kernel moves bytes on meanwhile
            taken += host.port.write(b"q" * 4096)
            if host.port.unsent():
                break
        else:
            pytest.fail("a device that takes no more bytes counts as one that took all")
        read = 0
        while read < taken:
            read += len(os.read(far, 4096))
        await until(lambda: host.port.unsent() == 0)
        close(host.port)

    asyncio.run(run())


def test_an_empty_read_of_a_usblp_node_is_not_its_end_and_not_asked_for_without_a_pause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A FIFO without a writer reads empty for ever, as a silent printer may."""
    os.mkfifo(tmp_path / "lp0")
    port = FdPort(_Usblp("lp0", os.open(tmp_path / "lp0", os.O_RDONLY | os.O_NONBLOCK)))
    read, reads, waits = os.read, 0, 0

    def counted(fd: int, count: int) -> bytes:
        nonlocal reads
        reads += fd == port._fd
        return read(fd, count)

    async def run() -> None:
        nonlocal waits
        host = Host(port)
        writer = os.open(tmp_path / "lp0", os.O_WRONLY)
        os.close(writer)  # from now on there is an end to read
        waits = reads
        await until(lambda: reads >= waits + 3)
        turns = asyncio.get_running_loop().time()
        await until(lambda: reads >= waits + 6)
        assert asyncio.get_running_loop().time() - turns >= EMPTY_PAUSE_S
        assert not port.gone
        writer = os.open(tmp_path / "lp0", os.O_WRONLY)
        os.write(writer, b"\x12")
        await until(lambda: host.came == b"\x12")
        os.close(writer)
        close(port)

    monkeypatch.setattr(os, "read", counted)
    asyncio.run(run())


def test_a_usblp_node_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PortAbsent, match="is not there"):
        open_usblp(str(tmp_path / "lp0"))


# --- tcp


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def at(server: socket.socket) -> Address:
    return address(f"tcp://127.0.0.1:{server.getsockname()[1]}")


def test_a_network_printer_carries_bytes_both_ways_and_notices_the_end(listener: socket.socket) -> None:
    async def run() -> None:
        host = Host(open_tcp(at(listener)))
        far, _ = listener.accept()
        await host.send(b"to the printer")
        assert far.recv(100) == b"to the printer"
        await until(lambda: host.port.unsent() == 0)
        far.sendall(b"\x12")
        await until(lambda: host.came == b"\x12")
        far.close()
        await until(lambda: host.port.gone)
        close(host.port)

    asyncio.run(run())


def test_what_a_network_printer_has_not_taken_is_dropped_with_the_connection(listener: socket.socket) -> None:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)

    async def run() -> None:
        host = Host(open_tcp(at(listener)))
        far, _ = listener.accept()
        taken = 0
        while count := host.port.write(b"q" * 65536):
            taken += count
        kept = host.port.discard()
        assert 0 < kept < taken
        assert host.port.gone
        close(host.port)
        read = 0
        with contextlib.suppress(ConnectionResetError):
            while True:
                data = far.recv(65536)
                assert data, "an orderly end: the rest came too"
                read += len(data)
        assert read <= taken - kept
        far.close()

    asyncio.run(run())


def test_a_network_connection_with_nothing_in_it_survives_a_discard(listener: socket.socket) -> None:
    async def run() -> None:
        host = Host(open_tcp(at(listener)))
        far, _ = listener.accept()
        assert host.port.discard() == 0
        assert not host.port.gone
        await host.send(b"still there")
        assert far.recv(100) == b"still there"
        close(host.port)
        assert far.recv(100) == b""  # an orderly end: what the printer has it may print
        far.close()

    asyncio.run(run())


def test_a_network_printer_that_refuses_or_does_not_answer(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = at(listener)
    monkeypatch.setattr(port_tcp, "CONNECT_S", 0.05)
    waiting = []

    def fill(server: socket.socket) -> None:
        while True:  # until its queue is full
            waiting.append(open_tcp(at(server)))

    with (
        socket.create_server(("127.0.0.1", 0), backlog=0) as full,
        pytest.raises(PortRefused, match=r"does not answer within 0\.05 s"),
    ):
        fill(full)
    for port in waiting:
        port.release()
    listener.close()
    with pytest.raises(PortRefused, match="may serve another computer"):
        open_tcp(where)
    with pytest.raises(PortAbsent, match="cannot be looked up"):
        open_tcp(address("tcp://no.such.host.invalid"))
    with pytest.raises((PortAbsent, PortRefused), match=r"network printer \[::1\]:1 "):
        open_tcp(address("tcp://[::1]:1"))


def test_the_ends_of_a_dead_network_are_noticed(listener: socket.socket) -> None:
    port = open_tcp(at(listener))
    there = socket.socket(fileno=os.dup(port._fd))
    for option, value in (
        (socket.TCP_USER_TIMEOUT, 20_000),
        (socket.TCP_KEEPIDLE, 10),
        (socket.TCP_KEEPINTVL, 5),
        (socket.TCP_KEEPCNT, 2),
    ):
        assert there.getsockopt(socket.IPPROTO_TCP, option) == value
    assert there.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    assert struct.unpack("ii", there.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8))[0] == 0
    there.close()
    port.release()


def test_a_descriptor_port_is_closed_once_it_is_let_go(line: tuple[int, str]) -> None:
    _, path = line
    open_before = len(os.listdir("/proc/self/fd"))
    port: FdPort = open_tty(path, path, 9600)
    port.release()
    assert len(os.listdir("/proc/self/fd")) == open_before
