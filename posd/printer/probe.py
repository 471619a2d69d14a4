"""What a printer can do, found out by asking its buffer; and with that, that nothing older is still to come from it.

One question is a process id (GS ( H), GS r 1, ESC @ and GS a. What is answered of the first two is the fence, the
process id before GS r; what GS a brings is automatic status. ESC @ clears what a printer that knows none of it took
for text, before it can be printed.

All answers come in order: when this question is answered, so is everything that was asked before it. GS r has no
id, so its answers are waited out.
"""

from __future__ import annotations

from typing import NamedTuple

from posd.printer.fence import FenceKind, request
from posd.printer.link import Link

RESET = b"\x1b@"
ASB_ON = b"\x1da\x0e"
"""Automatic status on every change of online state, errors and paper; not of the drawer."""
FLUSH = bytes(8192)
"""Fills what a command that was cut short still waits for. As text, NUL prints nothing."""
LATE_S = 0.2
"""An answer that comes at all comes so soon behind the one before it."""


class Abilities(NamedTuple):
    """The fence to use, and whether the printer tells its status by itself."""

    fence: FenceKind
    asb: bool


async def ask_buffer(link: Link, process: bytes, fence: FenceKind | None, within_s: float) -> Abilities | None:
    """The abilities, or None when nothing answers `within_s`. `fence` is what the printer had before, if known: a
    process id is then waited for longer than GS r alone. PortGone.
    """
    link.completed.clear()
    link.answers.clear()
    link.asb_seen = False
    deadline_s = link.clock() + within_s
    if not await link.send(
        request("process-id", process) + request("paper-status", process) + RESET + ASB_ON, within_s
    ):
        return None
    link.owed += 1
    enough = fence == "process-id"
    await link.wait_for(lambda: process in link.completed or (link.answers and not enough), deadline_s - link.clock())
    if not link.answers and process not in link.completed:
        return None
    if await link.wait_for(lambda: process in link.completed, LATE_S):
        found: FenceKind = "process-id"
    else:
        found = "paper-status"
        await _wait_out(link, within_s)
    return Abilities(found, await link.wait_for(lambda: link.asb_seen, LATE_S))


async def _wait_out(link: Link, within_s: float) -> None:
    """Let the answers come and go that are owed to older questions, for none of them may pass for one to a later.
    What does not come `within_s` was lost: the printer was mute, or its buffer was cleared.
    """
    while link.owed and await link.wait_for(lambda: link.answers, within_s):
        link.answers.clear()
    link.owed = 0
