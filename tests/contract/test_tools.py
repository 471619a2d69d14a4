"""The tools that look at every file, run as tests: what they say on one machine they say on all."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.tree import ROOT, files, text


def run(*command: str) -> None:
    """Run a tool at the root; its whole output is the failure."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode:
        pytest.fail(f"{' '.join(command)}\n{done.stdout}{done.stderr}", pytrace=False)


def test_lint() -> None:
    run(sys.executable, "-m", "ruff", "check", "--output-format=concise", ".")


def test_format() -> None:
    run(sys.executable, "-m", "ruff", "format", "--check", ".")


def test_types() -> None:
    run(sys.executable, "-m", "mypy")


def test_rooms() -> None:
    run(str(Path(sys.executable).with_name("lint-imports")), "--no-cache")


@pytest.mark.skipif(
    shutil.which("shellcheck") is None, reason="shellcheck is not installed (apt-get install shellcheck)"
)
def test_shell_scripts() -> None:
    scripts = [str(path) for path in files() if path.suffix in {"", ".sh", ".bash"} and is_shell(path)]
    assert {".ci/run", ".ci/preflight.sh"} <= set(scripts)
    run("shellcheck", *scripts)


def is_shell(path: Path) -> bool:
    """Whether the first line says that a shell runs it."""
    try:
        first = text(path).partition("\n")[0]
    except UnicodeDecodeError:
        return False
    return first.startswith("#!") and first.endswith(("bash", "sh"))
