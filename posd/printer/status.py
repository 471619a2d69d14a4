"""What an ESC/POS printer says, told apart byte by byte. Pure: bytes in, messages out.

The bytes tell their kind by fixed bits (x is free):

    0xx1xx10  reply to DLE EOT n; which n is known by the order of asking
    0xx1xx00  first of four ASB bytes; the next three are 0xx0xxxx
    0xx0xxxx  elsewhere: reply to GS r or GS I
    11, 13    XON, XOFF: may come between any two bytes; the kernel's or the device's business, skipped
    35 37 3B 3D 5F  begins a block that ends with 00 (37 22 id 00: GS ( H, printing completed; 37 25 00: cleared)

Rules:
- Nothing that comes in stops the demultiplexer. A byte that cannot belong to what is under way ends that, is
  counted as `garbage` if it belongs to nothing, and begins anew what it can begin.
- A reply to DLE EOT is given in real time: inside ASB and inside a block it is heard, and these go on. That is why
  process ids use only bytes with bit 4 clear (fence.py): no reply can be taken for a part of one.
- A block that was begun by garbage swallows what follows up to the next 00. So a block ends with what its last bytes
  are: a whole process id there counts, whatever stands before it.
- What is under way for longer than `STALE_S` is dropped before the next byte: half a message after a lost byte
  never eats the next one.
- A block is at most `BLOCK_MAX` bytes.

Bits are those of the Epson TM-T88III and TM-U220A guides and the Citizen CT-S310 guide.
"""

from __future__ import annotations

from typing import NamedTuple

from posd.domain.device import Reason

STALE_S = 0.2
BLOCK_MAX = 96
_BLOCK_STARTS = frozenset((0x35, 0x37, 0x3B, 0x3D, 0x5F))
_FLOW = frozenset((0x11, 0x13))


class Realtime(NamedTuple):
    """A reply to DLE EOT."""

    value: int


class Asb(NamedTuple):
    """Four bytes of automatic status."""

    data: bytes


class Answer(NamedTuple):
    """A reply to GS r or GS I, which a printer gives when its buffer reaches the request."""

    value: int


class Completed(NamedTuple):
    """Everything before the request with this process id is printed (GS ( H fn 48)."""

    process: bytes


class Block(NamedTuple):
    """Any other block, without its final NUL."""

    data: bytes


Message = Realtime | Asb | Answer | Completed | Block


class Demultiplexer:
    """Keeps its place in the stream; `garbage` counts bytes that belonged to nothing."""

    def __init__(self) -> None:
        self.garbage = 0
        self._under_way = bytearray()
        self._since_s = 0.0

    def feed(self, data: bytes, now_s: float) -> list[Message]:
        """The messages that `data`, which came at `now_s` (monotonic), completes."""
        if self._under_way and now_s - self._since_s > STALE_S:
            self._drop()
        found: list[Message] = []
        for byte in data:
            if byte in _FLOW:
                continue
            message = self._continue(byte) if self._under_way else self._begin(byte)
            if message is not None:
                found.append(message)
        self._since_s = now_s
        return found

    def _drop(self) -> None:
        self.garbage += len(self._under_way)
        self._under_way.clear()

    def _begin(self, byte: int) -> Message | None:
        if byte in _BLOCK_STARTS or byte & 0x93 == 0x10:
            self._under_way.append(byte)
        elif byte & 0x93 == 0x12:
            return Realtime(byte)
        elif byte & 0x90 == 0x00:
            return Answer(byte)
        else:
            self.garbage += 1
        return None

    def _continue(self, byte: int) -> Message | None:
        if self._under_way[0] & 0x93 == 0x10:
            return self._continue_asb(byte)
        return self._continue_block(byte)

    def _continue_asb(self, byte: int) -> Message | None:
        if byte & 0x93 == 0x12:
            return Realtime(byte)
        if byte & 0x90:
            self._drop()
            return self._begin(byte)
        self._under_way.append(byte)
        if len(self._under_way) < 4:
            return None
        message = Asb(bytes(self._under_way))
        self._under_way.clear()
        return message

    def _continue_block(self, byte: int) -> Message | None:
        if byte == 0:
            data = bytes(self._under_way)
            self._under_way.clear()
            if _names_a_process(data[-6:]):
                self.garbage += len(data) - 6
                return Completed(data[-4:])
            return Block(data)
        if byte < 0x20 or (byte & 0x93 == 0x12 and b"\x37\x22".startswith(self._under_way[:2])):
            if byte & 0x93 == 0x12:
                return Realtime(byte)
            self._drop()
            return self._begin(byte)
        self._under_way.append(byte)
        if len(self._under_way) > BLOCK_MAX:
            self._drop()
        return None


def _names_a_process(tail: bytes) -> bool:
    """Whether the last bytes of a block are the answer to GS ( H."""
    return len(tail) == 6 and tail.startswith(b"\x37\x22") and not any(byte & 0x90 for byte in tail[2:])


class Status(NamedTuple):
    """What stands in the way of printing, and what will soon; sorted reason words. `waits`: the cause is gone, and the
    printer waits to be told to go on.
    """

    reasons: tuple[Reason, ...]
    waits: bool = False

    @property
    def stops(self) -> tuple[Reason, ...]:
        """The reasons that stop the paper."""
        return tuple(reason for reason in self.reasons if reason != "paper-near-end")


def status_of(found: dict[Reason, bool]) -> Status:
    """`offline` is said only where no other reason explains it."""
    if any(on for reason, on in found.items() if reason not in ("offline", "paper-near-end")):
        found["offline"] = False
    return Status(tuple(sorted(reason for reason, on in found.items() if on)))


def from_realtime(printer: int, offline: int, error: int, paper: int) -> Status:
    """The replies to DLE EOT 1, 2, 3, 4.

    Head heat and a cover opened while printing share the auto-recoverable bit (3, bit 6): it reads `head-hot`
    unless the cover is open.
    """
    cover = bool(offline & 0x04)
    end = bool(offline & 0x20 or paper & 0x60)
    return status_of(
        {
            "offline": bool(printer & 0x28),
            "cover-open": cover,
            "paper-end": end,
            "paper-near-end": bool(paper & 0x0C) and not end,
            "cutter": bool(error & 0x08),
            "unrecoverable": bool(error & 0x20),
            "head-hot": bool(error & 0x40) and not cover,
        }
    )._replace(waits=bool(printer & 0x20))


def from_asb(data: bytes) -> Status:
    """The four ASB bytes."""
    cover = bool(data[0] & 0x20)
    end = bool(data[2] & 0x0C)
    return status_of(
        {
            "offline": bool(data[0] & 0x08 or data[1] & 0x01),
            "cover-open": cover,
            "paper-end": end,
            "paper-near-end": bool(data[2] & 0x03) and not end,
            "cutter": bool(data[1] & 0x08),
            "unrecoverable": bool(data[1] & 0x20),
            "head-hot": bool(data[1] & 0x40) and not cover,
        }
    )._replace(waits=bool(data[1] & 0x01))


def says_paper_end(answer: int) -> bool:
    """Whether a reply to GS r 1 reports the end of the paper (bits 2, 3): printers differ in whether they answer at
    all then.
    """
    return bool(answer & 0x0C)
