"""Copies at the counter over the whole daemon: real users, a supervisor's word, a mad client, the terminal's own load,
and the copy beside its original.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.people import GROUPS, NAMES, call, needs_root, people, uid
from tests.scenario.box import DEADLINE_S, ROOT, Box, cash
from tests.scenario.conftest import MakeBox
from tests.scenario.test_roles import one, request

TILL, CASHIER, BOSS, AUDITOR = (NAMES[role] for role in ("till", "cashier", "supervisor", "auditor"))
POLICY = {"supervisor_from": "100.00", "reprint_copies": 50}


@pytest.fixture(scope="module")
def counter() -> Iterator[Box]:
    """A box for these users, in which copies from 100.00 on need a supervisor."""
    with people(), tempfile.TemporaryDirectory(prefix="posd-") as folder:
        Path(folder).chmod(0o755)
        api = {"socket": "{folder}/posd.sock", "roles": GROUPS}
        made = Box(Path(folder) / "box", {"api": api, "policy": POLICY})
        try:
            made.start()
            made.socket.chmod(0o666)
            yield made
        finally:
            made.close()
            made.tell()


AS_USER = """
import locale, os, pwd, sys
from posd.ctl.run import run
entry = pwd.getpwnam(sys.argv[1])
os.initgroups(sys.argv[1], entry.pw_gid); os.setgid(entry.pw_gid); os.setuid(entry.pw_uid)
sys.exit(run(sys.argv[2:]))
"""
"""posctl in the name of a user who may not read the interpreter's files: they are read before."""


def posctl(box: Box, user: str, *words: str) -> subprocess.Popen[str]:
    """posctl, begun by this user."""
    return subprocess.Popen(
        [sys.executable, "-c", AS_USER, user, "--socket", str(box.socket), *words],
        cwd=ROOT,
        env={**os.environ, "TZ": "Asia/Shanghai", "LC_ALL": "C.UTF-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def dear(box: Box) -> str:
    """A sale of 100.00 whose slips are out."""
    item = {"name": "茶", "quantity": "1", "price": "100.00", "amount": "100.00"}
    paid = [{"method": "cash", "amount": "100.00"}]
    sold = box.sell(cash(box.new_id(), total="100.00", items=[item], payments=paid))
    box.wait_copy(sold, "customer", "printed")
    return sold


@needs_root
@pytest.mark.parametrize("yes", [True, False])
def test_posctl_waits_for_a_supervisor_and_for_the_copy_behind_it(counter: Box, yes: bool) -> None:
    box, sold = counter, dear(counter)
    asking = posctl(box, TILL, "reprint", sold, "--ask-supervisor", "--wait", "60")
    assert asking.stdout is not None
    first = asking.stdout.readline()
    job = first.split()[-1]
    assert first == f"It waits for a supervisor: posctl approve {job}\n", "told at once, for the supervisor needs it"
    assert one(box, TILL, "receipt.approve", job=job) == "denied"
    assert one(box, CASHIER, "receipt.approve", job=job) == "denied"
    assert one(box, BOSS, "receipt.approve", job=job, approve=yes) == ""
    rest = asking.stdout.read()
    assert asking.wait(DEADLINE_S) == (0 if yes else 1)
    assert ("It came out" if yes else "declined") in rest
    assert one(box, BOSS, "receipt.approve", job=job) == "conflict", "an approval counts once"
    standing = box.result("receipt.request", request=job)
    assert (standing["state"], standing["by"].split()[1]) == ("done" if yes else "declined", str(uid(TILL)))
    assert [c["number"] for c in box.state(sold)["copies"] if c["copy"] == "customer"] == ([0, 1] if yes else [0])
    assert one(box, AUDITOR, "receipt.reprint", id=sold, key=f"auditor-{yes}") == "denied"
    assert box.events("reprint.refused")[-1]["doer"]["uid"] == uid(AUDITOR), "on record, though it is no auditor's"
    if yes:
        of = next(c["reprint"] for c in box.state(sold)["copies"] if c["number"])
        assert (of["original"], of["request"]) == (box.copy(sold, "customer")["job"], job)  # type: ignore[index]
        [requested] = [e for e in box.events("reprint.requested") if e["id"] == sold]
        assert (requested["doer"]["uid"], of["point"]) == (uid(TILL), requested["seq"] - 1)


@needs_root
def test_a_mad_client_is_bounded_and_others_are_served(counter: Box) -> None:
    box, sold = counter, box_sale(counter)
    before = box.result("posd.hello")["seq"]
    storm = [
        request(n, "receipt.reprint", id=(sold, f"forged-{n}")[n % 2], key=f"storm-{n}", amount="1.00")
        for n in range(160)
    ]
    kinds = [kind for at in range(0, 160, 16) for kind in call(box.socket, TILL, storm[at : at + 16]).values()]
    assert set(kinds) == {"mismatch", "not-found", "too-soon"}
    assert kinds.count("too-soon") > 80, "whatever a slow machine let into another minute"
    assert box.result("posd.hello")["seq"] - before <= 20 + 2, "so many refusals are told one by one"
    assert one(box, CASHIER, "receipt.reprint", id=sold, key="cashier-1") == ""
    box.wait_copy(sold, "customer", "printed", 1)
    after = box_sale(box)
    assert box.stop() == 0
    box.start_posd()
    box.socket.chmod(0o666)
    [told] = box.events("requests.refused")
    assert sum(told["counts"].values()) == 160 - 20, "none is silent"
    assert {who.partition(":")[0] for who in told["counts"]} == {f"uid {uid(TILL)}"}
    assert box.copy(after, "customer") is not None


def box_sale(box: Box) -> str:
    sold = box.sell()
    box.wait_copy(sold, "customer", "printed")
    return sold


def test_copies_wait_for_calm_while_live_slips_wait_for_the_printer(make_box: MakeBox) -> None:
    box = make_box({"policy": {"busy_from": 3}})
    sold = box_sale(box)
    box.do("slow", "600")
    for _ in range(3):
        last = box.sell()
    error = box.error("receipt.reprint", id=sold, key="k1")
    assert error["data"]["kind"] == "busy-hours"
    assert error["data"]["until"] in error["message"]
    box.do("slow", "0")
    box.wait_copy(last, "customer", "printed")
    assert box.result("receipt.reprint", id=sold, key="k1")["number"] == 1


def test_the_slip_tells_its_terms_and_stands_beside_its_copy(make_box: MakeBox, folder: Path) -> None:
    own = (ROOT / "posd/printer/default.toml").read_text(encoding="utf-8")
    template = folder / "slip.toml"
    template.write_text(own + '\n[[footer]]\ntext = "{terms}"\n', encoding="utf-8")
    reasons: Any = {"gone": {"zh_CN": "丢了", "en": "gone"}}
    policy = {"reprint_copies": 2, "reprint_window": "3d", "reasons": reasons}
    box = make_box({"slip": {"template": str(template)}, "policy": policy})
    sold = box_sale(box)
    error = box.error("receipt.reprint", id=sold, key="k1", reason="lost")
    assert (error["data"]["field"], error["code"]) == ("reason", -32602)
    box.result("receipt.reprint", id=sold, key="k1", reason="gone", note="at the beach")
    box.wait_copy(sold, "customer", "printed", 1)
    original, copy = (p.text for p in box.fresh() if p.copy == "customer")
    assert "2 more." in original
    assert "1 more." in copy
    assert "丢了 gone：at the beach" in copy
    assert box.result("receipt.terms", id=sold)["reasons"][0]["zh_CN"] == "丢了"
    said = subprocess.run(
        [sys.executable, "-m", "posd.ctl", "--socket", str(box.socket), "show", sold, "--copies", "--copy", "customer"],
        cwd=ROOT,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    both = [line for line in said.splitlines() if "│" in line and "乌龙茶 Oolong" in line]
    assert len(both) == 1
    assert both[0].count("乌龙茶 Oolong") == 2
    assert any("┃" in line and "DUPLICATE 1" in line for line in said.splitlines())
