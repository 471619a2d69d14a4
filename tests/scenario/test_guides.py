"""Every block of code in the integrator's guide and the README does what the page says, on a box that the guide itself
has set up. What follows as `text` is what it prints; `...` stands for anything.

Commands that need root or the network (apt, pip, systemctl) are stood in for by scripts that say no to names which the
project does not have; paths of the system lie in a folder.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from posd import config
from tests.scenario.box import DEADLINE_S, ROOT

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```\n(?:\n```text\n(.*?)^```)?", re.MULTILINE | re.DOTALL)
SOCKET = "/run/posd/posd.sock"
TRY = "/tmp/posd-try"
STAND_INS = ("systemctl", "udevadm", "systemd-sysusers", "systemd-tmpfiles", "groupadd", "usermod", "chgrp")


class Block(NamedTuple):
    """One block, and what it is said to print, if anything."""

    language: str
    code: str
    printed: str


def blocks(page: str) -> list[Block]:
    return [Block(*found) for found in BLOCK.findall((ROOT / page).read_text(encoding="utf-8")) if found[0] != "text"]


GUIDE = blocks("docs/integrator.md")
SHELL = [block for block in GUIDE if block.language == "sh"]


class Desk:
    """Where a reader sits: a folder, the guide's own box, and the commands that the guide takes as given."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.try_ = folder / "try"
        self.socket = self.try_ / "posd.sock"
        self.tools = folder / "tools"
        self.root = folder / "root"
        self.tools.mkdir()
        for name, words in {
            "posd": "-m posd",
            "posctl": f"-m posd.ctl --socket {self.socket} --lang en",
            "python": "",
        }.items():
            self.tool(name, f'PYTHONPATH={ROOT} exec {sys.executable} {words} "$@"')
        (folder / "sale.json").write_text(json.dumps(self._sale()), encoding="utf-8")
        self._began: subprocess.Popen[bytes] | None = None

    def _sale(self) -> object:
        """What the guide writes into sale.json, for blocks that are run alone."""
        written = next(block.code for block in SHELL if "cat > sale.json" in block.code)
        return json.loads(written.split("<<'END'\n")[1].split("\nEND")[0])

    def tool(self, name: str, body: str) -> None:
        path = self.tools / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)

    def here(self, code: str) -> str:
        """Code with the paths of this desk."""
        return (
            code.replace(SOCKET, str(self.socket)).replace(TRY, str(self.try_)).replace(".venv/bin/", f"{self.tools}/")
        )

    def begin(self) -> None:
        """Do the guide's first block: it leaves the simulated world and posd running."""
        self._began = subprocess.Popen(
            ["bash", "-e", "-c", self.here(SHELL[0].code)],
            cwd=ROOT,
            stdout=(self.folder / "began.log").open("wb"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        assert self._began.wait(DEADLINE_S) == 0, (self.folder / "began.log").read_text()

    def end(self) -> None:
        if self._began is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._began.pid, signal.SIGKILL)

    def run(self, *words: str) -> str:
        """What a program prints, in the folder; a failure shows all of it."""
        done = subprocess.run(
            words,
            cwd=self.folder,
            env={**os.environ, "PATH": f"{self.tools}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def shell(self, block: Block) -> None:
        agree(block, self.run("bash", "-e", "-o", "pipefail", "-c", self.here(block.code)))


def agree(block: Block, printed: str) -> None:
    """What came is what the page says."""
    if block.printed:
        same = doctest.OutputChecker().check_output(block.printed, printed, doctest.ELLIPSIS)
        assert same, f"{block.code}\nis said to print\n{block.printed}\nand printed\n{printed}"


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with tempfile.TemporaryDirectory(prefix="posd-") as folder:
        made = Desk(Path(folder))
        try:
            made.begin()
            made.run("posctl", "submit", "sale.json")
            yield made
        finally:
            made.end()


def test_the_page_is_read_whole() -> None:
    fences = re.findall(r"^```\w+$", (ROOT / "docs/integrator.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(fences) == len(GUIDE) + sum(bool(block.printed) for block in GUIDE)
    assert {block.language for block in GUIDE} == {"sh", "python", "js", "java", "c", "toml"}


def test_sale_json_is_kept(desk: Desk) -> None:
    desk.shell(next(block for block in SHELL if "cat > sale.json" in block.code))


@pytest.mark.skipif(
    shutil.which("nc") is None, reason="nc is not installed (apt-get install netcat-openbsd): a shell without posctl"
)
def test_a_shell_without_posctl(desk: Desk) -> None:
    for page in ("docs/integrator.md", "README.md"):
        for block in blocks(page):
            if "nc -NU" in block.code:
                desk.shell(block)


def test_python_from_the_first_block_to_the_last(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(desk.folder)
    known: dict[str, object] = {}
    for block in (one for one in GUIDE if one.language == "python"):
        told = io.StringIO()
        with contextlib.redirect_stdout(told):
            code = block.code.replace("settimeout(None)", f"settimeout({DEADLINE_S})")
            exec(compile(desk.here(code), "docs/integrator.md", "exec"), known)
        agree(block, told.getvalue())


def test_the_client_library_as_the_readme_says(desk: Desk) -> None:
    for page in ("README.md", "README.zh-CN.md"):
        for block in blocks(page):
            if block.language == "python":
                printed = desk.run(sys.executable, "-c", desk.here(block.code))
                assert re.fullmatch(r"000001 \['\w+', '\w+'.*\]\n", printed)


def test_posd_runs_as_the_readme_says(desk: Desk) -> None:
    written, asked = (one for one in blocks("README.md") if ".venv/bin/pos" in one.code)
    folder = desk.folder / "readme"
    folder.mkdir()

    def here(code: str) -> str:
        code = code.replace("/tmp/posd", f"{folder}/posd").replace("/dev/ttyUSB0", f"{folder}/printer")
        return desk.here(code.strip())

    running = subprocess.Popen(["bash", "-e", "-c", here(written.code)], cwd=folder, start_new_session=True)
    try:
        assert "printer" in desk.run("bash", "-c", f"until {here(asked.code)} 2>/dev/null; do sleep 0.05; done")
    finally:
        os.killpg(running.pid, signal.SIGKILL)
        running.wait(DEADLINE_S)


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed (apt-get install nodejs)")
def test_node(desk: Desk) -> None:
    for page in ("docs/integrator.md", "README.md"):
        for block in blocks(page):
            if block.language == "js":
                program = desk.folder / "till.js"
                program.write_text(desk.here(block.code), encoding="utf-8")
                agree(block, desk.run("node", str(program)))


def test_c(desk: Desk) -> None:
    (block,) = (one for one in GUIDE if one.language == "c")
    (desk.folder / "till.c").write_text(desk.here(block.code))
    desk.run("gcc", "-Wall", "-Wextra", "-Werror", "till.c", "-o", "till")
    printed = desk.run(str(desk.folder / "till"))
    agree(block, printed)


def java_has_a_compiler() -> bool:
    if shutil.which("java") is None:
        return False
    done = subprocess.run(["java", "--list-modules"], capture_output=True, text=True, timeout=60, check=False)
    return "jdk.compiler" in done.stdout


@pytest.mark.skipif(
    not java_has_a_compiler(), reason="no java with a compiler is installed (apt-get install default-jdk-headless)"
)
def test_java(desk: Desk) -> None:
    (block,) = (one for one in GUIDE if one.language == "java")
    (desk.folder / "Till.java").write_text(desk.here(block.code), encoding="utf-8")
    agree(block, desk.run("java", "Till.java"))


def test_configuration_is_taken() -> None:
    for block in GUIDE:
        if block.language == "toml":
            assert config.parse(block.code) != config.Config()


def test_backups_are_made_and_verified(desk: Desk) -> None:
    (block,) = (one for one in SHELL if "backup -o tuesday" in one.code)
    desk.shell(block)
    assert (desk.folder / "tuesday").is_dir()


def test_the_metrics_are_those_that_posd_writes(desk: Desk) -> None:
    (block,) = (one for one in SHELL if "posd.prom" in one.code and "grep" in one.code)
    desk.shell(block)
    families = set(re.findall(r"^# TYPE (\w+)", (desk.try_ / "posd.prom").read_text(), re.MULTILINE))
    for page in ("docs/integrator.md", "docs/integrator.zh-CN.md"):
        table = re.findall(r"^\| (`posd_.*?) \|", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
        assert {name for row in table for name in re.findall(r"`(\w+)`", row)} == families, page


def test_installing_puts_every_file_where_the_system_looks(desk: Desk) -> None:
    """The files are really copied, below a folder; what only a running system can do is asked for names that it has."""
    install, people, upgrade = (
        next(block for block in SHELL if words in block.code)
        for words in ("pip install .\n", "usermod", "pip install --upgrade")
    )
    for folder in ("etc/systemd/system", "usr/lib/sysusers.d", "usr/lib/tmpfiles.d", "usr/lib/udev/rules.d", "usr/bin"):
        (desk.root / folder).mkdir(parents=True)
    said = desk.folder / "said"
    for name in STAND_INS:
        desk.tool(name, f'echo "{name} $*" >> {said}')
    desk.tool(
        "python3",
        'mkdir -p "$3/bin" && : > "$3/bin/posd" && : > "$3/bin/posctl" && ln -s /bin/true "$3/bin/pip"',
    )
    for block, place in ((install, ROOT), (people, ROOT), (upgrade, desk.folder)):
        code = re.sub(r"(?<![\w.])/(?=(?:opt|usr|etc)/)", f"{desk.root}/", block.code)
        desk.run("bash", "-e", "-c", f"cd {place}\n{code.replace('posctl doctor', 'posctl --version')}")
    there = {str(path.relative_to(desk.root)) for path in desk.root.rglob("*") if path.is_file()}
    assert there >= {
        "usr/bin/posd",
        "usr/bin/posctl",
        "etc/systemd/system/posd.service",
        "etc/systemd/system/posd.socket",
        "usr/lib/sysusers.d/posd.conf",
        "usr/lib/tmpfiles.d/posd.conf",
        "usr/lib/udev/rules.d/60-posd.rules",
        "etc/posd/posd.toml",
    }
    words = said.read_text()
    units = set(re.findall(r"\bposd\.(?:service|socket)\b", words))
    assert units == {path.name for path in (ROOT / "systemd").glob("posd.s*") if path.is_file()}
    roles = next(block.code for block in GUIDE if "roles = " in block.code)
    groups = {group for line in re.findall(r"--groups (\S+)", words) for group in line.split(",")}
    assert groups - {"posd"} <= set(config.parse(roles).api.roles)
