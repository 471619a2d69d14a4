"""Real Unix users in real groups, for tests that run as root: one user for each role, and one who has none."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from typing import get_args

import pytest

from posd.domain.doer import Role

ROLES: tuple[Role, ...] = get_args(Role)
NAMES: dict[str, str] = {role: f"posdt{os.getpid() % 100000}{role[:2]}" for role in ROLES}
STRANGER = f"posdt{os.getpid() % 100000}no"
GROUPS: dict[str, Role] = {f"{NAMES[role]}g": role for role in ROLES}
"""As `api.roles` wants it."""
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="making users and becoming one of them needs root")
CHILD = """
import json, os, pwd, socket, sys
path, user, leave, *requests = sys.argv[1:]
entry = pwd.getpwnam(user)
os.initgroups(user, entry.pw_gid); os.setgid(entry.pw_gid); os.setuid(entry.pw_uid)
line = socket.socket(socket.AF_UNIX); line.settimeout(60); line.connect(path)
line.sendall("".join(request + "\\n" for request in requests).encode())
if leave == "at-once":
    os._exit(0)
answers, lines = {}, line.makefile()
while len(answers) < len(requests):
    answer = json.loads(lines.readline())
    if answer.get("id") is not None:
        answers[answer["id"]] = answer.get("error", {}).get("data", {}).get("kind", "")
print(json.dumps(answers))
"""


def _admin(*words: str) -> None:
    """A change of the user database, tried again while another program holds its lock."""
    for _ in range(40):
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return
        if "lock" not in done.stderr:
            break
        time.sleep(0.25)
    pytest.skip(f"{' '.join(words)}: {done.stderr.strip()}")


@contextlib.contextmanager
def people() -> Iterator[None]:
    """The users are there meanwhile: each role's in the role's group, as a supplementary one."""
    made: list[tuple[str, str]] = []
    try:
        for group in GROUPS:
            _admin("groupadd", "--system", group)
            made.append(("groupdel", group))
        for name, groups in [*((name, ["-G", f"{name}g"]) for name in NAMES.values()), (STRANGER, [])]:
            _admin("useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", *groups, name)
            made.append(("userdel", name))
        yield
    finally:
        for words in reversed(made):
            with contextlib.suppress(pytest.skip.Exception):
                _admin(*words)


def call(path: object, user: str, requests: Sequence[str], *, leave: str = "") -> dict[str, str]:
    """What became of each request of this user, by its id: a kind of refusal, or empty."""
    words = [sys.executable, "-c", CHILD, str(path), user, leave, *requests]
    said = subprocess.run(words, capture_output=True, text=True, check=True, timeout=120, cwd="/").stdout
    return json.loads(said) if said else {}


def uid(user: str) -> int:
    return pwd.getpwnam(user).pw_uid
