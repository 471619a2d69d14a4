"""Which time is believed: each case of posd/desk/clock.py, and what goes by it."""

from __future__ import annotations

import pytest

from posd.desk import archived, clock, health
from posd.desk.apply import forget
from posd.desk.clock import AHEAD_MS, AWAY_MS, BEHIND_MS
from posd.desk.ports import Now
from posd.domain import codec
from posd.domain import events as ev
from posd.domain import requests as rq
from posd.domain.errors import Refusal
from tests.unit.api.fakes import JOURNAL
from tests.unit.desk.shop import DAY_MS, NOON_MS, SUPERVISOR, Shop, folded, lasting
from tests.unit.domain.samples import cash

ONE = '[slip]\ncopies = ["customer"]\n'
MINUTE_MS = 60_000


def shop_with_one(toml: str = "") -> Shop:
    shop = Shop(ONE + toml)
    shop.submit(cash(id="t1"))
    shop.print_all()
    return shop


def clock_events(shop: Shop) -> list[str]:
    return [
        f"suspect {e.skew}" if isinstance(e, ev.ClockSuspect) else "trusted"
        for e in shop.events(ev.ClockSuspect, ev.ClockTrusted)
    ]


def believed(shop: Shop) -> int:
    return shop.state.trusted_ms(shop.ms)


def test_case_a_a_clock_that_fits_is_believed() -> None:
    shop = shop_with_one()
    for jump in (AHEAD_MS, -BEHIND_MS, 5_000, -5_000):
        shop.ms += jump
        shop.tick()
        assert shop.state.clock is not None
        assert shop.state.clock.trusted_ms == shop.ms
    assert clock_events(shop) == []


@pytest.mark.parametrize("jump", [AHEAD_MS + 1, 300 * DAY_MS, -BEHIND_MS - 1, -300 * DAY_MS])
def test_case_b_a_leap_is_suspect_and_time_goes_on_from_before_it(jump: int) -> None:
    shop = shop_with_one()
    shop.ms += jump
    shop.tick()
    assert clock_events(shop) == [f"suspect {jump}"]
    shop.pass_time(3 * MINUTE_MS)
    assert believed(shop) == NOON_MS + 3 * MINUTE_MS


def test_case_b_the_wait_that_the_monotonic_clock_saw_is_no_leap() -> None:
    shop = shop_with_one()
    shop.pass_time(200 * DAY_MS)
    shop.tick()
    assert clock_events(shop) == []


def test_case_c_as_wrong_as_it_was_is_told_once_also_over_a_restart() -> None:
    shop = shop_with_one()
    shop.ms += 40 * DAY_MS
    for _ in range(3):
        shop.pass_time(DAY_MS)
        shop.tick()
    shop.restart()
    shop.pass_time(DAY_MS)
    shop.tick()
    assert clock_events(shop) == [f"suspect {40 * DAY_MS}"]
    assert believed(shop) == NOON_MS + 4 * DAY_MS


@pytest.mark.parametrize("jump", [40 * DAY_MS, -40 * DAY_MS])
def test_case_d_set_right_it_is_believed_again(jump: int) -> None:
    shop = shop_with_one()
    shop.ms += jump
    shop.tick()
    shop.pass_time(MINUTE_MS)
    shop.ms -= jump
    shop.tick()
    assert clock_events(shop) == [f"suspect {jump}", "trusted"]
    assert believed(shop) == NOON_MS + MINUTE_MS


def test_case_d_a_flat_battery_and_then_the_time_server() -> None:
    """Off for five days, started at the clock's own birthday, set right a minute later."""
    shop = shop_with_one()
    shop.ms = NOON_MS - 1000 * DAY_MS
    shop.restart()
    shop.pass_time(MINUTE_MS)
    shop.ms = NOON_MS + 5 * DAY_MS
    shop.tick()
    assert clock_events(shop)[-1] == "trusted"
    assert believed(shop) == NOON_MS + 5 * DAY_MS


def test_case_d_a_clock_that_was_ahead_is_not_believed_because_the_box_was_off() -> None:
    shop = shop_with_one()
    shop.ms += 5 * DAY_MS
    shop.tick()
    shop.restart()
    assert clock_events(shop) == [f"suspect {5 * DAY_MS}"]
    assert believed(shop) == NOON_MS
    shop.ms += 2 * DAY_MS - 5 * DAY_MS
    shop.restart()
    assert clock_events(shop)[-1] == f"suspect {2 * DAY_MS}", "two days off, or still ahead: nobody knows"
    shop.ms += AHEAD_MS - 2 * DAY_MS
    shop.restart()
    assert clock_events(shop)[-1] == "trusted"


def test_case_e_a_second_leap_is_told_with_its_own_skew() -> None:
    shop = shop_with_one()
    shop.ms += 40 * DAY_MS
    shop.tick()
    shop.ms += 10 * DAY_MS
    shop.tick()
    assert clock_events(shop) == [f"suspect {40 * DAY_MS}", f"suspect {50 * DAY_MS}"]
    assert believed(shop) == NOON_MS


def test_case_f_a_supervisor_says_that_it_is_right() -> None:
    shop = shop_with_one()
    shop.ms += 40 * DAY_MS
    shop.tick()
    answer = shop.ask(rq.ClockConfirm(), SUPERVISOR)
    assert (answer.state, answer.time == answer.trusted) == ("trusted", True)
    assert shop.events(ev.ClockTrusted)[-1].doer == SUPERVISOR
    assert believed(shop) == shop.ms
    before = len(shop.log)
    shop.ask(rq.ClockConfirm(), SUPERVISOR)
    assert len(shop.log) == before, "nobody doubts it any more"


def test_case_g_a_skew_whose_record_leaves_the_ring_is_recorded_anew() -> None:
    shop = shop_with_one()
    shop.ms += 40 * DAY_MS
    shop.tick()
    forget(shop.state, shop.state.seq + 1)
    shop.pass_time(MINUTE_MS)
    shop.tick()
    shop.tick()
    assert clock_events(shop) == [f"suspect {40 * DAY_MS}"] * 2
    alone = folded(shop.log, shop.log.index(shop.events(ev.ClockSuspect)[-1]) + 1)
    assert (alone.skew_ms, alone.newest_ms) == (40 * DAY_MS, NOON_MS + MINUTE_MS)


@pytest.mark.parametrize(("off", "says"), [(AWAY_MS, []), (AWAY_MS + 1, [f"suspect {AWAY_MS + 1}"])])
def test_a_shop_may_be_closed_for_a_month(off: int, says: list[str]) -> None:
    shop = shop_with_one()
    shop.ms += off
    shop.restart()
    assert clock_events(shop) == says


def test_a_new_journal_expects_nothing_but_the_build_date() -> None:
    assert clock_events(Shop()) == []
    shop = Shop()
    shop.log.clear()
    shop.restart(built_ms=NOON_MS + 2 * BEHIND_MS)
    assert clock_events(shop) == [f"suspect {-2 * BEHIND_MS}"]


def test_a_leap_closes_no_window_for_good_and_none_while_it_lasts() -> None:
    shop = shop_with_one('[policy]\nreprint_window = "1d"\nreprint_interval = "10min"')
    shop.ms += 300 * DAY_MS
    assert shop.ask(rq.Terms("t1")).allowed
    shop.reprint("t1", "k1")
    shop.printed()
    with pytest.raises(Refusal) as caught:
        shop.reprint("t1", "k2")
    assert caught.value.kind == "too-soon"
    shop.pass_time(11 * MINUTE_MS)
    shop.reprint("t1", "k3")
    shop.printed()
    shop.ms -= 300 * DAY_MS
    shop.restart()
    shop.report("printer", "ready")
    shop.pass_time(11 * MINUTE_MS)
    assert shop.ask(rq.Terms("t1")).allowed
    shop.pass_time(DAY_MS)
    with pytest.raises(Refusal) as caught:
        shop.reprint("t1", "k4")
    assert caught.value.kind == "window-closed"


def test_what_waits_does_not_grow_old_by_a_leap() -> None:
    shop = Shop(ONE, printer="absent")
    shop.ms -= 20 * DAY_MS
    shop.restart()
    shop.submit(cash(id="t1"))
    shop.pass_time(MINUTE_MS)
    shop.ms += 25 * DAY_MS
    shop.tick()
    assert clock_events(shop)[-1] == "trusted"
    assert shop.copies("t1") == {"c0": "queued"}
    shop.pass_time(9 * MINUTE_MS)
    shop.tick()
    assert shop.copies("t1") == {"c0": "queued"}
    shop.pass_time(1)
    shop.tick()
    assert shop.copy("t1").held


def test_the_fold_believes_what_the_desk_believed() -> None:
    shop = shop_with_one()
    for jump in (40 * DAY_MS, -100 * DAY_MS, 60 * DAY_MS, 3 * DAY_MS):
        shop.ms += jump
        shop.pass_time(MINUTE_MS)
        shop.submit(cash(id=f"t{jump}"))
        shop.print_all()
        assert lasting(folded(shop.log)) == lasting(shop.state)
    assert shop.state.newest_ms == believed(shop)


def test_an_early_record_of_a_clock_without_skew_still_counts() -> None:
    shop = shop_with_one()
    shop.log.append(ev.ClockSuspect(time=NOON_MS - DAY_MS, doer=shop.log[0].doer, newest=NOON_MS + 5))
    assert (folded(shop.log).newest_ms, folded(shop.log).skew_ms) == (NOON_MS + 5, 0)


def test_case_f_a_clock_that_is_behind_can_be_confirmed_too() -> None:
    shop = shop_with_one()
    shop.ms -= 40 * DAY_MS
    shop.ask(rq.ClockConfirm(), SUPERVISOR)
    assert believed(shop) == shop.ms
    shop.restart()
    assert believed(shop) == shop.ms
    assert clock_events(shop) == [f"suspect {-40 * DAY_MS}", "trusted"]


def test_a_self_test_that_waits_does_not_grow_old_by_a_leap() -> None:
    shop = Shop(ONE)
    shop.ms -= 20 * DAY_MS
    shop.restart()
    shop.report("printer", "ready")
    shop.submit(cash(id="t1"))
    shop.ask(rq.SelftestAsk("s1"))
    shop.ms += 25 * DAY_MS
    shop.tick()
    assert shop.state.tests_wait
    shop.pass_time(10 * MINUTE_MS + 1)
    shop.tick()
    assert not shop.state.tests_wait


def test_a_copy_of_a_time_that_is_still_to_come_holds_up_no_other() -> None:
    """It was made under a skew whose record has left the ring."""
    shop = shop_with_one('[policy]\nreprint_interval = "10min"')
    shop.reprint("t1", "k1")
    shop.printed()
    shop.copy("t1", "customer", 1).trusted_ms += 300 * DAY_MS
    assert shop.ask(rq.Terms("t1")).allowed


def test_a_transaction_out_of_the_archive_is_judged_by_the_same_clock() -> None:
    shop = shop_with_one('[policy]\nreprint_window = "1d"')
    shop.ms += 300 * DAY_MS
    shop.tick()
    alone = archived.fold([(s, e) for s, e in enumerate(shop.log, 1) if codec.transaction_of(e)], "t1", shop.state)
    assert alone is not None
    assert alone.trusted_ms(shop.ms) == believed(shop)


@pytest.mark.parametrize(
    ("jump", "words"),
    [
        (40 * DAY_MS, "40 days ahead of"),
        (-3 * 3_600_000, "3 hours behind"),
        (-DAY_MS + 1, "1 day behind"),
        (-61_000, "1 minute behind"),
    ],
)
def test_a_clock_that_is_doubted_stands_in_the_status_line(jump: int, words: str) -> None:
    shop = shop_with_one()
    shop.ms += jump
    shop.tick()
    well, sentence = health.sentence(shop.state, frozenset({"printer"}), JOURNAL)
    assert not well
    assert f"clock: {words} what can be believed" in sentence
    assert "posctl confirm-clock" in sentence
    shop.ask(rq.ClockConfirm(), SUPERVISOR)
    assert health.sentence(shop.state, frozenset({"printer"}), JOURNAL) == (True, "all devices ready; nothing open")


def test_only_a_person_sets_trusted_time_back() -> None:
    shop = shop_with_one()
    shop.pass_time(MINUTE_MS)
    shop.submit(cash(id="t2"))
    shop.print_all()
    for step in (-BEHIND_MS, 40 * DAY_MS, -40 * DAY_MS, -40 * DAY_MS, 40 * DAY_MS - BEHIND_MS):
        before = believed(shop)
        shop.ms += step
        shop.tick()
        assert believed(shop) >= before
        assert shop.state.newest_ms >= before - BEHIND_MS


@pytest.mark.parametrize("jump", [AHEAD_MS + 1, -BEHIND_MS - 1])
def test_a_leap_is_news_until_it_is_known_and_so_is_its_end(jump: int) -> None:
    shop = shop_with_one()
    told = []
    for step in (0, jump, 0, -jump, 0):
        shop.ms += step
        shop.pass_time(MINUTE_MS // 2)
        told.append(clock.news(shop.state, Now(shop.ms, shop.mono_ms)))
        shop.tick()
    assert told == [False, True, False, True, False]
    shop.state.read_only = True
    shop.ms += jump
    assert not clock.news(shop.state, Now(shop.ms, shop.mono_ms)), "nothing could be kept of it"
