"""The world that the simulator puts around the desk: a disk, a printer with real paper, a pad with customers.

Everything here takes its chances from one `random.Random`, so that a seed is a whole history. Nothing here knows the
desk: devices emit the messages of posd/domain/device.py, as real actors would.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from typing import NamedTuple

from posd.domain import codec
from posd.domain import events as ev
from posd.domain.device import (
    DeviceReport,
    DeviceState,
    Drawing,
    PrintJob,
    PrintOutcome,
    Reason,
    SignOutcome,
    SignRequest,
    Wear,
)
from posd.domain.slip import Slip, SlipOrder, Terminal
from tests.unit.desk.bare import NoArchive

Emit = Callable[[object], None]
SELFTEST = b"SELFTEST"
PART = b"\x1e"
FIELD = "\x1f"


RESERVE = 400
"""Records that only outcomes may use, as in a real ring of 16 MiB; its own size is what the simulation makes small."""


class Disk(NoArchive):
    """A journal of `ring` records. What is not synced may be lost at a crash, decision by decision; what is released
    may go when its place is needed.

    `durable` is what the disk has, `told` what the desk was told of it.
    """

    def __init__(self, ring: int) -> None:
        self.ring = ring
        self.events: list[ev.AnyEvent] = []
        self.payloads: list[tuple[int, int, bytes]] = []
        self.cuts: list[int] = []
        self.durable = 0
        self.told = 0
        self.first = 1
        self.floor = 1
        self.copies: dict[int, int] = {}
        self.carrying: list[tuple[int, list[int], int]] = []

    def append(self, records: Sequence[tuple[int, int, bytes, bytes]]) -> range:
        start = len(self.payloads) + 1
        for number, version, _, payload in records:
            event = codec.decode(number, version, payload)
            assert event is not None
            self.payloads.append((number, version, payload))
            self.events.append(event)
        self.cuts.append(len(self.payloads))
        over = len(self.payloads) - self.first + 1 - self.ring
        if over > 0:
            self.first = max(self.first, min(self.first + over + self.ring // 16, self.floor))
        return range(start, len(self.payloads) + 1)

    def takes_sales(self, promised: int) -> bool:
        return len(self.payloads) + 1 - self.floor + promised < self.ring

    def takes_outcomes(self, promised: int) -> bool:
        return len(self.payloads) + 1 - self.floor + promised < self.ring + RESERVE

    def crowded(self) -> bool:
        return len(self.payloads) - self.floor > self.ring * 3 // 4

    def read(self, seq: int) -> ev.AnyEvent:
        if not (self.first <= seq <= len(self.events) or self.copies.get(seq, 0) >= self.first):
            raise LookupError(f"record {seq} is not in the ring")
        return self.events[seq - 1]

    def kept(self) -> Iterator[tuple[int, ev.AnyEvent]]:
        for seq in sorted(self.copies):
            if self.copies[seq] >= self.first > seq:
                yield seq, self.read(seq)
        yield from self.replay(self.first)

    def first_owed(self) -> int:
        return self.floor

    def place(self, seq: int) -> int:
        return self.copies.get(seq, seq)

    def carry(self, seqs: Sequence[int], first_owed: int) -> bool:
        """Copies that become durable with what was written before them."""
        for seq in seqs:
            self.read(seq)
            assert seq <= self.durable
        self.carrying.append((len(self.payloads), list(seqs), first_owed))
        return True

    def replay(self, start: int) -> Iterator[tuple[int, ev.AnyEvent]]:
        for seq in range(max(start, self.first), self.durable + 1):
            event = codec.decode(*self.payloads[seq - 1])
            assert event is not None
            yield seq, event

    def first_kept(self) -> int:
        return self.first

    def durable_seq(self) -> int:
        return self.told

    def release(self, first_owed: int) -> None:
        self.floor = max(self.floor, min(first_owed, len(self.payloads) + 1))

    def sync(self, rng: Random, *, whole: bool = False) -> None:
        """Some of what waits becomes durable."""
        waiting = [cut for cut in self.cuts if cut > self.durable]
        if waiting:
            self.durable = waiting[-1] if whole else rng.choice(waiting)
            self.cuts = [cut for cut in waiting if cut > self.durable]
        while self.carrying and self.carrying[0][0] <= self.durable:
            place, seqs, first_owed = self.carrying.pop(0)
            self.copies |= dict.fromkeys(seqs, place)
            self.release(first_owed)

    def crash(self, rng: Random) -> int:
        """Power is gone: of what was not synced a part may have reached the disk, in order. Records lost."""
        if rng.random() < 0.5:
            self.sync(rng)
        lost = len(self.payloads) - self.durable
        del self.payloads[self.durable :], self.events[self.durable :]
        self.cuts = []
        self.carrying = []
        self.told = self.durable
        self.floor = self.first
        return lost


class Print(NamedTuple):
    """A slip as a person finds it under the cutter."""

    job: str
    sale: str
    copy: str
    number: int
    duplicate: bool
    possible: bool
    voids: bool
    body: bytes
    drawing: bytes


class Composer:
    """Slips that can be read back. A body made anew comes out differently each time, as if settings had changed."""

    def __init__(self) -> None:
        self._made = 0

    def __call__(self, order: SlipOrder) -> Slip:
        self._made += 1
        number = order.reprint.number if order.reprint else 0
        marks = ("DUPLICATE " if order.reprint else "") + ("POSSIBLE " if order.possible_duplicate else "")
        marks += "VOID" if order.torn else ""
        top = FIELD.join((order.transaction.id, order.copy, str(number), marks)).encode()
        body = order.body or f"body {order.transaction.id} {order.copy} {order.digest} {self._made}".encode()
        drawing = order.signing.drawing.data if order.signing.drawing else b""
        return Slip(top + PART, body, PART + drawing + PART, marks.encode())


def selftest_slip(terminal: Terminal, at: str, facts: Mapping[str, str]) -> bytes:
    """The page that belongs to no sale."""
    return SELFTEST


def read_slip(job: PrintJob) -> Print:
    top, body, drawing, bottom = job.data.split(PART)
    sale, copy, number, marks = top.decode().split(FIELD)
    assert bottom == marks.encode(), "the mark stands at the top and at the bottom"
    duplicate, possible, voids = (mark in marks for mark in ("DUPLICATE", "POSSIBLE", "VOID"))
    return Print(job.job, sale, copy, int(number), duplicate, possible, voids, body, drawing)


CAUSES: tuple[Reason, ...] = ("paper-end", "cover-open", "cutter", "head-hot", "offline")


class Printer:
    """Prints one job at a time on `paper`, with the faults of its kind. `counts` says which happened."""

    def __init__(
        self,
        rng: Random,
        emit: Emit,
        paper: Callable[[PrintJob], None],
        torn: Callable[[PrintJob], None],
        counts: dict[str, int],
    ) -> None:
        self.state: DeviceState = "ready"
        self.job: PrintJob | None = None
        self._rng = rng
        self._emit = emit
        self._paper = paper
        self._torn = torn
        self._counts = counts
        self._out = False
        self._reasons: tuple[Reason, ...] = ()

    def submit(self, job: PrintJob) -> None:
        assert self.job is None, f"{job.job} while {self.job.job if self.job else ''} is printing"
        self.job, self._out = job, False

    def announce(self) -> None:
        self._emit(DeviceReport("printer", self.state, self._reasons))

    def set(self, state: DeviceState, *reasons: Reason) -> None:
        if (state, reasons) != (self.state, self._reasons):
            self.state, self._reasons = state, reasons
            self.announce()

    def advance(self, *, well: bool = False) -> None:
        """Something happens to the job that is on the printer."""
        if self.job is None:
            return
        chance = 0.0 if well else self._rng.random()
        if self._out:
            if chance < 0.95:
                self._end("printed", proof="confirmed" if self._rng.random() < 0.8 else "assumed")
            else:
                self._fault("fence lost")
                self._end("unknown", "no-answer")
        elif self.state != "ready":
            self._end("failed", "offline")
        elif chance < 0.86:
            self._comes_out()
        elif chance < 0.93:
            cause = self._rng.choice(CAUSES)
            tears = self._rng.random() < 0.4
            self._fault("tore it" if tears else "failed before")
            if tears:
                self._torn(self.job)
            self._end("failed", cause, torn=tears)
            if self._rng.random() < 0.7:
                self.set("attention", cause)
        else:
            if self._rng.random() < 0.5:
                self._comes_out()
            self._fault("unplugged" if chance > 0.97 else "silent")
            self._end("unknown", "unplugged" if chance > 0.97 else "no-answer")
            if chance > 0.97:
                self.set("absent", "unplugged")

    def _fault(self, kind: str) -> None:
        self._counts[f"printer {kind}"] = self._counts.get(f"printer {kind}", 0) + 1

    def _comes_out(self) -> None:
        assert self.job is not None
        self._out = True
        self._paper(self.job)

    def _end(self, state: str, cause: str | None = None, proof: str | None = None, *, torn: bool = False) -> None:
        assert self.job is not None
        job, self.job = self.job, None
        wear = Wear(1, 1, 100, 900) if self._out else None
        self._emit(PrintOutcome(job.job, state, proof, cause, torn=torn, wear=wear))  # type: ignore[arg-type]

    def crash(self) -> None:
        """posd is gone; what was in the printer's buffer may still come out."""
        if self.job is not None and not self._out and self.state == "ready" and self._rng.random() < 0.5:
            self._comes_out()
        self.job = None


class Pad:
    """One customer at a time. Each drawing is different; `drawn` knows in which session it was made."""

    def __init__(self, rng: Random, emit: Emit, counts: dict[str, int]) -> None:
        self.state: DeviceState = "ready"
        self.session: str | None = None
        self.drawn: dict[bytes, str] = {}
        self._rng = rng
        self._emit = emit
        self._counts = counts
        self._cancelled = False

    def begin(self, request: SignRequest) -> None:
        assert self.session is None, f"{request.session} while {self.session} is on the pad"
        self.session, self._cancelled = request.session, False

    def cancel(self, session: str) -> None:
        if session == self.session:
            self._cancelled = True

    def announce(self) -> None:
        self._emit(DeviceReport("pad", self.state))

    def set(self, state: DeviceState) -> None:
        if state != self.state:
            self.state = state
            self.announce()

    def advance(self, *, well: bool = False) -> None:
        """Something happens to the session that is on the pad."""
        if self.session is None:
            return
        chance = 0.0 if well else self._rng.random()
        if self.state != "ready":
            self._end("device")
        elif self._cancelled and chance < 0.7:
            self._end("cancelled")
        elif chance < 0.75:
            self._end("captured", self._draws())
        elif chance < 0.95:
            self._end(self._rng.choice(["timeout", "blank", "cancelled"]), self._draws() if chance < 0.85 else None)
        else:
            self._counts["pad unplugged"] = self._counts.get("pad unplugged", 0) + 1
            self._end("device", self._draws())
            self.set("absent")

    def _draws(self) -> Drawing:
        assert self.session is not None
        strokes = b"ink %d" % len(self.drawn)
        self.drawn[strokes] = self.session
        return Drawing("strokes", strokes)

    def _end(self, result: str, drawing: Drawing | None = None) -> None:
        assert self.session is not None
        session, self.session = self.session, None
        self._emit(SignOutcome(session, result, drawing))  # type: ignore[arg-type]

    def crash(self) -> None:
        self.session = None
