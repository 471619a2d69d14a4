"""Events: each once, in order, from a number on and then live; and `lost` where the journal has moved on."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from posd.api.connection import Limits
from posd.api.methods import METHODS
from posd.api.notices import event_params
from posd.domain import requests
from posd.domain.device import Drawing, LiveInk
from posd.domain.doer import Doer
from posd.domain.errors import Refusal
from posd.domain.events import CopyStarted, SignatureCaptured
from tests.unit.api.fakes import Raw, Running

Dial = Callable[[Running], Raw]
Serve = Callable[..., Running]
Wait = Callable[..., None]


def told(client: Raw, count: int) -> list[int]:
    """The numbers of the next events."""
    found = []
    for _ in range(count):
        notice = client.read()
        assert notice["method"] == "event"
        found.append(notice["params"]["seq"])
    return found


def test_from_a_number_on_and_then_live(served: Running, dial: Dial) -> None:
    served.publish(*range(1, 11))
    client = dial(served)
    assert client.ask("events.subscribe", {"from": 4})["result"] == {"next": 4, "lost": None}
    served.publish(11, 12)
    assert told(client, 9) == list(range(4, 13))


def test_without_a_number_only_what_is_new(served: Running, dial: Dial) -> None:
    served.publish(1, 2, 3)
    client = dial(served)
    assert client.ask("events.subscribe")["result"]["next"] == 4
    served.publish(4)
    assert told(client, 1) == [4]


def test_numbers_need_not_follow_one_another(served: Running, dial: Dial) -> None:
    served.publish(2, 5)
    client = dial(served)
    client.ask("events.subscribe", {"from": 1})
    served.publish(9, 14)
    assert told(client, 4) == [2, 5, 9, 14]


def test_a_notification_as_documented(served: Running, dial: Dial) -> None:
    client = dial(served)
    client.ask("events.subscribe")
    served.publish(1)
    assert client.read() == {
        "jsonrpc": "2.0",
        "method": "event",
        "params": {
            "seq": 1,
            "time": "2026-11-21T02:15:30.001Z",
            "type": "copy.printed",
            "doer": {"kind": "posd"},
            "id": "T1",
            "copy": "customer",
            "number": 0,
            "job": "J1",
            "proof": "confirmed",
            "why": "",
        },
    }


def test_bodies_and_drawings_are_not_told() -> None:
    doer = Doer(kind="peer", uid=1, gid=2, pid=3)
    started = CopyStarted(
        time=0, doer=doer, id="T", copy="merchant", number=0, job="J", mark="none", body_digest="d", body=b"secret"
    )
    assert "body" not in event_params(1, started)
    assert event_params(1, started)["body_digest"] == "d"
    captured = SignatureCaptured(
        time=-1, doer=doer, id="T", session="S", version=1, digest="d", drawing=Drawing("strokes", b"secret")
    )
    assert "drawing" not in event_params(1, captured)


def test_what_is_no_longer_kept_is_said_at_once(served: Running, dial: Dial) -> None:
    served.publish(*range(1, 11))
    served.events.first = 6
    client = dial(served)
    assert client.ask("events.subscribe", {"from": 2})["result"] == {"next": 6, "lost": [2, 5]}
    assert told(client, 5) == [6, 7, 8, 9, 10]


def test_everything_is_gone(served: Running, dial: Dial) -> None:
    served.publish(*range(1, 11))
    served.events.first = 11
    client = dial(served)
    assert client.ask("events.subscribe", {"from": 0})["result"] == {"next": 11, "lost": [1, 10]}
    served.publish(11)
    assert told(client, 1) == [11]


def test_an_empty_journal_has_lost_nothing(served: Running, dial: Dial) -> None:
    client = dial(served)
    assert client.ask("events.subscribe", {"from": 0})["result"] == {"next": 1, "lost": None}
    served.publish(1)
    assert told(client, 1) == [1]


def test_what_is_durable_and_not_published_yet_may_be_asked_for(served: Running, dial: Dial) -> None:
    served.publish(1)
    served.desk.newest = 3
    client = dial(served)
    assert client.ask("posd.hello")["result"]["seq"] == 1
    assert client.ask("events.subscribe", {"from": 4})["result"] == {"next": 4, "lost": None}
    served.publish(2, 3, 4)
    assert told(client, 1) == [4]
    assert client.ask("events.subscribe", {"from": 6})["error"]["data"]["field"] == "from"


def test_the_end_of_a_subscription(served: Running, dial: Dial) -> None:
    client = dial(served)
    assert client.ask("events.unsubscribe")["result"] == {"was_subscribed": False}
    client.ask("events.subscribe")
    assert client.ask("events.unsubscribe")["result"] == {"was_subscribed": True}
    served.publish(1)
    assert client.ask("posd.hello", id=9)["id"] == 9


def test_a_second_one_takes_the_place_of_the_first(served: Running, dial: Dial) -> None:
    client = dial(served)
    client.ask("events.subscribe")
    client.ask("events.subscribe")
    served.publish(1, 2)
    assert told(client, 2) == [1, 2]
    assert client.ask("posd.hello", id=9)["id"] == 9


def test_a_slow_reader_is_told_what_the_ring_gave_up(serve: Serve, dial: Dial, wait_until: Wait) -> None:
    server = serve(limits=Limits(stall_s=3600))
    client = dial(server)
    client.ask("events.subscribe", {"from": 1})
    published = 20_000
    for start in range(1, published + 1, 1000):
        server.publish(*range(start, start + 1000))
    server.on_loop(lambda: setattr(server.events, "first", published - 10))
    seen, lost = [], []
    while not seen or seen[-1] != published:
        notice = client.read()
        if notice["method"] == "events.lost":
            lost += range(notice["params"]["from"], notice["params"]["through"] + 1)
        else:
            seen.append(notice["params"]["seq"])
    assert lost, "nothing was lost: the test shows nothing"
    assert sorted(seen + lost) == list(range(1, published + 1))
    assert seen == sorted(seen)


def test_a_ring_that_moves_between_looking_and_reading(served: Running, dial: Dial) -> None:
    served.publish(*range(1, 11))
    honest = served.events.replay

    def moved(start: int) -> Any:
        if start == 3:
            served.events.first = 5
        return honest(start)

    served.events.replay = moved  # type: ignore[method-assign]
    client = dial(served)
    client.ask("events.subscribe", {"from": 3})
    assert client.read()["params"] == {"from": 3, "through": 4}
    assert told(client, 6) == [5, 6, 7, 8, 9, 10]


def test_events_that_cannot_be_read_back_end_the_connection_loudly(
    served: Running, dial: Dial, caplog: pytest.LogCaptureFixture
) -> None:
    served.publish(1, 2)
    served.events.broken = OSError("the disk")
    client = dial(served)
    assert client.ask("events.subscribe", {"from": 1})["result"]["next"] == 1
    with pytest.raises((EOFError, ConnectionResetError)):
        client.read()
    assert "events cannot be read back" in caplog.text


def test_exactly_once_while_others_publish_and_come_and_go(serve: Serve) -> None:
    server = serve(limits=Limits(stall_s=3600))
    count, step = 6000, 25
    results: dict[int, list[int]] = {}

    def subscriber(start: int) -> None:
        client = Raw(server.path)
        client.send(
            json.dumps({"jsonrpc": "2.0", "id": 1, "method": "events.subscribe", "params": {"from": start}}).encode()
            + b"\n"
        )
        assert client.read()["result"]["next"] == start
        found: list[int] = []
        while not found or found[-1] < count:
            found += told(client, 1)
        results[start] = found
        client.close()

    threads = []
    for first in range(1, count + 1, step):
        server.publish(*range(first, first + step))
        if first % 500 == 1:
            start = max(first - 300, 1)
            threads.append(threading.Thread(target=subscriber, args=(start,), daemon=True))
            threads[-1].start()
    for thread in threads:
        thread.join(60)
    starts = sorted({max(first - 300, 1) for first in range(1, count + 1, step) if first % 500 == 1})
    assert sorted(results) == starts
    for start, found in results.items():
        assert found == list(range(start, count + 1))


def test_a_publisher_out_of_order_is_stopped(served: Running) -> None:
    served.publish(5)
    with pytest.raises(AssertionError, match="event 5 was published after 5"):
        served.publish(5)


def drawn(*x: int, anew: bool = False) -> LiveInk:
    return LiveInk("s7", 4095, 2047, anew, tuple((0, at * 5, place, 9, 500) for at, place in enumerate(x)))


def show(server: Running, ink: LiveInk) -> None:
    server.on_loop(lambda: server.server.show("t1", ink))


def test_what_is_being_drawn_is_shown_to_who_asked_for_it_only(served: Running, dial: Dial) -> None:
    watcher, other = dial(served), dial(served)
    assert not served.on_loop(served.server.watched)
    watcher.ask("events.subscribe", {"strokes": True})
    other.ask("events.subscribe")
    assert served.on_loop(served.server.watched)
    show(served, drawn(10, 12, anew=True))
    served.publish(1)
    assert watcher.read() == {
        "jsonrpc": "2.0",
        "method": "signature.live",
        "params": {
            "transaction": "t1",
            "session": "s7",
            "width": 4095,
            "height": 2047,
            "anew": True,
            "points": [[0, 0, 10, 9, 500], [0, 5, 12, 9, 500]],
        },
    }
    assert told(watcher, 1) == told(other, 1) == [1]
    watcher.ask("events.unsubscribe")
    assert not served.on_loop(served.server.watched)


def test_a_watcher_who_does_not_read_misses_strokes_and_no_event(serve: Serve, dial: Dial, wait_until: Wait) -> None:
    server = serve(limits=Limits(stall_s=3600))
    client = dial(server)
    client.ask("events.subscribe", {"strokes": True})
    shown = 3_000
    for number in range(shown):
        show(server, drawn(*range(number, number + 200)))
    server.publish(1)
    seen = 0
    while (notice := client.read())["method"] == "signature.live":
        seen += 1
    assert notice["params"]["seq"] == 1
    assert 0 < seen < shown, "what it did not take in time is left out"


def test_strokes_are_for_roles_that_may_see_signatures(served: Running) -> None:
    ask = requests.Subscribe(strokes=True)
    till = Doer(kind="peer", uid=1, gid=1, pid=1, roles=())
    with pytest.raises(Refusal, match=r"signature\.get is for the role"):
        served.on_loop(lambda: served.server.answer(METHODS["events.subscribe"], ask, till, None))  # type: ignore[arg-type]
