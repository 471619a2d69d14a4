"""Moments of failure: counted over restarts, near ones only, whatever stands in the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from posd.service.failures import ENOUGH, WINDOW_MS, Failures

NOW = 1_795_227_330_000


def test_two_in_the_window_are_too_many(tmp_path: Path) -> None:
    path = tmp_path / "failures"
    assert not Failures(path).too_many(NOW)
    for count in range(1, ENOUGH + 1):
        Failures(path).note(NOW + count)
        assert Failures(path).too_many(NOW + count) == (count >= ENOUGH)


@pytest.mark.parametrize("age_ms", [WINDOW_MS + 1, -WINDOW_MS - 1])
def test_far_ones_do_not_count(age_ms: int, tmp_path: Path) -> None:
    failures = Failures(tmp_path / "failures")
    failures.note(NOW - age_ms)
    failures.note(NOW)
    assert not failures.too_many(NOW)


def test_a_clock_that_fell_back_does_not_hide_them(tmp_path: Path) -> None:
    failures = Failures(tmp_path / "failures")
    failures.note(NOW)
    failures.note(NOW + 1000)
    assert failures.too_many(NOW - 60_000)


def test_the_file_does_not_grow(tmp_path: Path) -> None:
    failures = Failures(tmp_path / "failures")
    for count in range(100):
        failures.note(NOW + count)
    assert len(failures.path.read_text().splitlines()) < 10
    assert [path.name for path in tmp_path.iterdir()] == ["failures"]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"soon\n-5\n1e9\n" + b"9" * 40])
def test_what_is_no_time_is_not_counted(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "failures").write_bytes(content)
    assert not Failures(tmp_path / "failures").too_many(NOW)
