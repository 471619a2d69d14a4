"""The requests of one client that were begun and are not answered yet, each with its deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

from posd.api.framing import Call
from posd.domain import views

Answer = asyncio.Future[views.AnyResult]


class UnderWay:
    """`came(call, answer)` is called once for each: answered, refused, failed, or cancelled after `answer_s`."""

    def __init__(self, answer_s: float, came: Callable[[Call, Answer], None]) -> None:
        self._answer_s = answer_s
        self._came = came
        self._loop = asyncio.get_running_loop()
        self._asked: dict[Answer, tuple[Call, float]] = {}
        self._overdue: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._asked)

    def __iter__(self) -> Iterator[Answer]:
        return iter(self._asked)

    def add(self, call: Call, answer: Answer) -> None:
        """One more, from now on."""
        self._asked[answer] = (call, self._loop.time() + self._answer_s)
        answer.add_done_callback(self._done)
        if self._overdue is None:
            self._overdue = self._loop.call_later(self._answer_s, self._give_up_overdue)

    def end(self) -> None:
        """Nothing more will be asked, and nothing is left."""
        if self._overdue is not None:
            self._overdue.cancel()

    def _done(self, answer: Answer) -> None:
        call, _ = self._asked.pop(answer)
        self._came(call, answer)

    def _give_up_overdue(self) -> None:
        """Cancel what was asked too long ago; come again for the next one."""
        self._overdue = None
        now = self._loop.time()
        for answer, (_, deadline) in list(self._asked.items()):
            if deadline > now:
                self._overdue = self._loop.call_at(deadline, self._give_up_overdue)
                return
            answer.cancel()
