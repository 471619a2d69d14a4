"""Is the archive whole, in order, and what was written? Reads only; believes no header before what it leads to fits.

How it works
- It walks file after file, chunk after chunk, batch after batch, and computes the chain anew. Each batch and each
  boundary between batches is told, so that the caller can hold the ring, anchors and seals against them.
- A checksum that fails, a file or a part that is missing: damage. It goes on behind it at the next place that proves
  itself, and names the records between.
- Every checksum right and yet the chain, an id or a record wrong: somebody wrote there.
- A file that continues none is another beginning: after a salvage it goes on from a boundary that was met before; else
  records are missing before it.
- Behind the last whole chunk of the newest file there may be an unfinished write. Whether anything is missing there the
  ring says, which must go on where the archive ends.
- Indices are not looked at: they prove nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from posd.journal.archive_files import ArchiveFile, list_files, stored
from posd.journal.archive_format import (
    CHUNK_HEADER,
    FILE_HEADER,
    NONE_BEFORE,
    ArchiveMalformed,
    Chunk,
    Frame,
    frames,
    unpack_chunk,
)
from posd.journal.archive_shelf import Shelf
from posd.journal.archive_zstd import unpack
from posd.journal.block import genesis
from posd.journal.errors import LostRange
from posd.journal.look import Progress, quiet
from posd.journal.record import Record, RecordMalformed, decode_body
from posd.journal.superblock import Position

_MAGIC = b"pjAc"


@dataclass(slots=True)
class ArchiveFound:
    """What was found. `first`: the oldest record, from which on none is missing if nothing is lost; 0 if there is no
    file. `end`: where the archive ends. `altered`: why it is not what was written, empty if it is.
    """

    files: int = 0
    batches: int = 0
    first: int = 0
    end: Position | None = None
    lost: list[LostRange] = field(default_factory=list)
    damage: list[str] = field(default_factory=list)
    altered: str = ""


class Listener:
    """Is told what is found on the way. Each does nothing by itself."""

    def boundary(self, position: Position) -> None:
        """Where a batch begins or ends; its block number says nothing."""

    def batch(self, frame: Frame, before: Position) -> None:
        """One batch, behind the boundary `before`."""

    def record(self, record: Record) -> None:
        """One record, but for copies that were carried forward."""

    def apart(self) -> None:
        """What comes does not go on where the last batch ended."""


class ArchiveCheck:
    """One walk over the archive of the journal `uuid`."""

    def __init__(self, shelf: Shelf, uuid: bytes, listener: Listener) -> None:
        self.found = ArchiveFound()
        self._shelf = shelf
        self._uuid = uuid
        self._tell = listener
        self._at: Position | None = None
        self._joints: set[tuple[int, bytes]] = set()
        self._met: set[tuple[int, bytes]] = set()

    def run(self, progress: Progress = quiet) -> ArchiveFound:
        """Walk; OSError where the disk refuses."""
        files, bad = list_files(self._shelf, self._uuid)
        found = self.found
        found.files = len(files)
        found.damage += [f"the header of {name} cannot be read" for name in bad]
        self._joints = {(f.head.start.next_id, f.head.start.chain) for f in files if f.head.before == NONE_BEFORE}
        sizes = [self._size(file) for file in files]
        for at, file in enumerate(files):
            self._enter(file, files[at - 1] if at else None)
            self._file(file, files[at + 1] if at + 1 < len(files) else None)
            if not self._there(file):
                self._begin_anew()
            progress(sum(sizes[: at + 1]), sum(sizes))
        found.end = self._at
        return found

    def _size(self, file: ArchiveFile) -> int:
        return self._shelf.size(file.name) if self._there(file) else 0

    def _there(self, file: ArchiveFile) -> bool:
        try:
            return self._shelf.size(file.name) > 0
        except FileNotFoundError:
            return False

    def _begin_anew(self) -> None:
        """A file was deleted while it was read: it was the oldest, and past its time."""
        self.found.lost.clear()
        self.found.damage.clear()
        self._at = None
        self._tell.apart()

    def _enter(self, file: ArchiveFile, before: ArchiveFile | None) -> None:
        """Does this file go on where the one before ended?"""
        start, at = file.head.start, self._at
        if at is None or before is None:
            self.found.first = start.next_id
            if start.next_id == 1 and start.chain != genesis(self._uuid):
                self._altered(f"{file.name} does not begin where this journal began")
        elif file.head.before == NONE_BEFORE:
            self._tell.apart()
            if (start.next_id, start.chain) not in self._met:
                if start.next_id < at.next_id:
                    self._altered(f"{file.name} begins another course of the journal")
                self._gap(at, start, f"what stood before {file.name} is missing")
        elif at.sequence != start.sequence or file.head.before != before.head.start.sequence:
            self._tell.apart()
            if at.sequence > start.sequence:
                self._altered(f"{before.name} goes on where {file.name} begins")
            self._gap(at, start, f"a part of {before.name}, or a file behind it, is missing")
        elif at[1:] != start[1:]:
            self._altered(f"{file.name} does not go on where {before.name} ends")
        self._at = start
        self._boundary(start)

    def _file(self, file: ArchiveFile, following: ArchiveFile | None) -> None:
        offset = FILE_HEADER
        while following is None or self._here.sequence < following.head.start.sequence:
            found = self._chunk(file, offset, following)
            if found is None:
                return
            offset = found

    @property
    def _here(self) -> Position:
        assert self._at is not None
        return self._at

    def _chunk(self, file: ArchiveFile, offset: int, following: ArchiveFile | None) -> int | None:
        """Take the chunk at `offset`; the offset of the next one, None where the file has no more."""
        chunk = unpack_chunk(self._read(file, offset, CHUNK_HEADER))
        if chunk is None:
            if following is None:
                return None  # the end, or an unfinished write
            return self._search(file, offset)
        if chunk.start[1:] != self._here[1:]:
            if chunk.start.sequence <= self._here.sequence or chunk.start.next_id < self._here.next_id:
                self._altered(f"{file.name} does not go on at byte {offset} where it should")
            self._skip_to(chunk.start, f"{file.name} lacks something before byte {offset}")
        end = offset + CHUNK_HEADER + chunk.size
        content = stored(self._shelf, file, offset, chunk)
        if content is None:
            if following is None and self._size(file) <= end:
                return None
            self._skip_to(chunk.end, f"{file.name} is damaged at byte {offset}")
            return end
        try:
            self._content(unpack(content, chunk.raw), chunk)
        except (ArchiveMalformed, RecordMalformed) as error:
            self._altered(f"{file.name}, byte {offset}: {error}")
        self._at = chunk.end
        return end

    def _content(self, raw: bytes, chunk: Chunk) -> None:
        before = chunk.start
        for frame, behind in frames(raw, chunk):
            for record in decode_body(frame.body, frame.first_id, frame.records):
                if record.id >= frame.first_id:
                    self._tell.record(record)
            self._tell.batch(frame, before)
            self._boundary(behind)
            self.found.batches += 1
            before = behind

    def _boundary(self, position: Position) -> None:
        self._tell.boundary(position)
        if (position.next_id, position.chain) in self._joints:
            self._met.add((position.next_id, position.chain))

    def _search(self, file: ArchiveFile, offset: int) -> int | None:
        """The next place behind damage at which a chunk begins."""
        rest = self._read(file, offset, self._size(file) - offset)
        at = rest.find(_MAGIC, 1)
        while at >= 0:
            chunk = unpack_chunk(rest[at : at + CHUNK_HEADER])
            if chunk is not None and chunk.start.sequence >= self._here.sequence:
                return offset + at
            at = rest.find(_MAGIC, at + 1)
        return None

    def _read(self, file: ArchiveFile, offset: int, size: int) -> bytes:
        try:
            return self._shelf.read(file.name, offset, max(size, 0))
        except FileNotFoundError:
            return b""

    def _skip_to(self, position: Position, why: str) -> None:
        self._tell.apart()
        self._gap(self._here, position, why)
        self._at = position

    def _gap(self, before: Position, behind: Position, why: str) -> None:
        self.found.lost.append(LostRange(before.next_id, behind.next_id - 1, before.block))
        self.found.damage.append(why)

    def _altered(self, why: str) -> None:
        self.found.altered = self.found.altered or why
