"""What every command of posctl works with, and how it ends."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO

import msgspec

from posd import client
from posd.ctl import follow
from posd.ctl.codes import DONE
from posd.ctl.shown import Shown
from posd.ctl.words import Say


@dataclass(frozen=True)
class Context:
    """What a command has to work with."""

    args: argparse.Namespace
    say: Say
    shown: Shown
    out: TextIO

    def connect(self) -> client.Client:
        return client.connect(self.args.socket)

    def tell(self, text: str) -> None:
        """Text for a person, as one paragraph of output."""
        print(text, file=self.out)

    def answer(self, result: object, text: Callable[[], str]) -> int:
        """A result: as JSON where that was asked for, else as text."""
        self.tell(as_json(result) if self.args.json else text())
        return DONE


def as_json(result: object) -> str:
    """JSON for programs, indented."""
    return msgspec.json.format(msgspec.json.encode(result), indent=2).decode()


def ended(context: Context, result: object, text: str, event: client.Event | None, *, done: bool) -> int:
    """What was waited for: the answer and its end. `done`: the answer itself said that it had ended well."""
    if done and event is None:
        return context.answer({"result": result, "event": None}, lambda: text)
    context.answer({"result": result, "event": event}, lambda: f"{text}\n{follow.sentence(event, context.say)}")
    return follow.code_of(event)
