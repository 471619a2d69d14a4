"""What the archive takes out of the ring: the next whole batches, a chunk's worth, each block from a copy where it is
intact.
"""

from __future__ import annotations

from posd.journal.archive_format import Frame, FrameSeal
from posd.journal.block import PAYLOAD, SEALED, chain_after, same_batch, seal_of
from posd.journal.errors import JournalError
from posd.journal.log import Log
from posd.journal.ring import BATCH_BLOCKS_MAX, BLOCK
from posd.journal.superblock import Position
from posd.journal.window import Window

CHUNK_BLOCKS = 64
_BODY = BLOCK - PAYLOAD


class NotOurs(JournalError):
    """The archive holds another course of this journal."""


class Source:
    """Reads batches of one log. On the writer's thread."""

    def __init__(self, log: Log) -> None:
        size = CHUNK_BLOCKS + BATCH_BLOCKS_MAX
        self._log = log
        self._windows = [Window(log.file, log.geometry, copy, size) for copy in range(log.geometry.copies)]

    def next(self, start: Position) -> tuple[list[Frame], Position]:
        """The batches from `start` on, at most CHUNK_BLOCKS of blocks but at least one batch, and the end of them.

        NotOurs; JournalError if not even one can be read.
        """
        count = min(self._windows[0].capacity, self._log.tail.block - start.block)
        self._windows[0].load(start.block, count)
        limit = start.block + count
        position = start
        taken: list[Frame] = []
        while position.block < limit:
            found = self._batch(position, limit)
            if found is None:
                if position == start:
                    raise JournalError(f"batch {start.sequence} cannot be read from the ring")
                break
            frame, end = found
            if taken and end.block - start.block > CHUNK_BLOCKS:
                break
            taken.append(frame)
            position = end
        return taken, position

    def _batch(self, position: Position, limit: int) -> tuple[Frame, Position] | None:
        """The batch at `position` out of the loaded windows; None if it is not there whole."""
        for copy, window in enumerate(self._windows):
            self._also(copy, position.block)
            first = window.header(position.block)
            if first is None or first.part or position.block + first.parts > limit:
                continue
            if (first.sequence, first.first_id, first.chain) != position[1:]:
                raise NotOurs(f"batch {position.sequence} of the journal is another one than it continues")
            seal = None
            if first.flags & SEALED:
                seal = FrameSeal(first.epoch, first.salt, seal_of(window.block(position.block)))
            pieces = []
            for index in range(first.parts):
                number = position.block + index
                for other, source in enumerate(self._windows):
                    self._also(other, number)
                    header = source.header(number)
                    if header is not None and same_batch(first, header, index):
                        pieces.append(source.block(number)[_BODY : _BODY + header.used])
                        break
            if len(pieces) == first.parts:
                frame = Frame(first.sequence, first.first_id, first.flags, first.records, b"".join(pieces), seal)
                return frame, _behind(frame, position, first.parts)
        return None

    def _also(self, copy: int, number: int) -> None:
        """Load what is loaded of the first copy from a further one too, where it is asked for."""
        first, window = self._windows[0], self._windows[copy]
        if not window.holds(number):
            window.load(first.first, first.end - first.first)


def _behind(frame: Frame, position: Position, parts: int) -> Position:
    link = chain_after(position.chain, frame.sequence, frame.first_id, frame.flags, len(frame.body), (frame.body,))
    return Position(position.block + parts, frame.sequence + 1, frame.first_id + frame.records, link)
