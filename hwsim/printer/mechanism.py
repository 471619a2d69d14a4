"""Paper, head and cutter: items are carried out one after the other, each in its time, and become slips.

Rules: nothing moves while the printer is halted; an item that has begun is finished (a fault stops the paper after the
current line), except a cut against a jammed cutter, which raises the cutter's error and is done when it is cleared.
Time is an argument; `busy_until` is when the item under way is done.
"""

from __future__ import annotations

from collections import deque

from hwsim.printer.interpreter import NOTES_MAX
from hwsim.printer.models import DOTS_PER_MM, Model
from hwsim.printer.status import Condition
from hwsim.printer.strips import Cut, Fence, Item, Slip, Strip


class Mechanism:
    """The moving parts of one printer. `speed` is millimetres a second, None for no delay at all."""

    def __init__(self, model: Model, condition: Condition, speed: float | None) -> None:
        self._model = model
        self._condition = condition
        self._speed = speed
        self._waiting: deque[Item] = deque()
        self._under_way: Item | None = None
        self.busy_until = 0.0
        self.jammed = False
        self._strips: list[Strip] = []
        self._data = bytearray()
        self._notes: list[str] = []
        self._breaks: list[int] = []
        self.lines_printed = 0
        self.dots_advanced = 0
        self.cuts_through_print = 0

    @property
    def queued(self) -> int:
        """Items that are not done."""
        return len(self._waiting) + (self._under_way is not None)

    @property
    def busy(self) -> bool:
        """True while an item is under way."""
        return self._under_way is not None

    @property
    def something_printed(self) -> bool:
        """True if the paper in progress carries marks."""
        return any(strip.marks for strip in self._strips)

    @property
    def progress(self) -> dict[str, int]:
        """The slip in progress: lines with marks, and dots of paper."""
        return {
            "lines": sum(1 for strip in self._strips if strip.marks),
            "dots": sum(strip.height for strip in self._strips),
        }

    def add(self, item: Item) -> None:
        """Put an item behind the others."""
        self._waiting.append(item)

    def clear(self) -> None:
        """Forget what has not begun: it will never be printed, and its fences never answered."""
        self._waiting.clear()
        if self.something_printed:
            self._breaks.append(len(self._strips) + (self._under_way is not None))

    def start_next(self, now: float) -> bool:
        """Begin the next item at `now`; False if there is none or nothing may move."""
        if self._under_way is not None or not self._waiting or self._condition.halted:
            return False
        if isinstance(self._waiting[0], Cut) and self.jammed:
            self._condition.cutter_error = True
            return False
        self._under_way = self._waiting.popleft()
        self.busy_until = now + self._duration(self._under_way)
        return True

    def finish(self, now: float) -> Item | None:
        """The item that is done by `now`, if one is."""
        if self._under_way is None or self.busy_until > now:
            return None
        item, self._under_way = self._under_way, None
        self._data += item.data
        self._notes += item.notes[: NOTES_MAX - len(self._notes)]
        if isinstance(item, Strip):
            self._strips.append(item)
            self.lines_printed += bool(item.marks)
            self.dots_advanced += item.height
        return item

    def take_slip(self, cut: Cut) -> Slip | None:
        """The slip that a finished cut freed; None where no paper had come out since the last cut."""
        if not self._strips and cut.feed < 0:
            return None
        if cut.feed >= 0:
            self._strips.append(Strip(self._model.cutter_gap_dots + cut.feed))
        blank = 0
        for strip in reversed(self._strips):
            if strip.marks:
                break
            blank += strip.height
        through = self.something_printed and blank < self._model.cutter_gap_dots
        self.cuts_through_print += through
        return self._end("partial" if cut.partial else "full", cut_through=through)

    def tear(self) -> Slip | None:
        """End the slip in progress at a power cut; None if nothing is printed on it."""
        self._waiting.clear()
        self._under_way = None
        if self.something_printed:
            return self._end("torn", cut_through=False)
        self._begin_paper()
        return None

    def hanging(self) -> Slip | None:
        """The paper that is still in the printer; None if nothing is printed on it."""
        return self._slip("hanging", cut_through=False) if self.something_printed else None

    def _end(self, ending: str, *, cut_through: bool) -> Slip:
        slip = self._slip(ending, cut_through=cut_through)
        self._begin_paper()
        return slip

    def _slip(self, ending: str, *, cut_through: bool) -> Slip:
        strips, notes = tuple(self._strips), tuple(dict.fromkeys(self._notes))
        return Slip(self._model.width_dots, strips, bytes(self._data), ending, cut_through, tuple(self._breaks), notes)

    def _begin_paper(self) -> None:
        self._strips.clear()
        self._data.clear()
        self._notes.clear()
        self._breaks.clear()

    def _duration(self, item: Item) -> float:
        if self._speed is None or isinstance(item, Fence):
            return 0.0
        if isinstance(item, Cut):
            feed = 0 if item.feed < 0 else self._model.cutter_gap_dots + item.feed
            return self._model.cut_seconds + feed / (self._speed * DOTS_PER_MM)
        return item.height / (self._speed * DOTS_PER_MM)
