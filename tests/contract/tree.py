"""The files that the contracts are about, and what stands in them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


@cache
def files() -> tuple[Path, ...]:
    """Every file of the repository that git keeps or would keep; without git, all but what the tools make. Paths from
    the root.
    """
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
        paths = [Path(name) for name in listed if name]
    except (OSError, subprocess.CalledProcessError):
        made = {".venv", "__pycache__", "build", "dist", "node_modules", "bench-out", "demo-out"}
        paths = [path.relative_to(ROOT) for path in ROOT.rglob("*")]
        paths = [path for path in paths if not made & set(path.parts) and not path.parts[0].startswith((".git", "."))]
    return tuple(sorted(path for path in set(paths) if (ROOT / path).is_file()))


def python(*tops: str) -> Iterator[Path]:
    """The Python files under these top folders."""
    return (path for path in files() if path.suffix == ".py" and path.parts[0] in tops)


@cache
def text(path: Path) -> str:
    """A file's text."""
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def tree(path: Path) -> ast.Module:
    """A file's syntax tree."""
    return ast.parse(text(path), filename=str(path))


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Each module that a file imports anywhere, by its full name, with the line; `from a import b` counts as `a` and as
    `a.b`.
    """
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = path.with_suffix("").parts[: -node.level] if node.level else ()
            name = ".".join((*package, node.module or "")).rstrip(".")
            yield name, node.lineno
            yield from ((f"{name}.{alias.name}", node.lineno) for alias in node.names)
