"""Roles over the whole daemon: real Unix users in real groups, method by method, and what the journal says of them."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from posd.api.methods import METHODS
from tests.people import GROUPS, NAMES, ROLES, STRANGER, call, needs_root, people, uid
from tests.scenario.box import Box, cash

pytestmark = needs_root


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """A box for these users, whose printer has no paper: exceptions stay open."""
    with people(), tempfile.TemporaryDirectory(prefix="posd-") as folder:
        Path(folder).chmod(0o755)
        made = Box(Path(folder) / "box", {"api": {"socket": "{folder}/posd.sock", "roles": GROUPS}})
        try:
            made.start_world()
            made.do("paper-out")
            made.start_posd(devices=())
            made.socket.chmod(0o666)
            yield made
        finally:
            made.close()
            made.tell()


def request(number: int, name: str, /, **params: object) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": name, "params": params})


def one(box: Box, user: str, name: str, /, **params: object) -> str:
    """The kind of refusal, or empty."""
    return call(box.socket, user, [request(1, name, **params)])["1"]


@pytest.mark.parametrize("who", [*ROLES, "nobody", "root"])
def test_each_may_call_what_the_table_says_and_nothing_else(box: Box, who: str) -> None:
    user = {"nobody": STRANGER, "root": "root"}.get(who) or NAMES[who]
    names = list(METHODS)
    asked = [request(n, name, **json.loads(METHODS[name].example)) for n, name in enumerate(names)]
    denied = {names[int(number)] for number, kind in call(box.socket, user, asked).items() if kind == "denied"}
    for_some = {row.name: row.roles for row in METHODS.values() if row.roles and who != "root"}
    assert denied == {name for name, roles in for_some.items() if who not in roles}


def test_an_exception_is_followed_up_by_those_who_may_and_the_record_names_them(box: Box) -> None:
    assert one(box, NAMES["till"], "transaction.submit", transaction=cash("roles-1")) == ""
    box.until(lambda: bool(box.open_exceptions("roles-1")), "it stands on the list")
    xid = box.open_exceptions("roles-1")[0]["id"]
    till, cashier, boss, auditor = (NAMES[role] for role in ROLES)
    for user in (till, auditor, STRANGER):
        assert one(box, user, "exception.close", id=xid) == "denied"
        assert one(box, user, "exception.note", id=xid, key="n0", note="called") == "denied"
    assert one(box, cashier, "exception.note", id=xid, key="n1", note="called") == ""
    assert one(box, cashier, "exception.close", id=xid) == "conflict", "who may still cannot: there is no paper"
    assert one(box, cashier, "exception.waive", id=xid, reason="small") == "denied"
    assert box.open_exceptions("roles-1")[0]["state"] == "open"
    assert one(box, boss, "exception.waive", id=xid, reason="small") == ""
    told = {e["type"]: e["doer"] for e in box.events() if e.get("transaction") == "roles-1" or e.get("id") == xid}
    for kind, role in (("exception.noted", "cashier"), ("exception.waived", "supervisor")):
        user = NAMES[role]
        assert (told[kind]["kind"], told[kind]["uid"], told[kind]["roles"]) == ("peer", uid(user), [role])


def test_shifts_and_evidence(box: Box) -> None:
    till, cashier, boss, auditor = (NAMES[role] for role in ROLES)
    box.sell(cash("roles-2"))
    if box.result("shift.show")["state"] == "open":
        box.result("shift.close", key="c0", slip=False)
    left = {"confirms": box.result("shift.show")["id"]} if box.result("shift.show")["id"] else {}
    for user in (till, auditor, STRANGER):
        assert one(box, user, "shift.open", operator="07", key="o1", **left) == "denied"
    assert one(box, cashier, "shift.open", operator="07", key="o1", **left) == ""
    assert one(box, till, "shift.close", key="c1") == "denied"
    assert one(box, boss, "shift.close", key="c1", slip=False) == ""
    opened, closed = box.events("shift.opened")[-1], box.events("shift.closed")[-1]
    assert [e["doer"]["uid"] for e in (opened, closed)] == [uid(cashier), uid(boss)]
    for user, kind in ((till, "denied"), (cashier, "denied"), (STRANGER, "denied"), (auditor, ""), (boss, "")):
        assert one(box, user, "evidence.export", id="last") == kind


def test_what_a_peer_asked_that_vanished_is_done_in_its_name(box: Box) -> None:
    sold = [request(n, "transaction.submit", transaction=cash(f"gone-{n}")) for n in range(3)]
    call(box.socket, NAMES["till"], sold, leave="at-once")

    def kept() -> list[dict[str, Any]]:
        sales = box.events("transaction.accepted")
        return [e["doer"] for e in sales if e["transaction"]["id"].startswith("gone-")]

    box.until(lambda: len(kept()) == len(sold), "the sales are kept", kept)
    assert [(doer["uid"], doer["roles"]) for doer in kept()] == [(uid(NAMES["till"]), ["till"])] * 3
    assert all(doer["pid"] != os.getpid() for doer in kept())
