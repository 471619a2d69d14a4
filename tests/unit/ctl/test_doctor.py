"""The doctor finds what is wrong with a box, says what to do, and works with posd down."""

from __future__ import annotations

import json
import os
import pty
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from posd.ctl import checks, port_checks, port_rights, reach_checks
from posd.ctl.box import Box
from posd.ctl.doctor import examine
from posd.ctl.findings import Finding
from posd.ctl.words import Say
from tests.unit.api.fakes import Running, short_folder
from tests.unit.ctl.conftest import Said

Posctl = Callable[..., Said]


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """The root of a machine where nothing runs."""
    root = tmp_path / "machine"
    for folder in ("proc", "sys/bus/usb/devices", "etc/udev/rules.d", "usr/lib/udev/rules.d", "run/systemd/timesync"):
        (root / folder).mkdir(parents=True)
    (root / "run/systemd/timesync/synchronized").touch()
    (root / "proc/mounts").write_text("/dev/sda1 / ext4 rw 0 0\n")
    return root


def plug_in(root: Path, place: str, serial: str) -> None:
    """A USB device 04b8:0202, the fourth on its bus."""
    entry = root / f"sys/bus/usb/devices/{place}"
    entry.mkdir()
    facts = {"idVendor": "04b8", "idProduct": "0202", "serial": serial, "busnum": "1", "devnum": "4"}
    for name, value in facts.items():
        if value:
            (entry / name).write_text(value + "\n")


def process(root: Path, pid: int, name: str, *files: str) -> None:
    """A process with these files open."""
    (root / f"proc/{pid}/fd").mkdir(parents=True)
    (root / f"proc/{pid}/comm").write_text(name + "\n")
    for number, file in enumerate(files):
        (root / f"proc/{pid}/fd/{number}").symlink_to(file)


@pytest.fixture
def port() -> Iterator[str]:
    """The path of a pty: a serial port that is there."""
    master, slave = pty.openpty()
    yield os.ttyname(slave)
    os.close(master)
    os.close(slave)


@pytest.fixture
def doctor(machine: Path, tmp_path: Path) -> Iterator[Callable[..., dict[str, Finding]]]:
    """`doctor(printer="/dev/x", more="[pad]...")` -> findings by check, with posd down."""
    with short_folder() as folder:

        def look(printer: str = "", more: str = "", socket: str | None = None) -> dict[str, Finding]:
            path = tmp_path / "posd.toml"
            path.write_text(f'[printer]\ndevice = "{printer}"\n[journal]\npath = "{tmp_path}/journal"\n{more}\n')
            found = examine(path, socket or str(folder / "none"), Say("en"), Box(machine))
            return {finding.check: finding for finding in found}

        yield look


def test_a_box_in_order(doctor: Callable[..., dict[str, Finding]], port: str, served: Running) -> None:
    found = doctor(port, socket=served.path)
    assert {name for name, finding in found.items() if finding.level != "ok"} <= {"state", "font", "clock"}
    assert found["socket"].finding.startswith("posd 0.1.0 answers")


def test_posd_is_down(doctor: Callable[..., dict[str, Finding]]) -> None:
    found = doctor()["socket"]
    assert found.level == "bad"
    assert "there is no socket" in found.finding
    assert "systemctl status posd" in found.todo


def test_a_socket_that_everybody_may_open(doctor: Callable[..., dict[str, Finding]], served: Running) -> None:
    os.chmod(served.path, 0o666)
    assert doctor(socket=served.path)["socket-mode"].level == "note"


def test_a_configuration_with_a_typo(tmp_path: Path, machine: Path) -> None:
    (tmp_path / "posd.toml").write_text('[printer]\ndevize = "/dev/x"\n')
    first = examine(tmp_path / "posd.toml", str(tmp_path / "none"), Say("en"), Box(machine))[0]
    assert (first.check, first.level) == ("config", "bad")
    assert "did you mean 'device'" in first.finding


class TestPorts:
    def test_a_port_that_is_not_there(self, doctor: Callable[..., dict[str, Finding]]) -> None:
        found = doctor("/dev/ttyNOWHERE")["printer"]
        assert found.level == "bad"
        assert "does not exist" in found.finding
        assert "cable" in found.todo

    def test_what_is_no_device(self, doctor: Callable[..., dict[str, Finding]], tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        assert "is no device" in doctor(str(tmp_path / "file"))["printer"].finding

    def test_who_else_has_it_open(self, doctor: Callable[..., dict[str, Finding]], machine: Path, port: str) -> None:
        process(machine, 4242, "minicom", "/dev/null", port)
        process(machine, 4243, "bash", "/dev/null")
        found = doctor(port)["printer-held"]
        assert found.level == "bad"
        assert found.finding == f"{port} is held open by minicom (4242)"

    def test_posd_itself_is_no_thief(
        self, doctor: Callable[..., dict[str, Finding]], machine: Path, port: str, served: Running
    ) -> None:
        assert port_checks.serving_pid(served.path) == os.getpid()
        process(machine, os.getpid(), "posd", port)
        assert "printer-held" not in doctor(port, socket=served.path)

    def test_the_other_end_of_a_simulated_port_is_no_thief(
        self, doctor: Callable[..., dict[str, Finding]], machine: Path, port: str
    ) -> None:
        process(machine, 4242, "world", "/dev/ptmx", port)
        assert "printer-held" not in doctor(port)

    def test_who_writes_a_fifo_is_no_thief(
        self, doctor: Callable[..., dict[str, Finding]], machine: Path, tmp_path: Path
    ) -> None:
        os.mkfifo(tmp_path / "keys")
        process(machine, 4242, "world", str(tmp_path / "keys"))
        assert set(doctor(more=f'[keypad]\ndevice = "{tmp_path}/keys"')) & {"keypad", "keypad-held"} == {"keypad"}

    def test_an_interpreter_is_named_with_what_it_runs(
        self, doctor: Callable[..., dict[str, Finding]], machine: Path, port: str
    ) -> None:
        process(machine, 4242, "python3.11", port)
        (machine / "proc/4242/cmdline").write_bytes(b"/usr/bin/python3.11\0-m\0minicom\0--secret\0")
        assert doctor(port)["printer-held"].finding.endswith("python3.11 -m minicom (4242)")

    def test_a_real_holder_on_this_machine(self, port: str) -> None:
        holder = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "import sys; f = open(sys.argv[1]); print('open', flush=True); sys.stdin.read()",
                port,
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"
        holders, _ = Box().holders(Path(port))
        assert holder.pid in {process.pid for process in holders}
        holder.communicate()

    def test_usb(self, doctor: Callable[..., dict[str, Finding]], machine: Path) -> None:
        assert doctor("usb:04b8:0202")["printer"].level == "bad"
        plug_in(machine, "1-1", "0001")
        for device in ("usb:04B8:0202", "usb:04b8:0202:0001"):
            assert doctor(device)["printer"].level == "ok"
        other = doctor("usb:04b8:0202:0002")["printer"]
        assert (other.level, "there is 0001" in other.finding) == ("bad", True)
        plug_in(machine, "1-2", "0002")
        both = doctor("usb:04b8:0202")["printer"]
        assert (both.level, "0001, 0002" in both.finding) == ("bad", True)
        assert "usb:04b8:0202:SERIAL" in both.todo

    @pytest.mark.parametrize(
        ("name", "gone"), [("pyusb", "importlib.util.find_spec"), ("libusb", "ctypes.util.find_library")]
    )
    def test_a_usb_printer_needs_two_libraries(
        self, doctor: Callable[..., dict[str, Finding]], monkeypatch: pytest.MonkeyPatch, name: str, gone: str
    ) -> None:
        for each in ("importlib.util.find_spec", "ctypes.util.find_library"):
            monkeypatch.setattr(each, lambda _name, there=each != gone: there)
        found = doctor("usb:04b8:0202")["printer-library"]
        assert (found.level, found.finding.split()[0]) == ("bad", name)

    def test_the_node_of_a_usb_printer_must_be_posd_s(
        self, doctor: Callable[..., dict[str, Finding]], machine: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plug_in(machine, "1-1", "")
        node = machine / "dev/bus/usb/001/004"
        node.parent.mkdir(parents=True)
        node.touch()
        node.chmod(0o600)
        monkeypatch.setattr(port_rights, "USER", "nobody")
        assert doctor("usb:04b8:0202")["printer-rights"].level == "bad"

    def test_a_network_printer_is_tried(self, doctor: Callable[..., dict[str, Finding]]) -> None:
        with socket.create_server(("127.0.0.1", 0)) as printer:
            device = f"tcp://127.0.0.1:{printer.getsockname()[1]}"
            assert doctor(device)["printer"].level == "ok"
        gone = doctor(device)["printer"]
        assert (gone.level, gone.finding) == ("bad", f"{device} takes no connection")
        assert doctor("tcp://127.0.0.1:99999")["printer"].level == "bad"

    def test_a_network_printer_that_does_not_answer_or_has_no_such_name(
        self, doctor: Callable[..., dict[str, Finding]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fails(error: OSError) -> str:
            def connect(*_: object) -> None:
                raise error

            monkeypatch.setattr(socket, "create_connection", connect)
            found = doctor("tcp://printer.shop")["printer"]
            assert found.level == "bad"
            return found.finding

        assert "does not answer within 3 s" in fails(TimeoutError())
        assert "printer.shop cannot be looked up (no such name)" in fails(socket.gaierror(-2, "no such name"))
        assert "cannot be reached: no route" in fails(OSError(113, "no route"))

    def test_what_posd_says_of_a_network_printer_counts(
        self, doctor: Callable[..., dict[str, Finding]], served: Running, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A printer that serves one computer would refuse the doctor while posd prints on it."""
        assert doctor("tcp://127.0.0.1:1", socket=served.path)["printer"].finding.startswith("posd is connected")
        with socket.create_server(("127.0.0.1", 0)) as printer:
            device = f"tcp://127.0.0.1:{printer.getsockname()[1]}"
            monkeypatch.setattr(reach_checks, "_as_posd_says", lambda *_: "faulted")
            found = doctor(device, socket=served.path)["printer"]
        assert (found.level, "posd is not connected" in found.finding) == ("bad", True)

    def test_pad_and_keypad_are_looked_at_too(self, doctor: Callable[..., dict[str, Finding]]) -> None:
        found = doctor(more='[pad]\ndriver = "evdev"\ndevice = "/dev/nopad"\n[keypad]\ndevice = "/dev/nokeys"')
        assert found["pad"].level == "bad"
        assert found["keypad"].level == "bad"

    def test_no_printer_is_worth_a_note(self, doctor: Callable[..., dict[str, Finding]]) -> None:
        assert doctor()["printer"].level == "note"

    @pytest.mark.parametrize(
        ("device", "module"), [("/dev/usb/lp0", "usblp"), ("/dev/ttyACM0", "cdc_acm"), ("/dev/ttyUSB0", "usbserial")]
    )
    def test_a_module_that_is_not_loaded(
        self, doctor: Callable[..., dict[str, Finding]], machine: Path, device: str, module: str
    ) -> None:
        assert doctor(device)["module"].todo == f"modprobe {module}"
        (machine / "proc/modules").write_text(f"{module} 32768 0 - Live 0x0\n")
        assert "module" not in doctor(device)

    def test_the_user_posd_may_not_open_it(
        self, doctor: Callable[..., dict[str, Finding]], port: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(port_rights, "USER", "nobody")
        os.chmod(port, 0o600)
        found = doctor(port)["printer-rights"]
        assert found.level == "bad"
        assert "usermod -aG" in found.todo
        os.chmod(port, 0o666)
        assert "printer-rights" not in doctor(port)


class TestThieves:
    @pytest.mark.parametrize("name", ["ModemManager", "brltty", "gpsd", "cupsd"])
    def test_running(self, doctor: Callable[..., dict[str, Finding]], machine: Path, name: str) -> None:
        assert "thief" not in doctor()
        process(machine, 77, name)
        found = doctor()["thief"]
        assert found.finding.startswith(f"{name} is running")
        assert "systemctl disable" in found.todo

    @pytest.mark.parametrize("rules", ["85-brltty.rules", "60-gpsd.rules"])
    def test_only_its_rules(self, doctor: Callable[..., dict[str, Finding]], machine: Path, rules: str) -> None:
        (machine / "usr/lib/udev/rules.d" / rules).touch()
        assert "udev rules" in doctor()["thief"].finding


class TestPlaces:
    def test_a_clock_before_everything(
        self, doctor: Callable[..., dict[str, Finding]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(time, "time", lambda: 1_000_000.0)
        assert doctor()["clock"].level == "bad"

    def test_a_clock_that_nobody_set(self, doctor: Callable[..., dict[str, Finding]], machine: Path) -> None:
        (machine / "run/systemd/timesync/synchronized").unlink()
        assert doctor()["clock"].level == "note"

    def test_a_journal_that_a_restart_forgets(self, doctor: Callable[..., dict[str, Finding]], machine: Path) -> None:
        (machine / "proc/mounts").write_text("/dev/sda1 / ext4 rw 0 0\ntmpfs /tmp tmpfs rw 0 0\n")
        found = examine(Path("/none"), "/none", Say("en"), Box(machine))
        assert "disk" in {finding.check for finding in found}
        (machine / "proc/mounts").write_text("overlay / overlay rw 0 0\n")
        found = examine(Path("/none"), "/none", Say("en"), Box(machine))
        assert any(finding.check == "disk" and finding.level == "bad" for finding in found)

    def test_a_disk_that_is_too_small(self, doctor: Callable[..., dict[str, Finding]], tmp_path: Path) -> None:
        path = tmp_path / "posd.toml"
        path.write_text(f'[journal]\npath = "{tmp_path}/journal"\nsize = "900000GiB"\n')
        found = [finding for finding in examine(path, "/none", Say("en")) if finding.check == "disk"]
        assert found[-1].level == "bad"
        assert "the journal needs" in found[-1].finding

    def test_a_font_that_is_not_there(
        self, doctor: Callable[..., dict[str, Finding]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert doctor(more='[slip]\nfont = "/none.ttf"')["font"].level == "bad"
        monkeypatch.setattr(checks.importlib.util, "find_spec", lambda name: None)
        assert doctor()["font"].level == "note"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_as_a_person_runs_it(posctl: Posctl, tmp_path: Path, lang: str) -> None:
    (tmp_path / "posd.toml").write_text('[printer]\ndevice = "/dev/ttyNOWHERE"\n')
    said = posctl("--lang", lang, "doctor", "--config", str(tmp_path / "posd.toml"))
    assert said.code == 5
    assert "/dev/ttyNOWHERE" in said.out
    assert "->" in said.out
    assert ("to repair" if lang == "en" else "需修复") in said.out.splitlines()[-1]


def test_as_a_program_reads_it(posctl: Posctl, tmp_path: Path) -> None:
    said = posctl("doctor", "--json", "--config", str(tmp_path / "none.toml"))
    findings = json.loads(said.out)["findings"]
    assert {"check", "level", "finding", "todo"} == set(findings[0])
    assert all(finding["todo"] for finding in findings if finding["level"] == "bad")
