"""The part of the fold that belongs to the box and to no sale: clock, devices and totals, self-tests, shifts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from posd.desk.shift_state import Shift
from posd.desk.state import PinTries, Printing, Selftest, State, Totals
from posd.domain import events as ev
from posd.domain import money
from posd.domain.device import DeviceReport

_CLOCKS = (ev.ClockSuspect, ev.ClockTrusted)
UNITS_MAX = 8
"""So many units are counted; the one that was not heard of for longest gives way."""
TESTS_MAX = 8
"""So many self-tests are known by their key."""


def clock(state: State, event: ev.AnyEvent) -> None:
    """Move the newest trusted time on: an event's own, less what the wall clock is taken to be wrong by. Before
    anything else of the event.
    """
    if isinstance(event, _CLOCKS):
        _clock(state, event)
    elif (trusted := trusted_ms(state, event.time)) > state.newest_ms:
        state.newest_ms = trusted


def trusted_ms(state: State, ms: int) -> int:
    """A time less the skew; without one it is the same object, of which thousands are kept."""
    return ms - state.skew_ms if state.skew_ms else ms


def _clock(state: State, event: ev.ClockSuspect | ev.ClockTrusted) -> None:
    if isinstance(event, ev.ClockTrusted):
        state.newest_ms = event.time if event.doer.kind == "peer" else max(state.newest_ms, event.time)
        state.skew_ms = 0
    elif event.skew:
        state.newest_ms, state.skew_ms, state.skew_seq, state.skew_due = event.newest, event.skew, state.seq, False
    else:
        state.newest_ms = max(state.newest_ms, event.newest)


def forget(state: State, first_seq: int) -> None:
    """What stands below `first_seq` is about to leave the ring: have it recorded anew if it still holds."""
    for totals in state.totals.values():
        totals.due = totals.due or totals.seq < first_seq
    if state.shift is not None:
        state.shift.due = state.shift.due or state.shift.seq < first_seq
    for tries in state.tries.values():
        tries.due = tries.due or tries.seq < first_seq
    state.skew_due = state.skew_ms != 0 and state.skew_seq < first_seq


def _device(state: State, e: ev.DeviceChanged) -> None:
    device = state.devices[e.device]
    device.recorded = (e.state, e.reasons)
    device.report = DeviceReport(e.device, e.state, e.reasons, e.detail, device.report.info)
    device.since_ms = e.time


def _counted(state: State, e: ev.DeviceCounted) -> None:
    state.totals.pop(e.unit, None)
    state.totals[e.unit] = Totals(e.slips, e.lines, e.cuts, e.paper_mm, e.head_ms, faults=dict(e.faults), seq=state.seq)
    if len(state.totals) > UNITS_MAX:
        del state.totals[next(iter(state.totals))]


def _selftest(state: State, e: ev.SelftestChanged) -> None:
    test = state.tests.get(e.job)
    if test is None:
        test = state.tests[e.job] = Selftest(e.job, e.time - state.skew_ms, e.doer, e.key, e.content, e.what, e.shift)
        if state.shift is not None and state.shift.id == e.shift:
            state.shift.job = e.job
        if len(state.tests) > TESTS_MAX:
            del state.tests[next(iter(state.tests))]
    test.state, test.proof, test.cause = e.state, e.proof, e.cause
    if e.state == "printing":
        state.printing = Printing(e.job)
    elif state.printing is not None and state.printing.job == e.job:
        state.printing = None
        state.broken_off = e.state == "unknown" or (e.state == "failed" and state.broken_off)


def _shift_opened(state: State, e: ev.ShiftOpened) -> None:
    state.shift = Shift(f"h{state.seq}", e.operator, e.time, state.seq, open_key=e.key, open_content=e.content)
    if state.unshifted:
        state.shift.count("without-shift", state.unshifted)
        state.unshifted = 0


def _shift_closed(state: State, e: ev.ShiftClosed) -> None:
    before = state.shift
    state.shift = shift = Shift(e.id or f"h{state.seq}", e.operator, e.opened, state.seq, "closed", e.time)
    _restore(shift, e)
    shift.close_key, shift.close_content = e.key, e.content
    if before is not None:
        shift.open_key, shift.open_content = before.open_key, before.open_content


def _shift_carried(state: State, e: ev.ShiftCarried) -> None:
    before = state.shift
    state.shift = shift = Shift(e.id, e.operator, e.opened, state.seq, e.state, e.closed)
    _restore(shift, e)
    if before is not None:
        shift.job = before.job
        shift.open_key, shift.open_content = before.open_key, before.open_content
        shift.close_key, shift.close_content = before.close_key, before.close_content


def _restore(shift: Shift, e: ev.ShiftClosed | ev.ShiftCarried) -> None:
    shift.lines = {(t.currency, t.type, t.method): (t.count, t.amount) for t in e.lines}
    shift.counts, shift.open, shift.signing = dict(e.counts), e.open_exceptions, e.signing
    shift.open_count = e.open_count or len(e.open_exceptions)


def _pin_tried(state: State, e: ev.PinTried | ev.PinCarried) -> None:
    before = state.tries.get(e.operator)
    until_mono_ms = before.until_mono_ms if before is not None else 0
    state.tries[e.operator] = PinTries(e.tries, e.until, state.seq, until_mono_ms=until_mono_ms)


def _pin_checked(state: State, e: ev.PinChecked) -> None:
    if e.right:
        state.tries.pop(e.operator, None)


COUNTED: dict[type, str] = {
    ev.ReprintRefused: "refused",
    ev.SignatureCaptured: "signed",
    ev.SignatureMissing: "unsigned",
}


def count(state: State, event: ev.AnyEvent) -> None:
    """Count what the open shift's handover tells; what the shop wants said of a sale outside of one."""
    shift = state.shift
    if shift is None or shift.state != "open":
        if isinstance(event, ev.TransactionAccepted) and event.without_shift:
            state.unshifted += 1
    elif isinstance(event, ev.TransactionAccepted):
        t = event.transaction
        for payment in t.payments:
            shift.take(t.currency, t.type, payment.method, money.minor_units(payment.amount, t.currency))
    elif isinstance(event, ev.CopyPrinted):
        shift.count("copies" if event.number else "originals")
    elif isinstance(event, ev.RequestsRefused):
        shift.count("refused", sum(event.counts.values()))
    elif type(event) in COUNTED:
        shift.count(COUNTED[type(event)])


HANDLERS: dict[type, Callable[[State, Any], None]] = {
    ev.DeviceChanged: _device,
    ev.DeviceCounted: _counted,
    ev.SelftestChanged: _selftest,
    ev.ShiftOpened: _shift_opened,
    ev.ShiftClosed: _shift_closed,
    ev.ShiftCarried: _shift_carried,
    ev.PinTried: _pin_tried,
    ev.PinCarried: _pin_tried,
    ev.PinChecked: _pin_checked,
}
