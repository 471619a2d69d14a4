"""Who a peer is, and what it may do: from the kernel, never from the request."""

from __future__ import annotations

import grp
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, get_args

import pytest

from posd.api import access
from posd.api.access import ALL_ROLES, Peer, Rules, UnknownGroup
from posd.api.methods import METHODS
from posd.domain.doer import Role
from posd.domain.errors import Refusal
from tests.unit.api.fakes import SALE, Raw, Running

NOBODY = 65534
TILLS, BOSSES = 71001, 71002
RULES = Rules({TILLS: frozenset({"till"}), BOSSES: frozenset({"cashier", "supervisor"})})


def peer(uid: int = 1000, groups: frozenset[int] | None = frozenset()) -> Peer:
    return Peer(uid, 1000, 4242, groups)


class TestRules:
    def test_without_groups_in_the_configuration_everybody_has_all_roles(self) -> None:
        assert Rules({}).roles_of(peer()) == ALL_ROLES

    def test_root_always_has_all_roles(self) -> None:
        assert RULES.roles_of(peer(uid=0)) == ALL_ROLES

    def test_a_stranger_has_none(self) -> None:
        assert RULES.roles_of(peer(groups=frozenset({5}))) == ()

    def test_roles_add_up_over_groups(self) -> None:
        assert RULES.roles_of(peer(groups=frozenset({BOSSES, TILLS, 5}))) == ("till", "cashier", "supervisor")

    def test_groups_from_the_database_stand_in_for_those_the_kernel_did_not_tell(self) -> None:
        assert RULES.needs_groups(peer(groups=None))
        assert not RULES.needs_groups(peer(uid=0, groups=None))
        assert not Rules({}).needs_groups(peer(groups=None))
        assert RULES.roles_of(peer(groups=None), frozenset({TILLS})) == ("till",)

    def test_a_group_that_does_not_exist_is_an_error_that_names_a_near_one(self) -> None:
        name = grp.getgrgid(0).gr_name
        assert Rules.of({name: "till"}).by_group == {0: frozenset({"till"})}
        with pytest.raises(UnknownGroup, match=f"did you mean '{name}'"):
            Rules.of({name + "t": "till"})
        with pytest.raises(UnknownGroup, match="groupadd"):
            Rules.of({"zzzz-posd-nowhere-9": "till"})


class TestTable:
    def test_everybody_may_say_hello_and_nobody_but_a_till_may_sell(self) -> None:
        assert access.methods_of(()) == [name for name, row in METHODS.items() if not row.roles]
        assert "posd.hello" in access.methods_of(())
        for role in get_args(Role):
            assert ("transaction.submit" in access.methods_of((role,))) == (role == "till")

    def test_an_auditor_changes_nothing(self) -> None:
        writing = {"transaction.submit", "receipt.reprint", "receipt.settle", "signature.resign"}
        assert not writing & set(access.methods_of(("auditor",)))

    def test_denied_says_what_is_needed_and_what_is_held(self) -> None:
        with pytest.raises(Refusal) as raised:
            access.check(METHODS["transaction.submit"], access.doer_of(peer(), ("auditor",)))
        assert raised.value.kind == "denied"
        assert "role till" in raised.value.message
        assert "auditor" in raised.value.message


def test_the_kernel_says_who_is_there() -> None:
    here, there = socket.socketpair()
    with here, there:
        known = access.peer_of(here)
    assert (known.uid, known.gid, known.pid) == (os.getuid(), os.getgid(), os.getpid())
    assert known.groups is None or set(os.getgroups()) <= known.groups


def test_groups_from_the_database_include_the_own_one() -> None:
    assert 0 in access.groups_from_database(Peer(0, 0, 1, None))
    assert access.groups_from_database(Peer(2_000_000_001, 77, 1, None)) == {77}


ASKING = """
import os, socket, sys
os.setgroups([int(group) for group in sys.argv[2:]])
os.setgid(65534)
os.setuid(65534)
posd = socket.socket(socket.AF_UNIX)
posd.connect(sys.argv[1])
for line in sys.stdin:
    posd.sendall(line.encode())
posd.shutdown(socket.SHUT_WR)
sys.stdout.write(posd.makefile("r").read())
"""


def asked_as(groups: list[int], server: Running, *lines: dict[str, Any]) -> list[dict[str, Any]]:
    """What a process of user nobody with these groups is answered."""
    os.chmod(server.path, 0o666)
    os.chmod(Path(server.path).parent, 0o755)
    done = subprocess.run(
        [sys.executable, "-c", ASKING, server.path, *map(str, groups)],
        input="".join(json.dumps({"jsonrpc": "2.0", **line}) + "\n" for line in lines),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.skipif(os.geteuid() != 0, reason="becoming another user needs root")
class TestOverTheSocket:
    SUBMIT: ClassVar = {"id": 1, "method": "transaction.submit", "params": {"transaction": SALE}}
    HELLO: ClassVar = {"id": 2, "method": "posd.hello"}

    def test_a_stranger_is_denied_and_nothing_reaches_the_desk(self, serve: Callable[..., Running]) -> None:
        server = serve(rules=RULES)
        denied, hello = asked_as([], server, self.SUBMIT, self.HELLO)
        assert denied["error"]["code"] == -32000
        assert denied["error"]["data"]["kind"] == "denied"
        assert hello["result"]["roles"] == []
        assert server.desk.asked == []

    def test_a_supplementary_group_gives_its_role_and_the_doer_says_so(self, serve: Callable[..., Running]) -> None:
        server = serve(rules=RULES)
        answers = {answer["id"]: answer for answer in asked_as([TILLS], server, self.SUBMIT, self.HELLO)}
        assert "result" in answers[1]
        assert answers[2]["result"]["roles"] == ["till"]
        ((_, doer),) = server.desk.asked
        assert (doer.kind, doer.uid, doer.gid, doer.roles) == ("peer", NOBODY, NOBODY, ("till",))
        assert doer.pid not in {None, os.getpid()}

    def test_where_the_kernel_does_not_tell_the_database_is_asked(
        self, serve: Callable[..., Running], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(access, "_groups_of", lambda connection, gid: None)
        monkeypatch.setattr(access, "groups_from_database", lambda peer: frozenset({BOSSES}))
        (hello,) = asked_as([], serve(rules=RULES), self.HELLO)
        assert hello["result"]["roles"] == ["cashier", "supervisor"]


def test_root_over_the_socket(serve: Callable[..., Running], dial: Callable[[Running], Raw]) -> None:
    if os.geteuid() != 0:
        pytest.skip("not root")
    assert dial(serve(rules=RULES)).ask("posd.hello")["result"]["roles"] == list(ALL_ROLES)
