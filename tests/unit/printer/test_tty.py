"""Opening a tty: a stop is never lost, whatever comes at the same moment."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from posd.printer.tty import open_tty


def test_a_stop_that_comes_with_the_answer_is_a_stop(tmp_path: Path) -> None:
    """The thread's answer and the cancellation wait for the same turn of the loop."""

    async def run() -> None:
        opening = asyncio.ensure_future(open_tty(str(tmp_path / "none"), 115200, 5.0))
        await asyncio.sleep(0)
        for thread in threading.enumerate():
            if thread.name == "posd-tty-open":
                thread.join(10)  # holds the loop on purpose: the answer is queued, and nobody has seen it
        asyncio.get_running_loop().call_soon(opening.cancel)
        with pytest.raises(asyncio.CancelledError):
            await opening

    asyncio.run(run())
