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
from hwsim.pad.hand import RATE_HZ, Pen, Stroke, half_signature, scribble, signature

Act = list[tuple[float, list[Event]]]

CONFIRM, CLEAR, CANCEL = BTN_0, BTN_1, BTN_2
PAUSE_S = 0.15
"""Between lifting the pen and pressing a button."""


def sign(name: str, pen: Pen | None = None) -> Act:
    """Sign and confirm."""
    pen = pen or Pen()
    return _then_press(_drawing(signature(name, pen), pen.rate_hz), CONFIRM)


def pen_of(args: list[str]) -> tuple[list[str], Pen]:
    """Names and the pen of `NAME... --rate HZ --tremor TIMES --palm`. Raises ValueError."""
    rest, values = [arg for arg in args if arg != "--palm"], {"--rate": str(RATE_HZ), "--tremor": "1"}
    for option in values:
        if option in rest:
            at = rest.index(option)
            if at + 1 == len(rest):
                raise ValueError(f"{option} needs a number behind it")
            values[option] = rest[at + 1]
            del rest[at : at + 2]
    try:
        rate, tremor = int(values["--rate"]), float(values["--tremor"])
    except ValueError:
        raise ValueError("--rate and --tremor take numbers") from None
    return rest, Pen(rate, tremor, "--palm" in args)


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


def _drawing(strokes: list[Stroke], rate_hz: int = RATE_HZ) -> Act:
    act: Act = []
    for stroke in strokes:
        first, last = stroke[0], stroke[-1]
        act.append((first.time, [(EV_KEY, BTN_TOOL_PEN, 1), (EV_ABS, ABS_X, first.x), (EV_ABS, ABS_Y, first.y)]))
        for index, sample in enumerate(stroke):
            touch: list[Event] = [(EV_KEY, BTN_TOUCH, 1)] if index == 0 else []
            place = [(EV_ABS, ABS_X, sample.x), (EV_ABS, ABS_Y, sample.y), (EV_ABS, ABS_PRESSURE, sample.pressure)]
            act.append((sample.time + 1 / rate_hz, touch + place))
        act.append((last.time + 2 / rate_hz, [(EV_KEY, BTN_TOUCH, 0), (EV_ABS, ABS_PRESSURE, 0)]))
        act.append((last.time + 3 / rate_hz, [(EV_KEY, BTN_TOOL_PEN, 0)]))
    return act


def _then_press(act: Act, code: int, *, pause: float = PAUSE_S) -> Act:
    down = act[-1][0] + pause if act else 0.0
    return [*act, (down, [(EV_KEY, code, 1)]), (down + 0.04, [(EV_KEY, code, 0)])]
