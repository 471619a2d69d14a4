"""What a customer does at the pad, as the reports that the pad sends.

Rules: pure; a list of (seconds from the beginning, events of one report). The pen comes near before it touches and goes
away after it lifts; a button is pressed and let go in two reports.
"""

from __future__ import annotations

from hwsim.events import (
    ABS_PRESSURE,
    ABS_X,
    ABS_Y,
    BTN_0,
    BTN_1,
    BTN_2,
    BTN_TOOL_PEN,
    BTN_TOUCH,
    EV_ABS,
    EV_KEY,
    Event,
    burst,
)
from hwsim.keys import key_code
from hwsim.pad.hand import RATE_HZ, Stroke, half_signature, scribble, signature

Act = list[tuple[float, list[Event]]]

CONFIRM, CLEAR, CANCEL = BTN_0, BTN_1, BTN_2
PAUSE_S = 0.15
"""Between lifting the pen and pressing a button."""


def sign(name: str) -> Act:
    """Sign and confirm."""
    return _then_press(_drawing(signature(name)), CONFIRM)


def scribble_and_confirm() -> Act:
    """A meaningless zigzag, then confirm."""
    return _then_press(_drawing(scribble()), CONFIRM)


def blank() -> Act:
    """Confirm without having drawn."""
    return _then_press([], CONFIRM)


def clear() -> Act:
    """The clear button."""
    return _then_press([], CLEAR)


def cancel() -> Act:
    """The cancel button."""
    return _then_press([], CANCEL)


def walk_away() -> Act:
    """Half a signature, and nothing more."""
    return _drawing(half_signature())


def press(names: list[str]) -> Act:
    """Keys of the keypad, one after the other. Raises ValueError for a name that is no key."""
    act: Act = []
    for code in [key_code(name) for name in names]:
        act = _then_press(act, code, pause=0.06)
    return act


def bursts(act: Act, start: float) -> list[tuple[float, bytes]]:
    """The act's reports as records that begin at `start` (seconds since the epoch)."""
    return [(start + offset, burst(start + offset, events)) for offset, events in act]


def _drawing(strokes: list[Stroke]) -> Act:
    act: Act = []
    for stroke in strokes:
        first, last = stroke[0], stroke[-1]
        act.append((first.time, [(EV_KEY, BTN_TOOL_PEN, 1), (EV_ABS, ABS_X, first.x), (EV_ABS, ABS_Y, first.y)]))
        for index, sample in enumerate(stroke):
            touch: list[Event] = [(EV_KEY, BTN_TOUCH, 1)] if index == 0 else []
            place = [(EV_ABS, ABS_X, sample.x), (EV_ABS, ABS_Y, sample.y), (EV_ABS, ABS_PRESSURE, sample.pressure)]
            act.append((sample.time + 1 / RATE_HZ, touch + place))
        act.append((last.time + 2 / RATE_HZ, [(EV_KEY, BTN_TOUCH, 0), (EV_ABS, ABS_PRESSURE, 0)]))
        act.append((last.time + 3 / RATE_HZ, [(EV_KEY, BTN_TOOL_PEN, 0)]))
    return act


def _then_press(act: Act, code: int, *, pause: float = PAUSE_S) -> Act:
    down = act[-1][0] + pause if act else 0.0
    return [*act, (down, [(EV_KEY, code, 1)]), (down + 0.04, [(EV_KEY, code, 0)])]
