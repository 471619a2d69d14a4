"""What a case is, and its name, by which it can be played again."""

from __future__ import annotations

from typing import Literal, NamedTuple

from tests.faults import slips
from tests.faults.faults import FAULTS

Restart = Literal["no", "same", "later"]
RESTARTS: tuple[Restart, ...] = ("no", "same", "later")
USB = "@usb"


class Case(NamedTuple):
    """`model` is one of the bench's, on a serial line, or with `@usb` behind it on USB. `at` is the byte, counted as
    the fault counts; `record`: posd is killed at this record of the journal instead.
    """

    kind: str
    model: str
    fault: str
    at: int
    restart: Restart = "no"
    record: Literal["", "lost", "kept"] = ""

    @property
    def printer(self) -> str:
        """The model's name."""
        return self.model.removesuffix(USB)

    @property
    def usb(self) -> bool:
        """Whether a cable is between them that is dead, and known to be, while the printer has no power. A serial line
        hides that: what is on it reaches the printer when the power is back.
        """
        return self.model.endswith(USB)

    def __str__(self) -> str:
        if self.record:
            return f"{self.kind}/{self.model}/record-{self.record}/{self.at}/{self.restart}"
        return "/".join(map(str, self[:5]))

    @classmethod
    def named(cls, name: str) -> Case:
        """The case of that name. ValueError."""
        kind, model, fault, at, restart = name.split("/")
        if restart not in RESTARTS or kind not in slips.KINDS:
            raise ValueError(f"no case is called {name}")
        if fault.startswith("record-"):
            return cls(kind, model, "kill", int(at), restart, "kept" if fault == "record-kept" else "lost")
        if fault not in FAULTS:
            raise ValueError(f"there is no fault {fault}")
        return cls(kind, model, fault, int(at), restart)
