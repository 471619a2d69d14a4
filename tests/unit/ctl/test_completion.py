"""Completion loads in the shells and offers what the command line takes."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from posd.ctl.arguments import parser
from posd.ctl.completion import commands, paths, script
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

    def test_a_command_below_another_has_its_own_options(self, offered: Callable[..., set[str]]) -> None:
        assert offered("exception", "") == {"note", "assign", "escalate", "waive", "close"}
        assert offered("exception", "note", "x1", "--ch") == {"--channel"}
        assert offered("exception", "close", "x1", "--ch") == set()
        assert offered("exception", "assign", "x1", "c") == {"cashier"}
        assert offered("journal", "verify", "posctl") == {"posctl.bash"}

    def test_options_come_where_nothing_else_may_stand_or_are_asked_for(self, offered: Callable[..., set[str]]) -> None:
        assert "--check" in offered("status", "")
        assert offered("show", "") == {"last"}
        assert "--copies" in offered("show", "-")

    def test_words_to_explain(self, offered: Callable[..., set[str]]) -> None:
        assert offered("explain", "paper") == {"paper-end", "paper-near-end"}

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


def test_fish_offers_what_is_below_a_command_and_then_its_options(tmp_path: Path) -> None:
    if shutil.which("fish") is None:
        pytest.skip("fish is not installed")
    (tmp_path / "posctl.fish").write_text(script("fish", parser(Say("en"))) + "\n")

    def offered(line: str) -> set[str]:
        code = f"source {tmp_path}/posctl.fish; complete -C {line!r}"
        home = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
        done = subprocess.run(["fish", "-c", code], capture_output=True, text=True, timeout=60, check=True, env=home)
        return {row.split("\t")[0] for row in done.stdout.splitlines()}

    assert offered("posctl exception ") == {"note", "assign", "escalate", "waive", "close"}
    assert "--channel" in offered("posctl exception note x1 --ch")
    assert "--channel" not in offered("posctl exception close x1 --ch")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_command_and_option_is_in_it(shell: str, posctl: Callable[..., Said]) -> None:
    text = posctl("completion", shell).out
    for _, command in paths(commands(parser(Say("en")))):
        assert command.name in text
        for option in command.options:
            for name in option.names:
                assert (name if shell != "fish" else name.lstrip("-")) in text
