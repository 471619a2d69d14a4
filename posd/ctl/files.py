"""Files that posctl reads and writes."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

_FILE_MAX = 1 << 20


class UsageError(Exception):
    """The command cannot be carried out as it stands; the message says why and what to do."""


def read_transaction(name: str) -> dict[str, Any]:
    """The transaction in a JSON file (`-`: standard input), alone or as `{"transaction": ...}`. UsageError."""
    where = "standard input" if name == "-" else name
    try:
        with open(name, "rb") if name != "-" else sys.stdin.buffer as file:
            data = file.read(_FILE_MAX + 1)
    except OSError as error:
        raise UsageError(f"{where} cannot be read: {error.strerror}. Nothing was sent.") from error
    if len(data) > _FILE_MAX:
        raise UsageError(f"{where} is larger than any transaction may be. Nothing was sent.")
    try:
        body = json.loads(data.decode(), object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        place = f"(line {error.lineno}, column {error.colno})"
        raise UsageError(f"{where} is not JSON {place}: {error.msg}. Nothing was sent.") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{where} is not JSON: {error}. Nothing was sent.") from error
    if isinstance(body, dict) and set(body) == {"transaction"}:
        body = body["transaction"]
    if not isinstance(body, dict):
        raise UsageError(f"{where} does not hold a transaction: a JSON object is needed. Nothing was sent.")
    return body


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice[:40]!r} stands twice in one object")
    return dict(pairs)


def write_whole(path: Path, body: bytes) -> None:
    """The file is there whole or not at all. UsageError."""
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            try:
                file.write(body)
                file.flush()
                os.chmod(file.name, 0o644 & ~_umask())
                os.replace(file.name, path)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from error


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
