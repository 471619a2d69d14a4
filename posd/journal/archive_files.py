"""Reading the archive's files: which there are, their chunks, the content of a chunk. No state, no trust: everything is
checked against its checksum and its neighbours when it is read.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import NamedTuple

from posd.journal.archive_format import (
    CHUNK_HEADER,
    FILE_HEADER,
    ArchiveMalformed,
    Chunk,
    FileHead,
    unpack_chunk,
    unpack_file,
)
from posd.journal.archive_shelf import Shelf
from posd.journal.archive_zstd import unpack

SUFFIX = ".pja"


class ArchiveFile(NamedTuple):
    """One file: its name and where it begins."""

    name: str
    head: FileHead


def file_name(head: FileHead, day: str, turn: int) -> str:
    """Of which journal, from which batch on, made when (`20261121`); `turn` tells a second try from the first."""
    again = f"-{turn}" if turn else ""
    return f"{head.uuid.hex()[:8]}-{head.start.sequence:014d}-{day}{again}{SUFFIX}"


def list_files(shelf: Shelf, uuid: bytes) -> tuple[list[ArchiveFile], list[str]]:
    """The files of the journal `uuid`, in order, and the names of those whose header cannot be read. OSError."""
    files, bad = [], []
    for name in shelf.names():
        if name.startswith(uuid.hex()[:8] + "-") and name.endswith(SUFFIX):
            try:
                head = unpack_file(shelf.read(name, 0, FILE_HEADER))
            except FileNotFoundError:
                continue  # deleted at this moment: it was past its time
            if head is None:
                bad.append(name)
            elif head.uuid == uuid:
                files.append(ArchiveFile(name, head))
    return sorted(files, key=lambda file: (file.head.start.sequence, len(file.name), file.name)), bad


def journals(shelf: Shelf) -> list[bytes]:
    """The uuids of the journals of which there are files. OSError."""
    heads = [unpack_file(shelf.read(name, 0, FILE_HEADER)) for name in shelf.names() if name.endswith(SUFFIX)]
    return sorted({head.uuid for head in heads if head is not None})


def chunks(shelf: Shelf, file: ArchiveFile, following: ArchiveFile | None) -> Iterator[tuple[int, Chunk]]:
    """(offset of the header, header) of each chunk that continues the one before, up to where the next file begins.
    The content is not looked at.
    """
    at, position = FILE_HEADER, file.head.start
    while following is None or position.sequence < following.head.start.sequence:
        chunk = unpack_chunk(shelf.read(file.name, at, CHUNK_HEADER))
        if chunk is None or chunk.start != position:
            return
        yield at, chunk
        at, position = at + CHUNK_HEADER + chunk.size, chunk.end


def stored(shelf: Shelf, file: ArchiveFile, offset: int, chunk: Chunk) -> bytes | None:
    """The chunk's content as it is stored; None if its checksum does not fit."""
    content = shelf.read(file.name, offset + CHUNK_HEADER, chunk.size)
    return content if len(content) == chunk.size and zlib.crc32(content) == chunk.content_crc else None


def unpacked(shelf: Shelf, file: ArchiveFile, offset: int, chunk: Chunk) -> bytes:
    """The chunk's batches; ArchiveMalformed, OSError."""
    content = stored(shelf, file, offset, chunk)
    if content is None:
        raise ArchiveMalformed(f"{file.name} is damaged at byte {offset}")
    return unpack(content, chunk.raw)
