"""The port on event nodes with the kernel's semantics, as umockdev fakes them: opened through evdev, asked, grabbed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(
    shutil.which("umockdev-wrapper") is None,
    reason="umockdev is not installed (apt-get install umockdev): there are no event nodes to open",
)


def play(scene: str, root: Path) -> list[Any]:
    """What the actor said in a scene of mock_pad.py."""
    command = ["umockdev-wrapper", sys.executable, "-m", "tests.unit.input.mock_pad", scene]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def strokes(scene: str, root: Path) -> list[list[tuple[int, int, int]]]:
    """Place and pressure of each point of the captured ink; the times are when umockdev happened to send them."""
    name, result, ink = play(scene, root)[2]
    assert (name, result) == ("s1", "captured")
    assert ink[0] == [4095, 2047, 1023]
    return [[(x, y, pressure) for _, x, y, pressure in stroke] for stroke in ink[1]]


WAVE = [(500 + 20 * step, 900 + 50 * (step // 3 % 4), 300) for step in range(60)]
"""The wave of mock_pad.py; X counts from the axis' minimum, the first Y is what the node told when it was opened."""


def test_a_pad_is_asked_for_its_axes_and_read_to_the_last_report(root: Path) -> None:
    opening, ready, outcome = play("signed", root)
    assert opening[0] == "opening"
    assert ready == ["ready", "", {"path": "/dev/input/event5", "kind": "evdev", "name": "Mock pad"}]
    assert outcome[1] == "captured"
    first, second = strokes("signed", root)
    assert first == WAVE
    # The second wave's first frame tells no Y, so it has the one that the pen left.
    assert second[1:3] == [(520, WAVE[-1][1], 300), (540, WAVE[-1][1], 300)]
    assert second[3:] == WAVE[3:]


def test_a_pen_that_was_down_when_the_pad_was_opened_draws_nothing_until_it_was_lifted(root: Path) -> None:
    assert [len(stroke) for stroke in strokes("pen-was-down", root)] == [60, 60]


def test_lost_events_break_the_stroke_and_a_lifted_pen_is_believed(root: Path) -> None:
    first, second = strokes("lost-and-lifted", root)
    assert first == WAVE[:30]
    assert len(second) == 60


def test_lost_events_break_the_stroke_and_a_touching_pen_goes_on_from_where_the_node_says_it_is(root: Path) -> None:
    first, second, third = strokes("lost-and-touching", root)
    assert first == WAVE[:30]
    assert second[0] == (500, 900, 0)
    assert [x for x, _, _ in second[1:]] == [x for x, _, _ in WAVE[31:]]
    assert len(third) == 60


def test_a_palm_that_the_node_tells_by_its_width_draws_nothing(root: Path) -> None:
    pen, again = strokes("palm", root)
    assert pen == WAVE
    assert again[3:] == WAVE[3:]


def test_a_keypad_speaks_once_for_each_press(root: Path) -> None:
    assert play("keypad", root)[1:] == [
        ["ready", "", {"path": "/dev/input/event6", "kind": "evdev", "name": "Mock pad"}],
        ["reprint-last", "KEY_F1"],
        ["reprint-last", "KEY_F1"],
    ]


def test_a_node_that_is_no_pad_is_refused_with_what_to_do(root: Path) -> None:
    state, detail, _ = play("not-a-pad", root)[1]
    assert state == "faulted"
    assert "no absolute X and Y" in detail
    assert "pad.device" in detail


def test_a_node_without_any_bound_key_is_refused_with_what_to_do(root: Path) -> None:
    state, detail, _ = play("keypad-without-bound-keys", root)[1]
    assert state == "faulted"
    assert "KEY_F1, KEY_F2" in detail
    assert "keypad.device" in detail
