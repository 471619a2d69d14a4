"""Becoming ready: from an open port to a printer that answers, that nothing stops, and whose buffer was probed.

0. Behind a slip that may have broken off inside a command (`cut_short`, `strays`) a few NULs go ahead of each question:
   a command whose size is still to come must not take it from the question, or it would wait for megabytes.
1. Ask for the status until a whole round is answered. No answer: again after a pause that doubles. A device that
   answers nothing to any query never gets past this: bytes sent to it prove nothing.
2. While paper, cover and the like stop it: asked once a second. A cutter error is ended (recovery.py).
3. Clean up behind a slip that may have broken off inside a command, and only then (`cut_short`): the next bytes would
   be taken for that command's data, the next slip would come out as garbage. `clear` (DLE DC4 8) where the printer
   says that it did, else 8,192 NULs, which fill any command of ours that is still open: raster data goes out in bands
   of less.
4. Probe the buffer (probe.py). No answer: it may be stuck in a command from before our time: 3, and the probe once
   more. A printer that answers its status, reports no fault and still does not answer its buffer has no fence, unless
   it is known to have one (memory.py): then it is stuck or still busy, and is asked again, however often it was gone
   meanwhile. To take it for another one that has none would have it swallow slips that are assumed to be printed.
"""

from __future__ import annotations

from collections.abc import Callable

from posd.domain.backoff import Backoff
from posd.printer.language import FLUSH
from posd.printer.link import Link
from posd.printer.memory import Abilities, Memory
from posd.printer.probe import ask_buffer, ask_name
from posd.printer.recovery import Recovery
from posd.printer.status import Status

FAULT_POLL_S = 1.0
"""A printer that reports a fault is asked so often."""
PADDING = bytes(16)
"""More than any command of ours has of sizes."""
_FIRST_PROBE_S = 1.0
_CLEAR_S = 1.0


class Ready:
    """Makes the printer behind one device ready, again and again. `answer_s` is its time to answer, `line_bytes_s` the
    line's speed; `number` gives a new number for each question.
    """

    def __init__(
        self, device: str, answer_s: float, line_bytes_s: float, memory: Memory, number: Callable[[], int]
    ) -> None:
        self.can: Abilities | None = None
        self.name = ("", "")
        self.cut_short = self.strays = False
        self.recovery = Recovery()
        self._device, self._answer_s, self._memory, self._number = device, answer_s, memory, number
        self._line_s = len(FLUSH) / line_bytes_s
        self._known: Abilities | None = None
        self._another = False
        self._clears = True
        self._met_before = False

    def opened(self) -> None:
        """The port was opened anew: another printer may stand behind it."""
        self.can, self.name, self._clears = None, ("", ""), True
        self._known = self._memory.behind(self._device)
        self.strays |= self._met_before

    def vanished(self) -> None:
        """The printer was gone, or is silent: what comes back need not be the one that is remembered."""
        self._another = True

    async def become(
        self,
        link: Link,
        on_turn: Callable[[], None],
        on_status: Callable[[Status], None],
        on_silence: Callable[[], object],
    ) -> None:
        """Return when the printer is ready. `on_turn` is called before each try, `on_status` with each status that
        stops it and with the last one, `on_silence` when it does not answer. PortGone.
        """
        pause = Backoff()
        while True:
            on_turn()
            if self.cut_short or self.strays:
                await link.send(PADDING, self._answer_s)
            status = await fresh(link)
            if status is not None and not status.stops:
                found = await self._probe(link)
                status = await fresh(link)
                if found and status is not None and not status.stops:
                    on_status(status)
                    return
            if status is not None and status.stops:
                on_status(status)
                self.recovery.look(link)
                await link.bell.wait(FAULT_POLL_S)
            else:
                if status is None:
                    self.vanished()
                on_silence()
                await link.bell.wait(pause.next_s())

    async def _probe(self, link: Link) -> bool:
        """Find out what the printer can; False when its buffer does not answer. Only without a fault does it count."""
        known = self.can or self._known
        fenced = known is not None and known.fence != "none"
        if not self.cut_short and await self._ask(link, known, self._answer_s if fenced else _FIRST_PROBE_S):
            return True
        status = await fresh(link)
        if status is None or status.stops or not await self._clean_up(link):
            return False
        self.cut_short = False
        if await self._ask(link, known, self._line_s + self._answer_s):
            return True
        if fenced:
            return False
        self.name = ("", "")
        self._met(Abilities("none", False))
        return True

    async def _clean_up(self, link: Link) -> bool:
        """End a command that may still be open; whether the bytes for it went out."""
        if link.language.clear and self._clears and self.can and self.can.fence == "process-id":
            link.cleared = False
            if not await link.send(link.language.clear, self._answer_s):
                return False
            if await link.wait_for(lambda: link.cleared, _CLEAR_S):
                return True
            self._clears = False
        return await link.send(FLUSH, self._line_s + self._answer_s)

    async def ask(self, link: Link) -> bool:
        """Ask the buffer of a printer that is ready; whether it answered. PortGone."""
        return await self._ask(link, self.can, self._answer_s)

    async def _ask(self, link: Link, known: Abilities | None, within_s: float) -> bool:
        found = await ask_buffer(link, self._number(), known.fence if known else None, within_s, strays=self.strays)
        if found is None:
            return False
        self.strays = False
        if known and found.fence != known.fence:  # it does not hold, or one answer was lost: asked once more
            found = await ask_buffer(link, self._number(), None, within_s) or found
        if self.can is None or self._another:
            self.name = await ask_name(link, found.fence)
        self._met(found)
        return True

    def _met(self, can: Abilities) -> None:
        self.can, self._another, self._met_before = can, False, True
        self._memory.met(self._device, " ".join(self.name).strip(), can)


async def fresh(link: Link) -> Status | None:
    """A status just asked for, twice if need be; None when the printer does not answer. PortGone."""
    return await link.round() or await link.round()
