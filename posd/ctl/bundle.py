"""The bundle of evidence: from what posd answered to one zip file. Pure, and the same bytes for the same answers.

A bundle holds the transaction and its state, images of every slip that came out, each version of the signature as it is
kept and as a picture, the history in plain words in both languages and as JSON, the states of the devices around it,
the journal's records with the batches that prove them, and the script that checks all this on another machine
(evidence_check.py). Of other transactions it has what shares a batch with this one's records: without that the batch
cannot be hashed again.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from posd.ctl import history
from posd.domain import views
from posd.journal.record import decode_body

CHECKER = Path(__file__).with_name("evidence_check.py")
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Gathered:
    """What posd answered. `slips`: name (`customer-1.png`) -> content; `signatures` likewise."""

    found: views.Found | None
    page: views.EvidencePage
    slips: Mapping[str, bytes]
    signatures: Mapping[str, bytes]


def make(gathered: Gathered) -> bytes:
    """The zip file."""
    page = gathered.page
    events = _events(page)
    files: dict[str, bytes] = {
        "verify.py": CHECKER.read_bytes(),
        "journal/records.json": _json(page.records),
        "journal/batches.json": _json(page.batches),
    }
    if page.personal:
        files |= {f"slips/{name}": data for name, data in gathered.slips.items()}
        files |= {f"signatures/{name}": data for name, data in gathered.signatures.items()}
        files |= {
            "transaction.json": _json(gathered.found),
            "history.json": _json([{"seq": seq, "event": event} for seq, event in events]),
        }
    devices = [(seq, event) for seq, event in events if event["type"] == "device.changed"]
    files["devices.json"] = _json([{"seq": seq, "event": event} for seq, event in devices])
    for language, text in history.told(page, dict(events)).items():
        files[f"history.{language}.txt"] = text.encode()
    manifest = {
        "bundle": 1,
        "transaction": page.id,
        "personal": page.personal,
        "records": len(page.records),
        "looked": page.looked,
        "anchors": [batch.anchor for batch in page.batches],
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())},
    }
    return _zipped({**files, "manifest.json": _json(manifest)})


def seal(bundle: bytes) -> str:
    """The digest of a bundle's manifest, hex: it names everything in it."""
    with zipfile.ZipFile(io.BytesIO(bundle)) as made:
        return hashlib.sha256(made.read("manifest.json")).hexdigest()


def joined(pages: Sequence[views.EvidencePage]) -> views.EvidencePage:
    """The pages of an answer as one."""
    batches = {batch.sequence: batch for page in pages for batch in page.batches}
    records = [record for page in pages for record in page.records]
    whole = sorted(batches.values(), key=lambda batch: batch.sequence)
    return views.EvidencePage(pages[0].id, pages[0].personal, records, whole, pages[0].looked)


def _events(page: views.EvidencePage) -> list[tuple[int, dict[str, Any]]]:
    wanted = {record.seq for record in page.records}
    found: dict[int, dict[str, Any]] = {}
    for batch in page.batches:
        if page.personal:
            for record in decode_body(base64.b64decode(batch.body), batch.first, batch.count):
                if record.id in wanted:
                    found[record.id] = json.loads(record.payload)
    return sorted(found.items())


def _json(value: object) -> bytes:
    text: str = json.dumps(msgspec.to_builtins(value), ensure_ascii=False, indent=1)
    return text.encode() + b"\n"


def _zipped(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as bundle:
        for name, data in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = 0o644 << 16
            bundle.writestr(entry, data, zipfile.ZIP_DEFLATED, 6)
    return out.getvalue()
