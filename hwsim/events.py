"""`struct input_event` of 64-bit Linux, as pads and keypads send it.

Rules: only whole records; a burst is the records of one report, ended by SYN_REPORT, and carries one time stamp.
"""

from __future__ import annotations

import struct

RECORD = struct.Struct("llHHi")
"""Seconds, microseconds, type, code, value."""

EV_SYN, EV_KEY, EV_ABS = 0, 1, 3
SYN_REPORT, SYN_DROPPED = 0, 3
ABS_X, ABS_Y, ABS_PRESSURE = 0x00, 0x01, 0x18
BTN_0, BTN_1, BTN_2 = 0x100, 0x101, 0x102
BTN_TOOL_PEN, BTN_TOUCH = 0x140, 0x14A

PAD_WIDTH, PAD_HEIGHT, PRESSURE_MAX = 4096, 2048, 1023

Event = tuple[int, int, int]
"""Type, code and value."""


def burst(time: float, events: list[Event]) -> bytes:
    """The records of one report at that time (seconds since the epoch)."""
    seconds, micros = divmod(round(time * 1_000_000), 1_000_000)
    records = [*events, (EV_SYN, SYN_REPORT, 0)]
    return b"".join(RECORD.pack(seconds, micros, *event) for event in records)


def dropped(time: float) -> bytes:
    """The records by which the kernel says that reports were lost."""
    return burst(time, [(EV_SYN, SYN_DROPPED, 0)])
