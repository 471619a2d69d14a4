"""Exit codes that scripts can use, files that are whole or not there, and help that is true."""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest

from posd.ctl.arguments import parser
from posd.ctl.options import since, until
from posd.ctl.words import Lang, Say, language
from posd.domain.device import Drawing
from posd.domain.doer import POSD
from posd.domain.events import (
    AnyEvent,
    CopyFailed,
    CopyPrinted,
    CopyUnknown,
    ReprintCancelled,
    ReprintDecided,
    ReprintRequested,
    SelftestChanged,
    SignatureCaptured,
    SignatureMissing,
)
from tests.unit.api.fakes import SALE, Running
from tests.unit.ctl.conftest import Said

Posctl = Callable[..., Said]
LANGS: tuple[Lang, ...] = ("en", "zh")


def subparsers(lang: Lang = "en") -> dict[str, argparse.ArgumentParser]:
    made = parser(Say(lang))
    (sub,) = (action for action in made._actions if isinstance(action, argparse._SubParsersAction))
    return dict(sub.choices)


class TestExitCodes:
    def test_nobody_there(self, posctl: Posctl, served: Running) -> None:
        said = posctl("--socket", served.path + ".no", "status")
        assert said.code == 3
        assert said.out == ""
        assert "there is no socket" in said.err

    @pytest.mark.parametrize(
        ("kind", "code"),
        [
            ("conflict", 1),
            ("denied", 1),
            ("not-found", 4),
            ("device-absent", 5),
            ("device-fault", 5),
            ("journal-full", 5),
        ],
    )
    def test_of_refusals(self, posctl: Posctl, served: Running, kind: str, code: int) -> None:
        from posd.domain.errors import Refusal

        served.desk.fail = Refusal(kind, "No.")  # type: ignore[arg-type]
        said = posctl("show", "last")
        assert (said.code, said.out) == (code, "")
        assert f"({kind}): No." in said.err

    def test_of_a_failure_inside_posd(self, posctl: Posctl, served: Running) -> None:
        served.desk.fail = ZeroDivisionError()
        assert posctl("show", "last").code == 5

    @pytest.mark.parametrize(
        "words",
        [
            (),
            ("shout",),
            ("show",),
            ("settle", "last"),
            ("settle", "last", "--printed", "--not-printed"),
            ("reprint", "last", "--copy", "both"),
            ("search", "--since", "yesterday"),
            ("search", "--limit", "-1"),
            ("events", "--from", "x"),
            ("show", "last", "--lang", "fr"),
            ("stat",),
        ],
    )
    def test_of_a_wrong_command_line(self, posctl: Posctl, words: tuple[str, ...], served: Running) -> None:
        said = posctl(*words)
        assert (said.code, said.out) == (2, "")
        assert served.desk.asked == []


class TestSubmit:
    @pytest.mark.parametrize(
        ("content", "says"),
        [
            ("", "not JSON"),
            ("{", "not JSON"),
            ("[]", "does not hold a transaction"),
            ('{"total": "1", "total": "2"}', "stands twice"),
            ("[" * 5000, "not JSON"),
            ("x" * (2 << 20), "larger than any transaction"),
        ],
    )
    def test_a_file_that_is_none(
        self, posctl: Posctl, tmp_path: Path, served: Running, content: str, says: str
    ) -> None:
        (tmp_path / "sale.json").write_text(content)
        said = posctl("submit", str(tmp_path / "sale.json"))
        assert said.code == 2
        assert says in said.err
        assert "Nothing was sent" in said.err
        assert served.desk.asked == []

    def test_a_file_that_is_not_there(self, posctl: Posctl, tmp_path: Path) -> None:
        said = posctl("submit", str(tmp_path / "none.json"))
        assert said.code == 2
        assert "cannot be read" in said.err

    def test_from_standard_input(self, posctl: Posctl, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(SALE).encode())))
        assert posctl("submit", "-").code == 0

    def test_what_posd_refuses(self, posctl: Posctl, tmp_path: Path) -> None:
        (tmp_path / "sale.json").write_text(json.dumps({**SALE, "total": "37.00"}))
        said = posctl("submit", str(tmp_path / "sale.json"))
        assert said.code == 1
        assert "refused (incomplete)" in said.err
        assert "field: transaction.total" in said.err


class TestFiles:
    def test_the_ending_names_the_format(self, posctl: Posctl, tmp_path: Path, served: Running) -> None:
        said = posctl("preview", "last", "-o", str(tmp_path / "slip.png"))
        assert said.code == 0
        assert (tmp_path / "slip.png").read_bytes() == b"\x89PNG\r\n\x1a\n"
        assert posctl("preview", "last", "-o", str(tmp_path / "slip.svg")).code == 0
        assert [request.format for request, _ in served.desk.asked] == ["png", "svg"]
        assert sorted(path.name for path in tmp_path.iterdir()) == ["slip.png", "slip.svg"]

    def test_an_option_goes_before_the_ending(self, posctl: Posctl, tmp_path: Path, served: Running) -> None:
        posctl("preview", "last", "--pdf", "-o", str(tmp_path / "slip.bin"))
        posctl("signature", "last", "-o", str(tmp_path / "s.png"))
        assert [request.format for request, _ in served.desk.asked] == ["pdf", "png"]

    @pytest.mark.parametrize(
        ("command", "ending"), [("signature", ".iso"), ("signature", ".txt"), ("preview", ".jbg"), ("preview", ".doc")]
    )
    def test_an_ending_that_no_format_has_is_refused_and_nothing_written(
        self, posctl: Posctl, tmp_path: Path, command: str, ending: str
    ) -> None:
        said = posctl(command, "last", "-o", str(tmp_path / f"s{ending}"))
        assert said.code == 2
        assert f"ends in {ending}" in said.err
        assert ".svg" in said.err
        assert list(tmp_path.iterdir()) == []

    def test_the_endings_of_a_signature(self, posctl: Posctl, tmp_path: Path, served: Running) -> None:
        for ending in (".jbg", ".jbig", ".sdi", ".strokes", ".SVG", ""):
            assert posctl("signature", "last", "-o", str(tmp_path / f"s{ending}")).code == 0
        formats = ["jbig", "jbig", "iso19794-7", "strokes", "svg", "svg"]
        assert [request.format for request, _ in served.desk.asked] == formats

    def test_a_program_is_told_of_the_file(self, posctl: Posctl, tmp_path: Path) -> None:
        said = posctl("signature", "last", "-o", str(tmp_path / "s.png"), "--json")
        assert json.loads(said.out) == {"file": str(tmp_path / "s.png"), "bytes": 8}
        assert (tmp_path / "s.png").exists()

    def test_a_file_that_cannot_be_written_leaves_nothing(self, posctl: Posctl, tmp_path: Path) -> None:
        (tmp_path / "slip.png").mkdir()
        said = posctl("preview", "last", "-o", str(tmp_path / "slip.png"))
        assert said.code == 2
        assert "cannot be written" in said.err
        assert list(tmp_path.iterdir()) == [tmp_path / "slip.png"]

    def test_an_old_file_stays_whole_until_the_new_one_is(self, posctl: Posctl, tmp_path: Path) -> None:
        (tmp_path / "slip.txt").write_text("old")
        assert posctl("preview", "nowhere", "-o", str(tmp_path / "slip.txt")).code == 0
        assert "乌龙茶" in (tmp_path / "slip.txt").read_text()

    def test_a_picture_goes_through_a_pipe(self, served: Running) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "posd.ctl", "--socket", served.path, "preview", "last", "--png"],
            capture_output=True,
            timeout=60,
            check=True,
        )
        assert done.stdout == b"\x89PNG\r\n\x1a\n"

    def test_a_picture_is_no_text_for_a_terminal(self, posctl: Posctl, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        said = posctl("preview", "last", "--png")
        assert said.code == 2
        assert "-o FILE" in said.err


class TestEvents:
    def test_following_until_interrupted(self, served: Running) -> None:
        served.publish(1, 2)
        following = subprocess.Popen(
            [sys.executable, "-m", "posd.ctl", "--socket", served.path, "events", "--follow", "--from", "1"],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert following.stdout is not None
        assert [following.stdout.readline().split()[0] for _ in range(2)] == ["1", "2"]
        served.publish(3)
        assert following.stdout.readline().split()[0] == "3"
        following.send_signal(signal.SIGINT)
        assert following.wait(30) == 130
        following.stdout.close()

    def test_who_reads_no_more_is_no_error(self, served: Running) -> None:
        served.publish(*range(1, 5001))
        command = f"{shlex.quote(sys.executable)} -m posd.ctl --socket {served.path} events --from 1 | head -n 1"
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        assert done.stdout.startswith("       1  ")

    def test_past_the_newest_there_is_nothing(self, posctl: Posctl, served: Running) -> None:
        served.publish(1)
        assert posctl("events", "--from", "2") == Said(0, "", "")

    def test_the_last_ones(self, posctl: Posctl, served: Running) -> None:
        served.publish(*range(1, 43))
        assert [int(line.split()[0]) for line in posctl("events").out.splitlines()] == list(range(23, 43))

    def test_what_is_lost_is_said(self, posctl: Posctl, served: Running) -> None:
        served.publish(1, 2, 3)
        served.events.first = 3
        said = posctl("events", "--from", "1")
        assert "events 1 to 2 are no longer kept" in said.out


def when_asked(served: Running, *events: AnyEvent) -> threading.Thread:
    """Publish these once the desk has been asked."""

    def publish() -> None:
        while not served.desk.asked:
            time.sleep(0.005)
        for seq, event in enumerate(events, 1):
            served.on_loop(lambda seq=seq, event=event: served.server.publish(seq, event))

    thread = threading.Thread(target=publish)
    thread.start()
    return thread


class TestWait:
    FACTS: ClassVar[dict[str, Any]] = {"time": 0, "doer": POSD, "id": "T", "copy": "customer", "number": 1}

    @pytest.mark.parametrize(
        ("type", "own", "code", "says"),
        [
            (CopyPrinted, {"proof": "confirmed"}, 0, "It came out"),
            (CopyUnknown, {"cause": "no-answer"}, 5, "unknown (no-answer)"),
            (ReprintCancelled, {}, 1, "cancelled"),
        ],
    )
    def test_until_a_copy_has_ended(
        self, posctl: Posctl, served: Running, type: Any, own: dict[str, Any], code: int, says: str
    ) -> None:
        other = CopyPrinted(**self.FACTS, job="J1", proof="confirmed")
        failed = CopyFailed(**self.FACTS, job="J9", cause="paper-end")
        thread = when_asked(served, other, failed, type(**self.FACTS, job="J9", **own))
        said = posctl("reprint", "last", "--wait")
        thread.join()
        assert said.code == code
        assert says in said.out

    @pytest.mark.parametrize(
        ("outcome", "code", "says"),
        [
            ("approved", 0, "It came out"),
            ("declined", 1, "declined"),
            ("expired", 1, "in time"),
            ("cancelled", 1, "can"),
        ],
    )
    def test_until_a_copy_that_waits_for_a_supervisor_has_ended(
        self, posctl: Posctl, served: Running, outcome: Any, code: int, says: str
    ) -> None:
        decided = ReprintDecided(time=0, doer=POSD, id="T", request="r105", outcome=outcome)
        other = ReprintDecided(time=0, doer=POSD, id="T", request="r104", outcome="declined")
        asked = {"mark": "duplicate", "reason": "lost", "job": "J9"}
        made = [
            ReprintRequested(**self.FACTS, **asked, request="r105"),
            CopyPrinted(**self.FACTS, job="J9", proof="confirmed"),
        ]
        thread = when_asked(served, other, decided, *(made if outcome == "approved" else ()))
        said = posctl("reprint", "last", "--ask-supervisor", "--wait", "30")
        thread.join()
        assert said.code == code
        assert "posctl approve r105" in said.out
        assert says in said.out.splitlines()[-1]

    @pytest.mark.parametrize(
        ("event", "code"),
        [
            (
                SignatureCaptured(
                    time=0, doer=POSD, id="T", session="S1", version=1, digest="d", drawing=Drawing("strokes", b"")
                ),
                0,
            ),
            (SignatureMissing(time=0, doer=POSD, id="T", session="S1", cause="customer", detail="gone"), 1),
        ],
    )
    def test_until_a_signature_has_ended(self, posctl: Posctl, served: Running, event: Any, code: int) -> None:
        thread = when_asked(served, event)
        said = posctl("resign", "last", "--wait", "30", "--json")
        thread.join()
        assert said.code == code
        assert json.loads(said.out)["event"]["fields"]["session"] == "S1"

    @pytest.mark.parametrize(("state", "code"), [("printed", 0), ("failed", 5), ("unknown", 5)])
    def test_until_a_self_test_has_ended(self, posctl: Posctl, served: Running, state: Any, code: int) -> None:
        begun, ended = (SelftestChanged(time=0, doer=POSD, job="t105", state=s) for s in ("printing", state))
        thread = when_asked(served, begun, ended)
        said = posctl("selftest", "--wait", "30", "--json")
        thread.join()
        assert said.code == code
        assert json.loads(said.out)["event"]["fields"]["state"] == state

    def test_no_longer_than_asked(self, posctl: Posctl) -> None:
        said = posctl("reprint", "last", "--wait", "0")
        assert said.code == 5
        assert "has not ended yet" in said.out


class TestLanguage:
    @pytest.mark.parametrize(
        ("asked", "environ", "lang"),
        [
            ("zh", {}, "zh"),
            ("en", {"LANG": "zh_CN.UTF-8"}, "en"),
            (None, {"LANG": "zh_CN.UTF-8"}, "zh"),
            (None, {"LANG": "zh_CN.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
            (None, {"LANG": "en", "LC_MESSAGES": "zh_TW"}, "zh"),
            (None, {"LC_ALL": "", "LANG": "zh"}, "zh"),
            (None, {}, "en"),
        ],
    )
    def test_from_the_command_line_then_from_the_environment(
        self, asked: str | None, environ: dict[str, str], lang: str
    ) -> None:
        assert language(asked, environ) == lang

    def test_the_help_is_in_it_too(self, posctl: Posctl) -> None:
        assert "退出码" in posctl("--help", "--lang=zh").out
        assert "退出码" in posctl("--lang", "zh", "--help").out
        assert "exit codes" in posctl("--help").out


class TestHelp:
    @pytest.mark.parametrize("lang", LANGS)
    @pytest.mark.parametrize("name", subparsers())
    def test_every_command_has_examples_that_work(self, name: str, lang: Lang) -> None:
        made = subparsers(lang)[name]
        examples = re.findall(r"^  posctl (.+)$", made.epilog or "", re.MULTILINE)
        assert examples
        for example in examples:
            words = shlex.split(re.split(r" [<>|] ", example)[0], comments=True)
            assert parser(Say(lang)).parse_args(words).command == name

    @pytest.mark.parametrize("lang", LANGS)
    def test_the_examples_of_the_whole_work(self, lang: Lang) -> None:
        made = parser(Say(lang))
        for example in re.findall(r"^  posctl (.+?)(?:  .*)?$", made.epilog or "", re.MULTILINE):
            made.parse_args(shlex.split(example))

    @pytest.mark.parametrize("lang", LANGS)
    def test_everything_is_explained(self, lang: Lang) -> None:
        for made in (parser(Say(lang)), *subparsers(lang).values()):
            assert all(action.help for action in made._actions if action.dest != "command")

    def test_the_exit_codes_are_those_of_the_program(self) -> None:
        from posd.ctl import codes

        names = {"DONE": 0, "REFUSED": 1, "USAGE": 2, "UNREACHABLE": 3, "NOT_FOUND": 4, "FAULT": 5}
        assert {name: getattr(codes, name) for name in names} == names
        assert re.findall(r"^  ([0-9])  ", parser(Say("en")).epilog or "", re.MULTILINE) == list("012345")


class TestDays:
    def test_a_day_is_the_shop_s_own(self) -> None:
        assert since("2026-11-21") == "2026-11-21T00:00:00.000+08:00"
        assert until("2026-11-21") == "2026-11-21T23:59:59.999+08:00"

    def test_a_time_keeps_its_offset_or_gets_the_shop_s(self) -> None:
        assert since("2026-11-21T10:15:30Z") == "2026-11-21T10:15:30+00:00"
        assert since("2026-11-21T10:15:30") == "2026-11-21T10:15:30+08:00"

    def test_today(self) -> None:
        assert since("today")[:10] == until("today")[:10]

    @pytest.mark.parametrize("text", ["", "2026-13-01", "9999-12-31T", "tomorrow", "2026-02-30"])
    def test_what_is_none(self, text: str) -> None:
        with pytest.raises(argparse.ArgumentTypeError):
            since(text)


class TestReceiptNumber:
    """What stands large on the slip names the transaction too."""

    def test_it_is_looked_up_where_no_transaction_has_that_id(self, posctl: Posctl, served: Running) -> None:
        assert posctl("reprint", "0042").code == 0
        get, search, reprint = (request for request, _ in served.desk.asked)
        assert (get.id, search.receipt, reprint.id) == ("0042", "0042", SALE["id"])

    def test_the_tills_own_id_goes_first_and_what_is_no_number_is_not_looked_up(
        self, posctl: Posctl, served: Running, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(SALE, "id", "77")
        assert posctl("terms", "77").code == 0
        assert posctl("terms", "last").code == 0
        assert [type(request).__name__ for request, _ in served.desk.asked] == ["Get", "Terms", "Terms"]

    def test_an_exceptions_number_is_none(self, posctl: Posctl, served: Running) -> None:
        assert posctl("exception", "escalate", "105", "--reason", "late").code == 0
        assert [request.id for request, _ in served.desk.asked] == ["x105"], "it is not looked up as a receipt"

    def test_what_nobody_has_is_told_of_as_it_was_typed(self, posctl: Posctl) -> None:
        said = posctl("show", "99")
        assert said.code == 4
        assert "no transaction 99" in said.err


def test_settle_asks_for_the_copy_only_where_it_is_unclear(posctl: Posctl, served: Running) -> None:
    assert posctl("settle", "last", "--not-printed").code == 0
    request, _ = served.desk.asked[-1]
    assert (request.copy, request.number, request.printed) == ("customer", 0, False)
    assert posctl("settle", "X", "--copy", "merchant", "--number", "2", "--printed").code == 0
    request, _ = served.desk.asked[-1]
    assert (request.id, request.copy, request.number, request.printed) == ("X", "merchant", 2, True)


def test_many_at_once_do_not_disturb_one_another(served: Running) -> None:
    done: list[int] = []

    def one() -> None:
        command = [sys.executable, "-m", "posd.ctl", "--socket", served.path, "status", "--json"]
        done.append(subprocess.run(command, capture_output=True, timeout=60, check=False).returncode)

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [0] * 4


def test_an_environment_without_unicode_still_gets_an_answer(served: Running) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "posd.ctl", "--socket", served.path, "--lang", "zh", "status"],
        capture_output=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert done.returncode == 0
    assert b"T0000001" in done.stdout
