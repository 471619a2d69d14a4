"""A signature of five seconds at 200 Hz as it is kept, beside the same as raw events, as zlib makes them, as PNG and as
JBIG1; what drawing it takes; whether any of 1,000 reports a second for a minute gets lost between the pad and the
journal while sales print; what confirming a minute of ink takes of the loop, beside a short one; and how long the
merchant copy lets the customer wait who has signed.

The pen writes into a FIFO in real time. A wire stands between posd and hwsim's printer, passes every byte on and notes
when a slip begins (ESC @).
"""

from __future__ import annotations

import base64
import contextlib
import os
import statistics
import threading
import time
import tty
import zlib
from collections.abc import Iterator
from pathlib import Path

from hwsim.events import ABS_PRESSURE, ABS_X, ABS_Y, BTN_0, BTN_TOUCH, EV_ABS, EV_KEY, burst
from hwsim.pad.hand import signature
from posd.domain.device import Drawing
from posd.pad import image, jbig
from posd.pad.assemble import Pen
from posd.pad.session import Rules, Signing
from posd.pad.strokes import POINTS_MAX, Extents, Ink, Point, Stroke, decode, encode
from tests.bench.tools import Row, Tap, place, row
from tests.scenario.box import Box, cash, sale

REPORTS = 1000
FAST_HZ = 1000
SIGNATURES, SIGNATURE_S = 6, 10
"""A minute in all; one ink holds twelve seconds at this rate."""
DRAWN = 20
SIGNED = 20
REST_S = 0.2
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
    drawing = Drawing("strokes", kept)
    sizes = (
        ("raw events", len(events)),
        ("raw events in zlib", len(zlib.compress(events, 9))),
        ("PNG of 800 x 400", len(image.png(drawing))),
        ("JBIG1 of 240 x 80", _jbig_bytes(drawing)),
    )
    stored = [
        row(f"signature of 5 s at 200 Hz: {what}", len(kept), size, "bytes", most=3000, inverse=True)
        for what, size in sizes
    ]
    with place() as folder, _signing_box(folder / "box") as counter:
        return [*stored, *_render(drawing), _confirm(), counter.fast(), counter.wait()]


def _jbig_bytes(drawing: Drawing) -> int | None:
    """None without libjbig. It keeps neither time nor pressure, and cannot be drawn larger."""
    try:
        return len(jbig.encode(image.host(drawing)))
    except jbig.NoJbig:
        return None


def _render(drawing: Drawing) -> list[Row]:
    times = []
    for _ in range(DRAWN):
        begun = time.perf_counter()
        image.png(drawing)
        times.append(1000 * (time.perf_counter() - begun))
    return [row("signature of 5 s at 200 Hz to PNG of 800 x 400", statistics.median(times), None, "ms")]


def _confirm() -> Row:
    """The pad's machine between the button and the end of the session; coding the ink is a thread's."""
    short, longest = (statistics.median(_confirmed_ms(points) for _ in range(DRAWN)) for points in (100, POINTS_MAX))
    note = f"{short:.2f} ms for 100 points"
    return row(f"confirming a minute at 200 Hz ({POINTS_MAX} points) on the loop", longest, None, "ms", note=note)


def _confirmed_ms(points: int) -> float:
    signing = Signing(Rules(60.0, 3))
    signing.begin("s1", Extents(4095, 2047, 1023), contact_possible=False, now_s=0.0)
    for at in range(points):
        x, y = 500 + abs(at * 25 % 6000 - 3000), 500 + abs(at * 70 % 1000 - 500)
        signing.pen(Pen("move" if at else "down", 5000 * at, x, y, 500), 0.0)
    begun = time.perf_counter()
    end = signing.press("confirm", 1.0)
    took_ms = 1000 * (time.perf_counter() - begun)
    assert end is not None
    assert (end.result, end.ink.points) == ("captured", points)
    return took_ms


class _Wire(Tap):
    """A serial line."""

    def __init__(self, printer: Path) -> None:
        super().__init__()
        self._host, self._end = os.openpty()
        tty.setraw(self._end)
        self.device = os.ttyname(self._end)
        self._passing = threading.Thread(target=self.pass_on, args=(self._host, printer))
        self._passing.start()

    def close(self) -> None:
        self.going = False
        self._passing.join()
        for descriptor in (self._host, self._end):
            os.close(descriptor)


class _Counter:
    """A box, the pen at its pad, and the wire to its printer."""

    def __init__(self, box: Box, pen: int, wire: _Wire) -> None:
        self._box, self._pen, self._wire = box, pen, wire

    def fast(self) -> Row:
        """Points that reach the journal of a pen that reports so often, while sales print."""
        got, slips = 0, 0
        for _ in range(SIGNATURES):
            sold = self._box.sell(sale(self._box.new_id()))
            self._box.wait_on_pad(sold)
            hand = threading.Thread(target=_draw, args=(self._pen,))
            hand.start()
            while hand.is_alive():
                paid = self._box.sell(cash(self._box.new_id()))
                self._box.wait_copy(paid, "customer", "printed")
                slips += 2
            hand.join()
            self._box.wait_signature(sold, "captured")
            kept = self._box.result("signature.get", id=sold, format="strokes")["data"]
            got += decode(base64.b64decode(kept)).points
        sent = SIGNATURES * SIGNATURE_S * FAST_HZ
        name = f"reports in the journal at {FAST_HZ} a second for {SIGNATURES * SIGNATURE_S} s, {slips} slips meanwhile"
        return row(name, got, sent, "reports", least=1.0)

    def wait(self) -> Row:
        """From the pen's last lifting, with which the customer confirms, to the merchant copy's first byte."""
        times = []
        lift = _frame([(EV_KEY, BTN_TOUCH, 0)])
        drawn = _as_events(ink(), lifted=False)
        for _ in range(SIGNED):
            sold = self._box.sell(sale(self._box.new_id()))
            self._box.wait_on_pad(sold)
            _write(self._pen, drawn)
            time.sleep(REST_S)
            begun = self._wire.watch()
            _write(self._pen, lift + _frame([(EV_KEY, BTN_0, 1)]) + _frame([(EV_KEY, BTN_0, 0)]))
            times.append(1000 * (self._wire.first_byte() - begun))
            self._box.wait_copy(sold, "customer", "printed")
        note = f"slowest of {SIGNED}: {max(times):.0f} ms; the signature is coded, drawn and made durable before"
        return row("pen-up to the merchant copy's first byte", statistics.median(times), None, "ms", note=note)


@contextlib.contextmanager
def _signing_box(folder: Path) -> Iterator[_Counter]:
    box = Box(folder, {"journal": {"size": "64MiB"}, "pad": {"device": "{folder}/pen"}}, speed="fast")
    try:
        box.start_world()
        os.mkfifo(folder / "pen")
        pen = os.open(folder / "pen", os.O_RDWR)
        wire = _Wire(box.world / "printer")
        try:
            box.settings["printer"]["device"] = wire.device
            box.start_posd()
            yield _Counter(box, pen, wire)
        finally:
            box.close()
            wire.close()
            os.close(pen)
    finally:
        box.close()


def _as_events(drawn: Ink, *, lifted: bool = True) -> bytes:
    """What a pad sends for this ink, as the kernel hands it over; without `lifted` the pen stays on the pad."""
    out = []
    for stroke in drawn.strokes:
        for at, point in enumerate(stroke):
            out.append(burst(1.8e9 + point.t_ms / 1000, _report(point) + [(EV_KEY, BTN_TOUCH, 1)] * (at == 0)))
        out.append(burst(1.8e9 + stroke[-1].t_ms / 1000, [(EV_KEY, BTN_TOUCH, 0)]))
    return b"".join(out if lifted else out[:-1])


def _report(point: Point) -> list[tuple[int, int, int]]:
    return [(EV_ABS, ABS_X, point.x), (EV_ABS, ABS_Y, point.y), (EV_ABS, ABS_PRESSURE, point.pressure)]


def _frame(events: list[tuple[int, int, int]]) -> bytes:
    return burst(time.time(), events)


def _write(pen: int, data: bytes) -> None:
    while data:
        data = data[os.write(pen, data) :]


def _draw(pen: int) -> None:
    """One signature in real time: a pen that goes on and on, and confirms."""
    begun, wall, count = time.monotonic(), time.time(), SIGNATURE_S * FAST_HZ
    for number in range(count):
        due = number / FAST_HZ
        while (left := begun + due - time.monotonic()) > 0:
            time.sleep(left)
        point = Point(number, 500 + abs(number % 6000 - 3000), 1000 + number * 7 % 500, 500)
        _write(pen, burst(wall + due, _report(point) + [(EV_KEY, BTN_TOUCH, 1)] * (number == 0)))
    _write(pen, _frame([(EV_KEY, BTN_TOUCH, 0)]) + _frame([(EV_KEY, BTN_0, 1)]) + _frame([(EV_KEY, BTN_0, 0)]))
