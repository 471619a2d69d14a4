#!/usr/bin/env python3
"""Checks a bundle of evidence of posd, on any machine: Python 3.8 or later and nothing else.

    python3 verify.py BUNDLE.zip        (or, beside the unpacked files: python3 verify.py)

It checks that nothing is there but the files of a bundle, each as the manifest says, and a zip file holds nothing
besides; that each batch of the journal hashes to its anchor and follows the one before; that each record is in its
batch, that all are told that the batches have of the transaction, and that the history tells just these, in order; that
the transaction's digest is that of its content, each signature bound to that digest, and each body of a slip the one
that its records name.
Exit code 0: all of it fits; 1: something was changed; 2: it cannot be checked.
What it cannot know is whether the journal itself had these batches: compare the anchors with those that the shop kept,
or with its journal: `posctl journal verify JOURNAL --anchor HEX@SEQ`. Pictures and plain words are vouched for by the
manifest alone: compare its digest with the one that the export said.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import struct
import sys
import zipfile
import zlib
from datetime import datetime, timezone
from typing import Any

LINK = struct.Struct("<32sQQIHH")
RECORD = struct.Struct("<IIQHBBHH")
BYTES_MAX = 512 << 20
"""So much a bundle may hold when it is unpacked."""
FILES_MAX = 5000
BODY_MAX = 16 << 20
"""Bytes of a slip's body."""
LOCAL, DIRECTORY, END = 30, 46, 22
"""Bytes of a zip file: of the header before a file's name, of one in its directory, and of its end."""
FIXED = {"verify.py", "manifest.json", "devices.json", "history.en.txt", "history.zh.txt"}
FIXED_JOURNAL = {"journal/records.json", "journal/batches.json"}
CONTENT = {"transaction.json", "history.json"}
PICTURES = re.compile(r"slips/(merchant|customer)-[0-9]{1,9}\.(txt|png)|signatures/v[0-9]{1,9}\.(data|png)")
BOX = ("device.changed", "clock.suspect", "clock.trusted")


class Wrong(Exception):
    """Something does not fit; the message says what."""


class Unfit(Exception):
    """It cannot be checked; the message says why."""


def files_of(place: str) -> dict[str, bytes]:
    """Name -> content, of a zip file or a directory."""
    return _of_directory(place) if os.path.isdir(place) else _of_zip(place)


def _of_directory(place: str) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    left = BYTES_MAX
    for folder, folders, names in os.walk(place):
        for name in [name for name in folders if os.path.islink(os.path.join(folder, name))] + names:
            path = os.path.join(folder, name)
            shown = os.path.relpath(path, place).replace(os.sep, "/")
            if os.path.islink(path) or not os.path.isfile(path):
                raise Wrong(f"{shown} is no plain file")
            left -= os.path.getsize(path)
            if left < 0 or len(files) == FILES_MAX:
                raise Unfit("it is too large for a bundle")
            with open(path, "rb") as file:
                files[shown] = file.read()
    return files


def _of_zip(place: str) -> dict[str, bytes]:
    if os.path.getsize(place) > BYTES_MAX:
        raise Unfit("it is too large for a bundle")
    with open(place, "rb") as file, zipfile.ZipFile(file) as bundle:
        entries = bundle.infolist()
        names = [entry.filename for entry in entries]
        if len(set(names)) != len(names):
            raise Wrong("a file stands twice in the bundle")
        if len(entries) > FILES_MAX or sum(entry.file_size for entry in entries) > BYTES_MAX:
            raise Unfit("it is too large for a bundle")
        file.seek(0)
        _nothing_besides(bundle, file.read())
        try:
            return {name: bundle.read(name) for name in names}
        except (zipfile.BadZipFile, EOFError) as error:
            raise Wrong(f"the zip file is not what it says: {error}") from error


def _nothing_besides(bundle: zipfile.ZipFile, data: bytes) -> None:
    """What other programs might show instead of the files: bytes before, between and behind them, files that stand in
    one another, headers that say two things.
    """
    at = directory = 0
    for entry in bundle.infolist():
        name = entry.filename.encode()
        sizes = (entry.CRC, entry.compress_size, entry.file_size, len(name), 0)
        header = struct.pack("<4s3H", b"PK\x03\x04", entry.extract_version, 0, entry.compress_type)
        plain = not (entry.extra or entry.comment or entry.flag_bits) and entry.compress_type in (0, 8)
        told = data[at : at + 10] + data[at + 14 : at + LOCAL + len(name)]  # without the time
        if not plain or entry.header_offset != at or told != header + struct.pack("<3L2H", *sizes) + name:
            raise Wrong(f"the zip file has something hidden at {entry.filename!r}")
        at += LOCAL + len(name) + entry.compress_size
        directory += DIRECTORY + len(name)
    if bundle.comment or bundle.start_dir != at or len(data) != at + directory + END:
        raise Wrong("the zip file has something hidden behind its files")


def _json(files: dict[str, bytes], name: str) -> Any:
    """What a file says, which says it in one way only: no name twice, nothing that one reader sees and another not."""
    value = json.loads(files[name])
    if json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n" != files[name]:
        raise Wrong(f"{name} is not written as a bundle's")
    return value


def check_manifest(files: dict[str, bytes]) -> dict[str, Any]:
    """Each file is one of a bundle, is there, and is what the manifest says."""
    if "manifest.json" not in files:
        raise Wrong("manifest.json is missing")
    manifest: dict[str, Any] = _json(files, "manifest.json")
    named, personal = manifest["files"], manifest["personal"]
    if manifest["bundle"] != 1 or not isinstance(personal, bool):
        raise Unfit("it is of a later posd; take its own verify.py")
    for name in sorted(files):
        if name not in named and name != "manifest.json":
            raise Wrong(f"{name} is in the bundle and not in its manifest")
    for name, digest in sorted(named.items()):
        if name not in files:
            raise Wrong(f"{name} is missing")
        if hashlib.sha256(files[name]).hexdigest() != digest:
            raise Wrong(f"{name} was changed")
    fixed = FIXED | FIXED_JOURNAL | (CONTENT if personal else set())
    for name in sorted(fixed - set(files)):
        raise Wrong(f"{name} is missing")
    for name in sorted(set(files) - fixed):
        if not (personal and PICTURES.fullmatch(name)):
            raise Wrong(f"{name} is no file of a bundle")
    return manifest


def records_of(batch: dict[str, Any]) -> dict[int, tuple[str, bytes]]:
    """Sequence number -> (reference, payload) of a batch; the batch must hash to its anchor."""
    body, chain = base64.b64decode(batch["body"], validate=True), bytes.fromhex(batch["chain"])
    head = LINK.pack(chain, batch["sequence"], batch["first"], len(body), batch["flags"], 0)
    behind = hashlib.sha256(head + body).hexdigest()
    if batch["anchor"] != f"{behind}@{batch['first'] + batch['count'] - 1}":
        raise Wrong(f"batch {batch['sequence']} does not hash to its anchor")
    found: dict[int, tuple[str, bytes]] = {}
    at = 0
    while at < len(body):
        crc, length, seq, _, _, reference, _, _ = RECORD.unpack_from(body, at)
        start = at + RECORD.size
        if start + reference > at + length or at + length > len(body) or zlib.crc32(body[at + 4 : at + length]) != crc:
            raise Wrong(f"a record in batch {batch['sequence']} is damaged")
        found[seq] = (body[start : start + reference].decode(), body[start + reference : at + length])
        at += length
    return found


def check_journal(files: dict[str, bytes], manifest: dict[str, Any]) -> dict[int, dict[str, Any]]:
    """The batches fit together, the records are in them, and none of the transaction's is left out. -> payloads by
    sequence number, in order; empty where the shop gives no content.
    """
    batches = _json(files, "journal/batches.json")
    records = _json(files, "journal/records.json")
    rising([record["seq"] for record in records], "records")
    rising([batch["sequence"] for batch in batches], "batches")
    if {batch["sequence"] for batch in batches} != {record["batch"] for record in records}:
        raise Wrong("the batches are not those of the records")
    if manifest["anchors"] != [batch["anchor"] for batch in batches] or manifest["records"] != len(records):
        raise Wrong("the manifest names other anchors or records")
    if not manifest["personal"]:
        if any(batch["body"] for batch in batches) or _json(files, "devices.json"):
            raise Wrong("there is content, and the manifest says that there is none")
        return {}
    return _linked(batches, records, manifest["transaction"])


def rising(numbers: list[int], what: str) -> None:
    """They are in order, and none stands twice."""
    if any(not isinstance(number, int) for number in numbers) or sorted(set(numbers)) != numbers:
        raise Wrong(f"the {what} are not in their order")


def _linked(
    batches: list[dict[str, Any]], records: list[dict[str, Any]], transaction: str
) -> dict[int, dict[str, Any]]:
    inside: dict[int, dict[int, tuple[str, bytes]]] = {}
    before: dict[str, Any] = {}
    for batch in batches:
        inside[batch["sequence"]] = records_of(batch)
        if before and before["sequence"] + 1 == batch["sequence"] and before["anchor"].split("@")[0] != batch["chain"]:
            raise Wrong(f"batch {batch['sequence']} does not follow the one before")
        before = batch
    payloads: dict[int, dict[str, Any]] = {}
    for record in records:
        seq = record["seq"]
        if seq not in inside[record["batch"]]:
            raise Wrong(f"record {seq} is not in batch {record['batch']}")
        reference, payload = inside[record["batch"]][seq]
        if hashlib.sha256(payload).hexdigest() != record["digest"]:
            raise Wrong(f"record {seq} is another than the one that is named")
        payloads[seq] = json.loads(payload)
        if payloads[seq]["type"] != record["type"] or _moment(payloads[seq]["time"]) != record["time"]:
            raise Wrong(f"record {seq} is of another type or time")
        if reference != transaction and (reference or record["type"] not in BOX):
            raise Wrong(f"record {seq} is about something else")
    for found in inside.values():
        for seq, (reference, _) in sorted(found.items()):
            if reference == transaction and seq not in payloads:
                raise Wrong(f"record {seq} is about the transaction and is not told")
    return payloads


def _moment(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")  # noqa: UP017 (3.8)


def check_words(files: dict[str, bytes]) -> None:
    """The plain words tell of each record at its time, and of no other."""
    wanted = [(str(record["seq"]), record["time"]) for record in _json(files, "journal/records.json")]
    for name in ("history.en.txt", "history.zh.txt"):
        if re.findall(r"(?m)^ *([0-9]+)  ([^ ]+)  ", files[name].decode()) != wanted:
            raise Wrong(f"{name} does not tell of just the records")


def check_content(files: dict[str, bytes], payloads: dict[int, dict[str, Any]], transaction: str) -> None:
    """Content digest, signatures, slips, history, devices: all as the records have it."""
    events: list[dict[str, Any]] = [{"seq": seq, "event": event} for seq, event in payloads.items()]
    if _json(files, "history.json") != events:
        raise Wrong("the history is not what the journal's records say")
    if _json(files, "devices.json") != [told for told in events if told["event"]["type"] == "device.changed"]:
        raise Wrong("the states of devices are not what the journal's records say")
    sold = [event for event in payloads.values() if event["type"] == "transaction.accepted"]
    if len(sold) != 1:
        raise Wrong("the acceptance of the transaction is not among the records")
    digest = sold[0]["digest"]
    content = {name: sold[0][name] for name in ("transaction", "terminal", "receipt", "copies")}
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    if hashlib.sha256(text.encode()).hexdigest() != digest:
        raise Wrong("the transaction's digest is not that of its content")
    told = _json(files, "transaction.json")
    same = {"id": transaction, "digest": digest, "receipt": sold[0]["receipt"]}
    fits = all(told[name] == value for name, value in same.items())
    if not fits or not _within(sold[0]["transaction"], told["transaction"]):
        raise Wrong("transaction.json is not what the journal's records say")
    wanted = _signatures(files, payloads, digest) | _slips(files, payloads)
    for name in sorted(name for name in files if PICTURES.fullmatch(name)):
        if name not in wanted:
            raise Wrong(f"{name} is of nothing that the records tell")


def _within(kept: Any, told: Any) -> bool:
    """Whether all that was kept is told; what is told besides is empty."""
    if isinstance(kept, dict):
        more = [value for name, value in told.items() if name not in kept]
        return not any(more) and all(name in told and _within(value, told[name]) for name, value in kept.items())
    if isinstance(kept, list):
        return len(kept) == len(told) and all(map(_within, kept, told))
    return bool(kept == told)


def _signatures(files: dict[str, bytes], payloads: dict[int, dict[str, Any]], digest: str) -> set[str]:
    wanted = set()
    for seq, event in payloads.items():
        if event["type"] == "signature.captured":
            if event["digest"] != digest:
                raise Wrong(f"signature {event['version']} is bound to another transaction")
            name = f"signatures/v{event['version']}"
            if files.get(f"{name}.data") != base64.b64decode(event["drawing"]["data"]):
                raise Wrong(f"{name}.data is not the signature that record {seq} has")
            wanted |= {f"{name}.data", f"{name}.png"}
    return wanted


def _slips(files: dict[str, bytes], payloads: dict[int, dict[str, Any]]) -> set[str]:
    wanted, bodies = set(), {}
    for seq, event in payloads.items():
        if event["type"] == "copy.started":
            if event.get("body"):
                bodies[event["copy"]] = hashlib.sha256(_inflated(event["body"])).hexdigest()
            if bodies.get(event["copy"]) != event["body_digest"]:
                raise Wrong(f"the slip of record {seq} has another body than the original")
        if event["type"] in ("copy.printed", "copy.unknown"):
            name = f"slips/{event['copy']}-{event.get('number', 0)}"
            wanted |= {f"{name}.txt", f"{name}.png"}
            if event["type"] == "copy.printed" and f"{name}.txt" not in files:
                raise Wrong(f"{name}.txt is missing: record {seq} says that it came out")
    return wanted


def _inflated(text: str) -> bytes:
    inflate = zlib.decompressobj()
    data = inflate.decompress(base64.b64decode(text), BODY_MAX)
    if inflate.unconsumed_tail:
        raise Wrong("the body of a slip is larger than any slip's")
    return data


def main(words: list[str]) -> int:
    """Check; say the outcome; the exit code."""
    place = words[0] if words else os.path.dirname(os.path.abspath(__file__))
    try:
        files = files_of(place)
        manifest = check_manifest(files)
        payloads = check_journal(files, manifest)
        check_words(files)
        if manifest["personal"]:
            check_content(files, payloads, manifest["transaction"])
    except Wrong as wrong:
        print(f"NOT SOUND: {wrong}.")
        return 1
    except (OSError, zipfile.BadZipFile, MemoryError, Unfit) as error:
        print(f"CANNOT BE CHECKED: {error}.")
        return 2
    except (
        KeyError, ValueError, TypeError, AttributeError, IndexError, RuntimeError, struct.error, zlib.error
    ) as error:  # fmt: skip
        print(f"NOT SOUND: a part is missing or is not what it should be ({type(error).__name__}: {error}).")
        return 1
    seal = hashlib.sha256(files["manifest.json"]).hexdigest()
    if manifest["personal"]:
        print(f"SOUND: {len(files)} files, {manifest['records']} records of {manifest['transaction']}.")
    else:
        print("SOUND, as far as files go: the shop gives no content, so records cannot be hashed again.")
    print(f"manifest {seal}; compare it with what the export said (it alone vouches for pictures and plain words),")
    print("and the anchors with the journal: posctl journal verify JOURNAL --anchor HEX@SEQ.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
