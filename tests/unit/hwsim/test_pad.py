"""The hand that signs and the records that the pad and the keypad send."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim import events, keys
from hwsim.pad import acts
from hwsim.pad.hand import SPEED, Pen, half_signature, scribble, signature

Report = list[events.Event]


def touches(act: acts.Act) -> list[int]:
    return [value for _, report in act for kind, code, value in report if (kind, code) == (1, events.BTN_TOUCH)]


@settings(deadline=None)
@given(st.text(min_size=1, max_size=20))
def test_a_signature_is_like_a_persons(name: str) -> None:
    strokes = signature(name)
    assert strokes == signature(name)
    assert 3 <= len(strokes) <= 6
    assert 1.2 < strokes[-1][-1].time < 3.5
    for stroke in strokes:
        assert len(stroke) > 20
        steps = list(itertools.pairwise(stroke))
        assert all(b.time - a.time == pytest.approx(0.005) for a, b in steps)
        assert all(math.dist((a.x, a.y), (b.x, b.y)) < SPEED / 200 * 2 for a, b in steps)
        pressures = [sample.pressure for sample in stroke]
        assert pressures[0] < max(pressures) / 2
        assert max(pressures) > 250
    samples = [sample for stroke in strokes for sample in stroke]
    width = max(s.x for s in samples) - min(s.x for s in samples)
    height = max(s.y for s in samples) - min(s.y for s in samples)
    assert width > events.PAD_WIDTH / 4
    assert height > events.PAD_HEIGHT / 5
    assert all(0 < s.x < events.PAD_WIDTH - 1 and 0 < s.y < events.PAD_HEIGHT - 1 for s in samples)


def test_people_sign_differently() -> None:
    assert len({str(signature(name)) for name in ("Li", "Wang", "Zhang", "Chen")}) == 4


def test_a_scribble_is_one_short_stroke() -> None:
    (stroke,) = scribble()
    assert stroke[-1].time < 0.3
    assert max(s.x for s in stroke) - min(s.x for s in stroke) < 300


@pytest.mark.parametrize("name", ["sign", "scribble", "walk-away"])
def test_pen_comes_near_touches_lifts_and_leaves(name: str) -> None:
    act = {"sign": acts.sign("Li"), "scribble": acts.scribble_and_confirm(), "walk-away": acts.walk_away()}[name]
    times = [time for time, _ in act]
    assert times == sorted(times)
    assert touches(act) == [1, 0] * (len(touches(act)) // 2)
    near = False
    for _, report in act:
        for kind, code, value in report:
            if kind == events.EV_KEY and code == events.BTN_TOOL_PEN:
                near = bool(value)
            elif kind == events.EV_ABS or code == events.BTN_TOUCH:
                assert near
    assert not near


def test_what_the_customer_presses_at_the_end() -> None:
    def pressed(act: acts.Act) -> list[tuple[int, int]]:
        pen = (events.BTN_TOUCH, events.BTN_TOOL_PEN)
        return [(code, value) for _, report in act for kind, code, value in report if kind == 1 and code not in pen]

    assert pressed(acts.sign("Li")) == [(0x100, 1), (0x100, 0)]
    assert pressed(acts.scribble_and_confirm()) == [(0x100, 1), (0x100, 0)]
    assert acts.blank() == [(0.0, [(1, 0x100, 1)]), (0.04, [(1, 0x100, 0)])]
    assert pressed(acts.clear()) == [(0x101, 1), (0x101, 0)]
    assert pressed(acts.cancel()) == [(0x102, 1), (0x102, 0)]
    assert pressed(acts.walk_away()) == []
    assert len(half_signature()[0]) < len(signature("somebody")[0])


def test_keys_are_pressed_one_after_the_other_with_and_without_prefix() -> None:
    reports = [report for _, report in acts.press(["F2", "key_kp4", "KEY_2", "KPENTER"])]
    codes = [60, 75, 3, 96]
    assert reports == [[(1, code, value)] for code in codes for value in (1, 0)]
    with pytest.raises(ValueError, match="no key 'F99'"):
        acts.press(["F1", "F99"])


def test_key_codes_are_those_of_linux() -> None:
    ecodes = pytest.importorskip("evdev").ecodes
    assert {f"KEY_{name}": code for name, code in keys.KEYS.items()} == {
        f"KEY_{name}": ecodes.ecodes[f"KEY_{name}"] for name in keys.KEYS
    }
    for name in ("BTN_0", "BTN_1", "BTN_2", "BTN_TOOL_PEN", "BTN_TOUCH", "ABS_PRESSURE", "SYN_DROPPED"):
        assert getattr(events, name) == ecodes.ecodes[name]


def test_a_burst_is_whole_records_with_one_time_ended_by_syn_report() -> None:
    records = list(events.RECORD.iter_unpack(events.burst(12.345678, [(3, 0, 7), (1, 330, 1)])))
    assert events.RECORD.size == 24
    assert records == [(12, 345678, 3, 0, 7), (12, 345678, 1, 330, 1), (12, 345678, 0, 0, 0)]
    assert list(events.RECORD.iter_unpack(events.dropped(1.0))) == [(1, 0, 0, 3, 0), (1, 0, 0, 0, 0)]


@pytest.mark.parametrize("rate", [100, 200, 500, 1000])
def test_a_pen_reports_at_its_rate_and_draws_the_same(rate: int) -> None:
    usual, strokes = signature("Li"), signature("Li", Pen(rate))
    for stroke in strokes:
        gaps = [b.time - a.time for a, b in itertools.pairwise(stroke)]
        assert max(gaps) - min(gaps) < 1e-9
        assert abs(gaps[0] - 1 / rate) < 1e-9
    assert abs(strokes[-1][-1].time - usual[-1][-1].time) < 0.5
    for stroke, model in zip(strokes, usual, strict=True):
        assert all(min(math.dist((s.x, s.y), (m.x, m.y)) for m in model) < 80 for s in stroke[:: rate // 50])


def test_a_hand_trembles_as_much_as_it_is_told() -> None:
    def roughness(tremor: float) -> float:
        stroke = signature("Li", Pen(500, tremor))[-1]
        return sum(abs(a.y - 2 * b.y + c.y) for a, b, c in zip(stroke, stroke[1:], stroke[2:], strict=False))

    assert roughness(0) < roughness(5) < roughness(20)


@pytest.mark.parametrize(
    "args", [["--rate", "99"], ["--rate", "1001"], ["--rate"], ["--rate", "x"], ["--tremor", "51"], ["--tremor", "-1"]]
)
def test_a_pen_that_cannot_be_is_refused(args: list[str]) -> None:
    with pytest.raises(ValueError, match=r"--rate|--tremor|reports|tremor"):
        acts.pen_of(["Li", *args])


def test_a_palm_comes_before_amid_and_behind_each_stroke_which_stays_as_it_is() -> None:
    plain, touched = signature("Li", Pen(1000)), signature("Li", Pen(1000, palm=True))
    for stroke, touch in zip(plain, touched, strict=True):
        times = [sample.time for sample in touch]
        assert times == sorted(times)
        assert max(b - a for a, b in itertools.pairwise(times)) < 0.0011
        drawn, told = ([(s.x, s.y, s.pressure) for s in samples] for samples in (stroke, touch))
        assert [place for place in told if place in set(drawn)] == drawn
        assert len(told) - len(drawn) == 150 + 30 + 150


def test_names_and_pen_are_told_apart() -> None:
    assert acts.pen_of(["Li", "--rate", "1000", "Wei", "--tremor", "2.5"]) == (["Li", "Wei"], Pen(1000, 2.5))
    assert acts.pen_of([]) == ([], Pen())
    assert acts.pen_of(["--palm", "Li"]) == (["Li"], Pen(palm=True))
    reports = acts.sign("Li", Pen(1000))
    assert len(reports) > 4 * len(acts.sign("Li"))
