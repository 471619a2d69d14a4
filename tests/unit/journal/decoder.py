"""A second reader of the journal's format, written from docs/journal-format.md alone; shares no code with posd."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator

BLOCK = 4096


class Unsound(Exception):
    """The file breaks a rule of the format, or ends before it should."""


def superblock(image: bytes) -> dict[str, object]:
    """The superblock that counts."""
    best: dict[str, object] = {}
    for start in (0, len(image) - 4 * BLOCK):
        for slot in range(4):
            data = image[start + slot * BLOCK : start + (slot + 1) * BLOCK]
            crc, version, generation = struct.unpack_from("<IIQ", data, 8)
            if data[:8] != b"posdjrnl" or zlib.crc32(data[12:]) != crc or generation % 4 != slot:
                continue
            if version != 1 or generation <= best.get("generation", -1):  # type: ignore[operator]
                continue
            ring, offset_a, offset_b, epoch, _, salt, start_of_epoch = struct.unpack_from("<QQQIIQQ", data, 48)
            best = {
                "generation": generation,
                "uuid": data[24:40],
                "flags": struct.unpack_from("<I", data, 44)[0],
                "ring": ring,
                "offsets": [offset_a, offset_b] if offset_b else [offset_a],
                "epoch": epoch,
                "salt": salt,
                "epoch_start": start_of_epoch,
                "head": struct.unpack_from("<QQQ32s", data, 96),
                "durable": struct.unpack_from("<QQQ32s", data, 152),
            }
    if not best:
        raise Unsound("no superblock")
    return best


def _block(image: bytes, top: dict[str, object], copy: int, number: int) -> dict[str, object] | None:
    at = top["offsets"][copy] + number % top["ring"] * BLOCK  # type: ignore[index,operator]
    data = image[at : at + BLOCK]
    names = (
        "crc",
        "number",
        "sequence",
        "salt",
        "epoch",
        "index",
        "count",
        "used",
        "flags",
        "new",
        "generation",
        "durable",
        "id",
    )
    if data[:4] != b"pjB1" or len(data) < BLOCK:
        return None
    block = dict(zip(names, struct.unpack_from("<IQQQIHHHHIQQQ", data, 4), strict=True))
    if zlib.crc32(data[8:]) != block["crc"] or block["number"] != number:
        return None
    return {**block, "chain": data[72:104], "body": data[128 : 128 + block["used"]]}


_SAME = ("sequence", "salt", "epoch", "count", "flags", "new", "generation", "durable", "id", "chain")


def batches(image: bytes) -> Iterator[tuple[dict[str, object], bytes]]:
    """Batches from the head to the end: (header of the first block, body)."""
    top = superblock(image)
    number, sequence, first_id, chain = top["head"]  # type: ignore[misc]
    end, past = number + top["ring"], (0, 0)
    while number < end:
        for copy in range(len(top["offsets"])):  # type: ignore[arg-type]
            first = _block(image, top, copy, number)
            if (
                first is None
                or first["index"]
                or (first["sequence"], first["id"], first["chain"]) != (sequence, first_id, chain)
            ):
                continue
            now = (first["epoch"], first["salt"])
            if number >= top["epoch_start"]:
                fits = now == (top["epoch"], top["salt"])
            else:
                fits = first["epoch"] < top["epoch"] and (first["epoch"] > past[0] or now == past)
                fits = fits and number + first["count"] <= top["epoch_start"]
            body = _body(image, top, first) if fits and number + first["count"] <= end else None
            if body is not None:
                break
        else:
            return
        yield first, body
        link = struct.pack("<QQIHH", sequence, first_id, len(body), first["flags"], 0)
        chain = hashlib.sha256(chain + link + body).digest()
        number, sequence, first_id, past = number + first["count"], sequence + 1, first_id + first["new"], now


def _body(image: bytes, top: dict[str, object], first: dict[str, object]) -> bytes | None:
    body = b""
    for index in range(first["count"]):  # type: ignore[call-overload]
        for copy in range(len(top["offsets"])):  # type: ignore[arg-type]
            block = _block(image, top, copy, first["number"] + index)  # type: ignore[operator]
            if block is not None and block["index"] == index and all(block[name] == first[name] for name in _SAME):
                body += block["body"]  # type: ignore[operator]
                break
        else:
            return None
    return body


def records(image: bytes) -> Iterator[tuple[int, int, int, bytes, bytes]]:
    """(id, type, version, reference, payload) of each record that is not a carried copy."""
    for first, body in batches(image):
        at = 0
        expected = first["id"]
        while at < len(body):
            crc, length, record, kind, version, reference, flags = struct.unpack_from("<IIQHBBH", body, at)
            if zlib.crc32(body[at + 4 : at + length]) != crc:
                raise Unsound(f"record behind {expected}")
            if not flags & 1:
                if record != expected:
                    raise Unsound(f"record {record} where {expected} belongs")
                expected += 1  # type: ignore[operator]
                data = body[at + 24 : at + length]
                yield record, kind, version, data[:reference], data[reference:]
            at += length
