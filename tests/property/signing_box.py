"""The whole desk between a pad and a journal, without loop and without wall time, as two sales that are signed see it.

The decisions are the real ones, the records go through the codec, and what must wait for the disk waits for it. Device
messages stand in `inbox` until they are handed over, as they do in a loop that is busy. A printer prints all that it is
given. `power_is_pulled` keeps what was durable and as many records behind as one likes, of a decision too.

`check` compares the journal, the paper and the fold with what was seen on the pad.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

import msgspec

from posd.config import parse
from posd.desk.apply import apply
from posd.desk.decide import decide
from posd.desk.messages import Ask, BeginSign, Boot, CancelSign, Effect, Input, Leave, Print, Reply
from posd.desk.ports import Now, Tools
from posd.desk.state import State
from posd.desk.turn import Rules
from posd.domain import codec
from posd.domain import events as ev
from posd.domain import requests as rq
from posd.domain.device import DeviceReport, Drawing, PrintOutcome, SignOutcome
from posd.domain.doer import Doer
from posd.domain.slip import Slip, SlipOrder
from posd.domain.transaction import Transaction
from tests.property.evdev_world import Emit, EvdevPad, Owner
from tests.property.serial_world import WiredPad

CASHIER = Doer(kind="peer", uid=1000, gid=1000, pid=1, roles=("till", "cashier", "supervisor"))
TICKS_MAX = 1_000
Pad = EvdevPad | WiredPad


class Box:
    """One box. `make` gives its pad; `slow`: records become durable when `sync` says so, else at once."""

    def __init__(self, make: Callable[[Emit], Pad], *, when_busy: str = "wait") -> None:
        settings = parse(f'[pad]\ndriver = "evdev"\ndevice = "/dev/pad"\nwhen_busy = "{when_busy}"\n')
        self._rules = Rules(settings.terminal, settings.slip, settings.policy, settings.pad)
        self._tools = Tools(self._compose, self._recall, lambda *_: b"", lambda *_: b"")
        self._records: list[tuple[int, int, bytes]] = []
        self._durable = 0
        self._held: deque[tuple[int, list[Effect]]] = deque()
        self._tokens = 0
        self._keys = 0
        self.answers: dict[int, Any] = {}
        self.inbox: deque[DeviceReport | SignOutcome | PrintOutcome] = deque()
        self.slow = self.stalled = False
        self.sales: list[str] = []
        self.paper: list[tuple[str, bytes]] = []
        self.state = State()
        self.pad = make(self.inbox.append)
        self._boot()

    # The process.

    def _boot(self) -> None:
        self._decide(Boot(0))
        self.inbox.appendleft(DeviceReport("printer", "ready"))
        self.go_on()

    def stop(self) -> None:
        """In good order: what is on the pad is kept as evidence; and start again."""
        self._decide(Leave())
        self.pad.stop()
        self.slow = self.stalled = False
        self.sync()
        self.go_on()
        self._start()

    def power_is_pulled(self, kept: int) -> None:
        """And comes back: of the records that were not synced the first `kept` are there."""
        del self._records[self._durable + kept :]
        self._durable = len(self._records)
        journaled = {(e.id, e.session) for _, e in self.journal() if isinstance(e, ev.SignatureCaptured)}
        for lost in self.pad.confirmed.keys() - journaled:  # nobody was told that they were taken
            del self.pad.confirmed[lost]
        self._start()

    def _start(self) -> None:
        self._held.clear()
        self.inbox.clear()
        self.state = State()
        for seq, event in self.journal():
            apply(self.state, seq, event)
        self.pad.start()
        self._boot()

    def journal(self) -> list[tuple[int, ev.AnyEvent]]:
        return [(seq, self._recall(seq)) for seq in range(1, len(self._records) + 1)]

    def _recall(self, seq: int) -> ev.AnyEvent:
        event = codec.decode(*self._records[seq - 1])
        assert event is not None
        return event

    def _compose(self, order: SlipOrder) -> Slip:
        """The sale, and the signature, if any, that it shows."""
        drawing = order.signing.drawing
        shown = drawing.data.hex().encode() if drawing else b""
        return Slip(order.transaction.id.encode() + b"|", order.body or order.digest.encode(), b"|" + shown, b"")

    def _decide(self, given: Input) -> None:
        now_ms = 1_795_233_600_000 + round(1000 * self.pad.now_s)
        decision = decide(self.state, given, Now(now_ms, round(1000 * self.pad.now_s), 480), self._rules, self._tools)
        for event in decision.events:
            number, version, _, payload = codec.encode(event)
            self._records.append((number, version, payload))
        self._held.append((len(self._records), decision.effects))
        if not self.slow:
            self.sync()

    def sync(self) -> None:
        """All is durable; what waited for that goes."""
        self._durable = len(self._records)
        while self._held and self._held[0][0] <= self._durable:
            for effect in self._held.popleft()[1]:
                self._perform(effect)

    def _perform(self, effect: Effect) -> None:
        if isinstance(effect, BeginSign):
            self.pad.begin(effect.request)
        elif isinstance(effect, CancelSign):
            self.pad.cancel(effect.session)
        elif isinstance(effect, Reply):
            self.answers[effect.token] = effect.answer
        elif isinstance(effect, Print):
            if effect.job.data:
                sale, _, shown = effect.job.data.decode().split("|")
                self.paper.append((sale, bytes.fromhex(shown)))
            self.inbox.append(PrintOutcome(effect.job.job, "printed", "confirmed"))

    def go_on(self) -> None:
        """Hand over what the devices said, until they have nothing to say, unless the loop is busy."""
        for _ in range(TICKS_MAX):
            if self.stalled or not self.inbox:
                return
            self._decide(self.inbox.popleft())
        raise AssertionError("the desk and its devices never come to rest")

    # Who asks.

    def ask(self, request: rq.AnyRequest) -> Any:
        """The answer, where it is durable already."""
        self._tokens += 1
        self._decide(Ask(self._tokens, request, CASHIER))
        self.go_on()
        return self.answers.get(self._tokens)

    def tell(self, given: Input) -> None:
        self._decide(given)
        self.go_on()

    def key(self) -> str:
        self._keys += 1
        return f"k{self._keys}"

    def sell(self) -> str:
        """A sale that needs a signature."""
        sale_id = f"t{len(self.sales)}"
        payment = {"method": "card", "amount": "36.00", "entry": "chip", "reference": f"{len(self.sales):012}"}
        document = {
            "id": sale_id,
            "type": "sale",
            "time": "2026-11-21T10:15:30+08:00",
            "currency": "CNY",
            "items": [{"name": "茶", "quantity": "1", "price": "36.00", "amount": "36.00"}],
            "total": "36.00",
            "payments": [payment],
        }
        self.sales.append(sale_id)
        self.ask(rq.Submit(msgspec.convert(document, Transaction)))
        return sale_id

    # What must hold.

    def check(self) -> None:
        sale_of: dict[str, str] = {}
        digest: dict[str, str] = {}
        captured: dict[Owner, ev.SignatureCaptured] = {}
        versions: dict[str, dict[int, int]] = {}
        drawn_of: dict[bytes, str] = {}
        for seq, e in self.journal():
            if isinstance(e, ev.TransactionAccepted):
                digest[e.transaction.id] = e.digest
            elif isinstance(e, ev.SignatureRequested):
                assert e.session not in sale_of, f"{e.session} is the session of {sale_of[e.session]} and of {e.id}"
                sale_of[e.session] = e.id
            elif isinstance(e, ev.SignatureCaptured):
                self._belongs(e.drawing, (e.id, e.session))
                assert (sale_of[e.session], e.digest) == (e.id, digest[e.id])
                assert (e.id, e.session) not in captured, f"{e.session} was captured twice"
                captured[e.id, e.session] = e
                versions.setdefault(e.id, {})[e.version] = seq
                assert list(versions[e.id]) == list(range(1, e.version + 1)), f"a version of {e.id} is missing"
                drawn_of[e.drawing.data] = e.id
            elif isinstance(e, ev.SignatureMissing) and e.drawing is not None:
                self._belongs(e.drawing, (e.id, e.session or ""))
        for sale_id, slip in self.paper:
            assert not slip or drawn_of[slip] == sale_id, (
                f"the slip of {sale_id} shows the signature of {drawn_of[slip]}"
            )
        for name, sale in self.state.sales.items():
            kept = {version.number: version.seq for version in sale.signature.versions}
            assert kept == versions.get(name, {}), f"a signature of {name} is forgotten"
        if not (self.inbox or self._held):
            for owner in self.pad.confirmed:
                assert owner in captured, f"the signature that was confirmed for {owner} is lost"
                assert self.pad.holds(captured[owner].drawing, owner), f"{owner} lacks what was confirmed"

    def _belongs(self, drawing: Drawing, owner: Owner) -> None:
        owners = self.pad.owners(drawing)
        assert owners == {owner}, f"{owner} has what was drawn for {owners}"
