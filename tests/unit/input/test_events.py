"""Bytes to frames: torn records, losses, streams that are none."""

from __future__ import annotations

import pytest

from posd.input.events import EVENTS_MAX, FIFO_RECORD, Event, Frame, Framer
from tests.unit.input.wire import ABS_X, ABS_Y, EV_ABS, EV_KEY, EV_MSC, dropped, frame, press, record


def test_a_frame_is_what_stands_before_its_report() -> None:
    framer = Framer(FIFO_RECORD)
    data = frame((EV_ABS, ABS_X, 7), (EV_ABS, ABS_Y, -3), time_us=12_000_345)
    assert framer.feed(data) == [Frame(12_000_345, (Event(EV_ABS, ABS_X, 7), Event(EV_ABS, ABS_Y, -3)))]
    assert framer.feed(frame()) == []


@pytest.mark.parametrize("size", [1, 5, 23, 24, 25, 47])
def test_however_the_bytes_are_torn_the_frames_are_the_same(size: int) -> None:
    data = press(59, 60) + frame((EV_MSC, 4, 458_752), (EV_KEY, 61, 1)) + dropped() + press(62)
    whole = Framer(FIFO_RECORD).feed(data)
    framer = Framer(FIFO_RECORD)
    torn = [found for start in range(0, len(data), size) for found in framer.feed(data[start : start + size])]
    assert torn == whole
    assert len(whole) == 8


def test_a_half_frame_is_nothing_yet() -> None:
    framer = Framer(FIFO_RECORD)
    assert framer.feed(record(EV_KEY, 59, 1)) == []
    assert [found.events for found in framer.feed(frame())] == [(Event(EV_KEY, 59, 1),)]


def test_after_a_loss_everything_up_to_the_next_report_is_thrown_away() -> None:
    framer = Framer(FIFO_RECORD)
    data = (
        record(EV_KEY, 1, 1)
        + dropped(5)
        + dropped(6)
        + record(EV_KEY, 2, 1)
        + frame((EV_KEY, 3, 1), time_us=9)
        + frame((EV_KEY, 4, 1))
    )
    assert framer.feed(data) == [Frame(5, loss="begins"), Frame(9, loss="ends"), Frame(0, (Event(EV_KEY, 4, 1),))]


def test_a_stream_without_reports_is_bounded_and_counts_as_a_loss() -> None:
    framer = Framer(FIFO_RECORD)
    found = framer.feed(record(EV_KEY, 1, 1) * (EVENTS_MAX * 3))
    assert [one.loss for one in found] == ["begins"]
    assert [one.loss for one in framer.feed(frame())] == ["ends"]


def test_what_is_skipped_leaves_nothing_behind_and_the_reader_in_step() -> None:
    framer = Framer(FIFO_RECORD)
    old = press(59) + record(EV_KEY, 60, 1)
    framer.skip(old[:-7])
    assert framer.feed(old[-7:] + frame((EV_KEY, 61, 1)) + frame((EV_KEY, 62, 1)))[-1].events == (Event(EV_KEY, 62, 1),)


def test_half_a_frame_that_is_skipped_takes_its_other_half_with_it() -> None:
    framer = Framer(FIFO_RECORD)
    framer.skip(record(EV_KEY, 60, 1))
    assert framer.feed(frame()) == [Frame(0, loss="ends")]
    assert framer.feed(frame((EV_KEY, 61, 1))) == [Frame(0, (Event(EV_KEY, 61, 1),))]


def test_garbage_is_frames_of_garbage_and_never_an_error() -> None:
    framer = Framer(FIFO_RECORD)
    for found in framer.feed(bytes(range(256)) * 300 + b"\xff" * 1000 + b"\0" * 2400):
        assert len(found.events) <= EVENTS_MAX
