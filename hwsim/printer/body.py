"""What a language may do to the printer, and what the printer needs of a language.

Rule: a language (`device_commands.EscPos`, `star.Star`) knows the host's commands and replies and nothing of buffers,
time or paper; the printer (`machine.Printer`) knows those and no command.
"""

from __future__ import annotations

from typing import Protocol

from hwsim.printer.interpreter import Interpreter
from hwsim.printer.models import Model
from hwsim.printer.realtime import RealTime
from hwsim.printer.status import Condition
from hwsim.printer.strips import Fence, Item
from hwsim.printer.typesetter import Typesetter


class Body(Protocol):
    """The printer, as a language sees it."""

    model: Model
    condition: Condition
    setter: Typesetter

    def reply(self, data: bytes, *, to_all: bool = False) -> None:
        """Send bytes to the host, or to every host on the network."""

    def put_out(self, item: Item) -> None:
        """Hand an item to the mechanism."""

    def clear(self) -> None:
        """Forget what waits in the buffers; what is on paper stays there."""

    def recover(self, *, clear: bool) -> None:
        """Go on after a fault, with what waits or without it."""

    def restart(self) -> None:
        """Begin anew, as when switched on."""

    def kick_drawer(self) -> None:
        """Open the drawer."""

    def forget(self, count: int) -> None:
        """Take the last executed bytes out of the slip's: they did not make it."""


class Language(Protocol):
    """What the printer asks of a language; made anew when the printer is switched on."""

    interpreter: Interpreter

    @property
    def fences(self) -> tuple[bytes, ...]:
        """How the commands begin that ask whether all before them is printed."""

    def scan(self, data: bytes) -> list[RealTime]:
        """The real-time commands that end in these bytes."""

    def serve(self, command: RealTime) -> None:
        """Carry one out."""

    def report(self) -> None:
        """The condition may have changed: tell the host if it asked for that."""

    def passed(self, fence: Fence) -> None:
        """All before a fence is on paper."""
