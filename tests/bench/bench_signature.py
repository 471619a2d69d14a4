"""A signature of five seconds at 200 Hz as it is kept, beside the same as raw events, as zlib makes them, and as PNG;
and whether any of 1,000 reports a second gets lost between the pad and the ink.
"""

from __future__ import annotations

import asyncio
import os
import time
import zlib
from pathlib import Path

from hwsim.events import ABS_PRESSURE, ABS_X, ABS_Y, BTN_0, BTN_TOUCH, EV_ABS, EV_KEY, burst
from hwsim.pad.hand import signature
from posd.config import PadSection
from posd.domain.device import DeviceReport, Drawing, SignOutcome, SignRequest
from posd.pad import image
from posd.pad.actor import PadActor
from posd.pad.strokes import Extents, Ink, Point, Stroke, decode, encode
from tests.bench.tools import Row, place, row

REPORTS = 1000
FAST_HZ = 1000
FAST_S = 3
DEADLINE_S = 30.0
_NAMES = ("Li Wei", "Anna Schmidt", "王小明", "Alexander von Humboldt")


def ink(reports: int = REPORTS) -> Ink:
    """So many reports at 200 Hz, by several hands one after the other: five seconds have 1,000."""
    strokes: list[Stroke] = []
    begun_ms = 0
    for name in _NAMES:
        for samples in signature(name):
            stroke = tuple(Point(begun_ms + round(1000 * s.time), s.x, s.y, s.pressure) for s in samples)
            strokes.append(stroke[: reports - sum(map(len, strokes))])
        begun_ms = strokes[-1][-1].t_ms + 200 if strokes[-1] else begun_ms
    return Ink(Extents(4095, 2047, 1023), tuple(filter(None, strokes)))


def rows() -> list[Row]:
    drawn = ink()
    assert drawn.points == REPORTS
    kept = encode(drawn)
    assert decode(kept) == drawn
    events = _as_events(drawn)
    png = image.png(Drawing("strokes", kept))
    sizes = (("raw events", len(events)), ("raw events in zlib", len(zlib.compress(events, 9))), ("PNG", len(png)))
    stored = [
        row(f"signature of 5 s at 200 Hz: {what}", len(kept), size, "bytes", most=3000, inverse=True)
        for what, size in sizes
    ]
    with place() as folder:
        got = asyncio.run(_at_speed(folder / "pad"))
    sent = FAST_S * FAST_HZ
    return [*stored, row(f"reports that reach the ink at {FAST_HZ} a second", got, sent, "reports", least=1.0)]


def _as_events(drawn: Ink) -> bytes:
    """What a pad sends for this ink, as the kernel hands it over."""
    out = []
    for stroke in drawn.strokes:
        for at, point in enumerate(stroke):
            out.append(burst(1.8e9 + point.t_ms / 1000, _report(point) + [(EV_KEY, BTN_TOUCH, 1)] * (at == 0)))
        out.append(burst(1.8e9 + stroke[-1].t_ms / 1000, [(EV_KEY, BTN_TOUCH, 0)]))
    return b"".join(out)


def _report(point: Point) -> list[tuple[int, int, int]]:
    return [(EV_ABS, ABS_X, point.x), (EV_ABS, ABS_Y, point.y), (EV_ABS, ABS_PRESSURE, point.pressure)]


async def _at_speed(path: Path) -> int:
    """Points of the ink that the pad's actor makes of a pen that reports so often, in real time."""
    os.mkfifo(path)
    pen = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    ready, ended = asyncio.Event(), asyncio.Event()
    outcomes: list[SignOutcome] = []

    def heard(message: DeviceReport | SignOutcome) -> None:
        if isinstance(message, SignOutcome):
            outcomes.append(message)
            ended.set()
        elif message.state == "ready":
            ready.set()

    pad = PadActor(PadSection(driver="evdev", device=str(path)), heard)
    running = asyncio.ensure_future(pad.run())
    async with asyncio.timeout(DEADLINE_S):
        await ready.wait()
        pad.begin(SignRequest("1", "CNY 1.00", "shop"))
        await asyncio.to_thread(_draw, pen)
        await ended.wait()
    await pad.close()
    await running
    os.close(pen)
    drawing = outcomes[0].drawing
    return decode(drawing.data).points if drawing is not None else 0


def _draw(pen: int) -> None:
    begun, wall = time.monotonic(), time.time()
    for number in range(FAST_S * FAST_HZ):
        due = number / FAST_HZ
        while (left := begun + due - time.monotonic()) > 0:
            time.sleep(left)
        point = Point(number, 500 + number % 3000, 1000 + number * 7 % 500, 500)
        os.write(pen, burst(wall + due, _report(point) + [(EV_KEY, BTN_TOUCH, 1)] * (number == 0)))
    end = wall + FAST_S
    os.write(pen, burst(end, [(EV_KEY, BTN_TOUCH, 0)]))
    os.write(pen, burst(end, [(EV_KEY, BTN_0, 1)]) + burst(end, [(EV_KEY, BTN_0, 0)]))
