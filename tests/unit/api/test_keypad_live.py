"""Where the keypad stands, told to who asked for it."""

from __future__ import annotations

from collections.abc import Callable

from posd.domain.device import KeyAnswer, KeypadShown
from tests.unit.api.fakes import Raw, Running

Dial = Callable[[Running], Raw]


def show(server: Running, *shown: KeypadShown) -> None:
    for one in shown:
        server.on_loop(lambda one=one: server.server.show_keypad(one))


def test_who_watches_the_keypad_hears_its_state_and_what_the_desk_says(served: Running, dial: Dial) -> None:
    watcher, other = dial(served), dial(served)
    watcher.ask("events.subscribe", {"keypad": True})
    other.ask("events.subscribe", {"strokes": True})
    about = KeyAnswer("settle", 7, id="t1", receipt="000001", copy="customer", number=1)
    refused = KeyAnswer("refused", 8, why="too-soon", until="2026-11-21T12:01:00+08:00")
    show(served, KeypadShown("asked"), KeypadShown("settle", about), KeypadShown("idle", refused))
    served.publish(1)
    told = [watcher.read() for _ in range(4)]
    assert [notice["method"] for notice in told] == ["keypad.live"] * 3 + ["event"]
    assert [notice["params"] for notice in told[:3]] == [
        {"state": "asked"},
        {"state": "settle", "answer": "settle", "id": "t1", "receipt": "000001", "copy": "customer", "number": 1},
        {"state": "idle", "answer": "refused", "why": "too-soon", "until": "2026-11-21T12:01:00+08:00"},
    ]
    assert other.read()["method"] == "event", "it did not ask for the keypad"
