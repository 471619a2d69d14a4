"""Moments at an exact byte, at which the world wants something to happen to a printer.

Rules: a moment is `offset` bytes behind a mark. Marks: `now`; `slip`, the first byte of the next ESC @, with which a
job begins; `fence`, the first byte of the next command that asks whether all before it is printed. So offset 0 behind
`fence` is before the fence, 1 up to its length less one inside it, its length behind it. Bytes are counted as they are
executed, or (`received`) as they come in: for a cable or the power these differ by what stands in the buffer.

A mark is looked for where a command begins. As long as what has come may still become the mark, the printer waits for
more before it executes the first byte; as nothing of a command shows before its last byte, nobody can tell.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

MARKS = ("now", "slip", "fence")
Mark = Literal["now", "slip", "fence"]
Deed = Callable[[], None]
"""What an alarm lets happen, carried out by whoever called `step`."""

SLIP_STARTS = (b"\x1b@",)


@dataclass(frozen=True, slots=True)
class _Armed:
    mark: Mark
    offset: int
    deed: Deed


class Alarms:
    """The alarms of one printer, sorted by position on each of the two counts."""

    def __init__(self, fences: tuple[bytes, ...]) -> None:
        self._patterns: dict[Mark, tuple[bytes, ...]] = {"slip": SLIP_STARTS, "fence": fences}
        self._executed: list[tuple[int, Deed]] = []
        self._received: list[tuple[int, Deed]] = []
        self._sought: list[_Armed] = []

    def arm(self, position: int, deed: Deed) -> None:
        """Go off when so many bytes have been executed."""
        self._executed.append((position, deed))
        self._executed.sort(key=lambda alarm: alarm[0])

    def arm_received(self, position: int, deed: Deed) -> None:
        """Go off when so many bytes have come in."""
        self._received.append((position, deed))
        self._received.sort(key=lambda alarm: alarm[0])

    def seek(self, mark: Mark, offset: int, deed: Deed) -> None:
        """Go off `offset` bytes behind the next such mark."""
        self._sought.append(_Armed(mark, offset, deed))

    @property
    def seeking(self) -> bool:
        """True while a mark is looked for."""
        return bool(self._sought)

    def room(self, received: int) -> int | None:
        """Bytes that may still come in before an alarm; None without one."""
        return max(0, self._received[0][0] - received) if self._received else None

    def left(self, executed: int) -> int | None:
        """Bytes that may still be executed before an alarm; None without one."""
        return max(0, self._executed[0][0] - executed) if self._executed else None

    def look(self, buffer: bytearray, executed: int) -> bool:
        """At the beginning of a command: place the alarms of a mark that begins here; False to wait for more bytes."""
        waiting: list[_Armed] = []
        unsure = False
        for armed in self._sought:
            seen = _match(self._patterns[armed.mark], buffer)
            if seen == "here":
                self.arm(executed + armed.offset, armed.deed)
                continue
            unsure |= seen == "perhaps"
            waiting.append(armed)
        self._sought = waiting
        return not unsure

    def due(self, executed: int, received: int) -> list[Deed]:
        """Take the alarms that go off now."""
        deeds: list[Deed] = []
        for alarms, count in ((self._executed, executed), (self._received, received)):
            while alarms and alarms[0][0] <= count:
                deeds.append(alarms.pop(0)[1])
        return deeds


def _match(patterns: tuple[bytes, ...], buffer: bytearray) -> Literal["here", "perhaps", "no"]:
    perhaps = False
    for pattern in patterns:
        head = bytes(buffer[: len(pattern)])
        if head == pattern:
            return "here"
        perhaps |= pattern.startswith(head)
    return "perhaps" if perhaps else "no"
