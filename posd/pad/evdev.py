"""Which event device is a signature pad, and how its pen is read. Pure.

A pad has absolute X and Y and tells by BTN_TOUCH, by pressure or by BTN_TOOL_PEN that its pen touches. A FIFO cannot be
asked: it is believed to have the configured axes and BTN_TOUCH.
"""

from __future__ import annotations

from posd.input.events import ABS_MT_SLOT, ABS_MT_TOUCH_MAJOR, ABS_PRESSURE, ABS_TOOL_WIDTH, ABS_X, ABS_Y, Axis
from posd.input.keys import BTN_TOOL_PEN, BTN_TOUCH
from posd.input.node import Node
from posd.pad.assemble import Contact, PadAxes
from posd.pad.strokes import AXIS_MAX


def fifo_axes(axes: tuple[int, int, int]) -> dict[int, Axis]:
    """The axes of a pad behind a FIFO from `pad.axes`: the greatest x, y and pressure; a pressure of 0 means none."""
    x_max, y_max, p_max = axes
    found = {ABS_X: Axis(0, x_max), ABS_Y: Axis(0, y_max)}
    return found | {ABS_PRESSURE: Axis(0, p_max)} if p_max else found


def axes_fault(axes: tuple[int, int, int]) -> str | None:
    """What is wrong with `pad.axes`, or None."""
    if not (0 < axes[0] <= AXIS_MAX and 0 < axes[1] <= AXIS_MAX and 0 <= axes[2] <= AXIS_MAX):
        return (
            f"pad.axes holds {list(axes)}; write [x_max, y_max, pressure_max], each up to {AXIS_MAX}, "
            "pressure 0 if there is none"
        )
    return None


def pad_fault(node: Node) -> str | None:
    """Why `node` is no pad that posd can read, or None."""
    if ABS_X not in node.axes or ABS_Y not in node.axes:
        return "is not a signature pad: it has no absolute X and Y. Name the pad's event node in pad.device."
    if node.kind != "fifo" and contact_of(node) is None:
        return (
            "does not tell when its pen touches (no BTN_TOUCH, pressure or BTN_TOOL_PEN). "
            "Name the pen's event node in pad.device."
        )
    extents = axes_of(node).extents()
    if not (0 < extents.x_max <= AXIS_MAX and 0 < extents.y_max <= AXIS_MAX and 0 <= extents.p_max <= AXIS_MAX):
        return f"has axes that cannot be kept: {tuple(extents)}; each may reach {AXIS_MAX}."
    return None


def axes_of(node: Node) -> PadAxes:
    """The axes of a node that `pad_fault` found nothing wrong with."""
    return PadAxes(node.axes[ABS_X], node.axes[ABS_Y], _pressure(node), _width(node))


def _pressure(node: Node) -> Axis | None:
    """The pressure axis; one without a range is none."""
    axis = node.axes.get(ABS_PRESSURE)
    return axis if axis is not None and axis.maximum > axis.minimum else None


def _width(node: Node) -> tuple[int, Axis] | None:
    """By what the pad tells how wide the contact is. One with slots tells the widths of several, and not which of them
    it is whose place stands in X and Y.
    """
    for code in (ABS_TOOL_WIDTH,) if ABS_MT_SLOT in node.axes else (ABS_TOOL_WIDTH, ABS_MT_TOUCH_MAJOR):
        axis = node.axes.get(code)
        if axis is not None and axis.maximum > axis.minimum:
            return code, axis
    return None


def tells_pen(node: Node) -> bool:
    """Whether the pad says when it is a pen that touches it. A FIFO cannot be asked."""
    return node.kind != "fifo" and BTN_TOOL_PEN in node.keys


def contact_of(node: Node) -> Contact | None:
    """By what the pad tells that the pen touches it."""
    if node.kind == "fifo" or BTN_TOUCH in node.keys:
        return "touch"
    if _pressure(node) is not None:
        return "pressure"
    return "tool" if BTN_TOOL_PEN in node.keys else None
