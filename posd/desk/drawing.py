"""What is drawn off the loop: pictures that answer a request, one at a time, at most `WAITING_MAX` of them waiting; and
each captured signature, before the desk hears of it, so that the slip on which it prints has not to wait for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable

from posd.desk.messages import RenderSignature, RenderSlip
from posd.desk.ports import Pictures
from posd.domain import device, views
from posd.domain.errors import Refusal

WAITING_MAX = 32
DRAWN_WITHIN_S = 5.0
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
            return views.Previewed(effect.format, self._pictures.slip(effect.order, effect.format))
        data = self._pictures.signature(effect.drawing, effect.format, effect.feature_code)
        return views.SignatureData(
            effect.id,
            effect.version,
            effect.captured,
            effect.digest,
            effect.feature_code,
            effect.drawing.kind,
            effect.format,
            data,
        )


class DrawnFirst:
    """Hands a pad's messages on to `tell`, in their order; a captured signature goes through `draw` first, in a thread.
    A signature that cannot be drawn, or not within `DRAWN_WITHIN_S`, is handed on all the same: it is kept as it is.
    """

    def __init__(
        self,
        draw: Callable[[device.Drawing], None],
        tell: Callable[[device.DeviceReport | device.SignOutcome], None],
    ) -> None:
        self._draw, self._tell = draw, tell
        self._waiting: deque[device.DeviceReport | device.SignOutcome] = deque()
        self._task: asyncio.Task[None] | None = None

    def __call__(self, message: device.DeviceReport | device.SignOutcome) -> None:
        """From the loop thread. A pad ends a session before it begins the next, so few ever wait."""
        if self._task is None and _signature(message) is None:
            self._tell(message)
            return
        self._waiting.append(message)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._hand_on())

    async def done(self) -> None:
        """Until nothing waits."""
        if self._task is not None:
            await asyncio.wait({self._task})

    async def _hand_on(self) -> None:
        try:
            while self._waiting:
                drawing = _signature(self._waiting[0])
                if drawing is not None:
                    await self._drawn(drawing)
                self._tell(self._waiting.popleft())
        finally:
            self._task = None

    async def _drawn(self, drawing: device.Drawing) -> None:
        try:
            await asyncio.wait_for(asyncio.to_thread(self._draw, drawing), DRAWN_WITHIN_S)
        except Exception:
            log.exception("a signature could not be drawn ahead of its slip; it is kept as it is")


def _signature(message: device.DeviceReport | device.SignOutcome) -> device.Drawing | None:
    if isinstance(message, device.SignOutcome) and message.result == "captured":
        return message.drawing
    return None
