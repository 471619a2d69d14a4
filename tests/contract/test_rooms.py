"""What each room may touch, beyond who may import whom (which import-linter checks from pyproject.toml)."""

from __future__ import annotations

import ast
import fnmatch
import importlib.metadata
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.contract.tree import ROOT, files, imports, python, text, tree

# The packages that the product stands on, each behind one module of ours: so each is tamed, or replaced, in one place.
WRAPPED = ("barcode", "segno", "serial", "escpos", "evdev", "pyudev", "sdnotify", "usb", "zstandard")

# The decision maker and all that turns bytes into meaning take time, identity and randomness as inputs: only so can a
# seeded simulation run them.
PURE = (
    "posd/config/*.py",
    "posd/domain/*.py",
    "posd/desk/*.py",
    "posd/journal/archive_age.py",
    "posd/journal/archive_format.py",
    "posd/journal/block.py",
    "posd/journal/entries.py",
    "posd/journal/record.py",
    "posd/journal/recover.py",
    "posd/journal/ring.py",
    "posd/journal/superblock.py",
    "posd/input/events.py",
    "posd/printer/*.py",
    "posd/pad/*.py",
    "posd/keypad/*.py",
    "posd/hotplug/nodes.py",
    "posd/api/framing.py",
    "posd/api/wire.py",
    "posd/service/watchdog.py",
)
# In a room of pure files: what drives it and its ports, which alone do I/O, and what must tame a library (its temporary
# folder, its import) or find a picture or a font.
IMPURE = (
    "posd/desk/callers.py",
    "posd/desk/lookback.py",
    "posd/desk/runner.py",
    "posd/desk/drawing.py",
    "posd/*/actor.py",
    "posd/*/port.py",
    "posd/*/ports/*.py",
    "posd/*/port_*.py",
    "posd/keypad/lights.py",
    "posd/keypad/picture.py",
    "posd/keypad/supervisors.py",
    "posd/pad/jbig.py",
    "posd/pad/serial.py",
    "posd/printer/compose.py",
    "posd/printer/ink.py",
    "posd/printer/library.py",
    "posd/printer/follow.py",
    "posd/printer/link.py",
    "posd/printer/logo.py",
    "posd/printer/memory.py",
    "posd/printer/shop_file.py",
)

WORLD = {
    *("asyncio", "concurrent", "ctypes", "fcntl", "glob", "http", "logging", "multiprocessing", "os", "pathlib"),
    *(
        "queue",
        "random",
        "secrets",
        "select",
        "selectors",
        "shutil",
        "signal",
        "socket",
        "subprocess",
        "tempfile",
        "termios",
    ),
    *("threading", "time", "urllib", "uuid"),
    *("evdev", "pyudev", "sdnotify", "serial", "usb"),
}
CLOCKS = {"now", "utcnow", "today", "time", "monotonic", "perf_counter"}
DOORS = {"open", "input", "print", "exec", "eval", "breakpoint"}


def matches(path: Path, patterns: tuple[str, ...]) -> bool:
    """Whether a path is named by one of the patterns; `*` also reaches into folders, since a room may have some."""
    return any(fnmatch.fnmatch(path.as_posix(), pattern) for pattern in patterns)


PURE_FILES = [path for path in files() if matches(path, PURE) and not matches(path, IMPURE)]


@pytest.mark.parametrize("pattern", [*PURE, *(pattern for pattern in IMPURE if "*" not in pattern)])
def test_every_place_that_is_named_exists(pattern: str) -> None:
    """A pattern that names nothing guards nothing."""
    assert any(matches(path, (pattern,)) for path in files()), f"{pattern} names no file"


@pytest.mark.parametrize("path", PURE_FILES, ids=str)
def test_pure_files_touch_nothing_outside(path: Path) -> None:
    found = [f"{path}:{line} imports {name}" for name, line in imports(path) if name.split(".")[0] in WORLD]
    for node in ast.walk(tree(path)):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS and not node.args:
            found.append(f"{path}:{node.lineno} asks a clock: {ast.unparse(node)}")
        if isinstance(node.func, ast.Name) and node.func.id in DOORS:
            found.append(f"{path}:{node.lineno} calls {node.func.id}()")
    assert not found, "\n".join(found)


def dotted(path: Path) -> set[str]:
    """The strings of a file that could name a submodule (`escpos.printer`), for importlib.import_module."""
    strings = {
        node.value for node in ast.walk(tree(path)) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {value for value in strings if re.fullmatch(r"[a-z_]+(?:\.[a-z_]+)+", value)}


@pytest.mark.parametrize("package", WRAPPED)
def test_each_given_package_is_imported_by_exactly_one_module(package: str) -> None:
    users = {str(path) for path in python("posd") for name, _ in imports(path) if name.split(".")[0] == package}
    users |= {str(path) for path in python("posd") for name in dotted(path) if name.split(".")[0] == package}
    assert len(users) == 1, f"{package} is imported by {sorted(users) or 'nobody'}"


def test_every_import_is_a_declared_dependency() -> None:
    """posd imports nothing that `pip install posd` (or an extra of it) would not bring."""
    project = tomllib.loads(text(Path("pyproject.toml")))["project"]
    lists = [project["dependencies"], *project["optional-dependencies"].values()]
    declared = {canonicalize_name(Requirement(item).name) for items in lists for item in items}
    provided = importlib.metadata.packages_distributions()
    undeclared = [
        f"{path}:{line} imports {name}"
        for path in python("posd")
        for name, line in imports(path)
        if (top := name.split(".")[0]) not in {"posd", "_typeshed", *sys.stdlib_module_names}
        and not {canonicalize_name(one) for one in provided.get(top, [])} & declared
    ]
    assert not undeclared, "\n".join(undeclared)


def loaded_by(module: str) -> set[str]:
    """The modules that a fresh interpreter has loaded after importing `module`."""
    return loaded_behind(f"import {module}")


def loaded_behind(code: str) -> set[str]:
    """The modules that a fresh interpreter has loaded behind this code."""
    code += "\nimport sys, json; print(json.dumps([name for name in sys.modules if sys.modules[name]]))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


def test_the_client_library_is_light() -> None:
    """A till imports it: no device package, no raster, no event loop."""
    heavy = {"escpos", "serial", "usb", "evdev", "pyudev", "sdnotify", "PIL", "segno", "asyncio", "yaml"}
    assert not loaded_by("posd.client") & heavy


def test_posctl_is_light() -> None:
    assert not loaded_by("posd.ctl") & {"escpos", "serial", "evdev", "pyudev", "sdnotify", "PIL", "asyncio", "yaml"}


def test_the_daemon_starts_without_the_slow_packages() -> None:
    """escpos takes a quarter of a second and 18 MiB, PIL most of the rest: both are imported when first needed. What is
    never needed, or for another kind of pad, is not loaded at all.
    """
    start = "import sys, posd.__main__ as it\nsys.argv[1:] = ['--config', '/nowhere']\nassert it.main() == 2"
    late = {"escpos", "PIL", "segno", "yaml", "zstandard", "posd.pad.serial", "posd.pad.dialogue"}
    assert not loaded_behind(start) & {*late, "_ssl", "wcwidth"}
