"""A captured signature is drawn before the desk hears of it; nothing overtakes it and nothing is lost with it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest

from posd.desk import drawing
from posd.desk.drawing import DrawnFirst
from posd.domain.device import DeviceReport, Drawing, SignOutcome

INK = Drawing("strokes", b"\x01")
SIGNED = SignOutcome("s1", "captured", INK)
REPORT = DeviceReport("pad", "absent")
CANCELLED = SignOutcome("s2", "cancelled", INK)


def run(draw: Callable[[Drawing], None], *messages: SignOutcome | DeviceReport) -> tuple[list[object], list[object]]:
    """What was told at once, and what when all was done."""
    told: list[object] = []

    async def go() -> list[object]:
        first = DrawnFirst(draw, told.append)
        for message in messages:
            first(message)
        at_once = list(told)
        await first.done()
        await first.done()
        return at_once

    return asyncio.run(go()), told


def test_a_signature_is_drawn_in_a_thread_and_then_told() -> None:
    drawn: list[tuple[Drawing, bool]] = []
    at_once, told = run(lambda ink: drawn.append((ink, threading.current_thread() is threading.main_thread())), SIGNED)
    assert at_once == []
    assert told == [SIGNED]
    assert drawn == [(INK, False)]


def test_what_is_no_signature_is_told_at_once_but_never_before_one_that_came_earlier() -> None:
    drawn: list[Drawing] = []
    at_once, told = run(drawn.append, REPORT, CANCELLED, SIGNED, REPORT, CANCELLED)
    assert at_once == [REPORT, CANCELLED]
    assert told == [REPORT, CANCELLED, SIGNED, REPORT, CANCELLED]
    assert drawn == [INK]


def test_a_signature_that_cannot_be_drawn_is_told_all_the_same(caplog: pytest.LogCaptureFixture) -> None:
    def draw(ink: Drawing) -> None:
        raise ValueError("no ink")

    assert run(draw, SIGNED)[1] == [SIGNED]
    assert "kept as it is" in caplog.text


def test_a_drawing_that_hangs_holds_a_signature_up_for_a_while_only(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(drawing, "DRAWN_WITHIN_S", 0.01)
    go_on = threading.Event()
    told: list[object] = []

    def hang(ink: Drawing) -> None:
        go_on.wait(60)

    async def go() -> None:
        first = DrawnFirst(hang, told.append)
        first(SIGNED)
        await first.done()
        assert told == [SIGNED]
        go_on.set()

    asyncio.run(go())
    assert "kept as it is" in caplog.text
