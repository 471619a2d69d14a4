"""What every command of posctl works with, and how it ends."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO, TypeVar

import msgspec

from posd import client
from posd.ctl import follow
from posd.ctl.codes import DONE
from posd.ctl.shown import Shown
from posd.ctl.words import Say

T = TypeVar("T")


@dataclass(frozen=True)
class Context:
    """What a command has to work with."""

    args: argparse.Namespace
    say: Say
    shown: Shown
    out: TextIO

    def connect(self) -> client.Client:
        """A connection. A transaction that was named by its receipt number is known by its id from now on."""
        posd = client.connect(self.args.socket)
        if re.fullmatch("[0-9]{1,12}", getattr(self.args, "id", None) or "", re.ASCII):
            try:
                self.args.id = _named(posd, self.args.id)
            except BaseException:
                posd.close()
                raise
        return posd

    def tell(self, text: str) -> None:
        """Text for a person, as one paragraph of output."""
        print(text, file=self.out)

    def answer(self, result: object, text: Callable[[], str]) -> int:
        """A result: as JSON where that was asked for, else as text."""
        self.tell(as_json(result) if self.args.json else text())
        return DONE


def _named(posd: client.Client, number: str) -> str:
    """The transaction that digits mean: the one with this id of the till's, else the newest with this receipt number.
    Where there is neither they stay as they are, and posd says so.
    """
    try:
        return posd.get(number).id
    except client.PosdError as error:
        if error.kind != "not-found":
            raise
    found = posd.search(receipt=number, limit=1).transactions
    return found[0].id if found else number


def as_json(result: object) -> str:
    """JSON for programs, indented."""
    return msgspec.json.format(msgspec.json.encode(result), indent=2).decode()


def waited(
    context: Context,
    posd: client.Client,
    ask: Callable[[], T],
    names: tuple[str, Callable[[T], str]],
    text: Callable[[T], str],
    code: Callable[[T], int | None],
) -> int:
    """Ask, tell the answer, and with --wait stay until what was asked for has ended. `names`: the field of events that
    names it, and its value; `code`: the exit code of an answer that says that it has ended already, else None.
    """
    seconds = context.args.wait
    if seconds is None:
        result = ask()
        return context.answer(result, lambda: text(result))
    # Subscribed before asking, so that no event can pass in between.
    events = posd.events(idle_s=seconds)
    result = ask()
    if not context.args.json:
        context.tell(text(result))
        context.out.flush()
    ended = code(result)
    event = follow.end(events, names[0], names[1](result), seconds) if ended is None else None
    if context.args.json:
        context.tell(as_json({"result": result, "event": event}))
    elif ended is None:
        context.tell(follow.sentence(event, context.say))
    return follow.code_of(event) if ended is None else ended
