#!/usr/bin/env python3
"""Checks a bundle of evidence of posd, on any machine: Python 3.8 or later and nothing else.

    python3 verify.py BUNDLE.zip        (or, beside the unpacked files: python3 verify.py)

It checks that each file is what the manifest says; that each batch of the journal hashes to its anchor and follows the
one before; that each record is in its batch and is the one that the history tells; that the transaction's digest is
that of its content, each signature bound to that digest, and each body of a slip the one that its records name.
Exit code 0: all of it fits; 1: something was changed; 2: it cannot be checked.
What it cannot know is whether the journal itself had these batches: compare the anchors with those that the shop kept,
or with its journal: `posctl journal verify JOURNAL --anchor HEX@SEQ`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any

LINK = struct.Struct("<32sQQIHH")
RECORD = struct.Struct("<IIQHBBHH")


class Wrong(Exception):
    """Something does not fit; the message says what."""


def files_of(place: str) -> dict[str, bytes]:
    """Name -> content, of a zip file or a directory."""
    path = Path(place)
    if path.is_dir():
        return {str(p.relative_to(path).as_posix()): p.read_bytes() for p in path.rglob("*") if p.is_file()}
    with zipfile.ZipFile(path) as bundle:
        names = bundle.namelist()
        if len(set(names)) != len(names):
            raise Wrong("a file stands twice in the bundle")
        return {name: bundle.read(name) for name in names}


def check_manifest(files: dict[str, bytes]) -> dict[str, Any]:
    """Each file is there and is what the manifest says."""
    manifest: dict[str, Any] = json.loads(files["manifest.json"])
    named = manifest["files"]
    extra = set(files) - set(named) - {"manifest.json"}
    if extra:
        raise Wrong(f"{sorted(extra)[0]} is in the bundle and not in its manifest")
    for name, digest in sorted(named.items()):
        if name not in files:
            raise Wrong(f"{name} is missing")
        if hashlib.sha256(files[name]).hexdigest() != digest:
            raise Wrong(f"{name} was changed")
    return manifest


def records_of(batch: dict[str, Any]) -> dict[int, tuple[int, str, bytes]]:
    """Sequence number -> (type number, reference, payload) of a batch; the batch must hash to its anchor."""
    body, chain = base64.b64decode(batch["body"]), bytes.fromhex(batch["chain"])
    head = LINK.pack(chain, batch["sequence"], batch["first"], len(body), batch["flags"], 0)
    behind = hashlib.sha256(head + body).hexdigest()
    if batch["anchor"] != f"{behind}@{batch['first'] + batch['count'] - 1}":
        raise Wrong(f"batch {batch['sequence']} does not hash to its anchor")
    found: dict[int, tuple[int, str, bytes]] = {}
    at = 0
    while at < len(body):
        crc, length, seq, kind, _, reference, _, _ = RECORD.unpack_from(body, at)
        if length < RECORD.size or zlib.crc32(body[at + 4 : at + length]) != crc:
            raise Wrong(f"a record in batch {batch['sequence']} is damaged")
        start = at + RECORD.size
        found[seq] = (kind, body[start : start + reference].decode(), body[start + reference : at + length])
        at += length
    return found


def check_journal(files: dict[str, bytes]) -> dict[int, dict[str, Any]]:
    """The batches fit together, and the records are in them. -> payloads by sequence number."""
    batches = json.loads(files["journal/batches.json"])
    records = json.loads(files["journal/records.json"])
    chains: dict[int, str] = {}
    inside: dict[int, dict[int, tuple[int, str, bytes]]] = {}
    for batch in batches:
        inside[batch["sequence"]] = records_of(batch)
        chains[batch["sequence"]] = batch["anchor"].split("@")[0]
        before = chains.get(batch["sequence"] - 1)
        if before is not None and before != batch["chain"]:
            raise Wrong(f"batch {batch['sequence']} does not follow the one before")
    payloads = {}
    for record in records:
        found = inside.get(record["batch"], {}).get(record["seq"])
        if found is None:
            raise Wrong(f"record {record['seq']} is not in batch {record['batch']}")
        if hashlib.sha256(found[2]).hexdigest() != record["digest"]:
            raise Wrong(f"record {record['seq']} is another than the one that is named")
        payloads[record["seq"]] = json.loads(found[2])
        if payloads[record["seq"]]["type"] != record["type"]:
            raise Wrong(f"record {record['seq']} is of another type")
    return payloads


def check_content(files: dict[str, bytes], payloads: dict[int, dict[str, Any]]) -> None:
    """Content digest, signatures, bodies, history."""
    history = {entry["seq"]: entry["event"] for entry in json.loads(files["history.json"])}
    if history != payloads:
        raise Wrong("the history is not what the journal's records say")
    sold = [event for event in payloads.values() if event["type"] == "transaction.accepted"]
    if len(sold) != 1:
        raise Wrong("the acceptance of the transaction is not among the records")
    content = {name: sold[0][name] for name in ("transaction", "terminal", "receipt", "copies")}
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    if hashlib.sha256(text.encode()).hexdigest() != sold[0]["digest"]:
        raise Wrong("the transaction's digest is not that of its content")
    bodies = {}
    for seq, event in sorted(payloads.items()):
        if event["type"] == "signature.captured":
            if event["digest"] != sold[0]["digest"]:
                raise Wrong(f"signature {event['version']} is bound to another transaction")
            name = f"signatures/v{event['version']}.data"
            if files.get(name) != base64.b64decode(event["drawing"]["data"]):
                raise Wrong(f"{name} is not the signature that record {seq} has")
        if event["type"] == "copy.started":
            if event.get("body"):
                bodies[event["copy"]] = hashlib.sha256(zlib.decompress(base64.b64decode(event["body"]))).hexdigest()
            if bodies.get(event["copy"]) != event["body_digest"]:
                raise Wrong(f"the slip of record {seq} has another body than the original")


def main(words: list[str]) -> int:
    """Check; say the outcome; the exit code."""
    place = words[0] if words else str(Path(__file__).resolve().parent)
    try:
        files = files_of(place)
        manifest = check_manifest(files)
        if manifest["personal"]:
            check_content(files, check_journal(files))
    except Wrong as wrong:
        print(f"NOT SOUND: {wrong}.")
        return 1
    except (OSError, zipfile.BadZipFile) as error:
        print(f"CANNOT BE CHECKED: {error}.")
        return 2
    except (KeyError, ValueError, TypeError, AttributeError, struct.error, zlib.error) as error:
        print(f"NOT SOUND: a part is missing or is not what it should be ({type(error).__name__}: {error}).")
        return 1
    seal = hashlib.sha256(files["manifest.json"]).hexdigest()
    if manifest["personal"]:
        print(f"SOUND: {len(files)} files, {manifest['records']} records of {manifest['transaction']}.")
    else:
        print("SOUND, as far as files go: the shop gives no content, so records cannot be hashed again.")
    print(f"manifest {seal}; compare it with what the export said, and the anchors with the journal.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
