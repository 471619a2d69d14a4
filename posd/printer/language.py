"""What posd says to a printer besides its slips, in each language that a printer may speak. Pure data.

A slip comes composed; its actor adds the fence (fence.py) and what stands here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple, Protocol

from posd.printer.star_status import StarDemultiplexer, StarMessage
from posd.printer.status import Demultiplexer, Message

LanguageName = Literal["escpos", "star"]
FLUSH = bytes(8192)
"""Fills what a command that was cut short still waits for. As text, NUL prints nothing, in both languages."""


class Hearing(Protocol):
    """A demultiplexer."""

    garbage: int

    def feed(self, data: bytes, now_s: float) -> list[Message] | list[StarMessage]: ...


class Language(NamedTuple):
    """The commands of a language.

    `ask` is the question for the status, answered in real time, and may be sent wherever a command may begin; `reset`
    begins each slip; `asb_on` makes the printer tell its status by itself on every change of online state, errors and
    paper; `cut` ends a piece; `resume` and `recover` end a cutter error, printing on or clearing the printer's
    buffers; `clear` clears them at any time. Empty: this language has no such command.
    """

    name: LanguageName
    hearing: Callable[[], Hearing]
    ask: bytes
    reset: bytes
    asb_on: bytes
    cut: bytes
    resume: bytes
    recover: bytes
    clear: bytes


LANGUAGES: dict[LanguageName, Language] = {
    "escpos": Language(
        "escpos",
        Demultiplexer,
        ask=b"\x10\x04\x01\x10\x04\x02\x10\x04\x03\x10\x04\x04",
        reset=b"\x1b@",
        asb_on=b"\x1da\x0e",
        cut=b"\x1dVB\x00",
        resume=b"\x10\x05\x01",
        recover=b"\x10\x05\x02",
        clear=b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08",
    ),
    # A cutter error of a Star printer ends with its cover opened and closed, or with the power: no command does it.
    "star": Language(
        "star",
        StarDemultiplexer,
        ask=b"\x1b\x06\x01",
        reset=b"\x1b@",
        asb_on=b"\x1b\x1ea\x01",
        cut=b"\x1bd\x03",
        resume=b"",
        recover=b"",
        clear=b"",
    ),
}
