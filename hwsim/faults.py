"""What can happen to a printer, by the words that people use: one table for the running world and for the bench.

Rules: pure; a change is applied to the printer at a time. What happens to cables and lines is not here but with those
who have them.
"""

from __future__ import annotations

from collections.abc import Callable

from hwsim.printer.alarms import Mark
from hwsim.printer.machine import Printer
from hwsim.printer.status import Condition
from hwsim.words import WORDS, Misuse

Change = Callable[[Printer, float], None]


def change_for(name: str, args: list[str]) -> Change | None:
    """The change of a word, None if it is not about a printer itself. Raises Misuse for a wrong argument."""
    if name == "head-hot" and args:
        seconds = number(args[0], "SECONDS")
        return lambda printer, now: printer.heat(now, seconds)
    if name not in _NAMES:
        return None
    change = _TABLE.get(" ".join([name, *args]))
    if change is None:
        raise Misuse(f"usage: {name} {WORDS[name].usage}".rstrip())
    return change


def place(text: str) -> tuple[Mark, int, bool]:
    """A place in the stream, `fence+3`: mark, offset, and True to count received bytes. Raises Misuse."""
    name, _, offset = text.partition("+")
    marks: dict[str, Mark] = {"now": "now", "received": "now", "slip": "slip", "fence": "fence"}
    if name not in marks:
        raise Misuse(f"no place {text!r}; there is {', '.join(f'{mark}+BYTES' for mark in marks)}")
    return marks[name], int(number(offset or "0", "BYTES")), name == "received"


def number(text: str, what: str) -> float:
    """A number from 0 on. Raises Misuse."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e9:
        raise Misuse(f"{what} must be a number from 0, not {text!r}")
    return value


def _condition(**fields: bool) -> Change:
    def set_fields(of: Condition) -> None:
        for field, value in fields.items():
            setattr(of, field, value)

    return lambda printer, now: printer.change(set_fields, now)


def _busy(value: bool) -> Change:
    return lambda printer, _now: setattr(printer, "busy", value)


def _mute(value: bool) -> Change:
    return lambda printer, now: printer.mute(value, now)


_TABLE: dict[str, Change] = {
    "paper-out": _condition(paper_out=True),
    "paper-in": _condition(paper_out=False, near_end=False),
    "near-end": _condition(near_end=True),
    "near-end-clear": _condition(near_end=False),
    "cover-open": _condition(cover_open=True),
    "cover-close": _condition(cover_open=False),
    "cutter-jam": lambda printer, now: printer.jam_cutter(now),
    "cutter-jam now": lambda printer, now: printer.jam_cutter(now, at_once=True),
    "cutter-clear": lambda printer, now: printer.clear_jam(now),
    "head-hot": _condition(head_hot=True),
    "head-cool": _condition(head_hot=False),
    "offline": _condition(offline=True),
    "online": _condition(offline=False),
    "broken": _condition(broken=True),
    "feed": lambda printer, now: printer.press_feed(now),
    "busy": _busy(True),
    "not-busy": _busy(False),
    "mute": _mute(True),
    "unmute": _mute(False),
    "power-off": lambda printer, now: printer.power_off(now),
    "power-on": lambda printer, now: printer.power_on(now),
    "reboot": lambda printer, now: printer.reboot(now),
}
_NAMES = {words.split()[0] for words in _TABLE}

CUTS_CONNECTIONS = {"power-off", "reboot"}
"""Words at which a printer's network connections end."""
