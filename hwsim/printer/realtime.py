"""Commands that a printer serves the moment they arrive, ahead of everything in its buffer.

Rules: the scanner looks at every byte as it comes in and knows nothing of the commands around it; a picture that holds
the bytes of such a command triggers it. The bytes stay in the stream as well: inside another command they are that
command's data (as manuals say), between commands the interpreter drops them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

DLE, EOT, ENQ, DC4 = 0x10, 0x04, 0x05, 0x14

CLEAR_SEQUENCE = bytes([1, 3, 20, 1, 6, 2, 8])
"""What must follow DLE DC4 8 to clear the buffers."""


@dataclass(frozen=True, slots=True)
class RealTime:
    """One real-time command: all its bytes, and where in the fed bytes it ended."""

    data: bytes
    end: int


class Scanner:
    """Finds real-time commands in a stream that comes in pieces.

    `length` tells how long the command is that some bytes begin (more than there are while incomplete), 0 for none.
    """

    def __init__(self, length: Callable[[bytes | bytearray], int], leads: bytes = bytes([DLE])) -> None:
        self._length = length
        self._leads = re.compile(b"[" + re.escape(leads) + b"]")
        self._held = bytearray()

    def feed(self, data: bytes) -> list[RealTime]:
        """Take the next bytes; return the commands that ended in them, `end` counted from their start."""
        found: list[RealTime] = []
        index = 0
        while index < len(data):
            if not self._held:
                lead = self._leads.search(data, index)
                if lead is None:
                    break
                index = lead.start()
            self._held.append(data[index])
            index += 1
            while self._held:
                length = self._length(self._held)
                if length == 0:
                    # Not a command after all; what follows its first byte may start one.
                    del self._held[0]
                elif length == len(self._held):
                    found.append(RealTime(bytes(self._held), index))
                    self._held.clear()
                else:
                    break
        return found


def command_length(held: bytes | bytearray) -> int:
    """Length of the real-time command that `held` begins (more than is held while incomplete); 0 if it begins none."""
    if held[0] != DLE:
        return 0
    if len(held) == 1:
        return 2
    code = held[1]
    if code not in (EOT, ENQ, DC4):
        return 0
    if len(held) == 2:
        return 3
    n = held[2]
    if code == EOT:
        return 3 if 1 <= n <= 4 else (4 if n in (7, 8, 18) else 0)
    if code == ENQ:
        return 3 if n in (0, 1, 2) else 0
    return {1: 5, 2: 5, 8: 10}.get(n, 0)
