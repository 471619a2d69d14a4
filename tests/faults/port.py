"""The line to the printer on the bench, as a port of the printer actor's (posd/line/port.py).

What a process hands to its kernel stays there when the process is killed: `budget` bytes may be taken until `on_spent`
is called, which is how a kill meets an exact byte. With the box's power gone, what is on the line is gone too.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from hwsim.bench import Bench
from posd.line.port import Port, PortAbsent, PortGone


class BenchPort:
    """One opening of the line."""

    path = "/dev/bench"

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.gone = False
        self.budget: int | None = None
        self.on_spent: Callable[[], None] = lambda: None
        self._waits = self._stopped = False
        self._on_data: Callable[[bytes], None] = lambda _data: None
        self._on_event: Callable[[], None] = lambda: None

    def start(self, on_data: Callable[[bytes], None], on_event: Callable[[], None]) -> None:
        self._on_data, self._on_event = on_data, on_event
        with contextlib.suppress(OSError):
            self.bench.read()  # what came before it was opened is nobody's

    def hang_up(self) -> None:
        """The cable is out: this opening is over, even if it is back in a moment."""
        self.gone = True
        self._on_event()

    def write(self, data: bytes | memoryview) -> int:
        if self.gone or self._stopped:
            raise PortGone
        try:
            taken = self.bench.write(bytes(data if self.budget is None else data[: self.budget]))
        except OSError as error:
            raise PortGone from error
        self._waits = taken < len(data)
        if self.budget is not None:
            self.budget -= taken
            if not self.budget:
                self.budget = None
                self.on_spent()
        return taken

    def news(self) -> bool:
        """Hand over what there is; whether there was something."""
        if self.gone or self._stopped:
            return False
        told = b""
        with contextlib.suppress(OSError):
            told = self.bench.read()
        if told:
            self._on_data(told)
        if self._waits and self.bench.takes:
            self._waits = False
            self._on_event()
            return True
        return bool(told)

    def unsent(self) -> int:
        return 0 if self.gone else self.bench.unsent

    def discard(self) -> int:
        return 0 if self.gone or self._stopped else self.bench.drop()

    def stop(self) -> None:
        self._stopped = True

    def release(self) -> None:
        """Nothing is held."""


class BenchOpener:
    """Opens the line at once, or finds that no cable is in (posd/line/opening.py without its threads)."""

    def __init__(self, bench: Bench) -> None:
        self.port: BenchPort | None = None
        self._bench = bench

    async def open(self, _within_s: float) -> BenchPort:
        if not self._bench.plugged:
            raise PortAbsent("The printer is unplugged.")
        self.port = BenchPort(self._bench)
        return self.port

    def let_go(self, port: Port) -> None:
        port.stop()
