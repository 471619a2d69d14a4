"""Pictures that answer a request: made off the loop, one at a time, at most `WAITING_MAX` of them waiting."""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import Callable

from posd.desk.messages import RenderSignature, RenderSlip
from posd.desk.ports import Pictures
from posd.domain import views
from posd.domain.errors import Refusal

WAITING_MAX = 32
log = logging.getLogger("posd.desk")


class Drawing:
    """Draws what the desk asks for and hands each answer to `reply(token, answer)`, on the loop."""

    def __init__(self, pictures: Pictures, reply: Callable[[int, views.AnyResult | Refusal], None]) -> None:
        self._pictures = pictures
        self._reply = reply
        self._tasks: set[asyncio.Task[None]] = set()
        self._one_at_a_time = asyncio.Semaphore(1)

    def begin(self, effect: RenderSlip | RenderSignature) -> None:
        """Draw it when its turn comes; `busy` at once where too many wait."""
        if len(self._tasks) >= WAITING_MAX:
            words = "Too many pictures are being made. Nothing was changed; ask again in a moment."
            self._reply(effect.token, Refusal("busy", words))
            return
        task = asyncio.get_running_loop().create_task(self._draw(effect))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _draw(self, effect: RenderSlip | RenderSignature) -> None:
        answer: views.AnyResult | Refusal
        try:
            async with self._one_at_a_time:
                answer = await asyncio.to_thread(self._drawn, effect)
        except Refusal as refusal:
            answer = refusal
        except Exception:
            log.exception("a picture could not be made")
            words = "The picture could not be made; the log says why. Nothing was changed."
            answer = Refusal("unsupported", words)
        self._reply(effect.token, answer)

    def _drawn(self, effect: RenderSlip | RenderSignature) -> views.AnyResult:
        if isinstance(effect, RenderSlip):
            return views.Previewed(effect.format, self._pictures.slip(effect.data, effect.format))
        if effect.format == "strokes":
            data = base64.b64encode(effect.drawing.data).decode()
        else:
            data = self._pictures.signature(effect.drawing, effect.format, effect.feature_code)
        return views.SignatureData(
            effect.id, effect.version, effect.captured, effect.digest, effect.feature_code, effect.format, data
        )
