"""The desk's runner: brings inputs to `decide`, events to the journal, and effects to the world once their events are
durable.

Rules
- One loop thread. Inputs are decided in the order in which they arrive; each decision's events get the next sequence
  numbers.
- The fold moves on at once, so that the next decision sees it; effects (answers included, also of mere questions) wait
  until everything that was decided before them is durable. So nobody ever acts on, or is told of, what a power cut
  could still take back (law 1).
- Effects leave in the order of their decisions, and each durable event is published once, in order.
- When the journal fails, every waiting caller gets `journal-failed` (the outcome is unknown) and `on_failed` ends the
  process: what was decided but is not durable must not live on.
- At most `IN_FLIGHT_MAX` decisions or `IN_FLIGHT_BYTES_MAX` wait for the disk; past that callers get `busy`. Device
  messages are few and always taken: the journal's own bounds are wider.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from posd.desk import archived, bounds, casework, clock, lookback, ports, rates, room, shifts
from posd.desk.apply import apply
from posd.desk.callers import Callers
from posd.desk.decide import consult, decide
from posd.desk.drawing import Drawing
from posd.desk.lookback import LookBack
from posd.desk.messages import (
    Ask,
    BeginSign,
    Boot,
    CancelSign,
    DeviceMessage,
    Effect,
    Feedback,
    Input,
    Leave,
    Print,
    Reply,
    Tick,
)
from posd.desk.state import State
from posd.desk.turn import Rules
from posd.domain import codec, views
from posd.domain.device import KeyCommand
from posd.domain.doer import Doer
from posd.domain.errors import Refusal
from posd.domain.events import AnyEvent
from posd.domain.requests import AnyRequest, ReprintAsk, Resign, Search, SelftestAsk, Submit, Void

IN_FLIGHT_MAX = 1024
IN_FLIGHT_BYTES_MAX = 2 << 20
TEND_TICKS = 60
OWN_FAULT = "posd met a fault of its own and starts again from its journal. What was acknowledged is kept; ask again."
TICK_S = 1.0
_NEEDS_ROOM = (Submit, ReprintAsk, Resign, Void, SelftestAsk, *shifts.REQUESTS, *casework.REQUESTS)
log = logging.getLogger("posd.desk")


class Ledger(room.Ledger, lookback.Ledger, Protocol):
    """What the runner needs of the journal. Records are (type, version, reference, payload)."""

    def append(self, records: Sequence[tuple[int, int, bytes, bytes]]) -> range: ...
    def read(self, seq: int) -> AnyEvent: ...
    def kept(self) -> Iterator[tuple[int, AnyEvent]]: ...
    def place(self, seq: int) -> int: ...
    def tend(self) -> None: ...
    def trust(self, skew_ms: int) -> None: ...


@dataclass(slots=True)
class _Held:
    """A decision that waits for the disk: its last sequence number, and what follows once that is durable."""

    barrier: int
    events: list[AnyEvent]
    effects: list[Effect]
    size: int


class Desk:
    """The running desk. Make it, `recover()`, then feed it; `close()` is not needed: the journal's is.

    `publish(seq, event)` is called for each durable event in order; `on_failed(message)` once.
    `rules` are those of the next decision: they may be exchanged between two.
    """

    def __init__(
        self,
        ledger: Ledger,
        rules: Rules,
        tools: ports.Tools,
        clock: Callable[[], ports.Now],
        pictures: ports.Pictures,
        publish: Callable[[int, AnyEvent], None],
        on_failed: Callable[[str], None],
    ) -> None:
        self.state = State()
        self.printer: ports.PrinterPort | None = None
        self.pad: ports.PadPort | None = None
        self.keypad: ports.KeypadPort | None = None
        self._ledger = ledger
        self.rules = rules
        self._tools = tools
        self._clock = clock
        self._publish = publish
        self._on_failed = on_failed
        self._held: deque[_Held] = deque()
        self._callers = Callers()
        self._room = room.Room(ledger)
        self._archive = LookBack(ledger)
        self._presses: set[asyncio.Task[None]] = set()
        self._ticks = 0
        self._waiting_bytes = 0
        self._failed: str | None = None
        self._drawing = Drawing(pictures, self._callers.reply)
        self._quiet = asyncio.Event()
        self._quiet.set()

    def recover(self) -> None:
        """Fold the journal's events into the state. Blocking; before anything else."""
        ledger, state = self._ledger, self.state
        for seq, event in ledger.kept():
            apply(state, seq, event)
        state.seq = max(state.seq, ledger.durable_seq())
        first = ledger.first_kept()
        for sale in state.sales.values():
            if sale.seq < first or ledger.place(sale.seq) > sale.seq:
                sale.floor = min(map(ledger.place, sale.records))
                sale.half = sale.floor < ledger.place(sale.seq)

    def boot(self, built_ms: int) -> None:
        """Have room, then decide what the restart means for what was under way."""
        self._room.at_start(self.state)
        self._decide(Boot(built_ms))

    def takes_sales(self) -> bool:
        """As Room.takes_sales."""
        return self._room.takes_sales(self.state)

    def only_look(self) -> None:
        """The journal takes nothing: answer questions, begin and record nothing."""
        self.state.leaving = self.state.read_only = True

    def leave(self) -> None:
        """posd was asked to stop: let what is under way end, and begin no slip and no signature any more. What was only
        counted is recorded.
        """
        if self._failed is None:
            self._decide(Leave())

    async def idle(self, seconds: float) -> None:
        """Return when no copy is on the printer, or after `seconds`; at once when the printer waits for a person."""
        if self.state.devices["printer"].report.state != "ready":
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._quiet.wait(), seconds)

    def tell(self, message: DeviceMessage) -> None:
        """A device's word, from the loop thread."""
        if self._failed is not None:
            return
        self._room.keep(self.state)
        if isinstance(message, KeyCommand):
            if message.action == "reprint-number" and self._ledger.archived() is not None:
                press = asyncio.get_running_loop().create_task(self._press(message))
                self._presses.add(press)
                press.add_done_callback(self._pressed)
                return
            self._room.look(self.state)
        self._decide(message)

    async def ask(self, request: AnyRequest, doer: Doer) -> views.AnyResult:
        """`begin`, and wait for the answer. Refusal."""
        return await self.begin(request, doer)

    def begin(self, request: AnyRequest, doer: Doer) -> asyncio.Future[views.AnyResult]:
        """Decide on a client's request, at once unless the archive must be asked first. The answer comes when what it
        says is durable. Refusal, at once or out of the future.
        """
        if self._failed is not None:
            raise Refusal("journal-failed", self._failed)
        if len(self._held) >= IN_FLIGHT_MAX or self._waiting_bytes > IN_FLIGHT_BYTES_MAX:
            raise Refusal(
                "busy", "Too many requests wait for the disk. Nothing was kept of this one; send it again soon."
            )
        if self._ledger.archived() is not None:
            sale_id = archived.named(self.state, request, self._ledger.may_have)
            if sale_id is not None and not rates.full(self.state, self.rules, request, doer, self._clock()):
                return asyncio.get_running_loop().create_task(self._ask_back(sale_id, request, doer))
            if isinstance(request, Search):
                return asyncio.get_running_loop().create_task(self._search(request, doer))
        return self._begin(request, doer)

    def _begin(self, request: AnyRequest, doer: Doer) -> asyncio.Future[views.AnyResult]:
        token, answer = self._callers.expect()
        if isinstance(request, _NEEDS_ROOM):
            self._room.look(self.state)
        self._decide(Ask(token, request, doer))
        return answer

    async def _ask_back(self, sale_id: str, request: AnyRequest, doer: Doer) -> views.AnyResult:
        """Answer a request that names a transaction which may be in the archive."""
        look = self._archive.sent_before if isinstance(request, Submit) else self._archive.transaction
        alone = await look(sale_id, self.state)
        if self._failed is not None:
            raise Refusal("journal-failed", self._failed)
        if alone is not None and sale_id not in self.state.sales:
            if isinstance(request, archived.ASKING):
                token, answer = self._callers.expect()
                self._act(consult(alone, Ask(token, request, doer), self._clock(), self.rules, self._tools))
                return await answer
            self._take_in(sale_id, alone)
        return await self._begin(request, doer)

    async def _search(self, request: Search, doer: Doer) -> views.AnyResult:
        page = await self._begin(request, doer)
        assert isinstance(page, views.SearchResult)
        return await self._archive.search(request, page, self.state)

    async def _press(self, message: KeyCommand) -> None:
        """Act on a receipt number that was typed; if the state does not have it, have it from the archive first."""
        try:
            found = await self._archive.by_number(message.number or "", self.state)
            if found is not None and self._failed is None and found[0] not in self.state.sales:
                self._take_in(*found)
        except Refusal as refusal:
            log.error("receipt %s is not to be had from the archive: %s", message.number, refusal.message)
        if self._failed is None:
            self._room.look(self.state)
            self._decide(message)

    def _pressed(self, press: asyncio.Task[None]) -> None:
        self._presses.discard(press)
        if not press.cancelled() and press.exception() is not None:
            log.critical("a key could not be acted on", exc_info=press.exception())
            self.failed(OWN_FAULT)

    def _take_in(self, sale_id: str, alone: State) -> None:
        """Have a transaction in the state again, its records carried forward; Refusal where there is no room for it."""
        seqs, state = alone.sales[sale_id].records, self.state
        if seqs[-1] > self._ledger.durable_seq():
            raise Refusal("busy", "Records of this transaction are being written. Nothing was changed; ask again.")
        if not self.takes_sales():
            self._room.make(state)
        # Its acceptance last: what a power cut leaves without it tells of no transaction.
        if not self.takes_sales() or not self._ledger.carry(seqs[::-1], 0):
            raise Refusal(
                "journal-full",
                "The journal has no room to go on with an archived transaction. Nothing was changed; settle what "
                "`posctl exceptions` lists.",
            )
        archived.absorb(state, alone, sale_id, state.seq)

    async def tick_forever(self) -> None:
        """Let time pass for the desk, once a second while something waits; ends only by cancellation."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(TICK_S - loop.time() % TICK_S)  # on the beat: one wake-up for all that keep it
            self.tick()
            self._ticks += 1
            if self._ticks % TEND_TICKS == 1 and self._ledger.archived() is not None:
                await self._archive.learn()
                await asyncio.to_thread(self._ledger.tend)

    def tick(self) -> None:
        """Time has passed: decide what that means for what waits, and make room in the journal."""
        if self._failed is not None:
            return
        self._ledger.trust(self.state.skew_ms)
        state, now = self.state, self._clock()
        pending = bounds.pending(state) or casework.due(state, now) or clock.news(state, now)
        if pending:
            self._room.look(self.state)
        if pending or state.owed or state.tests_wait or state.asking:
            self._decide(Tick())
        self._room.keep(state)

    def durable(self, seq: int) -> None:
        """Everything up to `seq` is on the disk: let the effects that waited for it go. Loop thread."""
        while self._held and self._held[0].barrier <= seq:
            held = self._held.popleft()
            self._waiting_bytes -= held.size
            for at, event in enumerate(held.events, held.barrier - len(held.events) + 1):
                self._publish(at, event)
            self._act(held.effects)

    def failed(self, message: str) -> None:
        """The journal stopped: nobody may believe what is not durable. Loop thread."""
        self._failed = message
        self._held.clear()
        self._callers.fail(Refusal("journal-failed", message))
        self._on_failed(message)

    def _decide(self, given: Input) -> None:
        try:
            decision = decide(self.state, given, self._clock(), self.rules, self._tools)
            records = [codec.encode(event) for event in decision.events]
            ids = self._ledger.append(records) if records else range(0)
            assert not records or ids[-1] == self.state.seq, f"journal at {ids[-1]}, state at {self.state.seq}"
        except Exception:
            # The state may have moved without its events: it must not live on. The journal has the truth.
            log.critical("a decision failed on %s", type(given).__name__, exc_info=True)
            self.failed(OWN_FAULT)
            return
        if self.state.printing is None:
            self._quiet.set()
        else:
            self._quiet.clear()
        if records or self._held:
            size = sum(len(record[3]) for record in records)
            self._waiting_bytes += size
            barrier = ids[-1] if records else self._held[-1].barrier
            self._held.append(_Held(barrier, decision.events, decision.effects, size))
            return
        self._act(decision.effects)

    def _act(self, effects: list[Effect]) -> None:
        """Perform effects in order. One that cannot be is a fault of ours: the state promises what did not happen."""
        try:
            for effect in effects:
                self._perform(effect)
        except Exception:
            log.critical("an effect could not be performed", exc_info=True)
            self.failed(OWN_FAULT)

    def _perform(self, effect: Effect) -> None:
        if isinstance(effect, Reply):
            self._callers.reply(effect.token, effect.answer)
        elif isinstance(effect, Print):
            assert self.printer is not None
            self.printer.submit(effect.job)
        elif isinstance(effect, BeginSign):
            assert self.pad is not None
            self.pad.begin(effect.request)
        elif isinstance(effect, CancelSign):
            assert self.pad is not None
            self.pad.cancel(effect.session)
        elif isinstance(effect, Feedback):
            if self.keypad is not None:
                self.keypad.answer(effect.answer)
        else:
            self._drawing.begin(effect)
