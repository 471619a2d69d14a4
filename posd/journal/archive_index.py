"""Which records of an archive file belong to a transaction: a sidecar beside each file that is finished, and the same
in memory for the one that still grows.

Rules
- A sidecar says of which file it is, up to where, and has a checksum. One that is missing, damaged or of another file
  is made anew from the file. It only leads to records; what they say is checked where they stand.
- It holds (hash of the reference, id) in order, 16 bytes a record, so a look-up is a search in the file's own bytes.
"""

from __future__ import annotations

import contextlib
import struct
import zlib
from bisect import bisect_left
from collections.abc import Callable, Iterator
from threading import Lock

from posd.journal.archive_files import SUFFIX, ArchiveFile
from posd.journal.archive_format import Chunk, Frame, reference_hash
from posd.journal.archive_shelf import Shelf
from posd.journal.record import RECORD_HEADER
from posd.journal.superblock import Position

# magic, crc of the rest, uuid, first sequence, end sequence, end chain, entries
_HEAD = struct.Struct("<4sI16sQQ32sQ")
_ENTRY = struct.Struct("<QQ")
_FROM = 8
_MAGIC = b"pjAi"

Places = Callable[[ArchiveFile, ArchiveFile | None], list[tuple[int, Chunk]]]
Batches = Callable[[ArchiveFile, tuple[int, Chunk]], list[Frame]]


class ArchiveIndex:
    """Look-ups by reference. `places` and `batches` read a file's chunks, checked. May be used by several threads."""

    def __init__(self, shelf: Shelf, places: Places, batches: Batches) -> None:
        self._shelf = shelf
        self._places = places
        self._batches = batches
        self._lock = Lock()
        self._growing = ""
        self._until = 0
        self._entries: list[tuple[int, int]] = []

    def find(self, file: ArchiveFile, following: ArchiveFile | None, reference: bytes) -> list[int]:
        """Ids of records of the file that may have that reference. OSError, ArchiveUnreadable."""
        wanted = reference_hash(reference)
        if following is None:
            with self._lock:
                self._grow(file)
                return [record_id for key, record_id in self._entries if key == wanted]
        data = self._load(file, following) or self._make(file, following)
        view = memoryview(data)[_HEAD.size :]
        at = bisect_left(range(len(view) // _ENTRY.size), wanted, key=lambda n: _ENTRY.unpack_from(view, n * 16)[0])
        found = []
        while at * _ENTRY.size < len(view):
            key, record_id = _ENTRY.unpack_from(view, at * _ENTRY.size)
            if key != wanted:
                break
            found.append(record_id)
            at += 1
        return found

    def ensure(self, file: ArchiveFile, following: ArchiveFile) -> bool:
        """Make the sidecar of a finished file if it is missing; whether it was made."""
        try:
            if self._shelf.size(index_name(file)) > 0:
                return False
        except FileNotFoundError:
            pass
        self._make(file, following)
        return True

    def _grow(self, file: ArchiveFile) -> None:
        """Take in what has come to the file that still grows."""
        if self._growing != file.name:
            self._growing, self._until, self._entries = file.name, 0, []
        for place in self._places(file, None):
            if place[1].end.sequence > self._until:
                self._entries.extend(_entries(self._batches(file, place)))
                self._until = place[1].end.sequence

    def _load(self, file: ArchiveFile, following: ArchiveFile) -> bytes | None:
        """The sidecar, None if it is missing or not to be believed."""
        try:
            data = self._shelf.read(index_name(file), 0, self._shelf.size(index_name(file)))
        except FileNotFoundError:
            return None
        if len(data) < _HEAD.size:
            return None
        magic, crc, uuid, first, end, chain, count = _HEAD.unpack_from(data)
        if magic != _MAGIC or zlib.crc32(memoryview(data)[_FROM:]) != crc or len(data) != _HEAD.size + 16 * count:
            return None
        sound = (uuid, first) == (file.head.uuid, file.head.start.sequence)
        return data if sound and (end, chain) == self._end(file, following) else None

    def _make(self, file: ArchiveFile, following: ArchiveFile) -> bytes:
        """Make the sidecar from the file, and keep it. OSError, ArchiveUnreadable."""
        found = sorted(
            entry for place in self._places(file, following) for entry in _entries(self._batches(file, place))
        )
        end, chain = self._end(file, following)
        head = _HEAD.pack(_MAGIC, 0, file.head.uuid, file.head.start.sequence, end, chain, len(found))
        data = bytearray(head + b"".join(_ENTRY.pack(*entry) for entry in found))
        data[4:8] = zlib.crc32(memoryview(data)[_FROM:]).to_bytes(4, "little")
        with contextlib.suppress(OSError):  # without room for it, it is made again next time
            self._shelf.create(index_name(file), bytes(data))
        return bytes(data)

    def _end(self, file: ArchiveFile, following: ArchiveFile) -> tuple[int, bytes]:
        places = self._places(file, following)
        end: Position = places[-1][1].end if places else file.head.start
        return end.sequence, end.chain


def index_name(file: ArchiveFile) -> str:
    """The name of a file's sidecar."""
    return file.name[: -len(SUFFIX)] + ".idx"


def _entries(batches: list[Frame]) -> Iterator[tuple[int, int]]:
    """(hash of the reference, id) of each new record that has a reference. The bodies were checked."""
    for frame in batches:
        at, body = 0, frame.body
        while at + RECORD_HEADER.size <= len(body):
            _, length, record_id, _, _, size, _, _ = RECORD_HEADER.unpack_from(body, at)
            start = at + RECORD_HEADER.size
            if size and record_id >= frame.first_id:
                yield reference_hash(body[start : start + size]), record_id
            at += max(length, RECORD_HEADER.size)
