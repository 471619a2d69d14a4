"""Second opinions: real clients from npm print to the simulated printer and must be content with it.

Node and npm are needed; where they are missing, or the packages cannot be installed, the tests are skipped with the
reason. The packages are installed once into a cache directory of their own, exactly as package-lock.json says.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hwsim.client import ask

HERE = Path(__file__).parent
SECONDS = 60.0
PORT = 9100
"""The only port that receiptio prints to; so each world listens on a loopback address of its own."""


def run(*command: str, cwd: Path, text: str | None = None) -> subprocess.CompletedProcess[bytes]:
    stdin = None if text is None else text.encode()
    return subprocess.run(command, cwd=cwd, input=stdin, capture_output=True, timeout=180, check=False)


@pytest.fixture(scope="session")
def packages() -> Path:
    """The directory with node_modules."""
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed; peers from npm cannot be tried")
    wanted = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()[:12]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "posd-tests"
    ready = cache / f"peers-{wanted}"
    if not ready.exists():
        cache.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(dir=cache))
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, scratch)
        options = ("--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=1", "--fetch-timeout=30000")
        try:
            done = run("npm", "ci", *options, cwd=scratch)
            reason = " ".join(done.stderr.decode(errors="replace").split())[:300]
            if done.returncode == 0:
                with contextlib.suppress(OSError):  # another worker was faster
                    scratch.rename(ready)
        except subprocess.TimeoutExpired:
            reason = "it did not end within its time"
        shutil.rmtree(scratch, ignore_errors=True)
        if not ready.exists():
            pytest.skip(f"npm could not install the peers: {reason}")
    return ready


@dataclass
class Peer:
    """A world with a TCP port, and the clients that print to it."""

    directory: Path
    address: str
    packages: Path

    def receiptio(self, *options: str, text: str | None = None) -> str:
        """Its verdict: `success`, `online`, `paperempty`, ..."""
        cli = self.packages / "node_modules" / "receiptio" / "bin" / "cli.js"
        done = run("node", str(cli), "-d", self.address, *options, cwd=self.packages, text=text)
        return (done.stdout + done.stderr).decode().strip()

    def encode(self, columns: int, images: str, language: str = "esc-pos") -> bytes:
        """The slip of encode.mjs."""
        done = run("node", str(HERE / "encode.mjs"), str(columns), images, language, cwd=self.packages)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def do(self, word: str, *args: object) -> dict[str, object]:
        return ask(self.directory, word, *args)

    def slip(self, number: int) -> str:
        return str(self.do("wait-slip", number, SECONDS)["text"])

    def printer(self) -> dict[str, object]:
        status = self.do("status")["printer"]
        assert isinstance(status, dict)
        return status


@pytest.fixture
def peer(packages: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Peer]:
    """A world that prints without delay; parametrize indirectly with further options."""
    address = f"127.{1 + os.getpid() % 250}.{os.getpid() // 250 % 250}.9"
    options = getattr(request, "param", [])
    directory = tmp_path / "world"
    command = [sys.executable, "-m", "hwsim", "run", str(directory), "--speed", "fast", "--tcp", f"{address}:{PORT}"]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield Peer(directory, address, packages)
        process.terminate()


@pytest.mark.parametrize("dialect", ["escpos", "epson", "generic"])
def test_receiptio_prints_a_slip_and_is_told_of_success(peer: Peer, dialect: str) -> None:
    assert peer.receiptio("-p", dialect, "-c", "48", str(HERE / "slip.receipt")) == "success"
    text = peer.slip(1)
    assert text.splitlines()[1:6] == [
        "",
        "Oolong tea x2                              36.00",
        "Mung bean cake                             12.50",
        "─" * 48,
        "TOTAL                                      48.50",
    ]
    assert text.split()[:2] == ["Tea", "House"]
    assert "[barcode 20261121]" in text
    assert "[image " in text or "[QR https://example.com/t/42]" in text
    assert not peer.printer()["unknown_commands"]
    assert not peer.printer()["refused_commands"]


def test_receiptio_prints_chinese(peer: Peer) -> None:
    assert peer.receiptio("-p", "generic", "-l", "zh", "-c", "48", str(HERE / "slip.zh.receipt")) == "success"
    assert peer.slip(1).splitlines() == [
        "乌龙茶 Oolong                              36.00",
        "绿豆糕                                     12.50",
        "─" * 48,
        "合计                                       48.50",
    ]


@pytest.mark.parametrize("dialect", ["escpos", "epson", "generic"])
def test_receiptio_reads_the_right_status(peer: Peer, dialect: str) -> None:
    def verdict() -> str:
        return peer.receiptio("-p", dialect, "-q", "printer")

    assert verdict() == "online"
    for fault, end, expected in (
        ("paper-out", "paper-in", "paperempty"),
        ("cover-open", "cover-close", "coveropen"),
        ("cutter-jam now", "cutter-clear", "error"),
        ("head-hot", "head-cool", "error"),
        ("near-end", "near-end-clear", "online"),
    ):
        peer.do(*fault.split())
        assert verdict() == expected, fault
        peer.do(end)
        assert verdict() == "online", end


def test_receiptio_finds_the_printer_and_its_drawer_by_itself(peer: Peer) -> None:
    assert peer.receiptio("-q", "printer") == "online"
    assert peer.receiptio("-q", "drawer") == "drawerclosed"


@pytest.mark.parametrize(
    ("fault", "verdict"), [("paper-out", "paperempty"), ("cover-open", "coveropen"), ("cutter-jam", "error")]
)
def test_receiptio_learns_of_a_fault_in_the_middle_of_its_slip(peer: Peer, fault: str, verdict: str) -> None:
    peer.do("stop-after", 150, *fault.split())
    assert peer.receiptio("-p", "escpos", "-c", "48", str(HERE / "slip.receipt")) == verdict
    assert peer.do("status")["slips"] == 0


def test_receiptio_gets_no_answer_from_a_mute_printer(peer: Peer) -> None:
    peer.do("mute")
    assert peer.receiptio("-p", "escpos", "-q", "printer") == "offline"


@pytest.mark.parametrize("images", ["raster", "column"])
@pytest.mark.parametrize(
    ("peer", "columns"), [([], 48), (["--model", "tm-80", "--width", "58"], 32)], indirect=["peer"]
)
def test_the_encoders_slip_reads_as_it_was_meant(peer: Peer, columns: int, images: str) -> None:
    data = peer.encode(columns, images)
    with socket.create_connection((peer.address, PORT), SECONDS) as host:
        host.sendall(data)
    assert peer.slip(1).splitlines() == [
        " " * (columns // 2 - 5) + "Tea House",
        "Café Ünter façade £5 €7",
        "Чай зелёный",
        "Oolong tea x2" + "36.00".rjust(columns - 13),
        "Mung bean cake" + "12.50".rjust(columns - 14),
        "─" * columns,
        "TOTAL" + "48.50".rjust(columns - 5),
        "underlined inverted",
        *centred("[barcode 4006381333931]", 285, columns),
        *centred("[QR https://example.com/t/42]", 150, columns),
        *centred("[image 200x48]", 200, columns)[:1],
    ]
    status = peer.printer()
    assert status["drawer_kicks"] == 1
    assert not status["unknown_commands"]
    assert not status["refused_commands"]
    assert status["cuts_through_print"] == 0


def centred(label: str, dots: int, columns: int) -> list[str]:
    """A picture's line, and the empty line that the encoder puts behind it."""
    return [" " * ((columns * 12 - dots) // 2 // 12) + label, ""]


STAR = (["--model", "star-80-latin"], "slip.receipt", ())
STAR_CHINESE = (["--model", "star-80-lan"], "slip.zh.receipt", ("-l", "zh"))


@pytest.mark.parametrize("dialect", ["star", "starline"])
@pytest.mark.parametrize(("peer", "slip", "language"), [STAR, STAR_CHINESE], indirect=["peer"])
def test_receiptio_prints_to_a_star_and_is_told_of_success(
    peer: Peer, dialect: str, slip: str, language: tuple[str, ...]
) -> None:
    assert peer.receiptio("-p", dialect, "-c", "48", *language, str(HERE / slip)) == "success"
    lines = peer.slip(1).splitlines()
    if language:
        assert lines == [
            "乌龙茶 Oolong                              36.00",
            "绿豆糕                                     12.50",
            "-" * 48,
            "合计                                       48.50",
        ]
    else:
        assert lines[0].split() == ["Tea", "House"]
        assert "Oolong tea x2                              36.00" in lines
        assert "TOTAL                                      48.50" in lines
        assert "[barcode 20261121]" in "".join(lines)
    assert not peer.printer()["unknown_commands"]
    assert not peer.printer()["refused_commands"]


@pytest.mark.parametrize("peer", [STAR[0]], indirect=True)
def test_receiptio_reads_the_status_of_a_star_and_knows_it_for_one(peer: Peer) -> None:
    assert peer.receiptio("-q", "printer") == "online"
    for fault, end, expected in (
        ("paper-out", "paper-in", "paperempty"),
        ("cover-open", "cover-close", "coveropen"),
        ("cutter-jam now", "cutter-clear", "error"),
        ("near-end", "near-end-clear", "online"),
    ):
        peer.do(*fault.split())
        assert peer.receiptio("-p", "star", "-q", "printer") == expected, fault
        peer.do(end)


@pytest.mark.parametrize(
    ("fault", "verdict"), [("paper-out", "paperempty"), ("cover-open", "coveropen"), ("cutter-jam", "error")]
)
@pytest.mark.parametrize("peer", [STAR[0]], indirect=True)
def test_receiptio_learns_of_a_fault_in_the_middle_of_its_slip_from_a_star(
    peer: Peer, fault: str, verdict: str
) -> None:
    peer.do("at", "now+150", *fault.split())
    assert peer.receiptio("-p", "star", "-c", "48", str(HERE / "slip.receipt")) == verdict
    assert peer.do("status")["slips"] == 0


@pytest.mark.parametrize("language", ["star-line", "star-prnt"])
@pytest.mark.parametrize("peer", [STAR[0]], indirect=True)
def test_the_encoders_slip_for_a_star_reads_as_it_was_meant(peer: Peer, language: str) -> None:
    data = peer.encode(48, "raster", language)
    with socket.create_connection((peer.address, PORT), SECONDS) as host:
        host.sendall(data)
    lines = [line for line in peer.slip(1).splitlines() if line]
    assert [line.strip() for line in lines] == [
        "Tea House",
        "Café Ünter façade £5 €7",
        "Чай зелёный",
        "Oolong tea x2" + "36.00".rjust(35),
        "Mung bean cake" + "12.50".rjust(34),
        "─" * 48,
        "TOTAL" + "48.50".rjust(43),
        "underlined inverted",
        "[barcode 4006381333931]",
        "[QR https://example.com/t/42]",
        "[image 200x48]",
    ]
    status = peer.printer()
    assert not status["unknown_commands"]
    assert not status["refused_commands"]
    assert status["drawer_kicks"] == 1


@pytest.mark.parametrize(
    ("peer", "verdict"),
    [
        (["--model", "tm-80-waits"], "success"),
        (["--model", "tm-80-old"], "success"),
        (["--model", "clone-80-clears"], "success"),
        (["--model", "tm-58"], "success"),
        (["--model", "mute-58"], "offline"),
    ],
    indirect=["peer"],
)
def test_receiptio_prints_to_each_kind_of_printer(peer: Peer, verdict: str) -> None:
    assert peer.receiptio("-p", "escpos", "-c", "32", str(HERE / "slip.receipt")) == verdict


@pytest.mark.parametrize("peer", [["--model", "tm-80-waits"]], indirect=True)
def test_receiptios_recovery_ends_a_cutter_error_that_stands(peer: Peer) -> None:
    """It sends DLE ENQ 2 when it finds an error."""
    peer.do("cutter-jam", "now")
    assert peer.receiptio("-p", "escpos", "-q", "printer") == "error"
    peer.do("cutter-clear")
    assert peer.printer()["faults"] == ["cutter-jam"]
    peer.receiptio("-p", "escpos", "-q", "printer")
    assert peer.receiptio("-p", "escpos", "-q", "printer") == "online"
    assert peer.printer()["faults"] == []
