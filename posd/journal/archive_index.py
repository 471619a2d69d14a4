"""Which records of an archive file belong to a transaction, and which are found by something else that their owner made
findable: a sidecar beside each file that is finished, and the same in memory for the one that still grows.

Rules
- A sidecar says of which file it is, up to where, and has checksums. One that is missing, damaged or of another file
  is made anew from the file. It only leads to records; what they say is checked where they stand.
- It holds (hash of the reference or label, id) in order, 16 bytes a record, so a look-up is a search in the file's own
  bytes; before them the names of its transactions (archive_names.py), which are all that a start reads.
- It is made of all of a file or of nothing: where the file does not lead to the one that continues it, there is none.
"""

from __future__ import annotations

import contextlib
import struct
import sys
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from threading import Lock
from typing import NamedTuple

from posd.journal.archive_files import SUFFIX, ArchiveFile
from posd.journal.archive_format import Chunk, Frame, reference_hash
from posd.journal.archive_names import name_of
from posd.journal.archive_shelf import Shelf
from posd.journal.errors import ArchiveUnreadable
from posd.journal.record import RECORD_HEADER

# magic, crc of the rest of this and the names, crc of the entries, reserved, uuid, first sequence, end sequence, end
# chain, names, entries
_HEAD = struct.Struct("<4sIII16sQQ32sQQ")
_ENTRY = struct.Struct("<QQ")
_FROM = 8
_NAME = 4
_MAGIC = b"pjI2"

Places = Callable[[ArchiveFile, ArchiveFile | None], list[tuple[int, Chunk]]]
Batches = Callable[[ArchiveFile, tuple[int, Chunk]], list[Frame]]
Labels = Callable[[int, bytes], Iterable[bytes]]
"""What else a record is to be found by, of its type and payload. Labels begin with a zero byte: no reference does."""


def no_labels(_type: int, _payload: bytes) -> Iterable[bytes]:
    """Records are found by their references alone."""
    return ()


class _Head(NamedTuple):
    """Of which file a sidecar is, and how much is in it."""

    uuid: bytes
    first: int
    end: int
    chain: bytes
    names: int
    entries: int


class _Sorting:
    """Entries that are brought in order. A day has tens of thousands: they are kept as numbers in an array for each
    first byte of a hash, and only those of one are objects at a time.
    """

    def __init__(self) -> None:
        self._by_first = [array("Q") for _ in range(256)]

    def add(self, key: int, record_id: int) -> None:
        self._by_first[key >> 56].extend((key, record_id))

    def packed(self) -> bytes:
        """All of them, in order."""
        packed = bytearray()
        for entries in self._by_first:
            for entry in sorted(zip(entries[::2], entries[1::2], strict=True)):
                packed += _ENTRY.pack(*entry)
        return bytes(packed)


class ArchiveIndex:
    """Look-ups by reference or label. `places` and `batches` read a file's chunks, checked. May be used by several
    threads.
    """

    def __init__(self, shelf: Shelf, places: Places, batches: Batches, labels: Labels) -> None:
        self._shelf = shelf
        self._places = places
        self._batches = batches
        self._labels = labels
        self._lock = Lock()
        self._growing = ""
        self._until = 0
        self._keys, self._ids = array("Q"), array("Q")

    def find(self, file: ArchiveFile, following: ArchiveFile | None, wanted: bytes) -> list[int]:
        """Ids of records of the file that may have that reference or label. OSError, ArchiveUnreadable."""
        key = reference_hash(wanted)
        if following is None:
            with self._lock:
                self._grow(file)
                return list(_equal(self._keys, self._ids, key))
        data = self._load(file, following) or self._make(file, following)
        head = _head(data)
        assert head is not None
        view = memoryview(data)[_HEAD.size + _NAME * head.names :]
        at = bisect_left(range(head.entries), key, key=lambda n: _ENTRY.unpack_from(view, n * _ENTRY.size)[0])
        found = []
        for number in range(at, head.entries):
            entry, record_id = _ENTRY.unpack_from(view, number * _ENTRY.size)
            if entry != key:
                break
            found.append(record_id)
        return found

    def names(self, file: ArchiveFile, following: ArchiveFile | None) -> array[int]:
        """The names of all transactions in a file, in order. OSError, ArchiveUnreadable."""
        if following is None:
            places = self._places(file, None)
            return _ordered(
                name_of(key) for place in places for key in references(self._batches(file, place))
            )  # fmt: skip
        data = self._front(file, following) or self._make(file, following)
        head = _head(data)
        assert head is not None
        return _array(data[_HEAD.size : _HEAD.size + _NAME * head.names])

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
            self._growing, self._until = file.name, 0
            self._keys, self._ids = array("Q"), array("Q")
        for place in self._places(file, None):
            if place[1].end.sequence > self._until:
                for key, record_id in _entries(self._batches(file, place), self._labels):
                    self._keys.append(key)
                    self._ids.append(record_id)
                self._until = place[1].end.sequence

    def _front(self, file: ArchiveFile, following: ArchiveFile) -> bytes | None:
        """Head and names of the sidecar, None if it is missing or not to be believed."""
        try:
            data = self._shelf.read(index_name(file), 0, _HEAD.size)
            head = _head(data)
            if head is None or self._shelf.size(index_name(file)) != _size(head):
                return None
            data += self._shelf.read(index_name(file), _HEAD.size, _NAME * head.names)
        except FileNotFoundError:
            return None
        return data if self._fits(data, head, file, following) else None

    def _load(self, file: ArchiveFile, following: ArchiveFile) -> bytes | None:
        """The whole sidecar, None if it is missing or not to be believed."""
        try:
            data = self._shelf.read(index_name(file), 0, self._shelf.size(index_name(file)))
        except FileNotFoundError:
            return None
        head = _head(data)
        if head is None or len(data) != _size(head):
            return None
        start = _HEAD.size + _NAME * head.names
        if zlib.crc32(memoryview(data)[start:]) != int.from_bytes(data[8:12], "little"):
            return None
        return data if self._fits(data[:start], head, file, following) else None

    def _fits(self, front: bytes, head: _Head, file: ArchiveFile, following: ArchiveFile) -> bool:
        if zlib.crc32(memoryview(front)[_FROM:]) != int.from_bytes(front[4:8], "little"):
            return False
        sound = (head.uuid, head.first) == (file.head.uuid, file.head.start.sequence)
        return sound and (head.end, head.chain) == self._end(file, following)

    def _make(self, file: ArchiveFile, following: ArchiveFile) -> bytes:
        """Make the sidecar from the file, and keep it. OSError, ArchiveUnreadable."""
        places = self._places(file, following)
        position = places[-1][1].end if places else file.head.start
        end, chain = self._end(file, following)
        if (position.sequence, position.chain) != (end, chain):
            raise ArchiveUnreadable(
                f"the archive's file {file.name} ends before record {following.head.start.next_id}; take it from a "
                "backup"
            )
        seen, found = array("I"), _Sorting()
        for place in places:  # a chunk at a time: all of a file unpacked is as much as posd has in memory otherwise
            batches = self._batches(file, place)
            seen.extend(map(name_of, references(batches)))
            for key, record_id in _entries(batches, self._labels):
                found.add(key, record_id)
        names, entries = _ordered(seen), found.packed()
        uuid, first, count = file.head.uuid, file.head.start.sequence, len(entries) // _ENTRY.size
        head = _HEAD.pack(_MAGIC, 0, zlib.crc32(entries), 0, uuid, first, end, chain, len(names), count)
        data = bytearray(head + _bytes(names) + entries)
        data[4:8] = zlib.crc32(memoryview(data)[_FROM : len(data) - len(entries)]).to_bytes(4, "little")
        with contextlib.suppress(OSError):  # without room for it, it is made again next time
            self._shelf.create(index_name(file), bytes(data))
        return bytes(data)

    def _end(self, file: ArchiveFile, following: ArchiveFile) -> tuple[int, bytes]:
        """Sequence and chain at which the file must end: where the next one goes on, or its own end."""
        end = following.head.start
        if following.head.before != file.head.start.sequence:
            places = self._places(file, following)
            end = places[-1][1].end if places else file.head.start
        return end.sequence, end.chain


def index_name(file: ArchiveFile) -> str:
    """The name of a file's sidecar."""
    return file.name[: -len(SUFFIX)] + ".idx"


def references(batches: list[Frame]) -> set[int]:
    """The hashes of the references in some batches, each once."""
    return {key for key, _ in _entries(batches, no_labels)}


def _entries(batches: list[Frame], labels: Labels) -> Iterator[tuple[int, int]]:
    """(hash of the reference, id) of each new record that has a reference, and the same of its labels. The bodies were
    checked.
    """
    for frame in batches:
        at, body = 0, frame.body
        while at + RECORD_HEADER.size <= len(body):
            _, length, record_id, kind, _, size, _, _ = RECORD_HEADER.unpack_from(body, at)
            start, end = at + RECORD_HEADER.size, at + max(length, RECORD_HEADER.size)
            if size and record_id >= frame.first_id:
                yield reference_hash(body[start : start + size]), record_id
                for label in labels(kind, body[start + size : end]):
                    yield reference_hash(label), record_id
            at = end


def _head(data: bytes) -> _Head | None:
    if len(data) < _HEAD.size or data[:4] != _MAGIC:
        return None
    return _Head(*_HEAD.unpack_from(data)[4:])


def _size(head: _Head) -> int:
    return _HEAD.size + _NAME * head.names + _ENTRY.size * head.entries


def _equal(keys: array[int], ids: array[int], wanted: int) -> Iterator[int]:
    at = -1
    with contextlib.suppress(ValueError):
        while True:
            at = keys.index(wanted, at + 1)
            yield ids[at]


def _ordered(names: Iterable[int]) -> array[int]:
    return array("I", sorted(set(names)))


def _array(data: bytes) -> array[int]:
    names = array("I")
    names.frombytes(data)
    if sys.byteorder == "big":
        names.byteswap()
    return names


def _bytes(names: array[int]) -> bytes:
    if sys.byteorder == "little":
        return names.tobytes()
    swapped = array("I", names)
    swapped.byteswap()
    return swapped.tobytes()
