"""What the keys of the keypad do, and what the desk asks back.

    key               asks back                              then
    reprint-last,     confirm: above the sum that one press  confirm: the copy
    reprint-number    may print
                      approve: a supervisor is needed, and   pin: the try is recorded, check; pin-right: the request
                      the shop has some with a PIN           is approved; pin-wrong: refused
    settle            settle: the newest slip of which       yes, no: it is settled
                      nobody knows whether it came out
    approve           approve: the newest request of the     as above
                      keypad that waits, else the oldest
    shift             close-shift: a shift is open           confirm: closed, its handover prints; take-over
                      take-over: none is                     take-over: the operator's number opens the next
    resign-last       -
    cancel            -                                      withdraws a signature, a copy or a request of the keypad

Rules
- One question is open, for QUESTION_MS; any other command drops it. What answers another question, or comes too late,
  does nothing: nothing is printed, settled, approved or handed over but by the whole sequence.
- What a question was about is what the answer acts on, even if something newer came meanwhile.
- Refusals are recorded where they belong to a transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from posd.desk import amending, asking, policy, queries, reprints, shifts, signing, supervisors
from posd.desk.state import AskedBack, Sale
from posd.desk.turn import Turn
from posd.domain.device import KeyAnswer, KeyCommand, Question
from posd.domain.errors import Refusal
from posd.domain.requests import ReprintApprove, ReprintAsk, Settle, ShiftClose, ShiftOpen

QUESTION_MS = 120_000
"""So long a question stays open here; the keypad's own time-out is for each key."""
DONE = KeyAnswer("done")


def press(turn: Turn, command: KeyCommand) -> KeyAnswer:
    """What came of a key."""
    open_question, turn.state.asked_back = turn.state.asked_back, None
    if command.action in ("pin-right", "pin-wrong"):
        supervisors.checked(turn, command.number or "", command.action == "pin-right")
    try:
        if command.action in _REPLIES:
            wanted, reply = _REPLIES[command.action]
            answer = reply(turn, command, _answered(turn, command, open_question, wanted))
        else:
            answer = _BEGINS[command.action](turn, command)
    except Refusal as refusal:
        answer = KeyAnswer("refused", why=refusal.kind, message=refusal.message, until=refusal.until or "")
    answer = replace(answer, press=command.press)
    if answer.answer not in ("done", "refused"):
        turn.state.asked_back = AskedBack(answer, turn.now.mono_ms)
    return answer


def _answered(
    turn: Turn, command: KeyCommand, open_question: AskedBack | None, wanted: tuple[Question, ...]
) -> KeyAnswer:
    """The question that the command answers; Refusal `conflict` where that is not open."""
    if (
        open_question is None
        or open_question.answer.answer not in wanted
        or open_question.answer.press != command.answers
        or turn.now.mono_ms - open_question.mono_ms > QUESTION_MS
    ):
        raise Refusal("conflict", "This question is not open any more. Nothing was changed; begin again.")
    return open_question.answer


def _reprint(turn: Turn, command: KeyCommand) -> KeyAnswer:
    sale = (
        queries.numbered(turn.state, command.number or "")
        if command.action == "reprint-number"
        else queries.find(turn.state, "last")
    )
    if sale is None:
        raise Refusal("not-found", f"There is no receipt {command.number} here. Nothing was printed.")
    terms = policy.terms(turn, sale, "customer", turn.doer)
    if not terms.one_press and terms.refusal is None:
        return _about(sale, "confirm")
    return _copy(turn, sale, command.key)


def _copy(turn: Turn, sale: Sale, key: str) -> KeyAnswer:
    """The copy; where a supervisor is needed and has a PIN, the question for it."""
    for request, waiting in turn.state.asking.items():
        if turn.rules.pins and (waiting.sale, waiting.copy) == (sale.id, "customer"):
            return _about(sale, "approve", request)
    ask = ReprintAsk(id=sale.id, key=key, reason="key press", approval="wait" if turn.rules.pins else "refuse")
    made = reprints.reprint(turn, sale, ask, content=None)
    return _about(sale, "approve", made) if isinstance(made, str) else DONE


def _about(sale: Sale, question: Question, request: str = "") -> KeyAnswer:
    return KeyAnswer(question, id=sale.id, receipt=sale.receipt, copy="customer", request=request)


def _resign(turn: Turn, _: KeyCommand) -> KeyAnswer:
    signing.resign(turn, amending.newest_unsigned(turn.state), "key press", None, None)
    return DONE


def _settle(turn: Turn, _: KeyCommand) -> KeyAnswer:
    for xid in reversed(turn.state.open):
        item = turn.state.exceptions[xid]
        sale = turn.state.sales.get(item.transaction)
        if item.kind == "unknown" and sale is not None and item.copy is not None and item.number is not None:
            return replace(_about(sale, "settle"), copy=item.copy, number=item.number)
    raise Refusal("not-found", "Of every slip it is known whether it came out. Nothing was changed.")


def _settled(turn: Turn, command: KeyCommand, about: KeyAnswer) -> KeyAnswer:
    assert about.copy
    amending.settle(turn, Settle(about.id, about.copy, about.number, command.action == "yes"))
    return DONE


def _approve(turn: Turn, _: KeyCommand) -> KeyAnswer:
    if not turn.rules.pins:
        raise Refusal("unsupported", "No supervisor has a PIN for the keypad. Approve with posctl approve.")
    waiting = turn.state.asking
    own = _own_requests(turn)
    request = own[-1] if own else next(iter(waiting), None)
    if request is None:
        raise Refusal("not-found", "No copy waits for a supervisor.")
    sale = queries.find(turn.state, waiting[request].sale)
    return replace(_about(sale, "approve", request), copy=waiting[request].copy)


def _tried(turn: Turn, command: KeyCommand, about: KeyAnswer) -> KeyAnswer:
    """A PIN was typed: on record, before it is looked at."""
    operator = command.number or ""
    supervisors.tried(turn, operator, about.request)
    return replace(about, answer="check", operator=operator)


def _found_right(turn: Turn, _: KeyCommand, about: KeyAnswer) -> KeyAnswer:
    assert about.operator, "only a supervisor's PIN can be right"
    turn.doer = replace(turn.doer, roles=("supervisor",), supervisor=about.operator)
    reprints.approve(turn, ReprintApprove(about.request))
    return DONE


def _found_wrong(_turn: Turn, _: KeyCommand, about: KeyAnswer) -> KeyAnswer:
    raise Refusal("denied", f"The PIN is wrong. {about.request} goes on waiting.")


def _shift(turn: Turn, _: KeyCommand) -> KeyAnswer:
    shift = turn.state.shift
    if shift is None or shift.state != "open":
        return KeyAnswer("take-over", request=shift.id if shift is not None else "")
    return KeyAnswer("close-shift", operator=shift.operator, request=shift.id)


def _confirmed(turn: Turn, command: KeyCommand, about: KeyAnswer) -> KeyAnswer:
    if about.answer == "confirm":
        return _copy(turn, queries.find(turn.state, about.id), command.key)
    if turn.state.shift is None or turn.state.shift.id != about.request:
        raise Refusal("conflict", "This shift was closed already. Nothing was changed.")
    shifts.close_shift(turn, ShiftClose(key=_own_key(turn)))
    return KeyAnswer("take-over", request=about.request)


def _taken_over(turn: Turn, command: KeyCommand, about: KeyAnswer) -> KeyAnswer:
    assert command.number
    shifts.open_shift(turn, ShiftOpen(operator=command.number, key=_own_key(turn), confirms=about.request or None))
    return DONE


def _own_key(turn: Turn) -> str:
    """A key press has no idempotency key; the records of shifts want one that nobody else uses."""
    return f"keypad-{turn.state.seq + 1}"


def _cancel(turn: Turn, _: KeyCommand) -> KeyAnswer:
    signed = signing.call_off(turn, "procedure", "cancelled by the operator")
    if not (signed or reprints.cancel_newest(turn) or _withdraw_newest(turn)):
        raise Refusal("not-found", "Nothing of the keypad waits that could be withdrawn.")
    return DONE


def _own_requests(turn: Turn) -> list[str]:
    """The requests of the keypad that wait for a supervisor, the newest last."""
    return [request for request, asked in turn.state.asking.items() if asked.doer.kind == "key"]


def _withdraw_newest(turn: Turn) -> bool:
    """Withdraw the newest request of the keypad that waits for a supervisor; False when there is none."""
    own = _own_requests(turn)
    if own:
        asking.decide(turn, own[-1], "cancelled")
    return bool(own)


_BEGINS: Mapping[str, Callable[[Turn, KeyCommand], KeyAnswer]] = {
    "reprint-last": _reprint,
    "reprint-number": _reprint,
    "resign-last": _resign,
    "settle": _settle,
    "approve": _approve,
    "shift": _shift,
    "cancel": _cancel,
}
_REPLIES: Mapping[str, tuple[tuple[Question, ...], Callable[[Turn, KeyCommand, KeyAnswer], KeyAnswer]]] = {
    "confirm": (("confirm", "close-shift"), _confirmed),
    "yes": (("settle",), _settled),
    "no": (("settle",), _settled),
    "take-over": (("take-over",), _taken_over),
    "pin": (("approve",), _tried),
    "pin-right": (("check",), _found_right),
    "pin-wrong": (("check",), _found_wrong),
}
