"""A slip with questions of the actor's inside it (marks.py), and the count of their answers. Pure.

- GS ( H marks have ascending ids below the fence's; answers to GS r have no names and are counted. Each must come, and
  in order: one that is missed when a later one is there was lost, and the bytes around it with it.
- What was lost between two marks takes none with it. But a printer needs time to begin anew: an answer that comes later
  than line and paper explain, and with no fault reported since the last one, is as good as a mark that was lost. While
  posd itself was held up it does not judge how late an answer is.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import NamedTuple

AWAY_S = 0.75
"""Who follows a job looks at it more often than this."""


class Mark(NamedTuple):
    """A question behind the first `place` bytes of the slip, the first `end` with all marks; `answer` is what answers
    it, nothing where it has no name; `within_s` how long behind the answer before it that comes at the latest.
    """

    place: int
    end: int
    answer: bytes
    within_s: float


class Marked(NamedTuple):
    """A slip with its marks. The fence behind it is answered `tail_s` behind the last mark at the latest."""

    data: bytes
    marks: tuple[Mark, ...] = ()
    tail_s: float = float("inf")

    def sent(self, count: int) -> int:
        """How many bytes go out for the first `count` of the slip."""
        before = bisect_left(self.marks, count, key=lambda mark: mark.place)
        return count + (self.marks[before - 1].end - self.marks[before - 1].place if before else 0)

    def came(self, sent: int) -> int:
        """How many bytes of the slip are among the first `sent`."""
        whole = bisect_right(self.marks, sent, key=lambda mark: mark.end)
        count = sent - (self.marks[whole - 1].end - self.marks[whole - 1].place if whole else 0)
        return min(count, self.marks[whole].place) if whole < len(self.marks) else count


class Tally:
    """The answers to the marks of one job. Times are monotonic seconds. `lost`: bytes of the slip are known to be."""

    def __init__(self, slip: Marked, now_s: float) -> None:
        self.lost = False
        self._marks, self._tail_s = slip.marks, slip.tail_s
        self._numbers = {mark.answer: number for number, mark in enumerate(slip.marks)}
        self._next = 0
        self._since_s = self._turn_s = now_s
        self._away_s = 0.0
        self._explained = False

    @property
    def marks(self) -> int:
        """How many there are."""
        return len(self._marks)

    def began(self, now_s: float) -> None:
        """The first byte left."""
        self._since_s = now_s

    def turn(self, now_s: float) -> None:
        """Whoever follows the job looks at it: how long was it not looked at?"""
        if now_s - self._turn_s > AWAY_S:
            self._away_s += now_s - self._turn_s
        self._turn_s = now_s

    def faulted(self) -> None:
        """A fault is reported: it explains why the next answer is late."""
        self._explained = True

    def named(self, answer: bytes, faulted: bool) -> bool:
        """Whether `answer` is one to a mark; what came before it is on paper. `faulted`: a fault is reported still."""
        number = self._numbers.get(answer)
        if number is None:
            return False
        if number >= self._next:
            self.lost |= number > self._next
            self._on_time(self._marks[number].within_s, faulted)
            self._next = number + 1
        return True

    def counted(self, taken: int, faulted: bool) -> bool:
        """Whether an answer without a name is one to a mark, and not the fence's; `taken` bytes are out."""
        if self._next == len(self._marks):
            return False
        if self._marks[self._next].end <= taken:
            self._on_time(self._marks[self._next].within_s, faulted)
            self._next += 1
        return True

    def ended(self) -> None:
        """The fence is answered."""
        self.lost |= self._next < len(self._marks)
        self._on_time(self._tail_s, False)

    def _on_time(self, within_s: float, faulted: bool) -> None:
        late = self._turn_s - self._since_s - self._away_s > within_s
        self.lost |= late and not self._explained
        self._since_s, self._away_s, self._explained = self._turn_s, 0.0, faulted
