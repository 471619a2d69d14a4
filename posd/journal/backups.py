"""A backup: a directory with a copy of the journal, `journal`, and of its archive, `archive/`, that belong together.

Rules
- It is made under another name, synced, verified as a whole, and only then gets its name. So an interruption anywhere
  leaves nothing but a directory that begins with a dot, and no earlier backup is ever touched.
- The ring is copied first, then the archive up to where that copy of the ring ends: so the archive has all that had
  left the ring, and nothing that the ring does not know.
- The archive's files never change once another follows them. So those that an earlier backup has need not be fetched
  again: they are linked, or copied where the disk has no links. The verification reads them all the same.
- Restoring writes over nothing. The archive's files are put in their place first, each whole, and the journal last; so
  what was interrupted is done again and finished.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from posd.journal.archive_files import ArchiveFile, chunks, list_files
from posd.journal.archive_format import CHUNK_HEADER, FILE_HEADER
from posd.journal.archive_reader import PIECE_BYTES, Entry, entries_of
from posd.journal.archive_shelf import DiskShelf, new_folder
from posd.journal.copies import Copied, Page, backup, restore
from posd.journal.errors import JournalBusy, JournalDamaged, JournalError
from posd.journal.look import Progress, look, quiet
from posd.journal.superblock import Position
from posd.journal.verify import verify

JOURNAL = "journal"
ARCHIVE = "archive"


class ArchiveSource(Protocol):
    """Where the archive's files are read from: a directory, or a running posd."""

    def entries(self) -> list[Entry]:
        """The files, in their order."""

    def piece(self, entry: Entry, offset: int) -> bytes:
        """Some bytes of a file, at least one if it goes so far. FileNotFoundError if it is past its time."""


class FolderSource:
    """The archive of the journal `uuid` in a directory that no posd writes to."""

    def __init__(self, shelf: DiskShelf, uuid: bytes) -> None:
        self._shelf = shelf
        self._uuid = uuid

    def entries(self) -> list[Entry]:
        return entries_of(self._shelf, list_files(self._shelf, self._uuid)[0])

    def piece(self, entry: Entry, offset: int) -> bytes:
        return self._shelf.read(entry.name, offset, PIECE_BYTES)


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What was made and verified. `files` of the archive, of which `linked` came from an earlier backup; `archived`:
    their bytes.
    """

    journal: Copied
    files: int
    linked: int
    archived: int


def back_up(
    pages: Iterator[Page], source: ArchiveSource | None, target: Path, since: Path | None, progress: Progress = quiet
) -> BackedUp:
    """Make the backup `target` of the pages and of the archive behind `source`; `since` is an earlier backup.

    FileExistsError; JournalBusy if the journal overtakes the copy; JournalError; OSError.
    """
    with new_folder(target) as new:
        made = backup(pages, new / JOURNAL, _part(progress, 0, 30))
        files, linked = 0, 0
        if source is not None:
            earlier = _shelf(since) if since is not None else None
            files, linked = _archive(source, new, earlier, _part(progress, 30, 70))
        archived = sum(path.stat().st_size for path in (new / ARCHIVE).glob("*"))
        checked = verify(new / JOURNAL, archive=_shelf(new), progress=_part(progress, 70, 100))
        if checked.verdict != "sound":
            found = checked.archive
            why = "; ".join(filter(None, (found.altered, *found.damage))) if found is not None else checked.report
            raise JournalError(
                f"the backup is not sound ({checked.verdict}: {why}). It was removed; earlier ones are whole. "
                "`posctl journal verify` says what is wrong with the original"
            )
    return BackedUp(replace(made, path=str(target), first=checked.first), files, linked, archived)


def _archive(source: ArchiveSource, new: Path, earlier: DiskShelf | None, progress: Progress) -> tuple[int, int]:
    """Copy the archive as far as the copied ring knows it; how many files there are, and how many were there before."""
    seen = look(new / JOURNAL)
    seen.close()
    head, tail, uuid = seen.head, seen.found.tail, seen.found.superblock.uuid
    (new / ARCHIVE).mkdir(mode=0o700)
    shelf = DiskShelf(new / ARCHIVE)
    entries = source.entries()
    whole, done, linked = sum(entry.size for entry in entries), 0, 0
    for entry in entries:
        if earlier is not None and shelf.take_over(entry.name, earlier, entry.size):
            linked += 1
        else:
            try:
                shelf.pour(entry.name, _fetched(source, entry))
            except FileNotFoundError:  # past its time since it was listed
                shelf.remove(entry.name)
        done += entry.size
        progress(done, whole)
    shelf.sync()
    files = list_files(shelf, uuid)[0]
    while files and files[-1].head.start.sequence > tail.sequence:
        shelf.remove(files.pop().name)
    if files and _trim(shelf, files[-1], tail).sequence < head.sequence:
        raise JournalBusy("posd wrote faster than could be copied. Nothing was made; try again")
    return len(files), linked


def _fetched(source: ArchiveSource, entry: Entry) -> Iterator[bytes]:
    at = 0
    while at < entry.size:
        data = source.piece(entry, at)[: entry.size - at]
        if not data:
            raise JournalError(f"the archive's file {entry.name} ends early. Nothing was made; verify the archive")
        yield data
        at += len(data)


def _trim(shelf: DiskShelf, file: ArchiveFile, tail: Position) -> Position:
    """Cut the newest file where the copied ring ends; where the archive then ends."""
    position, size = file.head.start, FILE_HEADER
    for offset, chunk in chunks(shelf, file, None):
        if chunk.end.sequence > tail.sequence:
            break
        position, size = chunk.end, offset + CHUNK_HEADER + chunk.size
    if size < shelf.size(file.name):
        shelf.create(file.name, shelf.read(file.name, 0, size))  # anew: it may be linked to an earlier backup
    return position


def parts(source: Path) -> tuple[Path, DiskShelf | None]:
    """The journal of a backup and its archive, if it has one. A journal's file is a backup without an archive."""
    return (source / JOURNAL, _shelf(source)) if source.is_dir() else (source, None)


def _shelf(folder: Path) -> DiskShelf | None:
    return DiskShelf(folder / ARCHIVE) if (folder / ARCHIVE).is_dir() else None


def bring_back(source: Path, target: Path, archive: Path, progress: Progress = quiet) -> tuple[Copied, list[str]]:
    """Put a backup where a journal is to be, and its archive's files into the directory `archive`; what was made, and
    the names of those files.

    JournalDamaged if the backup is not sound; FileExistsError; JournalError; OSError.
    """
    if target.exists():
        raise FileExistsError(f"{target} exists. Nothing was written; name a file that does not")
    journal, shelf = parts(source)
    names: list[str] = []
    if shelf is not None:
        checked = verify(journal, archive=shelf, progress=_part(progress, 0, 40))
        if checked.verdict != "sound":
            raise JournalDamaged(f"{source} is {checked.verdict}. Nothing was restored; take another", checked.lost)
        names = _put(shelf, DiskShelf(archive), bytes.fromhex(checked.uuid), _part(progress, 40, 70))
    return restore(journal, target, _part(progress, 70, 100)), names


def _put(old: DiskShelf, new: DiskShelf, uuid: bytes, progress: Progress) -> list[str]:
    names = [file.name for file in list_files(old, uuid)[0]]
    there = [file.name for file in list_files(new, uuid)[0]]
    for name in there:
        if name not in names or _whole(new, name) != _whole(old, name):
            raise JournalError(
                f"{new} holds {name} of this journal, which is not in the backup. Nothing was restored; move the files "
                "there to another place"
            )
    for at, name in enumerate(names):
        if name not in there:
            new.create(name, _whole(old, name))
        progress(at + 1, len(names))
    return names


def _whole(shelf: DiskShelf, name: str) -> bytes:
    return shelf.read(name, 0, shelf.size(name))


def _part(progress: Progress, start: int, end: int) -> Progress:
    """The same bar, of which this is the part from `start` to `end` per cent."""
    return lambda done, of: progress(round(1000 * (start + (end - start) * min(done / of, 1) if of else end)), 100_000)
