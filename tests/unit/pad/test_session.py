"""Signing sessions: to whom a stroke belongs, what is refused, when time runs out, that each ends once."""

from __future__ import annotations

import pytest

from posd.pad.assemble import Pen
from posd.pad.measure import Tally
from posd.pad.noise import Touch
from posd.pad.session import PATIENCE, TABLE, End, Rules, Signing
from posd.pad.strokes import POINTS_MAX, Extents
from tests.unit.input.wire import loop

PAD = Extents(4095, 2047, 1023)


class Customer:
    """A signing machine with a clock and a hand. `at` is in seconds, the pad's clock runs with it."""

    def __init__(self, timeout_s: float = 60, tries: int = 3) -> None:
        self.signing = Signing(Rules(timeout_s, tries))
        self.at = 1000.0
        self.pad_us = 77_000_000

    def begin(self, name: str = "s1", contact_possible: bool = False) -> None:
        self.signing.begin(name, PAD, contact_possible, self.at)

    def pen(self, phase: str, x: int = 0, y: int = 0) -> None:
        self.at += 0.005
        self.pad_us += 5_000
        self.signing.pen(Pen(phase, self.pad_us, x, y, 300), self.at)  # type: ignore[arg-type]

    def draw(self, places: list[tuple[int, int]], lift: bool = True, down: bool = True) -> None:
        for place, (x, y) in enumerate(places):
            self.pen("down" if down and place == 0 else "move", x, y)
        if lift:
            self.pen("up")

    def sign(self) -> None:
        self.draw(loop())
        self.draw(loop(40))

    def press(self, button: str) -> End | None:
        return self.signing.press(button, self.at)  # type: ignore[arg-type]

    def wait(self, seconds: float) -> End | None:
        self.at += seconds
        return self.signing.expire(self.at)


def places(end: End | None) -> list[list[tuple[int, int]]]:
    assert end is not None
    return [[(point.x, point.y) for point in stroke] for stroke in end.ink.strokes]


def test_a_signature_is_captured_with_all_its_points_and_its_times_from_zero() -> None:
    customer = Customer()
    customer.begin()
    customer.sign()
    end = customer.press("confirm")
    assert end is not None
    assert (end.session, end.result, end.refused) == ("s1", "captured", "")
    assert places(end) == [loop(), loop(40)]
    times = [point.t_ms for stroke in end.ink.strokes for point in stroke]
    assert times[:2] == [0, 5]
    assert times[60] - times[59] == 10
    assert customer.signing.active is None


def test_confirm_takes_the_stroke_that_is_still_being_drawn() -> None:
    customer = Customer()
    customer.begin()
    customer.draw(loop(), lift=False)
    assert places(customer.press("confirm")) == [loop()]


def test_a_stroke_that_began_before_the_session_does_not_belong_to_it() -> None:
    customer = Customer()
    customer.draw(loop(), lift=False)
    customer.begin(contact_possible=True)
    customer.draw(loop(), down=False)
    customer.draw(loop(40))
    customer.draw(loop(80))
    assert places(customer.press("confirm")) == [loop(40), loop(80)]


def test_outside_of_a_session_nothing_is_kept_and_buttons_do_nothing() -> None:
    customer = Customer()
    customer.sign()
    assert customer.press("confirm") is None
    assert customer.press("cancel") is None
    assert customer.wait(10_000) is None
    assert customer.signing.stop("device") is None
    customer.begin()
    assert places(customer.press("cancel")) == []


def test_a_second_session_while_one_is_on_is_a_fault_of_the_program() -> None:
    customer = Customer()
    customer.begin("s1")
    with pytest.raises(AssertionError, match="s2 begins while s1 is on"):
        customer.begin("s2")


def test_clear_empties_the_ink_and_costs_no_try() -> None:
    customer = Customer(tries=1)
    customer.begin()
    for _ in range(5):
        customer.sign()
        assert customer.press("clear") is None
    customer.draw(loop(80))
    customer.draw(loop(120))
    end = customer.press("confirm")
    assert places(end) == [loop(80), loop(120)]
    assert end is not None
    assert end.ink.strokes[0][0].t_ms == 0


def test_the_rest_of_a_stroke_that_was_cleared_away_does_not_come_back() -> None:
    customer = Customer()
    customer.begin()
    customer.draw(loop(), lift=False)
    customer.press("clear")
    customer.draw(loop(), down=False)
    customer.sign()
    assert places(customer.press("confirm")) == [loop(), loop(40)]


def test_blanks_are_refused_until_the_tries_are_gone() -> None:
    customer = Customer(tries=3)
    customer.begin()
    assert customer.press("confirm") is None
    assert customer.press("confirm") is None
    customer.draw([(2000, 1000), (2010, 1000)])
    end = customer.press("confirm")
    assert end is not None
    assert (end.result, end.refused.split(":")[0]) == ("blank", "blank")
    assert places(end) == [[(2000, 1000), (2010, 1000)]]


def test_a_refused_try_is_gone_and_the_next_may_succeed() -> None:
    customer = Customer(tries=2)
    customer.begin()
    customer.draw([(2000 + i, 1000) for i in range(50)])
    assert customer.press("confirm") is None
    customer.sign()
    end = customer.press("confirm")
    assert end is not None
    assert end.result == "captured"
    assert places(end) == [loop(), loop(40)]


def test_time_runs_from_the_last_thing_the_customer_did() -> None:
    customer = Customer(timeout_s=60)
    customer.begin()
    assert customer.wait(59) is None
    customer.draw(loop())
    assert customer.wait(59) is None
    assert customer.press("clear") is None
    assert customer.wait(59.9) is None
    end = customer.wait(0.2)
    assert end is not None
    assert end.result == "timeout"
    assert customer.signing.deadline_s is None


def test_walking_away_leaves_the_strokes_so_far() -> None:
    customer = Customer(timeout_s=60)
    customer.begin()
    customer.draw(loop())
    customer.draw(loop(40), lift=False)
    assert places(customer.wait(60)) == [loop(), loop(40)]


def test_a_customer_who_never_ends_is_ended() -> None:
    customer = Customer(timeout_s=60)
    customer.begin()
    end = None
    begun = customer.at
    while end is None and customer.at < begun + 20 * 60:
        customer.draw(loop())
        customer.press("clear")
        end = customer.wait(30)
    assert end is not None
    assert end.result == "timeout"
    assert PATIENCE * 60 <= customer.at - begun < PATIENCE * 60 + 31


@pytest.mark.parametrize("result", ["cancelled", "device"])
def test_what_was_drawn_goes_with_any_end(result: str) -> None:
    customer = Customer()
    customer.begin()
    customer.draw(loop(), lift=False)
    end = customer.signing.stop(result)  # type: ignore[arg-type]
    assert end is not None
    assert end.result == result
    assert places(end) == [loop()]
    assert customer.signing.stop("device") is None


def test_ink_that_is_too_long_is_refused_and_never_cut() -> None:
    customer = Customer(timeout_s=1e6, tries=1)
    customer.begin()
    customer.draw([(500 + abs(i % 6000 - 3000), 200 + abs(i % 3000 - 1500)) for i in range(POINTS_MAX)])
    assert len(places(customer.signing.stop("cancelled"))[0]) == POINTS_MAX
    customer.begin("s2")
    customer.draw([(500 + i % 3000, 200 + i % 1500) for i in range(POINTS_MAX + 1)])
    end = customer.press("confirm")
    assert end is not None
    assert (end.result, end.refused.split(":")[0], end.ink.points) == ("blank", "too-long", POINTS_MAX)


def test_confirming_looks_at_no_point_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long somebody drew: else a minute of ink would hold everything else up."""
    customer = Customer()
    customer.begin()
    customer.sign()
    customer.draw(loop(80), lift=False)
    with monkeypatch.context() as patch:
        for name in ("add", "_leaps"):
            patch.setattr(Touch, name, None)
        patch.setattr(Tally, "add", None)
        end = customer.press("confirm")
    assert places(end) == [loop(), loop(40), loop(80)]


@pytest.mark.parametrize(("points", "kept"), [(30, 0), (31, 0), (32, 32)])
def test_a_palm_takes_back_what_it_drew_while_it_landed_and_nothing_older(points: int, kept: int) -> None:
    """A report each 5 ms: 150 ms and a report are what a pen drew."""
    customer = Customer()
    customer.begin()
    customer.sign()
    customer.draw(loop(80)[:points], lift=False)
    customer.pen("palm")
    customer.draw(loop(40), down=False)
    drawn = places(customer.press("confirm"))
    assert drawn == [loop(), loop(40), *([loop(80)[:kept]] if kept else [])]


def test_after_a_palm_the_pen_draws_again_once_the_pad_was_free() -> None:
    customer = Customer()
    customer.begin()
    customer.pen("palm")
    customer.draw(loop(80), down=False)
    customer.sign()
    assert places(customer.press("confirm")) == [loop(), loop(40)]


def test_a_palm_that_lies_on_the_pad_through_clear_draws_nothing() -> None:
    customer = Customer()
    customer.begin()
    customer.pen("palm")
    customer.press("clear")
    customer.draw(loop(80), down=False, lift=False)
    customer.pen("up")
    customer.sign()
    assert places(customer.press("confirm")) == [loop(), loop(40)]


def test_nothing_is_drawn_across_lost_events() -> None:
    customer = Customer()
    customer.begin()
    customer.draw(loop()[:30], lift=False)
    customer.pen("lost")
    customer.pen("resume", 1490, 1050)
    customer.draw(loop()[40:], down=False)
    assert places(customer.press("confirm")) == [loop()[:30], [(1490, 1050), *loop()[40:]]]


def test_a_pen_that_came_down_while_events_were_missing_is_ours_only_if_the_session_was_on() -> None:
    customer = Customer()
    customer.begin()
    customer.pen("lost")
    customer.pen("resume", 5, 6)
    assert places(customer.press("cancel")) == [[(5, 6)]]
    customer.begin("s2", contact_possible=True)
    customer.pen("resume", 7, 8)
    assert places(customer.press("cancel")) == []


def test_a_pen_that_came_down_unseen_around_a_clear_draws_nothing() -> None:
    customer = Customer()
    customer.begin()
    customer.pen("lost")
    customer.press("clear")
    customer.pen("resume", 5, 6)
    assert places(customer.press("cancel")) == []


def test_times_never_go_back_whatever_the_pads_clock_does() -> None:
    customer = Customer()
    customer.begin()
    for phase, step_us in (
        ("down", 0),
        ("move", 5_000),
        ("move", -3_600_000_000),
        ("move", 3_600_010_000),
        ("move", 10**15),
    ):
        customer.pad_us += step_us
        customer.pen(phase, 10, 10)
    end = customer.press("cancel")
    assert end is not None
    assert [point.t_ms for point in end.ink.strokes[0]] == [0, 10, 10, 30, (1 << 26) - 1]


def test_every_result_leads_back_to_idle() -> None:
    assert {step for steps in TABLE.values() for step in steps} == {
        "begin",
        "draw",
        "captured",
        "cancelled",
        "timeout",
        "blank",
        "device",
        "restart",
    }
    assert [step for step, state in TABLE["signing"].items() if state != "idle"] == ["draw"]


def test_what_is_news_is_told_once_in_portions_and_anew_after_a_clear() -> None:
    customer = Customer()
    assert customer.signing.news(10) is None
    customer.begin()
    begun = customer.signing.news(10)
    assert begun is not None
    assert (begun.session, begun.anew, begun.points) == ("s1", True, ())
    assert customer.signing.news(10) is None
    customer.draw([(1, 2), (3, 4), (5, 6)])
    customer.draw([(7, 8)], lift=False)
    told = [customer.signing.news(3), customer.signing.news(3)]
    assert [[(stroke, x, y) for stroke, _, x, y, _ in news.points] for news in told if news] == [
        [(0, 1, 2), (0, 3, 4), (0, 5, 6)],
        [(1, 7, 8)],
    ]
    assert customer.signing.news(3) is None
    customer.draw([(9, 9)])
    customer.press("clear")
    customer.draw([(2, 2)])
    fresh = customer.signing.news(9)
    assert fresh is not None
    assert (fresh.anew, [point[2] for point in fresh.points]) == (True, [2])


def test_a_point_that_no_hand_drew_makes_no_signature_of_a_spot() -> None:
    customer = Customer(tries=1)
    customer.begin()
    customer.draw([(2000 + i % 2, 1000) if i % 20 else (200, 1900) for i in range(1, 100)])
    end = customer.press("confirm")
    assert end is not None
    assert end.result == "blank"
    assert (200, 1900) not in places(end)[0]
