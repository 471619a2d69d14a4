"""When the watchdog may be petted: only while every watched part has answered within its own deadline.

Pure: the caller has the clock (monotonic seconds) and does the petting. A part is something that must keep turning: the
event loop, the journal's writer, a device's actor. Each says `answered` whenever it has done a round of its work; a
part that is silent past its deadline withholds the pet, so that the manager restarts posd, whose state is in the
journal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(slots=True)
class _Part:
    deadline_s: float
    answered_s: float


class Watchdog:
    """The watched parts and when each last answered."""

    def __init__(self) -> None:
        self._parts: dict[str, _Part] = {}

    def watch(self, part: str, deadline_s: float, now_s: float) -> None:
        """From `now_s` on `part` must answer at least every `deadline_s` seconds; watching it again sets a new
        deadline.
        """
        if deadline_s <= 0:
            raise ValueError(f"the deadline of {part} must be positive, not {deadline_s}")
        self._parts[part] = _Part(deadline_s, now_s)

    def answered(self, part: str, now_s: float) -> None:
        """`part` is alive at `now_s`; KeyError if nobody watches it, since that is a slip in the wiring."""
        self._parts[part].answered_s = now_s

    def overdue(self, now_s: float) -> tuple[str, ...]:
        """The parts that are silent past their deadline, longest overdue first; the watchdog may be petted only if
        there is none.
        """
        late = [(part.answered_s + part.deadline_s - now_s, name) for name, part in self._parts.items()]
        return tuple(name for left_s, name in sorted(late) if left_s < 0)


def pet_interval_s(environ: Mapping[str, str], pid: int) -> float | None:
    """Seconds between pets, half of what the manager allows, from WATCHDOG_USEC and WATCHDOG_PID; None if it does not
    watch this process.
    """
    try:
        allowed_us = int(environ.get("WATCHDOG_USEC", "0"))
        watched = int(environ.get("WATCHDOG_PID", pid))
    except ValueError:
        return None
    return allowed_us / 2_000_000 if allowed_us > 0 and watched == pid else None
