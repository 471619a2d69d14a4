"""A hand that signs: strokes like a person's, the same for the same name.

Rules: pure; all chance comes from the name. A signature is a first letter with large loops, a run of small letters that
flattens towards the end, sometimes a second word, and a stroke under it. The pen moves along smooth curves, slower in
tight turns, with a fine tremor, and presses harder where it is slow. With a palm on a pad that tells one place, each
stroke's touch begins and ends with the palm's place, and tells it for a moment in its middle.
"""

from __future__ import annotations

import itertools
import math
import random
from dataclasses import dataclass, replace

from hwsim.events import PAD_HEIGHT, PAD_WIDTH, PRESSURE_MAX

RATE_HZ = 200
RATES_HZ = (100, 1000)
"""What pads report at the least and at the most."""
TREMOR_MAX = 50.0
PALM_S, PALM_MOMENT_S = 0.15, 0.03
"""How long a palm's place is told before and after a stroke, and amid it."""
SPEED = 9000.0
"""Units of the pad a second on a straight line."""

Point = tuple[float, float]

_LETTERS: tuple[tuple[Point, ...], ...] = (
    ((0.2, 0.1), (0.5, 0.5), (0.35, 0.75), (0.15, 0.5), (0.4, 0.05), (0.8, 0.1)),  # e
    ((0.2, 0.3), (0.55, 1.6), (0.35, 1.9), (0.2, 1.2), (0.35, 0.05), (0.8, 0.1)),  # l
    ((0.1, 0.7), (0.2, 0.0), (0.35, 0.7), (0.5, 0.0), (0.65, 0.7), (0.9, 0.05)),  # m
    ((0.2, 0.7), (0.3, 0.05), (0.55, 0.1), (0.65, 0.7), (0.75, 0.05), (0.95, 0.1)),  # u
    ((0.6, 0.7), (0.2, 0.6), (0.2, 0.1), (0.55, 0.1), (0.6, 0.7), (0.85, 0.05)),  # a
    ((0.3, 0.6), (0.55, 0.1), (0.4, -1.0), (0.15, -0.8), (0.45, 0.0), (0.9, 0.1)),  # g
)
_CAPITALS: tuple[tuple[Point, ...], ...] = (
    ((0.9, 1.9), (0.3, 2.2), (0.1, 1.5), (0.9, 0.9), (1.0, 0.2), (0.3, -0.1), (0.1, 0.4), (0.8, 0.5), (1.5, 0.1)),  # S
    ((0.0, 0.0), (0.5, 1.4), (0.7, 2.2), (0.85, 1.2), (1.1, 0.0), (0.5, 0.7), (0.9, 0.9), (1.6, 0.1)),  # A
    ((0.2, 2.0), (0.3, 0.8), (0.2, -0.1), (0.25, 2.0), (0.9, 2.2), (1.0, 1.3), (0.3, 1.0), (1.1, 0.0), (1.6, 0.1)),  # R
    ((0.1, 1.7), (0.6, 2.1), (0.6, 0.2), (0.2, 0.0), (0.8, 1.0), (1.2, 2.2), (1.1, 0.2), (1.7, 0.1)),  # W
)


@dataclass(frozen=True, slots=True)
class Sample:
    """Where the pen is: seconds from the beginning, units of the pad, pressure."""

    time: float
    x: int
    y: int
    pressure: int


Stroke = list[Sample]


@dataclass(frozen=True, slots=True)
class Pen:
    """How often the pad reports, how much the hand trembles (1: as most do, 20: visibly), and whether the palm touches
    the pad too.
    """

    rate_hz: int = RATE_HZ
    tremor: float = 1.0
    palm: bool = False

    def __post_init__(self) -> None:
        if not RATES_HZ[0] <= self.rate_hz <= RATES_HZ[1]:
            raise ValueError(f"a pad reports {RATES_HZ[0]} to {RATES_HZ[1]} times a second, not {self.rate_hz}")
        if not 0 <= self.tremor <= TREMOR_MAX:
            raise ValueError(f"a tremor is 0 to {TREMOR_MAX:g} times the usual, not {self.tremor:g}")


def signature(name: str, pen: Pen | None = None) -> list[Stroke]:
    """The strokes of this person's signature, about two seconds long; of the same shape for every pen."""
    chance = random.Random(f"signature of {name}")
    hand = _Hand(chance, pen or Pen())
    strokes: list[list[Point]] = []
    size = chance.uniform(240, 300)
    x, y = chance.uniform(450, 650), chance.uniform(1150, 1300)
    word = [_scaled(chance.choice(_CAPITALS), x, y, size)]
    x = word[0][-1][0]
    for index in range(chance.randint(4, 5)):
        size *= chance.uniform(0.86, 0.98)
        letter = _scaled(chance.choice(_LETTERS), x, y - index * 8, size)
        word.append(letter)
        x = letter[-1][0]
    strokes.append([point for letter in word for point in letter])
    x += chance.uniform(120, 220)
    second = _scaled(chance.choice(_CAPITALS), x, y - 60, chance.uniform(200, 260))
    tail = [(second[-1][0] + step * 130, second[-1][1] + math.sin(step * 2.1) * 60 / step) for step in range(1, 5)]
    strokes.append(second + tail)
    end = min(tail[-1][0], PAD_WIDTH - 300)
    low = y + chance.uniform(260, 360)
    strokes.append([(end, low - 140), (end * 0.6, low), (700, low + 60), (620, low + 20), (end * 0.75, low - 60)])
    drawn = hand.draw(strokes)
    return _with_palm(drawn, pen.rate_hz) if pen is not None and pen.palm else drawn


def scribble() -> list[Stroke]:
    """A short zigzag that is nobody's signature."""
    hand = _Hand(random.Random("scribble"), Pen())
    return hand.draw([[(1900, 1000), (1980, 1040), (1930, 1060), (2000, 1090)]])


def half_signature() -> list[Stroke]:
    """The first half of a signature, the pen lifted."""
    first = signature("somebody")[0]
    return [first[: max(2, len(first) // 2)]]


def _with_palm(strokes: list[Stroke], rate_hz: int) -> list[Stroke]:
    """The same later and later, with what the pad tells of the palm before, amid and behind each stroke."""
    touched: list[Stroke] = []
    late = 0.0
    for stroke in strokes:
        middle = len(stroke) // 2
        parts: Stroke = []
        for pen, palm_s in (([], PALM_S), (stroke[:middle], PALM_MOMENT_S), (stroke[middle:], PALM_S)):
            parts += [replace(sample, time=sample.time + late) for sample in pen]
            near = pen[-1] if pen else stroke[0]
            start = near.time + late
            x, y = (0.95 if near.x < PAD_WIDTH / 2 else 0.05) * PAD_WIDTH, 0.95 * PAD_HEIGHT
            count = round(palm_s * rate_hz)
            for at in range(count):
                time = start + (at + bool(pen)) / rate_hz
                parts.append(Sample(time, round(x) + at % 5 * 9, round(y) - at % 3 * 12, PRESSURE_MAX // 2))
            late += count / rate_hz
        touched.append(parts)
    return touched


def _scaled(shape: tuple[Point, ...], x: float, y: float, size: float) -> list[Point]:
    """A letter at its place, slanted to the right; y grows downwards on the pad."""
    return [(x + (px + 0.25 * py) * size, y - py * size) for px, py in shape]


class _Hand:
    """Moves the pen along points in time."""

    def __init__(self, chance: random.Random, pen: Pen) -> None:
        self._chance = chance
        self._rate = pen.rate_hz
        self._tremor = pen.tremor
        # So much nearer to the wanted speed and pressure with each report, the same in each second.
        self._pick_up = 1 - 0.75 ** (RATE_HZ / pen.rate_hz)
        self._press = 1 - 0.82 ** (RATE_HZ / pen.rate_hz)
        self._time = 0.0
        self._phases = [chance.uniform(0, math.tau) for _ in range(4)]

    def draw(self, strokes: list[list[Point]]) -> list[Stroke]:
        drawn: list[Stroke] = []
        for points in strokes:
            drawn.append(self._stroke(_curve(points)))
            self._time += self._chance.uniform(0.08, 0.14)
        return drawn

    def _stroke(self, path: list[Point]) -> Stroke:
        length = sum(math.dist(a, b) for a, b in itertools.pairwise(path))
        place, speed, samples = 0, SPEED * 0.15, Stroke()
        done = 0.0
        pressure = 0.0
        position = path[0]
        while place < len(path) - 1:
            wanted = SPEED * _ease(done / length) * _straightness(path, place)
            speed += (wanted - speed) * self._pick_up
            step = speed / self._rate
            while place < len(path) - 1 and step >= math.dist(position, path[place + 1]):
                step -= math.dist(position, path[place + 1])
                done += math.dist(position, path[place + 1])
                place += 1
                position = path[place]
            if place < len(path) - 1:
                left = math.dist(position, path[place + 1])
                share = step / left
                ahead = path[place + 1]
                position = (
                    position[0] + (ahead[0] - position[0]) * share,
                    position[1] + (ahead[1] - position[1]) * share,
                )
                done += step
            target = (0.72 - 0.3 * speed / SPEED) * min(1.0, (length - done) / 120 + 0.2)
            pressure += (target - pressure) * self._press
            samples.append(self._sample(position, pressure))
            self._time += 1 / self._rate
        return samples

    def _sample(self, position: Point, pressure: float) -> Sample:
        t, p = self._time, self._phases
        tremor_x = 2.2 * math.sin(math.tau * 9.1 * t + p[0]) + 1.1 * math.sin(math.tau * 11.7 * t + p[1])
        tremor_y = 2.2 * math.sin(math.tau * 8.3 * t + p[2]) + 1.1 * math.sin(math.tau * 12.9 * t + p[3])
        noisy = pressure + self._chance.uniform(-0.008, 0.008)
        return Sample(
            t,
            min(PAD_WIDTH - 1, max(0, round(position[0] + self._tremor * tremor_x))),
            min(PAD_HEIGHT - 1, max(0, round(position[1] + self._tremor * tremor_y))),
            min(PRESSURE_MAX, max(1, round(noisy * PRESSURE_MAX))),
        )


def _ease(share: float) -> float:
    """A stroke begins and ends slower."""
    return 0.25 + 0.75 * math.sin(math.pi * min(1.0, max(0.0, share * 0.9 + 0.08)))


def _straightness(path: list[Point], place: int) -> float:
    """1 on a straight line, down to 0.35 in a tight turn."""
    a, b, c = path[max(0, place - 3)], path[place], path[min(len(path) - 1, place + 3)]
    turn = math.atan2(c[1] - b[1], c[0] - b[0]) - math.atan2(b[1] - a[1], b[0] - a[0])
    return 0.35 + 0.65 * (1 + math.cos(turn)) / 2


def _curve(points: list[Point]) -> list[Point]:
    """A smooth curve through the points (Catmull-Rom), in short pieces."""
    padded = [points[0], *points, points[-1]]
    path: list[Point] = []
    for p0, p1, p2, p3 in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        for step in range(12):
            t = step / 12
            path.append((_spline(p0[0], p1[0], p2[0], p3[0], t), _spline(p0[1], p1[1], p2[1], p3[1], t)))
    return [*path, points[-1]]


def _spline(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3)
