"""What the desk asks of the world: small Protocols that daemon.py fills with the device rooms, the journal and the
clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, Protocol

from msgspec import Struct

from posd.domain.device import Drawing, KeyAnswer, PrintJob, SignRequest
from posd.domain.events import AnyEvent
from posd.domain.signature import SignatureFormat
from posd.domain.slip import Slip, SlipOrder, Terminal


class Now(Struct, frozen=True):
    """The moment of a decision: milliseconds since 1970 UTC by the wall clock, and the terminal's offset from UTC in
    minutes. `mono_ms` is a clock that never jumps, for waits within one run.
    """

    ms: int
    mono_ms: int
    offset_min: int = 0


def plain(title: str, parts: Sequence[Sequence[tuple[str, str]]]) -> bytes:
    """A slip of plain lines, for a world whose printer shows text as it is."""
    return "\n".join([title, *(f"{label} {value}" for rows in parts for label, value in rows), ""]).encode()


class Tools(Struct, frozen=True):
    """Pure helpers of a decision. `compose` makes a slip's bytes; `recall` gives the event that has a sequence number:
    it is immutable, so asking again gives the same. `recall` raises LookupError when the record has left the ring.
    `selftest(terminal, at, facts)` makes the bytes of the printer's self-test slip: `at` is RFC 3339 in the terminal's
    zone, `facts` are further lines.
    `handover(title, parts)` makes those of a handover slip: parts of lines with a label and a value. `terms`: the
    shop's slips tell the terms of copies. `made_for` is the kind of printer that `compose` makes bodies for;
    `suits(body, made_for)`: whether a kept one comes out right on it.
    """

    compose: Callable[[SlipOrder], Slip]
    recall: Callable[[int], AnyEvent]
    selftest: Callable[[Terminal, str, Mapping[str, str]], bytes]
    handover: Callable[[str, Sequence[Sequence[tuple[str, str]]]], bytes] = plain
    terms: bool = False
    made_for: str = ""
    suits: Callable[[bytes, str], bool] = lambda _body, _made_for: True


class PrinterPort(Protocol):
    """One job at a time; exactly one PrintOutcome answers each."""

    def submit(self, job: PrintJob) -> None: ...


class PadPort(Protocol):
    """One session at a time; exactly one SignOutcome answers each."""

    def begin(self, request: SignRequest) -> None: ...
    def cancel(self, session: str) -> None: ...


class KeypadPort(Protocol):
    """What the desk says to the person at the keypad."""

    def answer(self, answer: KeyAnswer) -> None: ...


class Pictures(Protocol):
    """Renderings for previews and signatures; slow, so they run off the loop. Refusal `unsupported` where a font or
    format is missing.
    """

    def slip(self, order: SlipOrder, format: Literal["text", "png", "svg", "pdf"]) -> str: ...
    def signature(self, drawing: Drawing, format: SignatureFormat, watermark: str | None) -> str: ...
