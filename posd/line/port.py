"""What a port is: bytes only. It opens, takes what it can without waiting, hands over what comes in, and says once when
it is gone.

Whoever uses it is on the event loop; a call that may block is made by a thread (opening.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class PortAbsent(Exception):
    """There is no such device now."""


class PortRefused(Exception):
    """The device is there but does not open: no permission, held by another program, not a tty, no answer. The
    message says which, and what helps.
    """


class PortGone(Exception):
    """The open device hung up."""


class Port(Protocol):
    """An open device."""

    path: str

    def start(self, on_data: Callable[[bytes], None], on_event: Callable[[], None]) -> None:
        """Begin to deliver: `on_data` for what comes in, `on_event` when the device takes bytes again or is gone."""

    def write(self, data: bytes | memoryview) -> int:
        """Bytes taken, 0 when the device takes none now (`on_event` tells when). PortGone."""

    def unsent(self) -> int:
        """Bytes that were taken and are still in this machine, as far as the device can say."""

    def discard(self) -> int:
        """Drop what was taken but not yet sent, as far as the device can; how many bytes are sure never to leave.
        A connection that can only drop all of itself is gone afterwards.
        """

    @property
    def gone(self) -> bool:
        """Whether the device hung up."""

    def stop(self) -> None:
        """Deliver nothing more; at once."""

    def release(self) -> None:
        """Let go of the device, behind `stop`. May block: called by a thread. Raises nothing."""
