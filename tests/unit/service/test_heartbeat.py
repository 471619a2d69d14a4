"""The beat: what withholds the watchdog's pet, and what goes along with it."""

from __future__ import annotations

import logging
import time

import pytest

from posd.service.heartbeat import METRICS_S, PART_DEADLINE_S, WRITE_DEADLINE_S, Heartbeat
from posd.service.notify import Notifier


class Ear(Notifier):
    """Hears what the service manager would be told."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    def pet(self) -> bool:
        self.heard.append("pet")
        return True

    def status(self, text: str) -> bool:
        self.heard.append(text)
        return True


class Body:
    """A process with one part, at a time of its own."""

    def __init__(self) -> None:
        self.start_s = time.monotonic()
        self.alive_s = self.start_s
        self.busy_since_s: float | None = None
        self.sentence = "all is well"
        self.files = 0
        self.ear = Ear()
        self.heart = Heartbeat(self.ear, lambda: self.sentence, lambda: self.busy_since_s, self._write)
        self.heart.watch("printer", lambda: self.alive_s)

    def _write(self) -> None:
        self.files += 1

    def beat(self, after_s: float) -> list[str]:
        """What was heard at the beat `after_s` seconds after the start."""
        self.ear.heard.clear()
        self.heart.beat(self.start_s + after_s)
        return list(self.ear.heard)


def test_a_sentence_is_told_once_and_the_pet_each_time() -> None:
    body = Body()
    assert body.beat(1) == ["pet", "all is well"]
    assert body.beat(2) == ["pet"]
    body.sentence = "paper-end"
    assert body.beat(3) == ["pet", "paper-end"]


def test_a_part_that_is_silent_withholds_the_pet_until_it_answers(caplog: pytest.LogCaptureFixture) -> None:
    body = Body()
    body.beat(1)
    with caplog.at_level(logging.ERROR):
        assert body.beat(PART_DEADLINE_S + 1) == []
    assert "no answer from: printer" in caplog.text
    body.alive_s += PART_DEADLINE_S
    assert body.beat(PART_DEADLINE_S + 2) == ["pet"]


def test_a_write_that_does_not_end_withholds_the_pet(caplog: pytest.LogCaptureFixture) -> None:
    body = Body()
    body.beat(1)
    body.busy_since_s = body.start_s - WRITE_DEADLINE_S
    with caplog.at_level(logging.ERROR):
        assert body.beat(2) == []
    assert "no answer from: journal" in caplog.text


def test_numbers_are_written_now_and_then() -> None:
    body = Body()
    for after_s in (1, 2, METRICS_S, METRICS_S + 2, METRICS_S + 3):
        body.beat(after_s)
    assert body.files == 2
