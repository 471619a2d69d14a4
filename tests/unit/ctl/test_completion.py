"""Completion loads in the shells and offers what the command line takes."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from posd.ctl.arguments import parser
from posd.ctl.completion import commands, script
from posd.ctl.words import Say
from tests.unit.ctl.conftest import Said

TRY = """
set -u
source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(( $# - 1 ))
COMPREPLY=()
_posctl
printf '%s\\n' "${COMPREPLY[@]-}"
"""


@pytest.fixture
def offered(tmp_path: Path) -> Callable[..., set[str]]:
    """What bash offers for the last word."""
    file = tmp_path / "posctl.bash"
    file.write_text(script("bash", parser(Say("en"))) + "\n")

    def offer(*words: str) -> set[str]:
        done = subprocess.run(
            ["bash", "--norc", "-c", TRY, "bash", str(file), "posctl", *words],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
            cwd=tmp_path,
        )
        assert done.stderr == ""
        return set(done.stdout.split())

    return offer


class TestBash:
    def test_commands(self, offered: Callable[..., set[str]]) -> None:
        every = {command.name for command in commands(parser(Say("en")))}
        assert every <= offered("")
        s = {"status", "submit", "show", "search", "selftest", "settle", "shift", "signature", "skip"}
        assert offered("s") == s
        assert offered("--l") == {"--lang"}

    def test_options_of_a_command(self, offered: Callable[..., set[str]]) -> None:
        assert offered("reprint", "--re") == {"--reason", "--receipt"}
        assert offered("--json", "reprint", "--k") == {"--key"}

    def test_values(self, offered: Callable[..., set[str]]) -> None:
        assert offered("reprint", "last", "--copy", "") == {"merchant", "customer"}
        assert offered("--lang", "") == {"en", "zh"}
        assert offered("completion", "f") == {"fish"}
        assert offered("show", "l") == {"last"}
        assert offered("reprint", "last", "--reason", "") == set()

    def test_files(self, offered: Callable[..., set[str]]) -> None:
        assert offered("submit", "posctl") == {"posctl.bash"}
        assert offered("preview", "last", "-o", "posctl") == {"posctl.bash"}


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_take_it(shell: str, tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    file = tmp_path / f"posctl.{shell}"
    file.write_text(script(shell, parser(Say("en"))) + "\n")
    subprocess.run([shell, "-n", str(file)], capture_output=True, timeout=60, check=True)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_command_and_option_is_in_it(shell: str, posctl: Callable[..., Said]) -> None:
    text = posctl("completion", shell).out
    for command in commands(parser(Say("en"))):
        assert command.name in text
        for option in command.options:
            for name in option.names:
                assert (name if shell != "fish" else name.lstrip("-")) in text
