"""Writes .ci/pins.txt: every package of the development environment, pinned to what the index gives today.

Reads the ranges of pyproject.toml (dependencies, extras, the dev group), installs them into a throw-away environment
and writes what came. The pinned file is what `make` installs, since pip before 25.1 does not know dependency groups.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEAD = (
    "# Every package of the development environment, pinned. Made by `make pins`; the ranges stand in pyproject.toml.\n"
)


def ranges(pyproject: Path) -> list[str]:
    """All that pyproject.toml asks for, as requirement strings."""
    table = tomllib.loads(pyproject.read_text(encoding="utf-8"))
    extras = [item for extra in table["project"]["optional-dependencies"].values() for item in extra]
    return [*table["project"]["dependencies"], *extras, *table["dependency-groups"]["dev"]]


def main() -> int:
    """Rewrite the pinned file; it stays as it was if the installation fails."""
    with tempfile.TemporaryDirectory() as home:
        venv.create(home, with_pip=True)
        pip = [f"{home}/bin/python", "-m", "pip", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", "--quiet", *ranges(ROOT / "pyproject.toml")], check=True)
        frozen = subprocess.run([*pip, "freeze"], check=True, capture_output=True, text=True).stdout
    (ROOT / ".ci" / "pins.txt").write_text(HEAD + frozen, encoding="utf-8")
    print(f".ci/pins.txt: {len(frozen.splitlines())} packages pinned")
    return 0


if __name__ == "__main__":
    sys.exit(main())
