"""`decide(state, input, now, rules, tools)`: the one place where it is decided what happens.

    request, device message, key press, time -> events to make durable, effects that wait for them

Pure but for `state`, which it owns and moves forward by the events that it returns; the same state, inputs and times
give the same decisions, so a journal can be folded again and a simulator can run a year in a minute. Nothing here
waits, reads a clock or touches a device.
"""

from __future__ import annotations

from posd.desk import (
    answers,
    asking,
    bounds,
    casework,
    clock,
    presses,
    printing,
    selftest,
    shifts,
    signing,
    statistics,
    supervisors,
)
from posd.desk.messages import Ask, Boot, Decision, Effect, Feedback, Input, Leave, Tick
from posd.desk.ports import Now, Tools
from posd.desk.state import State
from posd.desk.turn import Rules, Turn
from posd.domain import events as ev
from posd.domain.device import DeviceReport, KeyCommand, PrintOutcome, PrintStarted, SignOutcome
from posd.domain.doer import POSD, Doer


def decide(state: State, given: Input, now: Now, rules: Rules, tools: Tools) -> Decision:
    """Decide on one input. See the module's docstring; raises nothing but for programming errors."""
    turn = Turn(state, rules, tools, now)
    if not state.read_only:
        clock.watch(turn, given.built_ms if isinstance(given, Boot) else 0)
    if isinstance(given, Ask):
        turn.doer = given.doer
        answers.answer(turn, given)
    elif isinstance(given, KeyCommand):
        turn.doer = Doer(kind="key", key=given.key)
        turn.effect(Feedback(presses.press(turn, given)))
    elif isinstance(given, DeviceReport):
        _report(turn, given)
    elif isinstance(given, PrintOutcome):
        printing.outcome(turn, given)
    elif isinstance(given, SignOutcome):
        turn.doer = Doer(kind="pad")
        signing.outcome(turn, given)
    elif isinstance(given, Boot):
        _boot(turn)
    elif isinstance(given, Tick):
        printing.hold_stale(turn)
        selftest.hold_stale(turn)
        asking.expire(turn)
        casework.tick(turn)
    elif isinstance(given, Leave):
        state.leaving = True
    else:
        assert isinstance(given, PrintStarted)
    turn.doer = POSD
    signing.schedule(turn)
    printing.schedule(turn)
    if not state.read_only:
        bounds.tell(turn)
        statistics.save(turn)
        shifts.save(turn)
        supervisors.save(turn)
    return Decision(turn.events, turn.effects)


def consult(state: State, ask: Ask, now: Now, rules: Rules, tools: Tools) -> list[Effect]:
    """Answer a mere question on a state that stands apart; nothing is recorded."""
    turn = Turn(state, rules, tools, now, ask.doer)
    answers.answer(turn, ask)
    assert not turn.events, ask
    return turn.effects


def _report(turn: Turn, report: DeviceReport) -> None:
    device = turn.state.devices[report.device]
    statistics.report(turn, report)
    device.report, device.since_ms, device.since_mono_ms = report, turn.now.ms, turn.now.mono_ms
    if report.state != "opening" and device.recorded != (report.state, report.reasons):
        bounds.changed(
            turn,
            ev.DeviceChanged(
                time=turn.now.ms,
                doer=turn.doer,
                device=report.device,
                state=report.state,
                reasons=report.reasons,
                detail=report.detail,
            ),
        )


def _boot(turn: Turn) -> None:
    """What was under way when posd stopped: a printing copy may have come out, an awaited customer is gone."""
    state, now = turn.state, turn.now.ms
    for device in state.devices.values():
        device.report = DeviceReport(device.report.device, "opening")
        device.since_ms, device.since_mono_ms = now, turn.now.mono_ms
    for sale in state.sales.values():
        for copy in sale.copies:
            if copy.state == "printing":
                printing.unknown(turn, sale, copy, "restart", "system")
    for sale_id in list(state.unsigned):
        sale = state.sales[sale_id]
        if sale.signature.state == "awaiting":
            signing.missing(turn, sale, "system", "posd was restarted while it was awaited")
    selftest.boot(turn)
    state.signing = None
    state.printing = None
