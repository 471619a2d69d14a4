"""A bundle of evidence over the whole daemon: complete, the same each time, and its own script sees every change."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from posd.ctl import bundle, evidence_check
from tests.scenario.box import ROOT, Box, sale

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
    assert "[peer uid" in english
    assert json.loads(files["devices.json"]), "the devices' states around it"


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
    assert exported(kept[0], "20261121-0001", tmp_path / "again.zip") == kept[1]


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


def changed(files: Files, name: str, change: Callable[[Any], Any]) -> Files:
    value = json.loads(files[name])
    change(value)
    return {**files, name: bundle._json(value)}


def a_later_amount(history: Any) -> None:
    accepted = next(e["event"] for e in history if e["event"]["type"] == "transaction.accepted")
    accepted["transaction"]["total"] = "1.00"


def another_byte_in_a_body(batches: Any) -> None:
    body = bytearray(base64.b64decode(batches[0]["body"]))
    body[-3] ^= 1
    batches[0]["body"] = base64.b64encode(body).decode()


def another_chain(batches: Any) -> None:
    batches[1]["chain"] = "00" * 32


def a_record_less(records: Any) -> None:
    del records[0]


def another_digest(records: Any) -> None:
    records[-1]["digest"] = "0" * 64


def another_batch(records: Any) -> None:
    records[0]["batch"] += 1


FORGED = [
    ("history.json", a_later_amount),
    ("journal/batches.json", another_byte_in_a_body),
    ("journal/batches.json", another_chain),
    ("journal/records.json", a_record_less),
    ("journal/records.json", another_digest),
    ("journal/records.json", another_batch),
]


@pytest.mark.parametrize(("name", "change"), FORGED, ids=lambda value: getattr(value, "__name__", ""))
def test_a_change_with_a_manifest_that_fits_is_seen(
    kept: tuple[Box, bytes], tmp_path: Path, name: str, change: Callable[[Any], Any]
) -> None:
    files = unpacked(kept[1])
    assert verdict(sealed(files), tmp_path) == 0
    assert verdict(sealed(changed(files, name, change)), tmp_path) == 1


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
        (b'"total":"36.00"', b'"total":"31.00"', False, "does not follow"),
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
