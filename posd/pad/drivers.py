"""The pads that posd can drive: one row each, and what a row's actor must be (docs/pad-driver.md)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from posd.config import ConfigError, PadSection
from posd.domain.device import DeviceReport, LiveInk, SignOutcome, SignRequest
from posd.pad.actor import PadActor

Emit = Callable[[DeviceReport | SignOutcome], None]
"""Tells the desk, on the loop; never from within `begin` or `cancel`."""
Show = Callable[[str, LiveInk], None]
"""Shows what is being drawn for a transaction to those who watch."""


class Pad(Protocol):
    """An actor: owns one pad, runs one session at a time, ends each that was begun with exactly one SignOutcome."""

    async def run(self) -> None:
        """Own the pad until cancelled or closed, whatever happens to it; tell each change of its state once."""
        ...

    def begin(self, request: SignRequest) -> None:
        """Begin a session. Where there is no pad it ends as `device`, soon."""
        ...

    def cancel(self, session: str) -> None:
        """End the session as `cancelled`; nothing where it has ended already."""
        ...

    def poke(self) -> None:
        """Some device appeared: look for the pad now."""
        ...

    def alive(self) -> float:
        """Loop time of the last turn; one that falls 30 seconds behind ends posd."""
        ...

    async def close(self) -> None:
        """Give the pad back and end `run`; a session that is on ends as `restart` before this returns."""
        ...


Make = Callable[[PadSection, Emit, Callable[[], bool], Show], Pad]
"""Makes an actor on the loop, given `[pad]`, `emit`, whether somebody watches, and `show`. ConfigError for a section
that cannot be.
"""


def _serial(section: PadSection, emit: Emit, _watched: Callable[[], bool], _show: Show) -> Pad:
    from posd.pad.serial import SerialPad  # its protocols take memory that a box without one need not give

    return SerialPad(section, emit)


DRIVERS: dict[str, Make] = {
    "evdev": PadActor,
    "serial": _serial,
}


def check(section: PadSection) -> None:
    """ConfigError unless `pad.driver` is one of these, or none."""
    if section.driver != "none" and section.driver not in DRIVERS:
        known = ", ".join((*DRIVERS, "none"))
        raise ConfigError(f"pad.driver: there is no driver {section.driver!r}; write one of {known}")
