"""A bundle of evidence over the whole daemon: complete, the same each time, and its own script sees every change."""

from __future__ import annotations

import ast
import base64
import contextlib
import hashlib
import io
import itertools
import json
import subprocess
import sys
import time
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from posd.ctl import bundle, evidence_check
from tests.scenario.box import ROOT, Box, sale
from tests.scenario.test_archive import Life, live

Files = dict[str, bytes]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Box, bytes]]:
    """A signed sale with a second version and a copy, and its bundle."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="posd-") as folder:
        box = Box(Path(folder) / "box").start()
        try:
            sold = box.sell(sale("20261121-0001"))
            box.sign(sold, "sample")
            box.wait_copy(sold, "customer", "printed")
            box.result("signature.void", id=sold, key="v1", reason="another hand")
            box.sign(sold, "sample")
            box.wait_signature(sold, "captured")
            box.result("receipt.reprint", id=sold, key="r1", reason="lost")
            box.wait_copy(sold, "customer", "printed", 1)
            box.wait_copy(sold, "merchant", "printed", 1)
            yield box, exported(box, sold, tmp_path_factory.mktemp("out") / "a.zip")
        finally:
            box.close()
            box.tell()


def exported(box: Box, sold: str, target: Path) -> bytes:
    words = [sys.executable, "-m", "posd.ctl", "--socket", box.socket, "evidence", sold, "-o", str(target)]
    subprocess.run(words, cwd=ROOT, check=True, capture_output=True, timeout=120)
    return target.read_bytes()


def verified(box: Box, anchor: str) -> int:
    """Whether the journal itself has a batch with this anchor."""
    words = [sys.executable, "-m", "posd.ctl", "journal", "verify", box.settings["journal"]["path"], "--anchor", anchor]
    path = words[5].replace("{folder}", str(box.folder))
    return subprocess.run(
        [*words[:5], path, *words[6:]], cwd=ROOT, capture_output=True, timeout=60, check=False
    ).returncode


def unpacked(made: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(made)) as files:
        return {name: files.read(name) for name in files.namelist()}


def sealed(files: Files) -> bytes:
    """A bundle of these files with a manifest that says the same: what a forger would do."""
    manifest = json.loads(files["manifest.json"])
    with contextlib.suppress(KeyError, ValueError):
        manifest["anchors"] = [batch["anchor"] for batch in json.loads(files["journal/batches.json"])]
        manifest["records"] = len(json.loads(files["journal/records.json"]))
    manifest["files"] = {n: hashlib.sha256(d).hexdigest() for n, d in files.items() if n != "manifest.json"}
    return bundle._zipped({**files, "manifest.json": bundle._json(manifest)})


def verdict(made: bytes, tmp_path: Path) -> int:
    target = tmp_path / "try.zip"
    target.write_bytes(made)
    return evidence_check.main([str(target)])


def test_it_holds_all_that_there_is(kept: tuple[Box, bytes]) -> None:
    files = unpacked(kept[1])
    slips = {"merchant-0", "merchant-1", "customer-0", "customer-1"}
    assert {name for name in files if name.startswith("slips/")} == {
        f"slips/{s}.{e}" for s in slips for e in ("txt", "png")
    }
    assert {name for name in files if name.startswith("signatures/")} == {
        f"signatures/v{v}.{e}" for v in (1, 2) for e in ("data", "png")
    }
    assert "DUPLICATE 1" in files["slips/customer-1.txt"].decode()
    english, chinese = files["history.en.txt"].decode(), files["history.zh.txt"].decode()
    assert "signature 1 was declared wrong: another hand" in english
    assert "第 1 版签名作废" in chinese
    assert "the merchant original came out (confirmed)  [posd]" in english
    assert "[user 0]" in english
    assert "签名板请求第 2 版签名  [用户 0]" in chinese
    assert "请求打印顾客联第 1 份重打印：遗失" in chinese
    devices = [told["event"]["device"] for told in json.loads(files["devices.json"])]
    assert sorted(set(devices)) == ["keypad", "pad", "printer"], "how they stood around it"


def test_the_script_in_it_finds_it_sound_on_its_own(kept: tuple[Box, bytes], tmp_path: Path) -> None:
    target = tmp_path / "b.zip"
    target.write_bytes(kept[1])
    (tmp_path / "verify.py").write_bytes(unpacked(kept[1])["verify.py"])
    alone = [sys.executable, "-I", "-S", str(tmp_path / "verify.py"), str(target)]
    said = subprocess.run(alone, capture_output=True, text=True, check=False, cwd="/", timeout=60)
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.startswith("SOUND: ")
    assert bundle.seal(kept[1]) in said.stdout


def test_it_is_the_same_each_time(kept: tuple[Box, bytes], tmp_path: Path) -> None:
    made = [kept[1]]
    for number in range(3):  # a record that posd makes by itself may come in between, hardly three
        made.append(exported(kept[0], "20261121-0001", tmp_path / f"{number}.zip"))
        if made[-1] == made[-2]:
            return
    pytest.fail("no two bundles were the same")


def test_what_is_no_bundle_cannot_be_checked(tmp_path: Path) -> None:
    assert verdict(b"no zip", tmp_path) == 2
    assert evidence_check.main([str(tmp_path / "nowhere.zip")]) == 2


def test_every_file_that_is_changed_taken_out_or_put_in_is_seen(kept: tuple[Box, bytes], tmp_path: Path) -> None:
    files = unpacked(kept[1])
    for name in files:
        changed = {**files, name: files[name][:-2] + b"!" + files[name][-1:]}
        assert verdict(bundle._zipped(changed), tmp_path) == 1, name
        assert verdict(bundle._zipped({n: d for n, d in files.items() if n != name}), tmp_path) == 1, name
    assert verdict(bundle._zipped({**files, "more.txt": b"x"}), tmp_path) == 1


def a_batch(sequence: int, chain: str, body: bytes = b"") -> dict[str, Any]:
    """A batch that hashes to its anchor, with one record or none."""
    count = int(bool(body))
    head = evidence_check.LINK.pack(bytes.fromhex(chain), sequence, sequence, len(body), 0, 0)
    anchor = f"{hashlib.sha256(head + body).hexdigest()}@{sequence + count - 1}"
    told = {"sequence": sequence, "first": sequence, "count": count, "flags": 0, "chain": chain, "anchor": anchor}
    return told | {"body": base64.b64encode(body).decode()}


def a_record(reference: str, payload: bytes) -> bytes:
    """The record 1 as a batch has it."""
    length = evidence_check.RECORD.size + len(reference) + len(payload)
    rest = evidence_check.RECORD.pack(0, length, 1, 1, 1, len(reference), 0, 0)[4:] + reference.encode() + payload
    return zlib.crc32(rest).to_bytes(4, "little") + rest


def changed(files: Files, name: str, change: Callable[[Any], Any]) -> Files:
    value = json.loads(files[name])
    return {**files, name: bundle._json(change(value) or value)}


def a_later_amount(history: Any) -> None:
    accepted = next(e["event"] for e in history if e["event"]["type"] == "transaction.accepted")
    accepted["transaction"]["total"] = "1.00"


def an_entry_twice(history: Any) -> Any:
    return [history[0], *history]


def another_order(rows: Any) -> Any:
    return [rows[1], rows[0], *rows[2:]]


def another_byte_in_a_body(batches: Any) -> None:
    body = bytearray(base64.b64decode(batches[0]["body"]))
    body[-3] ^= 1
    batches[0]["body"] = base64.b64encode(body).decode()


def another_flag(batches: Any) -> None:
    batches[0]["flags"] ^= 1


def one_batch_more(batches: Any) -> None:
    batches.append(a_batch(batches[-1]["sequence"] + 5, "00" * 32))


def another_chain(batches: Any) -> None:
    batches[1]["chain"] = "00" * 32


def no_body(batches: Any) -> None:
    batches[0]["body"] = ""


def another_time(records: Any) -> None:
    records[-1]["time"] = records[-1]["time"].replace("T", "T1", 1)[:24]


def another_digest(records: Any) -> None:
    records[-1]["digest"] = "0" * 64


def another_batch(records: Any) -> None:
    records[0]["batch"] += 1


def another_type(records: Any) -> None:
    records[-1]["type"] = "copy.failed"


def another_total(told: Any) -> None:
    told["transaction"]["total"] = "1.00"


def a_remark_more(told: Any) -> None:
    told["transaction"]["remarks"] = "paid"


def another_receipt(told: Any) -> None:
    told["receipt"] = "000002"


def never_ready(devices: Any) -> None:
    devices[0]["event"]["state"] = "faulted"


def one_less(rows: Any) -> Any:
    return rows[1:]


def of_another_sale(manifest: Any) -> None:
    manifest["transaction"] = "20261121-0002"


def without_content(manifest: Any) -> None:
    manifest["personal"] = False


FORGED = [
    ("history.json", a_later_amount),
    ("history.json", an_entry_twice),
    ("history.json", another_order),
    ("history.json", one_less),
    ("journal/batches.json", another_byte_in_a_body),
    ("journal/batches.json", another_chain),
    ("journal/batches.json", another_flag),
    ("journal/batches.json", one_batch_more),
    ("journal/batches.json", another_order),
    ("journal/batches.json", no_body),
    ("journal/batches.json", one_less),
    ("journal/records.json", one_less),
    ("journal/records.json", another_order),
    ("journal/records.json", another_digest),
    ("journal/records.json", another_batch),
    ("journal/records.json", another_type),
    ("journal/records.json", another_time),
    ("transaction.json", another_total),
    ("transaction.json", a_remark_more),
    ("transaction.json", another_receipt),
    ("devices.json", never_ready),
    ("devices.json", one_less),
    ("manifest.json", of_another_sale),
    ("manifest.json", without_content),
]


@pytest.mark.parametrize(("name", "change"), FORGED, ids=lambda value: getattr(value, "__name__", ""))
def test_a_change_with_a_manifest_that_fits_is_seen(
    kept: tuple[Box, bytes], tmp_path: Path, name: str, change: Callable[[Any], Any]
) -> None:
    files = unpacked(kept[1])
    assert verdict(sealed(files), tmp_path) == 0
    assert verdict(sealed(changed(files, name, change)), tmp_path) == 1


def test_a_record_that_is_taken_out_everywhere_is_seen_where_its_batch_is_there(
    kept: tuple[Box, bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = unpacked(kept[1])
    records = json.loads(files["journal/records.json"])
    voided = next(r for r in records if r["type"] == "signature.voided")
    assert sum(r["batch"] == voided["batch"] for r in records) > 1
    for name, key in (
        ("journal/records.json", None),
        ("history.json", None),
        ("history.en.txt", 0),
        ("history.zh.txt", 0),
    ):
        if key is None:
            rows = [row for row in json.loads(files[name]) if row["seq"] != voided["seq"]]
            files[name] = bundle._json(rows)
        else:
            lines = files[name].decode().splitlines(keepends=True)
            files[name] = "".join(line for line in lines if f" {voided['seq']}  " not in line[:12]).encode()
    assert verdict(sealed(files), tmp_path) == 1
    assert f"record {voided['seq']} is about the transaction and is not told" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("history.json", b'"total": "36.00"', b'"total": "1.00",\n    "total": "36.00"'),
        ("history.json", b"[\n", b"[ \n"),
        ("history.en.txt", b"  signature 1 was given", b" signature 1 was given"),
        ("history.zh.txt", b"20261121-0001", b"       1  2026-11-22T00:00:00.000Z  ok\n20261121-0001"),
    ],
)
def test_what_two_readers_would_read_differently_is_seen(
    kept: tuple[Box, bytes], tmp_path: Path, name: str, old: bytes, new: bytes
) -> None:
    files = unpacked(kept[1])
    assert old in files[name]
    assert verdict(sealed({**files, name: files[name].replace(old, new, 1)}), tmp_path) == 1


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/cron.d/x",
        "/etc/passwd",
        "slips/../x.txt",
        "slips\\x.txt",
        "slips/merchant-9.png",
        "signatures/v9.data",
        "README",
    ],
)
def test_a_file_that_no_bundle_has_is_refused_whatever_the_manifest_says(
    kept: tuple[Box, bytes], tmp_path: Path, name: str
) -> None:
    assert verdict(sealed({**unpacked(kept[1]), name: b"x"}), tmp_path) == 1


def test_another_signature_in_its_place_is_seen(kept: tuple[Box, bytes], tmp_path: Path) -> None:
    files = unpacked(kept[1])
    files["signatures/v1.data"] = files["signatures/v2.data"] + b"x"
    assert verdict(sealed(files), tmp_path) == 1


def test_no_card_secret_and_where_the_shop_says_so_nothing_about_persons(kept: tuple[Box, bytes]) -> None:
    box, made = kept
    text = b"".join(unpacked(made).values())
    assert b"621700******1234" in text
    box.stop()
    anchors = json.loads(unpacked(made)["manifest.json"])["anchors"]
    assert [verified(box, anchor) for anchor in anchors] == [0] * len(anchors)
    assert verified(box, "00" * 32 + anchors[0][64:]) != 0
    box.settings["evidence"] = {"personal": "none"}
    box.start_posd(devices=("printer",))
    files = unpacked(exported(box, "20261121-0001", box.folder / "bare.zip"))
    bare = b"".join(data for name, data in files.items() if name != "verify.py")
    for word in (b"621700", b"another hand", "乌龙茶".encode(), b"uid", b"36.00"):
        assert word not in bare, word
    assert b"signature.captured" in bare
    assert evidence_check.main([str(box.folder / "bare.zip")]) == 0
    assert json.loads(files["manifest.json"])["anchors"] == anchors, "the journal still proves it to whoever has it"
    for name in ("journal/batches.json", "history.en.txt"):
        more = (
            files[name].replace(b'"body": ""', b'"body": "eA=="').replace(b"signature.captured", b"signature.missing")
        )
        code = verdict(sealed({**files, name: more}), box.folder)
        assert code == int(name.endswith("json")), "what happened is vouched for by the manifest alone"


def rewritten(files: Files, old: bytes, new: bytes, *, relink: bool) -> Files:
    """The journal's part forged as well as can be: a payload changed, its checksum, digest and anchor put right, and
    with `relink` all batches behind it chained anew.
    """
    assert len(old) == len(new)
    batches, records = json.loads(files["journal/batches.json"]), json.loads(files["journal/records.json"])
    history = json.loads(files["history.json"])
    behind: dict[int, str] = {}
    for batch in batches:
        body = bytearray(base64.b64decode(batch["body"]).replace(old, new))
        if relink:
            batch["chain"] = behind.get(batch["sequence"] - 1, batch["chain"])
        at = 0
        while at < len(body):
            length, seq = (
                int.from_bytes(body[at + 4 : at + 8], "little"),
                int.from_bytes(body[at + 8 : at + 16], "little"),
            )
            body[at : at + 4] = zlib.crc32(body[at + 4 : at + length]).to_bytes(4, "little")
            start = at + evidence_check.RECORD.size + body[at + 19]
            payload = bytes(body[start : at + length])
            for record in (r for r in records if r["seq"] == seq):
                record["digest"] = hashlib.sha256(payload).hexdigest()
            for entry in (e for e in history if e["seq"] == seq):
                entry["event"] = json.loads(payload)
            at += length
        head = evidence_check.LINK.pack(
            bytes.fromhex(batch["chain"]), batch["sequence"], batch["first"], len(body), batch["flags"], 0
        )
        behind[batch["sequence"]] = hashlib.sha256(head + body).hexdigest()
        batch["anchor"] = f"{behind[batch['sequence']]}@{batch['first'] + batch['count'] - 1}"
        batch["body"] = base64.b64encode(body).decode()
    made = {"journal/batches.json": batches, "journal/records.json": records, "history.json": history}
    return {**files, **{name: bundle._json(value) for name, value in made.items()}}


@pytest.mark.parametrize(
    ("old", "new", "relink", "says"),
    [
        (b'"total":"36.00"', b'"total":"31.00"', False, "NOT SOUND"),
        (b'"total":"36.00"', b'"total":"31.00"', True, "not that of its content"),
        (b'"body_digest":"', b'"body_digest":"', True, ""),
        (b'"version":2,"digest":"', b'"version":3,"digest":"', True, "signatures/v3.data"),
    ],
)
def test_who_writes_the_journals_part_anew_meets_the_digests(
    kept: tuple[Box, bytes],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    old: bytes,
    new: bytes,
    relink: bool,
    says: str,
) -> None:
    files = unpacked(kept[1])
    code = verdict(sealed(rewritten(files, old, new, relink=relink)), tmp_path)
    assert (code, says in capsys.readouterr().out) == (int(bool(says)), True)


def test_a_batch_that_does_not_follow_the_one_before_is_seen() -> None:
    first, later = a_batch(1, "00" * 32), a_batch(3, "11" * 32)
    assert evidence_check._linked([first, a_batch(2, first["anchor"][:64])], [], "t1") == {}
    assert evidence_check._linked([first, later], [], "t1") == {}, "what stands between is not there"
    with pytest.raises(evidence_check.Wrong, match="batch 2 does not follow"):
        evidence_check._linked([first, a_batch(2, "11" * 32)], [], "t1")


@pytest.mark.parametrize(
    ("reference", "kind", "right"),
    [
        ("t1", "copy.failed", True),
        ("", "device.changed", True),
        ("", "shift.opened", False),
        ("t2", "copy.failed", False),
    ],
)
def test_a_record_of_something_else_is_seen(reference: str, kind: str, right: bool) -> None:
    payload = json.dumps({"type": kind, "time": 0}).encode()
    told = {"seq": 1, "type": kind, "time": "1970-01-01T00:00:00.000Z", "batch": 1}
    batch = a_batch(1, "00" * 32, a_record(reference, payload))
    records = [told | {"digest": hashlib.sha256(payload).hexdigest()}]
    if right:
        assert list(evidence_check._linked([batch], records, "t1")) == [1]
    else:
        with pytest.raises(evidence_check.Wrong, match="about something else"):
            evidence_check._linked([batch], records, "t1")


@pytest.mark.parametrize(
    "name",
    ["verify.py", "history.en.txt", "devices.json", "transaction.json", "slips/customer-0.txt", "signatures/v1.data"],
)
def test_a_file_that_is_taken_out_of_the_manifest_too_is_missed(
    kept: tuple[Box, bytes], tmp_path: Path, name: str
) -> None:
    files = unpacked(kept[1])
    del files[name]
    assert verdict(sealed(files), tmp_path) == 1


def not_named(manifest: Any) -> None:
    del manifest["files"]["history.en.txt"]


def another_anchor(manifest: Any) -> None:
    manifest["anchors"][0] = "00" * 32 + manifest["anchors"][0][64:]


def a_record_more(manifest: Any) -> None:
    manifest["records"] += 1


@pytest.mark.parametrize("change", [not_named, another_anchor, a_record_more])
def test_a_manifest_that_says_something_else_is_seen(
    kept: tuple[Box, bytes], tmp_path: Path, change: Callable[[Any], None]
) -> None:
    assert verdict(bundle._zipped(changed(unpacked(kept[1]), "manifest.json", change)), tmp_path) == 1


@pytest.mark.parametrize(("field", "says"), [("body_digest", "another body"), ("digest", "bound to another")])
def test_a_digest_in_a_record_that_does_not_fit_is_seen(
    kept: tuple[Box, bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str], field: str, says: str
) -> None:
    files = unpacked(kept[1])
    kind = "copy.started" if field == "body_digest" else "signature.captured"
    event = next(e["event"] for e in json.loads(files["history.json"]) if e["event"]["type"] == kind)
    old = event[field].encode()
    before = b'"body_digest":"' if field == "body_digest" else b'"digest":"'
    version = b'"version":1,' if kind == "signature.captured" else b""
    forged = rewritten(files, version + before + old, version + before + b"0" * 64, relink=True)
    assert verdict(sealed(forged), tmp_path) == 1
    assert says in capsys.readouterr().out


def test_a_sale_that_is_in_the_archive_has_its_evidence_too(tmp_path: Path, make_box: Callable[..., Box]) -> None:
    box = make_box({"journal": {"path": "{folder}/journal", "size": "1MiB", "mirror": False}})
    sold = box.sell(sale("20261121-0001"))
    box.sign(sold, "sample")
    box.wait_copy(sold, "customer", "printed")
    box.wait_copy(sold, "merchant", "printed")
    box.stop()
    life = Life(box.folder)
    life.clock = itertools.count(time.time_ns() // 1_000_000, 7)

    live(life, lambda: life.sell_until(lambda: life.laps >= 2))
    assert sold not in life.desk.state.sales
    box.start_posd(devices=("printer",))
    made = exported(box, sold, tmp_path / "old.zip")
    assert verdict(made, tmp_path) == 0
    files = unpacked(made)
    assert {name for name in files if name.startswith(("slips/", "signatures/"))} == {
        *(f"slips/{copy}-0.{end}" for copy in ("merchant", "customer") for end in ("txt", "png")),
        *(f"signatures/v1.{end}" for end in ("data", "png")),
    }
    assert {told["event"]["device"] for told in json.loads(files["devices.json"])} == {"printer", "pad", "keypad"}
    assert verified(box, json.loads(files["manifest.json"])["anchors"][-1]) == 0


def raw_zip(*entries: tuple[str, bytes], comment: bytes = b"", before: bytes = b"") -> bytes:
    out = io.BytesIO()
    out.write(before)
    with zipfile.ZipFile(out, "a" if before else "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in entries:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # a name that stands twice
                made.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
        made.comment = comment
    return out.getvalue()


class TestTricksOfZipFiles:
    """What one program shows and another does not, and what never ends."""

    def test_a_name_that_stands_twice(self, kept: tuple[Box, bytes], tmp_path: Path) -> None:
        files = unpacked(kept[1])
        twice = raw_zip(("history.en.txt", b"all is well"), *files.items())
        assert verdict(twice, tmp_path) == 1

    def test_bytes_before_behind_and_between(self, kept: tuple[Box, bytes], tmp_path: Path) -> None:
        files = unpacked(kept[1])
        assert verdict(raw_zip(*files.items()), tmp_path) == 0
        assert verdict(raw_zip(*files.items(), comment=b"see the other one"), tmp_path) == 1
        assert verdict(raw_zip(*files.items(), before=b"#!/bin/sh\n"), tmp_path) == 1
        assert verdict(kept[1] + b"more", tmp_path) != 0
        assert verdict(kept[1] + kept[1], tmp_path) == 1, "the first one of two"

    def test_an_entry_that_no_directory_names(self, kept: tuple[Box, bytes], tmp_path: Path) -> None:
        whole = raw_zip(*unpacked(kept[1]).items(), ("hidden.txt", b"x"))
        with zipfile.ZipFile(io.BytesIO(whole)) as made:
            start = made.start_dir
            last = made.infolist()[-1]
        size = evidence_check.DIRECTORY + len(last.filename)
        directory, end = whole[start : -evidence_check.END - size], bytearray(whole[-evidence_check.END :])
        count = int.from_bytes(end[8:10], "little") - 1
        end[8:10] = end[10:12] = count.to_bytes(2, "little")
        end[12:16] = len(directory).to_bytes(4, "little")
        forged = whole[:start] + directory + bytes(end)
        with zipfile.ZipFile(io.BytesIO(forged)) as made:
            assert "hidden.txt" not in made.namelist()
        assert verdict(forged, tmp_path) == 1

    @pytest.mark.parametrize("at", [0, 4, 6, 8, 14, 18, 22, 26, 28, 30])
    def test_a_header_that_says_something_else_than_the_directory(
        self, kept: tuple[Box, bytes], tmp_path: Path, at: int
    ) -> None:
        forged = bytearray(kept[1])
        forged[at] ^= 1
        assert verdict(bytes(forged), tmp_path) == 1

    def test_what_would_never_end_is_not_unpacked(
        self, kept: tuple[Box, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        files, huge = unpacked(kept[1]), bytes(3 << 20)
        monkeypatch.setattr(evidence_check, "BYTES_MAX", 3 << 20)
        assert verdict(raw_zip(*files.items(), ("slips/merchant-9.txt", huge)), tmp_path) == 2
        assert verdict(raw_zip(*((f"{n}", b"") for n in range(evidence_check.FILES_MAX + 1))), tmp_path) == 2
        lying = bytearray(raw_zip(*files.items(), ("slips/merchant-9.txt", huge)))
        place = lying.rindex(b"slips/merchant-9.txt") - 22
        assert int.from_bytes(lying[place : place + 4], "little") == len(huge)
        lying[place : place + 4] = (5).to_bytes(4, "little")
        assert verdict(bytes(lying), tmp_path) == 1

    def test_json_without_end_and_a_body_that_swells(self, kept: tuple[Box, bytes], tmp_path: Path) -> None:
        files = unpacked(kept[1])
        assert verdict(sealed({**files, "history.json": b"[" * 200_000}), tmp_path) == 1
        with pytest.raises(evidence_check.Wrong, match="larger than any"):
            evidence_check._inflated(base64.b64encode(zlib.compress(bytes(evidence_check.BODY_MAX + 1))).decode())


class TestUnpacked:
    """A directory, by the script in it, with nothing but Python's own library."""

    @pytest.fixture
    def case(self, kept: tuple[Box, bytes], tmp_path: Path) -> Path:
        with zipfile.ZipFile(io.BytesIO(kept[1])) as made:
            made.extractall(tmp_path / "case")
        return tmp_path / "case"

    @staticmethod
    def run(case: Path, *words: str) -> tuple[int, str]:
        alone = [sys.executable, "-I", "-S", "-B", str(case / "verify.py"), *words]
        said = subprocess.run(alone, capture_output=True, text=True, check=False, cwd="/", timeout=60)
        assert said.stderr == ""
        return said.returncode, said.stdout

    def test_it_is_sound(self, case: Path) -> None:
        code, said = self.run(case)
        assert (code, said.startswith("SOUND: ")) == (0, True)

    def test_the_script_alone_says_what_is_missing(self, case: Path, tmp_path: Path) -> None:
        empty = tmp_path / "empty"
        empty.mkdir()
        (case / "verify.py").rename(empty / "verify.py")
        assert self.run(empty) == (1, "NOT SOUND: manifest.json is missing.\n")

    def test_a_link_is_not_followed(self, case: Path) -> None:
        (case / "more").symlink_to("/etc", target_is_directory=True)
        assert self.run(case) == (1, "NOT SOUND: more is no plain file.\n")
        (case / "more").unlink()
        words = (case / "history.en.txt").read_bytes()
        (case / "history.en.txt").unlink()
        (case.parent / "elsewhere").write_bytes(words)
        (case / "history.en.txt").symlink_to(case.parent / "elsewhere")
        assert self.run(case)[0] == 1

    def test_the_script_is_for_old_interpreters_too(self) -> None:
        source = bundle.CHECKER.read_text()
        tree = ast.parse(source, feature_version=(3, 8))
        imported = {n.name for node in ast.walk(tree) if isinstance(node, ast.Import) for n in node.names}
        imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert imported - {"__future__"} <= sys.stdlib_module_names
