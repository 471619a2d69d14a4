"""What a copy of a slip may be and become.

A copy is one for each of merchant and customer (number 0, the original) and one for each reprint (number 1 and up).

    queued -> printing -> printed | failed | unknown
queued -> failed                (too old to print by itself: it waits for a person)
failed -> printing | queued     (provably nothing came out: it may go again, with the same mark)
failed -> failed                (it went again for too long: now it waits for a person)
unknown -> printed | queued     (a person settled it: it came out, or it did not and is owed again)
queued | failed -> cancelled    (a reprint that is withdrawn before its first byte)

A copy that was ever unknown carries the mark of a possible duplicate in whatever prints of it from then on, whatever a
person said (law 2).
"""

from __future__ import annotations

from typing import Literal

CopyState = Literal["queued", "printing", "printed", "failed", "unknown", "cancelled"]

TRANSITIONS: dict[CopyState, frozenset[CopyState]] = {
    "queued": frozenset({"printing", "failed", "cancelled"}),
    "printing": frozenset({"printed", "failed", "unknown"}),
    "printed": frozenset(),
    "failed": frozenset({"printing", "queued", "failed", "cancelled"}),
    "unknown": frozenset({"printed", "queued"}),
    "cancelled": frozenset(),
}

WAITING: frozenset[CopyState] = frozenset({"queued", "failed"})
"""States in which a copy is owed and may be started."""
OPEN: frozenset[CopyState] = frozenset({"queued", "printing", "failed", "unknown"})
"""States in which something about the copy is still owed."""
