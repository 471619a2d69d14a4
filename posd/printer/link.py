"""An open port and what the printer said over it: the demultiplexed replies, the status as it stands, and waiting
for more.

- `status` is the newest that the printer told, by ASB, by a whole round of DLE EOT 1 to 4, or as a Star status;
  `status_s` says when.
- A round is one question for the status (language.py). The four replies of ESC/POS are told apart by order alone. A
  round that is not whole within `ROUND_S` is void, and what still comes of it is thrown away until the line was quiet
  for `QUIET_S`: a late reply is never taken for another question's.
- `owed` is how many GS r are still to be answered; whoever sends one adds it. The answers have no id, only their order.
- A round may be asked only where a command may begin: between slips, or after the last byte of one.
- `taken` is how many bytes the device took, those of questions too.
- `completed` are the answers that name their fence, a Star printer's counter among them; `told` is what a printer
  said of itself (GS I), `cleared` whether it said that its buffers are, `restarted` whether it gave away that its power
  was off.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from posd.line.bell import Bell
from posd.line.port import Port, PortGone
from posd.printer.language import LANGUAGES, Language
from posd.printer.star_status import Echo, StarMessage, StarStatus, from_star
from posd.printer.status import Answer, Asb, Completed, Message, Realtime, Status, from_asb, from_realtime

ROUND_S = 0.5
QUIET_S = 0.05
TURN_S = 1.0
"""The longest single wait."""
ANSWERS_MAX = 8192
"""What may come while posd is held up: more than a slip has marks (marks.py)."""
_CLEARED = b"\x37\x25"
_TOLD = b"\x5f"
_POWER_ON = b"\x3b\x31"
"""What a printer says after power-on, if its memory switch is set so."""
_OTHERS_MAX = 64


class Link:
    """One open port, from its opening to its end."""

    def __init__(
        self, port: Port, bell: Bell, clock: Callable[[], float], language: Language = LANGUAGES["escpos"]
    ) -> None:
        self.port, self.language = port, language
        self.status: Status | None = None
        self.status_s = float("-inf")
        self.completed: deque[bytes] = deque(maxlen=ANSWERS_MAX)
        self.answers: deque[int] = deque(maxlen=ANSWERS_MAX)
        self.told: deque[bytes] = deque(maxlen=16)
        self.owed = 0
        self.counter = 0
        self.taken = 0
        self.documents: int | None = None
        self.asb_seen = self.cleared = self.restarted = False
        self.bell, self.clock = bell, clock
        self._hearing = language.hearing()
        self._round: list[int] | None = None
        self._round_s = 0.0
        self._owed = b""
        self._void_until_s = 0.0
        port.start(self._came, bell.ring)

    def _came(self, data: bytes) -> None:
        now_s = self.clock()
        for message in self._hearing.feed(data, now_s):
            self._heard(message, now_s)
        self.bell.ring()

    def _heard(self, message: Message | StarMessage, now_s: float) -> None:
        if isinstance(message, Asb):
            self.asb_seen = True
            self._told(from_asb(message.data), now_s)
        elif isinstance(message, StarStatus):
            self._starred(message, now_s)
        elif isinstance(message, Echo):
            self._echoed(message)
        elif isinstance(message, Realtime):
            self._replied(message.value, now_s)
        elif isinstance(message, Completed):
            self.completed.append(message.process)
        elif isinstance(message, Answer):
            self.answers.append(message.value)
            self.owed = max(self.owed - 1, 0)
        elif message.data.startswith(_TOLD):
            self.told.append(message.data[1:])
        else:
            self.cleared |= message.data == _CLEARED
            self.restarted |= message.data == _POWER_ON

    def _echoed(self, echo: Echo) -> None:
        """A document that was not counted behind the last one was counted by a printer that has begun anew. Other hosts
        of a network make it count too.
        """
        if self.documents is not None and not 0 < (echo.number - self.documents) % 256 <= _OTHERS_MAX:
            self.restarted = True
        else:
            self.completed.append(echo.process)
        self.documents = echo.number

    def _starred(self, message: StarStatus, now_s: float) -> None:
        """Asked for or not, a Star status looks the same: what comes while a question is open answers it."""
        self.asb_seen |= self._round is None
        self._round = None
        self._told(from_star(message.data), now_s)
        if message.counter is not None:
            self.counter = message.counter
            self.completed.append(bytes((message.counter,)))

    def _told(self, status: Status, now_s: float) -> None:
        self.status, self.status_s = status, now_s

    def _replied(self, value: int, now_s: float) -> None:
        if self._round is None or now_s < self._void_until_s:
            self._void_until_s = now_s + QUIET_S
            return
        self._round.append(value)
        if len(self._round) == 4:
            told, self._round = self._round, None
            self._told(from_realtime(*told), now_s)

    async def wait_for(self, met: Callable[[], object], seconds: float) -> bool:
        """Whether `met` came true within `seconds`. PortGone."""
        deadline_s = self.clock() + seconds
        while True:
            if self.port.gone:
                raise PortGone
            if met():
                return True
            left_s = deadline_s - self.clock()
            if left_s <= 0:
                return False
            await self.bell.wait(min(left_s, TURN_S))

    def write(self, data: bytes | memoryview) -> int:
        """Bytes of `data` taken now, behind the rest of a query that was cut short. PortGone."""
        if self._owed:
            self._owed = self._owed[self._put(self._owed) :]
        return 0 if self._owed else self._put(data)

    def _put(self, data: bytes | memoryview) -> int:
        count = self.port.write(data)
        self.taken += count
        return count

    async def send(self, data: bytes, seconds: float) -> bool:
        """Whether the device took all of `data` within `seconds`. PortGone."""
        rest = memoryview(data)

        def taken() -> bool:
            nonlocal rest
            rest = rest[self.write(rest) :]
            return not rest

        return await self.wait_for(taken, seconds)

    def ask(self) -> None:
        """Begin a round unless one is on its way; its end shows in `status_s`. PortGone."""
        now_s = self.clock()
        if self._round is not None and now_s - self._round_s > ROUND_S:
            self._round = None
            self._void_until_s = now_s + QUIET_S
        if self._round is not None or now_s < self._void_until_s:
            return
        self._round, self._round_s = [], now_s
        self.real_time(self.language.ask)

    async def round(self, seconds: float = ROUND_S) -> Status | None:
        """The status by a whole round; None when the printer did not give it within `seconds`. PortGone."""
        await self.wait_for(lambda: self.clock() >= self._void_until_s, QUIET_S * 4)
        self._round = None
        asked_s = self.clock()
        self.ask()
        if await self.wait_for(lambda: self._round is None and self.status_s >= asked_s, seconds):
            return self.status
        self._round = None
        self._void_until_s = self.clock() + QUIET_S
        return None

    def real_time(self, command: bytes) -> None:
        """Send a short command whole, or, when the device takes none of it now, not at all. PortGone."""
        taken = self.write(command)
        self._owed = self._owed or (command[taken:] if taken else b"")
