"""What a printer can do, found out by asking its buffer; and with that, that nothing older is still to come from it.

- ESC/POS: one question is a process id (GS ( H), GS r 1, ESC @ and GS a. What is answered of the first two is the
  fence, the process id before GS r; what GS a brings is automatic status. ESC @ clears what a printer that knows none
  of it took for text, before it can be printed.
- Star line mode: ESC GS ETX with an id, ESC @ and ESC RS a. Where the echo does not come, the counter is set to zero
  (ESC RS E) and raised by so many ETB that no ETB of a slip which was given up, and is still to be executed, could
  bring it there.

All answers come in order: when this question is answered, so is everything that was asked before it. GS r has no id, so
an answer may be one to an older question, of a posd that was killed or behind a cable that was out: a slip that is
still in the printer's buffer has such questions inside. Where there may be such strays they are let go by until none
has come for a while, and then it counts whether one more question is answered. Model and serial number (GS I) are asked
only of a printer with process ids: what a clone makes of GS I could pass for the answer to a GS r.
"""

from __future__ import annotations

from posd.printer.fence import ETB, FenceKind, document_id, process_id, request
from posd.printer.link import Link
from posd.printer.memory import Abilities

LATE_S = 0.2
"""An answer that comes at all comes so soon behind the one before it."""
STRAY_S = 1.5
"""Two questions inside a slip are not further apart on paper (marks.py)."""
STRAYS_S = 120.0
"""A printer that has not come to an end by then is not ready."""
_TELL_S = 0.5
_MODEL, _SERIAL = b"\x1dI\x43", b"\x1dI\x44"
_TEXT_MAX = 40
_COUNTER_RESET = b"\x1b\x1eE\x00"
_COUNTS, _LATE_COUNTS = (8, 24), 6


async def ask_buffer(
    link: Link, number: int, fence: FenceKind | None, within_s: float, *, strays: bool = False
) -> Abilities | None:
    """The abilities, or None when nothing answers `within_s`. `number` was in no question before. `fence` is what the
    printer had before, if known: a process id is then waited for longer than GS r alone. `strays`: it may owe answers
    of which this link does not know. PortGone.
    """
    link.completed.clear()
    link.answers.clear()
    link.asb_seen = False
    link.documents = None
    if link.language.name == "star":
        return await _ask_star(link, number, fence, within_s)
    return await _ask_escpos(link, process_id(number), fence, within_s, strays)


async def _ask_escpos(
    link: Link, process: bytes, fence: FenceKind | None, within_s: float, strays: bool
) -> Abilities | None:
    deadline_s = link.clock() + within_s
    question = request("process-id", process) + request("paper-status", process)
    if not await link.send(question + link.language.reset + link.language.asb_on, within_s):
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
        if (strays or link.owed) and not await _alone(link, within_s):
            return None
    return Abilities(found, await link.wait_for(lambda: link.asb_seen, LATE_S))


async def _alone(link: Link, within_s: float) -> bool:
    """Let the answers come and go that are owed to older questions, for none of them may pass for one to a later;
    whether one more question is answered when they are over. It is not where the printer is stuck in a command.
    """
    deadline_s = link.clock() + STRAYS_S
    while await link.wait_for(lambda: link.answers, STRAY_S):
        link.answers.clear()
        if link.clock() > deadline_s:
            return False
    if not await link.send(request("paper-status", b""), within_s):
        return False
    link.owed = 1
    answered = await link.wait_for(lambda: link.answers, within_s)
    link.answers.clear()
    return answered


async def _ask_star(link: Link, number: int, fence: FenceKind | None, within_s: float) -> Abilities | None:
    document = document_id(number)
    if fence != "star-counter":
        if not await link.send(request("star-document", document) + link.language.reset, within_s):
            return None
        if await link.wait_for(lambda: document in link.completed, within_s):
            return Abilities("star-document", await _star_tells(link, within_s))
    if await link.round() is None:
        return None
    count = next(number for number in range(*_COUNTS) if (number - link.counter) % 32 > _LATE_COUNTS)
    after = bytes((count,))
    link.completed.clear()
    if not await link.send(_COUNTER_RESET + ETB * count + link.language.reset, within_s):
        return None
    deadline_s = link.clock() + within_s
    while not await link.wait_for(lambda: after in link.completed, LATE_S):
        if link.clock() > deadline_s or await link.round() is None:
            return None
    return Abilities("star-counter", await _star_tells(link, within_s))


async def _star_tells(link: Link, within_s: float) -> bool:
    link.asb_seen = False
    if not await link.send(link.language.asb_on, within_s):
        return False
    return await link.wait_for(lambda: link.asb_seen, LATE_S)


async def ask_name(link: Link, fence: FenceKind) -> tuple[str, str]:
    """Model and serial number as the printer tells them; empty where it does not. PortGone."""
    if fence != "process-id":
        return "", ""
    return await _ask_text(link, _MODEL), await _ask_text(link, _SERIAL)


async def _ask_text(link: Link, question: bytes) -> str:
    link.told.clear()
    if not await link.send(question, _TELL_S) or not await link.wait_for(lambda: link.told, _TELL_S):
        return ""
    text = link.told.popleft().decode("ascii", "replace")
    return "".join(char for char in text if char.isprintable())[:_TEXT_MAX].strip()
