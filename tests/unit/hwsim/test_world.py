"""The world as a process: real pty, FIFOs and sockets, and `python -m hwsim` on both sides."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hwsim.client import WorldError, ask
from hwsim.events import BTN_0, BTN_TOUCH, RECORD
from tests.unit.hwsim.rig import ASK_PAPER, CUT, INIT, process_id

WaitUntil = Callable[..., None]
SECONDS = 20.0


class Running:
    """A world in a process of its own, and a host at its serial line."""

    def __init__(self, directory: Path, *options: str) -> None:
        self.directory = directory
        command = [sys.executable, "-m", "hwsim", "run", str(directory), *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.first_line = self.process.stdout.readline()
        self.host = -1

    def do(self, word: str, *args: object) -> dict[str, object]:
        return ask(self.directory, word, *args, timeout=SECONDS)

    @property
    def printer(self) -> dict[str, object]:
        status = self.do("status")["printer"]
        assert isinstance(status, dict)
        return status

    def open(self) -> None:
        self.close()
        self.host = os.open(self.directory / "printer", os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)

    def close(self) -> None:
        if self.host >= 0:
            os.close(self.host)
        self.host = -1

    def send(self, data: bytes) -> None:
        """Write all of it; the printer must keep taking it."""
        if self.host < 0:
            self.open()
        deadline = time.monotonic() + SECONDS
        while data:
            assert time.monotonic() < deadline, "the printer does not take the data"
            if select.select([], [self.host], [], 0.2)[1]:
                data = data[os.write(self.host, data) :]

    def expect(self, reply: bytes) -> None:
        """Read exactly this."""
        got = b""
        deadline = time.monotonic() + SECONDS
        while len(got) < len(reply) and time.monotonic() < deadline:
            if select.select([self.host], [], [], 0.2)[0]:
                got += os.read(self.host, len(reply) - len(got))
        assert got == reply

    def slip(self, number: int) -> str:
        return str(self.do("wait-slip", number, SECONDS)["text"])

    def end(self) -> str:
        """Stop it with SIGTERM; returns what it printed besides `ready`."""
        self.close()
        self.process.send_signal(signal.SIGTERM)
        out, err = self.process.communicate(timeout=SECONDS)
        assert (self.process.returncode, err) == (0, "")
        return out


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """`start(*options)` runs a world; all are ended afterwards."""
    worlds: list[Running] = []

    def run(*options: str, name: str = "world") -> Running:
        worlds.append(Running(tmp_path / name, *options))
        assert worlds[-1].first_line == "ready\n"
        return worlds[-1]

    yield run
    for world in worlds:
        if world.process.poll() is None:
            world.end()


@pytest.fixture
def world(start: Callable[..., Running]) -> Running:
    """A world whose printer has no mechanical delay."""
    return start("--speed", "fast")


def test_everything_is_there_when_it_says_ready(world: Running) -> None:
    d = world.directory
    assert (d / "printer").is_symlink()
    assert (d / "pad").is_fifo()
    assert (d / "keypad").is_fifo()
    assert (d / "control").is_socket()
    assert (d / "paper").is_dir()


def test_it_ends_cleanly_and_leaves_only_the_paper(world: Running) -> None:
    world.send(b"kept\n" + CUT)
    world.slip(1)
    world.end()
    assert [path.name for path in world.directory.iterdir()] == ["paper"]
    assert (world.directory / "paper" / "0001.txt").read_text() == "kept\n"


def test_a_slip_is_cut_and_its_completion_reported(world: Running) -> None:
    world.send(INIT + b"\x1da\xff")
    world.expect(b"\x14\x00\x00\x0f")
    data = b"\x1ba\x01hello\n" + CUT
    world.send(data + process_id("0001"))
    world.expect(b"\x37\x220001\x00")
    assert world.slip(1) == " " * 21 + "hello\n"
    paper = world.directory / "paper"
    assert (paper / "0001.bin").read_bytes() == INIT + b"\x1da\xff" + data
    assert (paper / "0001.png").read_bytes().startswith(b"\x89PNG")


def test_replies_are_not_echoed_back_as_print_data(world: Running) -> None:
    world.open()
    world.send(b"\x10\x04\x01" * 50)
    world.expect(b"\x16" * 50)
    assert world.printer["received"] == 150


def test_paper_runs_out_in_the_middle_and_one_slip_comes_out(start: Callable[..., Running]) -> None:
    world = start("--speed", "400")
    world.send(b"\x1da\xff")
    world.expect(b"\x14\x00\x00\x0f")
    world.do("stop-after", 40, "paper-out")
    lines = b"".join(b"line %d\n" % n for n in range(10))
    world.send(lines + CUT + process_id("done"))
    world.expect(b"\x1c\x00\x0f\x0f")
    status = world.printer
    assert status["executed"] == 43
    assert status["faults"] == ["paper-out"]
    world.do("paper-in")
    world.expect(b"\x14\x00\x00\x0f" + b"\x37\x22done\x00")
    assert world.slip(1) == lines.decode()


def test_a_full_buffer_stalls_the_line_and_loses_nothing(world: Running, wait_until: WaitUntil) -> None:
    world.do("paper-out")
    world.open()
    data = b"".join(b"row %05d\n" % n for n in range(4000)) + CUT
    world.send(data[:100])
    wait_until(lambda: world.printer["received"] == 100, "the first bytes are in the buffer")
    sent = 100
    quiet = 0
    while quiet < 3:
        if not select.select([], [world.host], [], 0.2)[1]:
            quiet += 1
            continue
        with contextlib.suppress(BlockingIOError):
            sent += os.write(world.host, data[sent:])
            quiet = 0
    assert 4096 < sent < len(data)
    assert world.printer["buffered"] == 4096
    world.do("paper-in")
    world.send(data[sent:])
    assert world.slip(1).splitlines() == [f"row {n:05}" for n in range(4000)]


def test_a_slow_line_is_slow(world: Running) -> None:
    world.do("slow", 2000)
    world.open()
    begin = time.monotonic()
    world.send(b"x" * 599 + b"\n" + ASK_PAPER)
    world.expect(b"\x00")
    assert time.monotonic() - begin > 0.2  # 603 bytes; never faster, however busy the machine
    world.do("slow", 0)
    world.send(CUT)
    world.slip(1)


def test_mute_prints_without_an_answer(world: Running) -> None:
    world.do("mute")
    world.send(b"text\n" + CUT + process_id("0001"))
    assert world.slip(1) == "text\n"
    world.do("unmute")
    world.send(ASK_PAPER)
    world.expect(b"\x00")


def test_unplugging_hangs_up_and_the_printer_goes_on(start: Callable[..., Running], wait_until: WaitUntil) -> None:
    world = start("--speed", "100")
    world.send(b"".join(b"line %d\n" % n for n in range(5)) + CUT)
    wait_until(lambda: world.printer["received"] == 39, "all data is in the printer")
    world.do("unplug")
    assert not (world.directory / "printer").exists()
    wait_until(lambda: select.select([world.host], [], [], 0)[0], "the host sees the hang-up")
    with pytest.raises(OSError, match="error") as error:
        os.write(world.host, b"x")
    assert error.value.errno == errno.EIO
    assert len(world.slip(1).splitlines()) == 5
    world.do("plug")
    world.open()
    world.send(ASK_PAPER)
    world.expect(b"\x00")


def test_power_off_tears_the_slip_and_nothing_is_taken_until_power_on(world: Running) -> None:
    world.do("stop-after", 12, "power-off")
    world.send(b"line 1\nline 2\nline 3\n" + CUT)
    assert world.slip(1) == "line 1\n~~~ torn ~~~\n"
    assert world.printer["powered"] is False
    received = world.printer["received"]
    world.send(b"x\n")
    assert world.printer["received"] == received
    world.do("power-on")
    world.send(CUT)
    assert world.slip(2) == "x\n"


def test_cutter_jam_and_other_faults_by_their_words(world: Running) -> None:
    world.open()
    for word, end, query, reply in (
        ("cutter-jam now", "cutter-clear", 3, 0x1A),
        ("head-hot", "head-cool", 3, 0x52),
        ("cover-open", "cover-close", 2, 0x16),
        ("near-end", "near-end-clear", 4, 0x1E),
        ("paper-out", "paper-in", 2, 0x32),
        ("offline", "online", 1, 0x5E),
    ):
        world.do(*word.split())
        world.send(bytes([0x10, 0x04, query]))
        world.expect(bytes([reply]))
        assert world.printer["faults"] == [word.split()[0]]
        world.do(end)
        assert world.printer["faults"] == []
    world.do("broken")
    assert world.printer["faults"] == ["broken"]
    world.do("power-off")
    world.do("power-on")
    assert world.printer["faults"] == []
    world.do("cutter-jam")
    world.send(b"text\n" + CUT)
    with pytest.raises(WorldError, match=r"no slip 1 within 0.1 s; 0 are in the tray"):
        world.do("wait-slip", 1, 0.1)
    world.do("cutter-clear")
    assert world.slip(1) == "text\n"


def read_records(reader: int, done: Callable[[list[tuple[int, ...]]], bool]) -> list[tuple[int, ...]]:
    """Read input events until `done`."""
    data = b""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if select.select([reader], [], [], 0.2)[0]:
            data += os.read(reader, 1 << 16)
        assert len(data) % RECORD.size == 0
        records = list(RECORD.iter_unpack(data))
        if done(records):
            return records
    pytest.fail("the events did not come")


@pytest.mark.parametrize("fast", [True, False])
def test_a_customer_signs(world: Running, fast: bool) -> None:
    reader = os.open(world.directory / "pad", os.O_RDONLY | os.O_NONBLOCK)
    command = [sys.executable, "-m", "hwsim", "do", str(world.directory), "sign", "Li", *(["--fast"] if fast else [])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        records = read_records(reader, lambda got: any(r[2:] == (1, BTN_0, 0) for r in got[:-1]))
        said, _ = process.communicate(timeout=SECONDS)
    os.close(reader)
    assert said.startswith("sign Li")
    assert "lost=0" in said
    assert records[-1][2:] == (0, 0, 0)
    assert sum(record[2:] == (1, BTN_TOUCH, 1) for record in records) == 3
    times = [record[0] + record[1] / 1e6 for record in records]
    assert times == sorted(times)
    assert 1.5 < times[-1] - times[0] < 4
    assert abs(times[0] - time.time()) < 60


def test_a_cashier_presses_keys(world: Running) -> None:
    reader = os.open(world.directory / "keypad", os.O_RDONLY | os.O_NONBLOCK)
    world.do("press", "F2", "KP4", "KEY_2", "ENTER", "--fast")
    records = read_records(reader, lambda got: len(got) == 16)
    os.close(reader)
    assert [record[3] for record in records if record[2] == 1 and record[4] == 1] == [60, 75, 3, 28]


def test_pad_and_keypad_are_unplugged_and_plugged(world: Running) -> None:
    for device in ("pad", "keypad"):
        reader = os.open(world.directory / device, os.O_RDONLY | os.O_NONBLOCK)
        world.do("unplug", device)
        assert os.read(reader, 1) == b""
        os.close(reader)
        assert not (world.directory / device).exists()
    with pytest.raises(WorldError, match="the pad is unplugged"):
        world.do("sign")
    world.do("plug", "pad")
    assert (world.directory / "pad").is_fifo()


def test_tcp_takes_print_data_and_answers(start: Callable[..., Running]) -> None:
    world = start("--speed", "fast", "--tcp", "0")
    line = world.do("status")["line"]
    assert isinstance(line, dict)
    with socket.create_connection(("127.0.0.1", line["tcp_port"]), SECONDS) as host:
        host.settimeout(SECONDS)
        host.sendall(b"over tcp\n" + CUT + process_id("0001"))
        assert receive(host, 7) == b"\x37\x220001\x00"
        world.do("power-off")
        assert host.recv(1) == b""
    assert world.slip(1) == "over tcp\n"
    with socket.create_connection(("127.0.0.1", line["tcp_port"]), SECONDS) as host:
        host.settimeout(SECONDS)
        assert host.recv(1) == b"", "a printer without power takes no connection"
    world.do("power-on")
    with socket.create_connection(("127.0.0.1", line["tcp_port"]), SECONDS) as host:
        host.settimeout(SECONDS)
        host.sendall(ASK_PAPER)
        assert host.recv(1) == b"\x00"


def test_it_ends_cleanly_in_the_middle_of_things(world: Running) -> None:
    commands = [["sign", "Li", "Wei"], ["wait-slip", "1", "30"]]
    running = [
        subprocess.Popen([sys.executable, "-m", "hwsim", "do", str(world.directory), *words], stderr=subprocess.PIPE)
        for words in commands
    ]
    reader = os.open(world.directory / "pad", os.O_RDONLY | os.O_NONBLOCK)
    read_records(reader, lambda got: len(got) > 10)
    os.close(reader)
    world.end()
    for process in running:
        _, err = process.communicate(timeout=SECONDS)
        assert process.returncode == 1
        assert b"ended" in err or b"no world answers" in err
    assert [path.name for path in world.directory.iterdir()] == ["paper"]


def test_show_prints_slips_in_a_frame_of_the_papers_width(start: Callable[..., Running]) -> None:
    world = start("--speed", "fast", "--show", "--width", "58")
    world.send("乌龙茶\n".encode("gb18030") + CUT)
    world.slip(1)
    shown = world.end().splitlines()
    assert shown == ["┌" + "─" * 34 + "┐", "│ 乌龙茶" + " " * 27 + "│", "└" + "─" * 34 + "┘"]


def test_one_world_a_directory_and_a_dead_one_is_replaced(start: Callable[..., Running]) -> None:
    first = start()
    second = subprocess.run(
        [sys.executable, "-m", "hwsim", "run", str(first.directory)],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert second.returncode == 1
    assert "a world is running" in second.stderr
    first.process.kill()
    first.process.communicate()
    third = start()
    assert third.printer["plugged"] is True


def talk(world: Running, *lines: bytes) -> list[dict[str, object]]:
    with socket.socket(socket.AF_UNIX) as connection, connection.makefile("rb") as answers:
        connection.settimeout(SECONDS)
        connection.connect(str(world.directory / "control"))
        connection.sendall(b"".join(line + b"\n" for line in lines))
        return [json.loads(answers.readline()) for _ in lines]


def test_the_control_socket_answers_every_line(world: Running) -> None:
    answers = talk(
        world,
        b'{"do": "paper-out", "args": []}',
        b'{"do": "paper-in"}',
        b"no json",
        b"[]",
        b'{"do": 5}',
        b'{"do": "fly"}',
        b'{"do": "slow", "args": ["x"]}',
        b'{"do": "slow", "args": []}',
        b'{"do": "stop-after", "args": [5, "sign"]}',
        b'{"do": "stop-after", "args": [5, "slow", "x"]}',
        b'{"do": "cutter-jam", "args": ["later"]}',
        b'{"do": "unplug", "args": ["mouse"]}',
        b'{"do": "press", "args": ["NOKEY"]}',
        b'{"do": "blank", "args": ["twice"]}',
        b'{"do": "near-end", "args": ["x"]}',
    )
    assert [answer["ok"] for answer in answers] == [True, True] + [False] * 13
    assert all(answer["error"] for answer in answers[2:])
    assert answers[8]["error"] == "sign cannot be armed"


def test_do_has_exit_codes_and_lists_the_words(world: Running) -> None:
    def do(*args: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "hwsim", "do", *args]
        return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)

    directory = str(world.directory)
    done = do(directory, "paper-out")
    assert (done.returncode, done.stdout) == (0, "paper-out done\n")
    assert json.loads(do(directory, "status").stdout)["printer"]["faults"] == ["paper-out"]
    unknown = do(directory, "fly")
    assert unknown.returncode == 2
    assert "paper-out" in unknown.stderr
    assert "walk-away" in unknown.stderr
    assert do(directory, "slow").returncode == 2
    refused = do(directory, "press", "NOKEY")
    assert refused.returncode == 1
    assert "NOKEY" in refused.stderr
    absent = do(directory + "-not", "paper-in")
    assert absent.returncode == 1
    assert "no world answers" in absent.stderr


@pytest.mark.parametrize(
    "options", [["--speed", "0"], ["--speed", "warp"], ["--tcp", "x"], ["--model", "star"], ["--width", "70"]]
)
def test_wrong_options_are_refused(tmp_path: Path, options: list[str]) -> None:
    command = [sys.executable, "-m", "hwsim", "run", str(tmp_path / "w"), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 2
    assert options[0] in done.stderr


def test_a_blank_piece_of_paper_is_counted_and_is_no_slip(world: Running) -> None:
    world.send(INIT + CUT + process_id("0001"))
    world.expect(b"\x37\x220001\x00")
    status = world.do("status")
    assert (status["blank_scraps"], status["slips"], status["slips_being_written"]) == (1, 0, 0)


def test_waiting_for_a_slip_that_cannot_be_is_refused(world: Running) -> None:
    for number in ("0", "0.5", "-1"):
        with pytest.raises(WorldError, match=r"counted from 1|must be a number"):
            world.do("wait-slip", number)
    world.send(b"text\n" + CUT)
    (world.directory / "paper" / "0001.txt").with_name("x").touch()
    assert world.slip(1) == "text\n"
    (world.directory / "paper" / "0001.txt").unlink()
    with pytest.raises(WorldError, match="not in the tray any more"):
        world.do("wait-slip", 1)


def test_a_slip_comes_with_a_report(world: Running) -> None:
    world.send(b"*** DUPLICATE 1 ***\n\x1b\x07" + CUT)
    world.slip(1)
    report = json.loads((world.directory / "paper" / "0001.json").read_text())
    assert (report["duplicate"], report["whole"], report["garbage"]) == (1, True, ["unknown: ESC 07"])


@pytest.mark.parametrize(("where", "executed"), [("fence+0", 20), ("fence+3", 23), ("slip+5", 12)])
def test_a_fault_at_a_place(world: Running, wait_until: WaitUntil, where: str, executed: int) -> None:
    world.do("at", where, "paper-out")
    world.send(b"noise\r\n" + INIT + b"line 1\n" + CUT + process_id("0001"))
    wait_until(lambda: world.printer["faults"] == ["paper-out"], "the fault is there")
    assert world.printer["executed"] == executed
    world.do("paper-in")
    assert world.slip(1) == "noise\nline 1\n"


def test_the_cable_is_pulled_behind_an_exact_byte(world: Running, wait_until: WaitUntil) -> None:
    world.do("at", "received+9", "unplug")
    world.open()
    os.write(world.host, b"line 1\nline 2\n" + CUT)
    wait_until(lambda: not world.printer["plugged"], "the cable is out")
    assert world.printer["received"] == 9


def test_a_place_or_word_that_cannot_be_armed_is_refused(world: Running) -> None:
    for words in (
        ("later+1", "paper-out"),
        ("slip+x", "paper-out"),
        ("slip+1", "sign"),
        ("slip+1", "at", "now", "mute"),
    ):
        with pytest.raises(WorldError, match=r"no place|must be a number|cannot be armed"):
            world.do("at", *words)


def test_two_printers_in_one_world(start: Callable[..., Running]) -> None:
    world = start("--speed", "fast", "--second", "basic-58", "--tcp", "0")
    world.send(b"first\n" + CUT)
    host = os.open(world.directory / "printer2", os.O_RDWR | os.O_NOCTTY)
    world.do("printer2", "paper-out")
    os.write(host, b"second\n" + CUT)
    assert world.slip(1) == "first\n"
    with pytest.raises(WorldError, match=r"no slip 1 within 0\.1 s"):
        world.do("printer2", "wait-slip", 1, 0.1)
    world.do("printer2", "paper-in")
    assert world.do("printer2", "wait-slip", 1, SECONDS)["text"] == "second\n"
    os.close(host)
    assert (world.directory / "paper2" / "0001.txt").read_text() == "second\n"
    status = world.do("status")
    assert (status["slips"], status["slips2"]) == (1, 1)
    ports = [int((world.directory / f"{name}.port").read_text()) for name in ("printer", "printer2")]
    assert len(set(ports)) == 2
    with socket.create_connection(("127.0.0.1", ports[1]), SECONDS) as tcp:
        tcp.sendall(b"over tcp\n" + CUT)
        assert world.do("printer2", "wait-slip", 2, SECONDS)["text"] == "over tcp\n"
    world.do("unplug", "printer2")
    assert not (world.directory / "printer2").is_symlink()
    assert (world.directory / "printer").is_symlink()
    world.end()
    assert sorted(path.name for path in world.directory.iterdir()) == ["paper", "paper2"]


def test_a_world_with_one_printer_has_no_second(world: Running) -> None:
    with pytest.raises(WorldError, match="no second printer"):
        world.do("printer2", "paper-out")


def receive(host: socket.socket, count: int) -> bytes:
    """So many bytes; less only at the end."""
    got = b""
    while len(got) < count and (more := host.recv(count - len(got))):
        got += more
    return got


def test_a_star_on_the_network_tells_all_hosts_and_prints_for_the_oldest(
    start: Callable[..., Running], wait_until: WaitUntil
) -> None:
    world = start("--speed", "fast", "--model", "star-80-lan", "--tcp", "0")
    address = ("127.0.0.1", int((world.directory / "printer.port").read_text()))
    with socket.create_connection(address, SECONDS) as first, socket.create_connection(address, SECONDS) as other:
        for host in (first, other):
            host.settimeout(SECONDS)
        wait_until(lambda: world.do("status")["line"]["tcp_hosts"] == 2, "both are connected")  # type: ignore[index]
        world.do("near-end")
        near = bytes.fromhex("230600000004000000")
        assert [receive(host, 9) for host in (first, other)] == [near, near]
        other.sendall(b"waits\n\x1bd\x03")
        first.sendall(b"\x1b\x06\x01")
        assert receive(first, 9) == near, "by now the other's bytes have had their turn"
        first.sendall(b"first\n\x1bd\x03\x1b\x1d\x03\x01\x00\x00\x17")
        assert world.slip(1) == "first\n"
        counted = bytes.fromhex("230602000004000200")
        assert receive(first, 17) == b"\x1b\x1d\x03\x01\x00\x00\x01\x00" + counted
        assert receive(other, 9) == counted, "the end of a document is told to the one that prints only"
        first.close()
        assert world.slip(2) == "waits\n"


def test_xon_and_xoff_on_a_line_that_does_not_stop(start: Callable[..., Running], wait_until: WaitUntil) -> None:
    world = start("--speed", "fast", "--model", "bare-58", "--line", "xonxoff")
    world.do("paper-out")
    world.send(b"x" * 2000)
    world.expect(b"\x13")
    wait_until(lambda: world.do("status")["line"]["overrun"] == 976, "the rest is lost")  # type: ignore[index]
    world.do("paper-in")
    world.expect(b"\x11")


def test_replies_wait_for_a_host_on_usb(start: Callable[..., Running], wait_until: WaitUntil) -> None:
    def answered(kind: str) -> int:
        """Bytes of a hundred thousand that were told before the host read any."""
        world = start("--speed", "fast", "--line", kind, name=kind)
        world.open()
        for _ in range(60):
            world.send(b"\x1dIC" * 200)  # each answered by nine bytes
        wait_until(lambda: world.printer["executed"] == 36_000, "all questions are answered")
        got, deadline = b"", time.monotonic() + SECONDS
        while b"\x12" not in got and time.monotonic() < deadline:
            if select.select([world.host], [], [], 0.1)[0]:
                got += os.read(world.host, 65536)
            else:
                world.send(b"\x10\x04\x04")
        assert b"\x12" in got
        return got.count(b"_TM-T88V\0") * 9

    assert answered("usb") > answered("serial") + 2000


def test_a_line_has_a_speed_and_noise(start: Callable[..., Running], wait_until: WaitUntil) -> None:
    world = start("--speed", "fast", "--baud", "9600")
    line = world.do("status")["line"]
    assert isinstance(line, dict)
    assert line["bytes_per_second"] == 960
    world.do("slow", 0)
    world.do("noise", 0.5, 0, 7)
    world.send(b"x" * 1000)
    wait_until(lambda: 300 < world.printer["received"] < 700, "about half of it came through")  # type: ignore[operator]
    world.do("noise", 0, 0)
    world.send(b"\n" + CUT)
    world.slip(1)


def test_a_rebooting_printer_hangs_up_its_network_hosts_and_is_back(start: Callable[..., Running]) -> None:
    world = start("--speed", "fast", "--tcp", "0")
    address = ("127.0.0.1", int((world.directory / "printer.port").read_text()))
    with socket.create_connection(address, SECONDS) as host:
        host.settimeout(SECONDS)
        host.sendall(b"\x10\x04\x01")
        assert host.recv(1) == b"\x16"
        world.do("reboot")
        assert host.recv(1) == b""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        with socket.create_connection(address, SECONDS) as host, contextlib.suppress(ConnectionError):
            host.settimeout(SECONDS)
            host.sendall(b"\x10\x04\x01")
            if host.recv(1) == b"\x16":
                return
    pytest.fail("the printer did not come back")
