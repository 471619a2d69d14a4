"""From frames of an event device to what the pen did and which buttons were pressed. Pure.

Rules:
- A frame carries only what changed; the rest stands as it was. A point needs both places to be known: where one was
  never told, there is no point.
- Pen on the pad: BTN_TOUCH where the pad has it, else pressure above the least, else BTN_TOOL_PEN. The rubber end draws
  nothing. With `pen_only`, for a pad that can tell its pen, neither does what touches it without BTN_TOOL_PEN: a palm,
  a finger, a sleeve.
- A palm: where the pad tells how wide the contact is, or how hard it presses, a contact above the limit is told as one,
  once, and as nothing more until it was lifted: a palm that leaves is narrow again.
- A pad that lies turned or mirrored is turned here (turned.py): all that follows sees it upright.
- A point is made when the pen comes down and when a touching pen's place or pressure changes; never in between, never
  after a loss until the pad has told where the pen is.
- A loss of events is passed on. A pen that touches afterwards goes on with `resume`, which says that what lies between
  is not known.
- Values are taken from the axis' minimum and held within its range, since the kernel does not hold them.
- A button counts when it goes down (value 1), not while it repeats or when it is let go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from posd.input.events import (
    ABS_MT_TOUCH_MAJOR,
    ABS_PRESSURE,
    ABS_TOOL_WIDTH,
    ABS_X,
    ABS_Y,
    EV_ABS,
    EV_KEY,
    Axis,
    Event,
    Frame,
    Snapshot,
)
from posd.input.keys import BTN_TOOL_PEN, BTN_TOOL_RUBBER, BTN_TOUCH
from posd.pad.strokes import Extents
from posd.pad.turned import UPRIGHT, Turning

Button = Literal["confirm", "clear", "cancel"]
Contact = Literal["touch", "pressure", "tool"]
_TOOLS = frozenset({BTN_TOUCH, BTN_TOOL_PEN, BTN_TOOL_RUBBER})
_DRAWN = frozenset({ABS_X, ABS_Y, ABS_PRESSURE})
_AXES = _DRAWN | {ABS_TOOL_WIDTH, ABS_MT_TOUCH_MAJOR}


class Pen(NamedTuple):
    """What the pen did. `down`, `move` and `resume` have a place (in units from the axis' minimum, turned upright);
    `up`, `lost` and `palm` (what touches the pad is none) have none.
    """

    phase: Literal["down", "move", "resume", "up", "lost", "palm"]
    time_us: int
    x: int = 0
    y: int = 0
    pressure: int = 0


class Press(NamedTuple):
    """A button of the pad went down."""

    button: Button


class Palm(NamedTuple):
    """Above which share of its axis a contact's width, or its pressure, is a palm's; nothing is above 1. The driver
    xf86-input-synaptics takes ten of fifteen for a palm's width.
    """

    width: float = 1.0
    pressure: float = 1.0


NO_PALM = Palm()


class PadAxes(NamedTuple):
    """The axes of a pad; `pressure` is None where it has none, `width` (code and range) where it does not tell how wide
    the contact is.
    """

    x: Axis
    y: Axis
    pressure: Axis | None
    width: tuple[int, Axis] | None = None

    def extents(self) -> Extents:
        """The same as extents of ink, as the pad tells them."""
        pressure = self.pressure
        return Extents(
            self.x.maximum - self.x.minimum,
            self.y.maximum - self.y.minimum,
            pressure.maximum - pressure.minimum if pressure else 0,
        )


class Assembler:
    """Frames of one open device in, pen and presses out."""

    def __init__(
        self,
        axes: PadAxes,
        contact: Contact,
        buttons: Mapping[int, Button],
        turning: Turning = UPRIGHT,
        *,
        pen_only: bool = False,
        palm: Palm = NO_PALM,
    ) -> None:
        self._axes = axes
        self._limits = _limits(axes, palm)
        self._own = axes.extents()
        self._turning = turning
        self._pen_only = pen_only
        self._contact = contact
        self._buttons = buttons
        self._values: dict[int, int] = {}
        self._held: set[int] = set()
        self._drawing = False
        self._palm = False
        self._lost = False

    @property
    def extents(self) -> Extents:
        """The extents of the ink: the pad's, turned upright."""
        return self._turning.extents(self._own)

    @property
    def contact_possible(self) -> bool:
        """Whether the pen touches the pad, or may do so because events are missing."""
        return self._lost or self._touching()

    def prime(self, state: Snapshot) -> None:
        """How the device stood when it was opened. A touching pen is in a stroke whose beginning nobody saw."""
        self._values.update(state.axes)
        self._held.update(state.keys & _TOOLS)
        self._drawing = self._touching() and self._placed()

    def feed(self, frame: Frame) -> list[Pen | Press]:
        """What `frame` means, in order: first the pen, then the buttons."""
        if frame.loss == "begins":
            return self._lose(frame)
        if frame.loss == "ends":
            return self._find_again(frame)
        changed = False
        presses: list[Press] = []
        for event in frame.events:
            if event.type == EV_ABS:
                changed |= self._move(event)
            elif event.type == EV_KEY:
                self._key(event, presses)
        return [*self._pen(frame.time_us, changed), *presses]

    def _move(self, event: Event) -> bool:
        if event.code not in _AXES or self._values.get(event.code) == event.value:
            return False
        self._values[event.code] = event.value
        return event.code in _DRAWN

    def _key(self, event: Event, presses: list[Press]) -> None:
        if event.code in self._buttons:
            if event.value == 1:
                presses.append(Press(self._buttons[event.code]))
        elif event.code in _TOOLS:
            (self._held.add if event.value else self._held.discard)(event.code)

    def _touching(self) -> bool:
        if BTN_TOOL_RUBBER in self._held or (self._pen_only and BTN_TOOL_PEN not in self._held):
            return False
        if self._contact == "touch":
            return BTN_TOUCH in self._held
        if self._contact == "tool" or self._axes.pressure is None:
            return BTN_TOOL_PEN in self._held
        return self._values.get(ABS_PRESSURE, self._axes.pressure.minimum) > self._axes.pressure.minimum

    def _pen(self, time_us: int, changed: bool) -> list[Pen]:
        if not self._touching():
            if not (self._drawing or self._palm):
                return []
            self._drawing = self._palm = False
            return [Pen("up", time_us)]
        if self._palm or not self._placed():
            return []
        if any(self._values.get(code, limit) > limit for code, limit in self._limits):
            self._palm = True
            return [Pen("palm", time_us)]
        if self._drawing and not changed:
            return []
        phase: Literal["down", "move"] = "move" if self._drawing else "down"
        self._drawing = True
        return [self._point(phase, time_us)]

    def _lose(self, frame: Frame) -> list[Pen | Press]:
        self._lost = True
        self._values.clear()
        self._held.clear()
        return [Pen("lost", frame.time_us)]

    def _find_again(self, frame: Frame) -> list[Pen | Press]:
        self._lost = False
        self._drawing = self._palm = False
        if frame.state is not None:
            self.prime(frame.state)
        if self._drawing:
            return [self._point("resume", frame.time_us)]
        return [Pen("up", frame.time_us)]

    def _placed(self) -> bool:
        return ABS_X in self._values and ABS_Y in self._values

    def _point(self, phase: Literal["down", "move", "resume"], time_us: int) -> Pen:
        pressure = self._within(ABS_PRESSURE, self._axes.pressure) if self._axes.pressure else 0
        own = self._within(ABS_X, self._axes.x), self._within(ABS_Y, self._axes.y)
        return Pen(phase, time_us, *self._turning.place(*own, self._own), pressure)

    def _within(self, code: int, axis: Axis) -> int:
        return min(max(self._values.get(code, axis.minimum), axis.minimum), axis.maximum) - axis.minimum


def _limits(axes: PadAxes, palm: Palm) -> list[tuple[int, float]]:
    """Code and greatest value of the axes by which a palm is told."""
    told = [(ABS_PRESSURE, axes.pressure, palm.pressure)] if axes.pressure else []
    if axes.width:
        told.append((*axes.width, palm.width))
    return [(code, axis.minimum + share * (axis.maximum - axis.minimum)) for code, axis, share in told if share < 1]
