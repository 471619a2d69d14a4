"""Frames of a serial signature pad. Pure; the caller has the clock (seconds that only go forward).

    STX  length, 2 bytes, high first  data  ETX  LRC

`length` counts data and ETX; LRC is the exclusive or from `length` to ETX (docs/serial-pad.md).

Rules of reading: bytes before an STX are noise. A frame that proves broken is given up from its STX on, and what
followed that STX is searched again, so a good frame inside a broken one is found, and noise can hide none. A frame
whose bytes stop coming for `GAP_S` is broken too: a damaged length cannot swallow what comes later.
"""

from __future__ import annotations

from functools import reduce
from operator import xor

STX, ETX = 0x02, 0x03
LENGTH_MAX = 0xFFFF
DATA_MAX = LENGTH_MAX - 1
GAP_S = 0.5
_HEAD, _TAIL = 3, 1


def frame(data: bytes) -> bytes:
    """The frame that carries `data`, 1 to `DATA_MAX` bytes."""
    assert 0 < len(data) <= DATA_MAX, f"{len(data)} bytes do not fit into a frame"
    checked = (len(data) + 1).to_bytes(2, "big") + data + bytes([ETX])
    return bytes([STX]) + checked + bytes([_lrc(checked)])


class Framer:
    """Bytes in, whole data of good frames out. `lost` counts the bytes that belonged to none."""

    def __init__(self) -> None:
        self.lost = 0
        self._held = bytearray()
        self._heard_s = 0.0

    @property
    def deadline_s(self) -> float | None:
        """When `expire` has something to do; None while no frame has begun."""
        return self._heard_s + GAP_S if self._held else None

    def feed(self, data: bytes, now_s: float) -> list[bytes]:
        """What was completed by `data`."""
        found = self.expire(now_s)
        self._held += data
        self._heard_s = now_s
        return found + self._search()

    def expire(self, now_s: float) -> list[bytes]:
        """Give up a frame that goes on no more; the good frames that stood inside it."""
        found: list[bytes] = []
        while self._held and now_s >= self._heard_s + GAP_S:
            self._drop(1)
            found += self._search()
        return found

    def _search(self) -> list[bytes]:
        found: list[bytes] = []
        while True:
            start = self._held.find(STX)
            self._drop(start if start >= 0 else len(self._held))
            if len(self._held) < _HEAD:
                return found
            length = int.from_bytes(self._held[1:_HEAD], "big")
            whole = _HEAD + length + _TAIL
            if length > 1 and len(self._held) < whole:
                return found
            if length > 1 and self._held[whole - 2] == ETX and _lrc(self._held[1 : whole - 1]) == self._held[whole - 1]:
                found.append(bytes(self._held[_HEAD : whole - 2]))
                del self._held[:whole]
            else:
                self._drop(1)

    def _drop(self, count: int) -> None:
        self.lost += count
        del self._held[:count]


def _lrc(data: bytes | bytearray) -> int:
    return reduce(xor, data, 0)
