"""Method by method, what each role may do: real Unix users in real groups, over a real socket."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from posd.api import document
from posd.api.access import Rules
from posd.api.methods import METHODS
from posd.domain.doer import Role
from tests.unit.api.fakes import Raw, Running, short_folder

NAMES: dict[str, str] = {role: f"posdt{os.getpid() % 100000}{role[:2]}" for role in get_args(Role)}
STRANGER = f"posdt{os.getpid() % 100000}no"
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="making users and becoming one of them needs root")
CHILD = """
import json, os, pwd, socket, sys
path, user, leave, *requests = sys.argv[1:]
entry = pwd.getpwnam(user)
os.initgroups(user, entry.pw_gid); os.setgid(entry.pw_gid); os.setuid(entry.pw_uid)
line = socket.socket(socket.AF_UNIX); line.settimeout(30); line.connect(path)
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


@pytest.fixture(scope="module")
def served() -> Iterator[Running]:
    """A server for four groups, each of one role, with a user in each, as a supplementary group, and one in none."""
    made: list[tuple[str, str]] = []
    try:
        for name in NAMES.values():
            _admin("groupadd", "--system", f"{name}g")
            made.append(("groupdel", f"{name}g"))
        for name, groups in [*((name, ["-G", f"{name}g"]) for name in NAMES.values()), (STRANGER, [])]:
            _admin("useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", *groups, name)
            made.append(("userdel", name))
        with short_folder() as folder:
            folder.chmod(0o755)
            running = Running(folder / "posd.sock", rules=Rules.of({f"{name}g": role for role, name in NAMES.items()}))  # type: ignore[misc]
            os.chmod(folder / "posd.sock", 0o666)
            yield running
            running.stop()
    finally:
        for words in reversed(made):
            with contextlib.suppress(pytest.skip.Exception):
                _admin(*words)


def call(served: Running, user: str, requests: list[str], *, leave: str = "") -> dict[str, str]:
    """What became of each request, by its id: a kind of refusal, or empty."""
    words = [sys.executable, "-c", CHILD, served.path, user, leave, *requests]
    said = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60, cwd="/").stdout
    return json.loads(said) if said else {}


def request(number: int, name: str) -> str:
    params = json.loads(METHODS[name].example)
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": name, "params": params})


def refused(served: Running, user: str) -> set[str]:
    names = list(METHODS)
    answers = call(served, user, [request(number, name) for number, name in enumerate(names)])
    return {names[int(number)] for number, kind in answers.items() if kind == "denied"}


@needs_root
@pytest.mark.parametrize("role", NAMES)
def test_a_user_in_a_roles_group_may_do_what_the_table_says_and_nothing_else(served: Running, role: Any) -> None:
    assert refused(served, NAMES[role]) == {row.name for row in METHODS.values() if row.roles and role not in row.roles}


@needs_root
def test_a_user_in_no_group_may_do_what_everyone_may(served: Running) -> None:
    assert refused(served, STRANGER) == {row.name for row in METHODS.values() if row.roles}


@needs_root
def test_root_may_do_everything(served: Running) -> None:
    assert refused(served, "root") == set()


@needs_root
def test_what_a_peer_asked_that_vanished_bears_its_name(served: Running) -> None:
    before = len(served.desk.asked)
    call(served, NAMES["till"], [request(1, "transaction.submit")], leave="at-once")
    deadline = time.monotonic() + 30
    while len(served.desk.asked) == before and time.monotonic() < deadline:
        time.sleep(0.02)
    _, doer = served.desk.asked[-1]
    assert (doer.roles, doer.uid) == (("till",), _uid(NAMES["till"]))
    assert Raw(served.path)  # and others are served as before
    assert refused(served, "root") == set()


def _uid(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_uid


def test_the_page_has_the_table_of_methods_and_roles() -> None:
    page = (Path(__file__).parents[3] / "docs" / "api.md").read_text()
    rows = re.findall(r"^\| `([a-z.]+)` \| (yes|-) \| (yes|-) \| (yes|-) \| (yes|-) \|$", page, re.MULTILINE)
    told = {
        name: {role for role, word in zip(get_args(Role), words, strict=True) if word == "yes"} for name, *words in rows
    }
    assert told == {row.name: set(row.roles) for row in METHODS.values() if row.roles}
    assert document._role_table() in page
