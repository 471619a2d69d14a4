"""Opening a port and letting go of it, so that neither can hang posd.

- Both are done by a thread of their own that nobody has to wait for; a thread that hangs in the kernel stays behind.
- There is at most one thread of each: while an opening or a letting go hangs, the device is not tried again, and the
  refusal says for how long it hangs and what ends it. So a broken driver costs two threads, however long it lasts.
- A device that opens after its deadline, or for somebody who has left, is let go again.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable

from posd.line.port import Port, PortRefused


class Opener:
    """Opens one device, again and again; made once, used by one task at a time.

    `make` opens it and returns its port: it may block, and raises PortAbsent or PortRefused. `name` is for sentences.
    """

    def __init__(self, name: str, make: Callable[[], Port]) -> None:
        self._name, self._make = name, make
        self._opens: threading.Thread | None = None
        self._frees: threading.Thread | None = None
        self._freed = asyncio.Event()
        self._freed.set()
        self._since_s = 0.0

    async def open(self, within_s: float) -> Port:
        """The open port. PortAbsent when there is no such device, PortRefused when it does not open `within_s`."""
        loop = asyncio.get_running_loop()
        with contextlib.suppress(TimeoutError):  # an orderly letting go is a matter of milliseconds
            async with asyncio.timeout(within_s):
                await self._freed.wait()
        self._refuse_while_hanging()
        opened: asyncio.Future[Port] = loop.create_future()

        def deliver(result: Port | Exception) -> None:
            if isinstance(result, Exception):
                if not opened.done():
                    opened.set_exception(result)
            elif opened.done():  # too late: nobody waits any more
                self.let_go(result)
            else:
                opened.set_result(result)

        def work() -> None:
            result: Port | Exception
            try:
                result = self._make()
            except Exception as error:  # noqa: BLE001  (whoever waits gets it: it must not end in a thread)
                result = error
            try:
                loop.call_soon_threadsafe(deliver, result)
            except RuntimeError:  # the loop has ended meanwhile
                if not isinstance(result, Exception):
                    result.release()

        self._since_s = time.monotonic()
        self._opens = _thread(work, "posd-port-open")
        try:
            async with asyncio.timeout(within_s):  # not wait_for: it loses a cancellation that comes with the answer
                return await opened
        except TimeoutError:
            raise PortRefused(f"{self._name} did not open within {within_s:g} s. Check its cable and power.") from None

    def let_go(self, port: Port) -> None:
        """Let go of an open port; returns at once."""
        port.stop()
        loop, before, freed = asyncio.get_running_loop(), self._frees, asyncio.Event()
        self._freed, self._since_s = freed, time.monotonic()

        def work() -> None:
            if before is not None:
                before.join()
            port.release()
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(freed.set)

        self._frees = _thread(work, "posd-port-close")

    def _refuse_while_hanging(self) -> None:
        opens = self._opens is not None and self._opens.is_alive()
        for hangs, what in ((opens, "opening it"), (not self._freed.is_set(), "letting go of an earlier connection")):
            if hangs:
                raise PortRefused(
                    f"{self._name}: posd still hangs in {what}, for {time.monotonic() - self._since_s:.0f} s now."
                    " Unplug the device and plug it in again; if that does not help, start the box again."
                )
        self._opens = self._frees = None


def _thread(work: Callable[[], None], name: str) -> threading.Thread:
    thread = threading.Thread(target=work, name=name, daemon=True)
    thread.start()
    return thread
