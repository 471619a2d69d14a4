"""The groups of a user, asked of the user database off the loop.

Only where the kernel does not tell them (access.py). A directory behind the database may take its time, or never
answer: few threads of its own ask it, so that nothing else waits for it, not even the end of posd. Who has waited for
`ANSWER_S` is told so; a peer that is gone is not looked up.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque

from posd.api import access
from posd.domain.errors import Refusal

ANSWER_S = 10.0
THREADS_MAX = 2


class Groups:
    """Looks groups up, on behalf of the loop. Bounded by the number of clients: each asks once."""

    def __init__(self, answer_s: float = ANSWER_S) -> None:
        self._answer_s = answer_s
        self._lock = threading.Lock()
        self._waiting: deque[tuple[access.Peer, asyncio.Future[frozenset[int]]]] = deque()
        self._threads = 0

    async def of(self, peer: access.Peer) -> frozenset[int]:
        """The peer's groups. Refusal `busy` when the database does not say them in time."""
        answer: asyncio.Future[frozenset[int]] = asyncio.get_running_loop().create_future()
        with self._lock:
            self._waiting.append((peer, answer))
            begin = self._threads < THREADS_MAX
            self._threads += begin
        if begin:
            threading.Thread(target=self._look, name="groups", daemon=True).start()
        try:
            return await asyncio.wait_for(answer, self._answer_s)
        except (TimeoutError, OSError) as error:
            why = f": {error}" if str(error) else f" within {self._answer_s:g} s"
            raise Refusal(
                "busy",
                f"The user database does not say the groups of uid {peer.uid}{why}. Nothing was done; connect again, "
                "and have the administrator look at it.",
            ) from error

    def _look(self) -> None:
        """Look up what waits; the thread ends with the last of it."""
        while True:
            with self._lock:
                if not self._waiting:
                    self._threads -= 1
                    return
                peer, answer = self._waiting.popleft()
            if answer.done():
                continue  # nobody waits for it any more
            found: frozenset[int] | OSError
            try:
                found = access.groups_from_database(peer)
            except OSError as error:
                found = error
            with contextlib.suppress(RuntimeError):  # the loop has closed meanwhile
                answer.get_loop().call_soon_threadsafe(_give, answer, found)


def _give(answer: asyncio.Future[frozenset[int]], found: frozenset[int] | OSError) -> None:
    if answer.done():
        return
    if isinstance(found, OSError):
        answer.set_exception(found)
    else:
        answer.set_result(found)
