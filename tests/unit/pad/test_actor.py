"""The pad's actor on a real FIFO: every session ends once, with the ink that belongs to it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from posd.config import ConfigError, PadSection
from posd.domain.device import LiveInk, SignOutcome, SignRequest
from posd.pad.actor import LIVE_POINTS_MAX, PadActor
from posd.pad.strokes import Ink, decode
from tests.unit.input.wire import (
    ABS_PRESSURE,
    ABS_X,
    ABS_Y,
    BTN_TOUCH,
    CANCEL,
    CLEAR,
    CONFIRM,
    EV_ABS,
    EV_KEY,
    Fifo,
    Hand,
    beside,
    dropped,
    frame,
    loop,
    press,
    until,
)
from tests.unit.pad import shop


class Shop(shop.Shop):
    """It asks on the pad at `fifo`."""

    def __init__(self, fifo: Fifo, **section: object) -> None:
        super().__init__()
        self.fifo = fifo
        self.hand = Hand()
        self.shown: list[LiveInk] = []
        self.watched = False
        pad = PadSection(driver="evdev", device=str(fifo.path), **section)  # type: ignore[arg-type]
        self.pad = PadActor(pad, self.hear, lambda: self.watched, self._look)

    def _look(self, transaction: str, ink: LiveInk) -> None:
        assert (transaction, ink.session) == ("t-s1", "s1")
        self.shown.append(ink)

    async def ready(self) -> None:
        await until(lambda: self.states and self.states[-1] == "ready", "the pad is ready")

    async def outcome(self, number: int = 1) -> SignOutcome:
        await until(lambda: len(self.outcomes) >= number, f"outcome {number}")
        return self.outcomes[number - 1]


def play(scene: Callable[[Shop], Awaitable[None]], fifo: Fifo, **section: object) -> Shop:
    """Run the pad while the scene plays. Every session that was begun must have ended once."""

    async def run() -> Shop:
        shop = Shop(fifo, **section)
        await beside(shop.pad, scene(shop))
        return shop

    shop = asyncio.run(run())
    if fifo.fd >= 0:
        fifo.let_go()
    names = [outcome.session for outcome in shop.outcomes]
    assert len(names) == len(set(names))
    return shop


def ink(outcome: SignOutcome) -> Ink:
    assert outcome.drawing is not None
    assert outcome.drawing.kind == "strokes"
    return decode(outcome.drawing.data)


def places(outcome: SignOutcome) -> list[list[tuple[int, int]]]:
    return [[(point.x, point.y) for point in stroke] for stroke in ink(outcome).strokes]


@pytest.fixture
def fifo(tmp_path: Path) -> Fifo:
    return Fifo(tmp_path / "pad").plug()


def test_a_customer_signs_and_confirms(fifo: Fifo) -> None:
    async def scene(shop: Shop) -> None:
        await shop.ready()
        shop.begin("s1")
        fifo.write(shop.hand.signature() + press(CONFIRM))
        await shop.outcome()

    shop = play(scene, fifo)
    (outcome,) = shop.outcomes
    assert (outcome.session, outcome.result) == ("s1", "captured")
    assert places(outcome) == [loop(), loop(40)]
    assert tuple(ink(outcome).extents) == (4095, 2047, 1023)
    assert {point.pressure for stroke in ink(outcome).strokes for point in stroke} == {500}
    assert [point.t_ms for point in ink(outcome).strokes[0][:3]] == [0, 5, 10]


def test_what_was_drawn_before_begin_and_not_yet_read_does_not_belong_to_the_session(fifo: Fifo) -> None:
    async def scene(shop: Shop) -> None:
        await shop.ready()
        fifo.write(shop.hand.signature(400) + press(CONFIRM, CANCEL) + shop.hand.down(5, 5))
        shop.begin("s1")
        fifo.write(shop.hand.move(6, 6) + shop.hand.up() + shop.hand.signature() + press(CONFIRM))
        await shop.outcome()

    (outcome,) = play(scene, fifo).outcomes
    assert outcome.result == "captured"
    assert places(outcome) == [loop(), loop(40)]


def test_two_sessions_in_one_burst_of_events_each_get_their_own(fifo: Fifo) -> None:
    async def scene(shop: Shop) -> None:
        await shop.ready()
        shop.begin("s1")
        fifo.write(shop.hand.signature() + press(CONFIRM) + shop.hand.signature(80) + press(CONFIRM))
        await shop.outcome()
        shop.begin("s2")
        fifo.write(shop.hand.signature(160) + press(CONFIRM))
        await shop.outcome(2)

    first, second = play(scene, fifo).outcomes
    assert places(first) == [loop(), loop(40)]
    assert places(second) == [loop(160), loop(200)]


def test_clear_begins_anew(fifo: Fifo) -> None:
    async def scene(shop: Shop) -> None:
        await shop.ready()
        shop.begin("s1")
        fifo.write(shop.hand.signature(300) + press(CLEAR) + shop.hand.signature() + press(CONFIRM))
        await shop.outcome()

    assert places(play(scene, fifo).outcomes[0]) == [loop(), loop(40)]


@pytest.mark.parametrize("who", ["customer", "desk"])
def test_cancel_keeps_what_was_drawn(fifo: Fifo, who: str) -> None:
    async def scene(shop: Shop) -> None:
        await shop.ready()
        shop.begin("s1")
        fifo.write(shop.hand.stroke(loop()) + (press(CANCEL) if who == "customer" else b""))
        if who == "desk":
            shop.pad._port.drain()
            shop.cancel("some other session")
            shop.cancel("s1")
            shop.cancel("s1")
        await shop.outcome()

    (outcome,) = play(scene, fifo).outcomes
    assert outcome.result == "cancelled"
    assert places(outcome) == [loop()]


def test_a_session_may_begin_right_after_the_one_before_was_cancelled(fifo: Fifo) -> None:
    async def scene(shop: Shop) -> None:
        await shop.ready()
        shop.begin("s1")
        shop.cancel("s1")
        shop.begin("s2")
        await shop.outcome(2)

    outcomes = play(scene, fifo, timeout="100ms").outcomes
    assert [(outcome.session, outcome.result) for outcome in outcomes] == [("s1", "cancelled"), ("s2", "timeout")]


def test_blanks_use_up_the_tries(fifo: Fifo) -> None:
    async def scene(shop: Shop) -> None:
        await shop.ready()
        shop.begin("s1")
        fifo.write(press(CONFIRM) + shop.hand.stroke([(100, 100), (110, 110)]) + press(CONFIRM))
        await shop.outcome()

    (outcome,) = play(scene, fifo, tries=2).outcomes
    assert outcome.result == "blank"
    assert places(outcome) == [[(100, 100), (110, 110)]]


def test_nobody_signs(fifo: Fifo) -> None:
    async def scene(shop: Shop) -> None:
        await shop.ready()
        shop.begin("s1")
        await shop.outcome()

    (outcome,) = play(scene, fifo, timeout="50ms").outcomes
    assert outcome == SignOutcome("s1", "timeout", None)


def test_walking_away_keeps_what_was_drawn(fifo: Fifo) -> None:
    async def scene(shop: Shop) -> None:
        await shop.ready()
        shop.begin("s1")
        fifo.write(shop.hand.stroke(loop()))
        await shop.outcome()

    (outcome,) = play(scene, fifo, timeout="200ms").outcomes
    assert outcome.result == "timeout"
    assert places(outcome) == [loop()]


def test_a_pad_that_is_pulled_out_ends_the_session_and_serves_again_when_it_is_back(fifo: Fifo) -> None:
    async def scene(shop: Shop) -> None:
        await shop.ready()
        shop.begin("s1")
        fifo.write(shop.hand.stroke(loop()) + shop.hand.down(9, 9))
        fifo.unplug()
        await shop.outcome()
        fifo.plug()
        await shop.ready()
        shop.begin("s2")
        fifo.write(shop.hand.move(10, 10) + shop.hand.up() + shop.hand.signature(40) + press(CONFIRM))
        await shop.outcome(2)

    shop = play(scene, fifo)
    first, second = shop.outcomes
    assert first.result == "device"
    assert places(first) == [loop(), [(9, 9)]]
    assert second.result == "captured"
    assert places(second) == [loop(40), loop(80)]
    assert shop.states == ["opening", "ready", "absent", "opening", "ready"]
    outcome_at, absent_at = shop.said.index(first), shop.states.index("absent")
    assert outcome_at == absent_at, "the session's end is told before the device's"


def test_without_a_pad_a_session_ends_at_once(tmp_path: Path) -> None:
    async def scene(shop: Shop) -> None:
        shop.begin("s0")
        await shop.outcome()
        await until(lambda: shop.states == ["absent"], "absent")
        shop.begin("s1")
        await shop.outcome(2)

    outcomes = play(scene, Fifo(tmp_path / "nothing")).outcomes
    assert outcomes == [SignOutcome("s0", "device"), SignOutcome("s1", "device")]


def test_a_pad_that_goes_between_two_turns_still_ends_the_session(fifo: Fifo) -> None:
    async def scene(shop: Shop) -> None:
        await shop.ready()
        fifo.unplug()
        shop.begin("s1")
        await shop.outcome()

    assert play(scene, fifo).outcomes == [SignOutcome("s1", "device")]


def test_closing_in_the_middle_of_a_session_keeps_what_was_drawn(fifo: Fifo) -> None:
    async def scene(shop: Shop) -> None:
        await shop.ready()
        shop.begin("s1")
        fifo.write(shop.hand.stroke(loop()))
        shop.pad._port.drain()
        await shop.pad.close()
        assert shop.outcomes, "the end is told before closing is over"

    (outcome,) = play(scene, fifo).outcomes
    assert outcome.result == "restart"
    assert places(outcome) == [loop()]


def test_a_second_session_while_one_is_on_is_a_fault_of_the_program(fifo: Fifo) -> None:
    async def scene(shop: Shop) -> None:
        await shop.ready()
        shop.begin("s1")
        with pytest.raises(AssertionError, match="s2 begins while s1 is on"):
            shop.pad.begin(SignRequest("s2", "", ""))

    assert [outcome.session for outcome in play(scene, fifo).outcomes] == ["s1"]


def test_lost_events_break_the_stroke_and_the_session_goes_on(fifo: Fifo) -> None:
    async def scene(shop: Shop) -> None:
        await shop.ready()
        shop.begin("s1")
        half = shop.hand.down(*loop()[0]) + b"".join(shop.hand.move(*place) for place in loop()[1:30])
        fifo.write(half + dropped() + frame((EV_ABS, ABS_X, 4000)) + shop.hand.move(*loop()[30]) + shop.hand.up())
        fifo.write(shop.hand.stroke(loop(40)) + press(CONFIRM))
        await shop.outcome()

    (outcome,) = play(scene, fifo).outcomes
    assert outcome.result == "captured"
    assert places(outcome) == [loop()[:30], loop(40)]


def test_garbage_on_the_fifo_is_survived(fifo: Fifo) -> None:
    async def scene(shop: Shop) -> None:
        await shop.ready()
        fifo.write(bytes(range(256)) * 90)
        shop.begin("s1")
        fifo.write(frame((200, 7, 7), (EV_KEY, 9999, 1), (EV_ABS, 63, -5)) + frame())
        fifo.write(shop.hand.signature() + press(CONFIRM))
        await shop.outcome()

    assert places(play(scene, fifo).outcomes[0]) == [loop(), loop(40)]


def test_1000_reports_a_second_are_all_there(fifo: Fifo) -> None:
    """Five seconds' worth, as fast as the pipe takes it."""
    sent = [(step, step * 4 // 5, abs(step % 2000 - 1000), step % 1000) for step in range(5000)]

    async def scene(shop: Shop) -> None:
        await shop.ready()
        shop.begin("s1")
        down = [(EV_KEY, BTN_TOUCH, 1)]
        for step, x, y, pressure in sent:
            events = [(EV_ABS, ABS_X, x), (EV_ABS, ABS_Y, y), (EV_ABS, ABS_PRESSURE, pressure)]
            data = frame(*down, *events, time_us=10**9 + step * 1000)
            down = []
            while True:
                try:
                    fifo.write(data)
                    break
                except BlockingIOError:
                    await asyncio.sleep(0)
        fifo.write(shop.hand.up() + press(CONFIRM))
        await shop.outcome()

    (outcome,) = play(scene, fifo).outcomes
    (stroke,) = ink(outcome).strokes
    assert [tuple(point) for point in stroke] == sent


def test_the_fifos_axes_come_from_the_configuration(fifo: Fifo) -> None:
    async def scene(shop: Shop) -> None:
        await shop.ready()
        shop.begin("s1")
        fifo.write(shop.hand.signature() + press(CONFIRM))
        await shop.outcome()

    found = ink(play(scene, fifo, axes=(3000, 3000, 0)).outcomes[0])
    assert tuple(found.extents) == (3000, 3000, 0)
    assert {point.pressure for stroke in found.strokes for point in stroke} == {0}


def test_buttons_are_those_of_the_configuration(fifo: Fifo) -> None:
    async def scene(shop: Shop) -> None:
        await shop.ready()
        shop.begin("s1")
        fifo.write(shop.hand.signature() + press(CONFIRM, CANCEL) + press(0x14B))
        await shop.outcome()

    assert play(scene, fifo, confirm="BTN_STYLUS", cancel="KEY_F1").outcomes[0].result == "captured"


@pytest.mark.parametrize(
    ("section", "says"),
    [
        ({"confirm": "BTN_ZERO"}, r"pad\.confirm: 'BTN_ZERO' is not the name of a key"),
        ({"clear": "BTN_0"}, r"pad\.clear: BTN_0 is already pad\.confirm"),
        ({"axes": (0, 2047, 1023)}, r"pad\.axes"),
        ({"axes": (4095, 2047, -1)}, r"pad\.axes"),
        ({"axes": (1 << 20, 2047, 0)}, r"pad\.axes"),
    ],
)
def test_what_cannot_be_configured_is_refused_at_once(section: dict[str, object], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        PadActor(PadSection(**{"driver": "evdev", "device": "/dev/null", **section}), lambda word: None)  # type: ignore[arg-type]


def test_what_is_drawn_is_shown_in_portions_while_somebody_watches(fifo: Fifo) -> None:
    places_drawn = [(500 + 2 * step, 600 + step % 90) for step in range(LIVE_POINTS_MAX + 100)]

    async def scene(shop: Shop) -> None:
        await shop.ready()
        shop.begin("s1")
        fifo.write(shop.hand.stroke(loop()))
        shop.pad._port.drain()
        assert shop.shown == []
        shop.watched = True
        fifo.write(shop.hand.stroke(places_drawn))
        await until(lambda: sum(len(ink.points) for ink in shop.shown) == 60 + len(places_drawn), "all is shown")
        fifo.write(press(CLEAR))
        await until(lambda: not shop.shown[-1].points, "the clearing is shown")
        fifo.write(shop.hand.signature() + press(CONFIRM))
        await shop.outcome()

    shop = play(scene, fifo)
    told = [point for ink in shop.shown for point in ink.points]
    assert [(x, y) for _, _, x, y, _ in told][: 60 + len(places_drawn)] == loop() + places_drawn
    assert {stroke for stroke, *_ in told} >= {0, 1}
    assert max(len(ink.points) for ink in shop.shown) == LIVE_POINTS_MAX
    assert shop.shown[0].anew
    assert sum(ink.anew for ink in shop.shown) == 2, "the beginning and the clearing"


def test_a_pad_that_lies_turned_and_mirrored(fifo: Fifo) -> None:
    async def scene(shop: Shop) -> None:
        await shop.ready()
        shop.begin("s1")
        fifo.write(shop.hand.signature() + press(CONFIRM))
        await shop.outcome()

    (outcome,) = play(scene, fifo, rotate=90, mirror=True).outcomes
    assert ink(outcome).extents == (2047, 4095, 1023)
    assert places(outcome)[0] == [(2047 - y, 4095 - x) for x, y in loop()]


def test_thresholds_are_the_shops(fifo: Fifo) -> None:
    async def scene(shop: Shop) -> None:
        await shop.ready()
        shop.begin("s1")
        fifo.write(shop.hand.signature() + press(CONFIRM))
        await shop.outcome()

    (refused,) = play(scene, fifo, tries=1, blank_points=121).outcomes
    assert refused.result == "blank"
    assert refused.detail.startswith("blank: 120 points in 2 strokes, length ")
    fifo.path.unlink()
    (slow,) = play(scene, fifo.plug(), tries=1, scribble_time="10s").outcomes
    assert slow.detail.startswith("scribble: ")
