"""A shop around the pure desk: a clock, a journal that is a list, slips that can be read, and what left for devices."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from posd.config import parse
from posd.desk.apply import apply
from posd.desk.decide import decide
from posd.desk.messages import (
    Ask,
    BeginSign,
    Boot,
    CancelSign,
    Decision,
    Feedback,
    Input,
    Print,
    RenderSignature,
    RenderSlip,
    Reply,
    Tick,
)
from posd.desk.ports import Now, Tools
from posd.desk.state import Copy, Sale, State
from posd.desk.turn import Rules
from posd.domain import events as ev
from posd.domain import requests as rq
from posd.domain.device import (
    DeviceName,
    DeviceReport,
    Drawing,
    KeyAnswer,
    KeyCommand,
    PrintJob,
    PrintOutcome,
    SignOutcome,
    SignRequest,
)
from posd.domain.doer import Doer
from posd.domain.errors import Refusal
from posd.domain.slip import Slip, SlipOrder, Terminal
from posd.domain.transaction import Transaction

NOON_MS = 1_795_233_600_000
"""2026-11-21 12:00 in UTC+8."""
TILL = Doer(kind="peer", uid=1000, gid=1000, pid=4242, roles=("till", "cashier"))
SUPERVISOR = Doer(kind="peer", uid=1001, gid=1001, pid=4243, roles=("supervisor",))
INK = Drawing("strokes", b"ink")
DAY_MS = 86_400_000


def rules(toml: str = "") -> Rules:
    return Rules.of(parse(toml))


_made = itertools.count(1)


def compose(order: SlipOrder) -> Slip:
    """A slip that says in plain words what it is. A body that is made anew comes out differently each time."""
    marks = ""
    if order.reprint is not None:
        r = order.reprint
        marks += f"DUPLICATE {r.number} printed {r.printed_at} again {r.reprinted_at} by {r.asked_by}: {r.reason}\n"
    if order.possible_duplicate:
        marks += "POSSIBLE DUPLICATE\n"
    if order.torn:
        marks += "VOID - REPRINTED\n"
    t = order.transaction
    body = (
        order.body
        or f"{order.terminal.merchant} {order.copy} {t.id} {t.total} {order.receipt} #{next(_made)}\n".encode()
    )
    signing = f"<{order.signing.kind} {order.signing.rule or order.signing.version}>\n"
    return Slip(marks.encode(), body, signing.encode(), marks.encode() + b"CUT\n")


def compose_selftest(terminal: Terminal, at: str, facts: Mapping[str, str]) -> bytes:
    return f"SELFTEST {terminal.id} {at} {sorted(facts.items())} CUT\n".encode()


class Shop:
    """`asked` holds the effects that left, in order; `log` the journal: event `seq` is `log[seq - 1]`; `cuts` the
    lengths at which power may be pulled, for the journal keeps all events of a decision or none. `sweeps`: the sweep at
    each start is seen; else it was done.
    """

    def __init__(self, toml: str = "", *, pad: str = "ready", printer: str = "ready", sweeps: bool = False) -> None:
        self.sweeps = sweeps
        self.rules = rules(toml)
        self.state = State()
        self.log: list[ev.AnyEvent] = []
        self.cuts = [0]
        self.ms = NOON_MS
        self.mono_ms = 0
        self.asked: list[Any] = []
        self.tools = Tools(compose, self._recall, compose_selftest)
        self._token = 0
        self._presses = 0
        self._boot(0)
        self.report("printer", printer)
        self.report("pad", pad)

    def _recall(self, seq: int) -> ev.AnyEvent:
        return self.log[seq - 1]

    def pass_time(self, ms: int) -> None:
        self.ms += ms
        self.mono_ms += ms

    def give(self, given: Input) -> Decision:
        decision = decide(self.state, given, Now(self.ms, self.mono_ms, 480), self.rules, self.tools)
        self.log.extend(decision.events)
        self.cuts.append(len(self.log))
        self.asked.extend(decision.effects)
        assert self.state.seq == len(self.log)
        return decision

    def restart(self, *, lose: int = 0, built_ms: int = 0) -> Decision:
        """Power is pulled: the last `lose` events never became durable; the state is what the rest folds to."""
        del self.log[len(self.log) - lose :]
        self.state = folded(self.log)
        self.mono_ms = 0
        return self._boot(built_ms)

    def _boot(self, built_ms: int) -> Decision:
        if not self.sweeps:
            self.state.swept_mono_ms = self.mono_ms
        return self.give(Boot(built_ms))

    # What clients and people do.

    def ask(self, request: rq.AnyRequest, doer: Doer = TILL, *, full: bool = False) -> Any:
        """The answer; raises its Refusal."""
        self._token += 1
        self.state.room = "reserve" if full else "plenty"
        decision = self.give(Ask(self._token, request, doer))
        replies = [e for e in decision.effects if getattr(e, "token", None) == self._token]
        assert len(replies) == 1, "one answer for each request"
        if isinstance(replies[0], Reply):
            if isinstance(replies[0].answer, Refusal):
                raise replies[0].answer
            return replies[0].answer
        return replies[0]

    def submit(self, document: dict[str, Any], doer: Doer = TILL, *, full: bool = False) -> Any:
        return self.ask(rq.Submit(msgspec.convert(document, Transaction)), doer, full=full)

    def reprint(self, sale: str = "last", key: str = "k1", doer: Doer = TILL, **more: Any) -> Any:
        return self.ask(rq.ReprintAsk(id=sale, key=key, **more), doer)

    def settle(self, sale: str, printed: bool, copy: Any = "customer", number: int = 0) -> Any:
        return self.ask(rq.Settle(sale, copy, number, printed))

    def key(self, action: Any, number: str | None = None, *, answers: int | None = None) -> KeyAnswer:
        """What the desk says to a command of the keypad, which answers the one before."""
        self._presses += 1
        before = self._presses - 1 if answers is None else answers
        decision = self.give(KeyCommand(action, "KEY_F1", number, self._presses, before))
        feedback = [e for e in decision.effects if isinstance(e, Feedback)]
        assert len(feedback) == 1
        assert feedback[0].answer.press == self._presses
        return feedback[0].answer

    def press(self, action: Any, number: str | None = None) -> bool:
        return self.key(action, number).answer == "done"

    def tick(self) -> Decision:
        return self.give(Tick())

    # What devices do.

    def report(self, device: DeviceName, state: Any, *reasons: Any) -> Decision:
        return self.give(DeviceReport(device, state, reasons))

    @property
    def job(self) -> str | None:
        """The job that is on the printer."""
        return self.state.printing.job if self.state.printing else None

    @property
    def session(self) -> str | None:
        """The session that is on the pad."""
        return self.state.signing.session if self.state.signing else None

    def printed(self, proof: Any = "confirmed") -> None:
        assert self.job is not None
        self.give(PrintOutcome(self.job, "printed", proof))

    def fails(self, cause: str = "paper-end", *, torn: bool = False) -> None:
        assert self.job is not None
        self.give(PrintOutcome(self.job, "failed", None, cause, torn=torn))

    def unknown(self, cause: str = "no-answer") -> None:
        assert self.job is not None
        self.give(PrintOutcome(self.job, "unknown", None, cause))

    def print_all(self) -> list[str]:
        """Let everything print that can; the jobs in order."""
        done = []
        while self.job is not None:
            done.append(self.job)
            self.printed()
        return done

    def signs(self, drawing: Drawing = INK) -> None:
        assert self.session is not None
        self.give(SignOutcome(self.session, "captured", drawing))

    def signs_not(self, result: Any, drawing: Drawing | None = None) -> None:
        assert self.session is not None
        self.give(SignOutcome(self.session, result, drawing))

    # What can be seen.

    @property
    def jobs(self) -> list[PrintJob]:
        return [e.job for e in self.asked if isinstance(e, Print)]

    @property
    def paper(self) -> list[str]:
        """The slips that were sent to the printer, as text."""
        return [job.data.decode() for job in self.jobs]

    @property
    def sessions(self) -> list[SignRequest]:
        return [e.request for e in self.asked if isinstance(e, BeginSign)]

    def effects(self, kind: type) -> list[Any]:
        assert kind in (Print, BeginSign, CancelSign, Feedback, RenderSlip, RenderSignature, Reply)
        return [e for e in self.asked if isinstance(e, kind)]

    def sale(self, sale: str) -> Sale:
        return self.state.sales[sale]

    def copy(self, sale: str, name: Any = "customer", number: int = 0) -> Copy:
        found = self.sale(sale).copy(name, number)
        assert found is not None
        return found

    def copies(self, sale: str) -> dict[str, str]:
        """`{"m0": "printed", "c0": "queued"}`."""
        return {f"{c.name[0]}{c.number}": c.state for c in self.sale(sale).copies}

    def open_items(self, sale: str | None = None) -> list[tuple[str, str, str | None, int | None]]:
        """Open exceptions as (kind, cause, copy, number)."""
        items = [self.state.exceptions[x] for x in self.state.open]
        return [(i.kind, i.cause, i.copy, i.number) for i in items if sale in (None, i.transaction)]

    def events(self, *kinds: type) -> list[Any]:
        return [e for e in self.log if isinstance(e, kinds)]


def refused(shop: Shop, request: rq.AnyRequest) -> Refusal:
    """The refusal of a request, which must have recorded nothing."""
    before = len(shop.log)
    with pytest.raises(Refusal) as caught:
        shop.ask(request)
    assert len(shop.log) == before
    return caught.value


def folded(log: list[ev.AnyEvent], first: int = 1) -> State:
    """The state that the journal from `first` on folds to."""
    state = State()
    for seq, event in enumerate(log[first - 1 :], first):
        apply(state, seq, event)
    return state


def _lasting(sale: Sale) -> Sale:
    """Without when its copies became owed, which a leap of the clock moves."""
    copies = tuple(msgspec.structs.replace(copy, owed_ms=0) for copy in sale.copies)
    return msgspec.structs.replace(sale, copies=copies)


def lasting(state: State) -> Any:
    """The part of a state that the journal alone gives: without what only lives with the process."""
    return {
        "seq": state.seq,
        "newest_ms": state.newest_ms,
        "sales": {name: _lasting(sale) for name, sale in state.sales.items()},
        "receipts": state.receipts,
        "last": state.last,
        "next": state.receipt_next,
        "exceptions": state.exceptions,
        "open": list(state.open),
        "keys": state.keys,
        "owed": list(state.owed.items()),
        "unsigned": list(state.unsigned),
        "awaiting": list(state.awaiting),
        "recorded": {name: device.recorded for name, device in state.devices.items()},
        "printing": state.printing,
        "broken_off": state.broken_off,
        "signing": state.signing,
    }
