"""Papers, read as a person reads them.

Line by line: first the slips that stand on a paper whole, the longest first (a copy's text contains its original's),
then those before whose first line something stands that is not theirs, then pieces: beginnings of a slip, and ends;
what is left is litter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from hwsim.paper.report import Report
from posd.domain.device import PrintJob
from tests.faults.slips import lines_of, printed_lines


class Handed(NamedTuple):
    """A job that was handed to the printer, and what it looks like. `copy`: receipt and first letter, `000001-m`."""

    place: int
    job: str
    copy: str
    lines: tuple[str, ...]
    torn_lines: int
    marked: bool
    void: bool


class Sheet(NamedTuple):
    """One paper, read: jobs whose text stands on it whole, or whole behind something else on their first line
    (`marred`); beginnings and ends of others (job and lines of it); lines that are none of that.
    """

    report: Report
    whole: list[Handed]
    marred: list[Handed]
    pieces: list[tuple[Handed, int]]
    ends: list[tuple[Handed, int]]
    litter: list[str]


def handed(model: str, jobs: Sequence[PrintJob]) -> list[Handed]:
    """What these jobs look like on a printer on which nothing goes wrong."""
    return [_handed(model, place, job) for place, job in enumerate(jobs)]


def _handed(model: str, place: int, job: PrintJob) -> Handed:
    lines = lines_of(model, job.data)
    said = " ".join(line for line in lines if line.startswith("***"))
    torn = len(lines_of(model, job.data[: job.torn_within]))
    copy = job.job.rstrip("0123456789")
    return Handed(place, job.job, copy, lines, torn, "DUPLICATE" in said, "VOID" in said)


def read(paper: Report, jobs: Sequence[Handed]) -> Sheet:
    """What stands on this paper."""
    rest: list[str | None] = list(printed_lines(paper.text))
    looks = sorted({job.lines: job for job in jobs}.values(), key=lambda job: -len(job.lines))
    sheet = Sheet(paper, [], [], [], [], [])
    for job in looks:
        while (at := _find(rest, job.lines)) is not None:
            rest[at : at + len(job.lines)] = [None]
            sheet.whole.append(job)
    for job in looks:
        while (at := _find(rest, job.lines, marred=True)) is not None:
            rest[at : at + len(job.lines)] = _before(rest[at], job)
            sheet.marred.append(job)
    for job, count in sorted(_beginnings(rest, looks), key=lambda piece: -piece[1]):
        at = _find(rest, job.lines[:count], marred=True)
        if at is not None:
            rest[at : at + count] = _before(rest[at], job)
            sheet.pieces.append((job, count))
    for job, count in sorted(_ends(rest, looks), key=lambda piece: -piece[1]):
        at = _find(rest, job.lines[-count:])
        if at is not None:
            rest[at : at + count] = [None]
            sheet.ends.append((job, count))
    sheet.litter.extend(line for line in rest if line is not None)
    return sheet


def _find(lines: Sequence[str | None], wanted: Sequence[str], *, marred: bool = False) -> int | None:
    """Where `wanted` stands among the lines."""
    if not wanted:
        return None
    for at in range(len(lines) - len(wanted) + 1):
        line = lines[at]
        begins = line == wanted[0] or (marred and line is not None and line.endswith(wanted[0]))
        if begins and tuple(lines[at + 1 : at + len(wanted)]) == tuple(wanted[1:]):
            return at
    return None


def _before(line: str | None, job: Handed) -> list[str | None]:
    """What stands on the first line of a slip before it."""
    assert line is not None
    before = line.removesuffix(job.lines[0]).strip()
    return [None, before] if before else [None]


def _beginnings(rest: Sequence[str | None], looks: Sequence[Handed]) -> Iterator[tuple[Handed, int]]:
    """The longest beginning of each slip wherever its first line stands."""
    for job in looks:
        for at, line in enumerate(rest):
            if line is not None and line.endswith(job.lines[0]):
                count = 1
                while count < len(job.lines) and at + count < len(rest) and rest[at + count] == job.lines[count]:
                    count += 1
                yield job, count


def _ends(rest: Sequence[str | None], looks: Sequence[Handed]) -> Iterator[tuple[Handed, int]]:
    """The longest end of each slip wherever its last line stands."""
    for job in looks:
        for at, line in enumerate(rest):
            if line == job.lines[-1]:
                count = 1
                while count < len(job.lines) and count <= at and rest[at - count] == job.lines[-1 - count]:
                    count += 1
                yield job, count
