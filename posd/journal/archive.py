"""The archive: what leaves the ring goes on living in files, written ahead of need by the writer's thread.

How it works
- The archive copies the journal's batches in their order, whole, a chunk of a few at a time, each chunk synced before
  it counts. `through` is the boundary up to which it has them. The head of the ring never passes it (`Log.archived`).
- So a crash leaves no gap: what was not synced here is still in the ring. Nor a double: at the next start the last
  file is settled and walked, its whole chunks count, and what is torn behind them is written over. A file's own part
  ends where the next file begins, whatever else stands in it.
- A chunk is begun when more than a quarter of the ring is not archived yet; what a shop does in a minute is then
  written with one sync, and the records stay in both places for a while.
- Any error is kept as `trouble`, a sentence for the status. Then the head does not move: at last the ring is full and
  takes no new sales. It is tried again, in a new file from `through` on: the pages of a failed sync are not to be
  trusted.
- Retention takes whole files from the old end: older than `keep_ms` by the time at which the next one was begun, and
  with nothing of them in the ring any more. Time is the wall clock's less the skew that its owner takes it to be wrong
  by, as far as the work of the shop bears it out (archive_age.py).

Threads: `begin` before all else; `step`, `expire` on the writer's thread; the reader's side looks at `files` and
`through` under `lock`.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from threading import Lock

from posd.journal.archive_age import DAY_MS, believed
from posd.journal.archive_files import ArchiveFile, chunks, file_name, list_files, stored
from posd.journal.archive_format import (
    CHUNK_HEADER,
    FILE_HEADER,
    NONE_BEFORE,
    FileHead,
    pack_chunk,
    pack_file,
    pack_frame,
)
from posd.journal.archive_index import Labels, index_name, no_labels, references
from posd.journal.archive_names import Names, name_of
from posd.journal.archive_shelf import Shelf
from posd.journal.archive_source import NotOurs, Source
from posd.journal.archive_zstd import pack
from posd.journal.errors import JournalError
from posd.journal.log import Log
from posd.journal.superblock import Position

FILE_BYTES_MAX = 4 << 20
RETRY_S = 30.0


class Archive:
    """The archive of one journal. `files` are in order; `trouble` is empty or says why the archive does not go on;
    `damaged` names files that are there and cannot be read; `skew_ms` is by what the clock is taken to be ahead.
    """

    def __init__(
        self,
        shelf: Shelf,
        keep_ms: int,
        *,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        mono_s: Callable[[], float] = time.monotonic,
        file_bytes_max: int = FILE_BYTES_MAX,
        labels: Labels = no_labels,
    ) -> None:
        self.shelf = shelf
        self.labels = labels
        self.names = Names()
        self.lock = Lock()
        self.files: list[ArchiveFile] = []
        self.through: Position | None = None
        self.trouble = ""
        self.damaged: list[str] = []
        self.uuid = b""
        self.skew_ms = 0
        self._keep_ms = keep_ms
        self._clock = now_ms
        self._mono_s = mono_s
        self._file_bytes_max = file_bytes_max
        self._end = 0
        self._fresh = self._apart = True
        self._retry_s = 0.0
        self._source: Source | None = None

    def begin(self, log: Log) -> None:
        """Find out how far the archive has come, let the ring's head go so far, and catch up. Raises nothing: an
        archive that cannot be used says so in `trouble`.
        """
        self.uuid, self.through = log.superblock.uuid, log.head
        try:
            files, self.damaged = list_files(self.shelf, self.uuid)
            if files:
                found = self._settle(files[-1])
                if found.block >= log.head.block:
                    self._check(log, found)
                    self.through, self._fresh, self._apart = found, False, False
            self.files = files
        except (OSError, JournalError) as error:
            self._failed(error)
        log.archived = self.through.block
        while self.due(log):  # an archive that is new: a ring full of what is nowhere else would take no outcome
            self.step(log)

    def begin_reading(self, uuid: bytes) -> None:
        """Serve what is there beside a journal that may not be written."""
        self.uuid = uuid
        try:
            self.files, self.damaged = list_files(self.shelf, uuid)
            if self.files:
                last = self.files[-1]
                ends = [last.head.start, *(chunk.end for _, chunk in chunks(self.shelf, last, None))]
                self.through = ends[-1]
        except OSError as error:
            self.trouble = f"the archive cannot be read ({error})"

    def _check(self, log: Log, found: Position) -> None:
        """NotOurs unless the ring goes on exactly where the archive ends."""
        there = log.position(found.block) if found.block <= log.tail.block else None
        if there != found:
            raise NotOurs("it holds another course of this journal")

    def _settle(self, file: ArchiveFile) -> Position:
        """Sync the newest file and walk its chunks; where the last whole one ends."""
        self.shelf.settle(file.name)
        position, at = file.head.start, FILE_HEADER
        for offset, chunk in chunks(self.shelf, file, None):
            end = offset + CHUNK_HEADER + chunk.size
            if self.shelf.size(file.name) <= end and stored(self.shelf, file, offset, chunk) is None:
                break  # torn: only the last one can be
            position, at = chunk.end, end
        self._end = at
        return position

    def first_id(self) -> int:
        """The oldest id from which on all is here up to `through` without a gap; 0 if there is nothing."""
        with self.lock:
            files = self.files
            if not files:
                return 0
            at = len(files) - 1
            while at and files[at].head.before == files[at - 1].head.start.sequence:
                at -= 1
            return files[at].head.start.next_id

    # The writer's thread.

    def due(self, log: Log) -> bool:
        """Whether more than a quarter of the ring is not archived, and the archive may be tried."""
        assert self.through is not None
        lag = log.tail.block - self.through.block
        return lag > log.geometry.ring_blocks // 4 and self._may_try()

    def _may_try(self) -> bool:
        return not self.trouble or self._mono_s() >= self._retry_s

    def step(self, log: Log) -> None:
        """Archive the next batches, durably, then let the head of the ring pass them. Bounded: a chunk and one sync
        (two and a directory's for a new file).
        """
        assert self.through is not None
        try:
            self._source = self._source or Source(log)
            frames, end = self._source.next(self.through)
            if end == self.through:
                return
            raw = b"".join(map(pack_frame, frames))
            self._write(pack_chunk(pack(raw), len(raw), self._now_ms(), self.through, end))
        except (OSError, JournalError, ImportError) as error:  # without the library for compression too
            self._failed(error)
            return
        self.names.add(map(name_of, references(frames)))
        with self.lock:
            self.through = end
        self.trouble = ""
        with log.lock:
            log.archived = end.block

    def _now_ms(self) -> int:
        return self._clock() - self.skew_ms

    def _write(self, chunk: bytes) -> None:
        assert self.through is not None
        now_ms = self._now_ms()
        last = self.files[-1] if self.files else None
        if (
            last is None
            or self._fresh
            or self._end + len(chunk) > self._file_bytes_max
            or last.head.time_ms // DAY_MS != now_ms // DAY_MS
        ):
            self._create(now_ms)
        self.shelf.append(self.files[-1].name, self._end, chunk)
        self._end += len(chunk)

    def _create(self, now_ms: int) -> None:
        assert self.through is not None
        before = NONE_BEFORE if self._apart or not self.files else self.files[-1].head.start.sequence
        head = FileHead(self.uuid, now_ms, before, self.through)
        day = time.strftime("%Y%m%d", time.gmtime(now_ms / 1000))
        same = sum(file.head.start.sequence == self.through.sequence for file in self.files)
        name = file_name(head, day, same)  # after a failure: what the first try left in its file is given up
        self.shelf.create(name, pack_file(head))
        with self.lock:
            self.files.append(ArchiveFile(name, head))
        self._end, self._fresh, self._apart = FILE_HEADER, False, False

    def _failed(self, error: Exception) -> None:
        self._fresh = True
        self._retry_s = math.inf if isinstance(error, NotOurs) else self._mono_s() + RETRY_S
        self.trouble = f"the archive cannot go on ({error}); nothing is lost, but the journal fills up: " + (
            "move its files to another place and restart posd"
            if isinstance(error, NotOurs)
            else "make room or mend the disk there"
        )

    def expire(self, head_block: int) -> str | None:
        """Delete the oldest file if it is past its time and the ring's head has passed it; its name."""
        with self.lock:
            if len(self.files) < 2:
                return None
            oldest, following = self.files[:2]
            begun_ms = [file.head.time_ms for file in self.files]
        times, now_ms = believed(begun_ms, self._now_ms())
        if times[1] >= now_ms - self._keep_ms or following.head.start.block > head_block:
            return None
        try:
            self.shelf.remove(index_name(oldest))
            self.shelf.remove(oldest.name)
        except OSError as error:
            self.trouble = f"the archive's file {oldest.name} is past its time and cannot be deleted ({error})"
            return None
        with self.lock:
            del self.files[0]
        return oldest.name
