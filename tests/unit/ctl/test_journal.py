"""`posctl journal` on real files and against a server: exit codes, both languages, JSON, files whole or not there."""

from __future__ import annotations

import argparse
import base64
import io
import json
import re
import shlex
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from posd.ctl import progress
from posd.ctl.arguments import parser
from posd.ctl.words import Say
from posd.journal import Journal, NewRecord
from posd.journal.archive_format import pack_file, unpack_file
from posd.journal.copies import live_page
from posd.journal.ring import Geometry
from tests.unit.api.fakes import Running
from tests.unit.ctl.conftest import Said
from tests.unit.journal.rings import Ring
from tests.unit.journal.test_archive_verify import Kept
from tests.unit.journal.test_tools import PLAIN, forge, kept, spoil, written

Posctl = Callable[..., Said]


def below() -> dict[str, argparse.ArgumentParser]:
    made = parser(Say("en"))
    for name in ("journal", None):
        (sub,) = (action for action in made._actions if isinstance(action, argparse._SubParsersAction))
        if name is not None:
            made = sub.choices[name]
    return dict(sub.choices)


class TestHelp:
    @pytest.mark.parametrize("name", below())
    def test_examples_work(self, name: str) -> None:
        examples = re.findall(r"^  posctl (.+)$", below()[name].epilog or "", re.MULTILINE)
        assert examples
        for example in examples:
            words = shlex.split(re.split(r" [<>|] ", example)[0], comments=True)
            args = parser(Say("en")).parse_args(words)
            assert (args.command, args.what) == ("journal", name)

    @pytest.mark.parametrize("name", below())
    def test_everything_is_explained(self, name: str) -> None:
        assert all(action.help for action in below()[name]._actions)

    def test_without_a_word_it_is_info(self, posctl: Posctl) -> None:
        assert posctl("journal").out == posctl("journal", "info").out
        assert "/var/lib/posd/journal" in posctl("journal").out


class TestVerify:
    def verdict(self, said: Said) -> str:
        return str(json.loads(said.out)["verdict"])

    def test_sound(self, posctl: Posctl, tmp_path: Path) -> None:
        path = str(kept(written(PLAIN), tmp_path))
        said = posctl("journal", "verify", path)
        assert (said.code, said.err) == (0, "")
        assert said.out.startswith("SOUND")
        anchor = json.loads(posctl("journal", "verify", path, "--json").out)["anchor"]
        said = posctl("journal", "verify", path, "--anchor", anchor)
        assert said.code == 0
        assert "The anchor is met" in said.out
        assert posctl("--lang", "zh", "journal", "verify", path).out.startswith("完好")

    def test_damaged(self, posctl: Posctl, tmp_path: Path) -> None:
        path = kept(written(PLAIN), tmp_path)
        spoil(path, PLAIN, 95)
        said = posctl("journal", "verify", str(path))
        assert said.code == 1
        assert "what is lost is 96" in said.out

    def test_altered(self, posctl: Posctl, tmp_path: Path) -> None:
        path = kept(written(PLAIN), tmp_path)
        forge(path, PLAIN, 95)
        assert posctl("journal", "verify", str(path)).code == 2

    def test_shorter_than_an_anchor_in_a_file(self, posctl: Posctl, tmp_path: Path) -> None:
        path = kept(written(PLAIN), tmp_path)
        (tmp_path / "anchor").write_text("monday " + "ab" * 32 + "@101\n")
        said = posctl("journal", "verify", str(path), "--anchor", str(tmp_path / "anchor"), "--json")
        assert (said.code, self.verdict(said)) == (3, "shorter")

    def test_what_cannot_be_verified(self, posctl: Posctl, tmp_path: Path) -> None:
        said = posctl("journal", "verify", str(tmp_path / "none"))
        assert (said.code, said.out) == (2, ""), "no file of that name: the command line is wrong"
        assert "cannot be opened" in said.err
        said = posctl("--lang", "zh", "journal", "verify", str(tmp_path / "none"))
        assert said.err.endswith("none 无法打开：没有这个文件或目录。没有任何更改。\n")
        (tmp_path / "loop").symlink_to(tmp_path / "loop")
        said = posctl("journal", "verify", str(tmp_path / "loop"))
        assert (said.code, said.out) == (5, "")
        assert "Traceback" not in said.err

    @pytest.mark.parametrize("option", ["--anchor", "--key"])
    def test_what_is_no_anchor_and_no_key(self, option: str, posctl: Posctl, tmp_path: Path) -> None:
        path = kept(written(PLAIN), tmp_path)
        (tmp_path / "text").write_text("nothing")
        for given in ("/nowhere", str(tmp_path / "text")):
            said = posctl("journal", "verify", str(path), option, given)
            assert said.code == 2
            assert "Nothing was verified" in said.err


@pytest.fixture
def box(tmp_path: Path) -> Kept:
    """A ring and the archive beside it; its last record is an accepted transaction as posd writes it."""
    (tmp_path / "box").mkdir()
    box = Kept(tmp_path / "box")
    box.sell(200)
    payload = json.dumps({"receipt": "000042", "digest": "1f2e3d4c5b6a7988" + "00" * 24}).encode()
    box.write(NewRecord(1, 1, b"T-42", payload))
    return box


class TestArchive:
    def test_it_is_found_beside_the_journal_or_where_it_is_said_to_be(
        self, posctl: Posctl, box: Kept, tmp_path: Path
    ) -> None:
        path = str(box.ring())
        said = posctl("journal", "verify", path)
        assert said.code == 0
        assert "SOUND: records 1 to 201" in said.out
        assert f"in {len(box.archive.files)} files" in said.out
        (box.folder / "archive").rename(tmp_path / "away")
        assert "the ring alone was checked" in posctl("journal", "verify", path).out
        told = json.loads(posctl("journal", "verify", path, "--archive", str(tmp_path / "away"), "--json").out)
        assert (told["first"], told["archive"]["files"]) == (1, len(box.archive.files))
        said = posctl("journal", "verify", path, "--archive", str(tmp_path / "nowhere"))
        assert (said.code, said.out) == (2, "")

    def test_each_verdict_has_its_code(self, posctl: Posctl, box: Kept) -> None:
        older = box.ring().read_bytes()
        path, first = str(box.ring()), box.names()[1]
        sound = first.read_bytes()
        first.write_bytes(sound[:-1])
        said = posctl("journal", "verify", path)
        assert said.code == 1
        assert "In the archive: " in said.out
        first.write_bytes(sound)
        box.sell(100)
        Path(path).write_bytes(older)
        assert posctl("journal", "verify", path).code == 3
        assert posctl("--lang", "zh", "journal", "verify", path).out.startswith("被截短")
        anchor = f"{'00' * 32}@{box.archive.files[2].head.start.next_id - 1}"
        assert posctl("journal", "verify", path, "--anchor", anchor).code == 2

    def test_one_that_cannot_be_read_is_no_verdict(self, posctl: Posctl, box: Kept) -> None:
        box.names()[1].unlink()
        box.names()[1].mkdir()
        said = posctl("journal", "verify", str(box.ring()))
        assert (said.code, said.out) == (5, "")
        assert "the archive cannot be read" in said.err
        assert "Nothing was changed" in said.err

    def test_the_archive_alone(self, posctl: Posctl, box: Kept, tmp_path: Path) -> None:
        folder = str(box.folder / "archive")
        assert posctl("journal", "verify", folder).code == 0
        assert posctl("journal", "verify", folder, "--anchor", str(box.anchors[30])).code == 0
        assert posctl("journal", "verify", folder, "--anchor", f"{'00' * 32}@999").code == 3
        box.names()[3].unlink()
        assert posctl("journal", "verify", folder).code == 1
        alien = box.names()[0].read_bytes()
        head = unpack_file(alien)
        assert head is not None
        (box.folder / "archive" / "00000000-00000000000000-20240101.pja").write_bytes(
            pack_file(head._replace(uuid=bytes(16)))
        )
        said = posctl("journal", "verify", folder)
        assert said.code == 2
        assert "files of 2 journals" in said.err

    @pytest.mark.parametrize(
        ("slip", "code", "words"),
        [
            ("1F2E 3D4C 5B6A 7988", 0, "as it was printed"),
            ("T-42|000042|36.00 CNY|1f2e3d4c5b6a7988", 0, "as it was printed"),
            ("0000 0000 0000 0001", 3, "No transaction in it has the slip's digest"),
            ("T-42|000042|36.00 CNY|0000000000000001", 2, "with other content"),
            ("1F2E", 2, "no slip's digest"),
        ],
    )
    def test_a_slip_is_a_witness(self, slip: str, code: int, words: str, posctl: Posctl, box: Kept) -> None:
        said = posctl("journal", "verify", str(box.ring()), "--slip", slip)
        assert said.code == code
        assert words in said.out + said.err

    def test_a_slip_that_may_have_been_archived_long_ago(self, posctl: Posctl, box: Kept) -> None:
        box.names()[0].unlink()
        said = posctl("journal", "verify", str(box.ring()), "--slip", "0000 0000 0000 0001")
        assert said.code == 0
        assert "could not be checked" in said.out

    def test_backed_up_through_posd_and_brought_back(
        self, posctl: Posctl, served: Running, box: Kept, tmp_path: Path
    ) -> None:
        served.desk.pages = lambda first: live_page(box.log, first)
        served.desk.archive = {path.name: path.read_bytes() for path in box.names()}
        told = json.loads(posctl("journal", "backup", "-o", str(tmp_path / "monday"), "--json").out)
        assert (told["first"], told["last"], told["taken_over"]) == (1, 201, 0)
        said = posctl("journal", "backup", "-o", str(tmp_path / "tuesday"), "--since", str(tmp_path / "monday"))
        assert f"({len(box.archive.files)} taken over)" in said.out
        for name in ("monday", "tuesday"):
            assert posctl("journal", "verify", str(tmp_path / name), "--anchor", told["anchor"]).code == 0
        assert posctl("journal", "dump", str(tmp_path / "monday")).code == 0
        (tmp_path / "new").mkdir()
        said = posctl("journal", "restore", str(tmp_path / "monday"), "-o", str(tmp_path / "new" / "journal"))
        assert said.code == 0
        assert "SOUND: records 1 to 201" in posctl("journal", "verify", str(tmp_path / "new" / "journal")).out
        said = posctl("journal", "backup", "-o", str(tmp_path / "x"), "--since", str(tmp_path / "new"), "--json")
        assert said.code == 0, "a box's own folder is as good as a backup"
        said = posctl("journal", "backup", "-o", str(tmp_path / "y"), "--since", str(tmp_path / "box"))
        assert (said.code, "is no backup" in said.err) == (2, True)


class TestDump:
    def test_lines_of_json(self, posctl: Posctl, tmp_path: Path) -> None:
        ring = Ring(PLAIN)
        ring.write([NewRecord(1, 1, b"T1", '{"name": "乌龙茶"}'.encode()), NewRecord(9, 0, b"", b"\xff\x00")])
        path = str(kept(ring, tmp_path))
        said = posctl("journal", "dump", path)
        assert said.code == 0
        head, *lines = map(json.loads, said.out.splitlines())
        assert head["anchor"] == f"{ring.journal.info().chain}@2"
        assert lines[0] == {"id": 1, "type": 1, "version": 1, "reference": "T1", "payload": {"name": "乌龙茶"}}
        assert base64.b64decode(lines[1]["data"]) == b"\xff\x00"
        assert posctl("journal", "dump", path, "-o", str(tmp_path / "out")).code == 0
        assert (tmp_path / "out").read_text() == said.out
        assert posctl("journal", "dump", path, "-o", str(tmp_path / "out")).code == 2, "never over a file"

    def test_of_a_damaged_one_gives_what_is_there(self, posctl: Posctl, tmp_path: Path) -> None:
        path = kept(written(PLAIN), tmp_path)
        spoil(path, PLAIN, 95)
        said = posctl("journal", "dump", str(path))
        assert said.code == 5
        assert "record 96 cannot be read" in said.err
        ids = [json.loads(line)["id"] for line in said.out.splitlines()[1:]]
        assert 96 not in ids
        assert 97 in ids


class TestBackup:
    def test_through_posd(self, posctl: Posctl, served: Running, tmp_path: Path) -> None:
        ring = written(Geometry(256, True), 300)
        served.desk.pages = lambda first: live_page(ring.opened.log, first)  # type: ignore[arg-type]
        said = posctl("journal", "backup", "-o", str(tmp_path / "copy"), "--json")
        assert said.code == 0
        told = json.loads(said.out)
        assert told["anchor"] == f"{ring.journal.info().chain}@300"
        assert posctl("journal", "verify", str(tmp_path / "copy"), "--anchor", told["anchor"]).code == 0

    def test_of_a_file_and_back(self, posctl: Posctl, tmp_path: Path) -> None:
        path = kept(written(PLAIN), tmp_path)
        copy, back = str(tmp_path / "copy"), str(tmp_path / "back")
        said = posctl("journal", "backup", "--file", str(path), "-o", copy)
        assert said.code == 0
        assert "Keep the anchor elsewhere" in said.out
        assert posctl("journal", "restore", copy, "-o", back).code == 0
        Journal.open(back, size=1 << 20, mirror=False).close()
        for words in (("backup", "--file", str(path), "-o", copy), ("restore", copy, "-o", back)):
            said = posctl("journal", *words)
            assert said.code == 2
            assert "exists. Nothing was written" in said.err

    def test_of_nobody(self, posctl: Posctl, served: Running, tmp_path: Path) -> None:
        said = posctl("--socket", served.path + ".no", "journal", "backup", "-o", str(tmp_path / "copy"))
        assert said.code == 3
        assert list(tmp_path.iterdir()) == []

    def test_into_a_folder_that_is_not_there(self, posctl: Posctl, tmp_path: Path) -> None:
        said = posctl("journal", "backup", "-o", str(tmp_path / "no" / "copy"))
        assert said.code == 2
        assert "no directory" in said.err


def test_salvage(posctl: Posctl, tmp_path: Path) -> None:
    path = kept(written(PLAIN), tmp_path)
    spoil(path, PLAIN, 95)
    said = posctl("journal", "salvage", str(path), "-o", str(tmp_path / "saved"))
    assert said.code == 0
    assert "Lost: 96" in said.out
    assert posctl("journal", "verify", str(tmp_path / "saved")).code == 0
    said = posctl("journal", "salvage", str(path), "-o", str(tmp_path / "again"), "--json")
    assert json.loads(said.out)["lost"] == [{"first": 96, "last": 96}]


class TestProgress:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    def test_on_a_terminal_after_a_second(self, monkeypatch: pytest.MonkeyPatch) -> None:
        clock = iter([0.0, 0.5, 1.5, 3.0])
        monkeypatch.setattr(time, "monotonic", lambda: next(clock))
        monkeypatch.setattr(sys, "stderr", terminal := self.Terminal())
        with progress.Progress("copying") as bar:
            bar(1, 4)
            assert terminal.getvalue() == ""
            bar(2, 4)
            assert "50%" in terminal.getvalue()
            bar(4, 4)
        assert terminal.getvalue().endswith("\r\x1b[K"), "it is taken away"

    def test_nowhere_else(self, monkeypatch: pytest.MonkeyPatch) -> None:
        clock = iter([0.0, 1.5])
        monkeypatch.setattr(time, "monotonic", lambda: next(clock))
        monkeypatch.setattr(sys, "stderr", plain := io.StringIO())
        with progress.Progress("copying") as bar:
            bar(2, 4)
        assert plain.getvalue() == ""
