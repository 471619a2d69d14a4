"""How old the archive's files are, by a clock that may leap. Pure.

A battery runs flat, a time server errs, somebody types a wrong year: nothing may be deleted for that. What can be
believed is work: each file was begun on a day on which the shop sold.

Rules
- The order of the files is the truth, and time does not go back: a file is at least as young as the ones before it.
- A time that is more than LEAP_MS after what is believed is believed only when the shop has worked on so many different
  days behind that leap, WORK_DAYS, without going back before it. By then the wrong date stood on many slips. So a shop
  that was closed for a season keeps its oldest files two weeks longer.
- Until then the newest time that is believed counts instead, for what was written and for now. What was wrong for a
  while and never believed ages nothing, and makes nothing younger.
"""

from __future__ import annotations

from collections.abc import Sequence

DAY_MS = 86_400_000
LEAP_MS = 31 * DAY_MS
WORK_DAYS = 14


def believed(begun_ms: Sequence[int], now_ms: int) -> tuple[list[int], int]:
    """Of the times at which files were begun, in their order, and of now: what is believed."""
    times: list[int] = []
    trusted = begun_ms[0] if begun_ms else now_ms
    leapt: list[int] = []
    for at, begun in enumerate(begun_ms):
        if begun <= trusted + LEAP_MS:
            trusted, leapt = max(trusted, begun), []
        elif leapt and begun < begun_ms[leapt[0]]:
            leapt = [at]
        else:
            leapt.append(at)
        times.append(trusted)
        if len({begun_ms[one] // DAY_MS for one in leapt}) >= WORK_DAYS:
            for one in leapt:
                trusted = times[one] = max(trusted, begun_ms[one])
            leapt = []
    return times, max(trusted, now_ms) if now_ms <= trusted + LEAP_MS else trusted
