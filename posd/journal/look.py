"""Looking at a journal file from outside, read-only, whether posd runs on it or not.

How it works
- The file is not locked, so a look never keeps posd from starting.
- Where posd is writing meanwhile, a walk may meet a batch that is half there, or a head that has moved on. Both are
  gone when it looks again; damage is still there, in the same place. So damage in a file in use is believed only when
  two looks in a row agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from posd.journal.errors import JournalBusy, JournalError, RecordUnreadable
from posd.journal.file import LookFile, open_to_look
from posd.journal.opening import RecoveryReport, only_read
from posd.journal.port import BlockFile
from posd.journal.reader import Reader
from posd.journal.record import Record
from posd.journal.recover import Found, Observe, Step, recover
from posd.journal.superblock import Position

LOOKS_MAX = 10
Progress = Callable[[int, int], None]
"""Called with how much is done and how much there is, in blocks or bytes."""


def quiet(_done: int, _all: int) -> None:
    """No progress is shown."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a look found. The file stays open until `close`."""

    file: BlockFile
    found: Found
    report: RecoveryReport
    in_use: bool

    @property
    def head(self) -> Position:
        """Where its content begins."""
        return self.found.superblock.head

    def records(self) -> Iterator[Record]:
        """Every record that is intact: those that were carried forward, then the others in order. JournalBusy if posd
        overwrites one meanwhile.
        """
        try:
            reader = Reader(only_read(self.file, self.found))
            yield from reader.carried()
            yield from reader.records(0)
        except RecordUnreadable as error:
            if not self.in_use:
                raise
            raise JournalBusy(
                "posd wrote over what was being read. Nothing was changed; make a backup and read that"
            ) from error

    def close(self) -> None:
        self.file.close()


def look(path: Path, observe: Callable[[], Observe] | None = None, progress: Progress = quiet) -> Look:
    """Look at the journal at `path`. `observe()` gives who is told of each batch; it is asked anew for each look.

    NotAJournal; JournalError where the file cannot be opened; JournalBusy where posd writes faster than one can look.
    """
    try:
        file = open_to_look(path)
    except OSError as error:
        raise JournalError(f"{path} cannot be opened: {error.strerror}. Nothing was changed") from error
    try:
        found, in_use = _settled(file, observe, progress)
        return Look(file, found, only_read(file, found).report, in_use)
    except BaseException:
        file.close()
        raise


def _settled(file: LookFile, observe: Callable[[], Observe] | None, progress: Progress) -> tuple[Found, bool]:
    before: tuple[str, Position] | None = None
    in_use = file.in_use()
    for _ in range(LOOKS_MAX):
        found = recover(file, _watched(observe() if observe is not None else None, progress, file.size))
        in_use |= file.in_use()
        if not found.damaged or not in_use or (found.case, found.tail) == before:
            return found, in_use
        before = (found.case, found.tail)
    raise JournalBusy(
        "posd writes faster than the file can be read. Nothing was changed; make a backup and look at that"
    )


def _watched(observe: Observe | None, progress: Progress, size: int) -> Observe:
    first: int | None = None

    def step(step: Step) -> None:
        nonlocal first
        first = step.header.number if first is None else first
        progress((step.behind.block - first) * 4096, size)
        if observe is not None:
            observe(step)

    return step
