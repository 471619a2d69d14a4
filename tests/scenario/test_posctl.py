"""posctl as a person at the box uses it: what it says, and with which exit code it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.scenario.box import DEADLINE_S, ROOT, Box, cash, sale
from tests.scenario.conftest import MakeBox

DONE, REFUSED, USAGE, UNREACHABLE, NOT_FOUND, FAULT = range(6)
ENVIRONMENT = {**os.environ, "TZ": "Asia/Shanghai", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
Posctl = Callable[..., "subprocess.CompletedProcess[str]"]


def command(box: Box, *words: str) -> list[str]:
    return [sys.executable, "-m", "posd.ctl", "--socket", str(box.socket), *words]


@pytest.fixture
def posctl(box: Box) -> Posctl:
    """`posctl("status", "--json", code=0, stdin="")`: one run, whose exit code must be `code`."""

    def run(*words: str, code: int = DONE, stdin: str = "") -> subprocess.CompletedProcess[str]:
        ended = subprocess.run(
            command(box, *words),
            cwd=ROOT,
            env=ENVIRONMENT,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
        assert ended.returncode == code, f"{words}: {ended.returncode}\n{ended.stdout}\n{ended.stderr}"
        assert "Traceback" not in ended.stderr
        if code == DONE:
            assert ended.stderr == ""
        return ended

    return run


def test_status_says_what_to_do(box: Box, posctl: Posctl) -> None:
    said = posctl("status", "--check").stdout
    assert "ready" in said
    assert "nothing open" in said
    box.do("paper-out")
    box.wait_device("printer", "attention")
    box.sell()
    said = posctl("status").stdout
    assert "degraded" in said
    assert "put in paper" in said
    assert "unprinted 2" in said
    posctl("status", "--check", code=FAULT)
    told = json.loads(posctl("status", "--json").stdout)
    assert (told["state"], told["exceptions"]["open"]) == ("degraded", 2)
    assert "缺纸" in posctl("status", "--lang", "zh").stdout
    assert "put in a new roll" in posctl("devices").stdout.lower()
    assert [d["name"] for d in json.loads(posctl("devices", "--json").stdout)["devices"]] == [
        "printer",
        "pad",
        "keypad",
    ]


def test_submit_show_and_search(box: Box, posctl: Posctl) -> None:
    path = box.folder / "sale.json"
    path.write_text(json.dumps(cash("A1"), ensure_ascii=False), encoding="utf-8")
    assert "A1 is kept" in posctl("submit", str(path)).stdout
    told = json.loads(posctl("submit", "-", "--json", stdin=json.dumps({"transaction": sale("A2")})).stdout)
    assert (told["id"], told["receipt"]) == ("A2", "000002")
    box.sign("A2", "Li Wei")
    box.wait_copy("A2", "customer", "printed")
    said = posctl("show", "last").stdout
    for words in ("A2", "36.00 CNY", "乌龙茶 Oolong", "621700******1234", "captured", "confirmed"):
        assert words in said, words
    assert "已打印" in posctl("show", "A1", "--lang", "zh").stdout
    assert json.loads(posctl("show", "A1", "--json").stdout)["transaction"]["total"] == "36.00"
    assert posctl("search").stdout.index("A2") < posctl("search").stdout.index("A1")
    found = json.loads(posctl("search", "--last-four", "1234", "--json").stdout)["transactions"]
    assert [t["id"] for t in found] == ["A2"]
    posctl("show", "nobody", code=NOT_FOUND)


def test_what_is_refused_says_why_on_standard_error(box: Box, posctl: Posctl) -> None:
    ended = posctl("submit", "-", code=REFUSED, stdin=json.dumps(cash("A1", total="35.00")))
    assert ended.stdout == ""
    assert "incomplete" in ended.stderr
    assert "field: transaction.total" in ended.stderr
    told = json.loads(posctl("submit", "-", "--json", code=REFUSED, stdin=json.dumps(cash("A1") | {"x": "1"})).stderr)
    assert told["error"]["field"] == "transaction.x"
    assert "not JSON" in posctl("submit", "-", code=USAGE, stdin="{").stderr
    assert "cannot be read" in posctl("submit", "/no/such/file", code=USAGE).stderr
    posctl("frobnicate", code=USAGE)
    posctl(code=USAGE)


def test_reprint_terms_and_their_refusals(box: Box, posctl: Posctl) -> None:
    posctl("reprint", "last", code=NOT_FOUND)
    sold = box.sell()
    box.wait_copy(sold, "customer", "printed")
    assert "Copy 1" in posctl("reprint", "last", "--reason", "torn", "--key", "k1").stdout
    box.wait_copy(sold, "customer", "printed", 1)
    assert "Copy 1 is printed" in posctl("reprint", "last", "--reason", "torn", "--key", "k1").stdout
    assert "conflict" in posctl("reprint", "last", "--reason", "lost", "--key", "k1", code=REFUSED).stderr
    assert "4 more times" in posctl("terms", sold).stdout
    assert "mismatch" in posctl("reprint", sold, "--amount", "1.00", code=REFUSED).stderr
    box.do("cover-open")
    box.wait_device("printer", "attention")
    assert "cover-open" in posctl("reprint", sold, code=FAULT).stderr
    box.do("cover-close")
    box.wait_device("printer", "ready")
    assert json.loads(posctl("reprint", sold, "--copy", "merchant", "--json").stdout)["number"] == 1
    box.wait_copy(sold, "merchant", "printed", 1)
    assert [(p.copy, p.duplicate) for p in box.paper()[2:]] == [("customer", 1), ("merchant", 1)]
    assert "torn" in box.paper()[2].text


def test_settle_finds_the_copy_that_is_meant(box: Box, posctl: Posctl) -> None:
    box.do("stop-after", "400", "unplug", "printer")
    sold = box.sell()
    box.wait_copy(sold, "merchant", "unknown")
    said = posctl("exceptions").stdout
    assert "unknown" in said
    assert "unplugged" in said
    assert "posctl" in posctl("settle", sold, code=USAGE).stderr, "printed or not must be said"
    said = posctl("settle", sold, "--not-printed").stdout
    assert "merchant 0" in said
    assert "did not come out" in said
    box.do("plug", "printer")
    box.wait_copy(sold, "merchant", "printed")
    assert posctl("exceptions").stdout.strip() == "" or sold not in posctl("exceptions").stdout
    assert sold in posctl("exceptions", "--state", "all").stdout
    assert "no copy of it is unknown" in posctl("settle", sold, "--printed", code=REFUSED).stderr


def test_previews_as_text_and_pictures(box: Box, posctl: Posctl) -> None:
    sold = box.sell(sale(box.new_id()))
    box.sign(sold, "Li Wei")
    box.wait_copy(sold, "customer", "printed")
    said = posctl("preview", sold).stdout
    digest = box.result("transaction.get", id=sold)["digest"][:16].upper()
    for words in ("老茶馆 Old Teahouse", "顾客联 CUSTOMER COPY", "乌龙茶 Oolong", digest[:4], digest[12:]):
        assert words in said
    for suffix, begins in ((".png", b"\x89PNG"), (".svg", b"<svg"), (".pdf", b"%PDF"), (".txt", b" ")):
        path = box.folder / f"slip{suffix}"
        posctl("preview", sold, "--copy", "merchant", "-o", str(path))
        assert path.read_bytes().startswith(begins), suffix
    piped = subprocess.run(
        command(box, "preview", sold, "--png"), cwd=ROOT, env=ENVIRONMENT, capture_output=True, check=True
    )
    assert piped.stdout.startswith(b"\x89PNG")
    assert "cannot be written" in posctl("preview", sold, "-o", "/no/such/folder/x.png", code=USAGE).stderr
    assert len(box.paper()) == 2, "a preview prints nothing"


def test_signatures_are_taken_again_and_shown(box: Box, posctl: Posctl) -> None:
    sold = box.sell(sale(box.new_id()))
    box.wait_on_pad(sold)
    posctl("resign", sold, code=REFUSED)
    box.do("cancel", "--fast")
    box.wait_signature(sold, "missing")
    posctl("signature", sold, code=NOT_FOUND)
    assert "The pad asks" in posctl("resign", "last", "--reason", "came back").stdout
    box.do("sign", "Li Wei", "--fast")
    box.wait_signature(sold, "captured")
    said = posctl("signature", sold).stdout
    assert box.result("transaction.get", id=sold)["digest"] in said
    path = box.folder / "signature.png"
    posctl("signature", sold, "-o", str(path))
    assert path.read_bytes().startswith(b"\x89PNG")
    assert "is signed" in posctl("resign", sold, code=REFUSED).stderr
    box.do("unplug", "pad")
    box.wait_device("pad", "absent")
    other = box.sell(sale(box.new_id()))
    box.wait_signature(other, "missing")
    assert "pad" in posctl("resign", other, code=FAULT).stderr


def test_journal_and_events(box: Box, posctl: Posctl) -> None:
    sold = box.sell()
    box.wait_copy(sold, "customer", "printed")
    journal: dict[str, Any] = json.loads(posctl("journal", "info", "--json").stdout)
    assert 0 < journal["durable"] <= journal["last"] <= box.result("posd.hello")["seq"], "posd has records of its own"
    assert "durable to" in posctl("journal").stdout
    lines = [json.loads(line) for line in posctl("events", "--from", "1", "--json").stdout.splitlines()]
    assert [e["seq"] for e in lines] == list(range(1, len(lines) + 1))
    assert len(lines) >= journal["last"]
    assert "the transaction was kept" in posctl("events").stdout


def test_events_are_followed_until_interrupted(box: Box, posctl: Posctl) -> None:
    with subprocess.Popen(
        command(box, "events", "--follow", "--from", "1", "--json"),
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as follower:
        assert follower.stdout is not None
        assert json.loads(follower.stdout.readline())["seq"] == 1
        sold = box.sell()
        for line in follower.stdout:
            event = json.loads(line)
            if event["type"] == "copy.printed" and event["fields"]["copy"] == "customer":
                assert event["fields"]["id"] == sold
                break
        follower.send_signal(signal.SIGINT)
        assert follower.wait(DEADLINE_S) == 130
        assert follower.stderr is not None
        assert follower.stderr.read() == ""


def test_without_posd_it_says_how_to_start_it_and_the_doctor_still_works(box: Box, posctl: Posctl) -> None:
    config = str(box.config())
    said = posctl("doctor", "--config", config).stdout
    assert "0 to repair" in said
    assert box.stop() == 0
    for words in (["status"], ["show", "last"], ["events"], ["submit", "-"]):
        ended = posctl(*words, code=UNREACHABLE, stdin=json.dumps(cash("A1")))
        assert "systemctl start posd" in ended.stderr
        assert "Nothing was sent" in ended.stderr
    findings = json.loads(posctl("doctor", "--config", config, "--json", code=FAULT).stdout)["findings"]
    assert [f["check"] for f in findings if f["level"] == "bad"] == ["socket"]


def test_the_doctor_finds_a_fault_in_the_configuration_and_who_holds_the_port(make_box: MakeBox) -> None:
    box = make_box()
    path = box.folder / "wrong.toml"
    path.write_text('[printer]\ndevise = "/dev/x"\n')
    ended = subprocess.run(
        command(box, "doctor", "--config", str(path)),
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == FAULT
    assert "printer.devise" in ended.stdout
    with open(os.path.realpath(box.world / "printer"), "rb", buffering=0):
        ended = subprocess.run(
            command(box, "doctor", "--config", str(box.config())),
            cwd=ROOT,
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert str(os.getpid()) in ended.stdout, ended.stdout
    assert ended.returncode == FAULT
