"""Talks to a running world from another process: blocking, stdlib only, for `python -m hwsim do` and for tests."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any


class WorldError(Exception):
    """The world refused or is not there; the message says why."""


def ask(directory: str | Path, word: str, *args: object, timeout: float = 60.0) -> dict[str, Any]:
    """Let a word happen in the world of that directory; returns the answer without its `ok`.

    Raises WorldError if the world says no, does not run, or does not answer within `timeout` seconds.
    """
    request = json.dumps({"do": word, "args": [str(arg) for arg in args]}).encode() + b"\n"
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(timeout)
            connection.connect(str(Path(directory) / "control"))
            connection.sendall(request)
            with connection.makefile("rb") as answers:
                line = answers.readline()
    except OSError as error:
        raise WorldError(f"no world answers in {directory}: {error}") from error
    if not line:
        raise WorldError(f"the world in {directory} ended")
    answer: dict[str, Any] = json.loads(line)
    if not answer.pop("ok"):
        raise WorldError(str(answer["error"]))
    return answer
