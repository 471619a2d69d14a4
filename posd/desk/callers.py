"""Who waits for an answer of the desk. A caller that has gone is not looked for: what was decided stands."""

from __future__ import annotations

import asyncio

from posd.domain import views
from posd.domain.errors import Refusal


class Callers:
    """The waiting callers, by the token under which each is answered. Loop thread."""

    def __init__(self) -> None:
        self._waiting: dict[int, asyncio.Future[views.AnyResult]] = {}
        self._token = 0

    def expect(self) -> tuple[int, asyncio.Future[views.AnyResult]]:
        """A token, and the future that gets what is answered under it."""
        self._token += 1
        answer = self._waiting[self._token] = asyncio.get_running_loop().create_future()
        return self._token, answer

    def reply(self, token: int, answer: views.AnyResult | Refusal) -> None:
        """Answer the caller, if it is still there."""
        waiting = self._waiting.pop(token, None)
        if waiting is None or waiting.done():
            return
        if isinstance(answer, Refusal):
            waiting.set_exception(answer)
        else:
            waiting.set_result(answer)

    def fail(self, refusal: Refusal) -> None:
        """Refuse all who still wait."""
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(refusal)
