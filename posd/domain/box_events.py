"""The events about the box: devices, what they have done, self-tests, exports, the clock. The rest is in events.py."""

from __future__ import annotations

from typing import Literal

import msgspec

from posd.domain.device import DeviceName, DeviceState, Reason
from posd.domain.event import Event


class DeviceChanged(Event, frozen=True, tag="device.changed"):
    """A device became another state or has other reasons. `more`: so often it changed since `since` (milliseconds)
    without a record of its own; this is how it stands at the end of that.
    """

    device: DeviceName
    state: DeviceState
    reasons: tuple[Reason, ...] = ()
    detail: str = ""
    more: int = 0
    since: int = 0


class DeviceCounted(Event, frozen=True, tag="device.counted"):
    """What a device has done and met so far: running totals, so that the newest record of a unit says all.

    `unit`: its model and serial number, or the device's name where these are not known. `faults`: how often each reason
    came up.
    """

    unit: str
    slips: int = 0
    lines: int = 0
    cuts: int = 0
    paper_mm: int = 0
    head_ms: int = 0
    faults: dict[str, int] = msgspec.field(default_factory=dict)


class SelftestChanged(Event, frozen=True, tag="selftest.changed"):
    """A slip that is no sale's was asked for (`queued`, with the caller's key), is about to be sent, or ended: the
    self-test, or the handover of the shift `shift`.
    """

    job: str
    state: Literal["queued", "printing", "printed", "failed", "unknown"]
    proof: Literal["confirmed", "assumed"] | None = None
    cause: str | None = None
    key: str | None = None
    content: str | None = None
    what: Literal["selftest", "handover"] = "selftest"
    shift: str = ""


class ExportAcknowledged(Event, frozen=True, tag="export.acknowledged"):
    """A receiver has everything up to this sequence number."""

    through: int


class ClockSuspect(Event, frozen=True, tag="clock.suspect"):
    """The wall clock cannot be right: it stood behind the newest journal time or the build date, or leapt ahead of what
    the monotonic clock allows. `newest` is the newest trusted time, milliseconds; until the clock is trusted again the
    times of events are taken to be wrong by `skew` milliseconds. 0: not known (a record of an early posd).
    """

    newest: int
    skew: int = 0


class ClockTrusted(Event, frozen=True, tag="clock.trusted"):
    """The wall clock is right again, by itself or because a person says so."""
