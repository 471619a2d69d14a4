"""What is installed: the wheel, the commands, the pins."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import posd
from tests.contract.tree import ROOT, text

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]


def pins() -> dict[str, str]:
    """The pinned versions by name."""
    lines = [line for line in text(Path(".ci/pins.txt")).splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line) for line in lines), lines
    return {canonicalize_name(name): version for name, _, version in (line.partition("==") for line in lines)}


def asked() -> list[Requirement]:
    """All ranges of pyproject.toml."""
    extras = [item for extra in PROJECT["optional-dependencies"].values() for item in extra]
    return [Requirement(item) for item in [*PROJECT["dependencies"], *extras, *PYPROJECT["dependency-groups"]["dev"]]]


@pytest.mark.parametrize("requirement", asked(), ids=str)
def test_every_range_has_a_pin_inside_it(requirement: Requirement) -> None:
    version = pins().get(canonicalize_name(requirement.name))
    assert version, f"{requirement.name} is not pinned: run make pins"
    assert requirement.specifier.contains(version)


def test_everything_that_the_pins_need_is_pinned() -> None:
    """Nothing unpinned slips in with a pinned package."""
    pinned, lacking = pins(), set()
    for name in pinned:
        for text_ in importlib.metadata.requires(name) or []:
            needed = Requirement(text_)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                lacking |= {canonicalize_name(needed.name)} - set(pinned)
    assert not lacking - {"setuptools", "pip", "wheel"}


def test_the_environment_is_the_pinned_one() -> None:
    other = {name: importlib.metadata.version(name) for name, version in pins().items()}
    assert other == pins(), "run make again: the environment is not the pinned one"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built here."""
    goal = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(goal)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return zipfile.ZipFile(next(goal.glob("*.whl")))


def test_the_wheel_holds_posd_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert tops == {"posd", f"posd-{posd.__version__}.dist-info", f"posd-{posd.__version__}.data"}
    data = f"posd-{posd.__version__}.data/data/share/"
    assert {name for name in wheel.namelist() if ".data/" in name} == {
        f"{data}bash-completion/completions/posctl",
        f"{data}zsh/site-functions/_posctl",
        f"{data}fish/vendor_completions.d/posctl.fish",
    }
    assert "posd/py.typed" in wheel.namelist()
    assert not [name for name in wheel.namelist() if name.endswith((".pyc", ".so"))]


def test_the_wheel_says_what_it_is(wheel: zipfile.ZipFile) -> None:
    info = f"posd-{posd.__version__}.dist-info"
    metadata = wheel.read(f"{info}/METADATA").decode()
    assert f"\nVersion: {posd.__version__}\n" in metadata
    assert "\nLicense-Expression: MIT\n" in metadata
    assert f"{info}/licenses/LICENSE" in wheel.namelist()


@pytest.mark.parametrize("command", ["posd", "posctl"])
def test_the_commands_lead_to_functions(command: str) -> None:
    (entry,) = importlib.metadata.entry_points(group="console_scripts", name=command)
    assert callable(entry.load())


@pytest.mark.parametrize("command", ["posd", "posctl"])
def test_the_commands_help(command: str) -> None:
    path = Path(sys.executable).with_name(command)
    done = subprocess.run([path, "--help"], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0
    assert "usage" in done.stdout.lower()


@pytest.fixture
def first_on_the_path(tmp_path: Path) -> str:
    """The PATH of a shell that finds this posctl."""
    tool = tmp_path / "posctl"
    tool.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m posd.ctl "$@"\n')
    tool.chmod(0o755)
    return f"{tmp_path}:{os.environ['PATH']}"


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
def test_zsh_completes_posctl_from_the_installed_file(first_on_the_path: str, tmp_path: Path) -> None:
    """It is loaded as a function of its name, once; `_describe` is told every command."""
    shutil.copy(ROOT / "posd/ctl/completions/posctl.zsh", tmp_path / "_posctl")
    ask = """
        fpath=($1 $fpath)
        autoload -U _posctl
        compdef() { : }
        _arguments() { state=command }
        _describe() { print -l -- ${(P)2} }
        _posctl && _posctl
    """
    environ = {**os.environ, "PATH": first_on_the_path, "LC_ALL": "C.UTF-8"}
    words = ["zsh", "-f", "-c", ask, "zsh", str(tmp_path)]
    done = subprocess.run(words, env=environ, capture_output=True, text=True, timeout=60, check=False)
    told = done.stdout.splitlines()
    assert len(told) == 2 * len(set(told)), done.stderr
    assert any(line.startswith("reprint:") for line in told)


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
def test_fish_completes_posctl_from_the_installed_file(first_on_the_path: str) -> None:
    ask = f"source {ROOT}/posd/ctl/completions/posctl.fish; complete -C 'posctl repr'"
    environ = {**os.environ, "PATH": first_on_the_path, "LC_ALL": "zh_CN.UTF-8"}
    done = subprocess.run(
        ["fish", "-N", "-c", ask], env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.split() == ["reprint", "按门店规则重打印一联，带重打印标记。"], done.stderr


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_completes_posctl_from_the_installed_file(first_on_the_path: str) -> None:
    """The file that the wheel puts where bash looks leads to what posctl makes of its own command line."""
    ask = f"""
        source {ROOT}/posd/ctl/completions/posctl.bash
        [[ $(complete -p posctl) =~ -F\\ ([^ ]+) ]]
        COMP_WORDS=(posctl repr) COMP_CWORD=1
        ${{BASH_REMATCH[1]}}
        echo "${{COMPREPLY[@]}}"
    """
    environ = {**os.environ, "PATH": first_on_the_path}
    done = subprocess.run(["bash", "-c", ask], env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.split() == ["reprint"], done.stderr
