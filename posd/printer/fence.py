"""The proof that a slip came out. Pure: a job's life as a state machine that is told what happens and when.

A fence is a request behind the last byte of a slip that the printer answers when it gets there:
- `process-id`: GS ( H fn 48. Answered when everything before it is on paper. Ids ascend, and an answer is cumulative:
  a host that was slow to read gets the latest only. Within one job there is one id, so only this very one counts; a
  later one would not tell whether the printer was cleared in between.
- `paper-status`: GS r 1. Answered when the buffer reaches it, and most printers have it. The mechanism may be a few
  lines and the cut behind: it counts when a clean status is heard `LAG_S` later.
- `star-document`: ESC GS ETX of Star line mode, answered with its two bytes when the motor has stopped behind
  everything before it, and on a network only to who asked.
- `star-counter`: ETB of Star line mode raises a counter of 5 bits in the printer's status when everything before it
  is printed. On a network all hosts raise and see the same counter: there it proves only `assumed`.
- `none`: the printer has none of them. Then all that can be said is that the bytes drained and the status stayed
  clean: `assumed`. What drained means is the port's to say (ports.py).

`why` in the verdict is the word of the fence that was answered, or what else the proof rests on: `drained`,
`after-paper-end`, `after-fault`, `shared-counter`.

The deadline is the time that line and paper need plus the printer's time to answer; each byte that the device takes
starts it anew, and so do bytes that were taken before and leave this machine now. It stands still while the printer
reports a fault, since a printer resumes by itself when a person has seen to it, and then answers.

What happens, and what is then said:

    A  a fault, silence, a hang-up or the end of posd
       before the first byte                              failed(cause): provably nothing came out
    B  a hang-up after the first byte                     unknown(unplugged)
    C  silence past the deadline, only a part taken       unknown(no-answer)
    D  silence past the deadline, everything taken, or
       the printer gave away that its power was off       unknown(no-answer)
    E  the fence answered, and before it every mark       printed, confirmed; under a fault too: it came after. GS r
                                                          counts at the next clean status that is not too early (S)
    F  an answer to another fence, or before this one
       was sent                                           nothing
    G  a fault after the first byte                       nothing: the deadline stands still
    H  the fault clears                                   nothing: the time that was left goes on, and no less than
                                                          the printer's time to answer
    I  a fault, and then silence                          unknown(no-answer)
    J  `unrecoverable` after the first byte               unknown(unrecoverable)
    K  GS r answered, but with the paper-end bits         nothing: asked again when clear, and then printed, assumed:
                                                          the buffer may have been cleared in between
    L  no fence, all drained, a clean status after the
       printing time                                      printed, assumed
    M  no fence, a fault after the last byte              as G and H, then L
    N  posd ends after the first byte                     unknown(restart)
    P  a mark inside the slip (marks.py) was not answered,
       and a later one or the fence was                   unknown(no-answer): bytes were lost. Under a fault too: who
                                                          changes the paper may have switched the printer off. A host
                                                          that did not hear the answer cannot tell, and says the same
    Q  an answer came later than line and paper explain,
       and no fault was reported since the one before     unknown(no-answer): long enough to begin anew
    R  the same under a fault, or posd was held up        nothing: late proves nothing then, the marks must tell
    S  GS r answered, and a fault before the mechanism
       was there, or a status that is late                nothing until it clears, and then printed, assumed: the
                                                          last lines may have been cleared in between
    O  B, C or J, and what can have reached the printer
       ends where the slip is visibly not whole
       (PrintJob.torn_within)                             failed(cause), torn: the rest is dropped, no more can follow
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from posd.domain.device import Reason
from posd.printer.tally import AWAY_S, Marked, Tally

FenceKind = Literal["process-id", "paper-status", "star-document", "star-counter", "none"]
_NAMED: frozenset[FenceKind] = frozenset({"process-id", "star-document", "star-counter"})
"""Fences whose answer says which one it answers."""

LINE_S = 0.08
"""A text line takes this long on a slow mechanism (50 mm/s)."""
BYTES_PER_S = 4000
"""Raster data prints at least this fast."""
LINE_HOLDS_BYTES = 16 * 1024
"""A line takes bytes again when about so many have gone, at most: a pty holds 14 KB, a serial driver 4 KB."""
PRINTER_HOLDS_BYTES = 80 * 1024
"""Printer and line hold at most so many bytes that are still to be printed when the last one is taken."""
LAG_S = 1.0
"""So long after GS r was answered a slow mechanism has printed what was read ahead, fed the paper and cut."""
SILENCE_S = 3.0
"""The printer is asked once a second behind a slip; three questions without an answer are silence."""
STALLED_FAULT_S = 600.0
"""While a fault keeps the device from taking the rest of a slip it cannot be asked: so long it is believed."""
_DIGITS = bytes((*range(0x20, 0x30), *range(0x40, 0x50), *range(0x60, 0x70)))
"""What GS ( H takes (20..7E), bit 4 clear: no status byte that comes in between looks like one."""
COUNTER_MAX = 31
"""From here on an ETB counter begins anew."""
ETB = b"\x17"


def process_id(number: int) -> bytes:
    """Four bytes that ascend with `number` (and begin again after 5 million)."""
    digits = bytearray()
    for _ in range(4):
        number, digit = divmod(number, len(_DIGITS))
        digits.append(_DIGITS[digit])
    return bytes(reversed(digits))


def document_id(number: int) -> bytes:
    """Two bytes for ESC GS ETX, neither of them a flow control character; different for 2,304 numbers in a row."""
    return process_id(number)[2:]


def request(kind: FenceKind, process: bytes) -> bytes:
    """The bytes of a fence that `process` (a process or document id) names; none for `none`."""
    if kind == "process-id":
        return b"\x1d(H\x06\x0000" + process
    if kind == "star-document":
        return b"\x1b\x1d\x03\x01" + process
    return b"\x1dr\x01" if kind == "paper-status" else b""


class Fence(NamedTuple):
    """One job's fence: its `data` go behind the slip, `answer` is what answers them (nothing where it has no name)."""

    kind: FenceKind
    answer: bytes
    data: bytes


def fence(kind: FenceKind, number: int, counter: int) -> Fence:
    """The fence of the job with this `number`; `counter` is what a Star printer's counter shows now."""
    if kind == "star-counter":
        assert counter < COUNTER_MAX, "behind a wrap it could not be told from one that the power switch set to zero"
        return Fence(kind, bytes((counter + 1,)), ETB)
    answer = process_id(number) if kind == "process-id" else document_id(number) if kind == "star-document" else b""
    return Fence(kind, answer, request(kind, answer))


def printing_s(data: bytes) -> float:
    """How long a slow mechanism may need for a slip, generously."""
    return data.count(b"\n") * LINE_S + len(data) / BYTES_PER_S


class Verdict(NamedTuple):
    """How the job ended; the fields of a PrintOutcome."""

    state: Literal["printed", "failed", "unknown"]
    proof: Literal["confirmed", "assumed"] | None = None
    cause: str | None = None
    why: str = ""
    torn: bool = False


class Limits(NamedTuple):
    """Seconds, all counted from the last byte that the device took.

    `stall_s`: to the next byte; `allowed_s`: to the answer, once all are taken; `answer_s`: the silence that a living
    printer never keeps; `quiet_s`: the printing time after which a clean status counts where there is no fence.
    """

    stall_s: float
    allowed_s: float
    answer_s: float
    quiet_s: float


def limits(data: bytes, line_bytes_s: float, answer_s: float) -> Limits:
    """What a slip of `data` may take over a line of this speed on a slow mechanism."""
    needed_s = len(data) / line_bytes_s + printing_s(data)
    held_s = needed_s * min(1.0, PRINTER_HOLDS_BYTES / max(len(data), 1))
    stall_s = needed_s * min(1.0, LINE_HOLDS_BYTES / max(len(data), 1)) + answer_s
    return Limits(stall_s, held_s + answer_s, max(answer_s, SILENCE_S), held_s)


class Watch:
    """One job from its submission at `now_s` (monotonic, as all times here) to its verdict; `length` is the bytes
    of slip and fence. A print of fewer than `torn_within` bytes is visibly no slip. `slip` tells the marks in it.
    """

    def __init__(
        self,
        fence: Fence,
        length: int,
        limits: Limits,
        now_s: float,
        torn_within: int = 0,
        slip: Marked = Marked(b""),  # noqa: B008 - a tuple
    ) -> None:
        self.kind, self.answer = fence.kind, fence.answer
        self.verdict: Verdict | None = None
        self.ask_again = False
        self.shared = False
        self._length, self._taken, self._torn_within = length, 0, torn_within
        self._limits = limits
        self._tally = Tally(slip, now_s)
        self._deadline_s = now_s + limits.stall_s
        self._left_s: float | None = None
        self._heard_s = self._now_s = now_s
        self._weak = False
        self._reached_s: float | None = None
        self._after_fault = False
        self._away_s = 0.0
        self._drained = False
        self._quiet_until_s: float | None = None

    @property
    def started(self) -> bool:
        """Whether a byte has left."""
        return self._taken > 0

    @property
    def taken(self) -> int:
        """How many bytes the device took."""
        return self._taken

    @property
    def complete(self) -> bool:
        """Whether every byte was taken, the fence's too."""
        return self._taken >= self._length

    @property
    def answers(self) -> int:
        """How many answers are due: to each mark, and to the fence."""
        return self._tally.marks + 1

    @property
    def doubtful(self) -> bool:
        """Whether a piece of the slip may hang in the printer, and a command be open in it: it is unknown, or a fault
        may have cleared its end, as a cover does that is opened.
        """
        verdict = self.verdict
        if verdict is None or verdict.proof != "assumed":
            return verdict is not None and verdict.state == "unknown"
        return self._after_fault or verdict.why == "after-fault"

    @property
    def faulted(self) -> bool:
        """Whether the deadline stands still."""
        return self._left_s is not None

    def took(self, count: int, now_s: float) -> None:
        """The device took `count` more bytes."""
        if not self.started:
            self._tally.began(now_s)
        self._taken += count
        self.moved(now_s)

    def moved(self, now_s: float) -> None:
        """Bytes went on: to the device, or out of this machine."""
        most_s = self._limits.allowed_s if self.complete else self._limits.stall_s
        if self._left_s is None:
            self._deadline_s = now_s + most_s
        else:
            self._left_s = most_s

    def drained(self, now_s: float) -> None:
        """Nothing of the job is left in this machine."""
        if self.complete and not self._drained:
            self._drained = True
            self._quiet_until_s = now_s + self._limits.quiet_s

    def heard(self, stops: tuple[Reason, ...], now_s: float) -> None:
        """The printer told its status; `stops` are the reasons that stop the paper."""
        self._heard_s = now_s
        if stops:
            self._tally.faulted()
        if self.verdict is not None:
            return
        if stops and not self.started:
            self.verdict = Verdict("failed", cause=stops[0])
        elif "unrecoverable" in stops:
            self.verdict = Verdict("unknown", cause="unrecoverable")
        elif stops and self._left_s is None:
            self._left_s = max(self._deadline_s - now_s, self._limits.answer_s)
        elif not stops and self._left_s is not None:
            self._deadline_s = now_s + self._left_s
            self._left_s = None
            self.ask_again = self._weak
            if self._reached_s is not None:
                self._reached_s = now_s
            if self._drained:
                self._quiet_until_s = now_s + self._limits.quiet_s
        if stops or self.verdict is not None:
            self._after_fault |= bool(stops)
        elif self._reached_s is not None and now_s >= self._reached_s + LAG_S:
            weak = self._after_fault or now_s > self._reached_s + 2 * LAG_S + self._away_s
            self.verdict = Verdict(
                "printed", "assumed" if weak else "confirmed", why="after-fault" if weak else self.kind
            )
        elif self.kind == "none" and self._quiet_until_s is not None and now_s >= self._quiet_until_s:
            self.verdict = Verdict("printed", "assumed", why="drained")

    def completed(self, answer: bytes) -> None:
        """The printer says that everything before the fence, or the mark, with this answer is printed."""
        if self.verdict is not None or self.kind not in _NAMED:
            return
        if self._tally.named(answer, self.faulted):
            self._look_for_loss()
        elif self.complete and answer == self.answer:
            if self.kind == "star-counter" and self.shared:
                self._prints("assumed", "shared-counter")
            else:
                self._prints("confirmed", self.kind)

    def answered(self, paper_end: bool) -> None:
        """The printer answered a GS r 1."""
        if self.verdict is not None or self.kind != "paper-status":
            return
        if self._tally.counted(self._taken, self.faulted):
            self._look_for_loss()
        elif paper_end and self.complete:
            self._weak = True
        elif self._weak:
            self._prints("assumed", "after-paper-end")
        elif self.complete and self._reached_s is None:
            self._reach()

    def _reach(self) -> None:
        """The buffer got behind the last byte; the paper follows."""
        self._tally.ended()
        self._look_for_loss()
        self._reached_s, self._after_fault = self._now_s, False  # a printer with a fault would not have answered
        if self._left_s is None:
            self._deadline_s = self._now_s + LAG_S + self._limits.answer_s

    @property
    def reached(self) -> bool:
        """Whether GS r was answered, and the paper is awaited."""
        return self._reached_s is not None

    def due(self, now_s: float) -> bool:
        """Whether the status is to be asked for now, as the mechanism must be there."""
        return self._reached_s is not None and now_s >= self._reached_s + LAG_S

    def _prints(self, proof: Literal["confirmed", "assumed"], why: str) -> None:
        """The fence is answered."""
        self._tally.ended()
        self._look_for_loss()
        if self.verdict is None:
            self.verdict = Verdict("printed", proof, why=why)

    def _look_for_loss(self) -> None:
        """Cases P and Q: bytes of the slip are known to be lost on the way."""
        if self._tally.lost:
            self.ended("no-answer")

    def asked_again(self) -> None:
        """The fence was sent once more (case K)."""
        self.ask_again = False

    def turn(self, now_s: float) -> None:
        """What came until now is about to be told."""
        if self.reached and now_s - self._now_s > AWAY_S:
            self._away_s += now_s - self._now_s  # posd was held up, not the printer
        self._now_s = now_s
        self._tally.turn(now_s)

    def tick(self, now_s: float) -> None:
        """Time passed."""
        if self.verdict is not None:
            return
        silent = now_s - self._heard_s > (self._limits.answer_s if self.complete else STALLED_FAULT_S)
        if (self._left_s is None and now_s > self._deadline_s) or (self._left_s is not None and silent):
            self.ended("no-answer")

    def ended(self, cause: str) -> None:
        """Nothing more can be learnt: `no-answer`, `unplugged`, `restart`."""
        if self.verdict is None:
            self.verdict = Verdict("unknown" if self.started else "failed", cause=cause)

    def dropped(self, count: int) -> Verdict:
        """The job is over and `count` of the bytes that the device took were dropped on the way: the verdict, in which
        a piece that is visibly no slip is no longer unknown (case O).
        """
        verdict = self.verdict
        assert verdict is not None
        if verdict.state == "unknown" and self._taken - count < self._torn_within:
            return verdict._replace(state="failed", torn=True)
        return verdict
