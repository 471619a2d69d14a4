"""What a run has gone through, counted so that a stranger sees what was tried and what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.crash.states import KINDS

KILLED = "power stayed on, only the process died"
MOMENTS = (
    "while the file was made",
    "while it was opened again",
    "while a batch was written",
    "while the head was moved",
    "while a mark was written",
    "while it was closed",
    "while a copy was mended",
)
OUTCOMES = {
    "A": "no file had its name yet: made anew",
    "D": "as after a clean stop",
    "E": "after a crash, nothing unfinished",
    "F": "after a crash, a torn batch dropped",
}

Row = Sequence[str | int | float]


@dataclass(slots=True)
class Counts:
    """States by moment and depth, by what became of the pending writes, by disk, by what recovery called it.

    `twice`: how many were recovered a second time. `rotten`: how often one of
    two copies went bad. `laps` and `deepest` are the most that one life had.
    """

    moments: Counter[tuple[str, int]] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    disks: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    twice: int = 0
    rotten: int = 0
    lives: int = 0
    laps: int = 0
    deepest: int = 0

    @property
    def states(self) -> int:
        return self.kinds.total()

    def depth(self, depth: int) -> int:
        """States of the first, second, third crash."""
        return sum(self.moments[name, depth] for name in MOMENTS)

    def add(self, other: Counts) -> None:
        """Take in what another run counted."""
        self.moments += other.moments
        self.kinds += other.kinds
        self.disks += other.disks
        self.outcomes += other.outcomes
        self.twice += other.twice
        self.rotten += other.rotten
        self.lives += other.lives
        self.laps = max(self.laps, other.laps)
        self.deepest = max(self.deepest, other.deepest)

    def table(self) -> str:
        """All of it, as lines for a terminal."""
        depths = range(1, self.deepest + 1)
        moments: list[Row] = [[name, *(self.moments[name, depth] for depth in depths)] for name in MOMENTS]
        moments.append(["together", *map(self.depth, depths)])
        kinds: list[Row] = [[name, self.kinds[name]] for name in (*KINDS, KILLED)]
        outcomes: list[Row] = [[text, self.outcomes[letter]] for letter, text in OUTCOMES.items()]
        disks: list[Row] = [[name, count] for name, count in sorted(self.disks.items())]
        return "\n\n".join(
            (
                rows("the power went ...", [f"{depth}. crash" for depth in depths], moments),
                rows("of the sectors that were on their way ...", ["states"], kinds),
                rows("the disk", ["states"], disks),
                rows("the journal was found ...", ["states"], outcomes),
            )
        )


def rows(title: str, columns: Sequence[str], content: Sequence[Row]) -> str:
    """A small table: a title, right-aligned columns of whole numbers or such with two digits behind the point."""
    width = max(len(title), *(len(str(row[0])) for row in content)) + 2
    lines = [f"{title:<{width}}" + "".join(f"{column:>12}" for column in columns)]
    lines += [f"{row[0]!s:<{width}}" + "".join(map(_number, row[1:])) for row in content]
    return "\n".join(lines)


def _number(value: str | int | float) -> str:
    return f"{value:>12,.2f}" if isinstance(value, float) else f"{value:>12,}" if isinstance(value, int) else value
