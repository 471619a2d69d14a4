"""One decision in the making.

`record` appends an event and applies it at once, so that what follows in the same decision sees it; `effect` holds what
must wait for durability. Only `record` changes the fold. The tables of domain/ are enforced here: a transition that
they do not have is a programming error and ends the process before anything is written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, get_args

from msgspec.structs import replace

from posd.config import (
    Config,
    ExceptionsSection,
    KeypadSection,
    PadSection,
    PolicySection,
    ShiftsSection,
    SlipSection,
    TerminalSection,
    seconds,
)
from posd.desk.apply import apply
from posd.desk.case_state import OpenItem
from posd.desk.messages import Effect
from posd.desk.ports import Now, Tools
from posd.desk.state import Room, Sale, State
from posd.domain import copies, signature
from posd.domain import events as ev
from posd.domain.device import DeviceName
from posd.domain.doer import POSD, Doer
from posd.domain.errors import Refusal
from posd.domain.slip import CopyName


@dataclass(frozen=True, slots=True)
class Rules:
    """The configuration that decisions read."""

    terminal: TerminalSection
    slip: SlipSection
    policy: PolicySection
    pad: PadSection
    exceptions: ExceptionsSection = field(default_factory=ExceptionsSection)
    shifts: ShiftsSection = field(default_factory=ShiftsSection)
    keypad: KeypadSection = field(default_factory=KeypadSection)
    pins: bool = False
    """Whether a supervisor has a PIN for the keypad."""

    @classmethod
    def of(cls, settings: Config, *, pins: bool = False) -> Rules:
        """What the configuration says."""
        s = settings
        return cls(s.terminal, s.slip, s.policy, s.pad, s.exceptions, s.shifts, s.keypad, pins)

    @property
    def stale_ms(self) -> int:
        return round(seconds(self.slip.stale_after) * 1000)

    @property
    def pad_ms(self) -> int:
        return round(seconds(self.pad.timeout) * 1000)


ROOMS = get_args(Room)
JOURNAL_FULL = (
    "The journal has no room for more: too much in it is still owed. Nothing was kept. Settle what "
    "`posctl exceptions` lists; outcomes of accepted sales are still recorded."
)
_COPY_TARGET: dict[type, copies.CopyState] = {
    ev.CopyStarted: "printing",
    ev.CopyPrinted: "printed",
    ev.CopyFailed: "failed",
    ev.CopyUnknown: "unknown",
    ev.ReprintCancelled: "cancelled",
}
_SIGNATURE_TARGET: dict[type, signature.SignatureState] = {
    ev.SignatureCaptured: "captured",
    ev.SignatureMissing: "missing",
    ev.SignatureAttested: "attested",
    ev.SignatureVoided: "voided",
}


@dataclass(slots=True)
class Turn:
    """`doer` is whoever caused this decision."""

    state: State
    rules: Rules
    tools: Tools
    now: Now
    doer: Doer = POSD
    events: list[ev.AnyEvent] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)

    def record(self, event: ev.AnyEvent) -> int:
        """Append and apply; the event's sequence number."""
        self._check(event)
        shift = self.state.shift
        if shift is not None and shift.state == "open" and event.doer.operator is None:
            event = replace(event, doer=replace(event.doer, operator=shift.operator))
        seq = self.state.seq + 1
        apply(self.state, seq, event)
        self.events.append(event)
        return seq

    def recall(self, seq: int) -> ev.AnyEvent:
        """The event `seq`, of this decision or of the journal. Refusal `not-found` when it has left the ring."""
        own = seq - (self.state.seq - len(self.events)) - 1
        if own >= 0:
            return self.events[own]
        try:
            return self.tools.recall(seq)
        except LookupError as error:
            raise Refusal(
                "not-found", "The record of this transaction has left the journal. Nothing was changed.", field="id"
            ) from error

    def effect(self, effect: Effect) -> None:
        self.effects.append(effect)

    def _check(self, event: Any) -> None:
        if (target := _COPY_TARGET.get(type(event))) is not None:
            copy = self.state.sales[event.id].copy(event.copy, event.number)
            assert copy is not None, event
            assert target in copies.TRANSITIONS[copy.state], f"{copy.job}: {copy.state} -> {target}"
        elif (wanted := _SIGNATURE_TARGET.get(type(event))) is not None:
            now = self.state.sales[event.id].signature.state
            assert wanted in signature.TRANSITIONS[now], f"{event.id}: {now} -> {wanted}"

    @property
    def on_shift(self) -> bool:
        """Whether a shift is open."""
        return self.state.shift is not None and self.state.shift.state == "open"

    def need_room(self, least: Room) -> None:
        """Refusal `journal-full` unless the journal can take that much (law 6)."""
        if ROOMS.index(self.state.room) > ROOMS.index(least):
            raise Refusal("journal-full", JOURNAL_FULL)

    def trusted_ms(self) -> int:
        """The newest time that can be trusted (clock.py): a clock that fell behind reopens no window, one that leapt
        ahead closes none.
        """
        return self.state.trusted_ms(self.now.ms)

    def ready(self, device: DeviceName) -> bool:
        return self.state.devices[device].report.state == "ready"

    def open_item(
        self,
        sale: Sale,
        kind: ev.ExceptionKind,
        cause: signature.Cause,
        detail: str,
        copy: CopyName | None = None,
        number: int | None = None,
    ) -> None:
        """Open an exception unless the same one is open. Its id is its own record's number: never given twice."""
        if self.find_item(sale, kind, copy, number) is None:
            self.record(
                ev.ExceptionOpened(
                    time=self.now.ms,
                    doer=self.doer,
                    id=f"x{self.state.seq + 1}",
                    transaction=sale.id,
                    kind=kind,
                    cause=cause,
                    detail=detail,
                    copy=copy,
                    number=number,
                    due=self.trusted_ms() + round(seconds(self.rules.exceptions.deadline(kind)) * 1000),
                    role=self.rules.exceptions.who.get(kind, "cashier"),
                )
            )

    def find_item(
        self, sale: Sale, kind: ev.ExceptionKind, copy: CopyName | None = None, number: int | None = None
    ) -> OpenItem | None:
        for xid in sale.exceptions:
            item = self.state.exceptions[xid]
            if item.state == "open" and (item.kind, item.copy, item.number) == (kind, copy, number):
                return item
        return None

    def close_item(
        self,
        sale: Sale,
        kind: ev.ExceptionKind,
        reason: str,
        copy: CopyName | None = None,
        number: int | None = None,
    ) -> None:
        """Close the exception of this kind, if one is open."""
        item = self.find_item(sale, kind, copy, number)
        if item is not None:
            self.record(
                ev.ExceptionClosed(time=self.now.ms, doer=self.doer, id=item.id, reason=reason, transaction=sale.id)
            )
