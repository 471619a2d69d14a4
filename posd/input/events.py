"""From the bytes of an input device to whole frames of events. Pure.

Rules:
- A device sends records of `struct input_event` (linux/input.h: two time words, type, code, value). A record may arrive
  torn in two; the first half waits for the second.
- What happened at one moment is one frame; SYN_REPORT ends it. Half a frame is nothing yet.
- SYN_DROPPED says that the kernel's buffer ran over: everything up to and including the next SYN_REPORT is worthless
  and is thrown away. The reader is told when the loss begins and when it ends, for what it believed about pen and keys
  is then stale.
- A stream that goes on without a SYN_REPORT is no input device's: past `EVENTS_MAX` in one frame it is treated as a
  loss.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Literal, NamedTuple

EV_SYN, EV_KEY, EV_ABS, EV_LED = 0x00, 0x01, 0x03, 0x11
SYN_REPORT, SYN_DROPPED = 0, 3
ABS_X, ABS_Y, ABS_PRESSURE = 0x00, 0x01, 0x18
ABS_TOOL_WIDTH, ABS_MT_SLOT, ABS_MT_TOUCH_MAJOR = 0x1C, 0x2F, 0x30

NODE_RECORD = struct.Struct("@llHHi")
"""What the running kernel hands to this process."""
FIFO_RECORD = struct.Struct("<qqHHi")
"""What a FIFO carries on every machine: the records of a 64-bit kernel, 24 bytes each."""

EVENTS_MAX = 512


class Event(NamedTuple):
    """One change, in the kernel's numbers."""

    type: int
    code: int
    value: int


class Axis(NamedTuple):
    """The range of an absolute axis."""

    minimum: int
    maximum: int


class Snapshot(NamedTuple):
    """How a device stands now: the value of each absolute axis, and the codes of the keys and tools that are down."""

    axes: Mapping[int, int]
    keys: frozenset[int]


class Frame(NamedTuple):
    """The changes of one moment, at `time_us` of the device's clock.

    `loss="begins"`: from here on events are missing; no events in it. `loss="ends"`: whole again, `state` says how the
    device stands, where it can be asked.
    """

    time_us: int
    events: tuple[Event, ...] = ()
    loss: Literal["begins", "ends"] | None = None
    state: Snapshot | None = None


class Framer:
    """Bytes in, frames out; keeps less than one record of bytes and at most `EVENTS_MAX` events."""

    def __init__(self, record: struct.Struct) -> None:
        self._record = record
        self._torn = b""
        self._events: list[Event] = []
        self._losing = False

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that `data` completes, in order."""
        data = self._torn + data
        whole = len(data) - len(data) % self._record.size
        self._torn = data[whole:]
        frames: list[Frame] = []
        for sec, usec, kind, code, value in self._record.iter_unpack(data[:whole]):
            time_us = sec * 1_000_000 + usec
            if kind == EV_SYN and code == SYN_REPORT:
                self._report(time_us, frames)
            elif kind == EV_SYN and code == SYN_DROPPED:
                self._lose(time_us, frames)
            elif not self._losing:
                self._events.append(Event(kind, code, value))
                if len(self._events) > EVENTS_MAX:
                    self._lose(time_us, frames)
        return frames

    def skip(self, data: bytes) -> None:
        """Throw `data` away, but keep in step: a record or frame that it leaves unfinished does not come out later as
        if it were new.
        """
        self.feed(data)
        if self._events or self._torn:
            self._events.clear()
            self._losing = True

    def _report(self, time_us: int, frames: list[Frame]) -> None:
        if self._losing:
            self._losing = False
            frames.append(Frame(time_us, loss="ends"))
        elif self._events:
            frames.append(Frame(time_us, tuple(self._events)))
            self._events.clear()

    def _lose(self, time_us: int, frames: list[Frame]) -> None:
        self._events.clear()
        if not self._losing:
            self._losing = True
            frames.append(Frame(time_us, loss="begins"))
