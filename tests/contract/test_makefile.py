"""What a maintainer types: every target is listed, and what is missing on a machine is named with the one line that
brings it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.contract.tree import ROOT, text

MAKEFILE = Path("Makefile")


def targets() -> list[str]:
    """The targets for people, as the Makefile declares them."""
    phony = re.search(r"^\.PHONY: (.*)$", text(MAKEFILE), re.MULTILINE)
    assert phony
    return phony[1].split()


def make(*arguments: str) -> str:
    """What make prints."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(
        ["make", *arguments], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_target_is_declared_and_has_a_rule() -> None:
    rules = re.findall(r"^([a-z][a-z-]*):", text(MAKEFILE), re.MULTILINE)
    assert sorted(rules) == sorted(targets())


def test_help_is_the_default_and_lists_every_target_with_a_sentence() -> None:
    listed = dict(re.findall(r"^ +make ([a-z-]+) +(.*)$", make(), re.MULTILINE))
    assert list(listed) == targets()
    assert all(sentence.endswith(".") and sentence[0].isupper() for sentence in listed.values())


@pytest.mark.parametrize(
    ("target", "command"),
    [
        ("demo", "-m tests.demo"),
        ("demo-counter", "-m tests.demo_counter"),
        ("test", "-m pytest tests "),
        ("check", "-m pytest tests/contract"),
        ("bench", "-m tests.bench"),
        ("crash", "-m tests.crash --states 1000000 --images 1000000 --runs 10000 --laps 100"),
        ("kill", "-m tests.kill 300"),
        ("peers", "-m pytest tests/peers"),
    ],
)
def test_targets_run_what_they_say(target: str, command: str) -> None:
    assert command in make("-n", target)


def test_the_check_script_runs_the_tests() -> None:
    script = text(Path(".ci/run"))
    assert script.splitlines()[-1] == "exec make test"
    assert "set -euo pipefail" in script
    assert os.access(ROOT / ".ci/run", os.X_OK)


def preflight(path: Path, *arguments: str, python: str = "python3") -> subprocess.CompletedProcess[str]:
    """The preflight on a machine that has only what is in `path`."""
    environ = {"PATH": str(path), "PYTHON": python}
    command = [shutil.which("sh") or "/bin/sh", str(ROOT / ".ci/preflight.sh"), *arguments]
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A PATH with nothing but what the script itself needs."""
    for tool in ("awk", "id", "sh"):
        (tmp_path / tool).symlink_to(shutil.which(tool) or "")
    return tmp_path


def test_preflight_names_all_that_is_missing_in_one_line(bare: Path) -> None:
    done = preflight(bare)
    assert done.returncode == 1
    lines = [line.strip() for line in done.stderr.splitlines() if "apt-get" in line]
    assert len(lines) == 1
    packages = lines[0].removeprefix("sudo ").removeprefix("apt-get install -y ").split()
    assert packages[:3] == ["python3", "python3-venv", "python3-dev"]
    assert {"make", "gcc", "libc6-dev"} <= set(packages)
    assert len(packages) == len(set(packages))


def test_preflight_gives_a_script_the_packages_alone(bare: Path) -> None:
    done = preflight(bare, "--packages")
    assert done.returncode == 0
    assert {"make", "gcc", "udev", "umockdev"} <= set(done.stdout.split())
    assert done.stdout.count("\n") == 1


def test_preflight_refuses_an_old_python(bare: Path) -> None:
    old = bare / "python3"
    old.write_text("#!/bin/sh\n[ $1 = -V ] && echo Python 3.9.2 && exit\nexit 1\n", encoding="utf-8")
    old.chmod(0o755)
    done = preflight(bare)
    assert done.returncode == 1
    assert "Python 3.9.2, posd needs 3.11 or newer" in done.stderr


def test_preflight_is_content_with_the_machine_that_runs_the_tests() -> None:
    done = preflight(Path(os.environ["PATH"]), python=os.environ.get("PYTHON", "python3"))
    assert done.returncode == 0, done.stderr
