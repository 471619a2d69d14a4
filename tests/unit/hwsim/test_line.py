"""How fast a line delivers, computed without a clock."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.line import PtyLine
from hwsim.wire import Pace


def deliver(rate: float, total: int, delays: list[float]) -> float:
    """Seconds until so many bytes were read by a reader who comes with these delays again and again."""
    pace, now, left, turn = Pace(), 50.0, total, 0
    pace.rate = rate
    while left:
        count = min(pace.allowance(now), left)
        pace.took(count)
        left -= count
        now += pace.wait() + delays[turn % len(delays)]
        turn += 1
    return now - 50.0


@settings(deadline=None)
@given(st.integers(200, 20_000), st.integers(500, 5000), st.lists(st.floats(0, 0.05), min_size=1, max_size=5))
def test_a_line_keeps_its_rate_however_its_reader_is_scheduled(rate: int, total: int, delays: list[float]) -> None:
    seconds = deliver(rate, total, delays)
    assert total / rate - 2 * Pace.TICK_S <= seconds <= total / rate + 0.2


def test_after_a_pause_a_line_does_not_catch_up() -> None:
    pace = Pace()
    pace.rate = 1000
    pace.took(pace.allowance(10.0))
    pace.quiet()
    assert pace.allowance(20.0) <= 1000 * Pace.TICK_S
    assert pace.allowance(30.0) <= 1000 * Pace.BEHIND_S


def test_without_a_rate_there_is_no_limit_and_no_wait() -> None:
    pace = Pace()
    assert pace.allowance(1.0) >= 65536
    assert pace.wait() == 0


def test_a_pty_is_raw_and_its_link_is_replaced(tmp_path: Path) -> None:
    link = tmp_path / "printer"
    link.symlink_to("/dev/null")
    line = PtyLine(link)
    line.plug()
    line.plug()
    host = os.open(link, os.O_RDWR | os.O_NOCTTY)
    every_byte = bytes(range(256))
    os.write(host, every_byte)
    assert line.read(1000) == every_byte
    assert line.read(1000) is None
    line.write(every_byte)
    assert os.read(host, 1000) == every_byte
    line.write(b"x" * 100_000)  # a host that does not read loses what does not fit
    os.close(host)
    host = os.open(link, os.O_RDWR | os.O_NOCTTY)  # hosts come and go
    os.write(host, b"again")
    assert line.read(1000) == b"again"
    line.unplug()
    line.unplug()
    assert not link.is_symlink()
    with pytest.raises(OSError, match="error"):
        os.write(host, b"x")
    os.close(host)
