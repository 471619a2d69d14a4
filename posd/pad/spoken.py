"""The words between posd and a serial signature pad (docs/serial-pad.md), and what the talk brings about. Pure."""

from __future__ import annotations

from math import ceil
from typing import Literal, NamedTuple

HELLO, LAST, SIGN, END, FETCH, DONE, TAKEN = 0xA0, 0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0xA8
HERE, LAST_OK, SIGNED, ENDED, STORED, DONE_OK, NOT_SIGNED = 0xB0, 0xB1, 0xB2, 0xB3, 0xB4, 0xB5, 0xC2
PATIENCE, HEARTBEAT, ZONE, BLANKS, TRIES = 0xD0, 0xD1, 0xE3, 0xE5, 0xF8
KEEPS_NONE = 0xF1

Result = Literal["captured", "cancelled", "timeout", "blank", "device", "restart"]


class Rules(NamedTuple):
    """What holds for every session. `area` and `picture` are widths and heights in the pad's dots."""

    timeout_s: float
    tries: int
    area: tuple[int, int] = (480, 160)
    picture: tuple[int, int] = (240, 80)

    @property
    def patience_s(self) -> int:
        """The same time in the pad's whole seconds, no less than posd's own while it can be told."""
        return min(max(ceil(self.timeout_s), 1), 255)

    def settings(self) -> list[bytes]:
        """The same as settings of the pad."""
        sizes = b"".join(side.to_bytes(2, "big") for side in (*self.area, *self.picture))
        return [
            bytes([BLANKS, 0]),
            bytes([TRIES, self.tries]),
            bytes([PATIENCE, self.patience_s]),
            bytes([ZONE]) + sizes,
        ]


class Say(NamedTuple):
    """Bytes for the line."""

    data: bytes


class Ready(NamedTuple):
    """The pad answers and takes sessions; `refused` are the codes of the settings that it does without."""

    refused: tuple[int, ...]


class Lost(NamedTuple):
    """The pad does not answer, or no longer; it is asked on."""


class Ended(NamedTuple):
    """How a session ended; `picture` as it came, when it was captured."""

    session: str
    result: Result
    picture: bytes = b""


class Dropped(NamedTuple):
    """A picture that was taken out of the pad and belongs to no session; `sequence` is the pad's number for it."""

    sequence: int


Out = Say | Ready | Lost | Ended | Dropped


class Stored(NamedTuple):
    """What a pad says of its memory: how many pictures are left with this one, and this one."""

    left: int
    sequence: bytes
    picture: bytes


def stored(data: bytes) -> Stored | None:
    """The one in a `STORED` message; None when it says that there is none, or says nothing."""
    if len(data) < 5 or data[1] in (0, KEEPS_NONE):
        return None
    return Stored(data[1], data[2:5], data[5:])
