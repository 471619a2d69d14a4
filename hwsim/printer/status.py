"""The printer's condition, and the bytes that tell it to a host.

Rules: conditions are facts about the device (`Condition`), set only by faults and the mechanism; the bytes are derived
from them here and nowhere else. Fixed bits let a host tell replies apart: DLE EOT `0xx1xx10`, first byte of an
automatic status `0xx1xx00`, its other bytes and GS r `0xx0xxxx`.
"""

from __future__ import annotations

from dataclasses import dataclass

from hwsim.printer.models import Model

ASB_DRAWER, ASB_ONLINE, ASB_ERROR, ASB_PAPER, ASB_SWITCH = 0x01, 0x02, 0x04, 0x08, 0x40

ASB_WATCHED = {
    ASB_DRAWER: (0x04, 0x00, 0x00),
    ASB_ONLINE: (0x28, 0x01, 0x00),
    ASB_ERROR: (0x00, 0x6C, 0x00),
    ASB_PAPER: (0x00, 0x00, 0x0F),
    ASB_SWITCH: (0x40, 0x02, 0x00),
}
"""For each bit of GS a's argument the bits of the first three status bytes whose change is reported."""


@dataclass(slots=True)
class Condition:
    """What is wrong with the printer; all False is a printer that prints."""

    paper_out: bool = False
    near_end: bool = False
    cover_open: bool = False
    cover_opened_while_printing: bool = False
    cutter_error: bool = False
    head_hot: bool = False
    broken: bool = False
    offline: bool = False
    """Put offline by a hand on the feed button."""
    waiting: bool = False
    """The cause of a fault is gone, and the printer waits to be told to go on."""

    @property
    def halted(self) -> bool:
        """True while neither the mechanism moves nor the receive buffer is worked on."""
        return (
            self.paper_out
            or self.cover_open
            or self.cutter_error
            or self.head_hot
            or self.broken
            or self.offline
            or self.waiting
        )

    @property
    def auto_recoverable(self) -> bool:
        """True for an error that goes away by itself with its cause."""
        return self.head_hot or self.cover_opened_while_printing

    @property
    def facts(self) -> tuple[bool, ...]:
        """All of it, to be compared."""
        return (
            self.paper_out,
            self.near_end,
            self.cover_open,
            self.cover_opened_while_printing,
            self.cutter_error,
            self.head_hot,
            self.broken,
            self.offline,
            self.waiting,
        )

    def words(self) -> list[str]:
        """The faults that stand, as the words a person uses."""
        table = {
            "paper-out": self.paper_out,
            "near-end": self.near_end,
            "cover-open": self.cover_open,
            "cutter-jam": self.cutter_error,
            "head-hot": self.head_hot,
            "broken": self.broken,
            "offline": self.offline,
            "waiting": self.waiting,
        }
        return [word for word, stands in table.items() if stands]


def real_time_status(model: Model, condition: Condition, n: int) -> bytes:
    """The answer to DLE EOT n (1 byte), empty for an n the printer does not know."""
    c = condition
    if n == 1:
        bits = 0x04 * model.drawer_pin_high | 0x08 * c.halted | 0x20 * c.waiting | 0x40 * c.offline
    elif n == 2:
        error = c.cutter_error or c.broken or c.auto_recoverable
        bits = 0x04 * c.cover_open | 0x08 * c.offline | 0x20 * c.paper_out | 0x40 * error
    elif n == 3:
        bits = 0x08 * c.cutter_error | 0x20 * c.broken | 0x40 * c.auto_recoverable
    elif n == 4:
        bits = 0x0C * near_end(model, c) | 0x60 * c.paper_out
    else:
        return b""
    return bytes([0x12 | bits])


def automatic_status(model: Model, condition: Condition) -> bytes:
    """The four bytes of an automatic status."""
    c = condition
    one = 0x10 | 0x04 * model.drawer_pin_high | 0x08 * c.halted | 0x20 * c.cover_open | 0x40 * c.offline
    two = 0x01 * c.waiting | 0x02 * c.offline | 0x08 * c.cutter_error | 0x20 * c.broken | 0x40 * c.auto_recoverable
    three = 0x03 * near_end(model, c) | 0x0C * c.paper_out
    return bytes([one, two, three, model.asb_byte_4])


def status_changed(before: bytes, after: bytes, wanted: int) -> bool:
    """True if a change from one automatic status to the other is among the kinds that GS a asked for."""
    for bit, masks in ASB_WATCHED.items():
        if wanted & bit and any((b ^ a) & m for b, a, m in zip(before, after, masks, strict=False)):
            return True
    return False


def paper_status(model: Model, condition: Condition) -> bytes:
    """The answer to GS r 1."""
    return bytes([0x03 * near_end(model, condition) | 0x0C * condition.paper_out])


def drawer_status(model: Model) -> bytes:
    """The answer to GS r 2."""
    return bytes([0x01 * model.drawer_pin_high])


def near_end(model: Model, condition: Condition) -> bool:
    """The near-end sensor looks at the same roll: with no paper it reports too."""
    return model.has_near_end_sensor and (condition.near_end or condition.paper_out)
