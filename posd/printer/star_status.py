"""What a printer in Star line mode says, told apart byte by byte. Pure: bytes in, messages out.

    0xx0xxx1  first byte of a status; it tells the status' length (bits 6, 5, 3, 2, 1 from high to low)
    xxx0xxx0  its other bytes. Bit 7 of the second is set on a network: then two bytes of length follow the status, and
              behind them data that comes as it would without a network
    1B 1D 03  begins the echo of ESC GS ETX: function, the two bytes of the id, the counter, 00
    11, 13    XON, XOFF: skipped

The status bytes, counted from 1: 3 cover (bit 5), offline (3); 4 head hot (6), unrecoverable (5), cutter (3); 6 paper
end (3), near-end (2 and 1); 8 the counter of ETB (6, 5, 3, 2, 1). The same bytes come unasked, when something changes,
and in answer to ESC ACK SOH.

The rules are those of status.py: nothing that comes in stops it, what cannot go on begins anew, what is half done for
too long is dropped.

Source: Star line mode command specifications (line thermal printers), appendix 2; ESC GS ETX: StarPRNT SM-L manual.
"""

from __future__ import annotations

from typing import NamedTuple

from posd.printer.status import STALE_S, Status, status_of

STATUS_BYTES_MIN = 7
STATUS_BYTES_MAX = 15
_ECHO = b"\x1b\x1d\x03"
_ECHO_BYTES = 8
_FLOW = frozenset((0x11, 0x13))


class StarStatus(NamedTuple):
    """A whole status."""

    data: bytes

    @property
    def counter(self) -> int | None:
        """How often ETB was executed, modulo 32; None on a printer that does not count."""
        return five_bits(self.data[7]) if len(self.data) > 7 else None


class Echo(NamedTuple):
    """Everything before the ESC GS ETX with this id is printed; its number since the power came, modulo 256."""

    process: bytes
    number: int


StarMessage = StarStatus | Echo


def five_bits(byte: int) -> int:
    """A number in bits 6, 5, 3, 2, 1: bits 4 and 0 tell the kind of byte."""
    return byte >> 2 & 0x18 | byte >> 1 & 0x07


class StarDemultiplexer:
    """Keeps its place in the stream; `garbage` counts bytes that belonged to nothing."""

    def __init__(self) -> None:
        self.garbage = 0
        self._under_way = bytearray()
        self._skips = 0
        self._since_s = 0.0

    def feed(self, data: bytes, now_s: float) -> list[StarMessage]:
        """The messages that `data`, which came at `now_s` (monotonic), completes."""
        if now_s - self._since_s > STALE_S:
            self._drop()
            self._skips = 0
        found: list[StarMessage] = []
        for byte in data:
            if byte in _FLOW:
                continue
            if self._skips:
                self._skips -= 1
                continue
            if not self._under_way:
                self._begin(byte)
            elif (message := self._continue(byte)) is not None:
                found.append(message)
        self._since_s = now_s
        return found

    def _drop(self) -> None:
        self.garbage += len(self._under_way)
        self._under_way.clear()

    def _begin(self, byte: int) -> None:
        begins = byte & 0x91 == 0x01 and STATUS_BYTES_MIN <= five_bits(byte) <= STATUS_BYTES_MAX
        if begins or byte == _ECHO[0]:
            self._under_way.append(byte)
        else:
            self.garbage += 1

    def _continue(self, byte: int) -> StarMessage | None:
        if self._under_way[0] == _ECHO[0]:
            return self._continue_echo(byte)
        second = len(self._under_way) == 1
        if byte & (0x11 if second else 0x91):
            self._drop()
            self._begin(byte)
            return None
        self._under_way.append(byte)
        if len(self._under_way) < five_bits(self._under_way[0]):
            return None
        message = StarStatus(bytes(self._under_way))
        self._under_way.clear()
        self._skips = 2 if message.data[1] & 0x80 else 0
        return message

    def _continue_echo(self, byte: int) -> StarMessage | None:
        place = len(self._under_way)
        if place < len(_ECHO) and byte != _ECHO[place]:
            self._drop()
            self._begin(byte)
            return None
        self._under_way.append(byte)
        if place + 1 < _ECHO_BYTES:
            return None
        echo = Echo(bytes(self._under_way[4:6]), self._under_way[6])
        self._under_way.clear()
        return echo


def from_star(data: bytes) -> Status:
    """The bytes of a StarStatus."""
    end = bool(data[5] & 0x08)
    return status_of(
        {
            "offline": bool(data[2] & 0x48),
            "cover-open": bool(data[2] & 0x20),
            "paper-end": end,
            "paper-near-end": bool(data[5] & 0x06) and not end,
            "cutter": bool(data[3] & 0x08),
            "unrecoverable": bool(data[3] & 0x20),
            "head-hot": bool(data[3] & 0x40),
        }
    )
