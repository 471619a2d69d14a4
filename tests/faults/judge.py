"""What is wrong with what came of a case: told from papers, the journal's final state and what the till was told alone.

A paper is read as a person reads it, line by line: first the slips that stand on it whole, the longest first (a copy's
text contains its original's), then pieces, which are beginnings of a slip; what is left is litter.

Kinds of violation
- originals  two unmarked whole slips of one copy; or one, and beside it an unmarked piece that is not visibly torn
             (PrintJob.torn_within) or of which no void mark tells; or no mark on what may be there already
- lost       a sale that was acknowledged is gone, or a copy is neither whole on paper nor on the exception list
- garbage    something that is not its own on a slip that was not in hand when the fault came or was mended
- state      `printed` with proof and not whole on paper; `failed` and there is something of it; a void mark without a
             torn piece
- hidden     as `state`, where nothing tells: an ESC/POS printer on a serial line was without power for a moment and
             does not say so, lost what was in its buffer, printed the rest that was still on the line, and answered
             the fence behind it. Counted, and no failure
- behind     as `state`, of a copy that GS r proves: the printer answers when its buffer gets there, and the fault came
             before its mechanism did. Counted too (docs/printers.md tells of both)
- ends       posd hangs, refuses, ends by itself, or a job has not exactly one outcome
- body       a reprint says something else than its original
"""

from __future__ import annotations

import hashlib
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from hwsim.paper.report import Report
from posd.desk.state import Copy, Sale, State
from posd.domain import events as ev
from posd.domain.slip import CopyName
from tests.faults.slips import lines_of, printed_lines
from tests.faults.world import Played

KINDS = ("originals", "lost", "garbage", "state", "ends", "body")


class Violation(NamedTuple):
    kind: str
    words: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.words}"


class Handed(NamedTuple):
    """A job that was handed to the printer, and what it looks like. `copy`: receipt and first letter, `000001-m`."""

    place: int
    job: str
    copy: str
    number: int
    lines: tuple[str, ...]
    torn_lines: int
    marked: bool
    void: bool


class Sheet(NamedTuple):
    """One paper, read: jobs whose text stands on it whole, pieces (job and lines of it), lines that are neither."""

    report: Report
    whole: list[Handed]
    pieces: list[tuple[Handed, int]]
    litter: list[str]


def judge(played: Played) -> list[Violation]:
    """Every violation; none is what there must be."""
    handed = [_handed(played, index) for index in range(len(played.jobs))]
    sheets = [_read(paper, handed) for paper in played.papers]
    at_rest = sheets[: len(played.papers_at_rest)]
    return [
        *_originals(played, handed, sheets),
        *_lost(played, played.rested, at_rest, set()),
        *_lost(played, played.state, sheets, played.settled_wrongly),
        *_garbage(played, sheets),
        *_states(played, handed, sheets),
        *(Violation("ends", words) for words in played.wrong),
        *_ends(played),
        *_bodies(played),
    ]


def assumed_and_torn(played: Played) -> int:
    """How many copies are `assumed` to be printed and are not whole on paper: what a mere assumption may come to."""
    if all(outcome is None or outcome.proof != "assumed" for outcome in played.outcomes):
        return 0
    handed = [_handed(played, index) for index in range(len(played.jobs))]
    sheets = [_read(paper, handed) for paper in played.papers]
    there = {job.job for sheet in sheets for job in sheet.whole}
    copies = [copy for sale in played.state.sales.values() for copy in sale.copies]
    return sum(copy.proof == "assumed" and copy.job not in there for copy in copies)


# reading


def _handed(played: Played, index: int) -> Handed:
    job = played.jobs[index]
    lines = lines_of(played.case.printer, job.data)
    marks = [line for line in lines if line.startswith("***")]
    said = " ".join(marks)
    return Handed(
        index,
        job.job,
        job.job.rstrip("0123456789"),
        int(job.job.split("-")[1][1:]),
        lines,
        len(lines_of(played.case.printer, job.data[: job.torn_within])),
        "DUPLICATE" in said,
        "VOID" in said,
    )


def _read(paper: Report, handed: Sequence[Handed]) -> Sheet:
    rest: list[str | None] = list(printed_lines(paper.text))
    whole, pieces = [], []
    for job in sorted(_looks(handed), key=lambda job: -len(job.lines)):
        while (at := _find(rest, job.lines)) is not None:
            rest[at : at + len(job.lines)] = [None]
            whole.append(job)
    for job, count in sorted(_beginnings(rest, handed), key=lambda piece: -piece[1]):
        at = _find(rest, job.lines[:count])
        if at is not None:
            rest[at : at + count] = [None]
            pieces.append((job, count))
    return Sheet(paper, whole, pieces, [line for line in rest if line is not None])


def _looks(handed: Sequence[Handed]) -> list[Handed]:
    """One of each that looks the same."""
    return list({job.lines: job for job in handed}.values())


def _find(lines: Sequence[str | None], wanted: Sequence[str]) -> int | None:
    if not wanted:
        return None
    return next(
        (
            at
            for at in range(len(lines) - len(wanted) + 1)
            if lines[at] == wanted[0] and tuple(lines[at : at + len(wanted)]) == tuple(wanted)
        ),
        None,
    )


def _beginnings(rest: Sequence[str | None], handed: Sequence[Handed]) -> Iterator[tuple[Handed, int]]:
    """The longest beginning of each slip wherever its first line stands."""
    for job in _looks(handed):
        for at, line in enumerate(rest):
            if line == job.lines[0]:
                count = 1
                while count < len(job.lines) and at + count < len(rest) and rest[at + count] == job.lines[count]:
                    count += 1
                yield job, count


# judging


def _originals(played: Played, handed: Sequence[Handed], sheets: Sequence[Sheet]) -> Iterator[Violation]:
    whole: dict[str, int] = defaultdict(int)
    pieces: dict[str, list[tuple[Handed, int]]] = defaultdict(list)
    void = {job.copy for job in handed if job.void}
    for sheet in sheets:
        for job in sheet.whole:
            whole[job.copy] += not job.marked
        for job, count in sheet.pieces:
            if not job.marked:
                pieces[job.copy].append((job, count))
    for copy, count in whole.items():
        if count > 1:
            yield Violation("originals", f"{count} unmarked originals of {copy} are on paper")
        for job, lines in pieces[copy]:
            if count and lines > job.torn_lines and _names(job, lines, handed):
                yield Violation("originals", f"{lines} of {len(job.lines)} lines of {copy} beside an unmarked original")
            elif count and copy not in void and _names(job, lines, handed):
                yield Violation("originals", f"a piece of {copy} ({lines} lines), and no slip says that it is void")
    yield from _unmarked(played, handed)


def _names(job: Handed, lines: int, handed: Sequence[Handed]) -> bool:
    """Whether a piece shows which copy it is of: slips begin alike."""
    piece = job.lines[:lines]
    return all(other.copy == job.copy or other.lines[:lines] != piece for other in handed)


def _unmarked(played: Played, handed: Sequence[Handed]) -> Iterator[Violation]:
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
    for job in handed:
        if job.marked and job.job not in jobs_marked:
            yield Violation("originals", f"{job.job} carries a mark of which the journal does not know")


def _lost(played: Played, state: State, sheets: Sequence[Sheet], excused: set[str]) -> Iterator[Violation]:
    there = {job.job for sheet in sheets for job in sheet.whole}
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
                    words = f"{copy.job} is confirmed by {copy.why} and is not whole on paper, cut off"
                    if played.case.hides_power:
                        yield Violation("hidden", words)
                    elif copy.why != "paper-status":
                        yield Violation("state", words)
                    elif copy.job not in there:
                        yield Violation("behind", words)
                elif copy.proof is None and copy.job not in there:
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
            if sheet.litter or sheet.pieces or len(sheet.whole) > 1 or sheet.report.garbage:
                if job.job in hit and job.place in played.hit:
                    continue
                beside = [*sheet.litter, *(f"a piece of {piece.job}" for piece, _ in sheet.pieces)]
                beside += [other.job for other in sheet.whole if other is not job]
                yield Violation("garbage", f"on the paper of {job.job}: {(*beside, *sheet.report.garbage)[:4]}")


def _states(played: Played, handed: Sequence[Handed], sheets: Sequence[Sheet]) -> Iterator[Violation]:
    whole = {job.job for sheet in sheets for job in sheet.whole}
    pieces = {job.job: lines for sheet in sheets for job, lines in sheet.pieces if _names(job, lines, handed)}
    torn = {event.job for event in played.events if isinstance(event, ev.CopyFailed) and event.torn}
    unsure = {event.job for event in played.events if isinstance(event, ev.CopyUnknown | ev.CopyPrinted)}
    for job in handed:
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
