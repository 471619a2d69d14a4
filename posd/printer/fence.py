"""The proof that a slip came out. Pure: a job's life as a state machine that is told what happens and when.

A fence is a request behind the last byte of a slip that the printer answers when it gets there:
- `process-id`: GS ( H fn 48. Answered when everything before it is on paper. Ids ascend; only the very id that was
  sent counts.
- `paper-status`: GS r 1. Answered when the buffer reaches it; nearly as good, and most printers have it.
- `none`: the printer has neither. Then all that can be said is that the bytes drained and the status stayed clean:
  `assumed`.

The deadline is the time that line and paper need plus the printer's time to answer; each byte that the device takes
starts it anew. It stands still while the printer reports a fault, since a printer resumes by itself when a person has
seen to it, and then answers.

What happens, and what is then said:

    A  a fault, silence, a hang-up or the end of posd
       before the first byte                              failed(cause): provably nothing came out
    B  a hang-up after the first byte                     unknown(unplugged)
    C  silence past the deadline, only a part taken       unknown(no-answer)
    D  silence past the deadline, everything taken        unknown(no-answer)
    E  the fence answered                                 printed, confirmed; under a fault too: it came after
    F  an answer to another fence, or before this one
       was sent                                           nothing
    G  a fault after the first byte                       nothing: the deadline stands still
    H  the fault clears                                   nothing: the time that was left goes on, and no less than
                                                          the printer's time to answer
    I  a fault, and then silence                          unknown(no-answer)
    J  `unrecoverable` after the first byte               unknown(unrecoverable)
    K  GS r answered, but with the paper-end bits         nothing: asked again when clear, and then printed, assumed:
                                                          the buffer may have been cleared in between
    L  no fence, all taken, a clean status after the
       printing time                                      printed, assumed
    M  no fence, a fault after the last byte              as G and H, then L
    N  posd ends after the first byte                     unknown(restart)
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from posd.domain.device import Reason

FenceKind = Literal["process-id", "paper-status", "none"]

LINE_S = 0.08
"""A text line takes this long on a slow mechanism (50 mm/s)."""
BYTES_PER_S = 4000
"""Raster data prints at least this fast."""
LINE_HOLDS_BYTES = 16 * 1024
"""A line takes bytes again when about so many have gone, at most: a pty holds 14 KB, a serial driver 4 KB."""
PRINTER_HOLDS_BYTES = 80 * 1024
"""Printer and line hold at most so many bytes that are still to be printed when the last one is taken."""
SILENCE_S = 3.0
"""The printer is asked once a second behind a slip; three questions without an answer are silence."""
STALLED_FAULT_S = 600.0
"""While a fault keeps the device from taking the rest of a slip it cannot be asked: so long it is believed."""
_FIRST, _BASE = 0x20, 95


def process_id(number: int) -> bytes:
    """Four bytes in 20..7E that ascend with `number` (and begin again after 81 million)."""
    digits = bytearray()
    for _ in range(4):
        number, digit = divmod(number, _BASE)
        digits.append(_FIRST + digit)
    return bytes(reversed(digits))


def request(kind: FenceKind, process: bytes) -> bytes:
    """The bytes of a fence; none for `none`."""
    if kind == "process-id":
        return b"\x1d(H\x06\x0000" + process
    return b"\x1dr\x01" if kind == "paper-status" else b""


def printing_s(data: bytes) -> float:
    """How long a slow mechanism may need for a slip, generously."""
    return data.count(b"\n") * LINE_S + len(data) / BYTES_PER_S


class Verdict(NamedTuple):
    """How the job ended; the fields of a PrintOutcome."""

    state: Literal["printed", "failed", "unknown"]
    proof: Literal["confirmed", "assumed"] | None = None
    cause: str | None = None


class Limits(NamedTuple):
    """Seconds, all counted from the last byte that the device took.

    `stall_s`: to the next byte; `allowed_s`: to the answer, once all are taken; `answer_s`: the silence that a living
    printer never keeps; `quiet_s`: the printing time after which a clean status counts where there is no fence.
    """

    stall_s: float
    allowed_s: float
    answer_s: float
    quiet_s: float


def limits(data: bytes, baudrate: int, answer_s: float) -> Limits:
    """What a slip of `data` may take over a line of `baudrate` on a slow mechanism."""
    needed_s = len(data) * 10 / baudrate + printing_s(data)
    held_s = needed_s * min(1.0, PRINTER_HOLDS_BYTES / max(len(data), 1))
    stall_s = needed_s * min(1.0, LINE_HOLDS_BYTES / max(len(data), 1)) + answer_s
    return Limits(stall_s, held_s + answer_s, max(answer_s, SILENCE_S), held_s)


class Watch:
    """One job from its submission at `now_s` (monotonic, as all times here) to its verdict; `length` is the bytes
    of slip and fence.
    """

    def __init__(self, kind: FenceKind, process: bytes, length: int, limits: Limits, now_s: float) -> None:
        self.kind, self.process = kind, process
        self.verdict: Verdict | None = None
        self.ask_again = False
        self._length, self._taken = length, 0
        self._limits = limits
        self._deadline_s = now_s + limits.stall_s
        self._left_s: float | None = None
        self._heard_s = now_s
        self._weak = False
        self._quiet_until_s: float | None = None

    @property
    def started(self) -> bool:
        """Whether a byte has left."""
        return self._taken > 0

    @property
    def complete(self) -> bool:
        """Whether every byte was taken, the fence's too."""
        return self._taken >= self._length

    @property
    def faulted(self) -> bool:
        """Whether the deadline stands still."""
        return self._left_s is not None

    @property
    def _most_s(self) -> float:
        return self._limits.allowed_s if self.complete else self._limits.stall_s

    def took(self, count: int, now_s: float) -> None:
        """The device took `count` more bytes."""
        self._taken += count
        if self._left_s is None:
            self._deadline_s = now_s + self._most_s
        else:
            self._left_s = self._most_s
        if self.complete:
            self._quiet_until_s = now_s + self._limits.quiet_s

    def heard(self, stops: tuple[Reason, ...], now_s: float) -> None:
        """The printer told its status; `stops` are the reasons that stop the paper."""
        self._heard_s = now_s
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
            if self.complete:
                self._quiet_until_s = now_s + self._limits.quiet_s
        elif not stops and self.kind == "none" and self._quiet_until_s is not None and now_s >= self._quiet_until_s:
            self.verdict = Verdict("printed", "assumed")

    def completed(self, process: bytes) -> None:
        """The printer says that everything before the process id is printed."""
        if self.verdict is None and self.kind == "process-id" and self.complete and process == self.process:
            self.verdict = Verdict("printed", "confirmed")

    def answered(self, paper_end: bool) -> None:
        """The printer answered a GS r 1."""
        if self.verdict is not None or self.kind != "paper-status" or not self.complete:
            return
        if paper_end:
            self._weak = True
        else:
            self.verdict = Verdict("printed", "assumed" if self._weak else "confirmed")

    def asked_again(self) -> None:
        """The fence was sent once more (case K)."""
        self.ask_again = False

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
