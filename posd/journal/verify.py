"""Is this file sound, and is it the one that was vouched for? Reads only.

Verdicts, the worst first
  altered   every checksum holds where it breaks and the chain does not; or an anchor's chain, or a seal, is another
            than the file's; or ring and archive tell different stories: somebody wrote there
  damaged   acknowledged records cannot be read, or are missing from the archive
  shorter   it ends before the anchor, or before its own archive does: its end was cut off, or it is an older copy
  sound     none of these

The ring is looked at first, then the archive: so the archive has at least what has left the ring by then. The seam
holds if nothing is missing between them, and both have the same chain at the last boundary that both have.

An anchor is the chain behind a record, written down elsewhere: every export has one, and who keeps it can tell whether
what stands before it is still what it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from posd.journal.archive_check import ArchiveCheck, ArchiveFound, Listener
from posd.journal.archive_format import Frame
from posd.journal.archive_shelf import Shelf
from posd.journal.block import MARK, SEALED
from posd.journal.errors import JournalError, LostRange
from posd.journal.look import Look, Progress, look, quiet
from posd.journal.record import Record
from posd.journal.recover import Observe, Step
from posd.journal.seal import Mark, SealCheck, Seals, mark_of
from posd.journal.superblock import Position

Verdict = Literal["sound", "damaged", "altered", "shorter"]
Checked = Literal["none", "ok", "gone", "shorter", "altered"]
"""What became of an anchor. `gone`: the record that it stands behind has left the ring."""

_ANCHOR = re.compile(r"([0-9a-fA-F]{64})@([0-9]{1,19})")


@dataclass(frozen=True, slots=True)
class Anchor:
    """The chain (32 bytes) behind the record `seq`; seq 0: before the first one."""

    chain: bytes
    seq: int

    def __str__(self) -> str:
        return f"{self.chain.hex()}@{self.seq}"

    @classmethod
    def parse(cls, text: str) -> Anchor:
        """`HEX@SEQ`, the first that stands in the text. ValueError if there is none."""
        match = _ANCHOR.search(text)
        if match is None:
            raise ValueError("an anchor is 64 hexadecimal digits, @, and a sequence number")
        return cls(bytes.fromhex(match[1]), int(match[2]))


@dataclass(frozen=True, slots=True)
class Verified:
    """What verifying found. `first` and `last` are the ids of the records that stand without a gap, in the archive and
    the ring, if nothing is lost. `archive` is None where none was looked at.
    """

    verdict: Verdict
    case: str
    uuid: str
    first: int
    last: int
    batches: int
    anchor: Anchor
    asked: Checked
    lost: tuple[LostRange, ...]
    dropped_blocks: int
    bad_copies: int
    in_use: bool
    seals: Seals
    report: str
    archive: ArchiveFound | None = None


See = Callable[[Record], None]


class _Ring:
    """What one look at the ring collects on its way."""

    def __init__(self) -> None:
        self.batches = 0
        self.boundaries: dict[int, tuple[int, bytes]] = {}
        self.marks: list[Mark] = []

    def __call__(self, step: Step) -> None:
        self.batches += 1
        header, behind = step.header, step.behind
        self.boundaries[header.sequence] = header.first_id, header.chain
        self.boundaries[behind.sequence] = behind.next_id, behind.chain
        mark = mark_of(step)
        if mark is not None:
            self.marks.append(mark)


class _Past(Listener):
    """What the walk through the archive collects: which of the `wanted` boundaries were met, and at which ids there is
    any.
    """

    def __init__(self, wanted: list[tuple[int, bytes]], seals: SealCheck, see: See | None) -> None:
        self.met: set[tuple[int, bytes]] = set()
        self.ids: set[int] = set()
        self._wanted = {next_id: {chain for at, chain in wanted if at == next_id} for next_id, _ in wanted}
        self._seals = seals
        self._see = see

    def boundary(self, position: Position) -> None:
        if position.next_id in self._wanted:
            self.ids.add(position.next_id)
            if position.chain in self._wanted[position.next_id]:
                self.met.add((position.next_id, position.chain))

    def batch(self, frame: Frame, before: Position) -> None:
        if frame.flags & MARK:
            sealed = bool(frame.flags & SEALED)
            self._seals.take(Mark(frame.sequence, frame.first_id, before.chain, sealed, frame.seal))

    def record(self, record: Record) -> None:
        if self._see is not None:
            self._see(record)

    def apart(self) -> None:
        self._seals.restart()


def verify(
    path: Path,
    *,
    anchor: Anchor | None = None,
    key: bytes | None = None,
    archive: Shelf | None = None,
    see: See | None = None,
    progress: Progress = quiet,
) -> Verified:
    """Verify the journal at `path`, and with an `archive` what left it and the seam between them. `see` is shown every
    record that can be read, those of the archive first (what is in both comes twice).

    NotAJournal, JournalBusy, JournalError (it cannot be opened); OSError from the archive.
    """
    rings: list[_Ring] = []

    def observe() -> Observe:
        rings.append(_Ring())
        return rings[-1]

    seen = look(path, observe, progress)
    try:
        ring, uuid, tail = rings[-1], seen.found.superblock.uuid, seen.found.tail
        seals = SealCheck(key, uuid)
        wanted = [(place.next_id, place.chain) for place in (seen.head, tail)]
        if anchor is not None:
            wanted.append((anchor.seq + 1, anchor.chain))
        past = _Past(wanted, seals, see)
        found, shorter = None, False
        if archive is not None:
            found = ArchiveCheck(archive, uuid, past).run(progress)
            shorter = _seam(seen, ring, past, found, seals)
        archived = found.end.sequence if found is not None and found.end is not None else 0
        for mark in ring.marks:
            if mark.sequence >= archived:
                seals.take(mark)
        if see is not None:
            for record in seen.records():
                see(record)
        asked = _asked(anchor, ring, past, seen, found)
        judged = seals.result()
        return Verified(
            verdict=_verdict(seen, found, asked, judged, shorter=shorter),
            case=seen.found.case,
            uuid=uuid.hex(),
            first=_first(seen, found),
            last=tail.next_id - 1,
            batches=ring.batches,
            anchor=Anchor(tail.chain, tail.next_id - 1),
            asked=asked,
            lost=(*(found.lost if found is not None else ()), *seen.found.lost),
            dropped_blocks=seen.found.dropped_blocks,
            bad_copies=len(seen.found.repairs) + seen.found.bad_slots,
            in_use=seen.in_use,
            seals=judged,
            report=seen.report.sentence,
            archive=found,
        )
    finally:
        seen.close()


def verify_archive(
    archive: Shelf,
    uuid: bytes,
    *,
    anchor: Anchor | None = None,
    key: bytes | None = None,
    see: See | None = None,
    progress: Progress = quiet,
) -> Verified:
    """Verify the archive of the journal `uuid` alone, where there is no ring. OSError; JournalError if it has no
    file.
    """
    seals = SealCheck(key, uuid)
    past = _Past([] if anchor is None else [(anchor.seq + 1, anchor.chain)], seals, see)
    found = ArchiveCheck(archive, uuid, past).run(progress)
    if found.end is None:
        raise JournalError(f"{archive} has no file of that journal. Nothing was verified")
    last, judged = found.end.next_id - 1, seals.result()
    asked: Checked = "none"
    if anchor is not None:
        asked = _judged(anchor, past.met, past.ids, found.first, last, damaged=bool(found.damage))
    altered = bool(found.altered or judged.wrong) or asked == "altered"
    verdict: Verdict = "altered" if altered else "damaged" if found.damage else "sound"
    if verdict == "sound" and asked == "shorter":
        verdict = "shorter"
    return Verified(
        verdict=verdict, case="", uuid=uuid.hex(), first=found.first, last=last, batches=0,
        anchor=Anchor(found.end.chain, last), asked=asked, lost=tuple(found.lost), dropped_blocks=0, bad_copies=0,
        in_use=False, seals=judged, report="", archive=found,
    )  # fmt: skip


def _seam(seen: Look, ring: _Ring, past: _Past, found: ArchiveFound, seals: SealCheck) -> bool:
    """Does the ring go on where the archive ends? What is wrong goes into `found`; whether the ring ends before the
    archive does.
    """
    head, tail, end = seen.head, seen.found.tail, found.end
    if end is None:
        return False
    if end.sequence < head.sequence:
        seals.restart()
        if (head.next_id, head.chain) not in past.met:  # else it was salvaged, and goes on from there
            found.lost.append(LostRange(end.next_id, head.next_id - 1, head.block))
            found.damage.append("what stood between the archive and the ring is missing")
    elif end.sequence > tail.sequence and not seen.found.damaged:
        if (tail.next_id, tail.chain) in past.met:
            return not seen.in_use  # while posd writes, the archive has gone on since the look at the ring
        found.altered = found.altered or "the archive goes on otherwise than the ring"
    elif ring.boundaries.get(end.sequence, end[2:]) != end[2:]:
        found.altered = found.altered or "the ring goes on otherwise than the archive"
    return False


def _first(seen: Look, found: ArchiveFound | None) -> int:
    """The oldest record that there is."""
    ring = seen.head.next_id
    return min(ring, found.first) if found is not None and found.first else ring


def _asked(
    anchor: Anchor | None, ring: _Ring, past: _Past, seen: Look, found: ArchiveFound | None
) -> Checked:  # fmt: skip
    if anchor is None:
        return "none"
    ends = [(place.next_id, place.chain) for place in (seen.head, seen.found.tail)]
    there = [place for place in (*ring.boundaries.values(), *ends) if place[0] == anchor.seq + 1]
    met = past.met | {place for place in there if place[1] == anchor.chain}
    ids = past.ids | {next_id for next_id, _ in there}
    damaged = seen.found.damaged or bool(found is not None and found.damage)
    return _judged(anchor, met, ids, _first(seen, found), seen.found.tail.next_id - 1, damaged=damaged)


def _judged(
    anchor: Anchor, met: set[tuple[int, bytes]], ids: set[int], first: int, last: int, *, damaged: bool
) -> Checked:  # fmt: skip
    if (anchor.seq + 1, anchor.chain) in met:
        return "ok"
    if anchor.seq > last and not damaged:
        return "shorter"
    if anchor.seq < first - 1:
        return "gone"
    # Inside a gap, or behind one, nothing is known of the chain; elsewhere another chain is another history.
    return "altered" if anchor.seq + 1 in ids or not damaged else "gone"


def _verdict(seen: Look, found: ArchiveFound | None, asked: Checked, seals: Seals, *, shorter: bool) -> Verdict:
    if seen.found.altered or asked == "altered" or seals.wrong or (found is not None and found.altered):
        return "altered"
    if seen.found.damaged or (found is not None and found.damage):
        return "damaged"
    return "shorter" if shorter or asked == "shorter" else "sound"
