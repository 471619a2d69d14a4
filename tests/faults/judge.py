"""What is wrong with what came of a case: told from papers, the journal's final state and what the till was told alone.

Kinds of violation
- originals  two unmarked whole slips of one copy; or one, and beside it an unmarked beginning that is not visibly torn
             (PrintJob.torn_within) or of which no void mark tells, or an unmarked end; or no mark on what may be there
             already
- lost       a sale that was acknowledged is gone, or a copy is neither whole on paper nor on the exception list
- garbage    something that is not its own on a slip that was not in hand when the fault came or was mended
- state      `printed` with proof and not whole on paper; `failed` and there is something of it; a void mark without a
             torn piece
- ends       posd hangs, refuses, ends by itself, or a job has not exactly one outcome
- body       a reprint says something else than its original
"""

from __future__ import annotations

import hashlib
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from posd.desk.state import Copy, Sale, State
from posd.domain import events as ev
from posd.domain.slip import CopyName
from tests.faults.reading import Handed, Sheet, handed, read
from tests.faults.world import Played

KINDS = ("originals", "lost", "garbage", "state", "ends", "body")


class Violation(NamedTuple):
    kind: str
    words: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.words}"


def judge(played: Played) -> list[Violation]:
    """Every violation; none is what there must be."""
    jobs = handed(played.case.printer, played.jobs)
    sheets = [read(paper, jobs) for paper in played.papers]
    at_rest = sheets[: len(played.papers_at_rest)]
    return [
        *_originals(played, jobs, sheets),
        *_lost(played, played.rested, at_rest, set()),
        *_lost(played, played.state, sheets, played.settled_wrongly),
        *_garbage(played, sheets),
        *_states(played, jobs, sheets),
        *(Violation("ends", words) for words in played.wrong),
        *_ends(played),
        *_bodies(played),
    ]


def assumed_and_torn(played: Played) -> int:
    """How many copies are `assumed` to be printed and are not whole on paper: what a mere assumption may come to."""
    if all(outcome is None or outcome.proof != "assumed" for outcome in played.outcomes):
        return 0
    jobs = handed(played.case.printer, played.jobs)
    sheets = [read(paper, jobs) for paper in played.papers]
    there = {job.job for sheet in sheets for job in sheet.whole}
    copies = [copy for sale in played.state.sales.values() for copy in sale.copies]
    return sum(copy.proof == "assumed" and copy.job not in there for copy in copies)


# judging


def _originals(played: Played, jobs: Sequence[Handed], sheets: Sequence[Sheet]) -> Iterator[Violation]:
    whole: dict[str, int] = defaultdict(int)
    pieces: dict[str, list[tuple[Handed, int]]] = defaultdict(list)
    ends: dict[str, list[int]] = defaultdict(list)
    void = {job.copy for job in jobs if job.void}
    for sheet in sheets:
        for job in (*sheet.whole, *sheet.marred):
            whole[job.copy] += not job.marked
        for job, lines in sheet.pieces:
            if not job.marked:
                pieces[job.copy].append((job, lines))
        for job, lines in sheet.ends:
            if not job.marked and _names(job, job.lines[-lines:], jobs):
                ends[job.copy].append(lines)
    for copy, count in whole.items():
        if count > 1:
            yield Violation("originals", f"{count} unmarked originals of {copy} are on paper")
        for job, lines in pieces[copy]:
            if count and lines > job.torn_lines and _names(job, job.lines[:lines], jobs):
                yield Violation("originals", f"{lines} of {len(job.lines)} lines of {copy} beside an unmarked original")
            elif count and copy not in void and _names(job, job.lines[:lines], jobs):
                yield Violation("originals", f"a piece of {copy} ({lines} lines), and no slip says that it is void")
        for lines in ends[copy] if count else ():
            yield Violation("originals", f"the last {lines} lines of {copy} beside an unmarked original")
    yield from _unmarked(played, jobs)


def _names(job: Handed, piece: Sequence[str], jobs: Sequence[Handed]) -> bool:
    """Whether a piece shows which copy it is of: slips begin and end alike."""
    lines = len(piece)
    return all(other.copy == job.copy or piece not in (other.lines[:lines], other.lines[-lines:]) for other in jobs)


def _unmarked(played: Played, jobs: Sequence[Handed]) -> Iterator[Violation]:
    """What was ever unknown goes out marked."""
    doubtful: set[tuple[str, str]] = set()
    for event in played.events:
        if isinstance(event, ev.CopyUnknown):
            doubtful.add((event.id, event.copy))
        elif (
            isinstance(event, ev.CopyStarted)
            and event.mark != "possible-duplicate"
            and (event.id, event.copy) in doubtful
        ):
            yield Violation("originals", f"{event.job} was unknown and goes out with the mark {event.mark}")
    jobs_marked = {event.job for event in played.events if isinstance(event, ev.CopyStarted) and event.mark != "none"}
    for job in jobs:
        if job.marked and job.job not in jobs_marked:
            yield Violation("originals", f"{job.job} carries a mark of which the journal does not know")


def _lost(played: Played, state: State, sheets: Sequence[Sheet], excused: set[str]) -> Iterator[Violation]:
    there = {job.job for sheet in sheets for job in sheet.whole}
    seen = there | {job.job for sheet in sheets for job in sheet.marred}
    cut = {job.job for sheet in sheets for job in sheet.whole if sheet.report.ending in ("full", "partial")}
    for name in played.accepted:
        if name not in state.sales:
            yield Violation("lost", f"{name} was acknowledged and is gone")
    for sale in state.sales.values():
        items = [state.exceptions[xid] for xid in sale.exceptions if xid in state.open]
        listed = {(item.kind, item.copy, item.number) for item in items}
        for copy in sale.copies:
            if copy.job in excused or copy.job in cut or _settled(sale, copy):
                continue
            if copy.state == "printed":
                if copy.proof == "confirmed":
                    yield Violation(
                        "state", f"{copy.job} is confirmed by {copy.why} and is not whole on paper, cut off"
                    )
                elif copy.why == "drained" and copy.job not in there:
                    yield Violation(
                        "state", f"{copy.job} is taken for printed by a printer that can be asked, and is not"
                    )
                elif copy.proof is None and copy.job not in seen:
                    yield Violation("lost", f"{copy.job} was settled as printed and is not on paper")
            elif ("unknown" if copy.state == "unknown" else "unprinted", copy.name, copy.number) not in listed:
                yield Violation("lost", f"{copy.job} is {copy.state}, not on paper and not on the list: {listed}")


def _settled(sale: Sale, copy: Copy) -> bool:
    """Whether a later copy settled it."""
    return copy.state == "unknown" and any(
        other.number > copy.number and other.state == "printed" for other in sale.of(copy.name)
    )


def _garbage(played: Played, sheets: Sequence[Sheet]) -> Iterator[Violation]:
    hit = {played.jobs[index].job for index in played.hit}
    counts = Counter(job.job for job in played.jobs)
    for sheet in sheets:
        for job in sheet.whole:
            if job.job in hit and counts[job.job] == 1:
                continue
            if sheet.litter or sheet.pieces or sheet.ends or len(sheet.whole) > 1 or sheet.report.garbage:
                if job.job in hit and job.place in played.hit:
                    continue
                beside = [*sheet.litter, *(f"a piece of {piece.job}" for piece, _ in (*sheet.pieces, *sheet.ends))]
                beside += [other.job for other in sheet.whole if other is not job]
                yield Violation("garbage", f"on the paper of {job.job}: {(*beside, *sheet.report.garbage)[:4]}")


def _states(played: Played, jobs: Sequence[Handed], sheets: Sequence[Sheet]) -> Iterator[Violation]:
    whole = {job.job for sheet in sheets for job in sheet.whole}
    pieces = {job.job: lines for sheet in sheets for job, lines in sheet.pieces if _names(job, job.lines[:lines], jobs)}
    torn = {event.job for event in played.events if isinstance(event, ev.CopyFailed) and event.torn}
    unsure = {event.job for event in played.events if isinstance(event, ev.CopyUnknown | ev.CopyPrinted)}
    for job in jobs:
        if job.void and job.job not in torn:
            yield Violation("state", f"{job.job} says that a piece is void, and none was torn")
    for name in {event.job for event in played.events if isinstance(event, ev.CopyFailed)} - unsure:
        if name in whole:
            yield Violation("state", f"{name} failed and is whole on paper")
        elif name in pieces and name not in torn:
            yield Violation("state", f"{name} failed with nothing on paper, and {pieces[name]} lines of it are there")


def _ends(played: Played) -> Iterator[Violation]:
    """A job that nobody heard of was cut off by a kill, and by a kill only."""
    silent = [index for index, outcome in enumerate(played.outcomes) if outcome is None]
    for index in silent:
        if index not in played.killed:
            yield Violation("ends", f"{played.jobs[index].job} (number {index}) has no outcome")


def _bodies(played: Played) -> Iterator[Violation]:
    bodies: dict[tuple[str, CopyName], bytes] = {}
    digests: dict[tuple[str, CopyName], set[str]] = defaultdict(set)
    copies: dict[str, tuple[str, CopyName]] = {}
    for event in played.events:
        if isinstance(event, ev.CopyStarted):
            at = copies[event.job] = (event.id, event.copy)
            digests[at].add(event.body_digest)
            if event.body is not None:
                bodies[at] = zlib.decompress(event.body)
    for at, found in digests.items():
        if found != {hashlib.sha256(bodies[at]).hexdigest()}:
            yield Violation("body", f"the copies of {at} have the bodies {found}")
    for job in played.jobs:
        if job.job in copies and bodies[copies[job.job]] not in job.data:
            yield Violation("body", f"{job.job} has another body than its original")
