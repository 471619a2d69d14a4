"""Frames to pen and buttons: no point is invented, none is lost."""

from __future__ import annotations

import pytest

from posd.input.events import ABS_TOOL_WIDTH, Axis, Event, Frame, Snapshot
from posd.pad.assemble import NO_PALM, Assembler, Button, Contact, PadAxes, Palm, Pen, Press
from posd.pad.turned import UPRIGHT, Turning
from tests.unit.input.wire import (
    ABS_PRESSURE,
    ABS_X,
    ABS_Y,
    BTN_TOOL_PEN,
    BTN_TOOL_RUBBER,
    BTN_TOUCH,
    CANCEL,
    CONFIRM,
    EV_ABS,
    EV_KEY,
    EV_MSC,
)

AXES = PadAxes(Axis(0, 4095), Axis(0, 2047), Axis(0, 1023))


def x(value: int) -> Event:
    return Event(EV_ABS, ABS_X, value)


def y(value: int) -> Event:
    return Event(EV_ABS, ABS_Y, value)


def pressure(value: int) -> Event:
    return Event(EV_ABS, ABS_PRESSURE, value)


def key(code: int, value: int = 1) -> Event:
    return Event(EV_KEY, code, value)


def touch(value: int = 1) -> Event:
    return key(BTN_TOUCH, value)


class Pad:
    """An assembler that is fed frames 5 ms apart."""

    def __init__(
        self,
        axes: PadAxes = AXES,
        contact: Contact = "touch",
        turning: Turning = UPRIGHT,
        pen_only: bool = False,
        palm: Palm = NO_PALM,
    ) -> None:
        buttons: dict[int, Button] = {CONFIRM: "confirm", CANCEL: "cancel"}
        self.assembler = Assembler(axes, contact, buttons, turning, pen_only=pen_only, palm=palm)
        self.time_us = 0

    def feed(self, *events: Event) -> list[object]:
        self.time_us += 5_000
        return list(self.assembler.feed(Frame(self.time_us, events)))

    def lose(self, state: Snapshot | None = None) -> list[object]:
        begun = self.assembler.feed(Frame(self.time_us, loss="begins"))
        return [*begun, *self.assembler.feed(Frame(self.time_us, loss="ends", state=state))]


def test_a_stroke() -> None:
    pad = Pad()
    assert pad.feed(key(BTN_TOOL_PEN), x(100), y(200)) == []
    assert pad.feed(touch(), x(101), pressure(50)) == [Pen("down", 10_000, 101, 200, 50)]
    assert pad.feed(y(205)) == [Pen("move", 15_000, 101, 205, 50)]
    assert pad.feed(pressure(60)) == [Pen("move", 20_000, 101, 205, 60)]
    assert pad.feed(touch(0), pressure(0)) == [Pen("up", 25_000)]
    assert pad.feed(x(300), y(300)) == []


def test_a_frame_in_which_nothing_of_the_pen_changed_makes_no_point() -> None:
    pad = Pad()
    pad.feed(touch(), x(1), y(2))
    assert pad.feed(x(1), y(2), Event(EV_MSC, 4, 9), Event(EV_ABS, 0x18 + 7, 3), Event(99, 98, 97)) == []


def test_there_is_no_point_before_both_places_are_known() -> None:
    pad = Pad()
    assert pad.feed(touch(), x(7), pressure(9)) == []
    assert pad.assembler.contact_possible
    assert pad.feed(y(8)) == [Pen("down", 10_000, 7, 8, 9)]


def test_values_count_from_the_axis_minimum_and_stay_within_it() -> None:
    pad = Pad(PadAxes(Axis(-100, 100), Axis(10, 20), None))
    assert pad.feed(touch(), x(-100), y(20), pressure(5)) == [Pen("down", 5_000, 0, 10, 0)]
    assert pad.feed(x(900), y(-900)) == [Pen("move", 10_000, 200, 0, 0)]
    assert tuple(PadAxes(Axis(-100, 100), Axis(10, 20), None).extents()) == (200, 10, 0)


def test_by_pressure_where_there_is_no_touch() -> None:
    pad = Pad(contact="pressure")
    assert pad.feed(x(1), y(2)) == []
    assert pad.feed(pressure(3)) == [Pen("down", 10_000, 1, 2, 3)]
    assert pad.feed(pressure(0)) == [Pen("up", 15_000)]


def test_by_the_tool_where_there_is_neither() -> None:
    pad = Pad(PadAxes(Axis(0, 9), Axis(0, 9), None), contact="tool")
    assert pad.feed(key(BTN_TOOL_PEN), x(1), y(2)) == [Pen("down", 5_000, 1, 2, 0)]
    assert pad.feed(key(BTN_TOOL_PEN, 0)) == [Pen("up", 10_000)]


def test_the_rubber_end_draws_nothing() -> None:
    pad = Pad()
    assert pad.feed(key(BTN_TOOL_RUBBER), touch(), x(1), y(2), pressure(3)) == []
    assert pad.feed(x(5)) == []


def test_buttons_count_when_they_go_down() -> None:
    pad = Pad()
    assert pad.feed(key(CONFIRM)) == [Press("confirm")]
    assert pad.feed(key(CONFIRM, 2)) == []
    assert pad.feed(key(CONFIRM, 0)) == []
    assert pad.feed(key(0x101), key(30)) == []
    assert pad.feed(key(CANCEL), key(CONFIRM)) == [Press("cancel"), Press("confirm")]


def test_in_one_frame_the_pen_comes_before_the_buttons() -> None:
    pad = Pad()
    pad.feed(touch(), x(1), y(2))
    assert pad.feed(key(CONFIRM), touch(0)) == [Pen("up", 10_000), Press("confirm")]


def test_after_a_loss_nothing_is_believed_that_was_not_told_again() -> None:
    pad = Pad()
    pad.feed(touch(), x(1), y(2), pressure(3))
    assert pad.lose() == [Pen("lost", 5_000), Pen("up", 5_000)]
    assert not pad.assembler.contact_possible
    assert pad.feed(x(9)) == []
    assert pad.feed(touch()) == [], "y is not known any more"
    assert pad.feed(y(8)) == [Pen("down", 20_000, 9, 8, 0)]


def test_after_a_loss_the_pen_goes_on_from_where_the_device_says_it_is() -> None:
    pad = Pad()
    pad.feed(touch(), x(1), y(2), pressure(3))
    state = Snapshot({ABS_X: 50, ABS_Y: 60, ABS_PRESSURE: 70}, frozenset({BTN_TOUCH, 30}))
    assert pad.lose(state) == [Pen("lost", 5_000), Pen("resume", 5_000, 50, 60, 70)]
    assert pad.feed(x(51)) == [Pen("move", 10_000, 51, 60, 70)]


def test_after_a_loss_a_lifted_pen_is_up() -> None:
    pad = Pad()
    pad.feed(touch(), x(1), y(2))
    assert pad.lose(Snapshot({ABS_X: 50, ABS_Y: 60}, frozenset())) == [Pen("lost", 5_000), Pen("up", 5_000)]


def test_while_events_are_missing_the_pen_may_touch() -> None:
    pad = Pad()
    pad.assembler.feed(Frame(0, loss="begins"))
    assert pad.assembler.contact_possible


@pytest.mark.parametrize("down", [False, True])
def test_what_stood_at_the_opening_is_where_the_pen_goes_on(down: bool) -> None:
    pad = Pad()
    pad.assembler.prime(Snapshot({ABS_X: 5, ABS_Y: 6, ABS_PRESSURE: 0}, frozenset({BTN_TOUCH} if down else ())))
    assert pad.assembler.contact_possible == down
    assert pad.feed(touch(), x(7)) == [Pen("move" if down else "down", 5_000, 7, 6, 0)]


def test_a_palm_draws_nothing_on_a_pad_that_can_tell_its_pen() -> None:
    pad = Pad(pen_only=True)
    assert pad.feed(x(100), y(200), touch()) == []
    assert pad.feed(x(150)) == []
    assert not pad.assembler.contact_possible
    assert pad.feed(key(BTN_TOOL_PEN), x(300)) == [Pen("down", 15_000, 300, 200, 0)]
    assert pad.feed(x(310)) == [Pen("move", 20_000, 310, 200, 0)]
    assert pad.feed(key(BTN_TOOL_PEN, 0)) == [Pen("up", 25_000)]
    assert pad.feed(x(320)) == [], "the palm still lies there"
    assert Pad().feed(x(100), y(200), touch()) == [Pen("down", 5_000, 100, 200, 0)]


def test_a_turned_pad_gives_places_as_the_signer_sees_them() -> None:
    pad = Pad(turning=Turning(90, mirror=False))
    assert pad.assembler.extents == (2047, 4095, 1023)
    assert pad.feed(x(10), y(20), touch()) == [Pen("down", 5_000, 2027, 10, 0)]
    assert pad.feed(x(5000)) == [Pen("move", 10_000, 2027, 4095, 0)], "held within the pad's own range first"


def width(value: int) -> Event:
    return Event(EV_ABS, ABS_TOOL_WIDTH, value)


WIDE = AXES._replace(width=(ABS_TOOL_WIDTH, Axis(0, 15)))


def test_a_contact_as_wide_as_a_palm_is_told_once_and_draws_nothing_until_it_was_lifted() -> None:
    pad = Pad(WIDE, palm=Palm(width=0.66))
    assert pad.feed(touch(), x(1), y(2), width(4)) == [Pen("down", 5_000, 1, 2, 0)]
    assert pad.feed(width(9)) == [], "a width is no place"
    assert pad.feed(x(3), width(10)) == [Pen("palm", 10_000 + 5_000)]
    assert pad.feed(x(5), width(12)) == []
    assert pad.feed(x(6), width(3)) == [], "a palm that leaves is narrow again"
    assert pad.feed(touch(0)) == [Pen("up", 30_000)]
    assert pad.feed(touch(), x(7)) == [Pen("down", 35_000, 7, 2, 0)]


def test_a_palm_that_is_wide_from_the_start_and_the_pen_after_it() -> None:
    pad = Pad(WIDE, palm=Palm(width=0.66))
    assert pad.feed(touch(), x(1), y(2), width(15)) == [Pen("palm", 5_000)]
    assert pad.feed(touch(0), width(0)) == [Pen("up", 10_000)]
    assert pad.feed(touch(), x(7), width(3)) == [Pen("down", 15_000, 7, 2, 0)]


@pytest.mark.parametrize(("share", "phase"), [(1.0, "down"), (0.9, "palm")])
def test_pressure_tells_a_palm_only_where_the_shop_says_so(share: float, phase: str) -> None:
    (pen,) = Pad(palm=Palm(pressure=share)).feed(touch(), x(1), y(2), pressure(1030))
    assert isinstance(pen, Pen)
    assert pen.phase == phase


def test_after_a_loss_a_palm_is_told_anew() -> None:
    pad = Pad(WIDE, palm=Palm(width=0.66))
    pad.feed(touch(), x(1), y(2), width(15))
    found = pad.lose(Snapshot({0: 5, 1: 6}, frozenset({BTN_TOUCH})))
    assert [pen.phase for pen in found if isinstance(pen, Pen)] == ["lost", "resume"]
    assert pad.feed(width(14)) == [Pen("palm", 10_000)]
    assert pad.lose()[-1] == Pen("up", 10_000)
    assert pad.feed(touch(), x(7), y(8)) == [Pen("down", 15_000, 7, 8, 0)]
