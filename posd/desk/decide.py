"""`decide(state, input, now, rules, tools)`: the one place where it is decided what happens.

    request, device message, key press, time -> events to make durable, effects that wait for them

Pure but for `state`, which it owns and moves forward by the events that it returns; the same state, inputs and times
give the same decisions, so a journal can be folded again and a simulator can run a year in a minute. Nothing here
waits, reads a clock or touches a device.
"""

from __future__ import annotations

import msgspec

from posd.desk import (
    amending,
    asking,
    bounds,
    casework,
    clock,
    policy,
    printing,
    queries,
    reprints,
    selftest,
    shifts,
    signing,
    statistics,
)
from posd.desk.messages import Ask, Boot, Decision, Effect, Feedback, Input, Leave, Reply, Tick
from posd.desk.ports import Now, Tools
from posd.desk.state import Sale, State
from posd.desk.turn import Rules, Turn
from posd.domain import card_guard, codec, views
from posd.domain import events as ev
from posd.domain.device import DeviceReport, KeyCommand, PrintOutcome, PrintStarted, SignOutcome
from posd.domain.doer import POSD, Doer
from posd.domain.errors import Refusal
from posd.domain.requests import (
    Attest,
    ClockConfirm,
    ExceptionAssign,
    ExceptionClose,
    ExceptionEscalate,
    ExceptionList,
    ExceptionNote,
    ExceptionWaive,
    Get,
    Preview,
    ReprintApprove,
    ReprintAsk,
    ReprintCancel,
    ReprintsWaiting,
    Resign,
    Search,
    SelftestAsk,
    Settle,
    ShiftClose,
    ShiftOpen,
    ShiftShow,
    SignatureGet,
    Submit,
    Terms,
    Uploaded,
    Void,
)
from posd.domain.signature import feature_code
from posd.domain.signing_rules import need
from posd.domain.transaction import check_complete

CONFIRM_MS = 10_000
"""So long a copy that was asked for with a key waits for the confirm key."""
TRANSACTION_BYTES_MAX = 160 * 1024
"""A transaction as canonical JSON; its record and its slips' bodies then fit a batch of the journal (64 blocks)."""


def decide(state: State, given: Input, now: Now, rules: Rules, tools: Tools) -> Decision:
    """Decide on one input. See the module's docstring; raises nothing but for programming errors."""
    turn = Turn(state, rules, tools, now)
    if not state.read_only:
        clock.watch(turn, given.built_ms if isinstance(given, Boot) else 0)
    if isinstance(given, Ask):
        turn.doer = given.doer
        _ask(turn, given)
    elif isinstance(given, KeyCommand):
        turn.doer = Doer(kind="key", key=given.key)
        turn.effect(Feedback(_key(turn, given)))
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
    return Decision(turn.events, turn.effects)


def consult(state: State, ask: Ask, now: Now, rules: Rules, tools: Tools) -> list[Effect]:
    """Answer a mere question on a state that stands apart; nothing is recorded."""
    turn = Turn(state, rules, tools, now, ask.doer)
    _ask(turn, ask)
    assert not turn.events, ask
    return turn.effects


def _ask(turn: Turn, ask: Ask) -> None:
    try:
        _answer(turn, ask)
    except Refusal as refusal:
        turn.effect(Reply(ask.token, refusal))


def _answer(turn: Turn, ask: Ask) -> None:
    request, token, state = ask.request, ask.token, turn.state
    if isinstance(request, Submit):
        _submit(turn, token, request)
    elif isinstance(request, Get):
        queries.reply(turn, token, queries.get(turn, request.id))
    elif isinstance(request, Search):
        queries.reply(turn, token, queries.search(turn, request))
    elif isinstance(request, ReprintAsk):
        _reprint(turn, token, request)
    elif isinstance(request, ReprintCancel):
        queries.reply(turn, token, asking.cancel(turn, request.job))
    elif isinstance(request, ReprintApprove):
        queries.reply(turn, token, reprints.approve(turn, request))
    elif isinstance(request, ReprintsWaiting):
        queries.reply(turn, token, asking.listing(turn))
    elif isinstance(request, Settle):
        _settle(turn, token, request)
    elif isinstance(request, Preview):
        queries.preview(turn, token, request)
    elif isinstance(request, Terms):
        sale = queries.find(state, request.id)
        queries.reply(turn, token, policy.view(turn, sale, request.copy, turn.doer))
    elif isinstance(request, Resign):
        queries.reply(turn, token, amending.resign(turn, request))
    elif isinstance(request, Void):
        queries.reply(turn, token, amending.void(turn, request))
    elif isinstance(request, Attest):
        queries.reply(turn, token, amending.attest(turn, request))
    elif isinstance(request, Uploaded):
        queries.reply(turn, token, amending.uploaded(turn, request))
    elif isinstance(request, SignatureGet):
        queries.signature(turn, token, request)
    elif isinstance(request, SelftestAsk):
        queries.reply(turn, token, selftest.view(selftest.ask(turn, request)))
    elif isinstance(request, ClockConfirm):
        clock.confirm(turn)
        queries.reply(turn, token, queries.clock(turn))
    elif isinstance(request, ExceptionNote):
        queries.reply(turn, token, casework.note(turn, request))
    elif isinstance(request, ExceptionAssign):
        queries.reply(turn, token, casework.assign(turn, request))
    elif isinstance(request, ExceptionEscalate):
        queries.reply(turn, token, casework.escalate(turn, request))
    elif isinstance(request, ExceptionWaive):
        queries.reply(turn, token, casework.waive(turn, request))
    elif isinstance(request, ExceptionClose):
        queries.reply(turn, token, casework.close(turn, request))
    elif isinstance(request, ShiftOpen):
        queries.reply(turn, token, shifts.open_shift(turn, request))
    elif isinstance(request, ShiftClose):
        queries.reply(turn, token, shifts.close_shift(turn, request))
    elif isinstance(request, ShiftShow):
        queries.reply(turn, token, shifts.view(state))
    else:
        assert isinstance(request, ExceptionList)
        queries.reply(turn, token, queries.exceptions(state, request))


def _submit(turn: Turn, token: int, request: Submit) -> None:
    """Law 1 and idempotency: the reply waits for the record; the same content again gets the stored answer."""
    t, state = request.transaction, turn.state
    known = state.sales.get(t.id)
    if known is not None:
        stored = turn.recall(known.seq)
        assert isinstance(stored, ev.TransactionAccepted)
        if stored.transaction != t:
            raise Refusal(
                "conflict",
                f"Transaction {t.id} is kept already with other content. Nothing was changed; "
                "use a new id for a new sale.",
                field="transaction.id",
            )
        queries.reply(turn, token, queries.submitted(state, known))
        return
    check_complete(t)
    for i, payment in enumerate(t.payments):
        if payment.card is not None:
            _check_masked(payment.card.masked, f"transaction.payments[{i}].card.masked")
    if len(msgspec.json.encode(t)) > TRANSACTION_BYTES_MAX:
        raise Refusal(
            "too-large",
            f"The transaction is larger than {TRANSACTION_BYTES_MAX // 1024} KiB. Nothing was kept; "
            "split it into several.",
            field="transaction",
        )
    turn.need_room("plenty")
    terminal, copies = turn.rules.terminal.terminal(), turn.rules.slip.copies
    receipt = t.receipt if t.receipt is not None and t.receipt not in state.receipts else _free_receipt(state)
    turn.record(
        ev.TransactionAccepted(
            time=turn.now.ms,
            doer=turn.doer,
            transaction=t,
            digest=codec.content_digest(t, terminal, receipt, copies),
            receipt=receipt,
            terminal=terminal,
            copies=copies,
            need=need(t, turn.rules.policy.signing_table),
            feature_code=feature_code(t),
            without_shift=turn.rules.shifts.without == "marked" and not turn.on_shift,
        )
    )
    turn.doer = POSD
    signing.schedule(turn)
    printing.schedule(turn)
    queries.reply(turn, token, queries.submitted(state, state.sales[t.id]))


def _free_receipt(state: State) -> str:
    number = state.receipt_next
    while f"{number:06d}" in state.receipts:
        number += 1
    return f"{number:06d}"


def _check_masked(masked: str, field: str) -> None:
    """At most the first six and the last four digits of a card may show (PCI DSS 3.4.1)."""
    shown = sum(ch.isdigit() for ch in masked)
    if shown > 10 or card_guard.masked(masked) != masked:
        raise Refusal(
            "card-data",
            f"{field} shows more than the first six and the last four digits. Nothing was kept; "
            "mask the number and send again.",
            field=field,
        )


def _reprint(turn: Turn, token: int, request: ReprintAsk) -> None:
    content, used = reprints.used(turn, "reprint", request)
    if used is not None and used.request:
        queries.reply(turn, token, views.Reprinted(used.request, 0, "waiting-approval"))
        return
    if used is not None:
        sale = queries.find(turn.state, used.sale)
        assert used.copy is not None
        copy = sale.copy(used.copy, used.number)
        assert copy is not None
    else:
        sale = queries.find(turn.state, request.id)
        made = reprints.reprint(turn, sale, request, content=content)
        if isinstance(made, str):
            queries.reply(turn, token, views.Reprinted(made, 0, "waiting-approval"))
            return
        copy = made
    queries.reply(turn, token, reprints.answer(turn, copy))


def _settle(turn: Turn, token: int, request: Settle) -> None:
    sale = queries.find(turn.state, request.id)
    copy = sale.copy(request.copy, request.number)
    if copy is None:
        raise Refusal("not-found", f"There is no {request.copy} copy {request.number} of {sale.id}.", field="number")
    if copy.state != "unknown":
        again = copy.cause == "settled" and (copy.state == "printed") == request.printed
        if not again:
            raise Refusal(
                "conflict",
                f"The {request.copy} copy {request.number} of {sale.id} is {copy.state}, not unknown. "
                "Nothing was changed.",
                field="number",
            )
    else:
        printing.settle(turn, sale, copy, request.printed)
    queries.reply(turn, token, views.Settled(sale.id, queries.state_view(turn.state, sale)))


def _copy_at_key(turn: Turn, sale: Sale, key: str) -> None:
    reprints.reprint(turn, sale, ReprintAsk(id=sale.id, key=key, reason="key press"), content=None)


def _key(turn: Turn, command: KeyCommand) -> bool:
    """Whether the key did what it says; refusals are recorded where they belong to a transaction."""
    pressed, turn.state.pressed = turn.state.pressed, None
    try:
        if command.action == "confirm":
            if pressed is None or turn.now.mono_ms - pressed[1] > CONFIRM_MS:
                return False
            _copy_at_key(turn, queries.find(turn.state, pressed[0]), command.key)
            return True
        if command.action == "cancel" and pressed is not None:
            return True
        if command.action == "cancel":
            return signing.cancel(turn) or reprints.cancel_newest(turn)
        if command.action == "resign-last":
            signing.resign(turn, amending.newest_unsigned(turn.state), "key press", None, None)
            return True
        if command.action == "reprint-number":
            sale = queries.numbered(turn.state, command.number or "")
        else:
            sale = queries.find(turn.state, "last")
        if sale is None:
            return False
        terms = policy.terms(turn, sale, "customer", turn.doer)
        if not terms.one_press and terms.refusal is None:
            turn.state.pressed = (sale.id, turn.now.mono_ms)
            return False
        _copy_at_key(turn, sale, command.key)
    except Refusal:
        return False
    return True


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
