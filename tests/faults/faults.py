"""What goes wrong with a printer and how people put it right again. Pure data; the words are the bench's.

A `Fault` happens at a byte: `slip` counts what the printer has executed, `received` what has come in, `taken` what the
kernel took from posd. Where these differ (a buffer, a line) they are different faults.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Count = Literal["slip", "received", "taken"]
Words = tuple[str, ...]


class Fault(NamedTuple):
    """`counted` says how its byte is counted. `happens` and `mended` are words for the bench; `kills`: posd is killed
    with it; `cuts_line`: what is on the line is lost too, as the box has no power any more.
    """

    counted: Count
    happens: Words = ()
    mended: Words = ()
    kills: bool = False
    cuts_line: bool = False


FAULTS: dict[str, Fault] = {
    "paper-end": Fault("slip", ("paper-out",), ("paper-in",)),
    "paper-power": Fault("slip", ("paper-out",), ("power-off", "paper-in", "power-on")),
    "paper-cover": Fault("slip", ("paper-out",), ("cover-open", "paper-in", "cover-close")),
    "cover": Fault("slip", ("cover-open",), ("cover-close",)),
    "cutter": Fault("slip", ("cutter-jam",), ("cutter-clear",)),
    "cutter-at-once": Fault("slip", ("cutter-jam now",), ("cover-open", "cutter-clear", "cover-close")),
    "cutter-power": Fault("slip", ("cutter-jam",), ("power-off", "cutter-clear", "power-on")),
    "head-hot": Fault("slip", ("head-hot",), ("head-cool",)),
    "offline": Fault("slip", ("offline",), ("online",)),
    "mute": Fault("slip", ("mute",), ("unmute",)),
    "broken": Fault("slip", ("broken",), ("power-off", "power-on")),
    "unplug": Fault("received", ("unplug",), ("plug",)),
    "unplug-off": Fault("received", ("unplug", "power-off"), ("power-on", "plug")),
    "power": Fault("received", ("power-off",), ("power-on",)),
    "power-late": Fault("slip", ("power-off",), ("power-on",)),
    "reboot": Fault("received", ("reboot",)),
    "busy": Fault("received", ("busy",), ("not-busy",)),
    "busy-power": Fault("received", ("busy",), ("power-off", "power-on")),
    "kill": Fault("taken", kills=True),
    "box-power": Fault("taken", kills=True, cuts_line=True),
    "all-power": Fault("taken", ("power-off",), ("power-on",), kills=True, cuts_line=True),
}
